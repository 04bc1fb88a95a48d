from odoo import fields
from odoo.tests import new_test_user

from ..trace.common import TraceCommon


class ClaimCommon(TraceCommon):
    """Pump P1 was made of steel S1 of the mill and steel S2 of the forge; the yard complains of it.

    In P1 are 40 of S1 at 5.00, worth 200, and 20 of S2 at 20.00, worth 400: one part to two. The company keeps its
    books in US dollars; one dollar is 0.80 euros and 150 yen.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.usd = cls.company.currency_id
        cls.eur, cls.jpy, cls.chf = cls._set_rates(EUR=0.8, JPY=150, CHF=None)
        cls.s1, cls.s2 = (cls._create_lot(cls.steel, name) for name in ("S1", "S2"))
        cls.p1 = cls._create_lot(cls.pump, "P1")
        cls._buy(cls.mill, cls.s1, 100)
        cls._buy(cls.forge, cls.s2, 50, price=20.0)
        cls._make({cls.s1: 40, cls.s2: 20}, {cls.p1: 10})
        cls._sell(cls.yard, cls.p1, 6)
        cls.quality = new_test_user(cls.env, 'claim_quality', 'crm_scp_core.group_scp_quality', tz='UTC')
        cls.buyer = new_test_user(cls.env, 'claim_buyer', 'purchase.group_purchase_user', tz='UTC')
        cls.accountant = new_test_user(cls.env, 'claim_accountant', 'account.group_account_invoice', tz='UTC')
        cls.complaint = cls.env['scp.complaint'].create({
            'name': "Yard's pumps leak", 'partner_id': cls.yard.id, 'lot_ids': cls.p1.ids})

    @classmethod
    def _set_rates(cls, **rates):
        """Rates of the test and no others; None: the currency has none."""
        currencies = []
        for name, rate in rates.items():
            currency = cls.env['res.currency'].with_context(active_test=False).search([('name', '=', name)])
            currency.active = True
            currency.rate_ids.unlink()
            if rate:
                cls.env['res.currency.rate'].create({
                    'currency_id': currency.id, 'rate': rate, 'name': fields.Date.subtract(
                        fields.Date.today(), years=1), 'company_id': cls.company.id})
            currencies.append(currency)
        return currencies

    @classmethod
    def _add_cost(cls, amount, kind='goods', complaint=None, **values):
        return cls.env['scp.complaint.cost'].create({
            'complaint_id': (complaint or cls.complaint).id, 'kind': kind, 'amount': amount, **values})

    @classmethod
    def _claim(cls, origin=None):
        """The claims, by name of supplier."""
        claims = cls.env['scp.supplier.claim'].with_user(cls.quality)._claim(
            (origin or cls.complaint).with_user(cls.quality))
        return {claim.partner_id.name: claim for claim in claims}

    @classmethod
    def _send(cls, claim, fault="Cracks in the steel"):
        claim.fault = fault
        claim.action_send()
        return claim
