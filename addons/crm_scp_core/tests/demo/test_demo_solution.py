from odoo.tests import tagged

from .test_demo_story import DemoCase


@tagged('post_install', '-at_install')
class TestDemoSolutions(DemoCase):

    def test_known_solution_is_suggested(self):
        complaint = self.env.ref('crm_scp_core.scp_complaint_rheintal_4_investigating')
        positioner = self.env.ref('crm_scp_core.scp_solution_positioner')
        self.assertEqual(complaint.suggested_solution_ids[:1], positioner)

    def test_solutions_have_a_past(self):
        seat = self.env.ref('crm_scp_core.scp_solution_seat')
        self.assertEqual(seat._get_reopen_rates(), {seat: (2, 0.0)})
