from datetime import date

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import ValueTools


@tagged('post_install', '-at_install')
class TestScpValuePayment(ValueTools, AccountTestInvoicingCommon):
    """How customers pay, as of 30 June 2026; every invoice is due on its own day.

    Alpha   10 January    100, paid on 9 February         30 days late, mark  62.5
            1 March       300, paid the same day           0 days,      mark 100
            15 June       100, open                       15 days late, mark  87.5
    Beta    1 May         200, credited                   never paid: no data
    Gamma   29 June       400, open                        1 day late, mark 99.1666...
            30 June       100, open, due today             open, but not overdue

    Alpha: (100 * 30 + 100 * 15) / 500 = 9 days late; index (100 * 62.5 + 300 * 100 + 100 * 87.5) / 500
    = 90; of the 500 that had to be paid 400 were: credit index 90 * 4/5 = 72.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.company.resource_calendar_id.tz = 'Asia/Taipei'
        cls._prepare()
        cls.alpha, cls.beta, cls.gamma = cls._create_partners("Alpha", "Beta", "Gamma")
        for partner in (cls.alpha, cls.beta, cls.gamma):
            cls._order(partner, '2026-01-05 04:00', 100)
        cls._pay(cls._invoice(cls.alpha, '2026-01-10', 100), '2026-02-09')
        cls._pay(cls._invoice(cls.alpha, '2026-03-01', 300), '2026-03-01')
        cls._invoice(cls.alpha, '2026-06-15', 100)
        credited = cls._invoice(cls.beta, '2026-05-01', 200)
        credited._reverse_moves([{'invoice_date': '2026-05-20', 'date': '2026-05-20'}], cancel=True)
        cls._invoice(cls.gamma, '2026-06-29', 400)
        cls._invoice(cls.gamma, '2026-06-30', 100)

    @classmethod
    def _invoice(cls, partner, day, amount):
        invoice = cls.env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': partner.id,
            'invoice_date': day,
            'invoice_payment_term_id': False,
            'invoice_date_due': day,
            'invoice_line_ids': [Command.create({
                'name': "Gauge", 'price_unit': amount, 'tax_ids': False,
            })],
        })
        invoice.action_post()
        return invoice

    @classmethod
    def _pay(cls, invoice, day):
        cls.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids,
        ).create({'payment_date': day})._create_payments()

    def _score(self, day):
        return self._get_scores(self.Run._score(self.company, date_to=day))

    def test_payment_behaviour(self):
        scores = self._score(date(2026, 6, 30))
        self.assertRecordValues(scores['Alpha'], [{
            'due_amount': 500.0, 'payment_days_late': 9.0, 'payment_index': 90.0,
            'overdue_amount': 100.0, 'overdue_share': 1.0, 'credit_index': 72.0,
        }])
        self.assertRecordValues(scores['Beta'], [{'due_amount': 0.0, 'overdue_amount': 0.0}])
        self.assertIsNone(scores['Beta'].card['payment'])
        self.assertIn("No invoice was paid or has fallen due", scores['Beta'].data_missing)
        self.assertRecordValues(scores['Gamma'], [{
            'due_amount': 400.0, 'payment_days_late': 1.0, 'payment_index': 99.2,
            'overdue_amount': 400.0, 'overdue_share': 0.8, 'credit_index': 0.0,
        }])
        self.assertEqual(
            [(figure['value'], figure['level']) for figure in scores['Alpha'].card['payment']],
            [('90', 'success'), ('72', 'warning')],
        )

    def test_as_of_an_earlier_day(self):
        """In January the first invoice was open still, whatever was paid since."""
        alpha = self._score(date(2026, 1, 31))['Alpha']
        self.assertRecordValues(alpha, [{
            # 21 days late: 87.5 - 6 * 12.5 / 7 = 76.8
            'due_amount': 100.0, 'payment_days_late': 21.0, 'payment_index': 76.8,
            'overdue_amount': 100.0, 'overdue_share': 1.0, 'credit_index': 0.0,
        }])

    def test_marks(self):
        """The scale of PAYDEX in per cent of its prompt, at its own days and half-way between."""
        marks = {
            days: self.env.execute_query(SQL("SELECT %s", self.Run._get_payment_mark(days)))[0][0]
            for days in (0, 15, 22, 30, 45, 60, 90, 120, 150, 180, 400)
        }
        self.assertEqual({days: round(float(mark), 3) for days, mark in marks.items()}, {
            0: 100, 15: 87.5, 22: 75, 30: 62.5, 45: 56.25, 60: 50, 90: 37.5, 120: 25, 150: 12.5,
            180: 0, 400: 0,
        })

    def test_completeness(self):
        """One of four parts is known, and what part of the profile is filled in."""
        scores = self._score(date(2026, 6, 30))
        alpha, beta = scores['Alpha'], scores['Beta']
        self.assertEqual(beta.data_completeness, round(beta.customer_id.completeness / 4, 1))
        self.assertEqual(alpha.data_completeness, round(25 + alpha.customer_id.completeness / 4, 1))
        self.assertIn("Ordered on one day only", alpha.data_missing)
