from datetime import date

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import CertificateCommon


@tagged('post_install', '-at_install')
@freeze_time('2030-06-15')
class TestCertificateProof(CertificateCommon):
    """Whether lots keep what is required of them, and which certificate says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.requirement = cls._require()

    def test_day_of_receipt_decides(self):
        """Valid in February: what came on the 1st and the 28th is covered, on 31 January and 1 March not."""
        self._certify(self.mill, date(2030, 2, 1), date(2030, 2, 28))
        days = (date(2030, 1, 31), date(2030, 2, 1), date(2030, 2, 28), date(2030, 3, 1))
        lots = [self._receive(self.mill, f"L{day:%m%d}", day) for day in days]
        self.assertEqual(
            [self._comply(self.requirement, lot)[0] for lot in lots], ['missing', 'covered', 'covered', 'missing'])

    def test_day_is_ours(self):
        """23:30 UTC on 28 February is March in Shanghai."""
        self._certify(self.mill, date(2030, 2, 1), date(2030, 2, 28))
        lot = self._receive(self.mill, "L", '2030-02-28 23:30:00')
        self.env.company.resource_calendar_id.tz = 'America/New_York'
        self.assertEqual(self._comply(self.requirement, lot)[0], 'covered')
        self.env.company.resource_calendar_id.tz = 'Asia/Shanghai'
        self.assertEqual(self._comply(self.requirement, lot)[0], 'missing')

    def test_draft_and_other_standard_prove_nothing(self):
        self._certify(self.mill, standard=self.other_standard)
        certificate = self._certify(self.mill)
        lot = self._receive(self.mill, "L", date(2030, 3, 1))
        self.assertEqual(self._comply(self.requirement, lot)[0], 'covered')
        certificate.sudo().state = 'draft'
        self.assertEqual(self._comply(self.requirement, lot)[0], 'missing')

    def test_exemption(self):
        lot = self._receive(self.mill, "L", date(2030, 3, 1))
        self._certify(self.mill, is_waiver=True, notes="Audit is due", document=False)
        self.assertEqual(self._comply(self.requirement, lot)[0], 'exempt')
        self._certify(self.mill, number="Mill 2")
        self.assertEqual(self._comply(self.requirement, lot)[0], 'covered', "a certificate counts before it")

    def test_proof_path(self):
        """40 of S1 (mill, covered) and 10 of S2 (forge, not): the path names lot, day, holder, certificate."""
        certificate = self._certify(self.mill)
        s1 = self._receive(self.mill, "S1", date(2030, 3, 1), 100)
        s2 = self._receive(self.forge, "S2", date(2030, 3, 2), 100)
        pump = self._create_lot(self.pump, "P")
        self._make({s1: 40, s2: 10}, {pump: 5})
        [found] = self.Proof._get_compliance(self.requirement, pump, self.env.company)
        self.assertEqual((found.status, found.share), ('missing', 80.0))
        self.assertEqual(
            [(receipt.lot_id, receipt.day, receipt.used, proof.partner_id, proof.certificate_id)
             for receipt, proof in found.proofs],
            [(s1.id, date(2030, 3, 1), 40, self.mill.id, certificate.id),
             (s2.id, date(2030, 3, 2), 10, self.forge.id, None)])
        self.assertEqual(pump.scp_compliance, 'missing')
        action = pump.with_user(self.quality).action_scp_compliance()
        rows = self.env['scp.lot.compliance'].search(action['domain'])
        self.assertEqual(
            [(row.part_lot_id, row.partner_id, row.certificate_id, row.status, row.lot_status) for row in rows],
            [(s1, self.mill, certificate.sudo(False).with_env(self.env), 'covered', 'missing'),
             (s2, self.forge, self.env['scp.certificate'], 'missing', 'missing')])

    def test_controlled_blending(self):
        """80 % of what is in the pump is covered: enough where 80 are asked for, not where 81 are."""
        self._certify(self.mill)
        pump = self._create_lot(self.pump, "P")
        self._make({
            self._receive(self.mill, "S1", date(2030, 3, 1), 100): 40,
            self._receive(self.forge, "S2", date(2030, 3, 2), 100): 10,
        }, {pump: 5})
        for share, status in ((80, 'covered'), (81, 'missing')):
            self.requirement.min_share = share
            self.assertEqual(self._comply(self.requirement, pump), (status, 80.0))

    def test_chain_of_custody(self):
        """A requirement accepts its model and stricter ones; a certificate without any proves none."""
        certificate = self._certify(self.mill)
        lot = self._receive(self.mill, "L", date(2030, 3, 1))
        expected = {
            False: ('covered', 'missing', 'missing'), 'identity': ('covered',) * 3,
            'balance': ('covered', 'missing', 'covered'), 'claim': ('covered', 'missing', 'missing'),
        }
        for held, statuses in expected.items():
            certificate.coc_model = held
            for asked, status in zip((False, 'segregated', 'balance'), statuses, strict=True):
                self.requirement.coc_model = asked
                self.assertEqual(self._comply(self.requirement, lot)[0], status, f"{held} for {asked}")

    def test_identity_preserved(self):
        """Steel of two suppliers in one pump: each is certified, whose it is can no longer be told."""
        for partner in self.mill, self.forge:
            self._certify(partner, coc_model='identity')
        pump, mixed = (self._create_lot(self.pump, name) for name in ("P", "M"))
        s1 = self._receive(self.mill, "S1", date(2030, 3, 1), 100)
        self._make({s1: 10}, {pump: 1})
        self._make({s1: 10, self._receive(self.forge, "S2", date(2030, 3, 1), 100): 10}, {mixed: 1})
        for model, status in (('segregated', 'covered'), ('identity', 'missing')):
            self.requirement.coc_model = model
            self.assertEqual(self._comply(self.requirement, pump), ('covered', 100))
            self.assertEqual(self._comply(self.requirement, mixed), (status, 100))

    def test_second_tier(self):
        """The mine behind the mill has to be certified too where two tiers are asked for; the forge has none behind."""
        self._certify(self.mill)
        self._certify(self.forge)
        lot, other = (self._receive(p, p.name, date(2030, 3, 1)) for p in (self.mill, self.forge))
        self.assertEqual(self._comply(self.requirement, lot)[0], 'covered')
        self.requirement.tier = 2
        self.assertEqual(self._comply(self.requirement, lot)[0], 'missing')
        self.assertEqual(self._comply(self.requirement, other)[0], 'covered')
        self._certify(self.mine)
        [found] = self.Proof._get_compliance(self.requirement, lot, self.env.company)
        self.assertEqual(found.status, 'covered')
        self.assertEqual([(proof.partner_id, proof.tier) for _r, proof in found.proofs], [
            (self.mill.id, 1), (self.mine.id, 2)])

    def test_scope_and_sites(self):
        """A certificate for pumps, or for another site, does not cover steel from this one."""
        site, works = self.env['res.partner'].create([
            {'name': name, 'parent_id': self.mill.id} for name in ("Site", "Works")])
        lot = self._receive(works, "L", date(2030, 3, 1))
        certificate = self._certify(self.mill, product_ids=self.pump.ids)
        self.assertEqual(self._comply(self.requirement, lot)[0], 'missing')
        self.steel.categ_id = self.env['product.category'].create({'name': "Metal"})
        certificate.categ_ids = self.steel.categ_id
        self.assertEqual(self._comply(self.requirement, lot)[0], 'covered')
        certificate.site_ids = site
        self.assertEqual(self._comply(self.requirement, lot)[0], 'missing')
        certificate.site_ids = site + works
        self.assertEqual(self._comply(self.requirement, lot)[0], 'covered')

    def test_requirement_on_what_we_make(self):
        """Of a pump everything it is made of counts, unless a part of it is named too."""
        screw = self._create_product("Screw")
        self._certify(self.mill)
        pump = self._create_lot(self.pump, "P")
        self._make({
            self._receive(self.mill, "S1", date(2030, 3, 1)): 5,
            self._receive(self.forge, "N1", date(2030, 3, 1), product=screw): 5,
        }, {pump: 5})
        self.requirement.product_ids = self.pump
        self.assertEqual(self._comply(self.requirement, pump), ('missing', 50))
        self.requirement.product_ids = self.pump + self.steel
        self.assertEqual(self._comply(self.requirement, pump), ('covered', 100))

    def test_unknown_origin(self):
        """A lot that was found in the store proves nothing; one of goods nobody asks about needs nothing."""
        lot = self._create_lot(self.steel, "Found")
        self.assertEqual(self._comply(self.requirement, lot), ('missing', 0))
        self.assertFalse(self.Proof._get_compliance(
            self.requirement, self._create_lot(self.pump, "Any"), self.env.company))
        self.assertFalse(self._create_lot(self.pump, "Other").scp_compliance)

    def test_before_the_requirement(self):
        lot = self._receive(self.mill, "L", date(2028, 12, 31))
        self.assertFalse(self.Proof._get_compliance(self.requirement, lot, self.env.company))

    # --- what rests on a certificate --- #

    def test_affected_of_the_second_tier(self):
        """The mine's: steel of the mill, the pumps made of it, order and customer; not those of the forge."""
        certificate = self._certify(self.mine)
        s1 = self._receive(self.mill, "S1", date(2030, 3, 1), 100)
        late = self._receive(self.mill, "S2", date(2031, 3, 1), 100)
        foreign = self._receive(self.forge, "S3", date(2030, 3, 1), 100)
        pumps = [self._create_lot(self.pump, name) for name in ("P1", "P2", "P3")]
        for steel, pump in zip((s1, late, foreign), pumps, strict=True):
            self._make({steel: 10}, {pump: 10})
        sale, back = self._sell(self.yard, pumps[0], 6), self._sell(self.dock, pumps[0], 2)
        self._send_back(back.picking_ids, pumps[0], 2)
        self._sell(self.dock, pumps[2], 2)
        affected = certificate._get_affected()
        self.assertEqual(set(affected.lots), {s1.id, pumps[0].id})
        self.assertEqual(set(affected.sales), {sale.id, back.id})
        self.assertEqual(affected.customers, self.yard.ids, "the dock sent everything back")
        order = self.env['purchase.order'].browse(affected.purchases)
        self.assertEqual((order.partner_id, order.order_line.move_ids.move_line_ids.lot_id), (self.mill, s1))
        self.assertEqual(affected.receipts, order.picking_ids.ids)
        self.assertEqual(certificate._get_affected(only_received=True).lots, s1.ids)
        counts = (certificate.lot_count, certificate.receipt_count, certificate.purchase_count,
                  certificate.sale_count, certificate.customer_count)
        self.assertEqual(counts, (2, 1, 1, 2, 1))
        self.assertEqual(
            certificate.action_recall()['context']['default_lot_ids'], s1.ids)

    def test_affected_is_one_statement(self):
        """And one that asks whether others have told of goods."""
        certificate = self._certify(self.mill)
        self._receive(self.mill, "S1", date(2030, 3, 1), 100)
        certificate._get_affected()
        self.env.flush_all()
        with self.assertQueryCount(2):
            certificate.sudo()._get_affected()

    def test_affected_follows_scope(self):
        """A certificate for pumps, or a relation about pumps, leads to no steel. An open order is affected too."""
        certificate = self._certify(self.mine)
        lot = self._receive(self.mill, "S1", date(2030, 3, 1))
        order = self.env['purchase.order'].create({
            'partner_id': self.mill.id,
            'order_line': [Command.create({'product_id': self.steel.id, 'product_qty': 5, 'price_unit': 1})]})
        order.button_confirm()
        self.assertIn(order.id, certificate._get_affected().purchases)
        self.assertEqual(certificate._get_affected().lots, lot.ids)
        certificate.product_ids = self.pump
        self.assertEqual(certificate._get_affected(), ([], [], [], [], []))
        certificate.product_ids = False
        self.env['scp.relation'].search([('partner_id', '=', self.mine.id)]).product_ids = self.pump
        self.assertEqual(certificate._get_affected(), ([], [], [], [], []))
