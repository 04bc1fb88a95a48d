from odoo import models


class ScpScorecard(models.Model):
    """Who is told by mail that a card was published."""

    _inherit = 'scp.scorecard'

    # === BUSINESS === #

    def _publish(self):
        published = super()._publish()
        published._send_notice()
        return published

    def _correct(self, line, value, n, text):
        version = super()._correct(line, value, n, text)
        if version.state == 'published':
            version._send_notice()
        return version

    def _send_notice(self):
        """Queue a mail to the partners of these cards, where the company wants it, the partner may read the card and
        somebody there has an address."""
        due = self.sudo()._get_shared_cards().filtered(  # sudo: who publishes need not edit mail templates
            lambda card: card.company_id.scp_scorecard_mail and card._get_notice_recipients())
        if due:
            self.env.ref('crm_scp_supply.mail_template_scp_scorecard').sudo().send_mail_batch(due.ids)

    def _get_shared_cards(self):
        """Those of these cards that the share policy in force lets their partner read."""
        shared = self.browse()
        for (company, role), cards in self.grouped(lambda card: (card.company_id, card.role)).items():
            policies = self.env['scp.relation']._get_policies(cards.partner_id, role, company)
            shared |= cards.filtered(
                lambda card, policies=policies: policies[card.partner_id.commercial_partner_id].share_scorecard)
        return shared

    def _get_notice_recipients(self):
        """Who can log in and read the card; the company itself where nobody can yet."""
        self.ensure_one()
        company = self.partner_id.commercial_partner_id
        people = (company | company.child_ids).filtered('email')
        return people.filtered('user_ids') or people & company

    def _get_notice_url(self):
        return self.get_base_url() + self._scp_get_portal_url()
