from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import ValueCommon

DATE_TO = date(2026, 6, 30)


@tagged('post_install', '-at_install')
class TestScpValueScore(ValueCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._keep_models(cls.company)
        cls.partners = cls._create_partners(*(f"Customer {number:02}" for number in range(12)))
        for number, partner in enumerate(cls.partners):
            for month in range(1, 1 + min(number + 1, 6)):
                cls._order(partner, f'2026-0{month}-{10 + number} 04:00', 100 * (number + 1))
        cls.best = cls.partners[-1]
        cls.runs = cls.env['scp.value.run']
        for day in ('2026-04-15', '2026-04-30', '2026-05-30', '2026-06-30'):
            cls.runs += cls.Run._score(cls.company, date_to=date.fromisoformat(day))
        cls.scoring = cls.runs[-1]

    def _get_score(self, partner):
        return self._get_scores(self.scoring)[partner.name]

    def test_tenths_beyond_ten_customers(self):
        texts = {
            reason['code']: reason['text']
            for reason in self._get_score(self.best)._get_reason_sentences()
        }
        self.assertIn("more than 10 of 10 customers", texts['monetary'])
        self.assertIn("more recently than 10 of 10 customers", texts['recency'])
        # 6 purchases is what seven of the twelve have: 5 of the 11 others have fewer
        self.assertNotIn('frequency', texts)
        worst = self._get_score(self.partners[0])._get_reason_sentences()
        self.assertIn("10 of 10 customers spent more", {r['code']: r['text'] for r in worst}['monetary'])
        self.assertFalse(any(reason['raises'] for reason in worst))

    def test_card(self):
        card = self._get_score(self.best).card
        self.assertEqual(card['grade'], 'A')
        self.assertEqual(
            card['basis'],
            "Confirmed orders, net of refunds, 24 months from 07/01/2024 to 06/30/2026, in EUR. "
            "Compared with 12 customers.",
        )
        self.assertEqual(
            [(point['date'], point['grade']) for point in card['history']],
            [('04/30/2026', 'B'), ('05/30/2026', 'A'), ('06/30/2026', 'A')],
            "the last score of each month; B on 15 April, so the A of two weeks later has to wait",
        )
        self.assertEqual([d['code'] for d in card['dimensions']], ['recency', 'frequency', 'monetary'])
        self.assertEqual(card['dimensions'][1]['text'], "6 purchases")
        self.assertIn("05/30/2026", card['change'])
        self.assertTrue(card['raising'])
        self.assertFalse(card['lowering'])

    def test_history_ends_with_the_score(self):
        april = self.Score.search([
            ('run_id', '=', self.runs[1].id), ('customer_id.partner_id', '=', self.best.id),
        ])
        self.assertEqual([point['date'] for point in april.card['history']], ['04/30/2026'])

    def test_current(self):
        current = self.Score.search([
            ('is_current', '=', True), ('company_id', '=', self.company.id),
        ])
        self.assertEqual(current.run_id, self.scoring)
        self.assertEqual(len(current), 12)
        self.assertTrue(all(current.mapped('is_current')))
        former = self.Score.search([
            ('is_current', '=', False), ('company_id', '=', self.company.id),
        ])
        self.assertEqual(former.run_id, self.runs - self.scoring)

    def test_cards_take_a_fixed_number_of_statements(self):
        scores = self._search_scores(self.scoring)

        def count_statements(records):
            self.env.invalidate_all()
            records.mapped('value_score')
            before = self.env.cr.sql_log_count
            records.mapped('card')
            return self.env.cr.sql_log_count - before

        count_statements(scores)  # warm up
        self.assertEqual(count_statements(scores), count_statements(scores[:2]))

    def test_partner(self):
        contact = self._create_partner("Contact", parent_id=self.best.id)
        stranger = self._create_partner("Stranger")
        partners = (self.best + contact + stranger).with_company(self.company)
        self.assertEqual(
            partners.mapped('scp_value_score_id'), self._get_score(self.best),
        )
        self.assertEqual(contact.scp_value_card, self.best.scp_value_card)
        self.assertFalse(stranger.scp_value_card)
        other = self._add_company("Other Value Company", self.env.ref('base.USD'))
        self.assertFalse(self.best.with_company(other).scp_value_card)

    def test_partners_take_a_fixed_number_of_statements(self):
        def count_statements(partners):
            self.env.invalidate_all()
            partners.mapped('name')
            before = self.env.cr.sql_log_count
            partners.mapped('scp_value_card')
            return self.env.cr.sql_log_count - before

        count_statements(self.partners)  # warm up
        self.assertEqual(count_statements(self.partners), count_statements(self.partners[:2]))

    def test_immutable(self):
        with self.assertRaisesRegex(UserError, "Customer 11 is a result"):
            self._get_score(self.best).sudo().value_score = 100

    def test_actions(self):
        score = self._get_score(self.best)
        action = score.action_view_orders()
        orders = self.env['sale.order'].search(action['domain'])
        self.assertEqual(len(orders), score.order_count)
        self.assertEqual(set(orders.partner_id), {self.best})
        self.assertEqual(score.action_open_customer()['res_id'], self.best.id)
        self.assertEqual(
            self.Score.search(self.scoring.action_view_scores()['domain']), self._search_scores(self.scoring),
        )

    def test_form(self):
        form = Form(self._get_score(self.best))
        self.assertEqual(form.card['grade'], 'A')
        self.assertEqual(Form(self.scoring).outcome, self.scoring.outcome)

    def test_merge(self):
        """The contact that stays keeps its scores, and takes those of runs it was not in."""
        late = self._create_partner("Late")
        customer = self._get_score(self.best).customer_id
        self._order(late, '2026-07-01 04:00', 50)
        july = self.Run._score(self.company, date_to=date(2026, 7, 31))
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        before = {score.run_id: score.value_score for score in self.Score.search([
            ('customer_id', '=', customer.id),
        ])}
        wizard._merge([late.id, self.best.id], self.best)
        scores = self.Score.search([('customer_id', '=', customer.id)])
        self.assertEqual({score.run_id: score.value_score for score in scores}, before)
        self.assertEqual(len(self._search_scores(july)), 12)
