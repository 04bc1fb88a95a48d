from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang


class ScpMyDay(models.AbstractModel):
    """What a salesperson looks at first in the morning, answered by one read-only call.

    A section is a dict:

    - ``id``, ``sequence``, ``icon`` (Font Awesome name), ``title``
    - ``help``: what is counted, shown on hover
    - ``count``: how many records there are, ``items`` holds the first of them
    - ``action``: window action that opens exactly the counted records
    - ``empty``: ``{'title', 'message', 'button', 'action'}``, what to say when there are none

    An item is a dict of ``id`` (unique within the section), ``res_model``, ``res_id``, ``title``
    and optionally ``subtitle``, ``why`` (one sentence), ``grade``, ``amount``, ``phone``, ``badge``
    (``{'tone', 'icon', 'text'}``, the tone being one of danger, warning, success, info, muted).

    Addons extend :meth:`_get_sections`.
    """

    _name = 'scp.my.day'
    _description = "My Day"

    _ITEM_LIMIT = 8  # records shown per section; the rest is one click away
    _EXPIRY_AHEAD_DAYS = 7  # how early an expiring quotation is named
    _EXPIRY_BEHIND_DAYS = 30  # how long an expired one is worth reviving

    @api.model
    @api.readonly
    def get_my_day(self, scope=None):
        """Sections of the day.

        :param str scope: whose day, a key of ``scopes`` of the answer; the first one by default
        :return: ``{'scope': str, 'scopes': [{'id', 'label'}], 'sections': [dict]}``
        """
        scopes = self._get_scopes()
        if scope not in scopes:
            scope = next(iter(scopes))
        sections = [section for section in self._get_sections(scope) if section]
        return {
            'scope': scope,
            'scopes': [{'id': key, 'label': label} for key, label in scopes.items()],
            'sections': sorted(sections, key=lambda section: section['sequence']),
        }

    @api.model
    def _get_scopes(self):
        """Whose records the user may look at: {scope: label}, his own first."""
        scopes = {}
        user = self.env.user
        if user.has_group('crm_scp_core.group_scp_user'):
            scopes['mine'] = self.env._("Mine")
        if user.has_group('crm_scp_core.group_scp_team'):
            scopes['team'] = self.env._("My team")
        if (
            user.has_group('crm_scp_core.group_scp_manager')
            or user.has_group('crm_scp_core.group_scp_auditor')
        ):
            scopes['all'] = self.env._("Everyone")
        return scopes or {'mine': self.env._("Mine")}

    @api.model
    def _get_sections(self, scope):
        """Sections in any order, None for those the user has no right to."""
        return [
            self._get_section_calls(scope),
            self._get_section_activities(scope),
            self._get_section_deals(scope),
            self._get_section_quotations(scope),
        ]

    # === SCOPE ===#

    @api.model
    def _get_my_teams(self):
        """Sales teams the user leads or is a member of."""
        return self.env['crm.team'].search([
            '|', ('user_id', '=', self.env.uid), ('crm_team_member_ids.user_id', '=', self.env.uid),
        ])

    @api.model
    def _get_scope_domain(self, scope):
        """Domain on a model that has `user_id`, `team_id` and `company_id`."""
        domain = Domain('company_id', 'in', [*self.env.companies.ids, False])
        if scope == 'mine':
            return domain & Domain('user_id', '=', self.env.uid)
        if scope == 'team':
            return domain & Domain('team_id', 'in', self._get_my_teams().ids)
        return domain

    # === CALL LIST ===#

    @api.model
    def _get_call_domain(self, scope):
        return self._get_scope_domain(scope) & Domain('is_to_call', '=', True)

    @api.model
    def _get_section_calls(self, scope):
        """Customers to call, value at stake first: grade, then open money, then days of silence."""
        Customer = self.env['scp.customer']
        if not Customer.has_access('read'):
            return None
        domain = self._get_call_domain(scope)
        rows = self._get_call_rows(domain)
        customers = Customer.browse([customer_id for customer_id, *_figures in rows])
        customers.fetch(['partner_id', 'grade_id', 'currency_id'])
        items = []
        for customer, (_customer_id, amount, contacted) in zip(customers, rows, strict=True):
            partner = customer.partner_id
            items.append({
                'id': customer.id,
                'res_model': 'res.partner',
                'res_id': partner.id,
                'title': partner.display_name,
                'grade': customer.grade_id.name or False,
                'why': self._get_call_reason(customer, amount, contacted),
                'amount': amount and self._format_amount(amount, customer.currency_id),
                'phone': partner.phone or False,
            })
        return {
            'id': 'calls',
            'sequence': 10,
            'icon': 'fa-phone',
            'title': self.env._("Call list"),
            'help': self.env._(
                "Customers with nothing planned and no contact in the last %(days)s days. "
                "The best grade comes first, then the most open money, then the longest silence.",
                days=Customer._get_contact_rest_days(),
            ),
            'count': Customer.search_count(domain) if len(rows) == self._ITEM_LIMIT else len(rows),
            'items': items,
            'action': self._prepare_action(
                self.env._("Customers to call"), 'scp.customer', domain, ['list', 'kanban'],
            ),
            'empty': {
                'title': self.env._("Nobody is waiting for a call"),
                'message': self.env._(
                    "A customer of yours appears here when nothing is planned with him and "
                    "%(days)s days have passed since the last contact.",
                    days=Customer._get_contact_rest_days(),
                ),
                'button': self.env._("See the customers"),
                'action': 'crm_scp_core.scp_customer_action',
            },
        }

    @api.model
    def _get_call_rows(self, domain):
        """First customers of the call list: [(customer id, open money, last contact)]."""
        Customer = self.env['scp.customer']
        query = Customer._search(domain)
        hub = query.select(*(
            SQL("%s AS %s", Customer._field_to_sql(query.table, name, query), SQL.identifier(name))
            for name in self._get_call_columns()
        ))
        return self.env.execute_query(SQL(
            """WITH hub AS MATERIALIZED (%(hub)s)
               SELECT hub.id, COALESCE(money.amount, 0), contact.date
                 FROM hub
            LEFT JOIN scp_grade grade ON grade.id = hub.grade_id
            LEFT JOIN (%(money)s) money
                   ON money.partner_id = hub.partner_id AND money.company_id = hub.company_id
            LEFT JOIN (%(contact)s) contact ON contact.customer_id = hub.id
             ORDER BY %(order)s
                LIMIT %(limit)s""",
            hub=hub,
            money=Customer._get_open_money_query(),
            # sudo: a date alone, see `scp.customer.last_contact_date`
            contact=Customer.sudo()._get_last_contact_query(SQL("SELECT * FROM hub")),
            order=self._get_call_order(),
            limit=self._ITEM_LIMIT,
        ))

    @api.model
    def _get_call_columns(self):
        """Names of the fields of `scp.customer` that the order is made of."""
        return ['id', 'partner_id', 'company_id', 'grade_id']

    @api.model
    def _get_call_order(self) -> SQL:
        """Who is called first, over `hub` (the columns), `grade`, `money` (amount) and `contact` (date)."""
        return SQL(
            "grade.sequence NULLS LAST, money.amount DESC NULLS LAST, contact.date NULLS FIRST, hub.id",
        )

    @api.model
    def _get_call_reason(self, customer, amount, contacted):
        """Why this customer is on the list, in one sentence."""
        values = {
            'amount': self._format_amount(amount, customer.currency_id),
            'days': (self.env.cr.now() - contacted).days if contacted else 0,
        }
        if amount and contacted:
            return self.env._("%(amount)s open, no contact for %(days)s days.", **values)
        if amount:
            return self.env._("%(amount)s open, no contact recorded yet.", **values)
        if contacted:
            return self.env._("No contact for %(days)s days.", **values)
        return self.env._("No contact recorded yet.")

    # === ACTIVITIES ===#

    @api.model
    def _get_activity_models(self):
        """Models whose activities belong to the work with customers."""
        return ['crm.lead', 'res.partner', 'sale.order']

    @api.model
    def _get_activity_domain(self, scope):
        domain = Domain([
            ('date_deadline', '<=', fields.Date.context_today(self)),
            ('res_model', 'in', self._get_activity_models()),
        ])
        if scope == 'mine':
            return domain & Domain('user_id', '=', self.env.uid)
        if scope == 'team':
            return domain & Domain('user_id', 'in', self._get_my_teams().member_ids.ids)
        return domain

    @api.model
    def _get_section_activities(self, scope):
        """Activities overdue or due today."""
        domain = self._get_activity_domain(scope)
        today = fields.Date.context_today(self)
        activities = self.env['mail.activity'].search_fetch(
            domain,
            ['res_model', 'res_id', 'res_name', 'summary', 'activity_type_id', 'date_deadline'],
            order='date_deadline, id',
        )
        items = []
        for activity in activities[:self._ITEM_LIMIT]:
            days = (today - activity.date_deadline).days
            items.append({
                'id': activity.id,
                'res_model': activity.res_model,
                'res_id': activity.res_id,
                'title': activity.summary or activity.activity_type_id.name or self.env._("To do"),
                'subtitle': activity.res_name,
                'icon': activity.activity_type_id.icon or 'fa-check-circle-o',
                'badge': self._prepare_deadline_badge(days, self.env._("Today")),
            })
        views = {
            'list': self.env.ref('mail.mail_activity_view_tree_open_target').id,
            'kanban': self.env.ref('mail.mail_activity_view_kanban_open_target').id,
        }
        return {
            'id': 'activities',
            'sequence': 20,
            'icon': 'fa-clock-o',
            'title': self.env._("Activities due"),
            'help': self.env._(
                "Calls, meetings and other activities on customers, deals and orders, "
                "due today or before."
            ),
            'count': len(activities),
            'items': items,
            'action': self._prepare_action(
                self.env._("Activities due"), 'mail.activity', domain, views,
                # the model drops unreadable records after the query: count what is left
                context={'force_search_count': 1},
            ),
            'empty': {
                'title': self.env._("Nothing is due"),
                'message': self.env._(
                    "Plan the next step on a deal, an order or a customer, and it appears here "
                    "on its day."
                ),
                'button': self.env._("See the pipeline"),
                'action': 'crm.action_your_pipeline',
            },
        }

    # === DEALS ===#

    @api.model
    def _get_deal_domain(self, scope):
        return (
            self.env['scp.customer']._get_open_deal_domain()
            & self._get_scope_domain(scope)
            & (
                Domain('scp_age', 'in', ['rot', 'dead'])
                | Domain('date_deadline', '<', fields.Date.context_today(self))
            )
        )

    @api.model
    def _get_section_deals(self, scope):
        """Open deals that rot in their stage or whose expected closing has passed."""
        Lead = self.env['crm.lead']
        if not Lead.has_access('read'):
            return None
        domain = self._get_deal_domain(scope)
        leads = Lead.search(domain, order='expected_revenue desc, id', limit=self._ITEM_LIMIT)
        return {
            'id': 'deals',
            'sequence': 30,
            'icon': 'fa-hourglass-half',
            'title': self.env._("Deals that stall"),
            'help': self.env._(
                "Open deals that have been in their stage longer than three in four won deals were, "
                "or whose expected closing date has passed. The largest comes first."
            ),
            'count': Lead.search_count(domain) if len(leads) == self._ITEM_LIMIT else len(leads),
            'items': [self._prepare_deal_item(lead) for lead in leads],
            'action': self._prepare_action(
                self.env._("Deals that stall"), 'crm.lead', domain, ['list', 'kanban', 'form'],
            ),
            'empty': {
                'title': self.env._("Every deal is moving"),
                'message': self.env._(
                    "A deal appears here when its expected closing date passes, or when it stays "
                    "in a stage longer than won deals do."
                ),
                'button': self.env._("See the pipeline"),
                'action': 'crm.action_your_pipeline',
            },
        }

    @api.model
    def _prepare_deal_item(self, lead):
        today = fields.Date.context_today(self)
        overdue = (today - lead.date_deadline).days if lead.date_deadline else 0
        if overdue > 0:
            badge = self._prepare_deadline_badge(overdue, '')
            why = self.env._(
                "Expected to close on %(date)s, still in %(stage)s.",
                date=format_date(self.env, lead.date_deadline),
                stage=lead.stage_id.name,
            )
        else:
            badge = {
                'tone': 'warning',
                'icon': 'fa-hourglass-half',
                'text': self.env._("%(days)s days still", days=formatLang(self.env, lead.scp_age_days, digits=0)),
            }
            why = lead.scp_age_reason
        return {
            'id': lead.id,
            'res_model': 'crm.lead',
            'res_id': lead.id,
            'title': lead.name,
            'subtitle': lead.partner_id.display_name or lead.partner_name or False,
            'why': why,
            'amount': lead.expected_revenue
            and self._format_amount(lead.expected_revenue, lead.company_currency),
            'badge': badge,
        }

    # === QUOTATIONS ===#

    @api.model
    def _get_quotation_domain(self, scope):
        today = fields.Date.context_today(self)
        return self._get_scope_domain(scope) & Domain([
            ('state', 'in', ('draft', 'sent')),
            ('validity_date', '>=', today - timedelta(days=self._EXPIRY_BEHIND_DAYS)),
            ('validity_date', '<=', today + timedelta(days=self._EXPIRY_AHEAD_DAYS)),
        ])

    @api.model
    def _get_section_quotations(self, scope):
        """Quotations that run out within days, or ran out lately."""
        Order = self.env['sale.order']
        if not Order.has_access('read'):
            return None
        domain = self._get_quotation_domain(scope)
        orders = Order.search(domain, order='validity_date, id', limit=self._ITEM_LIMIT)
        today = fields.Date.context_today(self)
        items = []
        for order in orders:
            days = (today - order.validity_date).days
            items.append({
                'id': order.id,
                'res_model': 'sale.order',
                'res_id': order.id,
                'title': order.partner_id.display_name,
                'subtitle': order.name,
                'amount': self._format_amount(order.amount_untaxed, order.currency_id),
                'badge': {
                    'tone': 'danger' if days > 0 else 'warning',
                    'icon': 'fa-calendar-times-o' if days > 0 else 'fa-calendar',
                    'text': self._get_expiry_text(days),
                },
            })
        return {
            'id': 'quotations',
            'sequence': 40,
            'icon': 'fa-file-text-o',
            'title': self.env._("Quotations running out"),
            'help': self.env._(
                "Quotations that expire within %(ahead)s days, or expired in the last "
                "%(behind)s days without an answer.",
                ahead=self._EXPIRY_AHEAD_DAYS, behind=self._EXPIRY_BEHIND_DAYS,
            ),
            'count': Order.search_count(domain)
            if len(orders) == self._ITEM_LIMIT else len(orders),
            'items': items,
            'action': self._prepare_action(
                self.env._("Quotations running out"), 'sale.order', domain,
                ['list', 'kanban', 'form'],
            ),
            'empty': {
                'title': self.env._("No quotation is about to expire"),
                'message': self.env._(
                    "Give a quotation an expiration date, and it appears here %(ahead)s days "
                    "before.", ahead=self._EXPIRY_AHEAD_DAYS,
                ),
                'button': self.env._("See the quotations"),
                'action': 'sale.action_quotations_with_onboarding',
            },
        }

    @api.model
    def _get_expiry_text(self, days):
        """:param int days: days since the quotation ran out, negative before"""
        if days == 0:
            return self.env._("Expires today")
        if days == -1:
            return self.env._("Expires tomorrow")
        if days < 0:
            return self.env._("Expires in %(days)s days", days=-days)
        if days == 1:
            return self.env._("Expired yesterday")
        return self.env._("Expired %(days)s days ago", days=days)

    # === FORMATTING ===#

    @api.model
    def _prepare_deadline_badge(self, days, today_text):
        """Badge of a deadline that passed `days` days ago (0: today)."""
        if days <= 0:
            return {'tone': 'warning', 'icon': 'fa-clock-o', 'text': today_text}
        text = (
            self.env._("Yesterday") if days == 1
            else self.env._("%(days)s days overdue", days=days)
        )
        return {'tone': 'danger', 'icon': 'fa-exclamation-circle', 'text': text}

    @api.model
    def _format_amount(self, amount, currency):
        return formatLang(self.env, amount, currency_obj=currency, rounding_unit='units')

    @api.model
    def _prepare_action(self, name, model, domain, views, context=None):
        """Window action over exactly the records counted.

        :param views: view types, or {view type: view id}
        """
        if not isinstance(views, dict):
            views = dict.fromkeys(views, False)
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': model,
            'views': [(view_id, view_type) for view_type, view_id in views.items()],
            'domain': list(domain),
            'context': context or {},
        }
