from datetime import date

from ..value.common import ValueCommon


class SegmentCommon(ValueCommon):
    """Twelve scored customers: four large and frequent, eight small who bought once, long ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Segment = cls.env['scp.segment']
        cls.Member = cls.env['scp.segment.member']
        cls.large = cls._create_partners(*(f"Large {number}" for number in range(4)))
        cls.small = cls._create_partners(*(f"Small {number}" for number in range(8)))
        values = [
            (partner, f'2026-0{month}-1{place} 04:00', 1000 + 100 * place + month)
            for place, partner in enumerate(cls.large) for month in range(1, 7)
        ] + [
            (partner, f'2025-09-1{place} 04:00', 20 + place) for place, partner in enumerate(cls.small)
        ]
        cls.env['sale.order'].with_company(cls.company).create([
            cls._prepare_order(partner, moment, amount) for partner, moment, amount in values
        ]).flush_recordset()
        cls.partners = cls.large | cls.small
        cls.Customer._refresh_for_partners(cls.partners)
        cls.scoring = cls.Run._score(cls.company, date_to=date(2026, 6, 30))
        assert cls.scoring.state == 'done', cls.scoring.error

    @classmethod
    def _prepare_order(cls, partner, moment, amount):
        return {
            'partner_id': partner.id,
            'company_id': cls.company.id,
            'user_id': False,
            'state': 'sale',
            'date_order': moment + ':00',
            'order_line': [(0, 0, {'product_id': cls.product.id, 'product_uom_qty': 1, 'price_unit': amount})],
        }

    @classmethod
    def _create_segment(cls, **values):
        segment = cls.Segment.create({'name': "Segment", 'company_id': cls.company.id, **values})
        segment._refresh()
        return segment

    @classmethod
    def _get_customer(cls, partner):
        return cls.Customer.search([('partner_id', '=', partner.id), ('company_id', '=', cls.company.id)])

    def _get_names(self, segment):
        return set(self.Customer.search(segment._get_members_domain()).mapped('partner_id.name'))
