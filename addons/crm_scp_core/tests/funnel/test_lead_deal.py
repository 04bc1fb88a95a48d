from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import LeadLogCase


class LeadDealCase(LeadLogCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rival, cls.other_rival = cls.env['scp.competitor'].create([
            {'name': "Rival Valves"}, {'name': "Other Rival"}])
        cls.won_reason = cls.env['scp.won.reason'].create({'name': "They know us"})

    def lose(self, leads, **values):
        self.env['crm.lead.lost'].with_user(self.user).create({
            'lead_ids': leads.ids,
            'lost_reason_id': self.reason.id,
            **{f'scp_{fname}': value for fname, value in values.items()},
        }).action_lost_reason_apply()

    def get_revisits(self, lead):
        return lead.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id
            == self.env.ref('crm_scp_core.mail_activity_type_revisit'))


@tagged('post_install', '-at_install')
class TestLeadDeal(LeadDealCase):

    # ------------------------------------------------------------
    # Lost
    # ------------------------------------------------------------

    def test_lost_wizard(self):
        lead = self.create_lead()
        with self.at('2026-03-09 09:00:00'):
            self.lose(lead, competitor_id=self.rival.id, price_gap=12.5)
        self.assertEqual((lead.won_status, lead.lost_reason_id), ('lost', self.reason))
        self.assertEqual((lead.scp_competitor_id, lead.scp_price_gap), (self.rival, 12.5))
        row = self.get_rows(lead)[-1]
        self.assertEqual(row.direction, 'lost')
        self.assertEqual(
            (row.lost_reason_name, row.competitor_name), ("Lost to the moon", "Rival Valves"))
        self.assertIn("Reason: Lost to the moon", row.summary)
        self.assertIn("Competitor: Rival Valves", row.summary)
        self.assertFalse(lead.scp_recoverable or self.get_revisits(lead))

    def test_lost_wizard_keeps_what_is_known(self):
        """What the wizard leaves empty was noted before; it is not wiped out."""
        lead = self.create_lead(scp_competitor_id=self.rival.id, scp_price_gap=4)
        self.lose(lead)
        self.assertEqual((lead.scp_competitor_id, lead.scp_price_gap), (self.rival, 4))

    def test_lost_many(self):
        leads = self.create_lead() | self.create_lead()
        self.lose(leads, competitor_id=self.rival.id, recoverable=True, revisit_date='2026-09-01')
        self.assertEqual(set(leads.mapped('won_status')), {'lost'})
        self.assertEqual([len(self.get_revisits(lead)) for lead in leads], [1, 1])

    def test_lost_wizard_proposes_a_day(self):
        with Form(self.env['crm.lead.lost'].with_context(
            default_lead_ids=self.create_lead().ids,
        )) as wizard:
            self.assertFalse(wizard.scp_revisit_date)
            wizard.scp_recoverable = True
            self.assertEqual(
                wizard.scp_revisit_date, fields.Date.context_today(self.env.user) + timedelta(days=90))
            wizard.scp_revisit_date = '2026-09-01'

    def test_copies_outlive_their_records(self):
        lead = self.create_lead()
        with self.at('2026-03-09 09:00:00'):
            self.lose(lead, competitor_id=self.rival.id)
        lead.scp_competitor_id = False
        self.rival.unlink()
        self.commit()
        lost = self.get_rows(lead).filtered(lambda row: row.direction == 'lost')
        self.assertFalse(lost.competitor_id)
        self.assertEqual(lost.competitor_name, "Rival Valves")

    def test_merge_keeps_the_competitor(self):
        head = self.create_lead(probability=90)
        tail = self.create_lead(scp_competitor_id=self.rival.id, scp_price_gap=7)
        with mute_logger('odoo.models.unlink'):
            merged = (head | tail).merge_opportunity()
        self.assertEqual((merged.scp_competitor_id, merged.scp_price_gap), (self.rival, 7))

    # ------------------------------------------------------------
    # Coming back
    # ------------------------------------------------------------

    def test_revisit(self):
        lead = self.create_lead()
        self.lose(lead, recoverable=True, revisit_date='2026-09-01')
        activity = self.get_revisits(lead)
        self.assertEqual(str(activity.date_deadline), '2026-09-01')
        self.assertEqual(activity.user_id, self.user)
        self.assertFalse(lead.active, "the reminder outlives the archiving")

        lead.scp_revisit_date = '2026-10-15'
        self.assertEqual(str(activity.date_deadline), '2026-10-15')
        lead.sudo().user_id = self.colleague
        self.assertEqual(self.get_revisits(lead).user_id, self.colleague)
        lead.sudo().scp_recoverable = False
        self.assertFalse(self.get_revisits(lead))

    def test_revisit_ends_with_a_reopening(self):
        lead = self.create_lead()
        self.lose(lead, recoverable=True, revisit_date='2026-09-01')
        lead.action_restore()
        self.assertFalse(lead.scp_recoverable or lead.scp_revisit_date or self.get_revisits(lead))

    def test_revisit_set_on_creation(self):
        lead = self.create_lead(scp_recoverable=True, scp_revisit_date='2026-09-01')
        self.assertEqual(len(self.get_revisits(lead)), 1)

    def test_done_revisit_is_not_planned_again(self):
        lead = self.create_lead()
        self.lose(lead, recoverable=True, revisit_date='2026-09-01')
        self.get_revisits(lead).with_user(self.user).action_feedback(feedback="Not before spring")
        lead.sudo().user_id = self.colleague
        self.assertFalse(self.get_revisits(lead))

    # ------------------------------------------------------------
    # Won
    # ------------------------------------------------------------

    def test_winning_comes_first(self):
        lead = self.create_lead()
        lead.action_set_won_rainbowman()
        self.assertEqual(lead.won_status, 'won')
        [question] = lead.get_scp_move_questions()
        self.assertEqual(
            question['views'], [(self.env.ref('crm_scp_core.crm_lead_view_form_won').id, 'form')])
        self.assertEqual((question['res_id'], question['target']), (lead.id, 'new'))

    def test_a_known_reason_is_not_asked_for(self):
        lead = self.create_lead(scp_won_reason_id=self.won_reason.id)
        lead.action_set_won()
        self.assertEqual(lead.get_scp_move_questions(), [])

    def test_without_reasons_nobody_is_asked(self):
        self.env['scp.won.reason'].search([]).active = False
        lead = self.create_lead()
        lead.action_set_won()
        self.assertEqual(lead.get_scp_move_questions(), [])

    def test_plain_salespeople_are_not_asked(self):
        """Whoever has no role in customer relationship works as with plain CRM."""
        seller = mail_new_test_user(self.env, login='plain_seller', groups='sales_team.group_sale_salesman')
        lead = self.create_lead()
        lead.sudo().user_id = seller
        lead.with_user(seller).action_set_won_rainbowman()
        self.assertEqual(lead.with_user(seller).get_scp_move_questions(), [])

    def test_drag_to_won_asks(self):
        lead = self.create_lead()
        lead.stage_id = self.won
        [question] = lead.get_scp_move_questions()
        self.assertEqual(question['res_model'], 'crm.lead')
        lead.stage_id = self.need
        self.assertEqual(lead.get_scp_move_questions(), [])

    def test_reason_with_the_win(self):
        lead = self.create_lead()
        with self.at('2026-03-09 09:00:00'):
            lead.write({
                'stage_id': self.won.id, 'scp_won_reason_id': self.won_reason.id,
                'scp_competitor_id': self.rival.id,
            })
        row = self.get_rows(lead)[-1]
        self.assertEqual(row.direction, 'won')
        self.assertEqual((row.won_reason_name, row.competitor_id), ("They know us", self.rival))

    def test_reason_after_the_win(self):
        """The row of the win is not touched; what is said later is a row of its own."""
        lead = self.create_lead()
        with self.at('2026-03-09 09:00:00'):
            lead.action_set_won()
        with self.at('2026-03-10 09:00:00'):
            lead.web_save({'scp_won_reason_id': self.won_reason.id}, {'scp_won_reason_id': {}})
        _enter, won, told = self.get_rows(lead)
        self.assertEqual((won.direction, won.won_reason_name), ('won', False))
        self.assertEqual((told.direction, told.won_reason_name), ('none', "They know us"))
        self.assertTrue(told.change_reason)
        self.assertEqual(told.summary, "Reason: They know us")

    # ------------------------------------------------------------
    # Competitors
    # ------------------------------------------------------------

    def test_figures_of_a_competitor(self):
        """One deal won, two lost and one open against him: 33.3 per cent of three closed."""
        won, lost, also_lost, _open = (
            self.create_lead(scp_competitor_id=self.rival.id) for _number in range(4))
        won.action_set_won()
        self.lose(lost | also_lost)
        self.assertEqual(
            (self.rival.won_count, self.rival.lost_count, self.rival.open_count), (1, 2, 1))
        self.assertEqual(self.rival.closed_count, 3)
        self.assertAlmostEqual(self.rival.win_rate, 33.3, 1)
        self.assertEqual(self.other_rival.closed_count, 0)
        action = self.rival.action_open_leads()
        leads = self.env['crm.lead'].with_context(**action['context']).search(action['domain'])
        self.assertEqual(len(leads), 4, "the figures open what they count, lost deals too")

    def test_win_loss_counts_lost_deals(self):
        won, lost = (self.create_lead(scp_competitor_id=self.rival.id) for _number in range(2))
        won.action_set_won()
        self.lose(lost)
        action = self.env.ref('crm_scp_core.crm_lead_action_win_loss')
        groups = self.env['crm.lead'].with_context(active_test=False)._read_group(
            [('scp_competitor_id', '=', self.rival.id), ('won_status', 'in', ('won', 'lost'))],
            ['won_status'], ['__count'])
        self.assertEqual(dict(groups), {'won': 1, 'lost': 1})
        self.assertIn("'active_test': False", action.context)

    def test_figures_of_a_won_reason(self):
        lead = self.create_lead(scp_won_reason_id=self.won_reason.id)
        lead.action_set_won()
        self.assertEqual(self.won_reason.lead_count, 1)
        action = self.won_reason.action_open_leads()
        self.assertEqual(self.env['crm.lead'].search(action['domain']), lead)
        with self.assertRaises(UserError) as caught:
            self.won_reason.unlink()
        self.assertIn("“They know us” is the reason of deals (1)", str(caught.exception))

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    def test_who_writes_about_competitors(self):
        rival = self.rival.with_user(self.user)
        rival.strengths = "Stock in every port"
        self.assertTrue(rival.create({'name': "New Rival"}))
        with self.assertRaises(AccessError):
            rival.unlink()
        auditor = mail_new_test_user(
            self.env, login='deal_auditor', groups='crm_scp_core.group_scp_auditor',
            company_id=self.company.id)
        self.assertEqual(self.rival.with_user(auditor).read(['name', 'win_rate'])[0]['name'], "Rival Valves")
        with self.assertRaises(AccessError):
            self.rival.with_user(auditor).name = "Mine"
        employee = mail_new_test_user(
            self.env, login='deal_employee', groups='base.group_user', company_id=self.company.id)
        with self.assertRaises(AccessError):
            self.rival.with_user(employee).read(['name'])

    def test_won_reasons_are_for_managers(self):
        with self.assertRaises(AccessError):
            self.won_reason.with_user(self.user).name = "Luck"
        manager = mail_new_test_user(
            self.env, login='deal_manager', groups='crm_scp_core.group_scp_manager',
            company_id=self.company.id)
        self.won_reason.with_user(manager).name = "Luck"

    def test_competitors_of_other_companies(self):
        company = self.env['res.company'].create({'name': "Deal Asia"})
        theirs = self.env['scp.competitor'].create({'name': "Theirs", 'company_id': company.id})
        Competitor = self.env['scp.competitor'].with_user(self.user)
        self.assertFalse(Competitor.search([('id', '=', theirs.id)]))
        self.assertTrue(Competitor.search([('id', '=', self.rival.id)]))
