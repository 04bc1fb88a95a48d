from odoo import api, models


class ScpPromise(models.Model):
    _inherit = 'scp.promise'

    # === BUSINESS === #

    @api.model
    def _append(self, vals_list):
        for vals in vals_list:
            self.env['scp.delivery.queue']._add(vals['direction'], [vals['line_ref']])
        return super()._append(vals_list)
