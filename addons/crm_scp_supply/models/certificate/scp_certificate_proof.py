from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, float_compare

from .coc import IDENTITY


class Asked(NamedTuple):
    """Goods that came, or are to come, from somebody.

    :param key: what the answer is told apart by
    :param product_id: what came; None when nobody knows
    :param whole_id: the product it is part of, which requirements may be about instead
    :param address_id: the contact it came from; None when nobody knows
    :param day: when
    """

    key: int
    product_id: int | None
    whole_id: int | None
    address_id: int | None
    day: date


class Proof(NamedTuple):
    """Who had to hold a certificate for goods asked about, and which one he held.

    :param tier: 1: who delivered the goods; 2: who stands behind him; and so on
    :param is_named: the requirement is about what came, not only about what it is part of
    :param certificate_id: that covered the goods on the day; None without one
    """

    key: int
    requirement_id: int
    product_id: int | None
    partner_id: int | None
    tier: int
    day: date
    is_named: bool
    certificate_id: int | None
    is_waiver: bool


class Receipt(NamedTuple):
    """Goods of a lot that came from outside.

    :param origin_id: the lot asked about
    :param lot_id: the lot that came, of which something is in it
    :param used: how much of it went that way, in the unit of its product
    """

    origin_id: int
    lot_id: int
    product_id: int
    address_id: int | None
    day: date
    used: float
    picking_ids: list[int]
    purchase_ids: list[int]


class Compliance(NamedTuple):
    """Whether a lot keeps a requirement, and by what.

    :param status: covered, exempt, missing
    :param share: of what the lot is made of, in per cent by quantity
    :param proofs: of each receipt, (:class:`Receipt` or None, :class:`Proof`)
    """

    lot_id: int
    requirement_id: int
    status: str
    share: float
    proofs: list


