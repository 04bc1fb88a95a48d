from typing import NamedTuple

from odoo import api, models, tools


class FunnelFrame(NamedTuple):
    """In which money and which working time the funnel of a company is measured."""

    currency_id: int
    reporting_company_id: int
    reporting_currency_id: int
    calendar_id: int
    tz: str
    hours_per_day: float


class ResCompany(models.Model):
    _inherit = 'res.company'

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({'currency_id', 'resource_calendar_id'}):
            self.env.registry.clear_cache('stable')
        return result

    def unlink(self):
        self.env['crm.lead']._log_scp_cleared('company_id', self.ids)
        result = super().unlink()
        self.env.registry.clear_cache('stable')
        return result

    @api.model
    def _get_scp_reporting_company(self):
        """Return the company in whose currency the funnels of all companies are added up."""
        main_company = self.env.ref('base.main_company', raise_if_not_found=False)
        # sudo: the frame of a log row must not depend on who moves the lead
        return main_company or self.sudo().search([], order='id', limit=1)

    @api.model
    @tools.ormcache('company_id', cache='stable')
    def _get_scp_frame(self, company_id: int | None) -> FunnelFrame:
        """Return currencies and working time of the leads of a company.

        :param company_id: None for leads without a company; they are measured like those of the
            reporting company
        """
        reporting = self._get_scp_reporting_company().sudo()
        # sudo: the frame of a log row must not depend on who moves the lead
        company = self.sudo().browse(company_id) if company_id else reporting
        calendar = company.resource_calendar_id
        return FunnelFrame(
            currency_id=company.currency_id.id,
            reporting_company_id=reporting.id,
            reporting_currency_id=reporting.currency_id.id,
            calendar_id=calendar.id,
            tz=calendar.tz or company.partner_id.tz or 'UTC',
            hours_per_day=calendar.hours_per_day,
        )
