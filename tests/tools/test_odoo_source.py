"""Where Odoo comes from: what is named, what can be imported, Debian's package, a git clone."""
import sys

import pytest

from suite import debian, odoo_source
from suite.odoo_source import Source
from suite.paths import ADDONS_DIR
from suite.ui import Fail

GIT = """#!/bin/sh
echo "$@" >> {calls}
for folder; do :; done
mkdir -p $folder/odoo $folder/addons/web
echo "version_info = (19, 0, 0, 'final', 0, '')" > $folder/odoo/release.py
"""
NO_GIT = "#!/bin/sh\necho 'fatal: could not resolve host' >&2; exit 128\n"
BARE_PYTHON = f'#!/bin/sh\nexec {sys.executable} -S "$@"\n'


def make_program(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def make_odoo(folder, series='19, 0'):
    (folder / 'odoo').mkdir(parents=True)
    (folder / 'odoo' / 'release.py').write_text(f"version_info = ({series}, 0, 'final', 0, '')\n")
    return folder


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without Odoo: an empty cache, and a `bin` before other programs."""
    monkeypatch.delenv('ODOO_HOME', raising=False)
    monkeypatch.setenv('SCP_BASE_PYTHON', str(make_program(tmp_path / 'bin' / 'python', BARE_PYTHON)))
    monkeypatch.delenv('PYTHONPATH', raising=False)
    monkeypatch.setattr(odoo_source, 'CACHE', tmp_path / 'cache')
    monkeypatch.setattr(debian, 'available', lambda: False)
    monkeypatch.setattr(debian, 'DEBS', tmp_path / 'debs')
    monkeypatch.setenv('PATH', f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path


@pytest.fixture
def git_calls(machine):
    """A git that finds Odoo, and the file that tells how it was called."""
    calls = machine / 'calls'
    make_program(machine / 'bin' / 'git', GIT.format(calls=calls))
    return calls


def find():
    return odoo_source.find.__wrapped__()  # what was found before does not count here


@pytest.mark.parametrize(('home', 'packages'), [
    ('checkout', 'checkout'),
    ('venv', 'venv/lib/python3.12/site-packages'),
    ('unpacked', 'unpacked/usr/lib/python3/dist-packages'),
    ('site-packages/odoo', 'site-packages'),
])
def test_odoo_home(machine, monkeypatch, home, packages):
    path = make_odoo(machine / packages)
    monkeypatch.setenv('ODOO_HOME', str(machine / home))
    assert find() == Source('ODOO_HOME', path)


def test_odoo_home_may_be_relative(machine, monkeypatch):
    make_odoo(machine / 'checkout')
    monkeypatch.chdir(machine)
    monkeypatch.setenv('ODOO_HOME', 'checkout')
    assert find().path == machine / 'checkout'


def test_addons_of_a_checkout(machine):
    """They stand beside the package in a checkout, inside it in an installation."""
    checkout, installed = (make_odoo(machine / name) for name in ('checkout', 'installed'))
    (checkout / 'addons' / 'web').mkdir(parents=True)
    assert Source('git', checkout).addons_path == [checkout / 'addons', ADDONS_DIR]
    assert Source('debian', installed).addons_path == [ADDONS_DIR]


def test_importable_odoo_of_the_series(machine, monkeypatch, git_calls):
    monkeypatch.setenv('PYTHONPATH', str(make_odoo(machine / 'old', '18, 0')))
    assert find().kind == 'git'
    monkeypatch.setenv('PYTHONPATH', str(make_odoo(machine / 'lib')))
    assert find() == Source('importable', machine / 'lib')


def test_clone_is_shallow_and_made_once(machine, git_calls):
    path = machine / 'cache' / 'odoo' / 'git'
    assert find() == find() == Source('git', path)
    assert git_calls.read_text() == (
        f"clone --quiet --depth 1 --branch 19.0 {odoo_source.GIT_URL} {path}\n"
    )


def test_git_steps_in_for_debian_and_is_kept(machine, git_calls, monkeypatch, capsys):
    """Debian's mirror lacks the package; it is not asked again once there is a clone."""
    asked = []

    def fail(packages):
        asked.append(packages)
        raise Fail("Debian's packages could not be fetched (E: Unable to locate package odoo-19)")

    monkeypatch.setattr(debian, 'available', lambda: True)
    monkeypatch.setattr(debian, 'codename', lambda: 'bookworm')
    monkeypatch.setattr(debian, 'download', fail)
    assert find().kind == find().kind == 'git'
    assert len(asked) == 1
    assert "Unable to locate package odoo-19); git is tried instead" in capsys.readouterr().out


def test_debian_package_of_a_later_series_is_passed_over(machine, git_calls, monkeypatch):
    def unpack(packages, folder):
        make_odoo(folder / 'usr/lib/python3/dist-packages', '20, 0')

    monkeypatch.setattr(debian, 'available', lambda: True)
    monkeypatch.setattr(debian, 'cached', lambda name: True)
    monkeypatch.setattr(debian, 'unpack', unpack)
    assert find().kind == 'git'


def test_no_network(machine):
    make_program(machine / 'bin' / 'git', NO_GIT)
    with pytest.raises(Fail, match=r"Odoo could not be cloned \(fatal: could not resolve host\)") as failure:
        find()
    assert "check the network, or point ODOO_HOME" in failure.value.remedy
    assert not (machine / 'cache' / 'odoo' / 'git' / '.complete').exists()


def test_neither_debian_nor_git(machine, monkeypatch):
    monkeypatch.setenv('PATH', str(machine / 'bin'))
    with pytest.raises(Fail, match="no Odoo 19 and no git to fetch it") as failure:
        find()
    assert "sudo apt-get install -y git" in failure.value.remedy
