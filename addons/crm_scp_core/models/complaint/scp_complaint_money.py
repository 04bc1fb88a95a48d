from odoo import api, fields, models


class ScpComplaint(models.Model):
    """What a complaint costs, and what its customer is given."""

    _inherit = 'scp.complaint'

    cost_ids = fields.One2many('scp.complaint.cost', 'complaint_id', string="Costs")
    cost_total = fields.Monetary(
        string="Cost",
        compute='_compute_cost_total',
        help="All cost lines, in the currency of the company.",
    )
    compensation_ids = fields.One2many(
        'scp.complaint.compensation', 'complaint_id', string="Compensations",
    )

    @api.depends('cost_ids.amount_company')
    def _compute_cost_total(self):
        totals = dict(self.env['scp.complaint.cost']._read_group(
            [('complaint_id', 'in', self.ids)], ['complaint_id'], ['amount_company:sum'],
        ))
        for complaint in self:
            complaint.cost_total = totals.get(complaint._origin, 0.0)
