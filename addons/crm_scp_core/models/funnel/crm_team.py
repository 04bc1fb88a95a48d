from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    scp_confirm_action = fields.Selection(
        selection=[
            ('none', "Leave the deal where it is"),
            ('won', "Mark the deal as won"),
            ('stage', "Move the deal to a stage"),
        ],
        string="When an Order Is Confirmed",
        default='none',
        required=True,
        prefetch='scp_order',
    )
    scp_confirm_stage_id = fields.Many2one(
        'crm.stage', string="Stage of Ordered Deals",
        domain="['|', ('team_ids', '=', False), ('team_ids', 'in', id)]",
        prefetch='scp_order',
        help="Deals that are further on already stay where they are.",
    )
    scp_cancel_action = fields.Selection(
        selection=[
            ('none', "Leave the deal where it is"),
            ('stage', "Move the deal to a stage"),
            ('lost', "Mark the deal as lost"),
        ],
        string="When the Last Quotation Is Cancelled",
        default='none',
        required=True,
        prefetch='scp_order',
        help="Happens when a deal has no quotation or order left that is not cancelled.",
    )
    scp_cancel_stage_id = fields.Many2one(
        'crm.stage', string="Stage of Cancelled Deals",
        domain="['|', ('team_ids', '=', False), ('team_ids', 'in', id)]",
        prefetch='scp_order',
    )
    scp_cancel_reason_id = fields.Many2one('crm.lost.reason', string="Lost Reason", prefetch='scp_order')

    def init(self):
        # see the stages
        self.env.cr.execute(SQL(
            "ALTER TABLE crm_team ALTER scp_confirm_action SET DEFAULT 'none', "
            "ALTER scp_cancel_action SET DEFAULT 'none'"))
        return super().init()

    @api.constrains('scp_confirm_action', 'scp_confirm_stage_id')
    def _check_scp_confirm_stage(self):
        for team in self:
            if team.scp_confirm_action == 'stage':
                team._check_scp_stage('scp_confirm_stage_id')

    @api.constrains('scp_cancel_action', 'scp_cancel_stage_id')
    def _check_scp_cancel_stage(self):
        for team in self:
            if team.scp_cancel_action == 'stage':
                team._check_scp_stage('scp_cancel_stage_id')

    def unlink(self):
        self.env['crm.lead']._log_scp_cleared('team_id', self.ids)
        return super().unlink()

    def _check_scp_stage(self, fname: str):
        """Check that a stage orders move deals to is there, and one of the team."""
        self.ensure_one()
        label = self._fields[fname]._description_string(self.env)
        if not self[fname]:
            raise ValidationError(self.env._(
                "Sales team “%(team)s”: choose the “%(field)s”.", team=self.name, field=label))
        if self[fname].team_ids and self not in self[fname].team_ids:
            raise ValidationError(self.env._(
                "Sales team “%(team)s”: the stage “%(stage)s” in “%(field)s” belongs to other "
                "teams.",
                team=self.name, stage=self[fname].name, field=label,
            ))
