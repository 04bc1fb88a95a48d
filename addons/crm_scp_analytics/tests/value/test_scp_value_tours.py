from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import ValueCommon


@tagged('post_install', '-at_install')
class TestScpValueTours(ValueCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(6):
            partner = cls._create_partner(f"Tour Customer {number}", is_company=True)
            for days in range(number + 1):
                moment = fields.Datetime.subtract(fields.Datetime.now(), days=10 * (days + 1) - number)
                cls._order(partner, moment.isoformat(), 100 * (number + 1))
        cls.partner = partner

    def test_manager(self):
        """From no score at all to the reasons of one: run, list, customer's page."""
        self._create_company_user('value_tour', 'crm_scp_core.group_scp_manager')
        self.start_tour('/odoo/value-runs', 'scp_value_request', login='value_tour')
        run = self.Run.search([('company_id', '=', self.company.id)])
        self.assertEqual(run.state, 'waiting')
        run._execute()
        self.assertEqual((run.state, run.customer_count), ('done', 6))
        self.start_tour('/odoo/value-runs', 'scp_value_manager', login='value_tour')

    def test_readers(self):
        """Salesperson and auditor look at scores; neither is offered to start a run."""
        self.Run._score(self.company)
        for role in ('user', 'auditor'):
            with self.subTest(role):
                self._create_company_user(f'value_{role}', f'crm_scp_core.group_scp_{role}')
                self.start_tour('/odoo/value-scores', 'scp_value_reader', login=f'value_{role}')
