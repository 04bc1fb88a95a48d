from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.tools import SQL

RECIPIENTS = [
    ('owner', "Owner of the Complaint"),
    ('leader', "Team Leader"),
    ('manager', "Complaint Manager"),
    ('director', "Director"),
]


class Step(NamedTuple):
    """A step of the escalation ladder."""

    percent: int
    recipient: str
    propose_reassign: bool


class ScpEscalationLevel(models.Model):
    """A step of the escalation ladder: who is told when how much of a clock's time is used."""

    _name = 'scp.escalation.level'
    _description = "Escalation Step"
    _order = 'percent, id'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    percent = fields.Integer(
        string="Time Used (%)", required=True, aggregator=None,
        help="Share of the clock's time; above 100 the clock has been missed.",
    )
    recipient = fields.Selection(
        selection=RECIPIENTS, string="Who Is Told", required=True, default='owner',
        help="By an activity on the complaint. Who is not known passes it to the step below: "
             "director, manager, team leader, owner.",
    )
    propose_reassign = fields.Boolean(
        string="Propose Another Owner",
        help="Name the member of the team who has the fewest open complaints.",
    )

    _percent_uniq = models.UniqueIndex(
        '(percent) WHERE active', "There is a step at this share of the time already.",
    )
    _percent_positive = models.Constraint(
        'CHECK (percent > 0)', "A step needs more than 0 % of the time.",
    )

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        self._on_ladder_change()
        return levels

    def write(self, vals):
        result = super().write(vals)
        self._on_ladder_change()
        return result

    def unlink(self):
        result = super().unlink()
        self._on_ladder_change()
        return result

    # === BUSINESS METHODS ===#

    @api.model
    def _on_ladder_change(self):
        self.env.registry.clear_cache('stable')
        self.env['scp.sla.clock']._mark_stale(SQL("TRUE"))

    @api.model
    @tools.ormcache(cache='stable')
    def _get_ladder(self) -> tuple[Step, ...]:
        """Return the steps, the lowest first."""
        # sudo: who is told does not depend on who looks
        return tuple(
            Step(level.percent, level.recipient, level.propose_reassign)
            for level in self.sudo().search([])
        )
