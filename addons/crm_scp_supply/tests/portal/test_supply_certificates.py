from base64 import b64decode
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..certificate.common import PDF
from .common import SupplyPortalCommon

URL = '/my/supply/certificates'


@tagged('post_install', '-at_install')
class TestSupplyCertificates(SupplyPortalCommon):
    """Rope Works sends a certificate; Sail Loft holds one of its own and has no relation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['scp.certificate.requirement'].search([]).active = False
        cls.policy.share_certificates = True
        cls.supplier_relation.user_id = cls.buyer
        cls.standard = cls.env['scp.standard'].create({'code': "TR 7", 'name': "Test of rope"})
        cls.env['scp.certificate.requirement'].create({
            'standard_id': cls.standard.id, 'product_ids': [Command.set(cls.rope.ids)],
            'date_from': fields.Date.today() - timedelta(days=9),
        })
        cls.rope.seller_ids = [Command.create({'partner_id': cls.works.id})]
        cls.foreign, cls.waiver = cls.env['scp.certificate'].create([
            {'partner_id': partner.id, 'standard_id': cls.standard.id, 'number': "SECRET", 'date_from': '2026-01-01',
             'date_to': fields.Date.today(), 'notes': "Do not tell them", 'is_waiver': partner == cls.works}
            for partner in (cls.loft, cls.works)
        ])

    def _send(self, file=("rope.pdf", PDF), **values):
        form = {
            'standard_id': str(self.standard.id), 'number': "R-1", 'issuer': "Certifiers",
            'date_from': '2026-02-01', 'date_to': '2029-01-31', **values,
        }
        return self._post(f'{URL}/new', form, files={'file': file} if file else None)

    def _get_sent(self):
        return self.env['scp.certificate'].search([('partner_id', '=', self.works.id), ('is_uploaded', '=', True)])

    def test_send(self):
        """It waits for a person, who is told; sent again it is kept once. What was needed is needed until then."""
        self._login(self.rob)
        with self._assert_nothing_written():
            page = self.url_open(URL).text
        self.assertIn("Still needed", page)
        self.assertRegex(page, r'for\s+Rope')
        for text in ("SECRET", "Do not tell them"):
            self.assertNotIn(text, page)
        self.assertEqual(self._send().headers['Location'].partition('?')[2], 'done=sent')
        self._send()
        [certificate] = self._get_sent()
        self.assertEqual(
            (certificate.state, certificate.number, certificate.issuer, certificate.user_id, certificate.company_id),
            ('draft', "R-1", "Certifiers", self.buyer, self.env.company))
        self.assertEqual(b64decode(certificate.document), PDF)
        self.assertEqual(certificate.activity_ids.user_id, self.buyer)
        page = self.url_open(URL).text
        self.assertIn("To Confirm", page)
        self.assertIn("Still needed", page)
        certificate.action_confirm()
        page = self.url_open(URL).text
        self.assertNotIn("Still needed", page)
        self.assertIn("Valid", page)

    def test_what_is_wrong_is_told_and_nothing_lost(self):
        """The message names the field or the file; what was typed is still in the form, nothing is kept by us."""
        self._login(self.rob)
        wrong = {
            "rope.exe: only PDF, PNG and JPEG": {'file': ("rope.exe", b"MZ")},
            "rope.pdf is not what its name says": {'file': ("rope.pdf", b"<html>")},
            "rope.pdf is too large: 11.0 MB, at most 10 MB": {'file': ("rope.pdf", PDF.ljust(11 * 1024 * 1024))},
            "File: choose one PDF": {'file': None},
            "Standard: choose one": {'standard_id': '0'},
            "Number: enter the number": {'number': ' '},
            "Number: at most 120 characters": {'number': 'x' * 121},
            "Valid From: enter the day": {'date_from': 'soon'},
            "Valid To: enter a day": {'date_to': '31.12.'},
            "Valid To: it cannot end before it begins": {'date_to': '2026-01-31'},
        }
        for message, values in wrong.items():
            answer = self._send(**values)
            self.assertEqual(answer.status_code, 200, message)
            self.assertIn(message, answer.text)
            self.assertIn('value="Certifiers"', answer.text, message)
        self.assertFalse(self._get_sent())

    @mute_logger('odoo.http')
    def test_not_yours_is_not_there(self):
        """The file of another, an exemption, one that does not exist; and everything without relation or policy."""
        self._login(self.ria)
        self._send()
        certificate = self._get_sent()
        answer = self.url_open(f'{URL}/{certificate.id}/file')
        self.assertEqual((answer.content, answer.headers['Content-Type']), (PDF, 'application/octet-stream'))
        self.assertIn('attachment', answer.headers['Content-Disposition'])
        missing = self.url_open(f'{URL}/999999999/file')
        for other in (self.foreign, self.waiver):
            answer = self.url_open(f'{URL}/{other.id}/file')
            self.assertEqual((answer.status_code, len(answer.content)), (404, len(missing.content)))
        for user in (self.sam, self.hanna):
            self._login(user)
            self.assertEqual(self.url_open(URL).status_code, 404)
            self.assertEqual(self._send().status_code, 404)
        self.policy.share_certificates = False
        self._login(self.rob)
        self.assertEqual(self.url_open(f'{URL}/{certificate.id}/file').status_code, 404)
        self.assertEqual(self._send(number="R-2").status_code, 404)
        self.assertEqual(self._get_sent(), certificate)
