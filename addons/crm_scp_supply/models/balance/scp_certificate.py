from odoo import api, fields, models
from odoo.tools import SQL

from ..trace.scp_trace import TRACE_GROUPS


class ScpCertificate(models.Model):
    """Credits rest on certificates too."""

    _inherit = 'scp.certificate'

    balance_entry_count = fields.Integer(
        string="Credits", compute='_compute_balance_entry_count', groups=TRACE_GROUPS,
        help="Entries of mass balance accounts that rest on this certificate.",
    )

    # === COMPUTE === #

    def _compute_balance_entry_count(self):
        counts = dict(self.env['scp.balance.entry']._read_group(
            [('certificate_id', 'in', self.ids)], ['certificate_id'], ['__count']))
        for certificate in self:
            certificate.balance_entry_count = counts.get(certificate._origin, 0)

    # === ACTIONS === #

    @api.readonly
    def action_view_balance(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_balance_entry_action')
        return action | {'domain': [('certificate_id', '=', self.id)], 'context': {}}

    # === BUSINESS === #

    @api.model
    def _drop_records(self):
        """Books go with the addon, before the standards they name."""
        self.env.flush_all()
        for model in ('scp.balance.entry', 'scp.balance.claim', 'scp.balance.factor', 'scp.balance.account'):
            self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self.env[model]._table)))
        return super()._drop_records()
