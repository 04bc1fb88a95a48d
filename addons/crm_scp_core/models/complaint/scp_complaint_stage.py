from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ('new', "New"),
    ('acknowledged', "Acknowledged"),
    ('assessed', "Assessed"),
    ('investigating', "Investigating"),
    ('waiting_customer', "Waiting for Customer"),
    ('waiting_third', "Waiting for Third Party"),
    ('proposed', "Proposed"),
    ('escalated_external', "External Dispute"),
    ('resolved', "Resolved"),
    ('closed', "Closed"),
    ('rejected', "Rejected"),
    ('duplicate', "Duplicate"),
]


class ScpComplaintStage(models.Model):
    """A column of the complaint board. Names are free; what a stage means is its state."""

    _name = 'scp.complaint.stage'
    _description = "Complaint Stage"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    state = fields.Selection(
        selection=STATES,
        required=True,
        help="What this stage means to clocks, guards and reports. Fixed once complaints use it.",
    )
    fold = fields.Boolean(string="Folded in Kanban")
    description = fields.Text(
        string="What to Do",
        translate=True,
        help="What the people who handle a complaint do in this stage.",
    )
    active = fields.Boolean(default=True)

    # === CRUD METHODS ===#

    def write(self, vals):
        if 'state' in vals:
            self._check_state_unused(vals['state'])
        return super().write(vals)

    # === BUSINESS METHODS ===#

    def _check_state_unused(self, state):
        """Refuse to turn a stage that complaints are or were in into something else."""
        changed = self.filtered(lambda stage: stage.state != state)
        # sudo: cases of all companies and teams count
        used = self.env['scp.complaint'].sudo().with_context(active_test=False).search(
            [('stage_id', 'in', changed.ids)], limit=1,
        )
        if used:
            raise UserError(self.env._(
                "The meaning of stage %(stage)s is fixed: complaint %(complaint)s is in it. "
                "Add another stage instead.",
                stage=used.stage_id.name, complaint=used.number,
            ))

    @api.model
    def _get_stage(self, state):
        """First stage of a state.

        :param str state: a key of `STATES`
        """
        stage = self.search_fetch([('state', '=', state)], ['state'], limit=1)
        if not stage:
            raise UserError(self.env._(
                "No complaint stage means %(state)s. Add one under Configuration, Complaint Stages.",
                state=dict(self._fields['state']._description_selection(self.env)).get(state, state),
            ))
        return stage
