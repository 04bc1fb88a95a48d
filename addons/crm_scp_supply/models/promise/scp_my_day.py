from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class ScpMyDay(models.AbstractModel):
    _inherit = 'scp.my.day'

    @api.model
    def _get_sections(self, scope):
        return [*super()._get_sections(scope), self._get_section_promises(scope)]

    @api.model
    def _get_promise_domain(self, scope):
        Report = self.env['scp.promise.report']
        return (
            self._get_scope_domain(scope)
            & Domain('direction', '=', 'out')
            & Domain(Report._get_at_risk_domain())
        )

    @api.model
    def _get_section_promises(self, scope):
        """Promises to customers that are broken or were moved to a later day, the oldest first."""
        Report = self.env['scp.promise.report']
        if not Report.has_access('read'):
            return None
        domain = self._get_promise_domain(scope)
        rows = Report.search(domain, limit=self._ITEM_LIMIT)
        return {
            'id': 'promises',
            'sequence': 25,
            'icon': 'fa-calendar-check-o',
            'title': self.env._("Promises at risk"),
            'help': self.env._(
                "Order lines whose promised day has passed without complete delivery, or that are "
                "promised for a later day than at first. The oldest promise comes first."
            ),
            'count': Report.search_count(domain) if len(rows) == self._ITEM_LIMIT else len(rows),
            'items': [self._prepare_promise_item(row) for row in rows],
            'action': self._prepare_action(
                self.env._("Promises at risk"), 'scp.promise.report', domain, ['list', 'kanban'],
            ),
            'empty': {
                'title': self.env._("Every promise stands"),
                'message': self.env._(
                    "A promise appears here when its day passes before the goods have left, or "
                    "when it is moved to a later day."
                ),
                'button': self.env._("See the promises"),
                'action': 'crm_scp_supply.scp_promise_report_action',
            },
        }

    @api.model
    def _prepare_promise_item(self, row):
        promised = fields.Datetime.context_timestamp(self, row.date_promised).date()
        overdue = (fields.Date.context_today(self) - promised).days
        if overdue > 0:
            badge = self._prepare_deadline_badge(overdue, '')
            why = self.env._(
                "Promised for %(date)s, %(qty)s of %(total)s still to deliver.",
                date=format_date(self.env, promised), qty=f'{row.qty_open:g}',
                total=f'{row.product_uom_qty:g}',
            )
        else:
            badge = {
                'tone': 'warning',
                'icon': 'fa-calendar-plus-o',
                'text': self.env._("%(days)s days later", days=row.slip_days),
            }
            why = self.env._(
                "First promised for %(baseline)s, now for %(date)s.",
                baseline=format_date(
                    self.env, fields.Datetime.context_timestamp(self, row.date_baseline).date(),
                ),
                date=format_date(self.env, promised),
            )
        return {
            'id': row.id,
            'res_model': 'sale.order',
            'res_id': row.sale_order_id.id,
            'title': row.commercial_partner_id.display_name or row.order_name,
            'subtitle': f'{row.order_name} · {row.product_name}',
            'why': why,
            'badge': badge,
        }
