from odoo import models
from odoo.exceptions import UserError


class ScpSegment(models.Model):
    """What a segment is for: mailings, deals and activities, with the members that the user may see."""

    _inherit = 'scp.segment'

    # === ACTIONS ===#

    def action_create_mailing(self):
        """Open a new mailing to the members, as they will be when it is sent."""
        self._get_members_to_use()
        segments = self | self.child_ids
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'mailing.mailing',
            'views': [(False, 'form')],
            'context': {
                'default_mailing_type': 'mail',
                'default_subject': self.name,
                'default_mailing_model_id': self.env['ir.model']._get_id('res.partner'),
                'default_mailing_domain': repr([('scp_segment_ids', 'in', segments.ids)]),
            },
        }

    def action_create_leads(self):
        """Create an opportunity for each member who has none of this segment open, and show all of them."""
        customers = self._get_members_to_use()
        Lead = self.env['crm.lead']
        domain = [
            ('scp_segment_id', '=', self.id), ('won_status', '=', 'pending'),
            ('partner_id.commercial_partner_id', 'in', customers.partner_id.ids),
        ]
        busy = Lead.search(domain).partner_id.commercial_partner_id
        Lead.create([
            self._prepare_lead_values(customer) for customer in customers if customer.partner_id not in busy
        ])
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Deals of %(segment)s", segment=self.name),
            'res_model': 'crm.lead',
            'views': [(False, 'list'), (False, 'kanban'), (False, 'form')],
            'domain': domain,
            'context': {},
        }

    def action_plan_activities(self):
        """Open the dialog that plans an activity, or a whole plan, for the members."""
        return self._get_members_to_use().action_schedule_activity()

    # === BUSINESS METHODS ===#

    def _get_members_to_use(self):
        """:raise UserError: there is no member"""
        self.ensure_one()
        customers = self.env['scp.customer'].search(self._get_members_domain())
        if not customers:
            raise UserError(self.env._(
                "%(segment)s has no customer that you may see: there is nobody to do this for.", segment=self.name,
            ))
        return customers

    def _prepare_lead_values(self, customer):
        return {
            'name': self.env._("%(segment)s: %(customer)s", segment=self.name, customer=customer.partner_id.name),
            'type': 'opportunity',
            'partner_id': customer.partner_id.id,
            'company_id': customer.company_id.id,
            'user_id': (customer.user_id or self.env.user).id,
            'team_id': customer.team_id.id,
            'scp_segment_id': self.id,
        }
