import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from pytz import utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, OrderedSet, Query

from .funnel_rules import BANDS

RULES = ('reached', 'strict')
STEPS = ('band', 'stage')

FILTER_KEYS = {
    'company_ids', 'team_ids', 'user_ids', 'date_from', 'date_to', 'deadline_from', 'deadline_to', 'rule', 'by',
}

#: a share smoothed by a Beta(1,1) prior is (successes + 1) / (trials + 2)
PRIOR_SUCCESSES, PRIOR_TRIALS = 1, 2


def to_plain(domain):
    """Return a domain, or a part of one, as JSON knows it."""
    if isinstance(domain, (Domain, list, tuple, set, OrderedSet)):
        return [to_plain(part) for part in domain]
    if isinstance(domain, datetime):
        return fields.Datetime.to_string(domain)
    return str(domain) if isinstance(domain, date) else domain


class Filters(NamedTuple):
    """What a report of the funnel is about, checked and in the types of the database.

    Moments are naive and in UTC; ``end`` is the first moment that does not belong to the period.
    None stands for "no restriction". ``raw`` is what the caller gave, for drilling down.
    """

    company_ids: tuple[int, ...] | None
    team_ids: tuple[int, ...] | None
    user_ids: tuple[int, ...] | None
    start: datetime | None
    end: datetime | None
    deadline_from: date | None
    deadline_to: date | None
    rule: str
    by: str
    raw: dict[str, Any]


class Step(NamedTuple):
    """A step of the funnel: a band, or a stage; ``later`` and ``next`` are positions of others.

    ``team_ids`` are the teams whose deals pass it, empty for all.
    """

    key: str | int
    label: str
    band: str
    is_won: bool
    team_ids: tuple[int, ...]
    later: tuple[int, ...]
    next: tuple[int, ...]


