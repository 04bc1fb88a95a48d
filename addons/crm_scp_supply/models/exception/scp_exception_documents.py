from odoo import api, fields, models
from odoo.tools import SQL

# Hours after goods have arrived within which their papers may still follow
GRACE_HOURS = 24


class ScpException(models.Model):
    """Goods that arrived without the papers agreed with the partner."""

    _inherit = 'scp.exception'

    # === BUSINESS === #

    @api.model
    def _get_paperless(self, now) -> SQL:
        """Lines of which goods arrived in a transfer that has no file, with that transfer, where files were agreed."""
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT line.direction, line.line_ref, min(picking.id) AS picking_id
                  FROM scp_relation relation
                  JOIN res_partner partner ON partner.commercial_partner_id = relation.partner_id
                  JOIN line ON line.partner_id = partner.id
                           AND line.company_id = relation.company_id
                           AND line.direction = %(direction)s
                  JOIN stock_move move ON %(own_moves)s
                  JOIN stock_picking picking ON picking.id = move.picking_id
                 WHERE relation.active
                   AND relation.is_document_required
                   AND relation.role IN %(roles)s
                   AND line.day BETWEEN COALESCE(relation.date_start, '-infinity')
                                    AND COALESCE(relation.date_end, 'infinity')
                   AND %(scope)s
                   AND move.state = 'done'
                   AND move.%(end)s = ANY(%(locations)s)
                   AND move.origin_returned_move_id IS NULL
                   AND picking.date_done < %(until)s
                   AND NOT EXISTS (
                           SELECT FROM ir_attachment
                            WHERE res_model = 'stock.picking' AND res_id = picking.id AND res_field IS NULL
                       )
              GROUP BY line.direction, line.line_ref
                """,
                direction=direction,
                roles=roles,
                own_moves=self.env['scp.delivery.fact']._get_own_moves(direction, SQL("line.line_ref")),
                scope=self.env['scp.relation']._get_scope_condition(SQL("relation"), SQL("line.product_id")),
                end=SQL.identifier(end),
                locations=self.env['scp.delivery.fact']._get_end_locations(direction),
                until=fields.Datetime.subtract(now, hours=GRACE_HOURS),
            )
            for direction, roles, end in (
                ('out', ('customer', 'distributor'), 'location_dest_id'), ('in', ('supplier',), 'location_id'),
            )
        )
