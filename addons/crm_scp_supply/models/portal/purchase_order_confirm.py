import math
from datetime import date, timedelta

from markupsafe import Markup

from odoo import models
from odoo.tools import SQL, groupby

from ..promise.journal import ORIGIN_KEY, PromiseOrigin
from .portal_rules import MAX_NOTE, MAX_PARTS, Answer, AnswerError, Part


class PurchaseOrder(models.Model):
    """A supplier confirms an order line by line: on which day, how much, in how many parts, and why not as asked.

    What is ordered stays ordered. What he does not confirm remains open on a line of its own, for the buyer to
    decide about; nobody outside can make an order smaller, nor larger than the tolerance.
    """

    _inherit = 'purchase.order'

    def _scp_confirm_in_portal(self, form, relation):
        """Take a supplier's answer; the only way from his page into the order. Runs as superuser.

        :param dict form: texts of the form. ``version`` and ``key`` of the page; for each line that is answered
            ``answer_<line>``, its parts ``day_<line>_<n>`` and ``qty_<line>_<n>``, ``reason_<line>``, ``note_<line>``
        :param relation: the ``scp.relation`` in force
        :raise AnswerError: nothing was written, and this is why
        """
        self.ensure_one()
        # Two answers at once: the second waits, then fails on what the first has written, and is run again
        self.env.execute_query(SQL("SELECT id FROM purchase_order WHERE id = %s FOR NO KEY UPDATE", self.id))
        key = (form.get('key') or '')[:64]
        if key and self.env['scp.promise'].search_count(
            [('purchase_order_id', '=', self.id), ('form_key', '=', key)], limit=1,
        ):
            return  # the button was pressed twice
        if form.get('version') != self._scp_get_version():
            raise AnswerError({'page': self.env._(
                "%(order)s has changed since you opened this page. Nothing was saved: please look at the present "
                "dates and quantities, and confirm them again.", order=self.name,
            )})
        answers = self._scp_read_answers(form, relation)
        self._scp_apply_answers(answers, key)

    # === READING === #

    def _scp_read_answers(self, form, relation):
        """The answers of a form by line.

        :raise AnswerError: what is wrong with each
        :rtype: dict
        """
        if self.state != 'purchase':
            raise AnswerError({'page': self.env._(
                "%(order)s is not open any more: there is nothing to confirm.", order=self.name,
            )})
        answers, errors = {}, {}
        for line in self._scp_get_shared_lines(relation):
            if not line._scp_get_open_qty() or not form.get(f'answer_{line.id}'):
                continue
            try:
                answers[line] = self._scp_read_answer(line, form, relation)
            except ValueError as error:
                errors[line.id] = self.env._(
                    "%(product)s: %(error)s", product=line._scp_get_label(), error=error.args[0],
                )
        if errors:
            raise AnswerError(errors)
        if not answers:
            raise AnswerError({'page': self.env._("Choose at least one line to confirm.")})
        return answers

    def _scp_read_answer(self, line, form, relation):
        """:raise ValueError: the first thing that is wrong with the answer to one line"""
        parts = []
        for number in range(MAX_PARTS):
            day, qty = (
                (form.get(f'{name}_{line.id}_{number}') or '').strip() for name in ('day', 'qty')
            )
            if day or qty:
                parts.append(self._scp_read_part(line, day, qty))
        parts = tuple(sorted((part for part in parts if part.qty), key=lambda part: part.day))
        if not parts:
            raise ValueError(self.env._("Quantity: say how much you can deliver. If nothing, call your buyer."))
        if len({part.day for part in parts}) < len(parts):
            raise ValueError(self.env._("Date: two parts are for the same day. Put them into one."))
        answer = Answer(
            parts, self._scp_read_reason(form.get(f'reason_{line.id}')),
            (form.get(f'note_{line.id}') or '').strip()[:MAX_NOTE],
        )
        open_qty, uom = line._scp_get_open_qty(), line.product_uom_id
        most = open_qty + line.product_qty * relation.tolerance_over / 100
        if uom.compare(answer.qty, most) > 0:
            raise ValueError(self.env._(
                "Quantity: you confirm %(qty)s, at most %(most)s are agreed.",
                qty=f'{answer.qty:.12g}', most=f'{math.floor(most * 1000) / 1000:.12g}',
            ))
        least = open_qty - line.product_qty * relation.tolerance_under / 100
        latest = self._scp_get_day(line.date_planned) + timedelta(days=relation.tolerance_days_late)
        if (uom.compare(answer.qty, least) < 0 or answer.last_day > latest) and not answer.reason_id:
            raise ValueError(self.env._("Reason: choose why it is later or less than ordered."))
        return answer

    def _scp_read_part(self, line, day, qty):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            raise ValueError(self.env._("Date: choose the day of delivery.")) from None
        today = self._scp_get_today()
        if day < today:
            raise ValueError(self.env._("Date: %(day)s has passed.", day=day.isoformat()))
        if day.year > today.year + 10:
            raise ValueError(self.env._("Date: %(day)s is more than ten years ahead.", day=day.isoformat()))
        try:
            number = float(qty.replace(',', '.'))
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < 0:
            raise ValueError(self.env._("Quantity: enter a number."))
        return Part(day, line.product_uom_id.round(number))

    def _scp_read_reason(self, value):
        if not (value or '').isdecimal():
            return False
        return self._scp_get_portal_reasons().filtered(lambda reason: reason.id == int(value)).id

    def _scp_get_portal_reasons(self):
        """The reasons a supplier can choose from."""
        return self.env['scp.promise.reason'].search([('party', 'in', ('supplier', 'carrier'))])

    # === WRITING === #

    def _scp_apply_answers(self, answers, form_key=False):
        """Write answers to the order by Odoo's own methods, and with each its reason into the ledger.

        :param dict answers: :class:`Answer` by line, checked
        """
        def get_words(line):
            return answers[line].reason_id or 0, answers[line].note

        missing = self.env['purchase.order.line']
        for (reason_id, note), group in groupby(answers, key=get_words):
            origin = PromiseOrigin(
                source='portal', reason_id=reason_id or False, note=note or False, form_key=form_key or False,
            )
            order = self.with_context(**{ORIGIN_KEY: origin})
            lines = self.env['purchase.order.line'].concat(*group)
            with order._scp_keep_promises(lines):
                for line in lines:
                    missing |= line._scp_apply_parts(answers[line].parts)
                dates = [(line, line._scp_get_moment(answers[line].parts[0].day)) for line in lines]
                if dates := [(line, moment) for line, moment in dates if moment != line.date_planned]:
                    order._update_date_planned_for_lines(dates)
        self._scp_tell_buyer(answers, missing)
        if not self.acknowledged and not self._scp_get_progress()[self.id].unconfirmed_count:
            self.action_acknowledge()

    def _scp_tell_buyer(self, answers, missing):
        """A note on the order, and something to do when less was confirmed than ordered.

        :param missing: lines of what was not confirmed
        """
        def get_list(rows):
            return Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % row for row in rows)

        body = Markup("<p>%s</p>%s") % (self.env._("Confirmed in the portal:"), get_list(
            "{}: {}".format(line._scp_get_label(), ", ".join(
                f"{part.qty:.12g} {line.product_uom_id.name} {part.day}" for part in answer.parts
            )) for line, answer in answers.items()
        ))
        self.message_post(body=body, subtype_xmlid='mail.mt_note', author_id=self._scp_get_answering_partner().id)
        if missing:
            self.activity_schedule(
                'mail.mail_activity_data_warning',
                summary=self.env._("Confirmed less than ordered"),
                note=get_list(
                    f"{line._scp_get_label()}: {line.product_qty:.12g} {line.product_uom_id.name}" for line in missing
                ),
                user_id=(self.user_id or self.create_uid).id,
            )

    def _scp_get_answering_partner(self):
        """Who answers: the user of the portal, or, by a link that needs no login, whom it was sent to."""
        return self.partner_id if self.env.user._is_public() else self.env.user.partner_id
