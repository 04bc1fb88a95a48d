from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang


class Metric(NamedTuple):
    """A figure over the delivery facts of a partner and a period.

    ``numerator``, ``denominator`` and ``n`` are aggregates over the rows of ``scp.delivery.report``, aliased ``fact``,
    or over those of :meth:`ScpDeliveryMetric._get_lead_times` where ``source`` is ``lead``. The value is numerator
    over denominator, and None where that is nothing or zero; several periods are added up before they are divided,
    unless the figure ``is_additive`` not: then numerator is the figure and denominator 1.

    :param directions: of which facts it can be made, ``out`` to customers, ``in`` from suppliers
    :param format: percent, days, factor or ppm
    :param better: high or low
    """

    label: str
    definition: str
    numerator: SQL
    denominator: SQL
    n: SQL
    directions: tuple[str, ...] = ('out', 'in')
    format: str = 'percent'
    better: str = 'high'
    is_additive: bool = True
    source: str = 'fact'


class Figure(NamedTuple):
    """What a metric comes to; ``value`` is None for no data."""

    numerator: float | None
    denominator: float | None
    n: int
    value: float | None


class ScpDeliveryMetric(models.AbstractModel):
    """The registry of delivery figures: codes, words, definitions and the SQL of each."""

    _name = 'scp.delivery.metric'
    _description = "Figures of Delivery"

    # === REGISTRY === #

    @api.model
    def _get_metrics(self) -> dict[str, Metric]:
        """All metrics by code, in the order in which they are shown. To be extended."""
        _ = self.env._
        due_request = _("Counted are lines that have fallen due by the requested date.")
        due_baseline = _(
            "Counted are lines that have fallen due by the first promise; those whose supplier has confirmed nothing "
            "are left out.")
        return {
            'otif_line_request': self._get_share_metric(
                'otif_request', _("OTIF to request, lines"),
                _("Lines delivered on time in full by the requested date, over lines due. %s", due_request)),
            'otif_line_baseline': self._get_share_metric(
                'otif_baseline', _("OTIF to promise, lines"),
                _("Lines delivered on time in full by the first promise, over lines due. %s", due_baseline)),
            'otif_order_request': self._get_order_metric(
                'otif_order_request', _("OTIF to request, orders"),
                _("Orders without a failed line, over orders with a line due. %s", due_request)),
            'otif_order_baseline': self._get_order_metric(
                'otif_order_baseline', _("OTIF to promise, orders"),
                _("Orders without a failed line, over orders with a line due. %s", due_baseline)),
            'otif_qty_request': self._get_weighted_metric(
                'request', _("OTIF to request, quantity"),
                _("Good quantity there by the requested date, at most what was ordered, over the quantity ordered. %s",
                  due_request)),
            'otif_qty_baseline': self._get_weighted_metric(
                'baseline', _("OTIF to promise, quantity"),
                _("Good quantity there by the first promise, at most what was ordered, over the quantity ordered. %s",
                  due_baseline)),
            'in_full': self._get_share_metric(
                'in_full', _("In full"), _("Lines complete within tolerance, over lines due (SCOR RL.2.1). %s",
                                           due_baseline)),
            'on_time': self._get_share_metric(
                'on_time', _("On time"),
                _("Lines whose quantity was there by the first promise, over lines due (SCOR RL.2.2). %s",
                  due_baseline)),
            'perfect_order': self._get_order_metric(
                'perfect_order', _("Perfect orders"),
                _("Orders on time in full by the first promise, with documents and goods without fault, over orders "
                  "with a line due (SCOR RL.1.1). %s", due_baseline)),
            'fill_line': self._get_share_metric(
                'fill_line', _("Line fill rate"),
                _("Lines complete at the first attempt, without backorder, over lines delivered, given up or "
                  "overdue.")),
            'fill_order': self._get_order_metric(
                'fill_order', _("Order fill rate"),
                _("Orders all of whose lines were complete at the first attempt, over orders with a line delivered, "
                  "given up or overdue.")),
            'fill_unit': self._get_weighted_metric(
                'fill', _("Unit fill rate"),
                _("Quantity delivered at the first attempt, at most what was ordered, over the quantity ordered of "
                  "lines delivered, given up or overdue.")),
            'promise_stability': self._get_share_metric(
                'stability', _("Promise stability"),
                _("Lines whose promise was never moved beyond the tolerance by who had to keep it, over lines with a "
                  "first promise. Dates the other side asked for and orders found at installation are left out.")),
            'promise_shift': Metric(
                _("Promise shift"),
                _("Days from the first promise to the last, mean over lines; negative when promised sooner. Orders "
                  "found at installation are left out."),
                SQL("SUM(fact.slip_days) FILTER (WHERE fact.stability IS NOT NULL)"), SQL("COUNT(fact.stability)"),
                SQL("COUNT(fact.stability)"), format='days', better='low'),
            'commit_rate': self._get_share_metric(
                'confirmed_rate', _("Confirmed"), _("Purchase lines the supplier has confirmed, over all lines."),
                directions=('in',)),
            'lt_mean': Metric(
                _("Lead time, mean"), _("Days from order to arrival, weighted by quantity."),
                SQL("SUM(fact.days * fact.qty)"), SQL("SUM(fact.qty)"), SQL("COUNT(DISTINCT fact.id)"),
                format='days', better='low', source='lead'),
            'lt_std': self._get_lead_metric(
                _("Lead time, deviation"), _("Standard deviation of the lead time, weighted by quantity."),
                self._get_lead_deviation()),
            'lt_cv': self._get_lead_metric(
                _("Lead time, coefficient of variation"), _("Standard deviation of the lead time over its mean."),
                SQL("%s / NULLIF(SUM(fact.days * fact.qty) / NULLIF(SUM(fact.qty), 0), 0)",
                    self._get_lead_deviation()), format='factor'),
            'lt_p50': self._get_lead_metric(
                _("Lead time, median"), _("Half of the quantity arrives within so many days."),
                self._get_lead_quantile(0.5)),
            'lt_p90': self._get_lead_metric(
                _("Lead time, 90 %"), _("Nine tenths of the quantity arrive within so many days."),
                self._get_lead_quantile(0.9)),
            'cycle_time': self._get_cycle_metric(
                _("Cycle time, median"),
                _("Days from order to the delivery that made the line complete: half of the lines are within (SCOR "
                  "RS.1.1)."), 0.5),
            'cycle_time_p90': self._get_cycle_metric(
                _("Cycle time, 90 %"),
                _("Days from order to the delivery that made the line complete: nine of ten lines are within."), 0.9),
            'rejected_share': Metric(
                _("Rejected share"), _("Quantity returned by fault of who shipped, over the quantity delivered."),
                SQL("SUM(fact.qty_returned)"), SQL("SUM(fact.qty_done)"),
                SQL("COUNT(*) FILTER (WHERE fact.qty_done > 0)"), better='low'),
            'ppm': Metric(
                _("Rejected"), _("Quantity returned by fault of who shipped, per million delivered."),
                SQL("SUM(fact.part_rejected)"), SQL("SUM(fact.whole_rejected)"),
                SQL("COUNT(*) FILTER (WHERE fact.qty_done > 0)"), format='ppm', better='low'),
        }

    @api.model
    def _get_share_metric(self, column, label, definition, **more) -> Metric:
        value = SQL.identifier('fact', column)
        count = SQL("COUNT(%s)", value)
        return Metric(label, definition, SQL("SUM(%s)", value), count, count, **more)

    @api.model
    def _get_weighted_metric(self, weight, label, definition) -> Metric:
        part, whole = (SQL.identifier('fact', f'{name}_{weight}') for name in ('part', 'whole'))
        return Metric(label, definition, SQL("SUM(%s)", part), SQL("SUM(%s)", whole), SQL("COUNT(%s)", whole))

    @api.model
    def _get_order_metric(self, column, label, definition) -> Metric:
        value = SQL.identifier('fact', column)
        orders = SQL("COUNT(DISTINCT fact.order_key) FILTER (WHERE %s IS NOT NULL)", value)
        failed = SQL("COUNT(DISTINCT fact.order_key) FILTER (WHERE %s = 0)", value)
        return Metric(label, definition, SQL("%s - %s", orders, failed), orders, orders)

    @api.model
    def _get_lead_metric(self, label, definition, value: SQL, format='days') -> Metric:  # noqa: A002 - named as the field it fills
        return Metric(
            label, definition, value, SQL("1"), SQL("COUNT(DISTINCT fact.id)"), format=format, better='low',
            is_additive=False, source='lead')

    @api.model
    def _get_cycle_metric(self, label, definition, share) -> Metric:
        return Metric(
            label, definition, SQL("percentile_cont(%s) WITHIN GROUP (ORDER BY fact.cycle_days)", share), SQL("1"),
            SQL("COUNT(fact.cycle_days)"), format='days', better='low', is_additive=False)

    # === SQL === #

    @api.model
    def _get_lead_deviation(self) -> SQL:
        mean = SQL("SUM(fact.days * fact.qty) / NULLIF(SUM(fact.qty), 0)")
        return SQL(
            "SQRT(GREATEST(SUM(fact.days * fact.days * fact.qty) / NULLIF(SUM(fact.qty), 0) - (%s) ^ 2, 0))", mean)

    @api.model
    def _get_lead_quantile(self, share) -> SQL:
        """The smallest lead time within which a share of the quantity has arrived."""
        return SQL("MIN(fact.days) FILTER (WHERE fact.running >= %s * fact.total)", share)

    @api.model
    def _get_lead_times(self, facts: SQL, keys: SQL) -> SQL:
        """The arrivals of facts by lead time: ``days``, ``qty``, with the running and the total sum of each key."""
        return SQL(
            """
            SELECT fact.*, arrival.days, arrival.qty,
                   SUM(arrival.qty) OVER (PARTITION BY %(keys)s ORDER BY arrival.days) AS running,
                   SUM(arrival.qty) OVER (PARTITION BY %(keys)s) AS total
              FROM (%(facts)s) fact
        CROSS JOIN LATERAL (
                   SELECT fact.lead_days AS days, fact.qty_done AS qty
                    WHERE fact.arrivals IS NULL AND fact.lead_days IS NOT NULL AND fact.qty_done > 0
                UNION ALL
                   SELECT (pair->>0)::numeric, (pair->>1)::numeric
                     FROM jsonb_array_elements(fact.arrivals) pair
                    WHERE fact.arrivals IS NOT NULL
              ) arrival
            """,
            facts=facts, keys=keys,
        )

    @api.model
    def _get_query(self, codes: Collection[str], condition: SQL, keys: dict[str, SQL]) -> SQL:
        """Figures of many groups at once, for example of each partner in each quarter.

        :param codes: of metrics
        :param condition: on ``fact``, a row of ``scp.delivery.report``: which facts count
        :param keys: what to group by: names of columns and their expressions over ``fact``
        :return: statement of rows (*keys, code, numerator, denominator, n)
        """
        metrics = self._get_metrics()
        facts = SQL("SELECT * FROM (%s) fact WHERE %s", self.env['scp.delivery.report']._table_query, condition)
        sources = {
            'fact': facts,
            'lead': self._get_lead_times(facts, SQL(", ").join(keys.values()) if keys else SQL("TRUE")),
        }
        return SQL(" UNION ALL ").join(
            self._get_source_query(query, keys, {
                code: metrics[code] for code in codes if metrics[code].source == source
            })
            for source, query in sources.items()
            if any(metrics[code].source == source for code in codes)
        )

    @api.model
    def _get_source_query(self, source: SQL, keys: dict[str, SQL], metrics: dict[str, Metric]) -> SQL:
        """The figures of metrics of one source; see :meth:`_get_query`."""
        def column(part, index):
            return SQL.identifier(f'{part}_{index}')

        parts = ('numerator', 'denominator', 'n')
        names = [SQL.identifier(name) for name in keys]
        return SQL(
            """
            SELECT %(figures)s
              FROM (SELECT %(aggregates)s FROM (%(source)s) fact %(group_by)s) grouped
        CROSS JOIN LATERAL (VALUES %(rows)s) figure (code, numerator, denominator, n)
            """,
            figures=SQL(", ").join([
                *names, SQL("figure.code"), *(SQL.identifier('figure', part) for part in parts)]),
            aggregates=SQL(", ").join([
                *(SQL("%s AS %s", key, name) for key, name in zip(keys.values(), names, strict=True)),
                *(
                    SQL("%s AS %s", getattr(metric, part), column(part, index))
                    for index, metric in enumerate(metrics.values()) for part in parts
                ),
            ]),
            source=source,
            group_by=SQL("GROUP BY %s", SQL(", ").join(keys.values())) if keys else SQL(""),
            rows=SQL(", ").join(
                SQL("(%s, %s::float8, %s::float8, %s)", code, *(column(part, index) for part in parts))
                for index, code in enumerate(metrics)
            ),
        )

    @api.model
    def _get_figures(
        self, condition: SQL, codes: Collection[str], keys: dict[str, SQL] | None = None,
    ) -> dict[tuple, dict[str, Figure]]:
        """Figures by key, a tuple of values of ``keys``; see :meth:`_get_query`."""
        keys = keys or {}
        self.env['scp.delivery.report'].flush_model()
        self.env['sale.order'].flush_model(['user_id', 'team_id'])
        figures = {}
        for row in self.env.execute_query(self._get_query(codes, condition, keys)):
            *key, code, numerator, denominator, n = row
            value = numerator / denominator if n and denominator and numerator is not None else None
            figures.setdefault(tuple(key), {})[code] = Figure(numerator, denominator, n, value)
        return figures

    @api.model
    def _get_condition(
        self, direction: str, company, date_from: date | None = None, date_to: date | None = None,
    ) -> SQL:
        """The facts of a company promised for a day of a period, both ends included."""
        conditions = [SQL("fact.direction = %s", direction), SQL("fact.company_id = %s", company.id)]
        if date_from:
            conditions.append(SQL("fact.day >= %s", date_from))
        if date_to:
            conditions.append(SQL("fact.day <= %s", date_to))
        return SQL(" AND ").join(conditions)

    @api.model
    def _get_partner_figures(
        self, partners, direction, codes=None, date_from=None, date_to=None, company=None,
    ) -> dict[int, dict[str, Figure]]:
        """Figures of customers (``out``) or suppliers (``in``) over a period, by id of the commercial partner.

        Who has no facts is missing. Record rules do not apply: who calls decides who may see them.
        """
        codes = codes or [code for code, metric in self._get_metrics().items() if direction in metric.directions]
        condition = SQL(
            "%s AND fact.commercial_partner_id = ANY(%s)",
            self._get_condition(direction, company or self.env.company, date_from, date_to),
            partners.commercial_partner_id.ids,
        )
        figures = self._get_figures(condition, codes, {'partner_id': SQL("fact.commercial_partner_id")})
        return {partner_id: by_code for (partner_id,), by_code in figures.items()}

    @api.model
    def _get_cards(self, domain, codes, direction):
        """Figures over the facts the user may read, as cards for the ``scp_figures`` widget.

        :param domain: on ``scp.delivery.report``
        :return: [{'code', 'label', 'value', 'basis', 'help', 'action'}], those without data left out
        """
        Report = self.env['scp.delivery.report']
        if not Report.has_access('read'):
            return []
        domain = Domain(domain) & Domain('direction', '=', direction) & Domain(self._get_year_domain())
        condition = SQL("fact.id IN %s", Report._search(domain).subselect())
        figures = self._get_figures(condition, codes).get((), {})
        metrics = self._get_metrics()
        return [
            {
                'code': code,
                'label': metrics[code].label,
                'value': self._format(metrics[code], figure.value),
                'basis': self.env._("n = %s, last twelve months", figure.n),
                'help': metrics[code].definition,
                'action': self._get_action(domain, metrics[code].label),
            }
            for code, figure in ((code, figures.get(code)) for code in codes) if figure and figure.value is not None
        ]

    @api.model
    def _get_year_domain(self):
        today = fields.Date.context_today(self)
        since = fields.Date.subtract(today, years=1)
        return [('day', '>', fields.Date.to_string(since)), ('day', '<=', fields.Date.to_string(today))]

    @api.model
    def _get_action(self, domain, name):
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': 'scp.delivery.report',
            'views': [(False, 'list'), (False, 'pivot'), (False, 'graph'), (False, 'form')],
            'domain': list(domain),
        }

    # === WORDS === #

    @api.model
    def _format(self, metric: Metric, value: float | None) -> str:
        """A figure as people read it; what nobody knows is "no data"."""
        if value is None:
            return self.env._("no data")
        if metric.format == 'percent':
            return self.env._("%s %%", formatLang(self.env, 100 * value, digits=1))
        if metric.format == 'days':
            return self.env._("%s days", formatLang(self.env, value, digits=1))
        if metric.format == 'ppm':
            return self.env._("%s ppm", formatLang(self.env, value, digits=0))
        return formatLang(self.env, value, digits=2)
