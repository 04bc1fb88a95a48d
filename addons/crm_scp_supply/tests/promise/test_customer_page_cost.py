from odoo import Command
from odoo.tests import Form, TransactionCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestCustomerPageCost(TransactionCase):
    """What the form of a customer reads before anybody opens one of its pages."""

    def test_page_of_a_supplier(self):
        """It is there for who has a confirmed order, his contacts included: neither for a request nor elsewhere."""
        product = self.env['product.product'].create({'name': "Seal", 'type': 'consu'})
        supplier, asked = self.env['res.partner'].create([
            {'name': "Sealtech", 'is_company': True}, {'name': "Asked Only", 'is_company': True}])
        contact = self.env['res.partner'].create({'name': "Anke", 'parent_id': supplier.id})
        ordered, _request = self.env['purchase.order'].create([
            {'partner_id': partner.id, 'order_line': [Command.create({'product_id': product.id, 'product_qty': 1})]}
            for partner in (contact, asked)
        ])
        self.assertFalse(supplier.scp_is_supplier)
        ordered.button_confirm()
        partners = supplier + contact + asked
        partners.invalidate_recordset(['scp_is_supplier'])
        self.assertEqual(partners.mapped('scp_is_supplier'), [True, True, False])
        other = self.env['res.company'].create({'name': "Elsewhere"})
        self.assertFalse(supplier.with_context(allowed_company_ids=other.ids).scp_is_supplier)

    def test_queries_of_opening(self):
        """At most six more than without the suite; the pages read their own when they are opened."""
        manager = new_test_user(
            self.env, 'page_cost', 'sales_team.group_sale_manager,crm_scp_core.group_scp_manager')
        product = self.env['product.product'].create({'name': "Pump", 'type': 'consu'})
        partner = self.env['res.partner'].create({'name': "Anvil Works", 'is_company': True})
        orders = self.env['sale.order'].create([
            {'partner_id': partner.id, 'order_line': [Command.create({'product_id': product.id})]}
            for _number in range(3)
        ])
        orders.action_confirm()
        self.env['crm.lead'].create({'name': "Deal", 'type': 'opportunity', 'partner_id': partner.id})
        self.env['scp.customer']._refresh_for_partners(partner)
        partner = partner.with_user(manager)
        self.assertTrue(partner.scp_customer_id)
        shown = object.__getattribute__(Form(partner), '_view')['fields_spec']
        plain = {
            name: spec for name, spec in shown.items() if not partner._fields[name]._module.startswith('crm_scp_')
        }
        self.assertLess(len(plain), len(shown))

        def count_queries(spec):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            partner.web_read(spec)
            return self.cr.sql_log_count - before

        count_queries(shown)  # warms what is kept between requests
        self.assertLessEqual(count_queries(shown) - count_queries(plain), 6)
