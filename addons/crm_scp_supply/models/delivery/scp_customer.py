from odoo import api, models
from odoo.tools import SQL

# Measures given to other addons, and the figures they are
MEASURES = {
    'otif': 'otif_line_baseline',
    'otif_qty': 'otif_qty_baseline',
    'fill_rate': 'fill_line',
    'perfect_order': 'perfect_order',
    'rejected': 'rejected_share',
}


class ScpCustomer(models.Model):
    _inherit = 'scp.customer'

    # === BUSINESS METHODS === #

    @api.model
    def _get_measure_queries(self) -> dict[str, SQL]:
        """Add how orders were fulfilled, in the month of the first promise.

        - `otif`: lines on time in full by the first promise, over lines due
        - `otif_qty`: good quantity by the first promise, over the ordered quantity of lines due
        - `fill_rate`: lines complete at the first attempt, over lines delivered, given up or overdue
        - `perfect_order`: perfect orders over orders with a line due
        - `rejected`: quantity rejected over quantity delivered
        """
        return super()._get_measure_queries() | {
            code: self._get_delivery_measure_query(metric) for code, metric in MEASURES.items()
        }

    @api.model
    def _get_delivery_measure_query(self, code) -> SQL:
        metric = self.env['scp.delivery.metric']._get_metrics()[code]
        return SQL(
            """SELECT fact.commercial_partner_id AS partner_id,
                      fact.company_id,
                      date_trunc('month', fact.day)::date AS period,
                      %(numerator)s AS numerator,
                      %(denominator)s AS denominator,
                      %(n)s AS n,
                      NULL::integer AS currency_id
                 FROM (%(facts)s) fact
                WHERE fact.direction = 'out' AND fact.day IS NOT NULL AND fact.commercial_partner_id IS NOT NULL
             GROUP BY 1, 2, 3
               HAVING %(denominator)s > 0""",
            numerator=metric.numerator,
            denominator=metric.denominator,
            n=metric.n,
            facts=self.env['scp.delivery.report']._table_query,
        )

    @api.model
    def _get_figure_descriptions(self):
        metrics = self.env['scp.delivery.metric']._get_metrics()
        units = {'perfect_order': self.env._("Orders")}
        return super()._get_figure_descriptions() | {
            code: {
                'label': metrics[metric].label, 'kind': 'share', 'unit': units.get(code, self.env._("Lines")),
                'help': metrics[metric].definition,
            }
            for code, metric in MEASURES.items() if code in ('otif', 'fill_rate', 'perfect_order')
        }
