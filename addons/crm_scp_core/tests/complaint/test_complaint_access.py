from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged('post_install', '-at_install')
class TestComplaintAccess(ComplaintCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        south = cls.env['scp.complaint.team'].create({
            'name': "South", 'company_id': cls.company.id, 'sequence': 2,
        })
        cls.own = cls._create_complaint(name="Own")
        cls.mates = cls._create_complaint(name="Mate's", user_id=cls.mate.id)
        cls.unowned = cls._create_complaint(name="Unowned", user_id=False, team_id=south.id)
        cls.strangers = cls._create_complaint(
            name="Stranger's", user_id=cls.stranger.id, team_id=south.id,
            partner_id=cls.other_customer.id,
        )
        cls.abroad = cls.Complaint.create({
            'name': "Abroad", 'company_id': cls.other_company.id, 'partner_id': cls.customer.id,
            'team_id': False, 'user_id': False,
        })
        cls.all = cls.own | cls.mates | cls.unowned | cls.strangers | cls.abroad

    def assertSees(self, user, complaints):
        found = self.Complaint.with_user(user).search([('id', 'in', self.all.ids)])
        self.assertEqual(set(found.mapped('id')), set(complaints.ids))

    def test_who_sees_what(self):
        local = self.all - self.abroad
        self.assertSees(self.salesman, self.own | self.unowned)
        self.assertSees(self.leader, self.own | self.mates | self.unowned)
        self.assertSees(self.manager, local)
        self.assertSees(self.quality, local)
        self.assertSees(self.auditor, local)
        self.assertSees(self.accountant, local)
        self.assertSees(self.other_salesman, self.abroad)
        self.assertSees(self.portal, self.own | self.mates | self.unowned)
        with self.assertRaises(AccessError):
            self.Complaint.with_user(self.internal).search([])

    def test_team_of_the_8d_sees_the_case(self):
        self.strangers.d1_member_ids = [Command.link(self.salesman.id)]
        self.assertSees(self.salesman, self.own | self.unowned | self.strangers)

    def test_actions_and_costs_follow_the_case(self):
        for model, values in (
            ('scp.complaint.action', {'name': "Do it"}),
            ('scp.complaint.cost', {'kind': 'labour', 'amount': 10}),
            ('scp.complaint.compensation', {'name': "Sorry", 'amount': 10}),
        ):
            records = self.env[model].create([
                {**values, 'complaint_id': complaint.id} for complaint in self.all
            ])

            def seen(user, records=records, model=model):
                found = self.env[model].with_user(user).search([('id', 'in', records.ids)])
                return found.sudo().complaint_id

            self.assertEqual(seen(self.salesman), self.own | self.unowned, model)
            self.assertEqual(seen(self.leader), self.own | self.mates | self.unowned, model)
            self.assertEqual(seen(self.quality), self.all - self.abroad, model)
            self.assertEqual(seen(self.auditor), self.all - self.abroad, model)
            with self.assertRaises(AccessError):
                seen(self.portal)

    def test_quality_works_on_causes_of_all_cases(self):
        self.strangers.with_user(self.quality).write({
            'occurrence_cause_id': self.occurrence.id, 'd4': "<p>Wrong seal.</p>",
        })
        self.env['scp.complaint.action'].with_user(self.quality).create({
            'name': "New seal", 'complaint_id': self.strangers.id,
        })
        self.env['scp.complaint.cause'].with_user(self.quality).create({'name': "Storage"})

    def test_auditor_changes_nothing(self):
        with self.assertRaises(AccessError):
            self.own.with_user(self.auditor).name = "Changed"

    def test_accused_changes_nothing(self):
        self.unowned.accused_user_id = self.salesman
        complaint = self.unowned.with_user(self.salesman)
        self.assertEqual(complaint.name, "Unowned")
        with self.assertRaises(AccessError):
            complaint.severity = 's4'
        with self.assertRaises(AccessError):
            complaint.message_post(body="It was not me", subtype_xmlid='mail.mt_comment')
        self.unowned.accused_user_id = self.manager
        with self.assertRaises(AccessError):
            self.unowned.with_user(self.manager).accused_user_id = False

    # === PORTAL ===#

    def test_portal_reads_an_allow_list_and_nothing_else(self):
        complaint = self.own.with_user(self.portal)
        readable = {
            name for name, field in complaint._fields.items()
            if complaint._has_field_access(field, 'read')
        }
        self.assertEqual(readable, {
            'id', 'active', 'display_name', 'number', 'name', 'description', 'stage_id', 'state',
            'received_at', 'acknowledged_at', 'decided_at', 'resolved_at', 'closed_at',
            'remedy_sought', 'public_remedy', 'public_decision', 'partner_id', 'company_id',
            'access_url',
        })
        complaint.read(list(readable))
        self.assertFalse([
            name for name, field in complaint._fields.items()
            if complaint._has_field_access(field, 'write')
        ])

    def test_portal_cannot_ask_around_the_list(self):
        complaints = self.Complaint.with_user(self.portal)
        for question in (
            lambda: complaints.search([('severity', '=', 's1')]),
            lambda: complaints.search([('user_id.name', 'ilike', 'a')]),
            lambda: complaints.search([], order='severity'),
            lambda: complaints._read_group([], ['severity']),
            lambda: complaints._read_group([], [], ['cycle:max']),
            lambda: self.own.with_user(self.portal).read(['message_ids']),
            lambda: self.own.with_user(self.portal).web_read({'user_id': {'fields': {}}}),
        ):
            with self.assertRaises(AccessError):
                question()

    def test_portal_sees_no_draft_of_a_decision(self):
        complaint = self.own.with_user(self.portal)
        self._assess(self.own)
        self._decide(self.own)
        self.assertFalse(complaint.public_decision)
        self.assertFalse(complaint.public_remedy)
        self.own.state = 'proposed'
        self.assertIn("We replace the valve.", complaint.public_decision)
        self.assertEqual(complaint.public_remedy, "Replacement")

    def test_portal_of_another_customer(self):
        self.portal.partner_id.parent_id = self.other_customer
        self.assertSees(self.portal, self.strangers)

    def test_subsidiary_is_another_customer(self):
        daughter = self._create_partner("Customer Daughter", parent_id=self.customer.id)
        complaint = self._create_complaint(partner_id=daughter.id)
        self.assertFalse(self.Complaint.with_user(self.portal).search([('id', '=', complaint.id)]))
