from datetime import timedelta
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.tools import SQL

from .scp_demo import BULK_CONTEXT

# No customer orders by the clock, or always the same: days and quantities swing around the rhythm.
DAYS_OFF = (0, 2, -1, 4, -3)
QUANTITY_FACTORS = (1.0, 0.8, 1.15, 0.9, 1.2, 0.95)
DELIVERY_DAYS = 21
VALIDITY_DAYS = 14
ORDER_BATCH = 50


class Rhythm(NamedTuple):
    """A stretch of regular orders of one customer; ``since`` and ``until`` in days before today."""

    customer: str
    since: int
    until: int
    every: int
    basket: dict[str, int]
    growth: float = 0.0  # of the quantities, from the first to the last order
    discount: float = 0.0  # percent


RHYTHMS = [
    # The few that carry the firm: stable, and growing.
    Rhythm('hengtai', 540, 9, 35, {'control_valve': 28, 'actuator': 28}),
    Rhythm('rheintal', 535, 6, 31, {'centrifugal_pump': 6, 'control_valve': 10}, growth=0.9),
    Rhythm('yuanli', 538, 4, 37, {'ball_valve': 150, 'butterfly_valve': 66}, growth=0.7),
    Rhythm('gulfport', 530, 15, 42, {'centrifugal_pump': 8, 'safety_valve': 20}),
    # Large in revenue and a loss in margin: every order far below the list, and many of them.
    Rhythm('titan', 539, 5, 26, {'centrifugal_pump': 7}, discount=42),
    # Solid middle.
    Rhythm('nordvatten', 520, 18, 60, {'butterfly_valve': 60}),
    Rhythm('sakuragi', 515, 22, 66, {'vacuum_pump': 6}),
    Rhythm('delmar', 510, 12, 70, {'dosing_pump': 10}),
    Rhythm('kowalczyk', 480, 10, 58, {'ball_valve': 55}, growth=1.4),
    Rhythm('bayou', 500, 20, 76, {'safety_valve': 30}),
    Rhythm('shenyuan', 505, 25, 80, {'dosing_pump': 12}),
    # New, and buying more each time.
    Rhythm('longhua', 86, 3, 14, {'vacuum_pump': 4, 'control_valve': 4}, growth=1.0),
    Rhythm('dublin', 62, 8, 18, {'dosing_pump': 3}, growth=0.5),
    # At risk: regular until half a year ago, then silence.
    Rhythm('adriatica', 536, 175, 38, {'control_valve': 8, 'ball_valve': 36}),
    Rhythm('bluepeak', 528, 175, 47, {'centrifugal_pump': 5}),
    # Fading: fewer and smaller.
    Rhythm('huadong', 518, 320, 49, {'butterfly_valve': 50}),
    Rhythm('huadong', 255, 95, 80, {'butterfly_valve': 10}),
    # Lost more than a year ago.
    Rhythm('ostsee', 540, 405, 33, {'control_valve': 9, 'safety_valve': 12}),
    Rhythm('lacroix', 525, 430, 47, {'centrifugal_pump': 1}),
    # Won back after a year of silence.
    Rhythm('vandijk', 538, 470, 34, {'centrifugal_pump': 4}),
    Rhythm('vandijk', 88, 7, 20, {'centrifugal_pump': 4}),
    # Returns much of what it buys (see account_move_demo.py).
    Rhythm('haifeng', 522, 16, 56, {'check_valve': 50, 'safety_valve': 18}),
    # Seasonal: before and during two campaigns a year apart.
    Rhythm('aquanova', 532, 440, 23, {'butterfly_valve': 66}),
    Rhythm('aquanova', 167, 75, 23, {'butterfly_valve': 75}),
    Rhythm('vindhya', 500, 450, 25, {'centrifugal_pump': 3}),
    Rhythm('vindhya', 135, 85, 25, {'centrifugal_pump': 3}),
    # The long tail: a few orders each.
    Rhythm('castilla', 470, 60, 130, {'butterfly_valve': 14}),
    Rhythm('pennine', 450, 30, 140, {'dosing_pump': 2}),
    Rhythm('maple', 490, 40, 150, {'centrifugal_pump': 1}),
    Rhythm('liyang', 430, 14, 104, {'ball_valve': 24}),
    Rhythm('hanguk', 400, 50, 115, {'control_valve': 3}),
    Rhythm('merlion', 380, 20, 120, {'check_valve': 14}),
    Rhythm('prairie', 360, 45, 105, {'dosing_pump': 3}),
    Rhythm('summit', 465, 210, 85, {'ball_valve': 20}),
    Rhythm('lakeshore', 340, 33, 150, {'vacuum_pump': 1}),
    Rhythm('monterrey', 475, 28, 149, {'ball_valve': 30}),
    Rhythm('santos', 300, 70, 115, {'safety_valve': 8}),
    Rhythm('karoo', 290, 55, 118, {'butterfly_valve': 8}),
    Rhythm('fjord', 410, 190, 110, {'dosing_pump': 2}),
    Rhythm('tirola', 200, 19, 90, {'ball_valve': 12}),
    Rhythm('helvetia', 320, 24, 148, {'vacuum_pump': 2}),
    Rhythm('wanhe', 150, 26, 62, {'ball_valve': 30}),
    Rhythm('jade', 80, 80, 30, {'centrifugal_pump': 1}),
    # Three orders in round figures, to check sums by hand.
    Rhythm('cascadia', 400, 400, 30, {'ball_valve': 10, 'seal_kit': 10}),
    Rhythm('cascadia', 200, 200, 30, {'ball_valve': 20, 'seal_kit': 20}),
    Rhythm('cascadia', 35, 35, 30, {'ball_valve': 20, 'seal_kit': 20}),
]

