from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class DigestDigest(models.Model):
    """Complaints in the digest. Open and overdue ones are as of the sending, whatever the period."""

    _inherit = 'digest.digest'

    kpi_scp_complaint_new = fields.Boolean(string="New Complaints")
    kpi_scp_complaint_new_value = fields.Integer(compute='_compute_kpi_scp_complaint_new_value')
    kpi_scp_complaint_open = fields.Boolean(string="Open Complaints")
    kpi_scp_complaint_open_value = fields.Integer(compute='_compute_kpi_scp_complaint_open_value')
    kpi_scp_complaint_overdue = fields.Boolean(string="Overdue Complaints")
    kpi_scp_complaint_overdue_value = fields.Integer(compute='_compute_kpi_scp_complaint_overdue_value')

    # === COMPUTE METHODS === #

    def _compute_kpi_scp_complaint_new_value(self):
        self._check_scp_complaint_access()
        self._calculate_company_based_kpi(
            'scp.complaint', 'kpi_scp_complaint_new_value', date_field='received_at',
            additional_domain=[('state', '!=', 'duplicate')],
        )

    def _compute_kpi_scp_complaint_open_value(self):
        self._calculate_scp_open_complaints('kpi_scp_complaint_open_value', Domain.TRUE)

    def _compute_kpi_scp_complaint_overdue_value(self):
        self._calculate_scp_open_complaints(
            'kpi_scp_complaint_overdue_value', Domain('has_clock_missed', '=', True))

    # === BUSINESS METHODS === #

    def _check_scp_complaint_access(self):
        """The digest leaves out what a user may not know by this error."""
        if not self.env['scp.complaint'].has_access('read') or not self.env.user._is_internal():
            raise AccessError(self.env._("Complaints are left out of the digest of who may not read them."))

    def _calculate_scp_open_complaints(self, field, domain):
        self._check_scp_complaint_access()
        Complaint = self.env['scp.complaint']
        _start, _end, companies = self._get_kpi_compute_parameters()
        counts = dict(Complaint._read_group(
            domain & Domain([('company_id', 'in', companies.ids), ('state', 'in', Complaint._get_open_states())]),
            ['company_id'], ['__count'],
        ))
        for digest in self:
            digest[field] = counts.get(digest.company_id or self.env.company, 0)

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref('crm_scp_core.menu_scp_root').id
        for name in ('new', 'open', 'overdue'):
            actions[f'kpi_scp_complaint_{name}'] = f'crm_scp_core.scp_complaint_action?menu_id={menu}'
        return actions
