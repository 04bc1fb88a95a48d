from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..trace.common import TraceCommon


@tagged('post_install', '-at_install')
class TestLifeEvent(TraceCommon):
    """Pump P1: the yard bought 6 on 31 January and sent 2 back; the dock bought 3 and sent all back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Event = cls.env['scp.life.event']
        cls.s1, cls.p1 = cls._create_lot(cls.steel, "S1"), cls._create_lot(cls.pump, "P1")
        cls._buy(cls.mill, cls.s1, 100)
        cls._make({cls.s1: 40}, {cls.p1: 10})
        sale = cls._sell(cls.yard, cls.p1, 6)
        cls._send_back(sale.picking_ids, cls.p1, 2)
        cls._send_back(cls._sell(cls.dock, cls.p1, 3).picking_ids, cls.p1, 3)
        cls.env['stock.move.line'].search([('lot_id', '=', cls.p1.id)]).date = '2026-01-31 20:00:00'
        cls.env.company.resource_calendar_id.tz = 'Europe/Brussels'
        cls.seller = new_test_user(
            cls.env, 'life_seller', 'crm_scp_core.group_scp_user', email='seller@example.com')
        cls.manager = new_test_user(cls.env, 'life_manager', 'crm_scp_core.group_scp_manager')
        cls.yard.write({'user_id': cls.seller.id, 'email': 'yard@example.com'})

    def rule(self, **values):
        return self.env['scp.life.rule'].create({
            'name': "Check the pump", 'kind': 'warranty', 'period': 1, 'period_unit': 'months', 'offset_days': 10,
            'date_from': '2026-02-01', 'user_id': self.manager.id, 'product_ids': [Command.set(self.pump.ids)],
            **values,
        })

    def days(self, rule, today='2026-02-10'):
        with freeze_time(today):
            rule._plan()
        return [(event.partner_id, event.qty, event.date_due, event.date_act) for event in rule.event_ids]

    def run_job(self, today):
        cron = self.env.ref('crm_scp_supply.ir_cron_scp_life_event_run')
        self.env.flush_all()
        with freeze_time(today), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_who_and_when(self):
        """Who still holds goods, a month after the delivery; of January it ends in February."""
        self.assertEqual(self.days(self.rule()), [(self.yard, 4, date(2026, 2, 28), date(2026, 2, 18))])
        self.assertEqual(self.days(self.rule(period=30, period_unit='days')), [
            (self.yard, 4, date(2026, 3, 2), date(2026, 2, 20))])
        self.assertEqual(self.days(self.rule(period=2, period_unit='years', offset_days=-5)), [
            (self.yard, 4, date(2028, 1, 31), date(2028, 2, 5))])
        self.assertEqual(self.days(self.rule(date_from='2026-02-19')), [], "a rule does not dig up the past")
        self.assertEqual(self.days(self.rule(product_ids=[Command.set(self.steel.ids)])), [])
        machines = self.env['product.category'].create({'name': "Machines"})
        self.pump.categ_id = self.env['product.category'].create({'name': "Pumps", 'parent_id': machines.id})
        self.assertEqual(len(self.days(self.rule(product_ids=False, categ_ids=[Command.set(machines.ids)]))), 1)
        self.assertEqual(self.p1.scp_life_event_count, 4)
        self.assertEqual(self.yard.scp_life_event_count, 4)
        self.assertEqual(self.dock.scp_life_event_count, 0)

    def test_again_and_again(self):
        """Every month from the delivery; the end of a month stays the end of a month."""
        rule = self.rule(kind='consumable', is_repeated=True)
        self.assertEqual(self.days(rule)[0][2], date(2026, 2, 28))
        self.assertEqual([row[2] for row in self.days(rule, '2026-02-20')], [date(2026, 2, 28), date(2026, 3, 31)])
        rule.event_ids._tell()
        self.assertEqual([row[2] for row in self.days(rule, '2026-03-22')], [
            date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)])

    def test_dates_of_the_lot(self):
        """In the zone of the company; a new date is a new plan, what was told stays."""
        self.p1.write({'use_date': '2026-05-05 23:30:00', 'expiration_date': '2026-06-06 12:00:00'})
        rule = self.rule(kind='use_date')
        self.assertEqual(self.days(rule)[0][2:], (date(2026, 5, 6), date(2026, 4, 26)))
        self.p1.use_date = '2026-07-05 12:00:00'
        self.assertEqual([row[2] for row in self.days(rule)], [date(2026, 7, 5)])
        rule.event_ids.action_skip()
        self.p1.use_date = '2026-08-05 12:00:00'
        self.assertEqual([row[2] for row in self.days(rule)], [date(2026, 7, 5), date(2026, 8, 5)])
        self.assertEqual(self.days(self.rule(kind='expiration_date'))[0][2], date(2026, 6, 6))
        self.p1.removal_date = False
        self.assertEqual(self.days(self.rule(kind='removal_date')), [])

    def test_goods_that_move_on(self):
        """What comes back takes its plan along; another customer has one of his own."""
        rule = self.rule()
        self.days(rule)
        delivery = self.env['stock.picking'].search([
            ('partner_id', '=', self.yard.id), ('picking_type_code', '=', 'outgoing')])
        self._send_back(delivery, self.p1, 4)
        self._sell(self.dock, self.p1, 4)
        lines = self.env['stock.move.line'].search([('lot_id', '=', self.p1.id)], order='id desc', limit=2)
        lines.date = '2026-02-05 12:00:00'
        self.assertEqual(self.days(rule), [(self.dock, 4, date(2026, 3, 5), date(2026, 2, 23))])

    def test_activity_once(self):
        """On its day the salesperson gets an activity on the customer, however often the job runs."""
        rule = self.rule(period=1)
        self.days(rule)
        self.run_job('2026-02-17')
        self.assertEqual(rule.event_ids.state, 'planned')
        for today in ('2026-02-18', '2026-02-18', '2026-02-25'):
            self.run_job(today)
        activities = self.env['mail.activity'].search([('summary', '=', "Check the pump")])
        self.assertEqual((activities.res_model, activities.res_id, activities.user_id), (
            'res.partner', self.yard.id, self.seller))
        self.assertEqual(activities.date_deadline, date(2026, 2, 28))
        self.assertIn("Pump, lot P1, 4 Units", activities.note)
        self.assertEqual((rule.event_ids.state, rule.event_ids.outcome), ('done', 'activity'))
        self.yard.user_id = False
        other = self.rule(to_salesperson=False, kind='service')
        self.days(other)
        self.assertEqual(other.event_ids.user_id, self.manager)

    def test_missed_days_are_told(self):
        """A job that stood still for a week tells then; a repeated event keeps its turn."""
        rule = self.rule(kind='service', is_repeated=True)
        self.days(rule)
        self.run_job('2026-02-26')
        self.assertEqual([(event.date_due, event.state) for event in rule.event_ids], [
            (date(2026, 2, 28), 'done'), (date(2026, 3, 31), 'planned')])

    def test_mail(self):
        """To the company that holds the goods; without an address the responsible is told instead."""
        rule = self.rule(action='mail')
        self._sell(self.dock, self.p1, 1)
        self.env['stock.move.line'].search([('lot_id', '=', self.p1.id)], order='id desc', limit=1).date = (
            '2026-02-01 12:00:00')
        self.days(rule)
        self.run_job('2026-02-19')
        mail = self.env['mail.mail'].search([
            ('model', '=', 'scp.life.event'), ('res_id', 'in', rule.event_ids.ids)])
        self.assertEqual(mail.recipient_ids, self.yard)
        self.assertIn("P1", mail.subject)
        self.assertIn("Their warranty ends on", mail.body_html)
        self.assertEqual({event.partner_id: event.outcome for event in rule.event_ids}, {
            self.yard: 'mail', self.dock: 'no_email'})
        with self.assertRaisesRegex(ValidationError, "Check the pump: choose the mail"):
            rule.template_id = False

    def test_mail_template_deleted(self):
        """The responsible is told instead, and nobody else waits."""
        template = self.env.ref('crm_scp_supply.mail_template_life_event').copy()
        rule = self.rule(action='mail', template_id=template.id)
        self.days(rule)
        template.unlink()
        self.run_job('2026-02-19')
        self.assertEqual((rule.event_ids.state, rule.event_ids.outcome), ('done', 'activity'))

    def test_salesperson_has_left(self):
        self.seller.active = False
        rule = self.rule()
        self.days(rule)
        self.assertEqual(rule.event_ids.user_id, self.manager)

    def test_switch(self):
        """Nothing is planned or told while the switch is off, or by an archived rule."""
        rule = self.rule()
        self.days(rule)
        self.env.company.scp_life_auto = False
        self.run_job('2026-02-18')
        self.assertFalse(rule.event_ids)
        self.env.company.scp_life_auto = True
        self.assertEqual(len(self.days(rule)), 1)
        rule.active = False
        self.assertEqual(self.days(rule), [])

    def test_rights(self):
        rule = self.rule()
        self.days(rule)
        event = rule.event_ids.with_user(self.seller)
        self.assertEqual(event.search([('rule_id', '=', rule.id)]), rule.event_ids, "his customer's")
        stranger = new_test_user(self.env, 'life_other', 'crm_scp_core.group_scp_user')
        self.assertFalse(event.with_user(stranger).search([('rule_id', '=', rule.id)]))
        with self.assertRaises(AccessError):
            event.with_user(stranger).action_skip()
        with self.assertRaises(AccessError):
            rule.with_user(self.seller).action_plan()
        event.action_tell()
        self.assertEqual(event.state, 'done')
        with self.assertRaises(AccessError):
            event.unlink()
