from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

COLUMNS = ('source_id', 'company_id', 'partner_id', 'date', 'reference', 'amount')


class ScpComplaintSilentReport(models.Model):
    """Silent complaints: what went wrong for a customer who did not complain.

    One row for each signal of the last days (`scp_silent_days` of the company) whose customer
    complained neither within `scp_silent_window_days` before or after it nor because of it.
    Addons name further signals in :meth:`_get_silent_signal_queries`.
    """

    _name = 'scp.complaint.silent.report'
    _description = "Silent Complaints"
    _auto = False
    _rec_name = 'reference'
    _order = 'date desc, id desc'

    _depends = {
        'account.move': [
            'amount_untaxed_signed', 'commercial_partner_id', 'company_id', 'invoice_date', 'move_type', 'name',
            'reversed_entry_id', 'state',
        ],
        'scp.complaint': ['commercial_partner_id', 'company_id', 'invoice_id', 'received_at', 'silent_key'],
        'scp.complaint.compensation': ['refund_move_id'],
        'scp.customer': ['company_id', 'grade_id', 'partner_id', 'team_id', 'user_id'],
        'res.company': ['currency_id', 'scp_silent_days', 'scp_silent_window_days'],
    }

    signal = fields.Selection(selection='_selection_signal', readonly=True, help="What went wrong.")
    source_id = fields.Many2oneReference(model_field='source_model', readonly=True)
    source_model = fields.Char(readonly=True)
    reference = fields.Char(string="Document", readonly=True)
    date = fields.Date(readonly=True)
    amount = fields.Monetary(readonly=True, help="Untaxed, in the currency of the company.")
    currency_id = fields.Many2one('res.currency', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    customer_id = fields.Many2one('scp.customer', string="Customer Record", readonly=True)
    grade_id = fields.Many2one('scp.grade', string="Value Grade", readonly=True)
    user_id = fields.Many2one('res.users', string="Owner", readonly=True, help="Of the customer.")
    team_id = fields.Many2one('crm.team', string="Sales Team", readonly=True, help="Of the customer.")

    @api.model
    def _selection_signal(self):
        """Label of each signal, in the order of `_get_silent_signal_queries`. To be extended with it."""
        return [('credit_note', self.env._("Credit Note"))]

    @api.model
    def _get_signal_model(self, signal) -> str:
        """Model of the documents of a signal. To be extended with it."""
        return {'credit_note': 'account.move'}[signal]

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        queries = self._get_silent_signal_queries()
        return SQL(
            """
            SELECT signal.source_id * %(count)s + signal.number AS id,
                   signal.signal, signal.source_model, signal.source_id, signal.reference, signal.date,
                   signal.amount, company.currency_id, signal.company_id, signal.partner_id,
                   customer.id AS customer_id, customer.grade_id, customer.user_id, customer.team_id
              FROM (%(signals)s) signal
              JOIN res_company company ON company.id = signal.company_id
         LEFT JOIN scp_customer customer
                ON customer.partner_id = signal.partner_id AND customer.company_id = signal.company_id
             WHERE signal.date >= %(oldest)s
               AND signal.date >= %(today)s - company.scp_silent_days
               AND signal.date <= %(today)s
               AND NOT EXISTS (
                    SELECT FROM scp_complaint complaint
                     WHERE complaint.commercial_partner_id = signal.partner_id
                       AND complaint.company_id = signal.company_id
                       AND complaint.received_at >= signal.date - company.scp_silent_window_days
                       AND complaint.received_at < signal.date + company.scp_silent_window_days + 1)
               AND NOT EXISTS (
                    SELECT FROM scp_complaint complaint
                     WHERE complaint.silent_key = signal.signal || ',' || signal.source_id)
            """,
            count=len(queries),
            signals=SQL(" UNION ALL ").join(
                SQL(
                    "SELECT %s AS number, %s AS signal, %s AS source_model, %s FROM (%s) %s",
                    number, name, self._get_signal_model(name),
                    SQL(", ").join(map(SQL.identifier, COLUMNS)), query, SQL.identifier(name),
                )
                for number, (name, query) in enumerate(queries.items())
            ),
            # a constant, so that every signal is cut off before it is joined
            oldest=self._get_oldest_date(),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _get_oldest_date(self):
        """Day before which no company looks for signals."""
        # sudo: a number of the settings
        # pylint: disable-next=no-search-all # companies are few
        days = self.env['res.company'].sudo().search([]).mapped('scp_silent_days')
        return fields.Date.context_today(self) - timedelta(days=max(days, default=0))

    @api.model
    def _get_silent_signal_queries(self) -> dict[str, SQL]:
        """Signals that something went wrong for a customer: {key of `_selection_signal`: query}.

        The columns of a query are, in any order:

        - ``source_id``: id of the document, of the model `_get_signal_model`; one row for each
        - ``company_id``
        - ``partner_id``: the commercial partner
        - ``date``: day on which it happened
        - ``reference``: number of the document
        - ``amount``: untaxed value in the currency of the company, NULL where there is none

        What a complaint has led to is left out here; complaints around the day are looked for by
        the report.
        """
        return {'credit_note': self._get_credit_note_query()}

    @api.model
    def _get_credit_note_query(self) -> SQL:
        """Posted credit notes but those for a compensation or for an invoice complained of."""
        return SQL(
            """
            SELECT move.id AS source_id, move.company_id, move.commercial_partner_id AS partner_id,
                   move.invoice_date AS date, move.name AS reference, -move.amount_untaxed_signed AS amount
              FROM account_move move
             WHERE move.move_type = 'out_refund'
               AND move.state = 'posted'
               AND NOT EXISTS (SELECT FROM scp_complaint_compensation compensation
                                WHERE compensation.refund_move_id = move.id)
               AND NOT EXISTS (SELECT FROM scp_complaint complaint
                                WHERE complaint.invoice_id = move.reversed_entry_id)
            """,
        )

    # === ACTIONS === #

    def action_ask_customer(self):
        """Plan a call with each customer for who answers for him, once for each signal."""
        labels = dict(self._selection_signal())
        for row in self:
            partner = row.partner_id
            summary = self.env._(
                "Ask what went wrong: %(signal)s %(reference)s",
                signal=labels[row.signal], reference=row.reference,
            )
            if summary not in partner.sudo().activity_ids.mapped('summary'):  # sudo: also colleagues' plans
                partner.activity_schedule(
                    'mail.mail_activity_data_call',
                    summary=summary,
                    user_id=(row.user_id or self.env.user).id,
                )
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._("Calls are planned for the owners of the customers."),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    def action_make_complaint(self):
        """Open a new complaint of the customer, which the signal belongs to once it is saved."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'scp.complaint',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'context': self._prepare_complaint_context(),
        }

    @api.readonly
    def action_open_source(self):
        self.ensure_one()
        return self.env[self.source_model].browse(self.source_id)._get_records_action()

    def _prepare_complaint_context(self):
        self.ensure_one()
        label = dict(self._selection_signal())[self.signal]
        return {
            'default_name': f'{label} {self.reference}',
            'default_partner_id': self.partner_id.id,
            'default_company_id': self.company_id.id,
            'default_user_id': self.env.uid,
            'default_silent_key': f'{self.signal},{self.source_id}',
        }
