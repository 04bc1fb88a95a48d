from collections.abc import Mapping
from typing import Any, NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kpi_rules import get_poisson_interval
from .scp_complaint_kpi import Filters

#: who sees the complaints of whole companies, and what they sold
EXPOSURE_GROUPS = (
    'crm_scp_core.group_scp_manager', 'crm_scp_core.group_scp_quality', 'crm_scp_core.group_scp_auditor',
    'account.group_account_invoice', 'account.group_account_readonly',
)


class Exposure(NamedTuple):
    """What gives rise to complaints, and per how much of it they are told."""

    label: str
    unit: float
    is_money: bool = False


class ScpComplaintKpi(models.AbstractModel):
    """Complaints over what could have been complained of: orders, revenue, and what other addons add."""

    _inherit = 'scp.complaint.kpi'

    @api.model
    def _get_exposures(self) -> dict[str, Exposure]:
        """Return by name of `_get_exposure_queries` how it is told. To be extended."""
        return {
            'orders': Exposure(self.env._("Complaints per 1,000 orders"), 1000),
            'revenue': Exposure(self.env._("Complaints per million of revenue"), 1_000_000, is_money=True),
        }

    @api.model
    def _get_exposure_queries(self) -> dict[str, SQL]:
        """Return by name what was done for customers. To be extended, together with `_get_exposures`.

        Columns: company_id; moment (naive, in UTC) at which it happened; value, money in the
        currency of the company. Sums over whole companies, so no record rules.
        """
        return {
            'orders': self._get_exposure_query(
                'sale.order', [('state', '=', 'sale')], moment=SQL("sale_order.date_order"), value=SQL("1")),
            'revenue': self._get_exposure_query(
                'account.move',
                [('state', '=', 'posted'), ('move_type', 'in', self.env['account.move'].get_sale_types())],
                # noon belongs to the same day in nearly every time zone
                moment=SQL("account_move.invoice_date + interval '12 hours'"),
                value=SQL("account_move.amount_untaxed_signed")),
        }

    @api.model
    def _get_exposure_query(self, model: str, domain, *, moment: SQL, value: SQL) -> SQL:
        """Return a query for `_get_exposure_queries` over a model with a company."""
        # sudo: only sums over whole companies are shown, to who may see them
        Model = self.env[model].sudo().with_context(active_test=False)
        Model.flush_model()
        query = Model._search(domain)
        return query.select(
            SQL("%s AS company_id", Model._field_to_sql(query.table, 'company_id', query)),
            SQL("%s AS moment", moment), SQL("%s AS value", value))

    @api.model
    @api.readonly
    def get_kpis(self, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        kpis = super().get_kpis(filters)
        filters = self._parse_filters(filters)
        exposures = self._read_exposures(filters)
        figures = kpis['figures']
        received = figures['received']
        justified = self.env['scp.complaint.report'].search_count(
            justified_domain := self._get_population(filters, 'received') & Domain(
                'is_justified', 'in', ['yes', 'partly']))
        for name, exposure in self._get_exposures().items():
            size = exposures.get(name)
            rate = self._prepare_rate(name, exposure, received['value'], size, Domain(received['domain']))
            rate['justified'] = self._prepare_rate(name, exposure, justified, size, justified_domain)
            kpis['rates'].append(rate)
        cost, revenue = figures['cost'], exposures.get('revenue')
        figures['cost_of_revenue'] = {
            **cost, 'key': 'cost_of_revenue', 'label': self.env._("Cost of revenue"), 'format': 'share',
            'value': cost['value'] / revenue if revenue and revenue > 0 and cost['value'] is not None else None,
            'help': self.env._("Cost of the complaints received in the period over the revenue of the period."),
        }
        return kpis

    @api.model
    def _may_read_exposures(self) -> bool:
        return self.env.su or any(self.env.user.has_group(group) for group in EXPOSURE_GROUPS)

    @api.model
    def _get_whole_company_ids(self, filters: Filters) -> set[int]:
        """Return the companies asked for, none for who does not see whole ones, or asks for parts of them."""
        if filters.team_ids or filters.user_ids or not self._may_read_exposures():
            return set()
        return set(self.env.companies.ids) & set(filters.company_ids or self.env.companies.ids)

    @api.model
    def _read_exposures(self, filters: Filters) -> dict[str, float]:
        """Return the size of every exposure in the period, amounts in the currency of the reader's company.

        Nothing for who does not see whole companies, or asks for parts of them.
        """
        company_ids = self._get_whole_company_ids(filters)
        if not company_ids:
            return {}
        exposures = self._get_exposures()
        rows = self.env.execute_query(SQL(" UNION ALL ").join(
            SQL(
                """SELECT %s, company_id, SUM(value)::float8
                     FROM (%s) exposure
                    WHERE company_id IN %s AND %s
                 GROUP BY company_id""",
                name, query, tuple(company_ids), self._get_moment_condition(filters))
            for name, query in self._get_exposure_queries().items()
        ))
        sizes = dict.fromkeys(exposures, 0.0)
        for name, company_id, value in rows:
            company = self.env['res.company'].browse(company_id)
            sizes[name] += self._convert(value, company) if exposures[name].is_money else value
        return sizes

    @api.model
    def _get_moment_condition(self, filters: Filters, moment: SQL = SQL("moment")) -> SQL:  # noqa: B008 - immutable
        parts = [SQL("TRUE")]
        if filters.start:
            parts.append(SQL("%s >= %s", moment, filters.start))
        if filters.end:
            parts.append(SQL("%s < %s", moment, filters.end))
        return SQL(" AND ").join(parts)

    @api.model
    def _prepare_rate(self, name, exposure, count, size, domain) -> dict[str, Any]:
        """Return complaints per unit of an exposure, with the 95 % interval of a Poisson count."""
        units = size / exposure.unit if size and size > 0 else None
        low, high = get_poisson_interval(count)
        return {
            **self._prepare_figure(
                name, exposure.label, count / units if units else None, n=count, format='decimal', domain=domain,
                help=self.env._("With the interval in which the true rate lies with 95 % confidence.")),
            'low': low / units if units else None,
            'high': high / units if units else None,
            'size': size,
        }
