from odoo import api, fields, models
from odoo.tools import SQL

# What facts depend on
FACT_FIELDS = frozenset({
    'active', 'categ_ids', 'company_id', 'date_end', 'date_start', 'is_early_refused', 'partner_id', 'product_ids',
    'role',
    'tolerance_days_early', 'tolerance_days_late', 'tolerance_over', 'tolerance_under',
})


class ScpRelation(models.Model):
    _inherit = 'scp.relation'

    is_early_refused = fields.Boolean(
        string="Early Is Not on Time", tracking=True,
        help="Goods that arrive sooner than the days early allow are not on time. Otherwise they may come as soon as "
        "they like.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        relations = super().create(vals_list)
        relations._queue_facts()
        return relations

    def write(self, vals):
        if FACT_FIELDS.isdisjoint(vals):
            return super().write(vals)
        if 'partner_id' in vals:
            self._queue_facts()  # of the partner it leaves
        result = super().write(vals)
        self._queue_facts()
        return result

    def unlink(self):
        self._queue_facts()
        return super().unlink()

    # === BUSINESS === #

    def _queue_facts(self):
        """Measure all deliveries of these partners again, by what is agreed now."""
        if self:
            self.env['scp.delivery.queue']._add_facts(
                SQL("partner.commercial_partner_id = ANY(%s)", self.partner_id.ids))
