from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain

from .policy_rules import CaseFacts
from .scp_complaint_state import DONE

#: fields that start, stop or change clocks
CLOCK_FIELDS = frozenset({
    'stage_id', 'state', 'cycle', 'active', 'company_id', 'severity', 'grade_id', 'category_id',
    'partner_id', 'team_id', 'is_regulated', 'agreement_id', 'received_at', 'acknowledged_at',
    'first_response_at', 'last_response_at', 'last_customer_message_at', 'awaits_response',
    'contained_at', 'decided_at', 'informed_at', 'resolved_at', 'closed_at', 'reopened_at',
})


class ClockHold:
    """Tells nested writes that clocks are set right after the outermost one.

    An object in the context, which a client of the RPC interface cannot put there.

    :param ids: complaints it is about; all of them by default
    """

    def __init__(self, ids=None):
        self._ids = None if ids is None else frozenset(ids)

    def covers(self, complaints) -> bool:
        return self._ids is None or self._ids.issuperset(complaints.ids)


class Span(NamedTuple):
    """From when to when something is due: no `end` while it still is."""

    start: datetime
    end: datetime | None


class ScpComplaint(models.Model):
    """The clocks of a complaint follow from its time stamps, its state and the policies: here is
    what they depend on and how they show. `scp_complaint_clock_sync.py` sets them right.
    """

    _inherit = 'scp.complaint'

    clock_ids = fields.One2many('scp.sla.clock', 'complaint_id', string="Clocks")
    clock_chips = fields.Json(string="Running Clocks", compute='_compute_clock_chips')
    statutory_clock_chips = fields.Json(string="Statutory Clocks", compute='_compute_clock_chips')
    next_clock_chips = fields.Json(
        string="Next Clock", compute='_compute_clock_chips',
        help="The open clock that runs out first.",
    )
    has_clock_warning = fields.Boolean(
        string="Clock Runs Out", compute='_compute_clock_chips', search='_search_has_clock_warning',
        help="An open clock has used three quarters of its time, or was missed.",
    )
    has_clock_missed = fields.Boolean(
        string="Clock Missed", compute='_compute_clock_chips', search='_search_has_clock_missed',
        help="An open clock was missed.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('clock_ids.chip', 'clock_ids.ended_at')
    @api.depends_context('lang', 'tz')
    def _compute_clock_chips(self):
        clocks = self.env['scp.sla.clock'].search(
            self.env['scp.sla.clock']._get_open_domain() & Domain('complaint_id', 'in', self.ids),
        )
        by_complaint = clocks.grouped('complaint_id')
        for complaint in self:
            own = by_complaint.get(complaint._origin, clocks.browse())
            looks = {clock._get_look() for clock in own}
            complaint.clock_chips = [clock.chip for clock in own if not clock.statutory]
            complaint.statutory_clock_chips = [clock.chip for clock in own if clock.statutory]
            complaint.next_clock_chips = [clock.chip for clock in own._get_most_urgent()]
            complaint.has_clock_missed = 'missed' in looks
            complaint.has_clock_warning = not looks.isdisjoint({'missed', 'warning'})

    def _search_has_clock_warning(self, operator, value):
        return self._search_by_clock(operator, self.env['scp.sla.clock']._get_warning_domain())

    def _search_has_clock_missed(self, operator, value):
        return self._search_by_clock(operator, self.env['scp.sla.clock']._get_missed_domain())

    def _search_by_clock(self, operator, domain):
        """Complaints with a clock of the domain; asked for the others, the engine negates it."""
        if operator != 'in':
            return NotImplemented
        return [('clock_ids', 'any', domain)]

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super(
            ScpComplaint, self.with_context(scp_clocks=ClockHold()),
        ).create(vals_list).with_env(self.env)
        if not self._are_clocks_held():
            complaints._sync_clocks(created=True)
        return complaints

    def write(self, vals):
        if self._are_clocks_held() or CLOCK_FIELDS.isdisjoint(vals):
            return super().write(vals)
        received = {complaint.id: complaint.received_at for complaint in self}
        result = super(ScpComplaint, self.with_context(scp_clocks=ClockHold(self.ids))).write(vals)
        self._sync_clocks(received_before=received)
        return result

    def _are_clocks_held(self) -> bool:
        """Whether this happens inside another change, after which the clocks are set right."""
        hold = self.env.context.get('scp_clocks')
        return isinstance(hold, ClockHold) and hold.covers(self)

    # === BUSINESS METHODS: WHAT A CLOCK DEPENDS ON ===#

    def _get_clock_facts(self) -> CaseFacts:
        """Return what the choice of policies depends on."""
        self.ensure_one()
        path = self.category_id.parent_path or ''
        return CaseFacts(
            agreement_policy_id=self.agreement_id.policy_id.id or None,
            partner_id=self.commercial_partner_id.id or None,
            grade_id=self.grade_id.id or None,
            category_ids=frozenset(int(part) for part in path.split('/') if part),
            severity=self.severity or None,
            team_id=self.team_id.id or None,
            regulated=self.is_regulated,
        )

    def _get_clock_spans(self) -> dict[str, Span]:
        """Return by kind of clock from when to when it is due in the present cycle.

        To be extended. What is not due at all is left out.
        """
        self.ensure_one()
        received = self.received_at
        began = received if self.cycle == 1 else self.reopened_at or received
        # a rejection is the last word once the customer knows of it
        resolved = self.resolved_at or (self.state == 'rejected' and self.informed_at) or None
        spans = {
            'resolution': Span(began, resolved),
            'total_resolution': Span(received, resolved),
        }
        if self.cycle == 1:
            spans |= {
                'acknowledge': Span(received, self.acknowledged_at or None),
                'first_response': Span(received, self.first_response_at or None),
                'containment': Span(received, self.contained_at or None),
                'decision': Span(received, self.decided_at or None),
            }
        asked, answered = self.last_customer_message_at, self.first_response_at
        if asked and answered and asked > answered:  # before, the first response is due anyway
            spans['next_response'] = Span(
                asked, None if self.awaits_response else self.last_response_at or None,
            )
        if not resolved:
            spans['customer_update'] = Span(max(began, self.last_response_at or began), None)
        if capa := self.closed_at and self.action_ids._filter_capa():
            checked = all(action.effective for action in capa)
            spans['effectiveness'] = Span(self.closed_at, self._get_clock_now() if checked else None)
        return spans

    def _get_clock_end_reason(self) -> str | None:
        """Return why nothing is due any more on a complaint, None while something is."""
        self.ensure_one()
        if not self.active:
            return self.env._("The complaint was archived.")
        if self.state == 'duplicate':
            return self.env._("The complaint is a duplicate.")
        if self.state in DONE:
            return self.env._("The complaint is resolved.")
        return None

    @api.model
    def _get_clock_now(self) -> datetime:
        return self.env['scp.sla.clock']._get_now()
