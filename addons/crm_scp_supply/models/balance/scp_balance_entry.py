from collections import defaultdict

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL
from odoo.tools.misc import clean_context

from .balance_rules import DAY, DIGITS

WRITER_KEY = 'scp_balance_writer'
# Only the code of this file holds it, and no RPC context can: see _append().
_WRITER = object()


class ScpBalanceEntry(models.Model):
    """The ledger of mass balance accounts: one row per posting, appended and never changed.

    Each entry carries the next number of its account and the balance after it. Two transactions that post at once
    both claim the same number: one is refused by the index and run again, so that every entry was written by somebody
    who knew all entries before it. No row is updated for it.
    """

    _name = 'scp.balance.entry'
    _description = "Mass Balance Entry"
    _order = 'date desc, id desc'
    _rec_names_search = ['account_id', 'lot_name', 'picking_name']

    account_id = fields.Many2one(
        'scp.balance.account', required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    standard_id = fields.Many2one(related='account_id.standard_id')
    warehouse_id = fields.Many2one(related='account_id.warehouse_id')
    uom_id = fields.Many2one(related='account_id.uom_id')
    number = fields.Integer(required=True, readonly=True, aggregator=None, help="In its account, without a gap.")
    date = fields.Date(required=True, readonly=True)
    kind = fields.Selection(
        [('input', "Taken In"), ('output', "Taken Out"), ('expiry', "Expired")], required=True, readonly=True)
    source = fields.Selection(
        [
            ('receipt', "Receipt"),
            ('production', "Production"),
            ('delivery', "Delivery"),
            ('hand', "By Hand"),
            ('job', "Job"),
        ],
        required=True, readonly=True,
    )

    # Quantities
    qty = fields.Float(
        string="Certified", required=True, readonly=True, digits=(16, DIGITS),
        help="In the unit of the account, after conversion: what comes in is positive, what goes out negative.",
    )
    base_qty = fields.Float(
        string="Goods", required=True, readonly=True, digits=(16, DIGITS),
        help="The goods behind it, certified or not, in the unit of the account.",
    )
    percent = fields.Float(
        string="Certified (%)", compute='_compute_percent', digits=(5, 2), aggregator=None,
        help="Certified part of the goods.",
    )
    balance_after = fields.Float(
        string="Balance When Posted", required=True, readonly=True, digits=(16, DIGITS), aggregator=None,
        help="Of the account, after this entry.",
    )
    balance_on_day = fields.Float(
        string="Balance", compute='_compute_balance_on_day', digits=(16, DIGITS), aggregator=None,
        help="At the end of the day, with all that was posted for it and for earlier days.",
    )
    expires_on = fields.Date(string="Last Day", readonly=True, help="On which the credit can be claimed.")

    # Why, with what outlives the documents
    reason = fields.Char(readonly=True)
    reversed_id = fields.Many2one(
        'scp.balance.entry', string="Reverses", readonly=True, index='btree_not_null', ondelete='restrict')
    reversal_ids = fields.One2many('scp.balance.entry', 'reversed_id', string="Reversed By")
    certificate_id = fields.Many2one(
        'scp.certificate', readonly=True, index='btree_not_null', ondelete='set null',
        help="Of the supplier, which covered the goods on the day they came.",
    )
    claim_id = fields.Many2one('scp.balance.claim', readonly=True, index='btree_not_null', ondelete='set null')
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    lot_id = fields.Many2one('stock.lot', readonly=True, index='btree_not_null', ondelete='set null')
    lot_name = fields.Char(string="Lot Number", readonly=True)
    move_id = fields.Many2one('stock.move', readonly=True, index='btree_not_null', ondelete='set null')
    picking_id = fields.Many2one(
        'stock.picking', string="Transfer", readonly=True, index='btree_not_null', ondelete='set null')
    picking_name = fields.Char(string="Document", readonly=True)
    partner_id = fields.Many2one('res.partner', readonly=True, index='btree_not_null', ondelete='set null')
    user_id = fields.Many2one('res.users', string="Posted By", readonly=True, ondelete='set null')

    # _append(): entries of an account in their order, each number once
    _number_uniq = models.UniqueIndex('(account_id, number)')
    # _get_changes(), _compute_balance_on_day(): the days of an account
    _day_idx = models.Index('(account_id, date)')
    # _get_changes(): whether anything of an account ends
    _ends_idx = models.Index('(account_id) WHERE expires_on IS NOT NULL')
    _reversed_uniq = models.UniqueIndex(
        '(reversed_id) WHERE reversed_id IS NOT NULL', "This entry has been reversed already.")
    _never_negative = models.Constraint(
        'CHECK (balance_after >= 0)', "A mass balance account cannot be below zero.")
    _ways = models.Constraint(
        "CHECK (reversed_id IS NOT NULL OR kind != 'expiry' OR qty <= 0)", "What expires goes out.")
    _reason_by_hand = models.Constraint(
        "CHECK (source != 'hand' OR COALESCE(reason, '') != '')", "Reason: say why this is entered by hand.")

    # === COMPUTE === #

    @api.depends('account_id', 'number')
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = f'{entry.account_id.name} #{entry.number}'

    @api.depends('qty', 'base_qty')
    def _compute_percent(self):
        for entry in self:
            entry.percent = 100 * entry.qty / entry.base_qty if entry.base_qty else False

    def _compute_balance_on_day(self):
        self.flush_model()
        days = {
            (account_id, day): balance for account_id, day, balance in self.env.execute_query(SQL(
                """
                SELECT account_id, date, sum(sum(qty)) OVER (PARTITION BY account_id ORDER BY date)
                  FROM scp_balance_entry
                 WHERE account_id = ANY(%s)
              GROUP BY account_id, date
                """, self.account_id.ids))
        }
        for entry in self:
            entry.balance_on_day = days.get((entry.account_id.id, entry.date), 0.0)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get(WRITER_KEY) is not _WRITER:
            raise UserError(self.env._(
                "Entries are written by transfers and by Post by Hand on the account. Nobody adds them here."))
        return super().create(vals_list)

    def write(self, vals):
        raise UserError(self.env._("Mass balance entries are never changed: reverse the entry and post another."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ledger(self):
        raise UserError(self.env._("Mass balance entries are never deleted: reverse the entry."))

    def copy(self, default=None):
        raise UserError(self.env._("Mass balance entries cannot be duplicated."))

    # === ACTIONS === #

    def action_reverse(self):
        """Ask why, then post the opposite."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Reverse"),
            'res_model': 'scp.balance.post',
            'view_mode': 'form',
            'target': 'new',
            'context': {
                'default_account_id': self.account_id.id, 'default_reversed_id': self.id,
                'default_kind': self.kind if self.kind != 'expiry' else 'output',
            },
        }

    # === BUSINESS === #

    def _reverse(self, reason):
        """Post the opposite, on the same day; on the first open day when that one is closed.

        :return: the entry that reverses this one
        :raise UserError: what came in was claimed meanwhile, or the entry has been reversed
        """
        self.ensure_one()
        account = self.account_id
        account._check_keeper()
        if self.reversed_id or self.reversal_ids:
            raise UserError(self.env._(
                "%(entry)s has been reversed, or reverses another entry.", entry=self.display_name))
        day, closed = self.date, account.closed_until
        vals = {'date': day, 'expires_on': self.expires_on}
        if closed and day <= closed:
            vals['date'] = closed + DAY
            if self.qty < 0:
                # what comes back has been there since then
                vals['expires_on'] = account._get_last_day(day)
        return account.sudo()._post([{  # sudo: as `_append`
            **vals, 'kind': self.kind, 'source': 'hand', 'qty': -self.qty, 'base_qty': -self.base_qty,
            'reason': reason, 'reversed_id': self.id, 'user_id': self.env.uid,
            **{name: self[name].id for name in (
                'certificate_id', 'claim_id', 'product_id', 'lot_id', 'move_id', 'picking_id', 'partner_id')},
        }])

    @api.model
    def _append(self, account, vals_list):
        """Append to the ledger in one INSERT; ``scp.balance.account._post`` asks whether it may be.

        :raise ConcurrencyError: another transaction has posted to the account meanwhile; the request is run again
        """
        if not vals_list:
            return self.browse()
        number, balance = self._get_last(account)
        rows = []
        for vals in vals_list:
            number, balance = number + 1, round(balance + vals['qty'], DIGITS)
            rows.append({
                'user_id': self.env.uid, **vals, 'account_id': account.id, 'company_id': account.company_id.id,
                'number': number, 'balance_after': balance,
                'lot_name': self.env['stock.lot'].browse(vals.get('lot_id')).name,
                'picking_name': self.env['stock.picking'].browse(vals.get('picking_id')).name,
            })
        if min(row['balance_after'] for row in rows) < 0 <= balance:
            # together they may be, one after the other not: what comes in first
            return self._append(account, sorted(vals_list, key=lambda vals: -vals['qty']))
        context = {**clean_context(self.env.context), WRITER_KEY: _WRITER}
        try:
            # sudo: nobody has the right to create entries, whoever moves goods makes them
            # pylint: disable-next=context-overridden # defaults of the caller's view are not for the ledger
            entries = self.sudo().with_context(context).create(rows)
        except UniqueViolation as error:
            raise ConcurrencyError(
                self.env._("Another transaction has just posted to %(account)s.", account=account.name)) from error
        account.invalidate_recordset()
        self.invalidate_model(['balance_on_day', 'reversal_ids'], flush=False)
        return entries.with_env(self.env)

    @api.model
    def _get_last(self, account):
        """Number of the last entry of an account, and the balance after it."""
        return next(iter(self.env.execute_query(SQL(
            "SELECT number, balance_after FROM scp_balance_entry WHERE account_id = %s ORDER BY number DESC LIMIT 1",
            account.id or None))), (0, 0.0))

    @api.model
    def _get_shares(self, account, lots):
        """Certified part of lots, as they came in: {lot id: (part, last day)}; other lots are missing."""
        sums, ends = defaultdict(lambda: [0.0, 0.0]), {}
        for lot, expires_on, qty, base_qty in self._read_group(
            [('account_id', '=', account.id), ('lot_id', 'in', lots.ids), ('kind', '=', 'input')],
            ['lot_id', 'expires_on:day'], ['qty:sum', 'base_qty:sum'],
        ):
            sums[lot.id][0] += qty
            sums[lot.id][1] += base_qty
            ends[lot.id] = expires_on
        return {lot_id: (qty / base, ends[lot_id]) for lot_id, (qty, base) in sums.items() if qty > 0 and base > 0}
