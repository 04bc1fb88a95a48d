from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ClaimCommon


@tagged('post_install', '-at_install')
class TestClaimSplit(ClaimCommon):

    def _get_amounts(self, claims, name='amount_company'):
        return {partner: claim[name] for partner, claim in claims.items()}

    # --- what was consumed --- #

    def test_consumed(self):
        """Of 100 S1 and 50 S2 received, 40 and 20 are in P1."""
        consumed = {
            (row['lot_id'], row['partner_id']): row['consumed'] for row in self.Trace._get_consumed_rows(self.p1)}
        self.assertEqual(consumed, {(self.s1.id, self.mill.id): 40, (self.s2.id, self.forge.id): 20})

    def test_consumed_through_levels(self):
        """30 S1 make 3 P2 and 6 P3 in one run: 10 and 20 each; 2 of 6 P3 become P4, with two thirds of 10."""
        p2, p3, p4 = (self._create_lot(self.pump, name) for name in ("P2", "P3", "P4"))
        self._make({self.s1: 30}, {p2: 3, p3: 6})
        self._make({p3: 2}, {p4: 2})
        for lot, expected in ((p2, 10), (p3, 20), (p4, 20 / 3)):
            [row] = self.Trace._get_consumed_rows(lot)
            self.assertAlmostEqual(row['consumed'], expected)

    def test_consumed_with_rework(self):
        """Lots that went in circles end, and a lot that was bought counts whole."""
        p2 = self._create_lot(self.pump, "P2")
        self._make({self.p1: 2}, {p2: 2})
        self._make({p2: 1}, {self.p1: 1})
        consumed = {row['lot_id']: row['consumed'] for row in self.Trace._get_consumed_rows(self.p1)}
        self.assertAlmostEqual(consumed[self.s1.id] / consumed[self.s2.id], 2)
        [row] = self.Trace._get_consumed_rows(self.s1)
        self.assertEqual(row['consumed'], 100)

    # --- the split --- #

    def test_split(self):
        """100.00 over values of 200 and 400: 33.33 % and 66.67 %, 33.33 and 66.67."""
        self._add_cost(100)
        claims = self._claim()
        self.assertEqual(self._get_amounts(claims, 'weight'), {"Mill": 200, "Forge": 400})
        self.assertEqual(self._get_amounts(claims, 'share'), {"Mill": 33.33, "Forge": 66.67})
        self.assertEqual(self._get_amounts(claims), {"Mill": 33.33, "Forge": 66.67})
        self.assertEqual(
            [(line.lot_name, line.product_name, line.qty, line.value) for line in claims["Mill"].lot_ids],
            [("S1", "Steel", 40, 200)])
        self.assertEqual(claims["Mill"].sibling_ids, claims["Mill"] | claims["Forge"])
        self.assertEqual(self.complaint.claim_count, 2)

    def test_each_cost_adds_up(self):
        """Shares of 33.33 % and 66.67 %: 0.01, 0.05, 10.00 and 1,234.57 are split, and no cent is lost."""
        for amount in (0.01, 0.05, 10, 1234.57):
            self._add_cost(amount)
        claims = self._claim()
        parts = {
            partner: {line.cost_id.amount: line.amount_company for line in claim.line_ids}
            for partner, claim in claims.items()
        }
        self.assertEqual(parts, {
            "Mill": {0.05: 0.02, 10: 3.33, 1234.57: 411.48},
            "Forge": {0.01: 0.01, 0.05: 0.03, 10: 6.67, 1234.57: 823.09},
        })
        self.assertEqual(self._get_amounts(claims), {"Mill": 414.83, "Forge": 829.80})
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT sum(share), sum(amount_company) FROM scp_supplier_claim WHERE complaint_id = %s",
            [self.complaint.id])
        self.assertEqual([float(value) for value in self.env.cr.fetchone()], [100.0, 1244.63])

    def test_three_currencies(self):
        """The mill is paid in euros at 0.80, the forge in yen at 150; a cost of 50 euros is 62.50 dollars.

        162.50 in all: 54.16 + 108.34 of costs of 100.00 and 62.50, i.e. 33.33 + 20.83 and 66.67 + 41.67.
        In euros 26.66 + 16.66 = 43.32; in yen 10,001 (66.67 x 150 = 10,000.5) + 6,251 (6,250.5) = 16,252.
        """
        self.mill.property_purchase_currency_id = self.eur
        self.forge.property_purchase_currency_id = self.jpy
        self._add_cost(100)
        self._add_cost(50, currency_id=self.eur.id)
        claims = self._claim()
        self.assertEqual(self._get_amounts(claims), {"Mill": 54.16, "Forge": 108.34})
        self.assertEqual(claims["Mill"].currency_id + claims["Forge"].currency_id, self.eur + self.jpy)
        self.assertEqual(claims["Mill"].line_ids.mapped('amount'), [26.66, 16.66])
        self.assertEqual(claims["Forge"].line_ids.mapped('amount'), [10001, 6251])
        self.assertEqual(self._get_amounts(claims, 'amount'), {"Mill": 43.32, "Forge": 16252})

    def test_other_parts(self):
        """Quality says 70 to 30; then the forge is left out, and the mill takes it all."""
        self._add_cost(99.99)
        claims = self._claim()
        claims["Mill"].weight = 70
        claims["Forge"].weight = 30
        self.assertEqual(self._get_amounts(claims, 'share'), {"Mill": 70, "Forge": 30})
        self.assertEqual(self._get_amounts(claims), {"Mill": 69.99, "Forge": 30.00})
        claims["Forge"].action_withdraw()
        self.assertEqual((claims["Mill"].share, claims["Mill"].amount), (100, 99.99))

    def test_no_part(self):
        """Who has no part is claimed nothing; he is left out like others, or deleted."""
        self._add_cost(100)
        claims = self._claim()
        claims["Forge"].weight = 0
        self.assertEqual(self._get_amounts(claims), {"Mill": 100, "Forge": 0})
        claims["Forge"].action_withdraw()
        self.assertEqual((claims["Forge"].state, claims["Mill"].share), ('withdrawn', 100))
        another = self.complaint.copy({'lot_ids': self.p1.ids})
        self._add_cost(100, complaint=another)
        claims = self._claim(another)
        claims["Mill"].sudo().unlink()
        self.assertEqual((claims["Forge"].share, claims["Forge"].amount), (100, 100))

    def test_other_currency(self):
        """Changed on the draft, what it claims is converted anew from dollars, not from what it was."""
        self._add_cost(100)
        mill = self._claim()["Mill"]
        mill.currency_id = self.jpy
        self.assertEqual((mill.amount, mill.amount_company), (5000, 33.33))
        mill.currency_id = self.eur
        self.assertEqual((mill.amount, mill.amount_company), (26.66, 33.33))

    def test_asked_again(self):
        """Drafts are brought up to date; once one is sent, only what came on top is claimed, of everybody."""
        self._add_cost(100)
        claims = self._claim()
        self._add_cost(60, kind='freight')
        self.assertEqual(self._claim(), claims)
        self.assertEqual(self._get_amounts(claims), {"Mill": 53.33, "Forge": 106.67})
        self._send(claims["Mill"])
        self.assertEqual(set(self._claim().values()), set(claims.values()), "nothing is left to claim")
        with self.assertRaisesRegex(UserError, "has been sent"):
            claims["Mill"].weight = 3
        claims["Forge"].weight = 3
        self.assertEqual(claims["Forge"].amount, 106.67, "who was told his sum keeps it, and so does the other")
        self._add_cost(10)
        more = self._claim()
        self.assertEqual({claim.round for claim in more.values()}, {2})
        self.assertEqual(self._get_amounts(more), {"Mill": 3.33, "Forge": 6.67})
        claims["Mill"].action_withdraw()
        self._add_cost(1)
        total = sum(claim.amount for claim in self._claim().values())
        self.assertAlmostEqual(total, 64.33, msg="10 + 1, and 53.33 that were withdrawn")

    def test_lines_by_hand_stay(self):
        self._add_cost(100)
        mill = self._claim()["Mill"]
        self.env['scp.supplier.claim.line'].with_user(self.quality).create(
            {'claim_id': mill.id, 'kind': 'labour', 'amount': 20, 'name': "Inspection"})
        mill.action_refresh()
        self.assertEqual(mill.amount, 53.33)
        mill.currency_id = self.eur
        self.assertEqual((mill.amount, mill.amount_company), (46.66, 58.33), "20 euros are 25 dollars")

    def test_recall(self):
        """A recall claims what every complaint about its lots has cost, each cost once."""
        self._add_cost(90)
        recall = self.env['scp.recall'].create({'name': "Cracks", 'lot_ids': self.s1.ids})
        recall.affected_lot_ids = self.s1 | self.p1
        self.assertEqual(recall.cost_total, 90)
        [mill] = self._claim(recall).values()
        self.assertEqual((mill.partner_id, mill.share, mill.amount), (self.mill, 100, 90))
        self.assertEqual(mill.lot_ids.qty, 100)
        with self.assertRaisesRegex(UserError, "nothing is noted as its cost"):
            self._claim()

    # --- bad input --- #

    def test_nothing_to_go_by(self):
        """Told what is missing, and nothing is written."""
        count = self.env['scp.supplier.claim'].search_count([])
        with self.assertRaisesRegex(UserError, f"{self.complaint.number}.*nothing is noted as its cost"):
            self._claim()
        self._add_cost(10)
        self.complaint.lot_ids = self._create_lot(self.pump, "Found")
        with self.assertRaisesRegex(UserError, "no supplier is behind lot Found"):
            self._claim()
        self.complaint.lot_ids = False
        with self.assertRaisesRegex(UserError, "name the lots first"):
            self._claim()
        self.assertEqual(self.env['scp.supplier.claim'].search_count([]), count)

    def test_no_rate(self):
        """Francs have no rate: of a supplier, of a cost, of a line; and a rate of tomorrow is none."""
        self._add_cost(100)
        self.forge.property_purchase_currency_id = self.chf
        count = self.env['scp.supplier.claim'].search_count([])
        with self.assertRaisesRegex(UserError, "Forge: no rate of exchange is recorded for CHF on"):
            self._claim()
        self.assertEqual(self.env['scp.supplier.claim'].search_count([]), count)
        self.forge.property_purchase_currency_id = False
        mill = self._claim()["Mill"]
        with (self.assertRaisesRegex(UserError, "Mill: no rate of exchange is recorded for CHF on"),
              self.env.cr.savepoint()):
            mill.currency_id = self.chf
        self.assertEqual((mill.currency_id, mill.amount), (self.usd, 33.33))
        rate = self.env['res.currency.rate'].create({
            'currency_id': self.chf.id, 'rate': 0.9, 'company_id': self.company.id,
            'name': fields.Date.add(fields.Date.context_today(self.complaint), days=1)})
        self._add_cost(5, currency_id=self.chf.id)
        with self.assertRaisesRegex(UserError, "no rate of exchange is recorded for CHF on"):
            self._claim()
        rate.unlink()
        with self.assertRaisesRegex(UserError, "no rate of exchange is recorded for CHF on"):
            self._claim()

    def test_values_refused(self):
        self._add_cost(100)
        mill = self._claim()["Mill"]
        with self.assertRaisesRegex(ValidationError, "choose the company Mill"):
            mill.partner_id = self.env['res.partner'].create({'name': "Clerk", 'parent_id': self.mill.id})
