from odoo import api, fields, models
from odoo.exceptions import UserError


class ScpExceptionReport(models.TransientModel):
    """Somebody reports that goods or documents were not as they should be."""

    _name = 'scp.exception.report'
    _description = "Report a Problem"

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(model_field='res_model', required=True, readonly=True)
    sale_line_ids = fields.Many2many('sale.order.line', compute='_compute_lines')
    purchase_line_ids = fields.Many2many('purchase.order.line', compute='_compute_lines')
    sale_line_id = fields.Many2one('sale.order.line', string="Sales Order Line", domain="[('id', 'in', sale_line_ids)]")
    purchase_line_id = fields.Many2one(
        'purchase.order.line', string="Purchase Order Line", domain="[('id', 'in', purchase_line_ids)]")
    kind = fields.Selection(
        [('quality', "Quality: defective, wrong, damaged"), ('document', "Documents: missing or wrong")],
        required=True, default='quality',
    )
    qty = fields.Float(
        string="Quantity", digits='Product Unit', help="How much is affected, in the product's own unit.")
    note = fields.Text(string="What happened", required=True)

    # === COMPUTE === #

    @api.depends('res_model', 'res_id')
    def _compute_lines(self):
        for wizard in self:
            document = wizard._get_document()
            goods = document.move_ids if document._name == 'stock.picking' else document.order_line
            sale_lines = purchase_lines = None
            if document._name == 'stock.picking':
                sale_lines, purchase_lines = goods.sale_line_id, goods.purchase_line_id
            elif document._name == 'sale.order':
                sale_lines = goods
            else:
                purchase_lines = goods
            wizard.sale_line_ids = sale_lines and sale_lines.filtered('product_id')
            wizard.purchase_line_ids = purchase_lines and purchase_lines.filtered('product_id')

    @api.onchange('sale_line_ids', 'purchase_line_ids')
    def _onchange_lines(self):
        """Where there is but one line there is nothing to choose."""
        if len(self.sale_line_ids) + len(self.purchase_line_ids) == 1:
            self.sale_line_id, self.purchase_line_id = self.sale_line_ids, self.purchase_line_ids

    # === ACTIONS === #

    def action_report(self):
        """:raise UserError: no line was chosen, or one of another document"""
        self.ensure_one()
        if not (self.sale_line_id <= self.sale_line_ids and self.purchase_line_id <= self.purchase_line_ids):
            raise UserError(self.env._("The line chosen is not on %s.", self._get_document().display_name))
        self.env['scp.exception'].create({
            'kind': self.kind,
            'sale_line_id': not self.purchase_line_id and self.sale_line_id.id,
            'purchase_line_id': self.purchase_line_id.id,
            'picking_id': self.res_model == 'stock.picking' and self.res_id,
            'qty': self.qty,
            'note': self.note,
        })
        return {'type': 'ir.actions.act_window_close'}

    # === BUSINESS === #

    def _get_document(self):
        if self.res_model not in ('stock.picking', 'sale.order', 'purchase.order'):
            raise UserError(self.env._("Problems are reported on orders and transfers."))
        document = self.env[self.res_model].browse(self.res_id)
        document.check_access('read')
        return document
