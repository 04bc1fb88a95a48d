from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.crm_scp_core.models.hub.res_partner import CRM_GROUPS


class ScpCustomer(models.Model):
    """What is at stake with a customer, the segments he belongs to, and the plan to keep him."""

    _inherit = 'scp.customer'

    value_at_stake = fields.Monetary(
        readonly=True,
        help="Churn risk times the revenue expected in the twelve months after the latest scoring: what "
             "is to be kept, and may be lost.",
    )
    segment_member_ids = fields.One2many(
        comodel_name='scp.segment.member', inverse_name='customer_id', string="Memberships",
        groups=CRM_GROUPS,
    )
    segment_ids = fields.Many2many(
        comodel_name='scp.segment', string="Segments", compute='_compute_segment_ids',
        search='_search_segment_ids', groups=CRM_GROUPS,
    )

    # === COMPUTE METHODS ===#

    @api.depends('segment_member_ids.date_end')
    def _compute_segment_ids(self):
        members = dict(self.env['scp.segment.member']._read_group(
            [('customer_id', 'in', self.ids), ('date_end', '=', False), ('segment_id.active', '=', True)],
            ['customer_id'], ['segment_id:recordset'],
        ))
        # most are in none: no value for many at once costs as much as for one
        self.segment_ids = False
        for customer in self.filtered(lambda customer: customer._origin in members):
            customer.segment_ids = members[customer._origin].sorted()

    def _search_segment_ids(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return [('segment_member_ids', 'any', [('segment_id', 'in', value), ('date_end', '=', False)])]

    # === ACTIONS ===#

    def action_start_win_back(self):
        """Plan the activities of the plan for customers at risk, each with the owner of the customer.

        Who has one of them planned already gets no second one.
        """
        plan = self.env.ref('crm_scp_analytics.mail_activity_plan_win_back', raise_if_not_found=False)
        if not plan or not plan.active or not plan.template_ids:
            raise UserError(self.env._(
                "The activity plan \"Win Back\" was removed, archived or emptied. Restore it under Activity Plans, "
                "or plan activities one by one.",
            ))
        count = self._start_plan(plan)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success' if count else 'info',
                'message': self.env._(
                    "%(count)s activities planned for %(customers)s customers.", count=count, customers=len(self),
                ) if count else self.env._("Everything in this plan is planned already."),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    # === BUSINESS METHODS ===#

    def _start_plan(self, plan) -> int:
        """Plan the activities of a plan that are not planned yet.

        :param plan: `mail.activity.plan` over contacts
        :return: number of activities planned
        """
        today = fields.Date.context_today(self)
        planned = {
            (res_id, kind.id, summary) for res_id, kind, summary in self.env['mail.activity']._read_group(
                [('res_model', '=', 'res.partner'), ('res_id', 'in', self.partner_id.ids)],
                ['res_id', 'activity_type_id', 'summary'],
            )
        }
        values = [
            {
                'res_model_id': self.env['ir.model']._get_id('res.partner'),
                'res_id': customer.partner_id.id,
                'activity_type_id': template.activity_type_id.id,
                'summary': template.summary,
                'note': template.note,
                'user_id': (template.responsible_id or customer.user_id or self.env.user).id,
                'date_deadline': template._get_date_deadline(today),
                'automated': False,
            }
            for customer in self for template in plan.template_ids
            if (customer.partner_id.id, template.activity_type_id.id, template.summary) not in planned
        ]
        self.env['mail.activity'].create(values)
        return len(values)

    @api.model
    def _get_protected_fields(self) -> set[str]:
        return super()._get_protected_fields() | {'value_at_stake'}

    @api.model
    def _get_merge_keys(self) -> dict[str, tuple[str, ...]]:
        return super()._get_merge_keys() | {'scp.segment.member': ('segment_id', 'date_end')}

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Who is not scored comes last, as in the order by value."""
        if field_name == 'value_at_stake' and not nulls.code:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
