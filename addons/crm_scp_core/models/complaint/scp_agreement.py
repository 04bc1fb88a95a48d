from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

CRON_BATCH_SIZE = 100


class ScpAgreement(models.Model):
    """A service agreement: what a customer was promised in writing, from when to when."""

    _name = 'scp.agreement'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Service Agreement"
    _order = 'date_start desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Agreement", required=True, tracking=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='restrict',
        check_company=True, tracking=True, domain="[('parent_id', '=', False)]",
        help="It holds for everybody of this company.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible", index='btree_not_null', ondelete='set null',
        default=lambda self: self.env.user, tracking=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    state = fields.Selection(
        selection=[('draft', "Draft"), ('active', "In Force"), ('ended', "Ended")],
        string="Status", required=True, default='draft', tracking=True, copy=False,
    )
    date_start = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True,
    )
    date_end = fields.Date(
        string="To", tracking=True, help="The last day. Empty: until somebody ends it.",
    )
    notice_days = fields.Integer(
        string="Renewal Notice (Days)", default=60, aggregator=None,
        help="How many days before its last day the person responsible is reminded.",
    )
    notice_date = fields.Date(
        string="Remind On", compute='_compute_notice_date', store=True,
    )
    noticed_for = fields.Date(
        string="Reminded of", readonly=True, copy=False,
        help="The last day of which somebody was reminded.",
    )
    policy_id = fields.Many2one(
        comodel_name='scp.sla.policy', string="Clock Policy", index='btree_not_null',
        ondelete='restrict', check_company=True, tracking=True,
        domain="[('by_agreement', '=', True), ('company_id', 'in', (company_id, False))]",
        context={'default_by_agreement': True, 'default_use_grade_factor': False},
        help="The clocks that were agreed. What it does not say follows from the other policies.",
    )
    product_ids = fields.Many2many(
        comodel_name='product.product', string="Products", check_company=True,
        help="Only complaints about these. Empty: about anything.",
    )
    document_ids = fields.Many2many(
        comodel_name='ir.attachment', string="Documents",
        help="The signed agreement and what belongs to it.",
    )
    description = fields.Html()
    complaint_ids = fields.One2many('scp.complaint', 'agreement_id', string="Complaints")
    complaint_count = fields.Integer(string="Number of Complaints", compute='_compute_complaint_count')

    _dates_order = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "An agreement cannot end before it begins.",
    )
    # The daily job: whom to remind, and what has ended.
    _running_idx = models.Index("(date_end, notice_date) WHERE state = 'active'")

    # === COMPUTE METHODS ===#

    @api.depends('date_end', 'notice_days')
    def _compute_notice_date(self):
        for agreement in self:
            agreement.notice_date = agreement.date_end and (
                agreement.date_end - timedelta(days=agreement.notice_days))

    def _compute_complaint_count(self):
        counts = dict(self.env['scp.complaint']._read_group(
            [('agreement_id', 'in', self.ids)], ['agreement_id'], ['__count'],
        ))
        for agreement in self:
            agreement.complaint_count = counts.get(agreement, 0)

    # === CONSTRAINT METHODS ===#

    @api.constrains('partner_id')
    def _check_partner_id(self):
        for agreement in self:
            if agreement.partner_id != agreement.partner_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(agreement)s: choose the company %(company)s as customer, not a contact of it.",
                    agreement=agreement.name, company=agreement.partner_id.commercial_partner_id.name,
                ))

    @api.constrains('policy_id')
    def _check_policy_id(self):
        for agreement in self:
            if agreement.policy_id and not agreement.policy_id.by_agreement:
                raise ValidationError(self.env._(
                    "%(agreement)s: the policy “%(policy)s” holds without an agreement too. Choose "
                    "one that is “By Agreement Only”.",
                    agreement=agreement.name, policy=agreement.policy_id.name,
                ))

    # === CRUD METHODS ===#

    def write(self, vals):
        result = super().write(vals)
        if 'policy_id' in vals:
            self.env['scp.sla.clock']._mark_stale(SQL(
                "complaint_id IN (SELECT id FROM scp_complaint WHERE agreement_id IN %s)",
                tuple(self.ids) or (0,),
            ))
        if not vals.keys().isdisjoint({'state', 'date_start', 'date_end', 'product_ids', 'partner_id'}):
            self._apply_to_open_complaints()
        return result

    # === ACTIONS ===#

    def action_activate(self):
        self.write({'state': 'active'})

    def action_end(self):
        """End agreements today, if not before."""
        today = fields.Date.context_today(self)
        for agreement in self:
            agreement.write({
                'state': 'ended',
                'date_end': max(min(agreement.date_end or today, today), agreement.date_start),
            })

    def action_draft(self):
        self.write({'state': 'draft'})

    @api.readonly
    def action_view_complaints(self):
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_complaint_action'),
            'domain': [('agreement_id', '=', self.id)],
            'context': {'default_partner_id': self.partner_id.id},
        }

    # === BUSINESS METHODS ===#

    @api.model
    def _get_entitlement_domain(self) -> Domain:
        """Agreements that hold on their days, also those that have ended since."""
        return Domain('state', 'in', ('active', 'ended'))

    def _covers(self, complaint, day) -> bool:
        """Whether an agreement holds for a complaint received on ``day``."""
        self.ensure_one()
        return (
            self.partner_id == complaint.commercial_partner_id
            and self.company_id == complaint.company_id
            and self.state in ('active', 'ended')
            and self.date_start <= day
            and (not self.date_end or day <= self.date_end)
            and (not self.product_ids or complaint.product_id in self.product_ids)
        )

    def _get_best(self):
        """Of agreements that all hold, return the one that counts.

        One that names the product beats one for everything; else the one that began last.
        """
        return self.sorted(
            lambda agreement: (bool(agreement.product_ids), agreement.date_start, agreement.id),
            reverse=True,
        )[:1]

    def _apply_to_open_complaints(self):
        """Let open complaints of the customers find their agreement anew."""
        Complaint = self.env['scp.complaint'].sudo()  # sudo: also those of colleagues
        complaints = Complaint.search([
            ('commercial_partner_id', 'in', self.partner_id.ids),
            ('state', 'in', Complaint._get_open_states()),
        ])
        if complaints:
            self.env.add_to_compute(Complaint._fields['agreement_id'], complaints)
            complaints._sync_clocks(self.env._("The agreement was changed."))

    @api.model
    def _cron_follow(self):
        """Remind of renewals, and end what has ended. Each once, so it may be run at any time."""
        today = fields.Date.context_today(self)
        ended = Domain([('state', '=', 'active'), ('date_end', '<', today)])
        due = Domain([('state', '=', 'active'), ('notice_date', '<=', today), ('date_end', '>=', today)])
        for domain, method in ((ended, '_end'), (due, '_remind')):
            agreements = self.search(domain, order='id')
            if method == '_remind':
                agreements = agreements.filtered(lambda a: a.noticed_for != a.date_end)
            remaining = len(agreements)
            for start in range(0, len(agreements), CRON_BATCH_SIZE):
                batch = agreements[start:start + CRON_BATCH_SIZE]
                getattr(batch.try_lock_for_update(allow_referencing=True), method)()
                remaining -= len(batch)
                if not self.env['ir.cron']._commit_progress(len(batch), remaining=remaining):
                    return

    def _end(self):
        self.write({'state': 'ended'})

    def _remind(self):
        for agreement in self:
            agreement.activity_schedule(
                'mail.mail_activity_data_todo',
                date_deadline=fields.Date.context_today(agreement),
                summary=self.env._("Renew “%(agreement)s”?", agreement=agreement.name),
                note=self.env._(
                    "The agreement with %(customer)s ends on %(date)s.",
                    customer=agreement.partner_id.name, date=agreement.date_end,
                ),
                user_id=agreement.user_id.id or self.env.uid,
            )
            agreement.noticed_for = agreement.date_end
