from odoo import api, fields, models
from odoo.tools import SQL

from ...models.scorecard.scp_supply_spend import DEPENDS

# Years compared: each the twelve months before the next, the last one up to today
YEARS = 3
RATE = {'readonly': True, 'aggregator': 'avg'}


class ScpSupplyShareReport(models.Model):
    """What each supplier has of what is spent in a product category, by twelve months up to today."""

    _name = 'scp.supply.share.report'
    _description = "Suppliers of a Category"
    _auto = False
    _order = 'date_to desc, amount desc, id'
    _rec_name = 'partner_id'
    _depends = {
        **DEPENDS,
        'product.product': ['product_tmpl_id'],
        'product.template': ['categ_id'],
        'product.supplierinfo': ['partner_id', 'product_tmpl_id'],
        'scp.delivery.report': ['otif_request'],
        'scp.relation': ['active', 'company_id', 'partner_id', 'role', 'upstream_relation_id'],
        'scp.scorecard': ['date_to', 'is_rated', 'partner_id', 'role', 'score', 'standing', 'state', 'tone', 'version'],
    }

    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    categ_id = fields.Many2one('product.category', string="Product Category", readonly=True)
    partner_id = fields.Many2one('res.partner', string="Supplier", readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="Twelve Months to", readonly=True)
    is_current = fields.Boolean(string="Last Twelve Months", readonly=True)
    amount = fields.Monetary(string="Spend", readonly=True, help="Confirmed purchase orders, untaxed.")
    share = fields.Float(readonly=True, aggregator=None, help="Of what is spent in the category.")
    place = fields.Integer(readonly=True, aggregator=None, help="1: the supplier most is spent with.")
    product_count = fields.Integer(string="Products", readonly=True)
    single_share = fields.Float(
        string="Single-source Share", **RATE,
        help="Spend on products that came from nobody else in these twelve months, over all spend.")
    captive_share = fields.Float(
        string="Without Alternative", **RATE,
        help="Spend on single-source products that have no other vendor on their price list either, over all spend.")
    tier2_share = fields.Float(
        string="Second Tier Known", **RATE,
        help="Spend with suppliers of whom a supplier is known, over all spend.")
    price_drift = fields.Float(
        **RATE, help="Change of unit prices against the twelve months before: the Fisher index of what was bought from "
        "the same supplier in both, less one.")
    has_price_drift = fields.Boolean(string="Prices Compared", readonly=True)
    otif = fields.Float(
        string="OTIF to Request", **RATE,
        help="Order lines delivered on time in full by the requested date, of those due.")
    line_count = fields.Integer(string="Lines Due", readonly=True)
    standing = fields.Char(string="Standing Now", readonly=True)
    tone = fields.Char(string="Colour", readonly=True)

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            WITH period AS (%(periods)s),
                 bought AS (%(bought)s),
                 supplier AS (%(suppliers)s),
                 delivered AS (%(delivered)s)
            SELECT ROW_NUMBER() OVER (
                       ORDER BY supplier.year, supplier.company_id, supplier.categ_id, supplier.amount DESC,
                                supplier.partner_id) AS id,
                   supplier.*,
                   company.currency_id,
                   period.date_from,
                   period.date_to,
                   supplier.year = 0 AS is_current,
                   supplier.amount / SUM(supplier.amount) OVER category AS share,
                   ROW_NUMBER() OVER (category ORDER BY supplier.amount DESC, supplier.partner_id) AS place,
                   COALESCE(supplier.single_amount, 0) / supplier.amount AS single_share,
                   COALESCE(supplier.captive_amount, 0) / supplier.amount AS captive_share,
                   (supplier.tier2_amount > 0)::int AS tier2_share,
                   %(drift)s AS price_drift,
                   supplier.past_old IS NOT NULL AS has_price_drift,
                   delivered.kept::float8 / NULLIF(delivered.line_count, 0) AS otif,
                   delivered.kept,
                   COALESCE(delivered.line_count, 0) AS line_count,
                   card.standing,
                   card.tone
              FROM supplier
              JOIN period ON period.year = supplier.year
              JOIN res_company company ON company.id = supplier.company_id
         LEFT JOIN delivered
                ON delivered.year = supplier.year AND delivered.company_id = supplier.company_id
               AND delivered.categ_id = supplier.categ_id AND delivered.partner_id = supplier.partner_id
         LEFT JOIN LATERAL (
                   SELECT standing, tone
                     FROM scp_scorecard
                    WHERE partner_id = supplier.partner_id AND company_id = supplier.company_id AND role = 'supplier'
                      AND is_rated AND state IN ('frozen', 'published')
                 ORDER BY date_to DESC, version DESC, id DESC
                    LIMIT 1
              ) card ON TRUE
            WINDOW category AS (PARTITION BY supplier.year, supplier.company_id, supplier.categ_id)
            """,
            periods=self._get_periods(), bought=self._get_bought(), suppliers=self._get_suppliers(),
            delivered=self._get_delivered(), drift=self._get_drift(SQL("supplier"), aggregate=False),
        )

    @api.model
    def _get_periods(self) -> SQL:
        """Twelve months each; one more than are shown, to compare prices with."""
        return SQL(
            """
            SELECT year,
                   (%(today)s::date - (year + 1) * INTERVAL '1 year')::date + 1 AS date_from,
                   (%(today)s::date - year * INTERVAL '1 year')::date AS date_to
              FROM generate_series(0, %(years)s) year
            """, today=fields.Date.context_today(self), years=YEARS)

    @api.model
    def _get_bought(self) -> SQL:
        """Spend by year, supplier and product, and from how many suppliers the product came."""
        return SQL(
            """
            SELECT period.year, spend.company_id, template.categ_id, spend.supplier_id AS partner_id,
                   spend.product_id, product.product_tmpl_id,
                   SUM(spend.amount) AS amount, SUM(spend.qty) AS qty, SUM(spend.amount) / SUM(spend.qty) AS price,
                   COUNT(*) OVER (PARTITION BY period.year, spend.company_id, spend.product_id) AS source_count
              FROM (%s) spend
              JOIN period ON spend.day BETWEEN period.date_from AND period.date_to
              JOIN product_product product ON product.id = spend.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
          GROUP BY period.year, spend.company_id, template.categ_id, spend.supplier_id, spend.product_id,
                   product.product_tmpl_id
            HAVING SUM(spend.amount) > 0
            """, self.env['scp.supply.spend']._get_query())

    @api.model
    def _get_suppliers(self) -> SQL:
        """Spend by year, category and supplier; sums of both baskets of the price index."""
        return SQL(
            """
            SELECT bought.year, bought.company_id, bought.categ_id, bought.partner_id,
                   SUM(bought.amount) AS amount,
                   COUNT(*) AS product_count,
                   SUM(bought.amount) FILTER (WHERE bought.source_count = 1) AS single_amount,
                   SUM(bought.amount) FILTER (WHERE bought.source_count = 1 AND NOT choice.is_open) AS captive_amount,
                   SUM(bought.amount) FILTER (WHERE deeper.is_known) AS tier2_amount,
                   SUM(bought.price * past.qty) AS present_old, SUM(past.price * past.qty) AS past_old,
                   SUM(bought.price * bought.qty) FILTER (WHERE past.qty IS NOT NULL) AS present_new,
                   SUM(past.price * bought.qty) AS past_new
              FROM bought
         LEFT JOIN bought past
                ON past.year = bought.year + 1 AND past.company_id = bought.company_id
               AND past.partner_id = bought.partner_id AND past.product_id = bought.product_id
        CROSS JOIN LATERAL (
                   SELECT EXISTS (
                       SELECT FROM product_supplierinfo info
                         JOIN res_partner vendor ON vendor.id = info.partner_id
                        WHERE info.product_tmpl_id = bought.product_tmpl_id
                          AND vendor.commercial_partner_id <> bought.partner_id
                   ) AS is_open) choice
        CROSS JOIN LATERAL (
                   SELECT EXISTS (
                       SELECT FROM scp_relation direct
                         JOIN scp_relation second ON second.upstream_relation_id = direct.id AND second.active
                        WHERE direct.partner_id = bought.partner_id AND direct.company_id = bought.company_id
                          AND direct.role = 'supplier' AND direct.active
                   ) AS is_known) deeper
             WHERE bought.year < %s
          GROUP BY bought.year, bought.company_id, bought.categ_id, bought.partner_id
            """, YEARS)

    @api.model
    def _get_delivered(self) -> SQL:
        """Lines due by request and those of them that were kept, by year, category and supplier."""
        return SQL(
            """
            SELECT period.year, fact.company_id, fact.categ_id, fact.commercial_partner_id AS partner_id,
                   SUM(fact.otif_request) AS kept, COUNT(fact.otif_request) AS line_count
              FROM (%s) fact
              JOIN period ON fact.day BETWEEN period.date_from AND period.date_to
             WHERE fact.direction = 'in'
          GROUP BY 1, 2, 3, 4
            """, self.env['scp.delivery.report']._table_query)

    @api.model
    def _get_drift(self, table: SQL, aggregate=True) -> SQL:
        """Fisher's index less one, of one row or over many: the baskets are added up before they are divided."""
        present_old, past_old, present_new, past_new = (
            SQL("SUM(%s)", column) if aggregate else column for column in (
                SQL("%s.%s", table, SQL.identifier(name))
                for name in ('present_old', 'past_old', 'present_new', 'past_new')))
        return SQL(
            "SQRT(%s / NULLIF(%s, 0) * %s / NULLIF(%s, 0))::float8 - 1",
            present_old, past_old, present_new, past_new)

    # === AGGREGATES === #

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(':')
        if function == 'avg' and name in self._fields:
            if aggregate := self._get_aggregate(name, SQL.identifier(query.table)):
                self._check_field_access(self._fields[name], 'read')
                return aggregate
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _get_weights(self) -> dict[str, tuple[str, str]]:
        """Rates that are sum over sum: the columns of numerator and denominator."""
        return {
            'single_share': ('single_amount', 'amount'),
            'captive_share': ('captive_amount', 'amount'),
            'tier2_share': ('tier2_amount', 'amount'),
            'otif': ('kept', 'line_count'),
        }

    @api.model
    def _get_aggregate(self, name, table: SQL) -> SQL | None:
        """A rate over many rows of ``table``; None where it is the plain average of its column."""
        if name == 'price_drift':
            return self._get_drift(table)
        if weights := self._get_weights().get(name):
            part, whole = (SQL("%s.%s", table, SQL.identifier(column)) for column in weights)
            return SQL("COALESCE(SUM(%s), 0)::float8 / NULLIF(SUM(%s), 0)", part, whole)
        return None
