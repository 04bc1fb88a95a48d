"""What the person at the terminal sees: steps with their time, and errors with their remedy."""
import contextlib
import subprocess
import sys
import threading
import time

from suite.paths import LOGS

_TTY = sys.stdout.isatty()


class Fail(Exception):
    """An error the user can do something about: shown as one line and its remedy, no traceback."""

    def __init__(self, message, remedy=''):
        super().__init__(message)
        self.remedy = remedy

    def __str__(self):
        lines = [f"error: {self.args[0]}"]
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return '\n'.join(lines)


def say(text=''):
    print(text, flush=True)


@contextlib.contextmanager
def step(title):
    """Announce ``title``, keep a clock running beside it while the body works, then its time."""
    start = time.monotonic()
    done = threading.Event()

    def tick():
        while not done.wait(1):
            print(f"\r  {title} ... {time.monotonic() - start:.0f} s", end='', flush=True)

    def tick_lines():
        while not done.wait(30):
            say(f"  {title} ... still working, {time.monotonic() - start:.0f} s")

    clock = threading.Thread(target=tick if _TTY else tick_lines, daemon=True)
    clock.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        done.set()
        clock.join()
        say(f"{chr(13) if _TTY else ''}  {title} ... {outcome}, {time.monotonic() - start:.1f} s")


def run(command, log_name, *, failure, remedy='', **popen_args):
    """Run ``command`` with its output kept in a log of that name.

    :param failure: the one-line error if it exits with another code than 0
    :return: the text of the log
    :raise Fail: with ``failure``, the last line it printed, and where the log is
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f'{log_name}.log'
    with log.open('w') as stream:
        code = subprocess.run(
            [str(part) for part in command], stdout=stream, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, **popen_args,
        ).returncode
    text = log.read_text(errors='replace')
    if code:
        last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), '')
        raise Fail(f"{failure} ({last[:200]})", remedy or f"the whole story is in {log}")
    return text
