"""Databases and their file stores: build once as a template, then clone in a second."""
import hashlib
import os
import re
import shutil
from contextlib import closing, contextmanager

from suite import odoo, odoo_source
from suite.locking import exclusive
from suite.paths import ADDONS, ADDONS_DIR, CACHE, LOCAL
from suite.ui import Fail, step

# Exactly what crm_scp_core depends on, and what all three addons depend on.
CORE_DEPENDENCIES = 'crm,sale_crm,sale_management,portal,rating,resource,spreadsheet_dashboard'
ANALYTICS_DEPENDENCIES = CORE_DEPENDENCIES + ',sale_margin,mass_mailing'
SUPPLY_DEPENDENCIES = CORE_DEPENDENCIES + ',sale_stock,purchase_stock,product_expiry'
ALL_DEPENDENCIES = ANALYTICS_DEPENDENCIES + ',sale_stock,purchase_stock,product_expiry'


@contextmanager
def maintenance(workplace):
    """A cursor outside transactions on the server's own database."""
    with closing(workplace.server.connect('postgres')) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def _quoted(name):
    if not re.fullmatch(r'[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}', name):
        raise Fail(f"{name!r} is no name for a database", "use letters, digits, '-', '_' and '.'")
    return f'"{name}"'


def exists(workplace, name):
    with maintenance(workplace) as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return bool(cursor.fetchone())


def drop(workplace, name):
    with maintenance(workplace) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")
    shutil.rmtree(workplace.data_dir / 'filestore' / name, ignore_errors=True)


def rename(workplace, old, new):
    with maintenance(workplace) as cursor:
        cursor.execute(f"ALTER DATABASE {_quoted(old)} RENAME TO {_quoted(new)}")
    store = workplace.data_dir / 'filestore'
    if (store / old).exists():
        shutil.rmtree(store / new, ignore_errors=True)
        (store / old).rename(store / new)


def create(workplace, name, template='template0'):
    with maintenance(workplace) as cursor:
        cursor.execute(
            f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}"
            + (" ENCODING 'UTF8'" if template == 'template0' else ""),
        )


def spare_demo(workplace, name):
    """Have addons installed from now on without demo data: Odoo loads it wherever their dependencies have theirs."""
    with closing(workplace.server.connect(name)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE ir_module_module SET demo = false")


def clone(workplace, template, name):
    """Make ``name`` a copy of ``template``; its files are hard links, as Odoo never changes one."""
    drop(workplace, name)
    create(workplace, name, template)
    store = workplace.data_dir / 'filestore'
    if (store / template).exists():
        shutil.copytree(store / template, store / name, copy_function=os.link)


def install(workplace, name, addons, *, demo, title, log=None):
    """Install addons and what Odoo adds by itself into ``name``, which appears only when complete.

    A kill in the middle leaves a half-built database of another name, dropped by the next call.
    """
    unfinished = f'{name}_unfinished'
    drop(workplace, unfinished)
    create(workplace, unfinished)
    with step(title):
        workplace.run(
            unfinished, '-i', odoo.closure(addons), '--skip-auto-install', *(['--with-demo'] if demo else []),
            log=log or name,
        )
    rename(workplace, unfinished, name)


def template(workplace, addons, *, demo=True):
    """Name of a template database with ``addons`` (none of ours), built on first use."""
    key = '|'.join([odoo.closure(addons), str(demo), str(odoo_source.find().path), _odoo_version()])
    name = 'tpl_' + hashlib.sha256(key.encode()).hexdigest()[:10]
    with exclusive(CACHE / name):
        if not exists(workplace, name):
            title = f"Template database up to {addons.rsplit(',', 1)[-1]}, {'with' if demo else 'without'} demo data"
            install(workplace, name, addons, demo=demo, title=title)
    return name


def _odoo_version():
    # the package's version changes with Debian's; a checkout's with its last commit, seen by its time
    release = odoo_source.find().path / 'odoo' / 'release.py'
    return hashlib.sha256(release.read_bytes()).hexdigest()[:10] + str(int(release.stat().st_mtime))


def code_version():
    """A hash of everything in our addons that an upgrade would load."""
    digest = hashlib.sha256()
    for addon in ADDONS:
        for path in sorted((ADDONS_DIR / addon).rglob('*')):
            if path.is_file() and path.suffix in {'.py', '.xml', '.csv', '.po', '.sql', '.js', '.scss', '.json'}:
                if 'tests' not in path.parts:
                    digest.update(str(path.relative_to(ADDONS_DIR)).encode() + path.read_bytes())
    return digest.hexdigest()


def bring_up_to_date(workplace, name):
    """Upgrade our addons in ``name`` when their code changed since the last call.

    :raise Fail: when the database was made by newer code than this
    """
    with closing(workplace.server.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, latest_version FROM ir_module_module WHERE name IN %s AND state = 'installed'", [ADDONS],
        )
        installed = dict(cursor.fetchall())
    require_not_newer(name, installed)
    mark = LOCAL / 'versions' / workplace.server.key / name
    code = code_version()
    if mark.exists() and mark.read_text() == code and len(installed) == len(ADDONS):
        return
    with step("Upgrading the addons" if installed else "Installing the addons"):
        missing = [addon for addon in ADDONS if addon not in installed]
        arguments = ['-u', ','.join(installed)] if installed else []
        arguments += ['-i', ','.join(missing)] if missing else []
        workplace.run(name, *arguments, '--skip-auto-install', '--with-demo', log=f'{name}-upgrade')
    remember_code(workplace, name)


def require_not_newer(name, installed):
    """:raise Fail: when one of the versions ``installed`` in database ``name`` is newer than our code"""
    for addon, version in installed.items():
        ours = manifest_version(addon)
        if _as_tuple(version) > _as_tuple(ours):
            raise Fail(
                f"database {name} has {addon} {version}, newer than this code ({ours})",
                "update the code, or choose another database: make run DB=name",
            )


def remember_code(workplace, name):
    mark = LOCAL / 'versions' / workplace.server.key / name
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(code_version())


def manifest_version(addon):
    import ast

    return ast.literal_eval((ADDONS_DIR / addon / '__manifest__.py').read_text())['version']


def _as_tuple(version):
    return tuple(int(part) for part in re.findall(r'\d+', version or '0'))
