"""A form of Odoo's website files complaints, although our addon does not depend on the website."""

import json

from odoo import http
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_scp_core.models.complaint.scp_complaint_website import FORM_FIELDS
from odoo.addons.crm_scp_core.tests.complaint.contact_common import ContactCommon


@tagged('post_install', '-at_install')
class TestWebsiteForm(ContactCommon, HttpCase):
    """The website was installed after our addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env['website'].get_current_website()
        cls.website.company_id = cls.company
        cls.values = {
            'name': "Valve leaks", 'description': "At the flange.\n<b>Always</b>", 'remedy_sought': 'repair',
            'email_from': 'anna@anvil.example.com', 'phone': '+1 555 0100', 'identifier': "A-77",
        }

    def _file(self, files=None, **values):
        """Send the form as a visitor; return the answer and the complaints it opened."""
        before = self.Complaint.search([])
        answer = self.url_open('/website/form/scp.complaint', data={**self.values, **values}, files=files)
        return json.loads(answer.text), self.Complaint.search([]) - before

    def test_editor_offers_it(self):
        model = self.env['ir.model']._get('scp.complaint')
        self.assertIn(model.id, [offer['id'] for offer in self.env['ir.model'].get_compatible_form_models()])
        self.assertEqual(set(model._get_form_writable_fields()), set(FORM_FIELDS))
        self.assertTrue(model.website_form_label)

    def test_taken_back_stays_so(self):
        model = self.env['ir.model']._get('scp.complaint')
        model.website_form_access = False
        self.Complaint._register_hook()
        self.assertFalse(model.website_form_access)
        self.assertIn('error', self._file()[0])

    def test_file(self):
        answer, complaint = self._file(
            files={'Photo[0][0]': ('leak.txt', b"a photo")}, Machine="Press 4",
        )
        self.assertEqual(answer, {'id': complaint.id})
        self.assertRecordValues(complaint, [{
            'name': "Valve leaks", 'channel': 'web', 'partner_id': self.anna.id, 'company_id': self.company.id,
            'phone': '+1 555 0100', 'identifier': "A-77", 'remedy_sought': 'repair', 'state': 'new',
            'user_id': False, 'awaits_response': True, 'acknowledgement_due': True,
        }])
        self.assertIn("At the flange.", complaint.description)
        self.assertIn("&lt;b&gt;Always", complaint.description)
        self.assertIn("Machine : Press 4", complaint.description)
        self.assertEqual(self.env['ir.attachment'].search([
            ('res_model', '=', 'scp.complaint'), ('res_id', '=', complaint.id),
        ]).mapped('name'), ['leak.txt'])
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref('crm_scp_core.ir_cron_scp_complaint_acknowledge').method_direct_trigger()
        self.assertEqual(complaint.state, 'acknowledged')
        self.assertIn(self.anna, complaint.message_ids.notified_partner_ids)

    def test_stranger(self):
        _answer, complaint = self._file(email_from='New <new@mill.example.com>')
        self.assertRecordValues(complaint, [{'partner_id': False, 'email_from': 'New <new@mill.example.com>'}])

    def test_who_is_logged_in_complains_for_himself(self):
        self.env['res.users'].create({
            'name': "Ben", 'login': 'scp_form_ben', 'password': 'scp_form_ben', 'partner_id': self.ben.id,
            'company_id': self.company.id, 'company_ids': self.company.ids,
            'group_ids': self.env.ref('base.group_portal').ids,
        })
        self.authenticate('scp_form_ben', 'scp_form_ben')
        _answer, complaint = self._file(csrf_token=http.Request.csrf_token(self))
        self.assertEqual(complaint.partner_id, self.ben)

    def test_only_what_is_offered(self):
        """What a visitor sends beside the form is text, and changes nothing."""
        _answer, complaint = self._file(
            severity='s1', user_id=str(self.salesman.id), company_id=str(self.other_company.id),
            sale_order_id='1', informed_at='2026-01-01 00:00:00', state='closed', partner_id=str(self.bolt.id),
        )
        self.assertRecordValues(complaint, [{
            'severity': False, 'user_id': False, 'company_id': self.company.id, 'sale_order_id': False,
            'informed_at': False, 'state': 'new', 'partner_id': self.anna.id,
        }])

    def test_what_is_wrong_is_named(self):
        for wrong, message in (
            ({'email_from': ''}, "Email"), ({'name': "x" * 201}, "Subject"), ({'description': " "}, "Description"),
            ({'remedy_sought': 'gold'}, "gold"), ({'files': {'f[0][0]': ('run.exe', b"MZ")}}, "File run.exe"),
        ):
            with self.subTest(message):
                answer, complaint = self._file(**wrong)
                self.assertIn(message, answer['error'])
                self.assertFalse(complaint)
