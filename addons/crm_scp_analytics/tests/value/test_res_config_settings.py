from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ValueCommon


@tagged('post_install', '-at_install')
class TestValueSettings(ValueCommon):

    def test_switch(self):
        cron = self.env.ref('crm_scp_analytics.ir_cron_scp_value_score')
        Settings = self.env['res.config.settings']
        self.assertTrue(Settings.create({}).scp_value_scoring_active)
        Settings.create({'scp_value_scoring_active': False}).execute()
        self.assertFalse(cron.active)
        self.assertFalse(Settings.create({}).scp_value_scoring_active)
        Settings.create({'scp_value_scoring_active': True}).execute()
        self.assertTrue(cron.active)

    def test_window(self):
        Settings = self.env['res.config.settings']
        self.assertEqual(Settings.create({}).scp_value_window_months, 24)
        Settings.create({'scp_value_window_months': 6}).execute()
        run = self.Run._score(self.company, date_to=date(2026, 6, 30))
        self.assertEqual(run.date_from, date(2026, 1, 1))
        self.assertEqual(run.parameters['window_months'], 6)
        with self.assertRaisesRegex(ValidationError, "Value Window must lie between"):
            Settings.create({'scp_value_window_months': 0})
