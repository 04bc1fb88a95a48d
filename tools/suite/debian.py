"""Debian packages unpacked under the cache by an ordinary user: nothing is installed."""
import glob
import re
import shutil
import subprocess
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
    for folder in (APT / 'lists' / 'partial', APT / 'archives' / 'partial', DEBS):
        folder.mkdir(parents=True, exist_ok=True)
    sources = APT / 'sources.list'
    address = mirror()
    sources.write_text(''.join(f'deb [signed-by={KEYRING}] {address} {suite} main\n' for suite in suites))
    (APT / 'status').touch()
    options = [
        '-o', f'Dir::State={APT}', '-o', f'Dir::State::status={APT}/status', '-o', f'Dir::State::lists={APT}/lists',
        '-o', f'Dir::Cache={APT}', '-o', f'Dir::Etc::sourcelist={sources}', '-o', 'Dir::Etc::sourceparts=/dev/null',
        '-o', 'Dir::Etc::preferencesparts=/dev/null', '-o', 'APT::Sandbox::User=',
    ]
    failure, remedy = "Debian's packages could not be fetched", (
        "check the network, or point ODOO_HOME at an Odoo 19 checkout or installation"
    )
    run(['apt-get', *options, 'update'], 'apt-private-update', failure=failure, remedy=remedy)
    run(['apt-get', *options, 'download', *packages], 'apt-private-download', failure=failure, remedy=remedy, cwd=DEBS)


def unpack(packages, folder):
    """Unpack the newest cached file of each package (names without suite) into ``folder``."""
    for name in packages:
        files = sorted(DEBS.glob(f'{name}_*.deb'), key=lambda path: path.stat().st_mtime)
        subprocess.run(['dpkg', '-x', files[-1], folder], check=True)


def cached(name):
    return any(DEBS.glob(f'{name}_*.deb'))
