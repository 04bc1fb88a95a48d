from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from odoo.addons.crm_scp_core.fields import LooseMany2one


class ScpValueScore(models.Model):
    """How a value became a grade: what it calls for, what the model holds, what was set by hand."""

    _inherit = 'scp.value.score'

    model_grade_id = LooseMany2one(
        comodel_name='scp.grade', string="Grade of the Model", readonly=True, ondelete='restrict',
        help="The grade without what was set by hand.",
    )
    pending_grade_id = LooseMany2one(
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
        return super()._compute_card()

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

    # === BUSINESS METHODS: REASONS ===#

    def _get_reason_figure(self, reason, raises):
        """A figure without a sentence of its own, against those of the other customers."""
        component = self.env['scp.value.model']._get_components()[reason['code']]
        values = self._prepare_comparison(reason, raises) | {
            'figure': component['label'], 'value': self._format_figure(component['kind'], reason['value']),
        }
        if raises:
            return self.env._(
                "%(figure)s: %(value)s, better than %(ahead)s of %(others)s customers.", **values)
        return self.env._(
            "%(figure)s: %(value)s; %(ahead)s of %(others)s customers are better.", **values)

    _get_reason_profit = _get_reason_expected_revenue = _get_reason_lifetime_value = _get_reason_figure
    _get_reason_churn_risk = _get_reason_credit = _get_reason_figure

    def _format_figure(self, kind, value):
        match kind:
            case 'money':
                return self.currency_id.format(value)
            case 'share':
                return f"{formatLang(self.env, 100 * value, digits=0)}%"
        return formatLang(self.env, value, digits=0)
