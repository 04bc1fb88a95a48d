"""Delivery facts: building all of them against the bare aggregate, and refreshing those that changed."""
import os
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from suite.ui import step
from tests.bench.figures import count, info, seconds, share_of
from tests.bench.places import Worker

SUPPLY_SQL = Path(__file__).with_name('supply.sql')
LINES = {'small': 50_000, 'full': 1_000_000}
CHANGED = 1_000
ROUNDS = 3
RATIO = 3
REFRESH_SECONDS = 2
SYNC_SECONDS = 5

#: the least a database has to do for such a table: both sums of each line, joined and kept under its key. It reads the
#: rows that facts are computed from, so reasons, transfers and the zones of partners too: PostgreSQL would read none of
#: which nobody asks for a column
BARE = """
    CREATE TABLE bench_supply_bare AS
    SELECT ledger.*, COALESCE(partner.tz, commercial.tz) AS tz, moved.done, moved.first, moved.returned,
           moved.first_done, moved.last_done, moved.is_open
      FROM (SELECT line_ref, min(date) AS ordered, max(partner_id) AS partner_id, max(product_id) AS product_id,
                   max(date_promised) FILTER (WHERE kind = 'requested') AS requested,
                   max(date_promised) FILTER (WHERE kind = 'baseline') AS baseline,
                   (array_agg(date_promised ORDER BY date DESC, promise.id DESC))[1] AS promised,
                   count(*) FILTER (WHERE kind = 'revision' AND reason.party IS DISTINCT FROM 'customer') AS revisions,
                   max(product_uom_qty) AS qty
              FROM scp_promise promise
         LEFT JOIN scp_promise_reason reason ON reason.id = promise.reason_id
             WHERE direction = 'out'
          GROUP BY line_ref) ledger
 LEFT JOIN res_partner partner ON partner.id = ledger.partner_id
 LEFT JOIN res_partner commercial ON commercial.id = partner.commercial_partner_id
 LEFT JOIN (SELECT move.sale_line_id, sum(move.quantity) FILTER (WHERE destination.usage = 'customer') AS done,
                   sum(move.quantity) FILTER (
                       WHERE destination.usage = 'customer' AND backorder.id IS NULL) AS first,
                   sum(move.quantity) FILTER (WHERE source.usage = 'customer') AS returned,
                   min(move.date) AS first_done, max(move.date) AS last_done,
                   bool_or(move.state NOT IN ('done', 'cancel')) AS is_open
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location destination ON destination.id = move.location_dest_id
         LEFT JOIN stock_picking backorder ON backorder.id = move.picking_id AND backorder.backorder_id IS NOT NULL
             WHERE move.sale_line_id IS NOT NULL
          GROUP BY move.sale_line_id) moved ON moved.sale_line_id = ledger.line_ref;
    ALTER TABLE bench_supply_bare ADD PRIMARY KEY (line_ref)"""


def delivery(bench):
    """Delivery facts of many lines: built from scratch, checked again, refreshed; the exceptions that follow."""
    name = bench.suite()
    lines = LINES[bench.size]
    with step(f"{lines:,} promised lines"), closing(bench.workplace.server.connect(name)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(SUPPLY_SQL.read_text(), {'lines': lines})
        connection.commit()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                "VACUUM ANALYZE scp_promise, stock_move, stock_picking, sale_order, sale_order_line, res_partner")
    (promises, moves), = bench.rows(
        name, "SELECT (SELECT count(*) FROM scp_promise), (SELECT count(*) FROM stock_move)")
    yield info('volume', f"{lines:,} lines, {promises:,} promises, {moves:,} moves")
    with Worker(bench.workplace, name) as worker:
        with step("Building"):
            first = worker.call(build_first)
            # by turns: a processor's speed changes within minutes
            spent = [(worker.call(build_bare), worker.call(rebuild)) for _i in range(ROUNDS)]
            bare, built = map(min, zip(*spent, strict=True))
        yield info('facts built the first time, processor', f"{first:.1f} s")
        yield share_of('facts rebuilt against the bare aggregate, processor', bare, built, RATIO)
        yield count('facts that differ from a rebuild', worker.call(get_drift), 0)
        with step(f"Refreshing {CHANGED:,} lines"):
            refreshed = median(worker.call(refresh, number=CHANGED) for _i in range(ROUNDS))
        yield seconds(f'{CHANGED:,} changed lines refreshed', refreshed, REFRESH_SECONDS)
        worker.call(find_exceptions)
        yield seconds('exceptions looked for again', worker.call(find_exceptions), SYNC_SECONDS)


# ---- in the worker ----

def build_bare(env):
    """:return: processor seconds of the bare aggregate, in one process as the facts are"""
    env.cr.execute("DROP TABLE IF EXISTS bench_supply_bare")
    env.cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    start = _get_processor_seconds(env)
    env.cr.execute(BARE)
    spent = _get_processor_seconds(env) - start
    env.cr.rollback()
    return spent


def _get_processor_seconds(env):
    """What the server process of this connection has used so far: it does not depend on what else runs beside."""
    env.cr.execute("SELECT pg_backend_pid()")
    [[pid]] = env.cr.fetchall()
    fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def _build(env):
    start = _get_processor_seconds(env)
    check = env['scp.delivery.refresh'].sudo()._begin_check()  # as the job does
    while not check.date_end:
        check._run_batch(100_000)
        env.cr.commit()
    return _get_processor_seconds(env) - start


def build_first(env):
    """:return: processor seconds to fill the empty table"""
    env.cr.execute("TRUNCATE scp_delivery_fact, scp_delivery_queue")
    return _build(env)


def rebuild(env):
    """:return: processor seconds to compute all facts again and compare them with what is there"""
    return _build(env)


def get_drift(env):
    """:return: facts that differed in the last check"""
    return env['scp.delivery.refresh'].sudo().search([], limit=1).changed_count


def refresh(env, number):
    """Move the transfers of so many lines by a day, and let the queue be worked off.

    :return: seconds
    """
    env.cr.execute("""
        WITH chosen AS (SELECT sale_line_id FROM stock_move WHERE state = 'done' AND sale_line_id IS NOT NULL
                         ORDER BY mod(id::bigint * 7919, 1000003) LIMIT %s),
             moved AS (UPDATE stock_move SET date = date + interval '1 day'
                        WHERE sale_line_id IN (SELECT sale_line_id FROM chosen) RETURNING sale_line_id)
        INSERT INTO scp_delivery_queue (direction, line_ref) SELECT DISTINCT 'out', sale_line_id FROM moved
    """, [number])
    env.cr.commit()
    start = time.perf_counter()
    while env['scp.delivery.refresh'].sudo()._work_queue(5_000):
        env.cr.commit()
    return time.perf_counter() - start


def find_exceptions(env):
    """:return: seconds"""
    start = time.perf_counter()
    env['scp.exception'].sudo()._sync()
    env.cr.commit()
    return time.perf_counter() - start
