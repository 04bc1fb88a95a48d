from typing import Any

from odoo import api, models, tools
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

    Saving a deal waits for this statement, and planning it takes longer than running it: every
    table it looks at counts. A link to a record that this transaction has deleted would break the
    row, so that each of a dozen links would have to be looked up. Deletions are rare, and
    PostgreSQL counts them: as long as this transaction has deleted nothing from the tables that
    rows link to, all that leads link to is there, and the links are written as they are.
    """

    _inherit = 'scp.lead.log'

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
            if batch[0]['source'] != LogSource.BACKFILL:
                self.env.cr.execute(self._get_insert_query(batch, guarded=False))
                if self.env.cr.rowcount:
                    continue
            self.env.cr.execute(self._get_insert_query(batch, guarded=True))
        self.env['crm.lead'].invalidate_model(['scp_log_ids', 'scp_log_count'], flush=False)

    @api.model
    def _get_insert_query(self, rows: list[dict[str, Any]], *, guarded: bool) -> SQL:
        """Return the statement that appends rows; all have the same keys.

        :param guarded: look every link up, and leave it empty where the record is gone; otherwise
            the statement does nothing if this transaction has deleted any such record
        """
        columns = tuple(
            column for column in rows[0]
            if column not in REASON_COLUMNS or any(row[column] for row in rows)
        )
        before, behind = self._get_insert_clauses(columns, guarded)
        rows = SQL(", ").join(tuple(row[column] for column in columns) for row in rows)
        return SQL("%s (VALUES %s) %s", before, rows, behind)

    @api.model
    @tools.ormcache('columns', 'guarded', cache='stable')
    def _get_insert_clauses(self, columns: tuple[str, ...], guarded: bool) -> tuple[SQL, SQL]:
        """Return what stands before and behind the values in the statement that appends rows.

        Cached: nothing of it depends on the rows, and putting some sixty columns together takes
        longer than all the rest of writing a row.
        """
        expressions = {column: self._get_insert_value(column, guarded) for column in columns}
        expressions['lead_id'] = self._get_insert_link('crm.lead', SQL("v.lead_ref::int"), guarded)
        for column in [column for column in columns if column in REASON_COLUMNS]:
            expressions[REASON_COLUMNS[column]] = SQL(
                "(SELECT name FROM %s WHERE id = v.%s::int)",
                SQL.identifier(self.env[self._fields[column].comodel_name]._table), SQL.identifier(column),
            )
        before = SQL(
            "INSERT INTO scp_lead_log (%s) SELECT %s FROM",
            SQL(", ").join(map(SQL.identifier, expressions)),
            SQL(", ").join(expressions.values()),
        )
        behind = SQL(
            "AS v(%s) WHERE %s",
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL("TRUE") if guarded else self._get_nothing_deleted(),
        )
        return before, behind

    @api.model
    def _get_insert_value(self, column: str, guarded: bool) -> SQL:
        field = self._fields[column]
        # pylint: disable-next=sql-injection # the type is the one the field declares
        value = SQL("v.%s::%s", SQL.identifier(column), SQL(field.column_type[1]))
        if field.type != 'many2one':
            return value
        return self._get_insert_link(field.comodel_name, value, guarded)

    @api.model
    def _get_insert_link(self, model: str, value: SQL, guarded: bool) -> SQL:
        if not guarded:
            return value
        return SQL("(SELECT id FROM %s WHERE id = %s)", SQL.identifier(self.env[model]._table), value)

    @api.model
    def _get_nothing_deleted(self) -> SQL:
        """Return what is true as long as this transaction has deleted nothing that rows link to.

        Without PostgreSQL's counters (they are on by default, autovacuum needs them) nothing is
        known, and it is never true.
        """
        tables = {self.env[field.comodel_name]._table for field in self._fields.values()
                  if field.type == 'many2one' and field.store}
        # a sum, for a subquery would take longer to plan
        return SQL(
            "current_setting('track_counts')::bool AND %s = 0",
            SQL(" + ").join(
                SQL("pg_stat_get_xact_tuples_deleted(%s::regclass)", table) for table in sorted(tables)),
        )
