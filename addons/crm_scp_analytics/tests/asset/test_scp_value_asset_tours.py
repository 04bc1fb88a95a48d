from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import AssetCommon


@tagged('post_install', '-at_install')
class TestScpValueAssetTours(AssetCommon, HttpCase):

    def test_manager(self):
        """From the dashboard to the customers behind a figure of each board."""
        ann, bob, cat = self._add_customers("Ann", "Bob", "Cat").values()
        today = fields.Date.today()
        # the first days of months, so that the periods between them are the same on every day of a month
        then, lately = (today.replace(day=1) - relativedelta(months=months) for months in (5, 3))
        self._add_days((ann, then, 1, 100), (bob, then, 1, 50), (ann, lately, 1, 25), (cat, lately, 1, 40))
        self._add_scoring(then, [(ann, 1, 100), (bob, 1, 50)])
        self._add_scoring(today - relativedelta(days=1), [(ann, 0, 130), (cat, 2, 40)])
        self._create_company_user('asset_tour', 'crm_scp_core.group_scp_manager')
        self.start_tour('/odoo/value-dashboard', 'scp_value_asset', login='asset_tour')
