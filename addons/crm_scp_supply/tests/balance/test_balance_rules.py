from datetime import date

from odoo.tests import BaseCase, tagged

from ...models.balance.balance_rules import Change, get_expired, get_lowest, get_period_end


def day(number):
    return date(2030, 1, number)


@tagged('post_install', '-at_install')
class TestBalanceRules(BaseCase):

    def test_periods(self):
        start = date(2030, 1, 15)
        self.assertEqual(get_period_end(start, 3, date(2030, 4, 14)), date(2030, 4, 14))
        self.assertEqual(get_period_end(start, 3, date(2030, 4, 15)), date(2030, 7, 14))
        self.assertEqual(get_period_end(start, 3, date(2029, 12, 1)), date(2030, 1, 14))
        self.assertEqual(get_period_end(date(2030, 1, 31), 1, date(2030, 2, 27)), date(2030, 2, 27))

    def test_lowest(self):
        """10, then -4 and +9: 6 on the second. From the third on it is 15, and 15 until something changes."""
        changes = [(day(3), 9), (day(2), -4)]
        self.assertEqual(get_lowest(10, changes, day(1)), (6, day(2)))
        self.assertEqual(get_lowest(10, changes, day(3)), (15, day(3)))
        self.assertEqual(get_lowest(10, [], day(5)), (10, day(5)))

    def test_what_ends_first_goes_first(self):
        """5 end on the 4th, 5 on the 9th; 3 go on the 2nd and 4 on the 6th: 2 end, then 1."""
        changes = [
            Change(day(1), 5, day(4), 'input'), Change(day(1), 5, day(9), 'input'),
            Change(day(2), -3, None, 'output'), Change(day(6), -4, None, 'output'),
        ]
        self.assertEqual(get_expired(changes, day(20)), [(day(5), 2), (day(10), 1)])
        self.assertEqual(get_expired(changes, day(4)), [])
        posted = [*changes, Change(day(5), -2, None, 'expiry'), Change(day(10), -1, None, 'expiry')]
        self.assertEqual(get_expired(posted, day(20)), [])

    def test_last_day_counts(self):
        changes = [Change(day(1), 5, day(4), 'input'), Change(day(4), -5, None, 'output')]
        self.assertEqual(get_expired(changes, day(20)), [])

    def test_reversed_on_its_day(self):
        """What was reversed never was; on another day it is a loss like others."""
        came, other = Change(day(1), 5, day(4), 'input'), Change(day(1), 2, day(2), 'input')
        self.assertEqual(get_expired([came, other, came._replace(qty=-5)], day(20)), [(day(3), 2)])
        self.assertEqual(get_expired([came, other, came._replace(day=day(2), qty=-5)], day(20)), [(day(5), 2)])

    def test_entered_too_late(self):
        """What came on a day and is entered when it has ended ends on that day."""
        self.assertEqual(get_expired([Change(day(8), 5, day(4), 'input')], day(20)), [(day(8), 5)])
