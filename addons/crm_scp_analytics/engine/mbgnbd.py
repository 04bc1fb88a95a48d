"""MBG/NBD: like BG/NBD, but one may leave after the first purchase too.

So a customer who bought once, long ago, is not alive with certainty. Batislam, Denizel & Filiztekin, International
Journal of Research in Marketing 24 (2007) 201-209.
"""

from .bg_family import BGFamily

MODEL = BGFamily('mbgnbd', modified=True)
