from odoo import api, models
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

#: Customers named whose worth changed most.
NAMED = 10
#: Parts of the waterfall in its order; what did not change is none.
PARTS = ('won', 'grown', 'shrunk', 'lost')


class ScpValueAsset(models.AbstractModel):
    """Customer equity from one scoring to another:

        opening + won + grown - shrunk - lost = closing

    Won and lost are whole customers, grown and shrunk the difference of those who stayed. When two customers become
    one, their worth at earlier scorings is added up (`scp.customer`): it stays in the opening, to the cent.
    """

    _inherit = 'scp.value.asset'

    @api.model
    @api.readonly
    def get_waterfall(self, filters):
        """What made the difference, of the customers of the current company whom the reader may see.

        :param filters: {'date_from', 'date_to', 'team_ids', 'user_ids'}, see `_get_pair`
        :return: what `_describe_pair` says, and {'opening', 'parts', 'closing', 'change', 'movers', 'sentence'}:
            figures in the currency of the company with the `count` of their customers; `parts` carry their sign.
            `opening` is None where there are no two scorings with forecasts.
        """
        runs, opening, closing = self._get_pair(filters)
        result = self._describe_pair(runs, opening, closing) | {'opening': None}
        filters = {name: filters[name] for name in ('team_ids', 'user_ids') if filters.get(name)}
        figures = opening and self._fetch_waterfall(opening, closing, filters)
        if not figures:
            return result
        before, after = figures['opening'], figures['closing']
        change = self.env.company.currency_id.round(after[1] - before[1])
        return result | {
            'opening': self._get_equity_cell(before, opening, filters),
            'closing': self._get_equity_cell(after, closing, filters),
            'change': {'value': change, 'share': change / before[1] if before[1] > 0 else None},
            'parts': [
                {'key': part, 'label': label}
                | self._get_move_cell(figures[part][1], opening, closing, filters, part=part)
                | {'count': figures[part][0]}
                for part, label in self._get_part_labels().items()
            ],
            'movers': self._get_movers(opening, closing, filters),
            'sentence': self._get_waterfall_sentence(opening, closing, figures, change),
        }

    @api.model
    def _fetch_waterfall(self, opening, closing, filters):
        """:return: {'opening', 'closing' and each part: (customers, worth or change of worth)}, None where one of the
            two scorings has customers but no forecast"""
        currency = self.env.company.currency_id
        figures = dict.fromkeys(('opening', *PARTS, 'same', 'closing'), (0, 0.0))
        totals = {'opening': [0, 0, 0.0], 'closing': [0, 0, 0.0]}
        for part, customers, *sides in self.env.execute_query(SQL(
            """
            SELECT part, COUNT(*),
                   COUNT(*) FILTER (WHERE part != 'won'), COUNT(before), COALESCE(SUM(before), 0)::float8,
                   COUNT(*) FILTER (WHERE part != 'lost'), COUNT(after), COALESCE(SUM(after), 0)::float8
              FROM (%s) move
          GROUP BY part
            """,
            self._get_move_query(opening.id, closing.id, filters),
        )):
            before, after = sides[:3], sides[3:]
            figures[part] = (customers, currency.round(after[2] - before[2]))
            for name, side in (('opening', before), ('closing', after)):
                totals[name] = [total + figure for total, figure in zip(totals[name], side, strict=True)]
        if any(customers and not forecasts for customers, forecasts, _worth in totals.values()):
            return None
        return figures | {
            name: (customers, currency.round(worth)) for name, (customers, _forecasts, worth) in totals.items()
        }

    @api.model
    def _get_part_labels(self):
        labels = {
            'won': self.env._("Won"),
            'grown': self.env._("Grown"),
            'shrunk': self.env._("Shrunk"),
            'lost': self.env._("Lost"),
        }
        return {part: labels[part] for part in PARTS}

    @api.model
    def _get_equity_cell(self, figure, run, filters):
        """:return: a figure that opens the scores it adds up"""
        customers, worth = figure
        return {
            'value': worth,
            'count': customers,
            'model': 'scp.value.score',
            'domain': [['run_id', '=', run.id], ['customer_id', 'any', list(self._get_customers(filters))]],
            'context': {'active_test': False, 'create': False},
        }

    @api.model
    def _get_movers(self, opening, closing, filters):
        """:return: the customers whose worth changed most"""
        rows = self.env.execute_query(SQL(
            """
            SELECT customer_id, part, before::float8, after::float8
              FROM (%(moves)s) move
             WHERE part != 'same'
          ORDER BY ABS(COALESCE(after, 0) - COALESCE(before, 0)) DESC, customer_id
             LIMIT %(named)s
            """,
            moves=self._get_move_query(opening.id, closing.id, filters),
            named=NAMED,
        ))
        customers = {customer.id: customer for customer in self.env['scp.customer'].browse(row[0] for row in rows)}
        labels = self._get_part_labels()
        return [
            {
                'id': customer_id,
                'partner_id': customers[customer_id].partner_id.id,
                'name': customers[customer_id].display_name,
                'part': labels[part],
                'before': before,
                'after': after,
                'change': self.env.company.currency_id.round((after or 0) - (before or 0)),
            }
            for customer_id, part, before, after in rows
        ]

    @api.model
    def _get_waterfall_sentence(self, opening, closing, figures, change):
        values = {
            'customers': formatLang(self.env, figures['closing'][0], digits=0),
            'date_from': format_date(self.env, opening.date_to),
            'date_to': format_date(self.env, closing.date_to),
            'change': self._format_amount(abs(change)),
            'closing': self._format_amount(figures['closing'][1]),
        }
        if change < 0:
            return self.env._(
                "On %(date_to)s %(customers)s customers were worth %(closing)s, %(change)s less than on %(date_from)s.",
                **values)
        return self.env._(
            "On %(date_to)s %(customers)s customers were worth %(closing)s, %(change)s more than on %(date_from)s.",
            **values)

    @api.model
    def _format_amount(self, amount):
        """A forecast to the cent would claim too much."""
        return formatLang(
            self.env, amount, currency_obj=self.env.company.currency_id, rounding_unit='units')
