from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.mail import is_html_empty

from .crm_stage import FORECAST_SELECTION
from .gate_rules import Unmet, find_unmet
from .scp_lead_log import LogSource

# Moves from these sources meet no gate
UNGATED_SOURCES = frozenset({LogSource.MERGE, LogSource.ORDER})
# Leads a message names; the others are counted
NAMED_LEADS = 5


class CrmLead(models.Model):
    """Gates between stages, and what a stage says about the forecast.

    All moves pass ``write``, be they made in a list, in the pipeline, by an import or over RPC.
    Rules are judged after the write, so that a move may bring along what it needs, and without a
    query unless a gate asks for one.
    """

    _inherit = 'crm.lead'

    scp_forecast_category = fields.Selection(
        selection=FORECAST_SELECTION,
        string="Forecast Category",
        compute='_compute_scp_forecast_category',
        search='_search_scp_forecast_category',
        help="How the deal counts in the forecast: as its stage says, or as its salesperson does.",
    )
    scp_forecast_override = fields.Selection(
        selection=[choice for choice in FORECAST_SELECTION if choice[0] != 'closed'],
        string="Forecast As",
        copy=False,
        tracking=True,
        help="Counts the deal otherwise than its stage does, until this is emptied or the deal is "
             "won or lost.",
    )
    scp_forecast_reason = fields.Char(
        string="Reason for the Forecast", copy=False, tracking=True,
        help="Why the deal counts otherwise than its stage does.",
    )
    scp_gate_ids = fields.One2many(
        'scp.lead.gate', 'lead_id', string="Missed Gates", readonly=True, copy=False,
        groups='sales_team.group_sale_salesman,crm_scp_core.group_scp_auditor',
    )

    _check_scp_forecast_reason = models.Constraint(
        "CHECK (scp_forecast_override IS NULL OR COALESCE(trim(scp_forecast_reason), '') <> '')",
        "A deal that counts otherwise in the forecast than its stage says needs a reason: fill in "
        "“Reason for the Forecast”.",
    )

    @api.depends('won_status', 'stage_id.scp_forecast_category', 'scp_forecast_override')
    def _compute_scp_forecast_category(self):
        for lead in self:
            if lead.won_status == 'won':
                lead.scp_forecast_category = 'closed'
            elif lead.won_status == 'lost':
                lead.scp_forecast_category = 'omitted'
            else:
                lead.scp_forecast_category = (
                    lead.scp_forecast_override
                    or lead.stage_id.scp_forecast_category
                    or 'pipeline'
                )

    def _search_scp_forecast_category(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return Domain.custom(to_sql=lambda model, alias, query: SQL(
            "%s = ANY(%s)", model._field_to_sql(alias, 'scp_forecast_category', query), list(filter(None, value))))

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let leads be filtered, grouped and sorted by category, though no column holds it.

        Stored, it would have to be written for all deals of a stage that changes its mind, and for
        every deal of a database the addon is installed in.
        """
        if field_expr != 'scp_forecast_category' or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], 'read')
        stage = query.left_join(alias, 'stage_id', 'crm_stage', 'id', 'stage_id')
        return SQL(
            "CASE %s WHEN 'won' THEN 'closed' WHEN 'lost' THEN 'omitted' ELSE COALESCE(%s, %s, 'pipeline') END",
            self._fields['won_status'].to_sql(self, alias),
            self._fields['scp_forecast_override'].to_sql(self, alias),
            self.env['crm.stage']._field_to_sql(stage, 'scp_forecast_category', query),
        )

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    def write(self, vals):
        left_ids = self._get_scp_left_stages(vals)
        result = super().write(vals)
        if left_ids:
            self.browse(left_ids)._check_scp_gates(left_ids)
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def get_scp_move_questions(self):
        """Return the dialogs that ask about the move a user has just made, as window actions.

        Each may be closed without an answer: the move has been made.
        """
        self.ensure_one()
        gate = self.env['scp.lead.gate'].search([
            ('lead_id', '=', self.id),
            ('user_id', '=', self.env.uid),
            ('stage_to_id', '=', self.stage_id.id),
            ('reason', '=', False),
        ], order='id desc', limit=1)
        return [gate._get_question_action()] if gate else []

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_scp_left_stages(self, vals) -> dict[int, int]:
        """Return by lead the stage a write takes it out of, if there are gates to look at."""
        if (
            not vals.get('stage_id')
            or not vals.get('active', True)
            or self._get_scp_actor().source in UNGATED_SOURCES
            or not any(stage.gate for stage in self.env['crm.stage']._get_scp_stages())
        ):
            return {}
        return {
            lead.id: lead.stage_id.id for lead in self
            if lead.stage_id and lead.stage_id.id != vals['stage_id']
        }

    def _check_scp_gates(self, left_ids: dict[int, int]):
        """Hold back moves that a hard gate does not let pass, take note of those a soft one does.

        :param left_ids: by lead the stage it has left
        """
        unmet = {lead: lead._find_scp_unmet(left_ids[lead.id]) for lead in self}
        hard = {
            lead: rules for lead, found in unmet.items()
            if (rules := [rule.values for rule in found if rule.kind == 'hard'])
        }
        if hard:
            raise UserError(self._get_scp_gate_message(hard))
        soft = {
            lead: [rule.values for rule in found] for lead, found in unmet.items() if found
        }
        if soft:
            self._get_scp_collected().unmet.update(
                (lead.id, rules) for lead, rules in soft.items())
            self.env['scp.lead.gate']._record_missed(soft, left_ids)

    def _find_scp_unmet(self, left_id: int) -> list[Unmet]:
        """Return the rules the move of the lead out of a stage has not met."""
        self.ensure_one()
        # sudo: whether a field has a value must not depend on who may read it
        lead = self.sudo()
        return find_unmet(
            self.env['crm.stage']._get_scp_stages(),
            left_id,
            lead.stage_id.id,
            lead.team_id.id,
            lead._is_scp_missing,
            partial(lead._get_scp_days_in_stage, left_id),
        )

    def _is_scp_missing(self, fname: str) -> bool:
        """Whether a field has no value; of a text, blanks are none."""
        if fname not in self._fields:
            return False
        value = self[fname]
        if self._fields[fname].type == 'html':
            return is_html_empty(value)
        return not (value.strip() if isinstance(value, str) else value)

    def _get_scp_days_in_stage(self, left_id: int) -> float:
        """Return the working days the lead had spent in the stage it has left.

        A company without working hours counts days by the calendar.
        """
        # the flush reads when the stay began, for the log; it comes but earlier than it would
        self.flush_model(['stage_id'])
        now = self.env.cr.now()
        change = self._get_scp_collected().changes.get(self.id)
        before = change and change.before
        entered = before['entered'] if before and before['stage_id'] == left_id else now
        hours = self.env['scp.lead.log']._get_business_hours(
            self.company_id.id, min(entered, now), now)
        if hours is None:
            return (now - entered).total_seconds() / 86400
        frame = self.env['res.company']._get_scp_frame(self.company_id.id or None)
        return hours / (frame.hours_per_day or 24)

    def _get_scp_gate_message(self, unmet) -> str:
        """Return the message that names leads, stage and rules of moves held back.

        :param unmet: by lead the rules not met, as ``scp.lead.gate`` describes them
        """
        Gate = self.env['scp.lead.gate']
        lines = [
            self.env._(
                "“%(lead)s” cannot move to the stage “%(stage)s” yet: %(unmet)s.",
                lead=lead.display_name,
                stage=lead.stage_id.name,
                unmet=", ".join(Gate._describe_unmet(rules)),
            )
            for lead, rules in list(unmet.items())[:NAMED_LEADS]
        ]
        if len(unmet) > NAMED_LEADS:
            lines.append(self.env._(
                "%(count)s more deals are held back.", count=len(unmet) - NAMED_LEADS))
        return "\n".join(lines)
