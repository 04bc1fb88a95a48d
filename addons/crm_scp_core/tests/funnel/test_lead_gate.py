from contextlib import contextmanager

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import LeadLogCase


class LeadGateCase(LeadLogCase):

    @classmethod
    def set_gate(cls, stage, kind, *fnames, **values):
        stage.write({
            'scp_gate': kind,
            'scp_required_field_ids': [
                Command.set([cls.get_field(fname).id for fname in fnames])],
            **values,
        })

    @classmethod
    def get_field(cls, fname, model='crm.lead'):
        return cls.env['ir.model.fields']._get(model, fname)

    @contextmanager
    def assertRefused(self, error, *parts):
        """An error that names all the parts, and leaves nothing half-written."""
        with self.assertRaises(error) as caught:
            yield
        self.env.invalidate_all()
        for part in parts:
            self.assertIn(part, str(caught.exception))

    def get_gates(self, lead):
        return self.env['scp.lead.gate'].search([('lead_id', '=', lead.id)])

    def get_questions(self, lead):
        """The activities that ask for a reason."""
        return lead.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id
            == self.env.ref('crm_scp_core.mail_activity_type_gate'))


@tagged('post_install', '-at_install')
class TestLeadGate(LeadGateCase):
    """Gates hold or let pass, whatever the way a move is made."""

    # ------------------------------------------------------------
    # Hard
    # ------------------------------------------------------------

    def test_hard_gate_names_lead_stage_and_field(self):
        self.set_gate(self.listed, 'hard', 'phone', 'expected_revenue')
        lead = self.create_lead(expected_revenue=0)
        with self.assertRefused(
            UserError, "A deal", "Listed", "“Phone” is empty", "“Expected Revenue” is empty",
        ):
            lead.stage_id = self.listed
        self.assertEqual(lead.stage_id, self.need)
        self.assertFalse(self.get_gates(lead))

    def test_hard_gate_passes_with_what_the_move_brings_along(self):
        self.set_gate(self.listed, 'hard', 'phone')
        lead = self.create_lead()
        lead.write({'stage_id': self.listed.id, 'phone': "+49 30 901820"})
        self.assertEqual(lead.stage_id, self.listed)

    def test_blanks_and_empty_html_are_no_value(self):
        self.set_gate(self.listed, 'hard', 'description', 'contact_name')
        lead = self.create_lead(description="<p><br></p>", contact_name="  ")
        with self.assertRefused(UserError, "“Notes”", "“Contact Name”"):
            lead.stage_id = self.listed

    def test_hard_gate_on_many_leads(self):
        """One lead without the value holds back the whole write, and is the one named."""
        self.set_gate(self.listed, 'hard', 'phone')
        ready = self.create_lead(name="Ready", phone="+49 30 901820")
        unready = self.create_lead(name="Unready")
        with self.assertRaises(UserError) as caught:
            (ready | unready).stage_id = self.listed
        self.assertIn("“Unready”", str(caught.exception))
        self.assertNotIn("“Ready”", str(caught.exception))
        self.assertEqual((ready | unready).stage_id, self.need)

    def test_hard_gate_on_very_many_leads(self):
        self.set_gate(self.listed, 'hard', 'phone')
        leads = self.env['crm.lead'].union(*(self.create_lead() for _number in range(7)))
        with self.assertRefused(UserError, "2 more deals"):
            leads.stage_id = self.listed

    def test_hard_gate_in_a_form(self):
        self.set_gate(self.listed, 'hard', 'phone')
        lead = self.create_lead()
        with self.assertRaises(UserError), Form(lead) as form:
            form.stage_id = self.listed

    def test_hard_gate_over_rpc(self):
        """Both calls of the web client: a drag in the pipeline and the save of a form."""
        self.set_gate(self.listed, 'hard', 'phone')
        lead = self.create_lead()
        with self.assertRaises(UserError):
            lead.web_save({'stage_id': self.listed.id}, {'stage_id': {}})
        with self.assertRaises(UserError):
            lead.web_save_multi([{'stage_id': self.listed.id}], {'stage_id': {}})

    def test_hard_gate_in_an_import(self):
        """An import reports the line, and imports nothing of it."""
        self.set_gate(self.listed, 'hard', 'phone')
        lead = self.create_lead()
        xml_id = lead._BaseModel__ensure_xml_id()
        [[_record, xml_id]] = list(xml_id)
        result = self.env['crm.lead'].load(
            ['id', 'name', 'stage_id/.id'], [[xml_id, "Renamed", str(self.listed.id)]])
        self.assertFalse(result['ids'])
        self.assertIn("“Phone” is empty", result['messages'][0]['message'])
        self.assertEqual((lead.stage_id, lead.name), (self.need, "A deal"))

    # ------------------------------------------------------------
    # Never gated
    # ------------------------------------------------------------

    def test_never_gated(self):
        for stage in self.stages:
            self.set_gate(stage, 'hard', 'phone', scp_min_days=50, scp_allow_skip=False)
        lead = self.create_lead(stage_id=self.decided.id)
        with self.at('2026-03-03 09:00:00'):
            lead.stage_id = self.listed
        with self.at('2026-03-04 09:00:00'):
            lead.action_set_lost(lost_reason_id=self.reason.id)
        with self.at('2026-03-05 09:00:00'):
            lead.action_restore()
        self.assertEqual(self.get_directions(lead), ['enter', 'back', 'lost', 'reopen'])
        other = self.create_lead(stage_id=self.pursued.id)
        with mute_logger('odoo.models.unlink'):
            (lead | other).merge_opportunity(auto_unlink=True)
        imported = self.env['crm.lead'].load(
            ['name', 'stage_id/.id', 'team_id/.id'],
            [["Imported", str(self.decided.id), str(self.team.id)]])
        self.assertTrue(imported['ids'])

    def test_gate_of_another_pipeline(self):
        """Each team's own stages count: the same move passes where the stage is not the team's."""
        self.set_gate(self.listed, 'hard', 'phone')
        foreign = self.create_lead(
            user_id=False, team_id=self.other_team.id, stage_id=False).sudo()
        self.assertNotIn(foreign.stage_id, self.stages)
        foreign.stage_id = self.listed
        own = self.create_lead()
        with self.assertRaises(UserError):
            own.stage_id = self.listed

    def test_change_of_team_is_no_move(self):
        """Odoo itself takes a lead to the first stage of its new team."""
        self.set_gate(self.listed, 'hard', 'phone')
        self.need.team_ids = self.other_team
        lead = self.create_lead(team_id=self.other_team.id, user_id=False).sudo()
        lead.write({'team_id': self.team.id, 'user_id': self.user.id})
        self.assertEqual(lead.stage_id, self.listed)

    # ------------------------------------------------------------
    # Soft
    # ------------------------------------------------------------

    def test_soft_gate_moves_records_and_asks(self):
        self.set_gate(self.listed, 'soft', 'phone')
        lead = self.create_lead()
        with self.at('2026-03-03 09:00:00'):
            lead.stage_id = self.listed
        self.assertEqual(lead.stage_id, self.listed)

        row = self.get_rows(lead)[-1]
        self.assertEqual(row.direction, 'forward')
        self.assertTrue(row.gate_missed)
        self.assertEqual(row.gate_unmet, [{'rule': 'field', 'field': 'phone'}])
        self.assertEqual(row.gate_unmet_display, "“Phone” is empty")
        self.assertIn("Not met: “Phone” is empty", row.summary)

        gate = self.get_gates(lead)
        self.assertEqual((gate.stage_from_id, gate.stage_to_id), (self.need, self.listed))
        self.assertEqual((gate.user_id, gate.reason), (self.user, False))
        activity = self.get_questions(lead)
        self.assertEqual((activity, activity.user_id), (gate.activity_id, self.user))
        self.assertIn("Listed", activity.summary)

    def test_soft_gate_met_leaves_no_trace(self):
        self.set_gate(self.listed, 'soft', 'phone')
        lead = self.create_lead(phone="+49 30 901820")
        with self.at('2026-03-03 09:00:00'):
            lead.stage_id = self.listed
        self.assertFalse(self.get_rows(lead)[-1].gate_missed)
        self.assertFalse(self.get_rows(lead)[-1].gate_unmet)
        self.assertFalse(self.get_gates(lead) or self.get_questions(lead))

    def test_minimum_stay_in_working_days(self):
        """Created on Monday at 10 o'clock in Paris; the day has eight hours of work.

        Tuesday at 10: 6 hours of Monday and 2 of Tuesday are one day. Wednesday at 10: two days.
        The weekend between two other moments counts for nothing.
        """
        self.set_gate(self.need, 'soft', scp_min_days=2)
        early, late, weekend = self.create_lead(), self.create_lead(), self.create_lead(
            '2026-03-06 16:00:00')
        with self.at('2026-03-03 09:00:00'):
            early.stage_id = self.listed
        with self.at('2026-03-04 09:00:00'):
            late.stage_id = self.listed
        with self.at('2026-03-09 07:00:00'):
            weekend.stage_id = self.listed
        self.assertEqual(
            self.get_gates(early).unmet, [{'rule': 'days', 'days': 1.0, 'min_days': 2}])
        self.assertEqual(
            self.get_gates(early).unmet_display, "stayed 1.0 of 2 working days")
        self.assertFalse(self.get_gates(late))
        self.assertEqual(self.get_gates(weekend).unmet[0]['days'], 0.0)

    def test_minimum_stay_without_working_hours(self):
        self.set_gate(self.need, 'soft', scp_min_days=2)
        self.company.resource_calendar_id = False
        early, late = self.create_lead(), self.create_lead()
        with self.at('2026-03-03 21:00:00'):
            early.stage_id = self.listed
        with self.at('2026-03-04 09:00:00'):
            late.stage_id = self.listed
        self.assertEqual(self.get_gates(early).unmet[0]['days'], 1.5)
        self.assertFalse(self.get_gates(late))

    def test_skips(self):
        self.set_gate(self.need, 'soft', scp_skip_stage_ids=[Command.set(self.pursued.ids)])
        allowed, not_allowed, won = (self.create_lead() for _number in range(3))
        allowed.stage_id = self.pursued
        not_allowed.stage_id = self.decided
        won.action_set_won()
        self.assertFalse(self.get_gates(allowed) or self.get_gates(won))
        self.assertEqual(self.get_gates(not_allowed).unmet, [{'rule': 'skip', 'count': 2}])

    def test_soft_gate_on_many_leads(self):
        self.set_gate(self.listed, 'soft', 'phone')
        leads = self.env['crm.lead'].union(*(self.create_lead() for _number in range(3)))
        leads[0].phone = "+49 30 901820"
        leads.stage_id = self.listed
        self.assertEqual([len(self.get_gates(lead)) for lead in leads], [0, 1, 1])
        self.assertEqual([len(self.get_questions(lead)) for lead in leads], [0, 1, 1])

    def test_soft_gate_in_an_import(self):
        self.set_gate(self.listed, 'soft', 'phone')
        lead = self.create_lead()
        [[_record, xml_id]] = list(lead._BaseModel__ensure_xml_id())
        with self.at('2026-03-03 09:00:00'):
            result = self.env['crm.lead'].load(
                ['id', 'stage_id/.id'], [[xml_id, str(self.listed.id)]])
        self.assertTrue(result['ids'], result['messages'])
        row = self.get_rows(lead)[-1]
        self.assertEqual((row.source, row.gate_missed), ('import', True))
        self.assertEqual(self.get_questions(lead).user_id, self.user)

    def test_question_goes_to_the_owner(self):
        """Whoever moves the lead; without an owner to the leader of the team, else to the mover."""
        self.set_gate(self.listed, 'soft', 'phone')
        owned, unowned, nobodys = (self.create_lead() for _number in range(3))
        self.team.user_id = self.colleague
        (unowned | nobodys).sudo().user_id = False
        nobodys.sudo().team_id = False
        self.listed.team_ids = False
        for lead in (owned, unowned, nobodys):
            lead.sudo().stage_id = self.listed
        self.assertEqual(self.get_questions(owned).user_id, self.user)
        self.assertEqual(self.get_questions(unowned).user_id, self.colleague)
        self.assertEqual(self.get_questions(nobodys).user_id, self.user)

    # ------------------------------------------------------------
    # The reason
    # ------------------------------------------------------------

    def miss_gate(self):
        self.set_gate(self.listed, 'soft', 'phone')
        lead = self.create_lead()
        with self.at('2026-03-03 09:00:00'):
            lead.stage_id = self.listed
        return lead, self.get_gates(lead).with_user(self.user)

    def test_reason_answers_the_question(self):
        lead, gate = self.miss_gate()
        [question] = lead.get_scp_move_questions()
        self.assertEqual((question['res_model'], question['res_id']), ('scp.lead.gate', gate.id))
        rows = len(self.get_rows(lead))
        with self.at('2026-03-03 09:05:00'):
            gate.web_save({'reason': " Met at the fair "}, {'reason': {}})
        self.assertEqual(gate.reason, "Met at the fair")
        self.assertEqual(gate.reason_user_id, self.user)
        self.assertEqual(str(gate.reason_date), '2026-03-03 09:05:00')
        self.assertFalse(self.get_questions(lead))
        self.assertEqual(lead.get_scp_move_questions(), [])
        self.assertEqual(len(self.get_rows(lead)), rows, "the log is what it was")

    def test_reason_given_in_the_activity(self):
        lead, gate = self.miss_gate()
        self.get_questions(lead).with_user(self.user).action_feedback(feedback="Budget year ends")
        self.assertEqual((gate.reason, gate.reason_user_id), ("Budget year ends", self.user))

    def test_nobody_else_is_asked(self):
        lead, _gate = self.miss_gate()
        self.assertEqual(lead.sudo().get_scp_move_questions()[0]['res_model'], 'scp.lead.gate')
        self.assertEqual(lead.with_user(self.env.ref('base.user_admin')).get_scp_move_questions(), [])

    def test_reason_must_say_something(self):
        lead, gate = self.miss_gate()
        with self.assertRefused(UserError, "A deal"):
            gate.reason = "  "
        self.assertTrue(self.get_questions(lead))

    # ------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------

    def test_field_that_is_not_on_the_lead(self):
        with self.assertRefused(ValidationError, "Listed", "res.partner.vat"):
            self.listed.scp_required_field_ids = self.get_field('vat', 'res.partner')
        self.assertFalse(self.listed.scp_required_field_ids)

    def test_skips_in_a_loop(self):
        self.need.scp_skip_stage_ids = self.pursued
        with self.assertRefused(ValidationError, "Pursued", "Need", "loop"):
            self.pursued.scp_skip_stage_ids = self.need
        with self.assertRefused(ValidationError, "loop"):
            self.need.scp_skip_stage_ids = self.need
        self.assertEqual(self.need.scp_skip_stage_ids, self.pursued)

    def test_skip_in_a_new_stage(self):
        with self.assertRefused(ValidationError, "Early", "Decided", "loop"):
            self.env['crm.stage'].create({
                'name': "Early", 'sequence': 900, 'team_ids': self.team.ids,
                'scp_skip_stage_ids': self.decided.ids,
            })

    def test_skip_to_another_pipeline(self):
        later = self.env['crm.stage'].create({
            'name': "Elsewhere", 'sequence': 500, 'team_ids': self.other_team.ids})
        with self.assertRefused(ValidationError, "Need", "Elsewhere", "other sales teams"):
            self.need.scp_skip_stage_ids = later

    @mute_logger('odoo.sql_db')
    def test_negative_stay(self):
        with self.assertRefused(CheckViolation, 'scp_min_days'):
            self.need.scp_min_days = -1
            self.env.flush_all()

    def test_field_deleted_later(self):
        field = self.env['ir.model.fields'].create({
            'name': 'x_scp_site', 'model_id': self.env['ir.model']._get_id('crm.lead'),
            'ttype': 'char', 'field_description': "Site",
        })
        self.set_gate(self.listed, 'hard', 'x_scp_site')
        lead = self.create_lead()
        with self.assertRefused(UserError, "“Site” is empty"):
            lead.stage_id = self.listed
        field.unlink()
        self.assertFalse(self.listed.scp_required_field_ids)
        lead.stage_id = self.listed
        self.assertEqual(lead.stage_id, self.listed)

    # ------------------------------------------------------------
    # Forecast category
    # ------------------------------------------------------------

    def test_forecast_category_of_stages(self):
        self.assertEqual(
            self.stages.mapped('scp_forecast_category'),
            ['pipeline', 'pipeline', 'best_case', 'commit', 'closed'])
        self.pursued.scp_forecast_category = 'commit'
        self.pursued.scp_band = 'upper'
        self.assertEqual(self.pursued.scp_forecast_category, 'commit', "a choice is kept")
        self.pursued.is_won = True
        self.assertEqual(self.pursued.scp_forecast_category, 'closed')

    def test_forecast_category_of_leads(self):
        lead = self.create_lead()
        self.assertEqual(lead.scp_forecast_category, 'pipeline')
        lead.stage_id = self.decided
        self.assertEqual(lead.scp_forecast_category, 'commit')
        lead.write({'scp_forecast_override': 'omitted', 'scp_forecast_reason': "Budget frozen"})
        self.assertEqual(lead.scp_forecast_category, 'omitted')
        lead.action_set_won()
        self.assertEqual(lead.scp_forecast_category, 'closed')
        lead.stage_id = self.pursued
        self.assertEqual(lead.scp_forecast_category, 'omitted')
        lead.scp_forecast_override = False
        self.assertEqual(lead.scp_forecast_category, 'best_case')
        lead.action_set_lost()
        self.assertEqual(lead.scp_forecast_category, 'omitted')

    def test_forecast_category_is_searched_grouped_and_sorted(self):
        """What no column holds is in SQL what it is in Python."""
        plain, upper, decided, said, won, lost, staged = leads = self.env['crm.lead'].union(*(
            self.create_lead() for _i in range(7)))
        upper.stage_id = self.pursued
        decided.stage_id = self.decided
        said.write({'scp_forecast_override': 'commit', 'scp_forecast_reason': "Promised on the phone"})
        won.action_set_won()
        lost.action_set_lost()
        staged.stage_id = False
        expected = {
            'pipeline': plain + staged, 'best_case': upper, 'commit': decided + said, 'closed': won, 'omitted': lost,
        }
        ours = self.env['crm.lead'].with_context(active_test=False)
        scope = [('id', 'in', leads.ids)]
        self.assertEqual(dict(ours._read_group(scope, ['scp_forecast_category'], ['id:recordset'])), expected)
        for category, found in expected.items():
            self.assertEqual(ours.search([*scope, ('scp_forecast_category', '=', category)]), found)
            self.assertEqual(leads.filtered_domain([('scp_forecast_category', '=', category)]), found)
            self.assertEqual(ours.search([*scope, ('scp_forecast_category', '!=', category)]), leads - found)
        self.assertFalse(ours.search([*scope, ('scp_forecast_category', '=', False)]))
        self.assertEqual(
            ours.search(scope, order='scp_forecast_category, id').mapped('scp_forecast_category'),
            ['best_case', 'closed', 'commit', 'commit', 'omitted', 'pipeline', 'pipeline'])

    @mute_logger('odoo.sql_db')
    def test_override_needs_a_reason(self):
        lead = self.create_lead()
        for reason in (False, "  "):
            with self.assertRefused(CheckViolation, 'scp_forecast_reason'):
                lead.write({'scp_forecast_override': 'commit', 'scp_forecast_reason': reason})
                self.env.flush_all()


