from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.tools import SQL, split_every

from .scp_lead_log import LOGGED_FIELDS, REASON_FIELDS, LeadChange, LogSource

# Key in cr.precommit.data of what the running transaction did to leads
COLLECTED_KEY = 'crm_scp_core.lead_log'
# Key in the context by which code announces a source
SOURCE_KEY = 'scp_lead_log_source'

# Columns of crm.lead that make up a state: what is logged, and what a row copies beside it
STATE_COLUMNS = (*LOGGED_FIELDS, *REASON_FIELDS, 'name', 'partner_id', 'automated_probability')
# Columns a change of which makes a row
TRIGGER_COLUMNS = frozenset((*LOGGED_FIELDS, *REASON_FIELDS))
# Where a state knows from when the running stay began, and what to do without it
STAY_COLUMNS = ('date_last_stage_update', 'create_date')
# The same as selected by every change of a lead, put together once
SELECTED_COLUMNS = SQL(", ").join(map(SQL.identifier, ('id', *STATE_COLUMNS, *STAY_COLUMNS)))

# Probabilities recomputed by the scoring job are logged when they have moved by this many points
SCORING_STEP = 10.0
SCORING_BATCH_SIZE = 1000


class Actor(NamedTuple):
    """Who changes a lead, and by which way in."""

    user_id: int
    source: LogSource


@dataclass(slots=True)
class PendingChange:
    """A lead changed in the running transaction; ``before`` is None when it was created in it."""

    before: Mapping[str, Any] | None
    date: datetime
    actor: Actor
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Collected:
    """What the running transaction did to leads, by lead: who wrote first, and what changed.

    ``cached`` are the states before of what may change, ``unmet`` the rules of soft gates the
    moves did not meet.
    """

    actors: dict[int, Actor] = field(default_factory=dict)
    cached: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    changes: dict[int, PendingChange] = field(default_factory=dict)
    unmet: dict[int, list[dict[str, Any]]] = field(default_factory=dict)


