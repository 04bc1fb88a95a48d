from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .funnel_rules import Gate, Stage, spread_bands

BAND_SELECTION = [
    ('top', "Top"),
    ('upper', "Upper"),
    ('middle', "Middle"),
    ('lower', "Lower"),
    ('bottom', "Bottom"),
]

FORECAST_SELECTION = [
    ('omitted', "Omitted"),
    ('pipeline', "Pipeline"),
    ('best_case', "Best Case"),
    ('commit', "Commit"),
    ('closed', "Closed"),
]
BAND_FORECAST = {
    'top': 'pipeline',
    'upper': 'pipeline',
    'middle': 'best_case',
    'lower': 'commit',
    'bottom': 'closed',
}
# What the cached stages depend on
CACHED_FIELDS = {
    'name', 'is_won', 'sequence', 'team_ids', 'scp_band', 'scp_gate', 'scp_required_field_ids',
    'scp_min_days', 'scp_allow_skip', 'scp_skip_stage_ids',
}


class StageLabel(NamedTuple):
    """What the log copies of a stage: its name by language, and its band."""

    name: dict[str, str]
    band: str | None


class CrmStage(models.Model):
    _inherit = 'crm.stage'

    # Odoo's tooltip of the column says what the gate looks at: one text, not two
    requirements = fields.Text(
        string="Entry Criteria",
        help="What must be true of a deal before it enters this stage, in words. Shown over the "
             "column of the pipeline and when a deal comes in too early.",
    )
    scp_band = fields.Selection(
        selection=BAND_SELECTION,
        string="Funnel Band",
        compute='_compute_scp_band',
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        prefetch='scp_gate',
        help="Where this stage lies in the funnel, so that teams with different stages can be "
             "compared. Top: has a need. Upper: has us on the list. Middle: being pursued. "
             "Lower: decided, formalities open. Bottom: won.",
    )
    scp_forecast_category = fields.Selection(
        selection=FORECAST_SELECTION,
        string="Forecast Category",
        compute='_compute_scp_forecast_category',
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="How deals of this stage count in the forecast, unless their salesperson says "
             "otherwise.",
    )
    scp_gate = fields.Selection(
        selection=[('none', "None"), ('soft', "Soft"), ('hard', "Hard")],
        string="Gate",
        default='none',
        required=True,
        prefetch='scp_gate',
        help="Soft: a deal that does not meet the rules moves all the same; what is unmet is "
             "recorded and a reason asked for. Hard: it cannot move. Creating, losing and merging "
             "deals never meets a gate, nor does what a confirmed order does.",
    )
    # Field names are for those who configure stages; the rules read them as superuser.
    scp_required_field_ids = fields.Many2many(
        'ir.model.fields',
        relation='crm_stage_scp_required_field_rel',
        column1='stage_id',
        column2='field_id',
        string="Required Fields",
        domain=[('model', '=', 'crm.lead')],
        ondelete='cascade',
        groups='sales_team.group_sale_manager',
        help="Fields a deal must have a value in to enter this stage. Zero is no value.",
    )
    scp_min_days = fields.Integer(
        string="Minimum Stay (Working Days)",
        aggregator=None,
        prefetch='scp_gate',
        help="Working days a deal stays in this stage before it moves on, by the working hours of "
             "its company. A deal may be won at any time.",
    )
    scp_allow_skip = fields.Boolean(
        string="Stages May Be Skipped",
        default=True,
        prefetch='scp_gate',
        help="Whether a deal of this stage may jump over the next one.",
    )
    scp_skip_stage_ids = fields.Many2many(
        'crm.stage',
        relation='crm_stage_scp_skip_rel',
        column1='stage_id',
        column2='skip_stage_id',
        string="Allowed Skips",
        help="The later stages a deal may jump to from here. Leave empty to allow all of them.",
    )

    _check_scp_min_days = models.Constraint(
        'CHECK (scp_min_days >= 0)',
        "The minimum stay in a stage cannot be negative.",
    )

    def init(self):
        # Who knows nothing of these fields creates stages too: other processes while the addon is being
        # installed, and everybody after that has failed
        self.env.cr.execute(SQL(
            "ALTER TABLE crm_stage ALTER scp_band SET DEFAULT 'top', "
            "ALTER scp_forecast_category SET DEFAULT 'pipeline', ALTER scp_gate SET DEFAULT 'none'"))
        return super().init()

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

    @api.depends('is_won', 'scp_band')
    def _compute_scp_forecast_category(self):
        """Follow the band until somebody chooses; won deals alone are closed."""
        for stage in self:
            category = stage.scp_forecast_category
            if not category or stage.is_won != (category == 'closed'):
                band = 'bottom' if stage.is_won else stage.scp_band
                stage.scp_forecast_category = BAND_FORECAST[band]

    @api.constrains('scp_required_field_ids')
    def _check_scp_required_fields(self):
        for stage in self:
            # sudo: a name of a field must not depend on who may read field definitions
            for field in stage.sudo().scp_required_field_ids:
                if field.model != 'crm.lead':
                    raise ValidationError(self.env._(
                        "Stage “%(stage)s”: the required field “%(field)s” (%(model)s.%(name)s) "
                        "does not exist on leads, so no deal could ever have it.",
                        stage=stage.name, field=field.field_description, model=field.model,
                        name=field.name,
                    ))

    @api.constrains('scp_skip_stage_ids', 'team_ids')
    def _check_scp_skip_stages(self):
        """Skips lead forward within one pipeline: two stages can never point at each other."""
        # sudo: the order of the pipeline does not depend on who looks at it; what is cached is
        # older than the change being checked
        # pylint: disable-next=no-search-all # a pipeline has a dozen stages
        stages = self.sudo().search([], order='sequence, id')
        ranks = {stage_id: rank for rank, stage_id in enumerate(stages.ids)}
        for stage in self:
            for target in stage.scp_skip_stage_ids:
                if ranks[target.id] <= ranks[stage.id]:
                    raise ValidationError(self.env._(
                        "Stage “%(stage)s”: the allowed skip to “%(target)s” does not lead to a "
                        "later stage; deals would run in a loop.",
                        stage=stage.name, target=target.name,
                    ))
                if stage.team_ids and target.team_ids and not stage.team_ids & target.team_ids:
                    raise ValidationError(self.env._(
                        "Stage “%(stage)s”: no deal can skip to “%(target)s”, which belongs to "
                        "other sales teams.",
                        stage=stage.name, target=target.name,
                    ))

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        self.env.registry.clear_cache('stable')
        return stages

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(CACHED_FIELDS):
            self.env.registry.clear_cache('stable')
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_orders(self):
        # sudo: teams move deals to a stage whoever may see them
        team = self.env['crm.team'].sudo().with_context(active_test=False).search([
            '|', ('scp_confirm_stage_id', 'in', self.ids), ('scp_cancel_stage_id', 'in', self.ids),
        ], limit=1)
        if team:
            raise UserError(self.env._(
                "Orders of the sales team “%(team)s” move deals to the stage “%(stage)s”: choose "
                "another one there before you delete it.",
                team=team.name,
                stage=(self & (team.scp_confirm_stage_id | team.scp_cancel_stage_id))[:1].name,
            ))

    def unlink(self):
        # moves out of the stage in this transaction still copy its name and band
        self.env['crm.lead'].flush_model(['stage_id'])
        self.env['crm.lead']._finalize_scp_pending()
        result = super().unlink()
        self.env.registry.clear_cache('stable')
        return result

    def _update_field_translations(self, *args, **kwargs):
        result = super()._update_field_translations(*args, **kwargs)
        self.env.registry.clear_cache()
        return result

    def _get_scp_stage(self) -> Stage:
        """Return the stage as the rules of the funnel know it."""
        self.ensure_one()
        return Stage(
            self.id, self.is_won, frozenset(self.team_ids.ids), self._get_scp_gate())

    def _get_scp_gate(self) -> Gate | None:
        """Return what the gate of the stage asks for, or None when it has none."""
        if self.scp_gate in (False, 'none'):
            return None
        return Gate(
            kind=self.scp_gate,
            # sudo: the gate is the same for everybody
            required=tuple(self.sudo().scp_required_field_ids.mapped('name')),
            min_days=self.scp_min_days,
            allow_skip=self.scp_allow_skip,
            skip_ids=frozenset(self.scp_skip_stage_ids.ids),
        )

    @api.model
    @tools.ormcache(cache='stable')
    def _get_scp_stages(self) -> tuple[Stage, ...]:
        """Return all stages in pipeline order; cached, for every change of a lead asks for them."""
        # sudo: cached once for all users
        return tuple(stage._get_scp_stage() for stage in self.sudo().search([], order='sequence, id'))

    @api.model
    @tools.ormcache()
    def _get_scp_labels(self) -> dict[int, StageLabel]:
        """Return name and band of each stage, by its id; cached where imported translations clear it."""
        self.flush_model(['name', 'scp_band'])
        rows = self.env.execute_query(SQL("SELECT id, name, scp_band FROM crm_stage"))
        return {stage_id: StageLabel(name, band) for stage_id, name, band in rows}
