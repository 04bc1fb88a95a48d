from odoo import api, fields, models
from odoo.tools import SQL


class CrmLead(models.Model):
    """The territory of a lead: looked up, not stored, so that redrawing the map costs nothing."""

    _inherit = 'crm.lead'

    scp_territory_id = fields.Many2one(
        comodel_name='scp.territory',
        string="Sales Territory",
        compute='_compute_scp_territory_id',
        search='_search_scp_territory_id',
        help="The most specific territory by country, state, postcode and industry.",
    )

    @api.depends('company_id', 'country_id', 'state_id', 'zip', 'partner_id.industry_id')
    def _compute_scp_territory_id(self):
        territories = self.env['scp.territory']._resolve_leads(self._origin.ids)
        for lead in self:
            lead.scp_territory_id = territories.get(lead._origin.id)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let leads be grouped and sorted by territory, though no column holds it."""
        if field_expr != 'scp_territory_id' or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], 'read')
        located = query.make_alias(alias, 'scp_located')
        query.add_join(
            'LEFT JOIN', located, SQL("(%s)", self.env['scp.territory']._get_lead_query()),
            SQL("%s = %s", SQL.identifier(located, 'id'), SQL.identifier(alias, 'id')))
        return SQL.identifier(located, 'territory_id')

    def _search_scp_territory_id(self, operator, value):
        Territory = self.env['scp.territory']
        if operator == 'child_of':
            value = Territory.search([('id', 'child_of', value)]).ids
        elif operator != 'in':
            return NotImplemented
        wanted = [territory_id for territory_id in value if territory_id]
        found = SQL(
            "(SELECT id FROM (%s) located WHERE territory_id = ANY(%s))",
            Territory._get_lead_query(), wanted,
        )
        domain = [('id', 'in', found)]
        if len(wanted) < len(value):
            anywhere = SQL("(SELECT id FROM (%s) located)", Territory._get_lead_query())
            domain = ['|', *domain, ('id', 'not in', anywhere)]
        return domain
