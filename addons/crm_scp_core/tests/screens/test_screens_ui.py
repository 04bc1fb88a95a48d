from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_scp_core.tests.screens.test_customer_page import CustomerPageCommon


class ScreensCommon(CustomerPageCommon, HttpCase):
    """A customer with a deal, a quotation and an order, and one nobody talked to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in cls.users.values():
            user.password = user.login
        deal = cls._create_deal(
            cls.contact, 1000.0, name="Deal of Anvil Works", user_id=cls.salesman.id,
            team_id=cls.team_north.id, date_deadline=cls.today - timedelta(days=3),
        )
        cls._create_order(
            cls.partner, 300.0, fields.Datetime.now(), state='sent', user_id=cls.salesman.id,
            team_id=cls.team_north.id, validity_date=cls.today + timedelta(days=2),
        )
        cls._create_order(cls.partner, 500.0, fields.Datetime.now(), user_id=cls.salesman.id)
        deal.activity_schedule(
            'mail.mail_activity_data_call', cls.today - timedelta(days=2),
            summary="Ask for the drawing", user_id=cls.salesman.id,
        )
        silent = cls._create_partner("Silent Mills", phone="+1 555 0100")
        cls._create_customer(silent, user_id=cls.salesman.id, team_id=cls.team_north.id)
        cls._refresh(cls.partner)
        # the stage follows the orders; the tours look at one that is set by hand
        cls.customer.life_cycle_stage = 'prospect'
        cls.env.flush_all()
        cls.env.cr.precommit.run()


@tagged('post_install', '-at_install')
class TestScreensUi(ScreensCommon):
    """The screens in a browser as each role. The runner fails on any error in the console."""

    def _get_partner_url(self):
        return f'/odoo/res.partner/{self.partner.id}'

    def test_customers_as_salesperson(self):
        self.start_tour('/odoo/scp-customers', 'scp_customers', login=self.salesman.login)

    def test_customers_as_leader(self):
        self.start_tour('/odoo/scp-customers', 'scp_customers', login=self.leader.login)

    def test_customers_as_manager(self):
        self.start_tour('/odoo/scp-customers', 'scp_customers', login=self.manager.login)

    def test_customers_as_auditor(self):
        self.start_tour('/odoo/scp-customers', 'scp_customers', login=self.auditor.login)

    def test_page_as_salesperson(self):
        self.start_tour(self._get_partner_url(), 'scp_customer_deal', login=self.salesman.login)

    def test_page_as_accountant(self):
        self.start_tour(
            self._get_partner_url(), 'scp_customer_accountant', login=self.accountant.login,
        )

    def test_page_as_outsider(self):
        self.start_tour(
            self._get_partner_url(), 'scp_customer_outsider', login=self.internal.login,
        )

    def test_my_day_as_salesperson(self):
        self.start_tour('/odoo/my-day', 'scp_my_day', login=self.salesman.login)

    def test_my_day_as_leader(self):
        self.start_tour('/odoo/my-day', 'scp_my_day_team', login=self.leader.login)


@tagged('post_install', '-at_install')
class TestScreensPhone(ScreensCommon):
    """The same on a screen of 390 px."""

    browser_size = '390x844'
    touch_enabled = True

    def test_my_day_as_salesperson(self):
        self.start_tour('/odoo/my-day', 'scp_my_day_phone', login=self.salesman.login)
