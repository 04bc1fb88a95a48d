from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.hub.scp_my_day import ScpMyDay
from odoo.addons.crm_scp_core.tests.screens.test_customer_page import HELLO, CustomerPageCommon


@tagged('post_install', '-at_install')
class TestMyDay(CustomerPageCommon):
    """The first page of the morning: what is on it, in which order, and that numbers are true."""

    def _get_day(self, user, scope=None):
        self.env.invalidate_all()
        day = self.env['scp.my.day'].with_user(user).get_my_day(scope)
        return day, {section['id']: section for section in day['sections']}

    def _create_own_customer(self, name, user=None, grade=None, **values):
        partner = self._create_partner(name, **values)
        customer = self._create_customer(partner, user_id=(user or self.salesman).id)
        if grade:
            customer.sudo().grade_id = grade
        return customer

    # === SECTIONS ===#

    def test_read_only(self):
        self.assertTrue(self.env['scp.my.day'].get_my_day._readonly)

    def test_call_list_puts_value_at_stake_first(self):
        """Grade, then open money, then days of silence; who is not scored comes last."""
        rich, poor, silent, talked, unscored = (
            self._create_own_customer(name, grade=grade) for name, grade in (
                ("Rich B", self.grade_b), ("Poor B", self.grade_b), ("Silent", self.grade_b),
                ("Talked", self.grade_b), ("Unscored", None),
            )
        )
        self._create_deal(rich.partner_id, 5000.0, user_id=self.salesman.id)
        self._create_deal(poor.partner_id, 100.0, user_id=self.salesman.id)
        self._create_deal(unscored.partner_id, 90000.0, user_id=self.salesman.id)
        message = talked.partner_id.message_post(**HELLO)
        message.date = fields.Datetime.subtract(self.env.cr.now(), days=40, hours=1)
        message = silent.partner_id.message_post(**HELLO)
        message.date = fields.Datetime.subtract(fields.Datetime.now(), days=90)
        # where customers have a value there is a better order
        with patch.object(type(self.env['scp.my.day']), '_get_call_order', ScpMyDay._get_call_order):
            _day, sections = self._get_day(self.salesman)
        self.assertEqual(
            [item['title'] for item in sections['calls']['items']],
            ["Anvil Works", "Rich B", "Poor B", "Silent", "Talked", "Unscored"],
        )
        reasons = {item['title']: item['why'] for item in sections['calls']['items']}
        self.assertEqual(reasons["Anvil Works"], "No contact recorded yet.")
        self.assertEqual(reasons["Talked"], "No contact for 40 days.")
        self.assertRegex(reasons["Rich B"], r"5,000.* open, no contact recorded yet\.")

    def test_activities_due(self):
        deal = self._create_deal(self.partner, 100.0, user_id=self.salesman.id)
        for record, days in ((deal, -2), (self.partner, 0), (deal, 2)):
            record.activity_schedule(
                'mail.mail_activity_data_call', self.today + timedelta(days=days),
                summary=f"Day {days}", user_id=self.salesman.id,
            )
        _day, sections = self._get_day(self.salesman)
        items = sections['activities']['items']
        self.assertEqual([item['title'] for item in items], ["Day -2", "Day 0"])
        self.assertEqual([item['badge']['tone'] for item in items], ['danger', 'warning'])
        self.assertEqual(
            [(item['res_model'], item['res_id']) for item in items],
            [('crm.lead', deal.id), ('res.partner', self.partner.id)],
        )

    def test_deals_that_stall(self):
        overdue = self._create_deal(
            self.partner, 100.0, user_id=self.salesman.id,
            date_deadline=self.today - timedelta(days=12),
        )
        stage = self.env['crm.stage'].create({'name': "Slow", 'rotting_threshold_days': 5})
        rotting = self._create_deal(
            self.partner, 200.0, user_id=self.salesman.id, stage_id=stage.id,
        )
        rotting.date_last_stage_update = fields.Datetime.subtract(self.env.cr.now(), days=9, hours=1)
        self._create_deal(
            self.partner, 300.0, user_id=self.salesman.id,
            date_deadline=self.today + timedelta(days=12),
        )
        _day, sections = self._get_day(self.salesman)
        items = sections['deals']['items']
        self.assertEqual([item['id'] for item in items], [rotting.id, overdue.id])
        self.assertEqual(
            items[0]['why'],
            "9.0 days in Slow, which is set to 5.0; too few won deals to learn from yet (n = 0).",
        )
        self.assertEqual(items[1]['badge']['text'], "12 days overdue")

    def test_quotations_running_out(self):
        texts = {}
        for days in (-40, -3, 0, 2, 30):
            order = self._create_order(
                self.partner, 100.0, '2026-01-10', state='sent', user_id=self.salesman.id,
                validity_date=self.today + timedelta(days=days),
            )
            texts[order.id] = days
        _day, sections = self._get_day(self.salesman)
        items = sections['quotations']['items']
        self.assertEqual([texts[item['id']] for item in items], [-3, 0, 2])
        self.assertEqual(
            [item['badge']['text'] for item in items],
            ["Expired 3 days ago", "Expires today", "Expires in 2 days"],
        )

    def test_empty_day_teaches(self):
        _day, sections = self._get_day(self.mate)
        for section in sections.values():
            self.assertEqual((section['count'], section['items']), (0, []))
            for key in ('title', 'message', 'button', 'action'):
                self.assertTrue(section['empty'][key])
            self.assertTrue(self.env.ref(section['empty']['action']).exists())

    # === NUMBERS ===#

    def test_every_number_opens_its_records(self):
        for index in range(12):
            customer = self._create_own_customer(f"Customer {index}")
            deal = self._create_deal(
                customer.partner_id, 100.0, user_id=self.salesman.id,
                date_deadline=self.today - timedelta(days=1),
            )
            self._create_order(
                customer.partner_id, 50.0, '2026-01-10', state='sent', user_id=self.salesman.id,
                validity_date=self.today,
            )
            if index % 2:
                deal.activity_schedule(
                    'mail.mail_activity_data_call', self.today, user_id=self.salesman.id,
                )
        _day, sections = self._get_day(self.salesman)
        expected = {'calls': 7, 'activities': 6, 'deals': 12, 'quotations': 12}
        # other addons add sections of their own
        self.assertEqual({key: sections[key]['count'] for key in expected}, expected)
        for section in sections.values():
            action = section['action']
            Model = self.env[action['res_model']].with_user(self.salesman)
            self.assertEqual(Model.search_count(action['domain']), section['count'])
            self.assertEqual(len(section['items']), min(section['count'], 8))

    # === WHOSE DAY ===#

    def test_scopes_by_role(self):
        for user, scopes in (
            (self.salesman, ['mine']), (self.leader, ['mine', 'team']),
            (self.manager, ['mine', 'team', 'all']), (self.auditor, ['all']),
        ):
            day, _sections = self._get_day(user)
            self.assertEqual([scope['id'] for scope in day['scopes']], scopes)
            self.assertEqual(day['scope'], scopes[0])

    def test_a_scope_without_right_falls_back(self):
        day, _sections = self._get_day(self.salesman, 'all')
        self.assertEqual(day['scope'], 'mine')

    def test_leader_sees_his_team(self):
        theirs = self._create_own_customer("South", user=self.stranger)
        self.assertEqual(theirs.team_id, self.team_south)
        _day, sections = self._get_day(self.leader)
        self.assertFalse(sections['calls']['items'])
        _day, sections = self._get_day(self.leader, 'team')
        self.assertEqual([item['title'] for item in sections['calls']['items']], ["Anvil Works"])
        _day, sections = self._get_day(self.manager, 'all')
        self.assertEqual(
            {item['title'] for item in sections['calls']['items']}, {"Anvil Works", "South"},
        )

    def test_other_companies_stay_out(self):
        self.salesman.company_ids = [Command.link(self.other_company.id)]
        self._create_customer(
            self._create_partner("Asia"), self.other_company, user_id=self.salesman.id,
        )
        day = self.env['scp.my.day'].with_user(self.salesman).with_context(
            allowed_company_ids=self.company.ids,
        ).get_my_day()
        calls = next(section for section in day['sections'] if section['id'] == 'calls')
        self.assertNotIn("Asia", [item['title'] for item in calls['items']])

    # === EXTENSION AND COST ===#

    def test_addons_add_sections(self):
        MyDay = type(self.env['scp.my.day'])

        def get_sections(self, scope):
            return [*original(self, scope), {'id': 'promises', 'sequence': 15, 'count': 0}, None]

        original = MyDay._get_sections
        self.patch(MyDay, '_get_sections', get_sections)
        _day, sections = self._get_day(self.salesman)
        own = ['calls', 'promises', 'activities', 'deals', 'quotations']
        self.assertEqual([key for key in sections if key in own], own)

    def _create_busy_customers(self, count):
        for index in range(count):
            customer = self._create_own_customer(f"Busy {index}", grade=self.grade_b)
            self._create_own_customer(f"Quiet {index}", grade=self.grade_b)
            deal = self._create_deal(
                customer.partner_id, 100.0, user_id=self.salesman.id,
                date_deadline=self.today - timedelta(days=1),
            )
            deal.activity_schedule(
                'mail.mail_activity_data_call', self.today, user_id=self.salesman.id,
            )
            self._create_order(
                customer.partner_id, 50.0, '2026-01-10', state='sent', user_id=self.salesman.id,
                validity_date=self.today,
            )
        self.env.flush_all()

    def test_cost(self):
        self._create_busy_customers(2)
        self._get_day(self.salesman)
        before = self.cr.sql_log_count
        self._get_day(self.salesman)
        small = self.cr.sql_log_count - before
        self._create_busy_customers(20)
        self._get_day(self.salesman)
        self.env.invalidate_all()
        with self.assertQueryCount(small + 4):  # one count for each list that is cut off
            self.env['scp.my.day'].with_user(self.salesman).get_my_day()
        self.assertLess(small, 35)
