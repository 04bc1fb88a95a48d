from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.complaint.scp_complaint_stage import STATES

from .test_demo_story import DemoCase


@tagged('post_install', '-at_install')
class TestDemoComplaints(DemoCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaints = cls.env['scp.complaint'].browse(cls.env['ir.model.data'].search([
            ('module', '=', 'crm_scp_core'), ('model', '=', 'scp.complaint'),
        ]).mapped('res_id'))

    def test_every_state_and_severity(self):
        self.assertEqual(len(self.complaints), 30)
        self.assertEqual(set(self.complaints.mapped('state')), {state for state, _label in STATES})
        self.assertLessEqual({'s1', 's2', 's3', 's4'}, set(self.complaints.mapped('severity')))
        self.assertTrue(self.complaints.filtered('is_repeat'))
        self.assertTrue(self.complaints.filtered('accused_user_id'))

    def test_times_are_in_order(self):
        steps = ('received_at', 'acknowledged_at', 'first_response_at', 'assessed_at', 'decided_at',
                 'informed_at', 'resolved_at', 'closed_at')
        for complaint in self.complaints:
            times = [complaint[step] for step in steps if complaint[step]]
            self.assertEqual(times, sorted(times), complaint.number)

    def test_numbers_follow_the_receipt(self):
        ordered = self.complaints.sorted('number')
        self.assertEqual(ordered, self.complaints.sorted(lambda c: (c.received_at, c.id)))

    def test_compensations(self):
        compensations = self.complaints.compensation_ids
        self.assertEqual(
            sorted(compensations.mapped('state')), ['approved'] * 4 + ['to_approve'],
        )
        self.assertEqual(
            sorted(compensations.refund_move_id.mapped('state')), ['draft'] + ['posted'] * 3,
        )
        waiting = compensations.filtered(lambda c: c.state == 'to_approve')
        self.assertEqual(waiting.activity_ids.user_id, self.env.ref('crm_scp_core.user_scp_manager'))

    def test_nothing_was_sent(self):
        self.assertFalse(self.env['mail.mail'].search([('model', '=', 'scp.complaint')]))
