from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AffinityCommon

GROUPS = {
    'seller': 'crm_scp_core.group_scp_user',
    'leader': 'crm_scp_core.group_scp_team',
    'manager': 'crm_scp_core.group_scp_manager',
    'auditor': 'crm_scp_core.group_scp_auditor',
    'quality': 'crm_scp_core.group_scp_quality',
    'accountant': 'account.group_account_invoice',
    'portal': 'base.group_portal',
}


@tagged('post_install', '-at_install')
class TestScpAffinityAccess(AffinityCommon):
    """Alpha belongs to the seller, Beta to a colleague of the leader's team, Gamma to the colleague alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._find()
        cls.users = {role: cls._create_company_user(f'affinity_{role}', group) for role, group in GROUPS.items()}
        colleague = cls._create_company_user('affinity_colleague', GROUPS['seller'])
        team = cls.env['crm.team'].create({
            'name': "Affinity Team", 'user_id': cls.users['leader'].id, 'company_id': cls.company.id,
        })
        alpha, beta, gamma = (
            cls.Customer.search([('partner_id', '=', partner.id)]) for partner in cls.partners[9:]
        )
        alpha.user_id = cls.users['seller']
        beta.write({'user_id': colleague.id, 'team_id': team.id})
        gamma.write({'user_id': colleague.id, 'team_id': False})
        cls.env.flush_all()

    def _see(self, role):
        suggestions = self.env['scp.affinity.suggestion'].with_user(self.users[role]).search([])
        return {"Alpha", "Beta", "Gamma"} & set(suggestions.mapped('customer_id.partner_id.name'))

    def test_suggestions_follow_the_customer(self):
        self.assertEqual(self._see('seller'), {"Alpha"})
        self.assertEqual(self._see('leader'), {"Beta"})
        for role in ('manager', 'auditor'):
            self.assertEqual(self._see(role), {"Alpha", "Beta", "Gamma"})
        for role in ('quality', 'accountant', 'portal'):
            with self.assertRaises(AccessError):
                self._see(role)

    def test_other_company(self):
        other = self._add_company("Elsewhere", self.env.ref('base.EUR'))
        stranger = self._create_company_user('affinity_stranger', GROUPS['manager'])
        stranger.write({'company_ids': [(6, 0, other.ids)], 'company_id': other.id})
        for model in ('scp.affinity.run', 'scp.affinity.pair', 'scp.affinity.suggestion'):
            records = self.env[model].with_user(stranger).with_context(allowed_company_ids=other.ids)
            self.assertFalse(records.search([('company_id', '=', self.company.id)]), model)

    def test_nobody_edits(self):
        for role, user in self.users.items():
            for model in ('scp.affinity.run', 'scp.affinity.pair', 'scp.affinity.suggestion'):
                records = self.env[model].with_user(user)
                for operation in ('create', 'write', 'unlink'):
                    self.assertFalse(records.has_access(operation), (role, model, operation))

    def test_quotation_tells_others_nothing(self):
        for role in ('accountant', 'portal'):
            self.assertNotIn('scp_suggestions', self.env['sale.order'].with_user(self.users[role]).fields_get())
