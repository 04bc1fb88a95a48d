from odoo import api, models
from odoo.fields import Domain


class ScpPortalShield(models.AbstractModel):
    """Fields of Odoo's own documents that users of the portal cannot read, over RPC or by a search.

    In a direct delivery the documents of the customer name the supplier and those of the supplier the customer. The
    record rules let each read the document; the names behind its links are then read as superuser.
    """

    _name = 'scp.portal.shield'
    _description = "Fields Hidden from the Portal"

    # Names of fields, also of those that only some other addon brings
    _scp_portal_hidden = frozenset()

    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and not (
            field.name in self._scp_portal_hidden and self._scp_is_shielded()
        )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, active_test=True, bypass_access=False):
        # Fields that are not stored are searched through others, which nobody checks
        if not bypass_access and self._scp_portal_hidden and self._scp_is_shielded():
            for condition in Domain(domain).iter_conditions():
                if field := self._fields.get(condition.field_expr.partition('.')[0]):
                    self._check_field_access(field, 'read')
        return super()._search(
            domain, offset, limit, order, active_test=active_test, bypass_access=bypass_access,
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        # To group or sort by a related field that is not stored asks for no right on it
        if (field := self._fields.get(field_expr.partition('.')[0])) and field.name in self._scp_portal_hidden:
            self._check_field_access(field, 'read')
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _scp_is_shielded(self):
        return not self.env.su and not self.env.user._is_internal()
