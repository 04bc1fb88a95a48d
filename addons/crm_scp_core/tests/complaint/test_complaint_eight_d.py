from odoo.fields import Command
from odoo.tests import tagged

from .test_complaint_portal import PortalCommon

REPORT = 'crm_scp_core.action_report_scp_complaint_8d'


@tagged('post_install', '-at_install')
class TestComplaintEightD(PortalCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        occurrence, escape = cls.env['scp.complaint.cause'].create([
            {'name': "Wrong seal", 'kind': 'occurrence'}, {'name': "No pressure test", 'kind': 'escape'},
        ])
        cls.complaint = cls._create_complaint(name="The valve leaks")
        cls.complaint.write({
            'd2': "<p>Leaks at 6 bar</p>", 'd2_date': '2026-03-03', 'd4': "<p>Seal of another size</p>",
            'sale_order_id': cls._create_order(cls.anvil, 100, '2026-02-02').id,
            'occurrence_cause_id': occurrence.id, 'escape_cause_id': escape.id, 'user_id': cls.salesman.id,
            'cost_ids': [Command.create({'kind': 'goods', 'name': "Secret cost", 'amount': 98765})],
            'action_ids': [
                Command.create({'name': "Stop the lot", 'kind': 'containment', 'due_date': '2026-03-04'}),
                Command.create({'name': "Order by drawing", 'kind': 'corrective', 'evidence': "<p>Secret proof</p>"}),
            ],
        })

    def _render(self, user):
        html, _kind = self.env['ir.actions.report'].with_user(user)._render_qweb_html(REPORT, self.complaint.ids)
        return html.decode()

    def test_report_tells_disciplines_causes_and_actions(self):
        html = self._render(self.quality)
        for text in (
            self.complaint.number, self.complaint.sale_order_id.name, "Leaks at 6 bar",
            "03/03/2026", "Wrong seal", "No pressure test", "Stop the lot",
            "03/04/2026", "Order by drawing", "D8 Closure",
        ):
            self.assertIn(text, html)

    def test_report_keeps_costs_proofs_and_people_to_ourselves(self):
        html = self._render(self.quality)
        for text in ("98,765", "98765", "Secret", self.salesman.name):
            self.assertNotIn(text, html)

    def test_actions_stand_with_their_discipline(self):
        disciplines = self.complaint._prepare_eight_d_values()['disciplines']
        self.assertEqual(
            [[action['name'] for action in discipline['actions']] for discipline in disciplines],
            [[], [], ["Stop the lot"], [], ["Order by drawing"], [], [], []])

    def _open(self, user, token=''):
        if user:
            self.authenticate(user.login, user.login)
        else:
            self.authenticate(None, None)
        return self.url_open(f'/my/complaints/{self.complaint.id}/8d{token}', allow_redirects=False)

    def test_customer_opens_it_once_shared(self):
        self.assertEqual(self._open(self.user_anna).status_code, 404)
        self.assertNotIn('/8d', self.url_open(f'/my/complaints/{self.complaint.id}').text)
        self.complaint.is_8d_shared = True
        page = f'/my/complaints/{self.complaint.id}'
        self.assertIn(f'{page}/8d', self.url_open(page).text)
        for user in (self.user_anna, self.user_ben):  # a colleague at the same customer
            answer = self._open(user)
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(answer.headers['Content-Type'], 'application/pdf')
            self.assertIn("Wrong seal", answer.text)

    def test_nobody_else_opens_it(self):
        self.complaint.is_8d_shared = True
        self.assertEqual(self._open(self.user_olga).status_code, 404)
        self.assertEqual(self._open(None).status_code, 404)
        self.assertEqual(self._open(None, '?access_token=wrong').status_code, 404)
        token = self.complaint._portal_ensure_token()
        self.assertEqual(self._open(None, f'?access_token={token}').status_code, 200)

    def test_link_of_a_mail_opens_it_only_if_shared(self):
        token = self.complaint._portal_ensure_token()
        self.assertEqual(self._open(None, f'?access_token={token}').status_code, 404)

    def test_customer_does_not_share_it_himself(self):
        fields = self.env['scp.complaint'].with_user(self.user_anna).fields_get()
        self.assertNotIn('is_8d_shared', fields)
