from odoo import api, fields, models

from .scp_supplier_claim import CLAIM_GROUPS


class ScpRelation(models.Model):
    _inherit = 'scp.relation'

    claim_count = fields.Integer(string="Claims", compute='_compute_claims', groups=CLAIM_GROUPS)
    claim_recovery_rate = fields.Float(
        string="Recovered (%)", digits=(5, 1), compute='_compute_claims', groups=CLAIM_GROUPS,
        help="Recovered over claimed, of all claims sent to this supplier and not withdrawn.")
    has_claim_recovery_rate = fields.Boolean(compute='_compute_claims', groups=CLAIM_GROUPS)

    # === COMPUTE === #

    @api.depends('partner_id', 'role', 'company_id')
    @api.depends_context('uid')
    def _compute_claims(self):
        suppliers = self.filtered(lambda relation: relation.role == 'supplier')
        rows = {
            (partner, company): figures
            for partner, company, *figures in self.env['scp.supplier.claim.report']._read_group(
                [('partner_id', 'in', suppliers.partner_id.ids), ('company_id', 'in', suppliers.company_id.ids)],
                ['partner_id', 'company_id'], ['__count', 'recovery_rate:avg'],
            )
        } if suppliers else {}
        for relation in self:
            count, rate = rows.get((relation.partner_id, relation.company_id), (0, None)) \
                if relation.role == 'supplier' else (0, None)
            relation.claim_count = count
            relation.has_claim_recovery_rate = rate is not None
            relation.claim_recovery_rate = rate or 0

    # === ACTIONS === #

    @api.readonly
    def action_view_claims(self):
        self.ensure_one()
        return self.partner_id.action_view_scp_claims()
