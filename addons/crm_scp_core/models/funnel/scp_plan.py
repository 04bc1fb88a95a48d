from datetime import date, datetime, time

from dateutil.relativedelta import relativedelta
from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

# A deal is won where its log says so; of a deal won again after a reopening the last time counts.
WON_ROWS = SQL("log.won_status_to = 'won' AND log.won_status_from IS DISTINCT FROM 'won'")
WON_ROWS_DOMAIN = Domain('won_status_to', '=', 'won') & Domain('won_status_from', '!=', 'won')


class ScpPlan(models.AbstractModel):
    """What targets, forecast and gap radar have in common: whose deals, which days, which money.

    Public methods of the models that inherit this take one dict of filters, all optional:

    - ``company_ids``, ``team_ids``, ``user_ids``, ``territory_ids``: lists of ids; territories
      with all their parts. Companies are those of the session at most.
    - ``date_from``, ``date_to``: first and last day, as 'YYYY-MM-DD'
    - ``period``: 'month', 'quarter' or 'year'

    They answer with plain dicts. A figure is ``{'value', 'model', 'domain'}``: the records of the
    model that fulfil the domain are those counted; archived ones are among them, so open them with
    ``active_test`` off. A value of None is "no data".
    """

    _name = 'scp.plan'
    _description = "Planning of Sales"

    @api.model
    def _check_reader(self):
        """Refuse those who may not read the history of deals."""
        self.env['crm.lead'].check_access('read')
        self.env['scp.lead.log'].check_access('read')

    # === FILTERS ===#

    @api.model
    def _get_companies(self, filters):
        companies = self.env.companies
        if wanted := filters.get('company_ids'):
            companies = companies.filtered(lambda company: company.id in wanted)
        return companies or self.env.company

    @api.model
    def _get_company_ids(self, companies):
        """Return ids for a domain: leads without company count for the reporting company."""
        reporting = self.env['res.company']._get_scp_reporting_company()
        return [*companies.ids, *([False] if reporting in companies else [])]

    @api.model
    def _get_lead_domain(self, filters):
        """Return the domain of the opportunities the filters ask for, open or closed."""
        domain = Domain('type', '=', 'opportunity') & Domain(
            'company_id', 'in', self._get_company_ids(self._get_companies(filters)))
        if filters.get('team_ids'):
            domain &= Domain('team_id', 'in', filters['team_ids'])
        if filters.get('user_ids'):
            domain &= Domain('user_id', 'in', filters['user_ids'])
        if filters.get('territory_ids'):
            domain &= Domain('scp_territory_id', 'child_of', filters['territory_ids'])
        return domain

    @api.model
    def _get_lead_ids_query(self, domain) -> SQL:
        """Return a statement that selects the ids of the leads of a domain the user may read."""
        return self.env['crm.lead'].with_context(active_test=False)._search(domain).select()

    # === DAYS ===#

    @api.model
    def _get_tz(self) -> str:
        """Return the time zone in which days are counted: where the current company works."""
        return self.env['res.company']._get_scp_frame(self.env.company.id).tz

    @api.model
    def _get_today(self) -> date:
        return utc.localize(self.env.cr.now()).astimezone(timezone(self._get_tz())).date()

    @api.model
    def _to_utc(self, day: date, tz: str | None = None) -> datetime:
        """Return the moment (naive, UTC) a day begins where the company works."""
        midnight = timezone(tz or self._get_tz()).localize(datetime.combine(day, time.min))
        return midnight.astimezone(utc).replace(tzinfo=None)

    @api.model
    def _get_period(self, filters) -> str:
        period = filters.get('period') or 'month'
        if period not in ('month', 'quarter', 'year'):
            raise UserError(self.env._("A period is a month, a quarter or a year, not “%s”.", period))
        return period

    @api.model
    def _get_date(self, filters, key) -> date | None:
        try:
            return fields.Date.to_date(filters.get(key)) or None
        except ValueError:
            raise UserError(self.env._(
                "“%(value)s” is no date; write it like 2026-03-31.", value=filters[key])) from None

    @api.model
    def _get_periods(self, filters, count: int) -> list[tuple[date, date]]:
        """Return first and last days of the periods asked for.

        :param count: how many periods, from the current one, when the filters do not say
        """
        period = self._get_period(filters)
        step = date_utils.get_timedelta(1, period)
        start = date_utils.start_of(self._get_date(filters, 'date_from') or self._get_today(), period)
        end = self._get_date(filters, 'date_to') or start + step * count - relativedelta(days=1)
        if end < start:
            raise UserError(self.env._(
                "The last day %(end)s is before the first, %(start)s.", start=start, end=end))
        periods = []
        while start <= end:
            periods.append((start, start + step - relativedelta(days=1)))
            start += step
        return periods

    # === MONEY ===#

    @api.model
    def _get_currency(self, companies):
        """Return the currency of a report: the companies' own, or the one all report in."""
        if len(companies.currency_id) == 1:
            return companies.currency_id
        return self.env['res.company']._get_scp_reporting_company().sudo().currency_id

    @api.model
    def _get_rates(self, companies, currency) -> dict[int, float]:
        """Return today's rates into a currency by company; 0 stands for no company."""
        reporting = self.env['res.company']._get_scp_reporting_company().sudo()
        today = self._get_today()
        # sudo: rates are no secret, the companies of leads may be out of the session
        Currency = self.env['res.currency'].sudo()
        rates = {
            company.id: Currency._get_conversion_rate(company.currency_id, currency, company, today)
            for company in companies.sudo()
        }
        return {**rates, 0: Currency._get_conversion_rate(reporting.currency_id, currency, reporting, today)}

    @api.model
    def _get_rate_table(self, companies, currency) -> SQL:
        """Return the rows (company_id, rate) of ``_get_rates`` for a FROM clause."""
        rows = SQL(", ").join(
            SQL("(%s, %s::numeric)", company_id, value)
            for company_id, value in self._get_rates(companies, currency).items())
        return SQL("(VALUES %s) AS rate(company_id, rate)", rows)

    @api.model
    def _get_currency_info(self, currency):
        return {
            'id': currency.id, 'name': currency.name, 'symbol': currency.symbol,
            'position': currency.position, 'decimal_places': currency.decimal_places,
        }

    # === WINS ===#

    @api.model
    def _get_won_query(self, date_from: date, date_to: date, where: SQL, tz: str | None = None) -> SQL:
        """Return a statement that selects (lead_id, won_on) of the deals won between two days.

        :param where: condition on ``lead``, the table of leads
        """
        tz = tz or self._get_tz()
        self.env['crm.lead'].flush_model(['won_status', 'type'])
        return SQL(
            """
            SELECT lead.id AS lead_id, (win.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS won_on
              FROM crm_lead lead
              JOIN (SELECT log.lead_ref, max(log.date) AS date
                      FROM scp_lead_log log
                     WHERE %(won_rows)s AND log.date >= %(since)s
                  GROUP BY log.lead_ref) win ON win.lead_ref = lead.id
             WHERE lead.won_status = 'won' AND lead.type = 'opportunity'
               AND win.date < %(until)s
               AND %(where)s
            """,
            tz=tz,
            won_rows=WON_ROWS,
            since=self._to_utc(date_from, tz),
            until=self._to_utc(date_to + relativedelta(days=1), tz),
            where=where,
        )

    @api.model
    def _get_won_domain(self, date_from: date, date_to: date, tz: str | None = None):
        """Return the domain of exactly the deals ``_get_won_query`` selects."""
        since = self._to_utc(date_from, tz)
        until = self._to_utc(date_to + relativedelta(days=1), tz)
        return (
            Domain('type', '=', 'opportunity') & Domain('won_status', '=', 'won')
            & Domain('scp_log_ids', 'any', list(
                WON_ROWS_DOMAIN & Domain('date', '>=', since) & Domain('date', '<', until)))
            & Domain('scp_log_ids', 'not any', list(WON_ROWS_DOMAIN & Domain('date', '>=', until)))
        )

    @api.model
    def _figure(self, value, model, domain):
        """Return a number with what stands behind it."""
        domain = [
            [leaf[0], leaf[1], leaf[2]] if isinstance(leaf, (tuple, list)) else leaf for leaf in domain]
        return {'value': value, 'model': model, 'domain': domain}
