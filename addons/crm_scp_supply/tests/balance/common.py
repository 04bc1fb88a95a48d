from datetime import date

from odoo.tests import new_test_user

from ..certificate.common import CertificateCommon

TODAY = date(2030, 7, 1)


class BalanceCommon(CertificateCommon):
    """An account of steel at the main site; the mill is certified, the forge is not. Tests stand at 1 July 2030."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['scp.balance.account'].search([]).active = False
        cls.env.company.resource_calendar_id.tz = 'UTC'
        cls.Entry = cls.env['scp.balance.entry']
        cls.keeper = new_test_user(cls.env, 'balance_keeper', 'crm_scp_core.group_scp_quality')
        cls.account = cls._open_account()
        cls.certificate = cls._certify(cls.mill, coc_model='balance')

    @classmethod
    def _open_account(cls, products=None, **values):
        return cls.env['scp.balance.account'].create({
            'name': "Steel", 'standard_id': cls.standard.id, 'warehouse_id': cls.warehouse.id,
            'product_ids': (products or cls.steel).ids, 'uom_id': cls.unit.id, 'date_start': date(2030, 1, 1),
            **values,
        })

    def _post(self, qty, day=TODAY, account=None, base=None):
        """Post a quantity by hand: in when positive, out when negative."""
        return (account or self.account)._post([{
            'kind': 'input' if qty > 0 else 'output', 'source': 'hand', 'reason': "Test", 'date': day, 'qty': qty,
            'base_qty': qty if base is None else base,
        }])

    def _assert_entries(self, account, *expected):
        """(kind, certified, goods) of the entries, oldest first."""
        self.assertEqual(
            [(entry.kind, entry.qty, entry.base_qty)
             for entry in self.Entry.search([('account_id', '=', account.id)], order='number')],
            list(expected))
