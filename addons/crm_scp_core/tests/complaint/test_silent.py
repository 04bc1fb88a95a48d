from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ComplaintCommon


@tagged('post_install', '-at_install')
class TestSilentComplaint(ComplaintCommon):
    """Signals of the last 90 days, complaints within 30 days around them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for company in cls.company, cls.other_company:
            cls.env['account.chart.template'].try_loading('generic_coa', company, install_demo=False)
            company.account_sale_tax_id = False
        cls.other_company.currency_id = cls.eur  # the chart of accounts brings its own
        (cls.company | cls.other_company).write({'scp_silent_days': 90, 'scp_silent_window_days': 30})
        cls.Report = cls.env['scp.complaint.silent.report']
        cls.today = fields.Date.context_today(cls.Report)
        cls.customer_north = cls._create_customer(
            cls.customer, user_id=cls.salesman.id, team_id=cls.team_north.id,
        )

    @classmethod
    def _create_move(cls, days_ago, amount=100.0, move_type='out_refund', partner=None, company=None, **values):
        move = cls.env['account.move'].with_company(company or cls.company).create({
            'move_type': move_type,
            'partner_id': (partner or cls.contact).id,
            'company_id': (company or cls.company).id,
            'currency_id': cls.usd.id,
            'invoice_date': cls.today - timedelta(days=days_ago),
            'invoice_line_ids': [Command.create({'name': "Valves", 'price_unit': amount, 'tax_ids': []})],
            **values,
        })
        move.action_post()
        return move

    def _get_silent(self, user=None):
        self.env.flush_all()
        self.Report.invalidate_model()
        return self.Report.with_user(user or self.env.user).search([
            ('company_id', 'in', (self.company | self.other_company).ids),
        ])

    def _complain(self, days_ago, **values):
        return self._create_complaint(received_at=fields.Datetime.now() - timedelta(days=days_ago), **values)

    # === WHO IS SILENT ===#

    def test_credit_note_without_complaint(self):
        refund = self._create_move(10, 250.0)
        self.assertRecordValues(self._get_silent(), [{
            'signal': 'credit_note', 'source_model': 'account.move', 'source_id': refund.id, 'reference': refund.name,
            'date': self.today - timedelta(days=10), 'amount': 250.0, 'currency_id': self.usd.id,
            'company_id': self.company.id, 'partner_id': self.customer.id, 'user_id': self.salesman.id,
            'team_id': self.team_north.id,
        }])

    def test_share_of_those_with_reason(self):
        """Two got a credit note and said nothing, another one complained; what is older counts no more."""
        self._create_move(10)
        self._create_move(20)
        for days in (80, 91):
            self._complain(days, partner_id=self.other_customer.id)
        figures = self.env['scp.complaint.kpi'].with_user(self.manager).get_kpis(
            {'company_ids': self.company.ids})['figures']
        self.assertAlmostEqual(figures['silent_share']['value'], 2 / 3)
        self.assertEqual(figures['silent_share']['n'], 3)
        parts = self.env['scp.complaint.kpi'].get_kpis({'team_ids': self.care.ids})['figures']
        self.assertNotIn('silent_share', parts)

    def test_only_recent_posted_credit_notes(self):
        self._create_move(91)
        self._create_move(5, move_type='out_invoice')
        self._create_move(5).button_draft()
        self.assertFalse(self._get_silent())
        self._create_move(90)
        self.assertEqual(len(self._get_silent()), 1)

    def test_complaint_around_the_day(self):
        """A credit note of 40 days ago: complaints 10 to 70 days ago speak, others do not."""
        self._create_move(40)
        for days in (9, 72):
            self._complain(days)
        self._complain(40, partner_id=self.other_customer.id)
        self.assertEqual(len(self._get_silent()), 1)
        for days in (10, 70):
            complaint = self._complain(days)
            self.assertFalse(self._get_silent(), days)
            complaint.received_at = fields.Datetime.now()
        self._complain(40, active=False)
        self.assertFalse(self._get_silent(), "archived, but said")

    def test_invoice_complained_of(self):
        invoice = self._create_move(80, move_type='out_invoice')
        self._create_move(5, reversed_entry_id=invoice.id)
        complaint = self._complain(75, invoice_id=invoice.id)
        self.assertFalse(self._get_silent())
        complaint.invoice_id = False
        self.assertEqual(len(self._get_silent()), 1)

    def test_compensation_is_not_silent(self):
        refund = self._create_move(5)
        complaint = self._complain(80)
        self.assertEqual(len(self._get_silent()), 1)
        compensation = self.env['scp.complaint.compensation'].create({
            'complaint_id': complaint.id, 'name': "Sorry", 'amount': 10,
        })
        compensation.sudo().refund_move_id = refund
        self.assertFalse(self._get_silent())

    def test_settings(self):
        self._create_move(40)
        self._complain(5)
        self.assertTrue(self._get_silent())
        self.company.scp_silent_window_days = 35
        self.assertFalse(self._get_silent())
        self.company.write({'scp_silent_window_days': 30, 'scp_silent_days': 39})
        self.assertFalse(self._get_silent())
        with self.assertRaises(ValidationError):
            self.company.scp_silent_days = -1

    def test_hook(self):
        """A signal of another addon is cut off, silenced and counted like ours."""
        self._create_move(10)
        query = SQL(
            """SELECT id AS source_id, %(company)s AS company_id, id AS partner_id, %(date)s AS date,
                      name AS reference, NULL::numeric AS amount
                 FROM res_partner WHERE id IN %(partners)s""",
            company=self.company.id, date=self.today - timedelta(days=3),
            partners=(self.customer.id, self.other_customer.id),
        )
        self._complain(3, partner_id=self.other_customer.id)
        Report = self.registry['scp.complaint.silent.report']
        credit_notes = self.Report._get_silent_signal_queries()
        with (
            patch.object(Report, '_get_silent_signal_queries', lambda self: {**credit_notes, 'visit': query}),
            patch.object(Report, '_selection_signal', lambda self: [('credit_note', "C"), ('visit', "Visit")]),
            patch.object(Report, '_get_signal_model', lambda self, signal: 'res.partner'),
        ):
            silent = self._get_silent()
            self.assertEqual(silent.sorted('date').mapped('signal'), ['credit_note', 'visit'])
            self.assertEqual(len(set(silent.ids)), 2)

    # === WHAT TO DO ===#

    def test_ask_the_customer(self):
        refund = self._create_move(10)
        for _twice in range(2):
            self._get_silent(self.leader).action_ask_customer()
        activity = self.customer.activity_ids
        self.assertRecordValues(activity, [{
            'user_id': self.salesman.id, 'summary': f"Ask what went wrong: Credit Note {refund.name}",
            'activity_type_id': self.env.ref('mail.mail_activity_data_call').id,
        }])

    def test_make_a_complaint(self):
        """The complaint comes long after, and the customer is not silent any more."""
        refund = self._create_move(60)
        self._create_move(59)
        row = self._get_silent(self.salesman).filtered(lambda row: row.source_id == refund.id)
        context = row.action_make_complaint()['context']
        complaint = self.Complaint.with_user(self.salesman).with_context(**context).create({})
        self.assertRecordValues(complaint, [{
            'name': f"Credit Note {refund.name}", 'partner_id': self.customer.id, 'user_id': self.salesman.id,
        }])
        self.assertNotIn(refund.id, self._get_silent().mapped('source_id'))
        self.assertEqual(len(self._get_silent()), 1, "asked about one, not the other")

    # === RIGHTS ===#

    def test_own_team_all(self):
        self._create_move(10)
        seen = {name for name, user in self.users.items()
                if name not in ('internal', 'portal') and self._get_silent(user)}
        self.assertEqual(seen, {'salesman', 'leader', 'manager', 'quality', 'auditor', 'accountant'})
        self.assertFalse(self._get_silent(self.other_salesman))
        self.customer_north.write({'user_id': False, 'team_id': False})
        self.assertTrue(self._get_silent(self.stranger), "nobody's customer")

    def test_companies(self):
        """A complaint to one company does not speak to the other; amounts are in its own currency."""
        self._create_move(10)
        self._create_move(10, 100.0, company=self.other_company)
        self._complain(10)
        silent = self._get_silent()
        self.assertRecordValues(silent, [{
            'company_id': self.other_company.id, 'amount': 50.0, 'currency_id': self.eur.id, 'user_id': False,
        }])
        self.assertFalse(self._get_silent(self.manager))
        self.assertEqual(self._get_silent(self.other_salesman), silent)
