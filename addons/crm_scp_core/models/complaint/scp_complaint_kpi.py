from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .scp_complaint_action import CAPA
from .scp_sla_policy_line import CLOCK_KINDS

FILTER_KEYS = {'company_ids', 'team_ids', 'user_ids', 'date_from', 'date_to'}
#: classes of age of open complaints: from so many days, to less than so many
AGES = ((0, 7), (7, 30), (30, 90), (90, None))
#: by population of complaints the moment that puts one into the period
POPULATIONS = {'received': 'received_at', 'resolved': 'first_resolved_at', 'closed': 'closed_at'}
TREND_MONTHS = 36
PARETO_LINES = 8


class Filters(NamedTuple):
    """What figures are asked for; moments are naive and in UTC, `end` is the first one after it."""

    company_ids: tuple[int, ...] | None
    team_ids: tuple[int, ...] | None
    user_ids: tuple[int, ...] | None
    first: date | None
    last: date | None
    start: datetime | None
    end: datetime | None


class Measure(NamedTuple):
    """A figure over the complaints of a population.

    :param population: key of `POPULATIONS`
    :param field: of `scp.complaint.report`, averaged
    :param weight: field whose sum is the number of cases, if not complaints
    :param search: filter of the search view that narrows the records to those the figure is about
    """

    key: str
    label: str
    format: str
    population: str
    field: str
    weight: str | None = None
    search: str | None = None


