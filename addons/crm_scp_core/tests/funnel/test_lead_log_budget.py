from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.funnel.crm_lead import CrmLead

from .common import LeadLogCase

PROMISED_QUERIES = 3


@tagged('post_install', '-at_install')
class TestLeadLogBudget(LeadLogCase):
    """What the log costs on top of plain CRM.

    Promised are three more queries to create or move leads, however many. Two are the rule: one
    reads the state before (or, of a new lead, after its computations), one writes the rows; a
    third looks up what no cache holds yet.
    """

    @contextmanager
    def without_log(self):
        """Plain CRM: the hooks of the log are taken out."""
        def _create(records, data_list):
            return super(CrmLead, records)._create(data_list)

        def _write_multi(records, vals_list):
            return super(CrmLead, records)._write_multi(vals_list)

        def write(records, vals):
            return super(CrmLead, records).write(vals)

        with ExitStack() as stack:
            for method in (_create, _write_multi, write):
                stack.enter_context(patch.object(CrmLead, method.__name__, method))
            yield

    def count(self, action):
        self.commit()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        with patch('random.random', lambda: 1):
            action()
            self.commit()
        return self.cr.sql_log_count - before

    def get_extra_queries(self, action):
        """Return how many queries the log adds to an action; both are run warm."""
        with self.without_log():
            self.count(action)
            plain = self.count(action)
        self.count(action)
        return self.count(action) - plain

    def create_leads(self, count):
        return self.env['crm.lead'].create([
            {
                'name': f"Deal {number}",
                'team_id': self.team.id,
                'user_id': self.user.id,
                'stage_id': self.need.id,
                'expected_revenue': 10 * number,
            }
            for number in range(count)
        ])

    def move(self, leads):
        """Return an action that moves leads to the stage they are not in."""
        def action():
            leads.stage_id = self.listed if leads[0].stage_id == self.need else self.need
        return action

    def test_create_one(self):
        self.assertLessEqual(self.get_extra_queries(lambda: self.create_leads(1)), PROMISED_QUERIES)

    def test_create_twenty(self):
        self.assertLessEqual(self.get_extra_queries(lambda: self.create_leads(20)), PROMISED_QUERIES)

    def test_move_one(self):
        self.assertLessEqual(self.get_extra_queries(self.move(self.create_leads(1))), PROMISED_QUERIES)

    def test_move_twenty(self):
        self.assertLessEqual(self.get_extra_queries(self.move(self.create_leads(20))), PROMISED_QUERIES)

    def test_write_of_other_fields_is_free(self):
        leads = self.create_leads(3)

        def action():
            leads.priority = '1' if leads[0].priority == '0' else '0'

        self.assertEqual(self.get_extra_queries(action), 0)