class ScpCertificateProof(models.AbstractModel):
    """Which certificates goods rest on: of suppliers and those behind them, on the day the goods came."""

    _name = 'scp.certificate.proof'
    _description = "Proof by Certificates"

    # === GOODS === #

    @api.model
    def _get_proofs(self, requirements, asked: Iterable[Asked], company) -> list[Proof]:
        """Who must hold which certificate for some goods, and whether he did; one statement.

        A requirement in force on the day asks the supplier, and those behind him up to its tier as far as relations
        know them. A certificate counts before an exemption, and one that holds longer before another.
        """
        columns = list(zip(*asked, strict=True)) or [()] * len(Asked._fields)
        self.env.flush_all()
        Requirement, Certificate = self.env['scp.certificate.requirement'], self.env['scp.certificate']
        requirement, day = SQL("requirement"), SQL("holder.day")
        rows = self.env.execute_query(SQL(
            """
            WITH RECURSIVE asked AS (
                SELECT * FROM unnest(%(keys)s::int[], %(products)s::int[], %(wholes)s::int[], %(addresses)s::int[],
                                     %(days)s::date[]) asked(key, product_id, whole_id, address_id, day)
            ),
            holder AS (
                SELECT asked.key, requirement.id AS requirement_id, asked.product_id, asked.address_id, asked.day,
                       address.commercial_partner_id AS partner_id, 1 AS tier, named.is_named
                  FROM asked
                  JOIN scp_certificate_requirement requirement
                    ON requirement.id = ANY(%(requirements)s) AND requirement.date_from <= asked.day
                   AND (requirement.date_to IS NULL OR requirement.date_to >= asked.day)
            CROSS JOIN LATERAL (SELECT %(of_product)s AS is_named) named
             LEFT JOIN res_partner address ON address.id = asked.address_id
                 WHERE named.is_named OR asked.whole_id IS NOT NULL AND %(of_whole)s
                 UNION ALL
                SELECT holder.key, holder.requirement_id, holder.product_id, NULL::int, holder.day, behind.partner_id,
                       holder.tier + 1, holder.is_named
                  FROM holder
                  JOIN scp_certificate_requirement requirement
                    ON requirement.id = holder.requirement_id AND requirement.tier > holder.tier
                  JOIN scp_relation through
                    ON through.partner_id = holder.partner_id AND through.company_id = %(company)s
                   AND through.role = 'supplier' AND through.active
                  JOIN scp_relation behind
                    ON behind.upstream_relation_id = through.id AND behind.role = 'supplier' AND behind.active
                   AND (behind.date_start IS NULL OR behind.date_start <= holder.day)
                   AND (behind.date_end IS NULL OR behind.date_end >= holder.day)
                   AND %(of_relation)s
            )
            SELECT DISTINCT holder.key, holder.requirement_id, holder.product_id, holder.partner_id, holder.tier,
                   holder.day, holder.is_named, cover.id, COALESCE(cover.is_waiver, FALSE)
              FROM holder
              JOIN scp_certificate_requirement requirement ON requirement.id = holder.requirement_id
         LEFT JOIN LATERAL (
                   SELECT certificate.id, certificate.is_waiver IS TRUE AS is_waiver
                     FROM scp_certificate certificate
                    WHERE certificate.partner_id = holder.partner_id
                      AND certificate.standard_id = requirement.standard_id
                      AND certificate.company_id = %(company)s
                      AND %(covers)s AND %(of_certificate)s AND %(at_site)s
                      AND (certificate.is_waiver OR %(of_model)s)
                 ORDER BY is_waiver, certificate.date_to DESC NULLS FIRST, certificate.id
                    LIMIT 1
                   ) cover ON TRUE
          ORDER BY holder.key, holder.requirement_id, holder.tier, holder.partner_id
            """,
            **dict(zip(('keys', 'products', 'wholes', 'addresses', 'days'), map(list, columns), strict=True)),
            requirements=requirements.ids, company=company.id,
            of_product=Requirement._get_scope_condition(requirement, SQL("asked.product_id")),
            of_whole=Requirement._get_scope_condition(requirement, SQL("asked.whole_id")),
            of_relation=self.env['scp.relation']._get_scope_condition(SQL("behind"), SQL("holder.product_id")),
            covers=Certificate._get_cover_condition(day),
            of_certificate=Certificate._get_scope_condition(SQL("certificate"), SQL("holder.product_id")),
            at_site=Certificate._get_site_condition(SQL("holder.address_id")),
            of_model=Certificate._get_model_condition(SQL("requirement.coc_model")),
        ))
        return [Proof(*row) for row in rows]

    # === LOTS === #

    @api.model
    def _get_compliance(self, requirements, lots, company) -> list[Compliance]:
        """Whether lots keep requirements, through all they were made of.

        Of a lot nobody knows where it came from nothing is proved. See :class:`Compliance`.
        """
        if not requirements or not lots:
            return []
        by_lot = {}
        for receipt in self._get_receipts(lots):
            by_lot.setdefault(receipt.origin_id, []).append(receipt)
        today = fields.Date.context_today(self)
        goods = [(lot_id, receipt) for lot_id in lots.ids for receipt in by_lot.get(lot_id, [None])]
        products = {lot.id: lot.product_id.id for lot in lots}
        proofs = self._get_proofs(requirements, [
            Asked(
                key, receipt and receipt.product_id, products[lot_id], receipt and receipt.address_id,
                receipt.day if receipt else today,
            ) for key, (lot_id, receipt) in enumerate(goods)
        ], company)
        grouped = {}
        for proof in proofs:
            lot_id, receipt = goods[proof.key]
            grouped.setdefault((lot_id, proof.requirement_id), []).append((receipt, proof))
        return [
            self._judge(lot_id, requirements.browse(requirement_id), found)
            for (lot_id, requirement_id), found in grouped.items()
        ]

    @api.model
    def _judge(self, lot_id, requirement, found) -> Compliance:
        """What proofs come to; of receipts that the requirement names, else of all."""
        if any(proof.is_named and receipt for receipt, proof in found):
            found = [(receipt, proof) for receipt, proof in found if proof.is_named]
        covered, amounts = {}, {}
        for receipt, proof in found:
            part = receipt.lot_id if receipt else 0
            amounts[part] = receipt.used if receipt else 0.0
            covered[part] = covered.get(part, True) and bool(proof.certificate_id)
        total = sum(amounts.values())
        weights = amounts if total else dict.fromkeys(amounts, 1.0)  # all of it went back: by lots
        share = 100 * sum(weights[part] for part in covered if covered[part]) / sum(weights.values())
        is_kept = float_compare(share, requirement.min_share, precision_digits=6) >= 0
        if requirement.coc_model == IDENTITY:
            is_kept = is_kept and self._is_of_one_source(found)
        status = 'missing' if not is_kept else 'exempt' if any(proof.is_waiver for _r, proof in found) else 'covered'
        return Compliance(lot_id, requirement.id, status, share, found)

    @api.model
    def _is_of_one_source(self, found):
        """Whether each product came from one supplier."""
        sources = {}
        for _receipt, proof in found:
            if proof.tier == 1:
                sources.setdefault(proof.product_id, set()).add(proof.partner_id)
        return all(len(partners) == 1 for partners in sources.values())

    @api.model
    def _get_receipts(self, lots) -> list[Receipt]:
        """Where the goods in lots came from, and on which day where our company is; one statement."""
        Trace = self.env['scp.trace']
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """
            WITH RECURSIVE %(reached)s,
            receipt AS (
                SELECT reached.origin_id, reached.lot_id, line.product_id, partner.id AS address_id, %(day)s AS day,
                       sum(line.quantity_product_uom) AS qty,
                       array_agg(DISTINCT line.picking_id) FILTER (WHERE line.picking_id IS NOT NULL) AS picking_ids,
                       array_agg(DISTINCT purchase.id) FILTER (WHERE purchase.id IS NOT NULL) AS purchase_ids
                       %(flow)s AND flow.is_in
              GROUP BY 1, 2, 3, 4, 5
            )
            SELECT receipt.origin_id, receipt.lot_id, receipt.product_id, receipt.address_id, receipt.day,
                   COALESCE(used.qty, receipt.qty), COALESCE(receipt.picking_ids, '{}'),
                   COALESCE(receipt.purchase_ids, '{}')
              FROM receipt
        CROSS JOIN LATERAL (
                   SELECT sum(line.quantity_product_uom) AS qty
                     FROM (SELECT DISTINCT step.used_id
                             FROM (%(step)s) step
                             JOIN reached made
                               ON made.origin_id = receipt.origin_id AND made.lot_id = step.lot_id) step
                     JOIN stock_move_line line ON line.id = step.used_id
                   ) used
          ORDER BY receipt.origin_id, receipt.day, receipt.lot_id, receipt.address_id
            """,
            reached=Trace._get_reached(lots, 'backward', by_origin=True), flow=Trace._get_supplier_flow(),
            step=Trace._get_step(SQL("receipt.lot_id"), 'forward'), day=Trace._get_day(),
        ))
        return [Receipt(*row) for row in rows]