class ScpComplaintKpi(models.AbstractModel):
    """Key figures of complaints, computed by the database at the time of asking.

    A figure is a dictionary with what opens the records it is made of::

        {'key': 'reopen_rate', 'label': "Reopened", 'help': "...", 'format': 'percent', 'value': 0.08, 'n': 120,
         'model': 'scp.complaint.report', 'domain': [...], 'context': {...}}

    `value` is None where there is no data. Times are in hours of the company's work and have
    `median` and `p90` beside the mean. Record rules apply: everybody gets the figures of what he sees.
    """

    _name = 'scp.complaint.kpi'
    _description = "Key Figures of Complaints"

    # === FILTERS === #

    @api.model
    def _parse_filters(self, filters: Mapping[str, Any] | None) -> Filters:
        """Check the filters of a caller, and his right to ask.

        :raise AccessError: for who may not read complaints
        :raise UserError: naming the filter that is wrong
        """
        self.env['scp.complaint.report'].check_access('read')
        raw = {key: value for key, value in (filters or {}).items() if value not in (None, False)}
        if unknown := raw.keys() - FILTER_KEYS:
            raise UserError(self.env._(
                "Complaints cannot be filtered by %(filters)s.", filters=", ".join(sorted(unknown))))
        Funnel = self.env['scp.funnel']
        first, last = (Funnel._parse_day(key, raw.get(key)) for key in ('date_from', 'date_to'))
        if first and last and first > last:
            raise UserError(self.env._(
                "date_from (%(first)s) lies after date_to (%(last)s).", first=first, last=last))
        return Filters(
            **{key: Funnel._parse_ids(key, raw.get(key)) for key in ('company_ids', 'team_ids', 'user_ids')},
            first=first, last=last,
            start=first and Funnel._get_moment(first),
            end=last and Funnel._get_moment(last + timedelta(days=1)),
        )

    @api.model
    def _get_domain(self, filters: Filters, prefix='') -> Domain:
        """Return whose complaints are asked for.

        :param prefix: path to the complaint, with its dot
        """
        domain = Domain.TRUE
        for name in ('company', 'team', 'user'):
            if record_ids := getattr(filters, f'{name}_ids'):
                domain &= Domain(f'{prefix}{name}_id', 'in', list(record_ids))
        return domain

    @api.model
    def _get_period(self, filters: Filters, field: str, is_date=False) -> Domain:
        """Return that a moment, or day, lies in the period."""
        domain = Domain.TRUE
        if filters.first:
            domain &= Domain(field, '>=', str(filters.first if is_date else filters.start))
        if filters.last:
            bound = filters.last + timedelta(days=1) if is_date else filters.end
            domain &= Domain(field, '<', str(bound))
        return domain

    @api.model
    def _get_population(self, filters: Filters, population: str) -> Domain:
        """Return the complaints received, first resolved or closed in the period."""
        field = POPULATIONS[population]
        domain = self._get_domain(filters) & self._get_period(filters, field)
        return domain if population == 'received' else domain & Domain(field, '!=', False)

    # === KEY FIGURES === #

    @api.model
    @api.readonly
    def get_kpis(self, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return all key figures.

        :param filters: every key of it optional: `company_ids`, `team_ids` (of complaints), `user_ids`, lists of
            ids; `date_from`, `date_to`, 'YYYY-MM-DD', days of the reader's time zone, both included
        :return: `figures` {key: figure}; `clocks` [{kind, label, rate, missed, late}]; `backlog` {total, overdue,
            index, ages}; `trend` [{label, received, median}] by month; `causes` [{label, count, cost, share}];
            `rates` [figure with low, high, justified]; `currency_id` of amounts
        """
        filters = self._parse_filters(filters)
        clocks = self._get_clock_figures(filters)
        figures = [
            *self._get_complaint_figures(filters), *self._get_action_figures(filters), *clocks.pop('figures'),
        ]
        return {
            'figures': {figure['key']: figure for figure in figures},
            'clocks': clocks['kinds'],
            'backlog': self._get_backlog(filters),
            'trend': self._get_trend(filters),
            'causes': self._get_causes(filters),
            'rates': [],
            'currency_id': self.env.company.currency_id.id,
        }

    @api.model
    def _prepare_figure(self, key, label, value, *, domain, model='scp.complaint.report', format='count', n=None,
                        help=None, context=None, **more) -> dict[str, Any]:
        """Return a figure with what opens its records."""
        return {
            'key': key, 'label': label, 'help': help, 'format': format, 'n': n,
            # no data is False in an aggregate, and not zero
            'value': None if value is False else value,
            'model': model, 'domain': [list(part) if isinstance(part, tuple) else part for part in domain],
            'context': {'create': False, **(context or {})},
            **{name: None if number is False else number for name, number in more.items()},
        }

    @api.model
    def _get_measures(self) -> list[Measure]:
        """Return the figures that are an average over complaints. To be extended."""
        _ = self.env._
        return [
            Measure('acknowledge', _("Time to acknowledgement"), 'hours', 'received', 'acknowledge_hours'),
            Measure('first_response', _("Time to first response"), 'hours', 'received', 'first_response_hours'),
            Measure('first_resolution', _("Time to first resolution"), 'hours', 'resolved', 'first_resolution_hours'),
            Measure('resolution', _("Time to resolution"), 'hours', 'resolved', 'resolution_hours'),
            Measure('net_resolution', _("Time to resolution, net"), 'hours', 'resolved', 'net_resolution_hours'),
            Measure('reopen_rate', _("Reopened"), 'percent', 'resolved', 'reopen_rate', search='reopened'),
            Measure('repeat_rate', _("Repeats"), 'percent', 'received', 'repeat_rate', search='repeat'),
            Measure('first_contact_rate', _("Resolved at first contact"), 'percent', 'resolved', 'first_contact_rate',
                    search='first_contact'),
            Measure('satisfaction', _("Satisfied"), 'percent', 'resolved', 'satisfaction_rate',
                    weight='feedback_answers'),
            Measure('response_rate', _("Answered our question"), 'percent', 'resolved', 'response_rate',
                    weight='feedback_asked'),
            Measure('solved_rate', _("Solved for the customer"), 'percent', 'resolved', 'solved_rate'),
            Measure('justified_share', _("Justified"), 'percent', 'received', 'justified_share'),
            Measure('root_cause_in_time', _("Root cause in time"), 'percent', 'received', 'root_cause_in_time'),
            Measure('recurrence_rate', _("Cause came back"), 'percent', 'received', 'recurrence_rate'),
        ]

    @api.model
    def _get_complaint_figures(self, filters: Filters) -> list[dict]:
        Report = self.env['scp.complaint.report']
        received = self._get_population(filters, 'received')
        figures = []
        labels = {
            'received': self.env._("Complaints received"),
            'resolved': self.env._("Complaints resolved"),
            'closed': self.env._("Complaints closed"),
        }
        for population, label in labels.items():
            domain = self._get_population(filters, population)
            measures = [measure for measure in self._get_measures() if measure.population == population]
            aggregates = {measure.key: self._get_aggregates(measure) for measure in measures}
            names = [name for names in aggregates.values() for name in names]
            [[count, *values]] = Report._read_group(domain, [], ['__count', *names])
            values = dict(zip(names, values, strict=True))
            figures.append(self._prepare_figure(population, label, count, domain=domain))
            for measure in measures:
                value, n, *percentiles = (values[name] for name in aggregates[measure.key])
                figures.append(self._prepare_figure(
                    measure.key, measure.label, value, n=n or 0, format=measure.format,
                    help=Report._fields[measure.field]._description_help(self.env),
                    domain=domain & Domain('measured', '=', measure.field),
                    context={f'search_default_{measure.search}': 1} if measure.search else None,
                    **dict(zip(('median', 'p90'), percentiles, strict=False)),
                ))
        return [*figures, *self._get_cost_figures(received)]

    @api.model
    def _get_aggregates(self, measure: Measure) -> list[str]:
        """Return what to read for a measure: value, number of cases, and of times the percentiles."""
        names = [
            f'{measure.field}:avg', f'{measure.weight}:sum' if measure.weight else f'{measure.field}:count',
        ]
        if measure.format == 'hours':
            names += [f'{measure.field}_median:avg', f'{measure.field}_p90:avg']
        return names

    @api.model
    def _get_cost_figures(self, domain: Domain) -> list[dict]:
        """Return what the complaints cost, in the currency of the company the reader works in."""
        rows = self.env['scp.complaint.report']._read_group(domain, ['company_id'], ['cost:sum', '__count'])
        cost = sum(self._convert(amount, company) for company, amount, _count in rows)
        count = sum(count for _company, _amount, count in rows)
        return [
            self._prepare_figure(
                'cost', self.env._("Cost"), cost if count else None, n=count, format='money', domain=domain),
            self._prepare_figure(
                'cost_per_complaint', self.env._("Cost per complaint"), cost / count if count else None, n=count,
                format='money', domain=domain),
        ]

    @api.model
    def _convert(self, amount: float, company) -> float:
        """Return an amount in the currency of a company in that of the reader's company, at today's rate."""
        company = company.sudo()  # sudo: the currency of a company is no secret
        return company.currency_id._convert(
            amount, self.env.company.currency_id, self.env.company, fields.Date.context_today(self))

    @api.model
    def _get_action_figures(self, filters: Filters) -> list[dict]:
        """Return whether corrective and preventive actions were done in time, and whether they helped."""
        Action = self.env['scp.complaint.action']
        if not Action.has_access('read'):
            return []
        capa = self._get_domain(filters, 'complaint_id.') & Domain('kind', 'in', list(CAPA))
        today = str(fields.Date.context_today(self))
        due = capa & self._get_period(filters, 'due_date', is_date=True) & Domain('due_date', '!=', False) & (
            Domain('due_date', '<', today) | Domain('done_at', '!=', False))
        checked = capa & self._get_period(filters, 'effect_check_date', is_date=True) & Domain('effective', '!=', False)
        return [
            self._prepare_share(
                'actions_on_time', self.env._("Actions on time"), Action, due, 'done_on_time', True,
                self.env._("Corrective and preventive actions done by their day, of those due in the period.")),
            self._prepare_share(
                'effectiveness', self.env._("Actions that helped"), Action, checked, 'effective', 'yes',
                self.env._("Effective, of those checked in the period.")),
        ]

    @api.model
    def _prepare_share(self, key, label, Model, domain, field, good, help):
        counts = dict(Model._read_group(domain, [field], ['__count']))
        n = sum(counts.values())
        return self._prepare_figure(
            key, label, counts.get(good, 0) / n if n else None, n=n, format='percent', domain=domain,
            model=Model._name, help=help)

    # === CLOCKS === #

    @api.model
    def _get_clock_figures(self, filters: Filters) -> dict[str, list]:
        """Return the clocks that began in the period, by kind and in all."""
        Report = self.env['scp.sla.clock.report']
        domain = self._get_domain(filters) & self._get_period(filters, 'start_at')
        ended = domain & Domain('state', 'in', ['met', 'missed'])
        labels = dict(Report._fields['kind']._description_selection(self.env))
        rows = {
            (kind, statutory): values
            for kind, statutory, *values in Report._read_group(
                ended, ['kind', 'statutory'], ['met_count:sum', 'missed_count:sum', 'late_by_h:avg'])
        }
        help = Report._fields['hit_rate']._description_help(self.env)
        kinds = []
        for kind, statutory in sorted(rows, key=lambda row: (row[1], [key for key, _ in CLOCK_KINDS].index(row[0]))):
            met, missed, late = rows[kind, statutory]
            own = ended & Domain('kind', '=', kind) & Domain('statutory', '=', statutory)
            label = labels[kind]
            kinds.append({
                'kind': kind, 'statutory': statutory, 'label': label,
                'rate': self._prepare_figure(
                    kind, label, met / (met + missed), n=met + missed, format='percent', domain=own, help=help,
                    model=Report._name),
                'missed': self._prepare_figure(
                    kind, label, missed, domain=own & Domain('state', '=', 'missed'), model=Report._name),
                'late': None if late is False else late,
            })
        acknowledge = [values for (kind, _statutory), values in rows.items() if kind == 'acknowledge']
        return {'kinds': kinds, 'figures': [
            self._prepare_hit_rate('hit_rate', self.env._("Clocks kept"), rows.values(), ended, help),
            self._prepare_hit_rate(
                'acknowledge_in_time', self.env._("Acknowledged in time"), acknowledge,
                ended & Domain('kind', '=', 'acknowledge'), help),
            self._get_breach_severity(ended & Domain('state', '=', 'missed') & Domain('ended_at', '!=', False)),
        ]}

    @api.model
    def _prepare_hit_rate(self, key, label, rows, domain, help):
        met = sum(row[0] for row in rows)
        n = met + sum(row[1] for row in rows)
        return self._prepare_figure(
            key, label, met / n if n else None, n=n, format='percent', domain=domain, help=help,
            model='scp.sla.clock.report')

    @api.model
    def _get_breach_severity(self, domain):
        Report = self.env['scp.sla.clock.report']
        [[count, mean, median, p90]] = Report._read_group(
            domain, [], ['__count', 'late_by_h:avg', 'late_by_h_median:avg', 'late_by_h_p90:avg'])
        return self._prepare_figure(
            'late_by', self.env._("Missed clocks, late by"), mean, n=count, median=median, p90=p90, format='hours',
            domain=domain, model=Report._name, help=Report._fields['late_by_h']._description_help(self.env))

    # === BACKLOG === #

    @api.model
    def _get_backlog(self, filters: Filters) -> dict[str, Any]:
        """Return what is open now, whenever it was received, by age in days."""
        Report = self.env['scp.complaint.report']
        domain = self._get_domain(filters) & Domain('state', 'in', self.env['scp.complaint']._get_open_states())
        now = self.env['scp.sla.clock']._get_now()
        ages = []
        for low, high in AGES:
            own = domain & Domain('received_at', '<=', str(now - timedelta(days=low)))
            label = self.env._("over %(days)s days", days=low)
            if high:
                own &= Domain('received_at', '>', str(now - timedelta(days=high)))
                label = self.env._("%(low)s to %(high)s days", low=low, high=high)
            ages.append(self._prepare_figure(str(low), label, Report.search_count(own), domain=own))
        overdue = domain & Domain('complaint_id.has_clock_missed', '=', True)
        return {
            'total': self._prepare_figure(
                'backlog', self.env._("Open"), sum(age['value'] for age in ages), domain=domain),
            'overdue': self._prepare_figure(
                'overdue', self.env._("Overdue"), Report.search_count(overdue), domain=overdue,
                help=self.env._("Open complaints with a clock that was missed and still runs.")),
            'index': self._get_ageing_index(filters),
            'ages': ages,
        }

    @api.model
    def _get_ageing_index(self, filters: Filters) -> dict:
        Report = self.env['scp.sla.clock.report']
        domain = self._get_domain(filters) & Domain([
            ('kind', '=', 'resolution'), ('statutory', '=', False), ('ended_at', '=', False), ('state', '!=', 'paused'),
        ])
        [[index, n]] = Report._read_group(domain, [], ['ageing_index:avg', 'ageing_index:count'])
        return self._prepare_figure(
            'ageing_index', self.env._("Ageing index"), index, n=n, format='factor', domain=domain, model=Report._name,
            help=Report._fields['ageing_index']._description_help(self.env))

    # === TREND AND CAUSES === #

    @api.model
    def _get_trend(self, filters: Filters) -> list[dict]:
        """Return by month of receipt how many came and how long half of them waited, months without any included."""
        domain = self._get_population(filters, 'received')
        label = self.env._("Median time to first response")
        rows = {
            month.date(): values for month, *values in self.env['scp.complaint.report']._read_group(
                domain, ['received_at:month'],
                ['__count', 'first_response_hours_median:avg', 'first_response_hours:count'])
        }
        if not rows:
            return []
        trend, month, last = [], min(rows), max(rows)
        month = max(month, last - relativedelta(months=TREND_MONTHS - 1))
        Funnel = self.env['scp.funnel']
        while month <= last:
            following = month + relativedelta(months=1)
            own = domain & Domain('received_at', '>=', str(Funnel._get_moment(month))) & Domain(
                'received_at', '<', str(Funnel._get_moment(following)))
            count, median, answered = rows.get(month, (0, False, 0))
            trend.append({
                'month': str(month),
                'received': self._prepare_figure('received', self.env._("Complaints received"), count, domain=own),
                'median': self._prepare_figure(
                    'first_response', label, median, n=answered, format='hours',
                    domain=own & Domain('measured', '=', 'first_response_hours')),
            })
            month = following
        return trend

    @api.model
    def _get_causes(self, filters: Filters) -> list[dict]:
        """Return the causes that cost most, then those that came most often, with their share of all causes."""
        domain = self._get_population(filters, 'received') & Domain('occurrence_cause_id', '!=', False)
        causes = {}
        for cause, company, amount, count in self.env['scp.complaint.report']._read_group(
            domain, ['occurrence_cause_id', 'company_id'], ['cost:sum', '__count'],
        ):
            total = causes.setdefault(cause, [0.0, 0])
            total[0] += self._convert(amount, company)
            total[1] += count
        ranked = sorted(causes.items(), key=lambda item: (*item[1], -item[0].id), reverse=True)
        cost, number = (sum(values[place] for values in causes.values()) for place in (0, 1))
        lines, so_far = [], 0.0
        for cause, (amount, count) in ranked[:PARETO_LINES]:
            so_far += amount / cost if cost else count / number
            own = domain & Domain('occurrence_cause_id', '=', cause.id)
            lines.append({
                'key': cause.id, 'label': cause.display_name,
                'count': self._prepare_figure('count', cause.display_name, count, domain=own),
                'cost': self._prepare_figure('cost', cause.display_name, amount, format='money', domain=own),
                'share': so_far,
            })
        return lines
