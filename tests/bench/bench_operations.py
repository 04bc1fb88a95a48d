"""What the suite adds to the everyday operations it hooks into: queries and time.

Two workers, one with the suite and one without, take turns, so that whatever else the machine does
hits both alike. Everything measured is rolled back; what Odoo does just before a commit (flushing,
tracking messages) is part of it.
"""
import gc
import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from suite.ui import step
from tests.bench.figures import extra_queries, is_precise, slower
from tests.bench.places import Worker

EXTRA_TIME = 0.10
EXTRA_QUERIES = 3
EXTRA_QUERIES_PER_RECORD = 0.5
BATCH = 20
LINES = 3
#: Each series of half the pairs has processes of its own: one is some percent faster than its like for as long as it
#: lives. A noisy machine needs more series than a quiet one for the same precision.
SERIES = range(4, 11)

OPERATIONS = {}


def operation(function):
    """Register ``function(env, n)``, a generator: it prepares, yields, then does it to ``n`` records."""
    OPERATIONS[function.__name__] = function
    return function


def operations(bench):
    """Partner, lead, sale, delivery, invoice, purchase, receipt: time and queries against plain Odoo."""
    yield from compare(bench, OPERATIONS)


def compare(bench, names):
    """Time and queries of some operations against plain Odoo.

    :param names: of :data:`OPERATIONS`
    """
    pairs = {name: [] for name in names}
    databases = (bench.plain(), bench.suite())
    with step("Counting queries"), ThreadPoolExecutor(2) as pool:
        plain_queries, suite_queries = pool.map(lambda name: _queries(bench, name, pairs), databases)
    with step(f"Timing {len(pairs)} operations, {SERIES.start} to {SERIES.stop - 1} series"):
        vague = list(pairs)
        for series in range(1, SERIES.stop):
            with Worker(bench.workplace, databases[0]) as plain, Worker(bench.workplace, databases[1]) as suite:
                with ThreadPoolExecutor(2) as pool:
                    list(pool.map(lambda worker: _warm_up(worker, vague), (plain, suite)))  # noqa: B023  done at once
                for turn in range(bench.pairs // 2):
                    first, second = (plain, suite) if turn % 2 else (suite, plain)
                    for name in vague:
                        seconds = {
                            worker: worker.call(measure, name=name, n=1)['seconds'] for worker in (first, second)
                        }
                        pairs[name].append((seconds[plain], seconds[suite]))
            if series >= SERIES.start:
                vague = [name for name in vague if not is_precise(pairs[name])]
            if not vague:
                break
    for name in pairs:
        plain_one, plain_batch = plain_queries[name]
        suite_one, suite_batch = suite_queries[name]
        yield extra_queries(
            f'{name}, queries', len(plain_one), len(suite_one), EXTRA_QUERIES, details=_excess(plain_one, suite_one),
        )
        yield extra_queries(
            f'{name}, queries per record of {BATCH}', len(plain_batch), len(suite_batch), EXTRA_QUERIES_PER_RECORD,
            records=BATCH, details=_excess(plain_batch, suite_batch),
        )
        yield slower(f'{name}, time', pairs[name], EXTRA_TIME)


def _warm_up(worker, names):
    worker.call(prepare)
    for name in names:
        for n in (1, 2):
            worker.call(measure, name=name, n=n)


def _queries(bench, database, names):
    """Queries of some operations on one record and on a batch, once the caches are warm."""
    with Worker(bench.workplace, database) as worker:
        _warm_up(worker, names)
        return {
            name: [worker.call(measure, name=name, n=n, listing=True)['queries'] for n in (1, BATCH)] for name in names
        }


def _excess(plain, suite):
    """What the suite runs more, or less, of: queries by what they do to which table.

    A query on a table that the suite gave a column has another text, but not another effect.
    """
    plain, suite = ({**_by_effect(queries)} for queries in (plain, suite))
    counts = Counter({effect: len(texts) for effect, texts in suite.items()})
    counts.subtract({effect: len(texts) for effect, texts in plain.items()})
    lines = []
    for effect, difference in sorted(counts.items(), key=lambda item: -item[1]):
        if difference:
            lines.append(f"{difference:+d} {effect}")
        if difference > 0:
            known = set(plain.get(effect, ()))
            new = Counter(text for text in suite[effect] if text not in known)
            lines += [f"    {number} x {text[:300]}" for text, number in new.most_common(5)]
    return lines


def _by_effect(queries):
    groups = {}
    for effect, text in queries:
        groups.setdefault(effect, []).append(text)
    return groups


# ---- in the worker ----

def prepare(env):
    """Goods in stock, a customer and a supplier, the same in both databases."""
    if not _partner(env, 'bench-customer'):
        _create_places(env)
    # what is there by now is not searched for garbage before each measurement
    gc.collect()
    gc.freeze()


def _create_places(env):
    _customer, supplier = env['res.partner'].create([
        {'name': f"Benchmark {role}", 'ref': f'bench-{role}', 'is_company': True, 'email': f'{role}@bench.example.com'}
        for role in ('customer', 'supplier')
    ])
    goods = env['product.product'].create([{
        'name': f"Benchmark Goods {i}",
        'default_code': f'bench-{i}',
        'type': 'consu',
        'is_storable': True,
        'invoice_policy': 'order',
        'list_price': 10 + i,
        'standard_price': 5 + i,
        'seller_ids': [(0, 0, {'partner_id': supplier.id, 'price': 5 + i})],
    } for i in range(LINES)])
    location = env['stock.warehouse'].search([('company_id', '=', env.company.id)], limit=1).lot_stock_id
    for product in goods:
        env['stock.quant']._update_available_quantity(product, location, 1_000_000)


def measure(env, name, n, listing=False):
    """Do the operation to ``n`` records, roll back.

    :return: dict of ``seconds``, ``queries`` (how many; with ``listing`` their [effect, text])
    """
    steps = OPERATIONS[name](env, n)
    next(steps)
    env.cr.flush()
    env.invalidate_all()
    hook = _Listing()
    hooks = threading.current_thread().query_hooks = [hook] if listing else []
    count = env.cr.sql_log_count
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    next(steps, None)
    env.cr.flush()
    seconds = time.perf_counter() - start
    gc.enable()
    hooks.clear()
    count = env.cr.sql_log_count - count
    env.cr.rollback()
    return {'seconds': seconds, 'queries': hook.queries if listing else count}


class _Listing:
    """Hook of Odoo's cursor that notes each query as [what it does to which table, text]."""

    def __init__(self):
        self.queries = []

    def __call__(self, cursor, query, params, start, delay):
        text = ' '.join(str(query).split())
        verb = text.split(' ', 1)[0].upper()
        table = re.search(r'\b(?:UPDATE|FROM|INTO) "?([a-z_]\w*)', text)
        self.queries.append([f"{verb} {table[1]}" if table else verb, text])


def _partner(env, ref):
    return env['res.partner'].search([('ref', '=', ref)])


def _goods(env):
    return env['product.product'].search([('default_code', '=like', 'bench-%')])


def _leads(env, n):
    stage = env['crm.stage'].search([('is_won', '=', False)], limit=1)
    return env['crm.lead'].create([{
        'name': f"Benchmark {i}",
        'type': 'opportunity',
        'partner_id': _partner(env, 'bench-customer').id,
        'expected_revenue': 1000 + i,
        'stage_id': stage.id,
    } for i in range(n)])


def _sales(env, n):
    return env['sale.order'].create(_sales_values(env, n))


def _sales_values(env, n):
    lines = [(0, 0, {'product_id': product.id, 'product_uom_qty': 2}) for product in _goods(env)]
    return [{'partner_id': _partner(env, 'bench-customer').id, 'order_line': lines} for _i in range(n)]


def _purchases(env, n):
    return env['purchase.order'].create(_purchases_values(env, n))


def _purchases_values(env, n):
    lines = [(0, 0, {'product_id': product.id, 'product_qty': 2}) for product in _goods(env)]
    return [{'partner_id': _partner(env, 'bench-supplier').id, 'order_line': lines} for _i in range(n)]


@operation
def partner_create(env, n):
    yield
    env['res.partner'].create([{'name': f"Person {i}", 'email': f'person{i}@bench.example.com'} for i in range(n)])


@operation
def partner_write(env, n):
    partners = env['res.partner'].create([{'name': f"Person {i}"} for i in range(n)])
    yield
    partners.write({'email': 'new@bench.example.com'})


@operation
def lead_create(env, n):
    _partner(env, 'bench-customer')
    yield
    _leads(env, n)


@operation
def lead_stage(env, n):
    leads = _leads(env, n)
    stage = env['crm.stage'].search([('is_won', '=', False)], offset=1, limit=1)
    yield
    leads.write({'stage_id': stage.id})


@operation
def lead_won(env, n):
    leads = _leads(env, n)
    yield
    leads.action_set_won()


@operation
def sale_create(env, n):
    values = _sales_values(env, n)
    yield
    env['sale.order'].create(values)


@operation
def sale_confirm(env, n):
    orders = _sales(env, n)
    yield
    orders.action_confirm()


@operation
def delivery_validate(env, n):
    orders = _sales(env, n)
    orders.action_confirm()
    pickings = orders.picking_ids
    pickings.action_assign()
    pickings.move_ids.picked = True
    yield
    pickings.with_context(skip_sms=True).button_validate()


@operation
def invoice_create(env, n):
    orders = _sales(env, n)
    orders.action_confirm()
    yield
    orders._create_invoices()


@operation
def purchase_create(env, n):
    values = _purchases_values(env, n)
    yield
    env['purchase.order'].create(values)


@operation
def purchase_confirm(env, n):
    orders = _purchases(env, n)
    yield
    orders.button_confirm()


@operation
def receipt_validate(env, n):
    orders = _purchases(env, n)
    orders.button_confirm()
    pickings = orders.picking_ids
    pickings.move_ids.picked = True
    yield
    pickings.with_context(skip_sms=True).button_validate()
