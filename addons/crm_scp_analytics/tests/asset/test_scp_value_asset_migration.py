from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from ...models.asset.scp_value_asset import NOBODY, UNGRADED
from .common import AssetCommon

OPENING, CLOSING = date(2026, 3, 31), date(2026, 6, 30)


@tagged('post_install', '-at_install')
@freeze_time('2026-07-01 04:00')
class TestScpValueAssetMigration(AssetCommon):
    """Grades and lifetime values at the end of March and of June:

    ====  ========  ==========
    Ann   A 100     A 120.50
    Bob   B 50.10   A 60.20
    Cat   C 10      D 4.005, in cents 4.01
    Dan   D 5       gone
    Eve   new       B 30
    Fay   C, no forecast either time
    ====  ========  ==========
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Asset = cls.env['scp.value.asset'].with_company(cls.company)
        cls.hubs = cls._add_customers("Ann", "Bob", "Cat", "Dan", "Eve", "Fay")
        cls.ann, cls.bob, cls.cat, cls.dan, cls.eve, cls.fay = cls.hubs.values()
        cls.opening = cls._add_scoring(OPENING, [
            (cls.ann, 0, 100), (cls.bob, 1, 50.10), (cls.cat, 2, 10), (cls.dan, 3, 5), (cls.fay, 2, None),
        ])
        # asked for again on the same day: the later one counts
        cls._add_scoring(CLOSING, [(cls.ann, 3, 1)])
        cls.closing = cls._add_scoring(CLOSING, [
            (cls.ann, 0, 120.50), (cls.bob, 0, 60.20), (cls.cat, 3, 4.005), (cls.eve, 1, 30), (cls.fay, 2, None),
        ])
        cls.a, cls.b, cls.c, cls.d = cls.grades.ids

    def _get_counts(self, result):
        return {
            (row['key'], after): cell['value']
            for row in result['rows'] for after, cell in row['cells'].items() if cell['value']
        }

    def test_matrix(self):
        result = self.Asset.get_migration({})
        self.assertEqual((result['date_from'], result['date_to']), ('2026-03-31', '2026-06-30'))
        self.assertEqual(self._get_counts(result), {
            (self.a, self.a): 1, (self.b, self.a): 1, (self.c, self.d): 1, (self.c, self.c): 1,
            (self.d, NOBODY): 1, (NOBODY, self.b): 1,
        })
        self.assertEqual([row['label'] for row in result['rows']], [*self.grades.mapped('name'), "New"])
        self.assertEqual([grade['label'] for grade in result['afters']], [*self.grades.mapped('name'), "Gone"])
        self.assertEqual(
            {name: cell['value'] for name, cell in result['figures'].items()},
            {'all': 6, 'kept': 2, 'raised': 1, 'lowered': 1, 'new': 1, 'gone': 1},
        )
        self.assertIn("Of 5 customers scored on 03/31/2026, 2 had the same grade on 06/30/2026, 1 a better",
                      result['sentence'])

    def test_rows_and_columns_add_up(self):
        """Heads: 6. Worth: 100 + 50.10 + 10 + 5 = 165.10 then, 120.50 + 60.20 + 4.01 + 30 = 214.71 now."""
        result = self.Asset.get_migration({})
        for row in result['rows']:
            for name in ('value', 'before', 'after'):
                self.assertAlmostEqual(
                    sum(cell[name] or 0 for cell in row['cells'].values()), row['total'][name] or 0, 9, row['label'])
        for after, total in result['totals'].items():
            for name in ('value', 'before', 'after'):
                self.assertAlmostEqual(
                    sum(row['cells'][after][name] or 0 for row in result['rows']), total[name] or 0, 9)
        everybody = result['figures']['all']
        self.assertEqual(sum(row['total']['value'] for row in result['rows']), everybody['value'])
        self.assertEqual(sum(total['value'] for total in result['totals'].values()), everybody['value'])
        self.assertEqual((everybody['before'], everybody['after']), (165.10, 214.71))

    def test_no_forecast_is_no_data(self):
        cell = self.Asset.get_migration({})['rows'][2]['cells'][self.c]
        self.assertEqual((cell['value'], cell['before'], cell['after']), (1, None, None))

    def test_figures_open_their_customers(self):
        result = self.Asset.get_migration({})
        cells = [cell for row in result['rows'] for cell in (*row['cells'].values(), row['total'])]
        for cell in (*cells, *result['totals'].values(), *result['figures'].values()):
            self.assertEqual(len(self._open(cell)), cell['value'], cell['domain'])
        figures = result['figures']
        for name, names in (
            ('kept', ["Ann", "Fay"]), ('raised', ["Bob"]), ('lowered', ["Cat"]), ('new', ["Eve"]), ('gone', ["Dan"]),
        ):
            self.assertEqual(self._get_names(figures[name]), names, name)

    def test_days(self):
        """Days lead to the last complete scoring on or before them; thinned ones have lost most of their scores."""
        middle = self._add_scoring(date(2026, 5, 31), [(self.ann, 2, 80)])
        self._add_scoring(date(2026, 6, 10), [(self.bob, 0, 60)], thinned=True)
        result = self.Asset.get_migration({'date_from': '2026-06-20'})
        self.assertEqual(result['date_from'], str(middle.date_to))
        self.assertEqual([day['key'] for day in result['days']], ['2026-06-30', '2026-05-31', '2026-03-31'])
        self.assertEqual(self._get_counts(self.Asset.get_migration({'date_to': '2026-06-01'})), {
            (self.a, self.c): 1, **{(grade, NOBODY): count for grade, count in ((self.b, 1), (self.c, 2), (self.d, 1))},
        })
        with self.assertRaisesRegex(UserError, "nothing between"):
            self.Asset.get_migration({'date_from': '2026-06-30'})
        self.assertIsNone(self.Asset.get_migration({'date_from': '2026-01-01'})['figures'])
        self.assertIsNone(self.Asset.get_migration({'date_to': '2026-01-01'})['figures'])

    def test_without_grade(self):
        self._add_scoring(date(2026, 7, 1), [(self.ann, None, 1), (self.bob, 0, 1)])
        result = self.Asset.get_migration({'date_from': '2026-06-30'})
        self.assertEqual(self._get_counts(result)[self.a, UNGRADED], 1)
        self.assertEqual(result['figures']['lowered']['value'], 1)
        self.assertEqual(self._get_names(result['figures']['lowered']), ["Ann"])

    def test_own_customers_only(self):
        seller = self._create_company_user('moves_seller', 'crm_scp_core.group_scp_user')
        other = self._create_company_user('moves_other', 'crm_scp_core.group_scp_user')
        for hub in self.hubs.values():
            hub.user_id = other
        self.bob.user_id = seller
        own = self.Asset.with_user(seller).get_migration({})
        self.assertEqual(self._get_counts(own), {(self.b, self.a): 1})
        self.assertEqual(self._get_names(self.Asset.get_migration({})['figures']['all'], seller), ["Bob"])
        mine = self.Asset.get_migration({'user_ids': [other.id]})
        self.assertEqual(mine['figures']['all']['value'], 5)
        employee = new_test_user(self.env, 'moves_employee', 'base.group_user')
        with self.assertRaises(AccessError):
            self.Asset.with_user(employee).get_migration({})

    def test_companies_apart(self):
        other = self._add_company("Moves Dollars", self.env.ref('base.USD'))
        hub = self.Customer.create({'partner_id': self.ann.partner_id.id, 'company_id': other.id})
        self._add_scoring(OPENING, [(hub, 3, 7)], other)
        self._add_scoring(CLOSING, [(hub, 2, 9)], other)
        there = self.Asset.with_context(
            allowed_company_ids=(other + self.company).ids).with_company(other).get_migration({})
        self.assertEqual(self._get_counts(there), {(self.d, self.c): 1})
        self.assertEqual(self.Asset.get_migration({})['figures']['all']['value'], 6)

    def test_one_scoring_is_none(self):
        self.opening.unlink()
        result = self.Asset.get_migration({})
        self.assertIsNone(result['figures'])
        self.assertIsNone(result['date_from'])

    def test_notes(self):
        """What else changed is said."""
        self.assertEqual(self.Asset.get_migration({})['notes'], [])
        self.closing.model_id = self.env['scp.value.model'].with_company(self.company)._get_active(self.company)
        self.assertIn("Another version of the value model", self.Asset.get_migration({})['notes'][0])
