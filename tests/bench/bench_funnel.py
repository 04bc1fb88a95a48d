"""The reports of the sales funnel against the bare aggregates over the same rows."""
import ast
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from lxml import etree

from suite.ui import step
from tests.bench import bench_operations
from tests.bench.figures import PAIRS_MIN, count, info, seconds, slower
from tests.bench.places import Worker

FUNNEL_SQL = Path(__file__).with_name('funnel.sql')
LEADS = {'small': 40_000, 'full': 200_000}

RATIO = 3
SECONDS = 2
#: looking at twelve past months from four moments each, shown after the forecast
PAST_SECONDS = 5
PIPELINE_SLOWER = 0.1
PIPELINE_LEADS = 50
ROUNDS = 7

#: what the widget of the age reads beside its own field
AGE_FIELDS = ('scp_age_days', 'scp_age_reason')

#: models of the reports that are not of the funnel itself
MODELS = {
    'get_gap': 'scp.gap',
    **dict.fromkeys(('get_forecast', 'get_accuracy', 'get_calibration'), 'scp.forecast'),
}

#: the least a database has to do for such a report: no rights, no filters, no quantiles
BARE = {
    'funnel': """
        SELECT band_to, count(DISTINCT lead_ref), sum(amount_to)
          FROM scp_lead_log
         WHERE type_to = 'opportunity'
         GROUP BY band_to""",
    'waterfall': """
        SELECT sum(amount_to) FILTER (WHERE side = 0), sum(amount_to) FILTER (WHERE side = 1)
          FROM (SELECT * FROM (SELECT DISTINCT ON (lead_ref) lead_ref, amount_to, active_to, won_status_to, 0 AS side
                                 FROM scp_lead_log WHERE date < %(date_from)s
                                ORDER BY lead_ref DESC, date DESC, id DESC) s
                 UNION ALL
                SELECT * FROM (SELECT DISTINCT ON (lead_ref) lead_ref, amount_to, active_to, won_status_to, 1 AS side
                                 FROM scp_lead_log
                                ORDER BY lead_ref DESC, date DESC, id DESC) e) states
         WHERE active_to AND won_status_to = 'pending'""",
    'gap': """
        SELECT lead.team_id, lead.won_status, count(*), sum(lead.expected_revenue), min(top), min(upper), min(middle),
               min(lower), max(closed)
          FROM (SELECT lead_ref,
                       min(date) FILTER (WHERE band_to = 'top') AS top,
                       min(date) FILTER (WHERE band_to = 'upper') AS upper,
                       min(date) FILTER (WHERE band_to = 'middle') AS middle,
                       min(date) FILTER (WHERE band_to = 'lower') AS lower,
                       max(date) FILTER (WHERE won_status_to != 'pending') AS closed
                  FROM scp_lead_log
                 WHERE type_to = 'opportunity'
                 GROUP BY lead_ref) passage
          JOIN crm_lead lead ON lead.id = passage.lead_ref
         GROUP BY lead.team_id, lead.won_status""",
}


