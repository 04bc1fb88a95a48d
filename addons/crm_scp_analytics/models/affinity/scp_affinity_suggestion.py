from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang


class ScpAffinitySuggestion(models.Model):
    """A product that a customer is likely to buy next, again or for the first time, and why.

    Written by `scp.affinity.run` alone. One whose product is archived is archived with it.
    """

    _name = 'scp.affinity.suggestion'
    _description = "Product Suggestion"
    _order = 'customer_id, kind, rank, id'
    _rec_name = 'product_id'
    _log_access = False
    _check_company_auto = True

    run_id = fields.Many2one(
        comodel_name='scp.affinity.run', required=True, readonly=True, index=True, ondelete='cascade',
        groups='crm_scp_core.group_scp_manager,crm_scp_core.group_scp_auditor',
    )
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True, ondelete='cascade',
    )
    customer_id = fields.Many2one(
        comodel_name='scp.customer', required=True, readonly=True, index=True, ondelete='cascade', check_company=True,
    )
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    user_id = fields.Many2one(related='customer_id.user_id')
    team_id = fields.Many2one(related='customer_id.team_id')
    grade_id = fields.Many2one(related='customer_id.grade_id')
    product_id = fields.Many2one(
        comodel_name='product.product', required=True, readonly=True, ondelete='cascade',
    )
    active = fields.Boolean(related='product_id.active')
    kind = fields.Selection(
        selection=[('again', "Again"), ('new', "New")], string="Purchase", required=True, readonly=True,
        help="Again: he bought it on several days before. New: he never bought it, and others who buy "
             "what he buys do, or most others where customers show no taste.",
    )
    rank = fields.Integer(readonly=True, aggregator=None, help="Among his suggestions of this kind, the best first.")
    score = fields.Float(
        digits=(10, 3), readonly=True, aggregator=None,
        help="Again: purchases expected within three months. New: how much what he has speaks for it, to "
             "be compared among the suggestions of one customer; the share of customers who have it where "
             "that was the better guess.",
    )
    day_count = fields.Integer(string="Days Bought", readonly=True, aggregator=None)
    first_day = fields.Date(string="First Bought", readonly=True)
    last_day = fields.Date(string="Last Bought", readonly=True)
    because_product_id = fields.Many2one(
        comodel_name='product.product', string="Because He Has", readonly=True,
        index='btree_not_null', ondelete='set null',
    )
    reason = fields.Char(compute='_compute_reason')

    # Each product once; by product, for it serves the deletion of products too.
    _product_customer_uniq = models.UniqueIndex('(product_id, customer_id)')

    # === COMPUTE METHODS ===#

    @api.depends('kind', 'day_count', 'last_day', 'because_product_id')
    @api.depends_context('lang')
    def _compute_reason(self):
        for suggestion in self:
            suggestion.reason = suggestion._get_reason()

    # === ACTIONS ===#

    @api.readonly
    def action_open_customer(self):
        """Open the page of the customer."""
        self.ensure_one()
        return self.customer_id.action_open_partner()

    def action_quote(self):
        """Open a new quotation for the customer with the product in it."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sale.order',
            'views': [(False, 'form')],
            'context': {
                'default_partner_id': self.partner_id.id,
                'default_company_id': self.company_id.id,
                'default_order_line': [(0, 0, {'product_id': self.product_id.id, 'product_uom_qty': 1})],
            },
        }

    # === BUSINESS METHODS ===#

    def _get_reason(self):
        """:return: why the product is suggested, as a sentence"""
        self.ensure_one()
        if self.kind == 'new':
            # sudo: the name of a product that the customer bought from this company
            because = self.because_product_id.sudo()
            if not because:
                return self.env._("%(share)s %% of the customers have it.",
                                  share=formatLang(self.env, 100 * self.score, digits=0))
            return self.env._("Others who buy %(product)s have it.", product=because.display_name)
        values = {
            'days': formatLang(self.env, self.day_count, digits=0),
            'last': format_date(self.env, self.last_day),
            'gap': formatLang(self.env, (self.last_day - self.first_day).days / (self.day_count - 1), digits=0),
        }
        return self.env._("Bought on %(days)s days, every %(gap)s days, last on %(last)s.", **values)
