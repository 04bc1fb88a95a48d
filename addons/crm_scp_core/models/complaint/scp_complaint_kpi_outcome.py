from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .scp_complaint_kpi import Filters, Measure

#: days before the closing in which somebody was a customer, and after it in which he stayed one
RETENTION_DAYS = 180
#: customers are compared with others who had ordered as often before: once, two or three times, more
ORDER_BANDS = (1, 2, 4)


class ScpComplaintKpi(models.AbstractModel):
    """What became of the customers: did who complained stay, and how many never said a word."""

    _inherit = 'scp.complaint.kpi'

    @api.model
    def _get_measures(self) -> list[Measure]:
        return [
            *super()._get_measures(),
            Measure('retention', self.env._("Customers who stayed"), 'percent', 'closed', 'retention_rate'),
        ]

    @api.model
    @api.readonly
    def get_kpis(self, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        kpis = super().get_kpis(filters)
        filters = self._parse_filters(filters)
        retention = kpis['figures']['retention']
        rate, n = self._get_matched_retention(filters)
        kpis['figures']['retention_matched'] = {
            **retention, 'key': 'retention_matched', 'label': self.env._("Others like them who stayed"),
            'value': rate, 'n': n,
            'help': self.env._(
                "Of customers without a complaint who had ordered as often in the %(days)s days before the month: "
                "share that ordered again within the %(days)s days from it on.", days=RETENTION_DAYS),
        }
        if figure := self._get_silent_share(filters):
            kpis['figures']['silent_share'] = figure
        return kpis

    # === WHO STAYED === #

    @api.model
    def _get_matched_retention(self, filters: Filters) -> tuple[float | None, int]:
        """Return how many customers without a complaint stayed, and of how many.

        Each complaint is set against the customers of the company who in the month of its closing
        had ordered as often before (`ORDER_BANDS`): the mean of their shares, weighed by complaints.
        Nothing for who does not see whole companies, or asks for parts of them.
        """
        company_ids = self._get_whole_company_ids(filters)
        if not company_ids:
            return None, 0
        self.env['scp.complaint'].flush_model()
        self.env['sale.order'].flush_model()
        [(rate, n)] = self.env.execute_query(SQL(
            """
            WITH closed AS (
                SELECT id, company_id, commercial_partner_id AS partner_id, closed_at AS moment,
                       date_trunc('month', closed_at) AS month
                  FROM scp_complaint
                 WHERE company_id IN %(companies)s AND closed_at <= %(now)s - %(span)s AND state != 'duplicate'
                   AND %(period)s
            ), purchase AS (
                SELECT orders.company_id, buyer.commercial_partner_id AS partner_id, orders.date_order AS moment
                  FROM sale_order orders
                  JOIN res_partner buyer ON buyer.id = orders.partner_id
                 WHERE orders.company_id IN %(companies)s AND orders.state = 'sale' AND orders.amount_untaxed > 0
                   AND orders.date_order >= (SELECT MIN(month) - %(span)s FROM closed)
                   AND orders.date_order < (SELECT MAX(month) + %(span)s + interval '1 month' FROM closed)
            ), complained AS MATERIALIZED (
                SELECT company_id, commercial_partner_id AS partner_id, received_at AS moment
                  FROM scp_complaint
                 WHERE company_id IN %(companies)s
                   AND received_at >= (SELECT MIN(month) - %(span)s FROM closed)
                   AND received_at < (SELECT MAX(month) + %(span)s FROM closed)
            ), cell AS (
                SELECT company_id, month, width_bucket(number, %(bands)s) AS band, COUNT(*) AS weight
                  FROM (SELECT closed.company_id, closed.month, COUNT(*) AS number
                          FROM closed
                          JOIN purchase USING (company_id, partner_id)
                         WHERE purchase.moment < closed.moment AND purchase.moment >= closed.moment - %(span)s
                      GROUP BY closed.company_id, closed.month, closed.id) complaint
              GROUP BY company_id, month, band
            ), other AS (
                SELECT company_id, month, partner_id, COUNT(*) FILTER (WHERE moment < month) AS number,
                       bool_or(moment >= month) AS stayed
                  FROM (SELECT DISTINCT company_id, month FROM cell) cell
                  JOIN purchase USING (company_id)
                 WHERE moment >= month - %(span)s AND moment < month + %(span)s
              GROUP BY company_id, month, partner_id
                HAVING bool_or(moment < month)
            ), matched AS (
                SELECT company_id, month, width_bucket(number, %(bands)s) AS band,
                       AVG(stayed::int) AS stayed, COUNT(*) AS number
                  FROM other
                 WHERE NOT EXISTS (
                        SELECT FROM complained
                         WHERE complained.company_id = other.company_id
                           AND complained.partner_id = other.partner_id
                           AND complained.moment >= other.month - %(span)s
                           AND complained.moment < other.month + %(span)s)
              GROUP BY company_id, month, band
            )
            SELECT (SUM(weight * stayed) / SUM(weight))::float8, COALESCE(SUM(number), 0)::int
              FROM cell
              JOIN matched USING (company_id, month, band)
            """,
            companies=tuple(company_ids), now=self.env['scp.sla.clock']._get_now(),
            span=SQL("%s * interval '1 day'", RETENTION_DAYS), bands=list(ORDER_BANDS),
            period=self._get_moment_condition(filters, SQL("closed_at")),
        ))
        return rate, n

    # === WHO SAID NOTHING === #

    @api.model
    def _get_silent_share(self, filters: Filters) -> dict | None:
        """Return the customers' silence of the last days, whatever the period; None for parts of a
        company: signals have no team that handles complaints.
        """
        Silent, Report = self.env['scp.complaint.silent.report'], self.env['scp.complaint.report']
        if filters.team_ids or filters.user_ids or not Silent.has_access('read'):
            return None
        domain = self._get_domain(filters)
        # sudo: a number of the settings
        companies = self.env.companies.sudo()
        today = fields.Date.context_today(self)
        spoke = Report.search_count(domain & Domain.OR(
            Domain('company_id', '=', company.id)
            & Domain('received_at', '>=', str(today - timedelta(days=company.scp_silent_days)))
            for company in companies
        ))
        silent = Silent.search_count(domain)
        return self._prepare_figure(
            'silent_share', self.env._("Said nothing"), silent / (silent + spoke) if silent + spoke else None,
            n=silent + spoke, format='percent', domain=domain, model=Silent._name,
            help=self.env._(
                "Silent complaints of the last days, over themselves and the complaints received in these days."))
