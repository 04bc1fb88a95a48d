from collections.abc import Callable

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang
from odoo.tools.misc import get_lang

from .working_hours import HOUR, RoundTheClock

AGE_SELECTION = [('ok', "Fresh"), ('watch', "Watch"), ('rot', "Ageing"), ('dead', "Stuck")]
#: an age class begins at this share of the usual stay
AGE_BOUNDS = {'ok': 0.0, 'watch': 0.7, 'rot': 1.0, 'dead': 2.0}
#: where the days go in a sentence that is written once for many deals
DAYS_MARK = '\0'


class CrmLead(models.Model):
    """The age of an open deal in its stage, against the deals that were won.

    Odoo's own rotting counts days by the clock against a number somebody set. Here the measure is
    what won deals took, in working time; the number set for the stage serves until there are
    enough of them.
    """

    _inherit = 'crm.lead'

    scp_age = fields.Selection(
        selection=AGE_SELECTION,
        string="Age in Stage",
        compute='_compute_scp_age',
        search='_search_scp_age',
        help="Time in the stage against the time three in four won deals stayed there. Fresh: below "
             "70 %. Watch: below 100 %. Ageing: longer. Stuck: more than twice as long.",
    )
    scp_age_days = fields.Float(
        string="Days in Stage", compute='_compute_scp_age', digits=(16, 1), aggregator=None)
    scp_age_reason = fields.Char(string="Why This Age", compute='_compute_scp_age')

    @api.depends('stage_id', 'company_id', 'active', 'won_status', 'date_last_stage_update')
    def _compute_scp_age(self):
        now = self.env.cr.now()
        ageing = self.filtered(
            lambda lead: lead.active and lead.won_status == 'pending' and lead.date_last_stage_update)
        for (stage, company), leads in ageing.grouped(lambda lead: (lead.stage_id, lead.company_id)).items():
            # sudo: everybody who sees a deal sees how old it is
            usual = stage and stage.sudo()._get_scp_usual_stay()
            if not usual:
                ageing -= leads
                continue
            hours, day_hours = self._get_scp_age_hours(company.id, usual.is_working_time)
            explain = self._get_scp_age_explainer(stage.sudo(), usual, day_hours)
            for lead in leads:
                stay = hours.count(lead.date_last_stage_update, now) / HOUR
                lead.scp_age = max(
                    (age for age, share in AGE_BOUNDS.items() if stay >= share * usual.hours), key=AGE_BOUNDS.get)
                lead.scp_age_days = stay / day_hours
                lead.scp_age_reason = explain(stay / day_hours)
        ageless = self - ageing
        ageless.scp_age = ageless.scp_age_reason = False
        ageless.scp_age_days = 0.0

    @api.model
    def _search_scp_age(self, operator, value):
        """Translate an age into the moments between which the stay must have begun."""
        if operator != 'in':
            return NotImplemented
        ages = list(AGE_BOUNDS)
        now = self.env.cr.now()
        # pylint: disable-next=no-search-all # companies are few
        companies = [False, *self.env['res.company'].sudo().search([]).ids]
        parts = []
        # sudo: everybody who sees a deal sees how old it is
        # pylint: disable-next=no-search-all # a pipeline has a dozen stages
        for stage in self.env['crm.stage'].sudo().search([]):
            usual = stage._get_scp_usual_stay()
            if not usual:
                continue
            for company_id in companies:
                hours, _day_hours = self._get_scp_age_hours(company_id, usual.is_working_time)
                # the moment a stay must have begun by to have reached each class
                begun = {
                    age: hours.rewind(now, share * usual.hours * HOUR) if share else now
                    for age, share in AGE_BOUNDS.items()
                }
                for position, age in enumerate(ages):
                    if age not in value or not begun[age]:
                        continue
                    following = ages[position + 1] if position + 1 < len(ages) else None
                    part = Domain([
                        ('stage_id', '=', stage.id), ('company_id', '=', company_id),
                        ('date_last_stage_update', '<=', begun[age]),
                    ])
                    if following and begun[following]:
                        part &= Domain('date_last_stage_update', '>', begun[following])
                    parts.append(part)
        has_age = Domain('won_status', '=', 'pending') & Domain('active', '=', True) & Domain.OR(parts)
        if False not in value:
            return has_age
        measured = self._search_scp_age('in', ages)
        return ~measured | has_age

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    def write(self, vals):
        # a deal taken up again begins a new stay, although its stage is the old one
        reopened = self.filtered(lambda lead: not lead.active) if vals.get('active') else self.browse()
        result = super().write(vals)
        if reopened:
            super(CrmLead, reopened).write({'date_last_stage_update': self.env.cr.now()})
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _get_scp_age_hours(self, company_id, is_working_time):
        """Return the time ages are counted in, and the hours of one of its days."""
        if not is_working_time:
            return RoundTheClock(), 24.0
        frame = self.env['res.company']._get_scp_frame(company_id or None)
        calendar = self.env['resource.calendar'].browse(frame.calendar_id)
        hours = calendar._get_scp_hours(company_id or frame.reporting_company_id)
        return hours, frame.hours_per_day or 24.0

    @api.model
    def _get_scp_age_explainer(self, stage, usual, day_hours) -> Callable[[float], str]:
        """Return what says of a number of days in the stage why it is an age; a board asks for many."""
        values = {
            'days': DAYS_MARK, 'stage': stage.name, 'n': stage.scp_usual_count,
            'usual': formatLang(self.env, usual.hours / day_hours, digits=1),
        }
        if usual.is_working_time:
            text = self.env._(
                "%(days)s working days in %(stage)s; three in four won deals stayed at most %(usual)s (n = %(n)s).",
                **values)
        else:
            text = self.env._(
                "%(days)s days in %(stage)s, which is set to %(usual)s; too few won deals to learn from yet "
                "(n = %(n)s).", **values)
        format_number = self.env['res.lang'].browse(get_lang(self.env).id).format
        return lambda days: text.replace(DAYS_MARK, format_number('%.1f', days, grouping=True))
