from odoo.tests import tagged

from .test_demo_story import DemoCase


@tagged('post_install', '-at_install')
class TestDemoSilent(DemoCase):

    def test_somebody_stays_silent(self):
        """Haifeng sent valves back a month ago and has not complained since the one before."""
        haifeng = self.env.ref('crm_scp_core.partner_haifeng')
        rows = self.env['scp.complaint.silent.report'].search([('partner_id', '=', haifeng.id)])
        self.assertEqual(rows.mapped('signal'), ['credit_note'])
        self.assertEqual(rows.grade_id, self.env['scp.customer'].search([
            ('partner_id', '=', haifeng.id), ('company_id', '=', rows.company_id.id),
        ]).grade_id)
