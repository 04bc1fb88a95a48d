from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_complaint_auto_acknowledge = fields.Boolean(
        related='company_id.scp_complaint_auto_acknowledge', readonly=False)
    scp_complaint_rights = fields.Text(
        related='company_id.scp_complaint_rights', readonly=False)
    scp_complaint_max_mb = fields.Integer(
        related='company_id.scp_complaint_max_mb', readonly=False)
    scp_complaint_file_types = fields.Char(
        related='company_id.scp_complaint_file_types', readonly=False)
    scp_feedback_auto = fields.Boolean(related='company_id.scp_feedback_auto', readonly=False)
    scp_feedback_reminder_days = fields.Integer(
        related='company_id.scp_feedback_reminder_days', readonly=False)
