from base64 import b64encode
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import PDF, PNG, CertificateCommon


@tagged('post_install', '-at_install')
@freeze_time('2030-06-15')
class TestCertificate(CertificateCommon):

    # --- documents --- #

    def test_files(self):
        """A PDF counts by what is in it, not by its name; 10 MB are the most."""
        check = self.env['scp.certificate']._get_file_error
        self.assertIsNone(check("a.pdf", PDF))
        self.assertIsNone(check("a.PNG", PNG))
        self.assertIn("a.exe: only PDF", check("a.exe", b"MZ"))
        self.assertIn("a.pdf is not what its name says", check("a.pdf", b"<html>"))
        self.assertIn("a.pdf is not what its name says", check("a.pdf", b"MZ\x90"))
        self.assertIn("a.pdf is too large: 11.0 MB, at most 10 MB", check("a.pdf", PDF.ljust(11 * 1024 * 1024)))

    def test_wrong_file_in_the_backend(self):
        certificate = self._certify(self.mill)
        with self.assertRaisesRegex(ValidationError, "TS 1:2028, Mill 1: File c.docx: only PDF"):
            certificate.write({'document': b64encode(b"x"), 'document_name': "c.docx"})

    def test_usual_time(self):
        self.standard.validity_months = 36
        certificate = self.env['scp.certificate'].create({
            'partner_id': self.mill.id, 'standard_id': self.standard.id, 'number': "9", 'date_from': '2030-01-31'})
        self.assertEqual(certificate.date_to, date(2033, 1, 30))

    def test_sites_belong_to_the_holder(self):
        with self.assertRaisesRegex(ValidationError, "Sites: Dock does not belong to Mill"):
            self._certify(self.mill, site_ids=self.dock.ids)

    @mute_logger('odoo.sql_db')
    def test_exemption_needs_end_and_reason(self):
        for values in ({'until': False, 'notes': "Audit is due"}, {'notes': False}):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self._certify(self.mill, is_waiver=True, document=False, **values)

    # --- who --- #

    def test_somebody_is_told(self):
        """Of a certificate that came, with nobody responsible for it or for the relation: who bought there last."""
        self._buy(self.mill, self._create_lot(self.steel, "B-1"), 1).user_id = self.buyer
        certificate = self.env['scp.certificate'].create({
            'partner_id': self.mill.id, 'standard_id': self.standard.id, 'number': "7", 'date_from': '2030-01-01'})
        certificate.user_id = False
        certificate._schedule_confirmation()
        self.assertEqual((certificate.user_id, certificate.activity_ids.user_id), (self.buyer, self.buyer))

    def test_a_person_confirms(self):
        """Who buys enters certificates; they count once quality has confirmed them, and are not his to change then."""
        Certificate = self.env['scp.certificate'].with_user(self.buyer)
        vals = {'partner_id': self.mill.id, 'standard_id': self.standard.id, 'number': "7", 'date_from': '2030-01-01'}
        with self.assertRaises(AccessError):
            Certificate.create({**vals, 'state': 'valid'})
        certificate = Certificate.create(vals)
        self.assertEqual((certificate.state, certificate.user_id), ('draft', self.buyer))
        for change in (certificate.action_confirm, lambda: certificate.write({'state': 'valid'})):
            with self.assertRaises(AccessError):
                change()
        with self.assertRaisesRegex(UserError, "TS 1:2028, 7 of Mill has no document"):
            certificate.with_user(self.quality).action_confirm()
        certificate.write({'document': b64encode(PDF), 'document_name': "c.pdf"})
        certificate.with_user(self.quality).action_confirm()
        self.assertEqual((certificate.state, certificate.confirmed_by_id), ('valid', self.quality))
        with self.assertRaises(AccessError):
            certificate.date_to = '2040-01-01'
        certificate.notes = "Received by mail"
        with self.assertRaisesRegex(UserError, "was confirmed"):
            certificate.with_user(self.quality).unlink()

    def test_confirmed_too_late(self):
        self.assertEqual(self._certify(self.mill, until=date(2030, 6, 14)).state, 'expired')
        self.assertEqual(self._certify(self.mine, until=date(2030, 6, 15)).state, 'valid')

    # --- reminders --- #

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_scp_supply.ir_cron_scp_certificate_remind').method_direct_trigger()
        self.env.invalidate_all()

    def _count_mails(self):
        return self.env['mail.mail'].search_count([('recipient_ids', 'in', self.mill.ids)])

    def test_reminders(self):
        """At 90, 60 and 30 days, each once, then it expires; on a day the job did not run the next run tells."""
        self.env.company.scp_certificate_mail = True
        self.mill.email = 'mill@example.com'
        end = date(2030, 12, 31)
        certificate = self._certify(self.mill, until=end)
        certificate.user_id = self.quality
        told = []
        for days, mails in ((91, 0), (90, 1), (89, 1), (58, 2), (58, 2), (30, 3), (0, 3), (-1, 3), (-1, 3)):
            with freeze_time(end - timedelta(days=days)):
                self._run_job()
            told.append((days, certificate.reminded_days, certificate.activity_ids.summary, certificate.state))
            self.assertEqual(self._count_mails(), mails, f"{days} days before")
        self.assertEqual(told, [
            (91, 0, False, 'valid'),
            (90, 90, "Expires in 90 days", 'valid'),
            (89, 90, "Expires in 90 days", 'valid'),
            (58, 60, "Expires in 58 days", 'valid'),
            (58, 60, "Expires in 58 days", 'valid'),
            (30, 30, "Expires in 30 days", 'valid'),
            (0, 30, "Expires in 30 days", 'valid'),
            (-1, 30, "Expired", 'expired'),
            (-1, 30, "Expired", 'expired'),
        ])

    def test_reminders_switched_off(self):
        self.env.company.scp_certificate_remind = False
        certificate = self._certify(self.mill, until=date(2030, 7, 1))
        certificate.user_id = self.quality
        before = self._count_mails()
        self._run_job()
        self.assertEqual((certificate.reminded_days, certificate.activity_ids.ids), (30, []))
        self.assertEqual(self._count_mails(), before, "mails are off unless somebody switches them on")

    def test_a_later_end_is_announced_anew(self):
        certificate = self._certify(self.mill, until=date(2030, 7, 1))
        self._run_job()
        self.assertEqual(certificate.reminded_days, 30)
        certificate.date_to = '2030-09-01'
        self._run_job()
        self.assertEqual(certificate.reminded_days, 90)

    # --- void --- #

    def test_suspended_and_reinstated(self):
        """Suspended from 1 May, lifted on 15 June: what came on 30 April or 15 June is covered, in between not."""
        requirement = self._require()
        lots = {
            day: self._receive(self.mill, f"L{day:%m%d}", day)
            for day in (date(2030, 4, 30), date(2030, 5, 1), date(2030, 6, 14), date(2030, 6, 15))
        }
        certificate = self._certify(self.mill)
        certificate._void('suspended', date(2030, 5, 1), "Audit failed")
        self.assertEqual((certificate.state, certificate.void_from), ('suspended', date(2030, 5, 1)))
        certificate.action_reinstate()
        self.assertEqual(certificate.state, 'valid')
        self.assertEqual(
            {f'{day:%m-%d}': self._comply(requirement, lot)[0] for day, lot in lots.items()},
            {'04-30': 'covered', '05-01': 'missing', '06-14': 'missing', '06-15': 'covered'})

    def test_withdrawn_from_the_beginning(self):
        certificate = self._certify(self.mill)
        with self.assertRaisesRegex(UserError, "was not valid before 2030-01-01"):
            certificate._void('withdrawn', date(2029, 12, 31), "Forged")
        with self.assertRaises(AccessError):
            certificate.with_user(self.buyer)._void('withdrawn', date(2030, 6, 1), "Forged")
        certificate.with_user(self.quality)._void('withdrawn', date(2030, 1, 1), "Forged")
        self.assertEqual(self._comply(self._require(), self._receive(self.mill, "L", date(2030, 3, 1)))[0], 'missing')
        self.assertIn("Void from 01/01/2030: Forged", certificate.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "nothing to withdraw"):
            self.env['scp.certificate'].create({
                'partner_id': self.forge.id, 'standard_id': self.standard.id, 'number': "8",
                'date_from': '2030-01-01'})._void('withdrawn', date(2030, 6, 1), "?")
