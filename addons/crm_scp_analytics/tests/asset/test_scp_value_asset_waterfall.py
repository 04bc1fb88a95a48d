from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import AssetCommon

OPENING, CLOSING = date(2026, 3, 31), date(2026, 6, 30)


@tagged('post_install', '-at_install')
@freeze_time('2026-07-01 04:00')
class TestScpValueAssetWaterfall(AssetCommon):
    """Lifetime values at the end of March and of June:

    ====  ======  ========================
    Ann   100     120.50     grown  20.50
    Bob   50.10   60.204     grown  10.10, in cents
    Cat   10      4.005      shrunk  5.99, in cents
    Dan   5                  lost    5
    Eve           30         won    30
    Fay   7       7          the same
    ====  ======  ========================

    172.10 + 30 + 30.60 - 5.99 - 5 = 221.71
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Asset = cls.env['scp.value.asset'].with_company(cls.company)
        cls.hubs = cls._add_customers("Ann", "Bob", "Cat", "Dan", "Eve", "Fay")
        cls.ann, cls.bob, cls.cat, cls.dan, cls.eve, cls.fay = cls.hubs.values()
        cls.opening = cls._add_scoring(OPENING, [
            (cls.ann, 0, 100), (cls.bob, 1, 50.10), (cls.cat, 2, 10), (cls.dan, 3, 5), (cls.fay, 2, 7),
        ])
        cls.closing = cls._add_scoring(CLOSING, [
            (cls.ann, 0, 120.50), (cls.bob, 0, 60.204), (cls.cat, 3, 4.005), (cls.eve, 1, 30), (cls.fay, 2, 7),
        ])

    def _get_values(self, result):
        """:return: {part: (customers, money)} of a waterfall, checked to add up"""
        cells = {'opening': result['opening'], **{part['key']: part for part in result['parts']},
                 'closing': result['closing']}
        values = {name: (cell['count'], cell['value']) for name, cell in cells.items()}
        cents = {name: round(100 * money) for name, (_count, money) in values.items()}
        self.assertEqual(
            cents['opening'] + sum(cents[part['key']] for part in result['parts']), cents['closing'], values)
        return values

    def test_identity(self):
        result = self.Asset.get_waterfall({})
        self.assertEqual(self._get_values(result), {
            'opening': (5, 172.10), 'won': (1, 30), 'grown': (2, 30.60), 'shrunk': (1, -5.99), 'lost': (1, -5),
            'closing': (5, 221.71),
        })
        self.assertEqual(result['change']['value'], 49.61)
        self.assertAlmostEqual(result['change']['share'], 49.61 / 172.10)
        self.assertIn("5 customers were worth", result['sentence'])
        self.assertIn("more than on 03/31/2026", result['sentence'])

    def test_back_in_time(self):
        """Nothing but losses: the signs hold."""
        self._add_scoring(date(2026, 7, 1), [(self.ann, 0, 1)])
        result = self.Asset.get_waterfall({'date_from': '2026-06-30'})
        self.assertEqual(self._get_values(result), {
            'opening': (5, 221.71), 'won': (0, 0), 'grown': (0, 0), 'shrunk': (1, -119.50), 'lost': (4, -101.21),
            'closing': (1, 1),
        })
        self.assertIn("less than on", result['sentence'])

    def test_movers(self):
        movers = self.Asset.get_waterfall({})['movers']
        self.assertEqual(
            [(mover['name'], mover['part'], mover['before'], mover['after'], mover['change']) for mover in movers],
            [
                ("Eve", "Won", None, 30, 30), ("Ann", "Grown", 100, 120.50, 20.50),
                ("Bob", "Grown", 50.10, 60.20, 10.10), ("Cat", "Shrunk", 10, 4.01, -5.99), ("Dan", "Lost", 5, None, -5),
            ],
        )

    def test_figures_open_their_records(self):
        result = self.Asset.get_waterfall({})
        for part in result['parts']:
            self.assertEqual(len(self._open(part)), part['count'], part['key'])
        self.assertEqual(self._get_names(result['parts'][1]), ["Ann", "Bob"])
        for name in ('opening', 'closing'):
            scores = self._open(result[name])
            self.assertEqual(len(scores), result[name]['count'])
            self.assertAlmostEqual(sum(scores.mapped('lifetime_value')), result[name]['value'], 2)

    def _merge(self, source, target):
        partners = source.partner_id + target.partner_id
        self.env['base.partner.merge.automatic.wizard']._merge(partners.ids, target.partner_id)

    def test_merge_of_two_who_were_scored(self):
        """Ann and Cat become one: 110 at first and 124.51 now, so he has grown by 14.51 instead of +20.50 and -5.99.
        Opening and closing stay what they were."""
        self._merge(self.cat, self.ann)
        self.assertEqual(self._get_values(self.Asset.get_waterfall({})), {
            'opening': (4, 172.10), 'won': (1, 30), 'grown': (2, 24.61), 'shrunk': (0, 0), 'lost': (1, -5),
            'closing': (4, 221.71),
        })

    def test_merge_of_one_lost_and_one_won(self):
        """Dan has gone on as Eve: nobody was lost or won, 5 became 30."""
        self._merge(self.dan, self.eve)
        self.assertEqual(self._get_values(self.Asset.get_waterfall({})), {
            'opening': (5, 172.10), 'won': (0, 0), 'grown': (3, 55.60), 'shrunk': (1, -5.99), 'lost': (0, 0),
            'closing': (5, 221.71),
        })

    def test_archived_customers_count(self):
        before = self._get_values(self.Asset.get_waterfall({}))
        (self.bob + self.dan).partner_id.active = False
        result = self.Asset.get_waterfall({})
        self.assertEqual(self._get_values(result), before)
        self.assertEqual(self._get_names(result['parts'][3]), ["Dan"])

    def test_own_customers_only(self):
        seller = self._create_company_user('equity_seller', 'crm_scp_core.group_scp_user')
        other = self._create_company_user('equity_other', 'crm_scp_core.group_scp_user')
        for hub in self.hubs.values():
            hub.user_id = other
        (self.bob + self.dan).user_id = seller
        own = self.Asset.with_user(seller).get_waterfall({})
        self.assertEqual(self._get_values(own), {
            'opening': (2, 55.10), 'won': (0, 0), 'grown': (1, 10.10), 'shrunk': (0, 0), 'lost': (1, -5),
            'closing': (1, 60.20),
        })
        self.assertEqual(self._open(own['opening'], seller).customer_id, self.bob + self.dan)
        employee = new_test_user(self.env, 'equity_employee', 'base.group_user')
        with self.assertRaises(AccessError):
            self.Asset.with_user(employee).get_waterfall({})

    def test_companies_apart(self):
        other = self._add_company("Equity Dollars", self.env.ref('base.USD'))
        hub = self.Customer.create({'partner_id': self.ann.partner_id.id, 'company_id': other.id})
        self._add_scoring(OPENING, [(hub, 3, 7)], other)
        self._add_scoring(CLOSING, [(hub, 2, 9)], other)
        there = self.Asset.with_context(
            allowed_company_ids=(other + self.company).ids).with_company(other).get_waterfall({})
        self.assertEqual((there['opening']['value'], there['closing']['value']), (7, 9))
        self.assertEqual(there['currency']['id'], self.env.ref('base.USD').id)
        self.assertEqual(self.Asset.get_waterfall({})['opening']['value'], 172.10)

    def test_no_forecasts_is_no_data(self):
        """A scoring without forecasts is not worth nothing. Nobody to be seen is."""
        self._add_scoring(date(2026, 7, 1), [(self.ann, 0, None), (self.bob, 0, None)])
        self.assertIsNone(self.Asset.get_waterfall({})['opening'])
        nobody, other = (
            self._create_company_user(f'equity_{name}', 'crm_scp_core.group_scp_user') for name in ('nobody', 'other')
        )
        self.Customer.search([('company_id', '=', self.company.id)]).user_id = other
        self.assertEqual(
            self._get_values(self.Asset.with_user(nobody).get_waterfall({}))['closing'], (0, 0))

    def test_one_scoring_is_none(self):
        self.opening.unlink()
        self.assertIsNone(self.Asset.get_waterfall({})['opening'])

    def test_statements(self):
        """However many customers: scorings, waterfall, movers and their names."""
        self.Asset.get_waterfall({})
        self.env.invalidate_all()
        with self.assertQueryCount(9):
            self.Asset.get_waterfall({})
