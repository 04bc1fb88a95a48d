from odoo import models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    def _action_done(self, feedback=False, attachment_ids=None):
        """What is written into the activity that asks about a missed gate is the reason."""
        Gate = self.env['scp.lead.gate']
        asking = self.filtered(
            lambda activity: activity.activity_type_id == Gate._get_activity_type())
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if feedback and asking:
            # sudo: whoever may answer the activity gives the reason
            Gate.sudo().search([
                ('activity_id', 'in', asking.ids), ('reason', '=', False),
            ]).write({'reason': feedback})
        return result
