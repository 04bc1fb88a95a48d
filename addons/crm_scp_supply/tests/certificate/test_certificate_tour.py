from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import CertificateCommon


@tagged('post_install', '-at_install')
class TestCertificateTour(CertificateCommon, HttpCase):

    def test_withdrawal(self):
        """A quality engineer withdraws a certificate: what rests on it is told before, and found afterwards."""
        today = fields.Date.context_today(self.env['scp.certificate'])
        certificate = self._certify(self.mill, today - timedelta(days=9), today + timedelta(days=9), number="TOUR-1")
        self._buy(self.mill, self._create_lot(self.steel, "TOUR-LOT"), 5)
        self.start_tour(
            f'/odoo/certificates/{certificate.id}', 'scp_certificate_withdrawal', login=self.quality.login)
        self.assertEqual((certificate.state, certificate.void_from, certificate.void_reason), (
            'withdrawn', today, "Tests were not made"))
