from datetime import date, datetime, time
from typing import NamedTuple

from babel.dates import format_skeleton
from dateutil.relativedelta import relativedelta
from pytz import timezone, utc

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, babel_locale_parse, date_utils
from odoo.tools.misc import get_lang

from .funnel_experience import Experience, Outcome
from .funnel_rules import OPEN_BANDS
from .scp_funnel import Filters, to_plain

# A deal is won where its log says so; of a deal won again after a reopening the last time counts.
WON_ROWS = SQL("log.won_status_to = 'won' AND log.won_status_from IS DISTINCT FROM 'won'")
WON_ROWS_DOMAIN = Domain('won_status_to', '=', 'won') & Domain('won_status_from', '!=', 'won')

PERIOD_MONTHS = {'month': 1, 'quarter': 3, 'year': 12}
PERIODS = tuple(PERIOD_MONTHS)
PERIOD_SKELETONS = {'month': 'yMMM', 'quarter': 'yQQQ', 'year': 'y'}
GROUPS = ('all', 'team', 'user')
PLAN_KEYS = {'territory_ids', 'period', 'group_by', 'date_from', 'date_to'}

# What is asked for in one go: each period is looked at several times
MAX_PERIODS = 60

# Closed deals older than this say little about those of today
EXPERIENCE_MONTHS = 24


class Plan(NamedTuple):
    """What a plan is about: whose deals, and which periods by their first and last days."""

    filters: Filters
    territory_ids: tuple[int, ...] | None
    period: str
    group_by: str
    periods: list[tuple[date, date]]


