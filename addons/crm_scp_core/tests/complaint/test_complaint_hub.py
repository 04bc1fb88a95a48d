from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged('post_install', '-at_install')
class TestComplaintHub(ComplaintCommon):
    """What complaints contribute to the customer, his page and the day of who handles them."""

    def test_measures(self):
        """Four complaints of March 2026, one of them a duplicate, and one of April."""
        complaints = self.Complaint.create([
            {
                'name': name, 'company_id': self.company.id, 'partner_id': self.contact.id,
                'received_at': received, **values,
            }
            for name, received, values in (
                # Monday 9:00, answered after 2 and 6 working hours (lunch from 12 to 13)
                ("Full", '2026-03-02 09:00:00', {
                    'first_response_at': '2026-03-02 11:00:00', 'is_justified': 'yes',
                    'decided_at': '2026-03-03 09:00:00',
                }),
                ("Half", '2026-03-02 09:00:00', {
                    'first_response_at': '2026-03-02 16:00:00', 'is_justified': 'partly',
                    'decided_at': '2026-03-03 09:00:00',
                }),
                ("Unanswered", '2026-03-31 23:00:00', {}),
                ("Next month", '2026-04-01 00:00:00', {
                    'is_justified': 'no', 'decided_at': '2026-04-03 09:00:00',
                }),
            )
        ])
        duplicate = self._create_complaint(received_at='2026-03-02 09:00:00')
        duplicate.write({'duplicate_of_id': complaints[0].id, 'state': 'duplicate'})
        self.env['scp.complaint.cost'].create([
            {'complaint_id': complaints[0].id, 'kind': 'labour', 'amount': 30},
            {'complaint_id': complaints[0].id, 'kind': 'freight', 'amount': 10,
             'currency_id': self.eur.id},
        ])
        for complaint, rating in zip(complaints, (5, 3, 0, 4), strict=True):
            complaint.rating_ids = self.env['rating.rating'].create({
                'res_model_id': self.env['ir.model']._get_id('scp.complaint'),
                'res_id': complaint.id, 'rating': rating, 'consumed': bool(rating),
            })
        self._refresh(self.customer)
        customer = self._get_customer(self.customer)
        self.assertTrue(customer, "who complains is a customer, order or not")
        march, april = '2026-03-01', '2026-04-01'
        self.assertEqual(
            self._read_measures(customer, 'complaints'), {march: (3, 3, 3), april: (1, 1, 1)},
        )
        self.assertEqual(
            self._read_measures(customer, 'complaints_upheld'),
            {march: (1.5, 2, 2), april: (0, 1, 1)},
        )
        self.assertEqual(
            self._read_measures(customer, 'complaint_first_response'), {march: (8, 2, 2)},
        )
        self.assertEqual(
            self._read_measures(customer, 'complaint_satisfaction'),
            {march: (1, 2, 2), april: (1, 1, 1)},
        )
        self.assertEqual(
            self._read_measures(customer, 'complaint_cost'),
            {march: (50, 3, 3), april: (0, 1, 1)},
        )
        cost = self.Measure.search([('customer_id', '=', customer.id), ('code', '=', 'complaint_cost')])
        self.assertEqual(cost.currency_id, self.usd)
        self.assertEqual(set(cost.mapped('source')), {'crm_scp_core'})

    def test_page_of_the_customer(self):
        self._create_customer(self.customer)
        closed = self._resolve(self._create_complaint())
        opened = self._create_complaint(partner_id=self.customer.id)
        self._create_complaint(user_id=self.stranger.id)
        for partner in (self.customer, self.contact):
            partner = partner.with_user(self.salesman).with_company(self.company)
            self.assertEqual(partner.scp_complaint_ids, opened | closed)
            self.assertEqual(partner.scp_complaint_count, 2)
            self.assertEqual(partner.scp_complaint_open_count, 1)
            action = partner.action_scp_view_complaints()
            self.assertEqual(
                self.Complaint.with_user(self.salesman).search(action['domain']), opened | closed,
            )

    def test_page_costs_the_same_for_many_customers(self):
        partners = self.customer | self.other_customer | self.contact
        for partner in partners:
            self._create_complaint(partner_id=partner.id)
        self.env.flush_all()
        counts = []
        for some in (partners, partners[:1], partners):  # the first finds out what the user may read
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped('scp_complaint_count')
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])

    def test_conversation_on_a_complaint_is_a_contact(self):
        customer = self._create_customer(self.customer)
        complaint = self._create_complaint()
        self.assertFalse(customer.last_contact_date)
        message = self._answer(complaint)
        customer.invalidate_recordset()
        self.assertEqual(customer.last_contact_date, message.date)

    # === MY DAY ===#

    def _get_section(self, user, scope):
        day = self.env['scp.my.day'].with_user(user).with_company(self.company).get_my_day(scope)
        [section] = [section for section in day['sections'] if section['id'] == 'complaints']
        return section

    def test_my_day(self):
        long_ago = fields.Datetime.now() - timedelta(days=3)
        unanswered = self._create_complaint(severity='s3', received_at=long_ago)
        severe = self._create_complaint(severity='s1')
        self._answer(severe)
        answered = self._create_complaint(severity='s3')
        self._answer(answered)
        waiting = self._create_complaint()
        waiting.state = 'waiting_customer'
        mates = self._create_complaint(user_id=self.mate.id)
        section = self._get_section(self.salesman, 'mine')
        self.assertEqual([item['id'] for item in section['items']], (severe | unanswered).ids)
        self.assertEqual(section['count'], 2)
        self.assertEqual(section['items'][0]['badge']['text'], "S1 Critical")
        self.assertEqual(section['items'][1]['why'], "The customer has been waiting for 3 days.")
        self.assertEqual(
            self.Complaint.with_user(self.salesman).search(section['action']['domain']),
            severe | unanswered,
        )
        team = self._get_section(self.leader, 'team')
        self.assertEqual({item['id'] for item in team['items']}, set((severe | unanswered | mates).ids))
