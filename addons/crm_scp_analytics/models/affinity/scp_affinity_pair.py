from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang


class ScpAffinityPair(models.Model):
    """Two products that are bought in one order more often than chance explains.

    There is a row for either direction: what else goes with the first product. Written by
    `scp.affinity.run` alone.
    """

    _name = 'scp.affinity.pair'
    _description = "Products Bought Together"
    _order = 'g2 desc, id'
    _rec_name = 'other_product_id'
    _log_access = False
    _check_company_auto = True

    run_id = fields.Many2one(
        comodel_name='scp.affinity.run', required=True, readonly=True, index=True, ondelete='cascade',
        groups='crm_scp_core.group_scp_manager,crm_scp_core.group_scp_auditor',
    )
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True, ondelete='cascade',
    )
    product_id = fields.Many2one(
        comodel_name='product.product', required=True, readonly=True, ondelete='cascade',
    )
    other_product_id = fields.Many2one(
        comodel_name='product.product', string="Also Bought", required=True, readonly=True,
        index=True, ondelete='cascade',
    )
    active = fields.Boolean(related='other_product_id.active')
    together_count = fields.Integer(
        string="Orders with Both", readonly=True, aggregator=None, help="Confirmed orders with both products.",
    )
    product_count = fields.Integer(string="Orders with It", readonly=True, aggregator=None)
    other_count = fields.Integer(string="Orders with the Other", readonly=True, aggregator=None)
    share = fields.Float(
        compute='_compute_share', aggregator=None,
        help="Of the orders with the product, those with the other one too.",
    )
    lift = fields.Float(
        digits=(10, 2), readonly=True, aggregator=None,
        help="How many times more often the two are in one order than they would be by chance.",
    )
    g2 = fields.Float(
        string="Strength (G2)", digits=(16, 1), readonly=True, aggregator=None,
        help="How much the orders speak against chance (log-likelihood ratio). Pairs are ranked by it.",
    )
    false_discovery = fields.Float(
        string="False Discovery Rate", digits=(10, 6), readonly=True, aggregator=None,
        help="Of the pairs at least as clear as this one, the share to expect by chance.",
    )
    is_optional = fields.Boolean(
        string="Offered as Optional Product", compute='_compute_is_optional',
        help="The other product is among the optional products of the first.",
    )

    # Suggestions on a quotation: what goes with its products, strongest first.
    _product_uniq = models.UniqueIndex('(product_id, other_product_id, company_id)')

    # === COMPUTE METHODS ===#

    @api.depends('together_count', 'product_count')
    def _compute_share(self):
        for pair in self:
            pair.share = pair.together_count / pair.product_count

    @api.depends('product_id.optional_product_ids', 'other_product_id')
    def _compute_is_optional(self):
        for pair in self:
            pair.is_optional = pair.other_product_id.product_tmpl_id in pair.product_id.optional_product_ids

    # === ACTIONS ===#

    def action_add_optional(self):
        """Offer the other product of each pair whenever the first is put into a quotation or cart."""
        for pair in self:
            if not pair.other_product_id.active:
                raise UserError(self.env._(
                    "%(product)s is archived and cannot be offered.", product=pair.other_product_id.display_name,
                ))
        for product, pairs in self.grouped('product_id').items():
            product.product_tmpl_id.optional_product_ids |= (
                pairs.other_product_id.product_tmpl_id - product.product_tmpl_id
            )

    # === BUSINESS METHODS ===#

    @api.model
    def _get_best(self, company, products, limit):
        """What goes with some products and is none of them.

        :param company: `res.company`
        :param products: `product.product`
        :return: the strongest pair of each product found, strongest first; archived ones left out
        """
        pairs = self.search([
            ('company_id', '=', company.id),
            ('product_id', 'in', products.ids),
            ('other_product_id', 'not in', products.ids),
            ('other_product_id.sale_ok', '=', True),
        ])
        best = self.browse()
        for found in pairs.grouped('other_product_id').values():
            best += found[0]
            if len(best) == limit:
                break
        return best

    def _get_reason(self):
        """:return: why the other product is suggested, as a sentence"""
        self.ensure_one()
        return self.env._(
            "%(together)s of %(orders)s orders with %(product)s have it too, %(lift)s times as many as by chance.",
            together=formatLang(self.env, self.together_count, digits=0),
            orders=formatLang(self.env, self.product_count, digits=0),
            product=self.product_id.display_name,
            lift=formatLang(self.env, self.lift, digits=1),
        )
