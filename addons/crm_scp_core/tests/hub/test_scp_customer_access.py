from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_scp_core.tests.common import ScpCommon

CUSTOMERS = ('own', 'unowned', 'mate', 'stranger', 'foreign')


@tagged('post_install', '-at_install')
class TestScpCustomerAccess(ScpCommon):
    """Every role against customers of every kind.

    own: the salesman's; unowned: nobody's; mate: a colleague's of the same team; stranger: of
    another team; foreign: of another company.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = {}
        for name, owner, company in (
            ('own', cls.salesman, cls.company),
            ('unowned', cls.env['res.users'], cls.company),
            ('mate', cls.mate, cls.company),
            ('stranger', cls.stranger, cls.company),
            ('foreign', cls.other_salesman, cls.other_company),
        ):
            partner = cls._create_partner(f"Access {name}")
            cls._create_order(partner, 100, '2026-01-10', company=company, user_id=owner.id)
            cls._create_deal(partner, 100, company=company, user_id=owner.id)
            cls._refresh(partner)
            customer = cls._get_customer(partner, company)
            customer.user_id = owner
            cls.customers[name] = customer
        cls.env.flush_all()
        cls.names = {customer.id: name for name, customer in cls.customers.items()}

    def _get_seen(self, user):
        """Names of the customers a user finds, by search and by count alike."""
        Customer = self.env['scp.customer'].with_user(user)
        domain = [('id', 'in', list(self.names))]
        found = Customer.search(domain)
        self.assertEqual(Customer.search_count(domain), len(found))
        return {self.names[customer.id] for customer in found}

    def _get_writable(self, user):
        Customer = self.env['scp.customer'].with_user(user)
        return {
            name for name, customer in self.customers.items()
            if Customer.browse(customer.id).has_access('write')
        }

    def test_read(self):
        here = {'own', 'unowned', 'mate', 'stranger'}
        for role, expected in {
            'salesman': {'own', 'unowned'},
            'mate': {'mate', 'unowned'},
            'stranger': {'stranger', 'unowned'},
            'leader': {'own', 'mate', 'unowned'},
            'manager': here,
            'quality': here,
            'auditor': here,
            'accountant': here,
            'other_salesman': {'foreign'},
        }.items():
            with self.subTest(role=role):
                self.assertEqual(self._get_seen(getattr(self, role)), expected)

    def test_no_access(self):
        for role in ('internal', 'portal'):
            for model in ('scp.customer', 'scp.customer.measure', 'scp.customer.refresh'):
                with self.subTest(role=role, model=model):
                    Model = self.env[model].with_user(getattr(self, role))
                    for operation in ('read', 'write', 'create', 'unlink'):
                        self.assertFalse(Model.has_access(operation))
                    with self.assertRaises(AccessError):
                        Model.search([])

    def test_write(self):
        for role, expected in {
            'salesman': {'own', 'unowned'},
            'mate': {'mate', 'unowned'},
            'leader': {'own', 'mate', 'unowned'},
            'manager': {'own', 'unowned', 'mate', 'stranger'},
            'quality': set(),
            'auditor': set(),
            'accountant': set(),
            'internal': set(),
            'portal': set(),
            'other_salesman': {'foreign'},
        }.items():
            with self.subTest(role=role):
                self.assertEqual(self._get_writable(getattr(self, role)), expected)

    def test_write_happens(self):
        self.customers['own'].with_user(self.salesman).preferred_channel = 'email'
        self.customers['unowned'].with_user(self.salesman).user_id = self.salesman
        self.assertEqual(self.customers['unowned'].user_id, self.salesman)
        with self.assertRaises(AccessError):
            self.customers['mate'].with_user(self.salesman).preferred_channel = 'email'
        with self.assertRaises(AccessError):
            self.customers['own'].with_user(self.auditor).preferred_channel = 'email'

    def test_create_and_unlink(self):
        partner = self._create_partner("By Hand")
        for role in self.users:
            with self.subTest(role=role):
                Customer = self.env['scp.customer'].with_user(self.users[role])
                self.assertEqual(Customer.has_access('create'), role == 'manager')
                self.assertFalse(Customer.has_access('unlink'))
        created = self.env['scp.customer'].with_user(self.manager).create({
            'partner_id': partner.id,
        })
        self.assertEqual(created.company_id, self.company)

    def test_who_sells_and_invoices_reads_all_but_writes_his_own(self):
        self.salesman.group_ids += self.env.ref('account.group_account_invoice')
        self.assertEqual(self._get_seen(self.salesman), {'own', 'unowned', 'mate', 'stranger'})
        self.assertEqual(self._get_writable(self.salesman), {'own', 'unowned'})

    def test_two_companies(self):
        user = self.env['res.users'].create(self._prepare_user(
            'two', 'crm_scp_core.group_scp_manager', self.company | self.other_company,
        ))
        Customer = self.env['scp.customer'].with_user(user)
        domain = [('id', 'in', list(self.names))]
        for companies, count in (
            (self.company, 4), (self.other_company, 1), (self.company | self.other_company, 5),
        ):
            self.assertEqual(
                Customer.with_context(allowed_company_ids=companies.ids).search_count(domain),
                count,
            )

    def test_left_the_team(self):
        self.env['crm.team.member'].search([
            ('user_id', '=', self.mate.id), ('crm_team_id', '=', self.team_north.id),
        ]).active = False
        self.mate.group_ids += self.env.ref('crm_scp_core.group_scp_team')
        self.assertEqual(self._get_seen(self.mate), {'mate', 'unowned'})

    def test_measures_follow_their_customer(self):
        for role, expected in {
            'salesman': {'own', 'unowned'},
            'leader': {'own', 'mate', 'unowned'},
            'manager': {'own', 'unowned', 'mate', 'stranger'},
            'quality': {'own', 'unowned', 'mate', 'stranger'},
            'auditor': {'own', 'unowned', 'mate', 'stranger'},
            'accountant': {'own', 'unowned', 'mate', 'stranger'},
        }.items():
            with self.subTest(role=role):
                Measure = self.env['scp.customer.measure'].with_user(getattr(self, role))
                measures = Measure.search([('customer_id', 'in', list(self.names))])
                self.assertEqual(
                    {self.names[measure.customer_id.id] for measure in measures}, expected,
                )
                for operation in ('write', 'create', 'unlink'):
                    self.assertFalse(Measure.has_access(operation))

    def test_worked_out_values_are_not_written_by_hand(self):
        grade = self.env['scp.grade'].search([], limit=1)
        own = self.customers['own'].with_user(self.salesman)
        other = self._create_partner("Other")
        for field, value in (
            ('grade_id', grade.id), ('value_score', 100), ('scored_at', '2026-01-01'),
            ('grade_trend', 'up'), ('completeness', 100), ('partner_id', other.id),
            ('company_id', self.other_company.id),
        ):
            with self.subTest(field=field), self.assertRaises(AccessError) as caught:
                own.write({field: value})
            self.assertIn("Access own", str(caught.exception), "the message names the customer")

    def test_owner_of_another_company_is_refused(self):
        with self.assertRaises(UserError):
            self.customers['own'].with_user(self.manager).user_id = self.other_salesman

    def test_passes(self):
        self._refresh()
        for role in self.users:
            with self.subTest(role=role):
                Refresh = self.env['scp.customer.refresh'].with_user(self.users[role])
                self.assertEqual(Refresh.has_access('read'), role in ('manager', 'auditor'))
                for operation in ('write', 'create', 'unlink'):
                    self.assertFalse(Refresh.has_access(operation))

    def test_grades(self):
        for role in self.users:
            with self.subTest(role=role):
                Grade = self.env['scp.grade'].with_user(self.users[role])
                self.assertEqual(Grade.has_access('read'), role != 'portal')
                for operation in ('write', 'create', 'unlink'):
                    self.assertEqual(Grade.has_access(operation), role == 'manager')

    def test_documents(self):
        """Deals and orders: the leader reaches his team's, the auditor reads everybody's."""
        here = {'own', 'unowned', 'mate', 'stranger'}
        partners = {customer.partner_id: name for name, customer in self.customers.items()}
        domain = [('partner_id', 'in', [partner.id for partner in partners])]
        orders = self.env['sale.order'].search(domain)
        deals = self.env['crm.lead'].search(domain)
        for document in (*orders, *deals):
            document.team_id = {
                'own': self.team_north, 'mate': self.team_north, 'stranger': self.team_south,
            }.get(partners[document.partner_id], False)
        for role, read, write in (
            ('salesman', {'own', 'unowned'}, {'own', 'unowned'}),
            ('leader', {'own', 'mate', 'unowned'}, {'own', 'mate', 'unowned'}),
            ('manager', here, here),
            ('auditor', here, set()),
        ):
            user = getattr(self, role)
            for model in ('sale.order', 'crm.lead'):
                with self.subTest(role=role, model=model):
                    Model = self.env[model].with_user(user)
                    records = Model.search(domain)
                    self.assertEqual({partners[r.partner_id.with_user(1)] for r in records}, read)
                    self.assertEqual(
                        {partners[r.partner_id.with_user(1)] for r in records
                         if r.has_access('write')},
                        write,
                    )
                    self.assertFalse(role == 'auditor' and Model.has_access('create'))
            lines = self.env['sale.order.line'].with_user(user).search([('order_id', 'in', orders.ids)])
            self.assertEqual({partners[line.order_id.partner_id.with_user(1)] for line in lines},
                             read)

    def test_auditor_opens_deals(self):
        """What the list and the form of a deal show besides: tags, stage, team, lost reason."""
        tag = self.env['crm.tag'].create({'name': "Audit"})
        deal = self.env['crm.lead'].search(
            [('partner_id', '=', self.customers['own'].partner_id.id)], limit=1,
        )
        deal.tag_ids = tag
        names = ['tag_ids', 'stage_id', 'team_id', 'lost_reason_id', 'source_id']
        [values] = deal.with_user(self.auditor).web_read({
            name: {'fields': {'display_name': {}}} for name in names
        })
        self.assertEqual(values['tag_ids'], [{'id': tag.id, 'display_name': "Audit"}])

    @mute_logger('odoo.addons.base.models.ir_rule')
    def test_refresh_is_for_everybody_who_sees_the_page(self):
        """A salesman may ask for fresh figures although he may write no measure."""
        partner = self.customers['own'].partner_id
        self._create_order(partner, 50, '2026-02-10')
        self.env['scp.customer'].with_user(self.salesman)._refresh_for_partners(
            partner.with_user(self.salesman)
        )
        self.assertEqual(self._read_measures(self.customers['own'], 'orders'), {
            '2026-01-01': (100, 1, 1), '2026-02-01': (50, 1, 1),
        })
