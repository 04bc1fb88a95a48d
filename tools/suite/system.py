"""What the machine must offer: disk, a free port, a few system packages."""
import os
import shutil
import socket
import subprocess
from pathlib import Path

from suite.locking import exclusive
from suite.paths import CACHE
from suite.ui import Fail, run, step

CHINESE_FONT = 'fonts-noto-cjk'


def os_release():
    """``/etc/os-release`` as a dict, empty where there is none."""
    try:
        lines = Path('/etc/os-release').read_text().splitlines()
    except OSError:
        return {}
    return {key: value.strip('"') for key, _, value in (line.partition('=') for line in lines)}


def require_disk(folder, gigabytes):
    """:raise Fail: when the file system of ``folder`` has less than that free."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / 1e9
    if free < gigabytes:
        raise Fail(
            f"only {free:.1f} GB free on the disk of {folder}, {gigabytes} GB are needed",
            "free some space, or move the cache by setting XDG_CACHE_HOME",
        )


def require_free_port(port):
    """:raise Fail: when something listens on ``port`` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OverflowError:
            raise Fail(f"{port} is no port", "choose one from 1024 to 65535: make run PORT=8070") from None
        except OSError as error:
            raise Fail(
                f"port {port} cannot be used: {error.strerror}",
                f"stop what uses it, or choose another: make run PORT={port + 1}",
            ) from None


def _root_prefix():
    """The words before a command that make it run as root without asking, or None."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which('sudo')
    if sudo and not subprocess.run([sudo, '-n', 'true'], capture_output=True).returncode:
        return [sudo, '-n']
    return None


def install(packages, purpose):
    """Install Debian packages where this user may do so without a password.

    :raise Fail: with the one command to type, where he may not
    """
    command = ['apt-get', 'install', '-y', '--no-install-recommends', *packages]
    prefix = _root_prefix()
    if prefix is None or not shutil.which('apt-get'):
        raise Fail(f"{' and '.join(packages)} missing for {purpose}", f"sudo {' '.join(command)}")
    with exclusive(CACHE / 'apt-get'), step(f"Installing {' '.join(packages)} for {purpose}"):
        env = dict(os.environ, DEBIAN_FRONTEND='noninteractive')
        run([*prefix, 'apt-get', 'update'], 'apt-update', failure="apt-get update failed", env=env)
        run([*prefix, *command], 'apt-install', failure=f"could not install {' '.join(packages)}", env=env)


def has_chinese_font():
    if shutil.which('fc-list'):
        return bool(subprocess.run(['fc-list', ':lang=zh-cn', 'file'], capture_output=True).stdout.strip())
    return any(Path('/usr/share/fonts').rglob('NotoSansCJK*'))


def require_browser():
    """Path of Chromium, for tours and pictures, with a font that knows Chinese."""
    names = ('chromium', 'chromium-browser', 'google-chrome')
    if not any(map(shutil.which, names)):
        install(['chromium'], "the browser tests")
    if not has_chinese_font():
        install([CHINESE_FONT], "Chinese on screen")
    return next(filter(None, map(shutil.which, names)))
