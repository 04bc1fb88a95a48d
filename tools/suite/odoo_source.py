"""Find Odoo 19: ``ODOO_HOME``, an importable one, Debian's package, or a git clone, in this order."""
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from suite import debian
from suite.locking import exclusive
from suite.paths import ADDONS_DIR, CACHE
from suite.system import require_disk
from suite.ui import Fail, run, say, step

SERIES = '19.0'
GIT_URL = 'https://github.com/odoo/odoo.git'
PACKAGE = 'odoo-19'
# The package's static files are links into these; two must be the older ones of a stable release.
ASSETS = (
    'libjs-jquery', 'libjs-jquery-form', 'libjs-underscore', 'fonts-montserrat', 'fonts-roboto-unhinted', 'fonts-ocr-b',
)
OLD_ASSETS = ('fonts-font-awesome', 'fonts-inconsolata')


@dataclass(frozen=True)
class Source:
    kind: str
    path: Path  # the folder that holds the package `odoo`

    @property
    def addons_path(self):
        """Folders of Odoo's own addons beside ``odoo/addons``, then ours."""
        own = self.path / 'addons'
        return [*([own] if (own / 'web').is_dir() else []), ADDONS_DIR]


@cache
def find():
    """:raise Fail: when no source of series 19.0 is there or can be fetched"""
    if home := os.environ.get('ODOO_HOME'):
        return Source('ODOO_HOME', _check_home(Path(home).expanduser().absolute()))
    if path := _importable():
        return Source('importable', path)
    if debian.available() and not _is_complete(_git_root()):
        try:
            return Source('debian', _debian())
        except Fail as error:
            say(f"  {error.args[0]}; git is tried instead")
    return Source('git', _clone())


def series_of(path):
    """Series of the Odoo in ``path``, as '19.0', or None when there is none."""
    try:
        text = (path / 'odoo' / 'release.py').read_text()
    except OSError:
        return None
    version = re.search(r"^version_info = \(([^,]+), (\d+),", text, re.M)
    return version and '.'.join(re.findall(r'\d+', version.group(1))[-1:] + [version.group(2)])


def _check_home(home):
    candidates = [home, *home.glob('lib/python3*/site-packages'), home / 'usr/lib/python3/dist-packages', home.parent]
    for path in candidates:
        series = series_of(path)
        if series == SERIES:
            return path
        if series:
            raise Fail(f"ODOO_HOME={home} holds Odoo {series}", f"point it at Odoo {SERIES}, or unset it")
    raise Fail(f"ODOO_HOME={home} holds no Odoo", f"point it at an Odoo {SERIES} checkout, or unset it")


def _importable():
    # of the interpreter that called us: our own environment deliberately holds none
    python = os.environ.get('SCP_BASE_PYTHON', sys.executable)
    code = 'import odoo.release as r, os; print(os.path.dirname(os.path.dirname(r.__file__)))'
    answer = subprocess.run([python, '-c', code], capture_output=True, text=True, cwd='/')
    path = Path(answer.stdout.strip()) if not answer.returncode else None
    return path if path and series_of(path) == SERIES else None


def _git_root():
    return CACHE / 'odoo' / 'git'


def _is_complete(root):
    return (root / '.complete').exists()


def _debian():
    root = CACHE / 'odoo' / 'debian'
    path = root / 'usr/lib/python3/dist-packages'
    if _is_complete(root):
        return path
    require_disk(CACHE, 2)
    with exclusive(root):
        if not _is_complete(root):
            with step("Odoo 19 from Debian's package"):
                if not all(map(debian.cached, (PACKAGE, *ASSETS, *OLD_ASSETS))):
                    stable = debian.codename()
                    debian.download([
                        *(f'{name}/sid' for name in (PACKAGE, *ASSETS)),
                        *(f'{name}/{stable}' for name in OLD_ASSETS),
                    ])
                shutil.rmtree(root, ignore_errors=True)
                root.mkdir(parents=True)
                debian.unpack((PACKAGE, *ASSETS, *OLD_ASSETS), root)
                # named in mail's assets but not shipped: an empty file spares a console error
                missing = path / 'odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js'
                missing.parent.mkdir(parents=True, exist_ok=True)
                missing.touch()
            if series_of(path) != SERIES:
                raise Fail(f"Debian's package {PACKAGE} is no longer Odoo {SERIES}", "point ODOO_HOME at one")
            (root / '.complete').touch()
    return path


def _clone():
    path = _git_root()
    if _is_complete(path):
        return path
    if not shutil.which('git'):
        raise Fail("there is no Odoo 19 and no git to fetch it", "sudo apt-get install -y git, or set ODOO_HOME")
    require_disk(CACHE, 3)
    with exclusive(path):
        if not _is_complete(path):
            with step("Odoo 19 from its git repository"):
                shutil.rmtree(path, ignore_errors=True)
                run(
                    ['git', 'clone', '--quiet', '--depth', '1', '--branch', SERIES, GIT_URL, path], 'git-clone',
                    failure="Odoo could not be cloned",
                    remedy="check the network, or point ODOO_HOME at an Odoo 19 checkout",
                )
            (path / '.complete').touch()
    return path
