"""Screens of customers: opening one with all tabs, the list of all by value, pivots; beside Odoo's own."""
import gc
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from lxml import etree

from suite.system import require_browser
from suite.ui import step
from tests.bench.figures import extra_queries, info, seconds, slower
from tests.bench.places import Server, Worker

CUSTOMER = 'Screens Ltd'
MANAGER = 'screens_manager'
#: From a list that shows him, as a user comes to it, until the form is drawn; milliseconds.
OPEN = """async (id) => {
    const { action } = odoo.loader.modules.get("@odoo/owl").Component.env.services;
    const open = (type, resId) => action.doAction({
        type: "ir.actions.act_window", res_model: "res.partner", res_id: resId, views: [[false, type]],
        domain: [["id", "=", id]],
    }, { clearBreadcrumbs: true });
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    await open("list");
    while (!document.querySelector(".o_list_view .o_data_row")) {
        await drawn();
    }
    const start = performance.now();
    await open("form", id);
    await drawn();
    return performance.now() - start;
}"""
ORDERS = 12
EXTRA_QUERIES, EXTRA_TIME = 12, 0.15
#: Odoo's own, which bring fields to the form; our demo data switches them on
FEATURES = ('product.group_product_pricelist', 'base.group_multi_currency')
LIST_TIME = 0.2
#: the first page compiles the assets; milliseconds
BROWSER_TIMEOUT = 180_000
PAGE = 80
PIVOT_SECONDS = 0.25
PIVOTS = (
    'crm_scp_analytics.scp_sevenp_action', 'crm_scp_analytics.scp_value_score_action',
    'crm_scp_analytics.scp_value_fact_action', 'crm_scp_analytics.scp_value_profit_report_action',
)


def screens(bench, name):
    """What a manager waits for.

    :param name: database with the volume, scored
    """
    names = (bench.plain(), name)
    with Worker(bench.workplace, names[0]) as plain, Worker(bench.workplace, names[1]) as suite:
        with ThreadPoolExecutor(2) as pool:
            customers = list(pool.map(lambda worker: worker.call(prepare_customer), (plain, suite)))
        suite.call(score_customer)
        for database in names:
            _vacuum(bench, database)
        with step(f"A customer opened {bench.pairs} times, the list of all as often"):
            queries = [worker.call(open_customer)['queries'] for worker in (plain, suite)]
            opened, listed = [], []
            for turn in range(bench.pairs):
                sides = (plain, suite) if turn % 2 else (suite, plain)
                spent = {worker: worker.call(open_customer)['seconds'] for worker in sides}
                opened.append((spent[plain], spent[suite]))
                kinds = ('partner', 'customer') if turn % 2 else ('customer', 'partner')
                spent = {kind: suite.call(list_customers, kind=kind) for kind in kinds}
                listed.append((spent['partner'], spent['customer']))
        with step("The same in a browser"), _pages(bench, names) as pages:
            drawn = []
            for turn in range(3 * bench.pairs + 3):  # the first ones warm up; a browser's times scatter more
                sides = (0, 1) if turn % 2 else (1, 0)
                # the faster of two: what else a browser does while it opens a form only ever adds
                spent = {
                    side: min(pages[side].evaluate(OPEN, customers[side]) for _i in range(2)) / 1000 for side in sides}
                drawn.append((spent[0], spent[1]))
        with step("Pivots"):
            pivots = {action: suite.call(open_pivot, action=action) for action in PIVOTS}
    yield extra_queries('opening a customer with all tabs, queries', *queries, EXTRA_QUERIES)
    yield slower('opening a customer with all tabs, until it is drawn', drawn[3:], EXTRA_TIME)
    yield info('of it reading on the server', slower('', opened, EXTRA_TIME).value)
    yield slower("list of customers by value against Odoo's by name", listed, LIST_TIME)
    for action, spent in pivots.items():
        yield seconds(f"pivot of {action.partition('.')[2].removesuffix('_action')}", spent, PIVOT_SECONDS)


def _vacuum(bench, name):
    """Clean up as PostgreSQL does by itself within minutes after a night that wrote the row of each customer."""
    with closing(bench.workplace.server.connect(name)) as connection:
        connection.autocommit = True  # VACUUM refuses to run in a transaction
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


@contextmanager
def _pages(bench, names):
    """The web client of the manager on each database."""
    from playwright.sync_api import sync_playwright

    with Server(bench.workplace, names[0], workers=0) as one, Server(bench.workplace, names[1], workers=0) as other, \
            sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require_browser(), args=['--no-sandbox'])
        pages = []
        for server in (one, other):
            page = browser.new_context(viewport={'width': 1440, 'height': 900}).new_page()
            page.set_default_timeout(BROWSER_TIMEOUT)
            page.goto(f'{server.url}/web/login')
            page.fill('input[name=login]', MANAGER)
            page.fill('input[name=password]', MANAGER)
            page.click('button[type=submit]')
            page.wait_for_selector('.o_web_client')
            page.wait_for_function('() => odoo.isReady')
            pages.append(page)
        yield pages
        browser.close()


