import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import consteq

#: bytes of randomness in an address that nobody guesses
TOKEN_BYTES = 32


class ScpLotPassport(models.Model):
    """A page about a lot for who holds it: a link, or a code on the label, that needs no login.

    Everybody who has the address sees what is printed on a label anyway. What a partner sees beyond that, the share
    policy in force with him decides at the moment he looks.
    """

    _name = 'scp.lot.passport'
    _description = "Lot Passport"
    _order = 'create_date desc, id desc'
    _rec_name = 'lot_id'
    _check_company_auto = True

    lot_id = fields.Many2one('stock.lot', required=True, index=True, ondelete='cascade', check_company=True)
    product_id = fields.Many2one(related='lot_id.product_id')
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        'res.partner', string="For", index='btree_not_null', ondelete='cascade', check_company=True,
        help="The customer or distributor who sees what our share policy with him allows. "
        "Empty: for everybody, with what stands on the label.",
    )
    date_end = fields.Date(string="Valid until", help="Last day on which the page answers. Empty: until archived.")
    active = fields.Boolean(default=True, help="An archived passport does not answer any more.")
    token = fields.Char(
        required=True, readonly=True, copy=False, groups='base.group_system',
        default=lambda self: secrets.token_urlsafe(TOKEN_BYTES),
    )
    url = fields.Char(string="Address", compute='_compute_url')

    # _find_by_token()
    _token_uniq = models.UniqueIndex('(token)', "This address belongs to another passport.")

    def init(self):
        self.env.cr.execute(self.env['scp.trace']._get_partner_lots_function())
        return super().init()

    # === COMPUTE === #

    def _compute_url(self):
        for passport in self:
            # sudo: who may read a passport may hand out its address
            passport.url = f'{passport.get_base_url()}/scp/lot/{passport.sudo().token}' if passport.id else False

    # === CONSTRAINS === #

    @api.constrains('lot_id', 'company_id')
    def _check_lot_id(self):
        for passport in self:
            if passport.lot_id.company_id not in (self.env['res.company'], passport.company_id):
                raise ValidationError(self.env._(
                    "Lot: %(lot)s belongs to the company %(company)s.",
                    lot=passport.lot_id.display_name, company=passport.lot_id.company_id.display_name,
                ))

    # === ACTIONS === #

    @api.readonly
    def action_open(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'url': self.url, 'target': 'new'}

    # === BUSINESS === #

    @api.model
    def _find_by_token(self, token):
        """The passport that answers at an address today, as superuser, or an empty one."""
        # sudo: the token is the key
        passport = self.sudo().search([('token', '=', token)], limit=1)
        if not passport or not consteq(passport.token, token):
            return passport.browse()
        expired = passport.date_end and passport.date_end < fields.Date.context_today(passport)
        return passport.browse() if expired else passport

    def _get_policy(self):
        """The share policy in force with the partner, as distributor or customer; an empty one shares nothing."""
        self.ensure_one()
        Relation = self.env['scp.relation']
        for role in ('distributor', 'customer'):
            if policy := Relation._get_policy(self.partner_id, role, self.company_id):
                return policy
        return self.env['scp.share.policy'].sudo().browse()  # sudo: as the policies themselves

    def _prepare_page(self):
        """What the page shows: nothing else leaves. Runs as superuser.

        :return: `lot`, `product`, `code`, `company`, `dates` [(label, day)]; with a policy that shares lots,
            `deliveries` {quantity, unit, rows [{name, day}]} of the partner and `components` [{product, lot,
            supplier}], suppliers only where the policy reveals them
        """
        self.ensure_one()
        policy = self._get_policy()
        values = {
            'lot': self.lot_id.name,
            'product': self.lot_id.product_id.name,
            'code': self.lot_id.product_id.default_code,
            'company': self.company_id.name,
            'partner': self.partner_id.commercial_partner_id.name if policy.share_lot_trace else False,
            'dates': self._prepare_dates(),
            'deliveries': False,
            'components': [],
        }
        if policy.share_lot_trace:
            values['deliveries'] = self._prepare_deliveries()
            values['components'] = self._prepare_components(policy)
        return values

    def _prepare_dates(self):
        names = ('use_date', 'expiration_date')  # of `product_expiry`: what a label names
        return [
            (self.lot_id._fields[name]._description_string(self.env), self.lot_id[name])
            for name in names if self.lot_id[name]
        ]

    def _prepare_deliveries(self):
        """What the partner has of this very lot; what it was built into is on the passports of those lots."""
        rows = [
            row for row in self._get_trace()._get_customer_rows(self.lot_id)
            if row['lot_id'] == self.lot_id.id and row['partner_id'] == self.partner_id.commercial_partner_id.id
        ]
        pickings = self.env['stock.picking'].browse({
            picking for row in rows for picking in row['picking_ids'] or []
        }).sorted('date_done')
        return {
            'quantity': sum(row['net'] for row in rows),
            'unit': self.lot_id.product_uom_id.name,
            'rows': [{'name': picking.name, 'day': picking.date_done} for picking in pickings],
        }

    def _prepare_components(self, policy):
        Trace = self._get_trace()
        lots = Trace._get_reached_lots(self.lot_id, 'backward') - self.lot_id
        suppliers = {
            row['lot_id']: self.env['res.partner'].browse(row['partner_id'] or []).name
            for row in (Trace._get_supplier_rows(self.lot_id) if policy.reveal_supplier_identity else ())
        }
        return [
            {'product': lot.product_id.name, 'lot': lot.name, 'supplier': suppliers.get(lot.id)}
            for lot in lots.sorted(lambda lot: (lot.product_id.name, lot.name))
        ]

    def _get_trace(self):
        """The trace within the company of the passport, whoever looks."""
        return self.env['scp.trace'].with_context(allowed_company_ids=self.company_id.ids)
