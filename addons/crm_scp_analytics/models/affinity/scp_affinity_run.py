import logging
import time

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang

_logger = logging.getLogger(__name__)

# Days after which the scheduled job looks at a company again.
RENEW_DAYS = 6


class ScpAffinityRun(models.Model):
    """One look at the orders of a company for what is bought together, again, and next.

    A scheduled job asks for it once a week, a manager whenever he likes; another job works on the
    runs that wait, one company after the other. What a run finds replaces what the run before found, in
    one transaction for each company: a run that was killed waits still, and begins anew.
    """

    _name = 'scp.affinity.run'
    _description = "Product Affinity Run"
    _order = 'id desc'
    _rec_name = 'create_date'
    _check_company_auto = True

    # Orders that show a pair together, and orders or customers that a product needs to be looked at.
    _TOGETHER_MIN = 3
    _SUPPORT_MIN = 3
    # Share of chance finds among the pairs that are kept, and how many of them for a product.
    _FALSE_DISCOVERY = 0.05
    _PAIRS_PER_PRODUCT = 20
    # Suggestions of either kind that a customer gets.
    _SUGGESTIONS = 6
    # Products that are compared with each other customer by customer: a matrix of 72 MB.
    _PRODUCTS_MAX = 3000
    # Days for which a purchase is expected again.
    _HORIZON_DAYS = 91

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True, ondelete='cascade',
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        selection=[('waiting', "Waiting"), ('done', "Done"), ('failed', "Failed")],
        default='waiting', required=True, readonly=True,
    )
    date_from = fields.Date(string="Orders From", readonly=True)
    date_to = fields.Date(string="Orders To", readonly=True)
    basket_count = fields.Integer(
        string="Orders", readonly=True, aggregator=None,
        help="Confirmed orders with at least one product.",
    )
    customer_count = fields.Integer(string="Customers", readonly=True, aggregator=None)
    product_count = fields.Integer(string="Products", readonly=True, aggregator=None)
    tested_count = fields.Integer(
        string="Pairs Tried", readonly=True, aggregator=None,
        help="All pairs of products with enough orders, those never bought together included.",
    )
    pair_count = fields.Integer(
        string="Pairs Found", readonly=True, aggregator=None,
        help="Pairs bought together more often than chance explains: of twenty at most one by chance.",
    )
    suggestion_count = fields.Integer(string="Suggestions", readonly=True, aggregator=None)
    found_share = fields.Float(
        string="Found Again", readonly=True, aggregator=None,
        help="One product of each customer was kept from the method: how often it was among the first "
             "ten it would have suggested. 0 where too few customers have two products.",
    )
    found_share_popular = fields.Float(
        string="Found by Popularity", readonly=True, aggregator=None,
        help="The same, had everybody been offered what most customers buy.",
    )
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator='avg')
    error = fields.Text(readonly=True)
    outcome = fields.Char(compute='_compute_outcome')

    # === COMPUTE METHODS ===#

    @api.depends('state', 'basket_count', 'pair_count', 'suggestion_count')
    @api.depends_context('lang')
    def _compute_outcome(self):
        for run in self:
            run.outcome = run._get_outcome()

    # === ACTIONS ===#

    def action_request(self):
        """Have the products of the current company looked at anew, by the scheduled job.

        :return: a notification
        """
        if not self.env.user.has_group('crm_scp_core.group_scp_manager'):
            raise AccessError(self.env._("Only managers may have product suggestions renewed."))
        # sudo: managers start the job; nobody edits runs by hand
        runs = self.sudo()
        if not runs.search_count([('company_id', '=', self.env.company.id), ('state', '=', 'waiting')], limit=1):
            runs.create({'company_id': self.env.company.id})
        runs._trigger_job()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'info',
                'message': self.env._("Product suggestions of %(company)s will be renewed within minutes.",
                                      company=self.env.company.name),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    # === SCHEDULED JOBS ===#

    @api.model
    def _cron_request(self):
        """Have every company looked at that has orders in the window, once a week."""
        self.create([{'company_id': company.id} for company in self._get_due_companies()])
        self._trigger_job()

    @api.model
    def _cron_run(self):
        """Work on the runs that wait, each company apart."""
        runs = self.search([('state', '=', 'waiting')], order='id')
        cron = self.env['ir.cron']
        time_left = cron._commit_progress(remaining=len(runs))
        for run in runs:
            if not time_left:
                break
            run._execute()
            time_left = cron._commit_progress(1)

    @api.model
    def _trigger_job(self):
        # sudo: managers start the job, which they may not read
        self.env.ref('crm_scp_analytics.ir_cron_scp_affinity_run').sudo()._trigger()

    @api.model
    def _get_due_companies(self):
        """Companies with an order in the window that nobody looked at for a week."""
        since = fields.Datetime.now() - relativedelta(days=RENEW_DAYS)
        recent = self.search([
            '|', ('state', '=', 'waiting'), ('create_date', '>=', since),
        ]).company_id
        Run = self.env['scp.value.run']
        due = self.env['res.company']
        for company in self.env['res.company'].search([('id', 'not in', recent.ids)]):
            today = Run._get_today(company)
            start, stop = Run._get_window_bounds(company, Run._get_date_from(today), today)
            if self.env['sale.order'].search_count([
                ('company_id', '=', company.id), ('state', '=', 'sale'),
                ('date_order', '>=', start), ('date_order', '<', stop),
            ], limit=1):
                due += company
        return due

    # === BUSINESS METHODS ===#

    def _execute(self):
        """Look at the orders, and put the outcome on the run, whatever happens."""
        self.ensure_one()
        start = time.monotonic()
        try:
            with self.env.cr.savepoint():
                values = self._find()
            self.write(values | {'state': 'done', 'duration': time.monotonic() - start})
        except Exception as error:
            _logger.exception("Looking for product affinities of %s failed", self.company_id.name)
            self.write({'state': 'failed', 'error': str(error) or type(error).__name__})

    def _find(self) -> dict:
        """:return: values of the run"""
        from ...engine import affinity  # noqa: PLC0415  numpy is loaded by the process that looks

        Run = self.env['scp.value.run']
        self.date_to = Run._get_today(self.company_id)
        self.date_from = Run._get_date_from(self.date_to)
        bought, _orders, products = affinity.matrix(*self._fetch_baskets().values())
        values = {'basket_count': bought.shape[0], 'product_count': bought.shape[1]}
        values |= self._find_pairs(bought, products)
        return values | self._find_suggestions()

    def _find_pairs(self, bought, products) -> dict:
        """Replace the pairs of the company.

        :param bought: matrix of orders and products
        :param products: ids of the products
        :return: values of the run
        """
        import numpy as np  # noqa: PLC0415  as in `_find`

        from ...engine import affinity  # noqa: PLC0415  as in `_find`

        seen = affinity.pairs(bought, together_min=self._TOGETHER_MIN, support_min=self._SUPPORT_MIN)
        q = seen.false_discovery
        clear = q <= self._FALSE_DISCOVERY
        q, seen = q[clear], seen.take(clear)
        # either way round: what else for the one, and for the other
        both = {
            'product_id': np.concatenate((products[seen.first], products[seen.second])),
            'other_product_id': np.concatenate((products[seen.second], products[seen.first])),
            'together_count': np.tile(seen.together, 2),
            'product_count': np.concatenate((seen.first_count, seen.second_count)),
            'other_count': np.concatenate((seen.second_count, seen.first_count)),
            'lift': np.tile(seen.lift, 2),
            'g2': np.tile(seen.g2, 2),
            'false_discovery': np.tile(q, 2),
        }
        order = np.lexsort((both['other_product_id'], -both['g2'], both['product_id']))
        owner = both['product_id'][order]
        place = np.arange(len(order)) - np.searchsorted(owner, owner)
        kept = order[place < self._PAIRS_PER_PRODUCT]
        self._unlink_found('scp.affinity.pair')
        self._insert('scp.affinity.pair', {name: column[kept] for name, column in both.items()})
        return {'tested_count': seen.tested, 'pair_count': len(q)}

    def _find_suggestions(self) -> dict:
        """Replace the suggestions of the customers of the company.

        :return: values of the run
        """
        from ...engine import affinity  # noqa: PLC0415  as in `_find`

        self._unlink_found('scp.affinity.suggestion')
        owned = self._fetch_owned()
        bought, customers, products = affinity.matrix(owned['customer_id'], owned['product_id'])
        count = self._write_again(owned)
        new_count, values = self._write_new(bought, customers, products)
        return values | {'customer_count': len(customers), 'suggestion_count': count + new_count}

    def _write_again(self, owned) -> int:
        """Suggest what customers bought on two days or more.

        :param owned: columns of `_fetch_owned`
        :return: number of suggestions
        """
        import numpy as np  # noqa: PLC0415  as in `_find`

        from ...engine import next_product  # noqa: PLC0415  as in `_find`
        from ...engine.frame import NotEnoughData  # noqa: PLC0415  as in `_find`

        end = (self.date_to - fields.Date.to_date('1970-01-01')).days
        try:
            expected = next_product.again(
                owned['day_count'], owned['first_day'], owned['last_day'], end, self._HORIZON_DAYS,
            )
        except NotEnoughData:
            return 0
        order = np.lexsort((owned['product_id'], -expected, owned['customer_id']))
        order = order[owned['day_count'][order] >= 2]
        customer = owned['customer_id'][order]
        place = np.arange(len(order)) - np.searchsorted(customer, customer)
        order, place = order[place < self._SUGGESTIONS], place[place < self._SUGGESTIONS]
        return self._insert_suggestions('again', {
            'customer_id': owned['customer_id'][order],
            'product_id': owned['product_id'][order],
            'rank': place + 1,
            'score': expected[order],
            'day_count': owned['day_count'][order],
            'first_day': owned['first_day'][order],
            'last_day': owned['last_day'][order],
        })

    def _write_new(self, bought, customers, products) -> tuple[int, dict]:
        """Suggest what customers have not bought, and others like them, or most others, have.

        :param bought: matrix of customers and products
        :return: number of suggestions, values of the run
        """
        import numpy as np  # noqa: PLC0415  as in `_find`

        from ...engine import next_product  # noqa: PLC0415  as in `_find`
        from ...engine.frame import NotEnoughData  # noqa: PLC0415  as in `_find`

        support = np.bincount(bought.indices, minlength=bought.shape[1])
        # the most bought ones, in the order they came
        kept = np.sort(np.argsort(-support, kind='stable')[:self._PRODUCTS_MAX])
        bought, products = bought[:, kept], products[kept]
        try:
            model = next_product.fit(bought)
        except NotEnoughData:
            return 0, {'found_share': 0, 'found_share_popular': 0}
        count = sum(
            self._insert_suggestions('new', {
                'customer_id': customers[part.row],
                'product_id': products[part.column],
                'rank': part.rank,
                'score': part.score,
                'because_product_id': np.where(part.because < 0, np.nan, products[part.because]),
            })
            for part in next_product.suggest(bought, model.weights, self._SUGGESTIONS)
        )
        return count, {'found_share': model.found, 'found_share_popular': model.found_popular}

    def _get_outcome(self):
        """:return: one sentence about what the run did"""
        self.ensure_one()
        if self.state == 'waiting':
            return self.env._("Waiting for the scheduled job, which starts within minutes.")
        if self.state == 'failed':
            return self.env._("Nothing was changed. The error is recorded below.")
        if not self.basket_count:
            return self.env._("No confirmed order with a product: nothing to suggest.")
        return self.env._(
            "%(pairs)s pairs of products in %(orders)s orders, %(suggestions)s suggestions for "
            "%(customers)s customers.",
            pairs=formatLang(self.env, self.pair_count, digits=0),
            orders=formatLang(self.env, self.basket_count, digits=0),
            suggestions=formatLang(self.env, self.suggestion_count, digits=0),
            customers=formatLang(self.env, self.customer_count, digits=0),
        )
