from datetime import datetime

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon


class ValueTools:
    """What tests of customer value need, whatever class sets up their company."""

    @classmethod
    def _prepare(cls):
        """To be called when `cls.company` is there. Works as a scheduled job does: as superuser."""
        cls.env = cls.env(su=True)
        cls.company = cls.company.with_env(cls.env)
        cls.product = cls.env['product.product'].create({
            'name': "Gauge", 'type': 'service', 'taxes_id': False,
        })
        cls.Run = cls.env['scp.value.run']
        cls.Score = cls.env['scp.value.score']
        cls.Customer = cls.env['scp.customer']
        cls.grades = cls.env['scp.grade'].search([], limit=4)

    @classmethod
    def _keep_models(cls, *companies):
        """Have models chosen for these companies on every day: a comparison takes seconds, and has tests of its own."""
        cls.env['ir.config_parameter'].set_param('crm_scp_analytics.value_choice_days', 100 * 365)
        cls.env['scp.value.choice'].create([{
            'company_id': company.id, 'date': '2000-01-01', 'count_candidate': 'bgnbd', 'chance_candidate': 'bgnbd',
        } for company in companies])

    @classmethod
    def _add_company(cls, name, currency, timezone='Asia/Taipei'):
        currency.active = True
        company = cls.env['res.company'].create({'name': name, 'currency_id': currency.id})
        company.resource_calendar_id.tz = timezone
        return company

    @classmethod
    def _create_partner(cls, name, **values):
        return cls.env['res.partner'].create({'name': name, 'user_id': False, **values})

    @classmethod
    def _create_partners(cls, *names):
        return cls.env['res.partner'].create([{'name': name, 'user_id': False} for name in names])

    @classmethod
    def _order(cls, partner, moment, amount, company=None, currency=None, **values):
        """Create a confirmed order of that moment.

        :param moment: ISO text, UTC
        """
        company = company or cls.company
        pricelist = cls.env['product.pricelist']
        if currency:
            pricelist = pricelist.create({
                'name': currency.name, 'currency_id': currency.id, 'company_id': company.id,
            })
        order = cls.env['sale.order'].with_company(company).create({
            'partner_id': partner.id,
            'company_id': company.id,
            'pricelist_id': pricelist.id,
            'user_id': False,
            'order_line': [Command.create({
                'product_id': cls.product.id,
                'product_uom_qty': 1,
                'price_unit': amount,
                'tax_ids': False,
            })],
            **values,
        })
        order.action_confirm()
        order.date_order = datetime.fromisoformat(moment)
        return order

    @classmethod
    def _create_company_user(cls, login, groups):
        return new_test_user(
            cls.env, login, groups, company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)], context={'no_reset_password': True},
        )

    def _search_scores(self, run):
        return self.Score.search([('run_id', '=', run.id)])

    def _get_scores(self, run):
        """:return: {name of the customer: his score in the run}"""
        return {
            score.customer_id.partner_id.name: score
            for score in self._search_scores(run)
        }


class ValueCommon(ValueTools, BaseCommon):
    """A company of its own, so that demo data and other tests cannot move a quantile.

    Its currency is the euro, its working hours are those of Taipei (UTC+8, no summer time).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls._add_company("Value Test Company", cls.env.ref('base.EUR'))
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))
        cls._prepare()
