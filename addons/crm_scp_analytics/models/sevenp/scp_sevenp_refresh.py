import logging

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from .scp_sevenp import P_CODES
from .scp_sevenp_sources import Window

_logger = logging.getLogger(__name__)

# Months that are kept.
KEPT_MONTHS = 36
# A customer's rows are joined and sorted by the million: in memory, not on the disk.
PLANNING = {'work_mem': '128MB'}


class ScpSevenp(models.Model):
    """Bringing the present month up to date: one statement for all customers of a company."""

    _inherit = 'scp.sevenp'

    # === SCHEDULED JOB ===#

    @api.model
    def _cron_refresh(self):
        """Bring the 7P of all companies that have customers up to date; each company apart.

        A call that has no time left is followed by another one: it goes on where that one stopped.
        """
        due = self._get_due_companies()
        cron = self.env['ir.cron']
        time_left = cron._commit_progress(remaining=len(due))
        for company, basis in due:
            if not time_left:
                break
            self._refresh(company)
            company.scp_sevenp_basis = basis
            time_left = cron._commit_progress(1)

    @api.model
    def _trigger_job(self):
        self.env.ref('crm_scp_analytics.ir_cron_scp_sevenp').sudo()._trigger()  # sudo: any scoring starts the job

    # === BUSINESS METHODS ===#

    @api.model
    def _get_due_companies(self):
        """:return: companies whose 7P are of a former day or scoring, each with the day and scoring they shall be of"""
        due = []
        for [company] in self.env['scp.customer']._read_group([], ['company_id']):
            window = self._get_window(company, self.env['scp.value.run']._get_today(company))
            basis = f'{window.date_to} {window.run}'
            if basis != company.scp_sevenp_basis:
                due.append((company, basis))
        return due

    @api.model
    def _refresh(self, company, day=None) -> int:
        """Write the rows of a month, and drop those of months long past.

        :param company: `res.company`
        :param day: as of which day, today by default
        :return: number of rows written: those that were right are left alone
        """
        day = day or self.env['scp.value.run']._get_today(company)
        self.env.flush_all()
        for name, value in PLANNING.items():
            self.env.cr.execute(SQL("SELECT set_config(%s, %s, TRUE)", name, value))
        self.env.cr.execute(self._get_upsert_statement(self._get_window(company, day)))
        count = self.env.cr.rowcount
        self.env.cr.execute(SQL(
            "DELETE FROM scp_sevenp WHERE company_id = %s AND period < %s",
            company.id, day.replace(day=1) - relativedelta(months=KEPT_MONTHS),
        ))
        self.invalidate_model()
        _logger.info("7P of %s: %s customers changed", company.id, count)
        return count

    @api.model
    def _get_window(self, company, day) -> Window:
        Run = self.env['scp.value.run']
        date_from = day + relativedelta(days=1, months=-12)
        run = Run.search([
            ('company_id', '=', company.id), ('state', '=', 'done'), ('customer_count', '>', 0),
            ('date_to', '<=', day),
        ], limit=1)
        return Window(company.id, date_from, day, *Run._get_window_bounds(company, date_from, day), run.id or 0)

    @api.model
    def _get_upsert_statement(self, window) -> SQL:
        figures = self._get_figure_expressions()
        indexes = self._get_index_expressions()
        names = ['day', *figures, *P_CODES, 'missing']
        comma = SQL(", ").join
        return SQL(
            """
              WITH product_bought AS MATERIALIZED (%(bought)s),
                   figure AS MATERIALIZED (
                       SELECT customer.id AS customer_id, %(date_to)s::date AS day, %(figures)s
                         FROM scp_customer customer
                         JOIN res_partner partner ON partner.id = customer.partner_id AND partner.active
                              %(parts)s
                        WHERE customer.company_id = %(company)s
                   ),
                   side AS (SELECT *, %(sides)s FROM figure)
            INSERT INTO scp_sevenp AS known (customer_id, company_id, period, %(columns)s)
                 SELECT row.*, CONCAT_WS(',', %(missing)s)
                   FROM (SELECT side.customer_id, %(company)s, date_trunc('month', side.day)::date, side.day,
                                %(rounded)s, %(indexes)s
                           FROM side) row
            ON CONFLICT (customer_id, period) DO UPDATE
                    SET (%(columns)s) = ROW (%(fresh)s)
                  WHERE (%(former)s) IS DISTINCT FROM (%(fresh)s)
            """,
            bought=self._get_bought_query(window),
            date_to=window.date_to,
            company=window.company,
            figures=comma(
                SQL("%s AS %s", expression, SQL.identifier(name)) for name, expression in figures.items()
            ),
            parts=SQL(" ").join(
                SQL("LEFT JOIN (%s) %s ON %s = customer.id",
                    query, SQL.identifier(name), SQL.identifier(name, 'customer_id'))
                for name, query in self._get_parts(window).items()
            ),
            columns=comma(map(SQL.identifier, names)),
            rounded=comma(map(self._get_rounded, figures)),
            sides=comma(
                SQL("(%s)::numeric AS %s", expression, SQL.identifier(f'{code}_{number}'))
                for code, expressions in indexes.items() for number, expression in enumerate(expressions)
            ),
            indexes=comma(self._get_mean(code, len(indexes[code])) for code in P_CODES),
            missing=comma(
                SQL("CASE WHEN row.%s IS NULL THEN %s END", SQL.identifier(code), code) for code in P_CODES
            ),
            former=comma(SQL.identifier('known', name) for name in names),
            fresh=comma(SQL.identifier('excluded', name) for name in names),
        )

    @api.model
    def _get_rounded(self, name) -> SQL:
        """A figure to the digits that its column keeps: what is the same is not written again."""
        field, column = self._fields[name], SQL.identifier('side', name)
        if field.type == 'float':
            return SQL("ROUND(%s::numeric, %s)", column, (field.get_digits(self.env) or (0, 6))[1])
        return SQL("ROUND(%s::numeric, 2)", column) if field.type == 'monetary' else column

    @api.model
    def _get_mean(self, code, count) -> SQL:
        """Mean of the parts of a P that have data, NULL where none has."""
        return SQL(
            "(SELECT ROUND(AVG(value), 1) FROM (VALUES %s) part (value)) AS %s",
            SQL(", ").join(SQL("(%s)", SQL.identifier('side', f'{code}_{number}')) for number in range(count)),
            SQL.identifier(code),
        )
