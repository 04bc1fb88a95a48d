"""An operator of Odoo's live chat files complaints, although our addon does not depend on it."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_scp_core.tests.complaint.contact_common import ContactCommon


@tagged('post_install', '-at_install')
class TestLiveChat(ContactCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        operators = cls.env.ref('im_livechat.im_livechat_group_user')
        (cls.salesman | cls.internal).group_ids = [Command.link(operators.id)]
        cls.guest = cls.env['mail.guest'].create({'name': "Visitor", 'email': 'visitor@mill.example.com'})

    def _chat(self, visitor, *lines):
        """A live chat of a visitor with the salesman.

        :param visitor: `mail.guest` or `res.partner`
        :param lines: (who, text), a minute apart; the last one now
        """
        who = 'guest_id' if visitor._name == 'mail.guest' else 'partner_id'
        channel = self.env['discuss.channel'].create({
            'name': "Visitor", 'channel_type': 'livechat', 'livechat_operator_id': self.salesman.partner_id.id,
            'channel_member_ids': [
                Command.create({'partner_id': self.salesman.partner_id.id, 'livechat_member_type': 'agent'}),
                Command.create({who: visitor.id, 'livechat_member_type': 'visitor'}),
            ],
        })
        self.begin = datetime(2026, 3, 2, 9)
        for minute, (author, text) in enumerate(lines):
            if author._name == 'mail.guest':
                writer, values = channel.with_user(self.env.ref('base.public_user')).with_context(guest=author), {}
            else:
                writer, values = channel, {'author_id': author.id}
            message = writer.sudo().message_post(
                body=text, message_type='comment', subtype_xmlid='mail.mt_comment', **values,
            )
            message.date = self.begin + timedelta(minutes=minute)
        return channel

    def _command(self, channel, text, user=None):
        """Run the command; return the complaint and what the operator is told."""
        before, told = self.Complaint.search([]), []
        user = user or self.salesman
        with patch.object(
            type(user), '_bus_send_transient_message', lambda self, channel, content: told.append(content),
        ):
            channel.with_user(user).execute_command_complaint(body=text)
        return self.Complaint.search([]) - before, told[0]

    def test_guest(self):
        operator = self.salesman.partner_id
        channel = self._chat(
            self.guest, (operator, "Hello, how can I help?"), (self.guest, "My valve leaks."),
            (operator, "That is bad."), (self.guest, "Since Monday."),
        )
        complaint, told = self._command(channel, "/complaint The valve leaks")
        self.assertIn(complaint.number, told)
        self.assertRecordValues(complaint, [{
            'name': "The valve leaks", 'channel': 'livechat', 'partner_id': False, 'user_id': self.salesman.id,
            'email_from': 'visitor@mill.example.com', 'received_at': self.begin + timedelta(minutes=1),
            'first_response_at': self.begin + timedelta(minutes=2),
            'last_customer_message_at': self.begin + timedelta(minutes=3),
            'awaits_response': True, 'acknowledged_at': False, 'acknowledgement_due': True,
        }])
        self.assertIn("Since Monday.", complaint.description)
        self.assertNotIn("That is bad.", complaint.description, "It is in the words of the customer")
        self.assertIn("That is bad.", self._get_notes(complaint)[-1].body)

    def test_customer(self):
        channel = self._chat(self.anna, (self.anna, "My valve leaks."), (self.salesman.partner_id, "Oh."))
        complaint, _told = self._command(channel, "/complaint Valve")
        self.assertEqual((complaint.partner_id, complaint.awaits_response), (self.anna, False))
        self.assertIn(self.anna, complaint.message_partner_ids)

    def test_without_address_the_answer_in_the_chat_acknowledges(self):
        self.guest.email = False
        channel = self._chat(self.guest, (self.guest, "My valve leaks."), (self.salesman.partner_id, "Oh."))
        complaint, _told = self._command(channel, "/complaint Valve")
        self.assertEqual(complaint.acknowledged_at, self.begin + timedelta(minutes=1))
        self.assertFalse(complaint.acknowledgement_due)

    def test_nothing_to_file(self):
        silent = self._chat(self.guest, (self.salesman.partner_id, "Hello?"))
        talking = self._chat(self.guest, (self.guest, "My valve leaks."))
        among_us = self.env['discuss.channel'].create({'name': "Among us", 'channel_type': 'channel'})
        for channel, text, user, message in (
            (silent, "/complaint Valve", None, "Once the visitor has written"),
            (talking, "/complaint", None, "and what it is about"),
            (talking, "/complaint Valve", self.internal, "who may create complaints"),
            (among_us, "/complaint Valve", None, "from live chats"),
        ):
            with self.subTest(message):
                channel.add_members(partner_ids=(user or self.salesman).partner_id.ids)
                complaint, told = self._command(channel, text, user)
                self.assertFalse(complaint)
                self.assertIn(message, told)