class ScpPlan(models.AbstractModel):
    """What targets, forecast and gap radar have in common: whose deals, which days, experience.

    Filters are those of ``scp.funnel``, and with them

    - ``territory_ids``: list of ids, each with all its parts
    - ``period``: 'month' (default), 'quarter' or 'year'; ``date_from`` and ``date_to`` are widened
      to whole periods
    - ``group_by``: 'all' (default), 'team' or 'user'

    Days are those of the company the reader works in. A figure is ``{'value', 'model', 'domain',
    'context'}``: searching the domain finds the records counted. A value of None is "no data".
    """

    _name = 'scp.plan'
    _inherit = ['scp.funnel']
    _description = "Planning of Sales"

    # === FILTERS ===#

    @api.model
    def _parse_plan(self, filters, count=6, back=0) -> Plan:
        """Check the filters of a caller, and his right to ask.

        :param count: periods when the filters name no end
        :param back: how many of them lie before the running one
        """
        filters = filters or {}
        period = self._parse_choice('period', filters.get('period') or PERIODS[0], PERIODS)
        step = relativedelta(months=PERIOD_MONTHS[period])
        start, end = (self._parse_day(key, filters.get(key) or None) for key in ('date_from', 'date_to'))
        start = date_utils.start_of(start or self._get_today() - step * back, period)
        end = end or start + step * count - relativedelta(days=1)
        if end < start:
            raise UserError(self.env._(
                "date_to (%(end)s) lies before the period of date_from (%(start)s).", start=start, end=end))
        periods = []
        while start <= end:
            periods.append((start, start + step - relativedelta(days=1)))
            start += step
        if len(periods) > MAX_PERIODS:
            raise UserError(self.env._(
                "date_from to date_to are %(count)s periods: ask for %(most)s at most.",
                count=len(periods), most=MAX_PERIODS))
        parsed = self._parse_filters({key: value for key, value in filters.items() if key not in PLAN_KEYS})
        return Plan(
            parsed._replace(raw=filters),
            self._parse_ids('territory_ids', filters.get('territory_ids') or None),
            period,
            self._parse_choice('group_by', filters.get('group_by') or GROUPS[0], GROUPS),
            periods,
        )

    @api.model
    def _get_plan_domain(self, plan: Plan, lead_type='opportunity'):
        """Return the domain of the opportunities (or leads) asked for, open or closed."""
        domain = Domain('type', '=', lead_type) & self._get_domain(plan.filters)
        if plan.territory_ids:
            domain &= Domain('scp_territory_id', 'child_of', list(plan.territory_ids))
        return domain

    @api.model
    def _get_plan_scope(self, plan: Plan, *columns: str) -> SQL:
        """Return the ids of those the reader may see, lost and archived ones included.

        :param columns: of crm_lead, to be selected beside the id
        """
        return self._get_scope(self._get_plan_domain(plan), *columns)

    @api.model
    def _get_group_domain(self, plan: Plan, group_id):
        """Return the domain of a group of the plan over crm.lead."""
        if plan.group_by == 'all':
            return Domain.TRUE
        return Domain(f'{plan.group_by}_id', '=', group_id)

    # === DAYS ===#

    @api.model
    def _get_tz(self) -> str:
        """Return the time zone in which days are counted: where the company works."""
        return self.env['res.company']._get_scp_frame(self.env.company.id).tz

    @api.model
    def _get_today(self) -> date:
        return utc.localize(self.env.cr.now()).astimezone(timezone(self._get_tz())).date()

    @api.model
    def _to_utc(self, day: date) -> datetime:
        """Return the moment (naive, UTC) a day begins where the company works."""
        midnight = timezone(self._get_tz()).localize(datetime.combine(day, time.min))
        return midnight.astimezone(utc).replace(tzinfo=None)

    @api.model
    def _get_period_info(self, plan: Plan, first: date, last: date):
        return {
            'key': str(first), 'date_from': str(first), 'date_to': str(last),
            'label': self._format_period(first, PERIOD_SKELETONS[plan.period]),
            'is_past': last < self._get_today(),
        }

    @api.model
    def _format_period(self, first: date, skeleton: str = 'yMMM') -> str:
        """Return the name of the month, quarter or year that begins on a day.

        :param skeleton: its parts, which each language puts in its own order
        """
        return format_skeleton(skeleton, first, locale=babel_locale_parse(get_lang(self.env).code))

    # === MONEY ===#

    @api.model
    def _get_lead_value(self) -> SQL:
        """Return the expected revenue of ``lead`` in the currency of the report."""
        frame = self.env['res.company']._get_scp_frame
        # sudo: companies of leads may be out of the session; they are few
        currency = SQL("CASE lead.company_id %s ELSE %s END", SQL(" ").join(
            SQL("WHEN %s THEN %s", company.id, company.currency_id.id)
            for company in self.env['res.company'].sudo().search([])
        ), frame(None).currency_id)
        return self._get_value(SQL("lead.expected_revenue"), currency, self._get_rates())

    @api.model
    def _get_currency_info(self):
        currency = self._get_currency()
        return {
            'id': currency.id, 'name': currency.name, 'symbol': currency.symbol,
            'position': currency.position, 'decimal_places': currency.decimal_places,
        }

    # === WINS ===#

    @api.model
    def _get_won_query(self, date_from: date, date_to: date, where: SQL) -> SQL:
        """Return a statement that selects (lead_id, won_at, won_on) of deals won between two days.

        :param where: condition on ``lead``, the table of leads
        """
        self.env['crm.lead'].flush_model(['won_status', 'type'])
        return SQL(
            """
            SELECT lead.id AS lead_id, win.date AS won_at,
                   (win.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS won_on
              FROM crm_lead lead
              JOIN (SELECT log.lead_ref, max(log.date) AS date
                      FROM scp_lead_log log
                     WHERE %(won_rows)s AND log.date >= %(since)s
                  GROUP BY log.lead_ref) win ON win.lead_ref = lead.id
             WHERE lead.won_status = 'won' AND lead.type = 'opportunity'
               AND win.date < %(until)s
               AND %(where)s
            """,
            tz=self._get_tz(),
            won_rows=WON_ROWS,
            since=self._to_utc(date_from),
            until=self._to_utc(date_to + relativedelta(days=1)),
            where=where,
        )

    @api.model
    def _get_won_domain(self, date_from: date, date_to: date):
        """Return the domain of exactly the deals ``_get_won_query`` selects."""
        since, until = self._to_utc(date_from), self._to_utc(date_to + relativedelta(days=1))
        return (
            Domain('type', '=', 'opportunity') & Domain('won_status', '=', 'won')
            & Domain('scp_log_ids', 'any', list(
                WON_ROWS_DOMAIN & Domain('date', '>=', since) & Domain('date', '<', until)))
            & Domain('scp_log_ids', 'not any', list(WON_ROWS_DOMAIN & Domain('date', '>=', until)))
        )

    # === EXPERIENCE ===#

    @api.model
    def _get_deals_of_all(self) -> SQL:
        """Return a statement that selects the deals of the companies of the session.

        Columns: ``id``, ``team_id``, ``closed`` (moment, NULL while open), ``is_won``, ``value`` and
        by open band ``reached_<band>`` (moment). Deals of all teams, whoever asks: rates and times
        are no secret, and nobody's own deals would be enough.
        """
        # sudo: see above
        Funnel = self.env['scp.funnel'].sudo()
        filters = Funnel._parse_filters({'company_ids': [*self.env.companies.ids, False]})
        steps = Funnel._get_steps(filters)
        return SQL(
            """
            SELECT passage.id, passage.team_id, passage.value::float8 AS value, passage.won_status = 'won' AS is_won,
                   CASE WHEN passage.won_status IN ('won', 'lost') THEN passage.closed END AS closed, %s
              FROM (%s) passage
            """,
            SQL(", ").join(
                SQL("%s AS %s", SQL.identifier('passage', f'entered_{rank}'), SQL.identifier(f'reached_{step.key}'))
                for rank, step in enumerate(steps) if step.key in OPEN_BANDS),
            Funnel._get_passages_query(filters, steps),
        )

    @api.model
    def _get_bands_reached(self) -> SQL:
        """Return the rows (band, moment) of a ``deal``, for a lateral join."""
        return SQL("LATERAL (VALUES %s) AS passage(band, reached)", SQL(", ").join(
            SQL("(%s, %s)", band, SQL.identifier('deal', f'reached_{band}')) for band in OPEN_BANDS))

    @api.model
    def _get_outcomes_query(self, deals: SQL) -> SQL:
        """Return a statement that selects closed deals by what they teach.

        Columns: ``team_id`` and those of :class:`Outcome`.
        """
        return SQL(
            """
            SELECT deal.team_id, passage.band,
                   CASE WHEN passage.reached < deal.closed
                        THEN date_part('day', deal.closed - passage.reached)::int END AS days, deal.is_won,
                   count(*)::int AS count, sum(deal.value) AS value
              FROM %s deal CROSS JOIN %s
             WHERE deal.closed >= %s AND passage.reached IS NOT NULL
          GROUP BY deal.team_id, passage.band, days, deal.is_won
            """,
            deals, self._get_bands_reached(), self._get_experience_start())

    @api.model
    def _get_experience(self) -> tuple[Experience, dict]:
        """Return the experience of all teams together, and by team."""
        deals = SQL("(%s)", self._get_deals_of_all())
        return self._build_experience(self.env.execute_query(self._get_outcomes_query(deals)))

    @api.model
    def _get_cell_methods(self):
        return {**super()._get_cell_methods(), 'experience': self._get_experience_cell}

    @api.model
    def _get_experience_cell(self, filters: dict, measure: str, key=None) -> SQL:
        """Return the closed deals that experience is learnt from, of a team or of all."""
        return self._get_condition({'closed': SQL(
            "SELECT deal.id FROM (%s) deal WHERE deal.closed >= %s AND %s",
            self._get_deals_of_all(), self._get_experience_start(),
            SQL("deal.team_id = %s", key) if key else SQL("TRUE"))}, measure)

    @api.model
    def _get_experience_start(self) -> datetime:
        """Return the moment since which closed deals count."""
        return self._to_utc(self._get_today() - relativedelta(months=EXPERIENCE_MONTHS))

    @api.model
    def _build_experience(self, rows) -> tuple[Experience, dict]:
        by_team = {}
        for team_id, *outcome in rows:
            by_team.setdefault(team_id, []).append(Outcome(*outcome))
        pool = Experience(outcome for outcomes in by_team.values() for outcome in outcomes)
        return pool, {team_id: Experience(outcomes, pool) for team_id, outcomes in by_team.items()}

    # === FIGURES ===#

    @api.model
    def _figure(self, value, model, domain, **context):
        """Return a number with what opens the records behind it."""
        return {
            'value': value if value is None else round(value, 4), 'model': model, 'domain': to_plain(domain),
            'context': {'active_test': False, 'create': False, **context},
        }
