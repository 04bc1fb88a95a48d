from odoo import fields, models

from ..trace.scp_trace import TRACE_GROUPS


class ScpComplaint(models.Model):
    _inherit = 'scp.complaint'

    recall_ids = fields.One2many('scp.recall', 'complaint_id', string="Recalls", groups=TRACE_GROUPS)

    def action_prepare_recall(self):
        """A new recall of the lots complained of."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'scp.recall',
            'views': [(False, 'form')],
            'context': {
                'default_name': self.name, 'default_complaint_id': self.id, 'default_company_id': self.company_id.id,
                'default_lot_ids': self.lot_ids.ids,
            },
        }
