import inspect
import json
from collections import Counter
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

#: Months that a back-test looks back.
BACK_TEST_MONTHS = 12


class ScpValueModel(models.Model):
    """Trying a version out on the customers there are, and on those of a year ago. Nothing is written.

    Figures are cells, as those of the funnel: a value with the domain that opens its customers. The
    domain names the figure, and searching works it out again.
    """

    _inherit = 'scp.value.model'

    # === PAGE ===#

    @api.model
    @api.readonly
    def get_trial(self, filters):
        """What a version of the current company would do, and would have done.

        :param filters: {'model_id': a version, by default the latest draft or the active one}
        :return: {'models', 'model', 'currency', 'preview', 'back_test'}; the last two are None
            where there is nothing to try it on
        """
        self.check_access('read')
        versions = self.search([('company_id', '=', self.env.company.id)])
        model = versions.filtered(lambda version: version.id == filters.get('model_id')) or (
            versions.filtered(lambda version: version.state == 'draft')[:1]
            or versions.filtered(lambda version: version.state == 'active')
        )
        states = dict(self._fields['state']._description_selection(self.env))
        return {
            'models': [
                {'id': version.id, 'label': f"{version.display_name} ({states[version.state]})"}
                for version in versions
            ],
            'model': {'id': model.id, 'state': model.state} if model else None,
            'currency': {'id': self.env.company.currency_id.id},
            'preview': model._get_preview() if model else None,
            'back_test': model._get_back_test() if model else None,
        }

    @api.model
    def _get_cell_customers(self, text) -> list[int] | SQL:
        """:param text: JSON of a cell
        :return: the customers behind it, as ids or as a statement of them"""
        try:
            cell = json.loads(text)
            find = self._get_cell_methods()[cell.pop('report')]
            inspect.signature(find).bind(**cell)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UserError(self.env._("There is no such figure of the customer value.")) from error
        return find(**cell)

    @api.model
    def _get_cell_methods(self):
        """:return: {report: method of the keys of a cell -> ids of its customers}"""
        return {
            'preview': self._get_preview_customers,
            'back_test': self._get_back_test_customers,
            'whale': self.env['scp.value.whale']._get_cell_customers,
        }

    def _get_cell(self, value, report, **key):
        return self.env['scp.value.board']._get_customer_cell(value, report, model_id=self.id, **key)

    # === PREVIEW ===#

    def _get_preview(self):
        """How many customers this version gives another grade, and which."""
        run, rows = self._try_on_customers()
        if not rows:
            return None
        places = {grade_id: place for place, grade_id in enumerate(self._get_grade_places())}
        moves = Counter((before, after) for _id, before, after, _money in rows)
        counts, money = Counter(), Counter()
        for _customer_id, _before, after, amount in rows:
            counts[after] += 1
            money[after] += amount
        total = sum(money.values())
        raised = sum(n for (a, b), n in moves.items() if places[b] < places[a])
        lowered = sum(n for (a, b), n in moves.items() if places[b] > places[a])
        return {
            'customers': self._get_cell(len(rows), 'preview'),
            'changed': self._get_cell(raised + lowered, 'preview', way='changed'),
            'raised': self._get_cell(raised, 'preview', way='raised'),
            'lowered': self._get_cell(lowered, 'preview', way='lowered'),
            'grades': self._describe_grades(places),
            'rows': [
                {
                    'id': before, 'label': grade.name,
                    'cells': {
                        after: self._get_cell(moves[before, after], 'preview', before=before, after=after)
                        for after in places
                    },
                }
                for before, grade in zip(places, self.env['scp.grade'].browse(places), strict=True)
                if any(a == before for a, _b in moves)
            ],
            'totals': {
                after: {
                    'customers': self._get_cell(counts[after], 'preview', after=after),
                    'share': money[after] / total if total > 0 else None,
                }
                for after in places
            },
            'sentence': self._get_preview_sentence(len(rows), raised, lowered),
            'basis': run._get_basis(),
        }

    def _get_preview_sentence(self, customers, raised, lowered):
        values = {
            name: formatLang(self.env, value, digits=0)
            for name, value in (('customers', customers), ('raised', raised), ('lowered', lowered))
        }
        if self.state == 'active':
            return self.env._(
                "If grades followed the value at once, %(raised)s of %(customers)s customers would rise and "
                "%(lowered)s would fall: these are the changes that are being waited out.", **values)
        return self.env._(
            "With this version %(raised)s of %(customers)s customers would rise and %(lowered)s would fall, in the "
            "first run after it becomes active.", **values)

    def _try_on_customers(self):
        """Grade the customers of the current run by this version.

        :return: the run, [(customer id, id of the grade he has, of the one he would have, money)].
            A grade set by hand stays.
        """
        self.ensure_one()
        self._check_weights()
        self._check_cutoffs()
        # sudo: runs and scores of the company, for whoever may read its models
        run = self.env['scp.value.run'].sudo()._get_current_runs(self.company_id)
        if not run:
            return run, []
        columns = self._fetch_columns(run)
        parameters = self._get_parameters()
        values = run._evaluate(columns, parameters['weights']).value
        return run, [
            (customer_id, before, before if override_id else after, amount)
            for customer_id, before, override_id, after, amount in zip(
                columns['customer_id'], columns['grade_id'], columns['override_id'],
                run._grade(values, parameters).tolist(), columns['monetary'], strict=True,
            )
        ]

    def _fetch_columns(self, run):
        """:return: {field of `scp.value.score`: figures of the customers in a run}"""
        names = ['customer_id', 'grade_id', 'override_id', 'monetary']
        names += {
            component['field'] for component in self._get_components().values() if 'method' not in component
        } - set(names)
        self.env['scp.value.score'].flush_model(names)
        rows = self.env.execute_query(SQL(
            "SELECT %s FROM scp_value_score WHERE run_id = %s ORDER BY customer_id",
            SQL(", ").join(map(SQL.identifier, names)), run.id,
        ))
        return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))

    def _get_preview_customers(self, model_id, before=None, after=None, way=None):
        model = self.browse(model_id)
        model.check_access('read')
        places = {grade_id: place for place, grade_id in enumerate(model._get_grade_places())}
        ways = {'changed': (-1, 1), 'raised': (-1,), 'lowered': (1,)}.get(way)
        return [
            customer_id
            for customer_id, old, new, _money in model._try_on_customers()[1]
            if (before is None or old == before)
            and (after is None or new == after)
            and (ways is None or (places[new] > places[old]) - (places[new] < places[old]) in ways)
        ]

    def _get_grade_places(self):
        """:return: ids of all grades a customer may have, best first"""
        Grade = self.env['scp.grade'].with_context(active_test=False)
        return Grade.search([]).ids  # pylint: disable=no-search-all # grades are few

    def _describe_grades(self, grade_ids):
        return [{'id': grade.id, 'label': grade.name} for grade in self.env['scp.grade'].browse(grade_ids)]

    # === BACK-TEST ===#

    def _get_back_test(self):
        """What became of the customers as this version would have graded them a year ago."""
        trial = self._try_on_past()
        if not trial:
            return None
        day, rows, others, unknown = trial
        places = self._get_ordered_grades().ids
        total = sum(row[3] or 0 for row in rows) + others
        lines = []
        for grade in self._get_ordered_grades():
            own = [row for row in rows if row[1] == grade.id]
            now = Counter(row[2] for row in own)
            buyers = sum(row[3] is not None for row in own)
            money = sum(row[3] or 0 for row in own)
            key = {'report': 'back_test', 'before': grade.id}
            lines.append({
                'id': grade.id,
                'label': grade.name,
                'customers': self._get_cell(len(own), **key),
                'stayed': now[grade.id] / len(own) if own else None,
                'cells': {after: self._get_cell(now[after], **key, after=after) for after in places},
                'gone': self._get_cell(now[None], **key, after=0),
                'buyers': self._get_cell(buyers, **key, bought=True),
                'again': buyers / len(own) if own else None,
                'money': money,
                'share': money / total if total > 0 else None,
                'each': money / len(own) if own else None,
            })
        return {
            'date': format_date(self.env, day),
            'grades': self._describe_grades(places),
            'lines': lines,
            'new_money': others,
            'new_share': others / total if total > 0 else None,
            'sentence': self._get_back_test_sentence(day, lines[0]),
            'notes': self._get_back_test_notes(unknown),
        }

    def _get_back_test_sentence(self, day, best):
        values = {
            'date': format_date(self.env, day), 'grade': best['label'],
            'customers': formatLang(self.env, best['customers']['value'], digits=0),
        }
        if not best['customers']['value']:
            return self.env._("On %(date)s nobody would have had grade %(grade)s.", **values)
        values['stayed'] = formatLang(self.env, best['cells'][best['id']]['value'], digits=0)
        if best['share'] is None:
            return self.env._(
                "Of %(customers)s customers who would have been %(grade)s on %(date)s, %(stayed)s are so now. Nobody "
                "has brought any money since.", **values)
        return self.env._(
            "Of %(customers)s customers who would have been %(grade)s on %(date)s, %(stayed)s are so now. They brought "
            "%(share)s%% of all money since.",
            share=formatLang(self.env, 100 * best['share'], digits=0), **values)

    def _get_back_test_notes(self, unknown):
        notes = [self.env._(
            "Graded by what was known on that day alone, and again today, by the value alone.",
        )]
        if unknown:
            notes.append(self.env._(
                "Without %(figures)s: nobody knows what they were then. The other weights count in their place.",
                figures=", ".join(unknown),
            ))
        return notes

    def _try_on_past(self):
        """Grade the customers of a year ago by what was known then, and look what they did.

        :return: None without a current run or without customers then; else the day,
            [(customer id, grade then, grade now or None, money since or None)], the money of
            customers not known then, and the labels of figures that count but were not known then
        """
        self.ensure_one()
        Run = self.env['scp.value.run'].sudo()  # sudo: as in `_try_on_customers`
        present = Run._get_current_runs(self.company_id)
        if not present:
            return None
        day = present.date_to - relativedelta(months=BACK_TEST_MONTHS)
        past = Run.new({
            'company_id': self.company_id.id, 'date_from': Run._get_date_from(day), 'date_to': day,
        })
        columns = {name: column.tolist() for name, column in past._get_purchase_columns().items()}
        if not columns['customer_id']:
            return None
        parameters, components = self._get_parameters(), self._get_components()
        known = {
            code: weight for code, weight in parameters['weights'].items()
            if components[code]['field'] in columns or 'method' in components[code]
        }
        if not known:
            return None
        whole = sum(known.values())
        weights = {code: weight / whole for code, weight in known.items()}
        then = past._grade(past._evaluate(columns, weights).value, parameters).tolist()
        today = self._fetch_columns(present)
        grade_ids = present._grade(present._evaluate(today, weights).value, parameters).tolist()
        now = dict(zip(today['customer_id'], grade_ids, strict=True))
        since = self._get_money_since(day, present.date_to)
        rows = [
            (customer_id, grade_id, now.get(customer_id), since.pop(customer_id, None))
            for customer_id, grade_id in zip(columns['customer_id'], then, strict=True)
        ]
        unknown = [components[code]['label'] for code in parameters['weights'].keys() - known.keys()]
        return day, rows, sum(since.values()), sorted(unknown)

    def _get_money_since(self, day, date_to):
        """:return: {customer id: net sales after one day and up to another}, of those who bought"""
        Run = self.env['scp.value.run'].sudo()  # sudo: as in `_try_on_customers`
        span = Run.new({
            'company_id': self.company_id.id, 'date_from': day + timedelta(days=1), 'date_to': date_to,
        })
        columns = span._get_purchase_columns()
        return dict(zip(columns['customer_id'].tolist(), columns['monetary'].tolist(), strict=True))

    def _get_back_test_customers(self, model_id, before, after=None, bought=None):
        """:param after: id of the grade now, 0 for customers without a purchase in the window now"""
        model = self.browse(model_id)
        model.check_access('read')
        trial = model._try_on_past()
        return [
            customer_id
            for customer_id, old, new, money in (trial[1] if trial else [])
            if old == before
            and (after is None or (new or 0) == after)
            and (bought is None or (money is not None) == bought)
        ]
