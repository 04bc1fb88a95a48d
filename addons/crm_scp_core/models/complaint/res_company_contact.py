from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .mail_rules import FilePolicy

FILE_TYPES = (
    "jpg, jpeg, png, gif, webp, heic, heif, bmp, tif, tiff, pdf, txt, csv, log, doc, docx, xls, xlsx, "
    "ppt, pptx, odt, ods, odp, rtf, eml, msg, zip, mp4, mov, mp3, m4a, wav, ics, vcf, asc, p7s"
)


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_complaint_auto_acknowledge = fields.Boolean(
        string="Acknowledge Complaints",
        default=True,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Send everyone who complains by mail, portal or program the number of his complaint, "
             "the expected date and his rights.",
    )
    scp_complaint_rights = fields.Text(
        string="Rights of Complainants",
        translate=True,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="What the acknowledgement and the portal say about the rights of the customer, above "
             "all whom he can turn to if he does not agree with the decision. Empty: the usual text, in his language.",
    )
    scp_complaint_max_mb = fields.Integer(
        string="Largest File (MB)",
        default=20,
        aggregator=None,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Larger files of customers are not taken; of a mail, the original is kept. 0: no limit.",
    )
    scp_complaint_file_types = fields.Char(
        string="Accepted Files",
        default=FILE_TYPES,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Endings of file names that customers may send, separated by commas. Empty: all.",
    )
    scp_feedback_auto = fields.Boolean(
        string="Ask for Feedback",
        default=True,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Ask the customer how satisfied he is once his complaint is resolved.",
    )
    scp_feedback_reminder_days = fields.Integer(
        string="Ask Again after Days",
        default=7,
        aggregator=None,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Days after which customers who have not answered are asked once more. 0: never.",
    )

    @api.constrains('scp_complaint_max_mb', 'scp_feedback_reminder_days')
    def _check_scp_contact_numbers(self):
        for company in self:
            for name in ('scp_complaint_max_mb', 'scp_feedback_reminder_days'):
                if company[name] < 0:
                    raise ValidationError(self.env._(
                        "%(company)s: %(field)s cannot be negative.",
                        company=company.name,
                        field=self.fields_get([name], ['string'])[name]['string'],
                    ))

    def _get_scp_complaint_rights(self):
        """The rights of complainants in the language of the context: a default would know one only."""
        self.ensure_one()
        # sudo: customers are told their rights without access to the settings
        return self.sudo().scp_complaint_rights or self.env._(
            "You can ask for the state of your complaint at any time and add to it by answering this "
            "message. Complaining costs you nothing and has no disadvantage for you. If you do not "
            "agree with our decision, you can have it reviewed by our management, and turn to the "
            "arbitration body or authority in charge afterwards."
        )

    def _get_scp_file_policy(self):
        self.ensure_one()
        company = self.sudo()  # sudo: customers send files without access to the settings
        types = (company.scp_complaint_file_types or '').replace(';', ',').split(',')
        return FilePolicy(
            max_mb=company.scp_complaint_max_mb,
            types=frozenset(filter(None, (ending.strip(' .').lower() for ending in types))),
        )