@tagged('post_install', '-at_install')
class TestLeadGateAccess(LeadGateCase):
    """Who sees a deal sees its missed gates and may say why; nothing else can be changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = {
            name: mail_new_test_user(
                cls.env, login=f'gate_{name}', groups=group, company_id=cls.company.id)
            for name, group in {
                'leader': 'crm_scp_core.group_scp_team',
                'manager': 'crm_scp_core.group_scp_manager',
                'auditor': 'crm_scp_core.group_scp_auditor',
                'plain': 'sales_team.group_sale_salesman',
                'quality': 'crm_scp_core.group_scp_quality',
                'employee': 'base.group_user',
            }.items()
        }
        cls.team.user_id = cls.roles['leader']
        cls.set_gate(cls.listed, 'soft', 'phone')

    def setUp(self):
        super().setUp()
        self.lead = self.create_lead()
        self.lead.stage_id = self.listed
        self.gate = self.get_gates(self.lead)

    def test_who_gives_a_reason(self):
        for user in (self.user, self.roles['leader'], self.roles['manager']):
            gate = self.gate.with_user(user)
            gate.reason = f"Says {user.login}"
            self.assertEqual(self.gate.reason_user_id, user)
            self.assertTrue(gate.read(['unmet_display', 'entry_criteria']))

    def test_who_does_not(self):
        for user in (self.colleague, self.roles['plain'], *map(
            self.roles.get, ('auditor', 'quality', 'employee'),
        )):
            with self.assertRaises(AccessError):
                self.gate.with_user(user).reason = "Not mine"
        self.assertTrue(self.gate.with_user(self.roles['auditor']).read(['reason']))
        with self.assertRaises(AccessError):
            self.gate.with_user(self.roles['employee']).read(['reason'])

    def test_nothing_else_is_changed(self):
        for user in (self.user, self.roles['manager']):
            gate = self.gate.with_user(user)
            for values in ({'unmet': []}, {'reason': "x", 'user_id': user.id}):
                with self.assertRaises(AccessError):
                    gate.write(values)
            with self.assertRaises(AccessError):
                gate.unlink()
            with self.assertRaises(AccessError):
                gate.create({'lead_id': self.lead.id, 'date': '2026-03-03 09:00:00'})

    def test_plain_salesperson_meets_the_gates_too(self):
        """Somebody of plain CRM, without a role in the application."""
        lead = self.create_lead()
        lead.sudo().write({'user_id': self.roles['plain'].id, 'team_id': self.team.id})
        lead = lead.with_user(self.roles['plain'])
        lead.stage_id = self.listed
        self.assertEqual(len(lead.get_scp_move_questions()), 1)
        self.assertTrue(lead.stage_id.read(['name', 'requirements', 'scp_gate']))

    def test_stages_for_those_who_configure_them(self):
        stage = self.listed.with_user(self.roles['manager'])
        with Form(stage) as form:
            form.scp_min_days = 3
            form.scp_required_field_ids.add(self.get_field('email_from'))
        self.assertEqual(
            set(self.listed.scp_required_field_ids.mapped('name')), {'phone', 'email_from'})
        with self.assertRaises(AccessError):
            self.listed.with_user(self.user).scp_gate = 'none'

    def test_other_companies(self):
        company = self.env['res.company'].create({'name': "Gate Asia"})
        manager = mail_new_test_user(
            self.env, login='gate_asia', groups='crm_scp_core.group_scp_manager',
            company_id=company.id, company_ids=company.ids)
        self.assertFalse(self.env['scp.lead.gate'].with_user(manager).search(
            [('id', '=', self.gate.id)]))
        with self.assertRaises(AccessError):
            self.gate.with_user(manager).reason = "From far away"
