from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import LeadLogCase


@tagged('post_install', '-at_install')
class TestLeadLogAccess(LeadLogCase):
    """Who sees a lead sees its history; nobody writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        def new_user(login, groups):
            return mail_new_test_user(
                cls.env, login=login, groups=groups, company_id=cls.company.id)

        cls.leader = new_user('log_leader', 'crm_scp_core.group_scp_team')
        cls.team.user_id = cls.leader
        cls.manager = new_user('log_manager', 'crm_scp_core.group_scp_manager')
        cls.auditor = new_user('log_auditor', 'crm_scp_core.group_scp_auditor')
        cls.all_leads = new_user(
            'log_all', 'crm_scp_core.group_scp_user,sales_team.group_sale_salesman_all_leads')
        cls.salesman = new_user('log_plain', 'sales_team.group_sale_salesman')
        cls.employee = new_user('log_employee', 'base.group_user')

    def setUp(self):
        super().setUp()
        self.own = self.create_lead(user_id=self.user.id)
        self.unassigned = self.create_lead(user_id=False, team_id=self.team.id)
        self.colleagues = self.create_lead(
            user_id=False, team_id=self.other_team.id, stage_id=False)
        self.colleagues.sudo().user_id = self.colleague
        self.commit()
        self.leads = self.own | self.unassigned | self.colleagues

    def get_visible(self, user):
        rows = self.env['scp.lead.log'].with_user(user).search(
            [('lead_ref', 'in', self.leads.ids)])
        return self.leads.browse(set(rows.sudo().mapped('lead_ref')))

    def test_history_follows_the_lead(self):
        for user, leads in (
            (self.user, self.own | self.unassigned),
            (self.colleague, self.unassigned | self.colleagues),
            (self.leader, self.own | self.unassigned),
            (self.all_leads, self.leads),
            (self.manager, self.leads),
            (self.auditor, self.leads),
        ):
            self.assertEqual(self.get_visible(user), leads, user.login)

    def test_history_of_lost_leads(self):
        """A lost lead is archived; its history is worth most then."""
        self.own.action_set_lost()
        self.commit()
        self.assertIn(self.own, self.get_visible(self.user))
        self.assertIn(self.own, self.get_visible(self.leader))
        self.assertNotIn(self.own, self.get_visible(self.colleague))

    def test_history_goes_with_its_lead(self):
        """Handing a lead over hands its history over."""
        self.own.sudo().user_id = self.colleague
        self.commit()
        self.assertNotIn(self.own, self.get_visible(self.user))
        self.assertIn(self.own, self.get_visible(self.colleague))

    @mute_logger('odoo.models.unlink')
    def test_history_of_deleted_leads(self):
        own_id = self.own.id
        self.own.sudo().unlink()
        self.commit()
        Log = self.env['scp.lead.log']
        domain = [('lead_ref', '=', own_id)]
        self.assertEqual(len(Log.with_user(self.user).search(domain)), 2)
        self.assertEqual(len(Log.with_user(self.leader).search(domain)), 2)
        self.assertEqual(len(Log.with_user(self.manager).search(domain)), 2)
        self.assertFalse(Log.with_user(self.colleague).search(domain))

    def test_others_are_refused(self):
        for user in (self.salesman, self.employee):
            with self.assertRaises(AccessError):
                self.env['scp.lead.log'].with_user(user).search([])

    def test_lead_opens_for_who_may_not_see_the_log(self):
        """The page of a lead asks for its history only where it may be shown."""
        self.own.sudo().user_id = self.salesman
        lead = self.own.with_user(self.salesman)
        arch = lead.get_view(view_type='form')['arch']
        self.assertNotIn('scp_log_ids', arch)
        lead.read()
        with self.assertRaises(AccessError):
            lead.read(['scp_log_ids'])
        self.assertIn('scp_log_ids', self.own.with_user(self.user).get_view(view_type='form')['arch'])

    def test_nobody_has_write_access(self):
        model = self.env['ir.model']._get('scp.lead.log')
        rights = self.env['ir.model.access'].search([('model_id', '=', model.id)])
        self.assertTrue(rights)
        self.assertFalse(any(rights.mapped('perm_write')))
        self.assertFalse(any(rights.mapped('perm_create')))
        self.assertFalse(any(rights.mapped('perm_unlink')))

    def test_history_of_a_lead(self):
        lead = self.own.with_user(self.user)
        self.assertEqual(lead.scp_log_count, 1)
        self.assertEqual(lead.scp_log_ids, self.get_rows(self.own))
        action = lead.action_open_scp_log()
        self.assertEqual(
            self.env[action['res_model']].with_user(self.user).search(action['domain']),
            lead.scp_log_ids)
        opened = lead.scp_log_ids.action_open_lead()
        self.assertEqual((opened['res_model'], opened['res_id']), ('crm.lead', lead.id))
