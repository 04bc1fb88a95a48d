import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from odoo import api, models
from odoo.tools import SQL, groupby

from .funnel_rules import is_open
from .scp_lead_log import LOGGED_FIELDS, LeadChange, LogSource

_logger = logging.getLogger(__name__)

# Leads per transaction of the job: about a second of work
BACKFILL_BATCH_SIZE = 500

# Odoo tracks none of these, unless somebody has customised it
USUALLY_UNTRACKED = frozenset({'probability', 'date_deadline', 'recurring_revenue_monthly'})


class ScpLeadLog(models.Model):
    """Reconstructs the log of leads that are older than it, from their tracked messages.

    A lead gets a row for its creation, a row for each message that tracked a logged field, and,
    where these do not lead to the state the lead is known to have had (values that are not
    tracked, changes made while tracking was off), a last row that closes the gap. Nothing is
    invented: what was not tracked is empty until that last row. A lead whose creation is in the
    log is done, and a transaction writes all rows of a lead or none: the job may be killed and
    run again at any time.
    """

    _inherit = 'scp.lead.log'

    @api.model
    def _cron_backfill(self):
        """Reconstruct the log of older leads batch by batch; switch the job off when done."""
        last_id, remaining = 0, self._count_backfill_leads()
        while lead_ids := self._get_backfill_lead_ids(last_id, BACKFILL_BATCH_SIZE):
            self._backfill(lead_ids)
            last_id = lead_ids[-1]
            remaining = max(remaining - len(lead_ids), 0)
            if not self.env['ir.cron']._commit_progress(len(lead_ids), remaining=remaining):
                return
        self.env['ir.cron']._commit_progress(remaining=0, deactivate=True)
        _logger.info("Lead log: all leads have their history")

    @api.model
    def _get_backfill_condition(self) -> SQL:
        """Return what is true of a row of crm_lead the log does not know the creation of."""
        return SQL(
            """NOT EXISTS (SELECT FROM scp_lead_log log
                            WHERE log.lead_ref = lead.id AND log.direction = 'enter')""")

    @api.model
    def _count_backfill_leads(self) -> int:
        [[count]] = self.env.execute_query(SQL(
            "SELECT count(*) FROM crm_lead lead WHERE %s", self._get_backfill_condition()))
        return count

    @api.model
    def _get_backfill_lead_ids(self, last_id: int, limit: int) -> list[int]:
        return [lead_id for lead_id, in self.env.execute_query(SQL(
            "SELECT lead.id FROM crm_lead lead WHERE lead.id > %s AND %s ORDER BY lead.id LIMIT %s",
            last_id, self._get_backfill_condition(), limit,
        ))]

    @api.model
    def _backfill(self, lead_ids: Collection[int]):
        """Append the reconstructed rows of leads."""
        # what is pending in this transaction is logged live
        self.env.flush_all()
        self.env['crm.lead']._finalize_scp_pending(lead_ids)
        origins = self._read_backfill_origins(lead_ids)
        known_states = self._read_backfill_known_states(lead_ids)
        events = self._read_backfill_events(lead_ids)
        self._log_changes(
            change
            for lead_id in lead_ids
            for change in self._get_backfill_changes(
                lead_id, origins[lead_id], known_states[lead_id], events[lead_id])
        )

    # ------------------------------------------------------------
    # WHAT IS KNOWN
    # ------------------------------------------------------------

    @api.model
    def _read_backfill_origins(self, lead_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Return by lead: create_date, create_uid, write_date and live_date, its first live row."""
        rows = self.env.execute_query_dict(SQL(
            """
            SELECT lead.id, lead.create_date, lead.create_uid, lead.write_date,
                   min(log.date) AS live_date
              FROM crm_lead lead
         LEFT JOIN scp_lead_log log ON log.lead_ref = lead.id
             WHERE lead.id = ANY(%s)
          GROUP BY lead.id
            """,
            list(lead_ids),
        ))
        return {row['id']: row for row in rows}

    @api.model
    def _read_backfill_known_states(self, lead_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Return by lead the state its reconstructed history must lead to.

        That is the state its first live row starts from, else the state of today.
        """
        Lead = self.env['crm.lead']
        states = Lead._read_scp_states(lead_ids)
        columns = SQL(", ").join(
            SQL("%s AS %s", SQL.identifier(columns.column_from), SQL.identifier(fname))
            for fname, columns in LOGGED_FIELDS.items()
        )
        for row in self.env.execute_query_dict(SQL(
            """
            SELECT DISTINCT ON (lead_ref) lead_ref, %s
              FROM scp_lead_log
             WHERE lead_ref = ANY(%s)
          ORDER BY lead_ref, date, id
            """,
            columns, list(lead_ids),
        )):
            states[row['lead_ref']].update(Lead._convert_to_scp_state(row))
        return states

    @api.model
    def _read_backfill_events(self, lead_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
        """Return by lead the tracked messages in order, each with date, user_id, old and new.

        ``old`` and ``new`` hold values of logged fields in column format. Left out are messages
        of transactions the log has seen itself, and what a merge has brought along from before
        the lead existed.
        """
        rows = self.env.execute_query_dict(SQL(
            """
            SELECT message.res_id AS lead_id, message.id AS message_id, message.date,
                   message.create_uid AS user_id, field.name AS fname, tracking.*
              FROM mail_message message
              JOIN mail_tracking_value tracking ON tracking.mail_message_id = message.id
              JOIN ir_model_fields field ON field.id = tracking.field_id
              JOIN crm_lead lead ON lead.id = message.res_id
         LEFT JOIN LATERAL (
                   SELECT min(log.date) AS date FROM scp_lead_log log WHERE log.lead_ref = lead.id
                 ) live ON TRUE
             WHERE message.model = 'crm.lead'
               AND message.res_id = ANY(%s)
               AND field.model = 'crm.lead'
               AND field.name = ANY(%s)
               AND message.date >= date_trunc('second', lead.create_date)
               AND (live.date IS NULL OR tracking.create_date < live.date)
          ORDER BY message.res_id, message.date, message.id, tracking.id
            """,
            list(lead_ids), list(LOGGED_FIELDS),
        ))
        labels = self._get_backfill_labels()
        events = defaultdict(list)
        for (lead_id, _message_id), trackings in groupby(rows, itemgetter('lead_id', 'message_id')):
            events[lead_id].append(self._prepare_backfill_event(trackings, labels))
        return events

    @api.model
    def _prepare_backfill_event(self, trackings, labels) -> dict[str, Any]:
        """Merge the tracked values of one message into one event."""
        event = {
            'date': trackings[0]['date'],
            'user_id': trackings[0]['user_id'],
            'old': {},
            'new': {},
        }
        for tracking in trackings:
            for side in ('old', 'new'):
                event[side].update(self._decode_tracking(tracking, side, labels))
        return event

    @api.model
    def _decode_tracking(self, tracking: Mapping[str, Any], side: str, labels) -> dict[str, Any]:
        """Return the value a tracking keeps of a field, as the column of crm.lead would hold it."""
        fname = tracking['fname']
        field_type = self.env['crm.lead']._fields[fname].type
        if field_type == 'selection':
            # selections are tracked by their label in the language of whoever changed them
            label = tracking[f'{side}_value_char']
            return {fname: labels[fname][label]} if label in labels[fname] else {}
        column = {
            'many2one': 'integer', 'boolean': 'integer',
            'monetary': 'float', 'float': 'float',
            'date': 'datetime',
        }[field_type]
        value = tracking[f'{side}_value_{column}']
        values = self.env['crm.lead']._convert_to_scp_state({fname: value})
        if fname == 'stage_id':
            values['stage_name'] = tracking[f'{side}_value_char']
        return values

    @api.model
    def _get_backfill_labels(self) -> dict[str, dict[str, str]]:
        """Return by selection field the key of each label, in all installed languages."""
        labels = defaultdict(dict)
        for code, _name in self.env['res.lang'].get_installed():
            Lead = self.env['crm.lead'].with_context(lang=code)
            for fname in LOGGED_FIELDS:
                field = Lead._fields[fname]
                if field.type == 'selection':
                    labels[fname].update(
                        (label, key) for key, label in field._description_selection(Lead.env))
        return labels

    # ------------------------------------------------------------
    # WHAT FOLLOWS FROM IT
    # ------------------------------------------------------------

    @api.model
    def _get_backfill_changes(self, lead_id, origin, known_state, events) -> Iterator[LeadChange]:
        """Yield the reconstructed changes of a lead, oldest first."""
        def change(before, after, date, user_id):
            return LeadChange(lead_id, before, after, date, user_id, LogSource.BACKFILL)

        date = origin['create_date']
        state = {**self._get_backfill_first_state(known_state, events), 'entered': date}
        yield change(None, state, date, origin['create_uid'])
        for event in events:
            date = max(date, event['date'])
            after = self._apply_backfill_event(state, event, known_state)
            yield change(state, after, date, event['user_id'])
            state = self._carry_stay(state, after, date)
        live_date = origin['live_date']
        end = live_date - timedelta(seconds=1) if live_date else origin['write_date']
        yield change(state, {**state, **known_state}, max(date, end), None)

    @api.model
    def _get_backfill_first_state(self, known_state, events) -> dict[str, Any]:
        """Return the state a lead was created in.

        A tracked field starts with the old value of its first tracking, or has never changed.
        Fields that are not tracked are left out.
        """
        unknown = USUALLY_UNTRACKED - self.env['crm.lead']._track_get_fields()
        first = {fname: value for fname, value in known_state.items() if fname not in unknown}
        for event in reversed(events):
            first.update(event['old'])
        if not any('won_status' in event['old'] for event in events):
            first['won_status'] = self._get_backfill_outcome(first, known_state)
        return first

    @api.model
    def _apply_backfill_event(self, state, event, known_state) -> dict[str, Any]:
        """Return the state after an event.

        Before it was a tracked field of its own, winning and losing showed in stage and archive.
        """
        after = {**state, **event['new']}
        if 'won_status' not in event['new'] and event['new'].keys() & {'stage_id', 'active'}:
            after['won_status'] = self._get_backfill_outcome(after, known_state)
        return after

    @api.model
    def _get_backfill_outcome(self, state, known_state) -> str:
        """Return the outcome that stage and archive tell of."""
        won_ids = {stage.id for stage in self.env['crm.stage']._get_scp_stages() if stage.is_won}
        if state['stage_id'] in won_ids:
            return 'won'
        return 'lost' if not state['active'] and known_state['won_status'] == 'lost' else 'pending'

    @api.model
    def _carry_stay(self, before, after, date: datetime) -> dict[str, Any]:
        """Return ``after`` with the moment its running stay began."""
        begins = before['stage_id'] != after['stage_id'] or not is_open(before)
        return {**after, 'entered': date if begins else before['entered']}
