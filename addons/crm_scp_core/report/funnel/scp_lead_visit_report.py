from pytz import utc

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.funnel.crm_stage import BAND_SELECTION
from ...models.funnel.scp_lead_log import LEAD_TYPE_SELECTION, WON_STATUS_SELECTION

# Years back from today for which the working hours of a running stay are counted
CALENDAR_YEARS = 5


class ScpLeadVisitReport(models.Model):
    """Visits: one row for each stay of a lead in a stage, re-entries and running stays included.

    A stay that ended is the row of the lead log that ended it, with whose and how much the deal
    was at that moment; a running one is read from the row that began it, and lasts until now.
    Stays of lost, archived and deleted deals are there like all others.
    """

    _name = 'scp.lead.visit.report'
    _description = "Stays of Leads in Stages"
    _inherit = ['scp.funnel.cell.mixin']
    _auto = False
    _rec_name = 'lead_name'
    _order = 'date_in desc, id desc'
    _scp_lead_column = 'lead_ref'

    _depends = {
        'scp.lead.log': [
            'amount_from', 'band_from', 'band_to', 'change_stage', 'company_from_id', 'competitor_id',
            'currency_id', 'currency_rate', 'date', 'deadline_from', 'direction', 'ends_stay', 'lead_id',
            'lead_name', 'lead_ref', 'lost_reason_id', 'opens_stay', 'owner_from_id', 'partner_id', 'source',
            'stage_from_id', 'stage_from_name', 'stage_to_id', 'stay_business_hours', 'stay_hours',
            'team_from_id', 'type_from', 'won_reason_id', 'won_status_to',
        ],
        'crm.lead': [
            'active', 'campaign_id', 'company_id', 'country_id', 'date_deadline', 'expected_revenue',
            'lost_reason_id', 'medium_id', 'name', 'partner_id', 'scp_competitor_id', 'scp_won_reason_id',
            'source_id', 'stage_id', 'team_id', 'type', 'user_id', 'won_status',
        ],
        'crm.stage': ['name', 'scp_band'],
        'res.partner': ['commercial_partner_id'],
        'scp.customer': ['company_id', 'grade_id', 'partner_id'],
    }

    lead_id = fields.Many2one('crm.lead', readonly=True)
    lead_ref = fields.Integer(
        string="Lead ID", readonly=True, aggregator='count_distinct',
        help="Number of the lead in the database; it stays when the lead is deleted.")
    lead_name = fields.Char(readonly=True)
    type = fields.Selection(LEAD_TYPE_SELECTION, readonly=True)
    stage_id = fields.Many2one('crm.stage', readonly=True)
    stage_name = fields.Char(string="Name of Stage", translate=True, readonly=True)
    band = fields.Selection(BAND_SELECTION, readonly=True)
    is_running = fields.Boolean(readonly=True, help="The deal is in the stage now.")
    is_reentry = fields.Boolean(readonly=True, help="The deal had been in this stage before.")
    entry = fields.Selection(
        [
            ('enter', "Created"),
            ('forward', "Moved Forward"),
            ('skip', "Skipped Ahead"),
            ('back', "Moved Back"),
            ('reopen', "Reopened"),
        ],
        string="Entered By", readonly=True,
    )
    date_in = fields.Datetime(string="Entered", readonly=True)
    date_out = fields.Datetime(string="Left", readonly=True)
    exit = fields.Selection(
        [
            ('running', "Still There"),
            ('forward', "Moved Forward"),
            ('skip', "Skipped Ahead"),
            ('back', "Moved Back"),
            ('won', "Won"),
            ('lost', "Lost"),
            ('archive', "Archived"),
            ('delete', "Deleted"),
        ],
        string="Left By", readonly=True,
    )
    stay_hours = fields.Float(string="Hours", digits=(16, 1), readonly=True, aggregator='avg', help="By the clock.")
    stay_days = fields.Float(string="Days", digits=(16, 1), readonly=True, aggregator='avg', help="By the clock.")
    stay_business_hours = fields.Float(
        string="Working Hours", digits=(16, 1), readonly=True, aggregator='avg',
        help="In the working hours of the deal's company, public holidays left out.")
    amount = fields.Monetary(
        string="Expected Revenue", readonly=True, help="At the end of the stay; of a running one, today's.")
    currency_id = fields.Many2one('res.currency', readonly=True)
    deadline = fields.Date(string="Expected Closing", readonly=True)
    won_status = fields.Selection(
        WON_STATUS_SELECTION, string="Won/Lost", readonly=True, help="What became of the deal until today.")
    is_backfilled = fields.Boolean(
        string="Back-filled", readonly=True, help="Reconstructed from messages older than the lead log.")

    user_id = fields.Many2one('res.users', string="Salesperson", readonly=True, help="At the end of the stay.")
    team_id = fields.Many2one('crm.team', string="Sales Team", readonly=True, help="At the end of the stay.")
    company_id = fields.Many2one('res.company', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    grade_id = fields.Many2one('scp.grade', string="Value Grade", readonly=True)
    country_id = fields.Many2one('res.country', readonly=True)
    source_id = fields.Many2one('utm.source', readonly=True)
    medium_id = fields.Many2one('utm.medium', readonly=True)
    campaign_id = fields.Many2one('utm.campaign', readonly=True)
    lost_reason_id = fields.Many2one('crm.lost.reason', readonly=True)
    won_reason_id = fields.Many2one('scp.won.reason', readonly=True)
    competitor_id = fields.Many2one('scp.competitor', readonly=True)
    # further attributes of the deal to group by, as they are today; joined only where asked for, and nothing a change
    # of a deal has to look after
    territory_id = fields.Many2one(related='lead_id.scp_territory_id', depends=())
    tag_ids = fields.Many2many(related='lead_id.tag_ids', depends=())
    priority = fields.Selection(related='lead_id.priority', depends=())
    state_id = fields.Many2one(related='lead_id.state_id', depends=())
    city = fields.Char(related='lead_id.city', depends=())
    lead_created = fields.Datetime(related='lead_id.create_date', string="Deal Created", depends=())

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        return SQL("%s UNION ALL %s", self._get_ended_query(), self._get_running_query())

    def _get_ended_query(self) -> SQL:
        """Return the stays that ended: rows of the log."""
        return self._get_query({
            'id': SQL("log.id"),
            'lead_id': SQL("log.lead_id"),
            'lead_ref': SQL("log.lead_ref"),
            'lead_name': SQL("log.lead_name"),
            'type': SQL("log.type_from"),
            'stage_id': SQL("log.stage_from_id"),
            'stage_name': SQL("log.stage_from_name"),
            'band': SQL("log.band_from"),
            'is_running': SQL("FALSE"),
            'is_reentry': self._get_reentry(SQL("log.stage_from_id"), SQL("log.stage_from_name")),
            'entry': SQL(
                """(SELECT began.direction
                      FROM scp_lead_log began
                     WHERE began.lead_ref = log.lead_ref
                       AND (began.date, began.id) < (log.date, log.id)
                       AND began.opens_stay
                  ORDER BY began.date DESC, began.id DESC
                     LIMIT 1)"""),
            'date_in': SQL("log.date - log.stay_hours * interval '1 hour'"),
            'date_out': SQL("log.date"),
            # a lead moved and archived at once has left its stage by being archived
            'exit': SQL("log.direction"),
            'stay_hours': SQL("log.stay_hours"),
            'stay_days': SQL("log.stay_hours / 24"),
            'stay_business_hours': SQL("log.stay_business_hours"),
            'amount': SQL("log.amount_from"),
            'currency_id': SQL("log.currency_id"),
            'deadline': SQL("log.deadline_from"),
            'won_status': SQL("COALESCE(lead.won_status, log.won_status_to, log.won_status_from)"),
            'is_backfilled': SQL("log.source = 'backfill'"),
            'user_id': SQL("log.owner_from_id"),
            'team_id': SQL("log.team_from_id"),
            'company_id': SQL("log.company_from_id"),
            'partner_id': SQL("COALESCE(lead.partner_id, log.partner_id)"),
            'lost_reason_id': SQL("COALESCE(lead.lost_reason_id, log.lost_reason_id)"),
            'won_reason_id': SQL("COALESCE(lead.scp_won_reason_id, log.won_reason_id)"),
            'competitor_id': SQL("COALESCE(lead.scp_competitor_id, log.competitor_id)"),
        }, SQL("scp_lead_log log LEFT JOIN crm_lead lead ON lead.id = log.lead_ref"), SQL("log.ends_stay"))

    def _get_running_query(self) -> SQL:
        """Return the running stays: the last row that began one, of each open lead."""
        now = self.env.cr.now()
        frame = self.env['res.company']._get_scp_frame(None)
        return self._get_query(
            {
                # the other side of zero: numbers of the log are those of ended stays
                'id': SQL("-lead.id"),
                'lead_id': SQL("lead.id"),
                'lead_ref': SQL("lead.id"),
                'lead_name': SQL("lead.name"),
                'type': SQL("lead.type"),
                'stage_id': SQL("lead.stage_id"),
                'stage_name': SQL("stage.name"),
                'band': SQL("stage.scp_band"),
                'is_running': SQL("TRUE"),
                'is_reentry': self._get_reentry(SQL("lead.stage_id"), SQL("stage.name")),
                'entry': SQL("log.direction"),
                'date_in': SQL("log.date"),
                'date_out': SQL("NULL::timestamp"),
                'exit': SQL("'running'"),
                'stay_hours': SQL("date_part('epoch', %s - log.date) / 3600", now),
                'stay_days': SQL("date_part('epoch', %s - log.date) / 86400", now),
                'stay_business_hours': self._get_worked_hours(SQL("log.date"), SQL("%s::timestamp", now)),
                'amount': SQL("lead.expected_revenue"),
                'currency_id': SQL("COALESCE(company.currency_id, %s)", frame.currency_id),
                'deadline': SQL("lead.date_deadline"),
                'won_status': SQL("lead.won_status"),
                'is_backfilled': SQL("FALSE"),
                'user_id': SQL("lead.user_id"),
                'team_id': SQL("lead.team_id"),
                'company_id': SQL("lead.company_id"),
                'partner_id': SQL("lead.partner_id"),
                'lost_reason_id': SQL("lead.lost_reason_id"),
                'won_reason_id': SQL("lead.scp_won_reason_id"),
                'competitor_id': SQL("lead.scp_competitor_id"),
            },
            SQL("""crm_lead lead
                   JOIN crm_stage stage ON stage.id = lead.stage_id
              LEFT JOIN res_company company ON company.id = lead.company_id
              LEFT JOIN %s ON clock.company_id = COALESCE(lead.company_id, 0)
     CROSS JOIN LATERAL (
                   SELECT row.id, row.lead_ref, row.date, row.direction
                     FROM scp_lead_log row
                    WHERE row.lead_ref = lead.id AND row.opens_stay
                 ORDER BY row.date DESC, row.id DESC
                    LIMIT 1) log""", self._get_clocks()),
            SQL("lead.active AND lead.won_status = 'pending'"),
        )

    def _get_query(self, columns: dict[str, SQL], from_clause: SQL, where: SQL) -> SQL:
        """Return a part of the report with the columns both parts look up in the same way."""
        columns = {
            **columns,
            'grade_id': SQL("customer.grade_id"),
            'country_id': SQL("lead.country_id"),
            'source_id': SQL("lead.source_id"),
            'medium_id': SQL("lead.medium_id"),
            'campaign_id': SQL("lead.campaign_id"),
        }
        return SQL(
            """
            SELECT %(columns)s
              FROM %(from_clause)s
         LEFT JOIN res_partner partner ON partner.id = %(partner)s
         LEFT JOIN scp_customer customer ON customer.partner_id = partner.commercial_partner_id
                                        AND customer.company_id = COALESCE(%(company)s, %(own_company)s)
             WHERE %(where)s
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name)) for name, column in columns.items()),
            from_clause=from_clause,
            partner=columns['partner_id'],
            company=columns['company_id'],
            own_company=self.env.company.id,
            where=where,
        )

    def _get_reentry(self, stage: SQL, name: SQL) -> SQL:
        """Return whether a stay of the lead in the same stage ended before; by name once it is deleted."""
        return SQL(
            """EXISTS (
                SELECT FROM scp_lead_log earlier
                 WHERE earlier.lead_ref = log.lead_ref
                   AND (earlier.date, earlier.id) < (log.date, log.id)
                   AND earlier.ends_stay
                   AND earlier.stage_from_id IS NOT DISTINCT FROM %s
                   AND (earlier.stage_from_id IS NOT NULL OR earlier.stage_from_name = %s))""",
            stage, name)

    # === WORKING TIME OF RUNNING STAYS === #

    def _get_clocks(self) -> SQL:
        """Return a table ``clock`` of the working intervals of each company the reader works in.

        Columns: ``company_id`` (0 for leads without one), and as arrays ``starts`` and ``ends`` of
        the intervals and ``worked``, the seconds of work up to the end of each (all in seconds).
        """
        rows = SQL(", ").join(
            SQL("(%s, %s::float8[], %s::float8[], %s::float8[])", company_id, *self._get_clock(company_id or None))
            for company_id in (0, *self.env.companies.ids)
        )
        return SQL("(VALUES %s) AS clock (company_id, starts, ends, worked)", rows)

    def _get_clock(self, company_id: int | None) -> tuple[list[float], list[float], list[float]]:
        frame = self.env['res.company']._get_scp_frame(company_id)
        starts, ends, worked, total = [], [], [], 0.0
        if frame.calendar_id:
            calendar = self.env['resource.calendar'].browse(frame.calendar_id)
            for year in self._get_clock_years():
                laid_out = calendar._get_scp_worked_year(company_id or frame.reporting_company_id, year)
                starts += laid_out.starts
                ends += laid_out.ends
                worked += [total + seconds for seconds in laid_out.worked]
                total = worked[-1] if worked else 0.0
        return starts, ends, worked

    def _get_clock_years(self) -> range:
        """Return the years since the log began, the last few of them at most."""
        now = self.env.cr.now()
        [[first]] = self.env.execute_query(SQL("SELECT min(date) FROM scp_lead_log"))
        return range(max((first or now).year, now.year - CALENDAR_YEARS + 1), now.year + 1)

    def _get_worked_hours(self, start: SQL, end: SQL) -> SQL:
        """Return the working hours between two timestamps; NULL without calendar, or too long ago."""
        first = utc.localize(fields.Datetime.now().replace(
            self._get_clock_years()[0], 1, 1, 0, 0, 0)).timestamp()
        return SQL(
            "CASE WHEN cardinality(clock.starts) > 0 AND date_part('epoch', %s) >= %s THEN (%s - %s) / 3600 END",
            start, first, self._get_worked_seconds(end), self._get_worked_seconds(start))

    def _get_worked_seconds(self, moment: SQL) -> SQL:
        """Return the seconds of work up to a moment; see ``resource.calendar`` for the same in Python."""
        return SQL(
            """(SELECT CASE WHEN place.n = 0 THEN 0
                            ELSE clock.worked[place.n] - GREATEST(clock.ends[place.n] - place.moment, 0) END
                  FROM (SELECT width_bucket(date_part('epoch', %(moment)s), clock.starts) AS n,
                               date_part('epoch', %(moment)s) AS moment) place)""",
            moment=moment)

    # === ACTIONS === #

    @api.readonly
    def action_open_lead(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'crm.lead',
            'res_id': self.lead_id.id,
            'view_mode': 'form',
        }
