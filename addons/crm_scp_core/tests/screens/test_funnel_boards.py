from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_scp_core.tests.screens.test_customer_page import CustomerPageCommon


class FunnelBoardsCommon(CustomerPageCommon, HttpCase):
    """A team with an open deal and a target."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in cls.users.values():
            user.password = user.login
        # at any hour it is another day than here in one of these places
        cls.salesman.tz, cls.auditor.tz = 'Etc/GMT+12', 'Pacific/Kiritimati'
        cls._create_deal(
            cls.contact, 1000.0, name="Deal of Anvil Works", user_id=cls.salesman.id,
            team_id=cls.team_north.id, stage_id=cls.env.ref('crm.stage_lead3').id,
            date_deadline=cls.today + timedelta(days=40),
        )
        cls.env['scp.target'].create({
            'period': 'year', 'date_from': fields.Date.start_of(cls.today, 'year'), 'amount': 120000.0,
            'user_id': cls.salesman.id,
        })
        cls.env.flush_all()
        cls.env.cr.precommit.run()

    def start_boards(self, user):
        for path, tour in (
            ('funnel', 'scp_funnel_board'), ('funnel-waterfall', 'scp_waterfall_board'),
            ('funnel-gaps', 'scp_gap_board'), ('sales-forecast', 'scp_forecast_board'),
        ):
            self.start_tour(f'/odoo/{path}', tour, login=user.login)


@tagged('post_install', '-at_install')
class TestFunnelBoards(FunnelBoardsCommon):
    """The boards in a browser. The runner fails on any error in the console."""

    def test_as_salesperson(self):
        self.start_boards(self.salesman)

    def test_as_auditor(self):
        self.start_boards(self.auditor)

    def test_days_of_the_user(self):
        """Boards ask for his days, whatever day his computer believes it is."""
        for tz, tour in ('America/New_York', 'scp_board_days_west'), ('Pacific/Kiritimati', 'scp_board_days_east'):
            self.manager.tz = tz
            self.start_tour('/odoo/funnel-gaps', tour, login=self.manager.login)


@tagged('post_install', '-at_install')
class TestFunnelBoardsPhone(FunnelBoardsCommon):
    browser_size = '390x844'
    touch_enabled = True

    def test_as_manager(self):
        self.start_boards(self.manager)
