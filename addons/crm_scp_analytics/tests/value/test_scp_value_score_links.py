from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ValueCommon


@tagged('post_install', '-at_install')
class TestScpValueScoreLinks(ValueCommon):
    """Scores have no foreign keys: what these would do is done all the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners("Alpha", "Beta")
        for number, partner in enumerate(cls.partners):
            cls._order(partner, '2026-05-15 04:00', 100 * (number + 1))
        cls.scoring = cls.Run._score(cls.company, date_to=date(2026, 6, 30))
        cls.customers = cls.Customer.search([('partner_id', 'in', cls.partners.ids)], order='partner_id')

    def _count_scores(self, **values):
        [[count]] = self.env.execute_query(SQL(
            "SELECT COUNT(*) FROM scp_value_score WHERE %s",
            SQL(" AND ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()),
        ))
        return count

    def test_scores_go_with_the_customer(self):
        alpha, beta = self.customers
        self.env['sale.order'].search([('partner_id', '=', self.partners[0].id)])._action_cancel()
        self.env['sale.order'].search([('partner_id', '=', self.partners[0].id)]).unlink()
        self.partners[0].unlink()
        beta.unlink()
        self.assertEqual([self._count_scores(customer_id=customer.id) for customer in (alpha, beta)], [0, 0])

    def test_scores_follow_a_merge(self):
        """Of each run the score of the customer that stays wins; what only the other has is his."""
        alpha, beta = self.customers
        self._order(self.partners[0], '2026-01-15 04:00', 10)
        earlier = self.Run._score(self.company, date_to=date(2026, 2, 28))
        self.assertEqual(self._search_scores(earlier).customer_id, alpha)
        self.env['base.partner.merge.automatic.wizard']._merge(self.partners.ids, self.partners[1])
        scores = self.Score.search([('customer_id', '=', beta.id)], order='date')
        self.assertEqual(scores.run_id, self.scoring + earlier)
        self.assertEqual(scores[-1].monetary, 200)
        self.assertFalse(self._count_scores(customer_id=alpha.id))

    def test_scores_go_with_the_run(self):
        run_id = self.scoring.id
        self.scoring.unlink()
        self.assertFalse(self._count_scores(run_id=run_id))

    def test_a_grade_that_was_given_stays(self):
        grade = self._search_scores(self.scoring)[:1].model_grade_id
        self.Customer.search([]).grade_id = False
        with self.assertRaisesRegex(UserError, f"The grade {grade.name} cannot be deleted"):
            grade.unlink()

    def test_left_over(self):
        """Removed behind our back, or in the moment of the writing."""
        gone = SQL("(SELECT MAX(id) + 1000 FROM scp_value_run)")
        nobody = SQL("(SELECT MAX(id) + 1000 FROM scp_customer)")
        for run, customer in ((self.scoring.id, nobody), (gone, self.customers[0].id)):
            self.env.cr.execute(SQL(
                "INSERT INTO scp_value_score (run_id, customer_id, company_id, date) VALUES (%s, %s, %s, now())",
                run, customer, self.company.id,
            ))
        before = self._count_scores(company_id=self.company.id)
        self.Score._gc_loose()
        self.assertEqual((before, self._count_scores(company_id=self.company.id)), (4, 2))
