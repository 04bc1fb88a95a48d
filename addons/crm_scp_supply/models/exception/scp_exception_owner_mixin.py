from odoo import api, fields, models
from odoo.fields import Domain

from ..promise.journal import PROMISE_GROUPS


class ScpExceptionOwnerMixin(models.AbstractModel):
    """Documents that show the exceptions of their lines, and where problems are reported."""

    _name = 'scp.exception.owner.mixin'
    _description = "Document with Exceptions"

    scp_exception_count = fields.Integer(
        string="Open Exceptions", compute='_compute_scp_exception_count', groups=PROMISE_GROUPS,
        help="Promises on this document that are late, short, of poor quality or with wrong documents.",
    )

    # === COMPUTE === #

    def _compute_scp_exception_count(self):
        Exceptions = self.env['scp.exception']
        can_read = Exceptions.has_access('read')
        for document in self:
            document.scp_exception_count = can_read and Exceptions.search_count(
                Domain(document._get_scp_exception_domain()) & Domain('state', '=', 'open'))

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_exceptions(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_exception_action')
        return action | {'domain': list(self._get_scp_exception_domain()), 'context': {'search_default_open': 1}}

    def action_scp_report_problem(self):
        """Report that goods or documents were not as they should be."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Report a Problem"),
            'res_model': 'scp.exception.report',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_res_model': self._name, 'default_res_id': self.id},
        }

    # === BUSINESS === #

    def _get_scp_exception_domain(self):
        """Domain of the exceptions of these documents."""
        raise NotImplementedError
