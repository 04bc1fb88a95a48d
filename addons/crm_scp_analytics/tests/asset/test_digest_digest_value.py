from datetime import date, datetime

from odoo.tests import freeze_time, new_test_user, tagged

from .common import AssetCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-07-01 04:00')
class TestDigestDigestValue(AssetCommon):
    """Worth 100 on 20 June and 160 on 30 June; Cat's first purchase was on 28 June, Ann's long ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.cat = cls._add_customers("Ann", "Cat").values()
        cls._add_days((cls.ann, '2025-01-10', 1, 100), (cls.ann, '2026-06-28', 1, 50), (cls.cat, '2026-06-28', 1, 40))
        cls._add_scoring(date(2026, 6, 20), [(cls.ann, 0, 100)])
        cls._add_scoring(date(2026, 6, 30), [(cls.ann, 0, 115), (cls.cat, 1, 45)])
        cls.ann.life_cycle_stage = 'at_risk'
        cls.digest = cls.env['digest.digest'].create({
            'name': "Value", 'company_id': cls.company.id, 'kpi_scp_customer_equity': True,
            'kpi_scp_customer_at_risk': True, 'kpi_scp_customer_new': True,
        })

    def _get_kpis(self, user):
        return {
            kpi['kpi_name'].removeprefix('kpi_scp_customer_'): kpi
            for kpi in self.digest._compute_kpis(self.company, user)
        }

    def _get_values(self, start, end):
        digest = self.digest.with_context(start_datetime=start, end_datetime=end)
        digest.invalidate_recordset()
        return tuple(digest[f'kpi_scp_customer_{name}_value'] for name in ('equity', 'at_risk', 'new'))

    def test_week(self):
        self.assertEqual(self._get_values(datetime(2026, 6, 24), datetime(2026, 7, 1)), (160, 1, 1))
        self.assertEqual(self._get_values(datetime(2026, 6, 17), datetime(2026, 6, 24)), (100, 1, 0))
        self.assertEqual(self._get_values(datetime(2026, 6, 1), datetime(2026, 6, 8)), (0, 1, 0))

    def test_lines(self):
        """Equity is 60 % up on the week before; every line opens its page."""
        manager = self._create_company_user('digest_manager', 'crm_scp_core.group_scp_manager')
        kpis = self._get_kpis(manager)
        self.assertEqual(kpis['equity']['kpi_col2']['margin'], 60)
        self.assertIn("160", kpis['equity']['kpi_col2']['value'])
        self.assertEqual((kpis['at_risk']['kpi_col2']['value'], kpis['new']['kpi_col2']['value']), (1, 1))
        self.assertTrue(all(kpi['kpi_action'] for kpi in kpis.values()))

    def test_own_customers_only(self):
        seller = self._create_company_user('digest_seller', 'crm_scp_core.group_scp_user')
        other = self._create_company_user('digest_other', 'crm_scp_core.group_scp_user')
        self.ann.user_id, self.cat.user_id = other, seller
        kpis = self._get_kpis(seller)
        self.assertIn("45", kpis['equity']['kpi_col2']['value'])
        self.assertEqual((kpis['at_risk']['kpi_col2']['value'], kpis['new']['kpi_col2']['value']), (0, 1))

    def test_who_may_not_know(self):
        self.assertEqual(self._get_kpis(new_test_user(self.env, 'digest_employee', 'base.group_user')), {})
