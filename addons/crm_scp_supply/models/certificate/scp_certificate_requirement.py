from typing import NamedTuple

from odoo import api, fields, models, tools

from ..scorecard.scp_scorecard_standing import ACTIONS
from .coc import MODELS


class Acting(NamedTuple):
    """A requirement that warns or holds, as far as documents ask for it before anything is queried.

    :param products: ids of products it is about, beside those of the categories; with both empty, of everything
    :param categories: ids of categories, those below included
    :param customer_id: the customer it is for, 0 for everybody
    """

    id: int
    products: frozenset[int]
    categories: frozenset[int]
    customer_id: int

    def is_about(self, product):
        return (
            not self.products and not self.categories
            or product.id in self.products or product.categ_id.id in self.categories
        )


class ScpCertificateRequirement(models.Model):
    """Goods need a certificate: which goods, of which standard, how far up the chain, and what follows without."""

    _name = 'scp.certificate.requirement'
    _inherit = ['mail.thread', 'scp.product.scope.mixin']
    _description = "Certificate Requirement"
    _order = 'standard_id, id'
    _check_company_auto = True

    standard_id = fields.Many2one('scp.standard', required=True, index=True, ondelete='restrict', tracking=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True)
    product_ids = fields.Many2many(
        help="What the requirement is about, beside the categories. Both empty: everything that is bought. Of a "
        "product we make, everything it is made of counts, unless some of it is named here too.",
    )
    partner_id = fields.Many2one(
        'res.partner', string="For Customer", index='btree_not_null', ondelete='restrict', check_company=True,
        domain="[('parent_id', '=', False)]", tracking=True,
        help="Asked of what is delivered to this customer. Empty: asked of all goods, when they are bought already.",
    )
    tier = fields.Integer(
        string="Up to Tier", required=True, default=1, aggregator=None, tracking=True,
        help="1: our suppliers need the certificate. 2: so do their suppliers whom we know (see Relations). And so on.",
    )
    coc_model = fields.Selection(
        MODELS, string="Chain of Custody", tracking=True,
        help="The loosest model (ISO 22095) that is accepted; stricter ones are too. Identity preserved: what one lot "
        "is made of comes from one supplier for each product. Empty: none is asked for.",
    )
    min_share = fields.Float(
        string="Covered Share (%)", required=True, default=100.0, digits=(5, 2), aggregator=None, tracking=True,
        help="How much of what a lot is made of must be covered, by quantity. Below 100 for controlled blending.",
    )
    date_from = fields.Date(
        string="Since", required=True, default=fields.Date.context_today, tracking=True,
        help="Goods that came before this day need no certificate.",
    )
    date_to = fields.Date(string="Until", tracking=True, help="Empty: until further notice.")
    action = fields.Selection(
        ACTIONS, string="Without It", required=True, default='warn', tracking=True,
        help="What happens to purchase orders, receipts and deliveries when a certificate is missing or not valid. "
        "Warn: they say so, and keep that they went on. Hold: they cannot be confirmed.",
    )
    reason = fields.Char(translate=True, help="Why it is asked for: a law, a contract, our own policy.")

    _tier_positive = models.Constraint('CHECK (tier >= 1)', "Up to Tier: our suppliers are tier 1.")
    _share_range = models.Constraint(
        'CHECK (min_share > 0 AND min_share <= 100)', "Covered Share: enter more than 0 and at most 100 %.")
    _dates_order = models.Constraint(
        'CHECK (date_to IS NULL OR date_to >= date_from)', "A requirement cannot end before it begins.")

    # === COMPUTE === #

    @api.depends('standard_id', 'partner_id', 'product_ids', 'categ_ids')
    def _compute_display_name(self):
        for requirement in self:
            about = [*requirement.categ_ids.mapped('name'), *requirement.product_ids.mapped('name')]
            parts = [requirement.standard_id.display_name, requirement.partner_id.name]
            if about:
                parts.append(about[0] if len(about) == 1 else self.env._(
                    "%(first)s and %(count)s more", first=about[0], count=len(about) - 1))
            requirement.display_name = ", ".join(filter(None, parts))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        requirements = super().create(vals_list)
        self._forget_acting()
        return requirements

    def write(self, vals):
        result = super().write(vals)
        self._forget_acting()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_acting()
        return result

    # === BUSINESS === #

    @api.model
    @tools.ormcache('company_id', cache='stable')
    def _get_acting(self, company_id: int) -> tuple[Acting, ...]:
        """The requirements that warn or hold; cached, for every order and transfer asks and most goods need nothing."""
        # sudo: a requirement concerns who moves goods, whether or not he may read it
        requirements = self.sudo().search([('company_id', '=', company_id), ('action', '!=', 'none')])
        Category = self.env['product.category'].sudo()
        return tuple(
            Acting(
                requirement.id, frozenset(requirement.product_ids.ids),
                frozenset(Category.search([('id', 'child_of', requirement.categ_ids.ids)]).ids),
                requirement.partner_id.id or 0,
            ) for requirement in requirements
        )

    @api.model
    def _get_acting_on(self, company, products=None, customer=None):
        """The requirements that warn or hold when products are bought, or goods delivered to a customer.

        :param products: ``product.product``; None for whatever goods there are
        :param customer: ``res.partner``, a company; None when goods are bought
        :return: requirements, as superuser
        """
        customer_ids = {0, customer.id} if customer else {0}
        requirement_ids = [
            requirement.id for requirement in self._get_acting(company.id)
            if requirement.customer_id in customer_ids
            and (products is None or any(map(requirement.is_about, products)))
        ]
        # The switch is read last: most goods need nothing. sudo: settings, of whoever moves goods
        if requirement_ids and not company.sudo().scp_certificate_acts:
            requirement_ids = []
        return self.sudo().browse(requirement_ids)  # sudo: as in `_get_acting`

    @api.model
    def _forget_acting(self):
        self.env.registry.clear_cache('stable')
