from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .funnel_experience import Experience
from .funnel_rules import OPEN_BANDS

LINES = ('user_line', 'predictive_line', 'empirical_line')
CATEGORIES = ('omitted', 'pipeline', 'best_case', 'commit')


class ScpForecast(models.AbstractModel):
    """What will be won, said in three ways side by side, and against the target.

    An open deal counts in the period of its expected closing; deals whose category is *omitted*
    are left out of all lines. A line is what is won in the period so far, and the open deals
    weighed by a probability: the one on the deal (user), the one predicted by Odoo (predictive; the
    former where nothing is predicted), or the share of deals that were won once they had got as
    far (empirical, of the deal's team and band).
    """

    _name = 'scp.forecast'
    _inherit = ['scp.plan']
    _description = "Sales Forecast"

    @api.model
    @api.readonly
    def get_forecast(self, filters=None):
        """Return the forecast by period, for all deals or by team or salesperson.

        :param dict filters: see ``scp.plan``
        :return: ``currency``, ``periods`` (``key``, ``label``, ``date_from``, ``date_to``,
            ``is_past``), ``lines`` (``key``, ``label``, ``help``), ``notes`` (sentences) and
            ``groups``: ``id``, ``label`` and ``cells``, by key of the period the figures

            - ``target``, ``won``, ``open`` (omitted deals left out)
            - ``pipeline``, ``best_case``, ``commit``, ``omitted``: open deals by category;
              ``closed`` is what is won to date
            - ``user_line``, ``predictive_line``, ``empirical_line``
            - ``submitted``, the salespeople's own word, and ``adjusted``, the latest word on it
            - ``coverage``: open / (target - won); ``needed_coverage``: 1 / win rate by value;
              ``weighted_coverage``: the open part of the user line / (target - won)
        """
        plan = self._parse_plan(filters)
        pool, by_team = self._get_experience()
        sums = self._read_sums(plan, pool, by_team)
        targets = self.env['scp.target']._get_plan_amounts(plan, self._get_currency())
        words = self._read_submissions(plan)
        groups = sorted(
            {group_id for group_id, _first in (*sums, *targets, *words)} or {False}, key=bool, reverse=True)
        labels = self._get_plan_labels(plan, groups)
        return {
            'currency': self._get_currency_info(),
            'period': plan.period,
            'group_by': plan.group_by,
            'periods': [self._get_period_info(plan, *period) for period in plan.periods],
            'lines': self._get_lines(),
            'groups': sorted((
                {
                    'id': group_id,
                    'label': labels[group_id],
                    'cells': {
                        str(first): self._get_figures(
                            plan, group_id, (first, last), sums[group_id, first],
                            targets.get((group_id, first)), words.get((group_id, first)),
                            *self._get_unit(plan, group_id, pool, by_team),
                        )
                        for first, last in plan.periods
                    },
                }
                for group_id in groups
            ), key=lambda group: (not group['id'], group['label'])),
            'notes': self._get_notes(plan, pool, targets),
        }

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    @api.model
    def _get_open_query(self, plan) -> SQL:
        """Return a statement that selects the open deals of a plan.

        Columns: ``id``, ``user_id``, ``team_id``, ``band``, ``category``, ``value``, ``deadline``,
        ``p_user`` and ``p_predictive`` between 0 and 1.
        """
        self.env['crm.lead'].flush_model([
            'active', 'won_status', 'user_id', 'team_id', 'company_id', 'stage_id', 'expected_revenue',
            'probability', 'automated_probability', 'date_deadline', 'scp_forecast_override',
        ])
        self.env['crm.stage'].flush_model(['scp_band', 'scp_forecast_category'])
        return SQL(
            """
            SELECT lead.id, lead.user_id, lead.team_id, stage.scp_band AS band,
                   COALESCE(lead.scp_forecast_override, stage.scp_forecast_category, 'pipeline') AS category,
                   %(value)s AS value,
                   lead.date_deadline AS deadline,
                   COALESCE(lead.probability, 0) / 100 AS p_user,
                   COALESCE(NULLIF(lead.automated_probability, 0), lead.probability, 0) / 100 AS p_predictive
              FROM crm_lead lead
         LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
             WHERE lead.active AND lead.won_status = 'pending' AND lead.id IN %(scope)s
            """,
            value=self._get_lead_value(),
            scope=self._get_plan_scope(plan),
        )

    @api.model
    def _get_open_domain(self, plan, date_from=None, date_to=None, lead_type='opportunity'):
        """Return the domain of the deals ``_get_open_query`` selects, closing between two days."""
        domain = self._get_plan_domain(plan, lead_type) & Domain('active', '=', True) & Domain(
            'won_status', '=', 'pending')
        if date_from:
            domain &= Domain('date_deadline', '>=', date_from) & Domain('date_deadline', '<=', date_to)
        return domain

    @api.model
    def _read_sums(self, plan, pool, by_team):
        """Return by (group, first day of the period) a dict of sums."""
        sums = defaultdict(lambda: defaultdict(float))
        for first, user_id, team_id, band, category, value, by_user, predicted in self.env.execute_query(SQL(
            """
            SELECT date_trunc(%s, deadline)::date, user_id, team_id, band, category, SUM(value)::float,
                   SUM(value * p_user)::float, SUM(value * p_predictive)::float
              FROM (%s) open
             WHERE deadline BETWEEN %s AND %s
          GROUP BY 1, 2, 3, 4, 5
            """,
            plan.period, self._get_open_query(plan), plan.periods[0][0], plan.periods[-1][1],
        )):
            cell = sums[self._get_plan_group(plan, user_id, team_id), first]
            cell[category or 'pipeline'] += value
            if category != 'omitted':
                experience = by_team.get(team_id) or Experience(pool=pool)
                cell['open'] += value
                cell['user_line'] += by_user
                cell['predictive_line'] += predicted
                cell['empirical_line'] += value * (experience[band].probability or 0.0)
        scope = SQL("lead.id IN %s", self._get_plan_scope(plan))
        for first, user_id, team_id, value in self.env.execute_query(SQL(
            """
            SELECT date_trunc(%s, won.won_on)::date, lead.user_id, lead.team_id, SUM(%s)::float
              FROM (%s) won
              JOIN crm_lead lead ON lead.id = won.lead_id
          GROUP BY 1, 2, 3
            """,
            plan.period, self._get_lead_value(),
            self._get_won_query(plan.periods[0][0], plan.periods[-1][1], scope),
        )):
            sums[self._get_plan_group(plan, user_id, team_id), first]['won'] += value
        return sums

    @api.model
    def _read_submissions(self, plan):
        """Return by (group, first day of the period): submitted, adjusted, ids of the rows."""
        currency = self._get_currency()
        domain = (
            Domain('month', '>=', plan.periods[0][0]) & Domain('month', '<=', plan.periods[-1][1])
            & Domain('company_id', 'in', list(plan.filters.company_ids or self.env.companies.ids))
        )
        if plan.territory_ids:
            return {}  # nobody submits for a territory
        if plan.filters.team_ids:
            domain &= Domain('team_id', 'in', list(plan.filters.team_ids))
        if plan.filters.user_ids:
            domain &= Domain('user_id', 'in', list(plan.filters.user_ids))
        last_words = {}
        for row in self.env['scp.forecast.submission'].search(domain, order='date, id'):
            key = row.company_id, row.user_id, row.month
            own, _any = last_words.get(key, (row, row))
            last_words[key] = (row if row.kind == 'submission' else own, row)
        words = {}
        for (company, user, month), (own, latest) in last_words.items():
            first = next(first for first, last in plan.periods if first <= month <= last)
            key = self._get_plan_group(plan, user.id, latest.team_id.id), first
            submitted, adjusted, ids = words.get(key, (0.0, 0.0, []))
            amounts = (
                row.currency_id._convert(row.amount, currency, company, row.date) for row in (own, latest))
            words[key] = (submitted + next(amounts), adjusted + next(amounts), [*ids, own.id, latest.id])
        return words

    @api.model
    def _get_plan_group(self, plan, user_id, team_id):
        return {'all': False, 'team': team_id, 'user': user_id}[plan.group_by] or False

    @api.model
    def _get_plan_labels(self, plan, group_ids):
        if plan.group_by == 'all':
            return {False: self.env._("All")}
        # sudo: names alone; who is archived or in another team still had deals
        Model = self.env['crm.team' if plan.group_by == 'team' else 'res.users'].sudo()
        records = Model.browse([group_id for group_id in group_ids if group_id])
        nobody = self.env._("No team") if plan.group_by == 'team' else self.env._("Unassigned")
        return {False: nobody, **{record.id: record.display_name for record in records}}

    @api.model
    def _get_unit(self, plan, group_id, pool, by_team):
        """Return the experience to judge a group by, and the team whose own it is, or None."""
        teams = [group_id] if plan.group_by == 'team' else plan.filters.team_ids or ()
        if len(teams) != 1:
            return pool, None
        unit = by_team.get(teams[0]) or Experience(pool=pool)
        return unit, teams[0] if unit[OPEN_BANDS[0]].is_enough else None

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    def _get_figures(self, plan, group_id, period, sums, target, words, unit, unit_team):
        first, last = period
        group = self._get_group_domain(plan, group_id)
        open_domain = self._get_open_domain(plan, first, last) & group
        counted = open_domain & Domain('scp_forecast_category', '!=', 'omitted')
        won_domain = self._get_plan_domain(plan) & group & self._get_won_domain(first, last)
        either = won_domain | counted
        figures = {
            'won': self._figure(sums['won'], 'crm.lead', won_domain),
            'closed': self._figure(sums['won'], 'crm.lead', won_domain),
            'open': self._figure(sums['open'], 'crm.lead', counted),
        }
        for category in CATEGORIES:
            figures[category] = self._figure(
                sums[category], 'crm.lead', open_domain & Domain('scp_forecast_category', '=', category))
        for line in LINES:
            figures[line] = self._figure(sums['won'] + sums[line], 'crm.lead', either)
        submitted, adjusted, submission_ids = words or (None, None, [])
        of_words = Domain('id', 'in', submission_ids)
        figures['submitted'] = self._figure(submitted, 'scp.forecast.submission', of_words)
        figures['adjusted'] = self._figure(adjusted, 'scp.forecast.submission', of_words)
        amount, target_ids = target or (None, [])
        figures['target'] = self._figure(amount, 'scp.target', Domain('id', 'in', target_ids))
        left = amount is not None and amount - sums['won']
        win_rate = unit[OPEN_BANDS[0]].value_rate
        figures['coverage'] = self._figure(sums['open'] / left if left > 0 else None, 'crm.lead', counted)
        figures['weighted_coverage'] = self._figure(
            sums['user_line'] / left if left > 0 else None, 'crm.lead', counted)
        figures['needed_coverage'] = self._get_cell(
            plan.filters, 1 / win_rate if win_rate else None, 'experience', 'closed', key=unit_team)
        return figures

    @api.model
    def _get_lines(self):
        _ = self.env._
        return [
            {'key': 'user_line', 'label': _("By Probability"),
             'help': _("Won so far, and open deals weighed by the probability on them.")},
            {'key': 'predictive_line', 'label': _("By Prediction"),
             'help': _("Won so far, and open deals weighed by Odoo's predictive lead scoring.")},
            {'key': 'empirical_line', 'label': _("By Experience"),
             'help': _("Won so far, and open deals weighed by how many that got as far were won.")},
        ]

    @api.model
    def _get_notes(self, plan, pool, targets):
        """Return what is missing, in sentences."""
        notes = []
        if not any(amount for amount, _ids in targets.values()):
            notes.append(self.env._("No target is set for these periods: coverage is unknown."))
        if not pool['top'].count:
            notes.append(self.env._(
                "No deal has been won or lost yet: the line by experience counts wins only."))
        elif not pool['top'].is_enough:
            notes.append(self.env._(
                "Only %(count)s deals have been won or lost: the line by experience is rough.",
                count=pool['top'].count))
        return notes
