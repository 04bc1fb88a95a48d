"""Several commands at once, shown as if one came after the other."""
import ctypes
import os
import signal
import subprocess
import sys
import time

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 30


class Job:
    """A command whose output waits in the file ``log`` until it is shown.

    ``code`` is its exit code and ``seconds`` the time it took, both None until it has ended.
    """

    def __init__(self, name, command, log):
        self.name = name
        self.command = command
        self.log = log
        self.process = self.code = self.seconds = None

    def start(self):
        self._began = time.monotonic()
        with self.log.open('w') as stream:
            self.process = subprocess.Popen(
                self.command, stdout=stream, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches us alone, and we pass it on to all that a job started
                preexec_fn=die_with_parent,
            )

    def look(self):
        """Notice its end."""
        if self.is_running() and self.process.poll() is not None:
            self.code = self.process.returncode
            self.seconds = time.monotonic() - self._began

    def is_running(self):
        return self.process is not None and self.code is None

    def send(self, number):
        os.killpg(self.process.pid, number)


def run(jobs, at_once):
    """Run ``jobs``, so many at once, in the order given; yield each when it has ended and was shown.

    The first is shown while it runs, each other from its beginning when those before it have ended.
    Whatever ends this generator, an exception or its close, stops the jobs under way.
    """
    try:
        for job in jobs:
            _advance(jobs, at_once)  # those before it have ended, so it is under way by now
            with job.log.open(errors='replace') as output:
                ended = False
                while not ended:
                    ended = job.code is not None
                    sys.stdout.write(output.read())
                    sys.stdout.flush()
                    if not ended:
                        time.sleep(POLL_SECONDS)
                        _advance(jobs, at_once)
            yield job
    finally:
        _stop([job for job in jobs if job.is_running()])


def _advance(jobs, at_once):
    """Notice which jobs have ended, and start others in their place."""
    for job in jobs:
        job.look()
    free = at_once - sum(job.is_running() for job in jobs)
    for job in [job for job in jobs if not job.process][:free]:
        job.start()


def _stop(jobs):
    """End jobs as Ctrl-C does, by force where that does not help."""
    for job in jobs:
        job.send(signal.SIGINT)
    for job in jobs:
        try:
            job.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            job.send(signal.SIGKILL)
            job.process.wait()


def die_with_parent():
    """For ``preexec_fn``: a hard kill of ours leaves nothing behind that holds a port or a database."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
