from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang


class ScpCustomer(models.Model):
    """Live figures of a customer: read from the documents when they are shown, never stored.

    Everything here works on sets: one statement whatever the number of customers. A figure that
    a user opens must lead to the same records, so money follows the record rules of the reader;
    the date of the last contact does not, for it says nothing but that somebody talked to him.
    """

    _inherit = 'scp.customer'

    open_amount = fields.Monetary(
        string="Open Money",
        currency_field='currency_id',
        compute='_compute_open_money',
        help="Expected revenue of the open deals, plus quotations that belong to no open deal, "
             "untaxed, in the currency of the company.",
    )
    open_deal_count = fields.Integer(
        string="Open Deals",
        compute='_compute_open_money',
        help="Opportunities neither won nor lost.",
    )
    open_quotation_count = fields.Integer(
        string="Open Quotations",
        compute='_compute_open_money',
        help="Quotations, draft or sent, that belong to no open deal.",
    )
    last_contact_date = fields.Datetime(
        string="Last Contact",
        compute='_compute_last_contact_date',
        help="Last message exchanged with the customer, or last activity done, on his contacts, "
             "deals and orders.",
    )
    is_to_call = fields.Boolean(
        string="To Call",
        compute='_compute_is_to_call',
        search='_search_is_to_call',
        help="Nothing is planned with this customer, and nobody was in contact for a while.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('partner_id', 'company_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_open_money(self):
        rows = {}
        if self.ids:
            rows = {
                customer_id: figures
                for customer_id, *figures in self.env.execute_query(SQL(
                    """SELECT c.id, m.amount, m.deals, m.quotations
                         FROM scp_customer c
                         JOIN (%s) m ON m.partner_id = c.partner_id AND m.company_id = c.company_id
                        WHERE c.id IN %s""",
                    self._get_open_money_query(self.partner_id), tuple(self.ids),
                ))
            }
        # most have nothing open: a value for many at once costs as much as for one
        self.open_amount = self.open_deal_count = self.open_quotation_count = 0
        for customer in self.filtered(lambda customer: customer._origin.id in rows):
            amount, deals, quotations = rows[customer._origin.id]
            customer.open_amount = amount
            customer.open_deal_count = deals
            customer.open_quotation_count = quotations

    @api.depends('partner_id', 'company_id')
    def _compute_last_contact_date(self):
        dates = {}
        if self.ids:
            # sudo: a date alone, and a colleague's call counts as much as one's own
            dates = dict(self.env.execute_query(
                self.sudo()._get_last_contact_query(self._origin._get_hub_values())))
        for customer in self:
            customer.last_contact_date = dates.get(customer._origin.id, False)

    @api.depends('partner_id', 'company_id')
    def _compute_is_to_call(self):
        to_call = self.search([('id', 'in', self.ids), ('is_to_call', '=', True)])
        for customer in self:
            customer.is_to_call = customer._origin in to_call

    def _search_is_to_call(self, operator, value):
        if operator != 'in':
            return NotImplemented
        hub = SQL("SELECT id, partner_id, company_id FROM scp_customer WHERE company_id IN %s",
                  tuple(self.env.companies.ids))
        # sudo: as for the last contact, what a colleague did or plans counts
        domain = Domain('id', 'not in', self.sudo()._get_occupied_query(hub))
        return domain if True in value else ~domain

    # === ACTIONS ===#

    @api.readonly
    def action_open_partner(self):
        """Open the customer's page: the partner form, whoever clicks from whichever list."""
        self.ensure_one()
        return self.partner_id._get_records_action(name=self.env._("Customer"), context={})

    @api.readonly
    def action_view_open_deals(self):
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_scp_view_open_deals()

    # === BUSINESS METHODS: FIGURES ===#

    @api.model
    def _get_figure_descriptions(self):
        """Measures shown as figures on the customer's page, in display order.

        Addons add theirs by `super()`. Codes without data are not shown.

        :return: {code: {'label', 'kind', 'unit', 'help'}}; the kind is `amount` (numerator in
            money), `share` (numerator over denominator) or `count` (numerator as it is); the unit
            names what the records behind the figure are
        """
        _ = self.env._
        return {
            'orders': {
                'label': _("Ordered"), 'kind': 'amount', 'unit': _("Orders"),
                'help': _("Confirmed orders, untaxed, in the currency of the company."),
            },
            'open_quotes': {
                'label': _("Quoted, undecided"), 'kind': 'amount', 'unit': _("Quotations"),
                'help': _("Quotations not confirmed yet, untaxed, in the currency of the company."),
            },
            'won_deals': {
                'label': _("Deals won"), 'kind': 'amount', 'unit': _("Deals"),
                'help': _("Expected revenue of the deals that were won."),
            },
            'win_rate': {
                'label': _("Win rate"), 'kind': 'share', 'unit': _("Deals"),
                'help': _("Deals won, out of those won or lost."),
            },
        }

    def _get_figures(self, months=12):
        """Figures of the last months as cards for the `scp_figures` widget.

        :return: {customer id: [{'code', 'label', 'value', 'basis', 'help', 'action'}]}
        """
        descriptions = self._get_figure_descriptions()
        since = fields.Date.start_of(fields.Date.context_today(self), 'month')
        since = fields.Date.subtract(since, months=months - 1)
        return {
            customer_id: [
                self._prepare_figure(customer_id, code, descriptions[code], totals[code], months, since)
                for code in descriptions if totals[code]
            ]
            for customer_id, totals in self._get_measures(descriptions, months=months).items()
        }

    def _prepare_figure(self, customer_id, code, description, total, months, since):
        """Card of one measure: value with unit, number of records and period."""
        values = {'n': total.n, 'unit': description['unit'], 'months': months}
        if description['kind'] == 'share':
            value = self.env._("no data") if total.ratio is None else f"{total.ratio:.0%}"
            basis = self.env._(
                "%(unit)s: %(part)s of %(n)s in the last %(months)s months",
                part=formatLang(self.env, total.numerator, digits=0),
                **{**values, 'n': formatLang(self.env, total.denominator, digits=0)},
            )
        else:
            currency = self.env['res.currency'].browse(total.currency_id)
            value = formatLang(
                self.env, total.numerator, digits=0, rounding_unit='units',
                currency_obj=currency if description['kind'] == 'amount' else None,
            )
            basis = self.env._("%(unit)s: %(n)s in the last %(months)s months", **values)
        return {
            'code': code,
            'label': description['label'],
            'value': value,
            'basis': basis,
            'help': description['help'],
            'action': {
                'type': 'ir.actions.act_window',
                'name': description['label'],
                'res_model': 'scp.customer.measure',
                'views': [(False, 'list'), (False, 'graph')],
                'domain': [
                    ('customer_id', '=', customer_id),
                    ('code', '=', code),
                    ('period', '>=', fields.Date.to_string(since)),
                ],
            },
        }

    # === BUSINESS METHODS: OPEN MONEY ===#

    @api.model
    def _get_open_deal_domain(self):
        """Domain on `crm.lead` of the deals that still may be won."""
        return Domain([('type', '=', 'opportunity'), ('won_status', '=', 'pending')])

    @api.model
    def _get_open_quotation_domain(self):
        """Domain on `sale.order` of the offers that no open deal counts already."""
        domain = Domain('state', 'in', ('draft', 'sent'))
        if not self.env['crm.lead'].has_access('read'):
            # Finance reads orders but cannot tell an open deal from a closed one.
            return domain & Domain('opportunity_id', '=', False)
        return domain & Domain('opportunity_id', 'not any', self._get_open_deal_domain())

    @api.model
    def _get_open_domains(self):
        """Which documents the user may read have money at stake: {model: domain}."""
        return {
            model: domain for model, domain in (
                ('crm.lead', self._get_open_deal_domain()),
                ('sale.order', self._get_open_quotation_domain()),
            ) if self.env[model].has_access('read')
        }

    @api.model
    def _get_amount_sql(self, query) -> SQL:
        """Money in a document, untaxed, in the currency of its company.

        :param query: query on `crm.lead` or `sale.order`
        """
        if query.table == 'crm_lead':
            return self.env['crm.lead']._field_to_sql(query.table, 'expected_revenue', query)
        Order = self.env['sale.order']
        return SQL(
            "%s / COALESCE(NULLIF(%s, 0), 1)",
            Order._field_to_sql(query.table, 'amount_untaxed', query),
            Order._field_to_sql(query.table, 'currency_rate', query),
        )

    @api.model
    def _get_open_money_query(self, partners=None) -> SQL:
        """Money at stake, under the record rules of the current user.

        :param partners: commercial partners to look at, None for all of them
        :return: a statement of rows (partner_id, company_id, amount, deals, quotations), one per
            commercial partner and company; amounts untaxed in the currency of that company.
            A deal of no company counts in the company the user works in.
        """
        parts = []
        condition = Domain('company_id', 'in', [*self.env.companies.ids, False])
        if partners is not None:
            # sudo: contacts of the partner given; the documents are read as the user
            condition &= Domain(
                'partner_id', 'in', self.env['res.partner'].with_context(active_test=False).sudo()
                ._search([('commercial_partner_id', 'in', partners.ids)]),
            )
        for model, domain in self._get_open_domains().items():
            Document = self.env[model]
            query = Document._search(domain & condition)
            parts.append(query.select(
                SQL("%s AS partner_id", Document._field_to_sql(query.table, 'partner_id', query)),
                SQL("COALESCE(%s, %s) AS company_id",
                    Document._field_to_sql(query.table, 'company_id', query), self.env.company.id),
                SQL("%s AS amount", self._get_amount_sql(query)),
                SQL("%s AS deals", int(model == 'crm.lead')),
                SQL("%s AS quotations", int(model == 'sale.order')),
            ))
        if not parts:
            return SQL(
                "SELECT 0 AS partner_id, 0 AS company_id, 0.0 AS amount, 0 AS deals,"
                " 0 AS quotations WHERE FALSE"
            )
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id,
                      d.company_id,
                      COALESCE(SUM(d.amount), 0)::float8 AS amount,
                      SUM(d.deals)::int AS deals,
                      SUM(d.quotations)::int AS quotations
                 FROM (%s) d
                 JOIN res_partner p ON p.id = d.partner_id
             GROUP BY p.commercial_partner_id, d.company_id""",
            SQL(" UNION ALL ").join(parts),
        )

    @api.model
    def _get_under_way_query(self, partners) -> SQL:
        """Money at stake and what is planned next, in the current company, for one look at a page.

        Both are read from the same documents: PostgreSQL spends more on planning a statement
        about one customer than on running it.

        :param partners: commercial partners to look at
        :return: a statement of rows (partner_id, amount, deals, quotations, date, summary,
            activity_type_id); amounts as in `_get_open_money_query`
        """
        self.env['mail.activity'].flush_model(
            ['res_model', 'res_id', 'active', 'date_deadline', 'summary', 'activity_type_id']
        )
        hub = SQL(
            "SELECT id, id AS partner_id, %s AS company_id FROM unnest(%s) id",
            self.env.company.id, partners.ids,
        )
        return SQL(
            """WITH contact AS MATERIALIZED (%(contacts)s),
                    document AS MATERIALIZED (%(documents)s)
               SELECT *
                 FROM (
                      SELECT customer_id,
                             COALESCE(SUM(amount), 0),
                             COUNT(amount) FILTER (WHERE model = 'crm.lead'),
                             COUNT(amount) FILTER (WHERE model = 'sale.order')
                        FROM document
                    GROUP BY customer_id
                      ) money
            LEFT JOIN (
                      SELECT DISTINCT ON (d.customer_id)
                             d.customer_id, a.date_deadline, a.summary, a.activity_type_id
                        FROM document d
                        JOIN mail_activity a ON a.res_model = d.model AND a.res_id = d.res_id
                       WHERE a.active
                    ORDER BY d.customer_id, a.date_deadline, a.id
                      ) planned USING (customer_id)""",
            contacts=self._get_contact_query(hub),
            documents=SQL(" UNION ALL ").join(
                self._get_document_queries(hub, SQL("SELECT * FROM contact"), amounts=True)),
        )

    # === BUSINESS METHODS: CONTACT ===#

    @api.model
    def _get_contact_rest_days(self):
        """Days after a contact during which a customer is left in peace by the call list."""
        return 7

    def _get_hub_values(self) -> SQL:
        """These customers as a `hub` of `_get_document_queries`: values, which the planner counts."""
        return SQL(
            "SELECT * FROM unnest(%s, %s, %s) hub (id, partner_id, company_id)",
            self.ids,
            [customer.partner_id.id for customer in self],
            [customer.company_id.id for customer in self],
        )

    def _get_contact_query(self, hub: SQL) -> SQL:
        """The contacts of customers, archived ones included.

        :param hub: as in `_get_document_queries`
        :return: a statement of rows (id, company_id, partner_id)
        """
        self.env['res.partner'].flush_model(['commercial_partner_id'])
        return SQL(
            """SELECT hub.id, hub.company_id, p.id AS partner_id
                 FROM (%(hub)s) hub
                 JOIN res_partner p ON p.commercial_partner_id = hub.partner_id
               %(fence)s""",
            hub=hub,
            # has PostgreSQL find the contacts of a page before documents: it may think all of
            # these fewer, and read all contacts for them
            fence=SQL("OFFSET 0") if self else SQL(),
        )

    def _get_document_queries(self, hub: SQL, contacts: SQL | None = None, amounts=False) -> list[SQL]:
        """Where a customer is talked to. Addons with conversations of their own add to it.

        Only documents the current user may read; call it on `sudo()` for all of them. Called on
        customers, it is for these, a page of them; else for any number.

        :param hub: statement of rows (id, partner_id, company_id) of `scp.customer`
        :param contacts: statement of their contacts where there is one, see `_get_contact_query`
        :param bool amounts: with the money at stake
        :return: statements of rows (customer_id, model, res_id) or (customer_id, model, res_id,
            amount), the amount untaxed in the currency of the company, NULL where nothing is at stake
        """
        contacts = contacts or self._get_contact_query(hub)
        queries = [SQL(
            """SELECT c.id AS customer_id, 'res.partner' AS model, c.partner_id AS res_id %s
                 FROM (%s) c""",
            SQL(", NULL::float8 AS amount") if amounts else SQL(), contacts,
        )]
        for model, domain in self._get_open_domains().items():
            Document = self.env[model].with_context(active_test=False)
            query = Document._search([])
            columns = [
                SQL("%s AS %s", Document._field_to_sql(query.table, name, query),
                    SQL.identifier(name))
                for name in ('id', 'partner_id', 'company_id')
            ]
            if amounts:
                if Document._active_name:
                    domain &= Domain(Document._active_name, '=', True)
                columns.append(SQL(
                    "CASE WHEN %s THEN COALESCE(%s, 0)::float8 END AS amount",
                    domain.optimize_full(Document)._to_sql(Document, query.table, query),
                    self._get_amount_sql(query),
                ))
            queries.append(SQL(
                """SELECT c.id AS customer_id, %(model)s AS model, d.id AS res_id %(amount)s
                     FROM (%(contacts)s) c
                     JOIN (%(documents)s) d ON d.partner_id = c.partner_id
                      AND (d.company_id IS NULL OR d.company_id = c.company_id)""",
                model=model, contacts=contacts, documents=query.select(*columns),
                amount=SQL(", d.amount") if amounts else SQL(),
            ))
        return queries

    def _get_last_contact_query(self, hub: SQL, since=None) -> SQL:
        """Last exchange with each customer: a message that reached or came from him, or an
        activity done. Internal notes and what the system writes do not count.

        :param hub: as in `_get_document_queries`
        :param since: only contacts from this moment on (datetime, UTC)
        :return: a statement of rows (customer_id, date)
        """
        self.env['mail.message'].flush_model(
            ['model', 'res_id', 'date', 'message_type', 'subtype_id']
        )
        subtype_ids = [
            self.env['ir.model.data']._xmlid_to_res_id(xmlid)
            for xmlid in ('mail.mt_comment', 'mail.mt_activities')
        ]
        return SQL(
            """SELECT d.customer_id, MAX(m.date) AS date
                 FROM (%(documents)s) d
                 JOIN LATERAL (
                      SELECT date
                        FROM mail_message
                       WHERE model = d.model
                         AND res_id = d.res_id
                         AND subtype_id IN %(subtypes)s
                         AND (message_type IN ('comment', 'email', 'email_outgoing')
                              OR mail_activity_type_id IS NOT NULL)
                         %(since)s
                      %(fence)s) m ON TRUE
             GROUP BY d.customer_id""",
            documents=SQL(" UNION ALL ").join(self._get_document_queries(hub)),
            subtypes=tuple(subtype_ids),
            since=SQL("AND date >= %s", since) if since else SQL(),
            # has PostgreSQL look up the messages of each document of a page: it may think all
            # messages to customers few, and compare each with each document
            fence=SQL("OFFSET 0") if self else SQL(),
        )

    @api.model
    def _get_occupied_query(self, hub: SQL) -> SQL:
        """Customers nobody has to think of today: contacted lately, or something is planned.

        :param hub: as in `_get_document_queries`
        :return: a parenthesised statement of customer ids
        """
        self.env['mail.activity'].flush_model(['res_model', 'res_id', 'active'])
        since = fields.Datetime.subtract(
            self.env.cr.now(), days=self._get_contact_rest_days()
        )
        return SQL(
            """(SELECT l.customer_id FROM (%(contacts)s) l
                UNION
                SELECT d.customer_id
                  FROM (%(documents)s) d
                  JOIN mail_activity a ON a.res_model = d.model AND a.res_id = d.res_id
                 WHERE a.active)""",
            contacts=self._get_last_contact_query(hub, since=since),
            documents=SQL(" UNION ALL ").join(self._get_document_queries(hub)),
        )
