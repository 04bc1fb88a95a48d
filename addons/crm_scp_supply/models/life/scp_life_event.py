from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

BATCH = 100


class ScpLifeEvent(models.Model):
    """A day in the life of goods a customer has: planned by a rule, then told to somebody once."""

    _name = 'scp.life.event'
    _description = "Life Event"
    _order = 'date_due, id'
    _rec_name = 'lot_id'
    _check_company_auto = True

    rule_id = fields.Many2one(
        'scp.life.rule', required=True, readonly=True, index=True, ondelete='cascade', check_company=True)
    kind = fields.Selection(
        lambda self: self.env['scp.life.rule']._fields['kind'].selection, string="Event", required=True, readonly=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    lot_id = fields.Many2one(
        'stock.lot', required=True, readonly=True, index=True, ondelete='cascade', check_company=True)
    product_id = fields.Many2one(related='lot_id.product_id')
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade',
        check_company=True, help="Who holds goods of the lot; what came back does not count.",
    )
    qty = fields.Float(string="Quantity", digits='Product Unit', readonly=True)
    product_uom_id = fields.Many2one(related='lot_id.product_uom_id')
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, index='btree_not_null')
    date_due = fields.Date(string="Day", required=True, readonly=True)
    date_act = fields.Date(string="Told on", required=True, readonly=True, help="The day on which somebody is told.")
    state = fields.Selection(
        [('planned', "Planned"), ('done', "Told"), ('skipped', "Left Out")], required=True, readonly=True,
        default='planned',
    )
    done_at = fields.Datetime(string="Told at", readonly=True)
    outcome = fields.Selection(
        [('activity', "Activity"), ('mail', "Mail"), ('no_email', "Activity, no email address")], readonly=True)

    # _plan(): once for every rule, lot, holder and day
    _rule_lot_uniq = models.UniqueIndex(
        '(rule_id, lot_id, partner_id, date_due)', "This event of the lot is there already.")
    # _cron_run(): what is to be told
    _act_idx = models.Index("(date_act, id) WHERE state = 'planned'")

    # === COMPUTE === #

    @api.depends('kind', 'lot_id')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for event in self:
            event.display_name = f'{kinds.get(event.kind)}: {event.lot_id.display_name}'

    # === ACTIONS === #

    def action_tell(self):
        """Tell now, not on the day."""
        self.check_access('write')
        # sudo: what the job would do
        self.sudo().filtered(lambda event: event.state == 'planned')._tell()

    def action_skip(self):
        """Tell nobody."""
        self.check_access('write')
        # sudo: as above
        self.sudo().filtered(lambda event: event.state == 'planned').state = 'skipped'

    # === BUSINESS === #

    @api.model
    def _cron_run(self):
        """Plan by every rule, then tell what is due; in batches, each once."""
        cron = self.env['ir.cron']
        Rule = self.env['scp.life.rule'].with_context(active_test=False)
        rules = Rule.search([])  # pylint: disable=no-search-all # rules are few
        cron._commit_progress(remaining=len(rules))
        for index, rule in enumerate(rules):
            rule._plan()
            if not cron._commit_progress(1, remaining=len(rules) - index):
                return
        due = self.search([
            ('state', '=', 'planned'), ('date_act', '<=', fields.Date.context_today(self)),
            ('company_id.scp_life_auto', '=', True),
        ], order='date_act, id')
        for start in range(0, len(due), BATCH):
            batch = due[start:start + BATCH].try_lock_for_update()
            batch.filtered(lambda event: event.state == 'planned')._tell()
            if not cron._commit_progress(min(BATCH, len(due) - start), remaining=max(len(due) - start - BATCH, 0)):
                return
        cron._commit_progress(remaining=0)

    def _tell(self):
        """Write to the customers, or give the responsible an activity; runs as superuser."""
        by_mail = self.filtered(lambda event: (
            event.rule_id.action == 'mail' and event.rule_id.template_id and event.partner_id.email))
        for template, events in by_mail.grouped(lambda event: event.rule_id.template_id).items():
            template.send_mail_batch(events.ids)
        by_mail.outcome = 'mail'
        others = self - by_mail
        self.env['mail.activity'].create([event._prepare_activity() for event in others])
        for event in others:
            lacks_email = event.rule_id.action == 'mail' and not event.partner_id.email
            event.outcome = 'no_email' if lacks_email else 'activity'
        self.write({'state': 'done', 'done_at': fields.Datetime.now()})

    def _prepare_activity(self):
        self.ensure_one()
        event = self.with_context(lang=self.user_id.lang)
        return {
            'res_model_id': self.env['ir.model']._get_id('res.partner'),
            'res_id': self.partner_id.id,
            'activity_type_id': (
                self.rule_id.activity_type_id or self.env.ref('mail.mail_activity_data_todo')).id,
            'user_id': self.user_id.id,
            'summary': event.rule_id.name,
            'date_deadline': max(self.date_due, fields.Date.context_today(self)),
            'note': Markup("<p>%s</p>") % event.env._(
                "%(event)s on %(day)s: %(product)s, lot %(lot)s, %(quantity)s %(unit)s.",
                event=dict(event._fields['kind']._description_selection(event.env))[event.kind],
                day=format_date(event.env, event.date_due), product=event.product_id.display_name,
                lot=event.lot_id.name, quantity=f'{event.qty:g}', unit=event.product_uom_id.name,
            ),
        }
