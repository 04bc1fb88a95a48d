from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_recurrence_active = fields.Boolean(
        string="Find Recurrences",
        default=True,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Every night, look for faults of a product that customers complain of more often than "
             "chance explains, and propose a corrective action to the quality engineers.",
    )
    scp_recurrence_days = fields.Integer(
        string="Window of Recurrences (Days)",
        default=90,
        aggregator=None,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Complaints of these last days are compared with those of the year before them.",
    )
    scp_recurrence_significance = fields.Float(
        string="Significance of Recurrences (%)",
        default=5.0,
        digits=(5, 2),
        aggregator=None,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="So many or more complaints must be less probable than this by chance alone. The smaller, "
             "the fewer false alarms and the later the true ones.",
    )

    scp_silent_days = fields.Integer(
        string="Silent Complaints of the Last Days",
        default=90,
        aggregator=None,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="How old a credit note or another signal may be for us to still ask the customer.",
    )
    scp_silent_window_days = fields.Integer(
        string="Days around a Signal",
        default=30,
        aggregator=None,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Who complained so many days before or after it is not silent.",
    )

    @api.constrains('scp_silent_days', 'scp_silent_window_days')
    def _check_scp_silent(self):
        for company in self:
            for name in ('scp_silent_days', 'scp_silent_window_days'):
                if not 0 <= company[name] <= 3650:
                    raise ValidationError(self.env._(
                        "%(company)s: %(field)s is from 0 to 3650.",
                        company=company.name, field=self.fields_get([name], ['string'])[name]['string'],
                    ))

    @api.constrains('scp_recurrence_days', 'scp_recurrence_significance')
    def _check_scp_recurrence(self):
        for company in self:
            if not 1 <= company.scp_recurrence_days <= 3650:
                raise ValidationError(self.env._(
                    "%(company)s: the window of recurrences is from 1 to 3650 days.", company=company.name,
                ))
            if not 0 < company.scp_recurrence_significance < 100:
                raise ValidationError(self.env._(
                    "%(company)s: the significance of recurrences is above 0 and below 100 %%.",
                    company=company.name,
                ))
