from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

ACTION_KINDS = [
    ('correction', "Correction"),
    ('containment', "Containment"),
    ('corrective', "Corrective"),
    ('preventive', "Preventive"),
]
EFFECT_CHECK_TYPE = 'crm_scp_core.mail_activity_type_scp_effect_check'
EFFECT_CHECK_BATCH = 100
CAPA = ('corrective', 'preventive')


class ScpComplaintAction(models.Model):
    """Something somebody does about a complaint by a day, and whether it helped."""

    _name = 'scp.complaint.action'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Complaint Action"
    _order = 'due_date, id'
    _check_company_auto = True

    name = fields.Char(string="Action", required=True, tracking=True)
    complaint_id = fields.Many2one(
        comodel_name='scp.complaint',
        required=True,
        index=True,
        ondelete='cascade',
        check_company=True,
    )
    # Stored for security rules
    company_id = fields.Many2one(
        related='complaint_id.company_id', store=True, precompute=True, index=True,
    )
    kind = fields.Selection(
        selection=ACTION_KINDS,
        required=True,
        default='corrective',
        tracking=True,
        help="Correction: repairs this case.\n"
             "Containment: keeps the fault from reaching others until the cause is known.\n"
             "Corrective: removes the cause.\n"
             "Preventive: keeps the cause from arising elsewhere.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Owner",
        index='btree_not_null',
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    due_date = fields.Date(string="Due", tracking=True)
    done_at = fields.Datetime(string="Done", copy=False, tracking=True)
    done_on_time = fields.Boolean(
        compute='_compute_done_on_time', store=True,
        help="Done on the day it was due at the latest, in the time zone of the company.",
    )
    verified_by_id = fields.Many2one(
        comodel_name='res.users',
        string="Verified by",
        index='btree_not_null',
        copy=False,
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        tracking=True,
    )
    effect_check_date = fields.Date(
        string="Effectiveness Check",
        copy=False,
        tracking=True,
        help="The day on which somebody looks whether the fault has come back.",
    )
    effective = fields.Selection(
        selection=[('yes', "Yes"), ('partly', "Partly"), ('no', "No")],
        copy=False,
        tracking=True,
    )
    evidence = fields.Html(copy=False, help="What shows that it was done and that it helped.")

    # The daily reminder of effectiveness checks.
    _effect_check_idx = models.Index('(effect_check_date) WHERE effective IS NULL')

    # === COMPUTE METHODS ===#

    @api.depends('done_at', 'due_date', 'company_id')
    def _compute_done_on_time(self):
        for action in self:
            # sudo: the time zone of a company is no secret
            zone = timezone(action.company_id.sudo().resource_calendar_id.tz or 'UTC')
            action.done_on_time = bool(action.done_at and action.due_date) and (
                utc.localize(action.done_at).astimezone(zone).date() <= action.due_date
            )

    # === CONSTRAINT METHODS ===#

    @api.constrains('user_id', 'verified_by_id', 'complaint_id')
    def _check_users(self):
        for action in self:
            if action.verified_by_id and action.verified_by_id == action.user_id:
                raise ValidationError(self.env._(
                    "Action %(action)s cannot be verified by %(user)s, who carried it out.",
                    action=action.name, user=action.user_id.name,
                ))
            accused = action.complaint_id.accused_user_id
            if accused and accused in action.user_id | action.verified_by_id:
                raise ValidationError(self.env._(
                    "Action %(action)s cannot be given to %(user)s: complaint %(number)s is about "
                    "this person.",
                    action=action.name, user=accused.name, number=action.complaint_id.number,
                ))

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._register_containment()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if not {'done_at', 'kind'}.isdisjoint(vals):
            self._register_containment()
        if vals.get('effective'):
            # sudo: the reminder may be somebody else's
            self.sudo().activity_feedback([EFFECT_CHECK_TYPE])
        return result

    # === ACTIONS ===#

    def action_done(self):
        self.filtered(lambda action: not action.done_at).write({'done_at': fields.Datetime.now()})

    # === BUSINESS METHODS ===#

    def _filter_capa(self):
        """Those against the cause, whose effect has to be checked."""
        return self.filtered(lambda action: action.kind in CAPA)

    def _register_containment(self):
        """A complaint is contained when its first containment is done."""
        for action in self.filtered(
            lambda action: action.kind == 'containment' and action.done_at
        ).sorted('done_at'):
            complaint = action.complaint_id
            if not complaint.contained_at or complaint.contained_at > action.done_at:
                # sudo: time stamps are not written by hand
                complaint.sudo().write({'contained_at': action.done_at})

    @api.model
    def _get_effect_check_domain(self):
        """Checks that are due and nobody is reminded of yet."""
        return Domain([
            ('effective', '=', False),
            ('effect_check_date', '<=', fields.Date.context_today(self)),
            ('activity_ids', 'not any', [
                ('activity_type_id', '=', self.env.ref(EFFECT_CHECK_TYPE).id),
            ]),
        ])

    @api.model
    def _cron_remind_effect_checks(self):
        """Plan an activity for every effectiveness check that is due, in batches."""
        cron = self.env['ir.cron']
        remaining = self.search_count(self._get_effect_check_domain())
        cron._commit_progress(remaining=remaining)
        while actions := self.search(
            self._get_effect_check_domain(), limit=EFFECT_CHECK_BATCH,
        ).try_lock_for_update(allow_referencing=True):
            actions._remind_effect_check()
            remaining -= len(actions)
            if not cron._commit_progress(len(actions), remaining=max(remaining, 0)):
                break

    def _remind_effect_check(self):
        """Remind who verifies, else who owns the complaint, else who carried the action out."""
        for action in self:
            complaint = action.complaint_id
            user = action.verified_by_id or complaint.user_id or action.user_id
            action.activity_schedule(
                EFFECT_CHECK_TYPE,
                date_deadline=action.effect_check_date,
                user_id=user.id or self.env.uid,
                summary=self.env._(
                    "Did it help? Complaint %(number)s", number=complaint.number,
                ),
            )
