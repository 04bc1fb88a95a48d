from psycopg2.errors import CheckViolation

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import ConcurrencyError, UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged('post_install', '-at_install')
class TestBalanceConcurrency(BaseCase):
    """Two connections that both read a balance of 100."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.account_id = env['scp.balance.account'].create({
                'name': "Two at once", 'standard_id': env['scp.standard'].create({'code': "T2", 'name': "T"}).id,
                'coc_model': 'claim',
            }).id
            self._post(env, 100)
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM scp_balance_entry WHERE account_id = %s", [self.account_id])
            account = api.Environment(cr, SUPERUSER_ID, {})['scp.balance.account'].browse(self.account_id)
            standard = account.standard_id
            account.unlink()
            standard.unlink()

    def _post(self, env, qty):
        account = env['scp.balance.account'].browse(self.account_id)
        return account._post([{
            'kind': 'input' if qty > 0 else 'output', 'source': 'hand', 'reason': "Test",
            'date': fields.Date.today(), 'qty': qty,
        }])

    @mute_logger('odoo.sql_db')
    def test_two_at_once(self):
        """Each alone may take 80. The second is told to begin again, and finds 20."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            envs = [api.Environment(cr, SUPERUSER_ID, {}) for cr in (first, second)]
            for env in envs:
                account = env['scp.balance.account'].browse(self.account_id)
                self.assertEqual(account._get_available(fields.Date.today()), 100)
            self._post(envs[0], -80)
            first.commit()
            with self.assertRaises(ConcurrencyError):
                self._post(envs[1], -80)
            second.rollback()
            envs[1].invalidate_all()
            with self.assertRaisesRegex(UserError, r"at most 20\.0000"):
                self._post(envs[1], -80)
            self._post(envs[1], -20)
            second.rollback()

    @mute_logger('odoo.sql_db')
    def test_the_table_refuses(self):
        """Whatever code there is, no row says less than zero."""
        with self.registry.cursor() as cr:
            with self.assertRaises(CheckViolation):
                cr.execute("UPDATE scp_balance_entry SET balance_after = -1 WHERE account_id = %s", [self.account_id])
            cr.rollback()
