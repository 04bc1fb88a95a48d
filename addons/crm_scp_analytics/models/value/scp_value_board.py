import json

from odoo import api, fields, models
from odoo.tools import SQL


class ScpValueBoard(models.AbstractModel):
    """What pages over the customers of a company have in common: whom they count, and how figures open them.

    Filters are {'team_ids', 'user_ids'} and what the page adds. Archived customers count; whom the reader may not
    see does not.
    """

    _name = 'scp.value.board'
    _description = "Page over Customers"

    @api.model
    def _get_customers(self, filters):
        """:return: domain of the customers that the filters and the company leave"""
        domain = fields.Domain('company_id', '=', self.env.company.id)
        for name in ('team_ids', 'user_ids'):
            if filters.get(name):
                domain &= fields.Domain(f'{name[:-4]}_id', 'in', filters[name])
        return domain

    @api.model
    def _get_customer_query(self, filters) -> SQL:
        """:return: statement of the ids of these customers, of those whom the reader may see
        :raise AccessError: for who may see none"""
        Customer = self.env['scp.customer'].with_context(active_test=False)
        Customer.check_access('read')
        return Customer._search(self._get_customers(filters)).subselect()

    @api.model
    def _get_customer_cell(self, value, report, **key):
        """:return: a figure, with the domain that works out its customers again"""
        cell = {'report': report, **key}
        return {
            'value': value,
            'model': 'scp.customer',
            'domain': [['scp_value_cell', '=', json.dumps(cell, sort_keys=True)]],
            'context': {'active_test': False, 'create': False},
        }
