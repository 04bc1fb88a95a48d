from odoo import models
from odoo.tools import formatLang
from odoo.tools.misc import format_date


class ScpLeadLog(models.Model):
    """Says in words what a row of the log changed."""

    _inherit = 'scp.lead.log'

    def _get_summary_parts(self) -> list[str]:
        """Say in words what the row changed, one part per field.

        Of a new lead it says how it began, of a completed record what has become known.
        """
        self.ensure_one()
        begins_with = {
            'enter': ('change_stage', 'change_amount'),
            'complete': ('change_probability', 'change_deadline'),
        }.get(self.direction, ())
        parts = []
        for flag, label, before, after in self._get_summary_values():
            if self[flag]:
                parts.append(self.env._(
                    "%(field)s: %(before)s → %(after)s",
                    field=label, before=before or "–", after=after or "–",
                ))
            elif flag in begins_with and after:
                parts.append(self.env._("%(field)s: %(value)s", field=label, value=after))
        if self.change_reason or self.direction in ('won', 'lost'):
            reason = self.won_reason_name if self.won_status_to == 'won' else self.lost_reason_name
            if reason:
                parts.append(self.env._("Reason: %(reason)s", reason=reason))
            if self.competitor_name:
                parts.append(self.env._(
                    "Competitor: %(competitor)s", competitor=self.competitor_name))
        if self.gate_missed:
            parts.append(self.env._("Not met: %(unmet)s", unmet=self.gate_unmet_display))
        return parts

    def _get_summary_values(self) -> list[tuple[str, str, str, str]]:
        """Return (flag, label, before, after) of the fields a reader cares for, formatted."""
        def money(amount):
            return formatLang(self.env, amount, currency_obj=self.currency_id)

        def percent(value):
            return f"{formatLang(self.env, value, digits=1)} %"

        _ = self.env._
        return [
            ('change_stage', _("Stage"), self.stage_from_name, self.stage_to_name),
            ('change_amount', _("Amount"), money(self.amount_from), money(self.amount_to)),
            ('change_mrr', _("Monthly"), money(self.mrr_from), money(self.mrr_to)),
            ('change_probability', _("Probability"),
             percent(self.probability_from), percent(self.probability_to)),
            ('change_deadline', _("Closing"),
             format_date(self.env, self.deadline_from), format_date(self.env, self.deadline_to)),
            ('change_owner', _("Salesperson"),
             self._get_name('owner_from_id'), self._get_name('owner_to_id')),
            ('change_team', _("Team"),
             self._get_name('team_from_id'), self._get_name('team_to_id')),
            ('change_company', _("Company"),
             self._get_name('company_from_id'), self._get_name('company_id')),
        ]

    def _format_stay(self, hours: float) -> str:
        """Return a stay by the clock in the unit one would use for it."""
        if hours < 48:
            return self.env._("%(hours)s h", hours=formatLang(self.env, hours, digits=1))
        return self.env._("%(days)s days", days=formatLang(self.env, hours / 24, digits=1))

    def _get_name(self, fname: str) -> str:
        # sudo: whom a lead belonged to is part of its history, also across companies
        return self[fname].sudo().display_name
