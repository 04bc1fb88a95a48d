from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

from ..portal.portal_rules import MAX_NOTE

ANSWERS = {'accept': 'accepted', 'dispute': 'disputed'}
TONES = {
    'sent': 'warning', 'disputed': 'danger', 'accepted': 'info', 'recovered': 'success', 'closed': 'secondary',
    'withdrawn': 'secondary',
}


class ScpSupplierClaim(models.Model):
    """What the supplier reads and answers: values that are named here, by the policy, and nothing else.

    Neither the customers nor the words of colleagues are among them, whatever the policy says.
    """

    _inherit = 'scp.supplier.claim'

    # === ACCESS === #

    def _scp_get_portal_domain(self, partner, relations):
        """The claims that were sent to a supplier, in the companies whose policy opens them.

        :param relations: ``scp.relation`` whose policy shares claims
        """
        return Domain('partner_id', '=', partner.id) & Domain('sent_at', '!=', False) & Domain(
            'company_id', 'in', [relation.company_id.id for relation in relations])

    def _scp_get_portal_url(self):
        self.ensure_one()
        return f'/my/supply/claims/{self.id}'

    def _scp_get_policy(self):
        self.ensure_one()
        return self.env['scp.relation']._get_policy(self.partner_id, 'supplier', self.company_id)

    def _scp_get_version(self):
        """What the page was rendered from: an answer to anything else is refused."""
        self.ensure_one()
        return f'{fields.Datetime.to_string(self.sent_at)} {self.currency_id.round(self.amount_agreed)}'

    # === VALUES === #

    def _scp_prepare_supplier_summaries(self):
        """What the list of a supplier shows. Runs as superuser.

        :rtype: list[dict]
        """
        states = self._scp_get_portal_states()
        return [{
            'name': claim.number,
            'url': claim._scp_get_portal_url(),
            'company': claim.company_id.name,
            'currency': claim.currency_id,
            'amount': claim.amount_agreed,
            'sent_on': claim.sent_at,
            'answer_by': claim.answer_by if claim.state == 'sent' else False,
            'status': {'label': states[claim.state], 'tone': TONES[claim.state]},
        } for claim in self]

    def _scp_get_portal_states(self):
        """Names of the states as the supplier reads them."""
        return {
            'sent': self.env._("Answer needed"),
            'disputed': self.env._("Disputed"),
            'accepted': self.env._("Accepted"),
            'recovered': self.env._("Settled"),
            'closed': self.env._("Closed"),
            'withdrawn': self.env._("Withdrawn"),
        }

    def _scp_prepare_supplier_values(self):
        """What a supplier reads of a claim: on its page, in the mail and on paper. Runs as superuser."""
        self.ensure_one()
        claim = self.sudo()  # sudo: of it, what is named here
        policy = claim._scp_get_policy()
        [summary] = claim._scp_prepare_supplier_summaries() if claim.sent_at else [{'name': claim.number}]
        kinds = dict(claim.line_ids._fields['kind']._description_selection(self.env))
        return {
            **summary,
            'id': claim.id,
            'company': claim.company_id.name,
            'currency': claim.currency_id,
            'amount': claim.amount_agreed,
            'claimed': claim.amount,
            'date': claim.date,
            'fault': claim.fault or '',
            'answer_by': claim.answer_by,
            'lots': [{
                'product': line.product_name,
                'lot': line.lot_name,
                'qty': line.qty,
                'unit': line.product_uom_id.name,
                'orders': line.purchase_names,
            } for line in claim.lot_ids],
            'costs': [
                {'kind': kinds[kind], 'amount': amount} for kind, amount in claim._get_kind_sums().items()
            ] if policy.share_claim_costs else [],
            'has_page': policy.share_claims,
            'can_answer': claim.state == 'sent',
            'is_answered': bool(claim.answered_at),
            'answered_at': claim.answered_at,
            'answer': claim.answer or '',
            'version': claim._scp_get_version() if claim.sent_at else '',
        }

    # === MAIL === #

    def _mail_claim(self):
        """Queue the claim to its supplier, and give the responsible the day of the answer."""
        self.ensure_one()
        template = self.env.ref('crm_scp_supply.mail_template_scp_supplier_claim')
        # sudo: the mail says what the supplier may read, whoever sends it
        if self.partner_id.email:
            template.sudo().send_mail(self.id)
        self._finish_activities()
        if self.user_id:
            self.activity_schedule(
                'crm_scp_supply.mail_activity_type_claim', date_deadline=self.answer_by, user_id=self.user_id.id,
                summary=self.env._("Answer of %s", self.partner_id.name))

    # === ANSWERS === #

    def _scp_answer(self, answer, text, version, files=()):
        """Take what the supplier says. Runs as superuser.

        Sent twice it counts once.

        :param str answer: accept or dispute
        :param str version: of the page that was answered, see :meth:`_scp_get_version`
        :param files: [(name, bytes)]
        :raise UserError: what is wrong with it, as the supplier reads it
        """
        self.ensure_one()
        text = (text or '').strip()
        state = ANSWERS.get(answer)
        if not state:
            raise UserError(self.env._("Please say whether you accept the claim or dispute it."))
        if state == 'disputed' and not text:
            raise UserError(self.env._("Please say why you dispute the claim."))
        if len(text) > MAX_NOTE:
            raise UserError(self.env._("Please say it in at most %(max)s characters.", max=MAX_NOTE))
        self.lock_for_update(allow_referencing=True)
        if self.state == state and (self.answer or '') == text and self._scp_get_version() == version:
            return
        if self.state != 'sent' or self._scp_get_version() != version:
            raise UserError(self.env._(
                "This claim was answered or changed meanwhile. Please look at it again before you answer."))
        self._check_answer_files(files)
        self.write({'answer': text})
        self._take_answer(state)
        labels = dict(self._fields['state']._description_selection(self.env))
        self.message_post(
            body=plaintext2html(f'{labels[state]}\n{text}' if text else labels[state]),
            author_id=self.env.user.partner_id.id, attachments=list(files), message_type='comment',
            subtype_xmlid='mail.mt_note')
        if self.user_id:
            self.activity_schedule(
                'mail.mail_activity_data_todo', user_id=self.user_id.id,
                summary=self.env._("%(supplier)s: %(answer)s", supplier=self.partner_id.name, answer=labels[state]))

    def _check_answer_files(self, files):
        """What may be sent is set for complaints, and holds here."""
        errors = {}
        self.env['scp.complaint']._check_filed_files(files, self.company_id, errors)
        if errors:
            raise UserError(errors['files'])
