from odoo import fields, models

SWITCH = {'groups': 'base.group_user', 'prefetch': 'scp_scorecard'}


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_scorecard_freeze = fields.Boolean(
        string="Freeze Scorecards", default=True, **SWITCH,
        help="Freeze the scorecards of a period by themselves when it is over and the days of grace of their template "
        "have passed. Otherwise somebody freezes them with a button.",
    )
    scp_scorecard_publish = fields.Boolean(
        string="Publish Scorecards", **SWITCH,
        help="Show scorecards to the partner as soon as they are frozen. Otherwise somebody publishes them.",
    )
    scp_scorecard_mail = fields.Boolean(
        string="Tell Partners of Scorecards", **SWITCH,
        help="Mail partners when a scorecard of theirs is published or corrected, where their share policy lets them "
        "read it.",
    )
    scp_standing_acts = fields.Boolean(
        # every order asks: it comes with what is read of the company anyway
        string="Standings Act on Purchases", default=True, groups='base.group_user',
        help="Warn of, or hold, requests for quotation and orders to suppliers as their standing says.",
    )