def funnel(bench):
    """Funnel, waterfall and gap radar over a million moves, against the bare aggregate; deals against plain crm."""
    yield from bench_operations.compare(bench, ('lead_create', 'lead_stage', 'lead_won'))
    name = bench.suite()
    leads = LEADS[bench.size]
    with step(f"{leads:,} deals with {5 * leads:,} moves"), closing(bench.workplace.server.connect(name)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(FUNNEL_SQL.read_text(), {'leads': leads})
        connection.commit()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE crm_lead, scp_lead_log")
    (rows,), = bench.rows(name, "SELECT count(*) FROM scp_lead_log")
    yield info('rows of the log', f"{rows:,} of {leads:,} deals")
    with Worker(bench.workplace, name) as worker:
        worker.call(set_targets)
        for report, method in (('funnel', 'get_conversion'), ('waterfall', 'get_waterfall'), ('gap', 'get_gap')):
            pairs = worker.call(compare, report=report, method=method)
            yield slower(f'{report} against the bare aggregate', pairs, RATIO - 1)
            yield seconds(report, median(seconds for _bare, seconds in pairs), SECONDS)
        for method in ('get_pipeline', 'get_outcome', 'get_slippage', 'get_forecast'):
            yield seconds(method, median(worker.call(measure, method=method)), SECONDS)
        for method in ('get_accuracy', 'get_calibration'):
            yield seconds(method, median(worker.call(measure, method=method)), PAST_SECONDS)
        yield seconds('opening Time in Stages', median(worker.call(open_visits)), SECONDS)
        yield count('waterfall, cents amiss', worker.call(get_difference), 0)
        yield slower('pipeline with 50 deals against plain crm', worker.call(compare_pipeline), PIPELINE_SLOWER)


# ---- in the worker ----

def set_targets(env):
    """Give the company something to be measured against, this year and next."""
    env['scp.target'].create([
        {'period': 'year', 'date_from': f'{date.today().year + year}-01-01', 'amount': 1e9} for year in (0, 1)
    ])


def compare(env, report, method):
    """Take turns at the bare aggregate and the report.

    :return: list of pairs of seconds (bare, report)
    """
    pairs = []
    for _round in range(PAIRS_MIN + 1):
        start = time.perf_counter()
        env.cr.execute(BARE[report], {'date_from': get_filters()['date_from']})
        env.cr.fetchall()
        bare = time.perf_counter() - start
        pairs.append((bare, run(env, method)))
    return pairs[1:]  # the first one fills the caches


def measure(env, method):
    return [run(env, method) for _round in range(ROUNDS)]


def run(env, method):
    filters = get_filters() if method in ('get_waterfall', 'get_slippage') else {}
    start = time.perf_counter()
    getattr(env[MODELS.get(method, 'scp.funnel')], method)(filters)
    return time.perf_counter() - start


def open_visits(env):
    """Read what the pivot of the stays in stages reads when it opens, with its own filters."""
    Visit = env['scp.lead.visit.report']
    search = etree.fromstring(Visit.get_view(
        env.ref('crm_scp_core.scp_lead_visit_report_view_search').id, 'search')['arch'])
    defaults = ast.literal_eval(env.ref('crm_scp_core.scp_lead_visit_report_action').context)
    domain = [
        part for name in defaults
        for part in ast.literal_eval(
            search.find(f".//filter[@name='{name.removeprefix('search_default_')}']").get('domain'))
    ]
    times = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        Visit.formatted_read_grouping_sets(
            domain, [[], ['stage_id'], ['won_status'], ['stage_id', 'won_status']],
            ['__count', 'stay_days:avg', 'stay_business_hours:avg'])
        times.append(time.perf_counter() - start)
    return times


def compare_pipeline(env):
    """Read what the web client reads to open the pipeline, without and with what the suite adds to it.

    :return: list of pairs of seconds (plain crm, suite)
    """
    Lead = env['crm.lead']
    arch = etree.fromstring(Lead.get_view(env.ref('crm.crm_case_kanban_view_leads').id, 'kanban')['arch'])
    names = {node.get('name') for node in arch.iter('field')} & Lead._fields.keys()
    names |= {name for node in arch.iter('field') for name in AGE_FIELDS if node.get('widget') == 'scp_lead_age'}
    stages = env['crm.stage'].search_count([('is_won', '=', False)])

    def read(names):
        env.invalidate_all()
        start = time.perf_counter()
        Lead.web_read_group(
            [('type', '=', 'opportunity'), ('won_status', '=', 'pending')], ['stage_id'],
            ['__count', 'expected_revenue:sum'], auto_unfold=True,
            unfold_read_specification={
                name: {'fields': {'display_name': {}}} if Lead._fields[name].relational else {}
                for name in sorted(names)
            },
            unfold_read_default_limit=PIPELINE_LEADS // stages,
        )
        return time.perf_counter() - start

    plain = {name for name in names if not name.startswith('scp_')}
    return [(read(plain), read(names)) for _round in range(PAIRS_MIN + 1)][1:]


def get_difference(env):
    """Cents by which the parts of the waterfall miss its end."""
    waterfall = env['scp.funnel'].get_waterfall(get_filters())
    total = waterfall['start']['value'] + sum(part['value'] for part in waterfall['parts'])
    return abs(round(100 * (total - waterfall['end']['value'])))


def get_filters():
    return {'date_from': str(date.today() - timedelta(days=90))}
