from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from .crm_stage import BAND_SELECTION, StageLabel
from .funnel_rules import count_skipped, get_direction, is_open

WON_STATUS_SELECTION = [('won', "Won"), ('lost', "Lost"), ('pending', "Pending")]
LEAD_TYPE_SELECTION = [('lead', "Lead"), ('opportunity', "Opportunity")]


class LogSource(str, Enum):
    """Where a change came from.

    Code announces a source in the context as a member of this class. A client of the RPC
    interface can put any text into the context, but never a member.
    """

    USER = 'user'
    IMPORT = 'import'
    MERGE = 'merge'
    ORDER = 'order'
    SCORING = 'scoring'
    SYSTEM = 'system'
    BACKFILL = 'backfill'


class LoggedField(NamedTuple):
    """A field of the lead that is logged: its two columns in the log and the flag of a change."""

    column_from: str
    column_to: str
    flag: str


LOGGED_FIELDS = {
    'stage_id': LoggedField('stage_from_id', 'stage_to_id', 'change_stage'),
    'expected_revenue': LoggedField('amount_from', 'amount_to', 'change_amount'),
    'recurring_revenue_monthly': LoggedField('mrr_from', 'mrr_to', 'change_mrr'),
    'probability': LoggedField('probability_from', 'probability_to', 'change_probability'),
    'date_deadline': LoggedField('deadline_from', 'deadline_to', 'change_deadline'),
    'user_id': LoggedField('owner_from_id', 'owner_to_id', 'change_owner'),
    'team_id': LoggedField('team_from_id', 'team_to_id', 'change_team'),
    'company_id': LoggedField('company_from_id', 'company_id', 'change_company'),
    'type': LoggedField('type_from', 'type_to', 'change_type'),
    'active': LoggedField('active_from', 'active_to', 'change_active'),
    'won_status': LoggedField('won_status_from', 'won_status_to', 'change_outcome'),
}

# Why a deal was won or lost, and against whom: copied on every row, and a change of them alone is
# a row of its own, for reasons are often given later
REASON_FIELDS = ('lost_reason_id', 'scp_won_reason_id', 'scp_competitor_id')


class LeadChange(NamedTuple):
    """What happened to a lead in one transaction.

    ``before`` and ``after`` are states as returned by ``crm.lead._read_scp_states``; None stands
    for a lead that does not exist (yet, or any more). Reconstructed states lack what is not known.
    ``unmet`` are the rules of soft gates its moves did not meet.
    """

    lead_id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    date: datetime
    user_id: int | None
    source: str
    unmet: Sequence[Mapping[str, Any]] = ()


