from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import is_html_empty, plaintext2html

from .scp_complaint import REMEDIES
from .scp_complaint_stage import STATES

#: What a state asks for, in the order a case goes through. Whoever skips a state meets its
#: conditions in the next one.
STEPS = ('new', 'acknowledged', 'assessed', 'investigating', 'proposed', 'resolved', 'closed')
WAITING = ('waiting_customer', 'waiting_third')
DONE = ('resolved', 'closed', 'duplicate')
#: states in which the customer may read what was decided
PUBLISHED = ('proposed', 'resolved', 'closed', 'rejected')
REOPENABLE = ('resolved', 'closed')
#: what only events write: nobody ticks off that a customer was told
STAMPS = {
    'number', 'cycle', 'grade_id', 'acknowledged_at', 'assessed_at', 'contained_at', 'decided_at',
    'informed_at', 'first_resolved_at', 'resolved_at', 'closed_at', 'reopened_at',
    'first_response_at', 'last_response_at', 'last_customer_message_at', 'response_count',
    'awaits_response',
}
DECISION_FIELDS = {'is_justified', 'decision', 'remedy', 'rejection_reason'}


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

    # The decision
    is_justified = fields.Selection(
        selection=[('yes', "Yes"), ('partly', "Partly"), ('no', "No")],
        string="Justified",
        copy=False,
        tracking=True,
    )
    decision = fields.Html(
        copy=False,
        help="What we decided and why, as the customer reads it.",
    )
    remedy = fields.Selection(
        selection=[*REMEDIES, ('none', "None")],
        string="Remedy Offered",
        copy=False,
        tracking=True,
    )
    rejection_reason = fields.Text(
        copy=False,
        help="Why the complaint is not justified, as the customer reads it.",
    )
    recourse = fields.Text(
        copy=False,
        help="Where the customer can turn to if he does not accept the rejection: who decides "
             "within the company, which body outside.",
    )
    external_body = fields.Char(
        copy=False,
        tracking=True,
        help="The arbitration body, authority or court that has the matter.",
    )

    public_remedy = fields.Char(
        string="Remedy",
        compute='_compute_public_decision',
        compute_sudo=True,
        help="The remedy offered, once the customer is to know it.",
    )
    public_decision = fields.Html(
        string="Decision and Recourse",
        compute='_compute_public_decision',
        compute_sudo=True,
        help="Decision, reasons and recourse, once the customer is to know them: drafts are ours.",
    )

    # When it happened
    acknowledged_at = fields.Datetime(string="Acknowledged", readonly=True, copy=False)
    assessed_at = fields.Datetime(string="Assessed", readonly=True, copy=False)
    contained_at = fields.Datetime(string="Contained", readonly=True, copy=False)
    decided_at = fields.Datetime(string="Decided", readonly=True, copy=False)
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

    @api.depends('state', 'informed_at', 'remedy', 'decision', 'rejection_reason', 'recourse')
    @api.depends_context('lang')
    def _compute_public_decision(self):
        remedies = dict(self._fields['remedy']._description_selection(self.env))
        for complaint in self:
            if not complaint.informed_at and complaint.state not in PUBLISHED:
                complaint.public_remedy = complaint.public_decision = False
                continue
            complaint.public_remedy = remedies.get(complaint.remedy, False)
            texts = [] if is_html_empty(complaint.decision) else [complaint.decision]
            texts += [
                plaintext2html(text)
                for text in (complaint.rejection_reason, complaint.recourse) if text
            ]
            complaint.public_decision = Markup().join(texts) or False

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
        complaints.filtered(lambda complaint: not complaint.decided_at)._stamp_decision({})
        moved = complaints.filtered(lambda complaint: complaint.state != 'new')
        if moved:
            moved._enter_state(dict.fromkeys(moved.ids, 'new'))
        return complaints

    def write(self, vals):
        self._check_stamps(vals)
        vals = self._resolve_state(vals)
        decides = 'decided_at' not in vals and not DECISION_FIELDS.isdisjoint(vals)
        old_decisions = {c.id: c._get_decision() for c in self} if decides else {}
        old_states = {c.id: c.state for c in self} if 'stage_id' in vals else {}
        result = super().write(vals)
        if decides:
            self._stamp_decision(old_decisions)
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

    # === DECISION ===#

    def _get_decision(self):
        """What was decided, as far as it counts: the wording may still be polished."""
        self.ensure_one()
        if self.is_justified and self.remedy and not is_html_empty(self.decision):
            return self.is_justified, self.remedy
        if self.is_justified == 'no' and self.rejection_reason:
            return 'no', 'none'
        return None

    def _stamp_decision(self, old_decisions):
        """Note when decisions were taken. Another decision has to be told again.

        :param old_decisions: {id: what `_get_decision` returned before}
        """
        changed = self.filtered(
            lambda complaint: complaint._get_decision() != old_decisions.get(complaint.id)
        )
        decided = changed.filtered(lambda complaint: complaint._get_decision())
        if decided:
            # sudo: see `_check_stamps`
            decided.sudo().write({'decided_at': fields.Datetime.now(), 'informed_at': False})
        undecided = (changed - decided).filtered('decided_at')
        if undecided:
            undecided.sudo().write({'decided_at': False, 'informed_at': False})

    # === GUARDS ===#

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

    def _check_guards(self):
        """Refuse states whose conditions are not met, and name all that is missing."""
        for complaint in self:
            missing = list(dict.fromkeys(complaint._get_missing(complaint.state)))
            if missing:
                states = dict(self._fields['state']._description_selection(self.env))
                raise UserError(self.env._(
                    "Complaint %(number)s cannot become %(state)s yet. Missing:\n%(missing)s",
                    number=complaint.display_name,
                    state=states[complaint.state],
                    missing="\n".join(f"- {text}" for text in missing),
                ))

    def _get_missing(self, state):
        """What a complaint lacks for a state, in words. To be extended."""
        self.ensure_one()
        is_refused = self.is_justified == 'no' and self.rejection_reason
        if state == 'rejected' or (state == 'closed' and is_refused):
            missing = self._get_missing_rejected()
            return missing + self._get_missing_informed() if state == 'closed' else missing
        if state == 'duplicate':
            return [] if self.duplicate_of_id else [self.env._("Duplicate of")]
        if state == 'escalated_external':
            return [] if self.external_body else [self.env._("External Body")]
        missing = []
        for step in STEPS[:self._get_step() + 1]:
            if check := getattr(self, f'_get_missing_{step}', None):
                missing += check()
        return missing

    def _get_missing_fields(self, *names):
        labels = self.fields_get(list(names), ['string'])
        return [
            labels[name]['string'] for name in names
            if not self[name] or (self._fields[name].type == 'html' and is_html_empty(self[name]))
        ]

    def _get_missing_assessed(self):
        return self._get_missing_fields('category_id', 'severity')

    def _get_missing_proposed(self):
        return self._get_missing_fields('is_justified', 'decision', 'remedy')

    def _get_missing_rejected(self):
        missing = self._get_missing_fields('rejection_reason', 'recourse')
        if self.is_justified != 'no':
            missing.append(self.env._("Justified: No"))
        return missing

    def _get_missing_informed(self):
        if self.informed_at:
            return []
        return [self.env._("a message to the customer after the decision")]

    def _get_missing_resolved(self):
        missing = self._get_missing_informed()
        if self._needs_causes():
            missing += self._get_missing_fields('occurrence_cause_id', 'escape_cause_id')
            if not self.action_ids.filtered(lambda action: action.kind == 'corrective'):
                missing.append(self.env._("a corrective action"))
        return missing

    def _get_missing_closed(self):
        """Actions against the cause come with a day on which their effect is checked."""
        return [
            self.env._("a date of the effectiveness check of %(action)s", action=action.name)
            for action in self.action_ids._filter_capa() if not action.effect_check_date
        ]

    def _needs_causes(self):
        """Severe and repeated complaints ask for both causes and a corrective action."""
        self.ensure_one()
        return self.severity in ('s1', 's2') or self.is_repeat

    def _check_reopening(self, old_states):
        for complaint in self:
            if (
                old_states[complaint.id] in REOPENABLE
                and complaint.state not in DONE
                and not complaint._is_within_grace()
            ):
                raise UserError(self.env._(
                    "Complaint %(number)s was resolved on %(date)s, more than %(days)s days ago. "
                    "Use Reopen: it opens a new complaint that refers to this one.",
                    number=complaint.number,
                    date=complaint.resolved_at.date(),
                    days=complaint.company_id.sudo().scp_complaint_grace_days,  # sudo: see `_is_within_grace`
                ))

    # === REOPENING ===#

    def _is_within_grace(self):
        self.ensure_one()
        if not self.resolved_at:
            return True
        # sudo: a customer reopens without access to the company's settings
        days = self.company_id.sudo().scp_complaint_grace_days
        return fields.Datetime.now() <= self.resolved_at + timedelta(days=days)

    def _reopen(self, reason):
        """Take resolved or closed complaints up again, as often as called with one effect.

        Within the reopening period the same complaint goes on in its next cycle; later a new one
        refers to it. Complaints that are open already stay as they are.

        :param str reason: why, as shown in the history
        :return: the complaints under which the matters go on, in the order of `self`
        """
        current = self.browse()
        for complaint in self:
            if complaint.state not in REOPENABLE:
                current += complaint
                continue
            if complaint._is_within_grace():
                complaint.write({'state': 'investigating'})
                current += complaint
            else:
                follower = complaint.next_ids.filtered(lambda c: c.state not in REOPENABLE)[:1]
                if follower:
                    current += follower
                    continue
                follower = self.create(complaint._prepare_follower_values())
                current += follower
                complaint._message_log(body=self.env._(
                    "Taken up again as complaint %(number)s: %(reason)s",
                    number=follower.number, reason=reason,
                ))
            current[-1]._message_log(body=self.env._("Reopened: %(reason)s", reason=reason))
        return current

    def _prepare_follower_values(self):
        """Values of the complaint that takes this one up again after the reopening period."""
        self.ensure_one()
        return {
            'name': self.name,
            'previous_id': self.id,
            'received_at': fields.Datetime.now(),
            **{name: self[name] for name in (
                'channel', 'description', 'email_from', 'phone', 'lang', 'identifier', 'severity',
                'is_safety', 'is_regulated', 'remedy_sought',
            )},
            **{name: self[name].id for name in (
                'company_id', 'partner_id', 'category_id', 'product_id', 'sale_order_id',
                'invoice_id', 'team_id', 'user_id', 'accused_user_id',
            )},
            'sale_line_ids': [fields.Command.set(self.sale_line_ids.ids)],
        }

    # === ACTIONS ===#

    def action_reopen(self):
        """Reopen by hand; leads to the complaint that goes on."""
        self.ensure_one()
        complaint = self._reopen(self.env._("by %(user)s", user=self.env.user.name))
        return complaint._get_records_action()
