from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import CertificateCommon


@tagged('post_install', '-at_install')
class TestCertificatePropagation(CertificateCommon):
    """Bought for 200 of the mill and for 100 of the forge. The mine and the pit stand behind the mill, the quarry
    behind the pit. The mill, the mine and the quarry are certified."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env['scp.certificate'])
        cls.pit, cls.quarry = cls.env['res.partner'].create([
            {'name': name, 'is_company': True} for name in ("Pit", "Quarry")])
        pit = cls.env['scp.relation'].create({
            'partner_id': cls.pit.id, 'role': 'supplier', 'upstream_relation_id': cls.mill_relation.id})
        cls.env['scp.relation'].create({
            'partner_id': cls.quarry.id, 'role': 'supplier', 'upstream_relation_id': pit.id})
        cls._buy(cls.mill, cls._create_lot(cls.steel, "M-1"), 20, price=10)
        cls._buy(cls.forge, cls._create_lot(cls.steel, "F-1"), 10, price=10)
        cls.certificates = {partner: cls._hold(partner) for partner in (cls.mill, cls.mine, cls.quarry)}
        cls.requirement = cls._require(tier=2, date_from=cls.today - timedelta(days=60))
        cls.Report = cls.env['scp.certificate.propagation.report']

    @classmethod
    def _hold(cls, partner, **values):
        return cls._certify(
            partner, cls.today - timedelta(days=30), cls.today + timedelta(days=300), **values)

    def _get_rows(self):
        """{supplier: (tier, state, spend)}"""
        self.env.invalidate_all()
        return {
            row.partner_id: (row.tier, row.state, row.amount)
            for row in self.Report.search([('requirement_id', '=', self.requirement.id)])
        }

    def _get_tiers(self):
        """{tier: (suppliers, rate, rate by spend, depth)}"""
        return {
            tier: (count, rate, round(by_spend, 4), depth)
            for tier, count, rate, by_spend, depth in self.Report._read_group(
                [('requirement_id', '=', self.requirement.id)], ['tier'],
                ['supplier_count:sum', 'propagation_rate:avg', 'spend_rate:avg', 'depth:max'], order='tier')
        }

    def test_rates(self):
        """Tier 1: one of two, 200 of 300. Tier 2: one of two, 100 of 200. The chain ends at the pit; depth 2."""
        self.assertEqual(self._get_rows(), {
            self.mill: (1, 'reached', 200), self.forge: (1, 'broken', 100),
            self.mine: (2, 'reached', 100), self.pit: (2, 'broken', 100), self.quarry: (3, 'beyond', 100),
        })
        self.assertEqual(self._get_tiers(), {
            1: (2, 0.5, 0.6667, 1), 2: (2, 0.5, 0.5, 2), 3: (1, 1.0, 1.0, 0)})
        [[rate, depth]] = self.Report._read_group(
            [('requirement_id', '=', self.requirement.id)], [], ['spend_rate:avg', 'depth:max'])
        self.assertEqual((rate, depth), (400 / 600, 2))

    def test_link_is_mended(self):
        """With the pit certified the chain goes through to the quarry: depth 3."""
        self._hold(self.pit)
        self.assertEqual(self._get_rows()[self.quarry], (3, 'reached', 100))
        self.assertEqual(self._get_tiers()[3], (1, 1.0, 1.0, 3))

    def test_only_what_is_valid(self):
        """Withdrawn from today, an exemption, another standard and a draft are no proof."""
        self.certificates[self.mill].with_user(self.quality)._void('withdrawn', self.today, "Test")
        self._hold(self.forge, standard=self.other_standard)
        self._hold(self.pit, is_waiver=True, notes="Audited", number=False)
        rows = self._get_rows()
        self.assertEqual([rows[partner][1] for partner in (self.mill, self.forge, self.mine, self.pit)], [
            'broken', 'broken', 'beyond', 'beyond'])
        self.assertEqual(self._get_tiers()[1], (2, 0, 0, 0))

    def test_other_goods(self):
        """Only goods the requirement names, and relations that are about them."""
        self.env['scp.relation'].search([('partner_id', '=', self.mine.id)]).product_ids = self.pump
        self.assertNotIn(self.mine, self._get_rows())
        self.assertEqual(self._get_rows()[self.pit], (2, 'broken', 200))
        self.requirement.product_ids = self.pump
        self.assertFalse(self._get_rows())

    def test_nobody_known_behind(self):
        """Two tiers are asked for: of the mine's own suppliers nobody asks; behind the forge nobody is known."""
        self._hold(self.forge)
        self.env.invalidate_all()
        open_ends = self.Report.search([('requirement_id', '=', self.requirement.id), ('is_open_end', '=', True)])
        self.assertEqual(open_ends.partner_id, self.forge)

    def test_drill_down(self):
        """The row leads to the certificates of the supplier, whoever else was bought from since."""
        row = self.Report.search([('requirement_id', '=', self.requirement.id), ('partner_id', '=', self.mine.id)])
        self._buy(self.quarry, self._create_lot(self.steel, "Q-1"), 1)  # another supplier of tier 1, before the row
        self.env.invalidate_all()
        action = row.with_user(self.buyer).action_open_partner()
        self.assertEqual(self.env['scp.certificate'].search(action['domain']), self.certificates[self.mine])
