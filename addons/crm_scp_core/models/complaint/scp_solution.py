from odoo import api, fields, models
from odoo.exceptions import UserError

from .scp_complaint import REMEDIES
from .text_rules import get_terms


class ScpSolution(models.Model):
    """What helped once and may help again: how a fault shows, why it happens, what to do."""

    _name = 'scp.solution'
    _inherit = ['mail.thread']
    _description = "Solution"
    _rec_names_search = ['name', 'symptom']
    _order = 'name, id'
    _check_company_auto = True

    name = fields.Char(string="Solution", required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company',
        index='btree_not_null',
        default=lambda self: self.env.company,
        help="Empty: for every company.",
    )
    symptom = fields.Text(
        required=True, help="How the fault shows, in the words customers use: it is found by them.",
    )
    cause = fields.Text(help="Why it happens.")
    remedy_offered = fields.Selection(
        selection=[*REMEDIES, ('none', "None")], tracking=True,
        help="What the customer is usually offered.",
    )
    remedy = fields.Text(
        required=True,
        tracking=True,
        help="What to do, worded so that the customer may read it.",
    )
    product_ids = fields.Many2many(
        comodel_name='product.product',
        relation='scp_solution_product_rel',
        column1='solution_id',
        column2='product_id',
        string="Products",
        check_company=True,
    )
    category_ids = fields.Many2many(
        comodel_name='scp.complaint.category',
        relation='scp_solution_category_rel',
        column1='solution_id',
        column2='category_id',
        string="Categories",
        help="Also for what is part of them.",
    )
    # Computed here and not in SQL: only Python cuts Chinese into pairs, and texts change rarely.
    search_text = fields.Text(compute='_compute_search_text', store=True)
    complaint_ids = fields.One2many('scp.complaint', 'solution_id', string="Used for")

    resolved_count = fields.Integer(
        string="Resolved with It", compute='_compute_reopen_rate',
        help="Complaints that were resolved with it at least once, as far as you may see them.",
    )
    reopen_rate = fields.Float(
        string="Reopened (%)", compute='_compute_reopen_rate', digits=(5, 1), aggregator=None,
        help="Complaints that came back of those resolved with it. Empty: none was resolved yet.",
    )

    # Suggestions by text: `scp.complaint._get_solution_matches`.
    _search_text_idx = models.Index("USING GIN (to_tsvector('simple'::regconfig, search_text))")

    # === COMPUTE METHODS ===#

    @api.depends('name', 'symptom', 'cause')
    def _compute_search_text(self):
        for solution in self:
            solution.search_text = ' '.join(
                get_terms(f'{solution.name} {solution.symptom} {solution.cause or ""}')
            )

    @api.depends('complaint_ids.first_resolved_at', 'complaint_ids.cycle')
    def _compute_reopen_rate(self):
        rates = self._get_reopen_rates()
        for solution in self:
            solution.resolved_count, rate = rates[solution]
            solution.reopen_rate = 100 * (rate or 0.0)

    # === CRUD ===#

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: complaints of other teams count too
        complaint = self.env['scp.complaint'].sudo().search([('solution_id', 'in', self.ids)], limit=1)
        if complaint:
            raise UserError(self.env._(
                "“%(solution)s” is the solution of %(complaint)s: archive it instead.",
                solution=complaint.solution_id.name, complaint=complaint.number,
            ))

    # === ACTIONS ===#

    def action_apply(self):
        """Take the solution over for the complaint it was suggested for."""
        self.ensure_one()
        self.env['scp.complaint'].browse(self.env.context['scp_complaint_id'])._apply_solution(self)

    @api.readonly
    def action_view_complaints(self):
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_complaint_action'),
            'display_name': self.env._("Complaints solved by %(solution)s", solution=self.name),
            'domain': [('solution_id', '=', self.id)],
            'context': {'create': False, 'active_test': False},
        }

    # === BUSINESS METHODS ===#

    def _get_reopen_rates(self):
        """How often complaints came back: those in a second or later cycle, of those ever resolved.

        :return: {solution: (number ever resolved, share from 0 to 1 or None for no data)}
        """
        Complaint = self.env['scp.complaint'].with_context(active_test=False)
        counts = {solution: [0, 0] for solution in self._origin}
        for solution, cycle, count in Complaint._read_group(
            [('solution_id', 'in', self.ids), ('first_resolved_at', '!=', False)],
            ['solution_id', 'cycle'], ['__count'],
        ):
            counts[solution][0] += count
            counts[solution][1] += count if cycle > 1 else 0
        rates = {}
        for solution in self:
            resolved, reopened = counts.get(solution._origin, (0, 0))
            rates[solution] = resolved, reopened / resolved if resolved else None
        return rates
