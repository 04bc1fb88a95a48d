from datetime import datetime
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .scp_funnel import Filters, to_plain

#: parts of the waterfall in order, with the sign they carry
PARTS = {
    'created': 1,
    'reassigned_in': 1,
    'reopened': 1,
    'moved_in': 1,
    'increased': 1,
    'decreased': -1,
    'currency': 1,
    'won': -1,
    'lost': -1,
    'archived': -1,
    'deleted': -1,
    'reassigned_out': -1,
    'moved_out': -1,
}

#: columns of the log that make up the state of a deal; those of its index
STATE_COLUMNS = (
    'lead_ref', 'id', 'date', 'direction', 'lead_id', 'type_to', 'won_status_to', 'active_to', 'stage_to_id',
    'band_to', 'amount_to', 'currency_id', 'deadline_to', 'company_id', 'team_from_id', 'team_to_id',
    'owner_from_id', 'owner_to_id',
)


class ScpFunnel(models.AbstractModel):
    """The pipeline at any moment, and what made the difference between two moments.

    The state of a deal at a moment is its last row of the log before it; nothing is copied at
    night. Deleted deals count until their deletion. Amounts are valued at the exchange rate of the
    day in question, rounded deal by deal: parts add up to the cent.
    """

    _inherit = 'scp.funnel'

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_pipeline(self, filters: dict | None = None) -> dict[str, Any]:
        """Return the open deals at the end of the day ``date_to``, by default now.

        :return: ``date``, ``currency_id``, cells ``count`` and ``value``, and ``steps``: by band
            or stage ``key`` (False for a deleted stage), ``label`` and the same cells
        :raise UserError: for a day to come
        """
        parsed = self._parse_filters(filters)
        self._check_past(parsed)
        column = SQL("state.stage_to_id" if parsed.by == 'stage' else "state.band_to")
        rows = {
            key or False: (count, float(value))
            for key, count, value in self.env.execute_query(SQL(
                "SELECT %s, count(*), sum(state.value) FROM (%s) state WHERE %s GROUP BY 1",
                column, self._get_states_query(parsed, parsed.end),
                self._get_member_condition(parsed, SQL.identifier('state'))))
        }
        steps = [(step.key, step.label) for step in self._get_steps(parsed) if not step.is_won]
        deleted = [(key, self.env._("Deleted Stage")) for key in rows.keys() - {key for key, _label in steps}]

        def prepare(count, value, **key):
            return {
                'count': self._get_cell(parsed, count, 'pipeline', 'open', **key),
                'value': self._get_cell(parsed, value, 'pipeline', 'open', **key),
            }

        return {
            'date': fields.Datetime.to_string(parsed.end or self.env.cr.now()),
            'currency_id': self._get_currency().id,
            **prepare(sum(count for count, _value in rows.values()), sum(value for _count, value in rows.values())),
            'steps': [
                {'key': key, 'label': label, **prepare(*rows.get(key, (0, 0.0)), key=key)}
                for key, label in [*steps, *deleted]
            ],
        }

    @api.model
    @api.readonly
    def get_waterfall(self, filters: dict | None = None) -> dict[str, Any]:
        """Return what led from the pipeline at the start of ``date_from`` to that at the end of ``date_to``.

        ``date_from`` is required, ``date_to`` is today by default. What enters counts with its
        value at the end and what leaves with its last value visible in the filter, so that a
        deal both created and won in the period shows as both.

        :return: ``currency_id``, cells ``start`` and ``end`` with ``count``, and ``parts`` in
            order: ``key``, ``label``, ``sign``, ``count`` and a cell, its ``value`` signed;
            start + all parts = end, to the smallest unit of the currency
        :raise UserError: for a day to come, or without ``date_from``
        """
        parsed = self._parse_waterfall(filters)
        columns = [SQL("sum(flow.start_value)"), SQL("sum(flow.end_value)")]
        columns += [SQL("count(*) FILTER (WHERE flow.%s)", SQL.identifier(side)) for side in ('was_in', 'is_in')]
        conditions = self._get_flow_conditions()
        for part in PARTS:
            columns.append(SQL("sum(%s) FILTER (WHERE %s)", self._get_flow_value(part), conditions[part]))
            columns.append(SQL("count(*) FILTER (WHERE %s)", conditions[part]))
        [[start, end, start_count, end_count, *parts]] = self.env.execute_query(SQL(
            "SELECT %s FROM (%s) flow", SQL(", ").join(columns), self._get_flow_query(parsed)))
        labels = self._get_part_labels()
        return {
            'currency_id': self._get_currency().id,
            'start': {**self._get_cell(parsed, float(start or 0), 'waterfall', 'start'), 'count': start_count},
            'parts': [
                {
                    'key': part, 'label': labels[part], 'sign': sign, 'count': count,
                    **self._get_cell(parsed, sign * float(value or 0), 'waterfall', part),
                }
                for (part, sign), value, count in zip(PARTS.items(), parts[::2], parts[1::2], strict=True)
            ],
            'end': {**self._get_cell(parsed, float(end or 0), 'waterfall', 'end'), 'count': end_count},
        }

    @api.model
    @api.readonly
    def get_slippage(self, filters: dict | None = None) -> dict[str, Any]:
        """Return how much of what was to close in the period was put off, and who pushes dates.

        :return: ``currency_id``, cells ``expected`` (open at the start, to close in the period)
            and ``slipped`` (of these, open at the end and to close later or without a date),
            ``rate`` = slipped / expected by value or None; and ``users``, most pushes first:
            ``key``, ``label``, cells ``pushes`` and ``deals`` (over the lead log), and ``mean_days``
            of the pushes
        :raise UserError: for a day to come, or without ``date_from``
        """
        parsed = self._parse_waterfall(filters)
        conditions = self._get_flow_conditions()
        [[expected, slipped]] = self.env.execute_query(SQL(
            "SELECT sum(flow.start_value), sum(flow.start_value) FILTER (WHERE %s) FROM (%s) flow",
            conditions['slipped'], self._get_flow_query(self._get_due_filters(parsed))))
        expected, slipped = float(expected or 0), float(slipped or 0)
        return {
            'currency_id': self._get_currency().id,
            'expected': self._get_cell(parsed, expected, 'slippage', 'start'),
            'slipped': self._get_cell(parsed, slipped, 'slippage', 'slipped'),
            'rate': slipped / expected if expected else None,
            'users': self._read_pushes(parsed),
        }

    @api.model
    def _get_part_labels(self) -> dict[str, str]:
        _ = self.env._
        return {
            'created': _("Created"), 'reassigned_in': _("Handed In"), 'reopened': _("Reopened"),
            'moved_in': _("Moved In"), 'increased': _("Increased"), 'decreased': _("Decreased"),
            'currency': _("Currency"), 'won': _("Won"), 'lost': _("Lost"), 'archived': _("Archived"),
            'deleted': _("Deleted"), 'reassigned_out': _("Handed Out"), 'moved_out': _("Moved Out"),
        }

    # ------------------------------------------------------------
    # FILTERS
    # ------------------------------------------------------------

    @api.model
    def _parse_waterfall(self, filters) -> Filters:
        parsed = self._parse_filters(filters)
        if not parsed.start:
            raise UserError(self.env._("A waterfall needs the day it starts from (date_from)."))
        self._check_past(parsed)
        return parsed._replace(end=parsed.end or self._get_tomorrow())

    @api.model
    def _get_due_filters(self, filters: Filters) -> Filters:
        """Restrict filters to the deals that are to close in their own period."""
        return filters._replace(
            deadline_from=fields.Date.to_date(filters.raw['date_from']),
            deadline_to=self._get_last_day(filters.end))

    @api.model
    def _check_past(self, filters: Filters):
        """Refuse days to come."""
        tomorrow = self._get_tomorrow()
        for key, is_future in (
            ('date_from', filters.start and filters.start >= tomorrow),
            ('date_to', filters.end and filters.end > tomorrow),
        ):
            if is_future:
                raise UserError(self.env._(
                    "%(filter)s (%(day)s) lies in the future: the pipeline of a day to come is not known yet.",
                    filter=key, day=filters.raw[key]))

    @api.model
    def _get_tomorrow(self) -> datetime:
        """Return the first moment after the reader's today."""
        today = fields.Datetime.context_timestamp(self, self.env.cr.now()).date()
        return self._get_moment(fields.Date.add(today, days=1))

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    @api.model
    def _get_states_query(self, filters: Filters, moment: datetime | None = None) -> SQL:
        """Return the state of every deal at a moment, one row per lead the log knows by then.

        Columns: those of the log named in ``STATE_COLUMNS``; ``status`` (open, won, lost,
        archived, deleted), ``is_deal`` (an opportunity), ``in_scope`` (within the filters and
        what the reader may see), ``in_window`` (expected to close in the days asked for) and
        ``value`` (at the rate of the day).

        :param moment: the first one not to count, naive in UTC; by default now
        """
        rates = self._get_rates(moment)
        rows = SQL(
            """(SELECT DISTINCT ON (lead_ref) %s
                  FROM scp_lead_log
                 WHERE %s
              ORDER BY lead_ref DESC, date DESC, id DESC)""",
            SQL(", ").join(map(SQL.identifier, STATE_COLUMNS)),
            SQL("date < %s", moment) if moment else SQL("TRUE"))
        from_clause, in_scope = self._get_scope_of_rows(
            rows, self._get_domain(filters, team='team_to_id', user='owner_to_id'))
        return SQL(
            """
            SELECT %(columns)s,
                   %(in_scope)s AS in_scope,
                   %(in_window)s AS in_window,
                   scp_lead_log.type_to IS NOT DISTINCT FROM 'opportunity' AS is_deal,
                   CASE WHEN scp_lead_log.direction = 'delete' THEN 'deleted'
                        WHEN scp_lead_log.won_status_to IN ('won', 'lost') THEN scp_lead_log.won_status_to
                        WHEN scp_lead_log.active_to THEN 'open'
                        ELSE 'archived' END AS status,
                   %(value)s AS value
              FROM %(from_clause)s
            """,
            columns=SQL(", ").join(SQL.identifier('scp_lead_log', column) for column in STATE_COLUMNS),
            in_scope=SQL("(%s)", in_scope),
            in_window=self._get_window(SQL("scp_lead_log.deadline_to"), filters),
            value=self._get_value(SQL("scp_lead_log.amount_to"), SQL("scp_lead_log.currency_id"), rates),
            from_clause=from_clause,
        )

    @api.model
    def _get_window(self, deadline: SQL, filters: Filters) -> SQL:
        parts = []
        if filters.deadline_from:
            parts.append(SQL("%s >= %s", deadline, filters.deadline_from))
        if filters.deadline_to:
            parts.append(SQL("%s <= %s", deadline, filters.deadline_to))
        return SQL("COALESCE(%s, FALSE)", SQL(" AND ").join(parts)) if parts else SQL("TRUE")

    @api.model
    def _get_member_condition(self, filters: Filters, state: SQL) -> SQL:
        """Return the condition that a state is that of an open deal of the pipeline asked for."""
        return SQL("(%(s)s.is_deal AND %(s)s.in_scope AND %(s)s.in_window AND %(s)s.status = 'open')", s=state)

    # ------------------------------------------------------------
    # FLOW
    # ------------------------------------------------------------

    @api.model
    def _get_flow_query(self, filters: Filters) -> SQL:
        """Return one row per deal that was, or came, in the pipeline of the filters.

        Columns: ``id`` (number of the lead), ``was_in``, ``is_in``, ``entered`` and ``exited``
        (part by which it came or left, or NULL), ``start_value``, ``end_value``, ``flow_in``,
        ``flow_out``, ``change`` (of the amount, at the rate of the end), ``currency`` (what the
        rates did to the amount of the start), ``end_deadline`` and ``end_status``. For every row
        start_value + flow_in + change + currency - flow_out = end_value.
        """
        start, end = SQL.identifier('s'), SQL.identifier('e')
        revalued = self._get_value(SQL("s.amount_to"), SQL("s.currency_id"), self._get_rates(filters.end))
        return SQL(
            """
            SELECT deal.*,
                   CASE WHEN deal.entered IS NOT NULL THEN deal.last_value ELSE 0 END AS flow_in,
                   CASE WHEN deal.exited IS NULL THEN 0
                        WHEN deal.is_visible THEN deal.last_value ELSE deal.start_value END AS flow_out,
                   CASE WHEN deal.was_in AND deal.is_visible
                        THEN deal.last_value - deal.revalued ELSE 0 END AS change,
                   CASE WHEN deal.was_in AND deal.is_visible
                        THEN deal.revalued - deal.start_value ELSE 0 END AS currency
              FROM (
                SELECT COALESCE(e.lead_ref, s.lead_ref) AS id,
                       side.was_in, side.is_in, e.value AS last_value, %(revalued)s AS revalued,
                       e.deadline_to AS end_deadline, e.status AS end_status,
                       (e.in_scope AND e.is_deal) AS is_visible,
                       CASE WHEN side.was_in THEN s.value ELSE 0 END AS start_value,
                       CASE WHEN side.is_in THEN e.value ELSE 0 END AS end_value,
                       CASE WHEN side.was_in THEN NULL
                            WHEN s.lead_ref IS NULL OR NOT s.is_deal THEN 'created'
                            WHEN NOT s.in_scope THEN 'reassigned_in'
                            WHEN s.status != 'open' THEN 'reopened'
                            ELSE 'moved_in' END AS entered,
                       CASE WHEN side.is_in THEN NULL
                            WHEN e.status = 'deleted' THEN 'deleted'
                            WHEN NOT e.in_scope THEN 'reassigned_out'
                            WHEN NOT e.is_deal THEN 'archived'
                            WHEN e.status != 'open' THEN e.status
                            ELSE 'moved_out' END AS exited
                  FROM (%(states_start)s) s
             FULL JOIN (%(states_end)s) e ON e.lead_ref = s.lead_ref
        CROSS JOIN LATERAL (SELECT COALESCE(%(was_in)s, FALSE) AS was_in, COALESCE(%(is_in)s, FALSE) AS is_in) side
                 WHERE side.was_in OR side.is_in
                    -- came and was closed within the period
                    OR e.is_deal AND e.in_scope AND e.in_window AND e.status IN ('won', 'lost', 'archived')
                       AND (s.lead_ref IS NULL OR NOT s.is_deal OR s.status != e.status)
              ) deal
            """,
            revalued=revalued,
            states_start=self._get_states_query(filters, filters.start),
            states_end=self._get_states_query(filters, filters.end),
            was_in=self._get_member_condition(filters, start),
            is_in=self._get_member_condition(filters, end),
        )

    @api.model
    def _get_flow_conditions(self) -> dict[str, SQL]:
        """Return what makes a row of ``flow`` count for a figure."""
        conditions = {'start': SQL("flow.was_in"), 'end': SQL("flow.is_in")}
        for part, sign in PARTS.items():
            conditions[part] = SQL("flow.%s = %s", SQL("entered" if sign > 0 else "exited"), part)
        return {
            **conditions,
            'increased': SQL("flow.change > 0"),
            'decreased': SQL("flow.change < 0"),
            'currency': SQL("flow.currency != 0"),
            'slipped': SQL("flow.was_in AND flow.exited = 'moved_out'"),
        }

    @api.model
    def _get_flow_value(self, part: str) -> SQL:
        """Return the column a part adds up, without its sign."""
        special = {'increased': SQL("flow.change"), 'decreased': SQL("-flow.change"), 'currency': SQL("flow.currency")}
        return special.get(part) or SQL("flow.flow_in" if PARTS[part] > 0 else "flow.flow_out")

    @api.model
    def _read_pushes(self, filters: Filters) -> list[dict[str, Any]]:
        """Return by owner how often and how far expected closings were put off in the period."""
        query = self.env['scp.lead.log']._search(self._get_push_domain(filters))
        rows = self.env.execute_query(SQL(
            """SELECT owner_to_id, count(*), count(DISTINCT lead_ref), avg(deadline_shift)
                 FROM (%s) push GROUP BY 1 ORDER BY 2 DESC, 1""",
            query.select(
                SQL("scp_lead_log.owner_to_id"), SQL("scp_lead_log.lead_ref"), SQL("scp_lead_log.deadline_shift"))))
        labels = self._get_group_labels('user', [user_id for user_id, *_figures in rows])
        return [self._prepare_pushes(filters, labels, *row) for row in rows]

    @api.model
    def _prepare_pushes(self, filters: Filters, labels, user_id, pushes, deals, mean) -> dict[str, Any]:
        domain = self._get_push_domain(filters) & Domain('owner_to_id', '=', user_id or False)
        cell = {'model': 'scp.lead.log', 'domain': to_plain(domain)}
        return {
            'key': user_id or False,
            'label': labels[user_id or False],
            'pushes': {**cell, 'value': pushes, 'context': {'create': False}},
            'deals': {**cell, 'value': deals, 'context': {'create': False, 'group_by': ['lead_id']}},
            'mean_days': float(mean),
        }

    @api.model
    def _get_push_domain(self, filters: Filters) -> Domain:
        """Return the rows of the log by which expected closings were put off."""
        return (
            self._get_domain(filters, team='team_to_id', user='owner_to_id')
            & Domain('deadline_shift', '>', 0) & Domain('type_to', '=', 'opportunity')
            & Domain('date', '>=', filters.start) & Domain('date', '<', filters.end)
        )

    # ------------------------------------------------------------
    # CELLS
    # ------------------------------------------------------------

    @api.model
    def _get_cell_methods(self):
        return {
            **super()._get_cell_methods(),
            'pipeline': self._get_pipeline_cell,
            'waterfall': self._get_waterfall_cell,
            'slippage': self._get_slippage_cell,
        }

    @api.model
    def _get_pipeline_cell(self, filters: dict, measure: str, key=None) -> SQL:
        """Return the leads behind a figure of ``get_pipeline``."""
        filters = self._parse_filters(filters)
        condition = self._get_condition(
            {'open': self._get_member_condition(filters, SQL.identifier('state'))}, measure)
        if key is not None:
            column = SQL("state.stage_to_id" if filters.by == 'stage' else "state.band_to")
            condition = SQL("%s AND %s IS NOT DISTINCT FROM %s", condition, column, key or None)
        return SQL("SELECT state.lead_ref FROM (%s) state WHERE %s",
                   self._get_states_query(filters, filters.end), condition)

    @api.model
    def _get_waterfall_cell(self, filters: dict, measure: str) -> SQL:
        """Return the leads behind a figure of ``get_waterfall``."""
        filters = self._parse_waterfall(filters)
        condition = self._get_condition(self._get_flow_conditions(), measure)
        return SQL("SELECT flow.id FROM (%s) flow WHERE %s", self._get_flow_query(filters), condition)

    @api.model
    def _get_slippage_cell(self, filters: dict, measure: str) -> SQL:
        """Return the leads behind a figure of ``get_slippage``."""
        filters = self._get_due_filters(self._parse_waterfall(filters))
        condition = self._get_condition(self._get_flow_conditions(), measure)
        return SQL("SELECT flow.id FROM (%s) flow WHERE %s", self._get_flow_query(filters), condition)
