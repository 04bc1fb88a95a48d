from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, float_round

from .recurrence_rules import BASELINE_DAYS, MIN_OBSERVED, get_expected, get_poisson_tail

ACTIVITY_TYPE = 'crm_scp_core.mail_activity_type_scp_recurrence'
ACTION_DAYS = 14  # until the corrective action proposed is due


class ScpComplaintRecurrence(models.Model):
    """A fault of a product that customers complain of more often than chance explains.

    Found every night by `_cron_detect`. Each complaint counts for its product and cause, as far
    as the cause is known, and for its product and category. What somebody has decided about is
    not raised again: its complaints no longer count, new ones count from zero.
    """

    _name = 'scp.complaint.recurrence'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Recurrence of Complaints"
    _order = 'date_to desc, p_value, id desc'
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name='res.company', required=True, index=True, readonly=True)
    product_id = fields.Many2one(
        comodel_name='product.product', required=True, index=True, ondelete='restrict',
        check_company=True, readonly=True,
    )
    cause_id = fields.Many2one(
        comodel_name='scp.complaint.cause', string="Cause of Occurrence", index='btree_not_null',
        ondelete='cascade', readonly=True,
    )
    category_id = fields.Many2one(
        comodel_name='scp.complaint.category', index='btree_not_null', ondelete='cascade',
        readonly=True, help="Where the complaints have no cause in common yet.",
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    observed = fields.Integer(
        required=True, readonly=True, aggregator=None, help="Complaints in the window.",
    )
    expected = fields.Float(
        required=True, readonly=True, digits=(16, 2), aggregator=None,
        help="Complaints the year before leads to expect in the window.",
    )
    p_value = fields.Float(
        string="Probability by Chance", required=True, readonly=True, digits=(16, 6), aggregator=None,
        help="Of so many or more complaints if nothing had changed.",
    )
    reason = fields.Char(compute='_compute_reason')
    state = fields.Selection(
        selection=[('new', "New"), ('accepted', "Accepted"), ('dismissed', "Dismissed")],
        string="Status", required=True, default='new', readonly=True, tracking=True, index=True,
    )
    complaint_ids = fields.Many2many(
        comodel_name='scp.complaint',
        relation='scp_complaint_recurrence_rel',
        column1='recurrence_id',
        column2='complaint_id',
        string="Complaints",
        check_company=True,
        readonly=True,
    )
    action_id = fields.Many2one(
        comodel_name='scp.complaint.action', string="Corrective Action", index='btree_not_null',
        ondelete='set null', check_company=True, readonly=True,
    )

    # The job writes each fault that is still to be decided once.
    _new_uniq = models.UniqueIndex(
        "(company_id, product_id, COALESCE(cause_id, 0), COALESCE(category_id, 0)) WHERE state = 'new'",
        "This recurrence is waiting for a decision already.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('product_id', 'cause_id', 'category_id')
    def _compute_display_name(self):
        for recurrence in self:
            fault = recurrence.cause_id or recurrence.category_id
            recurrence.display_name = f'{recurrence.product_id.display_name}: {fault.display_name}'

    @api.depends('observed', 'expected', 'p_value', 'date_from', 'date_to')
    @api.depends_context('lang')
    def _compute_reason(self):
        for recurrence in self:
            recurrence.reason = recurrence.date_to and self.env._(
                "%(observed)s complaints in %(days)s days, where %(expected)s were to be expected; by "
                "chance alone, so many come with a probability of %(probability)s %%.",
                observed=recurrence.observed,
                days=(recurrence.date_to - recurrence.date_from).days,
                expected=float_round(recurrence.expected, precision_digits=1),
                probability=f'{100 * recurrence.p_value:.2g}',
            )

    # === ACTIONS ===#

    def action_accept(self):
        """Make the corrective action proposed, on the latest complaint that is open, and open it."""
        self.ensure_one()
        if not self.action_id:
            self.action_id = self.env['scp.complaint.action'].create(self._prepare_action_values())
        self._decide('accepted')
        return self.action_id._get_records_action()

    def action_dismiss(self):
        self._decide('dismissed')

    @api.readonly
    def action_view_complaints(self):
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_complaint_action'),
            'display_name': self.display_name,
            'domain': [('id', 'in', self.complaint_ids.ids)],
            'context': {'create': False, 'active_test': False},
        }

    # === BUSINESS METHODS ===#

    def _decide(self, state):
        undecided = self.filtered(lambda recurrence: recurrence.state == 'new')
        undecided.write({'state': state})
        # sudo: the reminders of all engineers are done with
        undecided.sudo().activity_unlink([ACTIVITY_TYPE])

    def _prepare_action_values(self):
        self.ensure_one()
        open_states = self.env['scp.complaint']._get_open_states()
        complaint = self.complaint_ids.sorted(
            lambda c: (c.state in open_states, c.received_at, c.id), reverse=True,
        )[:1]
        return {
            'name': self.env._("Remove the cause: %(recurrence)s", recurrence=self.display_name),
            'complaint_id': complaint.id,
            'kind': 'corrective',
            'user_id': self.env.uid,
            'due_date': fields.Date.context_today(self) + timedelta(days=ACTION_DAYS),
            'evidence': self.reason,
        }

    @api.model
    def _cron_detect(self):
        """Look for recurrences, one company after the other. May be run at any time."""
        companies = self.env['res.company'].search([('scp_recurrence_active', '=', True)], order='id')
        remaining = len(companies)
        self.env['ir.cron']._commit_progress(remaining=remaining)
        for company in companies:
            self.with_company(company)._detect(company)
            remaining -= 1
            if not self.env['ir.cron']._commit_progress(1, remaining=remaining):
                break

    @api.model
    def _detect(self, company):
        """Record what recurs in a company, and ask the quality engineers. Return the new records."""
        today = fields.Date.context_today(self)
        signals = self._get_signals(company, today)
        waiting = {
            (recurrence.product_id.id, recurrence.cause_id.id, recurrence.category_id.id): recurrence
            for recurrence in self.search([('company_id', '=', company.id), ('state', '=', 'new')])
        }
        values_list = []
        for values in signals:
            key = values['product_id'], values['cause_id'], values['category_id']
            if recurrence := waiting.get(key):
                recurrence.write(values)
            else:
                values_list.append({**values, 'company_id': company.id})
        recurrences = self.create(values_list)
        recurrences._ask_engineers()
        return recurrences

    @api.model
    def _get_signals(self, company, today):
        """Values of the recurrences of a company whose probability is below its significance.

        Duplicates, cases that follow an earlier one and complaints found unjustified do not count.

        :param today: last day of the window
        """
        Complaint = self.env['scp.complaint']
        Complaint.flush_model()
        self.flush_model()
        days = company.scp_recurrence_days
        date_from = today - timedelta(days=days)
        signals = []
        # causes first: a category that says no more than a cause is left out
        for field in ('cause_id', 'category_id'):
            for product_id, fault_id, before, ids in self.env.execute_query(
                self._get_signal_query(company, field, date_from, today),
            ):
                expected = get_expected(before, days)
                p_value = get_poisson_tail(len(ids), expected)
                if p_value >= company.scp_recurrence_significance / 100:
                    continue
                if any(
                    product_id == known['product_id'] and set(ids) <= set(known['complaint_ids'][0][2])
                    for known in signals
                ):
                    continue
                signals.append({
                    'cause_id': False,
                    'category_id': False,
                    field: fault_id,
                    'product_id': product_id,
                    'date_from': date_from,
                    'date_to': today,
                    'observed': len(ids),
                    'expected': expected,
                    'p_value': p_value,
                    'complaint_ids': [Command.set(ids)],
                })
        return signals

    @api.model
    def _get_signal_query(self, company, field, date_from, today):
        """Product, fault, number of complaints in the year before, and ids of those in the window.

        :param field: which fault, `cause_id` or `category_id`
        """
        column = SQL.identifier({'cause_id': 'occurrence_cause_id', 'category_id': 'category_id'}[field])
        return SQL(
            """
            SELECT complaint.product_id, complaint.%(column)s,
                   COUNT(*) FILTER (WHERE complaint.received_at < %(date_from)s),
                   ARRAY_AGG(complaint.id ORDER BY complaint.id) FILTER (WHERE %(counts)s)
              FROM scp_complaint complaint
             WHERE complaint.company_id = %(company)s
               AND complaint.received_at >= %(baseline)s
               AND complaint.received_at < %(end)s
               AND complaint.product_id IS NOT NULL
               AND complaint.%(column)s IS NOT NULL
               AND complaint.state != 'duplicate'
               AND complaint.previous_id IS NULL
               AND complaint.is_justified IS DISTINCT FROM 'no'
          GROUP BY 1, 2
            HAVING COUNT(*) FILTER (WHERE %(counts)s) >= %(least)s
          ORDER BY 1, 2
            """,
            column=column,
            counts=SQL(
                """complaint.received_at >= %(date_from)s AND NOT EXISTS (
                    SELECT FROM scp_complaint_recurrence_rel rel
                      JOIN scp_complaint_recurrence decided ON decided.id = rel.recurrence_id
                     WHERE rel.complaint_id = complaint.id AND decided.state != 'new')""",
                date_from=date_from,
            ),
            company=company.id,
            date_from=date_from,
            baseline=date_from - timedelta(days=BASELINE_DAYS),
            end=today + timedelta(days=1),
            least=MIN_OBSERVED,
        )

    def _get_engineers(self):
        """Quality engineers of the company."""
        group = self.env.ref('crm_scp_core.group_scp_quality')
        return group.all_user_ids.filtered(
            lambda user: user.active and user._is_internal() and self.company_id in user.company_ids
        )

    def _ask_engineers(self):
        for recurrence in self:
            for user in recurrence._get_engineers():
                recurrence.activity_schedule(
                    ACTIVITY_TYPE,
                    user_id=user.id,
                    summary=self.env._("Corrective action? %(recurrence)s", recurrence=recurrence.display_name),
                    note=recurrence.reason,
                )
