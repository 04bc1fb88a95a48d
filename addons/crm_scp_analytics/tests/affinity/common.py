from datetime import timedelta

from odoo import Command, fields

from ..value.common import ValueCommon


class AffinityCommon(ValueCommon):
    """Twelve customers with thirty orders in the last year.

    - Pump and Seal: together in ten orders, each alone in two
    - Valve alone in eight, Hose alone in eight
    - Alpha, Beta and Gamma order pump and seal every thirty days, three times
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.Run._get_today(cls.company)
        cls.products = {
            product.name: product for product in cls.env['product.product'].create([
                {'name': name, 'type': 'service', 'taxes_id': False} for name in ("Pump", "Seal", "Valve", "Hose")
            ])
        }
        cls.pump, cls.seal, cls.valve, cls.hose = cls.products.values()
        cls.partners = cls._create_partners(*(f"Customer {number:02}" for number in range(9)), "Alpha", "Beta", "Gamma")
        cls._buy([
            (partner, days, (cls.pump, cls.seal)) for partner in cls.partners[9:] for days in (80, 50, 20)
        ] + [
            (cls.partners[0], 100, (cls.pump, cls.seal)),
            *((cls.partners[1], days, (cls.pump,)) for days in (90, 60)),
            *((cls.partners[2], days, (cls.seal,)) for days in (90, 60)),
            *((cls.partners[number], 100 + number, (cls.valve,)) for number in range(1, 9)),
            *((cls.partners[number], 40 + number, (cls.hose,)) for number in range(1, 9)),
        ])
        cls.Customer._refresh_for_partners(cls.partners)
        cls.Affinity = cls.env['scp.affinity.run']

    @classmethod
    def _buy(cls, orders):
        """Create confirmed orders, one of each product.

        :param orders: [(partner, days before today, products)]
        """
        orders = cls.env['sale.order'].with_company(cls.company).create([{
            'partner_id': partner.id,
            'company_id': cls.company.id,
            'user_id': False,
            'state': 'sale',
            'date_order': fields.Datetime.to_datetime(cls.today - timedelta(days=days)),
            'order_line': [
                Command.create({'product_id': product.id, 'product_uom_qty': 1, 'price_unit': 10})
                for product in products
            ],
        } for partner, days, products in orders])
        orders.flush_recordset()
        return orders

    @classmethod
    def _find(cls):
        """:return: a run over the company, done"""
        run = cls.Affinity.create({'company_id': cls.company.id})
        run._execute()
        assert run.state == 'done', run.error
        return run

    def _get_pairs(self):
        return {
            (pair.product_id.name, pair.other_product_id.name): pair
            for pair in self.env['scp.affinity.pair'].search([('company_id', '=', self.company.id)])
        }

    def _get_suggestions(self, partner, kind):
        return self.env['scp.affinity.suggestion'].search([
            ('customer_id.partner_id', '=', partner.id), ('kind', '=', kind),
        ])
