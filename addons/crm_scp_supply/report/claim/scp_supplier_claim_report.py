from odoo import api, fields, models
from odoo.tools import SQL

from ...models.claim.scp_supplier_claim import STATES


class ScpSupplierClaimReport(models.Model):
    """What was claimed of suppliers and what came back: a row for each claim that was sent and not withdrawn.

    Money is in the currency of the company, claims at the rate of their day and refunds at that of theirs. Aggregated,
    the rate of recovery is sum over sum.
    """

    _name = 'scp.supplier.claim.report'
    _description = "Claim Recovery"
    _auto = False
    _rec_name = 'claim_id'
    _order = 'date desc, id desc'
    _depends = {
        'scp.supplier.claim': [
            'amount_company', 'answered_at', 'company_id', 'partner_id', 'sent_at', 'state', 'user_id'],
        'account.move': [
            'amount_untaxed_signed', 'date', 'reversed_entry_id', 'scp_claim_id', 'state'],
        'res.company': ['currency_id'],
    }

    claim_id = fields.Many2one('scp.supplier.claim', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Supplier", readonly=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True)
    state = fields.Selection(STATES, string="Status", readonly=True)
    date = fields.Datetime(string="Sent On", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    claimed = fields.Monetary(readonly=True)
    recovered = fields.Monetary(readonly=True, help="Untaxed, of the refunds that are posted.")
    open_amount = fields.Monetary(string="Open", readonly=True, help="Claimed and neither recovered nor given up.")
    recovery_rate = fields.Float(
        string="Recovery Rate (%)", digits=(5, 1), readonly=True, aggregator='avg',
        help="Recovered over claimed.")
    days_to_answer = fields.Float(
        string="Days to Answer", digits=(16, 1), readonly=True, aggregator='avg', help="Of those that were answered.")
    days_to_recover = fields.Float(
        string="Days to Recover", digits=(16, 1), readonly=True, aggregator='avg',
        help="From sending to the date of the refund, of those that were recovered.")

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT claim.id, claim.id AS claim_id, claim.company_id, claim.partner_id, claim.user_id, claim.state,
                   claim.sent_at AS date, company.currency_id, claim.amount_company AS claimed,
                   COALESCE(refund.amount, 0) AS recovered,
                   CASE WHEN claim.state IN ('sent', 'disputed', 'accepted')
                        THEN claim.amount_company - COALESCE(refund.amount, 0) ELSE 0 END AS open_amount,
                   100 * COALESCE(refund.amount, 0) / NULLIF(claim.amount_company, 0) AS recovery_rate,
                   EXTRACT(EPOCH FROM claim.answered_at - claim.sent_at) / 86400 AS days_to_answer,
                   refund.date - claim.sent_at::date AS days_to_recover
              FROM scp_supplier_claim claim
              JOIN res_company company ON company.id = claim.company_id
         LEFT JOIN LATERAL (
                   -- a bill that reverses a refund has the other sign
                   SELECT sum(move.amount_untaxed_signed) AS amount,
                          max(move.date) FILTER (WHERE claim.state = 'recovered') AS date
                     FROM account_move move
                    WHERE move.state = 'posted'
                      AND (move.scp_claim_id = claim.id OR move.reversed_entry_id IN (
                          SELECT id FROM account_move WHERE scp_claim_id = claim.id))
                   ) refund ON TRUE
             WHERE claim.sent_at IS NOT NULL AND claim.state != 'withdrawn'
            """
        )

    # === AGGREGATES === #

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == 'recovery_rate:avg':
            self._check_field_access(self._fields['recovery_rate'], 'read')
            table = SQL.identifier(query.table)
            return SQL("100 * SUM(%(table)s.recovered)::float8 / NULLIF(SUM(%(table)s.claimed), 0)", table=table)
        return super()._read_group_select(aggregate_spec, query)

    # === ACTIONS === #

    @api.readonly
    def action_open_claim(self):
        self.ensure_one()
        return self.claim_id._get_records_action()
