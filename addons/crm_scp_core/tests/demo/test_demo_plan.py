from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestDemoPlan(TransactionCase):
    """Targets, territories and forecasts of the demo data as installed: nothing is created here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.env.ref('crm_scp_core.user_scp_manager')
        cls.process = cls.env.ref('crm_scp_core.crm_team_process')

    def test_every_owner_has_a_running_target(self):
        running = self.env['scp.target'].search([('date_from', '<=', 'today'), ('date_to', '>=', 'today')])
        self.assertEqual(set(running.mapped('scope')), {'company', 'territory', 'team', 'user'})
        self.assertEqual(len(running.team_id), 2)
        self.assertEqual(len(running.user_id), 4)

    def test_members_took_on_the_target_of_their_team(self):
        """200,000 and 150,000 a quarter make the 350,000 of the team."""
        target = self.env.ref('crm_scp_core.scp_target_crm_team_process_5')
        self.assertEqual((target.amount, target.members_amount, target.members_gap), (350000, 350000, 0))
        asia = self.env.ref('crm_scp_core.scp_target_crm_team_asia_5')
        self.assertEqual((asia.amount, asia.members_amount, asia.members_gap), (450000, 420000, 30000))

    def test_customers_lie_in_territories(self):
        for code, name in (
            ('rheintal', "Rhine and Main"), ('ostsee', "German-speaking"), ('nordvatten', "Europe"),
            ('aquanova', "Water and Waste"), ('gulfport', "Americas"), ('hengtai', "Greater China"),
            ('sakuragi', "Asia Pacific"),
        ):
            partner = self.env.ref(f'crm_scp_core.partner_{code}')
            located = self.env['scp.territory']._resolve_partners(partner.ids)
            self.assertEqual(self.env['scp.territory'].browse(located.get(partner.id)).name, name)

    def test_submissions_carry_their_day(self):
        rows = self.env['scp.forecast.submission'].search([])
        self.assertGreater(len(rows), 20)
        self.assertEqual(set(rows.mapped('kind')), {'submission', 'adjustment'})
        for row in rows:
            self.assertLess((row.month - row.date.date()).days, 92)
            self.assertTrue(row.reason or row.kind == 'submission')

    def test_accuracy_has_something_to_say(self):
        Forecast = self.env['scp.forecast'].with_user(self.manager)
        [group] = Forecast.get_accuracy({})['groups']
        self.assertTrue(group['best'])
        self.assertGreaterEqual(group['lines']['submitted']['7']['n'], 2)
        self.assertGreater(Forecast.get_calibration({})['lines'][0]['n'], 30)

    def test_radar_finds_holes_and_what_is_enough(self):
        answer = self.env['scp.gap'].with_user(self.manager).get_gap({})
        states = {cell['state'] for band in answer['bands'] for cell in band['cells'].values()}
        self.assertLessEqual({'hole', 'ok'}, states)
        self.assertFalse(answer['notes'], "forty deals are closed, and the company has a target")
        asia = self.env['scp.gap'].with_user(self.manager).get_gap({
            'team_ids': self.env.ref('crm_scp_core.crm_team_asia').ids})
        self.assertIn("are taken from all teams", asia['notes'][0])

    def test_each_role_finds_its_own(self):
        Target = self.env['scp.target']
        sales = self.env.ref('crm_scp_core.user_scp_sales')
        self.assertEqual(Target.with_user(sales).search([]).user_id, sales)
        leader = self.env.ref('crm_scp_core.user_scp_leader')
        self.assertEqual(Target.with_user(leader).search([]).team_id, self.process)
