"""wkhtmltopdf, with which Odoo prints PDF files: the machine's own, else Debian's package under the cache."""
import os
import shlex
import shutil
import subprocess

from suite import debian, system
from suite.locking import exclusive
from suite.paths import CACHE
from suite.ui import Fail, say, step

PROGRAMS = ('wkhtmltopdf', 'wkhtmltoimage')
PACKAGE = 'wkhtmltopdf'
# The last stable release that has the package; an older one, and a younger one that takes it back, come first.
LAST_SUITE = 'bookworm'

ROOT = CACHE / 'wkhtmltopdf'
LAUNCHERS = ROOT / 'launchers'


def search_path():
    """The PATH on which Odoo looks for it; what the machine has goes first."""
    return os.pathsep.join([os.environ.get('PATH', os.defpath), str(LAUNCHERS)])


def prepare():
    """Set it up where it is missing.

    Everything but printing works without it, so that a failure is told, with its remedy, and passed over.
    """
    if shutil.which(PACKAGE, path=search_path()):
        return
    packages = [PACKAGE, *([] if system.has_chinese_font() else [system.CHINESE_FONT])]
    try:
        if debian.available():
            _unpack(packages)
        else:
            system.install(packages, "printing PDF files")
    except Fail as error:
        say(f"  no PDF files for now: {error.args[0]}\n    remedy: {error.remedy}")


def _unpack(packages):
    remedy = f"check the network and repeat the command, or: sudo apt-get install -y {' '.join(packages)}"
    system.require_disk(CACHE, 1)
    with exclusive(ROOT):
        if LAUNCHERS.exists():
            return
        with step("wkhtmltopdf from Debian's package, to print PDF files"):
            shutil.rmtree(ROOT, ignore_errors=True)
            debian.unpack_missing(packages, dict.fromkeys([debian.codename(), LAST_SUITE]), ROOT, remedy)
            _write_launchers(ROOT / 'new')
            answer = subprocess.run([ROOT / 'new' / PACKAGE, '--version'], capture_output=True, text=True)
            if answer.returncode:
                raise Fail(f"Debian's wkhtmltopdf does not start: {answer.stderr.strip()[-200:]}", remedy)
            (ROOT / 'new').rename(LAUNCHERS)


def _write_launchers(folder):
    """Small scripts in ``folder`` that start the programs with the libraries and fonts unpacked beside them."""
    libraries = [str(path) for pattern in ('lib', 'usr/lib') for path in ROOT.glob(f'{pattern}/*-linux-gnu*')]
    fonts = ROOT / 'fonts.conf'
    fonts.write_text(f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <include ignore_missing="yes">{ROOT}/etc/fonts/fonts.conf</include>
  <dir>{ROOT}/usr/share/fonts</dir>
  <cachedir>{ROOT}/fonts-cache</cachedir>
</fontconfig>
""")
    runtime = ROOT / 'run'
    runtime.mkdir(mode=0o700)
    variables = {
        'FONTCONFIG_FILE': fonts,
        'LD_LIBRARY_PATH': os.pathsep.join(libraries),
        'QT_PLUGIN_PATH': os.pathsep.join(f'{path}/qt5/plugins' for path in libraries),
        'QT_QPA_PLATFORM': 'offscreen',
        'XDG_RUNTIME_DIR': runtime,
    }
    settings = ' '.join(f'{name}={shlex.quote(str(value))}' for name, value in variables.items())
    folder.mkdir()
    for program in PROGRAMS:
        launcher = folder / program
        launcher.write_text(f'#!/bin/sh\n{settings} exec {shlex.quote(str(ROOT / "usr/bin" / program))} "$@"\n')
        launcher.chmod(0o755)
