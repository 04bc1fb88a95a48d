from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .scp_complaint_stage import STATES

#: What a state asks for, in the order a case goes through. Whoever skips a state meets its
#: conditions in the next one.
STEPS = ('new', 'acknowledged', 'assessed', 'investigating', 'proposed', 'resolved', 'closed')
WAITING = ('waiting_customer', 'waiting_third')
DONE = ('resolved', 'closed', 'duplicate')
REOPENABLE = ('resolved', 'closed')
#: what only events write: nobody ticks off that a customer was told
STAMPS = {
    'number', 'cycle', 'grade_id', 'acknowledged_at', 'assessed_at', 'contained_at', 'decided_at',
    'informed_at', 'first_resolved_at', 'resolved_at', 'closed_at', 'reopened_at',
    'first_response_at', 'last_response_at', 'last_customer_message_at', 'response_count',
    'awaits_response',
}


class ScpComplaint(models.Model):
    """The life of a complaint: where it stands, what the next step asks for, and when it was
    taken. All of it hangs on `write`, so that form, board, import and remote calls are alike.
    """

    _inherit = 'scp.complaint'

    stage_id = fields.Many2one(
        comodel_name='scp.complaint.stage',
        required=True,
        index=True,
        ondelete='restrict',
        # sudo: whoever may file a complaint need not read the stages
        default=lambda self: self.env['scp.complaint.stage'].sudo()._get_stage('new'),
        group_expand='_read_group_stage_ids',
        copy=False,
        tracking=True,
    )
    state = fields.Selection(
        selection=STATES,
        string="Status",
        compute='_compute_state',
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        copy=False,
        help="What the stage means. Writing it moves the complaint to the first such stage.",
    )
    stage_description = fields.Text(related='stage_id.description')
    cycle = fields.Integer(
        default=1, readonly=True, copy=False, aggregator=None, tracking=True,
        help="1 until the complaint is reopened for the first time.",
    )

    # When it happened
    acknowledged_at = fields.Datetime(string="Acknowledged", readonly=True, copy=False)
    assessed_at = fields.Datetime(string="Assessed", readonly=True, copy=False)
    contained_at = fields.Datetime(string="Contained", readonly=True, copy=False)
    first_resolved_at = fields.Datetime(
        string="First Resolved", readonly=True, copy=False,
        help="When it was resolved for the first time, whether reopened or not.",
    )
    resolved_at = fields.Datetime(string="Resolved", readonly=True, copy=False)
    closed_at = fields.Datetime(string="Closed", readonly=True, copy=False)
    reopened_at = fields.Datetime(string="Reopened", readonly=True, copy=False)
    first_reopened_at = fields.Datetime(string="First Reopened", readonly=True, copy=False)
    acknowledge_hours = fields.Float(
        string="Working Hours to Acknowledgement",
        compute='_compute_acknowledge_hours',
        store=True,
        aggregator='avg',
        help="Working hours of the company from the receipt to the acknowledgement.",
    )
    first_resolution_hours = fields.Float(
        string="Working Hours to First Resolution",
        compute='_compute_first_resolution_hours',
        store=True,
        aggregator='avg',
        help="Working hours of the company from the receipt to the first resolution, whether it held or not.",
    )
    resolution_hours = fields.Float(
        string="Working Hours to Resolution",
        compute='_compute_resolution_hours',
        store=True,
        aggregator='avg',
        help="Working hours of the company from the receipt to the last resolution.",
    )

    # Boards, lists and jobs look at open cases only, a small part of all.
    _open_idx = models.Index(
        "(company_id, team_id, user_id) WHERE state NOT IN ('resolved', 'closed', 'duplicate')",
    )
    # Reports by month of receipt, and the default order of every list.
    _company_received_idx = models.Index('(company_id, received_at DESC, id DESC)')
    # Figures of what was resolved in a period.
    _company_resolved_idx = models.Index('(company_id, first_resolved_at) WHERE first_resolved_at IS NOT NULL')

    # === COMPUTE METHODS ===#

    @api.depends('stage_id')
    def _compute_state(self):
        for complaint in self:
            complaint.state = complaint.stage_id.sudo().state  # sudo: portal users read the state

    @api.depends('received_at', 'acknowledged_at', 'company_id')
    def _compute_acknowledge_hours(self):
        for complaint in self:
            complaint.acknowledge_hours = complaint._get_working_hours(complaint.acknowledged_at)

    @api.depends('received_at', 'first_resolved_at', 'company_id')
    def _compute_first_resolution_hours(self):
        for complaint in self:
            complaint.first_resolution_hours = complaint._get_working_hours(complaint.first_resolved_at)

    @api.depends('received_at', 'resolved_at', 'company_id')
    def _compute_resolution_hours(self):
        for complaint in self:
            complaint.resolution_hours = complaint._get_working_hours(complaint.resolved_at)

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        return stages.search([])  # pylint: disable=no-search-all # a dozen stages

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._resolve_state(vals) for vals in vals_list]
        if not self.env.user.has_group('crm_scp_core.group_scp_manager'):  # who may load the past
            self._check_stamps({name for vals in vals_list for name in vals})
        complaints = super().create(vals_list)
        moved = complaints.filtered(lambda complaint: complaint.state != 'new')
        if moved:
            moved._enter_state(dict.fromkeys(moved.ids, 'new'))
        return complaints

    def write(self, vals):
        self._check_stamps(vals)
        vals = self._resolve_state(vals)
        old_states = {c.id: c.state for c in self} if 'stage_id' in vals else {}
        result = super().write(vals)
        moved = self.filtered(lambda c: c.id in old_states and c.state != old_states[c.id])
        if moved:
            moved._enter_state({id_: old_states[id_] for id_ in moved.ids})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handled(self):
        for complaint in self:
            if complaint.state not in ('new', 'duplicate'):
                raise UserError(self.env._(
                    "Complaint %(number)s was handled and is kept for the record. Archive it.",
                    number=complaint.number,
                ))

    # === STATES ===#

    @api.model
    def _get_open_states(self):
        """States in which somebody still has to do something."""
        return [state for state, _label in STATES if state not in DONE]

    @api.model
    def _get_waiting_states(self):
        """States in which the next step is somebody else's: clocks that may pause do."""
        return list(WAITING)

    @api.model
    def _resolve_state(self, vals):
        """Let a state written by name move the complaint to the stage that has it."""
        if 'state' not in vals:
            return vals
        vals = dict(vals)
        state = vals.pop('state')
        if state and 'stage_id' not in vals:
            # sudo: which stages there are is no secret
            vals['stage_id'] = self.env['scp.complaint.stage'].sudo()._get_stage(state).id
        return vals

    def _enter_state(self, old_states):
        """Check, stamp and announce a change of state.

        :param old_states: {id of every complaint of `self`: its state before}
        """
        self._check_reopening(old_states)
        self._check_guards()
        by_values = defaultdict(self.browse)
        for complaint in self:
            values = complaint._prepare_state_values(old_states[complaint.id])
            by_values[tuple(values.items())] |= complaint
        for values, complaints in by_values.items():
            if values:
                complaints.sudo().write(dict(values))  # sudo: see `_check_stamps`
        self._on_state_change(old_states)

    def _on_state_change(self, old_states: dict[int, str]):
        """Called once per write, after guards and stamps. To be extended.

        :param old_states: {id of every complaint of `self`: its state before}
        """

    def _prepare_state_values(self, old_state):
        """Stamps of the state just entered."""
        self.ensure_one()
        now = fields.Datetime.now()
        values = {}
        if old_state in REOPENABLE and self.state not in DONE:
            values.update(
                cycle=self.cycle + 1, reopened_at=now, resolved_at=False, closed_at=False,
                first_reopened_at=self.first_reopened_at or now,
            )
        if self.state == 'acknowledged' and not self.acknowledged_at:
            values['acknowledged_at'] = now
        if self._get_step() >= STEPS.index('assessed') and not self.assessed_at:
            values['assessed_at'] = now
        if self.state in ('resolved', 'closed') and not self.resolved_at:
            values['resolved_at'] = now
            if not self.first_resolved_at:
                values['first_resolved_at'] = now
        if self.state == 'closed' and not self.closed_at:
            values['closed_at'] = now
        return values

    def _get_step(self):
        """How far the state is along `STEPS`, -1 beside them."""
        return STEPS.index(self.state) if self.state in STEPS else -1

    def _get_working_hours(self, moment):
        """Working hours of the company from the receipt to `moment`, 0 if there is none."""
        self.ensure_one()
        if not moment or not self.received_at or moment < self.received_at:
            return 0.0
        # sudo: working time is no secret
        calendar = self.company_id.sudo().resource_calendar_id
        return calendar._get_scp_work_hours(self.received_at, moment, self.company_id.id)

    # === STAMPS ===#

    def _check_stamps(self, names):
        """Refuse time stamps written by hand: only the code of events writes them, by sudo."""
        stamps = sorted(STAMPS.intersection(names))
        if stamps and not self.env.su:
            labels = self.fields_get(stamps, ['string'])
            raise AccessError(self.env._(
                "%(fields)s of complaint %(number)s follow what happens and cannot be set by hand.",
                fields=", ".join(labels[name]['string'] for name in stamps),
                number=self[:1].number or self.env._("new"),
            ))
