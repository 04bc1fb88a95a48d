"""Partners in the portal, and everything they can read in whatever models the installed addons open to them."""

import contextlib

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from odoo.addons.crm_scp_supply.tests.portal.common import SupplyPortalCommon


class LogisticsCase(SupplyPortalCommon):

    def readable_texts(self, user):
        """Yield `model.field` and the values, as one text, of all a user can read."""
        with mute_logger('odoo.addons.base.models.ir_rule', 'odoo.models'):
            for name, model in self.env.registry.items():
                records = self.env[name].with_user(user)
                if model._abstract or model._transient or not records.has_access('read'):
                    continue
                records = records.search([], limit=100, order='id desc')
                for field in records.fields_get(attributes=['type']) if records else ():
                    with contextlib.suppress(AccessError):  # a link to where the user may not go
                        yield f'{name}.{field}', str([row[field] for row in records.read([field])])

    def assert_learns_nothing(self, user, *secrets):
        """No field of any model tells the user one of these words."""
        breaches = [
            f"{field} tells {secret}" for field, text in self.readable_texts(user) for secret in secrets
            if secret in text
        ]
        self.assertFalse(breaches)

    def assert_closed(self, user):
        """Models of ours are closed to the portal, whichever addons widen its rights."""
        opened = [
            name for name, model in self.env.registry.items()
            if model._original_module == 'crm_scp_supply' and not model._abstract
            and self.env[name].with_user(user).has_access('read')
        ]
        self.assertFalse(opened)
