from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .claim_rules import apportion
from .scp_supplier_claim import FINANCE_GROUPS


class ScpSupplierClaim(models.Model):
    """The money that comes back: a vendor refund, which finance drafts and posts."""

    _inherit = 'scp.supplier.claim'

    refund_ids = fields.One2many(
        'account.move', 'scp_claim_id', string="Refunds", readonly=True, groups=FINANCE_GROUPS)
    refund_count = fields.Integer(compute='_compute_recovered')
    amount_recovered = fields.Monetary(
        string="Recovered", compute='_compute_recovered', help="Untaxed, of the refunds that are posted.")
    recovery_rate = fields.Float(
        string="Recovery Rate (%)", digits=(5, 1), compute='_compute_recovered', aggregator=None,
        help="Recovered over claimed.")
    recovered_on = fields.Date(compute='_compute_recovered', help="Date of the last refund that is posted.")
    days_to_recover = fields.Integer(compute='_compute_recovered', aggregator=None, help="From sending to the refund.")

    # === COMPUTE === #

    # what is posted keeps its amount; to depend on it would put claims behind every field of every journal item
    @api.depends('amount', 'sent_at', 'refund_ids.state', 'refund_ids.reversal_move_ids.state')
    def _compute_recovered(self):
        for claim in self:
            # sudo: how much came back, for who may read the claim
            claim_sudo = claim.sudo()
            recovered = claim_sudo._get_recovered()
            last = recovered and max(claim_sudo._get_posted_refunds().mapped('date'))
            claim.refund_count = len(claim_sudo.refund_ids)
            claim.amount_recovered = recovered
            claim.recovery_rate = 100 * recovered / claim.amount if claim.amount else 0
            claim.recovered_on = last or False
            claim.days_to_recover = (last - claim.sent_at.date()).days if last and claim.sent_at else 0

    # === ACTIONS === #

    def action_create_refund(self):
        """Draft the vendor refund of what was agreed, or show the one there is."""
        self.ensure_one()
        if not (self.env.su or self.env.user.has_group('account.group_account_invoice')):
            raise AccessError(self.env._("Claim %(number)s: finance drafts the refund.", number=self.number))
        Move = self.env['account.move']
        self.try_lock_for_update()
        refund = Move.search([('scp_claim_id', '=', self.id), ('state', '!=', 'cancel')], limit=1)
        if not refund:
            if self.state != 'accepted':
                raise UserError(self.env._(
                    "Claim %(number)s: a refund is drafted once the supplier has accepted.", number=self.number))
            self._check_refund_rate(self.currency_id, fields.Date.context_today(self))
            refund = Move.with_company(self.company_id).create(self._prepare_refund_values())
        return refund._get_records_action()

    @api.readonly
    def action_view_refunds(self):
        return self.refund_ids._get_records_action(name=self.env._("Refunds"))

    # === BUSINESS === #

    def _get_posted_refunds(self):
        """Refunds, and the bills that reverse them."""
        moves = self.refund_ids | self.refund_ids.reversal_move_ids
        return moves.filtered(lambda move: move.state == 'posted')

    def _get_recovered(self):
        """What came back, in the currency of the claim: refunds less what was reversed of them."""
        self.ensure_one()
        return sum(
            (1 if move.move_type == 'in_refund' else -1) * move.currency_id._convert(
                move.amount_untaxed, self.currency_id, self.company_id, move.invoice_date or move.date)
            for move in self._get_posted_refunds()
        )

    def _check_refund_rate(self, currency, date):
        """:raise UserError: what a refund brings in this currency cannot be read, or not in that of the claim"""
        self.ensure_one()
        for used in currency | self.currency_id:
            self.with_company(self.company_id)._check_rate(used, date, self)

    def _has_money(self):
        self.ensure_one()
        return self.currency_id.compare_amounts(self._get_recovered(), 0) > 0

    def _prepare_refund_values(self):
        return {
            'move_type': 'in_refund',
            'partner_id': self.partner_id.id,
            'company_id': self.company_id.id,
            'currency_id': self.currency_id.id,
            'invoice_date': fields.Date.context_today(self),
            'ref': self.number,
            'invoice_origin': self.number,
            'scp_claim_id': self.id,
            'invoice_line_ids': [
                # damages are no delivery: no tax, unless finance enters one
                Command.create({'name': name, 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()]})
                for name, amount in self._get_refund_lines()
            ],
        }

    def _get_refund_lines(self):
        """What was agreed, by kind of cost: [(text, amount)]."""
        kinds = dict(self.env['scp.supplier.claim.line']._fields['kind']._description_selection(self.env))
        sums = self._get_kind_sums()
        unit = self.currency_id.rounding
        parts = apportion(round(self.amount_agreed / unit), [max(amount, 0) for amount in sums.values()])
        return [
            (f'{self.number}: {kinds[kind]}', self.currency_id.round(part * unit))
            for kind, part in zip(sums, parts, strict=True) if part
        ]

    def _get_kind_sums(self):
        """{kind of cost: amount claimed}"""
        self.ensure_one()
        return {
            kind: sum(lines.mapped('amount')) for kind, lines in self.line_ids.grouped('kind').items()
        }

    def _check_refunds(self, state):
        """Money decides: recovered is what a posted refund shows, and nothing else is."""
        for claim in self:
            has_money = claim.sudo()._has_money()  # sudo: as for the figures
            if state == 'recovered' and not has_money:
                raise UserError(self.env._(
                    "Claim %(number)s is recovered when its refund is posted.", number=claim.number))
            if state != 'recovered' and has_money:
                raise UserError(self.env._(
                    "Claim %(number)s: its refund is posted. Reset it first.", number=claim.number))

    def _follow_refunds(self):
        """The claims of refunds that were posted, or are not any more."""
        for claim in self:
            state = 'recovered' if claim._has_money() else 'accepted'
            if claim.state in ('accepted', 'recovered') and claim.state != state:
                claim.state = state
