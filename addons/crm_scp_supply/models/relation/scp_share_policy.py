from odoo import api, fields, models


class ScpSharePolicy(models.Model):
    """What a partner may see of us and do, as a set of switches that relations point at.

    Every page of the portal and every serializer asks the policy in force, see ``scp.relation._get_policy``, and
    nothing else. An empty recordset is the policy of a partner without a relation: every switch is off.
    """

    _name = 'scp.share.policy'
    _description = "Share Policy"
    _order = 'sequence, name, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        'res.company', index='btree_not_null', help="Empty: may be used in every company.",
    )
    active = fields.Boolean(default=True)

    share_orders = fields.Boolean(
        string="Orders and Promises",
        default=True,
        help="Suppliers see the purchase orders placed with them; customers and distributors see their orders, with "
        "the date promised first, the date promised now and what has been delivered.",
    )
    allow_confirmation = fields.Boolean(
        string="Confirm Orders",
        default=True,
        help="Suppliers confirm purchase orders line by line, with dates, quantities and splits.",
    )
    share_lot_trace = fields.Boolean(
        string="Lots Delivered",
        help="Customers and distributors see the lot and serial numbers they received.",
    )
    share_scorecard = fields.Boolean(
        string="Scorecards",
        help="Published scorecards of the partner can be read, and disputed.",
    )
    reveal_supplier_identity = fields.Boolean(
        string="Reveal Suppliers",
        help="Customers see which supplier sends goods directly to them. Otherwise goods come from us.",
    )
    reveal_customer_identity = fields.Boolean(
        string="Reveal Customers",
        help="Suppliers who send goods directly to a customer see his name, address and order. Otherwise they see "
        "that goods go to a customer of ours; the address reaches them with the shipping papers you send.",
    )
    relation_ids = fields.One2many('scp.relation', 'share_policy_id', string="Relations")
    relation_count = fields.Integer(string="Number of Relations", compute='_compute_relation_count')

    # === COMPUTE === #

    def _compute_relation_count(self):
        counts = dict(self.env['scp.relation']._read_group(
            [('share_policy_id', 'in', self.ids)], ['share_policy_id'], ['__count'],
        ))
        for policy in self:
            policy.relation_count = counts.get(policy._origin, 0)

    # === ACTIONS === #

    @api.readonly
    def action_view_relations(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_relation_action')
        return action | {
            'domain': [('share_policy_id', '=', self.id)], 'context': {'default_share_policy_id': self.id},
        }
