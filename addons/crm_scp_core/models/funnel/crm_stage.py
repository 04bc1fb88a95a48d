from odoo import api, fields, models, tools

from .funnel_rules import Stage, spread_bands

BAND_SELECTION = [
    ('top', "Top"),
    ('upper', "Upper"),
    ('middle', "Middle"),
    ('lower', "Lower"),
    ('bottom', "Bottom"),
]


class CrmStage(models.Model):
    _inherit = 'crm.stage'

    scp_band = fields.Selection(
        selection=BAND_SELECTION,
        string="Funnel Band",
        compute='_compute_scp_band',
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Where this stage lies in the funnel, so that teams with different stages can be "
             "compared. Top: has a need. Upper: has us on the list. Middle: being pursued. "
             "Lower: decided, formalities open. Bottom: won.",
    )

    # The sequence is no dependency on purpose: dragging a column must not undo a chosen band.
    @api.depends('is_won')
    def _compute_scp_band(self):
        """Place stages nobody has placed; the others keep their band."""
        # sudo: a band depends on the whole pipeline, whoever sees which part of it
        # pylint: disable-next=no-search-all # a pipeline has a dozen stages
        others = self.sudo().search([]) - self - self._origin
        known = {stage.id: stage.scp_band for stage in others if stage.scp_band}
        stages = (others | self).sorted(lambda stage: (stage.sequence, not stage.id, stage._origin.id))
        bands = spread_bands([stage._get_scp_stage() for stage in stages], known)
        for stage in self:
            stage.scp_band = bands[stage.id]

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        self.env.registry.clear_cache('stable')
        return stages

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({'is_won', 'sequence', 'team_ids'}):
            self.env.registry.clear_cache('stable')
        return result

    def unlink(self):
        # moves out of the stage in this transaction still copy its name and band
        self.env['crm.lead'].flush_model(['stage_id'])
        self.env['crm.lead']._finalize_scp_pending()
        result = super().unlink()
        self.env.registry.clear_cache('stable')
        return result

    def _get_scp_stage(self) -> Stage:
        """Return the stage as the rules of the funnel know it."""
        self.ensure_one()
        return Stage(self.id, self.is_won, frozenset(self.team_ids.ids))

    @api.model
    @tools.ormcache(cache='stable')
    def _get_scp_stages(self) -> tuple[Stage, ...]:
        """Return all stages in pipeline order; cached, for every change of a lead asks for them."""
        # sudo: cached once for all users
        return tuple(stage._get_scp_stage() for stage in self.sudo().search([], order='sequence, id'))
