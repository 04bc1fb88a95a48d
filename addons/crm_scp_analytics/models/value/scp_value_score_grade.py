from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date


class ScpValueScore(models.Model):
    """How a value became a grade: what it calls for, what the model holds, what was set by hand."""

    _inherit = 'scp.value.score'

    model_grade_id = fields.Many2one(
        comodel_name='scp.grade', string="Grade of the Model", readonly=True, ondelete='restrict',
        help="The grade without what was set by hand.",
    )
    pending_grade_id = fields.Many2one(
        comodel_name='scp.grade', string="Called For", readonly=True, ondelete='restrict',
        help="The grade that the value calls for. The grade follows when it has done so long enough.",
    )
    pending_since = fields.Date(string="Called For Since", readonly=True)
    override_id = fields.Many2one(
        comodel_name='scp.value.override', string="Set by Hand", readonly=True,
        index='btree_not_null', ondelete='set null',
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor',
    )

    # === COMPUTE METHODS ===#

    @api.depends('pending_grade_id', 'override_id')
    def _compute_card(self):
        super()._compute_card()

    # === BUSINESS METHODS ===#

    def _prepare_card(self, *args):
        return super()._prepare_card(*args) | {'notes': self._get_grade_notes()}

    def _get_grade_notes(self):
        """:return: sentences on why the grade is another one than the value alone would give"""
        self.ensure_one()
        notes = []
        # sudo: whoever sees the grade may know where it comes from
        if override := self.sudo().override_id:
            notes.append(override._get_sentence())
        if self.pending_grade_id:
            months = self.run_id.sudo().parameters.get('hold_months', 0)
            notes.append(self.env._(
                "The value calls for grade %(pending)s since %(since)s. The grade follows on %(date)s if it "
                "still does.",
                pending=self.pending_grade_id.name,
                since=format_date(self.env, self.pending_since),
                date=format_date(self.env, self.pending_since + relativedelta(months=months)),
            ))
        return notes
