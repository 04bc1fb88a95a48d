import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models

# Days a link can be used
VALID_DAYS = 14

# Days a link is remembered after that, for who wants to know whom it was sent to
KEPT_DAYS = 180


class ScpPortalLink(models.Model):
    """A link sent by mail: the right of who has it to do one thing with one document, without a login, for a while.

    The token in the link is stored nowhere, only its hash: who reads the database, or a copy of it, can open nothing.
    """

    _name = 'scp.portal.link'
    _description = "Link Sent to a Partner"
    _order = 'id desc'
    _rec_name = 'document_name'
    _log_access = False

    token_hash = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)
    action = fields.Selection([('confirm', "Confirm Order")], string="For", required=True, readonly=True)
    purchase_order_id = fields.Many2one(
        'purchase.order', readonly=True, required=True, index=True, ondelete='cascade',
    )
    document_name = fields.Char(string="Document", readonly=True)
    partner_id = fields.Many2one('res.partner', string="Sent To", readonly=True, ondelete='cascade', index=True)
    user_id = fields.Many2one('res.users', string="Sent By", readonly=True, ondelete='set null')
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    date_sent = fields.Datetime(string="Sent On", required=True, readonly=True, default=fields.Datetime.now)
    date_expiry = fields.Datetime(string="Valid Until", required=True, readonly=True)

    # _open() looks for the token of a link
    _token_uniq = models.UniqueIndex('(token_hash)')

    # === BUSINESS === #

    @api.model
    def _issue(self, order, action, partner):
        """Make a link.

        :param order: ``purchase.order``
        :param str action: a value of ``action``
        :param partner: ``res.partner`` it is sent to
        :return: the link and its token, which cannot be had again
        :rtype: tuple
        """
        token = secrets.token_urlsafe(32)
        now = fields.Datetime.now()
        # sudo: nobody has the right to make links, they are made by what sends them
        link = self.sudo().create({
            'token_hash': self._hash(token),
            'action': action,
            'purchase_order_id': order.id,
            'document_name': order.name,
            'partner_id': partner.id,
            'user_id': self.env.uid,
            'company_id': order.company_id.id,
            'date_sent': now,
            'date_expiry': now + timedelta(days=VALID_DAYS),
        })
        return link, token

    @api.model
    def _open(self, token, action):
        """The link with this token, as superuser; nothing when there is none, it has expired, was withdrawn, is for
        something else, or its document has another partner by now: all the same to who asks."""
        # sudo: the token is the right
        link = self.sudo().search([
            ('token_hash', '=', self._hash(token)), ('action', '=', action),
            ('date_expiry', '>', fields.Datetime.now()),
        ])
        return link.filtered(
            lambda link: link.purchase_order_id.partner_id.commercial_partner_id
            == link.partner_id.commercial_partner_id)

    @api.model
    def _hash(self, token):
        """Of 256 random bits no salt is needed."""
        return hashlib.sha256(token.encode()).hexdigest()

    @api.autovacuum
    def _gc_links(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        links = self.search([('date_expiry', '<', limit)], limit=1000)
        links.unlink()
        return len(links), len(links) == 1000
