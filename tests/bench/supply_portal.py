"""A supplier with 2,000 orders opens his list: our page against Odoo's own, on the same server and data."""
import time
from statistics import quantiles

import requests

from suite.ui import Fail, step
from tests.bench.figures import seconds, throughput
from tests.bench.places import Server, Worker

ORDERS = 2000
LINES = 2
#: so many are made by Odoo, the others are copies of these
PATTERN = 20
#: requests of each page in a round
PER_ROUND = 3
SHARE = 0.90
P95_SECONDS = 0.3
LOGIN = 'bench_supplier'
ODOO_PAGE, OUR_PAGE = '/my/purchase', '/my/supply/purchases'
REQUEST_TIMEOUT = 120


def portal(bench):
    """Requests per second of the supplier's list against Odoo's, and the time of its slowest twentieth."""
    name = bench.suite()
    with Worker(bench.workplace, name) as worker, step(f"Preparing {ORDERS:,} orders of one supplier"):
        worker.call(prepare_supplier, orders=ORDERS)
    with Server(bench.workplace, name, workers=0) as server, requests.Session() as session:
        _log_in(session, server.url, name)
        pairs, times = [], []
        with step(f"{bench.pairs} rounds of {PER_ROUND} requests of each list"):
            for turn in range(bench.pairs + 1):  # the first one warms up
                pages = (ODOO_PAGE, OUR_PAGE) if turn % 2 else (OUR_PAGE, ODOO_PAGE)
                taken = {page: [_open(session, server.url + page) for _i in range(PER_ROUND)] for page in pages}
                pairs.append(tuple(PER_ROUND / sum(taken[page]) for page in (ODOO_PAGE, OUR_PAGE)))
                times.append(taken[OUR_PAGE])
    yield throughput(f"supplier's list of {ORDERS:,} orders against Odoo's", pairs[1:], SHARE)
    yield seconds(
        f"supplier's list of {ORDERS:,} orders, p95",
        quantiles([one for row in times[1:] for one in row], n=20)[-1], P95_SECONDS,
    )


def _log_in(session, url, name):
    answer = session.post(f'{url}/web/session/authenticate', json={
        'jsonrpc': '2.0', 'method': 'call', 'params': {'db': name, 'login': LOGIN, 'password': LOGIN},
    }, timeout=REQUEST_TIMEOUT).json()
    if 'error' in answer:
        raise Fail(f"{LOGIN} cannot log in on {name}", str(answer['error'])[:300])


def _open(session, url):
    """Seconds that a page takes."""
    start = time.perf_counter()
    answer = session.get(url, timeout=REQUEST_TIMEOUT, allow_redirects=False)
    taken = time.perf_counter() - start
    if answer.status_code != 200:
        raise Fail(f"{url} answers {answer.status_code}", answer.text[:300])
    return taken


# ---- in the worker ----

def prepare_supplier(env, orders):
    """A supplier with a relation, a portal user and confirmed orders, the dates of half of them confirmed."""
    env = env(context={**env.context, 'tracking_disable': True, 'no_reset_password': True})
    supplier = env['res.partner'].create({'name': "Benchmark Supplier", 'is_company': True})
    env['res.users'].create({
        'name': "Benchmark Contact", 'login': LOGIN, 'password': LOGIN,
        'group_ids': [(6, 0, env.ref('base.group_portal').ids)],
    }).partner_id.parent_id = supplier
    env['scp.relation'].create({
        'partner_id': supplier.id, 'role': 'supplier',
        'share_policy_id': env.ref('crm_scp_supply.scp_share_policy_supplier').id,
    })
    goods = env['product.product'].create([
        {'name': f"Benchmark Part {i}", 'type': 'consu', 'is_storable': True} for i in range(LINES)
    ])
    batch = env['purchase.order'].create([{
        'partner_id': supplier.id,
        'order_line': [(0, 0, {'product_id': product.id, 'product_qty': 5, 'price_unit': 3}) for product in goods],
    } for _i in range(PATTERN)])
    batch.button_confirm()
    batch[::2].write({'acknowledged': True})
    env.flush_all()
    lines = batch.order_line
    promises = env['scp.promise'].search([('purchase_order_id', 'in', batch.ids)])
    _multiply(env, orders // PATTERN, (
        (batch, {}),
        (lines, {'order_id': batch}),
        (lines.move_ids, {'purchase_line_id': lines}),
        (promises, {'purchase_order_id': batch, 'purchase_line_id': lines, 'line_ref': lines}),
    ))
    env.cr.execute("ANALYZE")


def _multiply(env, times, tables):
    """Copy records, so that there are ``times`` as many, with the links between them.

    :param tables: records of a table, and which of its columns link to records copied before
    """
    from odoo.tools import SQL  # only importable in a worker, unlike this module

    spans = {}
    for records, _links in tables:
        [[spans[records._name]]] = env.execute_query(SQL("SELECT max(id) FROM %s", SQL.identifier(records._table)))
    for records, links in tables:
        columns = [name for name, field in records._fields.items() if field.store and field.column_type]
        shifts = {'id': records._name, **{name: target._name for name, target in links.items()}}
        env.execute_query(SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(1, %s) turn WHERE id IN %s RETURNING id",
            SQL.identifier(records._table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(
                SQL("%s + turn * %s", SQL.identifier(name), spans[shifts[name]]) if name in shifts
                else SQL.identifier(name) for name in columns
            ),
            SQL.identifier(records._table), times - 1, tuple(records.ids),
        ))
