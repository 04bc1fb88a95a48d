from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_visit_hour_cost = fields.Monetary(
        string="Cost of a Visiting Hour",
        groups='base.group_user',
        prefetch='scp_cost',
        help="What an hour of one of our people at a meeting with a customer costs, travel "
             "included. 0: visits are not counted, and shown as no data.",
    )
    scp_payment_delay_rate = fields.Float(
        string="Cost of Late Payment (% a Year)",
        digits=(5, 2),
        aggregator=None,
        groups='base.group_user',
        prefetch='scp_cost',
        help="Interest on receivables past their due date, until they are paid. 0: late payment is "
             "not counted, and shown as no data.",
    )

    @api.constrains('scp_visit_hour_cost', 'scp_payment_delay_rate')
    def _check_scp_cost_to_serve(self):
        for company in self:
            for name, most in (('scp_visit_hour_cost', None), ('scp_payment_delay_rate', 100)):
                value = company[name]
                if value < 0 or most is not None and value > most:
                    raise ValidationError(self.env._(
                        "%(field)s of %(company)s cannot be %(value)s.",
                        field=self._fields[name]._description_string(self.env),
                        company=company.display_name,
                        value=value,
                    ))
