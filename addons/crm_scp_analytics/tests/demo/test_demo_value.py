from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestDemoValue(TransactionCase):
    """The demo data as installed, scored: nothing is created here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = cls.env['scp.value.run'].search([
            ('company_id', '=', cls.env.ref('base.main_company').id),
        ], order='date_to')

    def hub(self, code):
        return self.env['scp.customer'].search([
            ('partner_id', '=', self.env.ref(f'crm_scp_core.partner_{code}').id),
            ('company_id', '=', self.env.ref('base.main_company').id),
        ])

    def measure(self, code, measure):
        rows = self.hub(code).measure_ids.filtered(lambda row: row.code == measure)
        return sum(rows.mapped('numerator')), sum(rows.mapped('denominator'))

    def test_a_year_of_runs(self):
        self.assertGreaterEqual(len(self.runs), 13)
        self.assertEqual(set(self.runs.mapped('state')), {'done'})
        customers = self.runs.mapped('customer_count')
        self.assertGreaterEqual(customers[-1], 40)
        self.assertLess(customers[0], customers[-1])

    def test_grades_show_at_once(self):
        customers = self.env['scp.demo']._get_customers()
        graded = self.env['scp.customer'].search([
            ('partner_id', 'in', customers.ids), ('grade_id', '!=', False),
        ])
        self.assertEqual(graded.partner_id, customers)
        for code, grade in (('hengtai', 'A'), ('rheintal', 'A'), ('titan', 'A'), ('karoo', 'D')):
            self.assertEqual(self.hub(code).grade_id.name, grade, code)

    def test_new_customer_climbs(self):
        scores = self.env['scp.value.score'].search([
            ('customer_id', '=', self.hub('longhua').id),
        ]).sorted(lambda score: score.run_id.date_to)
        self.assertLess(scores[0].value_score, scores[-1].value_score)
        self.assertLess(len(scores), len(self.runs))

    def test_one_customer_by_hand(self):
        """Orders of 2,280, 4,560 and 4,560 on three days."""
        score = self.env['scp.value.score'].search([
            ('customer_id', '=', self.hub('cascadia').id), ('run_id', '=', self.runs[-1].id),
        ])
        self.assertEqual(score.monetary, 11400.0)
        self.assertEqual((score.purchase_count, score.order_count), (3, 3))

    def test_margins_tell_who_costs_money(self):
        """Seals and valves earn; pumps at 42 per cent off lose 254 apiece of 2,436."""
        margin, revenue = self.measure('titan', 'margin')
        self.assertAlmostEqual(margin / revenue, -254 / 2436, places=4)
        margin, revenue = self.measure('cascadia', 'margin')
        self.assertAlmostEqual(margin / revenue, (180 - 95 + 48 - 14) / (180 + 48), places=4)
