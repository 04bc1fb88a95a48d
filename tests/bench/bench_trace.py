"""Traces through many lots: forward with quantities, backward to suppliers, beside Odoo's own; a withdrawal."""
from contextlib import closing
from pathlib import Path

from suite.ui import step
from tests.bench import trace_job
from tests.bench.figures import count, info, seconds
from tests.bench.places import Worker

TRACE_SQL = Path(__file__).with_name('trace.sql')
#: ten move lines a lot
LOTS = {'small': 5_000, 'full': 100_000}
PARTNERS = {'suppliers': 200, 'customers': 2_000}
TABLES = (
    'res_partner, stock_lot, stock_move, stock_move_line, stock_move_line_consume_rel, stock_picking, sale_order, '
    'sale_order_line, purchase_order, purchase_order_line'
)
ROUNDS = {'small': 40, 'full': 100}
ODOO_ROUNDS = 3
FORWARD_SECONDS = 1
BACKWARD_SECONDS = 0.2
#: bought lots that reach all customers
RECALLED_LOTS = 100
RECALL_SECONDS = 60
RECALL_STATEMENTS = 3
WITHDRAWAL_SECONDS = 1
#: whether others have told of goods, and the trace
STATEMENTS = 2


def trace(bench):
    """Traces of random lots through six levels, with quantities, each way; a recall of all customers."""
    name = bench.suite()
    lots = LOTS[bench.size]
    with step(f"{lots:,} lots"), closing(bench.workplace.server.connect(name)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(TRACE_SQL.read_text(), {'lots': lots, **PARTNERS})
        connection.commit()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {TABLES}")
    (lines, links), = bench.rows(
        name, "SELECT (SELECT count(*) FROM stock_move_line), (SELECT count(*) FROM stock_move_line_consume_rel)")
    yield info('volume', f"{lots:,} lots, {lines:,} move lines, {links:,} links")
    with Worker(bench.workplace, name) as worker:
        forward = worker.call(trace_job.run, direction='forward', level=0, rounds=ROUNDS[bench.size])
        backward = worker.call(trace_job.run, direction='backward', level=5, rounds=ROUNDS[bench.size])
        odoo = worker.call(trace_job.run_odoo, rounds=ODOO_ROUNDS)
        recall = worker.call(trace_job.recall, lots=RECALLED_LOTS)
        withdrawal = worker.call(trace_job.run_withdrawal, rounds=ROUNDS[bench.size])
    yield info('forward, rows a lot', f"{forward['rows']:,.0f} of customers")
    yield seconds('forward with quantities, p95', forward['p95'], FORWARD_SECONDS)
    yield count('statements a trace', forward['statements'], STATEMENTS)
    yield info("Odoo's own deliveries of a lot", f"{odoo['seconds']:.2f} s, without quantities")
    yield count('customers that only Odoo finds', odoo['missing'], 0)
    yield info('backward, rows a lot', f"{backward['rows']:,.0f} of suppliers")
    yield seconds('backward to suppliers and orders, p95', backward['p95'], BACKWARD_SECONDS)
    yield info('recall', f"{recall['customers']:,} customers, {recall['lines']:,} lines")
    yield info('recall, from click to the list', f"{recall['start']:.1f} s")
    yield count('customers without a notice', PARTNERS['customers'] - recall['mails'], 0)
    yield seconds('recall, from click to notices queued', recall['start'] + recall['notices'], RECALL_SECONDS)
    yield count('recall, statements a customer', round(recall['statements'], 1), RECALL_STATEMENTS)
    rests = f"{withdrawal['lots']:,.0f} lots, {withdrawal['customers']:,.0f} customers"
    yield info('on a certificate of the second tier rest', rests)
    yield seconds('withdrawal of a certificate of the second tier, p95', withdrawal['p95'], WITHDRAWAL_SECONDS)
    yield count('statements a withdrawal', withdrawal['statements'], STATEMENTS)
