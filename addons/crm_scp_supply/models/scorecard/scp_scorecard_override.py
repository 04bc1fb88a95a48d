from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# Who may order although a supplier is held
AUTHORISED = ('purchase.group_purchase_manager', 'crm_scp_core.group_scp_manager')


class ScpScorecardOverride(models.Model):
    """Somebody let orders to a supplier through although his standing holds them: who, why, until when."""

    _name = 'scp.scorecard.override'
    _description = "Release of a Held Supplier"
    _order = 'id desc'
    _rec_name = 'partner_id'
    _check_company_auto = True

    partner_id = fields.Many2one(
        'res.partner', string="Supplier", required=True, readonly=True, index=True, ondelete='restrict',
        check_company=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    purchase_order_id = fields.Many2one(
        'purchase.order', readonly=True, index='btree_not_null', ondelete='set null', check_company=True,
        help="The only order released. Empty: all until the day named.",
    )
    order_name = fields.Char(string="Order", readonly=True)
    card_id = fields.Many2one(
        'scp.scorecard', string="Scorecard", readonly=True, index='btree_not_null', ondelete='restrict',
        check_company=True)
    standing = fields.Char(readonly=True)
    score = fields.Float(digits=(5, 2), readonly=True, aggregator=None)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="Until", required=True, readonly=True)
    reason = fields.Text(required=True, readonly=True)
    user_id = fields.Many2one('res.users', string="Released By", readonly=True, ondelete='set null')
    user_name = fields.Char(string="Name", readonly=True)

    _dates_order = models.Constraint('CHECK (date_to >= date_from)', "A release cannot end before it begins.")
    # _get_released(): the releases in force of some suppliers
    _partner_idx = models.Index('(partner_id, company_id, date_to)')

    # === CRUD === #

    def write(self, vals):
        raise UserError(self.env._("A release is a record and is not changed: grant another one."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A release is a record and stays."))

    # === BUSINESS === #

    @api.model
    def _is_authorised(self):
        return self.env.su or any(self.env.user.has_group(group) for group in AUTHORISED)

    @api.model
    def _grant(self, card, reason, date_to, order=None):
        """Let orders to a supplier through.

        :param card: the ``scp.scorecard`` that holds them
        :param order: the only ``purchase.order`` to let through; else all until the day
        :raise AccessError: the user may not
        """
        if not self._is_authorised():
            raise AccessError(self.env._(
                "Orders to a supplier who is held are released by managers of purchasing or of customer relationship."))
        # sudo: written here alone, by who is authorised
        return self.sudo().create({
            'partner_id': card.partner_id.id,
            'company_id': card.company_id.id,
            'purchase_order_id': order and order.id,
            'order_name': order and order.name,
            'card_id': card.id,
            'standing': card.standing,
            'score': card.score,
            'date_from': fields.Date.context_today(self),
            'date_to': date_to,
            'reason': reason,
            'user_id': self.env.uid,
            'user_name': self.env.user.name,
        })

    @api.model
    def _get_released(self, orders):
        """Which of some orders are let through today.

        :return: their ids
        """
        today = fields.Date.context_today(self)
        # sudo: a release concerns who orders, whoever may read it
        releases = self.sudo().search(
            Domain('partner_id', 'in', orders.partner_id.commercial_partner_id.ids)
            & Domain('company_id', 'in', orders.company_id.ids)
            & Domain('date_from', '<=', today) & Domain('date_to', '>=', today)
            & Domain('purchase_order_id', 'in', [*orders.ids, False])
        )
        whole = {(release.partner_id, release.company_id) for release in releases if not release.order_name}
        return set(releases.purchase_order_id.ids) | {
            order.id for order in orders if (order.partner_id.commercial_partner_id, order.company_id) in whole
        }
