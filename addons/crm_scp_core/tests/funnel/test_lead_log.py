from unittest.mock import patch

from psycopg2.errors import ForeignKeyViolation

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .common import LeadLogCase


@tagged('post_install', '-at_install')
class TestLeadLog(LeadLogCase):
    """What is recorded, whatever the way in."""

    # ------------------------------------------------------------
    # One deal, by hand
    # ------------------------------------------------------------

    def test_life_of_a_deal(self):
        lead = self.create_lead()
        with self.at('2026-03-03 09:00:00'):
            lead.stage_id = self.listed
        with self.at('2026-03-05 09:00:00'):
            lead.stage_id = self.decided
        with self.at('2026-03-06 09:00:00'):
            lead.stage_id = self.listed
        with self.at('2026-03-09 09:00:00'):
            lead.action_set_lost(lost_reason_id=self.reason.id)
        with self.at('2026-03-20 09:00:00'):
            lead.action_restore()
        with self.at('2026-03-23 09:00:00'):
            lead.action_set_won()

        rows = self.get_rows(lead)
        self.assertEqual(
            rows.mapped('direction'),
            ['enter', 'forward', 'skip', 'back', 'lost', 'reopen', 'won'])
        self.assertEqual(rows.mapped('stay_hours'), [0, 24, 48, 24, 72, 0, 72])
        # Paris is an hour ahead of UTC: 9:00 is 10:00 there. Tuesday 10 to Wednesday 10 are 8
        # hours of work, the lost days between the 9th and the 20th count for nothing
        self.assertEqual(rows.mapped('stay_business_hours'), [0, 8, 16, 8, 8, 0, 8])
        self.assertEqual(rows.mapped('ends_stay'), [False, True, True, True, True, False, True])
        self.assertEqual(rows.mapped('opens_stay'), [True, True, True, True, False, True, False])
        self.assertEqual(rows.mapped('skipped_stages'), [0, 0, 1, 0, 0, 0, 2])
        self.assertEqual(
            rows.mapped('band_to'),
            ['top', 'upper', 'lower', 'upper', 'upper', 'upper', 'bottom'])
        self.assertEqual(rows[2].stage_from_id, self.listed)
        self.assertEqual(rows[2].stage_to_id, self.decided)

        lost = rows[4]
        self.assertEqual((lost.won_status_from, lost.won_status_to), ('pending', 'lost'))
        self.assertEqual(lost.lost_reason_name, "Lost to the moon")
        self.assertEqual(lost.probability_to, 0)
        self.assertFalse(lost.change_stage)
        self.assertEqual((lost.lead_name, lost.lead_ref), ("A deal", lead.id))
        self.assertIn("Lost to the moon", lost.summary)

    def test_values(self):
        lead = self.create_lead()
        with self.at('2026-03-04 09:00:00'):
            lead.write({'expected_revenue': 1500, 'date_deadline': '2026-06-01'})
        with self.at('2026-03-05 09:00:00'):
            lead.date_deadline = '2026-06-15'
        _enter, priced, pushed = self.get_rows(lead)
        self.assertEqual(priced.direction, 'none')
        self.assertEqual((priced.amount_from, priced.amount_to, priced.amount_delta), (1000, 1500, 500))
        self.assertTrue(priced.change_amount and priced.change_deadline)
        self.assertFalse(priced.deadline_shift)
        self.assertFalse(priced.ends_stay)
        self.assertEqual(pushed.deadline_shift, 14)
        self.assertFalse(pushed.change_amount)
        self.assertIn("Closing", pushed.summary)
        self.assertEqual(pushed.user_id, self.user)
        self.assertEqual(pushed.source, 'user')

    def test_nothing_changed_nothing_recorded(self):
        lead = self.create_lead()
        with self.at('2026-03-04 09:00:00'):
            lead.write({'expected_revenue': 1000.0, 'stage_id': self.need.id, 'description': "x"})
        with self.at('2026-03-05 09:00:00'):
            lead.expected_revenue = 2000
            self.env.flush_all()
            lead.expected_revenue = 1000
        self.assertEqual(self.get_directions(lead), ['enter'])

    def test_one_row_per_transaction(self):
        lead = self.create_lead()
        with self.at('2026-03-04 09:00:00'):
            lead.stage_id = self.listed
            self.env.flush_all()
            lead.expected_revenue = 7
            self.env.flush_all()
            lead.stage_id = self.pursued
        rows = self.get_rows(lead)
        self.assertEqual(rows.mapped('direction'), ['enter', 'skip'])
        self.assertEqual(rows[1].amount_to, 7)

    def test_change_by_a_hook_of_the_commit(self):
        """Mail, for one, writes to leads right before the commit, after the log has."""
        lead = self.create_lead()
        with self.at('2026-03-04 09:00:00'):
            lead.expected_revenue = 7
            self.env.flush_all()

            @self.env.cr.precommit.add
            def hook():
                lead.stage_id = self.listed
                self.env.flush_all()

        self.assertEqual(self.get_directions(lead), ['enter', 'none', 'forward'])

    def test_actor_of_each_transaction(self):
        """Who wrote something else before does not stand for who changes it now."""
        lead = self.create_lead()
        with self.at('2026-03-04 09:00:00'):
            lead.with_context(tracking_disable=True).description = "Nothing the log keeps"
        with self.at('2026-03-05 09:00:00'):
            lead.with_user(self.env.ref('base.user_admin')).expected_revenue = 5
        self.assertEqual(self.get_rows(lead)[-1].user_id, self.env.ref('base.user_admin'))

    def test_rollback_leaves_no_trace(self):
        lead = self.create_lead()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            lead.stage_id = self.listed
            self.env.flush_all()
            raise ZeroDivisionError
        self.commit()
        self.assertEqual(self.get_directions(lead), ['enter'])

    def test_reentry_is_a_stay_of_its_own(self):
        lead = self.create_lead()
        for day, stage in ((3, self.listed), (4, self.need), (10, self.listed)):
            with self.at(f'2026-03-{day:02} 09:00:00'):
                lead.stage_id = stage
        self.assertEqual(self.get_rows(lead).mapped('stay_hours'), [0, 24, 24, 144])

    def test_archive_is_neither_lost_nor_ageing(self):
        lead = self.create_lead(probability=30)
        with self.at('2026-03-03 09:00:00'):
            lead.action_archive()
        with self.at('2026-03-30 09:00:00'):
            lead.action_unarchive()
        with self.at('2026-03-31 09:00:00'):
            lead.stage_id = self.listed
        rows = self.get_rows(lead)
        self.assertEqual(rows.mapped('direction'), ['enter', 'archive', 'reopen', 'forward'])
        self.assertEqual(rows.mapped('stay_hours'), [0, 24, 0, 24])

    def test_state_before_is_read_from_the_cache(self):
        """Odoo has loaded it to track changes: one statement more than without the log."""
        lead = self.create_lead()
        lead.invalidate_recordset()
        with self.at('2026-03-03 09:00:00'), patch.object(type(lead), '_read_scp_states', lambda lead, ids: (
            self.assertFalse(ids) or {}
        )):
            lead.fetch()
            lead.stage_id = self.listed
        self.assertEqual(self.get_rows(lead)[-1].stage_from_id, self.need)

    def test_states_of_a_loop_are_loaded_at_once(self):
        """Moving deals one by one loads them no more often than Odoo does: together, at the first."""
        leads = self.env['crm.lead'].concat(*(self.create_lead() for _lead in range(4)))
        leads.invalidate_recordset()
        loaded = []
        fetch = type(leads)._fetch_query

        def note(leads, query, fields):
            loaded.append('stage_id' in {field.name for field in fields})
            return fetch(leads, query, fields)

        with self.at('2026-03-03 09:00:00'), patch.object(type(leads), '_fetch_query', note):
            for lead in leads.with_user(self.user):
                lead.stage_id = self.listed
        self.assertEqual(loaded.count(True), 1)
        self.assertEqual(self.get_rows(leads[-1])[-1].stage_from_id, self.need)

    def test_what_waits_in_the_cache_is_not_the_state_before(self):
        """A value changed and not yet flushed is part of the same change."""
        lead = self.create_lead(expected_revenue=100)
        with self.at('2026-03-03 09:00:00'):
            lead.fetch()
            lead._fields['expected_revenue']._update_cache(lead, 300, dirty=True)
            lead.stage_id = self.listed
        row = self.get_rows(lead)[-1]
        self.assertEqual((row.amount_from, row.amount_to, row.change_amount), (100, 300, True))

    def test_created_won(self):
        lead = self.create_lead(stage_id=self.won.id, probability=100)
        row = self.get_rows(lead)
        self.assertEqual((row.direction, row.won_status_to, row.band_to), ('enter', 'won', 'bottom'))
        self.assertFalse(row.opens_stay)

    # ------------------------------------------------------------
    # Ways in
    # ------------------------------------------------------------

    def test_form(self):
        with self.at('2026-03-02 09:00:00'):
            with Form(self.env['crm.lead'].with_user(self.user)) as form:
                form.name = "By form"
                form.expected_revenue = 10
            lead = form.save()
        with self.at('2026-03-03 09:00:00'), Form(lead) as form:
            form.expected_revenue = 20
        rows = self.get_rows(lead)
        self.assertEqual(rows.mapped('amount_to'), [10, 20])
        self.assertEqual(rows.mapped('user_id'), self.user)

    def test_import(self):
        with self.at('2026-03-02 09:00:00'):
            result = self.env['crm.lead'].with_user(self.user).load(
                ['name', 'expected_revenue', 'stage_id/.id', 'team_id/.id'],
                [["First", '10', str(self.need.id), str(self.team.id)],
                 ["Second", '20', str(self.pursued.id), str(self.team.id)]],
            )
        self.assertFalse(result['messages'])
        rows = self.env['scp.lead.log'].search([('lead_ref', 'in', result['ids'])])
        self.assertEqual(rows.mapped('source'), ['import', 'import'])
        self.assertEqual(set(rows.mapped('amount_to')), {10, 20})

    def test_source_cannot_be_forged(self):
        lead = self.create_lead()
        with self.at('2026-03-03 09:00:00'):
            lead.with_context(scp_lead_log_source='backfill').stage_id = self.listed
        self.assertEqual(self.get_rows(lead)[-1].source, 'user')

    def test_merge_of_leads(self):
        head = self.create_lead(expected_revenue=0)
        tail = self.create_lead(name="A twin")
        with self.at('2026-03-03 09:00:00'):
            head.stage_id = self.pursued
        tail_id = tail.id
        with self.at('2026-03-04 09:00:00'):
            merged = (head | tail).merge_opportunity()
        self.assertEqual(merged, head)
        deleted = self.get_rows(tail_id)[-1]
        self.assertEqual((deleted.direction, deleted.source), ('delete', 'merge'))
        self.assertFalse(deleted.lead_id)
        self.assertEqual(deleted.lead_name, "A twin")
        self.assertEqual(deleted.stay_hours, 48)
        self.assertEqual(deleted.company_id, self.company)
        gained = self.get_rows(head)[-1]
        self.assertEqual((gained.source, gained.amount_to), ('merge', 1000))
        # what comes after the merge is no merge
        with self.at('2026-03-05 09:00:00'):
            merged.expected_revenue = 5
        self.assertEqual(self.get_rows(head)[-1].source, 'user')

    def test_deletion(self):
        lead = self.create_lead()
        lead_id = lead.id
        with self.at('2026-03-03 09:00:00'):
            lead.sudo().expected_revenue = 77
            lead.sudo().unlink()
        rows = self.get_rows(lead_id)
        self.assertEqual(rows.mapped('direction'), ['enter', 'none', 'delete'])
        self.assertEqual(rows.mapped('amount_to'), [1000, 77, 0])
        self.assertEqual(rows[-1].amount_from, 77)
        self.assertFalse(rows.lead_id)

    def test_convert(self):
        lead = self.create_lead(type='lead')
        with self.at('2026-03-03 09:00:00'):
            lead.convert_opportunity(self.env['res.partner'])
        row = self.get_rows(lead)[-1]
        self.assertEqual((row.type_from, row.type_to), ('lead', 'opportunity'))

    def test_owner_recomputes_team_and_stage(self):
        """A change of owner drags team and stage along, by computation and not by write."""
        lead = self.create_lead()
        with self.at('2026-03-03 09:00:00'):
            lead.sudo().user_id = self.colleague
        row = self.get_rows(lead)[-1]
        self.assertTrue(row.change_owner and row.change_team and row.change_stage)
        self.assertEqual(row.owner_from_id, self.user)
        self.assertEqual(row.team_to_id, self.other_team)
        self.assertEqual(row.stage_to_id, lead.stage_id)
        self.assertNotIn(lead.stage_id, self.stages)

    def test_stage_turned_won(self):
        lead = self.create_lead(stage_id=self.decided.id)
        with self.at('2026-03-03 09:00:00'):
            self.decided.is_won = True
        row = self.get_rows(lead)[-1]
        self.assertEqual((row.direction, row.probability_to), ('won', 100))
        self.assertEqual(row.band_to, 'bottom')

    def test_stages_merged_and_deleted(self):
        lead = self.create_lead(stage_id=self.listed.id)
        with self.at('2026-03-03 09:00:00'):
            lead.stage_id = self.pursued
            self.listed.unlink()
        row = self.get_rows(lead)[-1]
        self.assertFalse(row.stage_from_id)
        self.assertEqual((row.stage_from_name, row.band_from), ("Listed", 'upper'))
        self.assertEqual(row.direction, 'forward')
        self.assertEqual(self.get_rows(lead)[0].stage_to_name, "Listed")

    def test_stage_name_in_all_languages(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.need.with_context(lang='fr_FR').name = "Besoin"
        row = self.get_rows(self.create_lead())
        self.assertEqual(row.stage_to_name, "Need")
        self.assertEqual(row.with_context(lang='fr_FR').stage_to_name, "Besoin")
        self.need.update_field_translations('name', {'fr_FR': "Exigence"})
        row = self.get_rows(self.create_lead())
        self.assertEqual(row.with_context(lang='fr_FR').stage_to_name, "Exigence")
        self.need.write({'name': "Want", 'scp_band': 'lower'})
        row = self.get_rows(self.create_lead())
        self.assertEqual((row.stage_to_name, row.band_to), ("Want", 'lower'))

    @mute_logger('odoo.models.unlink')
    def test_team_and_user_deleted(self):
        """The database sets these links to null without asking the ORM."""
        lead = self.create_lead(probability=10)
        extra = self.env['crm.team'].create({'name': "Short-lived"})
        leaver = self.env['res.users'].create({'name': "Leaver", 'login': 'log_leaver'})
        with self.at('2026-03-03 09:00:00'):
            lead.sudo().write({'team_id': extra.id, 'user_id': False})
        with self.at('2026-03-04 09:00:00'):
            extra.unlink()
        self.assertFalse(lead.team_id)
        row = self.get_rows(lead)[-1]
        self.assertTrue(row.change_team)
        self.assertFalse(row.team_to_id)
        with self.at('2026-03-05 09:00:00'):
            lead.sudo().user_id = leaver
        with self.at('2026-03-06 09:00:00'):
            leaver.unlink()
        lead.invalidate_recordset()
        row = self.get_rows(lead)[-1]
        self.assertTrue(row.change_owner)
        self.assertFalse(row.owner_to_id or lead.user_id)

    def test_recurring_plan_changed(self):
        plan = self.env['crm.recurring.plan'].create({'name': "Quarter", 'number_of_months': 3})
        lead = self.create_lead(recurring_revenue=300, recurring_plan=plan.id)
        with self.at('2026-03-03 09:00:00'):
            plan.number_of_months = 6
        row = self.get_rows(lead)[-1]
        self.assertTrue(row.change_mrr)
        self.assertEqual((row.mrr_from, row.mrr_to), (100, 50))

    def test_assignment(self):
        lead = self.create_lead(user_id=False)
        with self.at('2026-03-03 09:00:00'):
            lead.sudo()._handle_salesmen_assignment(user_ids=[self.colleague.id])
        row = self.get_rows(lead)[-1]
        self.assertEqual(row.owner_to_id, self.colleague)
        self.assertTrue(row.change_owner)

    def test_scoring_job(self):
        """The scoring job writes to every open deal by SQL: only what moved far is recorded."""
        near, far = self.create_lead(probability=40), self.create_lead(probability=40)

        def score(leads):
            self.env.cr.execute(
                "UPDATE crm_lead SET probability = CASE id WHEN %s THEN 45 ELSE 60 END "
                "WHERE id IN %s", (near.id, (near.id, far.id)))
            self.env['crm.lead'].invalidate_model()

        parent = 'odoo.addons.crm.models.crm_lead.CrmLead._update_automated_probabilities'
        with self.at('2026-03-03 02:00:00'), patch(parent, score):
            self.env['crm.lead']._update_automated_probabilities()
        self.assertEqual(self.get_directions(near), ['enter'])
        row = self.get_rows(far)[-1]
        self.assertEqual((row.source, row.probability_from, row.probability_to), ('scoring', 40, 60))
        # the small shift is caught up with the next row
        with self.at('2026-03-04 09:00:00'):
            near.expected_revenue = 1
        self.assertEqual(self.get_rows(near)[-1].probability_to, 45)

    # ------------------------------------------------------------
    # Bands
    # ------------------------------------------------------------

    def test_bands_of_stages(self):
        self.assertEqual(
            self.stages.mapped('scp_band'), ['top', 'upper', 'middle', 'lower', 'bottom'])
        self.listed.scp_band = 'middle'
        self.stages.sequence = 5
        self.assertEqual(self.listed.scp_band, 'middle')
        between = self.env['crm.stage'].create(
            {'name': "Between", 'sequence': 5, 'team_ids': self.team.ids})
        self.assertIn(between.scp_band, ('middle', 'lower'))
        self.decided.is_won = True
        self.assertEqual(self.decided.scp_band, 'bottom')
        self.decided.is_won = False
        self.assertNotEqual(self.decided.scp_band, 'bottom')

    def test_band_of_leads(self):
        lead = self.create_lead(stage_id=self.pursued.id)
        self.assertEqual(lead.scp_band, 'middle')
        Lead = self.env['crm.lead']
        self.assertIn(lead, Lead.search([('scp_band', '=', 'middle')]))
        groups = dict(Lead._read_group([('id', '=', lead.id)], ['scp_band'], ['__count']))
        self.assertEqual(groups, {'middle': 1})

    # ------------------------------------------------------------
    # Immutable
    # ------------------------------------------------------------

    def test_nobody_rewrites_history(self):
        row = self.get_rows(self.create_lead())
        for user in (self.env.user, self.env.ref('base.user_admin')):
            for record in (row.with_user(user), row.with_user(user).sudo()):
                with self.assertRaises(UserError):
                    record.write({'amount_to': 1})
                with self.assertRaises(UserError):
                    record.amount_to = 1
                with self.assertRaises(UserError):
                    record.unlink()
                with self.assertRaises(UserError):
                    record.copy()
                with self.assertRaises(UserError):
                    record.create({'lead_ref': 1, 'direction': 'won', 'source': 'user'})
        self.assertEqual(row.amount_to, 1000)

    def test_import_of_rows_is_refused(self):
        result = self.env['scp.lead.log'].load(
            ['date', 'lead_ref', 'direction', 'source'],
            [['2026-03-01 00:00:00', '1', 'won', 'user']])
        self.assertFalse(result['ids'])
        self.assertTrue(result['messages'])

    def test_merge_of_contacts_carries_rows_over(self):
        one, other = self.env['res.partner'].create([{'name': "Twin"}, {'name': "Twin"}])
        row = self.get_rows(self.create_lead(partner_id=other.id))
        self.env['base.partner.merge.automatic.wizard']._merge((one | other).ids, dst_partner=one)
        row.invalidate_recordset()
        self.assertEqual(row.partner_id, one)

    @mute_logger('odoo.models.unlink')
    def test_contact_deleted_in_the_same_transaction(self):
        partner = self.env['res.partner'].create({'name': "Gone"})
        with self.at('2026-03-02 09:00:00'):
            lead = self.env['crm.lead'].create({'name': "Orphan", 'partner_id': partner.id})
            partner.unlink()
        self.assertFalse(self.get_rows(lead).partner_id)

    def _pretend(self, nothing_deleted: str):
        """Have the function by which rows are written see deletions, or none, whatever there was."""
        Log = self.env['scp.lead.log']
        with patch.object(type(Log), '_get_nothing_deleted', lambda log: SQL(nothing_deleted)):
            Log.init()

    def _orphan(self, lead, partner):
        """Change a lead and delete its customer behind the back of the ORM, in one transaction."""
        with self.at('2026-03-03 09:00:00'):
            lead.sudo().write({'partner_id': partner.id, 'expected_revenue': lead.expected_revenue + 5})
            lead.flush_recordset()
            self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [partner.id])

    def test_links_are_looked_up_after_a_deletion(self):
        """Without that the row would break the transaction."""
        lead = self.create_lead()
        self._orphan(lead, self.env['res.partner'].create({'name': "Gone"}))
        rows = self.get_rows(lead)
        self.assertEqual(rows.mapped('direction'), ['enter', 'none'])
        self.assertFalse(rows[-1].partner_id)
        self.assertEqual(rows[-1].lead_id, lead)
        self._pretend('TRUE')
        with self.assertRaisesRegex(ForeignKeyViolation, "partner_id"), mute_logger('odoo.sql_db'):
            self._orphan(lead, self.env['res.partner'].create({'name': "Gone too"}))

    def test_links_are_not_looked_up_without_deletion(self):
        """The transaction of these tests has deleted before: pretend it has not."""
        lead = self.create_lead()
        self._pretend('TRUE')
        with self.at('2026-03-03 09:00:00'):
            lead.stage_id = self.pursued
        row = self.get_rows(lead)[-1]
        self.assertEqual((row.lead_id, row.stage_to_id, row.owner_to_id), (lead, self.pursued, self.user))
        self.assertEqual((row.stage_from_name, row.stage_to_name), ("Need", "Pursued"))
        self.assertFalse(row.lost_reason_id or row.lost_reason_name or row.competitor_name)
