from odoo import api, fields, models

COST_KINDS = [
    ('labour', "Labour"),
    ('goods', "Goods"),
    ('freight', "Freight"),
    ('credit_note', "Credit Note"),
    ('compensation', "Compensation"),
    ('scrap', "Scrap"),
    ('travel', "Travel"),
    ('penalty', "Penalty"),
]


class ScpComplaintCost(models.Model):
    """What a complaint costs, with the document that shows it."""

    _name = 'scp.complaint.cost'
    _description = "Complaint Cost"
    _order = 'date desc, id desc'
    _check_company_auto = True

    complaint_id = fields.Many2one(
        comodel_name='scp.complaint',
        required=True,
        index=True,
        ondelete='cascade',
        check_company=True,
    )
    # Stored for security rules
    company_id = fields.Many2one(
        related='complaint_id.company_id', store=True, precompute=True, index=True,
    )
    kind = fields.Selection(selection=COST_KINDS, required=True)
    name = fields.Char(string="Description")
    date = fields.Date(required=True, default=fields.Date.context_today)
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        required=True,
        ondelete='restrict',
        default=lambda self: self.env.company.currency_id,
    )
    amount = fields.Monetary(required=True)
    company_currency_id = fields.Many2one(
        related='company_id.currency_id', string="Company Currency",
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        currency_field='company_currency_id',
        compute='_compute_amount_company',
        store=True,
        help="At the rate of the date of the cost.",
    )
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(
        string="Source Record", model_field='source_model', readonly=True,
    )
    source_name = fields.Char(
        string="Source Document",
        help="The document that shows the cost: an invoice, a credit note, a time sheet.",
    )

    # Costs that another document writes are found again by it, and written once.
    _source_uniq = models.UniqueIndex(
        '(source_model, source_id, kind) WHERE source_id IS NOT NULL',
        "This document is a cost of a complaint already.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('amount', 'currency_id', 'date', 'company_id')
    def _compute_amount_company(self):
        for cost in self:
            company = cost.company_id
            cost.amount_company = cost.currency_id._convert(
                cost.amount, company.currency_id, company, cost.date,
            ) if cost.currency_id and company and cost.date else cost.amount

    # === CONSTRAINT METHODS ===#

    @api.constrains('currency_id', 'complaint_id')
    def _check_currency_id(self):
        for cost in self:
            cost.currency_id._scp_check_rate(cost.company_id, self.env._(
                "Cost of complaint %(number)s", number=cost.complaint_id.number))

    # === ACTIONS ===#

    @api.readonly
    def action_open_source(self):
        self.ensure_one()
        if not self.source_model:
            return False
        return self.env[self.source_model].browse(self.source_id)._get_records_action()
