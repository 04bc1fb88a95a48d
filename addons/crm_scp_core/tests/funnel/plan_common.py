import json
from datetime import datetime
from unittest.mock import patch

from ..common import ScpCommon


class PlanCase(ScpCommon):
    """Targets and deals at chosen moments, in the company of the tests (dollars, UTC).

    Stages, one per band: Need, Listed, Pursued, Decided, and Won.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # deals of no company count for all of them
        cls.env['crm.lead'].with_context(active_test=False).search(
            [('company_id', '=', False)]).company_id = cls.env.ref('base.main_company')
        cls.env['scp.territory'].search([]).action_archive()
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids})
        cls.need, cls.listed, cls.pursued, cls.decided, cls.won = cls.env['crm.stage'].create([
            {'name': name, 'sequence': 100 + position, 'scp_band': band, 'is_won': band == 'bottom',
             'team_ids': (cls.team_north | cls.team_south).ids}
            for position, (name, band) in enumerate((
                ("Need", 'top'), ("Listed", 'upper'), ("Pursued", 'middle'), ("Decided", 'lower'),
                ("Won", 'bottom'),
            ))
        ])
        cls.partner = cls._create_partner("Works")
        cls.flush()

    @classmethod
    def create_target(cls, amount=9000.0, date_from='2026-01-01', period='quarter', **values):
        return cls.env['scp.target'].create({
            'company_id': cls.company.id, 'currency_id': cls.usd.id, 'amount': amount,
            'date_from': date_from, 'period': period, **values,
        })

    @classmethod
    def flush(cls):
        """Do what the end of a request does before its COMMIT."""
        cls.env.flush_all()
        cls.env.cr.flush()

    @classmethod
    def at(cls, moment, function):
        """Return what ``function`` returns in a transaction of its own at ``moment`` (UTC)."""
        cls.flush()
        with patch.object(cls.env.cr, 'now', lambda: datetime.fromisoformat(moment)):
            result = function()
            cls.flush()
        return result

    @classmethod
    def open(cls, amount, moment='2025-10-01 09:00:00', stage=None, **values):
        """A deal of the salesman that came in at ``moment``."""
        return cls.at(moment, lambda: cls._create_deal(cls.partner, amount, **{
            'user_id': cls.salesman.id, 'team_id': cls.team_north.id, 'probability': 10.0,
            'stage_id': (stage or cls.need).id, **values,
        }))

    @classmethod
    def write_at(cls, lead, moment, **values):
        cls.at(moment, lambda: lead.write(values))

    @classmethod
    def win(cls, amount, moment, **values):
        """A deal won at ``moment``."""
        lead = cls.open(amount, **values)
        cls.at(moment, lead.action_set_won)
        return lead

    @classmethod
    def lose(cls, amount, moment, **values):
        lead = cls.open(amount, **values)
        cls.at(moment, lead.action_set_lost)
        return lead

    def ask(self, model, method, moment, user=None, **filters):
        """Return what a user (the manager) is answered at ``moment``, as the client gets it."""
        model = self.env[model].with_user(user or self.manager)
        answer = self.at(moment, lambda: getattr(model, method)(filters))
        self.env.invalidate_all()
        return json.loads(json.dumps(answer))

    def assertFigure(self, figure, value, leads=None):
        """Check a figure, and that its domain finds exactly the records counted."""
        self.assertAlmostEqual(figure['value'], value, 2)
        if leads is not None:
            records = self.env[figure['model']].with_user(self.manager).with_context(**figure['context'])
            found = records.search(figure['domain'])
            self.assertEqual(found.sorted('id').ids, leads.sorted('id').ids)
