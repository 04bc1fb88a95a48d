import os
import random
from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import BalanceCommon

# The full count of 10,000 postings is run now and then: SCP_SOAK=20
POSTINGS = 500 * int(os.environ.get('SCP_SOAK', '1'))
ACCOUNTS = 5
FIRST, DAYS, HELD = date(2029, 1, 1), 400, 60
NEVER = date.max


class Oracle:
    """The books as a list of single units: slow, and plain enough to be believed."""

    def __init__(self):
        self.rows = []  # [day, quantity, last day of what came, kind]

    def take_in(self, day, qty):
        self.rows.append([day, qty, day + timedelta(days=HELD - 1), 'input'])

    def take_out(self, day, qty):
        """The row, if there were units for it, and still are for all that went on later days."""
        row = [day, -qty, None, 'output']
        self.rows.append(row)
        return self._keep(day) and row

    def reverse(self, row):
        self.rows.append([row[0], -row[1], *row[2:]])
        return self._keep(row[0] if row[1] > 0 else None)

    def expire(self, until):
        self.rows += self._walk(until)[1]

    def _keep(self, taken_on):
        """Keep the last row, if nobody goes without; what ended before something is taken is written down."""
        if taken_on and self._walk(NEVER)[0]:
            del self.rows[-1]
            return False
        if taken_on:
            self.expire(taken_on)
        return True

    def _walk(self, until):
        """Walk through the days with every unit in hand: is one missing, and which were thrown away unwritten?"""
        net = {}
        for day, qty, ends, kind in self.rows:
            net[day, ends, kind] = net.get((day, ends, kind), 0) + qty
        units, thrown, is_short = [], [], False
        days = {day for day, *_rest in net} | {ends + timedelta(days=1) for _day, ends, _kind in net if ends}
        for today in sorted(day for day in days if day <= until):
            of_today = [(ends, kind, qty) for (day, ends, kind), qty in net.items() if day == today]
            for ends, _kind, qty in of_today:
                units += [ends or NEVER] * max(qty, 0)
            units.sort()
            for step in ('expiry', 'ended', 'rest'):
                if step == 'ended':
                    late = [ends for ends in units if ends < today]
                    if late:
                        thrown.append([today, -len(late), None, 'expiry'])
                        units = units[len(late):]
                    continue
                needed = -sum(
                    qty for _ends, kind, qty in of_today if qty < 0 and (kind == 'expiry') == (step == 'expiry'))
                is_short = is_short or needed > len(units)
                units = units[needed:]
        return is_short, thrown


@tagged('post_install', '-at_install')
class TestBalanceProperty(BalanceCommon):

    def test_never_negative(self):
        """Random postings, back-dated ones and reversals among them: what is refused and what is left are the oracle's.

        Credits hold for 60 days. After each posting the balance is not negative at the end of any day.
        """
        generator = random.Random(2030)
        refused = reversed_ = 0
        self.patch(type(self.account), '_get_last_day', lambda self, day: day + timedelta(days=HELD - 1))
        for _account in range(ACCOUNTS):
            account = self._open_account(product_ids=[(5,)])
            oracle, pairs = Oracle(), []
            for number in range(POSTINGS // ACCOUNTS):
                day = FIRST + timedelta(days=generator.randrange(DAYS))
                kind = generator.choices(('in', 'out', 'back', 'job'), (45, 40, 12, 3))[0]
                if kind == 'in':
                    qty = generator.randint(1, 30)
                    oracle.take_in(day, qty)
                    pairs.append((self._post(qty, day, account), oracle.rows[-1]))
                elif kind == 'job':
                    oracle.expire(day)
                    account._expire(day)
                elif kind == 'out':
                    qty = generator.randint(1, 40)
                    row = oracle.take_out(day, qty)
                    entry = self._try(lambda qty=qty, day=day, account=account: self._post(-qty, day, account))
                    self.assertEqual(bool(entry), bool(row), (number, day, qty))
                    refused += not row
                    if row:
                        pairs.append((entry, row))
                elif pairs:
                    entry, row = pairs.pop(generator.randrange(len(pairs)))
                    is_kept = oracle.reverse(row)
                    self.assertEqual(bool(self._try(lambda entry=entry: entry._reverse("Random"))), is_kept, number)
                    reversed_ += is_kept
                if number % 10 == 0:
                    self._assert_books(account, oracle)
            self._assert_books(account, oracle)
        self.assertGreater(refused, POSTINGS / 50)
        self.assertGreater(reversed_, POSTINGS / 50)

    def _try(self, post):
        try:
            return post()
        except UserError:
            return False

    def _assert_books(self, account, oracle):
        """Nothing is negative, and each day has what the oracle has; the numbers have no gap."""
        self.Entry.flush_model()
        rows = self.env.execute_query(SQL(
            """
            SELECT date, sum(qty), sum(sum(qty)) OVER (ORDER BY date) FROM scp_balance_entry
             WHERE account_id = %s GROUP BY date
            """, account.id))
        self.assertFalse([row for row in rows if row[2] < 0])
        expected = {}
        for day, qty, *_rest in oracle.rows:
            expected[day] = expected.get(day, 0) + qty
        self.assertEqual({day: float(qty) for day, qty, _balance in rows}, expected)
        [[count, last]] = self.env.execute_query(SQL(
            "SELECT count(*), max(number) FROM scp_balance_entry WHERE account_id = %s", account.id))
        self.assertEqual(count, last or 0)
