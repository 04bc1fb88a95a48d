import re
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields, http
from odoo.sql_db import Cursor
from odoo.tests import HttpCase, new_test_user

WRITES = re.compile(r'\s*(INSERT|UPDATE|DELETE)\b', re.IGNORECASE)


class SupplyPortalCommon(HttpCase):
    """Two suppliers and two customers, each with somebody in the portal.

    ======== ===================== =================================
    login    company               relation
    ======== ===================== =================================
    rob      Rope Works            supplier, 1 day late, 10 % over
    ria      Rope Works            as Rob's colleague
    sam      Sail Loft             none
    hanna    Harbour Yard          customer
    hugo     Harbour Yard          as Hanna's colleague
    ======== ===================== =================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True, 'no_reset_password': True})
        cls.Promise = cls.env['scp.promise']
        cls.works, cls.loft, cls.yard = cls.env['res.partner'].create([
            {'name': name, 'is_company': True} for name in ("Rope Works", "Sail Loft", "Harbour Yard")
        ])
        cls.rob, cls.ria, cls.sam, cls.hanna, cls.hugo = (
            cls._create_portal_user(name, company)
            for name, company in (("rob", cls.works), ("ria", cls.works), ("sam", cls.loft),
                                  ("hanna", cls.yard), ("hugo", cls.yard))
        )
        cls.buyer = new_test_user(cls.env, 'sup_buyer', 'purchase.group_purchase_user', tz='UTC')
        cls.policy = cls.env['scp.share.policy'].create({'name': "Test"})
        cls.supplier_relation, cls.customer_relation = cls.env['scp.relation'].create([
            {'partner_id': cls.works.id, 'role': 'supplier', 'share_policy_id': cls.policy.id,
             'tolerance_days_late': 1, 'tolerance_over': 10},
            {'partner_id': cls.yard.id, 'role': 'customer', 'share_policy_id': cls.policy.id},
        ])
        cls.reason = cls.env['scp.promise.reason'].create({'name': "Machine down", 'party': 'supplier'})
        cls.rope, cls.hook = cls.env['product.product'].create([
            {'name': "Rope", 'type': 'consu', 'is_storable': True, 'list_price': 3.0},
            {'name': "Hook", 'type': 'consu', 'is_storable': True, 'list_price': 5.0},
        ])
        cls.planned = fields.Datetime.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=7)

    @classmethod
    def _create_portal_user(cls, name, company):
        user = new_test_user(cls.env, f'portal_{name}', 'base.group_portal', name=name.title())
        user.partner_id.parent_id = company
        return user

    @classmethod
    def _create_purchase(cls, *lines, partner=None, confirm=True, **values):
        order = cls.env['purchase.order'].create({
            'partner_id': (partner or cls.works).id,
            'user_id': cls.buyer.id,
            'order_line': [Command.create({
                'product_id': product.id, 'product_qty': qty, 'price_unit': 7.0, 'date_planned': cls.planned,
            }) for product, qty in lines or [(cls.rope, 10)]],
            **values,
        })
        if confirm:
            order.button_confirm()
        return order

    @classmethod
    def _create_sale(cls, *lines, partner=None, confirm=True, **values):
        order = cls.env['sale.order'].create({
            'partner_id': (partner or cls.yard).id,
            'commitment_date': cls.planned,
            'order_line': [
                Command.create({'product_id': product.id, 'product_uom_qty': qty})
                for product, qty in lines or [(cls.rope, 10)]
            ],
            **values,
        })
        if confirm:
            order.action_confirm()
        return order

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _day(self, days=0):
        """The day planned, or some days after."""
        return (self.planned + timedelta(days=days)).date().isoformat()

    def _get_form(self, order, answers, **values):
        """The form of an order as the page of its supplier would send it.

        :param answers: {line: [(day, quantity), ...]} or {line: ([...], {'reason': ..., 'note': ...})}
        """
        form = {'version': order._scp_get_version(), 'key': 'k1', **values}
        for line, answer in answers.items():
            parts, words = answer if isinstance(answer, tuple) else (answer, {})
            form[f'answer_{line.id}'] = '1'
            for number, (day, qty) in enumerate(parts):
                form |= {f'day_{line.id}_{number}': day, f'qty_{line.id}_{number}': str(qty)}
            form |= {f'{name}_{line.id}': str(value) for name, value in words.items()}
        return form

    def _post(self, url, form, **kwargs):
        response = self.url_open(
            url, data={'csrf_token': http.Request.csrf_token(self), **form}, allow_redirects=False, **kwargs,
        )
        self.env.invalidate_all()
        return response

    def _confirm(self, order, answers, **values):
        return self._post(f'/my/supply/purchases/{order.id}/confirm', self._get_form(order, answers, **values))

    def _get_promises(self, line):
        return self.Promise.search([
            ('direction', '=', line._scp_direction), ('line_ref', '=', line.id),
        ], order='date, id')

    def _get_ledger(self, line):
        """Rows of kind, days after the day planned, quantity, unconfirmed, oldest first."""
        return [
            (row.kind, row.date_promised and (row.date_promised.date() - self.planned.date()).days,
             row.product_uom_qty, row.unconfirmed)
            for row in self._get_promises(line)
        ]

    @contextmanager
    def _assert_nothing_written(self):
        """No statement changes a table, rolled back or not."""
        origin, written = Cursor.execute, []

        def execute(cursor, query, *args, **kwargs):
            text = query.code if hasattr(query, 'code') else str(query)
            if WRITES.match(text):
                written.append(text[:200])
            return origin(cursor, query, *args, **kwargs)

        self.env.cr.flush()  # what the set-up leaves for the commit included
        with patch.object(Cursor, 'execute', execute):
            yield
        self.assertFalse(written)
