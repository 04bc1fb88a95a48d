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

        Names and bands of stages and the names of reasons are copied by the statement itself, in
        all languages. What was deleted meanwhile is no longer linked.
        """
        if not rows:
            return
        self.env['crm.stage'].flush_model(['name', 'scp_band'])
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
        insert_into, joined = self._get_insert_clauses(columns, guarded)
        return SQL(
            "%(insert_into)s FROM (VALUES %(rows)s) %(joined)s",
            insert_into=insert_into,
            rows=SQL(", ").join(
                (*(row[column] for column in columns), position)
                for position, row in enumerate(rows)
            ),
            joined=joined,
        )

    @api.model
    @tools.ormcache('columns', 'guarded', cache='stable')
    def _get_insert_clauses(self, columns: tuple[str, ...], guarded: bool) -> tuple[SQL, SQL]:
        """Return what stands before and behind the values in the statement that appends rows.

        Cached: nothing of it depends on the rows, and putting some sixty columns together takes
        longer than all the rest of writing a row.
        """
        expressions = {column: self._get_insert_value(column, guarded) for column in columns} | {
            'lead_id': self._get_insert_link('crm.lead', SQL("v.lead_ref::int"), guarded),
            'stage_from_id': SQL("sf.id"),
            'stage_to_id': SQL("st.id"),
            'stage_from_name': SQL(
                "COALESCE(sf.name, jsonb_build_object('en_US', v.stage_from_name))"),
            'stage_to_name': SQL("COALESCE(st.name, jsonb_build_object('en_US', v.stage_to_name))"),
            'band_from': SQL("sf.scp_band"),
            'band_to': SQL("st.scp_band"),
        }
        joins = []
        for column in [column for column in columns if column in REASON_COLUMNS]:
            expressions[column] = SQL.identifier(column, 'id')
            expressions[REASON_COLUMNS[column]] = SQL.identifier(column, 'name')
            joins.append(SQL(
                "LEFT JOIN %(table)s %(alias)s ON %(alias)s.id = v.%(alias)s::int",
                table=SQL.identifier(self.env[self._fields[column].comodel_name]._table),
                alias=SQL.identifier(column),
            ))
        insert_into = SQL(
            "INSERT INTO scp_lead_log (%(columns)s) SELECT %(expressions)s",
            columns=SQL(", ").join(map(SQL.identifier, expressions)),
            expressions=SQL(", ").join(expressions.values()),
        )
        joined = SQL(
            """
            AS v(%(names)s, position)
     LEFT JOIN crm_stage sf ON sf.id = v.stage_from_id::int
     LEFT JOIN crm_stage st ON st.id = v.stage_to_id::int
            %(reasons)s
         WHERE %(condition)s
      ORDER BY v.position::int
            """,
            names=SQL(", ").join(map(SQL.identifier, columns)),
            reasons=SQL(" ").join(joins),
            condition=SQL("TRUE") if guarded else self._get_nothing_deleted(),
        )
        return insert_into, joined

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
        return SQL(
            """current_setting('track_counts')::bool
           AND NOT EXISTS (SELECT FROM unnest(%s::regclass[]) linked
                            WHERE pg_stat_get_xact_tuples_deleted(linked) > 0)""",
            sorted(tables),
        )
