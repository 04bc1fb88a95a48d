import json
from collections.abc import Callable
from typing import Any

from odoo import api, models
from odoo.tools import SQL, split_every

from .scp_lead_log import LogSource

INSERT_BATCH_SIZE = 500

# Links to what a deal was won or lost by -> the column their name is copied to. Most rows have none.
REASON_COLUMNS = {
    'lost_reason_id': 'lost_reason_name',
    'won_reason_id': 'won_reason_name',
    'competitor_id': 'competitor_name',
}


class ScpLeadLog(models.Model):
    """Writes the rows of the log.

    Saving a deal waits for this statement, and to plan one of sixty columns takes longer than to
    run it: the database keeps it in a function, planned once per connection.

    A link to a record that this transaction has deleted would break the row, so that each of a
    dozen links would have to be looked up. Deletions are rare, and PostgreSQL counts them: as long
    as this transaction has deleted nothing from the tables that rows link to, all that leads link
    to is there, and the links are written as they are.
    """

    _inherit = 'scp.lead.log'

    def init(self):
        self.env.cr.execute(self._get_append_function())
        return super().init()

    @api.model
    def _insert_rows(self, rows: list[dict[str, Any]]):
        """Append rows: the only way into the table.

        The names of reasons are copied by the statement itself, in all languages. What was deleted
        meanwhile is no longer linked.
        """
        if not rows:
            return
        for column in REASON_COLUMNS:
            self.env[self._fields[column].comodel_name].flush_model(['name'])
        for batch in split_every(INSERT_BATCH_SIZE, rows, list):
            # what is reconstructed may link to what was deleted long ago
            reconstructed = batch[0]['source'] == LogSource.BACKFILL
            self.env.cr.execute(SQL(
                "SELECT scp_lead_log_append(NULL, %s, %s)", json.dumps(batch, default=str), reconstructed))
        self.env['crm.lead'].invalidate_model(['scp_log_ids', 'scp_log_count'], flush=False)

    @api.model
    def _get_append_function(self) -> SQL:
        """Return the statement that makes the function by which rows come into the table.

        Its first argument is a row of the table: so the function goes with the table.
        """
        return SQL(
            """
            CREATE OR REPLACE FUNCTION scp_lead_log_append(blank scp_lead_log, logged json, look_up boolean)
            RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
                IF look_up OR NOT (%s) THEN %s; ELSE %s; END IF;
            END $$
            """,
            self._get_nothing_deleted(),
            self._get_insert(self._get_existing),
            self._get_insert(lambda model, value: value),
        )

    @api.model
    def _get_insert(self, get_link: Callable[[str, SQL], SQL]) -> SQL:
        """Return the statement that appends rows given as JSON, an object a row.

        :param get_link: returns what is written of a link to a model, from its value in the row
        """
        expressions = {}
        for name, field in self._fields.items():
            if not field.store or name == 'id':
                continue
            value = SQL("v.%s", SQL.identifier('lead_ref' if name == 'lead_id' else name))
            expressions[name] = get_link(field.comodel_name, value) if field.type == 'many2one' else value
        for column, name in REASON_COLUMNS.items():
            table = self.env[self._fields[column].comodel_name]._table
            expressions[name] = SQL(
                "(SELECT name FROM %s WHERE id = v.%s)", SQL.identifier(table), SQL.identifier(column))
        return SQL(
            "INSERT INTO scp_lead_log (%s) SELECT %s FROM json_populate_recordset(blank, logged) v",
            SQL(", ").join(map(SQL.identifier, expressions)),
            SQL(", ").join(expressions.values()),
        )

    @api.model
    def _get_existing(self, model: str, value: SQL) -> SQL:
        return SQL("(SELECT id FROM %s WHERE id = %s)", SQL.identifier(self.env[model]._table), value)

    @api.model
    def _get_nothing_deleted(self) -> SQL:
        """Return what is true as long as this transaction has deleted nothing that rows link to.

        Without PostgreSQL's counters (they are on by default, autovacuum needs them) nothing is
        known, and it is never true.
        """
        tables = {self.env[field.comodel_name]._table for field in self._fields.values()
                  if field.type == 'many2one' and field.store}
        return SQL(
            "current_setting('track_counts')::bool AND %s = 0",
            SQL(" + ").join(
                SQL("pg_stat_get_xact_tuples_deleted(%s::regclass)", table) for table in sorted(tables)),
        )
