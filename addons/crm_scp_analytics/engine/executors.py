"""Where independent pieces of work are done: in this process, in several of this machine, or on a cluster.

The pieces of a choice of models are its trials: one candidate at one day of the past. None needs another, each takes
seconds to minutes where customers are many, and each runs in one thread; so they can be done anywhere, in any order,
and the results are the same to the last digit.

Whoever helps may be lost: a worker that is killed has its piece done by another one, and where there is nobody left
this process goes on by itself and keeps the reason in :attr:`Executor.problem`. What was done by then is not done
again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from multiprocessing.connection import wait
from pathlib import Path

from . import parcels, worker

#: How many workers may die of a piece before it is done here.
TRIES = 3


class Lost(Exception):
    """There is nobody to help, or nobody any more.

    :param code: ``missing`` (the package distributed), ``unreachable`` (the scheduler), ``idle`` (no workers),
        ``versions`` (other libraries, hence other last digits), ``died`` (worker after worker), ``gone`` (the
        scheduler, in the middle of the work)
    :param detail: what a library said of it
    """

    def __init__(self, code: str, detail: object = ''):
        super().__init__(code, str(detail))
        self.code = code
        self.detail = str(detail)


class Executor:
    """Does every piece in this process, and is what the others fall back on.

    To be used as a context; its helpers are gone at the end.
    """

    #: who does the pieces: ``process``, ``processes`` or ``cluster``; and where its scheduler is
    kind = 'process'
    address = ''
    #: `Lost` when this process had to do what others should have done
    problem: Lost | None = None

    def __enter__(self) -> Executor:
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        """Let the helpers go."""

    def map(
        self, function: Callable, common, pieces: Sequence[tuple], on_done: Callable[[], None] = lambda: None,
    ) -> list:
        """Do all pieces.

        :param function: of a module of the engine: ``function(common, *piece)``
        :param common: its first argument, the same for all
        :param on_done: called after each; what it raises ends the work
        :return: results in the order of the pieces
        """
        results = {}
        if not self.problem:
            try:
                with closing(self._compute(function, common, pieces)) as computed:
                    for place, result in computed:
                        results[place] = result
                        on_done()
            except Lost as problem:
                self.problem = problem
        for place, piece in enumerate(pieces):
            if place not in results:
                results[place] = function(common, *piece)
                on_done()
        return [results[place] for place in range(len(pieces))]

    def _compute(self, function, common, pieces) -> Iterator[tuple[int, object]]:
        """Have pieces done elsewhere.

        :return: (place, result) of each as it ends; those left out are done here
        :raise Lost: nobody is left to do the rest
        """
        yield from ()


class Processes(Executor):
    """Several processes of this machine, which end with the context.

    :param count: how many
    """

    kind = 'processes'

    def __init__(self, count: int):
        self.count = count
        self._idle = []

    def close(self):
        while self._idle:
            self._idle.pop().stop()

    def _compute(self, function, common, pieces):
        common = parcels.pack(common)
        waiting = deque(range(len(pieces)))
        deaths, busy = Counter(), {}
        while len(self._idle) < min(self.count, len(pieces)):
            self._idle.append(_Child())
        try:
            while waiting or busy:
                while waiting and self._idle:
                    place, child = waiting.popleft(), self._idle.pop()
                    child.send(common, parcels.pack((function, pieces[place])))
                    busy[child.answers] = child, place
                for answers in wait(list(busy)):
                    child, place = busy.pop(answers)
                    try:
                        answer = child.receive()
                    except EOFError:
                        child.stop()
                        deaths[place] += 1
                        if deaths[place] == TRIES:
                            raise Lost('died') from None
                        waiting.appendleft(place)
                        self._idle.append(_Child())
                    else:
                        self._idle.append(child)
                        yield place, parcels.open_answer(answer)
        finally:
            for child, _place in busy.values():
                child.stop()


class _Child:
    """A process of :mod:`engine.worker`. It learns nothing of the database: neither its address nor a password."""

    def __init__(self):
        self.process = subprocess.Popen(  # noqa: S603 - this very Python, a file of our own
            [sys.executable, Path(worker.__file__)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            # how Odoo reaches its database, by libpq's names and by those of the official container
            env={name: value for name, value in os.environ.items()
                 if not name.startswith('PG') and name not in ('HOST', 'PORT', 'USER', 'PASSWORD')},
        )
        self.answers = self.process.stdout
        self._common = None

    def send(self, common: bytes, piece: bytes):
        # who is gone already is found out when his answer is read
        with suppress(BrokenPipeError):
            worker.write(self.process.stdin, b'' if common is self._common else common)
            worker.write(self.process.stdin, piece)
        self._common = common

    def receive(self) -> bytes:
        return worker.read(self.answers)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.answers.close()
        with suppress(BrokenPipeError):
            self.process.stdin.close()


def open_executor(scheduler: str = '', processes: int = 1) -> Executor:
    """:param scheduler: address of a Dask scheduler, e.g. ``tcp://host:8786``; it has precedence
    :param processes: how many of this machine, 1 for this one alone
    :return: who does the pieces
    """
    if scheduler:
        from .cluster import Cluster

        return Cluster(scheduler)
    return Processes(processes) if processes > 1 else Executor()
