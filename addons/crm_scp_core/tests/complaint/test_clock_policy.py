from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.complaint.policy_rules import (
    CaseFacts,
    LineRule,
    PolicyRule,
    choose_lines,
    rank_rules,
)

from .clock_common import ClockCommon

FACTS = CaseFacts(
    agreement_policy_id=1, partner_id=10, grade_id=20, category_ids=frozenset({30, 31}), severity='s2',
    team_id=40, regulated=False,
)


def line(id_, kind='resolution', statutory=False):
    return LineRule(id_, kind, 8, 'hour', 'company', None, False, statutory, 0)


def rule(id_, sequence=10, lines=None, **conditions):
    values = {
        'by_agreement': False, 'partner_ids': frozenset(), 'grade_ids': frozenset(),
        'category_ids': frozenset(), 'severity': None, 'team_ids': frozenset(), 'regulated': False,
        'use_grade_factor': True, **conditions,
    }
    return PolicyRule(id=id_, sequence=sequence, lines=lines or (line(100 + id_),), **values)


@tagged('post_install', '-at_install')
class TestClockPolicy(ClockCommon):

    # === CHOICE ===#

    def test_most_specific_wins(self):
        rules = [
            rule(6),
            rule(5, severity='s2'),
            rule(4, category_ids=frozenset({30})),
            rule(3, grade_ids=frozenset({20})),
            rule(2, partner_ids=frozenset({10})),
            rule(1, by_agreement=True),
        ]
        self.assertEqual([ranked.id for ranked in rank_rules(rules, FACTS)], [1, 2, 3, 4, 5, 6])

    def test_all_conditions_have_to_hold(self):
        rules = [
            rule(2, severity='s1'),
            rule(3, partner_ids=frozenset({10}), severity='s3'),
            rule(4, regulated=True),
            rule(5, by_agreement=True),  # of another agreement
            rule(6, category_ids=frozenset({32})),
        ]
        self.assertFalse(rank_rules(rules, FACTS))

    def test_second_condition_decides(self):
        both = rule(9, partner_ids=frozenset({10}), severity='s2')
        self.assertEqual(rank_rules([rule(2, partner_ids=frozenset({10})), both], FACTS)[0], both)

    def test_ties_by_sequence(self):
        first, second = rule(2, sequence=5, severity='s2'), rule(3, sequence=4, severity='s2')
        self.assertEqual(rank_rules([first, second], FACTS)[0], second)

    def test_each_kind_by_itself(self):
        rules = [
            rule(2, partner_ids=frozenset({10}), lines=(line(201),)),
            rule(6, lines=(line(601), line(602, 'acknowledge'), line(603, 'resolution', True))),
        ]
        chosen = {slot: rule_line[1].id for slot, rule_line in choose_lines(rules, FACTS).items()}
        self.assertEqual(chosen, {
            ('resolution', False): 201, ('acknowledge', False): 602, ('resolution', True): 603,
        })

    def test_complaint_gets_its_policy(self):
        parent = self.env['scp.complaint.category'].create({'name': "Parent"})
        self.category.parent_id = parent
        self._create_policy(('resolution', 40, 'hour'))
        by_category = self._create_policy(('resolution', 24, 'hour'), category_ids=[Command.set(parent.ids)])
        complaint = self._create_complaint('2026-03-02 08:00')
        self.assertEqual(self.get_clock(complaint).policy_id, by_category)
        self.assertEqual(self.get_clock(complaint).policy_reason, "it is made for this category")
        by_customer = self._create_policy(('resolution', 16, 'hour'), partner_ids=[Command.set(self.partner.ids)])
        contact = self.env['res.partner'].create({'name': "Contact", 'parent_id': self.partner.id})
        complaint = self._create_complaint('2026-03-02 08:00', partner_id=contact.id)
        self.assertEqual(self.get_clock(complaint).policy_id, by_customer)

    def test_policies_of_other_companies_do_not_hold(self):
        self._create_policy(('resolution', 40, 'hour'), company_id=self.other_company.id)
        self.assertFalse(self.get_clock(self._create_complaint('2026-03-02 08:00')))

    def test_default_policies(self):
        """The data of the addon: who complains of an S2 fault gets these clocks."""
        self.env['scp.sla.policy'].search([]).active = False
        policies = self.env['scp.sla.policy'].browse()
        for name in ('default', 's1', 's2', 's3', 's4', 'regulated'):
            policies |= self.env.ref(f'crm_scp_core.scp_sla_policy_{name}')
        policies.active = True
        targets = {}
        for severity in (False, 's1', 's2', 's3', 's4'):
            complaint = self._create_complaint('2026-03-02 08:00', severity=severity)
            targets[severity] = {clock.kind: clock.target_h for clock in complaint.clock_ids}
        self.assertEqual(targets, {
            False: {'acknowledge': 4, 'first_response': 8},
            's1': {'acknowledge': 1, 'first_response': 2, 'containment': 24, 'customer_update': 24,
                   'decision': 24, 'resolution': 80},
            's2': {'acknowledge': 4, 'first_response': 8, 'containment': 16, 'customer_update': 16,
                   'decision': 40, 'resolution': 120},
            's3': {'acknowledge': 8, 'first_response': 16, 'customer_update': 40, 'decision': 64,
                   'resolution': 120},
            's4': {'acknowledge': 8, 'first_response': 24, 'customer_update': 80, 'decision': 80,
                   'resolution': 160},
        })

    # === PREVIEW ===#

    def test_preview_explains(self):
        self._create_policy(('resolution', 16, 'hour'), name="For All")
        self._create_policy(('resolution', 8, 'hour'), name="For Mill", partner_ids=[Command.set(self.partner.ids)])
        preview = self.env['scp.sla.policy.preview'].with_user(self.salesman).create({
            'partner_id': self.partner.id, 'severity': 's3', 'received_at': '2026-03-02 08:00:00',
            'company_id': self.company.id,
        })
        values = preview._prepare_explanation()
        [clock] = values['clocks']
        self.assertEqual((clock['policy'], clock['why']), ("For Mill", "it is made for this customer"))
        self.assertEqual(str(clock['deadline']), '2026-03-03 08:00:00')
        self.assertEqual(values['others'].mapped('name'), ["For All"])
        self.assertIn("For Mill", preview.explanation)
        complaint = self._create_complaint('2026-03-02 08:00')
        self.assertEqual(self.get_clock(complaint).deadline, clock['deadline'])

    # === BAD INPUT ===#

    def assertRefused(self, pattern, *args, **values):
        with self.assertRaisesRegex(ValidationError, pattern), self.cr.savepoint():
            self._create_policy(*args, **values)

    def _create_calendar(self, **values):
        return self.env['resource.calendar'].create({
            'name': "Night Shift", 'company_id': self.company.id, 'tz': 'UTC', **values,
        })

    def test_calendar_without_hours(self):
        empty = self._create_calendar(attendance_ids=[Command.clear()])
        self.assertRefused(
            "Test Policy, Resolution: the working hours “Night Shift” have no hours",
            ('resolution', 8, 'hour', {'time_basis': 'calendar', 'calendar_id': empty.id}))

    def test_flexible_calendar(self):
        flexible = self._create_calendar(schedule_type='flexible')
        self.assertRefused(
            "Test Policy, Resolution: the working hours “Night Shift” are flexible",
            ('resolution', 8, 'hour', {'time_basis': 'calendar', 'calendar_id': flexible.id}))

    def test_company_without_hours(self):
        self.calendar.attendance_ids.unlink()
        self.assertRefused("have no hours", ('resolution', 8, 'hour'))

    def test_no_calendar_chosen(self):
        self.assertRefused("choose the working hours", ('resolution', 8, 'hour', {'time_basis': 'calendar'}))

    def test_too_long(self):
        self.assertRefused("is too long", ('resolution', 100000, 'hour'))

    def test_statutory_in_hours(self):
        self.assertRefused("whole working days", ('resolution', 8, 'hour', {'statutory': True}))
        self.assertRefused("never pauses", ('resolution', 8, 'day', {'statutory': True, 'pausable': True}))
        self.assertRefused("only statutory", ('resolution', 8, 'calendar_day'))
        self.assertRefused("longer than", ('resolution', 8, 'day', {'statutory': True, 'holding_target': 5}))

    def test_calendar_in_use_keeps_its_hours(self):
        night = self._create_calendar()
        self._create_policy(('resolution', 8, 'hour', {'time_basis': 'calendar', 'calendar_id': night.id}))
        with self.assertRaisesRegex(ValidationError, "Test Policy, Resolution.*no hours"), self.cr.savepoint():
            night.attendance_ids = [Command.clear()]
        with self.assertRaisesRegex(ValidationError, "are flexible"), self.cr.savepoint():
            night.schedule_type = 'flexible'

    def test_hours_gone_all_the_same(self):
        """Nobody who complains is turned away: the clock counts around the clock and says so."""
        self._create_policy(('resolution', 8, 'hour'))
        self.calendar.attendance_ids.unlink()
        complaint = self._create_complaint('2026-03-02 08:00')
        clock = self.get_clock(complaint)
        self.assertTrue(clock.is_fallback)
        self.assertDeadline(clock, '2026-03-02 16:00')
        self.assertIn("have no hours", clock.chip['help'])
        self.assertEqual(clock.chip['calendar'], "24×7")
        # with hours again, the job plans it as it was meant
        self.calendar.attendance_ids = self._prepare_week(((8, 12), (13, 17)))
        with self.at('2026-03-02 09:00'):
            clock._refresh_stale(clock)
        clock = self.get_clock(complaint)
        self.assertFalse(clock.is_fallback)
        self.assertEqual(clock.consumed_h, 1)
