from ast import literal_eval

from odoo import api, fields, models


class ScpComplaintTeam(models.Model):
    """People who handle complaints together, and the address customers write to."""

    _name = 'scp.complaint.team'
    _inherit = ['mail.alias.mixin']
    _description = "Complaint Team"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Team Leader",
        index='btree_not_null',
        check_company=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    member_ids = fields.Many2many(
        comodel_name='res.users',
        relation='scp_complaint_team_users_rel',
        string="Members",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        help="Who handles complaints of this team. Team leaders of the application see all cases "
             "of the teams they lead or are a member of.",
    )
    alias_id = fields.Many2one(
        help="Mail to this address opens a complaint of this team.",
    )
    color = fields.Integer()
    complaint_count = fields.Integer(string="Open Complaints", compute='_compute_complaint_count')

    # === COMPUTE METHODS ===#

    def _compute_complaint_count(self):
        Complaint = self.env['scp.complaint']
        counts = dict(Complaint._read_group(
            [('team_id', 'in', self.ids), ('state', 'in', Complaint._get_open_states())],
            ['team_id'], ['__count'],
        ))
        for team in self:
            team.complaint_count = counts.get(team, 0)

    # === CRUD METHODS ===#

    def write(self, vals):
        self.check_access('write')  # the address is written as superuser
        return super().write(vals)

    # === ACTIONS ===#

    @api.readonly
    def action_view_complaints(self):
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_complaint_action'),
            'domain': [('team_id', '=', self.id)],
            'context': {'default_team_id': self.id, 'search_default_open': 1},
        }

    # === BUSINESS METHODS ===#

    @api.model
    def _get_default_team(self, company):
        """Team of complaints that name none: the first of the company."""
        # sudo: a customer who writes does not read teams
        return self.sudo().search([('company_id', '=', company.id)], limit=1)

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values['alias_model_id'] = self.env['ir.model']._get_id('scp.complaint')
        if self.id:
            values['alias_defaults'] = {
                **literal_eval(self.alias_defaults or '{}'), 'team_id': self.id,
            }
        return values
