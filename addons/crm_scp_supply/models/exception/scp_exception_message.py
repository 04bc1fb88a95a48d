from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date


class ScpException(models.Model):
    """Telling the salesperson of an order that will be late, and what he may write to the customer."""

    _inherit = 'scp.exception'

    proposed_message = fields.Html(
        compute='_compute_proposed_message', sanitize=False,
        help="In the customer's language. It does not say which supplier is late.",
    )

    # === COMPUTE === #

    @api.depends('kind', 'direction', 'day_expected', 'qty', 'contact_id')
    def _compute_proposed_message(self):
        for exception in self:
            exception.proposed_message = exception.kind == 'late' and exception.direction == 'out' and (
                exception._get_proposed_message())

    # === ACTIONS === #

    def action_write_to_customer(self):
        """Open the mail composer on the order, with the proposed message."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'mail.compose.message',
            'view_mode': 'form',
            'target': 'new',
            'context': {
                'default_model': 'sale.order',
                'default_res_ids': self.sale_order_id.ids,
                'default_composition_mode': 'comment',
                'default_partner_ids': self.contact_id.ids,
                'default_subject': self.sale_order_id.name,
                'default_body': self._get_proposed_message(),
            },
        }

    # === BUSINESS === #

    def _get_proposed_message(self):
        """The late lines of one order, in the words of a letter.

        :rtype: Markup
        """
        partner = self.contact_id[:1]
        env = self.with_context(lang=partner.lang or self.env.lang).env
        order = self.sale_order_id[:1]
        lines = Markup().join(
            Markup("<li>%s</li>") % env._(
                "%(qty)s %(unit)s %(product)s: promised for %(promised)s, now expected on %(expected)s",
                qty=f'{exception.qty:g}', unit=exception.product_uom_id.with_env(env).name,
                product=exception.product_id.with_env(env).display_name,
                promised=format_date(env, exception.day_promised), expected=format_date(env, exception.day_expected),
            )
            for exception in self
        )
        return Markup("<p>%s</p><p>%s</p><ul>%s</ul><p>%s</p><p>%s</p>") % (
            env._("Dear %s,", partner.name or ""),
            env._("a part of your order %s will reach you later than we promised:", order.name),
            lines,
            env._("We are sorry for the delay. Please tell us if this day does not suit you, we will look for another "
                  "way."),
            env._("Kind regards, %s", order.user_id.name or order.company_id.name),
        )

    @api.model
    def _tell_salespeople(self):
        """Give each salesperson one activity per order that will be late, and take back what has settled itself.

        Activities somebody has done or changed the owner of are left alone.
        """
        # sudo: the job speaks for everybody
        Exceptions = self.sudo()
        settled = Exceptions.search([('state', '!=', 'open'), ('activity_id', '!=', False)])
        still_needed = Exceptions.search([('state', '=', 'open'), ('activity_id', 'in', settled.activity_id.ids)])
        (settled.activity_id - still_needed.activity_id).unlink()
        news = Exceptions.search([
            ('state', '=', 'open'), ('kind', '=', 'late'), ('direction', '=', 'out'), ('is_told', '=', False),
            ('company_id.scp_exception_activity', '=', True), ('sale_order_id.user_id', '!=', False),
        ])
        for order, exceptions in news.grouped('sale_order_id').items():
            exceptions.write({'activity_id': exceptions._schedule_activity(order).id, 'is_told': True})

    def _schedule_activity(self, order):
        """An activity for the salesperson of an order whose lines these are."""
        values = {
            'act_type_xmlid': 'mail.mail_activity_data_todo',
            'user_id': order.user_id.id,
            'date_deadline': min(self.mapped('date_due')),
            'summary': self.env._("Tell %(customer)s: %(order)s will be late",
                                  customer=order.partner_id.display_name, order=order.name),
            'note': self._get_reason() + self._get_proposed_message(),
        }
        return order.with_context(mail_activity_quick_update=True).activity_schedule(**values)

    def _get_reason(self):
        """Why, for the salesperson alone."""
        reasons = []
        for exception in self:
            line = exception.supplier_line_id
            reasons.append(self.env._(
                "%(product)s waits for %(supplier)s, order %(order)s, now expected on %(day)s.",
                product=exception.product_id.display_name, supplier=line.partner_id.display_name,
                order=line.order_id.name, day=format_date(self.env, exception.day_expected),
            ) if line else self.env._(
                "%(product)s was promised for %(promised)s and is now expected on %(expected)s.",
                product=exception.product_id.display_name, promised=format_date(self.env, exception.day_promised),
                expected=format_date(self.env, exception.day_expected),
            ))
        return Markup("<p>%s</p><p><b>%s</b></p>") % (
            Markup("<br/>").join(reasons), self.env._("Proposed message to the customer:"),
        )
