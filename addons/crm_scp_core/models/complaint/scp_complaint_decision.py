from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import is_html_empty, plaintext2html

from .scp_complaint import REMEDIES

#: states in which the customer may read what was decided
PUBLISHED = ('proposed', 'resolved', 'closed', 'rejected')
DECISION_FIELDS = {'is_justified', 'decision', 'remedy', 'rejection_reason'}


class ScpComplaint(models.Model):
    """What was decided, when, and from when on the customer may read it.

    Lies below `scp_complaint_state.py`: a decision is stamped before a state asks for it.
    """

    _inherit = 'scp.complaint'

    is_justified = fields.Selection(
        selection=[('yes', "Yes"), ('partly', "Partly"), ('no', "No")],
        string="Justified",
        copy=False,
        tracking=True,
    )
    decision = fields.Html(
        copy=False,
        help="What we decided and why, as the customer reads it.",
    )
    remedy = fields.Selection(
        selection=[*REMEDIES, ('none', "None")],
        string="Remedy Offered",
        copy=False,
        tracking=True,
    )
    rejection_reason = fields.Text(
        copy=False,
        help="Why the complaint is not justified, as the customer reads it.",
    )
    recourse = fields.Text(
        copy=False,
        help="Where the customer can turn to if he does not accept the rejection: who decides "
             "within the company, which body outside.",
    )
    external_body = fields.Char(
        copy=False,
        tracking=True,
        help="The arbitration body, authority or court that has the matter.",
    )

    public_remedy = fields.Char(
        string="Remedy",
        compute='_compute_public_decision',
        compute_sudo=True,
        help="The remedy offered, once the customer is to know it.",
    )
    public_decision = fields.Html(
        string="Decision and Recourse",
        compute='_compute_public_decision',
        compute_sudo=True,
        help="Decision, reasons and recourse, once the customer is to know them: drafts are ours.",
    )
    decided_at = fields.Datetime(string="Decided", readonly=True, copy=False)

    # === COMPUTE METHODS ===#

    @api.depends('state', 'informed_at', 'remedy', 'decision', 'rejection_reason', 'recourse')
    @api.depends_context('lang')
    def _compute_public_decision(self):
        remedies = dict(self._fields['remedy']._description_selection(self.env))
        for complaint in self:
            if not complaint.informed_at and complaint.state not in PUBLISHED:
                complaint.public_remedy = complaint.public_decision = False
                continue
            complaint.public_remedy = remedies.get(complaint.remedy, False)
            texts = [] if is_html_empty(complaint.decision) else [complaint.decision]
            texts += [
                plaintext2html(text)
                for text in (complaint.rejection_reason, complaint.recourse) if text
            ]
            complaint.public_decision = Markup().join(texts) or False

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints.filtered(lambda complaint: not complaint.decided_at)._stamp_decision({})
        return complaints

    def write(self, vals):
        decides = 'decided_at' not in vals and not DECISION_FIELDS.isdisjoint(vals)
        old_decisions = {c.id: c._get_decision() for c in self} if decides else {}
        result = super().write(vals)
        if decides:
            self._stamp_decision(old_decisions)
        return result

    # === BUSINESS METHODS ===#

    def _get_decision(self):
        """What was decided, as far as it counts: the wording may still be polished."""
        self.ensure_one()
        if self.is_justified and self.remedy and not is_html_empty(self.decision):
            return self.is_justified, self.remedy
        if self.is_justified == 'no' and self.rejection_reason:
            return 'no', 'none'
        return None

    def _stamp_decision(self, old_decisions):
        """Note when decisions were taken. Another decision has to be told again.

        :param old_decisions: {id: what `_get_decision` returned before}
        """
        changed = self.filtered(
            lambda complaint: complaint._get_decision() != old_decisions.get(complaint.id)
        )
        decided = changed.filtered(lambda complaint: complaint._get_decision())
        if decided:
            # sudo: see `_check_stamps`
            decided.sudo().write({'decided_at': fields.Datetime.now(), 'informed_at': False})
        undecided = (changed - decided).filtered('decided_at')
        if undecided:
            undecided.sudo().write({'decided_at': False, 'informed_at': False})
