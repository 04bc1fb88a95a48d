"""The 7P of all customers of a company, what they are made of, and the screens that show them."""
import time
from contextlib import closing

from suite.ui import step
from tests.bench.bench_value import VALUE_SQL, add_customers
from tests.bench.figures import count, info, seconds
from tests.bench.places import Worker
from tests.bench.sevenp_screens import screens

#: pairs and suggestions, and where models are chosen
BESIDE = ('affinity', 'scale')

VOLUMES = {
    'small': {'customers': 10_000, 'orders': 50_000, 'lines': 3},
    'full': {'customers': 100_000, 'orders': 500_000, 'lines': 3},
}
SEVENP_SECONDS = 20


def sevenp(bench):
    """7P of every customer by one statement, from nothing and where nothing changed; suggestions; screens."""
    name = bench.suite()
    volume = VOLUMES[bench.size]
    with step(f"{volume['customers']:,} customers with {volume['orders']:,} orders of {volume['lines']} lines"):
        with closing(bench.workplace.server.connect(name)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(VALUE_SQL.read_text(), volume)
            connection.commit()
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
    with Worker(bench.workplace, name) as worker:
        with step("Customers, days, measures, scores"):
            worker.call(spread_products)
            worker.call(add_customers)
            worker.call(prepare)
        with step("Looking for suggestions"):
            affinity = worker.call(find_affinities)
        with step("7P, twice"):
            first, again = worker.call(refresh), worker.call(refresh)
    yield info(
        'product suggestions',
        f"{affinity['seconds']:.1f} s for {affinity['suggestions']:,} from {affinity['orders']:,} orders",
    )
    yield info('customers', f"{first['written']:,}")
    yield seconds('7P of all customers', first['seconds'], SEVENP_SECONDS)
    yield seconds('once more, nothing changed', again['seconds'], SEVENP_SECONDS)
    yield count('rows written then', again['written'], 0)
    yield from screens(bench, name)


# ---- in the worker ----

def spread_products(env):
    """Let each line be of one of a hundred products: the volume data has a single one, which is no mix."""
    products = env['product.product'].create([{'name': f"Product {number}"} for number in range(100)])
    env.flush_all()
    env.cr.execute(
        """
        UPDATE sale_order_line
           SET product_id = (%s::integer[])[1 + mod(id::bigint * 7919 + order_id, %s)]
         WHERE product_id IS NOT NULL
        """,
        [products.ids, len(products)],
    )


def prepare(env):
    """Do what the jobs of the night do before: days, measures and scores of all customers."""
    env['scp.value.fact.refresh'].sudo()._refresh()
    env['scp.customer'].sudo()._cron_refresh()
    run = env['scp.value.run'].sudo()._score(env.company)
    if run.state != 'done':
        raise RuntimeError(f"the scoring {run.state}: {run.error}")
    env.cr.commit()
    env.cr.execute("ANALYZE")


def find_affinities(env):
    """:return: dict of ``seconds``, ``orders``, ``suggestions``"""
    start = time.perf_counter()
    run = env['scp.affinity.run'].sudo().create({'company_id': env.company.id})
    run._execute()
    env.cr.commit()
    if run.state != 'done':
        raise RuntimeError(f"looking for suggestions {run.state}: {run.error}")
    return {'seconds': time.perf_counter() - start, 'orders': run.basket_count, 'suggestions': run.suggestion_count}


def refresh(env):
    """:return: dict of ``seconds``, ``written``"""
    start = time.perf_counter()
    written = env['scp.sevenp'].sudo()._refresh(env.company)
    env.cr.commit()
    return {'seconds': time.perf_counter() - start, 'written': written}
