from odoo import api, fields, models


class ScpAuthority(models.Model):
    """Up to which amount the people of a role may promise customers money."""

    _name = 'scp.authority'
    _description = "Authority"
    _rec_name = 'group_id'
    _order = 'company_id, amount_limit, id'

    group_id = fields.Many2one(
        comodel_name='res.groups',
        string="Role",
        required=True,
        index=True,
        ondelete='cascade',
        help="Who has several roles has the highest of their limits.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        index=True,
        ondelete='cascade',
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    amount_limit = fields.Monetary(
        string="Limit",
        required=True,
        aggregator=None,
        help="The highest untaxed amount of one compensation.",
    )

    _group_company_uniq = models.UniqueIndex(
        '(group_id, company_id)',
        "This role has a limit in this company already.",
    )
    _limit_positive = models.Constraint(
        'CHECK (amount_limit >= 0)',
        "The limit of an authority cannot be negative.",
    )

    # === BUSINESS METHODS ===#

    @api.model
    def _get_limits(self, company):
        """Limits of all people who have one.

        :param company: `res.company` record
        :return: {res.users record: amount in the currency of the company}
        """
        limits = {}
        # sudo: who may promise what is asked on behalf of people who do not read groups
        for authority in self.sudo().search([('company_id', '=', company.id)]):
            for user in authority.group_id.all_user_ids:
                limits[user] = max(limits.get(user, 0.0), authority.amount_limit)
        return limits
