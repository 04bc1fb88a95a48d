from typing import Any

from odoo import api, models
from odoo.tools import SQL

from .funnel_rules import OPEN_BANDS
from .scp_funnel import Filters, Step

SECONDS_PER_DAY = 86400.0
QUANTILES = (0.5, 0.75, 0.9)
MATURE_QUANTILE = 0.9

# An open deal is dead once it stays twice as long as three in four won deals stayed there, where
# so many were won that this can be told
DEAD_QUANTILE, DEAD_FACTOR, DEAD_MIN_DEALS = 0.75, 2, 20

MEASURES = ('entered', 'mature', 'moved', 'immature', 'decided', 'won', 'lost', 'open', 'skipped', 'leaked', 'dead')


class ScpFunnel(models.AbstractModel):
    """Conversion: who came to a step, who went on, who was won, and how long it took.

    The unit is the opportunity that exists today, lost and archived ones included, by the team and
    owner it has today. Its dates come from the log; a win that was taken back is none. A deal
    belongs to the cohort of the day it first came to a step.

    A cohort counts only where its outcome is known: a deal is *mature* for the next step when it
    is closed, or older than nine in ten were when they left the step; and for the win when it is
    closed, or older than nine in ten were at their close. What is not mature is given apart.
    """

    _inherit = 'scp.funnel'

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_conversion(self, filters: dict | None = None) -> dict[str, Any]:
        """Return the funnel of the deals that first came to a step in the period.

        :return: ``rule``, ``by``, ``currency_id`` and ``steps``, top first; each step with

            - ``key`` (band, or id of the stage), ``label``, ``band``, ``is_won``
            - cells ``entered``, and ``value`` of them (expected revenue of today)
            - cells ``mature``, ``moved`` (of the mature ones) and ``immature``; ``lost`` and ``open``
              by what became of the deals until today
            - ``next``: {'n', 'rate', 'smoothed'} to the next step, of the mature deals
            - cells ``decided`` (mature for the win) and ``won`` of them
            - ``win``: {'n', 'rate', 'smoothed'}, the cumulative conversion to won
            - cell ``skipped`` (won or lost, and seen in later steps only), and ``skip``:
              {'n', 'rate', 'smoothed'} of the closed ones; no data by the strict rule
            - ``cumulative``: product of ``next.rate`` from the first step to this one; None without data,
              and by stage over several teams with stages of their own
            - cells ``leaked`` (lost or archived while standing in the step) and ``dead`` (open, and
              there for twice as long as three in four won deals were; none below 20 won deals),
              ``leaked_value`` and ``dead_value``, and ``leakage``: their share of ``value``
            - ``days_to_leave`` and ``days_to_win``: {'n', 'p50', 'p75', 'p90'} in days by the
              clock, of all deals that did spend time there, whatever the period (of a young
              cohort only the quick ones have left); the latter of won deals, to the win; cell
              ``left``, the deals of the former
        """
        parsed = self._parse_filters(filters)
        steps = self._get_steps(parsed)
        figures = self._read_step_figures(parsed, steps)
        # across the stages of several teams there is no chain to multiply along
        pipelines = {step.team_ids for step in steps if step.team_ids}
        result, cumulative = [], 1.0 if len(pipelines) < 2 else None
        for row, step in zip(figures, steps, strict=True):
            counts = {measure: row[measure] for measure in MEASURES}
            entered_value, leaked_value, dead_value = (
                float(row[f'{measure}_value']) for measure in ('entered', 'leaked', 'dead'))
            following = None if step.is_won else self._get_share(counts['moved'], counts['mature'])
            result.append({
                'key': step.key, 'label': step.label, 'band': step.band, 'is_won': step.is_won,
                **{
                    measure: self._get_cell(parsed, count, 'conversion', measure, key=step.key)
                    for measure, count in counts.items()
                },
                **{
                    name: self._get_cell(parsed, value, 'conversion', measure, key=step.key)
                    for name, measure, value in (
                        ('value', 'entered', entered_value),
                        ('leaked_value', 'leaked', leaked_value),
                        ('dead_value', 'dead', dead_value),
                    )
                },
                'leakage': (leaked_value + dead_value) / entered_value if entered_value else None,
                'next': following,
                'win': self._get_share(counts['won'], counts['decided']),
                'skip': self._get_skip(parsed, step, counts),
                'cumulative': cumulative,
                'left': self._get_cell(parsed, row['leave_n'], 'conversion', 'left', key=step.key),
                'days_to_leave': self._get_quantiles(row, 'leave'),
                'days_to_win': self._get_quantiles(row, 'win'),
            })
            if cumulative is not None and following:
                cumulative = None if following['rate'] is None else cumulative * following['rate']
        return {
            'rule': parsed.rule, 'by': parsed.by,
            'currency_id': self._get_currency().id, 'steps': result,
        }

    @api.model
    def _get_band_figures(self, filters: Filters | None = None) -> dict[str, dict[str, Any]]:
        """Return by band what planning needs to know of it, from all deals of the filters.

        :return: by band, top to bottom: ``n`` deals whose outcome is known, ``won`` of them,
            ``p`` the smoothed win probability (None without data), ``n_days`` won deals and
            ``days``, the median days from first entry into the band to the win (or None)
        """
        filters = (filters or self._parse_filters({}))._replace(by='band')
        steps = self._get_steps(filters)
        figures = self._read_step_figures(filters, steps)
        result = {}
        for row, step in zip(figures, steps, strict=True):
            quantiles = self._get_quantiles(row, 'win')
            result[step.key] = {
                'n': row['decided'], 'won': row['won'],
                'p': self._get_share(row['won'], row['decided'])['smoothed'],
                'n_days': quantiles['n'], 'days': quantiles['p50'],
            }
        return result

    @api.model
    def _get_skip(self, filters: Filters, step: Step, counts) -> dict[str, Any] | None:
        """Return the share of closed deals that jumped over a step; None where nobody can."""
        if step.is_won:
            return None
        closed = counts['won'] + counts['lost'] if filters.rule == 'reached' else 0
        return self._get_share(counts['skipped'], closed)

    @api.model
    def _get_quantiles(self, row, name: str) -> dict[str, Any]:
        quantiles = row[name] or (None,) * len(QUANTILES)
        return {
            'n': row[f'{name}_n'],
            **{f'p{quantile * 100:.0f}': days for quantile, days in zip(QUANTILES, quantiles, strict=True)},
        }

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    def _get_deals_query(self, filters: Filters, steps: list[Step]) -> SQL:
        """Return one row per opportunity in scope, whatever the period.

        Columns: ``id``, ``team_id``, ``won_status``, ``is_open``, ``step`` (band or stage it stands
        in, or was closed in), ``since`` (its last stay began), ``value``, ``closed`` (moment it was
        won, lost or archived, NULL while open), and for every step ``first_<rank>``, the moment it
        first stood in it; of a won step, the moment of the win that stands. By stage also
        ``gone_<band>``, the same of deleted stages.
        """
        by_stage = filters.by == 'stage'
        column = SQL("log.stage_to_id" if by_stage else "log.band_to")
        firsts = {
            f'first_{rank}': SQL("min(log.date) FILTER (WHERE %s = %s)", column, step.key)
            for rank, step in enumerate(steps) if not step.is_won
        }
        if by_stage:
            firsts |= {
                f'gone_{band}': SQL(
                    "min(log.date) FILTER (WHERE log.stage_to_id IS NULL AND log.band_to = %s)", band)
                for band in OPEN_BANDS
            }
        passed = [SQL.identifier('entry', name) for name in firsts] + [
            SQL("CASE WHEN lead.won_status = 'won' AND %s THEN entry.closed END AS %s",
                SQL("lead.stage_id = %s", step.key) if by_stage else SQL("TRUE"),
                SQL.identifier(f'first_{rank}'))
            for rank, step in enumerate(steps) if step.is_won
        ]
        return SQL(
            """
            SELECT lead.id, lead.team_id, lead.won_status,
                   (lead.active AND lead.won_status = 'pending') AS is_open, %(value)s AS value,
                   %(step)s AS step, entry.since,
                   CASE WHEN NOT lead.active OR lead.won_status != 'pending' THEN entry.closed END AS closed,
                   %(passed)s
              FROM %(scope)s lead
         LEFT JOIN res_company company ON company.id = lead.company_id
         LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
              JOIN (SELECT log.lead_ref,
                           max(log.date) FILTER (WHERE log.opens_stay) AS since,
                           max(log.date) FILTER (WHERE log.direction IN ('won', 'lost', 'archive')
                               OR log.direction = 'enter' AND log.won_status_to != 'pending') AS closed,
                           %(firsts)s
                      FROM (SELECT lead_ref, date, direction, won_status_to, stage_to_id, band_to, opens_stay
                              FROM scp_lead_log
                             WHERE type_to = 'opportunity'
                               -- in the order of its index, which spares hashing all of the log
                          ORDER BY lead_ref, date, id) log
                  GROUP BY log.lead_ref) entry ON entry.lead_ref = lead.id
            """,
            value=self._get_value(
                SQL("lead.expected_revenue"),
                SQL("COALESCE(company.currency_id, %s)", self.env['res.company']._get_scp_frame(None).currency_id),
                self._get_rates()),
            firsts=SQL(", ").join(
                SQL("%s AS %s", first, SQL.identifier(name)) for name, first in firsts.items()),
            step=SQL("lead.stage_id" if by_stage else "stage.scp_band"),
            passed=SQL(", ").join(passed),
            scope=self._get_scope(
                self._get_domain(filters), 'team_id', 'company_id', 'won_status', 'active', 'stage_id',
                'expected_revenue'),
        )

    @api.model
    def _get_passages_query(self, filters: Filters, steps: list[Step]) -> SQL:
        """Return one row per opportunity in scope, whatever the period.

        Columns of ``_get_deals_query`` but its ``first_`` ones, and for every step
        ``entered_<rank>`` (moment it first came to the step), ``moved_<rank>`` (to a next one) and
        ``gone_<rank>`` (left the step, by moving on or by being closed), NULL where it has not;
        and ``skipped_<rank>``, whether it never stood in the step itself.
        """
        get_passage = self._get_reached if filters.rule == 'reached' else self._get_strict
        columns = []
        for rank in range(len(steps)):
            entered, moved = get_passage(steps, rank, filters)
            columns += [
                SQL("%s AS %s", entered, SQL.identifier(f'entered_{rank}')),
                SQL("%s AS %s", moved, SQL.identifier(f'moved_{rank}')),
                SQL("LEAST(%s, deal.closed) AS %s", moved, SQL.identifier(f'gone_{rank}')),
                SQL("%s IS NULL AS %s", SQL.identifier('deal', f'first_{rank}'), SQL.identifier(f'skipped_{rank}')),
            ]
        return SQL(
            """
            SELECT deal.id, deal.team_id, deal.won_status, deal.is_open,
                   deal.value, deal.closed, deal.step, deal.since, %s
              FROM (%s) deal
            """,
            SQL(", ").join(columns), self._get_deals_query(filters, steps))

    @api.model
    def _get_strict(self, steps: list[Step], rank: int, filters: Filters) -> tuple[SQL, SQL]:
        """Return the moments a deal stood in the step itself, and in the next one itself."""
        return self._get_first([rank]), self._get_first(steps[rank].next)

    @api.model
    def _get_reached(self, steps: list[Step], rank: int, filters: Filters) -> tuple[SQL, SQL]:
        """Return the moments a deal stood in the step or any later one, and in any later one.

        Of a deleted stage the band is known: to have stood in it means to have reached the stages
        of the bands before it and the first stage of its own.
        """
        step = steps[rank]
        beyond = set()
        if filters.by == 'stage':
            beyond.update(*(self._get_bands_beyond(steps, later) for later in step.later))
        moved = self._get_first(step.later, beyond)
        if filters.by == 'stage':
            beyond |= self._get_bands_beyond(steps, rank)
        entered = self._get_first([rank, *step.later], beyond)
        if step.team_ids:
            # deals of other teams do not pass here on their way
            applies = SQL("deal.team_id IN %s", step.team_ids)
            entered = SQL("CASE WHEN %s THEN %s ELSE %s END", applies, entered, self._get_first([rank]))
        return entered, moved

    @api.model
    def _get_bands_beyond(self, steps: list[Step], rank: int) -> set[str]:
        """Return the bands whose deleted stages lie at a stage or behind it."""
        step = steps[rank]
        if step.is_won:
            return set()
        is_first = not any(other.band == step.band for other in steps[:rank])
        place = OPEN_BANDS.index(step.band) if step.band in OPEN_BANDS else len(OPEN_BANDS)
        return set(OPEN_BANDS[place + (not is_first):])

    @api.model
    def _get_first(self, ranks, gone_bands=()) -> SQL:
        """Return the first of the moments a deal stood in the steps, or in deleted stages."""
        columns = [f'first_{rank}' for rank in ranks] + [f'gone_{band}' for band in sorted(gone_bands)]
        if not columns:
            return SQL("NULL::timestamp")
        return SQL("LEAST(%s)", SQL(", ").join(SQL.identifier('deal', name) for name in columns))

    @api.model
    def _get_step_conditions(self, filters: Filters, rank: int, step: Step) -> dict[str, SQL]:
        """Return by measure what makes a row of ``deal``, joined with ``age``, count at a step."""
        entered, moved = SQL.identifier('deal', f'entered_{rank}'), SQL.identifier('deal', f'moved_{rank}')
        period = self._get_period(entered, filters)
        mature, decided = (
            SQL("%s AND (deal.closed IS NOT NULL OR COALESCE(%s < %s, FALSE))",
                period, entered, SQL.identifier('age', f'{name}_{rank}'))
            for name in ('mature_since', 'decided_since')
        )
        return {
            'entered': period,
            'mature': mature,
            'moved': SQL("%s AND %s IS NOT NULL", mature, moved),
            'immature': SQL("%s AND NOT (%s)", period, mature),
            'decided': decided,
            'won': SQL("%s AND deal.won_status = 'won'", decided),
            'lost': SQL("%s AND deal.won_status = 'lost'", period),
            'open': SQL("%s AND deal.is_open", period),
            'skipped': SQL(
                "%s AND deal.won_status IN ('won', 'lost') AND %s",
                period, SQL.identifier('deal', f'skipped_{rank}')),
            'left': SQL("%s > %s", SQL.identifier('deal', f'gone_{rank}'), entered),
            'leaked': SQL(
                "%s AND deal.step = %s AND NOT deal.is_open AND deal.won_status != 'won'", period, step.key),
            'dead': SQL(
                "%s AND deal.step = %s AND deal.is_open AND COALESCE(deal.since < %s, FALSE)",
                period, step.key, SQL.identifier('age', f'dead_since_{rank}')),
        }

    @api.model
    def _get_age_limits(self, rank: int, _step: Step) -> dict[str, SQL]:
        """Return the moments before which deals came that are mature, decided and dead by now.

        Over the columns of ``_get_age_columns``; NULL where nothing is known.
        """
        def get_moment(name, quantile, factor=1):
            days = SQL("%s[%s]", SQL.identifier(f'{name}_{rank}'), QUANTILES.index(quantile) + 1)
            return SQL("%s::timestamp - %s * %s * interval '1 day'", self.env.cr.now(), factor, days)

        return {
            'mature_since': get_moment('leave', MATURE_QUANTILE),
            'decided_since': get_moment('close', MATURE_QUANTILE),
            'dead_since': SQL(
                "CASE WHEN %s >= %s THEN %s END", SQL.identifier(f'win_n_{rank}'), DEAD_MIN_DEALS,
                get_moment('stay', DEAD_QUANTILE, DEAD_FACTOR)),
        }

    @api.model
    def _get_age_columns(self, rank: int, step: Step) -> dict[str, SQL]:
        """Return how long deals take at a step: numbers of deals, and ``QUANTILES`` in days.

        ``leave``: to leave it; ``close``: to be closed; ``win``: of won deals, to the win;
        ``stay``: of won deals, to leave it. A step jumped over is not one left early. Nobody
        spends time in the step of the win.
        """
        if step.is_won:
            none = SQL("count(*) FILTER (WHERE FALSE)")
            return {'leave_n': none, 'win_n': none, **dict.fromkeys(
                ('leave', 'close', 'win', 'stay'), SQL("NULL::float8[]"))}
        entered, gone = SQL.identifier(f'entered_{rank}'), SQL.identifier(f'gone_{rank}')
        stayed = SQL("%s > %s", gone, entered)
        won = SQL("%s AND won_status = 'won'", stayed)

        def get_days(end, condition):
            return SQL(
                """percentile_cont(%s::float8[]) WITHIN GROUP (
                       ORDER BY date_part('epoch', %s - %s) / %s) FILTER (WHERE %s)""",
                list(QUANTILES), end, entered, SECONDS_PER_DAY, condition)

        return {
            'leave_n': SQL("count(*) FILTER (WHERE %s)", stayed),
            'leave': get_days(gone, stayed),
            'close': get_days(SQL("closed"), SQL("closed > %s", entered)),
            'win_n': SQL("count(*) FILTER (WHERE %s)", won),
            'win': get_days(SQL("closed"), won),
            'stay': get_days(gone, won),
        }

    @api.model
    def _get_cohort_query(self, filters: Filters, steps: list[Step], select: SQL) -> SQL:
        """Return a query over ``deal`` (passages) and ``age``.

        ``age`` is a single row, with the columns of ``_get_age_columns`` and ``_get_age_limits`` of
        every step, as ``<name>_<rank>``, from all deals in scope.
        """
        ages, limits = (
            SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(f'{name}_{rank}'))
                for rank, step in enumerate(steps)
                for name, column in get_columns(rank, step).items()
            )
            for get_columns in (self._get_age_columns, self._get_age_limits)
        )
        return SQL(
            """
            WITH deal AS MATERIALIZED (%(passages)s),
                 age AS MATERIALIZED (SELECT *, %(limits)s FROM (SELECT %(ages)s FROM deal) known)
            SELECT %(select)s FROM deal CROSS JOIN age
            """,
            passages=self._get_passages_query(filters, steps), ages=ages, limits=limits, select=select)

    @api.model
    def _get_step_columns(self, filters: Filters, rank: int, step: Step) -> dict[str, SQL]:
        """Return the aggregates read of a step."""
        conditions = self._get_step_conditions(filters, rank, step)
        columns = {
            measure: SQL("count(*) FILTER (WHERE %s)", conditions[measure])
            for measure in MEASURES if measure != 'immature'
        }
        columns['immature'] = SQL("%s - %s", columns['entered'], columns['mature'])
        for measure in ('entered', 'leaked', 'dead'):
            columns[f'{measure}_value'] = SQL(
                "COALESCE(sum(deal.value) FILTER (WHERE %s), 0)", conditions[measure])
        for name in ('leave_n', 'leave', 'win_n', 'win'):
            columns[name] = SQL("(SELECT %s FROM age)", SQL.identifier(f'{name}_{rank}'))
        return columns

    @api.model
    def _read_step_figures(self, filters: Filters, steps: list[Step]) -> list[dict[str, Any]]:
        """Return the figures of each step."""
        columns = [self._get_step_columns(filters, rank, step) for rank, step in enumerate(steps)]
        [row] = self.env.execute_query(self._get_cohort_query(
            filters, steps, SQL(", ").join(column for names in columns for column in names.values())))
        values = iter(row)
        return [{name: next(values) for name in names} for names in columns]

    @api.model
    def _get_cell_methods(self):
        return {**super()._get_cell_methods(), 'conversion': self._get_conversion_cell}

    @api.model
    def _get_conversion_cell(self, filters: dict, measure: str, key=None) -> SQL:
        """Return the leads behind a figure of ``get_conversion``."""
        filters = self._parse_filters(filters)
        steps = self._get_steps(filters)
        conditions = [
            self._get_condition(self._get_step_conditions(filters, rank, step), measure)
            for rank, step in enumerate(steps) if step.key == key
        ]
        if not conditions:
            return SQL("SELECT NULL::integer WHERE FALSE")  # a stage deleted since
        return SQL("%s WHERE %s", self._get_cohort_query(filters, steps, SQL("deal.id")), conditions[0])
