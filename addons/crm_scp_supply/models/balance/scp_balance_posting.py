from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..certificate.coc import BALANCE
from .balance_rules import DIGITS


class Flow(NamedTuple):
    """Goods of a move line that an account counts.

    :param base: their quantity in the unit of the account
    """

    account: models.BaseModel
    line: models.BaseModel
    base: float


class ScpBalancePosting(models.AbstractModel):
    """How goods that move become entries of mass balance accounts, in the transaction that moves them."""

    _name = 'scp.balance.posting'
    _description = "Posting to Mass Balance Accounts"

    @api.model
    def _post_moves(self, moves):
        """Post done moves of one company, as superuser; those of goods no account counts cost nothing.

        :raise UserError: an account would be below zero; then the goods do not move either
        """
        company = moves.company_id
        Account = self.env['scp.balance.account']
        if not Account._get_acting(company.id) or not company.scp_balance_acts:
            return
        postings = defaultdict(list)
        for prepare in (self._prepare_receipts, self._prepare_sent_back, self._prepare_claims, self._prepare_returned):
            for account, vals in prepare(moves):
                postings[account].append(vals)
        for account in sorted(postings, key=lambda account: account.id):
            account._post(postings[account])
        self._post_used(moves)

    # === WHAT COMES === #

    @api.model
    def _prepare_receipts(self, moves):
        """What a supplier delivered: certified by his certificate of the day, or counted as not certified."""
        flows = self._get_flows(moves, 'supplier', 'internal')
        certificates = self._get_certificates(flows)
        for index, flow in enumerate(flows):
            certificate_id = certificates.get(index)
            if certificate_id or flow.account.method == 'average':
                yield flow.account, {
                    **self._prepare_entry(flow), 'kind': 'input', 'source': 'receipt',
                    'qty': flow.base if certificate_id else 0.0, 'base_qty': flow.base,
                    'certificate_id': certificate_id,
                }

    @api.model
    def _prepare_sent_back(self, moves):
        """What goes back to a supplier takes its credit along."""
        for flow in self._get_flows(moves, 'internal', 'supplier'):
            origin = flow.line.move_id.origin_returned_move_id
            came = self.env['scp.balance.entry'].search([
                ('account_id', '=', flow.account.id), ('move_id', '=', origin.id), ('kind', '=', 'input'),
                ('lot_id', '=', flow.line.lot_id.id),
            ]) if origin else ()
            if base := sum(entry.base_qty for entry in came):
                yield flow.account, {
                    **self._prepare_entry(flow), 'kind': 'input', 'source': 'receipt', 'base_qty': -flow.base,
                    'qty': -flow.base * sum(entry.qty for entry in came) / base,
                    'certificate_id': came[0].certificate_id.id, 'expires_on': came[0].expires_on,
                }

    # === WHAT GOES === #

    @api.model
    def _prepare_claims(self, moves):
        """What is claimed of goods that are delivered."""
        delivered = moves.filtered(lambda move: move.location_dest_usage == 'customer')
        for claim in delivered.picking_id.scp_balance_claim_ids:
            of_claim = delivered.filtered(
                lambda move, claim=claim: move.picking_id == claim.picking_id and move.product_id == claim.product_id)
            if of_claim:
                yield claim.account_id, claim._prepare_posting(of_claim, claim.account_id._get_today())

    @api.model
    def _prepare_returned(self, moves):
        """What was claimed of goods that come back from a customer, no longer than it would have held."""
        for move in moves.filtered(lambda move: move.location_usage == 'customer' and move.origin_returned_move_id):
            origin = move.origin_returned_move_id
            for claim in origin.picking_id.scp_balance_claim_ids.filtered(
                lambda claim, move=move: claim.product_id == move.product_id and claim.qty > 0,
            ):
                account = claim.account_id
                base = move.product_uom._compute_quantity(
                    move.quantity, move.product_id.uom_id, round=False) * account._get_factor(move.product_id)
                posted = claim.entry_ids.filtered(lambda entry: entry.qty < 0)[:1]
                yield account, {
                    'kind': 'output', 'source': 'delivery', 'date': account._get_today(), 'base_qty': base,
                    'qty': min(base * claim.percent / 100, claim.qty), 'claim_id': claim.id,
                    'expires_on': account._get_last_day(posted.date), 'product_id': move.product_id.id,
                    'move_id': move.id, 'picking_id': move.picking_id.id, 'partner_id': posted.partner_id.id,
                }

    @api.model
    def _post_used(self, moves):
        """What production uses of an account that goes into another: certified lots, or the rolling average.

        Credits that were sold already are not there to go on: production is never held for them.
        """
        for flow in self._get_flows(moves, 'internal', 'production'):
            account, target = flow.account, flow.account.made_into_id
            if not target:
                continue
            day = account._get_today()
            if account.method == 'average':
                part = (account._get_average(day) or 0.0) / 100
            else:
                part, _end = self.env['scp.balance.entry']._get_shares(account, flow.line.lot_id).get(
                    flow.line.lot_id.id, (0.0, None))
            qty = round(min(flow.base * part, account._get_available(day)), DIGITS)
            if qty <= 0 and target.method != 'average':
                continue
            values = {**self._prepare_entry(flow), 'source': 'production'}
            account._post([{**values, 'kind': 'output', 'qty': -qty, 'base_qty': -flow.base}])
            target._post([{
                **values, 'kind': 'input', 'qty': qty * account.yield_factor,
                'base_qty': flow.base * account.yield_factor,
            }])

    # === READING === #

    @api.model
    def _get_flows(self, moves, source, destination):
        """Move lines from one kind of place to another, by the accounts that count them: list[:class:`Flow`]."""
        flows = []
        for line in moves.move_line_ids:
            if line.location_id.usage != source or line.location_dest_id.usage != destination or not line.quantity:
                continue
            inside = line.location_id if source == 'internal' else line.location_dest_id
            accounts = self.env['scp.balance.account']._get_accounts_of(
                line.company_id, inside.warehouse_id, line.product_id)
            flows += [
                Flow(account, line, line.quantity_product_uom * account._get_factor(line.product_id))
                for account in accounts
            ]
        return flows

    @api.model
    def _prepare_entry(self, flow):
        line = flow.line
        return {
            'date': flow.account._get_today(),
            'product_id': line.product_id.id,
            'lot_id': line.lot_id.id,
            'move_id': line.move_id.id,
            'picking_id': line.picking_id.id,
            'partner_id': self._get_address(line).commercial_partner_id.id,
        }

    @api.model
    def _get_address(self, line):
        return line.move_id.purchase_line_id.order_id.partner_id or line.picking_id.partner_id

    @api.model
    def _get_certificates(self, flows):
        """Which certificate covered goods that came: {index of the flow: id}; one statement.

        Of the standard of the account, for these goods, from this site of the supplier, and with a chain of custody
        at least as strict as mass balance. An exemption is no certificate.
        """
        if not flows:
            return {}
        self.env.flush_all()
        Certificate = self.env['scp.certificate']
        rows = self.env.execute_query(SQL(
            """
            SELECT asked.key, cover.id
              FROM unnest(%(keys)s::int[], %(standards)s::int[], %(companies)s::int[], %(products)s::int[],
                          %(addresses)s::int[], %(days)s::date[])
                   asked(key, standard_id, company_id, product_id, address_id, day)
              JOIN res_partner address ON address.id = asked.address_id
        CROSS JOIN LATERAL (
                   SELECT certificate.id
                     FROM scp_certificate certificate
                    WHERE certificate.partner_id = address.commercial_partner_id
                      AND certificate.standard_id = asked.standard_id
                      AND certificate.company_id = asked.company_id
                      AND certificate.is_waiver IS NOT TRUE
                      AND %(covers)s AND %(of_certificate)s AND %(at_site)s AND %(of_model)s
                 ORDER BY certificate.date_to DESC NULLS FIRST, certificate.id
                    LIMIT 1
                   ) cover
            """,
            keys=list(range(len(flows))),
            standards=[flow.account.standard_id.id for flow in flows],
            companies=[flow.account.company_id.id for flow in flows],
            products=[flow.line.product_id.id for flow in flows],
            addresses=[self._get_address(flow.line).id or None for flow in flows],
            days=[flow.account._get_today() for flow in flows],
            covers=Certificate._get_cover_condition(SQL("asked.day")),
            of_certificate=Certificate._get_scope_condition(SQL("certificate"), SQL("asked.product_id")),
            at_site=Certificate._get_site_condition(SQL("asked.address_id")),
            of_model=Certificate._get_model_condition(SQL("%s", BALANCE)),
        ))
        return dict(rows)
