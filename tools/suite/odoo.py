"""Odoo processes: which addons to install, with which settings, and what their log said."""
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from suite import odoo_source, wkhtmltopdf
from suite.paths import ADDONS, CACHE, LOCAL, LOGS, REPO
from suite.ui import Fail

LAUNCHER = REPO / 'tools' / 'odoo-bin'

# Auto-installed addons that call paid services over the network.
NETWORK_ADDONS = {'crm_iap_enrich', 'crm_iap_mine', 'partner_autocomplete', 'snailmail', 'snailmail_account'}


class Workplace:
    """A database server with a file store: where databases live and Odoo processes run."""

    def __init__(self, server, data_dir):
        self.server = server
        self.data_dir = data_dir

    @property
    def environment(self):
        source = odoo_source.find()
        path = [str(REPO / 'tools'), str(REPO), str(source.path)]
        return {
            **{key: value for key, value in os.environ.items() if key != 'PYTHONDONTWRITEBYTECODE'},
            **self.server.environment,
            'PATH': wkhtmltopdf.search_path(),
            'PYTHONPATH': os.pathsep.join(path),
        }

    def config(self, database, **options):
        """Write a configuration file for ``database``; return its path."""
        settings = {
            'db_name': database,
            'dbfilter': f'^{re.escape(database)}$',
            'list_db': 'False',
            'data_dir': self.data_dir,
            'addons_path': ','.join(map(str, odoo_source.find().addons_path)),
            'http_interface': '127.0.0.1',
            'max_cron_threads': '0',
            **{
                option: self.server.environment[variable]
                for option, variable in (
                    ('db_host', 'PGHOST'), ('db_port', 'PGPORT'), ('db_user', 'PGUSER'), ('db_password', 'PGPASSWORD'),
                ) if variable in self.server.environment
            },
            **options,
        }
        path = LOCAL / 'conf' / f'{database}.conf'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text('[options]\n' + ''.join(f'{key} = {value}\n' for key, value in settings.items()))
        return path

    def command(self, database, *arguments, subcommand=(), **options):
        """Words of the command that starts Odoo on ``database``, e.g. with ``subcommand=['shell']``."""
        config = str(self.config(database, **options))
        return [sys.executable, str(LAUNCHER), *subcommand, '-c', config, *arguments]

    def run(self, database, *arguments, log=None, check=True, subcommand=(), **options):
        """Run Odoo, or one of its subcommands, to its end on ``database``.

        :param arguments: as on Odoo's command line, e.g. ``'-u', 'crm_scp_core'``
        :param log: name of the log file kept, by default the database's
        :return: the text of its log
        :raise Fail: with the first error of the log, if ``check`` and Odoo failed
        """
        LOGS.mkdir(parents=True, exist_ok=True)
        path = LOGS / f'{log or database}.log'
        arguments = (*arguments, '-d', database) if subcommand else (*arguments, '--stop-after-init')
        with path.open('w') as stream:
            code = subprocess.run(
                self.command(database, *arguments, subcommand=subcommand, **options),
                env=self.environment, stdout=stream, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            ).returncode
        text = path.read_text(errors='replace')
        if code and check:
            raise failure(text, path)
        return text

    def python(self, *arguments, **variables):
        """Run a Python program that can import odoo and reach this server; return its exit code.

        :param variables: environment variables it sees beside this workplace's
        """
        environment = {**self.environment, **variables}
        return subprocess.run([sys.executable, *map(str, arguments)], env=environment, cwd=REPO).returncode


def failure(text, path):
    """The one-line error for an Odoo process that ended badly."""
    errors = re.findall(r'^(?:[\w.]+\.)?((?:\w*(?:Error|Exception|Warning))(?:: .*)?)$', text, re.M)
    context = re.findall(r'^.*(?:while parsing|Failed to load|Couldn\'t load module) ?(.*)$', text, re.M)
    loading = re.findall(r'(?:Loading module|module) (crm_scp_\w+)', text)
    last_line = next((line for line in reversed(text.splitlines()) if line.strip()), 'no output')
    reason = errors[-1] if errors else last_line.strip()
    where = f" (in {Path(context[-1].split(':')[0].strip()).name})" if context and context[-1].strip() else ''
    what = f"the addon {loading[-1]} fails to load" if loading else "Odoo stopped"
    return Fail(f"{what}: {reason[:300]}{where}", f"mend it and repeat the command; the whole log: {path}")


@cache
def closure(addons):
    """The addons named, all they depend on, and what Odoo would install by itself beside them.

    :param addons: names, comma-separated
    :return: names, comma-separated, without those that only call paid services
    """
    program = f"""
import json, sys
from odoo.tools import config
config.parse_config(['--addons-path', {','.join(map(str, odoo_source.find().addons_path))!r}])
from odoo.modules.module import Manifest
manifests = {{m.name: m for m in Manifest.all_addon_manifests()}}
print(json.dumps({{name: [
    m['depends'], m['auto_install'] is not False and sorted(m['auto_install']), m['countries'], m['installable'],
] for name, m in manifests.items()}}))
"""
    workplace = without_server()
    answer = subprocess.run(
        [sys.executable, '-c', program], env=workplace.environment, capture_output=True, text=True,
    )
    if answer.returncode:
        raise Fail("Odoo cannot be loaded: " + answer.stderr.strip().splitlines()[-1], "see the README's requirements")
    manifests = json.loads(answer.stdout)
    wanted = set()

    def add(name):
        if name not in manifests:
            raise Fail(f"the addon {name} is not there", "check ODOO_HOME and the folder addons")
        if name not in wanted:
            wanted.add(name)
            for dependency in manifests[name][0] or (['base'] if name != 'base' else []):
                add(dependency)

    for name in addons.split(','):
        add(name)
    while True:
        more = [
            name for name, (depends, auto, countries, installable) in manifests.items()
            if auto is not False and installable and not countries
            and name not in wanted and name not in NETWORK_ADDONS and name not in ADDONS
            and not NETWORK_ADDONS & set(depends)
            and set(auto) <= wanted
        ]
        if not more:
            return ','.join(sorted(wanted))
        for name in more:
            add(name)


def without_server():
    """A workplace for programs that import odoo and need no database."""
    # Odoo makes its default data folder in the user's home when it is merely asked for addons
    return Workplace(SimpleNamespace(environment={'XDG_DATA_HOME': str(CACHE / 'share')}), None)


def for_tests(server):
    return Workplace(server, CACHE / 'data-test' / server.key)


def for_work(server):
    return Workplace(server, LOCAL / 'data' / server.key)
