"""Scoring without Odoo: arrays in, arrays out.

Nothing here imports ``odoo``, and of this package the addon imports nothing when it loads but
:mod:`engine.value_reasons`, which needs no numpy: that is only paid for by the process that scores.
"""
