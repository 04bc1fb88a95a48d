from odoo import api, fields, models

LIFE_CYCLE_STAGES = [
    ('prospect', "Prospect"),
    ('new', "New Customer"),
    ('growing', "Growing"),
    ('stable', "Stable"),
    ('at_risk', "At Risk"),
    ('lost', "Lost"),
    ('won_back', "Won Back"),
]


class ScpCustomer(models.Model):
    """Where the relationship with a customer stands: from his orders, or set by hand."""

    _inherit = 'scp.customer'

    life_cycle_stage = fields.Selection(
        selection=LIFE_CYCLE_STAGES,
        default='prospect',
        required=True,
        help="Where the relationship stands, from the customer's confirmed orders.\n"
             "Prospect: has never ordered.\n"
             "New: first order in the current month or the three before.\n"
             "Won back: ordered again, in the same span, after a year or more of silence.\n"
             "Lost: no order in the current month and the twelve before.\n"
             "At risk: no order in the current month and the six before, where nothing better is known "
             "of the customer's rhythm, or less than half the "
             "value of the six months before those.\n"
             "Growing: more than 1.2 times that value.\n"
             "Stable: everybody else.",
    )
    life_cycle_reason = fields.Char(
        string="Why This Stage",
        compute='_compute_life_cycle_reason',
        help="The orders behind the life-cycle stage.",
    )
    life_cycle_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Stage Set by",
        index='btree_not_null',
        ondelete='set null',
        help="Who set the life-cycle stage by hand. Empty: it follows the orders.",
    )
    life_cycle_note = fields.Char(
        string="Stage Set Because",
        help="Why the stage was set by hand.",
    )
    life_cycle_until = fields.Date(
        string="Stage Set until",
        help="After this day the stage follows the orders again. Empty: until it is released.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('life_cycle_stage', 'life_cycle_user_id', 'life_cycle_note', 'measure_ids')
    def _compute_life_cycle_reason(self):
        figures = self.env['scp.customer.refresh']._get_life_cycle_figures(self)
        for customer in self:
            customer.life_cycle_reason = customer._get_life_cycle_reason(
                figures.get(customer._origin.id)
            )

    # === CRUD METHODS ===#

    def write(self, vals):
        by_hand = (
            'life_cycle_stage' in vals
            or vals.get('life_cycle_note') or vals.get('life_cycle_until')
        )
        if by_hand and 'life_cycle_user_id' not in vals:
            # a reason or an end alone keeps the present stage, else the next refresh would drop it
            vals = {**vals, 'life_cycle_user_id': self.env.uid}
        stages = {customer: customer.life_cycle_stage for customer in self}
        result = super().write(vals)
        if 'life_cycle_stage' in vals:
            self._log_life_cycle(stages)
        return result

    # === ACTIONS ===#

    def action_release_life_cycle(self):
        """Let the life-cycle stage follow the orders again."""
        self.write({
            'life_cycle_user_id': False, 'life_cycle_note': False, 'life_cycle_until': False,
        })
        self._refresh_for_partners(self.partner_id)

    # === BUSINESS METHODS ===#

    def _get_life_cycle_reason(self, figures) -> str:
        """One sentence saying why the customer is in his stage.

        :param figures: values of `scp.customer.refresh._get_life_cycle_figures`, None without orders
        """
        self.ensure_one()
        if self.life_cycle_user_id:
            values = {
                # sudo: the name of a colleague, also of another company
                'user': self.life_cycle_user_id.sudo().name,
                'note': self.life_cycle_note or self.env._("no reason given"),
            }
            if self.life_cycle_until:
                return self.env._(
                    "Set by %(user)s until %(date)s: %(note)s.",
                    date=self.life_cycle_until, **values,
                )
            return self.env._("Set by %(user)s: %(note)s.", **values)
        return self._get_orders_sentence(figures)

    def _get_orders_sentence(self, figures) -> str:
        """:param figures: as in `_get_life_cycle_reason`"""
        self.ensure_one()
        if not figures:
            return self.env._("No confirmed order yet.")
        return self.env._(
            "First order in %(first)s, last in %(last)s; %(recent)s in the last six full months, "
            "%(prior)s in the six before.",
            first=figures['first'].strftime('%Y-%m'),
            last=figures['last'].strftime('%Y-%m'),
            recent=self.currency_id.format(figures['recent']),
            prior=self.currency_id.format(figures['prior']),
        )

    def _log_life_cycle(self, stages):
        """Keep which stages were changed by hand.

        :param stages: {customer: the stage he was in}
        """
        # sudo: the log writes itself, whoever changes a stage
        self.env['scp.life.cycle.log'].sudo().create([
            {
                'customer_id': customer.id,
                'company_id': customer.company_id.id,
                'stage_from': stages[customer],
                'stage_to': customer.life_cycle_stage,
                'user_id': self.env.uid,
                'note': customer.life_cycle_note,
            }
            for customer in self if customer.life_cycle_stage != stages[customer]
        ])
