from odoo import api, fields, models

from odoo.addons.crm_scp_core.models.hub.res_partner import SHARED_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_value_score_id = fields.Many2one(
        comodel_name='scp.value.score',
        string="Latest Value Score",
        compute='_compute_scp_value_score',
        groups=SHARED_GROUPS,
    )
    scp_value_card = fields.Json(
        string="Value",
        compute='_compute_scp_value_score',
        groups=SHARED_GROUPS,
    )

    # === COMPUTE METHODS ===#

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'lang', 'uid')
    def _compute_scp_value_score(self):
        Score = self.env['scp.value.score']
        scores = {}
        if Score.has_access('read'):
            # sudo: hub records are only looked up here; the scores follow the rules of the user
            customers = self.env['scp.customer'].sudo().search([
                ('partner_id', 'in', self.commercial_partner_id._origin.ids),
                ('company_id', '=', self.env.company.id),
            ])
            scores = Score._get_current_scores(customers).grouped('partner_id')
        for partner in self:
            score = scores.get(partner.commercial_partner_id._origin, Score)
            partner.scp_value_score_id = score
            partner.scp_value_card = score.card

    # === ACTIONS ===#

    def action_scp_score(self):
        """Score all customers of the company: a score is a comparison, nobody has one alone."""
        return self.env['scp.value.run'].action_run()

    @api.readonly
    def action_scp_view_value_score(self):
        self.ensure_one()
        return self.scp_value_score_id._get_records_action(name=self.env._("Value Score"))

    def action_scp_set_grade(self):
        """Set the grade of this customer by hand."""
        self.ensure_one()
        return self.scp_value_score_id.customer_id.action_set_grade()
