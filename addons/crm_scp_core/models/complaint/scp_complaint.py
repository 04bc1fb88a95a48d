from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from odoo.addons.base.models.res_partner import _lang_get

from .scp_complaint_category import SEVERITIES

CHANNELS = [
    ('email', "Email"),
    ('phone', "Phone"),
    ('portal', "Portal"),
    ('livechat', "Live Chat"),
    ('web', "Website or Program"),
    ('shop', "Shop or Visit"),
    ('social', "Social Media"),
    ('regulator', "Authority"),
]

REMEDIES = [
    ('explanation', "Explanation or Apology"),
    ('repair', "Repair or Rework"),
    ('replacement', "Replacement"),
    ('refund', "Refund"),
    ('price', "Price Reduction"),
    ('compensation', "Compensation"),
    ('correction', "Correction of Data or Invoice"),
    ('other', "Something Else"),
]


class ScpComplaint(models.Model):
    """One expression of dissatisfaction, from its receipt to the end of all recourse.

    This file holds what a complaint is. What it may do lies beside it:
    `scp_complaint_state.py` (states and time stamps), `scp_complaint_decision.py`,
    `scp_complaint_guard.py` (what a state asks for), `scp_complaint_reopening.py`,
    `scp_complaint_message.py` (what the conversation proves), `scp_complaint_eight_d.py` (causes
    and the 8D report).

    Every time stamp is written through `write`, so that addons see it there.
    """

    _name = 'scp.complaint'
    _inherit = [
        'portal.mixin',
        'mail.thread.cc',
        'mail.thread.main.attachment',
        'mail.activity.mixin',
        'rating.mixin',
    ]
    _description = "Complaint"
    _rec_name = 'number'
    _rec_names_search = ['number', 'name']
    _order = 'received_at desc, id desc'
    _primary_email = 'email_from'
    _mail_post_access = 'write'
    _check_company_auto = True

    # Who complains of what
    number = fields.Char(required=True, readonly=True, copy=False, default="/", index='trigram')
    name = fields.Char(string="Subject", required=True, tracking=True)
    description = fields.Html(help="What the customer says, in his words.")
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner',
        string="Customer",
        index='btree_not_null',
        ondelete='restrict',
        check_company=True,
        tracking=True,
        help="The person who complains, or his company.",
    )
    commercial_partner_id = fields.Many2one(
        related='partner_id.commercial_partner_id',
        string="Company of the Customer",
        store=True,
        precompute=True,
        index='btree_not_null',
    )
    email_from = fields.Char(
        string="Email",
        compute='_compute_contact',
        store=True,
        readonly=False,
        precompute=True,
    )
    phone = fields.Char(compute='_compute_contact', store=True, readonly=False, precompute=True)
    lang = fields.Selection(
        selection=_lang_get,
        string="Language",
        compute='_compute_contact',
        store=True,
        readonly=False,
        precompute=True,
        help="In which the customer is answered.",
    )
    identifier = fields.Char(
        string="Customer Reference",
        help="The number the customer gives: of his own case, of his card or contract. Never the "
             "number of an identity document.",
    )
    channel = fields.Selection(
        selection=CHANNELS, required=True, default='phone', tracking=True,
        help="How the complaint reached us.",
    )
    received_at = fields.Datetime(
        string="Received",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        tracking=True,
        help="When the customer told us, which may be before it was written down here.",
    )
    remedy_sought = fields.Selection(
        selection=REMEDIES,
        help="What the customer asks for.",
    )

    # What it is about
    category_id = fields.Many2one(
        comodel_name='scp.complaint.category',
        index='btree_not_null',
        ondelete='restrict',
        tracking=True,
    )
    severity = fields.Selection(
        selection=SEVERITIES,
        tracking=True,
        help="S1 Critical: safety, law, or a customer's line stands still.\n"
             "S2 Major: what was ordered cannot be used.\n"
             "S3 Moderate: usable with limits.\n"
             "S4 Minor: annoyance or suggestion.",
    )
    severity_suggestion = fields.Char(
        string="Suggested Severity",
        compute='_compute_severity_suggestion',
        help="What category, safety and the value of the customer speak for. A person decides.",
    )
    is_safety = fields.Boolean(string="Touches Safety", tracking=True)
    is_regulated = fields.Boolean(
        string="Regulated",
        tracking=True,
        help="An authority sets deadlines for the answer.",
    )
    grade_id = fields.Many2one(
        comodel_name='scp.grade',
        string="Grade at Receipt",
        readonly=True,
        copy=False,
        index='btree_not_null',
        ondelete='restrict',
        help="Value grade of the customer when the complaint came; it is not changed later.",
    )
    product_id = fields.Many2one(
        comodel_name='product.product',
        index='btree_not_null',
        ondelete='restrict',
        check_company=True,
        tracking=True,
    )
    sale_order_id = fields.Many2one(
        comodel_name='sale.order',
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        domain="[('company_id', '=', company_id), "
               "('partner_id.commercial_partner_id', '=?', commercial_partner_id)]",
        tracking=True,
    )
    sale_line_ids = fields.Many2many(
        comodel_name='sale.order.line',
        relation='scp_complaint_sale_order_line_rel',
        string="Order Lines",
        check_company=True,
        domain="[('order_id', '=', sale_order_id), ('display_type', '=', False)]",
        groups='sales_team.group_sale_salesman,crm_scp_core.group_scp_auditor,'
               'account.group_account_invoice,account.group_account_readonly',
        help="What of the order the complaint is about.",
    )
    invoice_id = fields.Many2one(
        comodel_name='account.move',
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), "
               "('company_id', '=', company_id), "
               "('commercial_partner_id', '=?', commercial_partner_id)]",
        tracking=True,
    )

    # Who handles it
    team_id = fields.Many2one(
        comodel_name='scp.complaint.team',
        index='btree_not_null',
        ondelete='restrict',
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        tracking=True,
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Owner",
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        tracking=True,
        help="Who answers for this complaint.",
    )
    accused_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Person Complained of",
        index='btree_not_null',
        ondelete='restrict',
        domain="[('share', '=', False)]",
        help="This colleague can neither handle nor change the complaint.",
    )

    # Links between cases
    previous_id = fields.Many2one(
        comodel_name='scp.complaint',
        string="Follows",
        index='btree_not_null',
        ondelete='restrict',
        copy=False,
        check_company=True,
        help="The complaint this one takes up again after its reopening period.",
    )
    next_ids = fields.One2many('scp.complaint', 'previous_id', string="Followed by")
    repeat_of_id = fields.Many2one(
        comodel_name='scp.complaint',
        string="Repeat of",
        index='btree_not_null',
        ondelete='restrict',
        copy=False,
        check_company=True,
        domain="[('id', '!=', id), ('company_id', '=', company_id)]",
        tracking=True,
        help="An earlier complaint about the same fault, of this or another customer.",
    )
    repeat_ids = fields.One2many('scp.complaint', 'repeat_of_id', string="Repeated by")
    duplicate_of_id = fields.Many2one(
        comodel_name='scp.complaint',
        string="Duplicate of",
        index='btree_not_null',
        ondelete='restrict',
        copy=False,
        check_company=True,
        domain="[('id', '!=', id), ('company_id', '=', company_id)]",
        tracking=True,
        help="The complaint under which this matter is handled.",
    )
    is_repeat = fields.Boolean(
        string="Repeat",
        compute='_compute_is_repeat',
        store=True,
        help="The same fault came before: causes and a corrective action are needed.",
    )

    _number_company_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number != '/'",
        "This number belongs to another complaint.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('number', 'name')
    def _compute_display_name(self):
        for complaint in self:
            complaint.display_name = (
                f'{complaint.number} {complaint.name}' if complaint.id else complaint.name
            )

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for complaint in self:
            complaint.access_url = f'/my/complaints/{complaint.id}'
        return result

    @api.depends('partner_id')
    def _compute_contact(self):
        for complaint in self:
            partner = complaint.partner_id
            complaint.email_from = partner.email or complaint.email_from
            complaint.phone = partner.phone or complaint.phone
            complaint.lang = partner.lang or complaint.lang

    @api.depends('category_id', 'is_safety', 'grade_id')
    @api.depends_context('lang')
    def _compute_severity_suggestion(self):
        for complaint in self:
            severity, reasons = complaint._suggest_severity()
            complaint.severity_suggestion = severity and self.env._(
                "%(severity)s: %(reasons)s",
                severity=dict(self._fields['severity']._description_selection(self.env))[severity],
                reasons=", ".join(reasons),
            )

    @api.depends('repeat_of_id', 'previous_id')
    def _compute_is_repeat(self):
        for complaint in self:
            complaint.is_repeat = bool(complaint.repeat_of_id or complaint.previous_id)

    # === CONSTRAINT METHODS ===#

    @api.constrains('received_at')
    def _check_received_at(self):
        for complaint in self:
            if complaint.received_at > fields.Datetime.now():
                raise ValidationError(self.env._(
                    "Complaint %(number)s cannot have been received in the future: check Received.",
                    number=complaint.number,
                ))

    @api.constrains('partner_id', 'sale_order_id', 'sale_line_ids', 'invoice_id')
    def _check_documents(self):
        """What is complained of was sold to who complains."""
        for complaint in self.sudo():  # sudo: who handles a complaint may not read every order
            customer = complaint.commercial_partner_id
            for document in (complaint.sale_order_id, complaint.invoice_id):
                owner = document.partner_id.commercial_partner_id
                if document and customer and owner != customer:
                    raise ValidationError(self.env._(
                        "Complaint %(number)s is of %(customer)s, but %(document)s belongs to "
                        "%(owner)s. Choose a document of the customer, or correct the customer.",
                        number=complaint.number, customer=customer.display_name,
                        document=document.display_name, owner=owner.display_name,
                    ))
            strangers = complaint.sale_line_ids.order_id - complaint.sale_order_id
            if strangers:
                raise ValidationError(self.env._(
                    "Complaint %(number)s: the order lines are of %(order)s, not of the sales "
                    "order of the complaint.",
                    number=complaint.number, order=strangers[0].display_name,
                ))

    @api.constrains('user_id', 'accused_user_id', 'd1_member_ids')
    def _check_accused(self):
        for complaint in self.filtered('accused_user_id'):
            if complaint.accused_user_id in complaint.user_id | complaint.d1_member_ids:
                raise ValidationError(self.env._(
                    "Complaint %(number)s is about %(user)s, who therefore cannot be its owner or "
                    "work on it.",
                    number=complaint.number, user=complaint.accused_user_id.name,
                ))

    @api.constrains('previous_id', 'repeat_of_id', 'duplicate_of_id')
    def _check_links(self):
        for name in ('previous_id', 'repeat_of_id', 'duplicate_of_id'):
            if self._has_cycle(name):
                raise ValidationError(self.env._(
                    "Complaint %(number)s cannot lead back to itself: check %(field)s.",
                    number=self[:1].number,
                    field=self.fields_get([name], ['string'])[name]['string'],
                ))

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._complete_create_values(vals) for vals in vals_list]
        complaints = super().create(vals_list)
        complaints._freeze_grade()
        return complaints

    def write(self, vals):
        result = super().write(vals)
        if vals.get('partner_id'):
            self._freeze_grade()
        return result

    def copy_data(self, default=None):
        return [
            {**values, 'name': self.env._("%s (copy)", complaint.name)}
            if not (default or {}).get('name') else values
            for complaint, values in zip(self, super().copy_data(default), strict=True)
        ]

    # === ACTIONS ===#

    def action_apply_severity(self):
        """Take the suggested severity over."""
        for complaint in self:
            if severity := complaint._suggest_severity()[0]:
                complaint.severity = severity

    # === BUSINESS METHODS ===#

    @api.model
    def _complete_create_values(self, given):
        vals = {**self.default_get(['company_id', 'team_id']), **given}
        team = self.env['scp.complaint.team'].browse(vals.get('team_id'))
        if 'company_id' not in given and team:
            # sudo: mail to the address of a team is of its company, whoever fetches it
            vals['company_id'] = team.sudo().company_id.id
        company = self.env['res.company'].browse(vals['company_id'])
        if vals.get('number', '/') == '/':
            vals['number'] = self.env['ir.sequence'].with_company(company).sudo().next_by_code(
                'scp.complaint',
            ) or '/'  # sudo: whoever files a complaint gets a number
        if 'team_id' not in vals:
            vals['team_id'] = team._get_default_team(company).id
        if category_id := vals.get('category_id'):
            category = self.env['scp.complaint.category'].sudo().browse(category_id)
            vals.setdefault('is_safety', category.is_safety)
            vals.setdefault('is_regulated', category.is_regulated)
        return vals

    def _freeze_grade(self):
        """Write down the value grade the customers have now, unless one is written already."""
        complaints = self.filtered(lambda c: not c.grade_id and c.commercial_partner_id)
        if not complaints:
            return
        # sudo: the grade is a fact of the case, whoever owns the customer
        grades = {
            (partner.id, company.id): grade
            for partner, company, grade in self.env['scp.customer'].sudo()._read_group(
                [('partner_id', 'in', complaints.commercial_partner_id.ids),
                 ('company_id', 'in', complaints.company_id.ids), ('grade_id', '!=', False)],
                ['partner_id', 'company_id', 'grade_id'],
            )
        }
        by_grade = complaints.grouped(
            lambda c: grades.get((c.commercial_partner_id.id, c.company_id.id))
        )
        for grade, graded in by_grade.items():
            if grade:
                graded.sudo().write({'grade_id': grade.id})

    def _suggest_severity(self):
        """Severity that speaks for itself, and why.

        The usual one of the category; one step up for a customer of the best grade; always S1
        where safety is at stake.

        :return: (key of `SEVERITIES` or False, [reason])
        """
        self.ensure_one()
        if self.is_safety:
            return 's1', [self.env._("safety is at stake")]
        severity = self.category_id.severity
        if not severity:
            return False, []
        reasons = [self.env._("usual for %(category)s", category=self.category_id.display_name)]
        # sudo: the scale of grades is no secret
        best = self.env['scp.grade'].sudo().search([], limit=1)
        keys = [key for key, _label in SEVERITIES]
        if self.grade_id and self.grade_id == best and severity not in ('s1', 's2'):
            severity = keys[keys.index(severity) - 1]
            reasons.append(self.env._("one step up for grade %(grade)s", grade=best.name))
        return severity, reasons

    @api.model
    def _find_partner(self, email):
        """Contact with this email address, empty if none or unclear which company."""
        email = email_normalize(email or '')
        if not email:
            return self.env['res.partner']
        partners = self.env['res.partner'].search([('email_normalized', '=', email)], limit=2)
        return partners if len(partners.commercial_partner_id) == 1 else partners.browse()

    # === RIGHTS ===#

    @api.model
    def _get_portal_fields(self) -> set[str]:
        """Fields that the customer himself may read. Everything else is for colleagues."""
        return {
            'id', 'active', 'display_name', 'number', 'name', 'description', 'stage_id', 'state', 'received_at',
            'acknowledged_at', 'decided_at', 'resolved_at', 'closed_at', 'remedy_sought',
            'public_remedy', 'public_decision', 'partner_id', 'company_id', 'access_url',
        }

    def _has_field_access(self, field, operation):
        """A portal user reads an allow-list: fields that other addons add stay closed too."""
        if not super()._has_field_access(field, operation):
            return False
        if not self.env.su and not self.env.user._is_internal():
            return operation == 'read' and field.name in self._get_portal_fields()
        return True
