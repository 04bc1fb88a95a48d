"""Complaints with clocks: the five-minute job, and opening the screens on a full database."""
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from lxml import etree

from suite.ui import step
from tests.bench import jobs
from tests.bench.figures import Figure, at_most, count, info, margin_at_most, seconds
from tests.bench.places import Worker

SQL = Path(__file__).with_name('complaints.sql')
#: complaints; a tenth of them is there at first
VOLUMES = {'small': 10_000, 'full': 100_000}
OPEN = 500
DUE = 1_000
RUNS = 5
JOB = 'crm_scp_core.ir_cron_scp_sla_clock'
JOB_SECONDS = 10
JOB_GROWTH = 1.25
SCREEN_SECONDS = 1.5
MAIL_QUERIES = 60
#: rows left behind by runs before are read now and then
READ_GROWTH = 1.05
#: what the job may read; what it reads of them must not grow with what has ended
TABLES = ('scp_complaint', 'scp_sla_clock', 'scp_sla_event')

MAIL = """From: Anna Amboss <anna{number}@amboss.example.com>
To: complaints@volume.example.com
Subject: Valve leaks
Message-ID: <{number}@amboss.example.com>

At the flange.
"""


def complaints(bench):
    """The job with 1,000 due clocks, by how many have ended; opening list and board."""
    name = bench.suite()
    last = VOLUMES[bench.size]
    tenth = last // 10
    with step(f"{tenth:,} complaints"):
        fill(bench, name, first=1, last=tenth)
    few = _run_job(bench, name)
    with step(f"{last - tenth:,} closed ones more"):
        fill(bench, name, first=tenth + 1, last=last)
    many = _run_job(bench, name)
    (clocks, events), = bench.rows(
        name, "SELECT (SELECT count(*) FROM scp_sla_clock), (SELECT count(*) FROM scp_sla_event)")
    yield info('volume', f"{last:,} complaints, {clocks:,} clocks, {events:,} events")
    yield seconds(f'job with {DUE:,} due clocks', many['seconds'], JOB_SECONDS)
    growth = many['seconds'] / few['seconds']
    yield Figure(
        'job, with ten times the clocks that ended',
        f"{growth:.2f} x ({many['seconds']:.2f} against {few['seconds']:.2f} s)",
        f"at most {JOB_GROWTH} x", margin_at_most(growth, JOB_GROWTH),
    )
    yield count('job, queries more for it', many['queries'] - few['queries'], 0)
    read = many['rows'] / few['rows']
    yield Figure(
        'job, rows read with ten times the clocks', f"{read:.3f} x ({many['rows']:,} against {few['rows']:,})",
        f"at most {READ_GROWTH} x", at_most(read, READ_GROWTH),
    )
    yield info('job, queries', f"{many['queries']:g}")
    with Worker(bench.workplace, name) as worker, step("Opening the screens"):
        for title, arguments in (
            ('list of open complaints', {'view': 'list', 'is_open': True}),
            ('list of all complaints', {'view': 'list', 'is_open': False}),
            ('board of open complaints', {'view': 'kanban', 'is_open': True}),
        ):
            worker.call(open_screen, **arguments)
            yield seconds(title, median(worker.call(open_screen, **arguments) for _i in range(RUNS)), SCREEN_SECONDS)
        worker.call(open_dashboard)
        yield seconds('dashboard of a year', median(worker.call(open_dashboard) for _i in range(RUNS)), SCREEN_SECONDS)
        worker.call(open_mailbox)
        mails = [worker.call(receive_mail, number=number) for number in range(RUNS)][1:]  # the first fills the caches
        yield count('complaint by mail, queries', max(mail['queries'] for mail in mails), MAIL_QUERIES)
        yield info('complaint by mail', f"{1000 * median(mail['seconds'] for mail in mails):.0f} ms")


