from odoo import api, fields, models
from odoo.exceptions import UserError

# Suggestions of each kind on a quotation.
SHOWN = 4


class SaleOrder(models.Model):
    """What else to offer with a quotation."""

    _inherit = 'sale.order'

    scp_suggestions = fields.Json(
        string="Suggestions",
        compute='_compute_scp_suggestions',
        groups='crm_scp_core.group_scp_user',
        help="Products that go with those of the quotation, that the customer buys again, and that "
             "customers like him buy.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('partner_id', 'company_id', 'state', 'order_line.product_id')
    @api.depends_context('lang', 'uid')
    def _compute_scp_suggestions(self):
        for order in self:
            order.scp_suggestions = order.state in ('draft', 'sent') and order._get_scp_suggestions()

    # === BUSINESS METHODS ===#

    def _get_scp_suggestions(self):
        """:return: [{'kind', 'title', 'help', 'items': [{'product_id', 'name', 'reason'}]}], kinds
            without a suggestion left out"""
        self.ensure_one()
        products = self.order_line.product_id
        pairs = self.env['scp.affinity.pair']._get_best(self.company_id, products, SHOWN)
        groups = [{
            'kind': 'together',
            'title': self.env._("Goes with this quotation"),
            'help': self.env._("Bought in one order with these products more often than chance explains."),
            'items': [
                self._prepare_scp_suggestion(pair.other_product_id, pair._get_reason()) for pair in pairs
            ],
        }]
        suggestions = self.env['scp.affinity.suggestion'].search([
            ('customer_id.partner_id', '=', self.partner_id.commercial_partner_id.id),
            ('company_id', '=', self.company_id.id),
            ('product_id', 'not in', (products | pairs.other_product_id).ids),
            ('product_id.sale_ok', '=', True),
        ]) if self.partner_id else self.env['scp.affinity.suggestion']
        for kind, title, description in (
            ('again', self.env._("He buys again"), self.env._("What this customer bought on several days.")),
            ('new', self.env._("Others also buy"), self.env._(
                "Never bought by this customer, but by others who buy what he buys, or by most.")),
        ):
            groups.append({
                'kind': kind,
                'title': title,
                'help': description,
                'items': [
                    self._prepare_scp_suggestion(suggestion.product_id, suggestion.reason)
                    for suggestion in suggestions.filtered(lambda one, kind=kind: one.kind == kind)[:SHOWN]
                ],
            })
        return [group for group in groups if group['items']]

    def _prepare_scp_suggestion(self, product, reason):
        return {'product_id': product.id, 'name': product.display_name, 'reason': reason}

    def scp_add_suggestion(self, product_id, optional=False):
        """Put a suggested product into the quotation.

        :param int product_id: `product.product`
        :param bool optional: as an optional product, which the customer may add by himself, instead
            of as one that he gets
        :raise UserError: the product is archived, or the quotation is none any more
        """
        self.ensure_one()
        product = self.env['product.product'].browse(product_id).exists()
        if not product.active or not product.sale_ok:
            raise UserError(self.env._(
                "%(product)s cannot be added to %(order)s: it is archived, or not sold any more.",
                product=product.display_name or self.env._("The product"), order=self.name,
            ))
        if self.state not in ('draft', 'sent'):
            raise UserError(self.env._(
                "%(product)s cannot be added to %(order)s: it is not a quotation any more.",
                product=product.display_name, order=self.name,
            ))
        if product in self.order_line.product_id:
            return
        if optional:
            self._scp_insert_optional(product)
        else:
            self._scp_insert_line(product)

    def _scp_insert_line(self, product):
        """Add a line after the last one that is not optional: below, it would be optional too."""
        lines = self.order_line.sorted()
        line = self._scp_create_line(product_id=product.id)
        section = lines.filtered('is_optional')[:1]
        place = list(lines).index(section) if section else len(lines)
        self._scp_arrange([*lines[:place], line, *lines[place:]])

    def _scp_insert_optional(self, product):
        """Add a line at the end of the optional section, the last one where there are several."""
        lines = self.order_line.sorted()
        section = lines.filtered(lambda line: line.is_optional and line.display_type == 'line_section')[-1:]
        line = self._scp_create_line(product_id=product.id, product_uom_qty=0)
        if not section:
            section = self._scp_create_line(
                name=self.env._("Optional Products"), display_type='line_section', is_optional=True,
                product_uom_qty=0,
            )
            self._scp_arrange([*lines, section, line])
            return
        lines = list(lines)
        place = lines.index(section) + 1
        while place < len(lines) and lines[place].display_type != 'line_section':
            place += 1
        self._scp_arrange([*lines[:place], line, *lines[place:]])

    def _scp_create_line(self, **values):
        return self.env['sale.order.line'].create({'order_id': self.id, **values})

    @api.model
    def _scp_arrange(self, lines):
        """Give lines the order of the list, touching only those that move."""
        for sequence, line in enumerate(lines, start=1):
            if line.sequence != sequence:
                line.sequence = sequence
