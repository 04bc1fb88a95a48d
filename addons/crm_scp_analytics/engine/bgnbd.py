"""BG/NBD: who buys at random and may leave after each repeat purchase.

Fader, Hardie & Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005) 275-284.
"""

from .bg_family import BGFamily

MODEL = BGFamily('bgnbd')
