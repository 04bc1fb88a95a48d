from datetime import date

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import CRITERIA, ScorecardCommon

SUM = "weights of the criteria sum to 90. They have to sum to 100"


@tagged('post_install', '-at_install')
class TestScorecardTemplate(ScorecardCommon):

    def test_weights_sum_to_100(self):
        """However criteria are changed; and nothing is written of what is refused."""
        short = (*CRITERIA[:2], ('manual', 20, 0, 100, 1))
        with self.assertRaisesRegex(ValidationError, SUM), self.env.cr.savepoint():
            self._create_template(short)
        criteria = self.template.criterion_ids
        for change in (
            lambda: criteria[2].write({'weight': 20}),
            lambda: self.template.write({'criterion_ids': [Command.update(criteria[2].id, {'weight': 20})]}),
        ):
            with self.assertRaisesRegex(ValidationError, SUM), self.env.cr.savepoint():
                change()
        with self.assertRaisesRegex(ValidationError, "sum to 70"), self.env.cr.savepoint():
            criteria[2].unlink()
        with self.assertRaisesRegex(ValidationError, "sum to 110"), self.env.cr.savepoint():
            criteria.create({'template_id': self.template.id, 'code': 'price_drift', 'weight': 10})
        self.template.invalidate_recordset()
        self.assertEqual(self.template.criterion_ids.mapped('weight'), [40, 30, 30])
        self.template.write({'criterion_ids': [
            Command.update(criteria[1].id, {'weight': 20}), Command.update(criteria[2].id, {'weight': 40}),
        ]})
        self.assertEqual(self.template.weight_total, 100, "Changed together they may pass through other sums")

    def test_empty_template_cannot_start(self):
        template = self._create_template((), ())
        with self.assertRaisesRegex(ValidationError, "sum to 0"):
            template.action_start()

    def test_every_score_has_a_standing(self):
        with self.assertRaisesRegex(ValidationError, "has to begin at 0"):
            self._create_template(CRITERIA, (('Gold', 80, 'none', 'none'),))

    def test_better_never_acts_harder(self):
        with self.assertRaisesRegex(ValidationError, "Gold is the better standing"):
            self._create_template(CRITERIA, (('Gold', 80, 'none', 'hold'), ('Bronze', 0, 'warn', 'warn')))

    def test_criteria_make_sense(self):
        for criterion, message in (
            (('fault_share', 100, 0, 50, 1), "less is better"),
            (('otif_line_request', 100, 90, 50, 1), "more is better"),
            (('manual', 100, 100, 0, 1), "more is better"),
            (('unwanted_share', 100, 10, 0, 1), "no figure Returned without fault of a partner of this role"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                self._create_template((criterion,))

    def test_every_figure_is_defined(self):
        for code, figure in self.env['scp.scorecard.figure']._get_registry().items():
            self.assertTrue(figure.label and figure.definition and figure.roles, code)
            self.assertIn(figure.source, self.env['scp.scorecard.figure']._get_sources(), code)

    def test_periods(self):
        for period, expected in (
            ('month', (date(2026, 8, 1), date(2026, 8, 31))), ('quarter', (date(2026, 7, 1), date(2026, 9, 30))),
            ('half', (date(2026, 7, 1), date(2026, 12, 31))), ('year', (date(2026, 1, 1), date(2026, 12, 31))),
        ):
            self.template.period = period
            self.assertEqual(self.template._get_period(date(2026, 8, 15)), expected)
        self.template.write({'period': 'month', 'date_start': '2026-01-20'})
        self.assertEqual(
            [first.month for first, _last in self.template._get_periods_until(date(2026, 4, 1))], [1, 2, 3, 4])
