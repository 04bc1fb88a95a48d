from odoo.tests import HttpCase, tagged

from .test_lead_gate import LeadGateCase


@tagged('post_install', '-at_install')
class TestLeadGateUi(LeadGateCase, HttpCase):
    """Gates and questions in a browser. The runner fails on any error in the console."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.password = cls.user.login
        cls.env['scp.won.reason'].create({'name': "They know us"})
        cls.set_gate(cls.listed, 'soft', 'phone')
        cls.set_gate(cls.pursued, 'hard', 'email_from')
        cls.lead, cls.winner = cls.env['crm.lead'].create([
            {
                'name': name,
                'type': 'opportunity',
                'team_id': cls.team.id,
                'user_id': cls.user.id,
                'stage_id': cls.need.id,
            }
            for name in ("Gated deal", "Won deal")
        ])
        cls.commit()

    def test_pipeline(self):
        self.start_tour(
            '/odoo/action-crm.crm_lead_action_pipeline', 'scp_gate_pipeline', login=self.user.login)
        self.env.invalidate_all()
        self.assertEqual(self.lead.stage_id, self.listed)
        gate = self.get_gates(self.lead)
        self.assertEqual((gate.reason, gate.reason_user_id), ("Met at the fair", self.user))
        self.assertFalse(self.get_questions(self.lead))
        self.assertEqual(self.winner.scp_won_reason_id.name, "They know us")

    def test_form(self):
        self.start_tour(f'/odoo/crm.lead/{self.lead.id}', 'scp_gate_form', login=self.user.login)
        self.env.invalidate_all()
        self.assertEqual((self.lead.stage_id, self.lead.won_status), (self.won, 'won'))
        self.assertFalse(self.get_gates(self.lead).reason)
        self.assertEqual(len(self.get_questions(self.lead)), 1)
        self.assertFalse(self.lead.scp_won_reason_id)
