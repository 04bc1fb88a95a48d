from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ScpProductScopeMixin(models.AbstractModel):
    """Records that are about some products, about categories with all below them, or about everything."""

    _name = 'scp.product.scope.mixin'
    _description = "Scope of Products"

    product_ids = fields.Many2many(
        'product.product', string="Products", check_company=True,
        help="The products this is about, beside the categories. Both empty: everything.",
    )
    categ_ids = fields.Many2many(
        'product.category', string="Product Categories", help="With everything below them.",
    )

    def _get_product_domain(self, field_name='product_id'):
        """Domain on records with a product: those this record is about.

        :param str field_name: the link to ``product.product``
        """
        self.ensure_one()
        if not self.product_ids and not self.categ_ids:
            return Domain.TRUE
        categories = self.env['product.category'].search([('id', 'child_of', self.categ_ids.ids)])
        # any!: a portal user may see the line without the right to read products
        return (
            Domain(field_name, 'in', self.product_ids.ids)
            | Domain(field_name, 'any!', Domain('categ_id', 'in', categories.ids))
        )

    def _get_scope_condition(self, record: SQL, product: SQL) -> SQL:
        """Condition in SQL: the record is about the product. For joins, row by row.

        :param record: alias of the table of this model
        :param product: expression, id of a ``product.product``; of NULL only who is about everything is
        """
        products, categories = self._fields['product_ids'], self._fields['categ_ids']
        return SQL(
            """(
                NOT EXISTS (SELECT FROM %(products)s WHERE %(products_id)s = %(record)s.id)
                AND NOT EXISTS (SELECT FROM %(categories)s WHERE %(categories_id)s = %(record)s.id)
                OR EXISTS (
                    SELECT FROM %(products)s WHERE %(products_id)s = %(record)s.id AND product_product_id = %(product)s
                )
                OR EXISTS (
                    SELECT FROM product_product scope_product
                      JOIN product_template scope_template ON scope_template.id = scope_product.product_tmpl_id
                      JOIN product_category scope_below ON scope_below.id = scope_template.categ_id
                      JOIN product_category scope_above
                        ON scope_below.parent_path LIKE scope_above.parent_path || '%%'
                      JOIN %(categories)s
                        ON product_category_id = scope_above.id AND %(categories_id)s = %(record)s.id
                     WHERE scope_product.id = %(product)s
                )
            )""",
            record=record, product=product,
            products=SQL.identifier(products.relation), products_id=SQL.identifier(products.column1),
            categories=SQL.identifier(categories.relation), categories_id=SQL.identifier(categories.column1),
        )
