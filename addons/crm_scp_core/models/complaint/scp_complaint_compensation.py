from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command


class ScpComplaintCompensation(models.Model):
    """Money offered to a customer who complained.

    Within the limit of whoever asks, it is approved at once; above it, by somebody whose limit
    suffices. Approved against an invoice it becomes a draft credit note, which finance posts.
    """

    _name = 'scp.complaint.compensation'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Compensation"
    _order = 'id desc'
    _check_company_auto = True

    complaint_id = fields.Many2one(
        comodel_name='scp.complaint',
        required=True,
        index=True,
        ondelete='cascade',
        check_company=True,
    )
    # Stored for security rules
    company_id = fields.Many2one(
        related='complaint_id.company_id', store=True, precompute=True, index=True,
    )
    name = fields.Char(string="Reason", required=True, tracking=True)
    invoice_id = fields.Many2one(
        comodel_name='account.move',
        compute='_compute_invoice_id',
        store=True,
        readonly=False,
        precompute=True,
        index='btree_not_null',
        ondelete='restrict',
        check_company=True,
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), "
               "('company_id', '=', company_id)]",
        help="The invoice a credit note is drawn up for. Empty: the customer is compensated in "
             "another way, and only the cost is noted.",
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        required=True,
        compute='_compute_currency_id',
        store=True,
        readonly=False,
        precompute=True,
        ondelete='restrict',
    )
    amount = fields.Monetary(string="Untaxed Amount", required=True, tracking=True)
    company_currency_id = fields.Many2one(
        related='company_id.currency_id', string="Company Currency",
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        currency_field='company_currency_id',
        compute='_compute_amount_company',
        store=True,
        help="At the rate of the day of the request; limits are compared with it.",
    )
    date = fields.Date(
        string="Requested on", required=True, readonly=True, default=fields.Date.context_today,
    )
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('to_approve', "To Approve"),
            ('approved', "Approved"),
            ('refused', "Refused"),
        ],
        string="Status",
        default='draft',
        required=True,
        copy=False,
        tracking=True,
    )
    requested_by_id = fields.Many2one(
        comodel_name='res.users',
        string="Requested by",
        readonly=True,
        index='btree_not_null',
        default=lambda self: self.env.user,
    )
    approved_by_id = fields.Many2one(
        comodel_name='res.users',
        string="Approved by",
        readonly=True,
        copy=False,
        index='btree_not_null',
        tracking=True,
    )
    refund_move_id = fields.Many2one(
        comodel_name='account.move',
        string="Credit Note",
        readonly=True,
        copy=False,
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
    )
    refund_state = fields.Selection(related='refund_move_id.state', string="Credit Note Status")
    can_approve = fields.Boolean(compute='_compute_can_approve')

    _amount_positive = models.Constraint(
        'CHECK (amount > 0)',
        "The amount of a compensation must be above zero.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('complaint_id')
    def _compute_invoice_id(self):
        for compensation in self:
            compensation.invoice_id = (
                compensation.invoice_id or compensation.complaint_id.invoice_id
            )

    @api.depends('invoice_id', 'company_id')
    def _compute_currency_id(self):
        for compensation in self:
            compensation.currency_id = (
                compensation.invoice_id.sudo().currency_id  # sudo: a currency is no secret
                or compensation.currency_id
                or compensation.company_id.currency_id
                or self.env.company.currency_id
            )

    @api.depends('amount', 'currency_id', 'date', 'company_id')
    def _compute_amount_company(self):
        for compensation in self:
            company = compensation.company_id or self.env.company
            compensation.amount_company = compensation.currency_id._convert(
                compensation.amount, company.currency_id, company, compensation.date,
            ) if compensation.currency_id else compensation.amount

    @api.depends('amount_company', 'complaint_id.accused_user_id')
    @api.depends_context('uid')
    def _compute_can_approve(self):
        for compensation in self:
            compensation.can_approve = not compensation._get_obstacle(self.env.user)

    # === CONSTRAINT METHODS ===#

    @api.constrains('currency_id', 'complaint_id')
    def _check_currency_id(self):
        # limits of approval are amounts of the company's currency
        for compensation in self:
            compensation.currency_id._scp_check_rate(compensation.company_id, self.env._(
                "Compensation for complaint %(number)s", number=compensation.complaint_id.number))

    @api.constrains('invoice_id', 'currency_id', 'amount', 'complaint_id')
    def _check_invoice(self):
        for compensation in self.sudo():  # sudo: who handles a complaint may not read invoices
            invoice, complaint = compensation.invoice_id, compensation.complaint_id
            if not invoice:
                continue
            values = {'number': complaint.number, 'invoice': invoice.display_name}
            if invoice.move_type != 'out_invoice' or invoice.state != 'posted':
                raise ValidationError(self.env._(
                    "Compensation for complaint %(number)s: %(invoice)s is not a posted customer "
                    "invoice, so it cannot be credited.", **values,
                ))
            if invoice.commercial_partner_id != complaint.commercial_partner_id:
                raise ValidationError(self.env._(
                    "Complaint %(number)s is of %(customer)s, but invoice %(invoice)s belongs to "
                    "%(owner)s.",
                    customer=complaint.commercial_partner_id.display_name or self.env._("nobody"),
                    owner=invoice.commercial_partner_id.display_name, **values,
                ))
            if compensation.currency_id != invoice.currency_id:
                raise ValidationError(self.env._(
                    "Compensation for complaint %(number)s: the currency must be that of "
                    "%(invoice)s, %(currency)s.", currency=invoice.currency_id.name, **values,
                ))
            total = sum(self.sudo().search([
                ('invoice_id', '=', invoice.id), ('state', '!=', 'refused'),
            ]).mapped('amount'))
            if invoice.currency_id.compare_amounts(total, invoice.amount_untaxed) > 0:
                raise ValidationError(self.env._(
                    "Compensation for complaint %(number)s: %(total)s would be credited in all, "
                    "but %(invoice)s is of %(amount)s only.",
                    total=invoice.currency_id.format(total),
                    amount=invoice.currency_id.format(invoice.amount_untaxed), **values,
                ))

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        """Compensations begin as drafts, whatever the caller says: the way on is checked."""
        states = [vals.get('state', 'draft') for vals in vals_list]
        compensations = super().create([
            {
                **vals, 'state': 'draft', 'approved_by_id': False, 'refund_move_id': False,
                'requested_by_id': self.env.uid,
            }
            for vals in vals_list
        ])
        for compensation, state in zip(compensations, states, strict=True):
            if state != 'draft':
                compensation.state = state
        return compensations

    def write(self, vals):
        self.check_access('write')
        if not self.env.su and (forged := self._get_event_fields() & vals.keys()):
            labels = self.fields_get(list(forged), ['string'])
            raise AccessError(self.env._(
                "%(fields)s of the compensation for complaint %(number)s cannot be set by hand.",
                fields=", ".join(labels[name]['string'] for name in sorted(forged)),
                number=self[:1].complaint_id.number,
            ))
        if not self._get_locked_fields().isdisjoint(vals):
            self._check_draft()
        if 'state' not in vals:
            return super().write(vals)
        moved = self.filtered(lambda compensation: compensation.state != vals['state'])
        moved._check_transition(vals['state'])
        result = super().write(vals)
        if vals['state'] == 'approved':
            moved._register_approval()
        elif vals['state'] == 'to_approve':
            moved._ask_for_approval()
        else:
            moved._withdraw()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for compensation in self:
            if compensation.state != 'draft':
                raise UserError(self.env._(
                    "The compensation for complaint %(number)s was submitted and is kept for the "
                    "record. Refuse it instead.", number=compensation.complaint_id.number,
                ))

    # === ACTIONS ===#

    def action_submit(self):
        """Approve what lies within the limit of the user, ask for approval of the rest."""
        for compensation in self.filtered(lambda c: c.state in ('draft', 'refused')):
            compensation.state = 'approved' if compensation.can_approve else 'to_approve'

    def action_approve(self):
        self.filtered(lambda c: c.state == 'to_approve').write({'state': 'approved'})

    def action_refuse(self):
        self.filtered(lambda c: c.state == 'to_approve').write({'state': 'refused'})

    def action_draft(self):
        self.filtered(lambda c: c.state in ('to_approve', 'refused')).write({'state': 'draft'})

    def action_create_credit_note(self):
        """Draw up the credit notes still missing; the present one is shown otherwise."""
        self._create_credit_notes()
        return self.refund_move_id._get_records_action() if self.refund_move_id else False

    # === APPROVAL ===#

    @api.model
    def _get_locked_fields(self):
        """What was submitted is what is approved."""
        return {'amount', 'currency_id', 'invoice_id', 'complaint_id', 'name', 'date'}

    @api.model
    def _get_event_fields(self):
        """What submitting, approving and crediting write, and nobody else."""
        return {'requested_by_id', 'approved_by_id', 'refund_move_id'}

    def _check_draft(self):
        for compensation in self:
            if compensation.state != 'draft':
                raise UserError(self.env._(
                    "The compensation of %(amount)s for complaint %(number)s was submitted: set "
                    "it back to draft before you change it.",
                    amount=compensation.currency_id.format(compensation.amount),
                    number=compensation.complaint_id.number,
                ))

    def _check_transition(self, state):
        for compensation in self:
            if state in ('approved', 'refused'):
                if obstacle := compensation._get_obstacle(self.env.user):
                    raise AccessError(obstacle)
            if compensation.state == 'approved':
                raise UserError(self.env._(
                    "The compensation for complaint %(number)s is approved; the customer may know "
                    "it already.", number=compensation.complaint_id.number,
                ))

    def _get_obstacle(self, user):
        """Why `user` may not approve this compensation, None if he may."""
        self.ensure_one()
        complaint, currency = self.complaint_id, self.company_id.currency_id
        if complaint.accused_user_id == user:
            return self.env._(
                "Complaint %(number)s is about %(user)s, who therefore cannot approve a "
                "compensation for it.", number=complaint.number, user=user.name,
            )
        limit = self.env['scp.authority']._get_limits(self.company_id).get(user, 0.0)
        if currency.compare_amounts(self.amount_company, limit) > 0:
            return self.env._(
                "The compensation of %(amount)s for complaint %(number)s is above the limit of "
                "%(user)s, %(limit)s. Submit it for approval.",
                amount=currency.format(self.amount_company), number=complaint.number,
                user=user.name, limit=currency.format(limit),
            )
        return None

    def _get_approver(self):
        """Who is asked: the leader of the team if his limit suffices, else whose limit just does.

        Only people who may open the complaint, and never the person complained of.
        """
        self.ensure_one()
        complaint = self.complaint_id
        currency = self.company_id.currency_id
        limits = self.env['scp.authority']._get_limits(self.company_id)
        leader = complaint.team_id.user_id
        sufficient = sorted(
            (
                user for user, limit in limits.items()
                if user.active and user._is_internal()
                and currency.compare_amounts(limit, self.amount_company) >= 0
                and user not in complaint.accused_user_id | self.env.user
            ),
            key=lambda user: (user != leader, limits[user], user.id),
        )
        for user in sufficient:
            reader = complaint.with_user(user).with_context(
                allowed_company_ids=complaint.company_id.ids,
            )
            if complaint.company_id in user.company_ids and reader.has_access('write'):
                return user
        raise UserError(self.env._(
            "Nobody in %(company)s may approve a compensation of %(amount)s for complaint "
            "%(number)s. Ask a manager to raise a limit under Configuration, Authorities.",
            company=self.company_id.name, amount=currency.format(self.amount_company),
            number=complaint.number,
        ))

    def _ask_for_approval(self):
        for compensation in self:
            # sudo: an activity for somebody whose records the requester may not read
            compensation.sudo().activity_schedule(
                'crm_scp_core.mail_activity_type_scp_approval',
                user_id=compensation._get_approver().id,
                summary=self.env._(
                    "Approve %(amount)s for complaint %(number)s",
                    amount=compensation.currency_id.format(compensation.amount),
                    number=compensation.complaint_id.number,
                ),
            )

    def _withdraw(self):
        # sudo: the activity is the approver's
        self.sudo().activity_unlink(['crm_scp_core.mail_activity_type_scp_approval'])

    def _register_approval(self):
        """Note who approved, the cost, and draw up the credit note."""
        # sudo: approving is right enough for what follows from it
        approved = self.sudo()
        approved.activity_feedback(['crm_scp_core.mail_activity_type_scp_approval'])
        approved.write({'approved_by_id': self.env.uid})
        approved.env['scp.complaint.cost'].create([c._prepare_cost_values() for c in approved])
        approved._create_credit_notes()

    def _prepare_cost_values(self):
        self.ensure_one()
        return {
            'complaint_id': self.complaint_id.id,
            'kind': 'credit_note' if self.invoice_id else 'compensation',
            'name': self.name,
            'date': self.date,
            'currency_id': self.currency_id.id,
            'amount': self.amount,
            'source_model': self._name,
            'source_id': self.id,
            'source_name': self.invoice_id.name or self.name,
        }

    # === CREDIT NOTE ===#

    def _create_credit_notes(self):
        """Draft credit notes for what was approved against an invoice, each drawn up once.

        Odoo's reversal wizard copies the invoice with its accounts and taxes; the lines then get
        the share of the compensation and let go of the order lines, which stay invoiced.
        """
        approved = self.filtered(lambda c: c.state == 'approved' and c.invoice_id)
        approved.lock_for_update(allow_referencing=True)  # two clicks at once: the second waits
        approved.invalidate_recordset(['refund_move_id'])
        for compensation in approved:
            if compensation.refund_move_id.sudo().state in ('draft', 'posted'):
                continue
            invoice = compensation.invoice_id
            # sudo: the compensation is approved; posting the draft remains the right of finance
            wizard = self.env['account.move.reversal'].sudo().with_company(compensation.company_id)
            wizard = wizard.with_context(
                active_model='account.move', active_ids=invoice.ids,
            ).create({
                'journal_id': invoice.sudo().journal_id.id,
                'reason': self.env._(
                    "Complaint %(number)s", number=compensation.complaint_id.number,
                ),
            })
            wizard.refund_moves()
            compensation._fit_credit_note(wizard.new_move_ids)
            compensation.sudo().refund_move_id = wizard.new_move_ids

    def _fit_credit_note(self, move):
        """Spread the compensation over the lines of the reversed invoice.

        :param move: the draft credit note, a full reversal so far
        """
        self.ensure_one()
        lines = move.invoice_line_ids.filtered(lambda line: line.display_type == 'product')
        total, left = sum(lines.mapped('price_subtotal')), self.amount
        values = []
        for line in lines:
            share = left if line == lines[-1] else self.currency_id.round(
                self.amount * line.price_subtotal / total
            )
            left -= share
            # prices that include taxes: the share is untaxed
            gross = line.price_total / line.price_subtotal if (
                line.price_subtotal and any(line.tax_ids.mapped('price_include'))
            ) else 1.0
            values.append(Command.update(line.id, {
                'name': self.env._(
                    "Compensation for complaint %(number)s: %(product)s",
                    number=self.complaint_id.number,
                    product=line.product_id.display_name or line.name,
                ),
                'quantity': 1.0,
                'discount': 0.0,
                'price_unit': share * gross,
                'sale_line_ids': [Command.clear()],
            }))
        others = move.invoice_line_ids - lines
        move.write({
            'invoice_line_ids': values + [Command.delete(line.id) for line in others],
        })
