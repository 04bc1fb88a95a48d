from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.complaint.text_rules import get_terms

from .common import ComplaintCommon


@tagged('post_install', '-at_install')
class TestSolution(ComplaintCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Solution = cls.env['scp.solution']
        cls.child = cls.env['scp.complaint.category'].create({'name': "Drip", 'parent_id': cls.category.id})
        cls.pump = cls.env['product.product'].create({'name': "Pump"})

    def _create_solution(self, name, **values):
        return self.Solution.create({
            'name': name, 'symptom': name, 'remedy': "Change the seal.", 'company_id': self.company.id, **values,
        })

    def _get_matches(self, complaint):
        """:return: [(solution, same product, same category, rank of the words)]"""
        return [
            (self.Solution.browse(match.solution_id), *match[1:])
            for match in complaint._get_solution_matches()[complaint]
        ]

    def test_terms(self):
        self.assertEqual(get_terms("The valve DN-50 leaks, at 3 bar"), ['the', 'valve', '50', 'leaks', '3', 'bar'])
        self.assertEqual(get_terms("阀门泄漏"), ['阀门', '门泄', '泄漏'])
        self.assertEqual(get_terms("泵 and pump_ｖａｌｖｅ"), ['泵', 'and', 'pump', 'valve'])
        self.assertEqual(get_terms(None), [])

    def test_rank_by_product_category_and_words(self):
        """Product counts 2, category 1; words 6/pi² of the share found when each is found once."""
        by_words = self._create_solution("valve leaks")
        by_category = self._create_solution("Gasket", category_ids=[Command.set(self.category.ids)])
        by_product = self._create_solution("Bearing", product_ids=[Command.set(self.pump.ids)])
        by_all = self._create_solution(
            "Shaft", product_ids=[Command.set(self.pump.ids)], category_ids=[Command.set(self.child.ids)],
        )
        (by_words | by_category | by_product | by_all).symptom = "rust"
        complaint = self._create_complaint(name="Valve leaks", product_id=self.pump.id, category_id=self.child.id)
        matches = self._get_matches(complaint)
        self.assertEqual([match[:3] for match in matches], [
            (by_all, True, True), (by_product, True, False), (by_category, False, True), (by_words, False, False),
        ])
        self.assertAlmostEqual(matches[3][3], 0.60793, 4)
        self.assertEqual(complaint.suggested_solution_ids, by_all | by_product | by_category | by_words)
        self.assertEqual(complaint.suggestion_reasons.splitlines(), [
            "Shaft: same product, same category", "Bearing: same product", "Gasket: same category",
            "valve leaks: similar words",
        ])

    def test_chinese(self):
        seat = self._create_solution("安全阀阀座泄漏")
        self._create_solution("发票地址错误")
        complaint = self._create_complaint(name="阀座", description="<p>设备泄漏</p>")
        self.assertEqual(complaint.suggested_solution_ids, seat)

    def test_few_common_words_are_not_similar(self):
        self._create_solution("the one")
        words = " ".join(f"word{number}" for number in range(30))
        self.assertFalse(self._create_complaint(name=f"the {words}").suggested_solution_ids)

    def test_other_company_and_archived(self):
        complaint = self._create_complaint(name="Valve leaks")
        self._create_solution("Valve leaks", company_id=self.other_company.id)
        self._create_solution("Valve leaks", active=False)
        self.assertFalse(complaint.suggested_solution_ids)
        shared = self._create_solution("Valve leaks", company_id=False)
        complaint.invalidate_recordset()
        self.assertEqual(complaint.suggested_solution_ids, shared)

    def test_one_statement_for_many(self):
        self._create_solution("Valve leaks")
        complaints = self.Complaint.union(*(self._create_complaint(name="Valve leaks") for _i in range(5)))
        complaints._get_solution_matches()
        with self.assertQueryCount(1):
            matches = complaints._get_solution_matches()
        self.assertEqual([len(matches[complaint]) for complaint in complaints], [1] * 5)

    def test_apply_keeps_what_was_decided(self):
        solution = self._create_solution("Seal", remedy_offered='repair')
        fresh = self._create_complaint()
        decided = self._create_complaint(remedy='refund', decision="<p>Money back.</p>")
        for complaint in fresh, decided:
            solution.with_user(self.salesman).with_context(scp_complaint_id=complaint.id).action_apply()
        self.assertEqual((fresh | decided).solution_id, solution)
        self.assertEqual((fresh.remedy, str(fresh.decision)), ('repair', '<p>Change the seal.</p>'))
        self.assertEqual((decided.remedy, str(decided.decision)), ('refund', '<p>Money back.</p>'))
        with self.assertRaises(AccessError):
            solution.with_user(self.stranger).with_context(scp_complaint_id=fresh.id).action_apply()
        with self.assertRaisesRegex(UserError, "“Seal” is the solution of"):
            solution.unlink()

    def test_make_a_solution(self):
        complaint = self._create_complaint(
            description="<p>It drips.</p>", product_id=self.pump.id, category_id=self.child.id, remedy='repair',
            decision="<p>New seal.</p>", occurrence_cause_id=self.occurrence.id,
        )
        action = complaint.with_user(self.salesman).action_make_solution()
        solution = complaint.solution_id
        self.assertEqual(action['res_id'], solution.id)
        self.assertRecordValues(solution, [{
            'name': "The valve leaks", 'symptom': "It drips.", 'cause': "Wrong seal", 'remedy': "New seal.",
            'remedy_offered': 'repair', 'product_ids': self.pump.ids, 'category_ids': self.child.ids,
            'company_id': self.company.id,
        }])
        complaint.action_make_solution()
        self.assertEqual(complaint.solution_id, solution, "not made twice")

    def test_reopen_rate(self):
        """Three resolved with it, one of them reopened; one still open does not count."""
        solution = self._create_solution("Seal")
        self.assertEqual(solution._get_reopen_rates(), {solution: (0, None)})
        resolved = self.Complaint.union(*(
            self._resolve(self._create_complaint(solution_id=solution.id)) for _i in range(3)
        ))
        self._create_complaint(solution_id=solution.id)
        resolved[0]._reopen("It leaks again.")
        solution.invalidate_recordset()
        self.assertEqual(solution._get_reopen_rates(), {solution: (3, 1 / 3)})
        self.assertRecordValues(solution, [{'resolved_count': 3, 'reopen_rate': 100 / 3}])

    def test_companies(self):
        mine = self._create_solution("Mine")
        self.assertTrue(mine.with_user(self.salesman).has_access('read'))
        self.assertFalse(mine.with_user(self.other_salesman).has_access('read'))
