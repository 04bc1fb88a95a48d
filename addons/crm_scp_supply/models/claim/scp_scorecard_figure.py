from odoo import api, fields, models

from ..delivery.scp_delivery_metric import Figure
from ..scorecard.scp_scorecard_figure import ScorecardFigure


class ScpScorecardFigure(models.AbstractModel):
    _inherit = 'scp.scorecard.figure'

    # === REGISTRY === #

    @api.model
    def _get_registry(self):
        _ = self.env._
        return super()._get_registry() | {
            'claim_rate': ScorecardFigure(
                _("Claims"),
                _("Claims sent to the supplier in the period and not withdrawn, per 1,000 order lines delivered in "
                  "the period."),
                ('supplier',), 'claim', unit='', scale=1000.0, better='low'),
            'claim_recovered': ScorecardFigure(
                _("Claims recovered"),
                _("What posted refunds have brought back, over what was claimed, of the claims sent in the period and "
                  "not withdrawn. Counted are claims."),
                ('supplier',), 'claim'),
        }

    # === SOURCES === #

    @api.model
    def _get_sources(self):
        return super()._get_sources() | {'claim': self._get_claim_values}

    @api.model
    def _get_claim_values(self, codes, role, partners, company, date_from, date_to):
        """The same claims and amounts as in the report of recovery; without claims nothing can be recovered of them."""
        claims = {
            partner.id: figures
            for partner, *figures in self.env['scp.supplier.claim.report'].sudo()._read_group(  # sudo: as measures
                self._get_claim_domain(partners, company, date_from, date_to),
                ['partner_id'], ['__count', 'claimed:sum', 'recovered:sum'],
            )
        }
        counts = {partner_id: count for partner_id, (count, _claimed, _recovered) in claims.items()}
        values = self._get_rates_per_line('claim_rate', counts, role, partners, company, date_from, date_to)
        for partner_id, (count, claimed, recovered) in claims.items():
            values.setdefault(partner_id, {})['claim_recovered'] = Figure(
                recovered, claimed, count, recovered / claimed)
        return values

    @api.model
    def _get_claim_domain(self, partners, company, date_from, date_to):
        """On ``scp.supplier.claim.report``: the claims sent in a period, both ends included.

        Moments are in UTC, as other figures have them: days alone would be those of who reads.
        """
        start, end = (fields.Datetime.to_datetime(day) for day in (date_from, fields.Date.add(date_to, days=1)))
        return [
            ('partner_id', 'in', partners.ids), ('company_id', '=', company.id),
            ('date', '>=', fields.Datetime.to_string(start)), ('date', '<', fields.Datetime.to_string(end)),
        ]
