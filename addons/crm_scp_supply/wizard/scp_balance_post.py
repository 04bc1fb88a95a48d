from odoo import api, fields, models
from odoo.exceptions import UserError


class ScpBalancePost(models.TransientModel):
    """A posting by hand to a mass balance account, or the reversal of one, with its reason."""

    _name = 'scp.balance.post'
    _description = "Post to a Mass Balance Account"

    account_id = fields.Many2one('scp.balance.account', required=True, readonly=True)
    uom_id = fields.Many2one(related='account_id.uom_id')
    available = fields.Float(related='account_id.available')
    reversed_id = fields.Many2one('scp.balance.entry', string="Entry to Reverse", readonly=True)
    reversed_qty = fields.Float(related='reversed_id.qty', string="Quantity to Reverse")
    kind = fields.Selection(
        [('input', "Take In"), ('output', "Take Out")], string="What", required=True, default='input')
    date = fields.Date(string="On", required=True, default=fields.Date.context_today)
    base_qty = fields.Float(
        string="Goods", digits=(16, 4), help="In the unit of the account, conversion factors applied.")
    percent = fields.Float(string="Certified (%)", digits=(5, 2), default=100.0)
    certificate_id = fields.Many2one(
        'scp.certificate', domain="[('standard_id', '=', standard_id), ('company_id', '=', company_id)]")
    standard_id = fields.Many2one(related='account_id.standard_id')
    company_id = fields.Many2one(related='account_id.company_id')
    reason = fields.Char(required=True)

    @api.onchange('account_id', 'kind')
    def _onchange_kind(self):
        if self.kind == 'output' and self.account_id.method == 'average':
            self.percent = int(100 * self.account_id.average_percent) / 100 or 100.0

    def action_post(self):
        self.ensure_one()
        self.account_id._check_keeper()
        if self.reversed_id:
            self.reversed_id._reverse(self.reason.strip())
        else:
            # sudo: nobody has the right to create entries; who may keep books has been asked
            self.account_id.sudo()._post([self._prepare_posting()])
        return {'type': 'ir.actions.act_window_close'}

    def _prepare_posting(self):
        account = self.account_id
        if self.base_qty <= 0:
            raise UserError(self.env._("%(account)s: Goods: enter more than 0.", account=account.name))
        if not (0 < self.percent <= 100 or self.kind == 'input' and self.percent == 0):
            raise UserError(self.env._(
                "%(account)s: Certified: enter at most 100 %%; more than 0 when something is taken out.",
                account=account.name))
        if self.date > account._get_today():
            raise UserError(self.env._(
                "%(account)s: On: what is still to come cannot be posted yet.", account=account.name))
        sign = 1 if self.kind == 'input' else -1
        return {
            'kind': self.kind, 'source': 'hand', 'date': self.date, 'base_qty': sign * self.base_qty,
            'qty': sign * self.base_qty * self.percent / 100, 'certificate_id': self.certificate_id.id,
            'reason': self.reason.strip(), 'user_id': self.env.uid,
        }
