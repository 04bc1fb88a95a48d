from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, formatLang


class ScpBalanceClaim(models.Model):
    """What is said of the goods of a delivery, *mass balance, 70 %*, and taken out of the account when they leave."""

    _name = 'scp.balance.claim'
    _description = "Chain-of-Custody Claim"
    _order = 'picking_id, id'
    _rec_name = 'text'
    _check_company_auto = True

    picking_id = fields.Many2one(
        'stock.picking', string="Delivery", required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='picking_id.company_id', store=True, precompute=True, index=True)
    account_id = fields.Many2one(
        'scp.balance.account', required=True, index=True, ondelete='restrict', check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    product_id = fields.Many2one(
        'product.product', required=True, index='btree_not_null', ondelete='restrict', check_company=True)
    percent = fields.Float(
        string="Certified (%)", compute='_compute_percent', store=True, readonly=False, precompute=True, required=True,
        digits=(5, 2), aggregator=None, help="The certified part that is claimed of these goods.",
    )
    text = fields.Char(string="Claim", compute='_compute_text', help="As the delivery slip says it.")
    entry_ids = fields.One2many('scp.balance.entry', 'claim_id', string="Entries")
    qty = fields.Float(
        string="Taken Out", compute='_compute_qty', digits=(16, 4), help="In the unit of the account; empty until it "
        "is delivered.",
    )

    _product_uniq = models.UniqueIndex(
        '(picking_id, account_id, product_id)', "This product has a claim from this account already.")
    _percent_range = models.Constraint(
        'CHECK (percent > 0 AND percent <= 100)', "Certified: enter more than 0 and at most 100 %.")

    # === COMPUTE === #

    @api.depends('account_id')
    def _compute_percent(self):
        for claim in self:
            account = claim.account_id
            if account.method == 'average':
                claim.percent = int(100 * (account._get_average(account._get_today()) or 0)) / 100 or 100.0
            else:
                claim.percent = claim.percent or 100.0

    @api.depends('account_id.coc_model', 'account_id.standard_id', 'percent')
    @api.depends_context('lang')
    def _compute_text(self):
        models_ = dict(self.env['scp.balance.account']._fields['coc_model']._description_selection(self.env))
        for claim in self:
            account = claim.account_id
            claim.text = account and self.env._(
                "%(model)s, %(percent)s %% (%(standard)s)", model=models_.get(account.coc_model),
                percent=formatLang(self.env, claim.percent, digits=2).rstrip('0').rstrip('.,'),
                standard=account.standard_id.display_name)

    @api.depends('entry_ids.qty')
    def _compute_qty(self):
        for claim in self:
            # sudo: the entries of what one may read
            claim.qty = -sum(claim.sudo().entry_ids.mapped('qty'))

    # === CONSTRAINS === #

    @api.constrains('account_id', 'product_id', 'picking_id')
    def _check_account_id(self):
        for claim in self:
            account, site = claim.account_id, claim.picking_id.picking_type_id.warehouse_id
            if account.warehouse_id != site:
                raise ValidationError(self.env._(
                    "%(delivery)s leaves %(site)s: choose an account of that site instead of %(account)s.",
                    delivery=claim.picking_id.name, site=site.name, account=account.name))
            # an open delivery is finished with the account it was begun with, archived or not
            if account.active and not account._is_about(claim.product_id):
                raise ValidationError(self.env._(
                    "%(account)s does not count %(product)s.",
                    account=account.name, product=claim.product_id.display_name))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        claims = super().create(vals_list)
        claims._check_open()
        return claims

    def write(self, vals):
        self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_delivered(self):
        self._check_open()

    # === BUSINESS === #

    def _check_open(self):
        for claim in self:
            if claim.picking_id.state in ('done', 'cancel'):
                raise UserError(self.env._(
                    "%(delivery)s is done: what was claimed stays. Reverse the entry or post by hand.",
                    delivery=claim.picking_id.name))

    def _prepare_posting(self, moves, day):
        """Values of the entry of what was delivered.

        :param moves: done moves of this delivery
        :raise UserError: more is claimed than the rolling average allows
        """
        self.ensure_one()
        account, product = self.account_id, self.product_id
        if account.method == 'average':
            average = account._get_average(day) or 0.0
            if float_compare(self.percent, average, precision_digits=2) > 0:
                raise UserError(self.env._(
                    "%(delivery)s: the claim on %(product)s, %(percent)s %%, is above the rolling average of "
                    "%(account)s, %(average)s %%.", delivery=self.picking_id.name, product=product.display_name,
                    account=account.name, percent=formatLang(self.env, self.percent, digits=2),
                    average=formatLang(self.env, average, digits=2)))
        base = sum(
            move.product_uom._compute_quantity(move.quantity, product.uom_id, round=False) for move in moves
        ) * account._get_factor(product)
        return {
            'kind': 'output', 'source': 'delivery', 'date': day, 'qty': -base * self.percent / 100, 'base_qty': -base,
            'claim_id': self.id, 'product_id': product.id, 'move_id': moves[:1].id, 'picking_id': self.picking_id.id,
            'partner_id': self.picking_id.partner_id.commercial_partner_id.id,
        }

    def _carry_on(self, backorders):
        """What is left of a delivery is claimed as the rest was."""
        for backorder in backorders:
            for claim in self.filtered(lambda claim, backorder=backorder: claim.picking_id == backorder.backorder_id):
                if claim.product_id in backorder.move_ids.product_id:
                    claim.copy({'picking_id': backorder.id, 'percent': claim.percent})
