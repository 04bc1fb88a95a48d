"""The commands behind the Makefile."""
import argparse
import os
import shutil
import sys
import time

from suite import python_env
from suite.paths import CACHE, LOCAL
from suite.ui import Fail, say


def main():
    # the clock of the machine: it goes on while the command starts anew inside the environment
    started = float(os.environ.pop('SCP_STARTED', time.monotonic()))
    parser = _parser()
    args = parser.parse_args()
    try:
        if args.command not in ('help', 'clean'):
            python_env.enter(sys.argv[1:], started)
        return args.function(args, started) or 0
    except Fail as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("\nstopped")
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog='suite', description=__doc__)
    commands = parser.add_subparsers(dest='command', required=True)

    def command(name, function, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(function=function)
        return sub

    command('help', lambda args, started: parser.print_help(), "list the commands")
    sub = command('run', _run, "set everything up and serve the suite with demo data")
    sub.add_argument('--port', type=int, default=8069)
    sub.add_argument('--db', default='scp')
    sub.add_argument('--host', default='127.0.0.1', help="address to listen on, 0.0.0.0 for all")
    sub = command('test', _test, "every check and test; the stages to run may be named")
    sub.add_argument('stages', nargs='*')
    sub = command('soak', _soak, "the long counts: all combinations of addons, full property tests, all of CDNOW")
    sub.add_argument('stages', nargs='*')
    command('lint', _lint, "the static checks alone")
    command('i18n', _i18n, "export and merge the translations; fail on anything untranslated")
    sub = command('load-cdnow', _load_cdnow, "load the CDNOW purchase history and score it")
    sub.add_argument('--db', default='scp')
    sub.add_argument('--full', action='store_true', help="the master file of 23,570 customers")
    sub.add_argument('--recent', action='store_true', help="as if the history ended this week, with invoices")
    sub = command('bench', _bench, "measure, each figure with its bound")
    sub.add_argument('--only', default='')
    sub.add_argument('--size', choices=['small', 'full'], default='small')
    command('screenshots', _screenshots, "pictures of every main screen into docs/screenshots")
    sub = command('clean', _clean, "remove logs and test databases; with --all, database and downloads too")
    sub.add_argument('--all', action='store_true')
    return parser


# Each command's module is imported when called: most need the environment to exist.

def _run(args, started):
    from suite import serve

    return serve.run(args.port, args.db, args.host, started)


def _test(args, started):
    from suite import testing

    return testing.run(args.stages, soak=False)


def _soak(args, started):
    from suite import testing

    return testing.run(args.stages, soak=True)


def _lint(args, started):
    from suite import odoo

    return odoo.without_server().python('-m', 'suite.lint')


def _i18n(args, started):
    from suite import i18n

    return i18n.run()


def _load_cdnow(args, started):
    from suite import paths, serve

    workplace = serve.prepared(args.db)
    options = [f'--{name}' for name in ('full', 'recent') if getattr(args, name)]
    arguments = ['-c', workplace.config(args.db), '-d', args.db, *options]
    return workplace.python(paths.REPO / 'tools' / 'suite' / 'cdnow.py', *arguments)


def _bench(args, started):
    from suite import bench

    return bench.run(args.only, args.size)


def _screenshots(args, started):
    from suite import screenshots

    return screenshots.run()


def _clean(args, started):
    """Removes what can be made again; the database of ``make run`` only on request."""
    servers = [CACHE / 'postgres-test', *([LOCAL / 'postgres'] if args.all else [])]
    for folder in servers:
        if _is_running(folder / 'postmaster.pid'):
            raise Fail(f"the database server in {folder} is running", "stop the make command that uses it first")
    tests = [CACHE / 'postgres-test', CACHE / 'data-test']
    for folder in [LOCAL, CACHE] if args.all else [LOCAL / 'logs', LOCAL / 'conf', LOCAL / 'run', *tests]:
        if folder.exists():
            say(f"removing {folder}")
            shutil.rmtree(folder)


def _is_running(pid_file):
    try:
        os.kill(int(pid_file.read_text().split()[0]), 0)
    except (OSError, ValueError, IndexError):
        return False
    return True
