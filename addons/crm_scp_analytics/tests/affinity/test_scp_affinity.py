from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AffinityCommon


@tagged('post_install', '-at_install')
class TestScpAffinity(AffinityCommon):

    def test_pairs(self):
        """30 orders, 12 with a pump, 12 with a seal, 10 with both; by chance it were 12 * 12 / 30 = 4.8.

        Lift 10 / 4.8 = 2.083. Of the 6 pairs of four products one is clear.
        """
        run = self._find()
        self.assertEqual((run.basket_count, run.product_count, run.tested_count, run.pair_count), (30, 4, 6, 1))
        pairs = self._get_pairs()
        self.assertEqual(set(pairs), {("Pump", "Seal"), ("Seal", "Pump")})
        pair = pairs["Pump", "Seal"]
        self.assertEqual((pair.together_count, pair.product_count, pair.other_count), (10, 12, 12))
        self.assertAlmostEqual(pair.lift, 2.08, places=2)
        self.assertAlmostEqual(pair.share, 10 / 12)
        self.assertLess(pair.false_discovery, 0.05)

    def test_lines_that_are_no_products_bought(self):
        """Optional products not taken, down payments, gifts, notes and quotations tell nothing."""
        order = self._buy([(self.partners[0], 10, (self.valve, self.hose))])
        order.order_line[0].product_uom_qty = 0
        order.order_line[1].price_unit = 0
        order.order_line = [
            Command.create({'display_type': 'line_note', 'name': "Note"}),
            Command.create({'product_id': self.pump.id, 'price_unit': 5, 'is_downpayment': True}),
        ]
        self._buy([(self.partners[0], 10, (self.valve, self.hose))]).state = 'draft'
        self._buy([(self.partners[0], 2000, (self.valve, self.hose))])
        self.env.flush_all()
        self.assertEqual(self._find().basket_count, 30)

    def test_bought_again(self):
        """Alpha bought pump and seal on three days 30 days apart; who bought once is no case for again."""
        self._find()
        suggestions = self._get_suggestions(self.partners[9], 'again')
        self.assertEqual(suggestions.product_id, self.pump | self.seal)
        self.assertEqual(suggestions.mapped('rank'), [1, 2])
        self.assertEqual(suggestions[0].last_day, self.today - timedelta(days=20))
        self.assertIn("Bought on 3 days, every 30 days", suggestions[0].reason)
        self.assertGreater(suggestions[0].score, 0)
        self.assertFalse(self._get_suggestions(self.partners[5], 'again'))

    def test_bought_new(self):
        """Who has all products but one is offered that one and nothing he has."""
        self._find()
        suggestions = self._get_suggestions(self.partners[1], 'new')
        self.assertEqual(suggestions.product_id, self.seal)
        for partner in self.partners:
            offered = self._get_suggestions(partner, 'new')
            lines = self.env['sale.order.line'].search([('order_partner_id', '=', partner.id)])
            self.assertFalse(offered.product_id & lines.product_id)
            self.assertTrue(all(offered.mapped('reason')))

    def test_archived_product_disappears(self):
        self._find()
        self.seal.action_archive()
        self.assertEqual(set(self._get_pairs()), {("Seal", "Pump")})
        self.assertEqual(self._get_suggestions(self.partners[9], 'again').product_id, self.pump)
        self.assertFalse(self._get_suggestions(self.partners[1], 'new'))
        pair = self.env['scp.affinity.pair'].with_context(active_test=False).search(
            [('other_product_id', '=', self.seal.id)])
        with self.assertRaisesRegex(UserError, "Seal is archived"):
            pair.action_add_optional()
        self.seal.action_unarchive()
        self.assertEqual(len(self._get_pairs()), 2)

    def test_again_replaces(self):
        """A second run leaves its own findings alone, and the same."""
        domain = [('company_id', '=', self.company.id)]
        found = []
        for _time in range(2):
            run = self._find()
            suggestions = self.env['scp.affinity.suggestion'].search(domain)
            self.assertEqual(suggestions.run_id, run)
            found.append(sorted((one.customer_id.id, one.product_id.id, one.rank) for one in suggestions))
        self.assertTrue(found[0])
        self.assertEqual(*found)

    def test_company_without_orders(self):
        other = self._add_company("Empty", self.env.ref('base.EUR'))
        run = self.Affinity.create({'company_id': other.id})
        run._execute()
        self.assertEqual(run.state, 'done')
        self.assertIn("nothing to suggest", run.outcome)

    def test_failure_keeps_what_was_found(self):
        self._find()
        run = self.Affinity.create({'company_id': self.company.id})
        with (
            patch.object(self.registry['scp.affinity.run'], '_find_suggestions', side_effect=ValueError("Out of luck")),
            mute_logger('odoo.addons.crm_scp_analytics.models.affinity.scp_affinity_run'),
        ):
            run._execute()
        self.assertEqual((run.state, run.error), ('failed', "Out of luck"))
        self.assertEqual(len(self._get_pairs()), 2)

    def test_jobs(self):
        """The weekly job asks for a run of each company with orders, once; the other one does it."""
        weekly = self.env.ref('crm_scp_analytics.ir_cron_scp_affinity')
        job = self.env.ref('crm_scp_analytics.ir_cron_scp_affinity_run')
        with self.enter_registry_test_mode():
            weekly.method_direct_trigger()
            weekly.method_direct_trigger()
            run = self.Affinity.search([('company_id', '=', self.company.id)])
            self.assertEqual(run.mapped('state'), ['waiting'])
            job.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(run.state, 'done')
            weekly.method_direct_trigger()
            self.assertEqual(self.Affinity.search([('company_id', '=', self.company.id)]), run)

    def test_request(self):
        manager = self._create_company_user('affinity_manager', 'crm_scp_core.group_scp_manager')
        seller = self._create_company_user('affinity_seller', 'crm_scp_core.group_scp_user')
        runs = self.Affinity.with_context(allowed_company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            runs.with_user(seller).action_request()
        for _click in range(2):
            runs.with_user(manager).action_request()
        self.assertEqual(self.Affinity.search([('company_id', '=', self.company.id)]).mapped('state'), ['waiting'])

    def test_optional_products_on_request(self):
        self._find()
        pair = self._get_pairs()["Pump", "Seal"]
        self.assertFalse(pair.is_optional)
        pair.action_add_optional()
        self.assertEqual(self.pump.optional_product_ids, self.seal.product_tmpl_id)
        self.assertTrue(pair.is_optional)
        pair.action_add_optional()
        self.assertEqual(len(self.pump.optional_product_ids), 1)

    def test_switch(self):
        cron = self.env.ref('crm_scp_analytics.ir_cron_scp_affinity')
        self.env['res.config.settings'].create({'scp_affinity_active': False}).execute()
        self.assertFalse(cron.active)
        self.env['res.config.settings'].create({'scp_affinity_active': True}).execute()
        self.assertTrue(cron.active)

    def test_merge_of_customers(self):
        """Two customers with suggestions become one, without a product twice."""
        self._find()
        alpha, beta = self.partners[9:11]
        self.Customer._rehome(alpha, beta)
        suggestions = self._get_suggestions(beta, 'again')
        self.assertEqual(len(suggestions), len(suggestions.product_id))
        self.assertEqual(suggestions.product_id, self.pump | self.seal)

    def test_quote(self):
        """A suggestion opens a quotation for the customer with the product in it."""
        self._find()
        suggestion = self._get_suggestions(self.partners[9], 'again')[:1]
        action = suggestion.action_quote()
        order = self.env['sale.order'].with_context(**action['context']).create({})
        self.assertEqual((order.partner_id, order.order_line.product_id), (self.partners[9], suggestion.product_id))
        self.assertEqual(order.date_order.date(), fields.Date.today())
