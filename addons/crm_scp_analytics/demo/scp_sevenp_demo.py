from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _refresh_sevenp(self):
        """Bring the 7P up to date, as the job after each scoring would, a month ago and today."""
        company = self.env.ref('base.main_company')
        for months in (1, 0):
            self.env['scp.sevenp'].sudo()._refresh(company, fields.Date.today() - relativedelta(months=months))
