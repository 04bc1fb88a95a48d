from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from odoo.addons.crm_scp_core.fields import LooseMany2one

from ...engine import value_reasons

# Months whose last score makes the line on the customer's page.
HISTORY_MONTHS = 12


class ScpValueScore(models.Model):
    """What one customer was worth in one run, and why. Written by the run, never changed.

    The reasons are told from the figures, as sentences in the language of the reader.

    A company has as many of these every night as customers, so a row costs no more than it must: links without foreign
    keys, each of which would look up a row and lock it, and no index that only small tables would use. Scores go with
    their run and their customer, whoever removes these, and a daily job sweeps up what a removal in the very moment of
    the writing has left (`_gc_loose`).
    """

    _name = 'scp.value.score'
    _description = "Customer Value Score"
    _order = 'date desc, value_score desc, id'
    _rec_name = 'customer_id'
    _log_access = False
    _check_company_auto = True

    run_id = LooseMany2one(
        comodel_name='scp.value.run', required=True, readonly=True, ondelete='cascade',
    )
    customer_id = LooseMany2one(
        comodel_name='scp.customer', required=True, readonly=True, ondelete='cascade',
        check_company=True,
    )
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    user_id = fields.Many2one(related='customer_id.user_id')
    team_id = fields.Many2one(related='customer_id.team_id')
    life_cycle_stage = fields.Selection(related='customer_id.life_cycle_stage', string="Life-Cycle Stage Today")
    # Company and day of the run, stored: for security rules, and to find the latest scores.
    company_id = LooseMany2one(
        comodel_name='res.company', required=True, readonly=True, ondelete='cascade',
    )
    date = fields.Date(required=True, readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    is_current = fields.Boolean(
        string="Current",
        compute='_compute_is_current',
        search='_search_is_current',
        help="Written by the latest run of the company.",
    )

    value_score = fields.Float(
        digits=(5, 1),
        readonly=True,
        aggregator='avg',
        help="0 to 100: a quarter for recency, 35 % for frequency and 40 % for money, unless the "
             "run was given other weights.",
    )
    grade_id = LooseMany2one(
        comodel_name='scp.grade', string="Value Grade", readonly=True, ondelete='restrict',
    )
    recency_days = fields.Integer(
        string="Days Since Last Order", readonly=True, aggregator='avg',
        help="Days from the last confirmed order to the day of the score.",
    )
    purchase_count = fields.Integer(
        string="Purchases", readonly=True,
        help="Days on which the customer ordered: several orders of one day are one purchase.",
    )
    order_count = fields.Integer(string="Orders", readonly=True)
    monetary = fields.Monetary(
        string="Net Sales", readonly=True,
        help="Untaxed amount of the confirmed orders less the credit notes for them.",
    )
    recency_score = fields.Integer(
        string="Recency", readonly=True, aggregator='avg',
        help="1 to 5, by the days since the last order, against the other customers.",
    )
    frequency_score = fields.Integer(
        string="Frequency", readonly=True, aggregator='avg',
        help="1 to 5, by the number of purchases, against the other customers.",
    )
    monetary_score = fields.Integer(
        string="Money", readonly=True, aggregator='avg',
        help="1 to 5, by the net sales, against the other customers.",
    )
    profit = fields.Monetary(
        string="Profit after Cost to Serve", readonly=True,
        help="Of the window. Only worked out where the value model weighs it.",
    )
    reasons = fields.Json(
        compute='_compute_reasons',
        help="What raises and lowers the score against the median customer, strongest first.",
    )
    card = fields.Json(
        compute='_compute_card',
        help="The score as shown to people: figures with their units, and reasons as sentences.",
    )

    # Scores of a run, of which a company has one at a time on its pages; one customer has one score in it.
    _run_customer_uniq = models.UniqueIndex(
        '(run_id, customer_id)', "A customer has one score in each run.",
    )
    # Latest score and history of a customer (`_compute_card`, `res.partner`).
    _customer_date_idx = models.Index("(customer_id, date DESC)")

    # === COMPUTE METHODS ===#

    @api.depends('run_id')
    def _compute_is_current(self):
        # sudo: whoever sees a score may know whether a newer one replaced it
        runs = self.env['scp.value.run'].sudo()._get_current_runs(self.company_id)
        for score in self:
            score.is_current = score.run_id in runs

    def _search_is_current(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        # sudo: as in the compute
        runs = self.env['scp.value.run'].sudo()._get_current_runs(self.env.companies)
        return [('run_id', 'in', runs.ids)]

    @api.depends('run_id')
    def _compute_reasons(self):
        """Told from the figures of the score and what the run compared them with."""
        components = self.env['scp.value.model']._get_components()
        names = sorted({component['field'] for component in components.values()})
        # by SQL, which knows no data from nothing
        figures = {row.pop('id'): row for row in self.env.execute_query_dict(SQL(
            "SELECT id, %s FROM scp_value_score WHERE id IN %s",
            SQL(", ").join(SQL("%(name)s::float8 AS %(name)s", name=SQL.identifier(name)) for name in names),
            tuple(self.ids),
        ))} if self.ids else {}
        for score in self:
            own = figures.get(score.id, {})
            # sudo: what all customers were compared with, for whoever may read the score
            score.reasons = score._explain(
                {code: own.get(component['field']) for code, component in components.items()},
                score.run_id.sudo().value_scales,
            )

    @api.depends('reasons', 'value_score')
    @api.depends_context('lang', 'uid')
    def _compute_card(self):
        history = self._get_history()
        references = self._get_references()
        for score in self:
            score.card = score._prepare_card(history, references)

    # === CRUD METHODS ===#

    def write(self, vals):
        raise UserError(self.env._(
            "The score of %(customer)s is a result and cannot be changed.",
            customer=self[:1].display_name,
        ))

    # === ACTIONS ===#

    @api.readonly
    def action_open_customer(self):
        """Open the page of the customer."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'res.partner',
            'res_id': self.partner_id.id,
            'views': [(False, 'form')],
        }

    @api.readonly
    def action_view_orders(self):
        """Open the orders that the score stands on."""
        self.ensure_one()
        # sudo: the window of the run, read by whoever may read the score
        run = self.run_id.sudo()
        start, stop = run._get_window_bounds(run.company_id, run.date_from, run.date_to)
        action = self.env['ir.actions.act_window']._for_xml_id('sale.action_orders')
        return action | {
            'display_name': self.env._("Orders of %(customer)s", customer=self.display_name),
            'domain': [
                ('partner_id.commercial_partner_id', '=', self.partner_id.id),
                ('company_id', '=', self.company_id.id),
                ('state', '=', 'sale'),
                ('date_order', '>=', start),
                ('date_order', '<', stop),
            ],
            'context': {},
        }

    # === BUSINESS METHODS ===#

    @api.model
    def _get_current_scores(self, customers):
        """The score of each customer in the latest run of his company.

        :param customers: `scp.customer`
        :return: the scores that the user may read; a customer without a purchase in the window of
            that run has none, whatever his earlier scores
        """
        # sudo: as in `_compute_is_current`
        runs = self.env['scp.value.run'].sudo()._get_current_runs(customers.company_id)
        return self.search([('run_id', 'in', runs.ids), ('customer_id', 'in', customers.ids)])

    def _get_history(self):
        """:return: {customer id: [(date, value, grade name), ...]}, oldest first: the last score of
            each month that has one"""
        history = {}
        if not self:
            return history
        self.env['scp.value.run'].flush_model(['state'])
        for customer_id, date, value, grade in self.env.execute_query(SQL(
            """
            SELECT DISTINCT ON (score.customer_id, date_trunc('month', score.date))
                   score.customer_id, score.date, score.value_score::float8, grade.name
              FROM scp_value_score score
              JOIN scp_value_run run ON run.id = score.run_id AND run.state = 'done'
              JOIN scp_grade grade ON grade.id = score.grade_id
             WHERE score.customer_id IN %s
          ORDER BY score.customer_id, date_trunc('month', score.date), score.date DESC, run.id DESC
            """,
            tuple(self.customer_id.ids),
        )):
            history.setdefault(customer_id, []).append((date, value, grade))
        return history

    def _get_references(self):
        """:return: {(run id, customer id): score in the run that this one is compared with}"""
        # sudo: which run is compared with is no secret; its scores are read by the user's rules
        reference_by_run = {run.id: run.reference_run_id.id for run in self.run_id.sudo()}
        scores = {
            (score.run_id.id, score.customer_id.id): score
            for score in self.search([
                ('run_id', 'in', list(filter(None, reference_by_run.values()))),
                ('customer_id', 'in', self.customer_id.ids),
            ])
        }
        return {
            (run_id, customer_id): scores[reference_id, customer_id]
            for run_id, reference_id in reference_by_run.items()
            for customer_id in self.customer_id.ids
            if (reference_id, customer_id) in scores
        }

    def _prepare_card(self, history, references):
        self.ensure_one()
        # sudo: window and parameters of the run, for whoever may read the score
        run = self.run_id.sudo()
        points = [
            {'date': format_date(self.env, date), 'value': value, 'grade': grade}
            for date, value, grade in history.get(self.customer_id.id, [])
            if date <= self.date
        ]
        reference = references.get((run.id, self.customer_id.id))
        sentences = self._get_reason_sentences()
        return {
            'score': formatLang(self.env, self.value_score, digits=1),
            'value': self.value_score,
            'grade': self.grade_id.name,
            'basis': self.env._(
                "%(basis)s. Compared with %(count)s customers.",
                basis=run._get_basis(),
                count=formatLang(self.env, run.customer_count, digits=0),
            ),
            'change': reference and self._get_change_sentence(reference),
            'dimensions': self._prepare_dimensions(),
            'raising': [reason for reason in sentences if reason['raises']],
            'lowering': [reason for reason in sentences if not reason['raises']],
            'history': points[-HISTORY_MONTHS:],
        }

    def _get_change_sentence(self, reference):
        values = {
            'date': format_date(self.env, reference.date),
            'points': formatLang(self.env, abs(self.value_score - reference.value_score), digits=1),
        }
        if self.value_score > reference.value_score:
            return self.env._("%(points)s points more than on %(date)s", **values)
        if self.value_score < reference.value_score:
            return self.env._("%(points)s points less than on %(date)s", **values)
        return self.env._("Unchanged since %(date)s", date=values['date'])

    def _prepare_dimensions(self):
        """:return: the three dimensions with their score and their figure in words"""
        return [
            {
                'code': 'recency',
                'label': self.env._("Recency"),
                'score': self.recency_score,
                'text': self._format_days(self.recency_days),
            },
            {
                'code': 'frequency',
                'label': self.env._("Frequency"),
                'score': self.frequency_score,
                'text': self._format_purchases(self.purchase_count),
            },
            {
                'code': 'monetary',
                'label': self.env._("Money"),
                'score': self.monetary_score,
                'text': self.currency_id.format(self.monetary),
            },
        ]

    def _format_days(self, days):
        if not days:
            return self.env._("last order today")
        if days == 1:
            return self.env._("last order yesterday")
        return self.env._("last order %(days)s days ago", days=formatLang(self.env, days, digits=0))

    def _format_purchases(self, purchases):
        if purchases == 1:
            return self.env._("1 purchase")
        return self.env._(
            "%(purchases)s purchases", purchases=formatLang(self.env, purchases, digits=0),
        )

    # === BUSINESS METHODS: REASONS ===#

    @api.model
    def _explain(self, figures, scales):
        """:param figures: {component: figure}, None for no data
        :param scales: as kept by the run; runs of which none were kept have no reasons
        :return: reasons, see `engine.value_reasons.explain`; nothing left to value is the only one there is"""
        if not scales:
            return []
        if (figures['monetary'] or 0) <= 0:
            return [{'code': 'refunded', 'value': figures['monetary'] or 0, 'points': -scales['base']}]
        return value_reasons.explain(figures, scales)

    def _get_reason_sentences(self):
        """:return: list of {'code', 'raises', 'text', 'points'}, strongest first; points are
            formatted with their sign"""
        self.ensure_one()
        sentences = []
        for reason in self.reasons or []:
            write = getattr(self, f"_get_reason_{reason['code']}", None)
            if not write:  # left by an addon that is no longer installed
                continue
            raises = reason['points'] > 0
            sentences.append({
                'code': reason['code'],
                'raises': raises,
                'text': write(reason, raises),
                'points': f"{'+' if raises else '−'}{formatLang(self.env, abs(reason['points']), digits=1)}",
            })
        return sentences

    def _get_reason_recency(self, reason, raises):
        days = int(reason['value'])
        values = self._prepare_comparison(reason, raises) | {'days': days}
        if raises and days == 0:
            return self.env._(
                "Ordered today, more recently than %(ahead)s of %(others)s customers.", **values)
        if raises and days == 1:
            return self.env._(
                "Ordered yesterday, more recently than %(ahead)s of %(others)s customers.",
                **values)
        if raises:
            return self.env._(
                "Last ordered %(days)s days ago, more recently than %(ahead)s of %(others)s "
                "customers.", **values)
        return self.env._(
            "Last ordered %(days)s days ago; %(ahead)s of %(others)s customers ordered more "
            "recently.", **values)

    def _get_reason_frequency(self, reason, raises):
        values = self._prepare_comparison(reason, raises) | {
            'count': int(reason['value']), 'months': self._get_window_months(),
        }
        if raises:
            return self.env._(
                "Bought %(count)s times in the last %(months)s months, more often than %(ahead)s "
                "of %(others)s customers.", **values)
        if values['count'] == 1:
            return self.env._(
                "Bought once in the last %(months)s months; %(ahead)s of %(others)s customers "
                "bought more often.", **values)
        return self.env._(
            "Bought %(count)s times in the last %(months)s months; %(ahead)s of %(others)s "
            "customers bought more often.", **values)

    def _get_reason_monetary(self, reason, raises):
        values = self._prepare_comparison(reason, raises) | {
            'amount': self.currency_id.format(reason['value']),
            'months': self._get_window_months(),
        }
        if raises:
            return self.env._(
                "Spent %(amount)s net of refunds in the last %(months)s months, more than "
                "%(ahead)s of %(others)s customers.", **values)
        return self.env._(
            "Spent %(amount)s net of refunds in the last %(months)s months; %(ahead)s of "
            "%(others)s customers spent more.", **values)

    def _get_reason_refunded(self, reason, raises):
        return self.env._(
            "Purchases less refunds of the last %(months)s months come to %(amount)s: nothing is "
            "left to value.",
            months=self._get_window_months(),
            amount=self.currency_id.format(reason['value']),
        )

    @api.model
    def _prepare_comparison(self, reason, raises):
        """How many of the other customers are behind (for what raises) or ahead (for what lowers): of all of them up to
        ten, in tenths and rounded down beyond."""
        return {'ahead': reason['below'] if raises else reason['above'], 'others': reason['others']}

    def _get_window_months(self):
        # sudo: as in `_prepare_card`
        return self.run_id.sudo().parameters['window_months']

    # === MAINTENANCE ===#

    @api.autovacuum
    def _gc_loose(self):
        """Remove scores whose run or customer was removed while they were written."""
        self.env.cr.execute(SQL(
            """
            DELETE FROM scp_value_score score
             WHERE NOT EXISTS (SELECT FROM scp_value_run run WHERE run.id = score.run_id)
                OR NOT EXISTS (SELECT FROM scp_customer customer WHERE customer.id = score.customer_id)
            """,
        ))
