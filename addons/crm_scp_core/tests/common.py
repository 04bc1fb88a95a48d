from odoo.fields import Command
from odoo.tests import TransactionCase


class ScpCommon(TransactionCase):
    """Two companies, two sales teams and a user of every role.

    company (USD, UTC)                          other_company (EUR, Asia/Shanghai)
      team_north: led by leader                   other_salesman
        members: salesman, mate
      team_south: led by nobody
        members: stranger
      manager, quality, auditor, accountant, internal (no role at all), portal

    One euro is two dollars, whatever the day.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={
            **cls.env.context, 'tracking_disable': True, 'no_reset_password': True,
            'mail_create_nolog': True, 'mail_notrack': True,
        })
        cls._setup_companies()
        cls._setup_users()
        cls._setup_teams()
        cls.product = cls.env['product.product'].create({
            'name': "Valve", 'type': 'service', 'list_price': 100.0, 'taxes_id': [Command.clear()],
        })
        cls.Customer = cls.env['scp.customer'].with_context(active_test=False)
        cls.Measure = cls.env['scp.customer.measure']

    # === FIXTURES ===#

    @classmethod
    def _setup_companies(cls):
        cls.usd = cls.env.ref('base.USD')
        cls.eur = cls.env.ref('base.EUR')
        (cls.usd | cls.eur).active = True
        cls.env['res.currency.rate'].search([
            ('currency_id', 'in', (cls.usd | cls.eur).ids),
        ]).unlink()
        cls.company, cls.other_company = cls.env['res.company'].create([
            {'name': "SCP Test Works", 'currency_id': cls.usd.id},
            {'name': "SCP Test Asia", 'currency_id': cls.eur.id},
        ])
        cls.company.resource_calendar_id.tz = 'UTC'
        cls.other_company.resource_calendar_id.tz = 'Asia/Shanghai'
        cls.env['res.currency.rate'].create([
            {'name': '2000-01-01', 'rate': rate, 'currency_id': currency.id,
             'company_id': company.id}
            for company, currency, rate in (
                (cls.company, cls.usd, 1.0), (cls.company, cls.eur, 0.5),
                (cls.other_company, cls.eur, 1.0), (cls.other_company, cls.usd, 2.0),
            )
        ])
        cls.env.user.write({
            'company_ids': [Command.link(cls.company.id), Command.link(cls.other_company.id)],
            'company_id': cls.company.id,
        })
        cls.pricelist_usd, cls.pricelist_eur = cls.env['product.pricelist'].create([
            {'name': "Dollars", 'currency_id': cls.usd.id, 'company_id': False},
            {'name': "Euros", 'currency_id': cls.eur.id, 'company_id': False},
        ])

    @classmethod
    def _setup_users(cls):
        roles = {
            'salesman': 'crm_scp_core.group_scp_user',
            'mate': 'crm_scp_core.group_scp_user',
            'stranger': 'crm_scp_core.group_scp_user',
            'leader': 'crm_scp_core.group_scp_team',
            'manager': 'crm_scp_core.group_scp_manager',
            'quality': 'crm_scp_core.group_scp_quality',
            'auditor': 'crm_scp_core.group_scp_auditor',
            'accountant': 'account.group_account_invoice',
            'internal': 'base.group_user',
            'portal': 'base.group_portal',
        }
        users = cls.env['res.users'].create([
            *(cls._prepare_user(role, group, cls.company) for role, group in roles.items()),
            cls._prepare_user('other_salesman', roles['salesman'], cls.other_company),
        ])
        cls.users = dict(zip(roles, users[:-1], strict=True))
        for role, user in cls.users.items():
            setattr(cls, role, user)
        cls.other_salesman = users[-1]

    @classmethod
    def _prepare_user(cls, role, group, companies):
        """Values of a user of the first of the companies, who may work in all of them."""
        return {
            'name': f"Test {role}",
            'login': f'scp_test_{role}',
            'email': f'{role}@scp.example.com',
            'group_ids': [Command.set([cls.env.ref(group).id])],
            'company_id': companies[0].id,
            'company_ids': [Command.set(companies.ids)],
        }

    @classmethod
    def _setup_teams(cls):
        cls.team_north, cls.team_south = cls.env['crm.team'].create([
            {'name': "North", 'company_id': cls.company.id, 'user_id': cls.leader.id,
             'sequence': 1},
            {'name': "South", 'company_id': cls.company.id, 'user_id': False, 'sequence': 2},
        ])
        cls.env['crm.team.member'].create([
            {'crm_team_id': team.id, 'user_id': user.id}
            for team, user in (
                (cls.team_north, cls.salesman), (cls.team_north, cls.mate),
                (cls.team_south, cls.stranger),
            )
        ])

    # === BUSINESS ===#

    @classmethod
    def _create_partner(cls, name, **values):
        return cls.env['res.partner'].create({'name': name, 'is_company': True, **values})

    @classmethod
    def _create_order(cls, partner, amount, date, *, company=None, pricelist=None, state='sale',
                      **values):
        """A sales order of one line with its historic date.

        :param amount: untaxed, in the currency of the price list
        :param date: 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS', UTC
        """
        company = company or cls.company
        if pricelist is None:
            pricelist = (
                cls.pricelist_usd if company.currency_id == cls.usd else cls.pricelist_eur
            )
        order = cls.env['sale.order'].with_company(company).create({
            'partner_id': partner.id,
            'company_id': company.id,
            'pricelist_id': pricelist.id,
            'date_order': date,
            'user_id': False,
            'order_line': [Command.create({
                'product_id': cls.product.id,
                'product_uom_qty': 1,
                'price_unit': amount,
                'tax_ids': [Command.clear()],
            })],
            **values,
        })
        if state != 'draft':
            # Confirming would set the date of today.
            order.write({'state': state, 'date_order': date})
        return order

    @classmethod
    def _create_deal(cls, partner, amount, *, company=None, status='pending', date=None, **values):
        """An opportunity; `date` is the moment it was won or lost."""
        deal = cls.env['crm.lead'].create({
            'name': f"Deal of {partner.name}",
            'type': 'opportunity',
            'partner_id': partner.id,
            'expected_revenue': amount,
            'company_id': (company or cls.company).id,
            'user_id': False,
            'team_id': False,
            **values,
        })
        if status == 'won':
            deal.action_set_won()
        elif status == 'lost':
            deal.action_set_lost()
        if date:
            deal.date_closed = date
        return deal

    # === THE HUB ===#

    @classmethod
    def _refresh(cls, *partners):
        """Refresh some partners, or everybody."""
        if partners:
            cls.env['scp.customer']._refresh_for_partners(
                cls.env['res.partner'].union(*partners)
            )
        else:
            cls.env['scp.customer']._cron_refresh()

    @classmethod
    def _get_customer(cls, partner, company=None):
        return cls.Customer.search([
            ('partner_id', '=', partner.id), ('company_id', '=', (company or cls.company).id),
        ])

    @classmethod
    def _create_customer(cls, partner, company=None, **values):
        return cls.env['scp.customer'].create({
            'partner_id': partner.id, 'company_id': (company or cls.company).id, **values,
        })

    def _read_measures(self, customer, code):
        """:return: {'YYYY-MM-DD': (numerator, denominator, n)}"""
        return {
            str(measure.period): (measure.numerator, measure.denominator, measure.n)
            for measure in self.Measure.search([
                ('customer_id', '=', customer.id), ('code', '=', code),
            ])
        }
