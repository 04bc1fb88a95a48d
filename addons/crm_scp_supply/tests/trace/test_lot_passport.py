from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import TraceCommon


@tagged('post_install', '-at_install')
class TestLotPassport(TraceCommon, HttpCase):
    """Pump P1 was made of steel S1 of the mill; the yard bought 6 and sent 2 back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s1, cls.p1 = cls._create_lot(cls.steel, "STEEL-77"), cls._create_lot(cls.pump, "PUMP-88")
        cls._buy(cls.mill, cls.s1, 100)
        cls._make({cls.s1: 40}, {cls.p1: 10})
        sale = cls._sell(cls.yard, cls.p1, 6)
        cls._send_back(sale.picking_ids, cls.p1, 2)
        cls._sell(cls.dock, cls.p1, 1)
        cls.policy = cls.env['scp.share.policy'].create({
            'name': "Lots", 'share_lot_trace': True, 'reveal_supplier_identity': False,
        })
        cls.relation = cls.env['scp.relation'].create({
            'partner_id': cls.yard.id, 'role': 'customer', 'share_policy_id': cls.policy.id,
        })
        cls.label = cls.env['scp.lot.passport'].create({'lot_id': cls.p1.id})
        cls.passport = cls.env['scp.lot.passport'].create({'lot_id': cls.p1.id, 'partner_id': cls.yard.id})

    def _read(self, passport):
        self.authenticate(None, None)
        return self.url_open(f'/scp/lot/{passport.sudo().token}')

    def test_label(self):
        """Without a partner the page says what a label says."""
        self.p1.expiration_date = '2031-05-06 12:00:00'
        page = self._read(self.label)
        self.assertEqual(page.status_code, 200)
        for text in ("PUMP-88", "Pump", self.env.company.name, "05/06/2031"):
            self.assertIn(text, page.text)
        for text in ("STEEL-77", "Mill", "Yard", "Dock", "Delivered to"):
            self.assertNotIn(text, page.text)
        self.assertEqual(page.headers['Cache-Control'], 'no-store')
        self.assertEqual(page.headers['Referrer-Policy'], 'no-referrer')

    def test_partner_by_policy(self):
        """With the policy: his 4, the lots inside; the supplier only when revealed; never another customer."""
        values = self.passport._find_by_token(self.passport.sudo().token)._prepare_page()
        self.assertEqual(values['deliveries']['quantity'], 4)
        self.assertEqual(values['components'], [{'product': "Steel", 'lot': "STEEL-77", 'supplier': None}])
        page = self._read(self.passport)
        self.assertIn("STEEL-77", page.text)
        self.assertNotIn("Mill", page.text)
        self.policy.reveal_supplier_identity = True
        self.assertIn("Mill", self._read(self.passport).text)
        self.assertNotIn("Dock", self._read(self.passport).text)
        self.policy.share_lot_trace = False
        page = self._read(self.passport).text
        for text in ("STEEL-77", "Mill", "Delivered to"):
            self.assertNotIn(text, page)

    def test_relation_that_ended(self):
        self.relation.date_end = fields.Date.today() - timedelta(days=1)
        self.assertNotIn("STEEL-77", self._read(self.passport).text)

    def test_no_answer(self):
        """A wrong, an expired and an archived address are told apart by nobody."""
        expired, archived = self.label.copy(), self.label.copy()
        expired.date_end = fields.Date.today() - timedelta(days=1)
        archived.action_archive()
        self.authenticate(None, None)
        answers = {
            (answer.status_code, len(answer.content)) for answer in (
                self.url_open('/scp/lot/' + 'x' * 43), self._read(expired), self._read(archived),
            )
        }
        self.assertEqual({status for status, _size in answers}, {404})
        self.assertEqual(len(answers), 1)
        expired.date_end = fields.Date.today()
        self.assertEqual(self._read(expired).status_code, 200, "the last day counts")

    def test_addresses_cannot_be_guessed(self):
        tokens = {self.label.sudo().token, self.passport.sudo().token, self.label.copy().sudo().token}
        self.assertEqual(len(tokens), 3)
        self.assertEqual({len(token) for token in tokens}, {43}, "32 random bytes")

    def test_rights(self):
        worker = new_test_user(self.env, 'passport_stock', 'stock.group_stock_user')
        passport = self.env['scp.lot.passport'].with_user(worker).create({'lot_id': self.p1.id})
        self.assertIn('/scp/lot/', passport.url)
        with self.assertRaises(AccessError):
            passport.read(['token'])
        with self.assertRaises(AccessError):
            passport.unlink()
        other = self.env['res.company'].create({'name': "Sister"})
        self.p1.company_id = self.env.company
        with self.assertRaisesRegex(ValidationError, "belongs to the company"):
            self.env['scp.lot.passport'].with_company(other).create({'lot_id': self.p1.id, 'company_id': other.id})