# ---- in the worker ----

def prepare_customer(env):
    """A customer with orders, and a manager who looks at him; the same in both databases.

    :return: id of the customer
    """
    for feature in FEATURES:
        env.ref('base.group_user')._apply_group(env.ref(feature))
    env['res.users'].with_context(no_reset_password=True).create({
        'name': "Screens Manager", 'login': MANAGER, 'password': MANAGER,
        'group_ids': [(4, env.ref(group).id) for group in (
            'sales_team.group_sale_manager', 'crm_scp_core.group_scp_manager',
        ) if env.ref(group, raise_if_not_found=False)],
    })
    customer = env['res.partner'].create({'name': CUSTOMER, 'is_company': True, 'email': 'screens@bench.example.com'})
    product = env['product.product'].create({'name': "Screens Goods", 'list_price': 10})
    orders = env['sale.order'].create([
        {'partner_id': customer.id, 'order_line': [(0, 0, {'product_id': product.id, 'product_uom_qty': number + 1})]}
        for number in range(ORDERS)
    ])
    orders.action_confirm()
    env['crm.lead'].create({'name': "Screens Deal", 'type': 'opportunity', 'partner_id': customer.id})
    return customer.id


def score_customer(env):
    """Have him scored with all others, so that no tab is empty."""
    env['scp.customer'].sudo()._cron_refresh()
    run = env['scp.value.run'].sudo()._score(env.company)
    if run.state != 'done':
        raise RuntimeError(f"the scoring {run.state}: {run.error}")
    env['scp.sevenp'].sudo()._refresh(env.company)


def open_customer(env):
    """Read what the form of a customer shows.

    :return: dict of ``seconds``, ``queries``
    """
    from odoo.tests import Form  # only importable in a worker, unlike this module

    customer = env['res.partner'].with_user(_manager(env)).search([('name', '=', CUSTOMER)])
    specification = object.__getattribute__(Form(customer), '_view')['fields_spec']
    return _timed(env, lambda: customer.with_env(customer.env).web_read(specification))


def list_customers(env, kind):
    """Read the first page of the customers by value, or of Odoo's partners by name.

    :return: seconds
    """
    model, order = {
        'customer': ('scp.customer', None), 'partner': ('res.partner', 'complete_name'),
    }[kind]
    records = env[model].with_user(_manager(env))
    arch = etree.fromstring(records.get_view(view_type='list')['arch'])
    specification = {
        node.get('name'): {'fields': {'display_name': {}}} if records._fields[node.get('name')].relational else {}
        for node in arch.xpath('//field')
    }
    return _timed(env, lambda: records.web_search_read(
        [], specification, limit=PAGE, order=order, count_limit=10_001))['seconds']


def open_pivot(env, action):
    """Read what a pivot shows as its menu opens it.

    :return: seconds, the least of five times
    """
    from odoo.tools.safe_eval import safe_eval  # as above

    action = env.ref(action)
    records = env[action.res_model].with_user(_manager(env))
    defaults = {name.removeprefix('search_default_') for name in safe_eval(action.context)}
    domain = [
        condition
        for node in etree.fromstring(records.get_view(view_type='search')['arch']).xpath('//filter[@domain]')
        if node.get('name') in defaults
        for condition in safe_eval(node.get('domain'), {'uid': records.env.uid})
    ]
    arch = etree.fromstring(records.get_view(view_type='pivot')['arch'])
    rows, columns = (
        [':'.join(filter(None, (node.get('name'), node.get('interval'))))
         for node in arch.xpath(f"//field[@type='{kind}']")]
        for kind in ('row', 'col')
    )
    grouping_sets = [[], rows, *([columns, rows + columns] if columns else [])]
    measures = ['__count'] + [
        f"{name}:{records._fields[name].aggregator or 'sum'}"
        for name in arch.xpath("//field[@type='measure']/@name")
    ]
    return min(
        _timed(env, lambda: records.formatted_read_grouping_sets(domain, grouping_sets, measures))['seconds']
        for _turn in range(5)
    )


def _manager(env):
    return env['res.users'].search([('login', '=', MANAGER)])


def _timed(env, call):
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    gc.disable()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    call()
    spent = {'seconds': time.perf_counter() - start, 'queries': env.cr.sql_log_count - queries}
    gc.enable()
    return spent
