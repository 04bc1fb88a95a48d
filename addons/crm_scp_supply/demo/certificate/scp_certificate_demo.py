from base64 import b64encode
from typing import NamedTuple

from odoo import api, fields, models

PDF = (
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 300]/Contents 4 0 R/Resources<</Font<</F<</Type/Font"
    "/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
    "4 0 obj<</Length {length}>>stream\n{text}\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
DRAWN = "BT /F 18 Tf 40 220 Td (Certificate {number}) Tj 0 -30 Td ({standard}) Tj ET"


class Held(NamedTuple):
    """A certificate: since when and until when, in days from today."""

    supplier: str
    standard: str
    number: str
    issuer: str
    since: int
    until: int | None
    name: str = ''


HELD = (
    Held('supplier_weihai', 'iso_9001', "CN-QM-20417", "Certification House East", -1070, 25, 'weihai'),
    Held('supplier_bergmann', 'iso_9001', "DE 11 8820", "Prüfwerk Rhein", -700, 395),
    Held('supplier_bergmann', 'iso_14001', "DE 11 8821", "Prüfwerk Rhein", -700, 395),
    Held('supplier_sealtech', 'iso_9001', "IN/Q/5531", "Western Assurance", -500, 595, 'sealtech'),
    Held('supplier_sealtech', 'reach', "ST-REACH-7", "Gujarat Seal Technologies", -400, None),
    Held('supplier_pneumo', 'iso_9001', "CZ-9001-118", "Morava Cert", -300, 795),
    Held('supplier_pneumo', 'iso_14001', "CZ-14001-118", "Morava Cert", -300, 795),
    Held('tier2_rizhao', 'iso_9001', "CN-QM-11873", "Certification House East", -1135, -40),
)
EXEMPT = ('supplier_shunan', 'iso_9001', -20, 60, "Audited by us in spring; their own certification is due in autumn.")
WITHDRAWN = (20, "The certifier withdrew it: batch tests of packings had not been made for three months.")
SENT = ('iso_14001', "CN-EM-00932", "Certification House East", -12, 1082)


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_certificates(self):
        """Suppliers with certificates: one ends soon, one was withdrawn, one waits to be confirmed, one has none."""
        Certificate = self.env['scp.certificate'].with_user(
            self.env.ref('crm_scp_core.user_scp_quality')).with_context(tracking_disable=True)
        names = []
        for held in HELD:
            certificate = Certificate.create({
                **self._prepare_certificate(held.supplier, held.standard, held.since, held.until),
                'number': held.number,
                'issuer': held.issuer,
                'document': b64encode(self._draw_certificate(held.standard, held.number)),
                'document_name': f'{held.standard}.pdf',
            })
            certificate.action_confirm()
            if held.name:
                names.append((held.name, certificate))
        supplier, standard, since, until, reason = EXEMPT
        Certificate.create({
            **self._prepare_certificate(supplier, standard, since, until), 'is_waiver': True, 'notes': reason,
        }).action_confirm()
        named = dict(names)
        named['weihai'].reminded_days = 30
        days, reason = WITHDRAWN
        named['sealtech']._void('withdrawn', self._get_day(-days), reason)
        named['sent'] = self._send_certificate()
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'crm_scp_supply.scp_certificate_{name}', 'record': certificate, 'noupdate': True}
            for name, certificate in named.items()
        ])

    def _prepare_certificate(self, supplier, standard, since, until):
        return {
            'partner_id': self.env.ref(f'crm_scp_supply.{supplier}').id,
            'standard_id': self.env.ref(f'crm_scp_supply.scp_standard_{standard}').id,
            'company_id': self.env.ref('base.main_company').id,
            'date_from': self._get_day(since),
            'date_to': until is not None and self._get_day(until),
        }

    def _send_certificate(self):
        """As the portal does."""
        standard, number, issuer, since, until = SENT
        company = self.env.ref('base.main_company')
        return self.env['scp.certificate']._scp_upload(self.env.ref('crm_scp_supply.supplier_weihai'), company, {
            'standard_id': str(self.env.ref(f'crm_scp_supply.scp_standard_{standard}').id), 'number': number,
            'issuer': issuer,
            'date_from': self._get_day(since).isoformat(),
            'date_to': self._get_day(until).isoformat(),
        }, [("environment.pdf", self._draw_certificate(standard, number))])

    def _get_day(self, days):
        return fields.Date.add(fields.Date.context_today(self), days=days)

    def _draw_certificate(self, standard, number):
        text = DRAWN.format(
            number=number, standard=self.env.ref(f'crm_scp_supply.scp_standard_{standard}').display_name)
        return PDF.format(length=len(text), text=text).encode()
