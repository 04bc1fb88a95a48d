from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

#: Points of the curve that are drawn, and customers who cost most that are named.
POINTS, NAMED = 100, 10
MONTHS = (3, 6, 12, 24)


class ScpValueWhale(models.AbstractModel):
    """The whale curve: profit added up over the customers, the best first.

    It rises to the profit there would be without the customers who cost money, and falls from there.
    Profit is the measure `profit` of the hub: what was invoiced, less its cost and the cost to serve.
    A customer without that measure is no data, and not on the curve.
    """

    _name = 'scp.value.whale'
    _inherit = 'scp.value.board'
    _description = "Whale Curve"

    @api.model
    @api.readonly
    def get_whale(self, filters):
        """The curve of the current company, of the customers whom the reader may see.

        :param filters: {'months': how far back, 'team_ids', 'user_ids'}
        :return: {'currency', 'months', 'figures', 'curve', 'tenths', 'losers', 'sentence', 'unknown'}
        """
        months = filters.get('months') if filters.get('months') in MONTHS else 12
        rows = self._fetch_profits(months, filters)
        result = {
            'currency': {'id': self.env.company.currency_id.id},
            'months': months,
            'unknown': self._get_cell(
                self._count_customers(filters) - len(rows), filters, months, part='unknown'),
        }
        if not rows:
            return result | {'figures': None}
        return result | self._describe(rows, filters, months)

    def _describe(self, rows, filters, months):
        from ...engine import concentration  # noqa: PLC0415  numpy is loaded where it is needed

        profits = [profit for _customer_id, profit in rows]
        curve = concentration.whale_curve(profits)
        share = concentration.top_share(profits)
        step = max(1, len(rows) // POINTS)
        places = [*range(0, len(rows), step), len(rows)]

        def cell(value, **key):
            return self._get_cell(value, filters, months, **key)

        tenths = []
        for tenth in range(10):
            start, stop = tenth * len(rows) // 10, (tenth + 1) * len(rows) // 10
            if start < stop:
                tenths.append({
                    'label': f"{10 * tenth}–{10 * (tenth + 1)} %",
                    'customers': cell(stop - start, part='tenth', tenth=tenth),
                    'profit': cell(sum(profits[start:stop]), part='tenth', tenth=tenth),
                    'total': float(curve.profit[stop]),
                })
        worst = [row for row in reversed(rows) if row[1] < 0][:NAMED]
        partners = {
            customer.id: customer.partner_id
            for customer in self.env['scp.customer'].browse(customer_id for customer_id, _profit in worst)
        }
        return {
            'figures': {
                'customers': cell(len(rows), part='known'),
                'total': cell(curve.total, part='known'),
                'peak': cell(curve.peak, part='earners'),
                'lost': cell(curve.lost, part='losers'),
                'losers': cell(curve.losers, part='losers'),
                'top_share': cell(share, part='top'),
                'gini': concentration.gini_normalised(profits),
            },
            'curve': [[float(curve.share[place]), float(curve.profit[place])] for place in places],
            'tenths': tenths,
            'losers': [
                {
                    'id': customer_id,
                    'partner_id': partners[customer_id].id,
                    'name': partners[customer_id].display_name,
                    'profit': profit,
                }
                for customer_id, profit in worst
            ],
            'sentence': self._get_sentence(curve, len(rows), share),
        }

    @api.model
    def _get_sentence(self, curve, customers, share):
        currency = self.env.company.currency_id
        values = {
            'customers': formatLang(self.env, customers, digits=0),
            'losers': formatLang(self.env, curve.losers, digits=0),
            'lost': currency.format(curve.lost),
            'peak': currency.format(curve.peak),
            'total': currency.format(curve.total),
            'share': formatLang(self.env, 100 * (share or 0), digits=0),
        }
        if curve.total <= 0:
            return self.env._(
                "All %(customers)s customers together cost money: %(total)s. Those who earn bring %(peak)s.", **values)
        if not curve.losers:
            return self.env._(
                "None of %(customers)s customers costs money. The best fifth brings %(share)s%% of the profit of "
                "%(total)s.", **values)
        return self.env._(
            "%(losers)s of %(customers)s customers cost money: without them the profit would be %(peak)s instead of "
            "%(total)s. The best fifth brings %(share)s%% of the profit.", **values)

    # === CUSTOMERS ===#

    @api.model
    def _count_customers(self, filters):
        return self.env['scp.customer'].with_context(active_test=False).search_count(self._get_customers(filters))

    @api.model
    def _fetch_profits(self, months, filters):
        """:return: [(customer id, profit)], the most profitable first"""
        customers = self._get_customer_query(filters)
        self.env['scp.customer.measure'].flush_model()
        since = fields.Date.context_today(self).replace(day=1) - relativedelta(months=months - 1)
        return self.env.execute_query(SQL(
            """
            SELECT measure.customer_id, SUM(measure.numerator)::float8 AS profit
              FROM scp_customer_measure measure
             WHERE measure.code = 'profit'
               AND measure.period >= %(since)s
               AND measure.customer_id IN (%(customers)s)
          GROUP BY measure.customer_id
          ORDER BY profit DESC, measure.customer_id
            """,
            since=since,
            customers=customers,
        ))

    @api.model
    def _get_cell(self, value, filters, months, **key):
        return self._get_customer_cell(value, 'whale', filters=filters, months=months, **key)

    @api.model
    def _get_cell_customers(self, months, filters, part, tenth=None):
        """:return: ids of the customers of a part of the curve"""
        rows = self._fetch_profits(months, filters)
        ids = [customer_id for customer_id, _profit in rows]
        match part:
            case 'earners':
                return [customer_id for customer_id, profit in rows if profit > 0]
            case 'losers':
                return [customer_id for customer_id, profit in rows if profit < 0]
            case 'top':
                return ids[:-(-len(ids) // 5)]
            case 'tenth':
                return ids[tenth * len(ids) // 10:(tenth + 1) * len(ids) // 10]
            case 'unknown':
                Customer = self.env['scp.customer'].with_context(active_test=False)
                return (Customer.search(self._get_customers(filters)) - Customer.browse(ids)).ids
        return ids
