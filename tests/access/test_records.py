"""What each role sees and does with the records of the demo data."""

import contextlib
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from tests.access import rights
from tests.access.common import OPERATIONS, AccessCase, own_models


@tagged('post_install', '-at_install')
class TestRecords(AccessCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the leader leads somebody, or he would see no more than a salesperson
        [(team, _count)] = cls.env['scp.customer']._read_group(
            [('team_id', '!=', False)], ['team_id'], ['__count'], order='__count DESC', limit=1,
        )
        team.user_id = cls.users['leader']
        [(team, _count)] = cls.env['scp.complaint']._read_group(
            [('user_id', '!=', False)], ['team_id'], ['__count'], order='__count DESC', limit=1,
        )
        team.user_id = cls.users['leader']
        # other tests may have let the jobs work off what the demo data left in the queues
        cls.env['scp.value.fact.due']._add(SQL("TRUE"))
        cls.env['scp.delivery.queue']._add_facts(SQL("TRUE"))

    def some(self, model):
        """Return up to 20 records of `model`, each of its companies' among them."""
        return self.env[model].with_context(active_test=False).search([], limit=20)

    def test_demo_data_fills_every_model(self):
        """Tests below that find no record would prove nothing."""
        empty = [model for model in own_models(self.env) if not self.some(model)]
        self.assertFalse(empty, "models without a record in the demo data")

    def test_reading_what_may_be_read(self):
        """Everything a role finds it can read whole: no field fails for want of rights."""
        refused = []
        for model in own_models(self.env):
            for role, user in self.users.items():
                if 'r' not in self.granted(model, role):
                    continue
                records = self.env[model].with_user(user)
                fields = list(records.fields_get(attributes=['type']))
                try:
                    records.search([], limit=20).read(fields)
                    records.web_search_read([], {name: {} for name in fields}, limit=5)
                except AccessError as error:
                    refused.append(f"{role} on {model}: {error}")
        self.assertNone(refused, "records that are found but cannot be read")

    @mute_logger('odoo.addons.base.models.ir_rule')
    def test_remote_calls_without_right_are_refused(self):
        """Through the entrance of the web client, on records that exist."""
        # to name the groups that have the right takes longer than all the rest
        self.startPatcher(patch.object(
            self.registry['ir.model.access'], '_make_access_error', lambda _self, *call: AccessError(str(call)),
        ))
        answered = []
        for model in own_models(self.env):
            records = self.some(model)[:1]
            arguments = {
                'read': [records.ids, ['display_name']], 'write': [records.ids, {}], 'unlink': [records.ids],
                'create': [[{}]], 'export_data': [records.ids, ['display_name']], 'copy': [records.ids],
                'web_search_read': [[], {'display_name': {}}], 'web_read': [records.ids, {'display_name': {}}],
                'search_read': [[], ['display_name']], 'search_count': [[]], 'name_search': [],
                'formatted_read_group': [[], [], ['__count']], 'web_read_group': [[], ['create_uid']],
                'web_save': [records.ids, {}, {}],
            }
            needs = {'copy': 'create', 'web_save': 'write'}
            for role, user in self.users.items():
                granted = {OPERATIONS[letter] for letter in self.granted(model, role)}
                # one for all calls: those refused have written nothing yet, and to roll back is what takes long
                savepoint = self.env.cr.savepoint()
                for method, parameters in arguments.items():
                    if not records or needs.get(method, method if method in OPERATIONS.values() else 'read') in granted:
                        continue
                    try:
                        # most refuse with an AccessError; ledgers explain themselves with a UserError
                        with contextlib.suppress(UserError):
                            call_kw(self.env[model].with_user(user), method, parameters, {})
                            answered.append(f"{model}.{method} to {role}")
                    except Exception as error:  # anything else is no refusal but a breakdown
                        answered.append(f"{model}.{method} to {role}, with {error!r}")
                savepoint.close(rollback=True)
        self.assertNone(answered, "calls that should have been refused")

    def test_other_companies_records_stay_hidden(self):
        other = self.env['res.company'].create({'name': "Another Company"})
        leaked = []
        for role, groups in rights.ROLES.items():
            user = new_test_user(
                self.env, f'elsewhere_{role}', groups, company_id=other.id, company_ids=[Command.set(other.ids)],
            )
            for model in own_models(self.env):
                if model in rights.COMPANYLESS or 'r' not in self.granted(model, role):
                    continue
                found = self.env[model].with_user(user).with_context(active_test=False).search([])
                # records without company belong to all
                if foreign := found.sudo().filtered(lambda record: record.company_id - other):
                    leaked.append(f"{len(foreign)} of {model} to {role}")
        self.assertNone(leaked, "records shown to users of another company")

    def test_removing_any_rule_shows(self):
        """Each record rule hides or shows some record of the demo data to some role."""
        company = self.env['res.company'].create({'name': "Another Company"})
        users = [*self.users.values(), *(
            new_test_user(self.env, f'both_{role}', groups) for role, groups in rights.TWO_ROLES.items()
        ), *(
            new_test_user(
                self.env, f'abroad_{role}', groups, company_id=company.id, company_ids=[Command.set(company.ids)],
            ) for role, groups in rights.ROLES.items()
        )]

        def seen(model, user):
            records = self.env[model].with_user(user).with_context(active_test=False)
            return records.has_access('read') and set(records.search([]).ids)

        idle = []
        for model in own_models(self.env):
            before = {user: seen(model, user) for user in users}
            for rule in self.env['ir.rule'].search([('model_id.model', '=', model), ('perm_read', '=', True)]):
                rule.active = False
                if all(
                    seen(model, user) == before[user] for user in users
                    if not rule.groups or rule.groups & user.all_group_ids
                ):
                    idle.append(f"{rule.name} ({model})")
                rule.active = True
        self.assertNone(idle, "record rules that make no difference")

    def test_salesperson_sees_own_records(self):
        """One record becomes his; he finds it, those nobody owns, and no other."""
        user = self.users['salesperson']
        breaches = []
        for model, path in rights.OWN_RECORDS.items():
            link, _, owner = path.rpartition('.')
            records = self.env[model].with_context(active_test=False).search([(link, '!=', False)] if link else [])
            owned = records[:1].mapped(link) if link else records[:1]
            self.assertTrue(owned, f"no {model} to try with")
            self.env.cr.execute(SQL(  # without the side effects of a change of owner
                "UPDATE %s SET %s = %s WHERE id = %s",
                SQL.identifier(owned._table), SQL.identifier(owner), user.id, owned.id,
            ))
            self.env.invalidate_all()
            found = self.env[model].with_user(user).with_context(active_test=False).search([]).sudo() & records
            expected = records.filtered(lambda record, path=path: record.mapped(path) <= user)
            if records[0] not in found:
                breaches.append(f"{model}: does not see his own")
            if found != expected:
                breaches.append(f"{model}: sees {len(found - expected)} too many, {len(expected - found)} too few")
        self.assertNone(breaches, "a salesperson's view")

    def test_immutable_records_stay(self):
        breaches = []
        for model in sorted(rights.IMMUTABLE):
            record = self.some(model)[:1].sudo()
            field = next(field for field in record._fields.values() if field.store and field.type == 'char')
            for method, arguments in (('write', [{field.name: "changed"}]), ('unlink', [])):
                try:
                    with self.env.cr.savepoint():
                        getattr(record, method)(*arguments)
                    breaches.append(f'{model}.{method}')
                except UserError:
                    continue
        self.assertNone(breaches, "records that could be changed or deleted")