def fill(bench, name, first, last):
    """Add the complaints numbered `first` to `last`; those up to :data:`OPEN` are open."""
    with closing(bench.workplace.server.connect(name)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(SQL.read_text(), {'first': first, 'last': last, 'open': OPEN})
        connection.commit()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE scp_complaint, scp_sla_clock, scp_sla_event")


def _run_job(bench, name):
    """The least of several runs of the job, each with as many clocks due: other work only adds to it."""
    with Worker(bench.workplace, name) as worker, step(f"Running the job {RUNS} times"):
        runs = []
        for _i in range(RUNS + 1):
            worker.call(make_due, number=DUE)
            before = worker.call(count_rows_read)
            run = worker.call(jobs.run_job, job=JOB)
            runs.append({**run, 'rows': worker.call(count_rows_read) - before})
    # the first one fills the caches
    return {key: min(run[key] for run in runs[1:]) for key in ('seconds', 'queries', 'rows')}


# ---- in the worker ----

def make_due(env, number):
    """Let two steps of the ladder and the miss be due, of `number` clocks that run, day or night."""
    env.cr.execute("DELETE FROM mail_activity WHERE res_model = 'scp.complaint'")
    env.cr.execute("UPDATE scp_complaint SET severity = 's1' WHERE state != 'closed'")
    env.cr.execute("""
        UPDATE scp_sla_clock
           SET state = 'running', escalated_percent = 75, breached_at = NULL, consumed_h = target_h,
               next_event_at = now() AT TIME ZONE 'UTC' - interval '1 minute',
               deadline = now() AT TIME ZONE 'UTC' - interval '1 minute'
         WHERE id IN (SELECT id FROM scp_sla_clock WHERE ended_at IS NULL ORDER BY id LIMIT %s)
    """, [number])


def open_screen(env, view, is_open):
    """Read what the web client reads to open a view, as a manager would see it.

    :return: seconds
    """
    env.invalidate_all()
    Complaint = env['scp.complaint']
    arch = etree.fromstring(Complaint.get_view(view_type=view)['arch'])
    specification = {
        node.get('name'): {'fields': {'display_name': {}}} if Complaint._fields[node.get('name')].relational else {}
        for node in arch.iter('field') if node.get('name') in Complaint._fields
    }
    domain = [('state', 'in', Complaint._get_open_states())] if is_open else []
    start = time.perf_counter()
    if view == 'kanban':
        Complaint.web_read_group(
            domain, ['stage_id'], ['__count'], auto_unfold=True, unfold_read_specification=specification,
            unfold_read_default_limit=40,
        )
    else:
        Complaint.web_search_read(domain, specification, limit=80, count_limit=10_001)
    return time.perf_counter() - start


def open_dashboard(env):
    """Compute all key figures of the last twelve months.

    :return: seconds
    """
    env.invalidate_all()
    date_from = date.today() - timedelta(days=365)
    start = time.perf_counter()
    env['scp.complaint.kpi'].get_kpis({'date_from': str(date_from)})
    return time.perf_counter() - start


def count_rows_read(env):
    """Return how many rows of :data:`TABLES` have been read so far, as PostgreSQL counts them."""
    env.cr.execute("SELECT pg_stat_force_next_flush()")
    env.cr.commit()
    env.cr.execute("""
        SELECT SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0)) FROM pg_stat_user_tables WHERE relname IN %s
    """, [TABLES])
    [rows] = env.cr.fetchone()
    return int(rows)


def open_mailbox(env):
    """Give the first team an address."""
    domain = env['mail.alias.domain'].create({'name': 'volume.example.com'})
    team = env['scp.complaint.team'].search([], limit=1)
    team.company_id.alias_domain_id = domain
    team.write({'alias_name': 'complaints', 'alias_domain_id': domain.id})
    env.cr.commit()


def receive_mail(env, number):
    """Let a mail open a complaint, as the gateway does.

    :return: dict of ``seconds``, ``queries``
    """
    from odoo import sql_db  # only importable in a worker, unlike this module

    env.invalidate_all()
    queries, start = sql_db.sql_counter, time.perf_counter()
    complaint = env['mail.thread'].message_process(None, MAIL.format(number=number))
    env.flush_all()
    figures = {'seconds': time.perf_counter() - start, 'queries': sql_db.sql_counter - queries}
    if not env['scp.complaint'].browse(complaint).exists():
        raise AssertionError("the mail opened no complaint")
    env.cr.commit()
    return figures
