from odoo import models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from .scp_complaint_state import STEPS


class ScpComplaint(models.Model):
    """What a state asks for. Whoever skips a state meets its conditions in the next one."""

    _inherit = 'scp.complaint'

    def _check_guards(self):
        """Refuse states whose conditions are not met, and name all that is missing."""
        for complaint in self:
            missing = list(dict.fromkeys(complaint._get_missing(complaint.state)))
            if missing:
                states = dict(self._fields['state']._description_selection(self.env))
                raise UserError(self.env._(
                    "Complaint %(number)s cannot become %(state)s yet. Missing:\n%(missing)s",
                    number=complaint.display_name,
                    state=states[complaint.state],
                    missing="\n".join(f"- {text}" for text in missing),
                ))

    def _get_missing(self, state):
        """What a complaint lacks for a state, in words. To be extended."""
        self.ensure_one()
        is_refused = self.is_justified == 'no' and self.rejection_reason
        if state == 'rejected' or (state == 'closed' and is_refused):
            missing = self._get_missing_rejected()
            return missing + self._get_missing_informed() if state == 'closed' else missing
        if state == 'duplicate':
            return [] if self.duplicate_of_id else [self.env._("Duplicate of")]
        if state == 'escalated_external':
            return [] if self.external_body else [self.env._("External Body")]
        missing = []
        for step in STEPS[:self._get_step() + 1]:
            if check := getattr(self, f'_get_missing_{step}', None):
                missing += check()
        return missing

    def _get_missing_fields(self, *names):
        labels = self.fields_get(list(names), ['string'])
        return [
            labels[name]['string'] for name in names
            if not self[name] or (self._fields[name].type == 'html' and is_html_empty(self[name]))
        ]

    def _get_missing_assessed(self):
        return self._get_missing_fields('category_id', 'severity')

    def _get_missing_proposed(self):
        return self._get_missing_fields('is_justified', 'decision', 'remedy')

    def _get_missing_rejected(self):
        missing = self._get_missing_fields('rejection_reason', 'recourse')
        if self.is_justified != 'no':
            missing.append(self.env._("Justified: No"))
        return missing

    def _get_missing_informed(self):
        if self.informed_at:
            return []
        return [self.env._("a message to the customer after the decision")]

    def _get_missing_resolved(self):
        missing = self._get_missing_informed()
        if self._needs_causes():
            missing += self._get_missing_fields('occurrence_cause_id', 'escape_cause_id')
            if not self.action_ids.filtered(lambda action: action.kind == 'corrective'):
                missing.append(self.env._("a corrective action"))
        return missing

    def _get_missing_closed(self):
        """Actions against the cause come with a day on which their effect is checked."""
        return [
            self.env._("a date of the effectiveness check of %(action)s", action=action.name)
            for action in self.action_ids._filter_capa() if not action.effect_check_date
        ]

    def _needs_causes(self):
        """Severe and repeated complaints ask for both causes and a corrective action."""
        self.ensure_one()
        return self.severity in ('s1', 's2') or self.is_repeat
