from odoo import api, fields, models
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from .scp_sevenp import P_CODES

# Figures of each P, in the order shown.
FIGURES = {
    'profiling': ['completeness', 'life_cycle_stage'],
    'persistency': ['first_day', 'purchase_count', 'usual_gap_days', 'alive_probability', 'credit_index'],
    'profitability': ['invoiced', 'cost_to_serve', 'profit'],
    'performance': ['otif', 'complaint_count', 'order_count', 'refund_share'],
    'prospecting': ['open_weighted', 'expected_revenue', 'next_order_date'],
    'product': ['product_count', 'main_share', 'a_share', 'again_product_id', 'new_product_id'],
    'promotion': ['mailing_count', 'response_share', 'discount_share'],
}
SHARES = {'alive_probability', 'otif', 'refund_share', 'main_share', 'a_share', 'response_share', 'discount_share'}


class ScpSevenp(models.Model):
    """The 7P as shown to people, beside those of alike customers, and the records behind them."""

    _inherit = 'scp.sevenp'

    card = fields.Json(
        compute='_compute_card', help="The seven P with their figures, beside the segment of the customer.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('customer_id', 'period')
    @api.depends_context('lang', 'uid')
    def _compute_card(self):
        values = self._fetch_values()
        for row in self:
            row.card = row._prepare_card(values[row.id]) if row.id in values else False

    # === BUSINESS METHODS: CARD ===#

    def _fetch_values(self) -> dict:
        """:return: {id: {field: value}}; what is not known is None, which the ORM would read as 0"""
        if not self.ids:
            return {}
        names = ['id', *P_CODES, *(name for figures in FIGURES.values() for name in figures)]
        return {row['id']: row for row in self.env.execute_query_dict(SQL(
            "SELECT %s FROM scp_sevenp WHERE id IN %s",
            SQL(", ").join(map(SQL.identifier, names)), tuple(self.ids),
        ))}

    def _prepare_card(self, values):
        self.ensure_one()
        name, count, means = self._get_comparison()
        labels = self.fields_get([*P_CODES, *values], ['string', 'help'])
        return {
            'id': self.id,
            'basis': self.env._(
                "Twelve months up to %(day)s. 100 is best for us; each P opens the records behind it.",
                day=format_date(self.env, self.day),
            ),
            'segment': name and self.env._("%(segment)s (%(count)s customers)", segment=name, count=count),
            'sides': [
                {
                    'code': code,
                    'label': labels[code]['string'],
                    'help': labels[code]['help'],
                    'value': self._get_number(values[code]),
                    'text': self._format_index(values[code]),
                    'segment': self._get_number(means.get(code)),
                    'segment_text': self._format_index(means.get(code)),
                    'figures': [
                        {'label': labels[figure]['string'], 'value': text}
                        for figure in figures
                        if (text := self._format_figure(figure, values[figure]))
                    ],
                }
                for code, figures in FIGURES.items()
            ],
        }

    def _get_comparison(self):
        """With whom the customer is compared: his profile, else his first segment, else his grade.

        :return: name, number of customers, {P: mean}
        """
        self.ensure_one()
        # sudo: means over a group, also where the reader does not see each of its customers
        segments = self.customer_id.sudo().segment_ids
        segment = segments.filtered(lambda one: one.kind == 'profile')[:1] or segments[:1]
        if segment:
            name, alike = segment.name, [('customer_id.segment_ids', 'in', segment.ids)]
        elif grade := self.customer_id.grade_id:
            name = self.env._("Grade %(grade)s", grade=grade.name)
            alike = [('customer_id.grade_id', '=', grade.id)]
        else:
            return False, 0, {}
        query = self.sudo()._search([('company_id', '=', self.company_id.id), ('period', '=', self.period), *alike])
        query.order = None
        [row] = self.env.execute_query_dict(query.select(
            SQL("COUNT(*) AS count"),
            *(SQL("AVG(%s) AS %s", self._field_to_sql(query.table, code, query), SQL.identifier(code))
              for code in P_CODES),
        ))
        return name, formatLang(self.env, row.pop('count'), digits=0), row

    @api.model
    def _get_number(self, value):
        return None if value is None else float(value)

    @api.model
    def _format_index(self, value):
        return self.env._("no data") if value is None else formatLang(self.env, float(value), digits=0)

    def _format_figure(self, name, value):
        """:return: a figure in words, False where there is no data"""
        self.ensure_one()
        field = self._fields[name]
        if value is None:
            return False
        if name in SHARES:
            return f"{formatLang(self.env, 100 * float(value), digits=0)} %"
        match field.type:
            case 'monetary':
                return self.currency_id.format(float(value))
            case 'date':
                return format_date(self.env, value)
            case 'selection':
                return dict(field._description_selection(self.env)).get(value)
            case 'many2one':
                record = self.env[field.comodel_name].browse(value)
                return record.active and record.display_name
        return formatLang(self.env, float(value), digits=0)

    # === BUSINESS METHODS: RECORDS BEHIND ===#

    def _get_profiling_action(self):
        return self.customer_id._get_records_action(name=self.env._("Customer Record"))

    def _get_persistency_action(self):
        return self._prepare_records_action('crm_scp_analytics.scp_value_fact_action', [
            ('customer_id', '=', self.customer_id.id), ('day', '<=', self.day),
        ])

    def _get_profitability_action(self):
        return self._prepare_records_action('crm_scp_analytics.scp_value_profit_report_action', [
            ('customer_id', '=', self.customer_id.id),
            ('period', '>=', self._get_date_from().replace(day=1)), ('period', '<=', self.day),
        ])

    def _get_performance_action(self):
        return self._prepare_records_action('crm_scp_core.scp_complaint_action', [
            ('commercial_partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id),
            ('received_at', '>=', self._get_date_from()),
        ])

    def _get_prospecting_action(self):
        return self.partner_id.with_company(self.company_id).action_scp_view_open_deals()

    def _get_product_action(self):
        return self._prepare_lines_action(self.env._("Products Ordered"), [])

    def _get_promotion_action(self):
        if self.mailing_count and self.env['mailing.trace'].has_access('read'):
            contacts = self.env['res.partner'].search([('commercial_partner_id', '=', self.partner_id.id)])
            return self._prepare_records_action('mass_mailing.mailing_trace_action', [
                ('model', '=', 'res.partner'), ('res_id', 'in', contacts.ids),
                ('sent_datetime', '>=', self._get_date_from()),
            ])
        return self._prepare_lines_action(self.env._("Products with a Discount"), [('discount', '>', 0)])

    def _prepare_records_action(self, xml_id, domain):
        action = self.env['ir.actions.act_window']._for_xml_id(xml_id)
        return action | {'domain': domain, 'context': {}}

    def _prepare_lines_action(self, name, domain):
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': 'sale.order.line',
            'views': [(False, 'list'), (False, 'kanban')],
            'domain': [
                ('order_partner_id.commercial_partner_id', '=', self.partner_id.id),
                ('company_id', '=', self.company_id.id),
                ('state', '=', 'sale'),
                ('display_type', '=', False),
                ('order_id.date_order', '>=', self._get_date_from()),
                *domain,
            ],
            'context': {'group_by': 'product_id', 'create': False},
        }

    def _get_date_from(self):
        self.ensure_one()
        return self._get_window(self.company_id, self.day).date_from
