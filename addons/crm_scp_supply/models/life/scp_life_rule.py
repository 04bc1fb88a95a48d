from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

#: kinds whose day counts from the delivery; the others are dates of the lot
FROM_DELIVERY = ('warranty', 'consumable', 'service')
#: unit -> days it has at least
UNITS = {'days': 1, 'months': 28, 'years': 365}


class ScpLifeRule(models.Model):
    """What happens when goods with a customer reach a day in their life: who is told, and how long before."""

    _name = 'scp.life.rule'
    _inherit = ['scp.product.scope.mixin']
    _description = "Life Event Rule"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, help="The subject of the activity.")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    product_ids = fields.Many2many(
        help="The rule is about lots of these, and of the categories. Both empty: about every lot.")
    kind = fields.Selection(
        [
            ('warranty', "End of Warranty"),
            ('consumable', "Consumable Due"),
            ('service', "Service Due"),
            ('use_date', "Best before"),
            ('removal_date', "Removal"),
            ('expiration_date', "Expiry"),
        ],
        string="Event", required=True, default='warranty',
    )
    period = fields.Integer(
        string="After", default=24, aggregator=None,
        help="So long after the last delivery of the lot to the customer.",
    )
    period_unit = fields.Selection(
        [('days', "Days"), ('months', "Months"), ('years', "Years")], required=True, default='months')
    is_repeated = fields.Boolean(string="Again and Again", help="Due after every such period, not once.")
    offset_days = fields.Integer(
        string="Days Before", default=30, aggregator=None,
        help="So many days before the day people are told. A negative number: after it.",
    )
    date_from = fields.Date(
        string="Since", required=True, default=fields.Date.context_today,
        help="Nobody is told of what was to be told before this day: a new rule does not dig up the past.",
    )
    action = fields.Selection(
        [('activity', "Activity"), ('mail', "Mail to the Customer")], string="Do", required=True, default='activity',
        help="A customer without an email address becomes an activity, too.",
    )
    activity_type_id = fields.Many2one(
        'mail.activity.type', ondelete='set null', index='btree_not_null',
        domain="[('res_model', 'in', (False, 'res.partner'))]", help="Empty: a to-do.",
    )
    template_id = fields.Many2one(
        'mail.template', string="Mail", domain="[('model', '=', 'scp.life.event')]", ondelete='set null',
        index='btree_not_null',
        default=lambda self: self.env.ref('crm_scp_supply.mail_template_life_event', raise_if_not_found=False),
    )
    to_salesperson = fields.Boolean(
        string="Salesperson First", default=True,
        help="Activities go to the salesperson of the customer, if he has one.",
    )
    user_id = fields.Many2one(
        'res.users', string="Responsible", required=True, default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    event_ids = fields.One2many('scp.life.event', 'rule_id', string="Events")
    event_count = fields.Integer(string="Number of Events", compute='_compute_event_count')

    _period_positive = models.Constraint('CHECK (period > 0)', "After: enter a period of at least one day.")

    # === COMPUTE === #

    def _compute_event_count(self):
        counts = dict(self.env['scp.life.event']._read_group(
            [('rule_id', 'in', self.ids)], ['rule_id'], ['__count']))
        for rule in self:
            rule.event_count = counts.get(rule._origin, 0)

    # === CONSTRAINS === #

    @api.constrains('action', 'template_id')
    def _check_template_id(self):
        for rule in self:
            if rule.action == 'mail' and not rule.template_id:
                raise ValidationError(self.env._("%(rule)s: choose the mail.", rule=rule.name))

    # === ACTIONS === #

    def action_plan(self):
        """Plan the events now, not at night."""
        self.check_access('write')
        # sudo: what is planned follows from the moves, whoever asks
        self.sudo()._plan()
        return self.action_view_events()

    @api.readonly
    def action_view_events(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_life_event_action')
        return action | {'domain': [('rule_id', '=', self.id)], 'context': {}}

    # === BUSINESS === #

    def _plan(self):
        """Bring what these rules plan up to date, one statement each; runs as superuser.

        Whoever holds goods of a lot, net of returns, has one event of a rule to come. What was planned goes with the
        goods, and with the day when a date of the lot or the rule changes; what was done or left out stays.
        """
        self.env.flush_all()
        today = fields.Date.context_today(self)
        for rule in self:
            if rule.active and rule.company_id.scp_life_auto:
                self.env.cr.execute(rule._get_plan_query(today))
            else:
                rule.event_ids.filtered(lambda event: event.state == 'planned').unlink()
        self.env.invalidate_all()

    def _get_plan_query(self, today) -> SQL:
        self.ensure_one()
        return SQL(
            """
            WITH held AS (%(held)s),
            due AS (
                SELECT held.*, due.day AS date_due, due.day - %(offset)s AS date_act
                  FROM held
            CROSS JOIN LATERAL (%(due)s) due
                 WHERE due.day - %(offset)s >= %(since)s
            ),
            gone AS (
                DELETE FROM scp_life_event event
                 WHERE event.rule_id = %(rule)s AND event.state = 'planned'
                   AND (NOT EXISTS (SELECT FROM held WHERE held.lot_id = event.lot_id
                                       AND held.partner_id = event.partner_id)
                        -- what is to be told today already is told, even if the next time is due now
                        OR event.date_act > %(today)s AND NOT EXISTS (
                           SELECT FROM due WHERE due.lot_id = event.lot_id AND due.partner_id = event.partner_id
                              AND due.date_due = event.date_due AND due.date_act = event.date_act))
            )
            INSERT INTO scp_life_event (rule_id, kind, company_id, lot_id, partner_id, qty, user_id, date_due, date_act,
                                        state, create_uid, create_date, write_uid, write_date)
            SELECT %(rule)s, %(kind)s, %(company)s, due.lot_id, due.partner_id, due.qty, %(user)s, due.date_due,
                   due.date_act, 'planned', %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM due
              JOIN res_partner partner ON partner.id = due.partner_id
         LEFT JOIN res_users seller ON seller.id = partner.user_id AND seller.active
       ON CONFLICT (rule_id, lot_id, partner_id, date_due) DO UPDATE
               SET qty = EXCLUDED.qty, user_id = EXCLUDED.user_id, date_act = EXCLUDED.date_act, kind = EXCLUDED.kind
             WHERE scp_life_event.state = 'planned'
            """,
            held=self._get_held(), due=self._get_due(today), offset=self.offset_days, since=self.date_from,
            rule=self.id, today=today, kind=self.kind, company=self.company_id.id, uid=self.env.uid,
            user=SQL("COALESCE(seller.id, %s)", self.user_id.id) if self.to_salesperson else self.user_id.id,
        )

    def _get_held(self) -> SQL:
        """Who holds how much of which lot since when, net of returns: ``lot_id``, ``partner_id``, ``qty``, ``day``."""
        Trace = self.env['scp.trace'].with_context(allowed_company_ids=self.company_id.ids)
        domain = self._get_product_domain('id')
        about = SQL("TRUE") if domain.is_true() else SQL(
            "line.product_id = ANY(%s)", self.env['product.product'].with_context(active_test=False).search(domain).ids)
        return SQL(
            """
            SELECT line.lot_id, partner.commercial_partner_id AS partner_id,
                   sum(CASE WHEN line.location_dest_id IN %(outside)s THEN line.quantity_product_uom
                            ELSE -line.quantity_product_uom END) AS qty,
                   max(%(day)s) FILTER (WHERE line.location_dest_id IN %(outside)s) AS day
              FROM stock_move_line line
              JOIN stock_move move ON move.id = line.move_id
         LEFT JOIN stock_picking picking ON picking.id = line.picking_id
         LEFT JOIN sale_order_line sale_line ON sale_line.id = move.sale_line_id
         LEFT JOIN sale_order sale ON sale.id = sale_line.order_id
              JOIN res_partner partner ON partner.id = %(partner)s
             WHERE line.lot_id IS NOT NULL AND %(about)s AND %(done)s
               AND (line.location_dest_id IN %(outside)s) != (line.location_id IN %(outside)s)
          GROUP BY line.lot_id, partner.commercial_partner_id
            HAVING sum(CASE WHEN line.location_dest_id IN %(outside)s THEN line.quantity_product_uom
                            ELSE -line.quantity_product_uom END) > 0
            """,
            outside=Trace._get_locations('customer'), partner=Trace._get_customer(), about=about,
            done=Trace._get_done_condition(), day=self._get_local_day(SQL("line.date")),
        )

    def _get_due(self, today) -> SQL:
        """The ``day`` of the next event of goods ``held``; no row if there is none."""
        if self.kind not in FROM_DELIVERY:
            return SQL(
                "SELECT %s AS day FROM stock_lot lot WHERE lot.id = held.lot_id AND lot.%s IS NOT NULL",
                self._get_local_day(SQL("lot.%s", SQL.identifier(self.kind))), SQL.identifier(self.kind),
            )
        after = SQL("make_interval(%s => %s)", SQL.identifier(self.period_unit), self.period)
        if not self.is_repeated:
            return SQL("SELECT (held.day + %s)::date AS day", after)
        # times the period from the delivery, so that the end of a month stays one; the first that is still to be told
        return SQL(
            """
            SELECT min((held.day + number * %(after)s)::date) AS day
              FROM generate_series(1, 1 + GREATEST(0, (%(from)s - held.day) / %(least)s + 1)) number
             WHERE (held.day + number * %(after)s)::date >= %(from)s
            """,
            **{'from': SQL("(%s::date + %s)", max(today, self.date_from), self.offset_days)}, after=after,
            least=UNITS[self.period_unit] * self.period,
        )

    def _get_local_day(self, moment: SQL) -> SQL:
        zone = self.company_id.resource_calendar_id.tz or 'UTC'
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)
