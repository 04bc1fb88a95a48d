"""Every main screen as every demo role, in Chromium, without a single error in the console."""

import json
import re
from pathlib import Path

from odoo.tests import HttpCase, tagged

CRAWL = (Path(__file__).parent / 'crawl.js').read_text()


@tagged('post_install', '-at_install')
class TestCrawl(HttpCase):
    """One crawl a role: the menus of the application, those of ours elsewhere, the customer's page."""

    def crawl(self, login, *, minimum, actions=(), choices=False):
        """Open everything `login` may see; fail at the first error or below `minimum` screens."""
        user = self.env['res.users'].search([('login', '=', login)])
        self.assertTrue(user, f"the demo data has no user {login}")
        parameters = {'partners': self.partners(user), 'actions': actions, 'minimum': minimum, 'choices': choices}
        code = f'const PARAMETERS = {json.dumps(parameters)};\n{CRAWL}'
        try:
            self.browser_js(
                '/odoo', code, ready='odoo.isReady === true', login=login, timeout=400,
                success_signal="crawl succeeded",
            )
        except self.failureException as error:
            raise self.failureException(f"as {login}: {str(error).replace(code, 'crawl.js')}") from None

    def partners(self, user):
        """Return ids of a customer with a rich history, of one of his contacts, and of nobody's customer."""
        customer = self.env['scp.customer'].search([], order='value_score desc, id', limit=1).partner_id
        stranger = self.env['res.partner'].search(
            [('id', 'not in', self.env['scp.customer'].search([]).partner_id.ids), ('parent_id', '=', False)],
            limit=1,
        )
        records = customer + customer.child_ids[:1] + stranger
        return records.with_user(user)._filtered_access('read').ids

    def test_salesperson(self):
        self.crawl('scp_sales', minimum=40)

    def test_leader(self):
        self.crawl('scp_leader', minimum=40, choices=True)

    def test_manager(self):
        self.crawl('scp_manager', minimum=45, choices=True)

    def test_quality(self):
        self.crawl('scp_quality', minimum=12)

    def test_auditor(self):
        self.crawl('scp_auditor', minimum=20)

    def test_accountant(self):
        self.crawl('scp_accountant', minimum=2)

    def test_warehouse(self):
        self.crawl('scp_warehouse', minimum=5)


@tagged('post_install', '-at_install')
class TestPortalCrawl(HttpCase):
    """The portal as each kind of partner: every page linked from the home page, none with an error."""

    LIMIT = 60

    def crawl(self, login):
        self.assertTrue(self.env['res.users'].search([('login', '=', login)]), f"the demo data has no user {login}")
        self.authenticate(login, login)
        waiting, seen = ['/my/home'], set()
        while waiting and len(seen) < self.LIMIT:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            answer = self.url_open(path)
            with self.subTest(path=path):
                self.assertEqual(answer.status_code, 200)
                self.assertNotIn('o_error_detail', answer.text)
            links = re.findall(r'href="(/my(?:/[^"#?]*)?)', answer.text)
            # documents to download are not pages
            waiting += [link for link in dict.fromkeys(links) if '/pdf/' not in link and 'download' not in link]
        self.assertGreater(len(seen), 1, "the home page links to nothing")
        for path in ('/my/home', '/my/orders', '/my/purchase'):
            if path in seen:
                self.browser_js(path, "console.log('page loaded')", login=login, success_signal="page loaded")

    def test_supplier(self):
        self.crawl('scp_supplier')

    def test_distributor(self):
        self.crawl('scp_distributor')

    def test_customer(self):
        self.crawl('scp_customer')
