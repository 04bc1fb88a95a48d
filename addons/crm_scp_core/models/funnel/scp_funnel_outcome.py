from typing import Any

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .scp_funnel import Filters
from .scp_funnel_conversion import QUANTILES, SECONDS_PER_DAY

#: a step that won deals leave: nobody passes what he has not pursued
NOT_PURSUED_BANDS = ('top', 'upper')

OUTCOMES = ('won', 'lost', 'not_pursued')


class ScpFunnel(models.AbstractModel):
    """Outcome: win rate, cycle time, velocity, and what leaks out.

    The unit is the closing that stands: the last time an opportunity was won or lost, unless it
    was reopened since. It counts on the day it happened, for the team and owner of that day, with
    the expected revenue and the exchange rate of that day.
    """

    _inherit = 'scp.funnel'

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_outcome(self, filters: dict | None = None, group_by: str | None = None) -> dict[str, Any]:
        """Return win rates and cycle times of the deals closed in the period.

        :param group_by: a key of ``_get_groups``, e.g. 'team', 'reason', 'source', 'grade'
        :return: ``currency_id``, ``total`` and, with ``group_by``, ``groups``, the largest first;
            total and each group with

            - ``key`` (id or code of the group, False for "none") and ``label``
            - cells ``won``, ``lost``, ``closed`` (both) and ``not_pursued`` (of the lost: never got
              beyond the bands before pursuit)
            - cells ``won_value``, ``lost_value``, ``not_pursued_value``
            - ``by_count``: {'n', 'rate', 'smoothed'}, won / (won + lost)
            - ``by_value``: {'value', 'rate'}, the same of the values
            - ``cycle_days``: {'n', 'p50', 'p75', 'p90'}, creation to win of the won, by the clock
        """
        parsed = self._parse_filters(filters)
        groups = [
            self._prepare_outcome(parsed, row, group_by)
            for row in self._read_outcome(parsed, group_by)
        ] if group_by else []
        if group_by:
            labels = self._get_group_labels(group_by, [group['key'] for group in groups])
            for group in groups:
                group['label'] = labels[group['key']]
        [total] = self._read_outcome(parsed)
        return {
            'currency_id': self._get_currency().id,
            'total': {**self._prepare_outcome(parsed, total), 'label': self.env._("Total")},
            'groups': groups,
        }

    @api.model
    @api.readonly
    def get_velocity(self, filters: dict | None = None) -> dict[str, Any]:
        """Return what the pipeline brings in a day: deals x win rate x value / cycle.

        Win rate, value and cycle are those of the deals closed in the period; deals are the open
        ones of today that are past the first band.

        :return: ``currency_id``, ``velocity`` (currency per day; None where a lever has no data)
            and the ``levers`` 'deals', 'win_rate', 'value', 'cycle' (days): cells, each with
            ``gain``, by how much a tenth more of it (of the cycle: less) raises the velocity
        """
        parsed = self._parse_filters(filters)
        [row] = self._read_outcome(parsed)
        outcome = self._prepare_outcome(parsed, row)
        won = outcome['won']['value']
        [[deals]] = self.env.execute_query(SQL(
            "SELECT count(*) FROM (%s) deal", self._get_velocity_cell(filters, 'deals')))
        levers = {
            'deals': self._get_cell(parsed, deals, 'velocity', 'deals'),
            'win_rate': {**outcome['closed'], 'value': outcome['by_count']['rate']},
            'value': {**outcome['won'], 'value': outcome['won_value']['value'] / won if won else None},
            'cycle': {**outcome['won'], 'value': outcome['cycle_days']['p50']},
        }
        values = [lever['value'] for lever in levers.values()]
        velocity = None
        if None not in values and values[-1]:
            velocity = values[0] * values[1] * values[2] / values[3]
        for name, lever in levers.items():
            # proportional to three of the levers, inversely to the cycle
            factor = 1 / 0.9 - 1 if name == 'cycle' else 0.1
            lever['gain'] = velocity and velocity * factor
        return {'currency_id': self._get_currency().id, 'velocity': velocity, 'levers': levers}

    @api.model
    def _get_win_rates(self, filters: Filters | None = None) -> dict[str, Any]:
        """Return what planning needs: {'n', 'by_count', 'by_value', 'average_won'}; None without data.

        :param filters: by default all the reader may see; the period is that of the closing
        """
        filters = filters or self._parse_filters({})
        [row] = self._read_outcome(filters)
        outcome = self._prepare_outcome(filters, row)
        won = outcome['won']['value']
        return {
            'n': outcome['by_count']['n'],
            'by_count': outcome['by_count']['rate'],
            'by_value': outcome['by_value']['rate'],
            'average_won': outcome['won_value']['value'] / won if won else None,
        }

    @api.model
    def _prepare_outcome(self, filters: Filters, row, group_by=None) -> dict[str, Any]:
        key = {'group': group_by, 'key': row['key']} if group_by else {}
        values = {outcome: float(row[f'{outcome}_value']) for outcome in OUTCOMES}
        closed_value = values['won'] + values['lost']
        return {
            'key': row.get('key') or False,
            **{
                outcome: self._get_cell(filters, row[outcome], 'outcome', outcome, **key)
                for outcome in OUTCOMES
            },
            **{
                f'{outcome}_value': self._get_cell(filters, value, 'outcome', outcome, **key)
                for outcome, value in values.items()
            },
            'closed': self._get_cell(filters, row['won'] + row['lost'], 'outcome', 'closed', **key),
            'by_count': self._get_share(row['won'], row['won'] + row['lost']),
            'by_value': {
                'value': closed_value, 'rate': values['won'] / closed_value if closed_value else None,
            },
            'cycle_days': self._get_quantiles({'cycle_n': row['won'], 'cycle': row['cycle_days']}, 'cycle'),
        }

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    def _get_closings_query(self, filters: Filters) -> SQL:
        """Return one row per closing that stands and lies in the period.

        Columns: ``id`` of the lead, ``outcome`` (won, lost), ``date``, ``value``, ``band`` and
        ``stage_id`` (where it was lost; of won deals the won stage), ``team_id``, ``user_id``,
        ``company_id`` (of that day) and ``not_pursued``.
        """
        domain = self._get_domain(filters, team='team_to_id', user='owner_to_id')
        query = self.env['scp.lead.log']._search(
            domain & Domain('direction', 'in', ['won', 'lost', 'enter'])
            & Domain('won_status_to', 'in', ['won', 'lost']) & Domain('type_to', '=', 'opportunity'))
        query.add_where(self._get_period(SQL("scp_lead_log.date"), filters))
        query.add_where(SQL(
            """NOT EXISTS (SELECT FROM scp_lead_log later
                            WHERE later.lead_ref = scp_lead_log.lead_ref
                              AND later.direction IN ('won', 'lost', 'reopen', 'delete')
                              AND (later.date, later.id) > (scp_lead_log.date, scp_lead_log.id))"""))
        return query.select(
            SQL("scp_lead_log.lead_ref AS id"),
            SQL("scp_lead_log.won_status_to AS outcome"),
            SQL("scp_lead_log.date"),
            SQL("scp_lead_log.stage_to_id AS stage_id"),
            SQL("scp_lead_log.band_to AS band"),
            SQL("scp_lead_log.team_to_id AS team_id"),
            SQL("scp_lead_log.owner_to_id AS user_id"),
            SQL("scp_lead_log.company_id"),
            SQL("scp_lead_log.won_status_to = 'lost' AND scp_lead_log.band_to IN %s AS not_pursued",
                NOT_PURSUED_BANDS),
            SQL("%s AS value", self._get_event_value(filters)),
        )

    @api.model
    def _get_event_value(self, filters: Filters) -> SQL:
        """Return the amount of a row of the log in the currency of the report.

        At the rate of the day the log has kept. Where the report is not in the currency that rate
        leads to, the last step is made at the rate of the end of the period.
        """
        target = self._get_currency()
        reporting_id = self.env['res.company']._get_scp_frame(None).reporting_currency_id
        factor = 1.0 if target.id == reporting_id else self._get_rates(filters.end)[reporting_id]
        return SQL(
            """COALESCE(round(CASE WHEN scp_lead_log.currency_id = %s THEN scp_lead_log.amount_to
                                   ELSE scp_lead_log.amount_reporting * %s::numeric END, %s), 0)""",
            target.id, factor, target.decimal_places)

    @api.model
    def _get_groups(self) -> dict[str, tuple[SQL, str | None]]:
        """Return by name what closings can be grouped by: an expression and the model of its ids.

        Over ``closing`` (``_get_closings_query``), ``lead`` and ``customer`` (scp.customer).
        """
        return {
            'team': (SQL("closing.team_id"), 'crm.team'),
            'user': (SQL("closing.user_id"), 'res.users'),
            'company': (SQL("closing.company_id"), 'res.company'),
            'stage': (SQL("closing.stage_id"), 'crm.stage'),
            'band': (SQL("closing.band"), None),
            'reason': (SQL("lead.lost_reason_id"), 'crm.lost.reason'),
            'won_reason': (SQL("lead.scp_won_reason_id"), 'scp.won.reason'),
            'competitor': (SQL("lead.scp_competitor_id"), 'scp.competitor'),
            'source': (SQL("lead.source_id"), 'utm.source'),
            'medium': (SQL("lead.medium_id"), 'utm.medium'),
            'campaign': (SQL("lead.campaign_id"), 'utm.campaign'),
            'country': (SQL("lead.country_id"), 'res.country'),
            'partner': (SQL("lead.partner_id"), 'res.partner'),
            'grade': (SQL("customer.grade_id"), 'scp.grade'),
        }

    @api.model
    def _get_group(self, group_by: str) -> SQL:
        groups = self._get_groups()
        if group_by not in groups:
            raise UserError(self.env._(
                "The funnel can be grouped by %(choices)s, not by %(group)s.",
                choices=", ".join(groups), group=group_by))
        return groups[group_by][0]

    @api.model
    def _get_group_labels(self, group_by: str, keys) -> dict[Any, str]:
        model = self._get_groups()[group_by][1]
        none = self.env._("None")
        if model is None:
            labels = dict(self.env['crm.stage']._fields['scp_band']._description_selection(self.env))
            return {key: labels.get(key, none) for key in keys}
        # sudo: the names of what the deals one may see belong to, archived ones too
        records = self.env[model].sudo().browse([key for key in keys if key])
        return {False: none, **{record.id: record.display_name for record in records}}

    @api.model
    def _get_outcome_from(self, filters: Filters) -> SQL:
        return SQL(
            """(%s) closing
               JOIN crm_lead lead ON lead.id = closing.id
          LEFT JOIN res_partner partner ON partner.id = lead.partner_id
          LEFT JOIN scp_customer customer ON customer.partner_id = partner.commercial_partner_id
                                         AND customer.company_id = COALESCE(closing.company_id, %s)""",
            self._get_closings_query(filters), self.env.company.id)

    @api.model
    def _get_outcome_conditions(self) -> dict[str, SQL]:
        return {
            'closed': SQL("TRUE"),
            'won': SQL("closing.outcome = 'won'"),
            'lost': SQL("closing.outcome = 'lost'"),
            'not_pursued': SQL("closing.not_pursued"),
        }

    @api.model
    def _read_outcome(self, filters: Filters, group_by: str | None = None) -> list[dict[str, Any]]:
        """Return the counts, values and cycle times of closings, by ``key`` where grouped."""
        columns, conditions = [], self._get_outcome_conditions()
        for outcome in OUTCOMES:
            columns += [
                SQL("count(*) FILTER (WHERE %s) AS %s", conditions[outcome], SQL.identifier(outcome)),
                SQL("COALESCE(sum(closing.value) FILTER (WHERE %s), 0) AS %s",
                    conditions[outcome], SQL.identifier(f'{outcome}_value')),
            ]
        columns.append(SQL(
            """percentile_cont(%s::float8[]) WITHIN GROUP (
                   ORDER BY date_part('epoch', closing.date - lead.create_date) / %s)
                   FILTER (WHERE closing.outcome = 'won') AS cycle_days""",
            list(QUANTILES), SECONDS_PER_DAY))
        query = SQL("%s FROM %s", SQL(", ").join(columns), self._get_outcome_from(filters))
        if group_by:
            query = SQL("SELECT %s AS key, %s GROUP BY 1 ORDER BY count(*) DESC, 1", self._get_group(group_by), query)
        else:
            query = SQL("SELECT %s", query)
        return self.env.execute_query_dict(query)

    @api.model
    def _get_cell_methods(self):
        return {
            **super()._get_cell_methods(),
            'outcome': self._get_outcome_cell,
            'velocity': self._get_velocity_cell,
        }

    @api.model
    def _get_outcome_cell(self, filters: dict, measure: str, group=None, key=None) -> SQL:
        """Return the leads behind a figure of ``get_outcome``."""
        filters = self._parse_filters(filters)
        condition = self._get_condition(self._get_outcome_conditions(), measure)
        if group:
            condition = SQL("%s AND %s IS NOT DISTINCT FROM %s", condition, self._get_group(group), key)
        return SQL("SELECT closing.id FROM %s WHERE %s", self._get_outcome_from(filters), condition)

    @api.model
    def _get_velocity_cell(self, filters: dict, measure: str) -> SQL:
        """Return the open deals of today that are past the first band."""
        stage_ids = self.env['crm.stage'].search([('scp_band', '!=', 'top')]).ids
        return self.env['crm.lead']._search(
            Domain('type', '=', 'opportunity') & self._get_domain(self._parse_filters(filters))
            & Domain('won_status', '=', 'pending') & Domain('active', '=', True)
            & Domain('stage_id', 'in', stage_ids),
        ).select()