class ScpFunnel(models.AbstractModel):
    """Figures of the funnel, computed by the database from the lead log at the time of asking.

    This file holds what the reports share: filters, who may see what, money, the steps of the
    funnel, and cells. A *cell* is a figure with what opens its records::

        {'value': 41, 'model': 'crm.lead', 'domain': [['scp_funnel_cell', '=', '{...}']],
         'context': {'active_test': False}}

    The domain holds the filters and the name of the figure; searching runs the same statement
    that counted. All public methods take one dictionary of filters, every key of it optional:

    - ``company_ids``, ``team_ids``, ``user_ids``: lists of ids; False in the last two is "none"
    - ``date_from``, ``date_to``: 'YYYY-MM-DD', days of the reader's time zone, both included
    - ``deadline_from``, ``deadline_to``: 'YYYY-MM-DD', expected closing (pipeline, waterfall)
    - ``rule``: 'reached' (a deal seen in a later step has reached the earlier ones; the default)
      or 'strict' (seen in the step itself)
    - ``by``: 'band' (the default) or 'stage'

    They raise UserError for filters that make no sense, and AccessError for who may not read the
    lead log. Amounts are in the currency of the company the reader works in.
    """

    _name = 'scp.funnel'
    _description = "Funnel Figures"

    # ------------------------------------------------------------
    # FILTERS
    # ------------------------------------------------------------

    @api.model
    def _parse_filters(self, filters: Mapping[str, Any] | None) -> Filters:
        """Check the filters of a caller, and his right to ask.

        :raise AccessError: for who may not read the lead log
        :raise UserError: naming the filter and the value that is wrong
        """
        self.env['scp.lead.log'].check_access('read')
        raw = {key: value for key, value in (filters or {}).items() if value not in (None, False)}
        if unknown := raw.keys() - FILTER_KEYS:
            raise UserError(self.env._(
                "The funnel cannot be filtered by %(filters)s.", filters=", ".join(sorted(unknown))))
        days = {
            key: self._parse_day(key, raw.get(key))
            for key in ('date_from', 'date_to', 'deadline_from', 'deadline_to')
        }
        for first, last in (('date_from', 'date_to'), ('deadline_from', 'deadline_to')):
            if days[first] and days[last] and days[first] > days[last]:
                raise UserError(self.env._(
                    "%(first)s (%(first_day)s) lies after %(last)s (%(last_day)s).",
                    first=first, first_day=days[first], last=last, last_day=days[last]))
        date_from, date_to = days['date_from'], days['date_to']
        return Filters(
            **{key: self._parse_ids(key, raw.get(key)) for key in ('company_ids', 'team_ids', 'user_ids')},
            start=date_from and self._get_moment(date_from),
            end=date_to and self._get_moment(date_to + timedelta(days=1)),
            deadline_from=days['deadline_from'],
            deadline_to=days['deadline_to'],
            rule=self._parse_choice('rule', raw.get('rule', RULES[0]), RULES),
            by=self._parse_choice('by', raw.get('by', STEPS[0]), STEPS),
            raw=raw,
        )

    @api.model
    def _parse_ids(self, key: str, value) -> tuple[int, ...] | None:
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not all(
            isinstance(item, int) for item in value  # False stands for "none"
        ):
            raise UserError(self.env._(
                "%(filter)s takes a list of ids, not %(value)s.", filter=key, value=value))
        return tuple(value) or None

    @api.model
    def _parse_day(self, key: str, value) -> date | None:
        try:
            return fields.Date.to_date(value)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._(
                "%(filter)s takes a day like 2026-03-31, not %(value)s.", filter=key, value=value,
            )) from error

    @api.model
    def _parse_choice(self, key: str, value, choices) -> str:
        if value not in choices:
            raise UserError(self.env._(
                "%(filter)s is one of %(choices)s, not %(value)s.",
                filter=key, choices=", ".join(choices), value=value))
        return value

    @api.model
    def _get_moment(self, day: date) -> datetime:
        """Return the moment a day begins for the reader, naive in UTC."""
        local = self.env.tz.localize(datetime.combine(day, time.min))
        return local.astimezone(utc).replace(tzinfo=None)

    @api.model
    def _get_last_day(self, moment: datetime) -> date:
        """Return the day that ends at, or is running before, an exclusive bound."""
        return (utc.localize(moment) - timedelta(microseconds=1)).astimezone(self.env.tz).date()

    @api.model
    def _get_period(self, column: SQL, filters: Filters) -> SQL:
        """Return the condition that a timestamp lies in the period of the filters."""
        parts = [SQL("%s IS NOT NULL", column)]
        if filters.start:
            parts.append(SQL("%s >= %s", column, filters.start))
        if filters.end:
            parts.append(SQL("%s < %s", column, filters.end))
        return SQL(" AND ").join(parts)

    # ------------------------------------------------------------
    # SCOPE
    # ------------------------------------------------------------

    @api.model
    def _get_domain(self, filters: Filters, team='team_id', user='user_id', company='company_id') -> Domain:
        """Return the filters on responsibility as a domain over the named fields."""
        domain = Domain.TRUE
        for name, record_ids in (
            (company, filters.company_ids), (team, filters.team_ids), (user, filters.user_ids),
        ):
            if record_ids:
                domain &= Domain(name, 'in', list(record_ids))
        return domain

    @api.model
    def _get_scope(self, domain: Domain, *columns: str) -> SQL:
        """Return the ids of the opportunities the reader may see, lost and archived ones included.

        :param domain: over crm.lead
        :param columns: of crm_lead, to be selected beside the id
        """
        query = self.env['crm.lead']._search(Domain('type', '=', 'opportunity') & domain, active_test=False)
        return query.subselect(*(SQL.identifier(query.table, column) for column in ('id', *columns)))

    @api.model
    def _get_scope_of_rows(self, rows: SQL, domain: Domain) -> tuple[SQL, SQL]:
        """Apply a domain and the record rules to rows shaped like the lead log.

        The rows need not come straight from the table: to apply the rules to the *last* row of
        each deal is not the same as to look for the last row the rules let through.

        :param rows: a table expression with the columns the domain and the rules ask for
        :return: the FROM clause, under the alias ``scp_lead_log``, and the condition
        """
        Log = self.env['scp.lead.log']
        query = Query(self.env, Log._table, rows)
        if not self.env.su:
            domain &= Domain(self.env['ir.rule']._compute_domain(Log._name, 'read'))
        # sudo: the rules are part of the domain already
        log_sudo = Log.sudo().with_context(active_test=False)
        condition = domain.optimize_full(log_sudo)._to_sql(log_sudo, Log._table, query)
        return query.from_clause, condition

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    @api.model
    def _get_currency(self):
        """Return the currency all amounts are given in."""
        return self.env.company.currency_id

    @api.model
    def _get_rates(self, moment: datetime | None = None) -> dict[int, float]:
        """Return by currency what one unit is worth in ``_get_currency()`` on a day.

        By the table of rates the lead log takes its own from.

        :param moment: the first moment after that day, naive in UTC; by default the day is today
        """
        day = self._get_last_day(moment) if moment else fields.Date.context_today(self)
        frame = self.env['res.company']._get_scp_frame(None)
        # sudo: amounts must not depend on which rates the reader may see
        Currency = self.env['res.currency'].sudo()
        # pylint: disable-next=no-search-all # active currencies and companies are few
        currencies = Currency.search([]) | self.env['res.company'].sudo().search([]).currency_id
        company = self.env['res.company'].sudo().browse(frame.reporting_company_id)
        target = self._get_currency().sudo()
        return {
            currency.id: Currency._get_conversion_rate(currency, target, company, day)
            for currency in currencies
        }

    @api.model
    def _get_value(self, amount: SQL, currency: SQL, rates: Mapping[int, float]) -> SQL:
        """Return an amount in the currency of the report, rounded to its smallest unit.

        :param amount: column of type numeric
        :param currency: column with the id of its currency
        """
        target = self._get_currency()
        others = {currency_id: rate for currency_id, rate in rates.items() if currency_id != target.id}
        rate = SQL("1")
        if others:
            rate = SQL(
                "CASE %s %s ELSE 1 END", currency,
                SQL(" ").join(
                    SQL("WHEN %s THEN %s::numeric", currency_id, rate)
                    for currency_id, rate in others.items()),
            )
        return SQL("COALESCE(round(%s * %s, %s), 0)", amount, rate, target.decimal_places)

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    @api.model
    def _get_steps(self, filters: Filters) -> list[Step]:
        """Return the steps of the funnel in order, won last."""
        if filters.by == 'stage':
            return self._get_stage_steps(filters)
        labels = dict(self.env['crm.stage']._fields['scp_band']._description_selection(self.env))
        last = len(BANDS) - 1
        return [
            Step(band, labels[band], band, rank == last, (),
                 tuple(range(rank + 1, last + 1)), (rank + 1,) if rank < last else ())
            for rank, band in enumerate(BANDS)
        ]

    @api.model
    def _get_stage_steps(self, filters: Filters) -> list[Step]:
        """Return the stages the filtered teams use as steps; a team passes only its own stages."""
        domain = Domain.TRUE
        if filters.team_ids:
            domain = Domain('team_ids', '=', False) | Domain('team_ids', 'in', list(filters.team_ids))
        stages = self.env['crm.stage'].search(domain, order='is_won, sequence, id')
        teams = [frozenset(stage.team_ids.ids) for stage in stages]
        pipelines = frozenset().union(*teams) or {None}
        steps = []
        for rank, stage in enumerate(stages):
            followers = {
                team: [
                    position for position in range(rank + 1, len(stages))
                    if not teams[position] or team in teams[position]
                ]
                for team in (teams[rank] or {*pipelines, None})
            }
            steps.append(Step(
                stage.id, stage.name, stage.scp_band, stage.is_won, tuple(sorted(teams[rank])),
                tuple(sorted({position for positions in followers.values() for position in positions})),
                tuple(sorted({positions[0] for positions in followers.values() if positions})),
            ))
        return steps

    # ------------------------------------------------------------
    # CELLS
    # ------------------------------------------------------------

    @api.model
    def _get_cell(self, filters: Filters, value, report: str, measure: str, **key) -> dict[str, Any]:
        """Return a figure with what opens its records.

        :param report: a key of ``_get_cell_methods``
        """
        cell = {'report': report, 'measure': measure, 'filters': filters.raw, **key}
        return {
            'value': value,
            'model': 'crm.lead',
            'domain': [['scp_funnel_cell', '=', json.dumps(cell, sort_keys=True, default=str)]],
            'context': {'active_test': False, 'create': False},
        }

    @api.model
    def _get_cell_methods(self) -> dict[str, Callable[..., SQL]]:
        """Return by report ``method(filters, measure, **key)``: the ids of the leads of a figure.

        The filters are those of the caller of the report, not checked yet.
        """
        return {}

    @api.model
    def _get_cell_leads(self, text: str) -> SQL:
        """Return the query of the numbers of the leads behind a figure.

        :param text: the value of ``scp_funnel_cell`` in the domain of a cell
        :raise UserError: when it is none
        """
        try:
            cell = json.loads(text)
            method = self._get_cell_methods()[cell.pop('report')]
            measure, filters = cell.pop('measure'), dict(cell.pop('filters'))
            keys = {key: cell[key] for key in cell if key in ('key', 'group')}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UserError(self.env._(
                "“%(text)s” is no figure of the funnel.", text=text)) from error
        return method(filters, measure, **keys)

    @api.model
    def _get_condition(self, conditions: Mapping[str, SQL], measure: str) -> SQL:
        """Return the condition of a figure.

        :raise UserError: when there is no figure of that name
        """
        if measure not in conditions:
            raise UserError(self.env._("The funnel knows no figure “%(name)s”.", name=measure))
        return conditions[measure]

    @api.model
    def _get_share(self, successes: int, trials: int) -> dict[str, Any]:
        """Return a share with its number of trials, as counted and smoothed by Beta(1,1).

        No trials are "no data": None, neither 0 nor the 50 % of the prior.
        """
        return {
            'n': trials,
            'rate': successes / trials if trials else None,
            'smoothed': (successes + PRIOR_SUCCESSES) / (trials + PRIOR_TRIALS) if trials else None,
        }
