from odoo import api, fields, models
from odoo.tools import SQL

from ...models.scorecard.scp_supply_spend import DEPENDS


class ScpCertificatePropagationReport(models.Model):
    """How far a requirement has come down the tiers: one row for each supplier of a tier.

    Tier 1 are those from whom goods of the requirement were ordered in the last twelve months, the tiers behind them
    those whom relations know. What was spent with a supplier is divided equally among those known behind him.
    """

    _name = 'scp.certificate.propagation.report'
    _description = "Propagation of Certificates"
    _auto = False
    _order = 'requirement_id, tier, amount desc, id'
    _rec_name = 'partner_id'
    _depends = {
        **DEPENDS,
        'product.product': ['product_tmpl_id'],
        'product.template': ['categ_id'],
        'scp.certificate': [
            'categ_ids', 'coc_model', 'company_id', 'date_from', 'date_to', 'is_waiver', 'partner_id', 'product_ids',
            'standard_id', 'state', 'void_from', 'void_to',
        ],
        'scp.certificate.requirement': [
            'active', 'categ_ids', 'coc_model', 'company_id', 'date_from', 'date_to', 'product_ids', 'standard_id',
            'tier',
        ],
        'scp.relation': [
            'active', 'categ_ids', 'company_id', 'date_end', 'date_start', 'partner_id', 'product_ids', 'role',
            'upstream_relation_id',
        ],
    }

    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    requirement_id = fields.Many2one('scp.certificate.requirement', readonly=True)
    standard_id = fields.Many2one('scp.standard', readonly=True)
    tier = fields.Integer(readonly=True, aggregator=None, help="1: delivers to us. 2: stands behind him. And so on.")
    is_asked = fields.Boolean(string="Asked for", readonly=True, help="The requirement goes as far as this tier.")
    partner_id = fields.Many2one('res.partner', string="Supplier", readonly=True)
    before_id = fields.Many2one('res.partner', string="Stands behind", readonly=True)
    state = fields.Selection(
        [('reached', "Reached"), ('broken', "Chain Ends Here"), ('beyond', "Beyond the End")],
        readonly=True,
        help="Reached: he and everybody between him and us hold a certificate that is valid today. Chain ends here: "
        "he is the first without.",
    )
    is_open_end = fields.Boolean(
        string="Nobody Known Behind", readonly=True,
        help="Reached, but the requirement goes further and no relation says who supplies him.")
    supplier_count = fields.Integer(string="Suppliers", readonly=True)
    covered_count = fields.Integer(string="With Certificate", readonly=True)
    propagation_rate = fields.Float(
        readonly=True, aggregator='avg', help="Suppliers with a valid certificate over all of the tier.")
    amount = fields.Monetary(
        string="Spend", readonly=True,
        help="Ordered in the last twelve months; behind the first tier the part that stands on him.")
    covered_amount = fields.Monetary(string="Spend with Certificate", readonly=True)
    spend_rate = fields.Float(
        string="Propagation by Spend", readonly=True, aggregator='avg',
        help="Spend that stands on suppliers with a valid certificate, over all spend that is known at the tier.")
    depth = fields.Integer(
        string="Cascade Depth", readonly=True, aggregator='max',
        help="The last tier down to which there is a chain of suppliers who all hold a certificate.")

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        # No id depends on other rows: a click opens the supplier that was seen. Below 2^53, as JavaScript counts.
        return SQL(
            """
            WITH RECURSIVE bought AS (%(bought)s),
            chain AS (
                SELECT bought.*, NULL::int AS before_id, 1 AS tier, %(covered_bought)s AS is_covered, TRUE AS is_open
                  FROM bought
                 UNION ALL
                SELECT chain.company_id, chain.requirement_id, chain.product_id, behind.partner_id,
                       chain.amount / behind.count, chain.partner_id, chain.tier + 1, %(covered_behind)s,
                       chain.is_open AND chain.is_covered
                  FROM chain
            CROSS JOIN LATERAL (%(behind)s) behind
            )
            SELECT (chain.requirement_id::bigint << 33) + (chain.tier::bigint << 28) + chain.partner_id AS id,
                   chain.company_id, chain.requirement_id, requirement.standard_id, chain.tier,
                   chain.tier <= requirement.tier AS is_asked, chain.partner_id, MIN(chain.before_id) AS before_id,
                   CASE WHEN NOT bool_and(chain.is_open) THEN 'beyond'
                        WHEN bool_and(chain.is_covered) THEN 'reached' ELSE 'broken' END AS state,
                   bool_and(chain.is_open AND chain.is_covered AND chain.tier < requirement.tier)
                       AND NOT EXISTS (SELECT FROM chain further
                                        WHERE further.requirement_id = chain.requirement_id
                                          AND further.before_id = chain.partner_id
                                          AND further.tier = chain.tier + 1) AS is_open_end,
                   1 AS supplier_count,
                   bool_and(chain.is_covered)::int AS covered_count,
                   bool_and(chain.is_covered)::int AS propagation_rate,
                   SUM(chain.amount) AS amount,
                   COALESCE(SUM(chain.amount) FILTER (WHERE chain.is_covered), 0) AS covered_amount,
                   COALESCE(SUM(chain.amount) FILTER (WHERE chain.is_covered), 0) / SUM(chain.amount) AS spend_rate,
                   CASE WHEN bool_and(chain.is_open AND chain.is_covered) THEN chain.tier ELSE 0 END AS depth
              FROM chain
              JOIN scp_certificate_requirement requirement ON requirement.id = chain.requirement_id
          GROUP BY chain.company_id, chain.requirement_id, requirement.standard_id, requirement.tier, chain.tier,
                   chain.partner_id
            """,
            bought=self._get_bought(), behind=self._get_behind(),
            covered_bought=self._get_covered(SQL("bought")),
            covered_behind=self._get_covered(SQL("behind")),
        )

    @api.model
    def _get_bought(self) -> SQL:
        """What was ordered of whom in twelve months, by requirement in force and product."""
        return SQL(
            """
            SELECT spend.company_id, requirement.id AS requirement_id, spend.product_id,
                   spend.supplier_id AS partner_id, SUM(spend.amount) AS amount
              FROM (%(spend)s) spend
              JOIN scp_certificate_requirement requirement
                ON requirement.company_id = spend.company_id AND requirement.active
               AND requirement.date_from <= %(today)s
               AND (requirement.date_to IS NULL OR requirement.date_to >= %(today)s)
               AND %(of_product)s
             WHERE spend.day > (%(today)s::date - INTERVAL '1 year')::date AND spend.day <= %(today)s
          GROUP BY spend.company_id, requirement.id, spend.product_id, spend.supplier_id
            HAVING SUM(spend.amount) > 0
            """,
            spend=self.env['scp.supply.spend']._get_query(), today=fields.Date.context_today(self),
            of_product=self.env['scp.certificate.requirement']._get_scope_condition(
                SQL("requirement"), SQL("spend.product_id")),
        )

    @api.model
    def _get_behind(self) -> SQL:
        """Who stands behind a supplier of a ``chain`` with the product, and how many they are."""
        return SQL(
            """
            SELECT behind.partner_id, chain.requirement_id, chain.product_id, chain.company_id,
                   COUNT(*) OVER () AS count
              FROM scp_relation through
              JOIN scp_relation behind ON behind.upstream_relation_id = through.id AND behind.active
               AND behind.role = 'supplier'
             WHERE through.partner_id = chain.partner_id AND through.company_id = chain.company_id
               AND through.role = 'supplier' AND through.active
               AND (behind.date_start IS NULL OR behind.date_start <= %(today)s)
               AND (behind.date_end IS NULL OR behind.date_end >= %(today)s)
               AND %(of_relation)s
            """,
            today=fields.Date.context_today(self),
            of_relation=self.env['scp.relation']._get_scope_condition(SQL("behind"), SQL("chain.product_id")),
        )

    @api.model
    def _get_covered(self, holder: SQL) -> SQL:
        """Whether a holder has a certificate that is valid today for the product; an exemption is none.

        :param holder: alias with ``partner_id``, ``product_id``, ``requirement_id`` and ``company_id``
        """
        Certificate = self.env['scp.certificate']
        return SQL(
            """
            EXISTS (SELECT FROM scp_certificate certificate, scp_certificate_requirement asked
                     WHERE asked.id = %(holder)s.requirement_id
                       AND certificate.partner_id = %(holder)s.partner_id
                       AND certificate.standard_id = asked.standard_id
                       AND certificate.company_id = %(holder)s.company_id
                       AND certificate.is_waiver IS NOT TRUE
                       AND %(covers)s AND %(of_certificate)s AND %(of_model)s)
            """,
            holder=holder,
            covers=Certificate._get_cover_condition(SQL("%s::date", fields.Date.context_today(self))),
            of_certificate=Certificate._get_scope_condition(SQL("certificate"), SQL("%s.product_id", holder)),
            of_model=Certificate._get_model_condition(SQL("asked.coc_model")),
        )

    # === AGGREGATES === #

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == 'spend_rate:avg':
            self._check_field_access(self._fields['spend_rate'], 'read')
            table = SQL.identifier(query.table)
            return SQL("SUM(%s.covered_amount)::float8 / NULLIF(SUM(%s.amount), 0)", table, table)
        return super()._read_group_select(aggregate_spec, query)

    # === ACTIONS === #

    @api.readonly
    def action_open_partner(self):
        """The certificates of the supplier, of this standard."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_certificate_action')
        return action | {
            'domain': [('partner_id', '=', self.partner_id.id), ('standard_id', '=', self.standard_id.id)],
            'context': {'default_partner_id': self.partner_id.id, 'default_standard_id': self.standard_id.id},
        }
