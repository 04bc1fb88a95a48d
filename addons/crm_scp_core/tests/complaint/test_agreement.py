from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .clock_common import ClockCommon


@tagged('post_install', '-at_install')
class TestAgreement(ClockCommon):

    def _create_agreement(self, state='active', **values):
        return self.env['scp.agreement'].create({
            'name': "Service", 'partner_id': self.partner.id, 'company_id': self.company.id,
            'date_start': '2026-01-01', 'date_end': '2026-12-31', 'state': state,
            'user_id': self.salesman.id, **values,
        })

    # === ENTITLEMENT ===#

    def test_found_by_customer_and_day(self):
        agreement = self._create_agreement()
        contact = self.env['res.partner'].create({'name': "Contact", 'parent_id': self.partner.id})
        for moment, values, expected in (
            ('2026-03-02 08:00', {}, agreement),
            ('2026-03-02 08:00', {'partner_id': contact.id}, agreement),
            ('2025-12-31 08:00', {}, agreement.browse()),
            # a minute into the new year in Paris
            ('2025-12-31 23:01', {}, agreement),
            ('2026-03-02 08:00', {'partner_id': self._create_partner("Else").id}, agreement.browse()),
        ):
            complaint = self._create_complaint(moment, **values)
            self.assertEqual(complaint.agreement_id, expected, (moment, values))

    def test_drafts_do_not_count(self):
        self._create_agreement('draft')
        self.assertFalse(self._create_complaint('2026-03-02 08:00').agreement_id)

    def test_overlap(self):
        """One that names the product first, then the one that began last."""
        self._create_agreement()
        later = self._create_agreement(date_start='2026-02-01')
        for_product = self._create_agreement(
            date_start='2026-01-15', product_ids=[Command.set(self.product.ids)])
        self.assertEqual(self._create_complaint('2026-03-02 08:00').agreement_id, later)
        self.assertEqual(
            self._create_complaint('2026-03-02 08:00', product_id=self.product.id).agreement_id, for_product)

    def test_choice_by_hand_stays_while_it_holds(self):
        first = self._create_agreement()
        self._create_agreement(date_start='2026-02-01')
        complaint = self._create_complaint('2026-03-02 08:00')
        complaint.agreement_id = first
        complaint.product_id = self.product
        self.assertEqual(complaint.agreement_id, first)
        complaint.partner_id = self._create_partner("Else")
        self.assertFalse(complaint.agreement_id)

    def test_of_another_company(self):
        self._create_agreement(company_id=self.other_company.id, partner_id=self._create_partner("Free").id)
        self.assertFalse(self._create_complaint('2026-03-02 08:00').agreement_id)

    # === CLOCKS ===#

    def test_gives_its_clocks(self):
        self._create_policy(('acknowledge', 4, 'hour'), ('resolution', 16, 'hour'))
        agreed = self._create_policy(('resolution', 8, 'hour'), by_agreement=True)
        complaint = self._create_complaint('2026-03-02 08:00')
        self.assertEqual(self.get_clock(complaint).target_h, 16)
        agreement = self._create_agreement('draft', policy_id=agreed.id)
        with self.at('2026-03-02 10:00'):
            agreement.action_activate()
        # open complaints of the customer come under it with the time they have used
        self.assertEqual(complaint.agreement_id, agreement)
        clock = self.get_clock(complaint)
        self.assertEqual((clock.target_h, clock.consumed_h, clock.policy_id), (8, 2, agreed))
        self.assertEqual(self.get_clock(complaint, 'acknowledge').target_h, 4)
        other = self._create_complaint('2026-03-02 08:00', partner_id=self._create_partner("Else").id)
        self.assertEqual(self.get_clock(other).target_h, 16)

    def test_change_of_policy_is_planned_again(self):
        agreed, better = (
            self._create_policy(('resolution', hours, 'hour'), by_agreement=True) for hours in (8, 4))
        agreement = self._create_agreement(policy_id=agreed.id)
        clock = self.get_clock(self._create_complaint('2026-03-02 08:00'))
        agreement.policy_id = better
        self.assertTrue(clock.stale)
        with self.at('2026-03-02 09:00'):
            clock._refresh_stale(clock)
        self.assertEqual(self.get_clock(clock.complaint_id).target_h, 4)

    # === THE DAILY JOB ===#

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_scp_core.ir_cron_scp_agreement').method_direct_trigger()
        self.env.invalidate_all()

    def test_renewal_is_announced_once(self):
        today = fields.Date.context_today(self.env.user)
        due = self._create_agreement(date_end=today + timedelta(days=30), notice_days=60)
        early = self._create_agreement(date_end=today + timedelta(days=90), notice_days=60)
        endless = self._create_agreement(date_end=False)
        for _run in range(2):
            self._run_job()
        self.assertEqual(due.activity_ids.user_id, self.salesman)
        self.assertEqual(len(due.activity_ids), 1)
        self.assertFalse((early | endless).activity_ids)
        # prolonged: there will be a new last day to remind of
        due.date_end = today + timedelta(days=50)
        self._run_job()
        self.assertEqual(len(due.activity_ids), 2)

    def test_ends_after_its_last_day(self):
        today = fields.Date.context_today(self.env.user)
        over = self._create_agreement(date_end=today - timedelta(days=1))
        last_day = self._create_agreement(date_end=today)
        self._run_job()
        self.assertEqual((over.state, last_day.state), ('ended', 'active'))

    def test_end_today(self):
        agreement = self._create_agreement(date_end=False)
        agreement.action_end()
        self.assertEqual((agreement.state, agreement.date_end), ('ended', fields.Date.context_today(agreement)))

    # === BAD INPUT ===#

    def test_refused(self):
        contact = self.env['res.partner'].create({'name': "Contact", 'parent_id': self.partner.id})
        with self.assertRaisesRegex(ValidationError, "Service: choose the company Mill Ltd"), self.cr.savepoint():
            self._create_agreement(partner_id=contact.id)
        policy = self._create_policy(('resolution', 8, 'hour'))
        with self.assertRaisesRegex(ValidationError, "Service: the policy “Test Policy”"), self.cr.savepoint():
            self._create_agreement(policy_id=policy.id)
