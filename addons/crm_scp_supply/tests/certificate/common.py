from base64 import b64decode, b64encode
from datetime import date

from odoo import Command
from odoo.tests import new_test_user

from ..trace.common import TraceCommon

PDF = b"%PDF-1.4\n%%EOF\n"
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")


class CertificateCommon(TraceCommon):
    """The mill and the forge deliver steel; the mine stands behind the mill. Days are of 2030.

    Nothing is required before a test says so.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['scp.certificate.requirement'].search([]).active = False
        cls.Proof = cls.env['scp.certificate.proof']
        cls.standard, cls.other_standard = cls.env['scp.standard'].create([
            {'code': "TS 1", 'year': '2028', 'name': "Test of steel"},
            {'code': "TS 2", 'name': "Test of the world"},
        ])
        cls.mine = cls.env['res.partner'].create({'name': "Mine", 'is_company': True})
        cls.mill_relation = cls.env['scp.relation'].create({'partner_id': cls.mill.id, 'role': 'supplier'})
        cls.env['scp.relation'].create({
            'partner_id': cls.mine.id, 'role': 'supplier', 'upstream_relation_id': cls.mill_relation.id})
        cls.quality, cls.buyer = (
            new_test_user(cls.env, f'certificate_{name}', group, tz=cls.env.user.tz)
            for name, group in (
                ('quality', 'crm_scp_core.group_scp_quality'), ('buyer', 'purchase.group_purchase_user')))

    @classmethod
    def _certify(cls, partner, since=date(2030, 1, 1), until=date(2030, 12, 31), standard=None, **values):
        certificate = cls.env['scp.certificate'].with_user(cls.quality).create({
            'partner_id': partner.id, 'standard_id': (standard or cls.standard).id, 'number': f"{partner.name} 1",
            'date_from': since, 'date_to': until, 'document': b64encode(PDF), 'document_name': "c.pdf", **values,
        })
        certificate.action_confirm()
        return certificate

    @classmethod
    def _require(cls, products=None, **values):
        return cls.env['scp.certificate.requirement'].create({
            'standard_id': cls.standard.id, 'product_ids': [Command.set((products or cls.steel).ids)],
            'date_from': date(2029, 1, 1), 'action': 'none', **values,
        })

    @classmethod
    def _receive(cls, supplier, name, day, qty=10, product=None):
        """A lot that came on a day of 2030."""
        lot = cls._create_lot(product or cls.steel, name)
        order = cls._buy(supplier, lot, qty)
        order.order_line.move_ids.move_line_ids.date = day
        return lot

    def _comply(self, requirement, lot):
        """Status and covered share of a lot."""
        [found] = self.Proof._get_compliance(requirement, lot, self.env.company)
        return found.status, round(found.share, 2)
