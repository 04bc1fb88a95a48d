from odoo import models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def unlink(self):
        """The customers go with the contacts, past the ORM; their facts go here."""
        # sudo: rows of every company go, whoever deletes the contact
        customers = self.env['scp.customer'].sudo().with_context(active_test=False).search(
            [('partner_id', 'in', self.ids)],
        )
        result = super().unlink()
        customers._unlink_facts(customers.ids)
        return result
