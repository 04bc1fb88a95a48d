from datetime import date, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import file_open

from .common import ClaimCommon

SENT = date(2030, 3, 1)
# 14 days to answer: until 15 March
LATE = date(2030, 3, 16)


@tagged('post_install', '-at_install')
class TestClaimRemind(ClaimCommon):
    """On 1 March 2030 the mill is claimed 120.00 and has until the 15th to answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.scp_claim_remind = True
        cls.mill.email = 'mill@example.com'
        cls.env['scp.supplier.claim'].search([]).answer_by = False
        cls.claim = cls.env['scp.supplier.claim'].create({
            'name': "Yard is angry", 'partner_id': cls.mill.id,
            'line_ids': [Command.create({'kind': 'goods', 'amount': 120})],
        })
        with freeze_time(SENT):
            cls._send(cls.claim)

    def _remind(self, day):
        """The mails that the job of a day makes."""
        Mail = self.env['mail.mail']
        before = Mail.search([])
        with freeze_time(day), self.enter_registry_test_mode():
            self.env.ref('crm_scp_supply.ir_cron_scp_supplier_claim_remind').method_direct_trigger()
        self.env.invalidate_all()
        return Mail.search([]) - before

    def test_weekly_and_three_times(self):
        """From the day after the last on, every seven days, three times; twice a day is once."""
        self.assertFalse(self._remind(LATE - timedelta(days=1)), "the last day is not over")
        days = [day for day in range(40) if self._remind(LATE + timedelta(days=day))]
        self.assertEqual(days, [0, 7, 14])
        self.assertEqual((self.claim.reminder_count, self.claim.reminded_on), (3, LATE + timedelta(days=14)))
        self.assertFalse(self._remind(LATE + timedelta(days=14)))

    def test_text(self):
        """What is asked for, of what; neither the customer nor our own words."""
        mail = self._remind(LATE)
        self.assertEqual((len(mail), mail.recipient_ids, mail.state), (1, self.mill, 'outgoing'))
        for text in ("Reminder", self.claim.number, "120.00", "Cracks in the steel", "03/15/2030"):
            self.assertIn(text, mail.subject + mail.body_html)
        self.assertIn("an answer to this mail", mail.body_html, "no policy opens the page")
        self.assertNotIn("Yard", mail.subject + mail.body_html)

    def test_whoever_answered_is_left_alone(self):
        """An answer ends it; sent again with another sum, it begins anew."""
        self.assertTrue(self._remind(LATE))
        self.claim.answer = "Not ours"
        self.claim.action_dispute()
        self.assertFalse(self._remind(LATE + timedelta(days=7)))
        with freeze_time(LATE):
            self.claim.amount_agreed = 60
            self.claim.action_send()
        self.assertEqual((self.claim.reminder_count, self.claim.answer_by), (0, LATE + timedelta(days=14)))
        self.assertFalse(self._remind(LATE + timedelta(days=14)))
        self.assertTrue(self._remind(LATE + timedelta(days=15)))

    def test_switch_and_address(self):
        self.company.scp_claim_remind = False
        self.assertFalse(self._remind(LATE))
        self.company.scp_claim_remind = True
        self.mill.email = False
        self.assertFalse(self._remind(LATE))
        self.assertEqual(self.claim.reminder_count, 0)

    def test_copies_remind_nobody(self):
        self.env.flush_all()
        with file_open('crm_scp_supply/data/neutralize.sql') as statements:
            self.env.cr.execute(statements.read())
        self.env.invalidate_all()
        self.assertFalse(self.company.scp_claim_remind)
        self.assertFalse(self.env.ref('crm_scp_supply.ir_cron_scp_supplier_claim_remind').active)
