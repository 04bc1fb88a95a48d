from odoo import fields, models

RETURN_FAULTS = [
    ('shipper', "Who shipped: defective, wrong, damaged"),
    ('receiver', "Who received: not wanted any more"),
]


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    scp_return_fault = fields.Selection(
        RETURN_FAULTS,
        string="Fault of Return",
        copy=False,
        groups='base.group_user',
        help="Whose fault it is that goods come back. A return counts against who shipped them unless the other is "
        "named here: goods that are merely not wanted any more have been delivered all the same.",
    )

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if 'scp_return_fault' in vals:
            self.move_ids._scp_queue_facts()
        return result
