from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date, formatLang

from ..certificate.coc import BALANCE, CLAIM, MODELS
from ..certificate.scp_certificate import CONFIRMERS
from .balance_rules import DAY, DIGITS, Change, get_expired, get_lowest, get_period_end

BATCH = 50
#: days ahead in which credits that end are shown
SOON_DAYS = 30


class Acting(NamedTuple):
    """An account, as far as every transfer asks for it before anything is queried.

    :param products: ids of products it is about, beside those of the categories; with both empty, of everything
    :param categories: ids of categories, those below included
    :param is_physical: goods that move are posted; not of book and claim, where only paper does
    """

    id: int
    standard_id: int
    warehouse_id: int
    products: frozenset[int]
    categories: frozenset[int]
    is_physical: bool

    def get_rank(self, product):
        """How closely it is about a product: named 2, by category 1, as all others 0; None when it is not."""
        if product.id in self.products:
            return 2
        if product.categ_id.id in self.categories:
            return 1
        return None if self.products or self.categories else 0


class ScpBalanceAccount(models.Model):
    """How much certified material a site has taken in under a standard and not claimed yet (ISO 22095, mass balance).

    The balance is that of its entries, which are appended and never changed: see ``scp.balance.entry``. Whatever is
    posted, on whatever day, the balance at the end of no day is negative: :meth:`_post` is the only way in.
    """

    _name = 'scp.balance.account'
    _inherit = ['mail.thread', 'scp.product.scope.mixin']
    _description = "Mass Balance Account"
    _order = 'name, id'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    standard_id = fields.Many2one('scp.standard', required=True, index=True, ondelete='restrict', tracking=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    warehouse_id = fields.Many2one(
        'stock.warehouse', string="Site", required=True, index=True, ondelete='restrict', check_company=True,
        tracking=True, default=lambda self: self.env['stock.warehouse'].search(
            [('company_id', '=', self.env.company.id)], limit=1),
    )
    user_id = fields.Many2one(
        'res.users', string="Responsible", default=lambda self: self.env.user, tracking=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    active = fields.Boolean(default=True, tracking=True)
    product_ids = fields.Many2many(
        help="Materials and products whose receipts, use and deliveries are counted here, beside the categories. Both "
        "empty: all goods of the site. Of several accounts for a standard the one that names the product counts it.",
    )
    uom_id = fields.Many2one(
        'uom.uom', string="Unit", required=True, ondelete='restrict',
        default=lambda self: self.env.ref('uom.product_uom_unit', raise_if_not_found=False),
    )
    factor_ids = fields.One2many('scp.balance.factor', 'account_id', string="Conversion Factors")
    coc_model = fields.Selection(
        [(model, label) for model, label in MODELS if model in (BALANCE, CLAIM)], string="Model", required=True,
        default=BALANCE, tracking=True,
        help="Of ISO 22095. Mass balance: certified goods come to this site and are mixed with others. Book and claim: "
        "credits are bought apart from goods and entered by hand.",
    )
    method = fields.Selection(
        [('credit', "Credits"), ('average', "Rolling Average Percentage")], required=True, default='credit',
        tracking=True,
        help="Credits: as much may be claimed as came in certified, on any part of the goods. Rolling average: all "
        "goods carry the certified part of what came in over the last balancing period.",
    )

    # Balancing period
    date_start = fields.Date(
        string="Periods Since", required=True, help="First day of the first balancing period.",
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), 'year'),
    )
    period_months = fields.Integer(
        string="Balancing Period (Months)", required=True, default=3, aggregator=None, tracking=True)
    carry_over = fields.Selection(
        [('none', "Nothing"), ('next', "Into the Next Period"), ('all', "Everything")], required=True, default='all',
        tracking=True, help="What becomes of credits that are left at the end of a period.",
    )
    validity_months = fields.Integer(
        string="Credits Hold (Months)", aggregator=None, tracking=True,
        help="How long a credit can be claimed, from the day it came. 0: not limited.",
    )
    closed_until = fields.Date(
        readonly=True, copy=False, tracking=True, help="Nothing is posted on this day or before.")

    # Production
    made_into_id = fields.Many2one(
        'scp.balance.account', string="Goes Into", index='btree_not_null', ondelete='restrict', check_company=True,
        domain="[('id', '!=', id), ('company_id', '=', company_id)]",
        help="When certified lots of this account are used in production, their credits go to that account.",
    )
    yield_factor = fields.Float(
        string="Yield", required=True, default=1.0, digits=(16, 6), aggregator=None,
        help="How much of the other account's unit one unit of this account makes: 0.8 when a fifth is lost.",
    )

    # Figures
    balance = fields.Float(
        compute='_compute_figures', digits=(16, DIGITS), aggregator=None, help="All entries added up.")
    available = fields.Float(
        compute='_compute_figures', digits=(16, DIGITS), aggregator=None,
        help="What can be claimed today: later entries and what ends meanwhile are deducted.",
    )
    ending_qty = fields.Float(
        string="Ends Soon", compute='_compute_figures', digits=(16, DIGITS), aggregator=None,
        help="Credits whose last day comes within 30 days, unless they are claimed before.",
    )
    average_percent = fields.Float(
        string="Average (%)", compute='_compute_figures', digits=(5, 2), aggregator=None,
        help="Certified part of what came in over the last balancing period, until today.",
    )
    entry_count = fields.Integer(string="Entries", compute='_compute_figures')

    _months_positive = models.Constraint(
        'CHECK (period_months >= 1 AND validity_months >= 0)',
        "A balancing period lasts a month or more, and credits cannot hold for a negative time.")
    _yield_positive = models.Constraint('CHECK (yield_factor > 0)', "Yield: enter more than 0.")

    # === COMPUTE === #

    def _compute_figures(self):
        Entry = self.env['scp.balance.entry']
        counts = {
            account: (total, count) for account, total, count in Entry._read_group(
                [('account_id', 'in', self.ids)], ['account_id'], ['qty:sum', '__count'])
        }
        for account in self:
            total, account.entry_count = counts.get(account._origin, (0.0, 0))
            account.balance = round(total, DIGITS)
            today = account._get_today()
            account.average_percent = account._get_average(today) or 0.0
            account.available = account._get_available(today)
            account.ending_qty = sum(
                qty for day, qty in account._get_expired(fields.Date.add(today, days=SOON_DAYS)) if day > today)

    # === CONSTRAINS === #

    @api.constrains('made_into_id')
    def _check_made_into_id(self):
        if self._has_cycle('made_into_id'):
            raise UserError(self.env._("Goes Into: material cannot come back into the account it came from."))

    @api.constrains('company_id', 'standard_id', 'warehouse_id', 'uom_id', 'coc_model', 'method')
    def _check_no_entry(self):
        """What its entries mean does not change under them."""
        for account in self:
            if account.entry_count:
                raise UserError(self.env._(
                    "%(account)s has entries: its standard, site, unit, model and method stay. Archive it and open "
                    "another account.", account=account.name))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        self._forget_acting()
        return accounts

    def write(self, vals):
        result = super().write(vals)
        self._forget_acting()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_acting()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if posted := self.filtered('entry_count'):
            raise UserError(self.env._(
                "%(account)s has entries and stays. Archive it instead.", account=posted[0].name))

    # === ACTIONS === #

    @api.readonly
    def action_view_entries(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_balance_entry_action')
        return action | {
            'name': self.name, 'display_name': self.name, 'domain': [('account_id', '=', self.id)], 'context': {}}

    def action_post(self):
        """Enter a posting by hand."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Post by Hand"),
            'res_model': 'scp.balance.post',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_account_id': self.id},
        }

    def action_close_period(self):
        """Close the first balancing period that is open and over; nothing is posted in it any more."""
        self._check_keeper()
        for account in self:
            first = account.closed_until + DAY if account.closed_until else account.date_start
            end = get_period_end(account.date_start, account.period_months, first)
            if end >= account._get_today():
                raise UserError(self.env._(
                    "%(account)s: the period that is open lasts until %(day)s.",
                    account=account.name, day=format_date(self.env, end)))
            account._expire(end)
            account.closed_until = end
        return True

    # === BUSINESS: POSTING === #

    def _post(self, vals_list):
        """Append entries to this account; the only way in.

        Credits that have come to an end are gone, posted as expired or not. Two transactions that post to an account
        at once cannot both be right about its balance: one of them is run again.

        :param list[dict] vals_list: ``kind``, ``date``, ``qty`` (signed, in the unit of the account) and whatever
            else of ``scp.balance.entry`` is known
        :return: the entries
        :raise UserError: the balance at the end of some day would be negative, or the day is closed; nothing is written
        """
        self.ensure_one()
        vals_list = [self._prepare_entry(vals) for vals in vals_list if vals['qty'] or vals.get('base_qty')]
        for vals in vals_list:
            if self.closed_until and vals['date'] <= self.closed_until:
                raise UserError(self.env._(
                    "%(account)s is closed until %(day)s: post on a later day.",
                    account=self.name, day=format_date(self.env, self.closed_until)))
        self._check_balance(vals_list)
        entries = self.env['scp.balance.entry']._append(self, vals_list)
        if taken := [vals['date'] for vals in vals_list if vals['qty'] < 0]:
            self._expire(max(taken))
        return entries

    def _prepare_entry(self, vals):
        vals = {'base_qty': vals['qty'], **vals}
        vals |= {'qty': round(vals['qty'], DIGITS), 'base_qty': round(vals['base_qty'], DIGITS)}
        if vals['qty'] > 0 and 'expires_on' not in vals and vals['kind'] == 'input':
            vals['expires_on'] = self._get_last_day(vals['date'])
        return vals

    def _get_last_day(self, day):
        """On which day a credit that came on a day can be claimed for the last time; False when it does not end."""
        ends = []
        if self.validity_months:
            ends.append(day + relativedelta(months=self.validity_months, days=-1))
        if self.carry_over != 'all':
            end = get_period_end(self.date_start, self.period_months, day)
            if self.carry_over == 'next':
                end = get_period_end(self.date_start, self.period_months, end + DAY)
            ends.append(end)
        return min(ends, default=False)

    def _check_balance(self, vals_list):
        """:raise UserError: with these entries the balance at the end of some day would be negative"""
        if all(vals['qty'] >= 0 for vals in vals_list):
            return
        lowest, day = self._get_lowest(min(vals['date'] for vals in vals_list), vals_list)
        if lowest >= 0:
            return
        taken_on = min(vals['date'] for vals in vals_list if vals['qty'] < 0)
        available, _day = self._get_lowest(taken_on, [vals for vals in vals_list if vals['qty'] > 0])
        raise UserError(self.env._(
            "%(account)s would be at %(balance)s %(unit)s on %(day)s: on %(taken_on)s at most %(available)s %(unit)s "
            "can be taken out.", account=self.name, balance=self._format(lowest), unit=self.uom_id.name,
            day=format_date(self.env, day), taken_on=format_date(self.env, taken_on),
            available=self._format(max(available, 0.0))))

    def _format(self, qty):
        return formatLang(self.env, qty, digits=DIGITS)

    def _get_changes(self, since=None):
        """The balance before a day, and what was posted from then on; from the beginning when anything of it ends.

        :return: (float, list[:class:`Change`])
        """
        Entry = self.env['scp.balance.entry']
        Entry.flush_model()
        changes = [Change(*row) for row in self.env.execute_query(SQL(
            """
            SELECT date, sum(qty), expires_on, kind
              FROM scp_balance_entry
             WHERE account_id = %(account)s
               AND (%(since)s::date IS NULL OR date >= %(since)s
                    OR EXISTS (SELECT FROM scp_balance_entry
                                WHERE account_id = %(account)s AND expires_on IS NOT NULL))
          GROUP BY date, expires_on, kind
            """, account=self._origin.id or None, since=since))]
        _number, balance = Entry._get_last(self._origin)
        return round(balance - sum(change.qty for change in changes), DIGITS), changes

    def _get_lowest(self, since, vals_list=()):
        """See :func:`get_lowest`: with these entries, and without what has come to its end by then."""
        opening, changes = self._get_changes(since)
        changes += [
            Change(vals['date'], vals['qty'], vals.get('expires_on') or None, vals['kind']) for vals in vals_list]
        last = max((change.day for change in changes), default=since)
        ended = get_expired(changes, max(last, since))
        return get_lowest(
            opening, [*((change.day, change.qty) for change in changes), *((day, -qty) for day, qty in ended)], since)

    def _get_available(self, day):
        """What can be taken out on a day: the lowest balance from then on."""
        self.ensure_one()
        return max(self._get_lowest(day)[0], 0.0)

    def _get_average(self, day):
        """Certified part, in per cent, of what came in over the last balancing period; None when nothing came."""
        self.ensure_one()
        since = day - relativedelta(months=self.period_months)
        [[qty, base_qty]] = self.env['scp.balance.entry']._read_group(
            [('account_id', '=', self._origin.id), ('kind', '=', 'input'), ('date', '>', since), ('date', '<=', day)],
            [], ['qty:sum', 'base_qty:sum'])
        return 100 * qty / base_qty if base_qty else None

    def _get_factor(self, product):
        """How much of the unit of this account one unit of a product is."""
        self.ensure_one()
        factor = self.factor_ids.filtered(lambda line: line.product_id == product).factor
        if factor:
            return factor
        if product.uom_id._has_common_reference(self.uom_id):
            return product.uom_id._compute_quantity(1.0, self.uom_id, round=False)
        return 1.0

    def _get_today(self):
        """The day where the company is."""
        self.ensure_one()
        calendar = self.company_id.sudo().resource_calendar_id  # sudo: its time zone
        return fields.Date.context_today(self.with_context(tz=calendar.tz or 'UTC'))

    # === BUSINESS: WHAT ENDS === #

    def _get_expired(self, until):
        """See :func:`get_expired`."""
        return get_expired(self._get_changes()[1], until)

    def _expire(self, until):
        """Post what has come to its end unused, on the first day without it."""
        for account in self:
            first = account.closed_until and account.closed_until + DAY
            self.env['scp.balance.entry']._append(account, [{
                'kind': 'expiry', 'source': 'job', 'date': max(day, first or day), 'qty': -qty, 'base_qty': 0.0,
                'reason': self.env._("Not claimed until its last day"),
            } for day, qty in account._get_expired(until)])

    @api.model
    def _cron_expire(self):
        """Post what has come to its end, in batches."""
        ending = self.env['scp.balance.entry']._read_group([('expires_on', '!=', False)], ['account_id'])
        accounts = self.browse(sorted(account.id for [account] in ending))
        for start in range(0, len(accounts), BATCH):
            for account in accounts[start:start + BATCH].try_lock_for_update():
                account._expire(account._get_today())
            if not self.env['ir.cron']._commit_progress(
                min(BATCH, len(accounts) - start), remaining=max(len(accounts) - start - BATCH, 0),
            ):
                break

    # === BUSINESS: WHO AND WHICH === #

    @api.model
    def _check_keeper(self):
        """:raise AccessError: books are kept by who confirms certificates"""
        if not self.env.su and not any(self.env.user.has_group(group) for group in CONFIRMERS):
            raise AccessError(self.env._(
                "Mass balance accounts are kept by quality or by managers of customer relationship."))

    @api.model
    @tools.ormcache('company_id', cache='stable')
    def _get_acting(self, company_id: int) -> tuple[Acting, ...]:
        """The accounts of a company; cached, for every transfer asks and most companies have none."""
        # sudo: goods are counted whoever moves them
        Category = self.env['product.category'].sudo()
        return tuple(
            Acting(
                account.id, account.standard_id.id, account.warehouse_id.id, frozenset(account.product_ids.ids),
                frozenset(Category.search([('id', 'child_of', account.categ_ids.ids)]).ids)
                if account.categ_ids else frozenset(),
                account.coc_model == BALANCE,
            ) for account in self.sudo().search([('company_id', '=', company_id)])
        )

    @api.model
    def _get_accounts_of(self, company, warehouse, product):
        """The accounts that count a product at a site: one for each standard, as superuser."""
        best = {}
        for acting in self._get_acting(company.id):
            if acting.warehouse_id == warehouse.id and acting.is_physical:
                rank = acting.get_rank(product)
                if rank is not None and rank > best.get(acting.standard_id, (-1, 0))[0]:
                    best[acting.standard_id] = rank, acting.id
        # sudo: as in `_get_acting`
        return self.sudo().browse(account_id for _rank, account_id in best.values())

    def _is_about(self, product):
        self.ensure_one()
        return any(
            acting.id == self.id and acting.get_rank(product) is not None
            for acting in self._get_acting(self.company_id.id))

    @api.model
    def _forget_acting(self):
        self.env.registry.clear_cache('stable')
