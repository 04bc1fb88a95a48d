from odoo import api, models
from odoo.fields import Domain


class ScpMyDay(models.AbstractModel):
    _inherit = 'scp.my.day'

    @api.model
    def _get_sections(self, scope):
        return [*super()._get_sections(scope), self._get_section_clocks(scope)]

    @api.model
    def _get_activity_models(self):
        return [*super()._get_activity_models(), 'scp.agreement']

    @api.model
    def _get_clock_domain(self, scope):
        domain = self.env['scp.sla.clock']._get_warning_domain()
        domain &= Domain('company_id', 'in', self.env.companies.ids)
        if scope == 'mine':
            return domain & Domain('complaint_id.user_id', '=', self.env.uid)
        if scope == 'team':
            return domain & (
                Domain('complaint_id.team_id.user_id', '=', self.env.uid)
                | Domain('complaint_id.team_id.member_ids', 'in', [self.env.uid])
            )
        return domain

    @api.model
    def _get_section_clocks(self, scope):
        """Clocks of complaints that were missed or have used three quarters of their time."""
        Clock = self.env['scp.sla.clock']
        if not Clock.has_access('read'):
            return None
        domain = self._get_clock_domain(scope)
        clocks = Clock.search(domain, order='deadline, id', limit=self._ITEM_LIMIT)
        return {
            'id': 'clocks',
            'sequence': 12,
            'icon': 'fa-hourglass-half',
            'title': self.env._("Clocks about to run out"),
            'help': self.env._(
                "What customers who complained are waiting for: clocks that have used three quarters "
                "of their time, or were missed and are still open. The oldest deadline comes first."
            ),
            'count': Clock.search_count(domain) if len(clocks) == self._ITEM_LIMIT else len(clocks),
            'items': [self._prepare_clock_item(clock) for clock in clocks],
            'action': self._prepare_action(
                self.env._("Clocks about to run out"), 'scp.sla.clock', domain, ['list', 'kanban', 'form'],
            ),
            'empty': {
                'title': self.env._("Every clock has time"),
                'message': self.env._(
                    "A clock of a complaint appears here when three quarters of its time are used."
                ),
                'button': self.env._("See the complaints"),
                'action': 'crm_scp_core.scp_complaint_action',
            },
        }

    @api.model
    def _prepare_clock_item(self, clock):
        complaint = clock.complaint_id
        chip = clock.chip
        return {
            'id': clock.id,
            'res_model': 'scp.complaint',
            'res_id': complaint.id,
            'title': complaint.partner_id.display_name or complaint.number,
            'subtitle': complaint.display_name,
            'why': self.env._(
                "%(kind)s, counted in %(calendar)s.", kind=chip['label'], calendar=chip['calendar'],
            ),
            'badge': {'tone': chip['tone'], 'icon': chip['icon'], 'text': chip['text']},
        }
