from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .claim_rules import TRANSITIONS

#: who reads claims
CLAIM_GROUPS = (
    'crm_scp_core.group_scp_manager,crm_scp_core.group_scp_quality,crm_scp_core.group_scp_auditor,'
    'purchase.group_purchase_user,account.group_account_invoice,account.group_account_readonly'
)
#: of them, who may read the complaint or recall behind one
ORIGIN_GROUPS = (
    'crm_scp_core.group_scp_manager,crm_scp_core.group_scp_quality,crm_scp_core.group_scp_auditor,'
    'account.group_account_invoice,account.group_account_readonly'
)
FINANCE_GROUPS = 'account.group_account_invoice,account.group_account_readonly'
STATES = [
    ('draft', "Preparation"),
    ('sent', "Sent"),
    ('disputed', "Disputed"),
    ('accepted', "Accepted"),
    ('recovered', "Recovered"),
    ('closed', "Given Up"),
    ('withdrawn', "Withdrawn"),
]
#: fields that say what is claimed of whom
LOCKED = {
    'company_id', 'complaint_id', 'currency_id', 'date', 'partner_id', 'recall_id', 'round', 'share', 'weight',
}
ANSWER_DAYS = 14


class ScpSupplierClaim(models.Model):
    """What a supplier is asked to pay of what his goods have cost us.

    How a complaint or recall becomes claims, and its costs their amounts, is in `scp_supplier_claim_split.py`; the
    refund in `scp_supplier_claim_refund.py`; what the supplier reads and answers in `scp_supplier_claim_portal.py`.
    """

    _name = 'scp.supplier.claim'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Supplier Claim"
    _rec_name = 'number'
    _rec_names_search = ['number', 'name', 'partner_id']
    _order = 'id desc'
    _check_company_auto = True

    number = fields.Char(required=True, readonly=True, copy=False, default="/", index='trigram')
    name = fields.Char(
        string="Subject", required=True, tracking=True, help="For colleagues: the supplier does not read it.")
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        'res.partner', string="Supplier", required=True, index=True, ondelete='restrict', check_company=True,
        tracking=True, domain="[('parent_id', '=', False)]",
    )
    user_id = fields.Many2one(
        'res.users', string="Responsible", default=lambda self: self.env.user, index='btree_not_null', tracking=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    state = fields.Selection(
        STATES, string="Status", default='draft', required=True, readonly=True, copy=False, tracking=True,
        group_expand=True,
        help="Given Up: nothing was recovered, and it counts so. Withdrawn: claimed by mistake, and not counted.",
    )
    complaint_id = fields.Many2one(
        'scp.complaint', readonly=True, index='btree_not_null', ondelete='set null', check_company=True,
        groups=ORIGIN_GROUPS)
    recall_id = fields.Many2one(
        'scp.recall', readonly=True, index='btree_not_null', ondelete='set null', check_company=True,
        groups=ORIGIN_GROUPS)
    round = fields.Integer(
        default=1, readonly=True, aggregator=None,
        help="Claims of one round share what the complaint or recall had cost by then; later costs make another.",
    )
    date = fields.Date(
        required=True, default=fields.Date.context_today, help="Costs are converted at the rate of this day.")
    fault = fields.Text(
        help="What is wrong with the goods, as the supplier reads it. Name no customer.")

    # What is claimed
    currency_id = fields.Many2one(
        'res.currency', required=True, ondelete='restrict', tracking=True,
        default=lambda self: self.env.company.currency_id)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    weight = fields.Float(
        string="Part", digits=(16, 2), default=1, aggregator=None,
        help="The claims of a round share its costs in proportion to their parts: at first the value of what was "
        "consumed of each supplier's lots. Enter other figures, 70 and 30 for example, when the fault says so.",
    )
    share = fields.Float(
        string="Share (%)", digits=(5, 2), default=100, readonly=True, aggregator=None,
        help="Of the costs of the round. The shares of all its claims add up to 100 %.")
    line_ids = fields.One2many('scp.supplier.claim.line', 'claim_id', string="Costs Claimed")
    lot_ids = fields.One2many('scp.supplier.claim.lot', 'claim_id', string="Lots", readonly=True)
    sibling_ids = fields.Many2many(
        'scp.supplier.claim', string="Split", compute='_compute_sibling_ids',
        help="All claims that share the costs of this round.")
    amount = fields.Monetary(string="Claimed", compute='_compute_amounts', store=True)
    amount_company = fields.Monetary(
        string="Claimed in Company Currency", currency_field='company_currency_id', compute='_compute_amounts',
        store=True)
    amount_agreed = fields.Monetary(
        string="Agreed", compute='_compute_amount_agreed', store=True, readonly=False, tracking=True,
        help="What the supplier is to pay. Less than claimed, once you have agreed on it: then send it again, or put "
        "down that he accepts.",
    )

    # What came of it
    sent_at = fields.Datetime(string="Sent On", readonly=True, copy=False)
    answer_by = fields.Date(string="Answer Until", copy=False, help=f"{ANSWER_DAYS} days after it is sent, unless set.")
    answered_at = fields.Datetime(string="Answered On", readonly=True, copy=False)
    answer = fields.Text(string="What the Supplier Says", copy=False)

    _number_company_uniq = models.UniqueIndex("(company_id, number) WHERE number != '/'", "This number is taken.")
    _weight_positive = models.Constraint('CHECK (weight >= 0)', "The part of a supplier cannot be negative.")

    # === COMPUTE === #

    @api.depends('number', 'partner_id')
    def _compute_display_name(self):
        for claim in self:
            partner = claim.partner_id.name or ""
            claim.display_name = f'{claim.number} {partner}' if claim.id else partner

    @api.depends('line_ids.amount', 'line_ids.amount_company')
    def _compute_amounts(self):
        for claim in self:
            claim.amount = sum(claim.line_ids.mapped('amount'))
            claim.amount_company = sum(claim.line_ids.mapped('amount_company'))

    @api.depends('amount')
    def _compute_amount_agreed(self):
        for claim in self:
            claim.amount_agreed = claim.amount

    @api.depends('round')
    def _compute_sibling_ids(self):
        for claim in self:
            claim.sibling_ids = claim._origin._get_round()

    # === CONSTRAINS === #

    @api.constrains('partner_id')
    def _check_partner_id(self):
        for claim in self:
            company = claim.partner_id.commercial_partner_id
            if claim.partner_id != company:
                raise ValidationError(self.env._(
                    "Supplier: choose the company %(company)s, not its contact %(contact)s.",
                    company=company.name, contact=claim.partner_id.name))

    @api.constrains('amount_agreed', 'state')
    def _check_amount_agreed(self):
        for claim in self.filtered(lambda claim: claim.state not in ('draft', 'withdrawn')):
            currency = claim.currency_id
            if (currency.compare_amounts(claim.amount_agreed, 0) <= 0
                    or currency.compare_amounts(claim.amount_agreed, claim.amount) > 0):
                raise ValidationError(self.env._(
                    "Claim %(number)s, Agreed: enter more than 0 and no more than the %(amount)s claimed.",
                    number=claim.number, amount=currency.format(claim.amount)))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals['state'] = 'draft'
            if vals.get('number', "/") == "/":
                company = self.env['res.company'].browse(vals.get('company_id')) or self.env.company
                # sudo: who may claim gets a number
                vals['number'] = self.env['ir.sequence'].sudo().with_company(company).next_by_code(
                    'scp.supplier.claim') or "/"
        return super().create(vals_list)

    def write(self, vals):
        if not LOCKED.isdisjoint(vals):
            self._check_draft()
        if 'amount_agreed' in vals:
            self._check_open()
        if 'state' in vals:
            self._check_transition(vals['state'])
        result = super().write(vals)
        if {'currency_id', 'date', 'weight'} & vals.keys():
            self._get_round()._split()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self._check_draft()
        self.action_withdraw()  # leaves its part to the others

    # === ACTIONS === #

    def action_send(self):
        """Send the claim, or send it again with another amount."""
        self.check_access('write')
        for claim in self.filtered(lambda claim: claim.state in ('draft', 'sent', 'disputed')):
            claim._check_complete()
            claim.write(claim._prepare_sent_values())
            claim._mail_claim()
        return True

    def action_accept(self):
        """The supplier has accepted the amount agreed, by mail or phone."""
        self._take_answer('accepted')
        return True

    def action_dispute(self):
        """The supplier does not agree; what he says is entered beside."""
        for claim in self:
            if not claim.answer:
                raise UserError(self.env._(
                    "Claim %(number)s: enter What the Supplier Says first.", number=claim.number))
        self._take_answer('disputed')
        return True

    def action_close(self):
        """Give up: nothing is recovered."""
        self.write({'state': 'closed'})
        self._finish_activities()
        return True

    def action_withdraw(self):
        """Take a claim back that should not have been made; a draft leaves its part to the others of its round."""
        rest = self.filtered(lambda claim: claim.state == 'draft')._get_round() - self
        self.write({'state': 'withdrawn'})
        self._finish_activities()
        rest._split()
        return True

    @api.readonly
    def action_scp_trace(self):
        self.ensure_one()
        return self.env['scp.trace']._get_trace_action(self.lot_ids.lot_id)

    # === BUSINESS === #

    def _get_origin(self):
        """The complaint or recall behind the claim; empty when it was entered by hand."""
        self.ensure_one()
        return self.complaint_id or self.recall_id

    def _get_claims_action(self):
        """One claim in its form, several as a list."""
        if len(self) == 1:
            return self._get_records_action()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_supplier_claim_action')
        return action | {'domain': [('id', 'in', self.ids)], 'context': {}}

    def _get_round(self):
        """The claims that share costs with these, themselves included; withdrawn ones do not share."""
        # sudo: what they share is decided by origin, whoever may read it
        shared = self.sudo().search(Domain('state', '!=', 'withdrawn') & Domain.OR(
            Domain('complaint_id', '=', claim.complaint_id.id) & Domain('recall_id', '=', claim.recall_id.id)
            & Domain('round', '=', claim.round)
            for claim in self.sudo() if claim._get_origin()
        ))
        return self | shared.with_env(self.env)

    def _prepare_sent_values(self):
        now = fields.Datetime.now()
        values = {'state': 'sent', 'sent_at': now, 'answered_at': False}
        if not self.answer_by or self.answer_by <= now.date():
            values['answer_by'] = fields.Date.add(now.date(), days=ANSWER_DAYS)
        return values

    def _take_answer(self, state):
        """Note what the supplier says."""
        self.write({'state': state, 'answered_at': fields.Datetime.now()})
        self._finish_activities()

    def _finish_activities(self):
        self.activity_feedback(['crm_scp_supply.mail_activity_type_claim'])

    def _check_draft(self):
        for claim in self:
            if claim.state != 'draft':
                raise UserError(self.env._(
                    "Claim %(number)s has been sent: what was claimed of whom stays.", number=claim.number))

    def _check_open(self):
        for claim in self:
            if claim.state not in ('draft', 'sent', 'disputed'):
                raise UserError(self.env._(
                    "Claim %(number)s is decided: the amount agreed stays.", number=claim.number))

    def _check_transition(self, state):
        states = dict(self._fields['state']._description_selection(self.env))
        for claim in self:
            if state not in TRANSITIONS[claim.state]:
                raise UserError(self.env._(
                    "Claim %(number)s is %(now)s and cannot become %(then)s.",
                    number=claim.number, now=states[claim.state], then=states[state]))
        if state != 'draft':
            self._check_refunds(state)

    def _check_complete(self):
        self.ensure_one()
        missing = [name for name in ('fault', 'line_ids') if not self[name]]
        if missing:
            raise ValidationError(self.env._(
                "Claim %(number)s: fill in %(fields)s before it is sent.", number=self.number,
                fields=", ".join(self._fields[name]._description_string(self.env) for name in missing)))
        for name in self._get_secret_names():
            if name.casefold() in self.fault.casefold():
                raise ValidationError(self.env._(
                    "Claim %(number)s, Fault: the supplier must not read the name of the customer, %(name)s.",
                    number=self.number, name=name))

    def _get_secret_names(self):
        """Names of customers behind the claim."""
        claim = self.sudo()  # sudo: to see that they are not told
        customers = (
            claim.complaint_id.partner_id | claim.complaint_id.commercial_partner_id
            | claim.recall_id.customer_ids.partner_id | claim.recall_id.complaint_id.commercial_partner_id
        )
        return [name for name in customers.mapped('name') if name]
