from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL, date_utils

from .forecast_rules import get_bias, get_mape, get_value_added, get_wape
from .funnel_experience import Experience
from .scp_forecast import LINES
from .scp_plan import EXPERIENCE_MONTHS

HORIZONS = (90, 60, 30, 7)
NAIVE = ('last_year', 'run_rate')
WORDS = ('submitted', 'adjusted')
RUN_RATE_DAYS = 90

#: columns of the log that make up an open deal of the past
STAY_COLUMNS = (
    'lead_ref', 'date', 'type_to', 'won_status_to', 'active_to', 'deadline_to', 'owner_to_id', 'team_to_id',
    'stage_to_id', 'band_to', 'amount_to', 'currency_id', 'probability_to', 'predictive_to',
)


class Snapshot(NamedTuple):
    """A moment (naive, UTC) at which a period, by first and last day, was looked at."""

    key: int
    at: datetime
    first: date
    last: date
    horizon: int


class ScpForecast(models.AbstractModel):
    """What was forecast at a moment of the past, read from the lead log, and how true it came.

    Wins are those that stand today, with what they are worth today; open deals are taken as they
    stood at the moment: owner, team, band, amount, closing and probabilities. Nothing learnt after
    the moment enters a forecast: the experience is that of the deals closed before it.
    """

    _inherit = 'scp.forecast'

    @api.model
    @api.readonly
    def get_accuracy(self, filters=None):
        """Return how true forecasts of past periods came.

        :param dict filters: see ``scp.plan``; by default the twelve months before the running one
        :return: ``periods``, ``horizons`` (days before the end of the period), ``lines`` (``key``,
            ``label``) and ``groups``: ``id``, ``label``, ``best`` (line by WAPE of all horizons, or
            None), ``sentence`` and ``lines``, by line and horizon (text) a dict of

            - ``n`` periods with a forecast, ``bias``, ``wape``, ``mape`` (None for no data)
            - ``value_added``: by naive forecast, its WAPE less ours, over the same periods
            - ``points``: ``period``, ``forecast`` and ``actual`` (a figure) of each period
        """
        plan = self._parse_plan(filters, count=12, back=12)
        today = self._get_today()
        plan = plan._replace(periods=[period for period in plan.periods if period[1] < today])
        snapshots = [
            Snapshot(number * len(HORIZONS) + index,
                     self._to_utc(last + timedelta(days=1 - horizon)), first, last, horizon)
            for number, (first, last) in enumerate(plan.periods)
            for index, horizon in enumerate(HORIZONS)
        ]
        actuals, forecasts = self._read_forecasts(plan, snapshots) if snapshots else ({}, {})
        groups = {group_id for group_id, _key in (*actuals, *forecasts)}
        labels = self._get_plan_labels(plan, groups)
        return {
            'currency': self._get_currency_info(),
            'group_by': plan.group_by,
            'periods': [self._get_period_info(plan, *period) for period in plan.periods],
            'horizons': list(HORIZONS),
            'lines': self._get_accuracy_lines(),
            'groups': sorted((
                {'id': group_id, 'label': labels[group_id],
                 **self._get_group_accuracy(plan, group_id, snapshots, actuals, forecasts)}
                for group_id in groups
            ), key=lambda group: (not group['id'], group['label'])),
        }

    # ------------------------------------------------------------
    # FROZEN FIGURES
    # ------------------------------------------------------------

    @api.model
    def _get_frozen_figures(self, company, user, month):
        """Return what the pipeline of a salesperson says of a month at this moment.

        Open deals come from the lead log, so that a moment replayed tells what was known then.
        """
        # sudo: the figures are the salesperson's, whoever submits
        Forecast = self.sudo()
        last = date_utils.end_of(month, 'month')
        plan = Forecast._parse_plan({
            'company_ids': [company.id], 'user_ids': user.ids, 'date_from': str(month), 'date_to': str(last),
        })
        snapshot = Snapshot(0, self.env.cr.now() + timedelta(microseconds=1), month, last, 0)
        experiences = Forecast._read_experiences([snapshot])
        sums = defaultdict(float)
        for _key, _user, team_id, band, category, value, by_user, predicted in (
            Forecast._read_states(plan, [snapshot])
        ):
            sums[category] += value
            if category != 'omitted':
                sums['user_line'] += by_user
                sums['predictive_line'] += predicted
                sums['empirical_line'] += value * self._get_probability(experiences, 0, team_id, band)
        for _key, _user, _team, won, *_others in Forecast._read_wins(plan, [snapshot]):
            sums['won'] += won
        targets = self.env['scp.target'].sudo()._get_plan_amounts(plan, self._get_currency())
        return {
            'target_amount': targets[False, month][0],
            'won_amount': sums['won'],
            **{f'{category}_amount': sums[category] for category in ('commit', 'best_case', 'pipeline')},
            **{line: sums['won'] + sums[line] for line in LINES},
        }

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    @api.model
    def _get_snapshot_table(self, snapshots) -> SQL:
        return SQL("(VALUES %s) AS snapshot(key, at, first, last)", SQL(", ").join(
            SQL("(%s, %s::timestamp, %s::date, %s::date)", *snapshot[:4]) for snapshot in snapshots))

    @api.model
    def _get_past_scope(self, plan, *columns: str) -> SQL:
        """Return the ids of the deals the reader may see, of whatever owner and team today."""
        anybody = plan._replace(filters=plan.filters._replace(team_ids=None, user_ids=None))
        return self._get_plan_scope(anybody, *columns)

    @api.model
    def _get_owner_condition(self, plan, user: SQL, team: SQL) -> SQL:
        parts = [SQL("TRUE")]
        if plan.filters.user_ids:
            parts.append(SQL("%s = ANY(%s)", user, list(plan.filters.user_ids)))
        if plan.filters.team_ids:
            parts.append(SQL("%s = ANY(%s)", team, list(plan.filters.team_ids)))
        return SQL(" AND ").join(parts)

    @api.model
    def _get_past_states_query(self, plan, snapshots, match: SQL | None = None) -> SQL:
        """Return a statement that selects open deals as they stood at moments.

        Columns: ``key`` of the snapshot, ``lead_id``, ``user_id``, ``team_id``, ``band``,
        ``category``, ``value``, ``p_user``, ``p_predictive``.

        :param match: further condition on ``stay`` (a row of the log and how long it held) and ``snapshot``
        """
        return SQL(
            """
            SELECT snapshot.key, stay.lead_ref AS lead_id, stay.owner_to_id AS user_id,
                   stay.team_to_id AS team_id, stay.band_to AS band,
                   COALESCE(lead.scp_forecast_override, stage.scp_forecast_category, 'pipeline') AS category,
                   %(value)s AS value,
                   COALESCE(stay.probability_to, 0) / 100 AS p_user,
                   COALESCE(NULLIF(stay.predictive_to, 0), stay.probability_to, 0) / 100 AS p_predictive
              FROM (SELECT %(columns)s, lead(date) OVER (PARTITION BY lead_ref ORDER BY date, id) AS until
                      FROM scp_lead_log) stay
              JOIN %(snapshots)s ON stay.date < snapshot.at
               AND (stay.until IS NULL OR stay.until >= snapshot.at) AND %(match)s
              JOIN %(scope)s lead ON lead.id = stay.lead_ref
         LEFT JOIN crm_stage stage ON stage.id = stay.stage_to_id
             WHERE stay.active_to AND stay.won_status_to = 'pending' AND stay.type_to = 'opportunity'
               AND stay.date < %(last)s AND (stay.until IS NULL OR stay.until >= %(first)s)
               AND %(owner)s
            """,
            # those of its index, which is read in order and spares the table
            columns=SQL(", ").join(map(SQL.identifier, STAY_COLUMNS)),
            first=min(snapshot.at for snapshot in snapshots),
            last=max(snapshot.at for snapshot in snapshots),
            value=self._get_value(SQL("stay.amount_to"), SQL("stay.currency_id"), self._get_rates()),
            snapshots=self._get_snapshot_table(snapshots), match=match or SQL("TRUE"),
            scope=self._get_past_scope(plan, 'scp_forecast_override'),
            owner=self._get_owner_condition(plan, SQL("stay.owner_to_id"), SQL("stay.team_to_id")),
        )

    @api.model
    def _read_states(self, plan, snapshots):
        """Return the deals that were to close in the period, added up.

        :return: rows of key, user, team, band, category, value, value by user, value by prediction
        """
        return self.env.execute_query(SQL(
            """
            SELECT key, user_id, team_id, band, category, SUM(value)::float,
                   SUM(value * p_user)::float, SUM(value * p_predictive)::float
              FROM (%s) state
          GROUP BY key, user_id, team_id, band, category
            """,
            # the equation spares comparing every state with every snapshot
            self._get_past_states_query(plan, snapshots, SQL(
                "date_trunc(%s, stay.deadline_to::timestamp)::date = snapshot.first", plan.period)),
        ))

    @api.model
    def _read_wins(self, plan, snapshots):
        """Return what was won, added up for every snapshot.

        :return: rows of key, user, team; won of the period before the moment, in the whole period,
            in the same period a year before, and in the days before the moment
        """
        year = relativedelta(years=1)
        first = min(snapshot.first for snapshot in snapshots) - year
        scope = SQL("lead.id IN %s AND %s", self._get_past_scope(plan), self._get_owner_condition(
            plan, SQL("lead.user_id"), SQL("lead.team_id")))
        return self.env.execute_query(SQL(
            """
            SELECT key, user_id, team_id,
                   COALESCE(SUM(value) FILTER (WHERE won_on BETWEEN first AND last AND won_at < at), 0)::float,
                   COALESCE(SUM(value) FILTER (WHERE won_on BETWEEN first AND last), 0)::float,
                   COALESCE(SUM(value) FILTER (
                       WHERE won_on >= first - INTERVAL '1 year'
                         AND won_on < last + 1 - INTERVAL '1 year'), 0)::float,
                   COALESCE(SUM(value) FILTER (
                       WHERE won_at < at
                         AND won_on >= (at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date - %(days)s), 0)::float
              -- by day, for a moment is the beginning of one (or now)
              FROM (SELECT won.won_on, max(won.won_at) AS won_at, lead.user_id, lead.team_id,
                           SUM(%(value)s) AS value
                      FROM (%(won)s) won
                      JOIN crm_lead lead ON lead.id = won.lead_id
                  GROUP BY won.won_on, lead.user_id, lead.team_id) win
        CROSS JOIN %(snapshots)s
          GROUP BY key, user_id, team_id
            """,
            tz=self._get_tz(), days=RUN_RATE_DAYS, value=self._get_lead_value(),
            snapshots=self._get_snapshot_table(snapshots),
            won=self._get_won_query(first, max(snapshot.last for snapshot in snapshots), scope),
        ))

    @api.model
    def _read_words(self, plan, snapshots):
        """Return what had been submitted by the moments.

        :return: rows of key, user, team, submitted, adjusted
        """
        if plan.territory_ids:
            return []  # nobody submits for a territory
        Submission = self.env['scp.forecast.submission']
        return self.env.execute_query(SQL(
            """
            SELECT key, user_id, team_id, SUM(submitted)::float, SUM(adjusted)::float
              FROM (
                    SELECT snapshot.key, said.company_id, said.user_id, said.month,
                           (array_agg(said.team_id ORDER BY said.date DESC, said.id DESC))[1] AS team_id,
                           (array_agg(%(value)s ORDER BY said.date DESC, said.id DESC)
                               FILTER (WHERE said.kind = 'submission'))[1] AS submitted,
                           (array_agg(%(value)s ORDER BY said.date DESC, said.id DESC))[1] AS adjusted
                      FROM scp_forecast_submission said
                      JOIN %(snapshots)s ON said.month BETWEEN snapshot.first AND snapshot.last
                       AND said.date < snapshot.at
                     WHERE said.id IN %(scope)s AND %(owner)s
                  GROUP BY snapshot.key, said.company_id, said.user_id, said.month
                   ) word
          GROUP BY key, user_id, team_id
            """,
            value=self._get_value(SQL("said.amount"), SQL("said.currency_id"), self._get_rates()),
            snapshots=self._get_snapshot_table(snapshots),
            scope=Submission._search(self._get_domain(plan.filters._replace(
                team_ids=None, user_ids=None))).subselect(),
            owner=self._get_owner_condition(plan, SQL("said.user_id"), SQL("said.team_id")),
        ))

    @api.model
    def _read_experiences(self, snapshots):
        """Return by snapshot the experience of all teams and by team, as of its moment."""
        outcomes = defaultdict(list)
        for key, *outcome in self.env.execute_query(SQL(
            """
            SELECT snapshot.key, outcome.team_id, outcome.band, 0, outcome.is_won,
                   SUM(outcome.count)::int, SUM(outcome.value)
              FROM (SELECT deal.team_id, passage.band, deal.is_won,
                           (deal.closed AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                           count(*) AS count, SUM(deal.value) AS value
                      FROM (%(deals)s) deal CROSS JOIN %(bands)s
                     WHERE deal.closed IS NOT NULL AND passage.reached IS NOT NULL
                  GROUP BY deal.team_id, passage.band, deal.is_won, day) outcome
              JOIN %(snapshots)s ON outcome.day < snapshot.at::date
               AND outcome.day >= snapshot.at::date - make_interval(months => %(months)s)
          GROUP BY snapshot.key, outcome.team_id, outcome.band, outcome.is_won
            """,
            tz=self._get_tz(), deals=self._get_deals_of_all(), bands=self._get_bands_reached(),
            snapshots=self._get_snapshot_table(snapshots), months=EXPERIENCE_MONTHS,
        )):
            outcomes[key].append(outcome)
        return {snapshot.key: self._build_experience(outcomes[snapshot.key]) for snapshot in snapshots}

    @api.model
    def _get_probability(self, experiences, key, team_id, band) -> float:
        pool, by_team = experiences[key]
        return (by_team.get(team_id) or Experience(pool=pool))[band].probability or 0.0

    @api.model
    def _read_forecasts(self, plan, snapshots):
        """Return what came, by (group, first day), and what was forecast, by (group, key) and line."""
        actuals, forecasts = defaultdict(float), defaultdict(lambda: defaultdict(float))
        by_key = {snapshot.key: snapshot for snapshot in snapshots}
        experiences = self._read_experiences(snapshots)
        for key, user_id, team_id, won, actual, last_year, recent in self._read_wins(plan, snapshots):
            snapshot, group_id = by_key[key], self._get_plan_group(plan, user_id, team_id)
            forecast = forecasts[group_id, key]
            if snapshot.horizon == HORIZONS[0]:
                actuals[group_id, snapshot.first] += actual
            for line in LINES:
                forecast[line] += won
            forecast['last_year'] += last_year
            days = (snapshot.last - snapshot.first).days + 1
            forecast['run_rate'] += recent / RUN_RATE_DAYS * days
        for key, user_id, team_id, band, category, value, by_user, predicted in (
            self._read_states(plan, snapshots)
        ):
            if category == 'omitted':
                continue
            forecast = forecasts[self._get_plan_group(plan, user_id, team_id), key]
            forecast['user_line'] += by_user
            forecast['predictive_line'] += predicted
            forecast['empirical_line'] += value * self._get_probability(experiences, key, team_id, band)
        for key, user_id, team_id, submitted, adjusted in self._read_words(plan, snapshots):
            forecast = forecasts[self._get_plan_group(plan, user_id, team_id), key]
            forecast['adjusted'] += adjusted
            if submitted is not None:
                forecast['submitted'] += submitted
        return actuals, forecasts

    # ------------------------------------------------------------
    # ACCURACY
    # ------------------------------------------------------------

    @api.model
    def _get_accuracy_lines(self):
        _ = self.env._
        return [
            *self._get_lines(),
            {'key': 'submitted', 'label': _("Submitted"), 'help': _("What salespeople submitted by then.")},
            {'key': 'adjusted', 'label': _("Adjusted"), 'help': _("The same, as adjusted by then.")},
            {'key': 'last_year', 'label': _("Last Year"), 'help': _("What the same period brought a year before.")},
            {'key': 'run_rate', 'label': _("Run Rate"), 'help': _("The pace of the 90 days before.")},
        ]

    @api.model
    def _get_group_accuracy(self, plan, group_id, snapshots, actuals, forecasts):
        """Return the figures of a group by line and horizon, and which line is best."""
        lines, errors = {}, {}
        for line in (*LINES, *WORDS, *NAIVE):
            lines[line] = {
                str(horizon): self._get_line_accuracy(plan, group_id, line, [
                    snapshot for snapshot in snapshots if snapshot.horizon == horizon
                ], actuals, forecasts)
                for horizon in HORIZONS
            }
            wapes = [row['wape'] for row in lines[line].values() if row['wape'] is not None]
            if len(wapes) == len(HORIZONS):
                errors[line] = sum(wapes) / len(wapes)
        best = min(errors, key=errors.get, default=None)
        labels = {line['key']: line['label'] for line in self._get_accuracy_lines()}
        if best is None:
            sentence = self.env._("No data: nothing was won in these periods, so there is nothing to be right about.")
        elif best in NAIVE:
            sentence = self.env._(
                "No forecast was better than “%(line)s”, which missed by %(error)s %%.",
                line=labels[best], error=round(100 * errors[best]))
        else:
            sentence = self.env._(
                "“%(line)s” came closest: it missed by %(error)s %% on average.",
                line=labels[best], error=round(100 * errors[best]))
        return {'lines': lines, 'best': best, 'sentence': sentence}

    @api.model
    def _get_line_accuracy(self, plan, group_id, line, snapshots, actuals, forecasts):
        points, pairs, naive = [], [], {name: [] for name in NAIVE}
        for snapshot in snapshots:
            forecast = forecasts.get((group_id, snapshot.key), {})
            if line in WORDS and line not in forecast:
                continue  # nobody said anything, which is not to say nothing
            actual = actuals.get((group_id, snapshot.first), 0.0)
            pairs.append((forecast.get(line, 0.0), actual))
            for name in NAIVE:
                naive[name].append((forecast.get(name, 0.0), actual))
            points.append({
                'period': str(snapshot.first), 'forecast': pairs[-1][0],
                'actual': self._figure(
                    actual, 'crm.lead',
                    self._get_plan_domain(plan) & self._get_group_domain(plan, group_id)
                    & self._get_won_domain(snapshot.first, snapshot.last)),
            })
        return {
            'n': len(pairs), 'bias': get_bias(pairs), 'wape': get_wape(pairs), 'mape': get_mape(pairs),
            'value_added': {name: get_value_added(pairs, naive[name]) for name in NAIVE},
            'points': points,
        }
