from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase

from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT
from odoo.addons.mail.tests.common import mail_new_test_user


class LeadLogCase(TransactionCase):
    """A team with a pipeline of its own, and a clock the tests set by hand.

    Stages in order: Need, Listed, Pursued, Decided, Won; the stages of the database belong to
    another team. Working time: Monday to Friday, 8 to 12 and 13 to 17 o'clock in Paris.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, **DISABLED_MAIL_CONTEXT})
        cls.company = cls.env.ref('base.main_company')
        cls.calendar = cls.env['resource.calendar'].create({
            'name': "Paris, 40 hours",
            'company_id': cls.company.id,
            'tz': 'Europe/Paris',
            'attendance_ids': [
                fields.Command.create({
                    'name': f"Day {day}, from {start}",
                    'dayofweek': str(day),
                    'day_period': period,
                    'hour_from': start,
                    'hour_to': stop,
                })
                for day in range(5)
                for period, start, stop in (('morning', 8, 12), ('afternoon', 13, 17))
            ],
        })
        cls.company.resource_calendar_id = cls.calendar

        cls.user = mail_new_test_user(
            cls.env, login='log_user', groups='crm_scp_core.group_scp_user',
            company_id=cls.company.id)
        cls.colleague = mail_new_test_user(
            cls.env, login='log_colleague', groups='crm_scp_core.group_scp_user',
            company_id=cls.company.id)
        cls.team = cls._create_team("Log Team", cls.user)
        cls.other_team = cls._create_team("Other Log Team", cls.colleague)

        cls.env['crm.stage'].search([]).team_ids = cls.other_team
        cls.need, cls.listed, cls.pursued, cls.decided, cls.won = cls.stages = (
            cls.env['crm.stage'].create([
                {
                    'name': name,
                    'sequence': 100 + position,
                    'is_won': name == "Won",
                    'team_ids': cls.team.ids,
                }
                for position, name in enumerate(("Need", "Listed", "Pursued", "Decided", "Won"))
            ])
        )
        cls.reason = cls.env['crm.lost.reason'].create({'name': "Lost to the moon"})
        cls.commit()

    @classmethod
    def _create_team(cls, name, member):
        return cls.env['crm.team'].create({
            'name': name,
            'company_id': cls.company.id,
            'use_leads': True,
            'use_opportunities': True,
            'member_ids': [fields.Command.link(member.id)],
        })

    @classmethod
    def commit(cls):
        """Do what the end of a request does before its COMMIT."""
        cls.env.flush_all()
        cls.env.cr.flush()

    @contextmanager
    def at(self, moment):
        """A transaction of its own at ``moment`` (text, in UTC)."""
        self.commit()
        with patch.object(self.env.cr, 'now', lambda: datetime.fromisoformat(moment)):
            yield
            self.commit()

    def create_lead(self, moment='2026-03-02 09:00:00', **values):
        with self.at(moment):
            return self.env['crm.lead'].with_user(self.user).create({
                'name': "A deal",
                'type': 'opportunity',
                'team_id': self.team.id,
                'user_id': self.user.id,
                'stage_id': self.need.id,
                'expected_revenue': 1000.0,
                **values,
            })

    def get_rows(self, lead):
        """Return the history of a lead (or of a deleted one by its number), oldest first."""
        lead_id = lead if isinstance(lead, int) else lead.id
        return self.env['scp.lead.log'].search([('lead_ref', '=', lead_id)], order='date, id')

    def get_directions(self, lead):
        return self.get_rows(lead).mapped('direction')
