from odoo import api, models
from odoo.tools import SQL

from ...tools import binary_copy


class ScpAffinityRun(models.Model):
    """What a run reads and writes: ids in, rows out, nothing of it as records."""

    _inherit = 'scp.affinity.run'

    # === BUSINESS METHODS: READING ===#

    @api.model
    def _get_line_condition(self) -> SQL:
        """Condition on `line` and `product`: what counts as a product bought.

        Not what belongs to the terms of an order instead: down payments, deliveries and discounts
        (which have no product of their own, or a price of nothing or less), parts of a combo, which
        its head stands for, and what was only offered.
        """
        condition = SQL(
            """line.display_type IS NULL
               AND line.product_uom_qty > 0
               AND line.price_unit > 0
               AND line.combo_item_id IS NULL
               AND line.is_downpayment IS NOT TRUE""",
        )
        if 'is_delivery' in self.env['sale.order.line']._fields:
            condition = SQL("%s AND line.is_delivery IS NOT TRUE", condition)
        return condition

    def _get_source(self) -> SQL:
        """:return: joins and conditions over the lines `line` of the orders `so` of `contact`"""
        self.ensure_one()
        for model, names in {
            'sale.order': ['company_id', 'date_order', 'partner_id', 'state'],
            'sale.order.line': ['order_id', 'product_id', 'product_uom_qty', 'price_unit'],
            'res.partner': ['commercial_partner_id'],
        }.items():
            self.env[model].flush_model(names)
        start, stop = self.env['scp.value.run']._get_window_bounds(
            self.company_id, self.date_from, self.date_to,
        )
        return SQL(
            """(%(contacts)s) contact
               JOIN sale_order so
                 ON so.partner_id = contact.partner_id
                AND so.company_id = contact.company_id
                AND so.state = 'sale'
                AND so.date_order >= %(start)s
                AND so.date_order < %(stop)s
               JOIN sale_order_line line ON line.order_id = so.id AND %(condition)s
               JOIN product_product product ON product.id = line.product_id""",
            contacts=self.env['scp.value.fact']._get_contact_query(
                SQL("customer.company_id = %s", self.company_id.id),
            ),
            start=start,
            stop=stop,
            condition=self._get_line_condition(),
        )

    def _fetch_baskets(self) -> dict:
        """:return: columns `order_id` and `product_id`: which product was in which order"""
        return binary_copy.read(
            self.env.cr,
            SQL("SELECT so.id, product.id FROM %s", self._get_source()),
            {'order_id': 'i4', 'product_id': 'i4'},
        )

    def _fetch_owned(self) -> dict:
        """:return: columns `customer_id`, `product_id`, `day_count` (days with an order of it) and
            `first_day`, `last_day`, in days since 1970; no customer and product twice"""
        return binary_copy.read(
            self.env.cr,
            SQL(
                """
                SELECT customer_id, product_id, COUNT(*)::integer,
                       MIN(day) - DATE '1970-01-01', MAX(day) - DATE '1970-01-01'
                  FROM (SELECT DISTINCT contact.customer_id, product.id AS product_id, %s AS day
                          FROM %s) bought
              GROUP BY customer_id, product_id
                """,
                self.env['scp.value.fact']._get_order_day(), self._get_source(),
            ),
            {'customer_id': 'i4', 'product_id': 'i4', 'day_count': 'i4', 'first_day': 'i4', 'last_day': 'i4'},
        )

    # === BUSINESS METHODS: WRITING ===#

    def _unlink_found(self, model):
        """Remove what earlier runs of the company found."""
        self.env.cr.execute(SQL(
            "DELETE FROM %s WHERE company_id = %s",
            SQL.identifier(self.env[model]._table), self.company_id.id,
        ))
        self.env[model].invalidate_model()

    def _insert_suggestions(self, kind, columns) -> int:
        return self._insert('scp.affinity.suggestion', columns, kind=kind)

    def _insert(self, model, columns, **constants) -> int:
        """Write rows set-wise. What names a customer or product deleted meanwhile is left out.

        :param columns: {field: values}, numbers of one length; days since 1970 for a date; not a
            number stands for no record
        :param constants: {field: value of all rows}
        :return: number of rows
        """
        Model = self.env[model]
        comma = SQL(", ").join
        names = list(columns)
        constants |= {'run_id': self.id, 'company_id': self.company_id.id}
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE scp_affinity_given (%s) ON COMMIT DROP",
            comma(SQL("%s double precision", SQL.identifier(name)) for name in names),
        ))
        binary_copy.write(
            self.env.cr, 'scp_affinity_given', {name: ('f8', values) for name, values in columns.items()})
        self.env.cr.execute(SQL(
            """
            INSERT INTO %(table)s (%(constants)s, %(names)s)
                 SELECT %(fixed)s, %(values)s
                   FROM scp_affinity_given given
                        %(joins)s
            """,
            table=SQL.identifier(Model._table),
            constants=comma(map(SQL.identifier, constants)),
            names=comma(map(SQL.identifier, names)),
            fixed=comma(SQL("%s", value) for value in constants.values()),
            values=comma(self._get_given_value(Model._fields[name]) for name in names),
            joins=SQL(" ").join(
                SQL("%(join)s %(table)s %(alias)s ON %(alias)s.id = given.%(name)s",
                    join=SQL("JOIN" if Model._fields[name].required else "LEFT JOIN"),
                    table=SQL.identifier(self.env[Model._fields[name].comodel_name]._table),
                    alias=SQL.identifier(f'{name}_record'), name=SQL.identifier(name))
                for name in names if Model._fields[name].type == 'many2one'
            ),
        ))
        count = self.env.cr.rowcount
        self.env.cr.execute(SQL("DROP TABLE scp_affinity_given"))
        Model.invalidate_model()
        return count

    @api.model
    def _get_given_value(self, field) -> SQL:
        if field.type == 'many2one':
            return SQL.identifier(f'{field.name}_record', 'id')
        column = SQL("given.%s", SQL.identifier(field.name))
        if field.type == 'date':
            return SQL("DATE '1970-01-01' + %s::integer", column)
        if field.type == 'integer':
            return SQL("%s::integer", column)
        return SQL("ROUND(%s::numeric, %s)", column, field.get_digits(self.env)[1])
