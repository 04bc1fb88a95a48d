"""Scoring without Odoo: arrays in, arrays out.

Nothing here imports ``odoo``, and nothing in the addon imports this package when it loads: numpy is
only paid for by the process that scores.
"""
