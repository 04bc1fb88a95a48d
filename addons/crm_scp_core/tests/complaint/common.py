from odoo.fields import Command

from ..common import ScpCommon


class ComplaintCommon(ScpCommon):
    """One customer with a contact person, another customer, and a complaint team.

    care: led by leader; members salesman and mate
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Complaint = cls.env['scp.complaint']
        cls.care = cls.env['scp.complaint.team'].create({
            'name': "Care", 'company_id': cls.company.id, 'user_id': cls.leader.id,
            'member_ids': [Command.set((cls.salesman | cls.mate).ids)], 'sequence': 1,
        })
        cls.customer = cls._create_partner("Customer Works", email='office@customer.example.com')
        cls.contact = cls.env['res.partner'].create({
            'name': "Carla Contact", 'parent_id': cls.customer.id,
            'email': 'carla@customer.example.com',
        })
        cls.other_customer = cls._create_partner("Other Works")
        cls.portal.partner_id.parent_id = cls.customer
        cls.category = cls.env['scp.complaint.category'].create({
            'name': "Leak", 'severity': 's3',
        })
        cls.occurrence, cls.escape = cls.env['scp.complaint.cause'].create([
            {'name': "Wrong seal", 'kind': 'occurrence'},
            {'name': "No pressure test", 'kind': 'escape'},
        ])

    @classmethod
    def _create_complaint(cls, **values):
        return cls.Complaint.create({
            'name': "The valve leaks",
            'company_id': cls.company.id,
            'partner_id': cls.contact.id,
            'team_id': cls.care.id,
            'user_id': cls.salesman.id,
            **values,
        })

    @classmethod
    def _assess(cls, complaint, severity='s3'):
        complaint.write({'category_id': cls.category.id, 'severity': severity, 'state': 'assessed'})

    @classmethod
    def _decide(cls, complaint, justified='yes', remedy='replacement'):
        complaint.write({
            'is_justified': justified, 'decision': "<p>We replace the valve.</p>", 'remedy': remedy,
        })

    @classmethod
    def _answer(cls, complaint, body="We are on it.", user=None):
        return complaint.with_user(user or cls.salesman).message_post(
            body=body, message_type='comment', subtype_xmlid='mail.mt_comment',
        )

    @classmethod
    def _hear(cls, complaint, body="Any news?", subtype='mail.mt_comment', message_type='comment'):
        """The contact person writes."""
        return complaint.message_post(
            body=body, author_id=cls.contact.id, message_type=message_type, subtype_xmlid=subtype,
        )

    @classmethod
    def _resolve(cls, complaint):
        """Bring a moderate complaint to its resolution the regular way."""
        cls._assess(complaint)
        cls._decide(complaint)
        complaint.state = 'proposed'
        cls._answer(complaint, "This is what we decided.")
        complaint.state = 'resolved'
        return complaint