class ScpLeadLog(models.Model):
    """Append-only history of leads: one row per lead and transaction that changed it.

    Every row carries the whole state before and after, so that the latest row up to a moment is
    the state of the lead at that moment. Rows are written by one method with plain SQL; the ORM
    refuses to create, write or delete them, whoever asks. Links are set to null by the database
    when their target goes; names and bands stay.
    """

    _name = 'scp.lead.log'
    _description = "Lead Log"
    _order = 'date desc, id desc'
    _rec_name = 'lead_name'
    _log_access = False

    date = fields.Datetime(required=True, readonly=True)
    lead_id = fields.Many2one('crm.lead', readonly=True, index='btree_not_null')
    lead_ref = fields.Integer(
        string="Lead ID", required=True, readonly=True, aggregator='count_distinct',
        help="Number of the lead in the database; it stays when the lead is deleted.",
    )
    lead_name = fields.Char(readonly=True)
    # A merge of contacts and the page of a contact look rows up by contact.
    partner_id = fields.Many2one(
        'res.partner', string="Customer", readonly=True, index='btree_not_null')
    user_id = fields.Many2one('res.users', string="Done By", readonly=True)
    source = fields.Selection(
        selection=[
            (LogSource.USER.value, "User"),
            (LogSource.IMPORT.value, "Import"),
            (LogSource.MERGE.value, "Merge of Leads"),
            (LogSource.ORDER.value, "Sales Order"),
            (LogSource.SCORING.value, "Predictive Scoring"),
            (LogSource.SYSTEM.value, "System"),
            (LogSource.BACKFILL.value, "Back-filled"),
        ],
        required=True, readonly=True,
        help="Where the change came from. Back-filled rows were reconstructed from the tracked "
             "messages of leads that existed before the log did.",
    )
    direction = fields.Selection(
        selection=[
            ('enter', "Created"),
            ('forward', "Moved Forward"),
            ('skip', "Skipped Ahead"),
            ('back', "Moved Back"),
            ('won', "Won"),
            ('lost', "Lost"),
            ('reopen', "Reopened"),
            ('archive', "Archived"),
            ('delete', "Deleted"),
            ('none', "Values Changed"),
            ('complete', "Record Completed"),
        ],
        required=True, readonly=True,
    )
    summary = fields.Char(compute='_compute_summary')

    # Stage
    stage_from_id = fields.Many2one('crm.stage', string="Stage Before", readonly=True)
    stage_to_id = fields.Many2one('crm.stage', string="Stage", readonly=True)
    stage_from_name = fields.Char(string="Name of Stage Before", translate=True, readonly=True)
    stage_to_name = fields.Char(string="Name of Stage", translate=True, readonly=True)
    band_from = fields.Selection(BAND_SELECTION, string="Band Before", readonly=True)
    band_to = fields.Selection(BAND_SELECTION, string="Band", readonly=True)
    skipped_stages = fields.Integer(
        readonly=True,
        help="Open stages of the team that a move forward jumped over.",
    )

    # Values
    currency_id = fields.Many2one('res.currency', readonly=True)
    currency_rate = fields.Float(
        digits=0, readonly=True, aggregator=None,
        help="What one unit of the lead's currency was worth that day in the currency all "
             "companies report in.",
    )
    reporting_currency_id = fields.Many2one('res.currency', readonly=True)
    amount_from = fields.Monetary(string="Expected Revenue Before", readonly=True)
    amount_to = fields.Monetary(string="Expected Revenue", readonly=True)
    amount_delta = fields.Monetary(string="Change of Expected Revenue", readonly=True)
    amount_reporting = fields.Monetary(
        string="Expected Revenue (Reporting Currency)", currency_field='reporting_currency_id',
        readonly=True, help="Expected revenue at the rate of that day.",
    )
    mrr_from = fields.Monetary(string="Monthly Recurring Revenue Before", readonly=True)
    mrr_to = fields.Monetary(string="Monthly Recurring Revenue", readonly=True)
    probability_from = fields.Float(
        string="Probability Before (%)", readonly=True, aggregator='avg')
    probability_to = fields.Float(string="Probability (%)", readonly=True, aggregator='avg')
    predictive_to = fields.Float(
        string="Predicted Probability (%)", readonly=True, aggregator='avg',
        help="What Odoo's predictive lead scoring said at that moment; zero for nothing.",
    )
    deadline_from = fields.Date(string="Expected Closing Before", readonly=True)
    deadline_to = fields.Date(string="Expected Closing", readonly=True)
    deadline_shift = fields.Integer(
        string="Closing Pushed (Days)", readonly=True, aggregator='avg',
        help="Days by which the expected closing was pushed out; negative when pulled in.",
    )

    # Responsibility
    owner_from_id = fields.Many2one('res.users', string="Salesperson Before", readonly=True)
    owner_to_id = fields.Many2one('res.users', string="Salesperson", readonly=True)
    team_from_id = fields.Many2one('crm.team', string="Sales Team Before", readonly=True)
    team_to_id = fields.Many2one('crm.team', string="Sales Team", readonly=True)
    company_from_id = fields.Many2one('res.company', string="Company Before", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)

    # Outcome
    type_from = fields.Selection(LEAD_TYPE_SELECTION, string="Type Before", readonly=True)
    type_to = fields.Selection(LEAD_TYPE_SELECTION, string="Type", readonly=True)
    active_from = fields.Boolean(string="Active Before", readonly=True)
    active_to = fields.Boolean(string="Active", readonly=True)
    won_status_from = fields.Selection(
        WON_STATUS_SELECTION, string="Won/Lost Before", readonly=True)
    won_status_to = fields.Selection(WON_STATUS_SELECTION, string="Won/Lost", readonly=True)
    lost_reason_id = fields.Many2one('crm.lost.reason', readonly=True)
    lost_reason_name = fields.Char(string="Name of Lost Reason", translate=True, readonly=True)
    won_reason_id = fields.Many2one('scp.won.reason', readonly=True)
    won_reason_name = fields.Char(string="Name of Won Reason", translate=True, readonly=True)
    competitor_id = fields.Many2one('scp.competitor', readonly=True)
    competitor_name = fields.Char(string="Name of Competitor", readonly=True)

    # Gate
    gate_missed = fields.Boolean(
        readonly=True, help="The move did not meet the rules of a soft gate.")
    gate_unmet = fields.Json(string="Unmet Rules", readonly=True)
    gate_unmet_display = fields.Char(string="Unmet", compute='_compute_gate_unmet_display')

    # The stay in the stage before, when this row ends it
    ends_stay = fields.Boolean(
        readonly=True, help="This change ends the stay of an open lead in the stage before.")
    opens_stay = fields.Boolean(
        readonly=True, help="This change begins a stay of an open lead in the stage.")
    stay_hours = fields.Float(
        string="Stay (Hours)", readonly=True, aggregator='avg',
        help="Hours by the clock the lead had spent in the stage before.",
    )
    stay_business_hours = fields.Float(
        string="Stay (Working Hours)", readonly=True, aggregator='avg',
        help="The same in the working hours of the lead's company, public holidays left out.",
    )
    stay_display = fields.Char(string="Stay", compute='_compute_stay_display')

    # What changed
    change_stage = fields.Boolean(readonly=True)
    change_amount = fields.Boolean(string="Change of Amount", readonly=True)
    change_mrr = fields.Boolean(readonly=True)
    change_probability = fields.Boolean(readonly=True)
    change_deadline = fields.Boolean(readonly=True)
    change_owner = fields.Boolean(readonly=True)
    change_team = fields.Boolean(readonly=True)
    change_company = fields.Boolean(readonly=True)
    change_type = fields.Boolean(readonly=True)
    change_active = fields.Boolean(readonly=True)
    change_outcome = fields.Boolean(readonly=True)
    change_reason = fields.Boolean(string="Change of Reason", readonly=True)

    # State of a lead at a moment, its latest row and the start of its stay (_read_scp_states). The
    # columns beside the key let the reports of the funnel read the states of all leads in order
    # and from the index alone, a third of the time of sorting the table.
    _state_idx = models.Index("""
        (lead_ref, date, id) INCLUDE (
            direction, lead_id, type_to, won_status_to, active_to, stage_to_id, band_to, opens_stay,
            amount_to, currency_id, deadline_to, company_id, team_from_id, team_to_id, owner_from_id, owner_to_id,
            probability_to, predictive_to)
    """)
    # What was won between two days, against targets and forecasts (scp.plan._get_won_query).
    _won_idx = models.Index(
        "(date, lead_ref) WHERE won_status_to = 'won' AND won_status_from IS DISTINCT FROM 'won'")
    # What happened between two dates, in all reports and in the order of the list.
    _date_idx = models.Index('(date, id)')
    # A lead is created once: the mark by which the back-fill knows what is done, run twice or not.
    _enter_uniq = models.UniqueIndex(
        "(lead_ref) WHERE direction = 'enter'", "A lead is created only once.")

    @api.depends('direction')
    def _compute_summary(self):
        for row in self:
            row.summary = ", ".join(row._get_summary_parts())

    @api.depends('stay_hours', 'stay_business_hours', 'ends_stay')
    def _compute_stay_display(self):
        for row in self:
            row.stay_display = row.ends_stay and self.env._(
                "%(stay)s (%(business)s working h)",
                stay=row._format_stay(row.stay_hours),
                business=formatLang(self.env, row.stay_business_hours, digits=1),
            )

    @api.depends('gate_unmet')
    def _compute_gate_unmet_display(self):
        for row in self:
            row.gate_unmet_display = ", ".join(
                self.env['scp.lead.gate']._describe_unmet(row.gate_unmet or ()))

    # ------------------------------------------------------------
    # CRUD: nobody, superuser included
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._(
            "The lead log writes itself when a lead changes; rows cannot be added by hand."))

    def write(self, vals):
        raise UserError(self.env._(
            "The lead log is a record of what happened: the row of %(date)s on “%(lead)s” cannot "
            "be changed.",
            date=self[:1].date, lead=self[:1].lead_name,
        ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(self.env._(
            "The lead log is a record of what happened: the row of %(date)s on “%(lead)s” cannot "
            "be deleted.",
            date=self[:1].date, lead=self[:1].lead_name,
        ))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.readonly
    def action_open_lead(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'crm.lead',
            'res_id': self.lead_id.id,
            'view_mode': 'form',
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _log_changes(self, changes: Iterable[LeadChange]):
        """Append a row for each of the changes that changed anything."""
        rows = (self._prepare_row(change) for change in changes)
        self._insert_rows([row for row in rows if row])

    @api.model
    def _prepare_row(self, change: LeadChange) -> dict[str, Any] | None:
        """Return the values of the row for a change, or None when nothing logged has changed."""
        before, after = change.before or {}, change.after or {}
        if all(
            before.get(fname) == after.get(fname) for fname in (*LOGGED_FIELDS, *REASON_FIELDS)
        ):
            return None
        # what a state does not hold is not known; to learn a value is not to change it
        changed = {
            fname for fname in before.keys() & after.keys() & LOGGED_FIELDS.keys()
            if before[fname] != after[fname]
        }
        known = change.after or change.before
        stages = self.env['crm.stage']._get_scp_stages()
        direction = get_direction(change.before, change.after, stages)
        change_reason = bool(before and after) and any(
            before.get(fname) != after.get(fname) for fname in REASON_FIELDS)
        if direction == 'none' and not changed and not change_reason:
            direction = 'complete'
        moved_on = direction in ('forward', 'skip', 'won')
        row = {
            'date': change.date,
            'lead_ref': change.lead_id,
            'lead_name': known['name'],
            'partner_id': known['partner_id'],
            'user_id': change.user_id,
            'source': change.source,
            'direction': direction,
            'skipped_stages': count_skipped(
                stages, before.get('stage_id'), after.get('stage_id'), after.get('team_id'),
            ) if moved_on else 0,
            'lost_reason_id': known['lost_reason_id'],
            'won_reason_id': known['scp_won_reason_id'],
            'competitor_id': known['scp_competitor_id'],
            'change_reason': change_reason,
            # what the scoring says today is not what it said then
            'predictive_to': (
                None if change.source == LogSource.BACKFILL else after.get('automated_probability')),
            'gate_missed': bool(change.unmet),
            'gate_unmet': change.unmet or None,
            **self._prepare_value_columns(before, after, changed),
            **self._prepare_stage_columns('from', before),
            **self._prepare_stage_columns('to', after),
            **self._prepare_money_columns(change, before, after),
            **self._prepare_stay_columns(change),
        }
        if not change.after:
            # whose it was, so that the rules of access still find its company
            row['company_id'] = before['company_id']
        return row

    @api.model
    def _prepare_value_columns(self, before, after, changed: Collection[str]) -> dict[str, Any]:
        """Return the columns before, after and changed of every logged field."""
        columns = {}
        for fname, (column_from, column_to, flag) in LOGGED_FIELDS.items():
            columns[column_from] = before.get(fname)
            columns[column_to] = after.get(fname)
            columns[flag] = fname in changed
        deadlines = before.get('date_deadline'), after.get('date_deadline')
        columns['deadline_shift'] = (deadlines[1] - deadlines[0]).days if all(deadlines) else None
        return columns

    @api.model
    def _prepare_stage_columns(self, side: str, state) -> dict[str, Any]:
        """Return name, in all languages, and band of the stage of a state."""
        label = self.env['crm.stage']._get_scp_labels().get(state.get('stage_id'))
        if not label and (name := state.get('stage_name')):
            label = StageLabel({'en_US': name}, None)
        return {f'stage_{side}_name': label and label.name, f'band_{side}': label and label.band}

    @api.model
    def _prepare_money_columns(self, change: LeadChange, before, after) -> dict[str, Any]:
        """Return currencies, rate of the day and the amounts that follow from them."""
        frame = self.env['res.company']._get_scp_frame((after or before)['company_id'])
        rate = self._get_rate(frame, change.date)
        amount_from = before.get('expected_revenue') or 0.0
        amount_to = after.get('expected_revenue') or 0.0
        return {
            'currency_id': frame.currency_id,
            'currency_rate': rate,
            'reporting_currency_id': frame.reporting_currency_id,
            'amount_delta': amount_to - amount_from,
            'amount_reporting': amount_to * rate,
        }

    @api.model
    def _get_rate(self, frame, moment: datetime) -> float:
        """Return the units of the reporting currency one unit of the lead's currency buys.

        :param moment: naive, in UTC; the rate is that of the day it is where the company works
        """
        if frame.currency_id == frame.reporting_currency_id:
            return 1.0
        # sudo: the rate of the day must not depend on who moves the lead
        Currency = self.env['res.currency'].sudo()
        return Currency._get_conversion_rate(
            Currency.browse(frame.currency_id),
            Currency.browse(frame.reporting_currency_id),
            self.env['res.company'].browse(frame.reporting_company_id),
            utc.localize(moment).astimezone(timezone(frame.tz)).date(),
        )

    @api.model
    def _prepare_stay_columns(self, change: LeadChange) -> dict[str, Any]:
        """Return the stay the change ends, and whether it begins one.

        A stay is the time an open lead spends in one stage: it ends when the lead leaves the
        stage, is won, lost, archived or deleted. What is closed does not age.
        """
        before, after = change.before, change.after
        moved = not before or not after or before['stage_id'] != after['stage_id']
        ends_stay = is_open(before) and (moved or not is_open(after))
        hours = business_hours = None
        if ends_stay:
            start = min(before['entered'] or change.date, change.date)
            hours = (change.date - start).total_seconds() / 3600
            business_hours = self._get_business_hours(before['company_id'], start, change.date)
        return {
            'ends_stay': ends_stay,
            'opens_stay': is_open(after) and (moved or not is_open(before)),
            'stay_hours': hours,
            'stay_business_hours': business_hours,
        }

    @api.model
    def _get_business_hours(self, company_id, start: datetime, end: datetime) -> float | None:
        """Return the working hours of a company between two moments (naive, UTC).

        None when the company has no working time, which is "no data" and not "no hours".
        """
        frame = self.env['res.company']._get_scp_frame(company_id)
        if not frame.calendar_id:
            return None
        calendar = self.env['resource.calendar'].browse(frame.calendar_id)
        return calendar._get_scp_work_hours(start, end, company_id or frame.reporting_company_id)
