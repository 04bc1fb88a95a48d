from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_scp_core.models.hub.res_partner import SHARED_GROUPS


class ScpCustomer(models.Model):
    """Grades set by hand, and customers behind a figure of the value pages."""

    _inherit = 'scp.customer'

    value_override_ids = fields.One2many(
        comodel_name='scp.value.override', inverse_name='customer_id', string="Grade Set by Hand",
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor',
    )
    value_score_ids = fields.One2many(
        comodel_name='scp.value.score', inverse_name='customer_id', string="Value Scores",
    )
    scp_value_cell = fields.Char(
        string="Figure of the Customer Value", compute='_compute_scp_value_cell',
        search='_search_scp_value_cell', exportable=False,
        groups=SHARED_GROUPS,
    )

    # === COMPUTE METHODS ===#

    def _compute_scp_value_cell(self):
        self.scp_value_cell = False

    def _search_scp_value_cell(self, operator, value):
        if operator != 'in':
            return NotImplemented
        texts = list(value)
        if len(texts) != 1 or not isinstance(texts[0], str):
            raise UserError(self.env._("Ask for one figure of the customer value at a time."))
        return [('id', 'in', self.env['scp.value.model']._get_cell_customers(texts[0]))]

    # === ACTIONS ===#

    def action_set_grade(self):
        """Open the form that sets the grade of this customer by hand."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Set the Grade of %(customer)s", customer=self.display_name),
            'res_model': 'scp.value.override',
            'views': [(self.env.ref('crm_scp_analytics.scp_value_override_view_form_new').id, 'form')],
            'target': 'new',
            'context': {'default_customer_id': self.id},
        }

    # === BUSINESS METHODS ===#

    def _merge_into(self, kept):
        """The grade set by hand of the row that stays wins."""
        overrides = self.env['scp.value.override'].sudo()  # sudo: as in core
        if overrides.search_count([('customer_id', '=', kept.id)], limit=1):
            running = overrides.search([('customer_id', 'in', self.ids)])
        else:
            running = overrides.search([('customer_id', 'in', self.ids)], order='date_end desc, id desc', offset=1)
        running.write({
            'active': False, 'ended_at': fields.Datetime.now(), 'ended_by_id': self.env.uid,
        })
        return super()._merge_into(kept)
