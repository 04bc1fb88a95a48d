from odoo.tests import Form, tagged
from odoo.tools.misc import file_open

from odoo.addons.crm_scp_core.tests.common import ScpCommon


@tagged('post_install', '-at_install')
class TestHubSettings(ScpCommon):

    def test_switch_of_the_job(self):
        cron = self.env.ref('crm_scp_core.ir_cron_scp_customer_refresh')
        self.assertTrue(cron.active)
        settings = self.env['res.config.settings'].create({})
        self.assertTrue(settings.scp_refresh_active)
        settings.scp_refresh_active = False
        settings.execute()
        self.assertFalse(cron.active)
        self.assertFalse(self.env['res.config.settings'].create({}).scp_refresh_active)
        self.env['res.config.settings'].create({'scp_refresh_active': True}).execute()
        self.assertTrue(cron.active)

    def test_switch_of_the_life_cycle(self):
        settings = self.env['res.config.settings'].with_company(self.company).create({})
        self.assertTrue(settings.scp_life_cycle_auto)
        settings.scp_life_cycle_auto = False
        settings.execute()
        self.assertFalse(self.company.scp_life_cycle_auto)
        self.assertTrue(self.other_company.scp_life_cycle_auto)

    def test_page_opens(self):
        action = self.env.ref('crm_scp_core.res_config_settings_action_scp')
        self.assertEqual(action.res_model, 'res.config.settings')
        with Form(self.env['res.config.settings']) as form:
            self.assertTrue(form.scp_refresh_active)

    def test_no_job_to_switch(self):
        """An administrator deleted the job: the page still opens and saves."""
        self.env.ref('crm_scp_core.ir_cron_scp_customer_refresh').unlink()
        settings = self.env['res.config.settings'].create({})
        self.assertFalse(settings.scp_refresh_active)
        settings.execute()

    def test_neutralize(self):
        refresh = self.env['scp.customer.refresh'].create({'last_position': 10})
        with file_open('crm_scp_core/data/neutralize.sql') as statements:
            self.env.flush_all()
            self.env.cr.execute(statements.read())
        self.env.invalidate_all()
        self.assertTrue(refresh.date_end)

    def test_activity_is_planned_on_the_contact(self):
        partner = self._create_partner("Activity")
        customer = self._create_customer(partner)
        action = customer.action_schedule_activity()
        self.assertEqual(action['context']['active_model'], 'res.partner')
        self.assertEqual(action['context']['active_ids'], partner.ids)
        partner.activity_schedule('mail.mail_activity_data_call', '2020-01-01', "Call")
        customer.invalidate_recordset()
        self.assertEqual(customer.activity_state, 'overdue')
        self.assertEqual(customer.activity_summary, "Call")
        Customer = self.env['scp.customer']
        self.assertIn(customer, Customer.search([('activity_state', '=', 'overdue')]))
        self.assertIn(customer, Customer.search([('activity_date_deadline', '<', '2020-02-01')]))
