from collections import defaultdict
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, date_utils, float_round, format_date, formatLang

from .funnel_experience import ENOUGH_DEALS, Experience, Outcome
from .funnel_rules import OPEN_BANDS

HOLE, THIN = 0.5, 0.2
# A month whose projection falls short of this share of its target is red
RED_SHARE = 0.8


class Stock(NamedTuple):
    """Open deals, by band and month of their closing or by band and age.

    ``month`` is its first day, None for deals whose closing is past or not set; ``age`` counts the
    days since they reached the band.
    """

    by_month: list[tuple[str, date | None, int, float]]
    by_age: list[tuple[str, int, float]]


class ScpGap(models.AbstractModel):
    """The stage-gap radar: where in the funnel the wins of coming months are missing today.

    For every band b and month m::

        need = max(0, target of m - won in m - sum over later bands of P x stock) / P of b
        gap  = 1 - stock / need

    P is the probability that a deal that reached the band is won, by own experience. The stock of
    m is the open value of the band that is to close in m; deals whose closing is past or not set
    count in the month they would be won at the median pace of their band. A gap above 50 % is a
    hole, above 20 % the band is thin, however full its neighbours are.

    The projection asks another way: every open deal is won in a month as often as closed deals
    were that had lasted as long.
    """

    _name = 'scp.gap'
    _inherit = ['scp.forecast']
    _description = "Stage-Gap Radar"

    @api.model
    @api.readonly
    def get_gap(self, filters=None):
        """Return the gap table and the projection of coming months.

        :param dict filters: see ``scp.plan``, by month; by default the running month and five more
        :return: ``currency``, ``months`` (``key``, ``label``, figures ``target`` and ``won``),
            ``notes`` (sentences) and

            - ``bands``, top to lower: ``key``, ``label``, ``probability``, ``days`` (median to the
              win), ``deals`` (closed deals behind), ``is_pooled``, figure ``pool`` (open deals of
              good customers in the bands before; of the top, leads), and ``cells`` by key of the
              month: ``state`` (hole, thin, ok, no_target, no_data), ``is_late`` (new deals would
              be won after the month), figure ``stock``, ``count`` of deals in stock, ``need``,
              ``gap``, ``missing`` (deals to find), ``value`` of one, ``until`` (last day to find
              them; these five None for no data) and ``sentence``
            - ``projection``, by key of the month: figure ``expected``, ``share`` of the target,
              ``state`` (red, ok, no_target, no_data) and ``sentence``
        """
        filters = {**(filters or {}), 'period': 'month', 'group_by': 'all'}
        plan = self._parse_plan(filters)
        today = self._get_today()
        plan = plan._replace(periods=[period for period in plan.periods if period[1] >= today])
        unit, stock = self._read_funnel(plan)
        targets = self.env['scp.target']._get_plan_amounts(plan, self._get_currency()) if plan.periods else {}
        won = self._read_won_months(plan)
        spread = self._spread_stock(unit, stock, today)
        months = [
            {
                **self._get_period_info(plan, first, last),
                'target': self._figure(
                    targets[False, first][0] if (False, first) in targets else None, 'scp.target',
                    Domain('id', 'in', targets[False, first][1] if (False, first) in targets else [])),
                'won': self._figure(
                    won[first], 'crm.lead', self._get_plan_domain(plan) & self._get_won_domain(first, last)),
            }
            for first, last in plan.periods
        ]
        return {
            'currency': self._get_currency_info(),
            'months': months,
            'bands': self._get_bands(plan, unit, spread, months, today),
            'projection': self._get_projection(plan, unit, stock, months, today),
            'notes': self._get_gap_notes(unit, months),
        }

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    @api.model
    def _read_funnel(self, plan) -> tuple[Experience, Stock]:
        """Return the experience of the teams asked for, and the open deals, in one statement."""
        rows = self.env.execute_query(SQL(
            """
            WITH deal AS MATERIALIZED (%(deals)s)
            SELECT 'closed', team_id, band, days, NULL::date, is_won, count, value FROM (%(outcomes)s) outcome
         UNION ALL
            SELECT CASE GROUPING(month) WHEN 0 THEN 'month' ELSE 'age' END, NULL, band, age, month, NULL,
                   count(*)::int, sum(value)
              FROM (SELECT open.band, open.value::float8 AS value,
                           CASE WHEN open.deadline >= %(today)s
                                THEN date_trunc('month', open.deadline)::date END AS month,
                           GREATEST(0, date_part('day', %(now)s - CASE open.band %(reached)s END))::int AS age
                      FROM (%(open)s) open
                 LEFT JOIN deal ON deal.id = open.id
                     WHERE open.category <> 'omitted') open
          GROUP BY GROUPING SETS ((band, month), (band, age))
            """,
            deals=self._get_deals_of_all(), outcomes=self._get_outcomes_query(SQL("deal")),
            today=self._get_today(), now=self.env.cr.now(),
            reached=SQL(" ").join(
                SQL("WHEN %s THEN %s", band, SQL.identifier('deal', f'reached_{band}')) for band in OPEN_BANDS),
            open=self._get_open_query(plan),
        ))
        closed, stock = [], Stock([], [])
        for kind, team_id, band, days, month, is_won, count, value in rows:
            if kind == 'closed':
                closed.append((team_id, band, days, is_won, count, value))
            elif band in OPEN_BANDS:
                if kind == 'month':
                    stock.by_month.append((band, month, count, value))
                else:
                    stock.by_age.append((band, days or 0, value))
        pool, by_team = self._build_experience(closed)
        return self._join_teams(plan, pool, by_team, closed), stock

    @api.model
    def _join_teams(self, plan, pool, by_team, closed) -> Experience:
        """Return the experience of the teams of a plan together, leaning on that of all."""
        teams = plan.filters.team_ids
        if not teams and plan.filters.user_ids:
            # sudo: who is in which team is no secret here
            teams = self.env['res.users'].sudo().browse(plan.filters.user_ids).sale_team_id.ids
        if not teams:
            return pool
        return Experience((Outcome(*row[1:]) for row in closed if row[0] in teams), pool)

    @api.model
    def _read_won_months(self, plan) -> defaultdict:
        """Return what is won already in the months of a plan, by first day."""
        won = defaultdict(float)
        if plan.periods:
            scope = SQL("lead.id IN %s", self._get_plan_scope(plan))
            won.update(self.env.execute_query(SQL(
                """
                SELECT date_trunc('month', won.won_on)::date, SUM(%s)::float
                  FROM (%s) won
                  JOIN crm_lead lead ON lead.id = won.lead_id
              GROUP BY 1
                """,
                self._get_lead_value(),
                self._get_won_query(plan.periods[0][0], plan.periods[-1][1], scope),
            )))
        return won

    # ------------------------------------------------------------
    # GAPS
    # ------------------------------------------------------------

    @api.model
    def _get_pace_month(self, unit, band, today) -> date | None:
        """Return the month in which a deal that comes to a band today is won at the median pace."""
        days = unit[band].median_days
        return None if days is None else date_utils.start_of(today + timedelta(days=days), 'month')

    @api.model
    def _spread_stock(self, unit, stock, today):
        """Return by (band, first day of the month) [count, value] of the open deals."""
        spread = defaultdict(lambda: [0, 0.0])
        for band, month, count, value in stock.by_month:
            cell = spread[band, month or self._get_pace_month(unit, band, today)]
            cell[0] += count
            cell[1] += value
        return spread

    @api.model
    def _get_stock_domain(self, plan, unit, band, period, today):
        """Return the domain of the deals that are the stock of a band in a month."""
        first, last = period
        due = Domain('date_deadline', '>=', max(first, today)) & Domain('date_deadline', '<=', last)
        if self._get_pace_month(unit, band, today) == first:
            due |= Domain('date_deadline', '=', False) | Domain('date_deadline', '<', today)
        return (
            self._get_open_domain(plan) & Domain('scp_band', '=', band)
            & Domain('scp_forecast_category', '!=', 'omitted') & due
        )

    @api.model
    def _get_bands(self, plan, unit, spread, months, today):
        labels = dict(self.env['crm.stage']._fields['scp_band']._description_selection(self.env))
        pools, bands = self._get_pools(plan), []
        for position, band in enumerate(OPEN_BANDS):
            cells = {}
            for period, month in zip(plan.periods, months, strict=True):
                later = sum(
                    (unit[other].probability or 0.0) * spread[other, period[0]][1]
                    for other in OPEN_BANDS[position + 1:])
                count, value = spread[band, period[0]]
                cells[month['key']] = {
                    'stock': self._figure(
                        value, 'crm.lead', self._get_stock_domain(plan, unit, band, period, today)),
                    'count': count,
                    **self._get_cell_state(
                        unit, band, month, period[1], value, later, today, pools[band]),
                }
            bands.append({
                'key': band, 'label': labels[band], 'cells': cells, 'pool': pools[band],
                'probability': unit[band].probability, 'days': unit[band].median_days,
                'deals': unit[band].count, 'is_pooled': unit[band].is_pooled,
            })
        return bands

    @api.model
    def _get_pools(self, plan):
        """Return by band a figure, the open deals of customers of a good ``grade`` that have yet to come there."""
        grades = self._get_good_grades()
        good = Domain('partner_id.scp_grade_id', 'in', grades.ids)
        leads = self._get_open_domain(plan, lead_type='lead') & good
        deals = self._get_open_domain(plan) & good
        Lead = self.env['crm.lead']
        counts = dict(Lead._read_group(deals, ['scp_band'], ['__count']))
        pools = {OPEN_BANDS[0]: self._figure(Lead.search_count(leads), Lead._name, leads)}
        for position, band in enumerate(OPEN_BANDS[1:], 1):
            before = OPEN_BANDS[:position]
            pools[band] = self._figure(
                sum(counts.get(other, 0) for other in before), Lead._name, deals & Domain('scp_band', 'in', before))
        return {band: {**pool, 'grade': grades[-1:].name} for band, pool in pools.items()}

    @api.model
    def _get_good_grades(self):
        """Return the better half of the grades, the best first: whom to look at when deals are missing."""
        grades = self.env['scp.grade'].search([])  # pylint: disable=no-search-all # grades are few
        return grades[:ceil(len(grades) / 2)]

    @api.model
    def _get_cell_state(self, unit, band, month, last, stock, later, today, pool):
        """Return what is needed of a band for a month, what is missing, and what to do about it."""
        target, won = month['target']['value'], month['won']['value']
        probability, days = unit[band].probability, unit[band].median_days
        cell = {
            'state': 'no_target', 'is_late': False,
            **dict.fromkeys(('need', 'gap', 'missing', 'value', 'until')),
        }
        if target is None:
            return {**cell, 'sentence': self.env._(
                "No target for %(month)s: set one to see what is needed.", month=month['label'])}
        if not probability or days is None:
            return {**cell, 'state': 'no_data', 'sentence': self.env._(
                "No data: no deal that got as far has been won yet, so nobody knows how many it takes.")}
        need = max(0.0, target - won - later) / probability
        gap = 1 - stock / need if need else 0.0
        price = unit[band].average_value
        until = last - timedelta(days=ceil(days))
        cell = {
            'state': 'hole' if gap > HOLE else 'thin' if gap > THIN else 'ok',
            'is_late': until < today,
            'need': round(need, 2), 'gap': round(gap, 4), 'value': price, 'until': str(until),
            'missing': ceil((need - stock) / price) if price and stock < need else 0,
        }
        if cell['state'] == 'ok':
            return {**cell, 'sentence': self._get_ok_sentence(need, stock)}
        return {**cell, 'sentence': self._get_sentence(unit, band, month, cell, need - stock, until, pool)}

    @api.model
    def _get_ok_sentence(self, need, stock):
        if not need:
            return self.env._("Nothing is needed here: what is won and what is further on reach the target.")
        return self.env._(
            "Enough: %(stock)s of the %(need)s needed are here.",
            stock=self._format_money(stock), need=self._format_money(need))

    @api.model
    def _get_sentence(self, unit, band, month, cell, missing_value, until, pool):
        """Return in one sentence what fills a hole, and where it can come from."""
        values = {
            'missing': self._format_count(band, cell['missing']),
            'value': self._format_money(cell['value']),
            'until': format_date(self.env, until, date_format='long'),
            'days': round(unit[band].median_days),
            'month': month['label'],
            'total': self._format_money(missing_value),
        }
        if cell['is_late']:
            sentence = self.env._(
                "%(total)s are missing for %(month)s, and new deals come too late: from here to the win "
                "takes %(days)s days. Pull forward what closes later%(further)s.",
                further="" if band == OPEN_BANDS[-1] else self.env._(", or work on the bands further on"),
                **values)
        else:
            sentence = self.env._("%(missing)s of about %(value)s by %(until)s.", **values)
            if pool['value']:
                sentence = self.env._(
                    "%(sentence)s In reach among customers graded %(grade)s or better: %(pool)s.",
                    sentence=sentence, pool=pool['value'], grade=pool['grade'])
        if unit[band].is_pooled:
            sentence = self.env._(
                "%(sentence)s Only %(count)s deals of this team that got here are closed: the others, up "
                "to %(enough)s, are taken from all teams.",
                sentence=sentence, count=unit[band].count, enough=ENOUGH_DEALS)
        elif not unit[band].is_enough:
            sentence = self.env._(
                "%(sentence)s Rough: only %(count)s deals that got here are closed.",
                sentence=sentence, count=unit[band].count)
        return sentence

    @api.model
    def _format_count(self, band, count):
        """Return so many deals that come to a band, by what coming there means."""
        _ = self.env._
        if count == 1:
            return {
                'top': _("1 new need"), 'upper': _("1 new shortlisting"),
                'middle': _("1 more deal in pursuit"), 'lower': _("1 more decision for us"),
            }[band]
        return {
            'top': _("%s new needs", count), 'upper': _("%s new shortlistings", count),
            'middle': _("%s more deals in pursuit", count), 'lower': _("%s more decisions for us", count),
        }[band]

    @api.model
    def _format_money(self, amount):
        """Return an amount to two digits that count, as one says it."""
        digits = len(str(int(abs(amount)))) - 2
        rounded = float_round(amount, precision_rounding=10.0 ** max(digits, 0))
        currency, number = self._get_currency(), formatLang(self.env, rounded, digits=0)
        parts = (currency.symbol, number) if currency.position == 'before' else (number, currency.symbol)
        return '\N{NO-BREAK SPACE}'.join(parts)

    # ------------------------------------------------------------
    # PROJECTION
    # ------------------------------------------------------------

    @api.model
    def _get_projection(self, plan, unit, stock, months, today):
        """Return by month what the open deals bring at the pace of closed ones."""
        projection = {}
        domain = self._get_open_domain(plan) & Domain('scp_forecast_category', '!=', 'omitted')
        known = any(unit[band].won for band in OPEN_BANDS) or unit.pool and unit.pool['top'].won
        for (first, last), month in zip(plan.periods, months, strict=True):
            start, end = max(0, (first - today).days), (last - today).days + 1
            expected = month['won']['value'] + sum(
                value * (unit[band].win_within(age, start, end) or 0.0) for band, age, value in stock.by_age)
            target = month['target']['value']
            share = expected / target if target and known else None
            state = 'no_data' if not known else 'no_target' if not target else (
                'red' if share < RED_SHARE else 'ok')
            projection[month['key']] = {
                'expected': self._figure(expected if known else None, 'crm.lead', domain),
                'share': share, 'state': state,
                'sentence': self._get_projection_sentence(state, month, expected, share),
            }
        return projection

    @api.model
    def _get_projection_sentence(self, state, month, expected, share):
        _ = self.env._
        if state == 'no_data':
            return _("No data: no deal has been won yet.")
        values = {'expected': self._format_money(expected), 'month': month['label']}
        if state == 'no_target':
            return _("%(expected)s are to be expected in %(month)s; no target is set.", **values)
        values['share'] = round(100 * share)
        return _("%(expected)s are to be expected in %(month)s, %(share)s %% of the target.", **values)

    @api.model
    def _get_gap_notes(self, unit, months):
        """Return what is missing, in sentences."""
        notes = []
        if not any(month['target']['value'] for month in months):
            notes.append(self.env._("No target is set for these months: set one to see the gaps."))
        top = unit[OPEN_BANDS[0]]
        if top.is_pooled:
            notes.append(self.env._(
                "Only %(count)s deals of this team are closed: the others, up to %(enough)s, are taken "
                "from all teams.", count=top.count, enough=ENOUGH_DEALS))
        elif not top.count:
            notes.append(self.env._("No deal has been won or lost yet: conversions and times are unknown."))
        elif not top.is_enough:
            notes.append(self.env._(
                "Only %(count)s deals are closed: conversions and times are rough.", count=top.count))
        return notes
