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

    def test_leader_hears_of_it(self):
        """Pennine, a customer of Sofia Keller, sent half of an invoice back without a word."""
        pennine = self.env.ref('crm_scp_core.partner_pennine')
        leader = self.env.ref('crm_scp_core.user_scp_leader')
        rows = self.env['scp.complaint.silent.report'].with_user(leader).search([('partner_id', '=', pennine.id)])
        self.assertEqual(rows.user_id, self.env.ref('crm_scp_core.user_scp_sales'))
        self.assertEqual(rows.team_id.user_id, leader)
