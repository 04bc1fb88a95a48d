from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..promise.common import NOW
from .common import DeliveryCommon


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestDeliveryLinks(DeliveryCommon):
    """Facts have no foreign keys: what these would do is done all the same, and as a rebuild would."""

    def _get_links(self, line_ref, direction='out'):
        """Order and partner of the row of a line as the database has it, and as the report shows them."""
        self.env.flush_all()
        [stored] = self.env.execute_query(SQL(
            "SELECT COALESCE(sale_order_id, purchase_order_id), partner_id FROM scp_delivery_fact "
            "WHERE direction = %s AND line_ref = %s", direction, line_ref))
        row = self.Report.search([('direction', '=', direction), ('line_ref', '=', line_ref)])
        order = row.sale_order_id or row.purchase_order_id
        return stored, (order.id or None, row.partner_id.id or None), bool(row.sale_line_id or row.purchase_line_id)

    def _assert_as_rebuilt(self):
        self._refresh()
        facts = self._snapshot()
        self.Refresh._rebuild()
        self.assertEqual(self._snapshot(), facts)

    def test_no_keys(self):
        self.env.cr.execute("""
            SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'scp_delivery_fact'::regclass""")
        self.assertFalse(self.env.cr.fetchall())

    def test_orders_deleted(self):
        """The row stays, with its names and without its links."""
        for direction in ('out', 'in'):
            line = self._play(direction, ["4: cancel"])
            self._refresh()
            order, line_ref = line.order_id, line.id
            links = (order.id, line._scp_get_partner().id)
            self.assertEqual(self._get_links(line_ref, direction), (links, links, True))
            order.unlink()
            links = (None, links[1])
            self.assertEqual(self._get_links(line_ref, direction), (links, links, False))
        self._assert_as_rebuilt()

    def test_line_deleted(self):
        line = self._play('out', ["4: cancel"])
        self._refresh()
        line_ref, order = line.id, line.order_id
        order.action_draft()
        line.unlink()
        links = (order.id, self.customer.id)
        self.assertEqual(self._get_links(line_ref), (links, links, False))
        self._assert_as_rebuilt()

    def test_partner_deleted(self):
        """Somebody to whom goods once went, of an order that goes to another now."""
        place = self.env['res.partner'].create({'name': "Old Quay", 'parent_id': self.customer.id, 'type': 'delivery'})
        line = self._play('out', ["6: move 10"], partner_shipping_id=place.id)
        self._refresh()
        self.assertEqual(self._get_links(line.id)[0], (line.order_id.id, place.id))
        line.order_id.picking_ids.partner_id = self.customer
        line.order_id.picking_ids.move_ids.partner_id = self.customer
        line.order_id.with_context(disable_cancel_warning=True).partner_shipping_id = self.customer
        place.unlink()
        self.assertEqual(self._get_links(line.id)[0], (line.order_id.id, None))

    def test_partners_merged(self):
        """The deliveries to who goes are those of who stays, at once."""
        twin = self.env['res.partner'].create({'name': "Twin", 'tz': 'UTC'})
        line = self._play('out', ["6: move 10"], partner_id=twin.id)
        self._refresh()
        self.env['base.partner.merge.automatic.wizard']._merge((twin + self.customer).ids, self.customer)
        links = (line.order_id.id, self.customer.id)
        self.assertEqual(self._get_links(line.id)[:2], (links, links))
        self._assert_as_rebuilt()

    def test_record_gone_past_odoo(self):
        """Whatever is left in a row, the report shows no record that does not exist, and a check clears it."""
        line = self._play('out', ["6: move 10"])
        self._refresh()
        self.env.cr.execute("UPDATE scp_delivery_fact SET partner_id = 2147483647, warehouse_id = 2147483647 "
                            "WHERE direction = 'out' AND line_ref = %s", [line.id])
        self.env.invalidate_all()
        row = self.Report.search([('direction', '=', 'out'), ('line_ref', '=', line.id)])
        self.assertFalse(row.partner_id or row.warehouse_id)
        self.assertEqual(row.sale_order_id, line.order_id)
        self.assertEqual(self.Fact._sync('out', SQL("line_ref = %s", line.id)), 1)
        self.assertEqual(self._get_links(line.id)[0], (line.order_id.id, self.customer.id))
