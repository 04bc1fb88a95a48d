from odoo import api, fields, models
from odoo.exceptions import UserError

from .scp_customer_life_cycle import LIFE_CYCLE_STAGES


class ScpLifeCycleLog(models.Model):
    """One row for each change of a customer's life-cycle stage, and why. Never changed.

    Written with the change itself: by the refresh, in the statement that sets the stage, and by
    `scp.customer` where somebody sets it by hand.
    """

    _name = 'scp.life.cycle.log'
    _description = "Change of Life-Cycle Stage"
    _order = 'date desc, id desc'
    _rec_name = 'customer_id'
    _log_access = False
    _check_company_auto = True

    customer_id = fields.Many2one(
        comodel_name='scp.customer', required=True, readonly=True, ondelete='cascade',
        check_company=True,
    )
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    owner_id = fields.Many2one(related='customer_id.user_id', string="Owner")
    team_id = fields.Many2one(related='customer_id.team_id')
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True, ondelete='cascade',
    )
    date = fields.Datetime(
        string="Changed On", required=True, readonly=True, default=fields.Datetime.now,
    )
    stage_from = fields.Selection(selection=LIFE_CYCLE_STAGES, string="From", readonly=True)
    stage_to = fields.Selection(
        selection=LIFE_CYCLE_STAGES, string="To", required=True, readonly=True,
    )
    user_id = fields.Many2one(
        comodel_name='res.users', string="Set by", readonly=True, index='btree_not_null',
        ondelete='set null', help="Empty: the stage followed the orders.",
    )
    note = fields.Char(readonly=True)
    figures = fields.Json(readonly=True, help="The orders behind the change.")
    reason = fields.Char(string="Why", compute='_compute_reason')

    # The changes of a customer, latest first.
    _customer_date_idx = models.Index('(customer_id, date DESC)')

    # === COMPUTE METHODS ===#

    @api.depends('user_id', 'note', 'figures')
    @api.depends_context('lang')
    def _compute_reason(self):
        for change in self:
            if change.user_id or change.note:
                change.reason = self.env._(
                    "Set by %(user)s: %(note)s.",
                    # sudo: the name of a colleague, also of another company
                    user=change.user_id.sudo().name or self.env._("somebody who has left"),
                    note=change.note or self.env._("no reason given"),
                )
            else:
                change.reason = change.customer_id._get_orders_sentence(change._get_figures())

    # === CRUD METHODS ===#

    def write(self, vals):
        raise UserError(self.env._(
            "What the life-cycle stage of %(customer)s was cannot be changed afterwards.",
            customer=self[:1].display_name,
        ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(self.env._(
            "What the life-cycle stage of %(customer)s was cannot be deleted.",
            customer=self[:1].display_name,
        ))

    # === BUSINESS METHODS ===#

    def _get_figures(self):
        """:return: as `scp.customer.refresh._get_life_cycle_figures` has them, None without orders"""
        figures = self.figures
        return figures and figures | {
            name: fields.Date.to_date(figures[name]) for name in ('first', 'last')
        }
