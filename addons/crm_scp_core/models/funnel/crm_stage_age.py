from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, float_compare

#: fewer won deals than this say nothing about how long a stage takes
MIN_WON_DEALS = 20
USUAL_QUANTILE = 0.75


class UsualStay(NamedTuple):
    """How long deals may stay in a stage before they are old.

    ``hours`` are working hours of the company where ``is_working_time``, else hours by the clock.
    """

    hours: float
    is_working_time: bool


class CrmStage(models.Model):
    """How long won deals stayed in a stage: the measure of the age of open ones."""

    _inherit = 'crm.stage'

    scp_usual_hours = fields.Float(
        string="Usual Stay (Working Hours)",
        readonly=True,
        copy=False,
        aggregator=None,
        prefetch='scp_usual',
        help="Three in four won deals stayed no longer than this in the stage, all their visits "
             "taken together. Refreshed every night; empty below 20 won deals.",
    )
    scp_usual_count = fields.Integer(
        string="Won Deals Counted", readonly=True, copy=False, aggregator=None,
        prefetch='scp_usual',
        help="Won deals that stayed in this stage.",
    )

    def _get_scp_usual_stay(self) -> UsualStay | None:
        """Return what ages are measured by: won deals, else the days set for the stage, or None."""
        self.ensure_one()
        if self.scp_usual_count >= MIN_WON_DEALS and self.scp_usual_hours:
            return UsualStay(self.scp_usual_hours, True)
        if self.rotting_threshold_days:
            return UsualStay(self.rotting_threshold_days * 24.0, False)
        return None

    @api.model
    def _cron_learn_scp_usual_stay(self):
        self._learn_scp_usual_stay()
        self.env['ir.cron']._commit_progress(1, remaining=0)

    @api.model
    def _learn_scp_usual_stay(self):
        """Learn the usual stay from the lead log, in one statement; stages unchanged are not written."""
        stages = self.search([])  # pylint: disable=no-search-all # a pipeline has a dozen stages
        self.env['scp.lead.log'].flush_model()
        self.env['crm.lead'].flush_model(['won_status'])
        rows = self.env.execute_query(SQL(
            """
            SELECT stage_id, count(*), percentile_cont(%(quantile)s) WITHIN GROUP (ORDER BY hours)
              FROM (SELECT log.stage_from_id AS stage_id, sum(log.stay_business_hours) AS hours
                      FROM scp_lead_log log
                      JOIN crm_lead lead ON lead.id = log.lead_ref AND lead.won_status = 'won'
                     WHERE log.ends_stay AND log.stage_from_id IN %(stages)s
                  GROUP BY log.lead_ref, log.stage_from_id) stay
             WHERE hours > 0
          GROUP BY stage_id
            """,
            quantile=USUAL_QUANTILE, stages=tuple(stages.ids) or (None,),
        ))
        usual = {stage_id: (count, hours) for stage_id, count, hours in rows}
        for stage in stages:
            count, hours = usual.get(stage.id, (0, 0.0))
            if count < MIN_WON_DEALS:
                hours = 0.0
            if count != stage.scp_usual_count or float_compare(hours, stage.scp_usual_hours, precision_digits=2):
                stage.write({'scp_usual_count': count, 'scp_usual_hours': hours})
