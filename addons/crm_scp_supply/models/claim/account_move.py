from odoo import api, fields, models

from .scp_supplier_claim import CLAIM_GROUPS


class AccountMove(models.Model):
    _inherit = 'account.move'

    scp_claim_id = fields.Many2one(
        'scp.supplier.claim', string="Supplier Claim", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', check_company=True, groups=CLAIM_GROUPS, help="What this refund recovers.")

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if 'state' in vals:
            bills = self.filtered(lambda move: move.move_type in ('in_refund', 'in_invoice')).sudo()
            # sudo: posting a refund moves its claim, whoever posts; and so does what reverses one
            for bill in bills if vals['state'] == 'posted' else ():
                for claim in (bill | bill.reversed_entry_id).scp_claim_id:
                    claim._check_refund_rate(bill.currency_id, bill.invoice_date or bill.date)
            (bills | bills.reversed_entry_id).scp_claim_id._follow_refunds()
        return result

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_claim(self):
        self.ensure_one()
        return self.scp_claim_id._get_records_action()