class CrmLead(models.Model):
    """Writes the lead log.

    Changes are taken where all of them pass, whatever the way in: at the flush to the database
    (``_create``, ``_write_multi``). Computed changes, of which ``write`` knows nothing, pass
    there too. The state before is what the cache holds at the first ``write`` of a transaction,
    for Odoo has loaded it to track changes; otherwise it is read at the first flush that touches a
    logged column. The rows are written once, right before the commit. So one row tells what one
    transaction did to a lead, an import of a thousand leads costs two statements, and what is
    rolled back leaves no trace.
    """

    _inherit = 'crm.lead'

    scp_band = fields.Selection(related='stage_id.scp_band', string="Funnel Band")
    scp_log_ids = fields.One2many(
        'scp.lead.log', 'lead_id', string="History", readonly=True, copy=False,
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor',
    )
    scp_log_count = fields.Integer(
        string="Number of Changes", compute='_compute_scp_log_count',
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor',
    )

    @api.depends('scp_log_ids')
    def _compute_scp_log_count(self):
        counts = dict(self.env['scp.lead.log']._read_group(
            [('lead_id', 'in', self.ids)], ['lead_id'], ['__count']))
        for lead in self:
            lead.scp_log_count = counts.get(lead._origin, 0)

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model
    def load(self, fields, data):
        importing = self.with_context(**{SOURCE_KEY: LogSource.IMPORT})
        return super(CrmLead, importing).load(fields, data)

    @api.model
    def _create(self, data_list):
        leads = super()._create(data_list)
        self._get_scp_collected().changes.update(
            (lead_id, self._prepare_scp_pending(lead_id)) for lead_id in leads.ids)
        return leads

    def write(self, vals):
        # the flush happens later, and in the environment of whoever causes it
        collected = self._get_scp_collected()
        actor = self._get_scp_actor()
        for lead_id in self.ids:
            collected.actors.setdefault(lead_id, actor)
        known = collected.cached.keys() | collected.changes.keys()
        new_ids = [lead_id for lead_id in self.ids if lead_id not in known]
        if new_ids and not vals.keys().isdisjoint(TRIGGER_COLUMNS):
            self.browse(new_ids).with_prefetch(self._prefetch_ids)._load_scp_states()
        collected.cached |= self._get_scp_cached_states(new_ids)
        return super().write(vals)

    def _write_multi(self, vals_list):
        if any(not vals.keys().isdisjoint(STATE_COLUMNS) for vals in vals_list):
            self._collect_scp_pending(vals_list)
        return super()._write_multi(vals_list)

    def unlink(self):
        # what happened to the leads before they go comes first
        self.flush_recordset(list(LOGGED_FIELDS))
        self._finalize_scp_pending(self.ids)
        states = self._read_scp_states(self.ids)
        result = super().unlink()
        actor = self._get_scp_actor()
        self.env['scp.lead.log']._log_changes(
            LeadChange(lead_id, state, None, self.env.cr.now(), *actor)
            for lead_id, state in states.items()
        )
        changes = self._get_scp_collected().changes
        for lead_id in states:
            changes.pop(lead_id, None)
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.readonly
    def action_open_scp_log(self):
        """Open the history of the lead."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_lead_log_action')
        return {
            **action,
            'display_name': self.env._("History of %(lead)s", lead=self.name),
            'domain': [('lead_ref', '=', self.id)],
            'context': {},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _merge_opportunity(self, *args, **kwargs):
        merging = self.with_context(**{SOURCE_KEY: LogSource.MERGE})
        return super(CrmLead, merging)._merge_opportunity(*args, **kwargs).with_env(self.env)

    def _update_automated_probabilities(self):
        result = super()._update_automated_probabilities()
        self._log_scp_probabilities()
        return result

    @api.model
    def _get_scp_collected(self) -> Collected:
        """Return what the running transaction did so far; it is written before its end."""
        precommit = self.env.cr.precommit
        if COLLECTED_KEY not in precommit.data:
            precommit.data[COLLECTED_KEY] = Collected()
            # sudo, no context: the rows do not depend on the environment that happened to flush
            precommit.add(api.Environment(self.env.cr, SUPERUSER_ID, {})[self._name]._finalize_scp_pending)
        return precommit.data[COLLECTED_KEY]

    def _collect_scp_pending(self, vals_list):
        """Take note of column values about to be written.

        :param vals_list: for each lead of ``self`` the columns with their new values
        """
        collected = self._get_scp_collected()
        changes = collected.changes
        begun = [
            lead_id
            for lead_id, vals in zip(self._ids, vals_list, strict=True)
            if lead_id not in changes and not vals.keys().isdisjoint(TRIGGER_COLUMNS)
        ]
        states = {lead_id: state for lead_id in begun if (state := collected.cached.get(lead_id))}
        states |= self._read_scp_states([lead_id for lead_id in begun if lead_id not in states])
        for lead_id, vals in zip(self._ids, vals_list, strict=True):
            if lead_id in states:
                changes[lead_id] = self._prepare_scp_pending(lead_id, states[lead_id])
            if lead_id in changes:
                changes[lead_id].values.update(self._convert_to_scp_state(vals))

    @api.model
    def _prepare_scp_pending(self, lead_id: int, before=None) -> PendingChange:
        actor = self._get_scp_collected().actors.get(lead_id) or self._get_scp_actor()
        return PendingChange(before, self.env.cr.now(), actor)

    @api.model
    def _get_scp_actor(self) -> Actor:
        """Return who makes the changes of this environment, and by which way in."""
        source = self.env.context.get(SOURCE_KEY)
        if not isinstance(source, LogSource):
            is_system = self.env.uid == SUPERUSER_ID
            source = LogSource.SYSTEM if is_system else LogSource.USER
        return Actor(self.env.uid, source)

    @api.model
    def _finalize_scp_pending(self, lead_ids: Collection[int] | None = None):
        """Write the rows of what was collected.

        :param lead_ids: of these leads only; by default of all
        """
        data = self.env.cr.precommit.data
        collected = data.get(COLLECTED_KEY, Collected())
        if lead_ids is None:
            # what comes after is collected anew, also when another hook of the commit causes it
            data.pop(COLLECTED_KEY, None)
            done = collected.changes
        else:
            done = {
                lead_id: collected.changes.pop(lead_id)
                for lead_id in lead_ids if lead_id in collected.changes
            }
            for lead_id in lead_ids:
                collected.cached.pop(lead_id, None)
        created_ids = [lead_id for lead_id, change in done.items() if change.before is None]
        created = self._get_scp_cached_states(created_ids)
        created |= self._read_scp_states([lead_id for lead_id in created_ids if lead_id not in created])
        self.env['scp.lead.log']._log_changes(
            LeadChange(
                lead_id,
                change.before,
                created[lead_id] if change.before is None else {**change.before, **change.values},
                change.date,
                *change.actor,
                unmet=collected.unmet.pop(lead_id, ()),
            )
            for lead_id, change in done.items()
            if change.before is not None or lead_id in created
        )

    def _load_scp_states(self):
        """Have the cache hold what states consist of: what tracking is about to load, for all leads of a loop."""
        # sudo: a state holds what not everybody may read
        leads = self.sudo()
        for fname in (*STATE_COLUMNS, *STAY_COLUMNS):
            cache = self._fields[fname]._get_cache(leads.env)
            if any(lead_id not in cache for lead_id in self._ids):
                leads.mapped(fname)

    @api.model
    def _get_scp_cached_states(self, lead_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Return the states of those leads that the cache holds, and as the database does.

        What waits to be computed or flushed, and what was never loaded, is left to
        ``_read_scp_states``: nothing is read here.
        """
        caches = {}
        for fname in (*STATE_COLUMNS, *STAY_COLUMNS):
            column = self._fields[fname]
            cache = caches[fname] = column._get_cache(self.env)
            dirty = self.env._field_dirty.get(column, ())
            to_compute = self.env.transaction.tocompute.get(column, ())
            lead_ids = [
                lead_id for lead_id in lead_ids
                if lead_id in cache and lead_id not in dirty and lead_id not in to_compute
            ]
            if not lead_ids:
                break
        return {
            lead_id: self._prepare_scp_state({fname: cache[lead_id] for fname, cache in caches.items()})
            for lead_id in lead_ids
        }

    @api.model
    def _read_scp_states(self, lead_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Read the states of leads as they stand in the database.

        :return: by lead the values of ``STATE_COLUMNS`` in column format, and ``entered``, the
            moment the running stay began
        """
        if not lead_ids:
            return {}
        rows = self.env.execute_query_dict(SQL(
            "SELECT %s FROM crm_lead WHERE id IN %s", SELECTED_COLUMNS, tuple(lead_ids)))
        return {row['id']: self._prepare_scp_state(row) for row in rows}

    @api.model
    def _prepare_scp_state(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the state made up by the values of ``STATE_COLUMNS`` and ``STAY_COLUMNS``."""
        entered = next(filter(None, map(values.get, STAY_COLUMNS)), None)
        return {**self._convert_to_scp_state(values), 'entered': entered}

    @api.model
    def _convert_to_scp_state(self, vals: Mapping[str, Any]) -> dict[str, Any]:
        """Return those columns that make up a state, in one form whether read or to be written."""
        state = {}
        for fname in STATE_COLUMNS:
            if fname not in vals:
                continue
            value, field_type = vals[fname], self._fields[fname].type
            if field_type in ('float', 'monetary'):
                # as numeric columns keep them, and far below what anybody would call a change
                value = round(float(value or 0.0), 6)
            elif field_type == 'date':
                value = fields.Date.to_date(value)
            elif field_type == 'boolean':
                value = bool(value)
            state[fname] = value or None if field_type == 'many2one' else value
        return state

    @api.model
    def _log_scp_cleared(self, fname: str, record_ids: Collection[int]):
        """Log that leads lose a link because the records it points to are about to be deleted.

        The database sets such links to null by itself, so that the ORM never hears of it.
        """
        # sudo: leads lose the link whoever deletes the record, and whoever may see them
        leads = self.sudo().with_context(active_test=False).search([(fname, 'in', record_ids)])
        leads.flush_recordset(list(LOGGED_FIELDS))
        self._finalize_scp_pending()
        actor = self._get_scp_actor()
        self.env['scp.lead.log']._log_changes(
            LeadChange(lead_id, state, {**state, fname: None}, self.env.cr.now(), *actor)
            for lead_id, state in self._read_scp_states(leads.ids).items()
        )

    @api.model
    def _log_scp_probabilities(self):
        """Log probabilities the scoring job has moved far since they were last logged.

        The job writes with plain SQL, and to every open lead. One row per lead and night would
        bury the changes made by people, so a lead gets a row only once its probability is
        ``SCORING_STEP`` points from the one logged last. Small shifts are caught up with the
        next row of the lead, which starts from what the database says.
        """
        moved = dict(self.env.execute_query(SQL(
            """
            SELECT lead.id, last.probability_to
              FROM crm_lead lead
      JOIN LATERAL (
                   SELECT log.probability_to
                     FROM scp_lead_log log
                    WHERE log.lead_ref = lead.id
                 ORDER BY log.date DESC, log.id DESC
                    LIMIT 1
                 ) last ON TRUE
             WHERE lead.won_status = 'pending'
               AND abs(lead.probability - last.probability_to) >= %s
            """,
            SCORING_STEP,
        )))
        for lead_ids in split_every(SCORING_BATCH_SIZE, moved, list):
            self.env['scp.lead.log']._log_changes(
                LeadChange(
                    lead_id,
                    {**state, 'probability': moved[lead_id]},
                    state,
                    self.env.cr.now(),
                    self.env.uid,
                    LogSource.SCORING,
                )
                for lead_id, state in self._read_scp_states(lead_ids).items()
            )
