from odoo import api, models


class ScpPromise(models.Model):
    _inherit = 'scp.promise'

    # === BUSINESS === #

    @api.model
    def _append(self, vals_list):
        promises = super()._append(vals_list)
        for direction, refs in promises.grouped('direction').items():
            self.env['scp.delivery.queue']._add(direction, refs.mapped('line_ref'))
        return promises
