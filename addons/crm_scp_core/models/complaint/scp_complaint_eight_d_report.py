from odoo import fields, models
from odoo.tools import is_html_empty

from .scp_complaint_eight_d import DISCIPLINES

#: actions that a discipline tells of
DISCIPLINE_ACTIONS = {'d3': ('correction', 'containment'), 'd5': ('corrective',), 'd7': ('preventive',)}


class ScpComplaint(models.Model):
    """The 8D report on paper, which may go to the customer: values that are named here and nothing
    else. Costs, notes, evidence and who did what are not among them.
    """

    _inherit = 'scp.complaint'

    is_8d_shared = fields.Boolean(
        string="8D Report Shared",
        copy=False,
        tracking=True,
        help="The customer can open the 8D report, with causes and actions, on the page of his complaint.",
    )

    def _get_report_base_filename(self):
        self.ensure_one()
        return f'8D_{self.number}'

    def _prepare_portal_values(self, viewer):
        return {**super()._prepare_portal_values(viewer), 'is_8d_shared': self.is_8d_shared}

    def _prepare_eight_d_values(self):
        """What the 8D report shows."""
        self.ensure_one()
        return {
            'number': self.number,
            'name': self.name,
            'customer': self.commercial_partner_id.name,
            'reference': self.identifier,
            'product': self.product_id.display_name,
            'order': self.sudo().sale_order_id.name,  # sudo: a quality engineer may read the number, not the order
            'received_at': self.received_at,
            'closed_at': self.closed_at,
            'disciplines': [self._prepare_discipline_values(name) for name in DISCIPLINES],
        }

    def _prepare_discipline_values(self, name):
        labels = self.fields_get([name, 'occurrence_cause_id', 'escape_cause_id'], ['string'])
        kinds = DISCIPLINE_ACTIONS.get(name, ())
        return {
            'label': labels[name]['string'],
            'date': self[f'{name}_date'],
            'text': False if is_html_empty(self[name]) else self[name],
            'causes': [
                (labels[field]['string'], self[field].display_name)
                for field in ('occurrence_cause_id', 'escape_cause_id') if name == 'd4' and self[field]
            ],
            'actions': [
                self._prepare_eight_d_action(action)
                for action in self.action_ids if action.kind in kinds
            ] if kinds else [],
        }

    def _prepare_eight_d_action(self, action):
        selections = {
            field: dict(action._fields[field]._description_selection(self.env)) for field in ('kind', 'effective')
        }
        return {
            'name': action.name,
            'kind': selections['kind'][action.kind],
            'due': action.due_date,
            'done': action.done_at,
            'checked': action.effect_check_date,
            'effective': selections['effective'].get(action.effective),
        }
