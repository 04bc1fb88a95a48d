from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .scp_complaint_state import DONE, REOPENABLE


class ScpComplaint(models.Model):
    """Taking up again what was resolved: in the next cycle within the reopening period, as another
    complaint after it.
    """

    _inherit = 'scp.complaint'

    # === ACTIONS ===#

    def action_reopen(self):
        """Reopen by hand; leads to the complaint that goes on."""
        self.ensure_one()
        complaint = self._reopen(self.env._("by %(user)s", user=self.env.user.name))
        return complaint._get_records_action()

    # === BUSINESS METHODS ===#

    def _check_reopening(self, old_states):
        for complaint in self:
            if (
                old_states[complaint.id] in REOPENABLE
                and complaint.state not in DONE
                and not complaint._is_within_grace()
            ):
                raise UserError(self.env._(
                    "Complaint %(number)s was resolved on %(date)s, more than %(days)s days ago. "
                    "Use Reopen: it opens a new complaint that refers to this one.",
                    number=complaint.number,
                    date=complaint.resolved_at.date(),
                    days=complaint.company_id.sudo().scp_complaint_grace_days,  # sudo: see `_is_within_grace`
                ))

    def _is_within_grace(self):
        self.ensure_one()
        if not self.resolved_at:
            return True
        # sudo: a customer reopens without access to the company's settings
        days = self.company_id.sudo().scp_complaint_grace_days
        return fields.Datetime.now() <= self.resolved_at + timedelta(days=days)

    def _reopen(self, reason):
        """Take resolved or closed complaints up again, as often as called with one effect.

        Within the reopening period the same complaint goes on in its next cycle; later a new one
        refers to it. Complaints that are open already stay as they are.

        :param str reason: why, as shown in the history
        :return: the complaints under which the matters go on, in the order of `self`
        """
        current = self.browse()
        for complaint in self:
            if complaint.state not in REOPENABLE:
                current += complaint
                continue
            if complaint._is_within_grace():
                complaint.write({'state': 'investigating'})
                current += complaint
            else:
                follower = complaint.next_ids.filtered(lambda c: c.state not in REOPENABLE)[:1]
                if follower:
                    current += follower
                    continue
                follower = self.create(complaint._prepare_follower_values())
                current += follower
                complaint._message_log(body=self.env._(
                    "Taken up again as complaint %(number)s: %(reason)s",
                    number=follower.number, reason=reason,
                ))
            current[-1]._message_log(body=self.env._("Reopened: %(reason)s", reason=reason))
        return current

    def _prepare_follower_values(self):
        """Values of the complaint that takes this one up again after the reopening period."""
        self.ensure_one()
        return {
            'name': self.name,
            'previous_id': self.id,
            'received_at': fields.Datetime.now(),
            **{name: self[name] for name in (
                'channel', 'description', 'email_from', 'phone', 'lang', 'identifier', 'severity',
                'is_safety', 'is_regulated', 'remedy_sought',
            )},
            **{name: self[name].id for name in (
                'company_id', 'partner_id', 'category_id', 'product_id', 'sale_order_id',
                'invoice_id', 'team_id', 'user_id', 'accused_user_id',
            )},
            'sale_line_ids': [fields.Command.set(self.sale_line_ids.ids)],
        }
