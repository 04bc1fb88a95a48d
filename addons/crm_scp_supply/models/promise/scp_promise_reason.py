from odoo import fields, models


class ScpPromiseReason(models.Model):
    """Why a promise was changed, and who brought the change about."""

    _name = 'scp.promise.reason'
    _description = "Reason for a Changed Promise"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    party = fields.Selection(
        [
            ('us', "Us"),
            ('customer', "Customer"),
            ('supplier', "Supplier"),
            ('carrier', "Carrier"),
        ],
        string="Brought About By",
        required=True,
        default='us',
        help="A delay the customer asked for is not counted like one of our own.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
