from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError

ACTIONS = [('none', "Nothing"), ('warn', "Warn"), ('hold', "Hold")]
SEVERITY = {'none': 0, 'warn': 1, 'hold': 2}
TONES = [('success', "Green"), ('info', "Blue"), ('warning', "Amber"), ('danger', "Red")]


class ScpScorecardStanding(models.Model):
    """A band of the scale: from which score on it holds, and what follows from it."""

    _name = 'scp.scorecard.standing'
    _description = "Standing"
    _check_company_auto = True
    _order = 'template_id, min_score desc, id'

    template_id = fields.Many2one(
        'scp.scorecard.template', required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='template_id.company_id', store=True, index=True, precompute=True)
    name = fields.Char(required=True, translate=True)
    min_score = fields.Float(
        string="From Score", digits=(5, 2), aggregator=None,
        help="This score and better ones, up to where the next standing begins; the best one includes 100.",
    )
    tone = fields.Selection(TONES, string="Colour", required=True, default='success')
    rfq_action = fields.Selection(
        ACTIONS, string="Requests for Quotation", required=True, default='none',
        help="Warn: the request says so. Hold: it cannot be sent or printed unless released.",
    )
    order_action = fields.Selection(
        ACTIONS, string="Orders", required=True, default='none',
        help="Warn: the order says so. Hold: it cannot be confirmed unless released.",
    )

    _min_score_uniq = models.UniqueIndex(
        '(template_id, min_score)', "Two standings cannot begin at the same score.")
    _min_score_range = models.Constraint(
        'CHECK (min_score >= 0 AND min_score <= 100)', "A standing begins at a score from 0 to 100.")

    # === CONSTRAINS === #

    @api.constrains('rfq_action', 'order_action', 'min_score')
    def _check_order(self):
        """A better standing never acts harder than a worse one."""
        if self.env.context.get('scp_checked_together'):
            return
        for template in self.template_id:
            for worse, better in pairwise(template.standing_ids.sorted('min_score')):
                for action in ('rfq_action', 'order_action'):
                    if SEVERITY[better[action]] > SEVERITY[worse[action]]:
                        raise ValidationError(self.env._(
                            "%(better)s is the better standing, so it cannot act harder than %(worse)s.",
                            better=better.name, worse=worse.name))

    # === BUSINESS === #

    def _get_scale(self):
        """The bands as a card keeps them, best first: lists of JSON."""
        return [
            [standing.min_score, standing.name, standing.tone, standing.rfq_action, standing.order_action]
            for standing in self.sorted('min_score', reverse=True)
        ]
