from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SupplyPortalCommon

PURCHASES, SALES = '/my/supply/purchases', '/my/supply/orders'


@tagged('post_install', '-at_install')
class TestSupplyPages(SupplyPortalCommon):
    """Who reaches which page, and what is on it."""

    def _get_status(self, url):
        return self.url_open(url, allow_redirects=False).status_code

    def _count_queries(self, url):
        """Queries of a page that has been shown before."""
        self.url_open(url)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.assertEqual(self.url_open(url).status_code, 200)
        return self.cr.sql_log_count - before

    # === WHO === #

    def test_roles(self):
        """A page exists for whom the policy opens it; for everybody else it does not."""
        purchase, sale = self._create_purchase(), self._create_sale()
        pages = (PURCHASES, f'{PURCHASES}/{purchase.id}', SALES, f'{SALES}/{sale.id}')
        for user, seen in (
            (self.rob, (200, 200, 404, 404)), (self.ria, (200, 200, 404, 404)),
            (self.sam, (404, 404, 404, 404)),
            (self.hanna, (404, 404, 200, 200)), (self.hugo, (404, 404, 200, 200)),
            (self.buyer, (404, 404, 404, 404)),
        ):
            self._login(user)
            self.assertEqual(tuple(self._get_status(page) for page in pages), seen, user.name)

    def test_not_yours_and_not_there(self):
        """One answer: it tells nobody which orders exist."""
        foreign = self._create_purchase(partner=self.loft)
        draft = self._create_purchase(confirm=False)
        abandoned = self._create_purchase(confirm=False)
        abandoned.button_cancel()
        foreign_sale, quotation = self._create_sale(partner=self.loft), self._create_sale(confirm=False)
        for user, url, orders in (
            (self.rob, PURCHASES, foreign + draft + abandoned), (self.hanna, SALES, foreign_sale + quotation),
        ):
            self._login(user)
            missing = self.url_open(f'{url}/{max(orders.ids) + 1000}')
            for order in orders:
                page = self.url_open(f'{url}/{order.id}')
                self.assertEqual(page.status_code, 404)
                self.assertNotIn(order.name, page.text)
                self.assertEqual(len(page.content), len(missing.content))
            self.assertEqual(self._get_status(f'{url}/99999999999999999999'), 404)

    def test_login(self):
        self.assertIn('/web/login', self.url_open(PURCHASES, allow_redirects=False).headers['Location'])

    def test_policy_withdrawn(self):
        purchase = self._create_purchase()
        self._login(self.rob)
        self.assertEqual(self._get_status(f'{PURCHASES}/{purchase.id}'), 200)
        self.policy.share_orders = False
        for url in (PURCHASES, f'{PURCHASES}/{purchase.id}'):
            self.assertEqual(self._get_status(url), 404)
        self.assertEqual(self._confirm(purchase, {}).status_code, 404)

    def test_contract_ended(self):
        self.supplier_relation.date_end = self.planned - timedelta(days=30)
        self._login(self.rob)
        self.assertEqual(self._get_status(PURCHASES), 404)

    def test_other_company(self):
        """A relation with one of our companies opens no order of another."""
        company = self.env['res.company'].create({'name': "Second Yard"})
        self.env['stock.warehouse'].search([('company_id', '=', company.id)], limit=1)
        self.rob.company_ids = [Command.link(company.id)]
        order = self.env['purchase.order'].with_company(company).create({
            'partner_id': self.works.id, 'company_id': company.id,
            'order_line': [Command.create({'product_id': self.rope.id, 'product_qty': 1, 'price_unit': 1})],
        })
        order.button_confirm()
        self._login(self.rob)
        self.assertEqual(self._get_status(f'{PURCHASES}/{order.id}'), 404)
        self.assertNotIn(order.name, self.url_open(PURCHASES).text)

    def test_scope(self):
        """The relation is about ropes: hooks are not on the page, an order of hooks is not there."""
        mixed = self._create_purchase((self.rope, 10), (self.hook, 20))
        hooks = self._create_purchase((self.hook, 30))
        self.supplier_relation.product_ids = self.rope
        self._login(self.rob)
        page = self.url_open(f'{PURCHASES}/{mixed.id}').text
        self.assertIn("Rope", page)
        self.assertNotIn("Hook", page)
        self.assertEqual(self._get_status(f'{PURCHASES}/{hooks.id}'), 404)
        self.assertNotIn(hooks.name, self.url_open(PURCHASES).text)
        self._confirm(mixed, {line: [(self._day(), line.product_qty)] for line in mixed.order_line})
        self.assertTrue(self._get_promises(mixed.order_line[1])[-1].unconfirmed)

    # === WHAT: SUPPLIER === #

    def test_supplier_list(self):
        waiting, answered = self._create_purchase(), self._create_purchase()
        foreign = self._create_purchase(partner=self.loft)
        self._login(self.rob)
        self._confirm(answered, {answered.order_line: [(self._day(), 10)]})
        everything = self.url_open(PURCHASES).text
        self.assertIn(waiting.name, everything)
        self.assertIn(answered.name, everything)
        self.assertNotIn(foreign.name, everything)
        unconfirmed = self.url_open(f'{PURCHASES}?filterby=unconfirmed').text
        self.assertIn(waiting.name, unconfirmed)
        self.assertNotIn(answered.name, unconfirmed)
        self.assertIn(answered.name, self.url_open(f'{PURCHASES}?filterby=open').text)
        self.assertEqual(self._get_status(f'{PURCHASES}?filterby=nonsense'), 200)

    def test_supplier_statuses(self):
        def get_code(order):
            [summary] = order._scp_prepare_supplier_summaries(self.supplier_relation)
            return summary['status']['code']

        order = self._create_purchase()
        self.assertEqual(get_code(order), 'unconfirmed')
        order.action_acknowledge()
        self.assertEqual(get_code(order), 'confirmed')
        order.order_line.date_planned -= timedelta(days=30)
        order.acknowledged = False
        order.action_acknowledge()
        self.assertEqual(get_code(order), 'late')
        move = order.picking_ids.move_ids
        move.quantity, move.picked = 10, True
        order.picking_ids._action_done()
        self.assertEqual(get_code(order), 'received')
        cancelled = self._create_purchase()
        cancelled.button_cancel()
        self.assertEqual(get_code(cancelled), 'cancelled')

    def test_supplier_page(self):
        order = self._create_purchase((self.rope, 10), partner_ref="RW-77", note="Terms")
        self._login(self.rob)
        page = self.url_open(f'{PURCHASES}/{order.id}').text
        for text in (order.name, "RW-77", "Rope", self.buyer.name, f'value="{self._day()}"'):
            self.assertIn(text, page)

    def test_home(self):
        self._create_purchase()
        self._login(self.rob)
        counters = self.make_jsonrpc_request('/my/counters', {
            'counters': ['scp_purchase_count', 'scp_unconfirmed_count', 'scp_sale_count'],
        })
        self.assertEqual((counters['scp_purchase_count'], counters['scp_unconfirmed_count']), (1, 1))
        self.assertFalse(counters.get('scp_sale_count'))
        self.assertEqual(self._get_status('/my/home'), 200)

    # === WHAT: CUSTOMER === #

    def test_customer_page(self):
        """First and present promise, and for a colleague of who ordered the delivery as well."""
        order = self._create_sale((self.rope, 10), partner=self.hanna.partner_id)
        order.commitment_date = self.planned + timedelta(days=12)
        values = order._scp_prepare_customer_values(self.customer_relation)
        [line] = values['lines']
        self.assertEqual(
            (line['baseline'], line['promised'], line['status']['code'], line['open']),
            (self.planned, self.planned + timedelta(days=12), 'moved', 10),
        )
        picking = order.picking_ids
        picking.move_ids.write({'quantity': 4, 'picked': True})
        picking._action_done()
        self._login(self.hugo)
        page = self.url_open(f'{SALES}/{order.id}').text
        for text in (picking.name, picking.backorder_ids.name, "New date", "Sent", "In preparation"):
            self.assertIn(text, page)
        self.assertIn(picking, self.env['stock.picking'].with_user(self.hugo).search([]))

    def test_deliveries_of_others(self):
        """A colleague's rule shows deliveries of the own company only, and drafts of nobody."""
        mine, foreign = self._create_sale(), self._create_sale(partner=self.loft)
        Picking = self.env['stock.picking']
        self.assertEqual(Picking.with_user(self.hugo).search([]), mine.picking_ids)
        nobody = new_test_user(self.env, 'portal_nobody', 'base.group_portal')
        self.assertFalse(Picking.with_user(nobody).search([]))
        with self.assertRaises(AccessError):
            foreign.picking_ids.with_user(self.hugo).check_access('read')

    def test_customer_statuses(self):
        def get_code(order):
            [summary] = order._scp_prepare_customer_summaries(self.customer_relation)
            return summary['status']['code']

        order = self._create_sale()
        self.assertEqual(get_code(order), 'open')
        order.commitment_date = self.planned - timedelta(days=60)
        self.assertEqual(get_code(order), 'late')
        order.picking_ids.move_ids.write({'quantity': 10, 'picked': True})
        order.picking_ids._action_done()
        self.assertEqual(get_code(order), 'delivered')
        cancelled = self._create_sale()
        cancelled._action_cancel()
        self.assertEqual(get_code(cancelled), 'cancelled')
        self._login(self.hanna)
        self.assertIn(cancelled.name, self.url_open(SALES).text)
        self.assertNotIn(cancelled.name, self.url_open(f'{SALES}?filterby=open').text)

    def test_lots(self):
        """Only when the policy says so."""
        self.rope.tracking = 'lot'
        lot = self.env['stock.lot'].create({'name': "LOT-4711", 'product_id': self.rope.id})
        location = self.env['stock.warehouse'].search([('company_id', '=', self.env.company.id)], limit=1).lot_stock_id
        self.env['stock.quant']._update_available_quantity(self.rope, location, 10, lot_id=lot)
        order = self._create_sale()
        order.picking_ids.action_assign()
        order.picking_ids.move_ids.picked = True
        order.picking_ids._action_done()
        self._login(self.hanna)
        self.assertNotIn("LOT-4711", self.url_open(f'{SALES}/{order.id}').text)
        self.policy.share_lot_trace = True
        self.assertIn("LOT-4711", self.url_open(f'{SALES}/{order.id}').text)

    # === HOW === #

    def test_reading_writes_nothing(self):
        purchase, sale = self._create_purchase(), self._create_sale()
        for user, urls in (
            (self.rob, ('/my/home', PURCHASES, f'{PURCHASES}/{purchase.id}', f'{PURCHASES}?filterby=unconfirmed')),
            (self.hanna, (SALES, f'{SALES}/{sale.id}')),
        ):
            self._login(user)
            self.url_open(urls[0])  # warm: assets and sessions
            with self._assert_nothing_written():
                for url in urls:
                    self.assertEqual(self.url_open(url).status_code, 200, url)

    def test_queries(self):
        """More orders or lines on a page cost no more queries."""
        def fill(number):
            return (
                [self._create_purchase((self.rope, 1), (self.hook, 2)) for _index in range(number)][-1],
                [self._create_sale((self.rope, 1), (self.hook, 2)) for _index in range(number)][-1],
            )

        def count(purchase, sale):
            counts = []
            for user, urls in ((self.rob, (PURCHASES, f'{PURCHASES}/{purchase.id}')),
                               (self.hanna, (SALES, f'{SALES}/{sale.id}'))):
                self._login(user)
                counts += [self._count_queries(url) for url in urls]
            return counts

        few = count(*fill(2))
        fill(10)
        products = self.env['product.product'].create([
            {'name': f"P{index}", 'type': 'consu'} for index in range(20)
        ])
        many = count(
            self._create_purchase(*[(product, 3) for product in products]),
            self._create_sale(*[(product, 3) for product in products]),
        )
        for page, before, after in zip(
            ("purchases", "purchase", "sales", "sale"), few, many, strict=True,
        ):
            self.assertLessEqual(after, before + 1, page)
