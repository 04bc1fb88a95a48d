from datetime import date

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ValueCommon

READERS = {
    'seller': 'crm_scp_core.group_scp_user',
    'leader': 'crm_scp_core.group_scp_team',
    'manager': 'crm_scp_core.group_scp_manager',
    'quality': 'crm_scp_core.group_scp_quality',
    'auditor': 'crm_scp_core.group_scp_auditor',
    'accountant': 'account.group_account_invoice',
}
STRANGERS = {'employee': 'base.group_user', 'portal': 'base.group_portal'}


@tagged('post_install', '-at_install')
class TestScpValueAccess(ValueCommon):
    """
    customer   owner    team
    ---------------------------
    Own        seller   -
    Team       -other-  leader's
    Foreign    -other-  -
    Unowned    -        -
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: cls._create_company_user(f'value_{role}', group)
            for role, group in {**READERS, **STRANGERS}.items()
        }
        cls.colleague = cls._create_company_user('value_other', 'crm_scp_core.group_scp_user')
        cls.team = cls.env['crm.team'].create({
            'name': "Value Team", 'user_id': cls.users['leader'].id, 'company_id': cls.company.id,
        })
        cls.partners = cls._create_partners("Own", "Team", "Foreign", "Unowned")
        for partner in cls.partners:
            cls._order(partner, '2026-05-15 04:00', 100)
        cls.scoring = cls.Run._score(cls.company, date_to=date(2026, 6, 30))
        cls.customers = {
            customer.partner_id.name: customer
            for customer in cls.Customer.search([('partner_id', 'in', cls.partners.ids)])
        }
        cls.customers["Own"].user_id = cls.users['seller']
        cls.customers["Team"].write({'user_id': cls.colleague.id, 'team_id': cls.team.id})
        cls.customers["Foreign"].write({'user_id': cls.colleague.id, 'team_id': False})
        cls.env.flush_all()

    def _see(self, role, **context):
        scores = self.Score.with_user(self.users[role]).with_context(**context).search(
            [('run_id', '=', self.scoring.id)],
        )
        return set(scores.mapped('customer_id.partner_id.name'))

    def test_scores_follow_the_customer(self):
        everybody = {"Own", "Team", "Foreign", "Unowned"}
        self.assertEqual(self._see('seller'), {"Own", "Unowned"})
        self.assertEqual(self._see('leader'), {"Team", "Unowned"})
        for role in ('manager', 'quality', 'auditor', 'accountant'):
            self.assertEqual(self._see(role), everybody, role)
        for role in STRANGERS:
            with self.assertRaises(AccessError, msg=role):
                self._see(role)

    def test_runs_carry_totals_of_the_company(self):
        for role, user in self.users.items():
            self.assertEqual(self.Run.with_user(user).has_access('read'), role in ('manager', 'auditor'), role)
        menu = self.env.ref('crm_scp_analytics.scp_value_run_menu')
        for role in READERS:
            visible = self.env['ir.ui.menu'].with_user(self.users[role])._visible_menu_ids()
            self.assertEqual(menu.id in visible, role in ('manager', 'auditor'), role)
        self.assertEqual(self.Run.with_user(self.users['auditor']).search([]) & self.scoring, self.scoring)
        with self.assertRaises(AccessError):
            self.Score.with_user(self.users['seller']).search([('run_id.revenue', '>', 0)])

    def test_form_of_a_score(self):
        """Whoever sees a score opens it, without the run behind it."""
        for role in READERS:
            scores = self.Score.with_user(self.users[role]).search([('run_id', '=', self.scoring.id)])
            view = scores.get_view(view_type='form')
            names = {field.get('name') for field in etree.fromstring(view['arch']).iter('field')}
            self.assertEqual('run_id' in names, role in ('manager', 'auditor'), role)
            self.env.invalidate_all()
            self.assertTrue(scores.web_read({name: {} for name in names}))
            self.assertTrue(all(scores.mapped('is_current')))
            self.assertTrue(scores[0].action_view_orders())

    def test_nobody_edits(self):
        score = self._search_scores(self.scoring)[:1]
        for user in self.users.values():
            for record in (score, self.scoring):
                for operation in ('create', 'write', 'unlink'):
                    self.assertFalse(record.with_user(user).has_access(operation))

    def test_other_company(self):
        other = self._add_company("Elsewhere", self.env.ref('base.USD'))
        for role in ('manager', 'auditor', 'accountant'):
            user = new_test_user(
                self.env, f'elsewhere_{role}', READERS[role], company_id=other.id,
                company_ids=[Command.set(other.ids)],
            )
            env = self.env(user=user, context={'allowed_company_ids': other.ids}, su=False)
            self.assertFalse(env['scp.value.score'].search([]) & self._search_scores(self.scoring))
            if role != 'accountant':
                self.assertFalse(env['scp.value.run'].search([]) & self.scoring)
            with self.assertRaises(AccessError):
                self._search_scores(self.scoring)[:1].with_env(env).read(['value_score'])

    def test_partner_fields(self):
        own, foreign = self.customers["Own"].partner_id, self.customers["Foreign"].partner_id
        seller = self.users['seller']
        self.assertTrue(own.with_user(seller).scp_value_card)
        self.assertFalse(foreign.with_user(seller).scp_value_card)
        for role in STRANGERS:
            user = self.users[role]
            for name in ('scp_value_card', 'scp_value_score_id'):
                self.assertNotIn(name, self.env['res.partner'].with_user(user).fields_get())
                with self.assertRaises(AccessError):
                    user.partner_id.with_user(user).read([name])

    def test_reading_on_behalf(self):
        """A card tells the basis of its run to whoever may read the score."""
        for role in READERS:
            scores = self.Score.with_user(self.users[role]).search([('run_id', '=', self.scoring.id)])
            self.assertTrue(all(card['basis'] for card in scores.mapped('card')), role)
