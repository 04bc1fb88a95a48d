import json
from datetime import date
from unittest.mock import patch

import numpy as np

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ValueCommon

DATE_TO = date(2026, 6, 30)
FIGURES = ((4, 400), (3, 300), (2, 200), (1, 100))


class ModelCommon(ValueCommon):
    """Four customers scored as of 30 June 2026; Ann is the best in everything, Dan the worst.

    Purchases 4, 3, 2 and 1; money 1,600, 900, 400 and 100; last order 15 June, May, April, March:
    mid-ranks .875, .625, .375, .125, scores 5, 4, 2, 1, values 100, 75, 25, 0: A, B, C, D.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._keep_models(cls.company)
        cls.partners = cls._create_partners("Ann", "Bob", "Cat", "Dan")
        for place, (partner, (count, amount)) in enumerate(zip(cls.partners, FIGURES, strict=True)):
            for number in range(count):
                cls._order(partner, f'2026-0{6 - place - number or 1}-15 04:00', amount)
        cls.Model = cls.env['scp.value.model']
        cls.A, cls.B, cls.C, cls.D = cls.grades

    def _score(self, day=DATE_TO):
        return self.Run._score(self.company, date_to=day)

    def _get_grades(self, run):
        return {name: score.grade_id.name for name, score in self._get_scores(run).items()}

    def _get_hub(self, name):
        return self.Customer.search([
            ('partner_id.name', '=', name), ('company_id', '=', self.company.id),
        ])

    def _add_version(self, weights=None, **values):
        if weights:
            values['weight_ids'] = [
                Command.create({'component': code, 'weight': weight})
                for code, weight in weights.items()
            ]
        return self.Model.create({'company_id': self.company.id, **values})

    def _cutoffs(self, *thresholds):
        return [
            Command.create({'grade_id': grade.id, 'threshold': threshold})
            for grade, threshold in zip(self.grades, thresholds, strict=False)
        ]


@tagged('post_install', '-at_install')
class TestScpValueModel(ModelCommon):

    def test_first_version(self):
        """The first run of a company makes its first version, as shipped, and says so."""
        run = self._score()
        self.assertRecordValues(run.model_id, [{
            'version': 1, 'state': 'active', 'weight_total': 100, 'hold_months': 1,
            'cutoff_method': 'absolute', 'rest_grade_id': self.D.id,
        }])
        self.assertEqual(
            {line.component: line.weight for line in run.model_id.weight_ids},
            {'recency': 25, 'frequency': 35, 'monetary': 40},
        )
        self.assertEqual(self._get_grades(run), {'Ann': 'A', 'Bob': 'B', 'Cat': 'C', 'Dan': 'D'})
        self.assertEqual(self._score().model_id, run.model_id)

    def test_weights_make_a_whole(self):
        with self.assertRaisesRegex(ValidationError, r"version 1 make 90\.00%, not 100%"):
            self._add_version({'recency': 50, 'monetary': 40})
        draft = self._add_version()
        line = draft.weight_ids[0]
        with self.assertRaisesRegex(ValidationError, r"make 105\.00%, not 100%"), self.cr.savepoint():
            draft.weight_ids = [Command.update(line.id, {'weight': line.weight + 5})]
        # a single line may be wrong for a moment, but does not become active
        line.weight += 5
        with self.assertRaisesRegex(ValidationError, r"make 105\.00%"):
            draft.action_activate()
        with self.assertRaisesRegex(ValidationError, r"make 105\.00%"):
            self.Model.with_company(self.company).get_trial({'model_id': draft.id})

    def test_cutoffs_in_order(self):
        for thresholds, message in (
            ((50, 80, 25), r"out of order: A at 50\.00, B at 80\.00"),
            ((80, 50, 50), r"out of order: B at 50\.00, C at 50\.00"),
            ((101, 50, 25), r"grade A in .* lies at 101\.00"),
            ((80, 50, 0), r"grade C in .* lies at 0\.00"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                self._add_version(cutoff_ids=self._cutoffs(*thresholds))
        with self.assertRaisesRegex(ValidationError, "rise for shares"):
            self._add_version(cutoff_method='quantile')
        with self.assertRaisesRegex(ValidationError, "A is the grade of everybody else"):
            self._add_version(
                cutoff_ids=[Command.create({'grade_id': self.B.id, 'threshold': 50})], rest_grade_id=self.A.id,
            )
        with self.assertRaisesRegex(ValidationError, "one cut-off"):
            self._add_version(rest_grade_id=self.A.id)

    def test_versions(self):
        """One is active; what was active never changes again."""
        first = self._score().model_id
        draft = self.Model.browse(first.action_new_version()['res_id'])
        self.assertRecordValues(draft, [{'version': 2, 'state': 'draft', 'activated_at': False}])
        self.assertEqual(len(draft.weight_ids), 3)
        draft.cutoff_ids = [Command.update(draft._get_ordered_cutoffs()[0].id, {'threshold': 70})]
        draft.action_activate()
        self.assertEqual((first.state, draft.state), ('retired', 'active'))
        self.assertTrue(first.retired_at)
        self.assertEqual(self._score().model_id, draft)
        for version in (first, draft):
            with self.assertRaisesRegex(UserError, "cannot be changed any more"):
                version.hold_months = 3
            with self.assertRaisesRegex(UserError, "cannot be changed any more"):
                version.weight_ids[0].weight = 1
            with self.assertRaisesRegex(UserError, "cannot be changed any more"):
                version.weight_ids[0].unlink()
            with self.assertRaisesRegex(UserError, "cannot be changed any more"):
                version.unlink()
            with self.assertRaisesRegex(UserError, "cannot be changed any more"):
                version.action_activate()
        first.name = "Old"
        self._add_version().unlink()

    def test_who_may(self):
        run = self._score()
        manager = self._create_company_user('model_manager', 'crm_scp_core.group_scp_manager')
        draft = self.Model.browse(run.model_id.with_user(manager).action_new_version()['res_id'])
        draft.with_user(manager).action_activate()
        self.assertEqual(draft.activated_by_id, manager)
        leader = self._create_company_user('model_leader', 'crm_scp_core.group_scp_team')
        for call in (
            lambda: draft.with_user(leader).action_new_version(),
            lambda: draft.with_user(leader).get_trial({}),
            lambda: self.Customer.with_user(leader).search([
                ('scp_value_cell', '=', json.dumps({'report': 'preview', 'model_id': draft.id})),
            ]),
        ):
            with self.assertRaises(AccessError):
                call()
        auditor = self._create_company_user('model_auditor', 'crm_scp_core.group_scp_auditor')
        self.assertTrue(draft.with_user(auditor).get_trial({})['preview'])
        with self.assertRaises(AccessError):
            self._add_version().with_user(auditor).action_activate()

    def test_companies_apart(self):
        mine = self._score().model_id
        other = self._add_company("Other Company", self.env.ref('base.USD'))
        theirs = self.Model._get_active(other)
        self.assertNotEqual(mine, theirs)
        self.assertEqual((theirs.version, mine.version), (1, 1))
        theirs.copy().action_activate()
        self.assertEqual(mine.state, 'active')


@tagged('post_install', '-at_install')
class TestScpValueModelTrial(ModelCommon):

    def test_preview_is_what_happens(self):
        """By recency alone Ann (15 days) is still the best; with B from 70 and C from 30, Cat falls."""
        self._score()
        draft = self._add_version({'recency': 100}, cutoff_ids=self._cutoffs(80, 70, 30))
        scores = self.Score.search([('company_id', '=', self.company.id)])
        before = (scores.read(), self.Customer.search([]).read(['grade_id', 'value_score']))
        trial = self.Model.with_company(self.company).get_trial({'model_id': draft.id})
        self.assertEqual((scores.read(), self.Customer.search([]).read(['grade_id', 'value_score'])), before)
        preview = trial['preview']
        self.assertEqual(
            {name: preview[name]['value'] for name in ('customers', 'changed', 'raised', 'lowered')},
            {'customers': 4, 'changed': 1, 'raised': 0, 'lowered': 1},
        )
        self.assertIn("0 of 4 customers would rise and 1 would fall", preview['sentence'])
        row = next(row for row in preview['rows'] if row['label'] == 'C')
        cell = row['cells'][self.D.id]
        self.assertEqual(cell['value'], 1)
        self.assertEqual(self.Customer.search(cell['domain']).partner_id.name, "Cat")
        self.assertEqual(preview['totals'][self.D.id]['customers']['value'], 2)
        self.assertAlmostEqual(preview['totals'][self.D.id]['share'], 500 / 3000)
        for name in ('customers', 'changed', 'raised', 'lowered'):
            self.assertEqual(self.Customer.search_count(preview[name]['domain']), preview[name]['value'])

        draft.action_activate()
        run = self._score()
        self.assertEqual(self._get_grades(run), {'Ann': 'A', 'Bob': 'B', 'Cat': 'D', 'Dan': 'D'})
        self.assertEqual(
            run.grade_counts,
            {grade['label']: preview['totals'][grade['id']]['customers']['value'] for grade in preview['grades']
             if grade['id'] in self.grades.ids},
        )

    def test_quantiles(self):
        """The best quarter A, the best half B or better, three quarters C or better."""
        self._score()
        self._add_version(
            cutoff_method='quantile', cutoff_ids=self._cutoffs(25, 50, 75),
        ).action_activate()
        self.assertEqual(self._get_grades(self._score()), {'Ann': 'A', 'Bob': 'B', 'Cat': 'C', 'Dan': 'D'})
        self._add_version(
            cutoff_method='quantile', cutoff_ids=self._cutoffs(50, 74, 75),
        ).action_activate()
        self.assertEqual(self._get_grades(self._score()), {'Ann': 'A', 'Bob': 'A', 'Cat': 'B', 'Dan': 'D'})

    def test_back_test(self):
        """A year later Ann has bought twice more for 500, Bob for 200, and Eve is new with 300.

        As of 30 June 2027, in a window of 24 months: Ann 6 purchases and 2,600, Bob 4 and 1,100, Eve 1
        and 300. Then: Ann A, Bob B, Cat C, Dan D. Now, of five: days 30, 61, 441, 472, 15: scores 4, 3, 2,
        1, 5; purchases 6, 4, 2, 1, 1: 5, 4, 3, 2, 2 (.2 of the mid-rank makes 2); money 2,600, 1,100, 400,
        100, 300: 5, 4, 3, 1, 2. Values Ann 18.75 + 35 + 40 = 93.8, Bob 12.5 + 26.25 + 30 = 68.8,
        Cat 6.25 + 17.5 + 20 = 43.8, Dan 8.8.
        """
        ann, bob = self.partners[:2]
        self._order(ann, '2027-05-01 04:00', 500)
        self._order(ann, '2027-05-31 04:00', 500)
        self._order(bob, '2027-04-30 04:00', 200)
        self._order(self._create_partner("Eve"), '2027-06-15 04:00', 300)
        self._score(date(2027, 6, 30))
        result = self.Model.with_company(self.company).get_trial({})['back_test']
        lines = {line['label']: line for line in result['lines']}
        self.assertEqual(
            {name: (line['customers']['value'], line['stayed'], line['buyers']['value'], line['money'])
             for name, line in lines.items()},
            {'A': (1, 1.0, 1, 1000), 'B': (1, 1.0, 1, 200), 'C': (1, 1.0, 0, 0), 'D': (1, 1.0, 0, 0)},
        )
        self.assertAlmostEqual(lines['A']['share'], 1000 / 1500)
        self.assertAlmostEqual(result['new_share'], 300 / 1500)
        self.assertEqual(
            result['sentence'],
            "Of 1 customers who would have been A on 06/30/2026, 1 are so now. They brought 67% of all money "
            "since.",
        )
        for line in lines.values():
            for cell in (line['customers'], line['buyers'], line['gone'], *line['cells'].values()):
                self.assertEqual(self.Customer.search_count(cell['domain']), cell['value'])
        self.assertEqual(self.Customer.search(lines['A']['buyers']['domain']).partner_id, ann)

    def test_back_test_gone(self):
        """In a window of 12 months Cat and Dan, who bought nothing since, have no grade now."""
        self.env['ir.config_parameter'].set_param('crm_scp_analytics.value_window_months', '12')
        self._order(self.partners[0], '2027-05-01 04:00', 500)
        self._score(date(2027, 6, 30))
        result = self.Model.with_company(self.company).get_trial({})['back_test']
        gone = {line['label']: line['gone']['value'] for line in result['lines']}
        self.assertEqual(gone, {'A': 0, 'B': 1, 'C': 1, 'D': 1})

    def test_profit(self):
        """By profit alone, of which nobody has measured Bob's.

        Ann 10, Cat 30 and Dan 20 of three: mid-ranks .167, .833 and .5, scores 1, 5 and 3, values 0, 100 and 50.
        Bob has no value, and the grade of everybody else.
        """
        run = self._score()
        columns = run._get_purchase_columns()
        self.assertEqual(run._get_profit_column(columns).tolist(), [0] * 4, "nothing is invoiced yet")
        draft = self._add_version({'profit': 100})
        with patch.object(type(self.Run), '_get_profit_column', lambda *_args: np.array([10, np.nan, 30, 20])):
            preview = self.Model.with_company(self.company).get_trial({'model_id': draft.id})['preview']
            draft.action_activate()
            run = self._score()
        grades = {'Ann': 'D', 'Bob': 'D', 'Cat': 'A', 'Dan': 'B'}
        self.assertEqual(self._get_grades(run), grades)
        self.assertEqual((preview['raised']['value'], preview['lowered']['value']), (2, 2))
        cat = self._get_scores(run)['Cat']
        self.assertEqual(
            [reason['text'] for reason in cat._get_reason_sentences()],
            ["Profit after Cost to Serve: 30.00\xa0€, better than 2 of 2 customers."],
        )

    def test_figure_without_data(self):
        """A figure that nobody has counts for nobody: the others take its place."""
        self._add_version({'credit': 60, 'monetary': 40}).action_activate()
        run = self._score()
        self.assertEqual(
            {name: score.value_score for name, score in self._get_scores(run).items()},
            {'Ann': 100.0, 'Bob': 75.0, 'Cat': 25.0, 'Dan': 0.0},
        )

    def test_nothing_to_try_on(self):
        model = self.Model._get_active(self.company)
        trial = self.Model.with_company(self.company).get_trial({})
        self.assertEqual((trial['model']['id'], trial['preview'], trial['back_test']), (model.id, None, None))
        with self.assertRaisesRegex(UserError, "no such figure"):
            self.Customer.search([('scp_value_cell', '=', 'nonsense')])
        with self.assertRaisesRegex(UserError, "no such figure"):
            self.Customer.search([('scp_value_cell', '=', '{"report": "preview"}')])
        with self.assertRaisesRegex(UserError, "one figure"):
            self.Customer.search([('scp_value_cell', 'in', ['{}', '[]'])])
