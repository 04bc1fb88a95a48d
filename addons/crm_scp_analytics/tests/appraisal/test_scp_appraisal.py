from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL

from ..asset.common import AssetCommon

WEIGHTS = {'retention': 25, 'value_grown': 20, 'satisfaction': 15, 'upheld': 15, 'otif': 15, 'target': 10}
QUARTER = (date(2026, 4, 1), date(2026, 6, 30))


@tagged('post_install', '-at_install')
@freeze_time('2026-06-20 04:00')
class TestScpAppraisal(AssetCommon):
    """Sam of the team North answers for Ann, Bob, Cat and Dan, his colleague Kim for Eve. Second quarter of 2026:

    ===========================  ==========================================  ========  =============
    figure                       of Sam                                      value     points
    ===========================  ==========================================  ========  =============
    retention, 60 to 95 %        all four bought until June 2025, three      75 %      15 / 35
                                 of them since
    value grown, -10 to 10 %     200 on 31 March, 210 on 30 June             5 %       75
    satisfaction, 50 to 95 %     4 of 5 ratings                              80 %      30 / 45
    upheld, 5 to 0 per 100       1.5 of 60 orders                            2.5       50
    otif, 70 to 98 %             45 of 50 lines                              90 %      20 / 28
    target, 50 to 100 %          15,000 of 20,000; April has no target       75 %      50
    ===========================  ==========================================  ========  =============
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = cls._create_company_user('appraisal_leader', 'crm_scp_core.group_scp_team')
        cls.sam = cls._create_company_user('appraisal_sam', 'crm_scp_core.group_scp_user')
        cls.kim = cls._create_company_user('appraisal_kim', 'crm_scp_core.group_scp_team')
        cls.manager = cls._create_company_user('appraisal_manager', 'crm_scp_core.group_scp_manager')
        cls.team = cls.env['crm.team'].create({
            'name': "North", 'company_id': cls.company.id, 'user_id': cls.leader.id,
            'member_ids': [Command.set((cls.sam + cls.kim).ids)],
        })
        cls.hubs = cls._add_customers("Ann", "Bob", "Cat", "Dan", user_id=cls.sam.id)
        cls.hubs |= cls._add_customers("Eve", user_id=cls.kim.id)
        cls.ann, cls.bob, cls.cat, cls.dan, cls.eve = cls.hubs.values()
        cls._add_days(
            *((hub, '2025-05-10', 1, 10) for hub in cls.hubs.values()),
            *((hub, '2025-09-10', 1, 10) for hub in (cls.ann, cls.bob, cls.eve)),
            (cls.cat, '2026-06-01', 1, 10), (cls.dan, '2026-06-01', 0, -5),
        )
        cls._add_scoring(date(2026, 3, 31), [
            (cls.ann, 0, 100), (cls.bob, 1, 50), (cls.cat, 1, 30), (cls.dan, 2, 20), (cls.eve, 0, 9)])
        cls._add_scoring(date(2026, 6, 19), [(cls.ann, 0, 120), (cls.bob, 1, 50), (cls.cat, 1, 40), (cls.eve, 0, 9)])
        cls._add_measures(
            (cls.ann, 'complaint_satisfaction', '2026-04-01', 1, 2),
            (cls.bob, 'complaint_satisfaction', '2026-06-01', 3, 3),
            (cls.ann, 'complaint_satisfaction', '2026-03-01', 0, 9),
            (cls.ann, 'complaints_upheld', '2026-05-01', 1.5, 4), (cls.ann, 'orders', '2026-04-01', 5000, 40),
            (cls.bob, 'orders', '2026-05-01', 900, 20), (cls.eve, 'orders', '2026-05-01', 700, 10),
            (cls.ann, 'otif', '2026-04-01', 45, 50), (cls.eve, 'otif', '2026-04-01', 0, 50),
        )
        cls.env['scp.target'].create([{
            'company_id': cls.company.id, 'user_id': cls.sam.id, 'period': 'month', 'date_from': f'2026-0{month}-01',
            'amount': 10000, 'currency_id': cls.company.currency_id.id,
        } for month in (5, 6)])
        cls._win(cls.sam, 15000, '2026-05-12 04:00')
        cls._win(cls.sam, 9000, '2026-04-12 04:00')
        cls.template = cls.env['scp.appraisal.template'].create({
            'name': "Field", 'company_id': cls.company.id, 'date_start': '2026-01-01',
            'criterion_ids': [
                Command.create({'code': code, 'weight': weight, 'min_n': 2 if code == 'target' else 3})
                for code, weight in WEIGHTS.items()
            ],
        })

    @classmethod
    def _add_measures(cls, *rows):
        """:param rows: (customer, code, first day of the month, numerator, denominator and number of records)"""
        cls.env['scp.customer.measure'].create([
            {'customer_id': hub.id, 'code': code, 'period': period, 'numerator': numerator, 'denominator': n, 'n': n}
            for hub, code, period, numerator, n in rows
        ])

    @classmethod
    def _win(cls, user, amount, moment):
        lead = cls.env['crm.lead'].create({
            'name': "Deal", 'type': 'opportunity', 'company_id': cls.company.id, 'user_id': user.id,
            'team_id': cls.team.id, 'expected_revenue': amount,
        })
        lead.action_set_won()
        # as the end of a request would
        cls.env.flush_all()
        cls.env.cr.flush()
        cls.env.cr.execute(SQL("UPDATE scp_lead_log SET date = %s WHERE lead_ref = %s", moment, lead.id))
        cls.env['scp.lead.log'].invalidate_model()

    def _appraise(self, subject=None):
        """:return: the appraisal of this quarter of Sam, or of whom is named"""
        self.template.state = 'active'
        self.template._prepare_appraisals(date(2026, 6, 20))
        subject = subject or self.sam
        return self.env['scp.appraisal'].search([
            ('template_id', '=', self.template.id), ('date_to', '=', QUARTER[1]),
            ('user_id' if subject._name == 'res.users' else 'team_id', '=', subject.id),
        ])

    def _get_lines(self, appraisal):
        return {line.code: line for line in appraisal.line_ids}

    def test_by_hand(self):
        """25 * 15/35 + 20 * .75 + 15 * 30/45 + 15 * .5 + 15 * 20/28 + 10 * .5 = 58.93."""
        appraisal = self._appraise()
        self.assertEqual((appraisal.date_from, appraisal.date_to), QUARTER)
        lines = self._get_lines(appraisal)
        for code, numerator, denominator, n, points in (
            ('retention', 3, 4, 4, 100 * 15 / 35),
            ('value_grown', 10, 200, 4, 75),
            ('satisfaction', 4, 5, 5, 100 * 30 / 45),
            ('upheld', 1.5, 60, 60, 50),
            ('otif', 45, 50, 50, 100 * 20 / 28),
            ('target', 15000, 20000, 2, 50),
        ):
            with self.subTest(code=code):
                line = lines[code]
                self.assertEqual((line.numerator, line.denominator, line.n), (numerator, denominator, n))
                self.assertTrue(line.is_rated)
                self.assertAlmostEqual(line.points, points)
        self.assertEqual((appraisal.score, appraisal.coverage, appraisal.is_rated), (58.93, 100, True))
        self.assertEqual(lines['retention'].value_text, "75.0 %")
        self.assertEqual(lines['upheld'].value_text, "2.5 per 100 orders")
        self.assertEqual(lines['upheld'].span_text, "5 to 0 per 100 orders")
        self.assertEqual(appraisal.customer_count, 4)
        self.assertEqual(appraisal.display_name, f"{self.sam.name}, Q2 2026")

    def test_missing_data_never_makes_a_score_better(self):
        """Without the promises of supply: 58.93 less 15 * 20/28 of a weight of 85; of what was rated 48.21 / .85."""
        self.env['scp.customer.measure'].search([('code', '=', 'otif')]).unlink()
        appraisal = self._appraise()
        self.assertEqual(self._get_lines(appraisal)['otif'].value_text, "no data")
        self.assertEqual((appraisal.score, appraisal.measured_score, appraisal.coverage), (48.21, 56.72, 85))

    def test_too_few_events_are_not_rated_rather_than_perfect(self):
        """Two ratings, both of 5."""
        self.env['scp.customer.measure'].search([('code', '=', 'complaint_satisfaction')]).unlink()
        self._add_measures((self.ann, 'complaint_satisfaction', '2026-04-01', 2, 2))
        line = self._get_lines(self._appraise())['satisfaction']
        self.assertEqual((line.is_rated, line.points), (False, 0))
        self.assertEqual(line.value_text, "100.0 %, but only 2 of 3 events")

    def test_too_little_weight_is_not_rated(self):
        """Kim's only customer is one, and has promises and orders: 15 + 15 of 100."""
        appraisal = self._appraise(self.kim)
        self.assertEqual((appraisal.is_rated, appraisal.coverage, appraisal.trend), (False, 30, 'none'))
        [(score,)] = self.env['scp.appraisal']._read_group([('id', '=', appraisal.id)], [], ['score:avg'])
        self.assertFalse(score, "counts in no mean")

    def test_nobody_to_answer_for(self):
        self.env['scp.customer'].search([('user_id', '=', self.kim.id)]).user_id = False
        appraisal = self._appraise(self.kim)
        self.assertEqual((appraisal.score, appraisal.coverage, appraisal.customer_count), (0, 0, 0))

    def test_a_team_answers_for_its_customers(self):
        """Ann, Bob, Cat and Eve of five bought again; 45 of 100 lines; 15,000 won, but the team has no target."""
        lines = self._get_lines(self._appraise(self.team))
        self.assertEqual((lines['retention'].numerator, lines['retention'].denominator), (4, 5))
        self.assertEqual((lines['otif'].numerator, lines['otif'].denominator), (45, 100))
        self.assertFalse(lines['target'].is_rated)

    def test_whom(self):
        for subjects, users, teams in (('user', 2, 0), ('team', 0, 1), ('both', 2, 1)):
            self.template.subjects = subjects
            found = self.template._get_subjects()
            self.assertEqual((len(found['user_id']), len(found['team_id'])), (users, teams), subjects)
        self.template.team_ids = self.env['crm.team'].create({'name': "Empty", 'company_id': self.company.id})
        self.assertFalse(any(self.template._get_subjects().values()))

    def test_weights_sum_to_a_hundred(self):
        with self.assertRaisesRegex(ValidationError, "Field: the weights.*sum to 105"), self.cr.savepoint():
            self.template.write({'criterion_ids': [Command.update(self.template.criterion_ids[0].id, {'weight': 30})]})
        with self.assertRaisesRegex(ValidationError, "sum to 75"), self.cr.savepoint():
            self.template.criterion_ids[0].unlink()
        with self.assertRaisesRegex(ValidationError, "sum to 0"), self.cr.savepoint():
            self.env['scp.appraisal.template'].create({'name': "None"}).action_start()
        first, second = self.template.criterion_ids[:2]
        self.template.write({'criterion_ids': [
            Command.update(first.id, {'weight': 20}), Command.update(second.id, {'weight': 25})]})
        self.assertEqual(sum(self.template.criterion_ids.mapped('weight')), 100)

    def test_better_points_the_right_way(self):
        upheld, otif = (self.template.criterion_ids.filtered(lambda own, code=code: own.code == code)
                        for code in ('upheld', 'otif'))
        with self.assertRaisesRegex(ValidationError, "Complaints upheld: less is better"):
            upheld.write({'floor': 0, 'target': 5})
        with self.assertRaisesRegex(ValidationError, "Promises kept on time: more is better"):
            otif.target = 60

    def test_drafts_follow_and_frozen_ones_stay(self):
        appraisal = self._appraise()
        self._add_measures((self.cat, 'otif', '2026-06-01', 0, 50))
        appraisal.action_measure()
        self.assertEqual(self._get_lines(appraisal)['otif'].denominator, 100)
        retention = self.template.criterion_ids[0]
        retention.target = 75
        appraisal.action_measure()
        self.assertEqual(self._get_lines(appraisal)['retention'].points, 100)
        appraisal.action_freeze()
        score = appraisal.score
        self._add_measures((self.cat, 'otif', '2026-05-01', 0, 50))
        retention.target = 95
        appraisal.action_measure()
        self.assertEqual((appraisal.score, self._get_lines(appraisal)['otif'].denominator), (score, 100))
        self.assertEqual(appraisal._get_recomputed().score, score, "from the inputs it keeps")
        for change in (
            lambda: appraisal.write({'score': 100}), lambda: appraisal.write({'note': "Well done"}),
            lambda: appraisal.line_ids[0].write({'points': 100}), appraisal.unlink, appraisal.line_ids.unlink,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    def test_people_write_nothing_but_the_remark(self):
        appraisal = self._appraise().with_user(self.manager)
        appraisal.note = "Was ill in May"
        with self.assertRaisesRegex(UserError, "nothing is changed by hand but the remark"):
            appraisal.score = 100
        with self.assertRaisesRegex(UserError, "lines of an appraisal follow from the records"):
            appraisal.line_ids[0].points = 100
        with self.assertRaises(AccessError):
            appraisal.with_user(self.sam).action_freeze()

    def test_trend_is_against_the_period_before(self):
        """58.93 after a first quarter in which nothing was rated but the retention: no comparison; then one by 20."""
        self.template._prepare_appraisals(date(2026, 2, 1))
        appraisal = self._appraise()
        self.assertEqual(appraisal.trend, 'none')
        self.template.min_coverage = 0
        past = self.env['scp.appraisal'].search([('user_id', '=', self.sam.id), ('date_to', '=', '2026-03-31')])
        past.action_freeze()
        appraisal.action_measure()
        self.assertEqual(appraisal.previous_score, past.score)
        self.assertLess(past.score, appraisal.score)
        self.assertEqual(appraisal.trend, 'up')

    def test_who_sees_what(self):
        self._appraise()
        everybody = sorted([self.kim.name, self.sam.name, "North"])
        auditor = self._create_company_user('appraisal_auditor', 'crm_scp_core.group_scp_auditor')
        accountant = self._create_company_user('appraisal_accountant', 'account.group_account_invoice')
        for user, subjects in (
            (self.sam, [self.sam.name]), (self.kim, [self.kim.name]), (self.leader, everybody),
            (self.manager, everybody), (auditor, everybody),
        ):
            found = self.env['scp.appraisal'].with_user(user).search([('template_id', '=', self.template.id)])
            names = sorted((own.user_id or own.team_id).name for own in found)
            self.assertEqual(names, subjects, user.login)
            lines = self.env['scp.appraisal.line'].with_user(user).search([('appraisal_id', 'in', found.ids)])
            self.assertEqual(len(lines), 6 * len(found))
        with self.assertRaises(AccessError):
            self.env['scp.appraisal'].with_user(accountant).search([])

    def test_records_behind(self):
        """As far as the reader may see them; Sam sees his own customers."""
        complaints = self.env['scp.complaint'].create([
            {'name': name, 'partner_id': self.ann.partner_id.id, 'company_id': self.company.id, 'received_at': moment}
            for name, moment in (("In time", '2026-05-01 10:00:00'), ("Before", '2026-03-31 10:00:00'))
        ])
        complaints.flush_recordset()
        self.env.cr.execute(SQL(
            "UPDATE scp_complaint SET is_justified = 'yes', decided_at = received_at, user_id = %s WHERE id IN %s",
            self.sam.id, tuple(complaints.ids)))
        complaints.invalidate_recordset()
        appraisal = self._appraise()

        def find(code):
            action = self._get_lines(appraisal)[code].with_user(self.sam).action_view_records()
            return self.env[action['res_model']].with_user(self.sam).with_context(active_test=False).search(
                action['domain'])

        self.assertEqual(sorted(find('retention').partner_id.mapped('name')), ["Ann", "Bob", "Cat", "Dan"])
        self.assertEqual(sum(find('value_grown').mapped('lifetime_value')), 200 + 210)
        self.assertEqual(find('upheld').mapped('name'), ["In time"])
        self.assertFalse(find('satisfaction'), "nobody has rated the complaints of this test")
        self.assertEqual(sum(find('otif').mapped('denominator')), 50)
        self.assertEqual(sum(find('target').mapped('amount')), 20000)
        action = appraisal.with_user(self.sam).action_view_customers()
        self.assertEqual(self.env['scp.customer'].search(action['domain']), self.ann + self.bob + self.cat + self.dan)

    def test_the_job_prepares_freezes_and_measures(self):
        """On 20 June the first quarter is over for good, the second one runs; once more changes nothing."""
        self.template.action_start()
        cron = self.env.ref('crm_scp_analytics.ir_cron_scp_appraisal')
        for _time in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            found = self.env['scp.appraisal'].search([('template_id', '=', self.template.id)])
            self.assertEqual(
                {(own.state, str(own.date_to)) for own in found}, {('frozen', '2026-03-31'), ('draft', '2026-06-30')})
            self.assertEqual(len(found), 6)

    def test_newcomers_begin_with_the_present_period(self):
        """The first quarter is over when Eve joins: it stays what her predecessors made of it."""
        self.template.action_start()
        for quarter in (date(2026, 2, 1), date(2026, 6, 20)):
            self.template._prepare_appraisals(quarter)
        eve = new_test_user(self.env, 'appraisal_eve', 'sales_team.group_sale_salesman')
        self.env['crm.team.member'].create({'crm_team_id': self.team.id, 'user_id': eve.id})
        for quarter in (date(2025, 12, 1), date(2026, 2, 1), date(2026, 6, 20)):
            self.template._prepare_appraisals(quarter)
        found = self.env['scp.appraisal'].search([('user_id', '=', eve.id)])
        self.assertEqual([str(day) for day in found.mapped('date_from')], ['2026-04-01'])
        self.assertFalse(self.env['scp.appraisal'].search([
            ('template_id', '=', self.template.id), ('date_to', '<', '2026-01-01')]), "before the template began")
        self.team.active = False
        self.assertFalse(any(self.template._get_subjects().values()), "nobody is in a team that is gone")

    def test_switch(self):
        Settings = self.env['res.config.settings']
        self.assertTrue(Settings.create({}).scp_appraisal_active)
        Settings.create({'scp_appraisal_active': False}).execute()
        self.assertFalse(self.env.ref('crm_scp_analytics.ir_cron_scp_appraisal').active)
