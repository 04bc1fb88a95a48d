from odoo import fields
from odoo.tools.misc import file_open

from odoo.addons.crm_scp_core.tests.common import ScpCommon
from odoo.addons.mail.tests.common import MockEmail


class ContactCommon(ScpCommon, MockEmail):
    """Two teams with an address each, and two customers.

    Anvil Works: Anna (a contact, writes mails), Ben (her colleague)
    Bolt Ltd:    another customer
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env['mail.alias.domain'].create({
            'name': 'scp-test.example.com', 'bounce_alias': 'bounce', 'catchall_alias': 'catchall',
        })
        cls.company.write({
            'alias_domain_id': cls.domain.id, 'email': 'office@scp-works.example.com',
        })
        # the address of the team that comes with the addon would be taken into the first domain
        cls.env.ref('crm_scp_core.scp_complaint_team_default').alias_name = 'elsewhere'
        cls.care, cls.service = cls.env['scp.complaint.team'].create([
            {'name': "Care", 'company_id': cls.company.id, 'alias_name': 'complaints', 'sequence': 1,
             'member_ids': cls.salesman.ids, 'alias_domain_id': cls.domain.id},
            {'name': "Service", 'company_id': cls.company.id, 'alias_name': 'service', 'sequence': 2,
             'alias_domain_id': cls.domain.id},
        ])
        cls.anvil = cls._create_partner("Anvil Works")
        cls.anna, cls.ben = cls.env['res.partner'].create([
            {'name': "Anna Amboss", 'parent_id': cls.anvil.id, 'email': 'anna@anvil.example.com'},
            {'name': "Ben Amboss", 'parent_id': cls.anvil.id, 'email': 'ben@anvil.example.com'},
        ])
        cls.bolt = cls._create_partner("Bolt Ltd", email='office@bolt.example.com')
        cls.Complaint = cls.env['scp.complaint']
        # what the database holds already is due for nothing
        cls.Complaint.search([('acknowledgement_due', '=', True)]).acknowledgement_due = False
        cls.Complaint.search([('resolved_at', '!=', False)]).feedback_at = fields.Datetime.now()
        cls.category = cls.env['scp.complaint.category'].create({'name': "Test leaks"})

    @classmethod
    def _create_complaint(cls, partner=None, **values):
        return cls.Complaint.create({
            'name': "Valve leaks", 'partner_id': (partner or cls.anna).id,
            'company_id': cls.company.id, 'team_id': cls.care.id, **values,
        })

    @classmethod
    def _decide(cls, complaint):
        """Decide and tell the customer."""
        complaint.write({
            'category_id': cls.category.id, 'severity': 's3', 'is_justified': 'yes',
            'remedy': 'replacement', 'decision': "<p>The seal was damaged.</p>",
        })
        cls._respond(complaint)

    @classmethod
    def _respond(cls, complaint, **values):
        return complaint.with_user(cls.salesman).message_post(
            body="You get a new one.", message_type='comment', subtype_xmlid='mail.mt_comment', **values,
        )

    @classmethod
    def _resolve(cls, complaint):
        cls._decide(complaint)
        complaint.state = 'resolved'

    def _read_mail(self, name):
        with file_open(f'crm_scp_core/tests/complaint/mails/{name}.eml', 'rb') as mail:
            return mail.read()

    def _receive(self, name):
        """Let a mail come in; return the complaints it opened."""
        before = self.Complaint.search([])
        with self.mock_mail_gateway():
            self.env['mail.thread'].message_process(None, self._read_mail(name))
        return self.Complaint.search([]) - before

    def _get_notes(self, complaint):
        return complaint.message_ids.filtered(
            lambda message: message.subtype_id == self.env.ref('mail.mt_note')
        )
