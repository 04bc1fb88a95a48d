from datetime import date, datetime
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..value.common import ValueCommon

DAY, MONTH = date(2026, 6, 30), date(2026, 6, 1)
P_CODES = ('profiling', 'persistency', 'profitability', 'performance', 'prospecting', 'product', 'promotion')


@tagged('post_install', '-at_install')
class TestScpSevenp(ValueCommon, HttpCase):
    """Four customers, twelve months up to 30 June 2026:

    - Alpha: four orders of 100, one pump each, at no discount, since July 2024
    - Beta: two orders of a pump and a valve, at a discount of 20 %, since January 2026
    - Gamma: one order of a valve, May 2026
    - Delta: never ordered; an open deal of 1,000 at 40 %
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Sevenp = cls.env['scp.sevenp']
        cls.pump, cls.valve = cls.env['product.product'].create([
            {'name': name, 'type': 'service', 'taxes_id': False} for name in ("Pump", "Valve")
        ])
        cls.alpha, cls.beta, cls.gamma, cls.delta = cls.partners = cls._create_partners(
            "Alpha", "Beta", "Gamma", "Delta",
        )
        cls._buy(cls.alpha, '2024-07-10', 0, {cls.pump: 100})
        for day in ('2025-09-10', '2025-12-10', '2026-03-10', '2026-06-10'):
            cls._buy(cls.alpha, day, 0, {cls.pump: 100})
        for day in ('2026-01-15', '2026-04-15'):
            cls._buy(cls.beta, day, 20, {cls.pump: 100, cls.valve: 25})
        cls._buy(cls.gamma, '2026-05-20', 0, {cls.valve: 40})
        cls.env['crm.lead'].create({
            'name': "Deal", 'type': 'opportunity', 'partner_id': cls.delta.id, 'company_id': cls.company.id,
            'expected_revenue': 1000, 'probability': 40, 'user_id': False,
        })
        cls.env.flush_all()
        cls.env['scp.value.fact.refresh']._rebuild()
        cls.Customer._refresh_for_partners(cls.partners)
        cls.env['scp.value.fact.refresh']._rebuild()
        cls.Sevenp._refresh(cls.company, DAY)

    @classmethod
    def _buy(cls, partner, day, discount, prices):
        order = cls.env['sale.order'].with_company(cls.company).create({
            'partner_id': partner.id, 'company_id': cls.company.id, 'user_id': False, 'state': 'sale',
            'date_order': datetime.fromisoformat(f'{day} 04:00:00'),
            'order_line': [
                Command.create({
                    'product_id': product.id, 'product_uom_qty': 1, 'price_unit': price, 'discount': discount,
                })
                for product, price in prices.items()
            ],
        })
        order.flush_recordset()

    def _get(self, partner, period=MONTH):
        return self.Sevenp.search([('customer_id.partner_id', '=', partner.id), ('period', '=', period)])

    def _get_figures(self, partner):
        return self._get(partner)._fetch_values()[self._get(partner).id]

    def test_one_row_for_each_customer(self):
        rows = self.Sevenp.search([('company_id', '=', self.company.id)])
        self.assertEqual(rows.partner_id, self.partners)
        self.assertEqual(set(rows.mapped('period')), {MONTH})

    def test_purchases(self):
        """The order of 2024 tells how long he has been a customer, not how much he buys."""
        row = self._get(self.alpha)
        self.assertEqual((row.first_day, row.purchase_count, row.order_count), (date(2024, 7, 10), 4, 4))
        self.assertEqual(self._get_figures(self.delta)['first_day'], None)

    def test_mix(self):
        """Beta bought pumps for 160 and valves for 40. Sales of all: pumps 560, valves 80; pumps alone are class A."""
        figures = self._get_figures(self.beta)
        self.assertEqual(figures['product_count'], 2)
        self.assertAlmostEqual(float(figures['main_share']), 0.8)
        self.assertAlmostEqual(float(figures['a_share']), 0.8)
        self.assertAlmostEqual(float(self._get_figures(self.gamma)['a_share']), 0)

    def test_product_index(self):
        """Products 1, 2, 1: the two with one stand at 100 * (0 + 2 / 2) / 3 = 33.3, Beta at 83.3.

        Beside his main product Beta has 20 %, the others nothing.
        """
        self.assertAlmostEqual(self._get(self.beta).product, (83.33 + 20) / 2, delta=0.06)
        self.assertAlmostEqual(self._get(self.alpha).product, 33.33 / 2, delta=0.06)

    def test_promotion_index(self):
        """Discounts of 0, 20 % and 0: Beta stands at 83.3, so his index is 16.7; the others at 66.7."""
        self.assertAlmostEqual(float(self._get_figures(self.beta)['discount_share']), 0.2, places=4)
        self.assertAlmostEqual(self._get(self.beta).promotion, 16.7)
        self.assertAlmostEqual(self._get(self.alpha).promotion, 66.7)

    def test_response_to_mailings(self):
        """Two mailings, one of them opened; a test mailing does not count."""
        mailing = self.env['mailing.mailing'].create({
            'subject': "News", 'mailing_model_id': self.env['ir.model']._get_id('res.partner'),
        })
        contact = self.env['res.partner'].create({'name': "Contact", 'parent_id': self.alpha.id})
        sent = datetime(2026, 5, 5)
        self.env['mailing.trace'].create([
            {
                'model': 'res.partner', 'res_id': partner.id, 'mass_mailing_id': mailing.id,
                'sent_datetime': sent, **values,
            }
            for partner, values in (
                (self.alpha, {}), (contact, {'open_datetime': sent}), (self.alpha, {'is_test_trace': True}),
            )
        ])
        self.Sevenp._refresh(self.company, DAY)
        row = self._get(self.alpha)
        self.assertEqual((row.mailing_count, row.response_share), (2, 0.5))
        self.assertAlmostEqual(row.promotion, (50 + 66.67) / 2, delta=0.06)
        self.assertEqual(row.action_view_records('promotion')['res_model'], 'mailing.trace')

    def test_prospects(self):
        """1,000 at 40 %: he is the only one with a deal, and stands in the middle of himself."""
        row = self._get(self.delta)
        self.assertEqual(row.open_weighted, 400)
        self.assertEqual(row.prospecting, 50)

    def test_performance(self):
        """Three complaints in four orders, nothing given back: (25 + 100) / 2; 90 % on time in full is a third part."""
        measures = self.env['scp.customer.measure']
        customer = self._get(self.alpha).customer_id
        values = {'customer_id': customer.id, 'period': '2026-05-01', 'n': 1}
        measures.create({**values, 'code': 'complaints', 'numerator': 3, 'denominator': 3})
        self.Sevenp._refresh(self.company, DAY)
        self.assertAlmostEqual(self._get(self.alpha).performance, 62.5)
        measures.create({**values, 'code': 'otif', 'numerator': 9, 'denominator': 10})
        self.Sevenp._refresh(self.company, DAY)
        self.assertAlmostEqual(self._get(self.alpha).performance, (25 + 100 + 90) / 3, delta=0.06)
        self.assertEqual(self._get(self.alpha).otif, 0.9)

    def test_no_data_is_no_zero(self):
        """Delta never ordered: what is not known of him is named, and told as no data."""
        row = self._get(self.delta)
        self.assertEqual(
            set(row.missing.split(',')), {'persistency', 'profitability', 'performance', 'product', 'promotion'},
        )
        sides = {side['code']: side for side in row.card['sides']}
        self.assertEqual((sides['product']['value'], sides['product']['text']), (None, "no data"))
        self.assertEqual(sides['prospecting']['value'], 50)

    def test_refresh_writes_what_differs(self):
        self.assertEqual(self.Sevenp._refresh(self.company, DAY), 0)
        self._buy(self.gamma, '2026-06-20', 0, {self.pump: 60})
        self.env['scp.value.fact.refresh']._rebuild()
        self.assertGreater(self.Sevenp._refresh(self.company, DAY), 0)
        self.assertEqual(self._get(self.gamma).product_count, 2)

    def test_months_are_kept(self):
        """Another month makes another row; the one before stays; one of more than 36 months ago is dropped."""
        self.Sevenp._refresh(self.company, date(2026, 7, 15))
        self.assertEqual(len(self.Sevenp.search([('customer_id.partner_id', '=', self.alpha.id)])), 2)
        current = self.Sevenp.search([('company_id', '=', self.company.id), ('is_current', '=', True)])
        self.assertEqual(set(current.mapped('period')), {date(2026, 7, 1)})
        self.assertFalse(self._get(self.alpha).is_current)
        self.Sevenp._refresh(self.company, date(2029, 8, 1))
        self.assertFalse(self._get(self.alpha))

    def test_period_without_data(self):
        """Nobody ordered in these twelve months: rows without figures, no error."""
        self.Sevenp._refresh(self.company, date(2030, 1, 31))
        row = self._get(self.alpha, date(2030, 1, 1))
        self.assertEqual(row.purchase_count, 0)
        self.assertIn('product', row.missing)
        other = self._add_company("Empty", self.env.ref('base.EUR'))
        self.assertEqual(self.Sevenp._refresh(other, DAY), 0)

    def test_archived_customer(self):
        self.gamma.action_archive()
        self.env.flush_all()
        self.Sevenp._refresh(self.company, date(2026, 7, 15))
        self.assertFalse(self._get(self.gamma, date(2026, 7, 1)))

    def test_comparison(self):
        """Beside his segment; who is in none is compared with his grade, who has none with nobody."""
        self.assertFalse(self._get(self.alpha).card['segment'])
        grade = self.grades[0]
        (self._get(self.alpha) | self._get(self.beta)).customer_id.grade_id = grade
        self.env.invalidate_all()
        self.assertEqual(self._get(self.alpha).card['segment'], f"Grade {grade.name} (2 customers)")
        self.env['scp.segment'].create({
            'name': "Pump buyers", 'company_id': self.company.id,
            'domain': "[('partner_id.name', 'in', ['Alpha', 'Beta'])]",
        })._refresh()
        self.env.invalidate_all()
        card = self._get(self.alpha).card
        self.assertEqual(card['segment'], "Pump buyers (2 customers)")
        side = next(side for side in card['sides'] if side['code'] == 'promotion')
        self.assertAlmostEqual(side['segment'], (66.7 + 16.7) / 2)

    def test_records_behind(self):
        """Each P opens records that are there."""
        row = self._get(self.beta)
        for code in P_CODES:
            action = row.action_view_records(code)
            self.env[action['res_model']].search(action.get('domain') or [])
        lines = self.env['sale.order.line']
        self.assertEqual(len(lines.search(row.action_view_records('product')['domain'])), 4)
        self.assertEqual(len(lines.search(row.action_view_records('promotion')['domain'])), 4)
        self.assertEqual(row.action_view_records('profiling')['res_id'], row.customer_id.id)
        with self.assertRaisesRegex(UserError, "none of the seven"):
            row.action_view_records('write')

    def test_archived_product(self):
        """A product archived after it was recommended is shown no more, and is no suggestion next time."""
        customer = self._get(self.gamma).customer_id
        run = self.env['scp.affinity.run'].create({'company_id': self.company.id})
        self.env.cr.execute(
            """INSERT INTO scp_affinity_suggestion (run_id, company_id, customer_id, product_id, kind, rank, score)
                    VALUES (%s, %s, %s, %s, 'new', 1, 1)""",
            [run.id, self.company.id, customer.id, self.pump.id],
        )
        self.Sevenp._refresh(self.company, DAY)
        self.assertIn("Pump", str(self._get(self.gamma).card))
        self.pump.action_archive()
        self.env.invalidate_all()
        self.assertNotIn("Pump", str(self._get(self.gamma).card))
        self.Sevenp._refresh(self.company, DAY)
        self.assertFalse(self._get(self.gamma).new_product_id)

    def test_access(self):
        users = {
            role: self._create_company_user(f'sevenp_{role}', group) for role, group in (
                ('seller', 'crm_scp_core.group_scp_user'), ('manager', 'crm_scp_core.group_scp_manager'),
                ('auditor', 'crm_scp_core.group_scp_auditor'), ('accountant', 'account.group_account_invoice'),
                ('portal', 'base.group_portal'),
            )
        }
        self._get(self.alpha).customer_id.user_id = users['manager']
        self.env.flush_all()
        domain = [('company_id', '=', self.company.id)]
        seen = {
            role: self.Sevenp.with_user(users[role]).search(domain).mapped('partner_id.name')
            for role in ('seller', 'manager', 'auditor')
        }
        self.assertEqual(set(seen['seller']), {"Beta", "Gamma", "Delta"})
        self.assertEqual(len(seen['manager']), 4)
        self.assertEqual(len(seen['auditor']), 4)
        self.assertTrue(self.beta.with_user(users['seller']).scp_sevenp_card)
        self.assertFalse(self.alpha.with_user(users['seller']).scp_sevenp_card)
        for role in ('accountant', 'portal'):
            self.assertFalse(self.Sevenp.with_user(users[role]).has_access('read'))
            self.assertNotIn('scp_sevenp_card', self.env['res.partner'].with_user(users[role]).fields_get())
        for user in users.values():
            for operation in ('create', 'write', 'unlink'):
                self.assertFalse(self.Sevenp.with_user(user).has_access(operation))
        other = self._add_company("Elsewhere", self.env.ref('base.EUR'))
        users['manager'].write({'company_ids': [Command.set(other.ids)], 'company_id': other.id})
        elsewhere = self.Sevenp.with_user(users['manager']).with_context(allowed_company_ids=other.ids)
        self.assertFalse(elsewhere.search(domain))
        with self.assertRaises(AccessError):
            elsewhere.browse(self._get(self.beta).id).action_view_records('product')

    def test_job(self):
        """Each scoring starts it; a company that is done is committed before the next one."""
        triggers = self.env['ir.cron.trigger'].search_count([])
        self.Run._score(self.company, date_to=DAY)
        self.assertGreater(self.env['ir.cron.trigger'].search_count([]), triggers)
        with (
            self.enter_registry_test_mode(),
            patch.object(self.registry['scp.value.run'], '_get_today', lambda _self, _company: date(2026, 7, 15)),
        ):
            self.env.ref('crm_scp_analytics.ir_cron_scp_sevenp').method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._get(self.alpha, date(2026, 7, 1)).purchase_count, 4)

    def test_job_that_ran_out_of_time(self):
        """The next call goes on where it stopped; a scoring and a new day make a company due again."""
        other = self._add_company("Elsewhere", self.env.ref('base.EUR'))
        self.Customer.create({'partner_id': self.alpha.id, 'company_id': other.id})
        companies, done = self.company + other, []

        def call(seconds, day=15):
            done.clear()
            with (
                patch.object(self.registry['ir.cron'], '_commit_progress', lambda *_args, **_kwargs: seconds.pop(0)),
                patch.object(self.registry['scp.value.run'], '_get_today', lambda *_args: date(2026, 7, day)),
                patch.object(self.registry['scp.sevenp'], '_refresh', lambda _self, company: done.append(company.id)),
            ):
                self.Sevenp._cron_refresh()
            return self.env['res.company'].browse(done) & companies

        everybody = len(self.Customer._read_group([], ['company_id']))
        first = call([1] + [0] * everybody)
        self.assertEqual(len(done), 1)
        self.assertEqual(first + call([1] * (everybody + 1)), companies)
        self.assertFalse(call([1]), "all are of this day and scoring")
        self.Run._score(self.company, date_to=DAY)
        self.assertEqual(call([1] * 2), self.company)
        self.assertEqual(call([1] * (everybody + 1), day=16), companies)

    def test_tour(self):
        """From the list to the radar of a customer, and to the records behind a P."""
        self._create_company_user('sevenp_tour', 'crm_scp_core.group_scp_manager')
        self.start_tour('/odoo/customer-7p', 'scp_sevenp', login='sevenp_tour')