# customer, days since written, sent, products: what the sales people have on their desks.
QUOTATIONS = [
    ('rheintal', 5, True, {'centrifugal_pump': 8, 'commissioning': 3}),
    ('adriatica', 12, True, {'control_valve': 6}),
    ('nordvatten', 2, False, {'butterfly_valve': 40}),
    ('kowalczyk', 20, True, {'ball_valve': 60, 'check_valve': 30}),
    ('summit', 33, True, {'ball_valve': 25, 'actuator': 10}),
    ('gulfport', 3, True, {'centrifugal_pump': 6}),
    ('bayou', 9, True, {'safety_valve': 30}),
    ('prairie', 1, False, {'dosing_pump': 4}),
    ('hengtai', 4, True, {'control_valve': 30, 'actuator': 30}),
    ('yuanli', 1, False, {'ball_valve': 120}),
    ('longhua', 6, True, {'vacuum_pump': 10, 'commissioning': 2}),
    ('wanhe', 15, True, {'ball_valve': 20}),
    ('titan', 7, True, {'centrifugal_pump': 10}),
]


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_sale_orders(self):
        """Create and confirm the orders of eighteen months, oldest first."""
        values = sorted(
            (
                self._prepare_sale_order_values(rhythm.customer, days_ago, basket, rhythm.discount)
                for rhythm in RHYTHMS
                for days_ago, basket in self._get_rhythm_orders(rhythm)
            ),
            key=lambda order_values: order_values['date_order'],
        )
        for start in range(0, len(values), ORDER_BATCH):
            self._create_confirmed_orders(values[start:start + ORDER_BATCH])

    @api.model
    def _create_quotations(self):
        """Create the quotations still open, addressed to the customers' contact persons."""
        quotations = self.env['sale.order'].create([
            dict(
                self._prepare_sale_order_values(customer, days_ago, basket),
                partner_id=self._ref(f'partner_{customer}_contact').id,
                state='sent' if sent else 'draft',
                commitment_date=False,
                validity_date=self._moment(days_ago - VALIDITY_DAYS).date(),
            )
            for customer, days_ago, sent, basket in QUOTATIONS
        ])
        self._backdate_creation(quotations)
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'crm_scp_core.quotation_{customer}', 'record': quotation, 'noupdate': True}
            for (customer, *_values), quotation in zip(QUOTATIONS, quotations, strict=True)
        ])

    def _get_rhythm_orders(self, rhythm):
        """Yield (days before today, {product: quantity}) for every order of a rhythm."""
        steps = (rhythm.since - rhythm.until) // rhythm.every
        for step in range(steps + 1):
            days_ago = rhythm.since - step * rhythm.every - DAYS_OFF[step % len(DAYS_OFF)]
            factor = QUANTITY_FACTORS[step % len(QUANTITY_FACTORS)]
            factor *= 1 + rhythm.growth * step / max(steps, 1)
            yield max(days_ago, rhythm.until), {
                product: max(round(quantity * factor), 1)
                for product, quantity in rhythm.basket.items()
            }

    def _prepare_sale_order_values(self, customer, days_ago, basket, discount=0.0):
        partner = self._ref(f'partner_{customer}')
        ordered_on = self._moment(days_ago, hour=7 + days_ago % 9)
        return {
            'partner_id': partner.id,
            'company_id': self.env.ref('base.main_company').id,
            'user_id': partner.user_id.id,
            'team_id': partner.user_id.sale_team_id.id,
            'pricelist_id': partner.specific_property_product_pricelist.id,
            'date_order': ordered_on,
            'commitment_date': ordered_on + timedelta(days=DELIVERY_DAYS),
            'client_order_ref': f'PO-{customer[:3].upper()}-{1000 + days_ago}',
            'order_line': [
                Command.create({
                    'product_id': self._ref(f'product_{product}').id,
                    'product_uom_qty': quantity,
                    'discount': discount,
                })
                for product, quantity in basket.items()
            ],
        }

    def _create_confirmed_orders(self, values):
        """Create orders, confirm them, and put back the dates that confirming sets to now.

        They are delivered by hand, as where no warehouse is run: the data is the same with and
        without the stock application, and hundreds of transfers less.
        """
        orders = self.env['sale.order'].with_context(**BULK_CONTEXT).create(values)
        orders.action_confirm()
        for order, order_values in zip(orders, values, strict=True):
            order.date_order = order_values['date_order']
        delivered = orders.filtered(lambda order: order.commitment_date < fields.Datetime.now())
        for line in delivered.order_line:
            line.qty_delivered = line.product_uom_qty
        self._backdate_creation(orders)
        return orders.with_env(self.env)

    def _backdate_creation(self, orders):
        """Let the orders be written down on the day they were ordered: no field offers that."""
        orders.flush_recordset()
        self.env.cr.execute(SQL(
            "UPDATE sale_order SET create_date = date_order WHERE id IN %s", tuple(orders.ids),
        ))
        orders.invalidate_recordset(['create_date'])
