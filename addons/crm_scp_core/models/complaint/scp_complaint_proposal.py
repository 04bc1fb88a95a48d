from odoo import fields, models


class ScpComplaint(models.Model):
    """The customer decides on what he is offered."""

    _inherit = 'scp.complaint'

    proposal_answer = fields.Selection(
        selection=[('accepted', "Accepted"), ('rejected', "Refused")],
        string="Answer to the Proposal",
        readonly=True,
        copy=False,
        tracking=True,
    )
    proposal_answered_at = fields.Datetime(string="Proposal Answered", readonly=True, copy=False)

    def write(self, vals):
        if vals.get('decided_at') and 'proposal_answer' not in vals:
            # another decision is another proposal
            vals = {**vals, 'proposal_answer': False, 'proposal_answered_at': False}
        return super().write(vals)

    def _on_state_change(self, old_states):
        result = super()._on_state_change(old_states)
        again = self.filtered(lambda c: c.state == 'proposed' and c.proposal_answer)
        if again:
            again.write({'proposal_answer': False, 'proposal_answered_at': False})
        return result

    def _is_proposal_open(self):
        """Whether the customer may accept or refuse now."""
        self.ensure_one()
        return self.state == 'proposed' and not self.proposal_answer

    def _answer_proposal(self, accepted, author, reason=''):
        """Take the customer's answer over, once.

        An accepted proposal resolves the case if nothing else is missing; a refused one is looked
        into again.

        :param author: `res.partner` who answers
        :param str reason: why it is refused
        :return: whether it was taken; not if there is no proposal to decide on
        """
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset(['state', 'stage_id', 'proposal_answer'])
        if not self._is_proposal_open():
            return False
        self.write({
            'proposal_answer': 'accepted' if accepted else 'rejected',
            'proposal_answered_at': fields.Datetime.now(),
        })
        self.message_post(
            author_id=author.id,
            body=self.env._("I accept the proposal.") if accepted
            else self.env._("I do not accept the proposal: %(reason)s", reason=reason),
            message_type='comment',
            subtype_xmlid='mail.mt_comment',
        )
        if not accepted:
            self.write({'state': 'investigating'})
        elif not self._try_state('resolved') and self.user_id:
            self.activity_schedule(
                'mail.mail_activity_data_todo',
                user_id=self.user_id.id,
                summary=self.env._("The customer accepted: complete complaint %(number)s", number=self.number),
            )
        return True
