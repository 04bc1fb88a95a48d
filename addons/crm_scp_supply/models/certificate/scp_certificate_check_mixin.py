from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, plaintext2html

from ..scorecard.scp_scorecard_standing import ACTIONS, SEVERITY
from .scp_certificate_proof import Asked

GROUPS = ','.join([
    'purchase.group_purchase_user',
    'stock.group_stock_user',
    'crm_scp_core.group_scp_quality',
    'crm_scp_core.group_scp_manager',
    'crm_scp_core.group_scp_auditor',
])
#: sentences in a message; the rest is a number
MAX_GAPS = 5


class ScpCertificateCheckMixin(models.AbstractModel):
    """Documents that warn, or are held, when a certificate that is required is missing or not valid.

    Documents about goods that need none cost no query: see ``scp.certificate.requirement._get_acting``.
    """

    _name = 'scp.certificate.check.mixin'
    _description = "Document Checked for Certificates"

    scp_certificate_action = fields.Selection(
        ACTIONS, string="Certificates", compute='_compute_scp_certificate', groups=GROUPS,
        help="What follows from certificates that are missing.",
    )
    scp_certificate_reason = fields.Text(
        string="Certificates Missing", compute='_compute_scp_certificate', groups=GROUPS)

    # === COMPUTE === #

    @api.depends('partner_id', 'state', 'company_id')
    @api.depends_context('lang')
    def _compute_scp_certificate(self):
        for document in self:
            gaps = document._scp_find_certificate_gaps()
            document.scp_certificate_action = document._scp_get_certificate_action(gaps)
            document.scp_certificate_reason = document._scp_get_certificate_text(gaps) if gaps else False

    # === BUSINESS === #

    def _scp_find_certificate_gaps(self):
        """As :meth:`_scp_get_certificate_gaps`, of companies that ask for anything."""
        acting = self.env['scp.certificate.requirement']._get_acting(self.company_id.id)
        return self._scp_get_certificate_gaps() if acting else []

    def _scp_get_certificate_gaps(self):
        """What is missing on a document: sentence by requirement, [(``scp.certificate.requirement``, str)]."""
        raise NotImplementedError

    def _scp_get_bought_gaps(self, products, address):
        """What is missing when products come, or are ordered, from an address of a supplier today."""
        requirements = self.env['scp.certificate.requirement']._get_acting_on(self.company_id, products)
        if not requirements:
            return []
        today = fields.Date.context_today(self)
        proofs = self.env['scp.certificate.proof']._get_proofs(
            requirements, [Asked(product.id, product.id, None, address.id or None, today) for product in products],
            self.company_id)
        return [
            (requirements.browse(proof.requirement_id), self._scp_get_bought_text(proof))
            for proof in proofs if not proof.certificate_id
        ]

    def _scp_get_bought_text(self, proof):
        # sudo: names in a message that says why, to whoever is stopped
        product = self.env['product.product'].sudo().browse(proof.product_id)
        supplier = self.env['res.partner'].sudo().browse(proof.partner_id or [])
        standard = self.env['scp.certificate.requirement'].sudo().browse(proof.requirement_id).standard_id
        return self.env._(
            "%(product)s: %(supplier)s (tier %(tier)s) has no certificate of %(standard)s that is valid on %(day)s.",
            product=product.display_name, supplier=supplier.name or self.env._("nobody named"), tier=proof.tier,
            standard=standard.display_name, day=format_date(self.env, proof.day))

    @api.model
    def _scp_get_certificate_action(self, gaps):
        return max((requirement.action for requirement, _text in gaps), key=SEVERITY.get, default='none')

    @api.model
    def _scp_get_certificate_text(self, gaps):
        texts = list(dict.fromkeys(text for _requirement, text in gaps))
        if len(texts) > MAX_GAPS:
            texts[MAX_GAPS:] = [self.env._("And %s more.", len(texts) - MAX_GAPS)]
        return "\n".join(texts)

    def _scp_get_certificate_hold(self, gaps):
        """Why a document is held, or False when it is not."""
        held = [(requirement, text) for requirement, text in gaps if requirement.action == 'hold']
        return held and self.env._(
            "%(document)s is held: %(reason)s\nQuality or a manager confirms a certificate or an exemption.",
            document=self.display_name, reason=self._scp_get_certificate_text(held))

    def _scp_check_certificates(self):
        """What documents will say they went on in spite of, by id.

        :raise UserError: some are held, with the reason of each
        """
        gaps = {document.id: found for document in self if (found := document._scp_find_certificate_gaps())}
        documents = self.browse(gaps)
        if holds := [hold for record in documents if (hold := record._scp_get_certificate_hold(gaps[record.id]))]:
            raise UserError("\n".join(holds))
        return {
            document_id: self.env._("Went on although: %s", self._scp_get_certificate_text(found))
            for document_id, found in gaps.items()
        }

    def _scp_log_certificates(self, texts):
        if texts:
            # sudo: who confirms may not write messages here
            self.browse(texts).sudo()._message_log_batch({
                document_id: plaintext2html(text) for document_id, text in texts.items()
            })
