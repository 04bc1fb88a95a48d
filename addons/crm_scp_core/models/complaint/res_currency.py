from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class ResCurrency(models.Model):
    _inherit = 'res.currency'

    def _scp_check_rate(self, company, record_name):
        """Refuse a currency nobody recorded a rate for: Odoo takes one unit of it for one of another, without a word.

        :param company: ``res.company`` in whose currency an amount is to be read
        :param str record_name: what the amount belongs to, for the message
        :raise ValidationError: there is no rate, of any day
        """
        # sudo: rates are no secret
        Rate = self.env['res.currency.rate'].sudo()
        own = company.currency_id
        for currency in self - own:
            known = Domain('currency_id', '=', currency.id) | (
                Domain('currency_id', '=', own.id) & Domain('rate', '!=', 1))
            if not Rate.search_count(known & Domain('company_id', 'in', (False, company.root_id.id)), limit=1):
                raise ValidationError(self.env._(
                    "%(record)s: no rate of exchange is recorded for %(currency)s. Add one to the currency first, or "
                    "enter the amount in %(own)s.", record=record_name, currency=currency.name, own=own.name))
