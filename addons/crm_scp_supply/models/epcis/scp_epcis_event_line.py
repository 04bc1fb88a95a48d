from odoo import fields, models


class ScpEpcisEventLine(models.Model):
    """Goods in an event: used for others, made of others, or just named."""

    _name = 'scp.epcis.event.line'
    _description = "Goods of an Event"
    _order = 'event_id desc, id'
    _rec_name = 'item_id'
    _check_company_auto = True

    event_id = fields.Many2one(
        'scp.epcis.event', required=True, index=True, ondelete='cascade', check_company=True, readonly=True)
    company_id = fields.Many2one(related='event_id.company_id', store=True)
    item_id = fields.Many2one(
        'scp.epcis.item', string="Goods", required=True, index=True, check_company=True, readonly=True)
    side = fields.Selection(
        [('used', "Used"), ('made', "Made"), ('seen', "Moved")], required=True, readonly=True,
    )
    quantity = fields.Float(digits='Product Unit', readonly=True, help="Empty: not told.")
    unit = fields.Char(readonly=True, help="Code of UN/ECE recommendation 20; empty for pieces.")
    run = fields.Char(required=True, readonly=True, help="Same for what was used together to make the same.")
    node = fields.Integer(
        related='item_id.node', store=True, aggregator=None, help="The goods in a trace, see their record.")
    product_name = fields.Char(related='item_id.product_name')
    event_time = fields.Datetime(related='event_id.event_time')
    biz_step = fields.Char(related='event_id.biz_step')

    # scp.trace._get_reported_step(): what was used or made
    _node_idx = models.Index('(node, side)')
    # scp.trace._get_reported_step(): the other side
    _run_idx = models.Index("(run, side) WHERE side != 'seen'")
