from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, formatLang

from ..delivery.scp_delivery_metric import Figure

# Measured by a person instead of a figure
MANUAL = 'manual'
CUSTOMER_ROLES = ('distributor', 'customer')

# Figures of deliveries that make sense on a card, by whom they are about
DELIVERY_CODES = {
    ('supplier',): (
        'otif_line_request', 'otif_line_baseline', 'otif_order_baseline', 'otif_qty_request', 'otif_qty_baseline',
        'in_full', 'on_time', 'perfect_order', 'fill_line', 'promise_stability', 'promise_shift', 'commit_rate',
        'lt_mean', 'lt_cv', 'lt_p90', 'cycle_time', 'rejected_share', 'ppm', 'fault_share',
    ),
    CUSTOMER_ROLES: ('unwanted_share',),
}
# Unit and factor of the formats of delivery figures, as they are shown and as floor and target are entered
UNITS = {'percent': ('%', 100.0), 'days': ('days', 1.0), 'ppm': ('ppm', 1.0), 'factor': ('', 1.0)}
# Measures of other addons that speak of how a customer deals with us
MEASURE_CODES = ('payment_days', 'refunded')


class ScorecardFigure(NamedTuple):
    """A figure a criterion can be measured by.

    :param source: which method of :meth:`ScpScorecardFigure._get_sources` computes it
    :param unit: in which value, floor and target are expressed
    :param scale: what numerator over denominator is multiplied by for that
    :param better: high or low
    """

    label: str
    definition: str
    roles: tuple[str, ...]
    source: str
    unit: str = '%'
    scale: float = 100.0
    better: str = 'high'


