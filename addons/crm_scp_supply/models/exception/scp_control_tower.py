from collections.abc import Mapping
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .scp_exception import KINDS

FILTER_KEYS = {'team_ids', 'user_ids', 'direction', 'kind'}
ROWS = 50


class ScpControlTower(models.AbstractModel):
    """What goes wrong along the chain, most money at risk first. Record rules decide what each reader sees."""

    _name = 'scp.control.tower'
    _description = "Control Tower"

    @api.model
    @api.readonly
    def get_tower(self, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Open exceptions.

        :param filters: every key of it optional: `team_ids` (of sales orders), `user_ids` (owners), lists of ids;
            `direction`, out or in; `kind`
        :return: figures `total`, `count`, `overdue` (to be acted upon by now), `waiting` (customers' lines that wait
            for a supplier); `kinds` [{key, label, count, amount}]; `rows` of the exceptions, the worst
            :data:`ROWS`; `currency_id`
        :raise UserError: naming the filter that is wrong
        """
        Exceptions = self.env['scp.exception']
        Exceptions.check_access('read')
        domain = self._get_domain(filters or {})
        company_domain = domain & Domain('company_id', '=', self.env.company.id)
        kinds = {
            kind: (count, amount) for kind, count, amount in Exceptions._read_group(
                company_domain, ['kind'], ['__count', 'amount:sum'])
        }
        rows = Exceptions.search(company_domain, limit=ROWS)
        overdue = company_domain & Domain('date_due', '<', fields.Date.context_today(self))
        waiting = company_domain & Domain('supplier_line_id', '!=', False)
        return {
            'currency_id': self.env.company.currency_id.id,
            'total': self._figure(sum(amount for _count, amount in kinds.values()), company_domain),
            'count': self._figure(sum(count for count, _amount in kinds.values()), company_domain),
            'overdue': self._figure(Exceptions.search_count(overdue), overdue),
            'waiting': self._figure(Exceptions.search_count(waiting), waiting),
            'kinds': [
                {
                    'key': key, 'label': label,
                    'count': self._figure(kinds.get(key, (0, 0))[0], company_domain & Domain('kind', '=', key)),
                    'amount': self._figure(kinds.get(key, (0, 0))[1], company_domain & Domain('kind', '=', key)),
                }
                for key, label in Exceptions._fields['kind']._description_selection(self.env)
            ],
            'rows': [self._prepare_row(row) for row in rows],
        }

    @api.model
    def _get_domain(self, filters):
        raw = {key: value for key, value in filters.items() if value not in (None, False, '')}
        if unknown := raw.keys() - FILTER_KEYS:
            raise UserError(self.env._(
                "The control tower cannot be filtered by %(filters)s.", filters=", ".join(sorted(unknown))))
        domain = Domain('state', '=', 'open')
        if raw.get('direction') in ('out', 'in'):
            domain &= Domain('direction', '=', raw['direction'])
        if raw.get('kind') in dict(KINDS):
            domain &= Domain('kind', '=', raw['kind'])
        Funnel = self.env['scp.funnel']
        if user_ids := Funnel._parse_ids('user_ids', raw.get('user_ids')):
            domain &= Domain('user_id', 'in', user_ids)
        if team_ids := Funnel._parse_ids('team_ids', raw.get('team_ids')):
            domain &= Domain('team_id', 'in', team_ids)
        return domain

    @api.model
    def _figure(self, value, domain):
        return {'value': value, 'model': 'scp.exception', 'domain': list(domain), 'context': {}}

    @api.model
    def _prepare_row(self, row):
        # sudo: names of what the exception is about, for who may see the exception
        row_sudo = row.sudo()
        causes = dict(row._fields['cause']._description_selection(self.env))
        return {
            'id': row.id,
            'kind': row.kind,
            'cause': causes.get(row.cause, ''),
            'direction': row.direction,
            'order': row.order_name,
            'partner': row_sudo.partner_id.commercial_partner_id.display_name or '',
            'product': row_sudo.product_id.display_name or '',
            'days_late': row.days_late,
            'qty': row.qty,
            'unit': row_sudo.product_uom_id.name or '',
            'day_promised': row.day_promised and str(row.day_promised),
            'day_expected': row.day_expected and str(row.day_expected),
            'date_due': row.date_due and str(row.date_due),
            'is_due': bool(row.date_due and row.date_due <= fields.Date.context_today(self)),
            'owner': row_sudo.user_id.name or '',
            'waits_for': row_sudo.supplier_line_id.order_id.name or '',
            'pegged': len(row_sudo.pegged_line_ids),
            'amount': self._figure(row.amount, Domain('id', '=', row.id)),
        }
