from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    """The customer's page: the numbers on its buttons, all of them in one statement."""

    _inherit = 'res.partner'

    def _get_scp_count_queries(self) -> list[SQL]:
        """What is counted for these commercial partners, as far as the user may read it; addons add theirs.

        :return: statements of rows (field, partner_id, number); the fields are computed by
            :meth:`_compute_scp_counts`
        """
        return []

    def _prepare_scp_count_query(self, model, link, domain=(), **numbers) -> list[SQL]:
        """The statement for :meth:`_get_scp_count_queries` about the records of a model, if the user may read these.

        :param str link: their field with the commercial partner
        :param domain: which of them count
        :param SQL numbers: an aggregate by field
        """
        Model = self.env[model]
        if not Model.has_access('read'):
            return []
        query = Model._search(Domain(link, 'in', self.ids) & Domain(domain))
        query.groupby = Model._field_to_sql(query.table, link, query)
        return [query.select(
            SQL("unnest(%s) AS field", list(numbers)), query.groupby,
            SQL("unnest(ARRAY[%s]) AS number", SQL(", ").join(numbers.values())),
        )]

    @api.depends('commercial_partner_id')
    @api.depends_context('allowed_company_ids', 'company', 'uid')
    def _compute_scp_counts(self):
        numbers = {}
        if (customers := self.commercial_partner_id._origin) and (queries := customers._get_scp_count_queries()):
            self.env.flush_all()
            numbers = {(field, partner_id): number for field, partner_id, number in self.env.execute_query(
                SQL(" UNION ALL ").join(queries))}
        names = [name for name, field in self._fields.items() if field.compute == '_compute_scp_counts']
        for partner in self:
            customer = partner.commercial_partner_id._origin
            for name in names:
                partner[name] = numbers.get((name, customer.id), 0)
