from odoo import api, models
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from .scp_value_asset import NOBODY, UNGRADED


class ScpValueAsset(models.AbstractModel):
    """From which grade to which the customers went, in heads and in worth. Every customer of either scoring is in one
    cell, so rows and columns add up."""

    _inherit = 'scp.value.asset'

    @api.model
    @api.readonly
    def get_migration(self, filters):
        """The moves between two scorings of the current company, of the customers whom the reader may see.

        :param filters: {'date_from', 'date_to', 'team_ids', 'user_ids'}, see `_get_pair`
        :return: what `_describe_pair` says, and {'order', 'afters', 'rows', 'totals', 'figures', 'sentence'}; a cell is
            a figure in heads, with `before` and `after`: their worth at either scoring, None without forecasts.
            `order` has the keys of the grades, best first. `figures` is None where there are no two scorings.
        """
        runs, opening, closing = self._get_pair(filters)
        result = self._describe_pair(runs, opening, closing) | {'figures': None}
        if not opening:
            return result
        filters = {name: filters[name] for name in ('team_ids', 'user_ids') if filters.get(name)}
        moves = self._fetch_migration(opening, closing, filters)
        places = self._get_grade_places()
        labels = self._get_grade_labels(places)
        befores = [key for key in places if any(before == key for before, _after in moves)]
        afters = [key for key in places if any(after == key for _before, after in moves)]

        def cell(which, **key):
            found = [figures for move, figures in moves.items() if which(*move)]
            return self._get_move_cell(
                sum(count for count, _before, _after in found), opening, closing, filters, **key,
            ) | {
                'before': self._add(before for _count, before, _after in found),
                'after': self._add(after for _count, _before, after in found),
            }

        figures = {
            'all': cell(lambda a, b: True),
            'kept': cell(lambda a, b: a == b, way='kept'),
            'raised': cell(lambda a, b: NOBODY not in (a, b) and places[b] < places[a], way='raised'),
            'lowered': cell(lambda a, b: NOBODY not in (a, b) and places[b] > places[a], way='lowered'),
            'new': cell(lambda a, b: a == NOBODY, before=NOBODY),
            'gone': cell(lambda a, b: b == NOBODY, after=NOBODY),
        }
        return result | {
            'order': list(places),
            'afters': [{'key': key, 'label': labels.get(key) or self.env._("Gone")} for key in afters],
            'rows': [
                {
                    'key': before,
                    'label': labels.get(before) or self.env._("New"),
                    'cells': {
                        after: cell(lambda a, b, move=(before, after): (a, b) == move, before=before, after=after)
                        for after in afters
                    },
                    'total': cell(lambda a, b, before=before: a == before, before=before),
                }
                for before in befores
            ],
            'totals': {after: cell(lambda a, b, after=after: b == after, after=after) for after in afters},
            'figures': figures,
            'sentence': self._get_migration_sentence(opening, closing, figures),
        }

    @api.model
    def _fetch_migration(self, opening, closing, filters):
        """:return: {(grade before, grade after): (customers, worth before, worth after)}"""
        return {
            (before, after): figures
            for before, after, *figures in self.env.execute_query(SQL(
                """
                SELECT grade_before, grade_after, COUNT(*), SUM(before), SUM(after)
                  FROM (%s) move
              GROUP BY grade_before, grade_after
                """,
                self._get_move_query(opening.id, closing.id, filters),
            ))
        }

    @api.model
    def _get_migration_sentence(self, opening, closing, figures):
        counts = {name: cell['value'] for name, cell in figures.items()}
        values = {name: formatLang(self.env, count, digits=0) for name, count in counts.items()} | {
            'customers': formatLang(self.env, counts['all'] - counts['new'], digits=0),
            'date_from': format_date(self.env, opening.date_to),
            'date_to': format_date(self.env, closing.date_to),
        }
        return self.env._(
            "Of %(customers)s customers scored on %(date_from)s, %(kept)s had the same grade on %(date_to)s, "
            "%(raised)s a better and %(lowered)s a lower one; %(gone)s had no purchase in the window any more. "
            "%(new)s were new.",
            **values)

    @api.model
    def _add(self, amounts):
        """:return: sum of amounts of which some are no data; None where all are"""
        known = [amount for amount in amounts if amount is not None]
        return self.env.company.currency_id.round(sum(known)) if known else None

    @api.model
    def _get_grade_places(self):
        """:return: {id of a grade, or what stands in its place: its place, the best 0}"""
        # pylint: disable-next=no-search-all # a company has a handful of grades
        grades = self.env['scp.grade'].with_context(active_test=False).search([])
        return {key: place for place, key in enumerate((*grades.ids, UNGRADED, NOBODY))}

    @api.model
    def _get_grade_labels(self, places):
        """:return: {id of a grade: name}; who is in no scoring has none"""
        grades = self.env['scp.grade'].browse(key for key in places if key > 0)
        return {grade.id: grade.name for grade in grades} | {UNGRADED: self.env._("no grade")}

    @api.model
    def _get_move_condition(self, part=None, *, before=None, after=None, way=None):
        """:param before: id of a grade, or what stands in its place
        :param after: likewise
        :param way: 'kept', 'raised' or 'lowered'"""
        conditions = [super()._get_move_condition(part)]
        if before is not None:
            conditions.append(SQL("grade_before = %s", before))
        if after is not None:
            conditions.append(SQL("grade_after = %s", after))
        if way == 'kept':
            conditions.append(SQL("grade_before = grade_after"))
        elif way:
            places = list(self._get_grade_places())
            conditions.append(SQL(
                "%(nobody)s NOT IN (grade_before, grade_after)"
                " AND array_position(%(places)s, grade_after) %(than)s array_position(%(places)s, grade_before)",
                nobody=NOBODY,
                places=places,
                than=SQL("<") if way == 'raised' else SQL(">"),
            ))
        return SQL(" AND ").join(conditions)
