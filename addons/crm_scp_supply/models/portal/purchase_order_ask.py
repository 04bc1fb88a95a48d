from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class PurchaseOrder(models.Model):
    """A supplier is asked to confirm by a link that needs no login."""

    _inherit = 'purchase.order'

    # === ACTIONS === #

    def action_scp_ask_confirmation(self):
        """Mail the supplier a link to the page on which he confirms this order."""
        self.ensure_one()
        self.check_access('write')
        self._scp_check_askable()
        link, token = self.env['scp.portal.link']._issue(self, 'confirm', self.partner_id)
        template = self.env.ref('crm_scp_supply.mail_template_purchase_confirm').with_context(
            scp_link=f'{self.get_base_url()}/supply/confirm/{token}', scp_link_expiry=link.date_expiry,
        )
        # sudo: who buys need not edit mail templates. On no document, or who reads the order would read the link
        template.sudo().send_mail(self.id, email_values={'model': False, 'res_id': False})
        self.message_post(subtype_xmlid='mail.mt_note', body=self.env._(
            "%(partner)s was asked to confirm. The link in the mail can be used until %(day)s.",
            partner=self.partner_id.display_name, day=format_date(self.env, link.date_expiry)))
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._("%(partner)s gets a mail with a link.", partner=self.partner_id.display_name),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    # === BUSINESS === #

    def _scp_check_askable(self):
        """:raise UserError: why the supplier cannot be asked to confirm this order"""
        if self.state != 'purchase' or not self._scp_get_progress().get(self.id):
            raise UserError(self.env._("%(order)s has nothing to confirm.", order=self.name))
        if not self._scp_get_confirming_relation():
            raise UserError(self.env._(
                "%(partner)s is not allowed to confirm orders: there is no relation with a share policy that lets him.",
                partner=self.partner_id.commercial_partner_id.display_name))
        if not self.partner_id.email:
            raise UserError(self.env._(
                "%(partner)s has no email address: Email.", partner=self.partner_id.display_name))

    def _scp_get_confirming_relation(self):
        """The relation in force in which the supplier may confirm this order, if any, as superuser."""
        self.ensure_one()
        relation = self.env['scp.relation']._get_relation(self.partner_id, 'supplier', self.company_id)
        policy = relation._get_shared()
        return relation if policy.share_orders and policy.allow_confirmation else relation.browse()

    @api.model
    def _scp_open_link(self, token):
        """The order behind a link and the relation that opens it; both empty when the link opens nothing (any more).

        :return: ``purchase.order`` and ``scp.relation``, as superuser
        """
        order = self.env['scp.portal.link']._open(token, 'confirm').purchase_order_id
        relation = order and order._scp_get_confirming_relation()
        if not relation or order.state != 'purchase' or not order._scp_get_shared_lines(relation):
            return self.browse(), self.env['scp.relation']
        return order, relation
