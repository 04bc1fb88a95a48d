from odoo import api, fields, models
from odoo.fields import Domain

SEVERITY_TONES = {'s1': 'danger', 's2': 'warning', 's3': 'info'}


class ScpMyDay(models.AbstractModel):
    _inherit = 'scp.my.day'

    @api.model
    def _get_sections(self, scope):
        return [*super()._get_sections(scope), self._get_section_complaints(scope)]

    @api.model
    def _get_activity_models(self):
        return [
            *super()._get_activity_models(), 'scp.complaint', 'scp.complaint.action',
            'scp.complaint.compensation',
        ]

    @api.model
    def _get_complaint_domain(self, scope):
        """Open complaints that wait for us, of the user, his complaint teams or everybody."""
        Complaint = self.env['scp.complaint']
        domain = Domain([
            ('company_id', 'in', self.env.companies.ids),
            ('state', 'in', Complaint._get_open_states()),
            ('state', 'not in', Complaint._get_waiting_states()),
            '|', ('awaits_response', '=', True), ('severity', 'in', ('s1', 's2')),
        ])
        if scope == 'mine':
            return domain & Domain('user_id', '=', self.env.uid)
        if scope == 'team':
            return domain & (
                Domain('team_id.user_id', '=', self.env.uid)
                | Domain('team_id.member_ids', 'in', [self.env.uid])
            )
        return domain

    @api.model
    def _get_section_complaints(self, scope):
        """Complaints to answer, the most severe first, then the oldest."""
        Complaint = self.env['scp.complaint']
        if not Complaint.has_access('read'):
            return None
        domain = self._get_complaint_domain(scope)
        complaints = Complaint.search(
            domain, order='severity, received_at, id', limit=self._ITEM_LIMIT,
        )
        return {
            'id': 'complaints',
            'sequence': 15,
            'icon': 'fa-life-ring',
            'title': self.env._("Complaints to answer"),
            'help': self.env._(
                "Open complaints whose customer awaits our answer, and all severe ones (S1, S2) "
                "that wait for nobody else. The most severe comes first, then the oldest."
            ),
            'count': Complaint.search_count(domain)
            if len(complaints) == self._ITEM_LIMIT else len(complaints),
            'items': [self._prepare_complaint_item(complaint) for complaint in complaints],
            'action': self._prepare_action(
                self.env._("Complaints to answer"), 'scp.complaint', domain,
                ['list', 'kanban', 'form'],
            ),
            'empty': {
                'title': self.env._("No customer waits for an answer"),
                'message': self.env._(
                    "A complaint appears here when its customer wrote last, and as long as a "
                    "severe one is with us."
                ),
                'button': self.env._("See the complaints"),
                'action': 'crm_scp_core.scp_complaint_action',
            },
        }

    @api.model
    def _prepare_complaint_item(self, complaint):
        severities = dict(complaint._fields['severity']._description_selection(self.env))
        since = complaint.last_customer_message_at or complaint.received_at
        days = (fields.Datetime.now() - since).days
        if complaint.awaits_response:
            why = self.env._("The customer has been waiting for %(days)s days.", days=days)
        else:
            why = self.env._("Answered; still in %(stage)s.", stage=complaint.stage_id.name)
        return {
            'id': complaint.id,
            'res_model': 'scp.complaint',
            'res_id': complaint.id,
            'title': complaint.display_name,
            'subtitle': complaint.commercial_partner_id.display_name or complaint.email_from or False,
            'grade': complaint.grade_id.name or False,
            'why': why,
            'badge': {
                'tone': SEVERITY_TONES.get(complaint.severity, 'muted'),
                'icon': 'fa-exclamation-triangle' if complaint.severity in ('s1', 's2')
                else 'fa-circle-o',
                'text': severities.get(complaint.severity) or self.env._("Not assessed"),
            },
        }
