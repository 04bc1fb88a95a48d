from odoo import api, fields, models
from odoo.tools import SQL


class ScpCustomer(models.Model):
    """One row per commercial partner and company: the shared customer record."""

    _name = 'scp.customer'
    _description = "Customer"
    _rec_name = 'partner_id'

    partner_id = fields.Many2one('res.partner', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, index=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one('res.users', string="Owner")
    team_id = fields.Many2one('crm.team')
    grade_id = fields.Many2one('scp.grade', string="Value Grade", ondelete='restrict')
    measure_ids = fields.One2many('scp.customer.measure', 'customer_id')

    _partner_company_uniq = models.UniqueIndex('(partner_id, company_id)', "One customer record per partner and company.")

    @api.model
    def _get_measure_queries(self) -> dict[str, SQL]:
        return {}
