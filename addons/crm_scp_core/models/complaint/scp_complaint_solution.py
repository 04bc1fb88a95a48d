from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, html2plaintext, is_html_empty, plaintext2html

from .text_rules import get_terms

SUGGESTIONS = 5
#: different words of a complaint that are looked for; long letters repeat themselves
MAX_TERMS = 64
#: rank (0 to 1) below which common words alone make no solution similar
MIN_TEXT_RANK = 0.05
READERS = 'crm_scp_core.group_scp_user,crm_scp_core.group_scp_quality,crm_scp_core.group_scp_auditor'


class SolutionMatch(NamedTuple):
    """Why a solution may help with a complaint.

    :param text: share of the words found, 0 to 1, as PostgreSQL ranks it; 0 if too small to count
    """

    solution_id: int
    same_product: bool
    same_category: bool
    text: float


class ScpComplaint(models.Model):
    """What was learnt from earlier cases, and what is learnt from this one."""

    _inherit = 'scp.complaint'

    solution_id = fields.Many2one(
        comodel_name='scp.solution',
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        copy=False,
        tracking=True,
        groups=READERS,
        help="What solved it. The solution learns from it whether it holds.",
    )
    suggested_solution_ids = fields.Many2many(
        comodel_name='scp.solution',
        string="Suggested Solutions",
        compute='_compute_suggested_solution_ids',
        groups=READERS,
        help="Solutions for the same product, the same category or similar words, the best first.",
    )
    suggestion_reasons = fields.Text(
        compute='_compute_suggested_solution_ids',
        groups=READERS,
        help="What speaks for each of the suggested solutions.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('name', 'description', 'product_id', 'category_id', 'company_id', 'solution_id')
    @api.depends_context('lang')
    def _compute_suggested_solution_ids(self):
        matches = self._get_solution_matches()
        Solution = self.env['scp.solution']
        for complaint in self:
            suggested = {
                Solution.browse(match.solution_id): complaint._get_match_reason(match)
                for match in matches[complaint] if match.solution_id != complaint.solution_id.id
            }
            complaint.suggested_solution_ids = Solution.union(*suggested)
            complaint.suggestion_reasons = "\n".join(
                f'{solution.name}: {reason}' for solution, reason in suggested.items()
            )

    # === ACTIONS ===#

    def action_make_solution(self):
        """Write down what solved this case, and open it to be put in general words."""
        self.ensure_one()
        self.check_access('write')
        if not self.solution_id:
            self.solution_id = self.env['scp.solution'].create(self._prepare_solution_values())
        return self.solution_id._get_records_action()

    # === BUSINESS METHODS ===#

    def _prepare_solution_values(self):
        self.ensure_one()
        return {
            'name': self.name,
            'company_id': self.company_id.id,
            'symptom': html2plaintext(self.description or '').strip() or self.name,
            'cause': self.occurrence_cause_id.display_name,
            'remedy_offered': self.remedy,
            'remedy': html2plaintext(self.decision or '').strip() or self.env._("To be described."),
            'product_ids': self.product_id.ids,
            'category_ids': self.category_id.ids,
        }

    def _get_match_reason(self, match):
        return ", ".join(filter(None, (
            match.same_product and self.env._("same product"),
            match.same_category and self.env._("same category"),
            match.text and self.env._("similar words"),
        )))

    def _apply_solution(self, solution):
        """Note what solves the complaint. What was decided already stays as it is."""
        self.ensure_one()
        values = {'solution_id': solution.id}
        if not self.remedy:
            values['remedy'] = solution.remedy_offered
        if is_html_empty(self.decision):
            values['decision'] = plaintext2html(solution.remedy)
        self.write(values)

    def _get_solution_matches(self):
        """Rank the solutions that may help, in one statement for all complaints.

        A solution for the same product counts 2, for the same category or one above it 1, and
        similar words up to 1 (``ts_rank`` with equal weights: the share of the complaint's words
        that are found, a little more where they are repeated). What is suggested has at least one
        of the three.

        :return: {complaint: [SolutionMatch, the best first]}
        """
        matches = {complaint: [] for complaint in self}
        if not self:
            return matches
        self.env['scp.solution'].flush_model()
        for index, *match in self.env.execute_query(SQL(
            """
            SELECT wanted.index, found.id, found.same_product, found.same_category, found.text
              FROM (VALUES %(wanted)s) AS wanted (index, company_id, product_id, category_ids, query)
        CROSS JOIN LATERAL (
                SELECT solution.id, fit.*
                  FROM (
                        SELECT id FROM scp_solution
                         WHERE to_tsvector('simple'::regconfig, search_text) @@ wanted.query
                         UNION
                        SELECT solution_id FROM scp_solution_product_rel
                         WHERE product_id = wanted.product_id
                         UNION
                        SELECT solution_id FROM scp_solution_category_rel
                         WHERE category_id = ANY(wanted.category_ids)
                       ) candidate
                  JOIN scp_solution solution
                    ON solution.id = candidate.id AND solution.active
                   AND (solution.company_id IS NULL OR solution.company_id = wanted.company_id)
            CROSS JOIN LATERAL (
                        SELECT EXISTS (SELECT FROM scp_solution_product_rel
                                        WHERE solution_id = solution.id
                                          AND product_id = wanted.product_id) AS same_product,
                               EXISTS (SELECT FROM scp_solution_category_rel
                                        WHERE solution_id = solution.id
                                          AND category_id = ANY(wanted.category_ids)) AS same_category,
                               COALESCE(ts_rank('{1, 1, 1, 1}',
                                        to_tsvector('simple'::regconfig, solution.search_text),
                                        wanted.query), 0) AS rank
                       ) measured
            CROSS JOIN LATERAL (
                        SELECT measured.same_product, measured.same_category,
                               CASE WHEN measured.rank >= %(min_rank)s THEN measured.rank ELSE 0 END AS text
                       ) fit
                 WHERE fit.same_product OR fit.same_category OR fit.text > 0
              ORDER BY 2 * fit.same_product::int + fit.same_category::int + fit.text DESC, solution.id
                 LIMIT %(limit)s
                   ) found
            """,
            wanted=SQL(", ").join(
                complaint._get_solution_query(index) for index, complaint in enumerate(self)
            ),
            min_rank=MIN_TEXT_RANK,
            limit=SUGGESTIONS,
        )):
            matches[self[index]].append(SolutionMatch(*match))
        return matches

    def _get_solution_query(self, index):
        """What is looked for: a row of the statement of `_get_solution_matches`."""
        path = self.category_id.parent_path or ''
        terms = dict.fromkeys(get_terms(f'{self.name or ""} {html2plaintext(self.description or "")}'))
        return SQL(
            "(%s, %s::integer, %s::integer, %s::integer[], to_tsquery('simple'::regconfig, %s::text))",
            index, self.company_id.id or None, self.product_id.id or None,
            [int(id_) for id_ in path.split('/') if id_],
            ' | '.join(list(terms)[:MAX_TERMS]) or None,
        )
