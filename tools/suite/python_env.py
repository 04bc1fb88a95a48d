"""The virtual environment with everything Odoo, the addons and the checks import."""
import hashlib
import os
import subprocess
import sys

from suite.locking import exclusive
from suite.paths import CACHE, REPO
from suite.system import install, require_disk
from suite.ui import run, step

REQUIREMENTS = (REPO / 'requirements.txt', REPO / 'requirements-dev.txt')


def python():
    """Path of the environment's interpreter; built on first use, shared by all checkouts.

    The folder is named after what it was built from, so changed requirements get a new one.
    """
    content = b''.join(path.read_bytes() for path in REQUIREMENTS)
    key = hashlib.sha256(content + sys.version.encode()).hexdigest()[:10]
    folder = CACHE / 'venv' / f'py{sys.version_info[0]}{sys.version_info[1]}-{key}'
    interpreter, complete = folder / 'bin' / 'python', folder / '.complete'
    if complete.exists():
        return interpreter
    require_disk(CACHE, 3)
    with exclusive(folder):
        if not complete.exists():
            with step("Python environment"):
                _build(folder, interpreter)
            complete.touch()
    return interpreter


def _build(folder, interpreter):
    venv = [sys.executable, '-m', 'venv', '--clear', folder]
    if subprocess.run([sys.executable, '-c', 'import ensurepip'], capture_output=True).returncode:
        install([f'python{sys.version_info[0]}.{sys.version_info[1]}-venv'], "the Python environment")
    run(venv, 'venv', failure="could not make a virtual environment")
    pip = [interpreter, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
    for path in REQUIREMENTS:
        pip += ['-r', path]
    run(
        pip, 'pip', failure="could not install the Python packages",
        remedy="check the network or the package index that pip is set to; details in .local/logs/pip.log",
    )


def enter(arguments, started):
    """Continue this very command, begun at ``started``, inside the environment (replaces the process)."""
    interpreter = python()
    if sys.prefix == str(interpreter.parents[1]):
        return
    env = dict(os.environ, SCP_BASE_PYTHON=sys.executable, SCP_STARTED=str(started))
    env.pop('PYTHONDONTWRITEBYTECODE', None)  # without .pyc files Odoo starts three times slower
    os.execve(interpreter, [str(interpreter), '-m', 'suite', *arguments], env)
