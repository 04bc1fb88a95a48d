from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_scp_core.models.hub.res_partner import CRM_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_segment_ids = fields.Many2many(
        comodel_name='scp.segment', string="Segments", compute='_compute_scp_segment_ids',
        search='_search_scp_segment_ids', groups=f'{CRM_GROUPS},mass_mailing.group_mass_mailing_user',
        help="Segments that this customer is in now, in the companies you work in.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('commercial_partner_id')
    @api.depends_context('allowed_company_ids')
    def _compute_scp_segment_ids(self):
        # sudo: which segments a contact is in, for whoever may read the contact and writes to segments
        members = self.env['scp.segment.member'].sudo().search([
            ('customer_id.partner_id', 'in', self.commercial_partner_id._origin.ids),
            ('company_id', 'in', self.env.companies.ids),
            ('segment_id.active', '=', True),
            ('date_end', '=', False),
        ]).grouped('partner_id')
        for partner in self:
            found = members.get(partner.commercial_partner_id._origin)
            partner.scp_segment_ids = found.segment_id.ids if found else False

    def _search_scp_segment_ids(self, operator, value):
        """The customers themselves, not their contacts: a mailing writes to each once."""
        if operator != 'in':
            return NotImplemented
        return [('id', 'in', SQL(
            """(SELECT customer.partner_id
                  FROM scp_segment_member member
                  JOIN scp_customer customer ON customer.id = member.customer_id
                 WHERE member.segment_id IN %s AND member.date_end IS NULL)""",
            tuple(value) or (0,),
        ))]
