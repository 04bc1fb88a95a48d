import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.crm_scp_core.models.hub.res_partner import CRM_GROUPS

GROUPS_MAX = 20


class ScpSegment(models.Model):
    """A set of customers that something is to be done with.

    - `rule`: the customers that meet a domain
    - `cluster`: the scored customers, sorted into profiles of alike ones
    - `profile`: one of these, made and named by the refresh of its cluster

    Members are looked at anew once the scores are, and when a manager asks; who came and who left is kept.
    A segment that cannot be worked out says why, and keeps its members.
    """

    _name = 'scp.segment'
    _description = "Customer Segment"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, aggregator=None)
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True, ondelete='cascade',
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    kind = fields.Selection(
        selection=[('rule', "Rule"), ('cluster', "Profiles"), ('profile', "Profile")],
        default='rule', required=True,
        help="Rule: the customers that meet a condition. Profiles: all scored customers, sorted into groups "
             "of alike ones; each group is a segment of its own.",
    )
    domain = fields.Char(default='[]', help="Which customers belong to the segment.")
    group_count = fields.Integer(
        string="Number of Profiles", aggregator=None,
        help="0: as many as tell the customers apart best, two to six.",
    )
    parent_id = fields.Many2one(
        comodel_name='scp.segment', string="Profiles of", readonly=True, index='btree_not_null',
        ondelete='cascade', check_company=True,
    )
    child_ids = fields.One2many(comodel_name='scp.segment', inverse_name='parent_id', string="Profiles")
    profile_key = fields.Char(readonly=True, help="What sets the profile apart: tells it from run to run.")
    description = fields.Char(compute='_compute_description')
    refreshed_at = fields.Datetime(string="Refreshed On", readonly=True, copy=False)
    error = fields.Char(string="Why It Was Not Refreshed", readonly=True, copy=False)
    member_ids = fields.One2many(
        comodel_name='scp.segment.member', inverse_name='segment_id', string="Memberships", groups=CRM_GROUPS,
    )
    member_count = fields.Integer(
        string="Customers", compute='_compute_figures', help="Members that you may see.",
    )
    expected_revenue = fields.Monetary(
        string="Revenue in 12 Months", compute='_compute_figures',
        help="Revenue expected of the members, in the twelve months after the latest scoring.",
    )
    value_at_stake = fields.Monetary(
        compute='_compute_figures', help="Churn risk times expected revenue, of the members together.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('kind', 'name')
    @api.depends_context('lang')
    def _compute_description(self):
        for segment in self:
            segment.description = segment._get_description()

    @api.depends('member_ids.date_end')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_figures(self):
        Customer = self.env['scp.customer']
        if not Customer.has_access('read'):  # who writes mailings chooses a segment, and no more
            self.update({'member_count': 0, 'expected_revenue': 0, 'value_at_stake': 0})
            return
        for segment in self:  # few, and each has a set of its own
            [(segment.member_count, segment.expected_revenue, segment.value_at_stake)] = Customer._read_group(
                segment._get_members_domain(), [], ['__count', 'expected_revenue:sum', 'value_at_stake:sum'],
            )

    # === CONSTRAINT METHODS ===#

    @api.constrains('kind', 'domain')
    def _check_domain(self):
        for segment in self.filtered(lambda one: one.kind == 'rule'):
            # as whoever writes the rule, constraints being checked as superuser: he may not ask what he may not read
            self.env['scp.customer'].with_user(self.env.uid).search(segment._get_domain(), limit=1)

    @api.constrains('group_count')
    def _check_group_count(self):
        for segment in self:
            if segment.group_count and not 2 <= segment.group_count <= GROUPS_MAX:
                raise ValidationError(self.env._(
                    "%(segment)s: the number of profiles must lie between 2 and %(most)s, or be 0, not %(count)s.",
                    segment=segment.name, most=GROUPS_MAX, count=segment.group_count,
                ))

    @api.constrains('kind', 'parent_id')
    def _check_parent(self):
        for segment in self:
            if (segment.kind == 'profile') != (segment.parent_id.kind == 'cluster'):
                raise ValidationError(self.env._(
                    "%(segment)s: profiles are made by the refresh of their cluster, not by hand.",
                    segment=segment.name,
                ))

    # === ACTIONS ===#

    def action_refresh(self):
        """Work out the members now."""
        for segment in self:
            # sudo: members are those of all customers, whoever asks; managers alone may write segments
            segment.check_access('write')
            main = segment.sudo().parent_id or segment.sudo()
            main._refresh()
            if main.error:
                raise UserError(main.error)

    @api.readonly
    def action_view_customers(self):
        """Open the members."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_customer_action')
        return action | {
            'display_name': self.name,
            'domain': self._get_members_domain(),
            'context': {},
        }

    @api.readonly
    def action_view_history(self):
        """Open who came and who left, and when."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_scp_analytics.scp_segment_member_action')
        return action | {
            'display_name': self.env._("Members of %(segment)s", segment=self.name),
            'domain': [('segment_id', 'child_of', self.id)],
            'context': {},
        }

    # === BUSINESS METHODS ===#

    def _get_members_domain(self):
        """:return: domain on `scp.customer`: who is in the segment, or in one of its profiles"""
        return [('segment_ids', 'in', (self | self.child_ids).ids)]

    def _get_domain(self) -> Domain:
        """:raise ValidationError: the rule is no domain over customers, or names a field that is none"""
        self.ensure_one()
        try:
            domain = Domain(ast.literal_eval(self.domain or '[]'))
            domain.validate(self.env['scp.customer'])
        except (ValueError, SyntaxError, TypeError, KeyError) as error:
            raise ValidationError(self.env._(
                "The rule of %(segment)s cannot be read: %(reason)s", segment=self.name, reason=error,
            ))
        return domain

    def _get_description(self):
        """:return: what makes a customer a member, as a sentence"""
        self.ensure_one()
        if self.kind == 'profile':
            return self.env._("Alike in money, frequency and recency: %(profile)s.", profile=self.name)
        if self.kind == 'cluster':
            return self.env._("The scored customers, sorted into groups of alike ones by money, frequency and recency.")
        return self.env._("Customers that meet the rule.")
