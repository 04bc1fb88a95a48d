from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SegmentCommon

LARGE = "[('partner_id.name', '=like', 'Large%')]"


@tagged('post_install', '-at_install')
class TestScpSegment(SegmentCommon):

    def test_rule(self):
        segment = self._create_segment(domain=LARGE)
        self.assertEqual(self._get_names(segment), set(self.large.mapped('name')))
        self.assertEqual(segment.member_count, 4)
        customers = self.Customer.search([('partner_id', 'in', self.large.ids)])
        self.assertAlmostEqual(segment.expected_revenue, sum(customers.mapped('expected_revenue')), places=2)
        self.assertAlmostEqual(segment.value_at_stake, sum(customers.mapped('value_at_stake')), places=2)
        self.assertFalse(segment.error)
        self.assertEqual(customers.segment_ids, segment)
        self.assertEqual(self.large[0].scp_segment_ids, segment)

    def test_rule_on_measures(self):
        """Orders of a month above a thousand: a measure of the customer, asked for by its code."""
        segment = self._create_segment(
            domain="[('measure_ids', 'any', [('code', '=', 'orders'), ('period', '=', '2026-06-01'), "
                   "('numerator', '>', 1150)])]",
        )
        self.assertEqual(self._get_names(segment), {"Large 2", "Large 3"})

    def test_history(self):
        """Who leaves keeps the row of his stay; who comes back gets another one."""
        segment = self._create_segment(domain=LARGE)
        one = self.large[0]
        one.name = "Little"
        segment._refresh()
        self.assertNotIn("Little", self._get_names(segment))
        row = self.Member.search([('customer_id.partner_id', '=', one.id)])
        self.assertTrue(row.date_end)
        one.name = "Large again"
        segment._refresh()
        rows = self.Member.search([('customer_id.partner_id', '=', one.id)], order='id')
        self.assertEqual([bool(stay.date_end) for stay in rows], [True, False])
        self.assertEqual(len(self.Member.search([('segment_id', '=', segment.id)])), 5)

    def test_refresh_twice_changes_nothing(self):
        segment = self._create_segment(domain=LARGE)
        before = segment.member_ids.ids
        segment._refresh()
        self.assertEqual(segment.member_ids.ids, before)

    def test_empty_segment(self):
        """No member is a result, not an error; what is done with members says that there are none."""
        segment = self._create_segment(domain="[('partner_id.name', '=', 'Nobody')]")
        self.assertEqual((segment.member_count, segment.error, segment.expected_revenue), (0, False, 0))
        for use in ('action_create_mailing', 'action_create_leads', 'action_plan_activities'):
            with self.assertRaisesRegex(UserError, "Segment has no customer"):
                getattr(segment, use)()
        domain = segment.with_context(active_test=False)._get_members_domain()
        self.assertFalse(self.env['res.partner'].search([('scp_segment_ids', 'in', segment.ids)]))
        self.assertFalse(self.Customer.search(domain))

    def test_field_that_is_gone(self):
        """It was there when the rule was written: the refresh names it, and the members stay."""
        segment = self._create_segment(domain=LARGE)
        self.env.cr.execute(
            "UPDATE scp_segment SET domain = %s WHERE id = %s", ["[('x_gone', '=', 1)]", segment.id])
        segment.invalidate_recordset(['domain'])
        segment._refresh()
        self.assertRegex(segment.error, "The rule of Segment cannot be read: .*x_gone")
        self.assertEqual(segment.member_count, 4)
        with self.assertRaisesRegex(UserError, "x_gone"):
            segment.action_refresh()
        segment.domain = LARGE
        segment._refresh()
        self.assertFalse(segment.error)

    def test_rule_that_is_none(self):
        for domain in ("[('x_gone', '=', 1)]", "nonsense(", "[('partner_id', 'near', 1)]", "__import__('os')", "7"):
            with self.assertRaisesRegex(ValidationError, "cannot be read"):
                self._create_segment(domain=domain)

    def test_profiles(self):
        """Four large who ordered lately and eight small who are long silent are two kinds of customers."""
        segment = self._create_segment(kind='cluster', group_count=2)
        self.assertFalse(segment.error)
        profiles = {profile.name: self._get_names(profile) for profile in segment.child_ids}
        self.assertEqual(sorted(map(len, profiles.values())), [4, 8])
        self.assertIn(set(self.large.mapped('name')), profiles.values())
        self.assertEqual(segment.member_count, 12)
        self.assertTrue(all(profile.description.endswith(f"{profile.name}.") for profile in segment.child_ids))

    def test_profile_keeps_its_name_and_history(self):
        segment = self._create_segment(kind='cluster', group_count=2)
        profile = segment.child_ids[0]
        profile.name = "Our best"
        segment._refresh()
        self.assertEqual(segment.child_ids[0], profile)
        self.assertEqual((profile.name, len(profile.member_ids)), ("Our best", 4))

    def test_profile_that_is_gone(self):
        """Another number of profiles: those not found any more are emptied and archived, not deleted."""
        segment = self._create_segment(kind='cluster', group_count=4)
        before = segment.child_ids
        self.assertEqual(len(before), 4)
        segment.group_count = 2
        segment._refresh()
        self.assertEqual(len(segment.child_ids), 2)
        gone = before - segment.child_ids
        self.assertTrue(gone)
        self.assertFalse(any(gone.mapped('active')))
        self.assertTrue(all(row.date_end for row in gone.member_ids))

    def test_more_profiles_than_customers(self):
        segment = self._create_segment(kind='cluster', group_count=15)
        self.assertIn("15 profiles need more different customers than the 12 that are scored", segment.error)
        self.assertFalse(segment.child_ids)
        for count in (1, -3, 21):
            with self.assertRaisesRegex(ValidationError, "between 2 and 20"):
                segment.group_count = count

    def test_nobody_scored(self):
        other = self._add_company("Elsewhere", self.env.ref('base.EUR'))
        segment = self._create_segment(kind='cluster', company_id=other.id)
        self.assertIn("0 customers are scored, too few", segment.error)

    def test_profiles_are_not_made_by_hand(self):
        with self.assertRaisesRegex(ValidationError, "not by hand"):
            self._create_segment(kind='profile')

    def test_archived_customer(self):
        segment = self._create_segment(domain=LARGE)
        self.large[0].action_archive()
        self.assertEqual(segment.member_count, 3)
        segment._refresh()
        self.assertEqual(len(segment.member_ids.filtered(lambda row: not row.date_end)), 3)

    def test_other_company(self):
        """The same partner in another company is another customer."""
        other = self._add_company("Elsewhere", self.env.ref('base.EUR'))
        self.Customer.create({'partner_id': self.large[0].id, 'company_id': other.id})
        segment = self._create_segment(domain=LARGE)
        self.assertEqual(segment.member_ids.company_id, self.company)
        self.assertEqual(len(segment.member_ids), 4)

    def test_job_follows_the_scores(self):
        """Due is what is older than the scores; a segment that fails does not keep the next one waiting."""
        broken = self._create_segment(kind='cluster', group_count=15)
        segment = self._create_segment(domain=LARGE)
        self.assertFalse(self.Segment._get_due_segments() & (broken | segment))
        (broken | segment).refreshed_at = fields.Datetime.now() - timedelta(hours=2)
        self.Customer.search([('company_id', '=', self.company.id)]).write({'scored_at': fields.Datetime.now()})
        self.assertEqual(self.Segment._get_due_segments() & (broken | segment), broken | segment)
        self.large[0].name = "Little"
        self.env.flush_all()
        triggers = self.env['ir.cron.trigger'].search_count([])
        self.Segment._trigger_job()
        self.assertGreater(self.env['ir.cron.trigger'].search_count([]), triggers)
        with self.enter_registry_test_mode():
            self.env.ref('crm_scp_analytics.ir_cron_scp_segment').method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(broken.error)
        self.assertEqual(segment.member_count, 3)

    def test_merge_of_customers(self):
        """Two members become one, who is in the segment once."""
        segment = self._create_segment(domain=LARGE)
        self.Customer._rehome(self.large[0], self.large[1])
        members = self.Member.search([('segment_id', '=', segment.id), ('date_end', '=', False)])
        self.assertEqual(len(members), 3)
        self.assertEqual(members.partner_id, self.large[1:])

    @mute_logger('odoo.models.unlink')
    def test_rights(self):
        """Managers write segments; members follow the customer; a rule may not ask what its writer may not read."""
        segment = self._create_segment(domain=LARGE)
        manager, seller, portal = (
            self._create_company_user(f'segment_{role}', group) for role, group in (
                ('manager', 'crm_scp_core.group_scp_manager'), ('seller', 'crm_scp_core.group_scp_user'),
                ('portal', 'base.group_portal'),
            )
        )
        colleague = self._create_company_user('segment_colleague', 'crm_scp_core.group_scp_user')
        self._get_customer(self.large[0]).user_id = colleague
        self.assertEqual(segment.with_user(seller).member_count, 3)
        self.assertEqual(segment.with_user(manager).member_count, 4)
        self.assertNotIn('scp_segment_ids', self.env['res.partner'].with_user(portal).fields_get())
        with self.assertRaises(AccessError):
            segment.with_user(seller).action_refresh()
        with self.assertRaises(AccessError):
            segment.with_user(seller).name = "Mine"
        segment.with_user(manager).action_refresh()
        with self.assertRaises(AccessError):
            segment.with_user(manager).domain = "[('partner_id.signup_type', '=', 'x')]"
