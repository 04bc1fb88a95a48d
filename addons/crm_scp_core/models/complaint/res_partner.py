from odoo import api, fields, models
from odoo.tools import SQL

CRM_GROUPS = (
    'crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor,crm_scp_core.group_scp_quality'
)
COMPLAINT_LIMIT = 10  # complaints shown on the page; the rest is one click away


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_complaint_count = fields.Integer(
        string="Complaints", compute='_compute_scp_counts', groups=CRM_GROUPS,
    )
    scp_complaint_open_count = fields.Integer(
        string="Open Complaints", compute='_compute_scp_counts', groups=CRM_GROUPS,
    )
    scp_complaint_ids = fields.Many2many(
        comodel_name='scp.complaint',
        string="Latest Complaints",
        compute='_compute_scp_complaint_ids',
        groups=CRM_GROUPS,
    )

    # === COMPUTE METHODS ===#

    def _get_scp_count_queries(self):
        Complaint = self.env['scp.complaint']
        return [*super()._get_scp_count_queries(), *self._prepare_scp_count_query(
            Complaint._name, 'commercial_partner_id', [('company_id', '=', self.env.company.id)],
            scp_complaint_count=SQL("count(*)"),
            scp_complaint_open_count=SQL(
                "count(*) FILTER (WHERE scp_complaint.state = ANY(%s))", list(Complaint._get_open_states())),
        )]

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_complaint_ids(self):
        Complaint = self.env['scp.complaint']
        found = {}
        if Complaint.has_access('read') and (partners := self.commercial_partner_id._origin):
            found = dict(Complaint._read_group(
                partners._get_scp_complaint_domain(), ['commercial_partner_id'], ['id:array_agg']))
        for partner in self:
            ids = sorted(found.get(partner.commercial_partner_id._origin, ()), reverse=True)
            partner.scp_complaint_ids = Complaint.browse(ids[:COMPLAINT_LIMIT])

    # === ACTIONS ===#

    @api.readonly
    def action_scp_view_complaints(self):
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_complaint_action'),
            'domain': self._get_scp_complaint_domain(),
            'context': {'default_partner_id': self.id},
        }

    # === BUSINESS METHODS ===#

    def _get_scp_complaint_domain(self):
        """Complaints of these customers in the company, whoever of their contacts complained."""
        return [
            ('commercial_partner_id', 'in', self.commercial_partner_id._origin.ids),
            ('company_id', '=', self.env.company.id),
        ]
