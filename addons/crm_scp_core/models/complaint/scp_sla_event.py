from collections.abc import Collection, Mapping
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from .scp_sla_policy_line import CLOCK_KINDS

INSERT_BATCH_SIZE = 1000

EVENT_TYPES = [
    ('start', "Started"),
    ('pause', "Paused"),
    ('resume', "Resumed"),
    ('replan', "Planned Again"),
    ('extend', "Extended by Holding Reply"),
    ('escalate', "Escalated"),
    ('met', "Met"),
    ('missed', "Missed"),
    ('cancel', "Cancelled"),
]


class ScpSlaEvent(models.Model):
    """Append-only history of clocks: what happened to a clock when, and where it stood then.

    Rows are written by one method with plain SQL; the ORM refuses to create, write or delete
    them, whoever asks. They go with their clock, which goes with its complaint.
    """

    _name = 'scp.sla.event'
    _description = "Clock Event"
    _order = 'date desc, id desc'
    _rec_name = 'event_type'
    _log_access = False

    clock_id = fields.Many2one(
        'scp.sla.clock', required=True, readonly=True, index=True, ondelete='cascade',
    )
    # for record rules and the page of a complaint
    complaint_id = fields.Many2one(
        'scp.complaint', required=True, readonly=True, index=True, ondelete='cascade',
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True)
    kind = fields.Selection(CLOCK_KINDS, string="Clock Kind", required=True, readonly=True)
    statutory = fields.Boolean(readonly=True)
    date = fields.Datetime(required=True, readonly=True)
    event_type = fields.Selection(EVENT_TYPES, string="Event", required=True, readonly=True)
    user_id = fields.Many2one(
        'res.users', string="Done by", readonly=True, help="Empty: time alone did it.",
    )
    percent = fields.Integer(
        string="Step (%)", readonly=True, aggregator=None,
        help="Of an escalation: the share of the time at which it was due.",
    )
    recipient_id = fields.Many2one(
        'res.users', string="Told", readonly=True, help="Of an escalation: who was told.",
    )
    consumed_h = fields.Float(string="Used (Hours)", readonly=True, aggregator=None)
    target_h = fields.Float(string="Target (Hours)", readonly=True, aggregator=None)
    deadline = fields.Datetime(readonly=True)
    reason = fields.Char(readonly=True)

    # === CRUD METHODS: nobody, superuser included ===#

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._(
            "Clock events write themselves when something happens to a clock; they cannot be added "
            "by hand."))

    def write(self, vals):
        raise UserError(self.env._(
            "Clock events are a record of what happened: the one of %(date)s on complaint "
            "%(complaint)s cannot be changed.",
            date=self[:1].date, complaint=self[:1].complaint_id.number,
        ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(self.env._(
            "Clock events are a record of what happened: the one of %(date)s on complaint "
            "%(complaint)s cannot be deleted.",
            date=self[:1].date, complaint=self[:1].complaint_id.number,
        ))

    # === BUSINESS METHODS ===#

    @api.model
    def _append(self, rows: Collection[Mapping[str, Any]]):
        """Append rows, each a dict with a value for every column."""
        if not rows:
            return
        # the clocks they point at may be new
        self.env['scp.sla.clock'].flush_model()
        names = [name for name, field in self._fields.items() if field.store and name != 'id']
        columns = SQL(", ").join(map(SQL.identifier, names))
        for batch in split_every(INSERT_BATCH_SIZE, rows):
            self.env.execute_query(SQL(
                "INSERT INTO scp_sla_event (%s) VALUES %s RETURNING id",
                columns, SQL(", ").join(
                    SQL("%s", tuple(row.get(name) for name in names)) for row in batch
                ),
            ))
        self.env['scp.sla.clock'].invalidate_model(['event_ids'], flush=False)
