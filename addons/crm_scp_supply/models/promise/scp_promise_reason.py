from odoo import api, fields, models
from odoo.exceptions import UserError


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

    # === CRUD === #

    def write(self, vals):
        if 'party' in vals:
            self.filtered(lambda reason: reason.party != vals['party'])._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def _check_unused(self):
        """:raise UserError: when the ledger names one of these reasons, which history then keeps"""
        # sudo: promises the user may not see count as well
        used = self.env['scp.promise'].sudo().search([('reason_id', 'in', self.ids)], limit=1).reason_id
        if used:
            raise UserError(self.env._(
                "The reason “%(reason)s” is part of the promise ledger: archive it and add another instead.",
                reason=used.display_name,
            ))
