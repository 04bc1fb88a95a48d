from collections import defaultdict
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

# A scoring further from the first or last day of a period says nothing about it
SCORING_DAYS_MAX = 45


class Figure(NamedTuple):
    """A thing people are appraised by.

    :param label: as criterion
    :param definition: numerator over denominator in words
    :param source: key of `scp.appraisal.figure._get_sources`
    :param unit: in which values, floor and target are expressed
    :param better: high or low
    :param floor: value proposed for 0 points
    :param target: value proposed for 100 points
    """

    label: str
    definition: str
    source: str
    unit: str = "%"
    better: str = 'high'
    floor: float = 60.0
    target: float = 95.0


class Value(NamedTuple):
    """A figure of somebody: 100 * numerator / denominator, and how many records are behind it."""

    numerator: float
    denominator: float
    n: int


class ScpAppraisalFigure(models.AbstractModel):
    """The registry of what people are appraised by, each from the customers they answer for.

    Somebody's customers are those whose owner he is; a team's those of the team. What only another addon knows, as
    promises kept, comes as a measure of the customer: without that addon there is no data.
    """

    _name = 'scp.appraisal.figure'
    _description = "Figures of Appraisals"

    # === REGISTRY ===#

    @api.model
    def _get_registry(self) -> dict[str, Figure]:
        """All figures by code, in the order in which they are offered. To be extended."""
        _ = self.env._
        return {
            'retention': Figure(
                _("Customers kept"),
                _("Customers who bought in the twelve months up to the end of the period, of those who had bought in "
                  "the twelve months before."),
                'retention'),
            'value_grown': Figure(
                _("Value grown"),
                _("Lifetime value of the customers by the scoring at the end of the period, over that at its "
                  "beginning, less one. Customers won and lost are in it."),
                'value', floor=-10.0, target=10.0),
            'satisfaction': Figure(
                _("Satisfaction"),
                _("Ratings of 4 and 5 of complaints received in the period, over all their ratings."),
                'measure', floor=50.0),
            'upheld': Figure(
                _("Complaints upheld"),
                _("Complaints received in the period and found justified, partly justified ones as half, per 100 "
                  "orders confirmed in it."),
                'measure', unit=_("per 100 orders"), better='low', floor=5.0, target=0.0),
            'otif': Figure(
                _("Promises kept on time"),
                _("Order lines first promised for the period and delivered on time in full, over those due."),
                'measure', floor=70.0, target=98.0),
            'target': Figure(
                _("Target reached"),
                _("Deals won in the months of the period for which a sales target is set, over these targets."),
                'target', floor=50.0, target=100.0),
        }

    @api.model
    def _get_measure_codes(self):
        """:return: {figure: (measure of its numerator, measure and column of its denominator and number of records)}"""
        return {
            'satisfaction': ('complaint_satisfaction', 'complaint_satisfaction', 'denominator'),
            'upheld': ('complaints_upheld', 'orders', 'n'),
            'otif': ('otif', 'otif', 'denominator'),
        }

    @api.model
    def _get_sources(self):
        """Methods (codes, owner, ids, company, date_from, date_to) -> {id: {code: Value}} by source."""
        return {
            'retention': self._get_retention_values,
            'value': self._get_value_values,
            'measure': self._get_measure_values,
            'target': self._get_target_values,
        }

    @api.model
    def _get_values(self, codes, owner, ids, company, date_from, date_to) -> dict[int, dict[str, Value]]:
        """Figures of people or teams over a period, both ends included, in a query or two per source.

        Record rules do not apply: who calls decides who may see them.

        :param owner: 'user_id' or 'team_id'
        :param ids: of users or teams
        :return: by id and code; what is missing is no data
        """
        registry = self._get_registry()
        values = {record_id: {} for record_id in ids}
        self.env.flush_all()
        for source, method in self._get_sources().items():
            if wanted := [code for code in codes if code in registry and registry[code].source == source]:
                for record_id, figures in method(wanted, owner, ids, company, date_from, date_to).items():
                    values[record_id].update(figures)
        return values

    @api.model
    def _get_customers(self, owner, ids, company):
        """:return: {id of the user or team: ids of his customers}"""
        return dict(self.env.execute_query(SQL(
            """
              SELECT %(owner)s, ARRAY_AGG(customer.id ORDER BY customer.id)
                FROM scp_customer customer
               WHERE customer.company_id = %(company)s AND %(owner)s = ANY(%(ids)s)
            GROUP BY 1
            """,
            owner=SQL.identifier('customer', owner), company=company.id, ids=list(ids),
        )))

    # === SOURCES ===#

    @api.model
    def _get_retention_windows(self, date_to):
        """:return: last days before the earlier twelve months, of these, and of the later twelve months"""
        return date_to - relativedelta(months=24), date_to - relativedelta(months=12), date_to

    @api.model
    def _get_retention_values(self, _codes, owner, ids, company, _date_from, date_to):
        start, middle, end = self._get_retention_windows(date_to)
        return {
            record_id: {'retention': Value(again, known, known)}
            for record_id, again, known in self.env.execute_query(SQL(
                """
                  SELECT owner, COUNT(*) FILTER (WHERE again), COUNT(*)
                    FROM (SELECT %(owner)s AS owner,
                                 BOOL_OR(fact.day > %(middle)s) AS again,
                                 BOOL_OR(fact.day <= %(middle)s) AS known
                            FROM scp_customer customer
                            JOIN scp_value_fact fact ON fact.customer_id = customer.id
                           WHERE customer.company_id = %(company)s
                             AND %(owner)s = ANY(%(ids)s)
                             AND fact.order_count > 0
                             AND fact.day > %(start)s
                             AND fact.day <= %(end)s
                        GROUP BY customer.id) bought
                   WHERE known
                GROUP BY owner
                """,
                owner=SQL.identifier('customer', owner), company=company.id, ids=list(ids),
                start=start, middle=middle, end=end,
            ))
        }

    @api.model
    def _get_scorings(self, company, date_from, date_to):
        """:return: the scorings at the beginning and at the end of a period (or of what of it is over); both empty
            where one is missing"""
        Run = self.env['scp.value.run'].sudo()  # sudo: on which days customers were scored is no secret
        opening, closing = (
            Run.search([
                ('company_id', '=', company.id), ('state', '=', 'done'), ('thinned', '=', False),
                ('customer_count', '>', 0), ('date_to', '<=', day),
                ('date_to', '>', day - relativedelta(days=SCORING_DAYS_MAX)),
            ], limit=1)
            for day in (date_from - relativedelta(days=1), min(date_to, fields.Date.context_today(self)))
        )
        return (opening, closing) if opening and closing and opening != closing else (Run, Run)

    @api.model
    def _get_value_values(self, _codes, owner, ids, company, date_from, date_to):
        opening, closing = self._get_scorings(company, date_from, date_to)
        if not opening:
            return {}
        return {
            record_id: {'value_grown': Value(after - before, before, known)}
            for record_id, before, after, known in self.env.execute_query(SQL(
                """
                  SELECT %(owner)s,
                         COALESCE(SUM(score.lifetime_value) FILTER (WHERE score.run_id = %(opening)s), 0)::float8,
                         COALESCE(SUM(score.lifetime_value) FILTER (WHERE score.run_id = %(closing)s), 0)::float8,
                         COUNT(score.lifetime_value) FILTER (WHERE score.run_id = %(opening)s)
                    FROM scp_value_score score
                    JOIN scp_customer customer ON customer.id = score.customer_id
                   WHERE score.run_id IN (%(opening)s, %(closing)s) AND %(owner)s = ANY(%(ids)s)
                GROUP BY 1
                """,
                owner=SQL.identifier('customer', owner), ids=list(ids), opening=opening.id, closing=closing.id,
            ))
            if before > 0
        }

    @api.model
    def _get_measure_values(self, codes, owner, ids, company, date_from, date_to):
        """Months of the hub, which addons fill; one that is not installed gives no data."""
        measures = self._get_measure_codes()
        rows = self.env.execute_query(SQL(
            """
              SELECT %(owner)s, measure.code,
                     SUM(measure.numerator)::float8, SUM(measure.denominator)::float8, SUM(measure.n)
                FROM scp_customer_measure measure
                JOIN scp_customer customer ON customer.id = measure.customer_id
               WHERE measure.company_id = %(company)s
                 AND measure.code = ANY(%(codes)s)
                 AND measure.period BETWEEN %(date_from)s AND %(date_to)s
                 AND %(owner)s = ANY(%(ids)s)
            GROUP BY 1, 2
            """,
            owner=SQL.identifier('customer', owner), company=company.id, ids=list(ids),
            codes=list({name for code in codes for name in measures[code][:2]}),
            date_from=date_from, date_to=date_to,
        ))
        totals = defaultdict(dict)
        for record_id, code, numerator, denominator, n in rows:
            totals[record_id][code] = {'numerator': numerator, 'denominator': denominator, 'n': n}
        values = defaultdict(dict)
        for record_id, own in totals.items():
            for code in codes:
                above, below, column = measures[code]
                if below in own and own[below][column]:
                    values[record_id][code] = Value(
                        own[above]['numerator'] if above in own else 0.0, own[below][column], own[below]['n'])
        return values

    @api.model
    def _get_target_values(self, _codes, owner, ids, company, date_from, date_to):
        """Wins count in the months for which there is a target; the months are the records behind the figure."""
        Target = self.env['scp.target'].sudo()  # sudo: who calls decides who may see them
        months = {
            (target[owner].id, month): amount
            for target in Target.search([
                (owner, 'in', list(ids)), ('company_id', '=', company.id), ('date_from', '<=', date_to),
                ('date_to', '>=', date_from),
            ])
            for month, amount in target._get_months().items() if date_from <= month <= date_to
        }
        Plan = self.env['scp.plan'].sudo().with_company(company)  # sudo: as above
        companies = [company_id or 0 for company_id in Target._get_lead_company_ids(company)]
        won = {(owner_id, month): amount for owner_id, month, amount in self.env.execute_query(SQL(
            """
              SELECT %(owner)s, date_trunc('month', won.won_on)::date, SUM(lead.expected_revenue)::float8
                FROM (%(won)s) won
                JOIN crm_lead lead ON lead.id = won.lead_id
               WHERE %(owner)s = ANY(%(ids)s)
            GROUP BY 1, 2
            """,
            owner=SQL.identifier('lead', owner), ids=list(ids),
            won=Plan._get_won_query(date_from, date_to, SQL("COALESCE(lead.company_id, 0) = ANY(%s)", companies)),
        ))}
        values = {}
        for (owner_id, month), amount in months.items():
            reached, wanted, n = values.get(owner_id, (0.0, 0.0, 0))
            values[owner_id] = Value(reached + (won.get((owner_id, month)) or 0.0), wanted + amount, n + 1)
        return {owner_id: {'target': value} for owner_id, value in values.items()}
