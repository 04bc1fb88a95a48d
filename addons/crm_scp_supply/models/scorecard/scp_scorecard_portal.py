from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..portal.portal_rules import MAX_NOTE


class ScpScorecard(models.Model):
    """What a partner sees of his cards: values that are named here and nothing else."""

    _inherit = 'scp.scorecard'

    # === ACCESS === #

    def _scp_get_portal_domain(self, partner, relations):
        """The published cards of a partner in the roles and companies that a policy opens, the latest versions.

        :param relations: ``scp.relation`` whose policy shares scorecards
        """
        return Domain('partner_id', '=', partner.id) & Domain('state', '=', 'published') & Domain.OR(
            Domain('company_id', '=', relation.company_id.id) & Domain('role', '=', relation.role)
            for relation in relations
        )

    def _scp_get_portal_url(self):
        self.ensure_one()
        return f'/my/supply/scorecards/{self.id}'

    def _scp_can_dispute(self):
        """Whether the time to dispute is not over."""
        self.ensure_one()
        return self.state == 'published' and fields.Datetime.now().date() <= self._scp_get_last_dispute_day()

    def _scp_get_last_dispute_day(self):
        return self.published_at.date() + timedelta(days=self.template_id.dispute_days)

    # === VALUES === #

    def _scp_prepare_partner_summaries(self):
        """What the list of a partner shows. Runs as superuser.

        :rtype: list[dict]
        """
        return [{
            'name': card._get_period_label(),
            'title': card.template_name,
            'url': card._scp_get_portal_url(),
            'company': card.company_id.name,
            'is_rated': card.is_rated,
            'score': card.score,
            'standing': card.standing,
            'tone': card.tone or 'secondary',
            'disputes': card.open_dispute_count,
        } for card in self]

    def _scp_prepare_partner_values(self):
        """What the page of a card shows its partner. Runs as superuser."""
        self.ensure_one()
        [summary] = self._scp_prepare_partner_summaries()
        disputes = self.env['scp.scorecard.dispute'].search(
            [('card_id', 'in', self._get_versions().ids)], order='id')
        return {
            **summary,
            'id': self.id,
            'date_from': self.date_from,
            'date_to': self.date_to,
            'version': self.version,
            'correction': self.correction,
            'coverage': self.coverage,
            'previous_score': self.previous_score,
            'trend': self.trend,
            'trend_label': dict(self._fields['trend']._description_selection(self.env))[self.trend],
            'can_dispute': self._scp_can_dispute(),
            'dispute_until': self._scp_get_last_dispute_day(),
            'lines': [self._scp_prepare_partner_line(line, disputes) for line in self.line_ids],
        }

    def _scp_prepare_partner_line(self, line, disputes):
        Figure = self.env['scp.scorecard.figure']
        key = line.criterion_id or line.name
        threads = disputes.filtered(lambda dispute: (dispute.line_id.criterion_id or dispute.line_id.name) == key)
        return {
            'id': line.id,
            'name': line.label,
            'definition': line.definition_text,
            'weight': line.weight,
            'value': line.value_text,
            'target': line.target_text,
            'floor': line.floor_text,
            'n': line.n,
            'min_n': line.min_n,
            'has_value': line.has_value,
            'is_rated': line.is_rated,
            'points': line.points,
            'is_corrected': line.is_corrected,
            'before': Figure._format(line.value_before, line.unit) if line.is_corrected else False,
            'is_disputed': 'open' in threads.mapped('state'),
            'entries': [{
                'date': entry.create_date,
                # colleagues read who of them said it; of us they read the company
                'author': entry.author_name if entry.is_partner else self.company_id.name,
                'is_partner': entry.is_partner,
                'kind': entry.kind,
                'label': dict(entry._fields['kind']._description_selection(self.env))[entry.kind],
                'text': entry.text,
            } for entry in threads.entry_ids],
        }

    # === WRITING === #

    def _scp_dispute(self, line_id, text):
        """A partner disputes a line of his card, or adds to what he said. Runs as superuser.

        Sent twice it counts once.

        :param line_id: id of a line, as the page sent it
        :param text: why
        :raise UserError: what is wrong with it, as the partner reads it
        """
        self.ensure_one()
        text = (text or '').strip()
        line = self.line_ids.filtered(lambda line: str(line.id) == str(line_id))
        if not line:
            raise UserError(self.env._("This line is not on the scorecard any more: please look at it again."))
        if not text:
            raise UserError(self.env._("%s: please say why it is not right.", line.label))
        if len(text) > MAX_NOTE:
            raise UserError(self.env._(
                "%(line)s: please say it in at most %(max)s characters.", line=line.label, max=MAX_NOTE))
        if not self._scp_can_dispute():
            raise UserError(self.env._("The time to dispute this scorecard is over."))
        self.lock_for_update(allow_referencing=True)
        dispute = self.env['scp.scorecard.dispute'].search([('line_id', '=', line.id), ('state', '=', 'open')])
        if dispute and dispute.entry_ids[-1:].is_partner and dispute.entry_ids[-1:].text == text:
            return dispute
        if dispute:
            dispute._add_entry('reply', text, is_partner=True)
        else:
            dispute = dispute.create([{'line_id': line.id}])
            dispute._add_entry('dispute', text, is_partner=True)
            self._schedule_answer(dispute)
        return dispute

    def _schedule_answer(self, dispute):
        """Give the responsible an activity."""
        if self.user_id:
            self.activity_schedule(
                'crm_scp_supply.mail_activity_type_dispute', user_id=self.user_id.id,
                summary=self.env._("Disputed: %s", dispute.line_id.name), note=dispute.reason)
