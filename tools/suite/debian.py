"""Debian packages unpacked under the cache by an ordinary user: nothing is installed."""
import glob
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from suite.paths import CACHE
from suite.system import os_release
from suite.ui import Fail, run

APT = CACHE / 'apt'
DEBS = CACHE / 'debs'
KEYRING = Path('/usr/share/keyrings/debian-archive-keyring.gpg')


def available():
    """True on a Debian machine whose apt can be used (Ubuntu's mirror lacks what we fetch)."""
    return os_release().get('ID') == 'debian' and bool(shutil.which('apt-get')) and KEYRING.exists()


def codename():
    return os_release().get('VERSION_CODENAME') or 'bookworm'


def mirror():
    """Address of the mirror that this machine's own apt uses.

    :raise Fail: when apt's configuration names none
    """
    texts = [Path(path).read_text(errors='replace') for path in (
        *glob.glob('/etc/apt/sources.list'),
        *sorted(glob.glob('/etc/apt/sources.list.d/*')),
    )]
    for text in texts:
        for address, suite in (*_one_line_entries(text), *_deb822_entries(text)):
            if suite in (codename(), 'stable', 'testing', 'sid', 'unstable') and 'security' not in address:
                return address
    raise Fail("apt's configuration names no Debian mirror", "add one to /etc/apt/sources.list")


def _one_line_entries(text):
    yield from re.findall(r'^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+.*\bmain\b', text, re.M)


def _deb822_entries(text):
    for stanza in re.split(r'\n\s*\n', re.sub(r'^#.*\n', '', text, flags=re.M)):
        fields = dict(re.findall(r'^(\S+?):[ \t]*(.*)$', stanza, re.M))
        if 'main' in fields.get('Components', '').split():
            for address in fields.get('URIs', '').split():
                for suite in fields.get('Suites', '').split():
                    yield address, suite


def download(packages):
    """Fetch packages into the cache, verified by apt against Debian's keys.

    :param packages: names with their suite, as ``['odoo-19/sid', 'fonts-inconsolata/bookworm']``
    """
    suites = sorted({name.partition('/')[2] for name in packages})
    DEBS.mkdir(parents=True, exist_ok=True)
    status = APT / 'status'
    APT.mkdir(parents=True, exist_ok=True)
    status.touch()  # as if nothing were installed: each package is fetched as asked
    failure, remedy = "Debian's packages could not be fetched", (
        "check the network, or point ODOO_HOME at an Odoo 19 checkout or installation"
    )
    apt = _private_apt(APT, suites, status)
    run([*apt, 'update'], 'apt-private-update', failure=failure, remedy=remedy)
    run([*apt, 'download', *packages], 'apt-private-download', failure=failure, remedy=remedy, cwd=DEBS)


def unpack_missing(packages, suites, folder, remedy):
    """Unpack packages into ``folder``, with whatever they need that this machine lacks.

    :param suites: where to look, as ``['bookworm']``; the newest version wins
    :raise Fail: with ``remedy``, when they cannot be fetched or fit this machine in no way
    """
    failure = f"Debian's package {packages[0]} could not be fetched"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as state:
        apt = [
            *_private_apt(Path(state), suites, '/var/lib/dpkg/status'),
            '-o', 'Debug::NoLocking=1', '-o', 'APT::Update::Error-Mode=any',
            '-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=20',
        ]
        run([*apt, 'update'], 'apt-private-update', failure=failure, remedy=remedy)
        command = [*apt, '--yes', '--no-install-recommends', '--download-only', 'install', *packages]
        run(command, 'apt-private-install', failure=failure, remedy=remedy)
        for file in Path(state).glob('archives/*.deb'):
            subprocess.run(['dpkg', '-x', file, folder], check=True)


def _private_apt(state, suites, status):
    """Words of an apt-get that keeps its lists and files in ``state`` and knows our mirror alone.

    :param status: the file that says what is installed
    """
    for folder in (state / 'lists' / 'partial', state / 'archives' / 'partial'):
        folder.mkdir(parents=True, exist_ok=True)
    sources = state / 'sources.list'
    address = mirror()
    sources.write_text(''.join(f'deb [signed-by={KEYRING}] {address} {suite} main\n' for suite in suites))
    settings = {
        'Dir::State': state, 'Dir::State::status': status, 'Dir::State::lists': state / 'lists', 'Dir::Cache': state,
        'Dir::Etc::sourcelist': sources, 'Dir::Etc::sourceparts': '/dev/null',
        'Dir::Etc::preferencesparts': '/dev/null', 'APT::Sandbox::User': '',
    }
    return ['apt-get', *(word for key, value in settings.items() for word in ('-o', f'{key}={value}'))]


def unpack(packages, folder):
    """Unpack the newest cached file of each package (names without suite) into ``folder``."""
    for name in packages:
        files = sorted(DEBS.glob(f'{name}_*.deb'), key=lambda path: path.stat().st_mtime)
        subprocess.run(['dpkg', '-x', files[-1], folder], check=True)


def cached(name):
    return any(DEBS.glob(f'{name}_*.deb'))
