from odoo import api, models

from .mail_rules import IncomingMail


class MailThread(models.AbstractModel):
    """The mail gateway serves every model at once, whichever it was called on: mail to complaints
    is told apart here.
    """

    _inherit = 'mail.thread'

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        routes = super().message_route(
            message, message_dict, model=model, thread_id=thread_id, custom_values=custom_values,
        )
        return self.env['scp.complaint']._refine_routes(IncomingMail(message), message_dict, routes)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        if any(route[0] == 'scp.complaint' for route in routes or ()):
            self = self.with_context(scp_mail=IncomingMail(message))
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        result = super()._routing_handle_bounce(email_message, message_dict)
        message, email = message_dict['bounced_message'], message_dict['bounced_email']
        if message.model == 'scp.complaint' and email:
            # sudo: the gateway serves the cases of all companies
            complaint = self.env['scp.complaint'].sudo().browse(message.res_id).exists()
            if complaint:
                complaint._on_bounce(message.sudo(), email)
        return result
