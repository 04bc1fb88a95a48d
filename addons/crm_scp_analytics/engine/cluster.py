"""Pieces of work on a Dask cluster; the package ``distributed`` is imported when one is asked for, and never before.

The engine travels with each piece as an archive of its sources: workers need Python and the same numpy, scipy, pandas
and scikit-learn as this server, which is checked, and never an addon, Odoo or a database.
"""

from __future__ import annotations

import hashlib
import io
import logging
import sys
import time
import zipfile
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

from . import parcels
from .executors import TRIES, Executor, Lost

#: Seconds a scheduler has to answer, and to come back when it is lost.
CONNECT, PATIENCE = 10.0, 20.0
#: Seconds between two looks at the pieces, and at the workers.
LOOK, LOOK_AT_WORKERS = 0.05, 1.0
#: Libraries whose versions change last digits.
LIBRARIES = ('numpy', 'scipy', 'pandas', 'scikit-learn')


class Cluster(Executor):
    """:param address: of the scheduler, ``tcp://host:port`` or ``tls://host:port``

    An address where nobody can help is no error: :attr:`problem` says why, and this process does the work.
    """

    kind = 'cluster'

    def __init__(self, address: str):
        self.address = address
        self._client = None

    def __enter__(self) -> Cluster:
        try:
            self._connect()
        except Lost as problem:
            self.problem = problem
            self.close()
        return self

    def close(self):
        client, self._client = self._client, None
        if client:
            client.close(timeout=2)

    @property
    def workers(self) -> int:
        """:return: how many workers there are at this moment"""
        return len(self._client.scheduler_info(n_workers=-1)['workers']) if self._client else 0

    def _connect(self):
        try:
            import cloudpickle
            from distributed import Client
        except ImportError as error:
            raise Lost('missing', error) from error
        # what is lost is told by `problem`: the tracebacks of the library would say no more
        for name in ('distributed', 'distributed.client'):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        # workers know nothing of this module: its functions travel as code
        cloudpickle.register_pickle_by_value(sys.modules[__name__])
        try:
            self._client = Client(self.address, timeout=CONNECT, set_as_default=False)
            versions = self._client.run(_get_versions, LIBRARIES)
        # an address may be wrong in as many ways as there are kinds of addresses
        except Exception as error:  # noqa: BLE001
            raise Lost('unreachable', error) from error
        if not versions:
            raise Lost('idle')
        own = _get_versions(LIBRARIES)
        for address, other in versions.items():
            if different := [f"{name} {other[name]} / {own[name]}" for name in own if other[name] != own[name]]:
                raise Lost('versions', f"{address}: {', '.join(different)}")

    def _compute(self, function, common, pieces):
        missing = set(range(len(pieces)))
        for _try in range(TRIES):
            self._require_workers()
            futures = {}
            # whatever a library raises in here, the way to somebody was lost: what is missing then is done once more
            with suppress(Exception):
                # to every worker, so that one of them may go
                data = self._client.scatter(parcels.pack(common), broadcast=True, hash=False, timeout=PATIENCE)
                futures = {
                    self._client.submit(
                        _answer, *_archive(), data, parcels.pack((function, pieces[place])), pure=False,
                    ): place for place in sorted(missing)
                }
            try:
                for future in self._get_ended(futures):
                    if future.status == 'error':
                        raise Lost('died')
                    if answer := self._get_answer(future):
                        missing.discard(futures[future])
                        yield futures[future], parcels.open_answer(answer)
            finally:
                if self._client.status == 'running':
                    self._client.cancel(list(futures))
            if not missing:
                return
        raise Lost('died')

    def _get_ended(self, futures):
        """:return: each as it ends, well or not
        :raise Lost: the scheduler, or its last worker, is gone for good
        """
        waiting, looked = set(futures), time.monotonic()
        while waiting:
            ended = {future for future in waiting if future.done()}
            waiting -= ended
            yield from ended
            if not ended:
                time.sleep(LOOK)
            if time.monotonic() - looked > LOOK_AT_WORKERS:
                self._require_workers()
                looked = time.monotonic()

    def _require_workers(self):
        """Wait a while for what is lost: a scheduler is started anew, and so is a worker.

        :raise Lost: it does not come back
        """
        since = time.monotonic()
        while self._client.status != 'running' or not self.workers:
            if time.monotonic() - since > PATIENCE:
                raise Lost('gone')
            time.sleep(LOOK)

    def _get_answer(self, future):
        """:return: None where the future was cancelled, or its result was with a worker that is gone"""
        with suppress(Exception):
            return future.result(timeout=PATIENCE) if future.status == 'finished' else None


def _get_versions(names):
    """Runs on the worker."""
    return {name: metadata.version(name) for name in names}


def _answer(package, archive, common, piece):
    """Runs on the worker, which learns there what the engine is.

    :param package: a name of its own for each version of the engine, so that an old one is never taken for it
    """
    import importlib
    import sys
    import tempfile

    if package not in sys.modules:
        with tempfile.NamedTemporaryFile(suffix='.zip', delete=False) as file:
            file.write(archive)
        sys.path.append(file.name)
    return importlib.import_module(f'{package}.parcels').answer(common, piece)


@cache
def _archive():
    """:return: name of the engine on workers, archive of its sources"""
    sources = sorted(Path(__file__).parent.glob('*.py'))
    digest = hashlib.sha256(b''.join(source.read_bytes() for source in sources)).hexdigest()[:12]
    package, stream = f'scp_engine_{digest}', io.BytesIO()
    with zipfile.ZipFile(stream, 'w', zipfile.ZIP_DEFLATED) as archive:
        for source in sources:
            archive.writestr(zipfile.ZipInfo(f'{package}/{source.name}'), source.read_bytes())
    return package, stream.getvalue()
