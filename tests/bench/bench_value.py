"""Scoring every customer of the volume data by value."""
import resource
import time
from statistics import median

from suite.ui import step
from tests.bench import jobs
from tests.bench.figures import count, info, rate
from tests.bench.places import Worker

CUSTOMERS_PER_SECOND = 10_000
QUERIES = 200
RUNS = 3


def value(bench):
    """Scoring all customers by value: customers per second, queries, nothing written on partners."""
    name = bench.volume_with_suite()
    with Worker(bench.workplace, name) as worker:
        with step("Filling the customer hub"):
            worker.call(jobs.run_job, job='crm_scp_core.ir_cron_scp_customer_refresh')
        before = _partners_written(bench, name)
        with step(f"Scoring {RUNS} times"):
            runs = [worker.call(score) for _i in range(RUNS)]
        different = worker.call(count_different_scores)
    # the worker is gone: PostgreSQL has its last figures
    written = _partners_written(bench, name) - before
    seconds = median(run['seconds'] for run in runs)
    last = runs[-1]
    yield rate('customers scored', last['customers'] / seconds, CUSTOMERS_PER_SECOND, 'customers/s')
    yield info('a run', f"{seconds:.2f} s for {last['customers']:,} customers with {last['orders']:,} orders")
    yield info('of it processor time of Python', f"{median(run['processor'] for run in runs):.2f} s")
    yield count('queries of a run', last['queries'], QUERIES)
    yield count('rows written in res_partner', written, 0)
    yield count('scores that differ between two runs', different, 0)
    memory = f"{last['memory'] / 1e6:.0f} MB, {runs[0]['grown'] / 1e6:.0f} MB of it by the first run"
    yield info('memory of the process', memory)


def _partners_written(bench, name):
    (written,), = bench.rows(
        name, "SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname = 'res_partner'",
    )
    return written


# ---- in the worker ----

def score(env):
    """Score the customers of the company once.

    :return: dict of ``seconds``, ``processor`` (seconds of Python), ``queries``, ``customers``, ``orders``,
        ``memory`` and ``grown`` (bytes)
    """
    memory = _memory()
    queries = env.cr.sql_log_count
    start, processor = time.perf_counter(), time.process_time()
    run = env['scp.value.run'].sudo()._score(env.company)
    env.cr.flush()
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    if run.state != 'done':
        raise RuntimeError(f"the scoring {run.state}: {run.error}")
    return {
        'seconds': seconds,
        'processor': processor,
        'queries': env.cr.sql_log_count - queries,
        'customers': run.customer_count,
        'orders': run.order_count,
        'memory': _memory(),
        'grown': _memory() - memory,
    }


def count_different_scores(env):
    """Customers that the last two runs, of the same data, scored differently."""
    last, before = env['scp.value.run'].sudo().search([('state', '=', 'done')], order='id desc', limit=2)
    env.cr.execute("""
        SELECT count(*)
          FROM (SELECT * FROM scp_value_score WHERE run_id = %s) last
          FULL JOIN (SELECT * FROM scp_value_score WHERE run_id = %s) before USING (customer_id)
         WHERE (last.grade_id, last.value_score, last.reasons::text)
               IS DISTINCT FROM (before.grade_id, before.value_score, before.reasons::text)
    """, [last.id, before.id])
    return env.cr.fetchone()[0]


def _memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
