from datetime import datetime

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import NOW, PromiseCommon

COMMITTED = datetime(2026, 3, 6, 8)

# Models a portal user can read, and on which this addon adds fields
PORTAL_MODELS = (
    'sale.order', 'sale.order.line', 'purchase.order', 'purchase.order.line', 'stock.picking', 'res.partner',
    'res.users',
)


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestPromiseRights(PromiseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env['crm.team'].create({'name': "Harbour", 'user_id': cls.leader.id})
        cls.orders = {
            'own': cls._create_sale(user=cls.seller, team_id=cls.team.id, commitment_date=COMMITTED),
            'nobody': cls._create_sale(commitment_date=COMMITTED),
            'team': cls._create_sale(user=cls.manager, team_id=cls.team.id, commitment_date=COMMITTED),
            'other': cls._create_sale(user=cls.manager, commitment_date=COMMITTED),
            'purchase': cls._create_purchase(),
        }
        cls.orders['nobody'].user_id = False
        cls.orders['other'].team_id = False
        cls.orders['nobody'].team_id = False
        for name, order in cls.orders.items():
            order.button_confirm() if name == 'purchase' else order.action_confirm()
        cls.rows = {
            name: cls.Promise.search([(order._scp_order_field, '=', order.id)])
            for name, order in cls.orders.items()
        }

    def _get_visible(self, user, model_name):
        """Names of the orders whose promises a user sees."""
        model = self.env[model_name].with_user(user)
        return {
            name for name, order in self.orders.items()
            if model.search([(order._scp_order_field, '=', order.id)])
        }

    def test_matrix(self):
        everything = set(self.orders)
        for user, expected in (
            (self.seller, {'own', 'nobody'}),
            (self.leader, {'own', 'nobody', 'team'}),
            (self.manager, everything),
            (self.auditor, everything),
            (self.stock, everything),
            (self.finance, everything),
            (self.buyer, {'purchase'}),
        ):
            for model_name in ('scp.promise', 'scp.promise.report'):
                with self.subTest(user=user.login, model=model_name):
                    self.assertEqual(self._get_visible(user, model_name), expected)
                    model = self.env[model_name].with_user(user)
                    for operation in ('create', 'write', 'unlink'):
                        self.assertFalse(model.has_access(operation), operation)
        for user in (self.employee, self.supplier):
            for model_name in ('scp.promise', 'scp.promise.report'):
                with self.subTest(user=user.login, model=model_name), self.assertRaises(AccessError):
                    self._get_visible(user, model_name)

    def test_every_field_is_readable(self):
        """Nobody who sees a promise stumbles over a name on it that he may not read."""
        for user in (self.seller, self.leader, self.manager, self.auditor, self.stock, self.finance, self.buyer):
            for model_name in ('scp.promise', 'scp.promise.report'):
                with self.subTest(user=user.login, model=model_name):
                    model = self.env[model_name].with_user(user)
                    specification = {
                        name: {'fields': {'display_name': {}}} if field['type'] == 'many2one' else {}
                        for name, field in model.fields_get().items()
                    }
                    self.env.invalidate_all()
                    self.assertTrue(model.web_search_read([], specification, limit=40)['records'])

    def test_reasons(self):
        Reason = self.env['scp.promise.reason']
        self.assertTrue(Reason.with_user(self.buyer).search([]))
        self.assertFalse(Reason.with_user(self.seller).has_access('write'))
        self.assertTrue(Reason.with_user(self.manager).has_access('create'))
        self.assertFalse(Reason.with_user(self.supplier).has_access('read'))

    def test_wizards(self):
        for model_name, allowed in (
            ('scp.promise.confirm', self.buyer + self.env.ref('base.user_admin')),
            ('scp.promise.revise', self.seller + self.leader + self.manager + self.env.ref('base.user_admin')),
        ):
            for user in self.buyer + self.seller + self.manager + self.auditor + self.stock + self.supplier:
                self.assertEqual(
                    self.env[model_name].with_user(user).has_access('create'), user in allowed, user.login,
                )

    def test_buyer_who_keeps_the_books(self):
        """The rule of buyers does not narrow what finance sees."""
        self.buyer.group_ids += self.env.ref('account.group_account_invoice')
        self.assertEqual(self._get_visible(self.buyer, 'scp.promise.report'), set(self.orders))

    def _get_specification(self, model_name, node):
        """What the web client asks for to show a view: its fields, and those of the lists inside."""
        specification = {}
        for child in node.iterchildren('*'):
            if child.tag != 'field':
                fields = self._get_specification(model_name, child)
            else:
                name = child.get('name')
                field = self.env[model_name]._fields[name]
                fields = {name: {'fields': {'display_name': {}}} if field.relational else {}}
                for view in child.iterchildren('list', 'kanban', 'form'):
                    fields[name]['fields'] |= self._get_specification(field.comodel_name, view)
            for name, value in fields.items():
                specification.setdefault(name, {'fields': {}} if value else {})
                if value:
                    specification[name]['fields'] |= value['fields']
        return specification

    def test_sales_order_form(self):
        """Sales, audit and finance can open an order, although parts of its form come from its transfers."""
        quotation = self._create_sale((self.bolt, 1), user=self.seller)
        order = self.orders['own']
        self._transfer(order.picking_ids, {self.bolt: 4})
        for user in self.seller + self.manager + self.auditor + self.finance:
            with self.subTest(user=user.login):
                orders = (quotation + order).with_user(user)
                arch = etree.fromstring(orders.get_view(view_type='form')['arch'])
                specification = self._get_specification('sale.order', arch)
                self.assertLessEqual({'delivery_status', 'json_popover', 'scp_promise_count'}, set(specification))
                self.assertIn('product_updatable', specification['order_line']['fields'])
                self.env.invalidate_all()
                rows = orders.web_read(specification)
                self.assertEqual(
                    [(row['delivery_status'], row['scp_promise_count']) for row in rows], [(False, 0), ('partial', 1)],
                )

    def test_auditor_changes_nothing(self):
        with self.assertRaises(AccessError):
            self.orders['own'].with_user(self.auditor).commitment_date = datetime(2026, 4, 1)
        for model_name in ('stock.picking', 'stock.move'):
            for operation in ('write', 'create', 'unlink'):
                self.assertFalse(self.env[model_name].with_user(self.auditor).has_access(operation))

    def test_columns_on_the_order(self):
        for user in (self.seller, self.auditor, self.stock, self.finance):
            line = self.orders['own'].order_line.with_user(user)
            self.assertEqual(line.scp_baseline_date, COMMITTED)
        line = self.orders['purchase'].order_line.with_user(self.buyer)
        self.assertEqual(line.scp_revision_count, 0)

    def test_fields_carry_groups(self):
        """A portal user reads these models: each field of ours names who may see it, and never him."""
        portal = self.env.ref('base.group_portal') + self.env.ref('base.group_public')
        outsiders = portal + portal.all_implied_ids
        for model_name in PORTAL_MODELS:
            for name, field in self.env[model_name]._fields.items():
                if 'crm_scp_supply' not in (field._modules or ()) and not name.startswith('scp_'):
                    continue
                if not field.groups and field._modules and set(field._modules) != {'crm_scp_supply'}:
                    continue  # a field of core that this addon only extends
                with self.subTest(field=str(field)):
                    self.assertTrue(field.groups)
                    for group in field.groups.split(','):
                        self.assertNotIn(self.env.ref(group), outsiders)

    def test_portal_reads_nothing_of_it(self):
        self.orders['purchase'].with_user(self.supplier).check_access('read')
        for record, names in (
            (self.orders['purchase'], ['scp_promise_count', 'scp_promise_line_ids']),
            (self.orders['purchase'].order_line, ['scp_baseline_date', 'scp_promise_date', 'scp_revision_count']),
        ):
            record = record.with_user(self.supplier)
            self.assertFalse(set(names) & set(record.fields_get()))
            for name in names:
                with self.assertRaises(AccessError):
                    record.read([name])
                with self.assertRaises(AccessError):
                    record.search([(name, '!=', False)])
