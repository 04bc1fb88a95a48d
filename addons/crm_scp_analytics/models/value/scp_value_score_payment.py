from odoo import api, fields, models
from odoo.tools.misc import formatLang


class ScpValueScore(models.Model):
    """How the customer pays, and how much is known of him. Formulas: `scp.value.run`."""

    _inherit = 'scp.value.score'

    due_amount = fields.Monetary(
        string="Paid or Overdue", readonly=True,
        help="What was paid of invoices in the window, and what was overdue on its last day. Nothing: "
             "no data on payments.",
    )
    payment_days_late = fields.Float(
        string="Days Late", digits=(8, 1), readonly=True, aggregator=None,
        help="Days from the due date to the payment, or to the day of the score, weighted with the "
             "amounts. Paid early is 0 days.",
    )
    payment_index = fields.Float(
        digits=(5, 1), readonly=True, aggregator=None,
        help="100: pays what he owes when it is due. 62.5: a month late. 25: four months late. The "
             "marks of each amount, weighted with the amounts.",
    )
    overdue_amount = fields.Monetary(
        string="Overdue", readonly=True, help="Open and past its due date on the day of the score.",
    )
    overdue_share = fields.Float(
        readonly=True, aggregator=None, help="Overdue part of what is open.",
    )
    credit_index = fields.Float(
        digits=(5, 1), readonly=True, aggregator=None,
        help="Payment index times the part that was paid of what had to be. 100: all of it, in time.",
    )
    data_completeness = fields.Float(
        digits=(5, 1), readonly=True, aggregator='avg',
        help="Of a second purchase, forecasts, payments and a complete profile: how much is known, "
             "0 to 100.",
    )
    data_missing = fields.Char(
        string="Not Known", compute='_compute_data_missing', help="What would make the score surer.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('purchase_count', 'usual_gap_days', 'due_amount', 'customer_id.completeness_missing')
    @api.depends_context('lang')
    def _compute_data_missing(self):
        for score in self:
            score.data_missing = " ".join(score._get_missing_sentences())

    # === BUSINESS METHODS ===#

    def _get_missing_sentences(self):
        self.ensure_one()
        missing = []
        if self.purchase_count < 2:
            missing.append(self.env._("Ordered on one day only: his own rhythm is not known yet."))
        if not self.usual_gap_days:
            missing.append(self.env._("No forecast."))
        if not self.due_amount:
            missing.append(self.env._("No invoice was paid or has fallen due: payments are not known."))
        # sudo: which fields of the contact are empty, for whoever may read the score
        if fields_missing := self.sudo().customer_id.completeness_missing:
            missing.append(self.env._("Missing in the profile: %(fields)s.", fields=fields_missing))
        return missing

    def _prepare_card(self, *args):
        return super()._prepare_card(*args) | {
            'payment': self._prepare_payment(),
            'completeness': self.env._(
                "%(share)s %% of what a score can be told by is known.",
                share=formatLang(self.env, self.data_completeness, digits=0),
            ),
            'missing': self._get_missing_sentences(),
        }

    def _prepare_payment(self):
        """:return: figures like those of `_prepare_outlook_figures`; None where nothing is known"""
        self.ensure_one()
        if not self.due_amount:
            return None
        return [
            {
                'code': 'payment',
                'label': self.env._("Payment index"),
                'value': formatLang(self.env, self.payment_index, digits=0),
                'text': (
                    self.env._(
                        "pays %(days)s days late on average, by amount",
                        days=formatLang(self.env, self.payment_days_late, digits=0),
                    ) if round(self.payment_days_late) else self.env._("pays when it is due")
                ),
                'level': self._get_index_level(self.payment_index),
            },
            {
                'code': 'credit',
                'label': self.env._("Credit index"),
                'value': formatLang(self.env, self.credit_index, digits=0),
                'text': (
                    self.env._(
                        "%(amount)s overdue, %(share)s %% of what is open",
                        amount=self._format_money(self.overdue_amount),
                        share=formatLang(self.env, 100 * self.overdue_share, digits=0),
                    ) if self.overdue_amount else self.env._("nothing is overdue")
                ),
                'level': self._get_index_level(self.credit_index),
            },
        ]

    @api.model
    def _get_index_level(self, index):
        """:return: how alarming an index is: up to a fortnight late, up to a month, more"""
        if index < 62.5:
            return 'danger'
        return 'warning' if index < 87.5 else 'success'
