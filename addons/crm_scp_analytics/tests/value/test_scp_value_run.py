from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import ValueCommon, ValueTools

DATE_TO = date(2026, 6, 30)


@tagged('post_install', '-at_install')
class TestScpValueRunExample(ValueTools, AccountTestInvoicingCommon):
    """The worked example: five customers, two companies, two currencies, scored as of 30 June 2026.

    Company A keeps its books in euro and works in Taipei (UTC+8); one euro is two dollars. Money is
    net of refunds, in euro; scores are those of five customers without ties.

    customer  orders (UTC)              amount      day in Taipei  purchases     money  days
    -----------------------------------------------------------------------------------------
    Alpha     2026-06-20 02:00          1,000 EUR   20 June        1  (the
              2026-06-20 09:00            500 EUR   20 June            same day)
     + Anna   2026-05-10 01:00 contact  2,000 EUR   10 May         2         3,500.00     10
    Beta      2026-06-28 17:00          8,000 USD   29 June        1
              2026-04-01 03:00          1,000 EUR    1 April       2
              2026-03-01 03:00          1,000 EUR    1 March       3         6,000.00      1
    Gamma     2026-02-10 03:00          4,000 EUR   10 February    1
              refund of 3,900 EUR                                              100.00    140
    Delta     2025-01-15 03:00            900 EUR   15 January     1
    (archived)2024-07-01 03:00            300 EUR    1 July        2
              2025-06-01, 2025-07-01  2 x 100 EUR                  4         1,400.00    364
    Epsilon   2026-06-29 16:30            800 EUR   30 June        1           800.00      0

    Left out: Epsilon's order of 30 June 16:00 UTC (1 July in Taipei), one of 29 June 2024 (before
    the window of 24 months), a quotation and a cancelled order; Zeta, who has none but those.

              R: days            F: purchases      M: money          25 (R-1)/4 + 35 (F-1)/4
              140 < 364 ...      1 = 1 < 2 < 3 < 4 100 < 800 ...     + 40 (M-1)/4       grade
    -----------------------------------------------------------------------------------------
    Alpha     10: .5 -> 3        2: .5 -> 3        3,500: .7 -> 4    12.5+17.50+30 = 60.0   B
    Beta       1: .7 -> 4        3: .7 -> 4        6,000: .9 -> 5    18.75+26.25+40 = 85.0  A
    Gamma    140: .3 -> 2        1: .2 -> 2          100: .1 -> 1    6.25+8.75+0 = 15.0     D
    Delta    364: .1 -> 1        4: .9 -> 5        1,400: .5 -> 3    0+35+20 = 55.0         B
    Epsilon    0: .9 -> 5        1: .2 -> 2          800: .3 -> 2    25+8.75+10 = 43.8      C
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        euro, cls.dollar = cls.env.ref('base.EUR'), cls.env.ref('base.USD')
        cls.company = cls.company_data['company']
        cls.other_company = cls.setup_other_company(name="Company B", currency_id=cls.dollar.id)['company']
        cls.env = cls.env(context=dict(
            cls.env.context, allowed_company_ids=(cls.company + cls.other_company).ids,
        ))
        cls._prepare()
        cls._keep_models(cls.company, cls.other_company)
        cls.company.currency_id = euro
        cls.dollar.active = True
        cls.company.resource_calendar_id.tz = 'Asia/Taipei'
        cls.other_company.resource_calendar_id.tz = 'UTC'
        cls.env['res.currency.rate'].search([('company_id', '=', cls.company.id)]).unlink()
        cls.env['res.currency.rate'].create([
            {'name': '2020-01-01', 'currency_id': euro.id, 'rate': 1, 'company_id': cls.company.id},
            {'name': '2020-01-01', 'currency_id': cls.dollar.id, 'rate': 2, 'company_id': cls.company.id},
            # after the last dollar order: history must not move with it
            {'name': '2026-06-30', 'currency_id': cls.dollar.id, 'rate': 4, 'company_id': cls.company.id},
        ])
        cls.alpha, cls.beta, cls.gamma, cls.delta, cls.epsilon, cls.zeta = cls._create_partners(
            "Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta",
        )
        anna = cls._create_partner("Anna", parent_id=cls.alpha.id)
        cls.alpha.is_company = True

        cls._order(cls.alpha, '2026-06-20 02:00', 1000)
        cls._order(cls.alpha, '2026-06-20 09:00', 500)
        cls._order(anna, '2026-05-10 01:00', 2000)

        cls.beta_dollars = cls._order(cls.beta, '2026-06-28 17:00', 8000, currency=cls.dollar)
        cls._order(cls.beta, '2026-04-01 03:00', 1000)
        cls._order(cls.beta, '2026-03-01 03:00', 1000)

        cls.gamma_order = cls._order(cls.gamma, '2026-02-10 03:00', 4000)
        cls._refund(cls.gamma_order, 3900)

        cls._order(cls.delta, '2025-01-15 03:00', 900)
        cls._order(cls.delta, '2024-07-01 03:00', 300)
        cls._order(cls.delta, '2025-06-01 03:00', 100)
        cls._order(cls.delta, '2025-07-01 03:00', 100)
        cls.delta.active = False

        cls._order(cls.epsilon, '2026-06-29 16:30', 800)
        cls._order(cls.epsilon, '2026-06-30 16:00', 7777)
        for partner in (cls.epsilon, cls.zeta):
            cls._order(partner, '2024-06-29 03:00', 5555)
            cls._order(partner, '2026-06-01 03:00', 6666)._action_cancel()
            cls.env['sale.order'].create({'partner_id': partner.id, 'company_id': cls.company.id})

        cls._order(cls.alpha, '2026-06-20 02:00', 123, company=cls.other_company)
        cls.env.flush_all()

    @classmethod
    def _refund(cls, order, amount, day='2026-03-01', line=None):
        """Post a credit note for the order."""
        line = line or order.order_line
        refund = cls.env['account.move'].with_company(order.company_id).create({
            'move_type': 'out_refund',
            'partner_id': order.partner_id.id,
            'invoice_date': day,
            'currency_id': order.currency_id.id,
            'invoice_line_ids': [Command.create({
                'name': "Refund",
                'price_unit': amount,
                'tax_ids': False,
                'sale_line_ids': [Command.set(line.ids)],
            })],
        })
        refund.action_post()
        return refund

    def _score(self, date_to=DATE_TO):
        return self.Run._score(self.company, date_to=date_to)

    def test_worked_example(self):
        run = self._score()
        self.assertEqual((run.state, run.error), ('done', False))
        self.assertEqual((run.date_from, run.date_to), (date(2024, 7, 1), DATE_TO))
        self.assertEqual(
            {
                name: (
                    score.recency_days, score.purchase_count, score.order_count, score.monetary,
                    score.recency_score, score.frequency_score, score.monetary_score,
                    score.value_score, score.grade_id.name,
                )
                for name, score in self._get_scores(run).items()
            },
            {
                'Alpha': (10, 2, 3, 3500.0, 3, 3, 4, 60.0, 'B'),
                'Beta': (1, 3, 3, 6000.0, 4, 4, 5, 85.0, 'A'),
                'Gamma': (140, 1, 1, 100.0, 2, 2, 1, 15.0, 'D'),
                'Delta': (364, 4, 4, 1400.0, 1, 5, 3, 55.0, 'B'),
                'Epsilon': (0, 1, 1, 800.0, 5, 2, 2, 43.8, 'C'),
            },
        )
        self.assertRecordValues(run, [{
            'customer_count': 5,
            'order_count': 12,
            'purchase_count': 11,
            'revenue': 11800.0,
            'top_share': 6000 / 11800,
            'grade_counts': {'A': 1, 'B': 2, 'C': 1, 'D': 1},
            'model_version': 'rfm-1',
        }])

    def test_companies_apart(self):
        run = self.Run._score(self.other_company, date_to=DATE_TO)
        self.assertEqual(list(self._get_scores(run)), ['Alpha'])
        self.assertEqual((run.revenue, run.currency_id), (123.0, self.dollar))

    def test_hub(self):
        run = self._score()
        customers = self.Customer.with_context(active_test=False).search([
            ('company_id', '=', self.company.id), ('scored_at', '!=', False),
        ])
        self.assertEqual(
            {(customer.partner_id.name, customer.grade_id.name, customer.value_score)
             for customer in customers},
            {('Alpha', 'B', 60.0), ('Beta', 'A', 85.0), ('Gamma', 'D', 15.0),
             ('Delta', 'B', 55.0), ('Epsilon', 'C', 43.8)},
        )
        self.assertFalse(any(customers.mapped('grade_trend')), "nothing to compare with yet")
        self.assertRegex(
            run.outcome, r"^5 customers scored from 12 orders in \d+\.\d seconds: 1 A, 2 B, 1 C, 1 D\.",
        )

    def test_reasons_as_sentences(self):
        beta = self._get_scores(self._score())['Beta']
        self.assertEqual(
            [(reason['points'], reason['text']) for reason in beta._get_reason_sentences()],
            [
                ('+20.0', "Spent 6,000.00\xa0€ net of refunds in the last 24 months, more than 4 of "
                          "4 customers."),
                ('+8.8', "Bought 3 times in the last 24 months, more often than 3 of 4 customers."),
                ('+6.2', "Ordered yesterday, more recently than 3 of 4 customers."),
            ],
        )
        gamma = self._get_scores(self._score())['Gamma']
        self.assertEqual(
            [reason['text'] for reason in gamma._get_reason_sentences()],
            [
                "Spent 100.00\xa0€ net of refunds in the last 24 months; 4 of 4 customers spent "
                "more.",
                "Bought once in the last 24 months; 3 of 4 customers bought more often.",
                "Last ordered 140 days ago; 3 of 4 customers ordered more recently.",
            ],
        )

    def test_refunds(self):
        """Everything taken back leaves nothing, whatever the rate has become; drafts, refunds
        after the window and those of down payments do not count."""
        self._refund(self.beta_dollars, 8000, day='2026-06-30')
        self._refund(self.gamma_order, 100)
        self._refund(self.gamma_order, 50, day='2026-07-01')
        draft = self._refund(self.gamma_order, 50)
        draft.button_draft()
        deposit = self.gamma_order.order_line.create({
            'order_id': self.gamma_order.id, 'name': "Down payment", 'is_downpayment': True,
            'product_uom_qty': 0, 'price_unit': 500, 'tax_ids': False,
            'product_id': self.product.id,
        })
        self._refund(self.gamma_order, 500, line=deposit)
        run = self._score()
        scores = self._get_scores(run)
        self.assertEqual(scores['Beta'].monetary, 2000.0)
        gamma = scores['Gamma']
        self.assertEqual((gamma.monetary, gamma.value_score, gamma.grade_id.name), (0.0, 0.0, 'D'))
        self.assertEqual(
            [reason['text'] for reason in gamma._get_reason_sentences()],
            ["Purchases less refunds of the last 24 months come to 0.00\xa0€: nothing is left to "
             "value."],
        )

    def test_refund_for_several_lines(self):
        """One refund line for two orders takes half from each."""
        first = self._order(self.zeta, '2026-06-02 03:00', 100)
        second = self._order(self.epsilon, '2026-06-02 03:00', 100)
        self._refund(first, 60, line=(first + second).order_line)
        scores = self._get_scores(self._score())
        self.assertEqual(scores['Zeta'].monetary, 70.0)
        self.assertEqual(scores['Epsilon'].monetary, 870.0)

    def test_trend(self):
        """Grades are compared with the latest run at least a month older."""
        self.env['scp.value.model'].create({
            'company_id': self.company.id, 'hold_months': 0,
        }).action_activate()
        may = self._score(date(2026, 5, 30))
        june = self._score()
        self.assertFalse(may.reference_run_id)
        self.assertEqual(june.reference_run_id, may)
        trends = {
            customer.partner_id.name: customer.grade_trend
            for customer in self.Customer.with_context(active_test=False).search([
                ('company_id', '=', self.company.id), ('scored_at', '!=', False),
            ])
        }
        before = {name: score.grade_id for name, score in self._get_scores(may).items()}
        after = {name: score.grade_id for name, score in self._get_scores(june).items()}
        self.assertEqual(trends, {
            name: name in before and (
                'up' if grade.sequence < before[name].sequence
                else 'down' if grade.sequence > before[name].sequence else 'same'
            )
            for name, grade in after.items()
        })
        self.assertEqual(before.keys() - after.keys(), {'Zeta'}, "his order left the window in June")
        self.assertIn('up', trends.values())

    def test_days_in_any_order(self):
        """The hub shows the latest day, also when an earlier one is scored after it."""
        self._score()
        self._score(date(2026, 5, 30))
        epsilon = self.Customer.search([
            ('partner_id', '=', self.epsilon.id), ('company_id', '=', self.company.id),
        ])
        self.assertEqual(epsilon.value_score, 43.8)

    def test_out_of_the_window(self):
        """Who has no purchase in the window any more loses the grade and keeps the history."""
        run = self._score(date(2026, 5, 30))
        gamma = self.Customer.search([
            ('partner_id', '=', self.gamma.id), ('company_id', '=', self.company.id),
        ])
        self.assertTrue(gamma.grade_id)
        self.gamma_order._action_cancel()
        self._score()
        self.assertFalse(gamma.grade_id or gamma.scored_at or gamma.grade_trend)
        self.assertIn('Gamma', self._get_scores(run))
        self.assertFalse(self.Score._get_current_scores(gamma))


@tagged('post_install', '-at_install')
class TestScpValueRun(ValueCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._keep_models(cls.company)
        cls.partners = cls._create_partners(*(f"Customer {number}" for number in range(4)))
        for number, partner in enumerate(cls.partners):
            for month in range(1, number + 2):
                cls._order(partner, f'2026-0{month}-15 04:00', 100 * (number + 1))

    def _score(self):
        return self.Run._score(self.company, date_to=DATE_TO)

    @freeze_time('2026-06-30 16:30')
    def test_today_of_the_company(self):
        self.assertEqual(self.Run._score(self.company).date_to, date(2026, 7, 1))

    def test_no_order_in_the_window(self):
        self._score()
        customers = self.Customer.search([('partner_id', 'in', self.partners.ids)])
        grades = customers.mapped('grade_id')
        run = self.Run._score(self.company, date_to=date(2031, 1, 1))
        self.assertRecordValues(run, [{'state': 'done', 'customer_count': 0, 'error': False}])
        self.assertIn("Nothing to score", run.outcome)
        self.assertEqual(customers.mapped('grade_id'), grades, "the last known grades stay")
        self.assertTrue(all(self.Score._get_current_scores(customers).mapped('is_current')))

    def test_failure_leaves_nothing_but_its_error(self):
        first = self._score()
        customers = self.Customer.search([('partner_id', 'in', self.partners.ids)])
        before = customers.read(['grade_id', 'value_score', 'scored_at'])

        publish = type(self.Run)._publish
        calls = []

        def fail_first(run):
            calls.append(run)
            publish(run)
            if len(calls) == 1:
                raise ValueError("the disk is full")

        with (
            patch.object(type(self.Run), '_publish', fail_first),
            mute_logger('odoo.addons.crm_scp_analytics.models.value.scp_value_run_job'),
        ):
            run = self._score()
        self.assertEqual(calls, [run, first], "the hub shows the last good run again")
        self.assertRecordValues(run, [{
            'state': 'failed', 'error': "the disk is full", 'customer_count': 0, 'revenue': 0,
        }])
        self.assertFalse(self._search_scores(run))
        self.assertIn("Nothing was scored", run.outcome)
        self.assertEqual(len(self._search_scores(first)), 4)
        after = customers.read(['grade_id', 'value_score', 'scored_at'])
        for row in before + after:
            row.pop('scored_at')
        self.assertEqual(after, before)

    def test_too_few_grades(self):
        self.grades[3:].active = False
        self.env['scp.grade'].search([])[3:].active = False
        with mute_logger('odoo.addons.crm_scp_analytics.models.value.scp_value_run_job'):
            run = self._score()
        self.assertEqual(run.state, 'failed')
        self.assertIn("4 grades, but only 3", run.error)

    def test_one_run_at_a_time(self):
        with self.registry.cursor() as other:
            other.execute(SQL(
                "SELECT pg_advisory_xact_lock(hashtext(%s), %s)", 'scp.value.run', self.company.id,
            ))
            with self.assertRaisesRegex(UserError, "Value Test Company are being scored"):
                self._score()
        self.assertEqual(self._score().state, 'done')

    def test_interrupted_run_is_cleared(self):
        """What a killed job left behind goes when the next run starts."""
        ghost = self.Run.create(self.Run._prepare_run_values(self.company, DATE_TO))
        self.Customer._refresh_for_partners(self.partners)
        customer = self.Customer.search([('partner_id', '=', self.partners[0].id)])
        ghost._insert_scores({
            'customer_id': customer.ids, 'grade_id': self.grades[:1].ids, 'value_score': [99],
        })
        self.assertEqual(len(self._search_scores(ghost)), 1)
        run = self._score()
        self.assertRecordValues(ghost, [{
            'state': 'failed', 'error': "Interrupted before its end.",
        }])
        self.assertFalse(self._search_scores(ghost))
        self.assertEqual(len(self._search_scores(run)), 4)

    def test_customer_deleted_meanwhile(self):
        """A customer who vanishes between reading and writing is left out."""
        insert = type(self.Run)._insert_scores

        def delete_first(run, columns):
            self.Customer.browse(int(columns['customer_id'][0])).sudo().unlink()
            insert(run, columns)

        with patch.object(type(self.Run), '_insert_scores', delete_first):
            run = self._score()
        self.assertEqual(run.state, 'done')
        self.assertEqual(len(self._search_scores(run)), 3)

    def test_hub_rows_are_added(self):
        self.assertFalse(self.Customer.search([('partner_id', 'in', self.partners.ids)]))
        self._score()
        self.assertEqual(len(self.Customer.search([('partner_id', 'in', self.partners.ids)])), 4)

    def test_statements_do_not_grow_with_customers(self):
        def count_statements():
            self._score()  # the hub knows them all from now on
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run = self._score()
            self.env.flush_all()
            self.assertEqual(run.state, 'done')
            return self.env.cr.sql_log_count - before

        few = count_statements()
        for number in range(30):
            self._order(self._create_partner(f"More {number}"), '2026-03-03 04:00', 10 + number)
        self.assertEqual(count_statements(), few)

    def test_planner_knows_the_scores(self):
        """What is read next, and by the boards, is planned for as many scores as there are."""
        run = self._score()
        self.env.cr.execute("EXPLAIN (FORMAT JSON) SELECT FROM scp_value_score WHERE run_id = %s", [run.id])
        plan = self.env.cr.fetchone()[0][0]['Plan']
        self.assertAlmostEqual(plan['Plan Rows'], 5, delta=1)

    def test_batches(self):
        with patch('odoo.addons.crm_scp_analytics.models.value.scp_value_run_scoring.BATCH_SIZE', 3):
            run = self._score()
        self.assertEqual(len(self._search_scores(run)), 4)
        whole = self._score()
        self.assertEqual(
            [(s.customer_id, s.value_score, s.reasons) for s in self._search_scores(run).sorted('customer_id')],
            [(s.customer_id, s.value_score, s.reasons) for s in self._search_scores(whole).sorted('customer_id')],
        )

    def test_button(self):
        """A manager asks for a run, and the scheduled job does it."""
        manager = self._create_company_user('value_manager', 'crm_scp_core.group_scp_manager')
        seller = self._create_company_user('value_seller', 'crm_scp_core.group_scp_user')
        with self.assertRaises(AccessError):
            self.Run.with_user(seller).action_run()
        triggers = [('cron_id', '=', self.env.ref('crm_scp_analytics.ir_cron_scp_value_run').id)]
        before = self.env['ir.cron.trigger'].search_count(triggers)
        action = self.Run.with_user(manager).action_run()
        self.assertEqual(self.env['ir.cron.trigger'].search_count(triggers), before + 1)
        run = self.Run.browse(action['res_id'])
        self.assertEqual((run.state, run.create_uid), ('waiting', manager))
        self.assertIn("within a minute", run.outcome)
        with self.assertRaisesRegex(UserError, "scored already: started by .*, now at 0 %"):
            self.Run.with_user(manager).action_run()
        with self.assertRaises(AccessError):
            run.with_user(seller).action_cancel()
        run.with_user(manager).action_cancel()
        self.assertEqual(run.state, 'cancelled')
        with self.assertRaisesRegex(UserError, "has ended already"):
            run.with_user(manager).action_cancel()
        with self.assertRaises(AccessError):
            run.with_user(seller).action_resume()
        run.with_user(manager).action_resume()
        self.assertEqual(run.state, 'waiting')
        done = self._score()
        self.assertEqual((run.state, done.state), ('failed', 'done'), "one run at a time")
        with self.assertRaisesRegex(UserError, "nothing left to do"):
            done.with_user(manager).action_resume()

    def test_two_open_runs(self):
        """Two managers at the same moment: the database lets one of them through."""
        values = self.Run._prepare_run_values(self.company) | {'state': 'waiting'}
        self.Run.create(values)
        with (
            self.assertRaises(IntegrityError),
            mute_logger('odoo.sql_db'),
            self.env.cr.savepoint(),
        ):
            self.Run.create(values)
