from odoo import fields, models


class ScpEpcisImportLine(models.TransientModel):
    """An event that would be recorded."""

    _name = 'scp.epcis.import.line'
    _description = "Event to Be Recorded"
    _order = 'event_time, id'

    import_id = fields.Many2one('scp.epcis.import', required=True, index=True, ondelete='cascade')
    event_time = fields.Datetime(string="When")
    step = fields.Char()
    source = fields.Char(string="From")
    destination = fields.Char(string="To")
    goods = fields.Char()
