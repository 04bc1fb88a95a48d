import base64
import json
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_scp_core.tests.complaint.contact_common import ContactCommon


@tagged('post_install', '-at_install')
class TestComplaintProgram(ContactCommon, HttpCase):
    """Complaints of a shop, by JSON and API key."""

    def setUp(self):
        super().setUp()
        self.key = self._create_key(self.salesman)
        self.order = self._create_order(self.anvil, 100.0, '2026-10-01')
        self.product.default_code = 'SCPT-V1'
        self.data = {
            'customer_email': 'anna@anvil.example.com', 'subject': "Valve leaks",
            'description': "At the flange.", 'order': self.order.name, 'product': 'SCPT-V1',
            'remedy': 'replacement', 'reference': 'shop-17', 'key': 'shop-17',
            'files': [{'name': 'leak.txt', 'content': base64.b64encode(b"wet").decode()}],
        }

    def _create_key(self, user):
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        return self.env['res.users.apikeys'].with_user(user)._generate(None, "Shop", tomorrow)

    def _call(self, path='', data=None, key=None, body=None):
        """:return: (status, object of the answer)"""
        answer = self.url_open(
            f'/scp/complaints{path}',
            data=body if body is not None else data and json.dumps(data),
            headers={'Authorization': f'Bearer {key or self.key}', 'Content-Type': 'application/json'},
        )
        return answer.status_code, answer.json() if 'json' in answer.headers['Content-Type'] else None

    def test_file_and_follow(self):
        status, answer = self._call(data=self.data)
        self.assertEqual(status, 201, answer)
        complaint = self.Complaint.search([('number', '=', answer['number'])])
        self.assertRecordValues(complaint, [{
            'partner_id': self.anna.id, 'channel': 'web', 'name': "Valve leaks", 'team_id': self.care.id,
            'sale_order_id': self.order.id, 'product_id': self.product.id, 'identifier': 'shop-17',
            'remedy_sought': 'replacement', 'company_id': self.company.id, 'acknowledgement_due': True,
            'awaits_response': True, 'first_response_at': False,
        }])
        self.assertEqual(complaint.message_ids.attachment_ids.raw, b"wet")
        self.assertEqual((answer['state'], answer['status'], answer['subject']), ('new', "Registered", "Valve leaks"))
        self.assertTrue(answer['received_at'].endswith('Z'))
        self.assertEqual(answer['url'], f'{complaint.get_base_url()}/my/complaints/{complaint.id}')
        self.assertEqual(self._call(data=self.data), (200, answer), "The same key files once")
        complaint.state = 'waiting_third'
        status, answer = self._call(f"/{answer['number']}")
        self.assertEqual((status, answer['status']), (200, "In work"))

    def test_unknown_customer(self):
        status, answer = self._call(data={
            'customer_email': 'New <new@mill.example.com>', 'subject': "x", 'description': "y",
        })
        self.assertEqual(status, 201, answer)
        complaint = self.Complaint.search([('number', '=', answer['number'])])
        self.assertFalse(complaint.partner_id)
        self.assertEqual(complaint.email_from, 'New <new@mill.example.com>')
        self.assertEqual(complaint.message_ids[0].email_from, 'New <new@mill.example.com>')

    def test_customer_by_reference(self):
        self.bolt.ref = 'B-1'
        data = {'customer_ref': 'B-1', 'subject': "x", 'description': "y"}
        number = self._call(data=data)[1]['number']
        self.assertEqual(self.Complaint.search([('number', '=', number)]).partner_id, self.bolt)

    def test_what_is_wrong(self):
        foreign = self._create_order(self.bolt, 100.0, '2026-10-01')
        for wrong, field in (
            ({'subject': ""}, 'subject'), ({'subject': "x" * 201}, 'subject'),
            ({'subject': 7}, 'subject'), ({'description': None}, 'description'),
            ({'remedy': "gold"}, 'remedy'), ({'order': foreign.name}, 'order'),
            ({'product': "nothing"}, 'product'), ({'customer_email': "nobody"}, 'customer_email'),
            ({'customer_ref': "nobody"}, 'customer_ref'),
            ({'files': [{'name': "a.txt", 'content': "%%"}]}, 'files'),
            ({'files': "x"}, 'files'), ({'files': 5}, 'files'),
            ({'files': [{'name': "a.exe", 'content': "TVo="}]}, 'files'),
        ):
            with self.subTest(wrong=wrong):
                status, answer = self._call(data={**self.data, **wrong})
                self.assertEqual(status, 422)
                self.assertEqual(list(answer['errors']), [field])
                self.assertIn(field, answer['errors'][field].lower() if field != 'files' else 'files')
        for body in ("no json", "[]", "null"):
            self.assertEqual(self._call(body=body)[0], 422, body)
        self.assertFalse(self.Complaint.search([('identifier', '=', 'shop-17')]), "Nothing half-written")

    def test_rights(self):
        self.assertEqual(self._call(data=self.data, key="wrong")[0], 401)
        status, answer = self._call(data=self.data, key=self._create_key(self.internal))
        self.assertEqual((status, list(answer['errors'])), (403, ['authorization']))
        # a colleague's case is as unknown as one that does not exist
        complaint = self._create_complaint(user_id=self.mate.id)
        for number in (complaint.number, "C-nothing"):
            status, answer = self._call(f'/{number}')
            self.assertEqual((status, list(answer['errors'])), (404, ['number']))

    def test_interface_of_odoo(self):
        """Odoo's own interface files with the rights of the key, too."""
        answer = self.url_open(
            '/json/2/scp.complaint/create',
            data=json.dumps({'vals_list': [{'name': "By interface", 'partner_id': self.anna.id}]}),
            headers={'Authorization': f'Bearer {self.key}', 'Content-Type': 'application/json'},
        )
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.Complaint.browse(answer.json()).name, "By interface")
