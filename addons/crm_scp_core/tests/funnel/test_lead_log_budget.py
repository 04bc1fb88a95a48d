from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.funnel import (
    crm_lead,
    crm_lead_age,
    crm_lead_deal,
    crm_lead_gate,
)

from .common import LeadLogCase

PROMISED_QUERIES = 3
# Our part of what happens when a lead is created or written, by class
HOOKS = {
    crm_lead.CrmLead: ('_create', '_write_multi', 'write'),
    crm_lead_age.CrmLead: ('write',),
    crm_lead_gate.CrmLead: ('write',),
    crm_lead_deal.CrmLead: ('create', 'write'),
}


@tagged('post_install', '-at_install')
class TestLeadLogBudget(LeadLogCase):
    """What the log and the gates cost on top of plain CRM.

    Promised are three more queries to create or move leads, however many. Two are the rule: one
    reads the state before (or, of a new lead, after its computations), one writes the rows; a
    third looks up what no cache holds yet.
    """

    @contextmanager
    def without_hooks(self):
        """Plain CRM: our hooks are taken out."""
        def skip(cls, name):
            def method(records, argument):
                return getattr(super(cls, records), name)(argument)
            return method

        with ExitStack() as stack:
            for cls, names in HOOKS.items():
                for name in names:
                    stack.enter_context(patch.object(cls, name, skip(cls, name)))
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
        with self.without_hooks():
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

    def test_move_through_gates(self):
        """Gates that are met cost nothing: what they look at is there already."""
        for stage in self.stages:
            stage.write({
                'scp_gate': 'hard',
                'scp_required_field_ids': [Command.link(
                    self.env['ir.model.fields']._get('crm.lead', 'expected_revenue').id)],
                'scp_allow_skip': False,
            })
        for count in (1, 20):
            leads = self.create_leads(count)
            leads.expected_revenue = 10
            self.assertLessEqual(self.get_extra_queries(self.move(leads)), PROMISED_QUERIES)

    def test_looking_at_gates_costs_no_query(self):
        """Minimum stays included: when a stay began is read for the log anyway."""
        leads = self.create_leads(2)

        def action():
            monday = datetime(2040, 1, 2, 9) + timedelta(weeks=len(moves))
            with patch.object(self.env.cr, 'now', lambda: monday):
                moves.append(self.move(leads)())

        moves = []
        self.count(action)
        without_gates = self.count(action), self.count(action)
        self.stages.write({'scp_gate': 'soft', 'scp_min_days': 1})
        self.count(action)
        self.count(action)
        self.assertEqual((self.count(action), self.count(action)), without_gates)
        self.assertFalse(self.env['scp.lead.gate'].search([('lead_id', 'in', leads.ids)]))
