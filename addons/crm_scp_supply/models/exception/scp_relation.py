from odoo import fields, models


class ScpRelation(models.Model):
    _inherit = 'scp.relation'

    is_document_required = fields.Boolean(
        string="Papers with the Goods", tracking=True,
        help="A delivery slip, a certificate, a signed receipt: goods that arrived a day ago without a file attached "
        "to their transfer are an exception, until the file is there.",
    )
