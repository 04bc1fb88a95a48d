from pytz import timezone, utc

from odoo import api, fields, models
from odoo.fields import Domain


class ScpComplaint(models.Model):
    """The service agreement a complaint falls under."""

    _inherit = 'scp.complaint'

    agreement_id = fields.Many2one(
        comodel_name='scp.agreement',
        compute='_compute_agreement_id',
        store=True,
        readonly=False,
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        tracking=True,
        copy=False,
        domain="[('partner_id', '=', commercial_partner_id), ('company_id', '=', company_id), "
               "('state', '!=', 'draft')]",
        help="The agreement in force with the customer on the day of receipt. Of several, one that "
             "names the product comes first, then the one that began last.",
    )

    @api.depends('partner_id', 'company_id', 'product_id', 'received_at')
    def _compute_agreement_id(self):
        # sudo: what a customer is entitled to does not depend on who writes his complaint down
        Agreement = self.env['scp.agreement'].sudo()
        agreements = Agreement.search(
            Agreement._get_entitlement_domain()
            & Domain('partner_id', 'in', self.commercial_partner_id.ids),
        ) if self.commercial_partner_id else Agreement
        for complaint in self:
            day = complaint._get_received_day()
            covering = agreements.filtered(lambda agreement: agreement._covers(complaint, day))  # noqa: B023 - used within the turn
            # what somebody chose by hand stays as long as it holds
            if not (complaint.agreement_id and complaint.agreement_id in covering):
                complaint.agreement_id = covering._get_best()

    def _get_received_day(self):
        """Return the day of receipt where the company works."""
        self.ensure_one()
        tz = self.env['res.company']._get_scp_frame(self.company_id.id).tz
        return utc.localize(self.received_at).astimezone(timezone(tz)).date()
