from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = 'res.partner'

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if 'tz' in vals and self.ids:
            # The partner's zone decides the day
            self.env['scp.delivery.queue']._add_facts(SQL(
                "partner.id = ANY(%(ids)s) OR partner.commercial_partner_id = ANY(%(ids)s)", ids=self.ids))
        return result
