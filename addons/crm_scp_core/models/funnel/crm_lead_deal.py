from odoo import api, fields, models


class CrmLead(models.Model):
    """Why a deal was won or lost, against whom, and when to come back."""

    _inherit = 'crm.lead'

    scp_won_reason_id = fields.Many2one(
        'scp.won.reason', string="Won Reason", copy=False, index='btree_not_null',
        tracking=True,
    )
    scp_competitor_id = fields.Many2one(
        'scp.competitor', string="Competitor", index='btree_not_null', check_company=True,
        tracking=True,
        help="Whom the customer compares us with; of a lost deal, who won it.",
    )
    scp_price_gap = fields.Float(
        string="Price Gap (%)", digits=(6, 1), copy=False, aggregator='avg',
        prefetch='scp_deal',
        help="By how many per cent of the competitor's price ours was higher; negative when we "
             "were cheaper. Zero counts as not known.",
    )
    scp_recoverable = fields.Boolean(
        string="Recoverable", copy=False,
        prefetch='scp_deal',
        help="The customer may be won back: come back to him on the day to revisit.",
    )
    scp_revisit_date = fields.Date(
        string="Revisit On", copy=False,
        prefetch='scp_deal',
        help="An activity reminds the salesperson of that day, also when the deal is lost.",
    )

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        if revisited := [
            lead.id for lead, vals in zip(leads, vals_list, strict=True) if vals.get('scp_revisit_date')
        ]:
            leads.browse(revisited)._plan_scp_revisit()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({'scp_recoverable', 'scp_revisit_date'}):
            self._plan_scp_revisit()
        elif 'user_id' in vals and (leads := self.filtered('scp_revisit_date')):
            for lead, activity in leads._get_scp_revisits().items():
                activity.user_id = lead._get_scp_owner()
        return result

    def action_restore(self):
        """A deal that is open again needs no reminder to come back to it."""
        self.filtered('scp_recoverable').write({'scp_recoverable': False, 'scp_revisit_date': False})
        return super().action_restore()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def get_scp_move_questions(self):
        questions = super().get_scp_move_questions()
        if self.won_status == 'won' and (question := self._get_scp_won_question()):
            questions.append(question)
        return questions

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), 'scp_competitor_id', 'scp_price_gap']

    def _get_scp_won_question(self):
        """Return the window that asks why the deal was won, or None if that is known.

        Without any reason to choose from nobody is asked: archive them to switch it off. Nor is
        asked who has no role in customer relationship: to him the pipeline is that of plain CRM.
        """
        self.ensure_one()
        if (
            self.scp_won_reason_id
            or not self.env.user.has_group('crm_scp_core.group_scp_user')
            or not self.env['scp.won.reason'].search_count([], limit=1)
        ):
            return None
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Why did we win?"),
            'res_model': self._name,
            'res_id': self.id,
            'views': [(self.env.ref('crm_scp_core.crm_lead_view_form_won').id, 'form')],
            'target': 'new',
            'context': {'dialog_size': 'medium'},
        }

    def _plan_scp_revisit(self):
        """Plan, move or drop the activities that remind of the days to come back."""
        planned = self._get_scp_revisits()
        missing = []
        for lead in self:
            activity = planned.get(lead)
            if lead.scp_recoverable and lead.scp_revisit_date:
                if activity:
                    activity.date_deadline = lead.scp_revisit_date
                else:
                    missing.append(lead._prepare_scp_revisit_values())
            elif activity:
                activity.unlink()
        # sudo: who sets the day need not be allowed to plan activities of the owner
        self.env['mail.activity'].sudo().create(missing)

    def _get_scp_revisits(self):
        """Return by lead the activities, not done yet, that remind of the day to come back."""
        # sudo: reminders follow the deal, whoever they were planned for
        activities = self.env['mail.activity'].sudo().search([
            ('res_model', '=', self._name),
            ('res_id', 'in', self.ids),
            ('activity_type_id', '=', self._get_scp_revisit_type().id),
        ])
        return activities.grouped(lambda activity: self.browse(activity.res_id))

    @api.model
    def _get_scp_revisit_type(self):
        """Return the type of the activities that remind of a customer; empty when deleted."""
        return self.env['mail.activity.type'].browse(
            self.env['ir.model.data']._xmlid_to_res_id('crm_scp_core.mail_activity_type_revisit'))

    def _get_scp_owner(self):
        """Return who is asked to do something about the lead."""
        self.ensure_one()
        return self.user_id or self.team_id.user_id or self.env.user

    def _prepare_scp_revisit_values(self):
        self.ensure_one()
        return {
            'res_model_id': self.env['ir.model']._get_id(self._name),
            'res_id': self.id,
            'activity_type_id': self._get_scp_revisit_type().id,
            'user_id': self._get_scp_owner().id,
            'date_deadline': self.scp_revisit_date,
            'summary': self.env._("Come back to “%(lead)s”", lead=self.name),
        }
