from collections.abc import Iterable, Mapping
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang


class ScpLeadGate(models.Model):
    """A move through a soft gate whose rules were not met, and the reason given for it.

    The move itself, with what was unmet, is a row of the lead log. The reason comes later and
    the log is never changed, so it is kept here. Until it is given, an activity asks the owner
    of the deal for it: it is made with the move, whatever the way in, and done with the reason.
    """

    _name = 'scp.lead.gate'
    _description = "Missed Gate"
    _order = 'date desc, id desc'
    _rec_name = 'lead_id'

    lead_id = fields.Many2one(
        'crm.lead', string="Deal", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='lead_id.company_id', store=True, index='btree_not_null',
        help="Stored for the rules of access.",
    )
    date = fields.Datetime(string="Moved On", required=True, readonly=True)
    user_id = fields.Many2one('res.users', string="Moved By", readonly=True)
    stage_from_id = fields.Many2one(
        'crm.stage', string="From Stage", readonly=True, ondelete='set null')
    stage_to_id = fields.Many2one(
        'crm.stage', string="To Stage", readonly=True, ondelete='set null')
    entry_criteria = fields.Text(related='stage_to_id.requirements', string="Entry Criteria")
    unmet = fields.Json(readonly=True)
    unmet_display = fields.Char(string="Not Met", compute='_compute_unmet_display')
    reason = fields.Text(help="Why the deal moved on although the rules were not met.")
    reason_user_id = fields.Many2one('res.users', string="Reason Given By", readonly=True)
    reason_date = fields.Datetime(string="Reason Given On", readonly=True)
    # Doing an activity looks up the gate it asks about.
    activity_id = fields.Many2one(
        'mail.activity', readonly=True, ondelete='set null', index='btree_not_null')

    @api.depends('unmet')
    @api.depends_context('lang')
    def _compute_unmet_display(self):
        for gate in self:
            gate.unmet_display = ", ".join(self._describe_unmet(gate.unmet or ()))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if vals.keys() == {'reason'}:
            return self._set_reason(vals['reason'])
        if not self.env.su:
            raise AccessError(self.env._(
                "Of the missed gate of “%(lead)s” only the reason can be changed.",
                lead=self[:1].lead_id.display_name,
            ))
        return super().write(vals)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _record_missed(self, unmet: Mapping[models.Model, list], left_ids: Mapping[int, int]):
        """Record moves that did not meet a soft gate, and ask the owners of the deals why.

        :param unmet: by lead the rules not met
        :param left_ids: by lead id the stage it has left
        """
        # sudo: nobody records a missed gate by hand, and who moves a deal need not be allowed to
        # plan activities of its owner
        activities = self.env['mail.activity'].sudo().create([
            self._prepare_activity_values(lead, rules) for lead, rules in unmet.items()
        ])
        self.sudo().create([
            {
                'lead_id': lead.id,
                'date': self.env.cr.now(),
                'user_id': self.env.uid,
                'stage_from_id': left_ids[lead.id],
                'stage_to_id': lead.stage_id.id,
                'unmet': rules,
                'activity_id': activity.id,
            }
            for (lead, rules), activity in zip(unmet.items(), activities, strict=True)
        ])

    @api.model
    def _prepare_activity_values(self, lead, rules) -> dict[str, Any]:
        owner = lead._get_scp_owner()
        owner_lang = owner.sudo().lang  # sudo: a language is no secret
        language = self.with_context(lang=owner_lang)
        return {
            'res_model_id': self.env['ir.model']._get_id('crm.lead'),
            'res_id': lead.id,
            'activity_type_id': self._get_activity_type().id,
            'user_id': owner.id,
            'date_deadline': fields.Date.context_today(self, self.env.cr.now()),
            'summary': language.env._(
                "Why did it move to %(stage)s?",
                stage=lead.stage_id.with_context(lang=owner_lang).name,
            ),
            'note': language.env._(
                "Not met: %(unmet)s", unmet=", ".join(language._describe_unmet(rules))),
        }

    @api.model
    def _get_activity_type(self):
        """Return the type of the activities that ask for a reason; empty when deleted."""
        return self.env['mail.activity.type'].browse(
            self.env['ir.model.data']._xmlid_to_res_id('crm_scp_core.mail_activity_type_gate'))

    def _set_reason(self, reason: str):
        """Keep the reason given, and by whom; the question is answered with it."""
        reason = (reason or '').strip()
        if not reason:
            raise UserError(self.env._(
                "Say in a few words why “%(lead)s” moved on, or close the window: the question "
                "stays in the activities.",
                lead=self[:1].lead_id.display_name,
            ))
        self.check_access('write')
        # sudo: who gave it and when is not for users to fill in
        # pylint: disable-next=super-method-mismatch # past the write that refuses everybody
        super(ScpLeadGate, self.sudo()).write({
            'reason': reason,
            'reason_user_id': self.env.uid,
            'reason_date': self.env.cr.now(),
        })
        # sudo: the activity may be somebody else's; what it asked for is known now
        self.sudo().activity_id.filtered('active').action_feedback(feedback=reason)
        return True

    def _get_question_action(self) -> dict[str, Any]:
        """Return the window that asks for the reason."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Why does it move on?"),
            'res_model': self._name,
            'res_id': self.id,
            'views': [(self.env.ref('crm_scp_core.scp_lead_gate_view_form_question').id, 'form')],
            'target': 'new',
            'context': {'dialog_size': 'medium'},
        }

    @api.model
    def _describe_unmet(self, rules: Iterable[Mapping[str, Any]]) -> list[str]:
        """Say in words, in the language of the reader, which rules were not met."""
        return [self._describe_rule(rule) for rule in rules]

    @api.model
    def _describe_rule(self, rule: Mapping[str, Any]) -> str:
        match rule['rule']:
            case 'field':
                field = self.env['crm.lead']._fields.get(rule['field'])
                label = field._description_string(self.env) if field else rule['field']
                return self.env._("“%(field)s” is empty", field=label)
            case 'skip':
                if rule['count'] == 1:
                    return self.env._("a stage is skipped")
                return self.env._("%(count)s stages are skipped", count=rule['count'])
            case _:
                return self.env._(
                    "stayed %(days)s of %(min_days)s working days",
                    days=formatLang(self.env, rule['days'], digits=1),
                    min_days=rule['min_days'],
                )
