from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ScpFunnelCellMixin(models.AbstractModel):
    """Lets a figure of the funnel open its records as an ordinary domain.

    The list behind "14 moved on" is a search like any other: it can be filtered further, grouped,
    exported and kept as a favourite, and it runs the statement that has counted the 14.
    """

    _name = 'scp.funnel.cell.mixin'
    _description = "Records Behind a Figure of the Funnel"

    # Column that holds the number of the lead
    _scp_lead_column = 'id'

    scp_funnel_cell = fields.Char(
        string="Figure of the Funnel", compute='_compute_scp_funnel_cell',
        search='_search_scp_funnel_cell', exportable=False,
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor',
    )

    def _compute_scp_funnel_cell(self):
        self.scp_funnel_cell = False

    def _search_scp_funnel_cell(self, operator, value):
        if operator != 'in':
            return NotImplemented
        texts = list(value)
        if len(texts) != 1 or not isinstance(texts[0], str):
            raise UserError(self.env._("Ask for one figure of the funnel at a time."))
        # of the plans too, which know all the funnel knows
        leads = self.env['scp.forecast']._get_cell_leads(texts[0])
        if self._scp_lead_column != 'id':
            leads = SQL(
                "SELECT id FROM %s WHERE %s IN (%s)",
                SQL.identifier(self._table) if self._auto else self._table_sql,
                SQL.identifier(self._scp_lead_column), leads)
        return [('id', 'in', leads)]
