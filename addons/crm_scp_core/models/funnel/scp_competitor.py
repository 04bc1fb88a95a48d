from odoo import api, fields, models


class ScpCompetitor(models.Model):
    """Somebody customers compare us with, and how we fare against him."""

    _name = 'scp.competitor'
    _description = "Competitor"
    _order = 'name, id'
    _check_company_auto = True

    name = fields.Char(required=True, index='trigram')
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company', help="Leave empty for a competitor all companies meet.")
    website = fields.Char()
    strengths = fields.Text(help="What customers like about him, and what he does better than us.")
    weaknesses = fields.Text(help="What he does worse, and how to show it.")
    product_ids = fields.Many2many(
        'product.template',
        relation='scp_competitor_product_rel',
        column1='competitor_id',
        column2='product_id',
        string="Competes With",
        check_company=True,
        help="Our products he has an answer to.",
    )
    open_count = fields.Integer(string="Open Deals", compute='_compute_deals')
    won_count = fields.Integer(string="Won", compute='_compute_deals')
    lost_count = fields.Integer(string="Lost", compute='_compute_deals')
    closed_count = fields.Integer(string="Closed", compute='_compute_deals')
    win_rate = fields.Float(
        string="Win Rate (%)", compute='_compute_deals', digits=(5, 1), aggregator=None,
        help="Won of all deals won or lost against him, as far as you may see them.",
    )

    def _compute_deals(self):
        counts = {
            (competitor, status): count
            for competitor, status, count in self.env['crm.lead'].with_context(
                active_test=False,
            )._read_group(
                [('scp_competitor_id', 'in', self.ids)],
                ['scp_competitor_id', 'won_status'], ['__count'],
            )
        }
        for competitor in self:
            won, lost, open_ = (
                counts.get((competitor._origin, status), 0) for status in ('won', 'lost', 'pending'))
            competitor.update({
                'won_count': won,
                'lost_count': lost,
                'open_count': open_,
                'closed_count': won + lost,
                'win_rate': won and 100 * won / (won + lost),
            })

    @api.readonly
    def action_open_leads(self):
        """Open all deals in which the competitor was met."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.crm_lead_action_win_loss'),
            'display_name': self.env._("Deals against %(competitor)s", competitor=self.name),
            'domain': [('scp_competitor_id', '=', self.id)],
            'context': {'active_test': False, 'create': False},
        }
