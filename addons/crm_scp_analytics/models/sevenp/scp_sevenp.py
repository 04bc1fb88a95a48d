from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

P_CODES = (
    'profiling', 'persistency', 'profitability', 'performance', 'prospecting', 'product', 'promotion',
)


class ScpSevenp(models.Model):
    """A customer seen from seven sides, month by month: the 7P.

    One row per customer and month, written set-wise by the job; that of the present month is brought up to
    date each night, those before stay as they were. A figure nobody knows is empty, never 0, and so is
    the index of a P of which no figure is known.

    Indexes go from 0 to 100, 100 being best for us; `_get_index_expressions` says how each is made.
    """

    _name = 'scp.sevenp'
    _description = "7P of a Customer"
    _order = 'period desc, customer_id, id'
    _rec_name = 'customer_id'
    _log_access = False
    _check_company_auto = True

    customer_id = fields.Many2one(
        comodel_name='scp.customer', required=True, readonly=True, ondelete='cascade', check_company=True,
    )
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    user_id = fields.Many2one(related='customer_id.user_id')
    team_id = fields.Many2one(related='customer_id.team_id')
    grade_id = fields.Many2one(related='customer_id.grade_id')
    industry_id = fields.Many2one(related='customer_id.industry_id')
    country_id = fields.Many2one(related='customer_id.country_id')
    # Stored for security rules
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True, ondelete='cascade',
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    period = fields.Date(string="Month", required=True, readonly=True, help="First day of the month.")
    day = fields.Date(
        string="As Of", readonly=True, help="Figures are those of the twelve months up to this one.",
    )
    is_current = fields.Boolean(
        string="Latest", compute='_compute_is_current', search='_search_is_current',
        help="Of the latest month of the company.",
    )

    profiling = fields.Float(digits=(5, 1), readonly=True, aggregator='avg', help="How much of his profile is known.")
    persistency = fields.Float(
        digits=(5, 1), readonly=True, aggregator='avg',
        help="Mean of: time as a customer and chance that he still is one, each against the other customers, and "
             "the credit index.",
    )
    profitability = fields.Float(
        digits=(5, 1), readonly=True, aggregator='avg', help="His profit against that of the other customers.",
    )
    performance = fields.Float(
        digits=(5, 1), readonly=True, aggregator='avg',
        help="How we served him. Mean of: lines on time in full, orders without complaint, sales not given back.",
    )
    prospecting = fields.Float(
        digits=(5, 1), readonly=True, aggregator='avg',
        help="Mean of: revenue expected and weighted open deals, each against the other customers.",
    )
    product = fields.Float(
        digits=(5, 1), readonly=True, aggregator='avg',
        help="Mean of: number of products against the other customers, and sales beside his main product.",
    )
    promotion = fields.Float(
        digits=(5, 1), readonly=True, aggregator='avg',
        help="Mean of: mailings he responded to, and how little discount he needs against the other customers.",
    )

    missing = fields.Char(
        string="No Data", readonly=True, help="Technical names of the P of which nothing is known.",
    )

    # Profiling
    completeness = fields.Integer(string="Profile Completeness (%)", readonly=True, aggregator='avg')
    life_cycle_stage = fields.Selection(
        selection=lambda self: self.env['scp.customer']._fields['life_cycle_stage']._description_selection(self.env),
        readonly=True,
    )
    # Persistency
    first_day = fields.Date(string="First Order", readonly=True)
    purchase_count = fields.Integer(string="Purchases", readonly=True, help="Days with an order in twelve months.")
    usual_gap_days = fields.Float(
        string="Usual Days Between Orders", digits=(8, 1), readonly=True, aggregator='avg',
    )
    alive_probability = fields.Float(string="Still a Customer", readonly=True, aggregator='avg')
    credit_index = fields.Float(digits=(5, 1), readonly=True, aggregator='avg')
    # Profitability
    invoiced = fields.Monetary(readonly=True)
    cost_to_serve = fields.Monetary(readonly=True)
    profit = fields.Monetary(readonly=True)
    # Performance
    otif = fields.Float(
        string="On Time in Full", readonly=True, aggregator='avg', help="Known where deliveries are followed.",
    )
    complaint_count = fields.Integer(string="Complaints", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    refund_share = fields.Float(string="Given Back", readonly=True, aggregator='avg')
    # Prospecting
    open_weighted = fields.Monetary(
        string="Open Deals, Weighted", readonly=True, help="Expected revenue of open deals times their probability.",
    )
    expected_revenue = fields.Monetary(string="Revenue in 12 Months", readonly=True)
    next_order_date = fields.Date(string="Next Order Expected", readonly=True)
    # Product
    product_count = fields.Integer(string="Products", readonly=True, aggregator='avg')
    main_share = fields.Float(
        string="Share of the Main Product", readonly=True, aggregator='avg',
        help="Of what he ordered in twelve months.",
    )
    a_share = fields.Float(
        string="Share of A Products", readonly=True, aggregator='avg',
        help="Of what he ordered: products that together make the first 80 % of the sales of the company.",
    )
    again_product_id = fields.Many2one(
        comodel_name='product.product', string="Next Best Again", readonly=True,
        index='btree_not_null', ondelete='set null',
    )
    new_product_id = fields.Many2one(
        comodel_name='product.product', string="Next Best New", readonly=True,
        index='btree_not_null', ondelete='set null',
    )
    # Promotion
    mailing_count = fields.Integer(string="Mailings", readonly=True)
    response_share = fields.Float(
        string="Responded To", readonly=True, aggregator='avg', help="Mailings opened, clicked or answered.",
    )
    discount_share = fields.Float(
        string="Discount", readonly=True, aggregator='avg', help="Discount given, of the price without it.",
    )

    _customer_period_uniq = models.UniqueIndex('(customer_id, period)')

    # === COMPUTE METHODS ===#

    @api.depends('period', 'company_id')
    def _compute_is_current(self):
        latest = self._get_latest_periods(self.company_id)
        for row in self:
            row.is_current = row.period == latest.get(row.company_id)

    def _search_is_current(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        latest = self._get_latest_periods(self.env.companies)
        return Domain.OR(
            [('company_id', '=', company.id), ('period', '=', period)] for company, period in latest.items()
        )

    @api.model
    def _get_latest_periods(self, companies):
        """:return: {company: latest month}"""
        # sudo: which month is the latest is no secret
        return dict(self.sudo()._read_group([('company_id', 'in', companies.ids)], ['company_id'], ['period:max']))

    # === ACTIONS ===#

    @api.readonly
    def action_open_customer(self):
        """Open the page of the customer."""
        self.ensure_one()
        return self.customer_id.action_open_partner()

    @api.readonly
    def action_view_records(self, code):
        """Open what is behind a P.

        :param str code: one of `P_CODES`
        """
        self.ensure_one()
        if code not in P_CODES:
            raise UserError(self.env._("%(code)s is none of the seven P.", code=code))
        return getattr(self, f'_get_{code}_action')()
