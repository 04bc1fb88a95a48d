from odoo.tests import tagged

from .test_demo_story import DemoCase


@tagged('post_install', '-at_install')
class TestDemoRecurrence(DemoCase):

    def test_the_valves_leak_again(self):
        """Three within 90 days after two in the year before: (2 + 1/2) x 90 / 365 = 0.616 expected."""
        recurrence = self.env['scp.complaint.recurrence'].search([
            ('company_id', '=', self.env.ref('base.main_company').id),
        ])
        self.assertRecordValues(recurrence, [{
            'product_id': self.env.ref('crm_scp_core.product_safety_valve').id,
            'cause_id': self.env.ref('crm_scp_core.scp_complaint_cause_manufacturing').id,
            'observed': 3, 'state': 'new',
        }])
        self.assertAlmostEqual(recurrence.expected, 0.62, 2)
        self.assertIn(self.env.ref('crm_scp_core.user_scp_quality'), recurrence.activity_ids.user_id)
