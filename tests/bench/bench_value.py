"""The nightly run over a million orders, against the bare aggregates over what it reads."""
import resource
import time
from contextlib import closing
from pathlib import Path
from statistics import median

import psutil

from suite.ui import step
from tests.bench import jobs
from tests.bench.bench_install import LockWatch
from tests.bench.figures import count, info, rate, seconds, share_of
from tests.bench.places import Worker

#: the models that a run may score with, against another implementation
BESIDE = ('engine',)

VALUE_SQL = Path(__file__).with_name('value.sql')
VOLUMES = {
    'small': {'customers': 10_000, 'orders': 50_000, 'lines': 10},
    'full': {'customers': 200_000, 'orders': 1_000_000, 'lines': 10},
}

#: times the sum of the bare aggregates: the first night, and one after a hundredth of the orders changed
FIRST_NIGHT, NEXT_NIGHT = 1.0, 0.5
MEMORY = 200
CHOICE_SECONDS = 120
LOCK_SECONDS = 1
CUSTOMERS_PER_SECOND = 10_000
QUERIES = 400
RUNS = 3

#: the least a database has to do to tell a figure of each customer, for every table of documents that is read
BARE = {
    'sale_order': "SELECT partner_id, sum(amount_untaxed) FROM sale_order GROUP BY 1",
    'sale_order_line': "SELECT order_partner_id, sum(price_subtotal) FROM sale_order_line GROUP BY 1",
    'account_move': "SELECT partner_id, sum(amount_untaxed_signed) FROM account_move GROUP BY 1",
    'account_move_line': "SELECT partner_id, sum(balance) FROM account_move_line GROUP BY 1",
}


def value(bench):
    """The nightly run, facts and scores of all customers: against the bare aggregates, memory, locks, queries."""
    name = bench.suite()
    volume = VOLUMES[bench.size]
    with step(f"{volume['customers']:,} customers with {volume['orders']:,} orders of {volume['lines']} lines"):
        _generate(bench, name, volume)
    with Worker(bench.workplace, name) as worker:
        worker.call(add_customers)
        with step("A night of preparation"):
            worker.call(run_night)
        with step("Choosing the models"):
            choosing = worker.call(choose_models)
        worker.call(reset_facts)
    before = _partners_written(bench, name)
    with Worker(bench.workplace, name) as worker:
        with step("Bare aggregates"):
            bare = worker.call(measure_bare)
        with step("First night"), NightWatch(bench.workplace, name, []) as watch:
            first = worker.call(run_night)
        with step("Changing a hundredth of the orders, next night"):
            worker.call(change_orders)
            with NightWatch(bench.workplace, name, []) as next_watch:
                second = worker.call(run_night)
        with step("Bare aggregates once more"):
            again = worker.call(measure_bare)
        with step(f"Scoring {RUNS} times"):
            runs = [worker.call(score) for _i in range(RUNS)]
        different = worker.call(count_different_scores)
    # the worker is gone: PostgreSQL has its last figures
    written = _partners_written(bench, name) - before
    bare = {table: median(bare[table] + again[table]) for table in bare}
    total = sum(bare.values())
    yield info('bare aggregates', ", ".join(f"{table} {spent:.2f} s" for table, spent in bare.items()))
    yield share_of('first night against their sum', total, first['seconds'], FIRST_NIGHT)
    yield share_of('night after 1 % of the orders changed', total, second['seconds'], NEXT_NIGHT)
    for night, title in ((first, 'first night'), (second, 'next night')):
        yield info(
            f'{title}: facts',
            f"{night['facts']:.2f} s, {night['summed']:,} customers, {night['days']:,} days changed",
        )
    yield seconds('choosing the models anew', choosing, CHOICE_SECONDS)
    yield count('memory grown by the nights (MB)', round(max(first['grown'], second['grown']) / 1e6), MEMORY)
    worst = max(watch, next_watch, key=lambda seen: seen.longest(NightWatch.MODES))
    yield seconds(
        'longest lock on a row of others', worst.longest(NightWatch.MODES), LOCK_SECONDS,
        details=worst.table(NightWatch.MODES),
    )
    spent = median(run['seconds'] for run in runs)
    last = runs[-1]
    yield rate('customers scored', last['customers'] / spent, CUSTOMERS_PER_SECOND, 'customers/s')
    yield info('a run by hand', f"{spent:.2f} s for {last['customers']:,} customers with {last['orders']:,} orders")
    yield info('of it processor time of Python', f"{median(run['processor'] for run in runs):.2f} s")
    yield count('queries of a run', last['queries'], QUERIES)
    yield count('rows written in res_partner', written, 0)
    yield count('scores that differ between two runs', different, 0)


