from odoo import api, fields, models
from odoo.tools import SQL

from ...models.complaint.scp_complaint_category import SEVERITIES
from ...models.complaint.scp_sla_clock import CLOCK_STATES
from ...models.complaint.scp_sla_policy_line import CLOCK_KINDS


class ScpSlaClockReport(models.Model):
    """One row for each clock that was not cancelled, with whether it was kept.

    A clock that runs past its deadline is missed, whether the job has noticed or not.
    """

    _name = 'scp.sla.clock.report'
    _description = "Analysis of Clocks"
    _auto = False
    _rec_name = 'number'
    _order = 'start_at desc, id desc'

    _depends = {
        'scp.sla.clock': [
            'breached_at', 'company_id', 'complaint_id', 'cycle', 'deadline', 'ended_at', 'kind',
            'last_resume_at', 'late_by_h', 'policy_id', 'start_at', 'state', 'statutory', 'target_h',
        ],
        'scp.complaint': [
            'category_id', 'commercial_partner_id', 'grade_id', 'number', 'severity', 'team_id', 'user_id',
        ],
    }

    complaint_id = fields.Many2one('scp.complaint', readonly=True)
    number = fields.Char(readonly=True)
    kind = fields.Selection(CLOCK_KINDS, string="Clock", readonly=True)
    statutory = fields.Boolean(readonly=True)
    cycle = fields.Integer(readonly=True, aggregator=None)
    state = fields.Selection(
        [state for state in CLOCK_STATES if state[0] != 'cancelled'], readonly=True,
        help="A clock that runs past its deadline counts as missed.")
    start_at = fields.Datetime(string="Started", readonly=True)
    deadline = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(string="Ended", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    policy_id = fields.Many2one('scp.sla.policy', readonly=True)
    team_id = fields.Many2one('scp.complaint.team', readonly=True)
    user_id = fields.Many2one('res.users', string="Owner", readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    grade_id = fields.Many2one('scp.grade', string="Grade at Receipt", readonly=True)
    category_id = fields.Many2one('scp.complaint.category', readonly=True)
    severity = fields.Selection(SEVERITIES, readonly=True)

    met_count = fields.Integer(string="Met", readonly=True)
    missed_count = fields.Integer(string="Missed", readonly=True)
    is_overdue = fields.Boolean(string="Overdue", readonly=True, help="Missed, and still not done.")
    hit_rate = fields.Float(
        readonly=True, aggregator='avg', help="Met over met and missed. Clocks that still have time are left out.")
    target_h = fields.Float(string="Target (Hours)", readonly=True, aggregator='avg')
    late_by_h = fields.Float(
        string="Late by (Hours)", readonly=True, aggregator='avg',
        help="Hours that counted beyond the target, of missed clocks that have ended.")
    late_by_h_median = fields.Float(string="Late by, Median", readonly=True, aggregator='avg')
    late_by_h_p90 = fields.Float(string="Late by, 90 %", readonly=True, aggregator='avg')
    age_days = fields.Float(
        string="Age (Days)", readonly=True, aggregator='avg', help="Of running clocks: days since they started.")
    allowed_days = fields.Float(
        string="Allowed (Days)", readonly=True, aggregator='avg',
        help="Of running clocks: days from start to deadline.")
    ageing_index = fields.Float(
        readonly=True, aggregator='avg',
        help="Of running clocks: their age over the time allowed, by the calendar. At 1 the time is used up.")

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        return SQL(
            "SELECT %s FROM %s WHERE clock.state != 'cancelled'",
            SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name)) for name, column in self._get_columns().items()),
            SQL("scp_sla_clock clock JOIN scp_complaint complaint ON complaint.id = clock.complaint_id"),
        )

    @api.model
    def _get_columns(self) -> dict[str, SQL]:
        """Return by field its expression over `clock` and `complaint`. To be extended."""
        now = self.env['scp.sla.clock']._get_now()
        is_missed = SQL("(clock.state = 'missed' OR (clock.state = 'running' AND clock.deadline < %s))", now)
        is_running = SQL("clock.ended_at IS NULL AND clock.last_resume_at IS NOT NULL")
        late_by = SQL("CASE WHEN clock.state = 'missed' AND clock.ended_at IS NOT NULL THEN clock.late_by_h END")
        age = SQL("CASE WHEN %s THEN date_part('epoch', %s - clock.start_at) / 86400 END", is_running, now)
        allowed = SQL(
            "CASE WHEN %s THEN date_part('epoch', clock.deadline - clock.start_at) / 86400 END", is_running)
        return {
            **{name: SQL.identifier('clock', name) for name in (
                'id', 'complaint_id', 'kind', 'statutory', 'cycle', 'start_at', 'deadline', 'ended_at', 'company_id',
                'policy_id', 'target_h',
            )},
            **{name: SQL.identifier('complaint', name) for name in (
                'number', 'team_id', 'user_id', 'grade_id', 'category_id', 'severity',
            )},
            'partner_id': SQL("complaint.commercial_partner_id"),
            'state': SQL("CASE WHEN %s THEN 'missed' ELSE clock.state END", is_missed),
            'met_count': SQL("(clock.state = 'met')::int"),
            'missed_count': SQL("%s::int", is_missed),
            'is_overdue': SQL("clock.ended_at IS NULL AND %s", is_missed),
            'hit_rate': SQL("CASE WHEN clock.state = 'met' THEN 1 WHEN %s THEN 0 END", is_missed),
            'late_by_h': late_by,
            'late_by_h_median': late_by,
            'late_by_h_p90': late_by,
            'age_days': age,
            'allowed_days': allowed,
            'ageing_index': SQL("%s / NULLIF(%s, 0)", age, allowed),
        }

    # === AGGREGATES === #

    def _read_group_select(self, aggregate_spec, query):
        percentile = {'late_by_h_median:avg': 0.5, 'late_by_h_p90:avg': 0.9}.get(aggregate_spec)
        if percentile:
            return SQL(
                "percentile_cont(%s) WITHIN GROUP (ORDER BY %s)",
                percentile, self._field_to_sql(self._table, 'late_by_h', query))
        if aggregate_spec == 'ageing_index:avg':
            return SQL(
                "SUM(%s) / NULLIF(SUM(%s), 0)",
                self._field_to_sql(self._table, 'age_days', query),
                self._field_to_sql(self._table, 'allowed_days', query))
        return super()._read_group_select(aggregate_spec, query)

    # === ACTIONS === #

    @api.readonly
    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()
