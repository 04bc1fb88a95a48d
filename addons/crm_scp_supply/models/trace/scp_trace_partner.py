from odoo import api, models
from odoo.tools import SQL


class ScpTrace(models.AbstractModel):
    """Which lots went to companies, and which came from them."""

    _inherit = 'scp.trace'

    @api.model
    def _get_partner_lots_query(self, partners) -> SQL:
        """A statement of rows (role, partner_id, lot_ids), the role being `customer` or `supplier`.

        :param partners: commercial partners; with them count all who belong to their companies
        """
        return SQL(
            "SELECT role, partner_id, lot_ids FROM scp_trace_partner_lots(NULL, %s, %s)",
            partners.ids, self.env.companies.ids,
        )

    @api.model
    def _get_partner_lots_function(self) -> SQL:
        """The statement that makes the function behind :meth:`_get_partner_lots_query`.

        Whoever opens a contact asks it, and to plan its six tables takes five times as long as to read them: the
        database keeps it, planned once per connection for whatever partners are given. The partner is that of the
        order, of a move without one that of the transfer. Its first argument is a row of a table of ours: so the
        function goes with the table.
        """
        ends = (
            ('customer', 'sale_line_id', 'sale_order_line', 'order_partner_id', 'location_dest_id'),
            ('supplier', 'purchase_line_id', 'purchase_order_line', 'partner_id', 'location_id'),
        )
        parts = [{
            'role': role,
            'link': SQL.identifier('move', link),
            'order_line': SQL.identifier(order_line),
            'partner': SQL.identifier(order_line, partner),
            'location': SQL.identifier('line', location),
        } for role, link, order_line, partner, location in ends]
        return SQL(
            """
            CREATE OR REPLACE FUNCTION scp_trace_partner_lots(blank scp_lot_passport, customers int[], companies int[])
            RETURNS TABLE (role varchar, partner_id int, lot_ids int[])
            LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET jit = off AS $$
            #variable_conflict use_column
            BEGIN
                RETURN QUERY
                WITH everybody AS MATERIALIZED (
                    SELECT id, commercial_partner_id FROM res_partner WHERE commercial_partner_id = ANY(customers)
                )
                SELECT outside.usage, partner.commercial_partner_id, array_agg(DISTINCT line.lot_id)
                  FROM stock_move move
                  JOIN stock_move_line line ON line.move_id = move.id AND line.lot_id IS NOT NULL AND %(done)s
                  JOIN stock_location outside ON %(outside)s
                  JOIN everybody partner ON partner.id = CASE outside.usage %(partner)s END
                 WHERE %(ordered)s
                    OR move.picking_id = ANY(ARRAY(
                           SELECT id FROM stock_picking WHERE partner_id = ANY(ARRAY(SELECT id FROM everybody))))
              GROUP BY outside.usage, partner.commercial_partner_id;
            END $$
            """,
            done=self._get_done_condition(companies=SQL("companies")),
            outside=SQL(" OR ").join(
                SQL("outside.usage = %(role)s AND outside.id = %(location)s", **part) for part in parts),
            partner=SQL(" ").join(SQL(
                """WHEN %(role)s THEN CASE
                       WHEN %(link)s IS NULL THEN (SELECT partner_id FROM stock_picking WHERE id = move.picking_id)
                       ELSE (SELECT %(partner)s FROM %(order_line)s WHERE id = %(link)s) END""",
                **part,
            ) for part in parts),
            ordered=SQL(" OR ").join(SQL(
                """%(link)s = ANY(ARRAY(
                       SELECT id FROM %(order_line)s WHERE %(partner)s = ANY(ARRAY(SELECT id FROM everybody))))""",
                **part,
            ) for part in parts),
        )
