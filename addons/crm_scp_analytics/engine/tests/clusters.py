"""A Dask cluster of real processes, for tests: a scheduler and workers, started by their own programs."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


class LocalCluster:
    """A scheduler and workers of one thread each on this machine, all gone at the end of the context."""

    def __init__(self, workers: int = 2):
        self.count = workers
        self.workers = []
        self.scheduler = None
        self.address = ''

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        try:
            self.scheduler, self.address = self._start(
                'dask_scheduler', '--host', '127.0.0.1', '--port', '0', said=r'Scheduler at:\s+(tcp://\S+)',
            )
            # each says so when the scheduler knows it
            self.workers = [
                self._start(
                    'dask_worker', self.address, '--nthreads', '1', '--no-nanny', '--no-dashboard',
                    '--local-directory', self._folder.name, said=r'Registered to:\s+(tcp://\S+)', number=number,
                )[0] for number in range(self.count)
            ]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        for process in (*self.workers, self.scheduler):
            if process:
                process.kill()
                process.wait()
        self._folder.cleanup()

    def _start(self, program, *arguments, said, number=0):
        """:return: process, what it said"""
        log = Path(self._folder.name) / f'{program}{number}.log'
        with log.open('w') as stream:
            process = subprocess.Popen(
                [sys.executable, '-m', f'distributed.cli.{program}', *arguments], stdout=stream,
                stderr=subprocess.STDOUT, env={**os.environ, 'PYTHONUNBUFFERED': '1'},
            )
        while process.poll() is None:
            if found := re.search(said, log.read_text()):
                return process, found[1]
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        raise RuntimeError(log.read_text())