def _generate(bench, name, volume):
    with closing(bench.workplace.server.connect(name)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(VALUE_SQL.read_text(), volume)
        connection.commit()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _partners_written(bench, name):
    (written,), = bench.rows(
        name, "SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname = 'res_partner'",
    )
    return written


class NightWatch(LockWatch):
    """Looks how long a transaction holds rows of tables that users write too: from its first write to its end.

    The tables of scores and facts are written by the nightly run alone and read without waiting. Odoo's own tables
    of jobs (``ir_*``) are locked by its scheduler for as long as a job takes, and with them, though no row is locked,
    those that link to them: it begins with deleting the triggers of the job (`calendar_recurrence` has such a link).
    """

    MODES = {'RowExclusiveLock', 'AccessExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock'}

    _MODES = sorted(MODES)
    _QUERY = """
        SELECT lock.virtualtransaction, class.relname, lock.mode
          FROM pg_locks lock
          JOIN pg_class class ON class.oid = lock.relation
         WHERE lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND lock.granted
           AND class.relkind IN ('r', 'p')
           AND class.relnamespace = 'public'::regnamespace
           AND lock.mode = ANY(%s)
           AND NOT starts_with(class.relname, 'scp_value_')
           AND NOT starts_with(class.relname, 'ir_')
           AND class.oid NOT IN (SELECT conrelid FROM pg_constraint WHERE confrelid = 'ir_cron_trigger'::regclass)
           AND class.relname != ALL(%s)
    """


# ---- in the worker ----

def add_customers(env):
    """Fill the customer hub, as its own job has long since done where there are so many orders."""
    from odoo.tools import SQL  # only importable in a worker, unlike this module

    env['scp.customer.refresh'].sudo()._add_customers(lambda column: SQL("TRUE"))
    env.cr.execute("ANALYZE scp_customer")


def measure_bare(env):
    """:return: {table: [seconds, ...]} of the bare aggregates, each computed three times"""
    spent = {table: [] for table in BARE}
    for _i in range(RUNS):
        for table, query in BARE.items():
            start = time.perf_counter()
            env.cr.execute(query)  # the rows come over, but are not looked at
            spent[table].append(time.perf_counter() - start)
    return spent


def run_night(env):
    """Run the scheduled jobs of the scoring as on a new day; they bring the facts up to date first.

    :return: dict of ``seconds``, ``facts`` (seconds of them), ``summed`` (customers), ``days`` (rows written) and
        ``grown`` (bytes)
    """
    env.cr.execute("UPDATE scp_value_run SET date_to = date_to - 1, date_from = date_from - 1")
    env.cr.commit()
    memory = psutil.Process().memory_info().rss
    spent = sum(
        jobs.run_job(env, f'crm_scp_analytics.{job}')['seconds']
        for job in ('ir_cron_scp_value_score', 'ir_cron_scp_value_run')
    )
    env.invalidate_all()
    run = env['scp.value.run'].sudo().search([], limit=1)
    if run.state != 'done' or not run.customer_count:
        raise RuntimeError(f"the scoring {run.state}: {run.error}")
    refresh = env['scp.value.fact.refresh'].sudo().search([], limit=1)
    return {
        'seconds': spent,
        'facts': refresh.duration,
        'summed': refresh.customer_count,
        'days': refresh.row_count,
        'grown': _peak() - memory,
    }


def choose_models(env):
    """:return: seconds of the back-test of all candidates, on one core"""
    from odoo.addons.crm_scp_analytics.engine import optimise  # as in add_customers

    run = env['scp.value.run'].sudo().search([], limit=1)
    bought = run._fetch_history()
    start = time.perf_counter()
    with optimise.one_thread():
        env['scp.value.choice'].sudo()._choose(run.company_id, run.date_to, bought)
    return time.perf_counter() - start


def reset_facts(env):
    """Have the next night sum up everything from nothing."""
    env.cr.execute("TRUNCATE scp_value_fact, scp_value_month, scp_value_fact_due, scp_value_fact_refresh")


def change_orders(env):
    """Sell one piece more of the first line of a hundredth of the orders."""
    env.cr.execute("""
        UPDATE sale_order_line line
           SET product_uom_qty = product_uom_qty + 1, price_subtotal = price_subtotal + price_unit,
               margin = margin + price_unit - purchase_price
         WHERE line.sequence = 10 AND mod(line.order_id, 100) = 7
    """)
    env.cr.execute("""
        UPDATE sale_order so
           SET amount_untaxed = amount_untaxed + line.price_unit, amount_total = amount_total + line.price_unit,
               margin = so.margin + line.price_unit - line.purchase_price, write_date = now() AT TIME ZONE 'UTC'
          FROM sale_order_line line
         WHERE line.order_id = so.id AND line.sequence = 10 AND mod(so.id, 100) = 7
    """)


def score(env):
    """Score the customers of the company once.

    :return: dict of ``seconds``, ``processor`` (seconds of Python), ``queries``, ``customers``, ``orders``
    """
    queries = env.cr.sql_log_count
    start, processor = time.perf_counter(), time.process_time()
    run = env['scp.value.run'].sudo()._score(env.company)
    env.cr.flush()
    spent, processor = time.perf_counter() - start, time.process_time() - processor
    if run.state != 'done':
        raise RuntimeError(f"the scoring {run.state}: {run.error}")
    return {
        'seconds': spent,
        'processor': processor,
        'queries': env.cr.sql_log_count - queries,
        'customers': run.customer_count,
        'orders': run.order_count,
    }


def count_different_scores(env):
    """Customers that the last two runs, of the same data, scored differently."""
    last, before = env['scp.value.run'].sudo().search([('state', '=', 'done')], order='id desc', limit=2)
    env.cr.execute("""
        SELECT count(*)
          FROM (SELECT * FROM scp_value_score WHERE run_id = %s) last
          FULL JOIN (SELECT * FROM scp_value_score WHERE run_id = %s) before USING (customer_id)
         WHERE to_jsonb(last) - '{id,run_id}'::text[] IS DISTINCT FROM to_jsonb(before) - '{id,run_id}'::text[]
    """, [last.id, before.id])
    return env.cr.fetchone()[0]


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
