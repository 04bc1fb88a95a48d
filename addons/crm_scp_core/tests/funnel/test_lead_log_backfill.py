from unittest.mock import patch

from odoo.tests import tagged

from .common import LeadLogCase


@tagged('post_install', '-at_install')
class TestLeadLogBackfill(LeadLogCase):
    """History of leads that are older than the log, from their tracked messages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={'no_reset_password': True})  # with the tracking that this is about
        cls.cron = cls.env.ref('crm_scp_core.ir_cron_scp_lead_log_backfill')

    def create_old_lead(self, **values):
        """A lead whose history Odoo has tracked and the log has not."""
        lead = self.create_lead('2026-03-02 09:00:00', **values)
        with self.at('2026-03-03 09:00:00'):
            lead.write({'stage_id': self.listed.id, 'expected_revenue': 2000})
        with self.at('2026-03-05 09:00:00'):
            lead.stage_id = self.decided
        with self.at('2026-03-06 09:00:00'):
            lead.action_set_lost(lost_reason_id=self.reason.id)
        return lead

    def forget(self, leads):
        """Make the leads older than the log."""
        self.commit()
        # messages are dated by the clock, not by the transaction
        self.env.cr.execute(
            """
            UPDATE mail_message message SET date = tracking.create_date
              FROM mail_tracking_value tracking
             WHERE tracking.mail_message_id = message.id
               AND message.model = 'crm.lead' AND message.res_id = ANY(%s)
            """, (leads.ids,))
        self.env.cr.execute("DELETE FROM scp_lead_log WHERE lead_ref = ANY(%s)", (leads.ids,))
        self.env.invalidate_all()

    def backfill(self, leads):
        self.env['scp.lead.log']._backfill(leads.ids)
        self.env.invalidate_all()

    def get_values(self, rows):
        return rows.mapped(lambda row: (
            row.date, row.direction, row.stage_to_id, row.amount_to, row.won_status_to,
            row.stay_hours, row.stay_business_hours,
        ))

    def test_history_from_messages(self):
        lead = self.create_old_lead()
        live = self.get_values(self.get_rows(lead))
        self.forget(lead)
        self.backfill(lead)
        rows = self.get_rows(lead)
        self.assertEqual(set(rows.mapped('source')), {'backfill'})
        # what was logged live is found again; a last row adds what nobody tracked
        self.assertEqual(self.get_values(rows[:-1]), live)
        self.assertEqual(rows[:-1].mapped('user_id'), self.user)
        last = rows[-1]
        self.assertEqual(last.direction, 'complete')
        self.assertEqual(last.probability_to, 0)
        # to learn a value is not to change it
        self.assertFalse(last.change_probability or last.change_stage or last.change_amount)

    def test_what_was_not_tracked_is_not_invented(self):
        lead = self.create_lead('2026-03-02 09:00:00', date_deadline='2026-06-01', probability=30)
        self.forget(lead)
        self.backfill(lead)
        enter, last = self.get_rows(lead)
        self.assertFalse(enter.deadline_to)
        self.assertEqual(str(last.deadline_to), '2026-06-01')
        self.env.cr.execute(
            "SELECT probability_to FROM scp_lead_log WHERE id = ANY(%s) ORDER BY id",
            ([enter.id, last.id],))
        self.assertEqual(self.env.cr.fetchall(), [(None,), (30,)])

    def test_twice_adds_nothing(self):
        leads = self.create_old_lead() | self.create_lead()
        self.forget(leads)
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        count = self.env['scp.lead.log'].search_count([])
        self.assertFalse(self.env['scp.lead.log']._count_backfill_leads())
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.assertEqual(self.env['scp.lead.log'].search_count([]), count)

    def test_job_switches_itself_off(self):
        self.cron.active = True
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.cron.invalidate_recordset()
        self.assertFalse(self.cron.active)

    def test_killed_in_the_middle(self):
        """A batch is one transaction: a kill loses the running batch, the next run goes on."""
        leads = self.create_old_lead() | self.create_old_lead() | self.create_old_lead()
        self.forget(leads)
        Log = self.env['scp.lead.log']
        count = Log._count_backfill_leads()
        insert = type(Log)._insert_rows

        def killed(log, rows):
            insert(log, rows)
            raise KeyboardInterrupt

        Log._backfill(leads[0].ids)
        # assertRaises rolls back, as the end of the process would
        with self.assertRaises(KeyboardInterrupt), patch.object(type(Log), '_insert_rows', killed):
            Log._backfill(leads[1].ids)
        self.assertEqual(Log._count_backfill_leads(), count - 1)
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        for lead in leads:
            self.assertEqual(
                self.get_directions(lead), ['enter', 'forward', 'skip', 'lost', 'complete'])

    def test_meets_the_live_log(self):
        """What the log has seen itself is not reconstructed again, and the two fit together."""
        lead = self.create_old_lead()
        self.forget(lead)
        with self.at('2026-03-20 09:00:00'):
            lead.action_restore()
        with self.at('2026-03-21 09:00:00'):
            lead.stage_id = self.listed
        self.backfill(lead)
        rows = self.get_rows(lead)
        self.assertEqual(
            rows.mapped('direction'),
            ['enter', 'forward', 'skip', 'lost', 'complete', 'reopen', 'back'])
        self.assertEqual(rows.mapped('source'), ['backfill'] * 5 + ['user'] * 2)
        for before, after in zip(rows, rows[1:], strict=False):
            self.assertEqual(before.stage_to_id, after.stage_from_id)
            self.assertEqual(before.amount_to, after.amount_from)
            self.assertEqual(before.probability_to, after.probability_from)
            self.assertEqual(before.won_status_to, after.won_status_from)

    def test_changes_made_while_tracking_was_off(self):
        lead = self.create_lead('2026-03-02 09:00:00')
        with self.at('2026-03-04 09:00:00'):
            lead.with_context(tracking_disable=True).stage_id = self.pursued
        self.forget(lead)
        self.backfill(lead)
        rows = self.get_rows(lead)
        self.assertEqual(rows[-1].stage_to_id, self.pursued)
        self.assertEqual(rows[-1].probability_to, lead.probability)

    def test_deleted_stage_keeps_its_name(self):
        lead = self.create_lead('2026-03-02 09:00:00')
        passing = self.env['crm.stage'].create(
            {'name': "Passing", 'sequence': 102, 'team_ids': self.team.ids})
        with self.at('2026-03-03 09:00:00'):
            lead.sudo().stage_id = passing
        with self.at('2026-03-04 09:00:00'):
            lead.sudo().stage_id = self.decided
        passing.unlink()
        self.forget(lead)
        self.backfill(lead)
        rows = self.get_rows(lead)
        self.assertEqual(rows[1].stage_to_name, "Passing")
        self.assertFalse(rows[1].stage_to_id)
        self.assertEqual(rows[2].stage_from_name, "Passing")
        self.assertEqual(rows[2].stage_to_id, self.decided)

    def test_selections_tracked_in_another_language(self):
        self.env['res.lang']._activate_lang('fr_FR')
        selection = self.env['ir.model.fields.selection'].search([
            ('field_id.model', '=', 'crm.lead'), ('field_id.name', '=', 'type'),
            ('value', '=', 'opportunity'),
        ])
        selection.with_context(lang='fr_FR').name = "Affaire"
        self.env.registry.clear_all_caches()
        labels = self.env['scp.lead.log']._get_backfill_labels()
        self.assertEqual(labels['type']["Affaire"], 'opportunity')
        self.assertEqual(labels['type']["Opportunity"], 'opportunity')

    def test_old_databases_tracked_no_outcome(self):
        """Before it was a field, winning and losing showed in stage and archive."""
        lead = self.create_old_lead()
        with self.at('2026-03-10 09:00:00'):
            lead.action_restore()
        with self.at('2026-03-11 09:00:00'):
            lead.stage_id = self.won
        self.forget(lead)
        self.env.cr.execute(
            """
            DELETE FROM mail_tracking_value tracking USING ir_model_fields field
             WHERE field.id = tracking.field_id AND field.name = 'won_status'
            """)
        self.backfill(lead)
        directions = self.get_directions(lead)
        self.assertEqual(directions[:3], ['enter', 'forward', 'skip'])
        self.assertIn('won', directions)
        self.assertEqual(self.get_rows(lead)[-1].won_status_to, 'won')

    def test_queries_do_not_grow_with_leads(self):
        leads = self.env['crm.lead'].browse(
            self.create_old_lead().id for _number in range(3))
        self.forget(leads)
        self.backfill(leads[0])
        self.forget(leads)

        def count(some):
            before = self.cr.sql_log_count
            self.backfill(some)
            return self.cr.sql_log_count - before

        self.assertEqual(count(leads[:1]), count(leads[1:]))
