from odoo import fields, models
from odoo.tools import SQL


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_escalation_active = fields.Boolean(
        string="Escalation of Clocks",
        default=True,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Tell the owner of a complaint, then his leader, manager and director by activities "
             "when its clocks run out. Switched off, clocks still show and are still missed.",
    )
    scp_complaint_manager_id = fields.Many2one(
        comodel_name='res.users',
        string="Complaint Manager",
        groups='base.group_user',
        domain="[('share', '=', False), ('company_ids', '=', id)]",
        prefetch='scp_complaint',
        help="Who is told of missed clocks. Empty: the leader of the team.",
    )
    scp_complaint_director_id = fields.Many2one(
        comodel_name='res.users',
        string="Director of Complaints",
        groups='base.group_user',
        domain="[('share', '=', False), ('company_ids', '=', id)]",
        prefetch='scp_complaint',
        help="Who is told of clocks missed by far. Empty: the complaint manager.",
    )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({'scp_escalation_active', 'resource_calendar_id'}):
            self.env['scp.sla.clock']._mark_stale(SQL("company_id IN %s", tuple(self.ids) or (0,)))
        return result
