from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .claim_rules import apportion

#: a share is a number of these
SHARE_UNITS = 10_000


class ScpSupplierClaim(models.Model):
    """How what a complaint or recall has cost becomes claims on those whose lots went into the goods."""

    _inherit = 'scp.supplier.claim'

    # === ACTIONS === #

    def action_refresh(self):
        """Take up what the complaint or recall has cost meanwhile; lines entered by hand stay."""
        self.check_access('write')
        for claim in self:
            claim._check_draft()
            claim._get_round()._split()
        return True

    # === BUSINESS === #

    @api.model
    def _claim(self, origin):
        """Draft a claim on each supplier behind the lots of a complaint or recall; together they share its costs.

        Asked again, the drafts are brought up to date. Once one is sent, only costs that came on top are claimed.

        :param origin: ``scp.complaint`` or ``scp.recall``; its `_get_claim_lots` and `_get_claim_costs` are asked
        :return: the drafts; all claims of the origin when nothing is left to claim
        :raise UserError: lots, suppliers, costs or a rate of exchange are missing; nothing is written
        """
        self.check_access('create')
        # sudo: who may claim need not read the stock, the orders and the costs of the complaint himself
        origin = origin.sudo().with_company(origin.company_id).with_context(
            allowed_company_ids=origin.company_id.ids)
        Claim = self.with_env(origin.env)
        field_name = 'complaint_id' if origin._name == 'scp.complaint' else 'recall_id'
        known = Claim.search(Domain(field_name, '=', origin.id) & Domain('state', '!=', 'withdrawn'))
        latest = max(known.mapped('round'), default=0)
        claims = known.filtered(lambda claim: claim.round == latest)
        if not claims or any(claim.state != 'draft' for claim in claims):
            costs = Claim._get_open_costs(origin)
            if not costs and known:
                return known.with_env(self.env)
            if not costs:
                raise UserError(self.env._(
                    "%(origin)s: nothing is noted as its cost. Enter what it cost on the complaint first.",
                    origin=origin.display_name))
            last = Claim.search(Domain(field_name, '=', origin.id), order='round desc', limit=1).round
            claims = Claim.create(Claim._prepare_claims(origin, field_name, last + 1))
        claims._split()
        return claims.with_env(self.env)

    @api.model
    def _prepare_claims(self, origin, field_name, number):
        """Values of the claims of a round, one for each supplier, biggest part first."""
        lots = origin._get_claim_lots()
        if not lots:
            raise UserError(self.env._("%(origin)s: name the lots first.", origin=origin.display_name))
        by_supplier = self._prepare_supplier_lots(lots)
        if not by_supplier:
            raise UserError(self.env._(
                "%(origin)s: no supplier is behind lot %(lots)s. It was neither received nor made of a lot that was.",
                origin=origin.display_name, lots=", ".join(lots.mapped('name'))))
        today = fields.Date.context_today(self)
        values = []
        for partner, (rows, purchases) in by_supplier.items():
            currency = self._get_supplier_currency(partner, purchases)
            self._check_rate(currency, today, partner)
            values.append({
                'name': origin.name,
                'company_id': origin.company_id.id,
                'partner_id': partner.id,
                'currency_id': currency.id,
                field_name: origin.id,
                'round': number,
                'date': today,
                'weight': sum(row['value'] for row in rows),
                'lot_ids': [Command.create(row) for row in rows],
            })
        return sorted(values, key=lambda vals: -vals['weight'])

    @api.model
    def _prepare_supplier_lots(self, lots):
        """What of whom is in these lots.

        :return: {``res.partner``: (values of lots, ``purchase.order``)}
        """
        found = self.env['scp.trace']._get_consumed_rows(lots)
        prices = self._get_receipt_prices(found)
        by_supplier = defaultdict(lambda: ([], self.env['purchase.order']))
        for row in found:
            partner = self.env['res.partner'].browse(row['partner_id'])
            lot = self.env['stock.lot'].browse(row['lot_id'])
            purchases = self.env['purchase.order'].browse(row['purchase_ids'] or [])
            rows, orders = by_supplier[partner]
            rows.append({
                'lot_id': lot.id,
                'product_id': lot.product_id.id,
                'product_uom_id': lot.product_uom_id.id,
                'qty': row['consumed'],
                'value': row['consumed'] * prices[row['partner_id'], row['lot_id']],
                'purchase_names': ", ".join(purchases.mapped('name')),
            })
            by_supplier[partner] = rows, orders | purchases
        return by_supplier

    @api.model
    def _get_receipt_prices(self, rows):
        """What a unit of each lot was received for, in the currency of the company, as Odoo values the receipts.

        :param rows: of ``scp.trace._get_consumed_rows``
        :return: {(partner id, lot id): price}; the cost of the product where receipts have no value
        """
        lines = self.env['stock.move.line'].search([
            ('lot_id', 'in', [row['lot_id'] for row in rows]), ('state', '=', 'done'),
            ('picking_id', 'in', [picking for row in rows for picking in row['picking_ids'] or []]),
            ('location_id.usage', 'in', ('supplier', 'transit')),
        ])
        prices = {}
        for row in rows:
            lot = self.env['stock.lot'].browse(row['lot_id'])
            moves = lines.filtered(
                lambda line, row=row: line.lot_id.id == row['lot_id'] and line.picking_id.id in row['picking_ids']
            ).move_id
            qty = sum(moves.move_line_ids.mapped('quantity_product_uom'))
            value = sum(moves.mapped('value'))
            prices[row['partner_id'], row['lot_id']] = value / qty if value and qty else lot.product_id.standard_price
        return prices

    def _split(self):
        """Divide what is open of the costs of a round over its claims, by their parts; not once one has been sent.

        Shares add up to 100 %, and the parts of each cost to the cost, to the cent of the company's currency. Each
        part is then converted into the currency of its supplier; a claim is the sum of its lines.
        """
        claims = self.sudo().sorted('id')  # sudo: as in `_claim`
        origin = claims[:1]._get_origin() if claims else claims
        if not origin or any(claim.state != 'draft' for claim in claims):
            return
        currency = origin.company_id.currency_id
        shares = apportion(SHARE_UNITS, claims.mapped('weight'))
        lines = defaultdict(list)
        for cost, amount in claims._get_open_costs(origin, claims):
            parts = apportion(round(amount / currency.rounding), shares)
            for claim, part in zip(claims, parts, strict=True):
                if part:
                    part = currency.round(part * currency.rounding)
                    lines[claim].append(claim._prepare_split_line(cost, amount, part))
        for claim, share in zip(claims, shares, strict=True):
            claim.write({
                'share': 100 * share / SHARE_UNITS,
                'line_ids': [
                    *(Command.delete(line.id) for line in claim.line_ids if line.is_split),
                    *(Command.create(values) for values in lines[claim]),
                ],
            })

    def _prepare_split_line(self, cost, cost_amount, part):
        self.ensure_one()
        return {
            'kind': cost.kind,
            'name': " ".join(filter(None, (cost.name, cost.source_name))),
            'cost_id': cost.id,
            'is_split': True,
            'cost_amount': cost_amount,
            'amount_company': part,
            'amount': self._convert(part, self.company_id.currency_id, self.currency_id),
        }

    @api.model
    def _get_open_costs(self, origin, claims=()):
        """What is not claimed yet of the costs of a complaint or recall.

        :param claims: those whose own lines do not count as claimed
        :return: [(``scp.complaint.cost``, amount in the currency of the company)]
        """
        costs = origin._get_claim_costs()
        for cost in costs:
            self._check_rate(cost.currency_id, cost.date, origin)
        claimed = dict(self.env['scp.supplier.claim.line']._read_group(
            Domain('cost_id', 'in', costs.ids) & Domain('claim_id.state', '!=', 'withdrawn')
            & Domain('claim_id', 'not in', [claim.id for claim in claims]),
            ['cost_id'], ['amount_company:sum'],
        ))
        left = [(cost, cost.amount_company - claimed.get(cost, 0)) for cost in costs]
        left = [(cost, amount) for cost, amount in left if not cost.company_currency_id.is_zero(amount)]
        return left if sum(amount for _cost, amount in left) > 0 else []

    # === CURRENCIES === #

    @api.model
    def _get_supplier_currency(self, partner, purchases):
        """The currency a supplier is dealt with in: the one set, else that of the orders, else the company's."""
        ordered = purchases.currency_id
        return (
            partner.property_purchase_currency_id or (ordered if len(ordered) == 1 else ordered.browse())
            or self.env.company.currency_id
        )

    def _convert(self, amount, source, target):
        """An amount at the rate of the day of the claim.

        :raise UserError: there is no rate
        """
        self.ensure_one()
        for currency in source | target:
            self.with_company(self.company_id)._check_rate(currency, self.date, self.partner_id)
        return source._convert(amount, target, self.company_id, self.date)

    @api.model
    def _check_rate(self, currency, date, record):
        """Odoo takes a currency without a rate for one unit of the company's; money is not claimed so.

        :param record: whose money it is, for the message
        """
        company = self.env.company
        if currency == company.currency_id:
            return
        # sudo: rates are no secret
        if not self.env['res.currency.rate'].sudo().search_count([
            ('currency_id', '=', currency.id), ('company_id', 'in', (False, company.root_id.id)), ('name', '<=', date),
        ], limit=1):
            raise UserError(self.env._(
                "%(record)s: no rate of exchange is recorded for %(currency)s on %(date)s. Add one to the currency "
                "first.", record=record.display_name, currency=currency.name, date=fields.Date.to_string(date)))
