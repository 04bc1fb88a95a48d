from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models

# login, record, kind of activity, what to do, days from today: overdue, due and coming
ACTIVITIES = [
    ('scp_sales', 'crm_lead_rheintal_hydrogen', 'mail_activity_data_call', "Ask for the signed order", -1),
    ('scp_sales', 'crm_lead_nordvatten_uv', 'mail_activity_data_todo', "Send the revised drawing", -4),
    ('scp_sales', 'crm_lead_kowalczyk_offshore', 'mail_activity_data_meeting', "Design review on site", 6),
    ('scp_sales', 'crm_lead_adriatica_winback', 'mail_activity_data_call', "Find out what the competitor promised", 0),
    ('scp_sales', 'crm_lead_summit_airport', 'mail_activity_data_email', "Confirm the new installation date", 0),
    ('scp_sales', 'crm_lead_vandijk_polder', 'mail_activity_data_call', "Talk about the pump curve", 2),
    ('scp_sales', 'partner_castilla', 'mail_activity_data_call', "Overdue invoice before the next offer", -2),
    ('scp_sales_asia', 'crm_lead_hengtai_aromatics', 'mail_activity_data_meeting', "Commercial negotiation", 3),
    ('scp_sales_asia', 'crm_lead_longhua_phase2', 'mail_activity_data_call', "Agree the delivery split", 0),
    ('scp_sales_asia', 'crm_lead_shenyuan_fill', 'mail_activity_data_todo', "Clarify the validation documents", -6),
    ('scp_sales_asia', 'crm_lead_hanguk_lng', 'mail_activity_data_email', "Send the reference list", 4),
    ('scp_sales_asia', 'partner_haifeng', 'mail_activity_data_call', "Returns: agree the inspection", -1),
    ('scp_leader', 'crm_lead_gulfport_turnaround', 'mail_activity_data_call', "Pushed twice: is it still funded?", 0),
    ('scp_leader', 'crm_lead_bayou_caustic', 'mail_activity_data_todo', "Approve the discount", -1),
    ('scp_leader', 'partner_aquanova', 'mail_activity_data_meeting', "Plan the coming season", 9),
    ('scp_manager', 'partner_titan', 'mail_activity_data_meeting', "Price review: margin is negative", 1),
    ('scp_manager', 'crm_lead_huadong_leachate', 'mail_activity_data_call', "Take over from Lin Yating", -3),
    ('scp_manager', 'partner_bluepeak', 'mail_activity_data_call', "No order for half a year", 0),
    ('scp_accountant', 'partner_adriatica', 'mail_activity_data_email', "Two invoices overdue", 0),
    ('scp_accountant', 'partner_castilla', 'mail_activity_data_email', "Send the second reminder", -5),
    ('scp_quality', 'partner_haifeng', 'mail_activity_data_todo', "Examine the valves that came back", 1),
]

# login, customer, days before today, what was said
CONTACTS = [
    ('scp_sales', 'rheintal', 3, "Anke Vogel expects the board's decision on the hydrogen pilot this month."),
    ('scp_sales', 'nordvatten', 16, "The UV plant waits for its building permit."),
    ('scp_sales', 'kowalczyk', 8, "Wants to show our valves at the yard fair."),
    ('scp_sales', 'adriatica', 74, "Line 2 still runs on our valves; the rest went to a competitor on price."),
    ('scp_sales', 'ostsee', 380, "Plant mothballed, buyer left."),
    ('scp_sales', 'helvetia', 41, "Pilot funded, specification to follow."),
    ('scp_sales_asia', 'hengtai', 6, "Technical part agreed, price next."),
    ('scp_sales_asia', 'yuanli', 12, "Stock is low on DN50."),
    ('scp_sales_asia', 'haifeng', 28, "Unhappy with the last lot; photographs promised."),
    ('scp_sales_asia', 'longhua', 5, "Phase 2 confirmed by the steering committee."),
    ('scp_sales_asia', 'sakuragi', 66, "Annual plan in spring."),
    ('scp_leader', 'gulfport', 10, "Turnaround may slip once more."),
    ('scp_leader', 'delmar', 52, "Evaporator project approved."),
    ('scp_leader', 'aquanova', 90, "A dry season: more stations next year."),
    ('scp_manager', 'titan', 18, "Asks for another three per cent."),
]


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_activities(self):
        self.env['mail.activity'].with_context(mail_activity_quick_update=True).create([
            {
                'res_model_id': self.env['ir.model']._get_id(record._name),
                'res_id': record.id,
                'activity_type_id': self.env.ref(f'mail.{kind}').id,
                'summary': summary,
                'date_deadline': fields.Date.today() + timedelta(days=days),
                'user_id': self._ref(f'user_{login}').id,
            }
            for login, name, kind, summary, days in ACTIVITIES
            for record in self._ref(name)
        ])

    @api.model
    def _create_contacts(self):
        """Write down conversations with customers, in their chatter."""
        self.env['mail.message'].create([
            {
                'model': 'res.partner',
                'res_id': self._ref(f'partner_{customer}').id,
                'author_id': self._ref(f'user_{login}').partner_id.id,
                'message_type': 'comment',
                'subtype_id': self.env.ref('mail.mt_comment').id,
                'date': self._moment(days_ago, hour=13),
                'body': Markup("<p>%s</p>") % text,
            }
            for login, customer, days_ago, text in CONTACTS
        ])
