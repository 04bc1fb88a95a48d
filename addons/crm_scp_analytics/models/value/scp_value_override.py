from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


class ScpValueOverride(models.Model):
    """A grade that somebody set by hand, why, and until when.

    It is in force at once and stands above what the value model says, which goes on underneath: on
    the day it ends the customer has the grade of the model again. Nobody changes one; it is ended,
    and another one is made.
    """

    _name = 'scp.value.override'
    _description = "Value Grade Set by Hand"
    _order = 'active desc, date_end desc, id desc'
    _rec_name = 'customer_id'
    _check_company_auto = True

    customer_id = fields.Many2one(
        comodel_name='scp.customer', required=True, index=True, ondelete='cascade', check_company=True,
    )
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    user_id = fields.Many2one(related='customer_id.user_id', string="Owner")
    team_id = fields.Many2one(related='customer_id.team_id')
    # Stored for security rules.
    company_id = fields.Many2one(related='customer_id.company_id', store=True, index=True)
    grade_id = fields.Many2one(
        comodel_name='scp.grade', required=True, index=True, ondelete='restrict',
    )
    former_grade_id = fields.Many2one(
        comodel_name='scp.grade', string="Instead of", readonly=True, index='btree_not_null', ondelete='set null',
        help="The grade of the customer when this one was set.",
    )
    reason = fields.Char(required=True, help="Why the value model is not right about this customer.")
    date_start = fields.Date(
        string="From", required=True, readonly=True, default=fields.Date.context_today,
    )
    date_end = fields.Date(
        string="Until", required=True, help="The last day. The grade of the model is back on the next.",
    )
    active = fields.Boolean(default=True, readonly=True, string="In Force")
    ended_at = fields.Datetime(string="Ended On", readonly=True)
    ended_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, index='btree_not_null', ondelete='set null',
        help="Empty: its time was over.",
    )

    # One grade by hand at a time; looked up for every customer of a run.
    _customer_uniq = models.UniqueIndex(
        '(customer_id) WHERE active',
        "This customer has a grade set by hand already: end that one first.",
    )
    _dates_in_order = models.Constraint(
        'CHECK (date_end >= date_start)', "A grade cannot end before it begins: check the last day.",
    )

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals['former_grade_id'] = self.env['scp.customer'].browse(vals.get('customer_id')).grade_id.id
        overrides = super().create(vals_list)
        overrides.flush_recordset()
        self._publish(overrides.company_id, overrides.customer_id)
        return overrides

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._(
                "The grade of %(customer)s set by hand cannot be changed. End it, and set another one.",
                customer=self[:1].display_name,
            ))
        return super().write(vals)

    # === ACTIONS ===#

    def action_end(self):
        """Give the customers back the grade of the model, now."""
        self.check_access('read')
        self.browse().check_access('create')
        # sudo: ending is the only change there is
        self.sudo().filtered('active')._end(self.env.user)

    # === SCHEDULED JOB ===#

    @api.model
    def _cron_end(self):
        """End what is over, company by company: days are those of the company."""
        cron = self.env['ir.cron']
        due = [
            self.search([
                ('company_id', '=', company.id),
                ('date_end', '<', self.env['scp.value.run']._get_today(company)),
            ])
            for [company] in self._read_group([], ['company_id'])
        ]
        time_left = cron._commit_progress(remaining=len(due))
        for overrides in due:
            if not time_left:
                break
            overrides._end(self.env['res.users'])
            time_left = cron._commit_progress(1)

    # === BUSINESS METHODS ===#

    def _end(self, user):
        self.write({'active': False, 'ended_at': fields.Datetime.now(), 'ended_by_id': user.id})
        self.flush_recordset()
        self._publish(self.company_id, self.customer_id)

    @api.model
    def _get_running(self, company, day):
        """:return: what is in force on a day"""
        return self.search([
            ('company_id', '=', company.id), ('date_start', '<=', day), ('date_end', '>=', day),
        ])

    @api.model
    def _publish(self, companies, customers=None):
        """Show on the hub what is in force today, and the grade of the model where nothing is.

        :param customers: `scp.customer`, by default those with a grade set by hand
        """
        Run = self.env['scp.value.run'].sudo()  # sudo: the current run, whoever sets a grade
        self.env['scp.customer'].flush_model(['grade_id'])
        for company in companies:
            self.env.cr.execute(SQL(
                """
                UPDATE scp_customer customer
                   SET grade_id = COALESCE(override.grade_id, score.model_grade_id, score.grade_id)
                  FROM scp_customer hub
             LEFT JOIN scp_value_override override
                    ON override.customer_id = hub.id
                   AND override.active
                   AND %(today)s BETWEEN override.date_start AND override.date_end
             LEFT JOIN scp_value_score score
                    ON score.customer_id = hub.id
                   AND score.run_id = %(run)s
                 WHERE customer.id = hub.id
                   AND hub.company_id = %(company)s
                   AND %(which)s
                   AND hub.grade_id IS DISTINCT FROM COALESCE(override.grade_id, score.model_grade_id, score.grade_id)
                """,
                today=Run._get_today(company),
                run=Run._get_current_runs(company).id or 0,
                company=company.id,
                which=SQL("hub.id = ANY(%s)", customers.ids) if customers else SQL("override.id IS NOT NULL"),
            ))
        self.env['scp.customer'].invalidate_model(['grade_id'])

    def _get_sentence(self):
        """:return: who set the grade, why and until when"""
        self.ensure_one()
        return self.env._(
            "Grade %(grade)s was set by %(user)s until %(date)s: %(reason)s",
            grade=self.grade_id.name,
            # sudo: the name of a colleague
            user=self.sudo().create_uid.name,
            date=format_date(self.env, self.date_end),
            reason=self.reason,
        )
