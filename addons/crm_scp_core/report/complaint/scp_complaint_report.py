from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.complaint.scp_complaint import CHANNELS
from ...models.complaint.scp_complaint_category import SEVERITIES
from ...models.complaint.scp_complaint_kpi_outcome import RETENTION_DAYS
from ...models.complaint.scp_complaint_stage import STATES

#: days after the first resolution within which taking it up again speaks against it
REOPEN_DAYS = 30
#: days within which the same customer complains of the same cause again
REPEAT_DAYS = 90
#: days from the receipt within which the root causes of a severe complaint are to be found
ROOT_CAUSE_DAYS = 14
#: months after the prevention (D7) within which the cause must not come back
RECURRENCE_MONTHS = 6

HOURS = (
    'acknowledge_hours', 'first_response_hours', 'first_resolution_hours', 'resolution_hours',
    'net_resolution_hours',
)
#: share of the complaints that took at most as long
PERCENTILES = {'median': 0.5, 'p90': 0.9}


class ScpComplaintReport(models.Model):
    """One row for each complaint, archived ones included, duplicates left out.

    What is a share is 1 or 0 in the rows it is a share of, and empty in the others, so that its
    average is sum over sum however rows are grouped. Times that have not happened are empty.
    """

    _name = 'scp.complaint.report'
    _description = "Analysis of Complaints"
    _auto = False
    _rec_name = 'number'
    _order = 'received_at desc, id desc'

    _depends = {
        'scp.complaint': [
            'acknowledge_hours', 'acknowledged_at', 'category_id', 'channel', 'closed_at', 'commercial_partner_id',
            'company_id', 'cycle', 'd4_date', 'd7_date', 'decided_at', 'escape_cause_id', 'feedback_solved',
            'first_reopened_at', 'first_resolution_hours', 'first_resolved_at', 'first_response_at',
            'first_response_hours', 'grade_id', 'is_justified', 'is_repeat', 'name', 'number',
            'occurrence_cause_id', 'previous_id', 'product_id', 'received_at', 'resolution_hours',
            'resolved_at', 'response_count', 'severity', 'state', 'team_id', 'user_id',
        ],
        'scp.complaint.cost': ['amount_company', 'complaint_id'],
        'scp.sla.clock': ['complaint_id', 'consumed_h', 'kind', 'met_at', 'statutory'],
        'sale.order': ['amount_untaxed', 'company_id', 'date_order', 'partner_id', 'state'],
        'res.partner': ['commercial_partner_id'],
        'rating.rating': ['consumed', 'rating', 'res_id', 'res_model'],
        'res.company': ['currency_id'],
    }

    complaint_id = fields.Many2one('scp.complaint', readonly=True)
    number = fields.Char(readonly=True)
    name = fields.Char(string="Subject", readonly=True)
    state = fields.Selection(STATES, string="Status", readonly=True)
    received_at = fields.Datetime(string="Received", readonly=True)
    first_resolved_at = fields.Datetime(string="First Resolved", readonly=True)
    resolved_at = fields.Datetime(string="Resolved", readonly=True)
    closed_at = fields.Datetime(string="Closed", readonly=True)

    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    team_id = fields.Many2one('scp.complaint.team', readonly=True)
    user_id = fields.Many2one('res.users', string="Owner", readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    grade_id = fields.Many2one('scp.grade', string="Grade at Receipt", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    category_id = fields.Many2one('scp.complaint.category', readonly=True)
    occurrence_cause_id = fields.Many2one('scp.complaint.cause', string="Cause of Occurrence", readonly=True)
    escape_cause_id = fields.Many2one('scp.complaint.cause', string="Cause of Escape", readonly=True)
    severity = fields.Selection(SEVERITIES, readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    is_justified = fields.Selection(
        [('yes', "Yes"), ('partly', "Partly"), ('no', "No")], string="Justified", readonly=True)

    acknowledge_hours = fields.Float(
        string="Hours to Acknowledgement", readonly=True, aggregator='avg', help="Working hours of the company.")
    first_response_hours = fields.Float(
        string="Hours to First Response", readonly=True, aggregator='avg', help="Working hours of the company.")
    first_response_hours_median = fields.Float(
        string="Hours to First Response, Median", readonly=True, aggregator='avg',
        help="Half are answered within.")
    first_response_hours_p90 = fields.Float(
        string="Hours to First Response, 90 %", readonly=True, aggregator='avg',
        help="Nine of ten are answered within.")
    acknowledge_hours_median = fields.Float(
        string="Hours to Acknowledgement, Median", readonly=True, aggregator='avg',
        help="Half are acknowledged within.")
    acknowledge_hours_p90 = fields.Float(
        string="Hours to Acknowledgement, 90 %", readonly=True, aggregator='avg',
        help="Nine of ten are acknowledged within.")
    first_resolution_hours = fields.Float(
        string="Hours to First Resolution", readonly=True, aggregator='avg', help="Working hours of the company.")
    first_resolution_hours_median = fields.Float(
        string="Hours to First Resolution, Median", readonly=True, aggregator='avg', help="Half are resolved within.")
    first_resolution_hours_p90 = fields.Float(
        string="Hours to First Resolution, 90 %", readonly=True, aggregator='avg',
        help="Nine of ten are resolved within.")
    resolution_hours = fields.Float(
        string="Hours to Resolution", readonly=True, aggregator='avg',
        help="Working hours of the company to the last resolution, waiting included.")
    resolution_hours_median = fields.Float(
        string="Hours to Resolution, Median", readonly=True, aggregator='avg', help="Half are resolved within.")
    resolution_hours_p90 = fields.Float(
        string="Hours to Resolution, 90 %", readonly=True, aggregator='avg', help="Nine of ten are resolved within.")
    net_resolution_hours = fields.Float(
        string="Net Hours to Resolution", readonly=True, aggregator='avg',
        help="What the clocks of resolution counted: time they stood, and time between a resolution and the "
             "reopening, is left out. Empty without such a clock in every cycle.")
    net_resolution_hours_median = fields.Float(
        string="Net Hours to Resolution, Median", readonly=True, aggregator='avg', help="Half are resolved within.")
    net_resolution_hours_p90 = fields.Float(
        string="Net Hours to Resolution, 90 %", readonly=True, aggregator='avg',
        help="Nine of ten are resolved within.")

    justified_share = fields.Float(
        readonly=True, aggregator='avg', help="Of the decided ones: justified 1, partly justified ½.")
    is_reopened = fields.Boolean(readonly=True)
    reopen_rate = fields.Float(
        readonly=True, aggregator='avg',
        help=f"Of those resolved: taken up again, or followed by another complaint, within {REOPEN_DAYS} days.")
    is_repeat = fields.Boolean(string="Repeat", readonly=True)
    repeat_rate = fields.Float(
        readonly=True, aggregator='avg',
        help="Marked as repeat, or the same customer complained of the same cause of occurrence within the "
             f"{REPEAT_DAYS} days before.")
    is_first_contact = fields.Boolean(string="Resolved at First Contact", readonly=True)
    first_contact_rate = fields.Float(
        string="First Contact Resolution", readonly=True, aggregator='avg',
        help="Of those resolved: with one response at most.")
    root_cause_in_time = fields.Float(
        string="Root Cause in Time", readonly=True, aggregator='avg',
        help=f"Of S1 and S2: D4 dated within {ROOT_CAUSE_DAYS} days of receipt. Those with time left are left out.")
    recurrence_rate = fields.Float(
        readonly=True, aggregator='avg',
        help="Of those with a dated prevention (D7) and a cause of occurrence: the cause came back for the same "
             f"product within {RECURRENCE_MONTHS} months.")
    retention_rate = fields.Float(
        string="Customers Who Stayed", readonly=True, aggregator='avg',
        help=f"Of those closed at least {RETENTION_DAYS} days ago whose customer had ordered in the {RETENTION_DAYS} "
             "days before: the customer ordered again within as many days after.")
    feedback_asked = fields.Integer(readonly=True, help="Times the customer was asked.")
    feedback_answers = fields.Integer(readonly=True)
    feedback_good = fields.Integer(string="Good Ratings", readonly=True, help="Answers of 4 or 5.")
    satisfaction_rate = fields.Float(
        string="Satisfaction", readonly=True, aggregator='avg', help="Answers of 4 or 5 over all answers.")
    response_rate = fields.Float(
        string="Feedback Response Rate", readonly=True, aggregator='avg', help="Answers over times asked.")
    solved_rate = fields.Float(
        string="Solved for the Customer", readonly=True, aggregator='avg',
        help="Of those whose customer said so: solved 1, partly ½.")
    measured = fields.Char(
        compute='_compute_measured', search='_search_measured', exportable=False,
        help="Search by the name of a field for the complaints its figure is made of.")
    cost = fields.Monetary(readonly=True, help="All costs, in the currency of the company.")
    cost_per_complaint = fields.Monetary(readonly=True, aggregator='avg', help="All costs over all complaints.")

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        return SQL(
            "SELECT %s FROM %s WHERE %s",
            SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name)) for name, column in self._get_columns().items()),
            self._get_from(),
            self._get_where(),
        )

    @api.model
    def _get_columns(self) -> dict[str, SQL]:
        """Return by field the expression over the tables of `_get_from`. To be extended."""
        columns = {
            name: SQL.identifier('complaint', name) for name in (
                'id', 'number', 'name', 'state', 'received_at', 'first_resolved_at', 'resolved_at', 'closed_at',
                'company_id', 'team_id', 'user_id', 'grade_id', 'product_id', 'category_id', 'occurrence_cause_id',
                'escape_cause_id', 'severity', 'channel', 'is_justified',
            )
        }
        columns |= {
            'complaint_id': SQL("complaint.id"),
            'currency_id': SQL("company.currency_id"),
            'partner_id': SQL("complaint.commercial_partner_id"),
            'acknowledge_hours': SQL(
                "CASE WHEN complaint.acknowledged_at IS NOT NULL THEN complaint.acknowledge_hours END"),
            'first_response_hours': SQL(
                "CASE WHEN complaint.first_response_at IS NOT NULL THEN complaint.first_response_hours END"),
            'first_resolution_hours': SQL(
                "CASE WHEN complaint.first_resolved_at IS NOT NULL THEN complaint.first_resolution_hours END"),
            'resolution_hours': SQL("CASE WHEN complaint.resolved_at IS NOT NULL THEN complaint.resolution_hours END"),
            'net_resolution_hours': SQL(
                "CASE WHEN complaint.resolved_at IS NOT NULL AND net.cycles = complaint.cycle THEN net.hours END"),
            'feedback_asked': SQL("COALESCE(feedback.asked, 0)"),
            'feedback_answers': SQL("COALESCE(feedback.answers, 0)"),
            'feedback_good': SQL("COALESCE(feedback.good, 0)"),
            'satisfaction_rate': SQL("feedback.good::float8 / NULLIF(feedback.answers, 0)"),
            'response_rate': SQL("feedback.answers::float8 / NULLIF(feedback.asked, 0)"),
            'retention_rate': SQL("retention.stayed::int"),
            'cost': SQL("COALESCE(cost.amount, 0)"),
            'cost_per_complaint': SQL("COALESCE(cost.amount, 0)"),
            **self._get_share_columns(),
        }
        return columns | {
            f'{name}_{suffix}': columns[name] for name in HOURS for suffix in PERCENTILES
        }

    @api.model
    def _get_share_columns(self) -> dict[str, SQL]:
        """Return what is a share: 1, 0 or in between, empty where it is not asked."""
        is_resolved = SQL("complaint.first_resolved_at IS NOT NULL")
        is_reopened = SQL(
            """(complaint.first_reopened_at <= complaint.first_resolved_at + %(days)s * interval '1 day'
                OR EXISTS (SELECT FROM scp_complaint follower
                            WHERE follower.previous_id = complaint.id
                              AND follower.received_at <= complaint.first_resolved_at + %(days)s * interval '1 day')
               )""",
            days=REOPEN_DAYS,
        )
        is_repeat = SQL(
            """(complaint.is_repeat IS TRUE
                OR EXISTS (SELECT FROM scp_complaint earlier
                            WHERE earlier.occurrence_cause_id = complaint.occurrence_cause_id
                              AND earlier.commercial_partner_id = complaint.commercial_partner_id
                              AND earlier.company_id = complaint.company_id
                              AND earlier.received_at < complaint.received_at
                              AND earlier.received_at >= complaint.received_at - %s * interval '1 day'
                              AND earlier.state != 'duplicate'))""",
            REPEAT_DAYS,
        )
        is_first_contact = SQL("COALESCE(complaint.response_count, 0) <= 1")
        last_day = SQL("complaint.received_at::date + %s", ROOT_CAUSE_DAYS)
        is_recurred = SQL(
            """EXISTS (SELECT FROM scp_complaint later
                        WHERE later.occurrence_cause_id = complaint.occurrence_cause_id
                          AND later.product_id IS NOT DISTINCT FROM complaint.product_id
                          AND later.company_id = complaint.company_id
                          AND later.received_at >= complaint.d7_date + 1
                          AND later.received_at < complaint.d7_date + 1 + %s * interval '1 month'
                          AND later.state != 'duplicate')""",
            RECURRENCE_MONTHS,
        )
        half = SQL("WHEN 'yes' THEN 1.0 WHEN 'partly' THEN 0.5 WHEN 'no' THEN 0.0")
        return {
            'justified_share': SQL(
                "CASE WHEN complaint.decided_at IS NOT NULL THEN CASE complaint.is_justified %s END END", half),
            'is_reopened': SQL("%s AND COALESCE(%s, FALSE)", is_resolved, is_reopened),
            'reopen_rate': SQL("CASE WHEN %s THEN COALESCE(%s, FALSE)::int END", is_resolved, is_reopened),
            'is_repeat': is_repeat,
            'repeat_rate': SQL("%s::int", is_repeat),
            'is_first_contact': SQL("%s AND %s", is_resolved, is_first_contact),
            'first_contact_rate': SQL("CASE WHEN %s THEN (%s)::int END", is_resolved, is_first_contact),
            'root_cause_in_time': SQL(
                """CASE WHEN complaint.severity IN ('s1', 's2')
                         AND (complaint.d4_date IS NOT NULL OR %(last_day)s < %(now)s::date)
                        THEN COALESCE(complaint.d4_date <= %(last_day)s, FALSE)::int END""",
                last_day=last_day, now=self.env['scp.sla.clock']._get_now(),
            ),
            'recurrence_rate': SQL(
                """CASE WHEN complaint.d7_date IS NOT NULL AND complaint.occurrence_cause_id IS NOT NULL
                        THEN %s::int END""", is_recurred),
            'solved_rate': SQL("CASE complaint.feedback_solved %s END", half),
        }

    @api.model
    def _get_from(self) -> SQL:
        return SQL(
            """scp_complaint complaint
               JOIN res_company company ON company.id = complaint.company_id
          LEFT JOIN (SELECT complaint_id, SUM(amount_company) AS amount
                       FROM scp_complaint_cost
                   GROUP BY complaint_id) cost ON cost.complaint_id = complaint.id
          LEFT JOIN (SELECT complaint_id, SUM(consumed_h) AS hours, COUNT(*) AS cycles
                       FROM scp_sla_clock
                      WHERE kind = 'resolution' AND statutory IS NOT TRUE AND met_at IS NOT NULL
                   GROUP BY complaint_id) net ON net.complaint_id = complaint.id
          LEFT JOIN (SELECT res_id, COUNT(*) AS asked,
                            COUNT(*) FILTER (WHERE consumed AND rating >= 1) AS answers,
                            COUNT(*) FILTER (WHERE consumed AND rating >= 4) AS good
                       FROM rating_rating
                      WHERE res_model = 'scp.complaint'
                   GROUP BY res_id) feedback ON feedback.res_id = complaint.id
          LEFT JOIN (%s) retention ON retention.complaint_id = complaint.id""",
            self._get_retention_query(),
        )

    @api.model
    def _get_retention_query(self) -> SQL:
        """Return whether customers who had bought something before the closing did so after it; what
        they get for nothing, as a replacement, they do not buy.
        """
        return SQL(
            """SELECT closed.id AS complaint_id, bool_or(orders.date_order >= closed.closed_at) AS stayed
                 FROM scp_complaint closed
                 JOIN res_partner buyer ON buyer.commercial_partner_id = closed.commercial_partner_id
                 JOIN sale_order orders ON orders.partner_id = buyer.id AND orders.company_id = closed.company_id
                WHERE closed.closed_at <= %(now)s - %(span)s
                  AND orders.state = 'sale' AND orders.amount_untaxed > 0
                  AND orders.date_order >= closed.closed_at - %(span)s
                  AND orders.date_order < closed.closed_at + %(span)s
             GROUP BY closed.id
               HAVING bool_or(orders.date_order < closed.closed_at)""",
            now=self.env['scp.sla.clock']._get_now(), span=SQL("%s * interval '1 day'", RETENTION_DAYS),
        )

    @api.model
    def _get_where(self) -> SQL:
        return SQL("complaint.state IS DISTINCT FROM 'duplicate'")

    # === COMPUTE METHODS === #

    def _compute_measured(self):
        self.measured = False

    def _search_measured(self, operator, value):
        if operator != 'in':
            return NotImplemented
        if unknown := [name for name in value if name not in self._get_columns()]:
            raise UserError(self.env._("Complaints have no figure “%(names)s”.", names=unknown))
        return Domain.OR(
            Domain.custom(to_sql=lambda model, alias, query, name=name: SQL(
                "%s IS NOT NULL", model._field_to_sql(alias, name, query)))
            for name in value
        )

    # === AGGREGATES === #

    def _read_group_select(self, aggregate_spec, query):
        """Percentiles, and shares that weigh by something else than complaints."""
        name, _colon, function = aggregate_spec.partition(':')
        if function == 'avg':
            for suffix, share in PERCENTILES.items():
                if name.endswith(f'_{suffix}'):
                    return SQL(
                        "percentile_cont(%s) WITHIN GROUP (ORDER BY %s)",
                        share, self._field_to_sql(self._table, name, query))
            if ratio := self._get_weighted_ratios().get(name):
                return SQL(
                    "SUM(%s)::float8 / NULLIF(SUM(%s), 0)",
                    *(self._field_to_sql(self._table, part, query) for part in ratio))
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _get_weighted_ratios(self) -> dict[str, tuple[str, str]]:
        """Return by field its numerator and denominator, summed before they are divided."""
        return {
            'satisfaction_rate': ('feedback_good', 'feedback_answers'),
            'response_rate': ('feedback_answers', 'feedback_asked'),
        }

    # === ACTIONS === #

    @api.readonly
    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()