class ScpScorecardFigure(models.AbstractModel):
    """The registry of what scorecards measure: deliveries, prices, complaints and measures of customers."""

    _name = 'scp.scorecard.figure'
    _description = "Figures of Scorecards"

    # === REGISTRY === #

    @api.model
    def _get_registry(self) -> dict[str, ScorecardFigure]:
        """All figures by code, in the order in which they are offered. To be extended."""
        _ = self.env._
        metrics = self.env['scp.delivery.metric']._get_metrics()
        figures = {}
        for roles, codes in DELIVERY_CODES.items():
            for code in codes:
                metric = metrics[code]
                unit, scale = UNITS[metric.format]
                figures[code] = ScorecardFigure(
                    metric.label, metric.definition, roles, 'delivery', unit, scale, metric.better)
        return figures | {
            'price_drift': ScorecardFigure(
                _("Price drift"),
                _("Change of the unit prices of what was bought in this period and in as many days before it: the "
                  "Fisher index of the basket, less one, at the rates of the orders. Counted are products."),
                ('supplier',), 'price', better='low'),
            'complaint_rate': ScorecardFigure(
                _("Complaints of customers"),
                _("Complaints received in the period, those found unjustified left out, about products that in the "
                  "year before came from this supplier alone, per 100 order lines delivered in the period."),
                ('supplier',), 'complaint', unit='', better='low'),
            'payment_days': ScorecardFigure(
                _("Days to pay"), _("Days from invoice to full payment, mean over the invoices of the period."),
                CUSTOMER_ROLES, 'measure', unit='days', scale=1.0, better='low'),
            'refunded': ScorecardFigure(
                _("Refunded"), _("Taken back by credit notes, over what was ordered in the period."),
                CUSTOMER_ROLES, 'measure', better='low'),
        }

    @api.model
    def _get_sources(self):
        """Methods (codes, role, partners, company, date_from, date_to) -> {partner id: {code: Figure}} by source."""
        return {
            'delivery': self._get_delivery_values,
            'price': self._get_price_values,
            'complaint': self._get_complaint_values,
            'measure': self._get_measure_values,
        }

    @api.model
    def _get_values(
        self, codes: Collection[str], role: str, partners, company, date_from, date_to,
    ) -> dict[int, dict[str, Figure]]:
        """Figures of partners over a period, both ends included, in one query per source.

        Record rules do not apply: who calls decides who may see them.

        :return: by id of the commercial partner and code; what is missing is no data
        """
        registry = self._get_registry()
        values = {partner.id: {} for partner in partners}
        for source, method in self._get_sources().items():
            if wanted := [code for code in codes if code in registry and registry[code].source == source]:
                for partner_id, figures in method(wanted, role, partners, company, date_from, date_to).items():
                    values[partner_id].update(figures)
        return values

    # === SOURCES === #

    @api.model
    def _get_delivery_values(self, codes, role, partners, company, date_from, date_to):
        return self.env['scp.delivery.metric']._get_partner_figures(
            partners, 'in' if role == 'supplier' else 'out', codes, date_from, date_to, company)

    @api.model
    def _get_price_values(self, codes, role, partners, company, date_from, date_to):
        """Fisher's index: the square root of Laspeyres' (old quantities) times Paasche's (new quantities)."""
        previous = date_from - (date_to - date_from) - timedelta(days=1)
        self.env['scp.supply.spend']._flush()
        rows = self.env.execute_query(SQL(
            """
            WITH bought AS (
                SELECT spend.supplier_id,
                       spend.product_id,
                       spend.day >= %(date_from)s AS is_now,
                       SUM(spend.qty) AS qty,
                       SUM(spend.amount) / SUM(spend.qty) AS price
                  FROM (%(spend)s) spend
                 WHERE spend.company_id = %(company)s
                   AND spend.supplier_id = ANY(%(partners)s)
                   AND spend.day BETWEEN %(previous)s AND %(date_to)s
              GROUP BY 1, 2, 3
                HAVING SUM(spend.amount) > 0
            )
            SELECT present.supplier_id,
                   SQRT(SUM(present.price * past.qty) / SUM(past.price * past.qty)
                        * SUM(present.price * present.qty) / SUM(past.price * present.qty)) - 1,
                   COUNT(*)
              FROM bought present
              JOIN bought past USING (supplier_id, product_id)
             WHERE present.is_now AND NOT past.is_now
          GROUP BY present.supplier_id
            """,
            spend=self.env['scp.supply.spend']._get_query(),
            company=company.id, partners=partners.ids, previous=previous, date_from=date_from, date_to=date_to,
        ))
        return {
            partner_id: {'price_drift': Figure(float(drift), 1.0, n, float(drift))} for partner_id, drift, n in rows
        }

    @api.model
    def _get_complaint_values(self, codes, role, partners, company, date_from, date_to):
        """Complaints about goods nobody else supplied, over the lines delivered."""
        self.env['scp.complaint'].flush_model(['company_id', 'is_justified', 'product_id', 'received_at'])
        counts = dict(self.env.execute_query(SQL(
            """
            SELECT source.supplier_id, COUNT(*)
              FROM scp_complaint complaint
        CROSS JOIN LATERAL (
                   SELECT MIN(fact.commercial_partner_id) AS supplier_id
                     FROM (%(facts)s) fact
                    WHERE fact.direction = 'in'
                      AND fact.company_id = complaint.company_id
                      AND fact.product_id = complaint.product_id
                      AND fact.date_first_done <= complaint.received_at
                      AND fact.date_first_done > complaint.received_at - INTERVAL '1 year'
                   HAVING COUNT(DISTINCT fact.commercial_partner_id) = 1
              ) source
             WHERE complaint.company_id = %(company)s
               AND complaint.received_at::date BETWEEN %(date_from)s AND %(date_to)s
               AND complaint.is_justified IS DISTINCT FROM 'no'
               AND complaint.active
               AND source.supplier_id = ANY(%(partners)s)
          GROUP BY source.supplier_id
            """,
            facts=SQL(
                """SELECT fact.*, partner.commercial_partner_id
                     FROM scp_delivery_fact fact JOIN res_partner partner ON partner.id = fact.partner_id"""),
            company=company.id, partners=partners.ids, date_from=date_from, date_to=date_to,
        )))
        return self._get_rates_per_line('complaint_rate', counts, role, partners, company, date_from, date_to)

    @api.model
    def _get_rates_per_line(self, code, counts, role, partners, company, date_from, date_to):
        """So many of something over the order lines delivered in the period; no data where there were none.

        :param counts: by id of the commercial partner; who is missing had none
        """
        delivered = self._get_delivery_values(['fault_share'], role, partners, company, date_from, date_to)
        values = {}
        for partner_id, figures in delivered.items():
            if lines := figures['fault_share'].denominator:
                count = counts.get(partner_id, 0)
                values[partner_id] = {code: Figure(count, lines, int(lines), count / lines)}
        return values

    @api.model
    def _get_measure_values(self, codes, role, partners, company, date_from, date_to):
        """Months of the hub, which addons fill; one that is not installed gives no data."""
        rows = self.env['scp.customer.measure'].sudo()._read_group(  # sudo: who calls decides who may see them
            [
                ('company_id', '=', company.id), ('customer_id.partner_id', 'in', partners.ids),
                ('code', 'in', codes), ('period', '>=', date_from), ('period', '<=', date_to),
            ],
            ['customer_id', 'code'], ['numerator:sum', 'denominator:sum', 'n:sum'],
        )
        values = {}
        for customer, code, numerator, denominator, n in rows:
            if denominator:
                figure = Figure(numerator, denominator, n, numerator / denominator)
                values.setdefault(customer.partner_id.id, {})[code] = figure
        return values

    # === WORDS === #

    @api.model
    def _get_words(self) -> dict[str, tuple[str, str]]:
        """Label and definition of all figures, and of assessments, in the language of the user."""
        _ = self.env._
        return {code: (figure.label, figure.definition) for code, figure in self._get_registry().items()} | {
            MANUAL: (_("Assessment"), _("Points from 0 to 100 given by who assessed the partner.")),
        }

    @api.model
    def _format(self, value: float | None, unit: str) -> str:
        """A value as people read it; what nobody knows is "no data"."""
        if value is None:
            return self.env._("no data")
        number = formatLang(self.env, value, digits=0 if unit == 'ppm' else 1)
        return self.env._("%(number)s %(unit)s", number=number, unit=self._get_unit_label(unit)).strip()

    @api.model
    def _get_unit_label(self, unit: str) -> str:
        return {'days': self.env._("days"), 'points': self.env._("points")}.get(unit, unit)
