from typing import Any

from odoo import api, models
from odoo.tools import SQL

from .funnel_experience import Experience
from .funnel_rules import OPEN_BANDS
from .scp_forecast import LINES
from .scp_forecast_history import Snapshot

DECILES = 10


class ScpForecast(models.AbstractModel):
    """Whether probabilities hold: of deals given 30 %, were three in ten won?

    A prediction is an open deal at the beginning of a month, judged by how it ended; deals still
    open are left out, those of several months count in each.
    """

    _inherit = 'scp.forecast'

    @api.model
    @api.readonly
    def get_calibration(self, filters=None) -> dict[str, Any]:
        """Return the calibration table and the Brier score of each line.

        :param dict filters: see ``scp.plan``; by default the twelve months before the running one
        :return: ``lines``: ``key``, ``label``, ``n``, ``brier`` = mean((p - won)²) and ``table`` of
            cells by decile of the probability: ``decile`` (1 to 10), ``n`` (and ``value``), and
            ``expected`` and ``won``, mean probability and share won; ``best`` (line) and
            ``sentence``
        """
        plan, snapshots = self._parse_calibration(filters)
        lines = {line['key']: {**line, 'table': [], 'brier': None, 'n': 0} for line in self._get_lines()}
        squares = dict.fromkeys(LINES, 0.0)
        for key, decile, n, expected, won, square in self._read_deciles(plan, snapshots) if snapshots else ():
            lines[key]['table'].append({
                **self._get_cell(plan.filters, n, 'calibration', key, key=decile),
                'decile': decile, 'n': n, 'expected': expected / n, 'won': won / n,
            })
            lines[key]['n'] += n
            squares[key] += square
        scored = [line for line in lines.values() if line['n']]
        for line in scored:
            line['brier'] = squares[line['key']] / line['n']
        best = min(scored, key=lambda line: line['brier'], default=None)
        return {
            'lines': list(lines.values()),
            'best': best and best['key'],
            'sentence': self.env._(
                "%(line)s comes closest: a Brier score of %(score).3f over %(count)s predictions.",
                line=best['label'], score=best['brier'], count=best['n'],
            ) if best else self.env._("No deal that was open at the beginning of a month is closed yet."),
        }

    @api.model
    def _parse_calibration(self, filters):
        plan = self._parse_plan(filters, count=12, back=12)
        now = self.env.cr.now()
        return plan, [
            Snapshot(key, self._to_utc(first), first, last, 0)
            for key, (first, last) in enumerate(plan.periods) if self._to_utc(first) < now
        ]

    @api.model
    def _get_predictions_query(self, plan, snapshots) -> SQL:
        """Return a statement that selects predictions: ``lead_id``, ``line``, ``p``, ``decile``, ``won``."""
        return SQL(
            """
            SELECT state.lead_id, line.name AS line, line.p,
                   LEAST(floor(line.p * %(deciles)s), %(deciles)s - 1)::int + 1 AS decile,
                   (lead.won_status = 'won')::int AS won
              FROM (%(states)s) state
              JOIN crm_lead lead ON lead.id = state.lead_id AND lead.won_status IN ('won', 'lost')
         LEFT JOIN %(experience)s ON (experience.key, experience.team_id, experience.band)
                                   = (state.key, COALESCE(state.team_id, 0), state.band)
        CROSS JOIN LATERAL (VALUES ('user_line', state.p_user::float8),
                                   ('predictive_line', state.p_predictive::float8),
                                   ('empirical_line', COALESCE(experience.p, 0))) AS line (name, p)
            """,
            deciles=DECILES,
            states=self._get_past_states_query(plan, snapshots),
            experience=self._get_experience_table(snapshots),
        )

    @api.model
    def _get_experience_table(self, snapshots) -> SQL:
        """Return a table ``experience`` (key, team_id, band, p) of what was known at each moment.

        Team 0 stands for none; teams without a closed deal lean on all the others.
        """
        # sudo: rates of all teams are no secret
        # pylint: disable-next=no-search-all # teams are few
        team_ids = self.env['crm.team'].sudo().with_context(active_test=False).search([]).ids
        rows = [
            SQL("(%s, %s, %s, %s::float8)", key, team_id or 0, band,
                (by_team.get(team_id) or Experience(pool=pool))[band].probability)
            for key, (pool, by_team) in self._read_experiences(snapshots).items()
            for team_id in (None, *team_ids)
            for band in OPEN_BANDS
        ]
        return SQL("(VALUES %s) AS experience (key, team_id, band, p)", SQL(", ").join(rows))

    @api.model
    def _read_deciles(self, plan, snapshots):
        """Return by line and decile: number of predictions, and the sums of p, won and (p - won)²."""
        return self.env.execute_query(SQL(
            """
            SELECT line, decile, count(*), sum(p), sum(won), sum((p - won) ^ 2)
              FROM (%s) prediction
          GROUP BY line, decile
          ORDER BY line, decile
            """,
            self._get_predictions_query(plan, snapshots)))

    @api.model
    def _get_cell_methods(self):
        return {**super()._get_cell_methods(), 'calibration': self._get_calibration_cell}

    @api.model
    def _get_calibration_cell(self, filters, measure: str, key=None) -> SQL:
        """Return the leads behind a decile of ``get_calibration``."""
        predictions = self._get_predictions_query(*self._parse_calibration(filters))
        return SQL(
            "SELECT lead_id FROM (%s) prediction WHERE line = %s AND decile = %s", predictions, measure, key)
