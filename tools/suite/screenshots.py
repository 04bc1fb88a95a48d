"""``make screenshots``: each main screen as each role, on a desk and in the hand, from demo data.

What customer value is about also in Chinese, and on the purchase history of CDNOW.
"""
import socket
import subprocess
from contextlib import closing, contextmanager

from suite import database, serve, testing
from suite.paths import ADDONS, LOGS, REPO
from suite.screens import ALBUMS, CDNOW_CUSTOMER
from suite.system import require_browser
from suite.ui import Fail, say, step

FOLDER = REPO / 'docs' / 'screenshots'
SIZES = {'desktop': (1440, 900), 'phone': (390, 844)}

# what the browser reports about itself, not about a page
HARMLESS = ('ResizeObserver loop',)


def run():
    """Take every picture; 1 when a page logged a console error, else 0."""
    browser_path = require_browser()
    session = testing.Session(soak=False)
    problems = []
    with session.database_with(database.ALL_DEPENDENCIES, ADDONS) as name:
        for album in ALBUMS:
            _prepare(session.workplace, name, album)
            with _server(session.workplace, name) as url:
                problems += _shoot(url, browser_path, album, *_get_ids(session.workplace, name, album))
    for problem in problems:
        say(problem)
    return 1 if problems else 0


def _prepare(workplace, name, album):
    """Bring the language and the company of an album into the database; the chat bot is asked to be silent."""
    if album.company:
        with step("Purchase history of CDNOW"):
            loader = REPO / 'tools' / 'suite' / 'cdnow.py'
            if workplace.python(loader, '-c', workplace.config(name), '-d', name, '--recent'):
                raise Fail("the purchase history of CDNOW was not loaded", "see above")
    if album.language != 'en_US':
        workplace.run(name, '-l', album.language, subcommand=['i18n', 'loadlang'], log='screenshots-language')
    with closing(workplace.server.connect(name)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE res_users SET odoobot_state = 'disabled'")
        cursor.execute(
            "UPDATE res_partner SET lang = %s WHERE id IN (SELECT partner_id FROM res_users WHERE login LIKE 'scp%%')",
            [album.language],
        )


@contextmanager
def _server(workplace, name):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    log = LOGS / 'screenshots-server.log'
    with log.open('w') as stream:
        process = subprocess.Popen(
            workplace.command(name, http_port=port, gevent_port=port + 1, limit_time_real='600'),
            env=workplace.environment, stdout=stream, stderr=subprocess.STDOUT,
        )
        try:
            url = f'http://127.0.0.1:{port}'
            with step("Starting the web server"):
                serve.wait_until_it_answers(process, url, log)
            yield url
        finally:
            process.terminate()
            process.wait()


def _get_ids(workplace, name, album):
    """:return: ids of the records that the screens name by their XML id; id of the album's company, if it has one"""
    wanted = {xml_id for screen in album.screens for xml_id in screen.xml_ids}
    with closing(workplace.server.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT module || '.' || name, res_id FROM ir_model_data WHERE module || '.' || name = ANY(%s)",
            [list(wanted)],
        )
        ids = dict(cursor.fetchall())
        if not album.company:
            return ids, None
        cursor.execute(
            """
              SELECT company.id, customer.partner_id
                FROM res_company company
                JOIN scp_customer customer ON customer.company_id = company.id
               WHERE company.name = %s
            ORDER BY customer.value_score DESC NULLS LAST
               LIMIT 1
            """, [album.company],
        )
        company_id, ids[CDNOW_CUSTOMER] = cursor.fetchone()
        return ids, company_id


def _shoot(url, browser_path, album, ids, company_id):
    from playwright.sync_api import Error, sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    problems = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path,
            args=['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
        )
        for size, (width, height) in SIZES.items():
            for login in dict.fromkeys(screen.login for screen in album.screens):
                context = browser.new_context(
                    viewport={'width': width, 'height': height}, is_mobile=size == 'phone', has_touch=size == 'phone',
                )
                page = context.new_page()
                page.set_default_timeout(30_000)
                errors = _collect_errors(page)
                _log_in(page, url, login)
                if company_id:
                    context.add_cookies([{'name': 'cids', 'value': str(company_id), 'url': url}])
                for screen in album.screens:
                    if screen.login != login:
                        continue
                    errors.clear()
                    target = f'{screen.name}-{login.removeprefix("scp_")}{album.suffix}-{size}'
                    try:
                        screen.open(page, url, ids)
                        page.wait_for_timeout(400)  # for less time than this nobody is told that something loads
                        page.wait_for_selector('.o_loading_indicator', state='detached')
                        page.wait_for_timeout(400)  # charts and chips draw after their data
                        page.screenshot(path=FOLDER / f'{target}.png')
                    except Error as error:
                        problems.append(f"{target}: {str(error).splitlines()[0]}")
                    problems += [f"{target}: console error: {text}" for text in errors]
                    say(f"  {target}")
                context.close()
        browser.close()
    return problems


def _collect_errors(page):
    errors = []

    def on_console(message):
        if message.type == 'error' and not any(text in message.text for text in HARMLESS):
            errors.append(message.text[:300])

    page.on('console', on_console)
    page.on('pageerror', lambda error: errors.append(str(error)[:300]))
    return errors


def _log_in(page, url, login):
    page.goto(f'{url}/web/login')
    page.fill('input[name=login]', login)
    page.fill('input[name=password]', login)
    page.click('button[type=submit]')
    page.wait_for_selector('.o_web_client, .o_portal_wrap, #wrapwrap')
