from datetime import date, timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import SQL, mute_logger


@tagged('post_install', '-at_install')
class TestScpRelation(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Relation = cls.env['scp.relation']
        cls.vendor, cls.other = cls.env['res.partner'].create([
            {'name': "Rope Works", 'is_company': True}, {'name': "Sail Loft", 'is_company': True},
        ])
        cls.contact = cls.env['res.partner'].create({'name': "Rob", 'parent_id': cls.vendor.id})
        cls.policy = cls.env['scp.share.policy'].create({'name': "Close", 'share_scorecard': True})
        cls.relation = cls.Relation.create({
            'partner_id': cls.vendor.id, 'role': 'supplier', 'share_policy_id': cls.policy.id,
            'date_start': '2026-01-01', 'date_end': '2026-12-31',
        })
        cls.day = date(2026, 6, 1)

    # === POLICY IN FORCE === #

    def test_policy(self):
        """It holds for everybody at the partner's, in this role, in this company, on these days."""
        get = self.Relation._get_policy
        self.assertEqual(get(self.contact, 'supplier', day=self.day), self.policy)
        self.assertFalse(get(self.contact, 'customer', day=self.day))
        self.assertFalse(get(self.other, 'supplier', day=self.day))
        self.assertFalse(get(self.env['res.partner'], 'supplier', day=self.day))
        company = self.env['res.company'].create({'name': "Another Yard"})
        self.assertFalse(get(self.vendor, 'supplier', company, self.day))
        for day, holds in ((date(2025, 12, 31), False), (date(2026, 1, 1), True),
                           (date(2026, 12, 31), True), (date(2027, 1, 1), False)):
            self.assertEqual(bool(get(self.vendor, 'supplier', day=day)), holds, day)

    def test_no_policy_shares_nothing(self):
        nothing = self.Relation._get_policy(self.other, 'supplier')
        self.assertFalse(any(nothing[name] for name, field in nothing._fields.items() if field.type == 'boolean'))
        self.relation.share_policy_id = False
        self.assertFalse(self.Relation._get_policy(self.vendor, 'supplier', day=self.day).share_orders)

    def test_archived(self):
        self.policy.active = False
        self.assertFalse(self.Relation._get_policy(self.vendor, 'supplier', day=self.day).share_orders)
        self.policy.active = True
        self.relation.active = False
        self.assertFalse(self.Relation._get_policy(self.vendor, 'supplier', day=self.day).share_orders)

    def test_many_partners(self):
        """One query for the relations of any number of partners, read as whoever asks."""
        partners = self.env['res.partner'].create([{'name': f"P{index}", 'is_company': True} for index in range(20)])
        self.Relation.create([{
            'partner_id': partner.id, 'role': 'supplier', 'share_policy_id': self.policy.id,
        } for partner in partners[:15]])
        self.env.flush_all()
        user = new_test_user(self.env, 'rel_portal', 'base.group_portal')
        partners = partners.with_user(user).sudo()
        partners.mapped('commercial_partner_id')
        with self.assertQueryCount(4):  # relations, their policies, and the two of the user's clock
            policies = self.Relation.with_user(user)._get_policies(partners, 'supplier')
            shared = [bool(policies[partner].share_orders) for partner in partners]
        self.assertEqual(shared, [True] * 15 + [False] * 5)

    def test_by_role_is_never_stale(self):
        """Asked once a transaction, and again after every change: made, ended, archived, taken back, deleted."""
        def get_roles():
            found = self.Relation._get_relations_by_role(self.vendor, self.env.company)
            return {role for _company, role in found}

        self.relation.date_end = False
        today = fields.Date.context_today(self.relation)
        self.env.cr.flush()  # what it leaves to do before the commit, which would forget
        self.assertEqual(get_roles(), {'supplier'})
        with self.assertQueryCount(0):
            self.assertEqual(get_roles(), {'supplier'}, "known")
        customer = self.Relation.create({'partner_id': self.vendor.id, 'role': 'customer'})
        self.assertEqual(get_roles(), {'supplier', 'customer'})
        customer.date_end = today - timedelta(days=1)
        self.assertEqual(get_roles(), {'supplier'})
        customer.date_end = today
        self.assertEqual(get_roles(), {'supplier', 'customer'}, "the last day counts")
        with freeze_time(today + timedelta(days=1)):
            self.assertEqual(get_roles(), {'supplier'}, "it ended at midnight")
        customer.active = False
        self.assertEqual(get_roles(), {'supplier'})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.Relation.create({'partner_id': self.vendor.id, 'role': 'carrier'})
            self.assertEqual(get_roles(), {'supplier', 'carrier'})
            raise UserError("not after all")
        self.assertEqual(get_roles(), {'supplier'})
        self.relation.unlink()
        self.assertEqual(get_roles(), set())

    # === WHAT IS STORED === #

    def test_tier(self):
        mill, mine = self.Relation.create([
            {'partner_id': self.other.id, 'role': 'supplier', 'upstream_relation_id': self.relation.id},
            {'partner_id': self.env['res.partner'].create({'name': "Mine"}).id, 'role': 'supplier'},
        ])
        mine.upstream_relation_id = mill
        self.assertEqual((self.relation.tier, mill.tier, mine.tier), (1, 2, 3))
        with self.assertRaises(UserError):
            self.relation.upstream_relation_id = mine

    def test_company_not_contact(self):
        with self.assertRaisesRegex(ValidationError, "Rope Works"):
            self.Relation.create({'partner_id': self.contact.id, 'role': 'customer'})

    @mute_logger('odoo.sql_db')
    def test_one_per_role(self):
        self.Relation.create({'partner_id': self.vendor.id, 'role': 'customer'})
        self.relation.copy({'active': False, 'partner_id': self.vendor.id})
        with self.assertRaises(UniqueViolation):
            self.Relation.create({'partner_id': self.vendor.id, 'role': 'supplier'})

    @mute_logger('odoo.sql_db')
    def test_numbers(self):
        for vals in ({'tolerance_under': 101}, {'tolerance_over': -1}, {'tolerance_days_late': -1},
                     {'date_end': '2025-01-01'}):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.relation.write(vals)
                self.relation.flush_recordset()

    # === SCOPE === #

    def test_scope(self):
        """Products, and categories with what is below them; SQL and domain say the same."""
        Category, Product = self.env['product.category'], self.env['product.product']
        rope = Category.create({'name': "Rope"})
        hemp = Category.create({'name': "Hemp", 'parent_id': rope.id})
        sail = Category.create({'name': "Sail"})
        in_rope, in_hemp, in_sail, _other = products = Product.create([
            {'name': name, 'categ_id': categ.id}
            for name, categ in (("A", rope), ("B", hemp), ("C", sail), ("D", sail))
        ])
        lines = self.env['purchase.order'].create({
            'partner_id': self.vendor.id,
            'order_line': [Command.create({'product_id': product.id}) for product in products],
        }).order_line
        for values, expected in (
            ({}, products),
            ({'categ_ids': [Command.set(rope.ids)]}, in_rope + in_hemp),
            ({'product_ids': [Command.set(in_sail.ids)]}, in_rope + in_hemp + in_sail),
            ({'categ_ids': [Command.clear()]}, in_sail),
        ):
            self.relation.write(values)
            self.env.flush_all()
            domain = self.relation._get_product_domain()
            self.assertEqual(lines.search(domain & fields.Domain('id', 'in', lines.ids)).product_id, expected)
            self.assertEqual(lines.filtered_domain(domain).product_id, expected)
            rows = self.env.execute_query(SQL(
                "SELECT product.id FROM product_product product, scp_relation relation "
                "WHERE relation.id = %s AND product.id IN %s AND %s ORDER BY product.id",
                self.relation.id, tuple(products.ids),
                self.Relation._get_scope_condition(SQL("relation"), SQL("product.id")),
            ))
            self.assertEqual([id_ for [id_] in rows], sorted(expected.ids))

    # === PEOPLE === #

    def test_responsible(self):
        buyer = new_test_user(self.env, 'rel_buyer', 'purchase.group_purchase_user')
        seller = new_test_user(self.env, 'rel_seller', 'crm_scp_core.group_scp_user')
        self.other.write({'buyer_id': buyer.id, 'user_id': seller.id})
        supplier, customer = self.Relation.create([
            {'partner_id': self.other.id, 'role': role} for role in ('supplier', 'customer')
        ])
        self.assertEqual((supplier.user_id, customer.user_id), (buyer, seller))
        self.assertIn(supplier, self.Relation.with_user(buyer).search([]))
        self.assertNotIn(customer, self.Relation.with_user(buyer).search([]))
        self.assertIn(customer, self.Relation.with_user(seller).search([]))
        self.assertNotIn(supplier, self.Relation.with_user(seller).search([]))

    def test_merge(self):
        """Of two relations with one company in one role, that of the partner who stays survives."""
        kept = self.Relation.create({'partner_id': self.other.id, 'role': 'supplier', 'tolerance_days_late': 4})
        customer = self.Relation.create({'partner_id': self.vendor.id, 'role': 'customer'})
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((self.vendor + self.other).ids, self.other)
        self.assertFalse(self.relation.exists())
        self.assertEqual(kept.tolerance_days_late, 4)
        self.assertEqual(customer.partner_id, self.other)

    def test_ends_today(self):
        """The last day of the contract still counts."""
        today = fields.Date.context_today(self.relation)
        self.relation.date_end = today
        self.assertTrue(self.Relation._get_policy(self.vendor, 'supplier'))
        self.relation.write({'date_start': today - timedelta(days=9), 'date_end': today - timedelta(days=1)})
        self.assertFalse(self.Relation._get_policy(self.vendor, 'supplier'))
