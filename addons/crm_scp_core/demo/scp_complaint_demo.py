from datetime import timedelta

from markupsafe import Markup

from odoo import Command, api, models

from ..models.complaint.scp_complaint_eight_d import DISCIPLINES
from .scp_complaint_cases import CASES
from .scp_demo import BULK_CONTEXT

# Hours after the receipt at which the usual case takes its steps.
ACKNOWLEDGED, ANSWERED, ASSESSED, CONTAINED = 1, 5, 26, 30
DECIDED, INFORMED, RESOLVED, CLOSED = 100, 104, 170, 480
# Credit notes of complaints younger than this wait for the accountant.
POSTED_AFTER = 100
DECIDED_STATES = ('proposed', 'resolved', 'closed', 'rejected', 'escalated_external')
ASSESSED_STATES = (*DECIDED_STATES, 'assessed', 'investigating', 'waiting_customer', 'waiting_third')


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_complaints(self):
        """Create the complaints of twelve months, oldest first, and what was said about them."""
        complaints = self.env['scp.complaint']
        by_subject = {}
        for case in CASES:
            received = self._moment(case.days_ago, hour=7 + case.days_ago % 8)
            with self._at(received):
                complaint = self._create_complaint(case, received, by_subject)
            by_subject[case.subject] = complaint
            complaints |= complaint
        self.env['ir.model.data']._update_xmlids([
            {
                'xml_id': f'crm_scp_core.scp_complaint_{case.customer}_{case.days_ago}_{case.state}',
                'record': complaint,
                'noupdate': True,
            }
            for case, complaint in zip(CASES, complaints, strict=True)
        ])
        messages = [
            values for case, complaint in zip(CASES, complaints, strict=True)
            for values in self._prepare_complaint_messages(case, complaint)
        ]
        self.env['mail.message'].create(messages)
        self.env['rating.rating'].create([
            {
                'res_model_id': self.env['ir.model']._get_id('scp.complaint'),
                'res_id': complaint.id,
                'partner_id': complaint.partner_id.id,
                'rated_partner_id': complaint.user_id.partner_id.id,
                'rating': case.rating,
                'consumed': True,
            }
            for case, complaint in zip(CASES, complaints, strict=True) if case.rating
        ])
        for case, complaint in zip(CASES, complaints, strict=True):
            if case.compensation:
                self._create_compensation(case, complaint)

    def _create_complaint(self, case, received, by_subject):
        Complaint = self.env['scp.complaint'].with_context(
            **BULK_CONTEXT, ir_sequence_date=received.date(),
        )
        return Complaint.create(
            self._prepare_complaint_values(case, received, by_subject)
        ).with_env(self.env)

    def _prepare_complaint_values(self, case, received, by_subject):
        customer = self._ref(f'partner_{case.customer}')
        values = case.values or {}
        owner = values.get('owner', customer.user_id)
        user = self._ref(f'user_{owner}') if isinstance(owner, str) else owner
        order = self.env['sale.order'].search([
            ('partner_id', '=', customer.id), ('state', '=', 'sale'), ('date_order', '<', received),
        ], order='date_order desc', limit=1)
        product = case.product and self._ref(f'product_{case.product}')
        accused = values.get('accused')
        asian = user and user == self._ref('user_scp_sales_asia')
        return {
            'name': case.subject,
            'description': Markup("<p>%s</p>") % case.words,
            'company_id': self.env.ref('base.main_company').id,
            'partner_id': self._ref(case.contact or f'partner_{case.customer}_contact').id,
            'channel': case.channel,
            'received_at': received,
            'remedy_sought': case.sought,
            'product_id': product and product.id,
            'sale_order_id': order.id,
            'sale_line_ids': [Command.set(order.order_line.filtered(
                lambda line: line.product_id == product).ids)] if product else False,
            'invoice_id': self._get_complaint_invoice(customer, received).id,
            'user_id': user and user.id,
            'team_id': self._ref(f'scp_complaint_team_{"asia" if asian else "default"}').id,
            'accused_user_id': accused and self._ref(f'user_{accused}').id,
            'repeat_of_id': case.repeat_of and by_subject[case.repeat_of].id,
            'duplicate_of_id': 'duplicate_of' in values and by_subject[values['duplicate_of']].id,
            'rejection_reason': values.get('rejection_reason'),
            'recourse': values.get('recourse'),
            'external_body': values.get('external_body'),
            'category_id': self._ref(f'scp_complaint_category_{case.category}').id,
            'severity': case.severity if case.state in ASSESSED_STATES else False,
            'state': case.state,
            'is_justified': case.justified,
            'decision': case.decision and Markup("<p>%s</p>") % case.decision,
            'remedy': case.remedy,
            **({
                'occurrence_cause_id': self._ref(f'scp_complaint_cause_{case.causes[0]}').id,
                'escape_cause_id': self._ref(f'scp_complaint_cause_{case.causes[1]}').id,
            } if case.causes else {}),
            'action_ids': [
                Command.create(self._prepare_action_values(received, user, *action))
                for action in case.actions
            ],
            'cost_ids': [
                Command.create({
                    'kind': kind, 'amount': amount, 'date': (received + timedelta(days=5)).date(),
                })
                for kind, amount in case.costs
            ],
            **self._prepare_complaint_stamps(case, received),
            **self._prepare_disciplines(values, received),
        }

    def _prepare_disciplines(self, values, received):
        """The 8D texts: the first three within two days, the others within two weeks."""
        texts = {name: values[name] for name in DISCIPLINES if name in values}
        days = {name: 3 * number - 6 if number > 2 else number for number, name in enumerate(DISCIPLINES)}
        return {
            **{name: Markup("<p>%s</p>") % text for name, text in texts.items()},
            **{f'{name}_date': (received + timedelta(days=days[name])).date() for name in texts},
            'is_8d_shared': len(texts) == len(DISCIPLINES),
        }

    def _prepare_complaint_stamps(self, case, received):
        def after(hours):
            return received + timedelta(hours=hours)

        stamps = {'last_customer_message_at': received}
        if case.state in ('new', 'duplicate'):
            return stamps
        stamps.update(
            acknowledged_at=after(ACKNOWLEDGED), first_response_at=after(ANSWERED),
            last_response_at=after(ANSWERED), response_count=1, awaits_response=False,
        )
        if case.state in ASSESSED_STATES:
            stamps['assessed_at'] = after(ASSESSED)
        if case.state in DECIDED_STATES:
            stamps.update(
                decided_at=after(DECIDED), informed_at=after(INFORMED),
                last_response_at=after(INFORMED), response_count=2,
            )
        if case.state in ('resolved', 'closed'):
            stamps.update(first_resolved_at=after(RESOLVED), resolved_at=after(RESOLVED))
            stamps.update(self._prepare_feedback_stamps(case, after))
        if case.state == 'closed':
            stamps['closed_at'] = after(CLOSED)
        return stamps

    def _prepare_feedback_stamps(self, case, after):
        """Everybody was asked long ago: the demo asks nobody again."""
        stamps = {'feedback_requested_at': after(RESOLVED + 1), 'feedback_reminded_at': after(RESOLVED + 170)}
        if case.rating:
            stamps.update(
                feedback_at=after(RESOLVED + 20),
                feedback_solved='yes' if case.rating > 3 else 'partly' if case.rating == 3 else 'no',
            )
        return stamps

    def _prepare_action_values(self, received, user, kind, name, effective):
        """Containments are done at once; the others within weeks, and checked after months."""
        done = received + timedelta(hours=CONTAINED if kind in ('containment', 'correction') else 600)
        check = received + timedelta(days=120)
        now = self._moment(0)
        return {
            'name': name,
            'kind': kind,
            'user_id': user.id if user else False,
            'due_date': done.date() + timedelta(days=2),
            'done_at': done if done < now else False,
            'verified_by_id': effective and self._ref('user_scp_quality').id,
            'effect_check_date': check.date() if kind in ('corrective', 'preventive') else False,
            'effective': effective,
        }

    def _get_complaint_invoice(self, customer, received):
        """The last invoice the customer had when he complained."""
        return self.env['account.move'].search([
            ('partner_id', '=', customer.id), ('move_type', '=', 'out_invoice'),
            ('state', '=', 'posted'), ('invoice_date', '<', received.date()),
        ], order='invoice_date desc', limit=1)

    def _prepare_complaint_messages(self, case, complaint):
        """The letter, the first answer and the decision, as the chatter shows them."""
        letters = [(complaint.received_at, complaint.partner_id, 'email', case.words)]
        if answered := complaint.first_response_at:
            letters.append((
                answered, complaint.user_id.partner_id, 'comment',
                f"Thank you for telling us. Your complaint has the number {complaint.number}; "
                "I look into it and come back to you.",
            ))
        if informed := complaint.informed_at:
            letters.append((
                informed, complaint.user_id.partner_id, 'comment',
                case.decision or case.values['rejection_reason'],
            ))
        return [
            {
                'model': 'scp.complaint',
                'res_id': complaint.id,
                'author_id': author.id,
                'message_type': message_type,
                'subtype_id': self.env.ref('mail.mt_comment').id,
                'date': date,
                'body': Markup("<p>%s</p>") % text,
            }
            for date, author, message_type, text in letters
        ]

    def _create_compensation(self, case, complaint):
        """Ask for the compensation as the owner; who may approves it."""
        share, state = case.compensation
        invoice = complaint.invoice_id
        currency = invoice.currency_id or complaint.currency_id
        Compensation = self.env['scp.complaint.compensation'].with_user(complaint.user_id)
        compensation = Compensation.with_context(
            **BULK_CONTEXT, mail_activity_quick_update=True,
        ).create({
            'complaint_id': complaint.id,
            'name': case.subject,
            'amount': currency.round((invoice.amount_untaxed or 10_000) * share),
            'date': (complaint.decided_at or complaint.received_at).date(),
        })
        compensation.action_submit()
        if state == 'approved' and compensation.state == 'to_approve':
            approver = compensation.activity_ids.user_id
            compensation.with_user(approver).action_approve()
        credit_note = compensation.sudo().refund_move_id  # sudo: finance posts it
        if credit_note and case.days_ago > POSTED_AFTER:
            credit_note.with_context(**BULK_CONTEXT).write({
                'invoice_date': complaint.resolved_at.date(), 'date': complaint.resolved_at.date(),
            })
            credit_note.with_user(self.env.user).action_post()
