from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_scp_core.models.complaint.scp_complaint_cost import COST_KINDS

COST_GROUPS = (
    'crm_scp_core.group_scp_manager,crm_scp_core.group_scp_quality,crm_scp_core.group_scp_auditor,'
    'account.group_account_invoice,account.group_account_readonly'
)
#: what a line says about money
LOCKED = {'amount', 'amount_company', 'claim_id', 'cost_id', 'kind'}


class ScpSupplierClaimLine(models.Model):
    """What is claimed: the supplier's part of a cost, or something entered by hand."""

    _name = 'scp.supplier.claim.line'
    _description = "Supplier Claim Line"
    _order = 'claim_id, id'
    _check_company_auto = True

    claim_id = fields.Many2one(
        'scp.supplier.claim', required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='claim_id.company_id', store=True, precompute=True, index=True)
    kind = fields.Selection(COST_KINDS, required=True, default='labour')
    name = fields.Char(string="Description", help="For colleagues; the supplier reads the kind of cost at most.")
    cost_id = fields.Many2one(
        'scp.complaint.cost', readonly=True, index='btree_not_null', ondelete='set null',
        check_company=True, groups=COST_GROUPS, help="What it is a part of. Empty: entered by hand.")
    is_split = fields.Boolean(string="From a Cost", readonly=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    cost_amount = fields.Monetary(
        string="Cost in Full", currency_field='company_currency_id', readonly=True, aggregator=None,
        help="What was still to be claimed of the cost, before it was split.")
    currency_id = fields.Many2one(related='claim_id.currency_id')
    amount = fields.Monetary(required=True)
    amount_company = fields.Monetary(
        string="Amount in Company Currency", currency_field='company_currency_id', compute='_compute_amount_company',
        store=True, readonly=False, precompute=True)

    # === COMPUTE === #

    @api.depends('amount', 'claim_id.currency_id', 'claim_id.date')
    def _compute_amount_company(self):
        for line in self:
            if line.is_split:
                # the part of the cost is what was split; it was converted, not the other way round
                line.amount_company = line.amount_company
            elif line.claim_id.currency_id:
                claim = line.claim_id
                line.amount_company = claim._convert(line.amount, claim.currency_id, claim.company_id.currency_id)
            else:
                line.amount_company = line.amount

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        if not LOCKED.isdisjoint(vals):
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self._check_draft()

    # === BUSINESS === #

    def _check_draft(self):
        for claim in self.claim_id:
            if claim.state != 'draft':
                raise UserError(self.env._(
                    "Claim %(number)s has been sent: what was claimed stays. Agree on an amount instead.",
                    number=claim.number))
