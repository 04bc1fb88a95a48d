from odoo import api, models
from odoo.tools import SQL


class ScpCustomer(models.Model):
    """Facts follow the customer: they go with him, and are summed up again when contacts move."""

    _inherit = 'scp.customer'

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self._unlink_facts(ids)
        return result

    @api.model
    def _refresh_for_partners(self, partners):
        """Contacts were merged or moved: what they ordered is somebody else's now."""
        result = super()._refresh_for_partners(partners)
        # sudo: the queue is nobody's but the job's
        self.env['scp.value.fact.due'].sudo()._add_partners(partners)
        return result

    @api.model
    def _unlink_facts(self, ids):
        """Remove what links loosely to customers that are gone.

        :param ids: ids of customers
        """
        if ids:
            self.env.cr.execute(SQL("DELETE FROM scp_value_fact WHERE customer_id = ANY(%s)", ids))
            self.env['scp.value.fact'].invalidate_model()
