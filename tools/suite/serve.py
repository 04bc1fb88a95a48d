"""``make run``: from nothing to the suite with demo data in the browser."""
import json
import os
import signal
import subprocess
import time

import requests

from suite import database, odoo, odoo_source, postgres, wkhtmltopdf
from suite.locking import exclusive
from suite.paths import ADDONS, LOCAL, LOGS
from suite.side_by_side import die_with_parent
from suite.system import require_disk, require_free_port
from suite.ui import Fail, say, step

# login (and password) of each demo role, in the order a newcomer would try them
ROLES = {
    'admin': "administrator",
    'scp_sales': "salesperson",
    'scp_leader': "team leader",
    'scp_manager': "manager",
    'scp_quality': "quality engineer",
    'scp_auditor': "auditor",
    'scp_accountant': "accountant, no CRM role",
    'scp_warehouse': "warehouse user, no CRM role",
    'scp_buyer': "buyer, no CRM role",
    'scp_supplier': "supplier (portal)",
    'scp_distributor': "distributor (portal)",
    'scp_customer': "customer (portal)",
}


def prepared(name):
    """Start the server and bring database ``name`` to this code; return its workplace."""
    require_disk(LOCAL, 3)
    odoo_source.find()
    wkhtmltopdf.prepare()
    server = postgres.for_work()
    server.start()
    workplace = odoo.for_work(server)
    with exclusive(LOCAL / 'versions' / f'{name}.setup'):
        if not database.exists(workplace, name):
            database.install(
                workplace, name, ','.join([database.ALL_DEPENDENCIES, *ADDONS]), demo=True,
                title="Installing Odoo and the three addons with demo data (about three minutes)",
            )
            database.remember_code(workplace, name)
        else:
            database.bring_up_to_date(workplace, name)
    return workplace


def run(port, name, host, started):
    """Serve until Ctrl-C; then stop all that was started.

    :param started: time.monotonic() of the command's start
    """
    if running := _already_running(port):
        raise Fail(
            f"the suite already runs at {running['url']} (process {running['pid']})",
            f"use it, stop it with: kill {running['pid']}, or choose another: make run PORT={port + 1}",
        )
    require_free_port(port)
    # end as on Ctrl-C when make, a service manager or a script says so; a script's background job
    # would start with SIGINT ignored
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    process = None
    state = LOCAL / 'run' / f'{port}.json'
    try:
        workplace = prepared(name)
        url = f'http://localhost:{port}'
        log = LOGS / f'{name}-server.log'
        with step("Starting the web server"):
            process = _start(workplace, name, port, host, log)
            state.parent.mkdir(parents=True, exist_ok=True)
            state.write_text(json.dumps({'pid': os.getpid(), 'url': url}))
            wait_until_it_answers(process, url, log)
        _greet(url, log, time.monotonic() - started)
        code = process.wait()
        raise odoo.failure(log.read_text(errors='replace'), log) if code else Fail("the web server ended", f"see {log}")
    except KeyboardInterrupt:
        say("\nStopping ...")
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        state.unlink(missing_ok=True)


def _interrupt(*_args):
    raise KeyboardInterrupt


def _already_running(port):
    try:
        state = json.loads((LOCAL / 'run' / f'{port}.json').read_text())
        os.kill(state['pid'], 0)
    except (OSError, ValueError):
        return None
    return state


def _start(workplace, name, port, host, log):
    return subprocess.Popen(
        workplace.command(name, http_port=port, gevent_port=port + 1, http_interface=host, max_cron_threads=1),
        env=workplace.environment, stdout=log.open('w'), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop it in order
        preexec_fn=die_with_parent,
    )


def wait_until_it_answers(process, url, log):
    while process.poll() is None:
        try:
            if requests.get(f'{url}/web/login', timeout=60).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.3)
    raise odoo.failure(log.read_text(errors='replace'), log)


def _greet(url, log, seconds):
    say(f"\nThe SCP suite is ready after {seconds:.0f} s:  {url}/odoo\n")
    say("Log in as (the password is the login):")
    width = max(map(len, ROLES))
    for login, role in ROLES.items():
        say(f"  {login:<{width}}  {role}")
    say(f"\nLog: {log}\nCtrl-C stops everything; the data stay.")
