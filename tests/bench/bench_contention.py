"""Eight users confirm orders of one customer at the same time, over HTTP, with the suite and without.

A row that every confirmation updates (a counter on the customer, a stored total) goes unnoticed with
one user and halves the throughput of eight. Both servers run on loopback all the time; rounds of a
fixed number of confirmations alternate between them.
"""
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from suite.ui import Fail, step
from tests.bench.figures import count, throughput
from tests.bench.places import Server, Worker

USERS = 8
SHARE = 0.95
RETRIES_PER_100 = 1
#: confirmations of each user in a round, and worker processes of the server (0: threads of one)
LOADS = {'small': [(2, 0)], 'full': [(4, 0), (4, 4)]}
REQUEST_TIMEOUT = 120
TIME_LIMIT = 900


def contention(bench):
    """Eight users confirming orders of one customer: throughput, failures, retries."""
    for per_round, workers in LOADS[bench.size]:
        yield from _with_workers(bench, per_round, workers)


def _with_workers(bench, per_round, workers):
    rounds = bench.pairs + 1  # the first one warms up
    names = (bench.plain(), bench.suite())

    def prepare(name):
        with Worker(bench.workplace, name) as worker:
            return worker.call(prepare_users_and_orders, per_user=rounds * per_round)

    with step(f"Preparing {rounds * per_round * USERS} orders in each database"), ThreadPoolExecutor(2) as pool:
        orders = list(pool.map(prepare, names))
    with Server(bench.workplace, names[0], workers=workers) as plain_server, \
            Server(bench.workplace, names[1], workers=workers) as suite_server:
        plain, suite = (Crowd(*place) for place in zip((plain_server, suite_server), names, orders, strict=True))
        pairs = []
        with step(f"{USERS} users, {rounds} rounds of {per_round * USERS} confirmations, {workers} workers"):
            deadline = time.monotonic() + TIME_LIMIT
            for turn in range(rounds):
                if time.monotonic() > deadline:
                    raise Fail(f"{turn} rounds took {TIME_LIMIT} s", "is the machine busy? repeat when it is quiet")
                sides = (plain, suite) if turn % 2 else (suite, plain)
                rate = {crowd: crowd.confirm(per_round) for crowd in sides}
                pairs.append((rate[plain], rate[suite]))
        retries = [server.log().count('tries left, try again in') for server in (plain_server, suite_server)]
    with Worker(bench.workplace, names[1]) as worker:
        left = worker.call(count_unconfirmed)
    name = f'{USERS} users, {workers} workers' if workers else f'{USERS} users'
    yield throughput(f'{name}, orders confirmed', pairs[1:], SHARE)
    yield count(f'{name}, failed requests', len(suite.failures), 0, details=suite.failures[:5])
    yield count(f'{name}, orders without a delivery', left, 0)
    extra_retries = (retries[1] - retries[0]) * 100 / (rounds * per_round * USERS)
    yield count(f'{name}, retries per 100 beyond plain', round(extra_retries, 2), RETRIES_PER_100)


class Crowd:
    """Eight users logged in on one server, each with orders of his own to confirm."""

    def __init__(self, server, name, orders):
        self._url = server.url
        self._orders = orders
        self.failures = []
        with ThreadPoolExecutor(USERS) as pool:
            self._sessions = list(pool.map(lambda login: self._log_in(name, login), orders))

    def confirm(self, each):
        """Let every user confirm ``each`` orders, all starting together; return orders per second."""
        start = threading.Barrier(USERS + 1)

        def work(session, orders):
            mine = [orders.pop() for _i in range(each)]
            start.wait()
            for order in mine:
                self._confirm_one(session, order)

        with ThreadPoolExecutor(USERS) as pool:
            done = [pool.submit(work, *pair) for pair in zip(self._sessions, self._orders.values(), strict=True)]
            start.wait()
            began = time.perf_counter()
            for one in done:
                one.result()
            return each * USERS / (time.perf_counter() - began)

    def _log_in(self, name, login):
        session = requests.Session()
        answer = self._post(session, '/web/session/authenticate', {'db': name, 'login': login, 'password': login})
        if 'error' in answer:
            raise Fail(f"{login} cannot log in on {name}", str(answer['error'])[:300])
        return session

    def _confirm_one(self, session, order):
        try:
            answer = self._post(session, '/web/dataset/call_button/sale.order/action_confirm', {
                'model': 'sale.order', 'method': 'action_confirm', 'args': [[order]], 'kwargs': {},
            })
        except (requests.RequestException, ValueError) as error:
            self.failures.append(str(error)[:200])
        else:
            if 'error' in answer:
                self.failures.append(str(answer['error'].get('data', {}).get('message'))[:200])

    def _post(self, session, path, params):
        answer = session.post(
            self._url + path, json={'jsonrpc': '2.0', 'method': 'call', 'params': params}, timeout=REQUEST_TIMEOUT,
        )
        answer.raise_for_status()
        return answer.json()


# ---- in the worker ----

def prepare_users_and_orders(env, per_user):
    """Eight salespeople and their drafts for one and the same customer.

    :return: dict of login (and password) to order ids
    """
    groups = env.ref('sales_team.group_sale_salesman')
    groups |= env.ref('crm_scp_core.group_scp_user', raise_if_not_found=False) or groups
    users = env['res.users'].with_context(no_reset_password=True).create([{
        'name': f"Benchmark Salesperson {i}",
        'login': f'bench_sales_{i}',
        'password': f'bench_sales_{i}',
        'group_ids': [(6, 0, (env.ref('base.group_user') | groups).ids)],
    } for i in range(USERS)])
    customer = env['res.partner'].create({'name': "Benchmark Key Account", 'is_company': True})
    goods = env['product.product'].create({'name': "Benchmark Goods", 'type': 'consu', 'list_price': 10})
    return {
        user.login: env['sale.order'].create([{
            'partner_id': customer.id,
            'user_id': user.id,
            'client_order_ref': 'bench-contention',
            'order_line': [(0, 0, {'product_id': goods.id, 'product_uom_qty': 1}) for _line in range(3)],
        } for _i in range(per_user)]).ids for user in users
    }


def count_unconfirmed(env):
    """Orders of the benchmark that are still drafts, or have another number of deliveries than one."""
    orders = env['sale.order'].search([('client_order_ref', '=', 'bench-contention')])
    return len(orders.filtered(lambda order: order.state != 'sale' or len(order.picking_ids) != 1))
