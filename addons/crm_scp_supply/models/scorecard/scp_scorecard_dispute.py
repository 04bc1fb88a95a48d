from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [('open', "Open"), ('accepted', "Accepted"), ('declined', "Declined")]


class ScpScorecardDispute(models.Model):
    """A partner does not agree with a line of his card: what he said, what was answered, what came of it."""

    _name = 'scp.scorecard.dispute'
    _description = "Scorecard Dispute"
    _order = 'id desc'
    _check_company_auto = True

    line_id = fields.Many2one(
        'scp.scorecard.line', string="Criterion", required=True, readonly=True, index=True, ondelete='cascade',
        check_company=True)
    card_id = fields.Many2one(
        related='line_id.card_id', store=True, index=True, help="The version that was disputed.")
    # Stored for security rules
    company_id = fields.Many2one(related='line_id.company_id', store=True, index=True, precompute=True)
    partner_id = fields.Many2one(related='line_id.partner_id', store=True, index=True, precompute=True)
    user_id = fields.Many2one(related='card_id.user_id')
    state = fields.Selection(STATES, required=True, readonly=True, default='open')
    reason = fields.Text(compute='_compute_reason', help="What the partner said first.")
    entry_ids = fields.One2many('scp.scorecard.dispute.entry', 'dispute_id', string="Thread")
    closed_at = fields.Datetime(string="Answered On", readonly=True)
    version_id = fields.Many2one(
        'scp.scorecard', string="Corrected By", readonly=True, index='btree_not_null', ondelete='restrict',
        check_company=True)

    # _dispute(): who disputes a line again goes on in the same thread
    _open_uniq = models.UniqueIndex("(line_id) WHERE state = 'open'")

    # === COMPUTE === #

    @api.depends('line_id')
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = self.env._(
                "%(criterion)s of %(card)s",
                criterion=dispute.line_id.name or "", card=dispute.card_id.display_name or "")

    @api.depends('entry_ids.text')
    def _compute_reason(self):
        for dispute in self:
            dispute.reason = dispute.entry_ids[:1].text

    # === ACTIONS === #

    def action_answer(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Answer"),
            'res_model': 'scp.scorecard.answer',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_dispute_id': self.id},
        }

    # === BUSINESS === #

    def _answer(self, verdict, text, value=None, n=None):
        """Close a dispute. Accepted, the card is replaced by a version with the right value.

        :param str verdict: accepted, declined, or reply to leave it open
        :param str text: what the partner reads
        :param float value: the right value, in the unit of the line
        :param int n: events behind it
        :return: the new version of the card, or an empty recordset
        :raise UserError: it has been answered already, or its card has been replaced
        """
        self.ensure_one()
        self.card_id.check_access('write')
        dispute = self.sudo()  # sudo: written here alone, by who may write the card
        dispute.card_id.lock_for_update(allow_referencing=True)
        dispute.invalidate_recordset()
        if dispute.state != 'open' or dispute.card_id.state == 'replaced':
            raise UserError(self.env._(
                "%s has been answered already, or corrected meanwhile.", self.display_name))
        version = self.env['scp.scorecard']
        entry = {'kind': verdict, 'text': text}
        if verdict == 'accepted':
            entry |= {'value_before': dispute.line_id.value, 'value_after': value}
            version = dispute.card_id._correct(dispute.line_id, value, n, text)
        dispute._add_entry(**entry)
        if verdict != 'reply':
            dispute.write({'state': verdict, 'closed_at': fields.Datetime.now(), 'version_id': version.id})
            (dispute.card_id - version).activity_feedback(
                ['crm_scp_supply.mail_activity_type_dispute'], feedback=text)
            dispute._carry_over(version)
        return version

    def _carry_over(self, version):
        """What is still open about other lines goes on about the new version."""
        if not version:
            return
        lines = {line.criterion_id or line.name: line for line in version.line_ids}
        for other in self.search([('card_id', '=', self.card_id.id), ('state', '=', 'open')]):
            old = other.line_id
            other.line_id = lines[old.criterion_id or old.name]

    def _add_entry(self, kind, text, is_partner=False, **values):
        user = self.env.user
        return self.env['scp.scorecard.dispute.entry'].create([{
            'dispute_id': dispute.id,
            'kind': kind,
            'text': text,
            'is_partner': is_partner,
            'author_name': user.name,
            'user_id': user.id,
            **values,
        } for dispute in self])
