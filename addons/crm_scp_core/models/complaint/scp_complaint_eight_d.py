from odoo import api, fields, models
from odoo.tools import is_html_empty

#: the eight disciplines, each a text of its own
DISCIPLINES = tuple(f'd{number}' for number in range(1, 9))


class ScpComplaint(models.Model):
    """The technical side: root causes, actions and the 8D report."""

    _inherit = 'scp.complaint'

    occurrence_cause_id = fields.Many2one(
        comodel_name='scp.complaint.cause',
        string="Cause of Occurrence",
        index='btree_not_null',
        ondelete='restrict',
        domain="[('kind', '=', 'occurrence')]",
        copy=False,
        tracking=True,
        help="Why the fault happened.",
    )
    escape_cause_id = fields.Many2one(
        comodel_name='scp.complaint.cause',
        string="Cause of Escape",
        index='btree_not_null',
        ondelete='restrict',
        domain="[('kind', '=', 'escape')]",
        copy=False,
        tracking=True,
        help="Why the fault was not caught before it reached the customer.",
    )
    action_ids = fields.One2many(
        'scp.complaint.action', 'complaint_id', string="Actions",
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_quality,'
               'crm_scp_core.group_scp_auditor',
    )
    d1_member_ids = fields.Many2many(
        comodel_name='res.users',
        relation='scp_complaint_d1_users_rel',
        string="8D Team",
        domain="[('share', '=', False)]",
        help="Colleagues who work on the complaint beside its owner: they see it as he does.",
    )
    d1 = fields.Html(string="D1 Team", copy=False)
    d2 = fields.Html(
        string="D2 Problem", copy=False,
        help="Who, what, where, when, why, how and how many; what it is and what it is not.",
    )
    d3 = fields.Html(string="D3 Containment", copy=False)
    d4 = fields.Html(string="D4 Root Causes", copy=False)
    d5 = fields.Html(string="D5 Corrective Actions Chosen", copy=False)
    d6 = fields.Html(string="D6 Implementation", copy=False)
    d7 = fields.Html(string="D7 Prevention", copy=False)
    d8 = fields.Html(string="D8 Closure", copy=False)
    d1_date = fields.Date(copy=False)
    d2_date = fields.Date(copy=False)
    d3_date = fields.Date(copy=False)
    d4_date = fields.Date(copy=False)
    d5_date = fields.Date(copy=False)
    d6_date = fields.Date(copy=False)
    d7_date = fields.Date(copy=False)
    d8_date = fields.Date(copy=False)

    # Whether a customer complained of the same cause before, asked of every complaint of a report.
    _same_cause_idx = models.Index(
        '(occurrence_cause_id, commercial_partner_id, received_at) WHERE occurrence_cause_id IS NOT NULL',
    )

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._date_disciplines(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._date_disciplines(vals))

    # === BUSINESS METHODS ===#

    def _date_disciplines(self, vals):
        """Give a discipline that is filled in the day on which that was first done."""
        dates = {
            f'{name}_date': fields.Date.context_today(self)
            for name in DISCIPLINES
            if f'{name}_date' not in vals
            and not is_html_empty(vals.get(name))
            and not all(complaint[f'{name}_date'] for complaint in self or [self.new()])
        }
        return {**vals, **dates}
