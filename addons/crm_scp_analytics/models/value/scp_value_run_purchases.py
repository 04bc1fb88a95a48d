import time

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import binary_copy
from ..facts.scp_value_fact_refresh import RefreshBusy
from .scp_value_choice import EPOCH

# Seconds for which a run waits until somebody else has summed up the customers, and between two looks.
REFRESH_WAIT = 1800
REFRESH_POLL = 1


class ScpValueRun(models.Model):
    """What a run reads: the purchases of each customer in its window, net of refunds.

    A purchase is a day with an order (`scp.value.fact`). Money of the window is what was ordered in
    it less what was refunded in it.
    """

    _inherit = 'scp.value.run'

    # === BUSINESS METHODS ===#

    def _refresh_facts(self):
        """Bring the facts up to date, and make sure that they can be trusted.

        Where somebody else is at it, the scheduled job waits for his end, and can be cancelled meanwhile.

        :raise RefreshBusy: he is, and this run is one transaction, or has waited too long
        """
        self.ensure_one()
        deadline = time.monotonic() + REFRESH_WAIT
        while True:
            self._checkpoint()
            try:
                self.env['scp.value.fact.refresh']._refresh()
                break
            except RefreshBusy:
                if not self._is_batched() or time.monotonic() > deadline:
                    raise
                time.sleep(REFRESH_POLL)
        self._checkpoint()
        self._check_rates()

    def _check_rates(self):
        """:raise UserError: orders of the window are in a currency nobody recorded a rate for"""
        self.ensure_one()
        start, stop = self._get_window_bounds(self.company_id, self.date_from, self.date_to)
        missing = self.env['scp.value.fact']._get_currencies_without_rate(
            self.company_id, start, stop,
        )
        if missing:
            raise UserError(self.env._(
                "%(company)s has orders in %(currencies)s, but no rate of exchange is recorded for "
                "it. Enter one under Invoicing > Configuration > Currencies, and set the orders "
                "right.",
                company=self.company_id.name,
                currencies=", ".join(missing.mapped('name')),
            ))

    def _fetch_days(self, date_from=None):
        """The days of the customers on which a purchase or its money is, by customer and day.

        Rows come as one block of memory, 40 bytes each, and never as objects.

        :param date_from: first day, instead of that of the window
        :return: {'customer', 'day' (since 1970), 'orders', 'money'}: numpy arrays of equal length
        """
        import numpy as np  # noqa: PLC0415  numpy is loaded by the process that scores

        self.ensure_one()
        days = binary_copy.read(self.env.cr, SQL(
            """
            SELECT fact.customer_id, fact.day - '1970-01-01'::date, fact.order_count, fact.amount::float8
              FROM scp_value_fact fact
             WHERE %s
            """,
            self._get_fact_window(date_from),
        ), {'customer': 'i4', 'day': 'i4', 'orders': 'i4', 'money': 'f8'})
        # put in order here: the database would take three times as long, and more with its statistics of yesterday
        places = (days['customer'].astype('i8') << 32) + days['day']
        if (places[1:] > places[:-1]).all():
            return days
        order = np.argsort(places, kind='stable')  # quick where most are in order
        del places
        for name, column in days.items():
            days[name] = column[order]
        return days

    def _get_purchase_columns(self, days=None) -> dict:
        """What the customers bought in the window; no customer twice, in the order of their ids.

        :param days: of `_fetch_days`, days before the window among them; fetched by default
        """
        import numpy as np  # noqa: PLC0415  as above

        days = days or self._fetch_days()
        starts = np.flatnonzero(np.diff(days['customer'], prepend=-1))
        inside = days['day'] >= (self.date_from - EPOCH).days
        orders = np.where(inside, days['orders'], 0)
        bought = orders > 0
        last = np.where(bought, days['day'], -1)
        columns = {
            'customer_id': days['customer'][starts],
            'recency_days': (self.date_to - EPOCH).days - _per_customer(np.maximum, last, starts),
            'purchase_count': _per_customer(np.add, bought.astype(int), starts),
            'order_count': _per_customer(np.add, orders, starts),
            'monetary': self._round(
                'monetary', _per_customer(np.add, np.where(inside, days['money'], 0.0), starts),
            ),
        }
        return {name: column[columns['order_count'] > 0] for name, column in columns.items()}

    def _fetch_purchase_days(self, date_from=None):
        """The purchase days of the window, see `_get_purchase_days`.

        :param date_from: first day, instead of that of the window
        """
        return self._get_purchase_days(self._fetch_days(date_from))

    @api.model
    def _get_purchase_days(self, days):
        """The purchase days among some days, for the models of the engine.

        Money given back counts with the purchase before, as the customer saw it; given back before
        the first purchase, it belongs to none.

        :param days: of `_fetch_days`
        :return: {'customer', 'day', 'money'}: numpy arrays of equal length, by customer and day:
            customer id, day (in days since 1970-01-01) and money in the currency of the company
        """
        import numpy as np  # noqa: PLC0415  as above

        bought = days['orders'] > 0
        places = np.flatnonzero(bought)
        # the purchase that each day belongs to, and whether it is one of the same customer
        purchase = np.cumsum(bought) - 1
        own = (purchase >= 0) & (days['customer'] == days['customer'][places[purchase]] if len(places) else False)
        return {
            'customer': days['customer'][places],
            'day': days['day'][places],
            'money': np.bincount(purchase[own], days['money'][own], minlength=len(places)),
        }

    def _get_fact_window(self, date_from=None) -> SQL:
        """:return: condition on `fact`: the days of the window, from another day on where that is
            given, that a purchase or its money is on"""
        self.ensure_one()
        return SQL(
            """
            fact.company_id = %(company)s
            AND fact.day BETWEEN %(date_from)s AND %(date_to)s
            AND (fact.order_count > 0 OR fact.amount != 0)
            """,
            company=self.company_id.id,
            date_from=date_from or self.date_from,
            date_to=self.date_to,
        )


def _per_customer(function, values, starts):
    return function.reduceat(values, starts) if len(starts) else values
