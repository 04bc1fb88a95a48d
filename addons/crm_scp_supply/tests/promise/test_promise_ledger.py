from datetime import datetime

from psycopg2.errors import CheckViolation

from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_scp_supply.models.promise.journal import ORIGIN_KEY, PromiseOrigin

from .common import NOW, PromiseCommon

COMMITTED = datetime(2026, 3, 6, 8)
LATER = datetime(2026, 3, 10, 8)


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestPromiseLedger(PromiseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_sale(commitment_date=COMMITTED)
        cls.order.action_confirm()
        cls.promise = cls.Promise.search([('sale_order_id', '=', cls.order.id)])

    def _get_vals(self):
        return {
            'direction': 'out', 'kind': 'revision', 'date_promised': LATER, 'source': 'internal',
            'line_ref': self.order.order_line.id, 'company_id': self.order.company_id.id,
        }

    # === NOBODY REWRITES IT === #

    def test_written_by_nobody(self):
        for user in (self.env.ref('base.user_root'), self.env.ref('base.user_admin'), self.manager):
            for promise in (self.promise.with_user(user), self.promise.with_user(user).sudo()):
                with self.assertRaises(UserError):
                    promise.write({'date_promised': LATER})
                with self.assertRaises(UserError):
                    promise.date_promised = LATER
                with self.assertRaises(UserError):
                    promise.unlink()
                with self.assertRaises(UserError):
                    promise.copy()
        self.assertEqual(self.promise.date_promised, COMMITTED)

    def test_created_by_nobody(self):
        for model in (self.Promise, self.Promise.sudo(), self.Promise.with_user(self.manager)):
            with self.assertRaises(UserError):
                model.create([self._get_vals()])
        result = self.Promise.load(
            ['direction', 'kind', 'source', 'line_ref', 'date_promised'],
            [['To Customer', 'Revised', 'Ourselves', '1', '2026-03-10 08:00:00']],
        )
        self.assertFalse(result['ids'])
        self.assertTrue(result['messages'])

    def test_origin_is_not_taken_from_rpc(self):
        """A context made of JSON cannot name a source."""
        forged = {'source': 'portal', 'note': "forged", 'date': '2020-01-01 00:00:00'}
        self.order.with_context(
            scp_promise_origin=forged, default_source='edi', default_note="forged",
        ).commitment_date = LATER
        row = self._get_promises(self.order.order_line)[-1]
        self.assertEqual((row.kind, row.source, row.note, row.date), ('revision', 'internal', False, NOW))

    def test_origin_of_our_own_code(self):
        origin = PromiseOrigin(source='edi', note="ORDRSP 12", date=datetime(2026, 3, 1, 6))
        order = self._create_sale(commitment_date=COMMITTED)
        order.with_context(**{ORIGIN_KEY: origin}).action_confirm()
        row = self._get_promises(order.order_line)
        self.assertEqual((row.source, row.note, row.date), ('edi', "ORDRSP 12", datetime(2026, 3, 1, 6)))

    def test_source_of_a_share_user(self):
        """A customer confirming in the portal: the route works as superuser for him."""
        order = self._create_sale(commitment_date=COMMITTED)
        order.with_user(self.supplier).sudo().action_confirm()
        row = self._get_promises(order.order_line)
        self.assertEqual((row.source, row.user_id), ('portal', self.supplier))

    # === WHAT IS TRUE OF EVERY ROW === #

    def test_date_is_required(self):
        with self.assertRaises(CheckViolation), mute_logger('odoo.sql_db'), self.cr.savepoint():
            self.Promise._append([self._get_vals() | {'date_promised': False}])

    def test_one_baseline(self):
        """What two transactions do at once ends in a retry, not in two baselines."""
        with self.assertRaises(ConcurrencyError), mute_logger('odoo.sql_db'), self.cr.savepoint():
            self.Promise._append([self._get_vals() | {'kind': 'baseline', 'unconfirmed': False}])
        self.assertEqual(len(self._get_promises(self.order.order_line)), 1)

    def test_failed_change_leaves_no_trace(self):
        with self.assertRaises(UserError), self.cr.savepoint():
            self.order.write({'commitment_date': LATER, 'pricelist_id': False})
        self.assertEqual(self._get_promises(self.order.order_line), self.promise)

    def test_savepoint_rolled_back_inside_a_call(self):
        """What a call changed before and after is recorded once, what was rolled back is not."""
        line = self.order.order_line
        with self.order._scp_keep_promises():
            self.order.commitment_date = LATER
            with self.assertRaises(UserError), self.cr.savepoint():
                line.product_uom_qty = 99
                raise UserError("No")
            line.product_uom_qty = 11
        self._assert_ledger(line, [
            ('baseline', COMMITTED, None, 10),
            ('revision', LATER, COMMITTED, 11),
        ])

    def test_merge_of_partners(self):
        twin = self.env['res.partner'].create({'name': "Harbour Yard Ltd", 'is_company': True})
        self.env['base.partner.merge.automatic.wizard']._merge([self.customer.id, twin.id], twin)
        self.env.invalidate_all()
        self.assertEqual(self.promise.partner_id, twin)
        self.assertEqual(self.promise.commercial_partner_id, twin)

    def test_deleted_product_keeps_its_name(self):
        product = self.env['product.product'].create({'name': "Anchor", 'type': 'consu'})
        order = self._create_sale((product, 1), commitment_date=COMMITTED)
        order.action_confirm()
        promises = self._get_promises(order.order_line)
        order.action_cancel()
        order.unlink()
        promises |= self.Promise.search([('product_name', '=', "Anchor")])
        self.env['stock.move'].search([('product_id', '=', product.id)]).filtered(
            lambda move: move.state == 'cancel',
        ).unlink()
        product.unlink()
        self.env.invalidate_all()
        self.assertFalse(promises.product_id)
        self.assertEqual(set(promises.mapped('product_name')), {"Anchor"})

    def test_open_the_order(self):
        self.assertEqual(self.promise.action_open_order()['res_id'], self.order.id)
        self.order.action_cancel()
        self.order.unlink()
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, self.promise.order_name):
            self.promise.action_open_order()

    def test_several_orders_at_once(self):
        orders = self._create_sale(commitment_date=COMMITTED) + self._create_sale(commitment_date=LATER)
        orders.action_confirm()
        self.assertEqual(
            [self._get_promises(line).date_promised for line in orders.order_line], [COMMITTED, LATER],
        )

    def test_companies(self):
        """Each promise belongs to the company of its order and is seen there only."""
        company = self.env['res.company'].create({'name': "Harbour West"})
        self.manager.company_ids |= company
        order = self.env(context={**self.env.context, 'allowed_company_ids': company.ids})['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': company.id, 'commitment_date': LATER,
            'order_line': [(0, 0, {'product_id': self.bolt.id, 'product_uom_qty': 1, 'tax_ids': False})],
        })
        order.action_confirm()
        promise = self._get_promises(order.order_line)
        self.assertEqual(promise.company_id, company)
        here, there = (
            self.Promise.with_user(self.manager).with_context(allowed_company_ids=ids)
            for ids in (self.env.company.ids, company.ids)
        )
        domain = [('id', 'in', (promise + self.promise).ids)]
        self.assertEqual(here.search(domain), self.promise)
        self.assertEqual(there.search(domain), promise)
