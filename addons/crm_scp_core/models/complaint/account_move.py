from odoo import api, fields, models

# Portal users read invoices; finance reads the complaints behind them without a CRM role.
READERS = (
    'crm_scp_core.group_scp_user,crm_scp_core.group_scp_quality,crm_scp_core.group_scp_auditor,'
    'account.group_account_invoice,account.group_account_readonly'
)


class AccountMove(models.Model):
    _inherit = 'account.move'

    scp_complaint_count = fields.Integer(
        string="Complaints",
        compute='_compute_scp_complaint_count',
        groups=READERS,
        help="Complaints about this invoice, or compensated by this credit note.",
    )

    # === COMPUTE METHODS ===#

    def _compute_scp_complaint_count(self):
        complaints = self._get_scp_complaints()
        for move in self:
            move.scp_complaint_count = len(complaints.get(move.id, ()))

    # === ACTIONS ===#

    @api.readonly
    def action_view_scp_complaints(self):
        self.ensure_one()
        complaint_ids = self._get_scp_complaints().get(self.id, ())
        return self.env['scp.complaint'].browse(complaint_ids)._get_records_action(
            name=self.env._("Complaints"),
        )

    # === BUSINESS METHODS ===#

    def _get_scp_complaints(self):
        """Complaints by invoice or credit note, as far as the user may read them.

        :return: {move id: [complaint id]}
        """
        found = {}
        for model, name, aggregate in (
            ('scp.complaint', 'invoice_id', 'id:array_agg'),
            ('scp.complaint.compensation', 'invoice_id', 'complaint_id:array_agg'),
            ('scp.complaint.compensation', 'refund_move_id', 'complaint_id:array_agg'),
        ):
            Document = self.env[model]
            if not self.ids or not Document.has_access('read'):
                continue
            for move, complaint_ids in Document._read_group(
                [(name, 'in', self.ids)], [name], [aggregate],
            ):
                found.setdefault(move.id, set()).update(complaint_ids)
        return {move_id: sorted(complaint_ids) for move_id, complaint_ids in found.items()}
