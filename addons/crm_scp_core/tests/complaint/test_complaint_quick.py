from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.crm_scp_core.tests.complaint.contact_common import ContactCommon


@tagged('post_install', '-at_install')
class TestComplaintQuick(ContactCommon):

    def _open(self, user=None):
        return Form(self.env['scp.complaint.quick'].with_user(user or self.salesman))

    def test_four_fields(self):
        order = self._create_order(self.anvil, 100.0, '2026-10-01')
        with self._open() as form:
            form.partner_id = self.anna
            form.sale_order_id = order
            form.text = "Valve leaks at the flange.\nSince Monday."
            form.remedy_sought = 'replacement'
        action = form.record.action_create()
        complaint = self.Complaint.browse(action['res_id'])
        self.assertRecordValues(complaint, [{
            'name': "Valve leaks at the flange.", 'partner_id': self.anna.id, 'channel': 'phone',
            'sale_order_id': order.id, 'remedy_sought': 'replacement', 'user_id': self.salesman.id,
            'team_id': self.care.id, 'state': 'acknowledged', 'awaits_response': False,
        }])
        self.assertIn("Since Monday", complaint.description)
        now = fields.Datetime.now()
        for stamp in ('acknowledged_at', 'first_response_at'):
            self.assertLess((now - complaint[stamp]).total_seconds(), 60, stamp)
        self.assertFalse(complaint.informed_at, "A call is no written answer")

    def test_order_of_another(self):
        order = self._create_order(self.anvil, 100.0, '2026-10-01')
        with self._open() as form:
            form.partner_id = self.anna
            form.sale_order_id = order
            form.text = "x"
            form.partner_id = self.bolt
            self.assertFalse(form.sale_order_id)
        form.record.sale_order_id = order
        with self.assertRaisesRegex(UserError, f"{order.name}.*belongs to Anvil Works"):
            form.record.action_create()

    def test_long_subject(self):
        with self._open() as form:
            form.partner_id = self.anna
            form.text = "word " * 40
        complaint = self.Complaint.browse(form.record.action_create()['res_id'])
        self.assertEqual(len(complaint.name), 80)

    def test_nothing_said(self):
        with self._open() as form:
            form.partner_id = self.anna
            form.text = "  "
        with self.assertRaisesRegex(UserError, "What Happened"):
            form.record.action_create()

    def test_from_the_customers_page(self):
        quick = self.env['scp.complaint.quick'].with_context(
            active_model='res.partner', active_id=self.anna.id,
        )
        self.assertEqual(Form(quick).partner_id, self.anna)


@tagged('post_install', '-at_install')
class TestComplaintQuickUi(ContactCommon, HttpCase):

    def test_quick(self):
        self.salesman.password = self.salesman.login
        self.start_tour('/odoo/my-day', 'scp_complaint_quick', login=self.salesman.login)
        complaint = self.Complaint.search([('name', '=', "Valve leaks on the phone")])
        self.assertEqual((complaint.commercial_partner_id, complaint.user_id), (self.anvil, self.salesman))


@tagged('post_install', '-at_install')
class TestComplaintPortalUi(ContactCommon, HttpCase):
    """The pages of a complaint on a phone."""

    browser_size = '390x844'
    touch_enabled = True

    def test_portal(self):
        self.env['res.users'].create({
            'name': self.anna.name, 'login': 'scp_portal_anna', 'password': 'scp_portal_anna',
            'partner_id': self.anna.id, 'company_id': self.company.id, 'company_ids': self.company.ids,
            'group_ids': self.env.ref('base.group_portal').ids,
        })
        complaint = self._create_complaint()
        self._decide(complaint)
        complaint.state = 'proposed'
        self.start_tour('/my', 'scp_complaint_portal', login='scp_portal_anna')
        self.assertEqual(complaint.proposal_answer, 'accepted')
        self.assertEqual(complaint.state, 'resolved')
        self.assertEqual(complaint.rating_ids.rating, 4.0)
        filed = self.Complaint.search([('name', '=', "Gasket torn in the box")])
        self.assertEqual((filed.partner_id, filed.channel), (self.anna, 'portal'))
        self.assertIn("It was the last one.", filed.message_ids[0].body)
