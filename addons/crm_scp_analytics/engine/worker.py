"""A process that computes pieces for :class:`engine.executors.Processes`: ``python worker.py``.

It knows the engine and nothing of Odoo, and reads from its input, until that ends, two parcels for each piece; the
answer goes to its output. Each parcel follows its length in eight bytes.
"""

import importlib
import os
import resource
import sys
from pathlib import Path


def read(stream) -> bytes:
    """:return: the next parcel
    :raise EOFError: the other side is gone
    """
    size = int.from_bytes(_read(stream, 8), 'big')
    return _read(stream, size)


def _read(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def write(stream, parcel: bytes):
    stream.write(len(parcel).to_bytes(8, 'big'))
    stream.write(parcel)
    stream.flush()


def main():
    # the folder of a script comes first on the path: its modules would take the place of others of the same name
    folder = Path(sys.path.pop(0))
    # Odoo gives each unit of its work so much processor time: this process has many of them to do
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), 'wb')
    os.dup2(2, 1)  # what anybody prints is no answer
    sys.path.append(str(folder.parent))
    parcels = importlib.import_module(f'{folder.name}.parcels')
    common = b''
    try:
        while True:
            # unchanged since the last piece, it is not sent again
            common = read(requests) or common
            write(answers, parcels.answer(common, read(requests)))
    except (EOFError, BrokenPipeError):
        return


if __name__ == '__main__':
    main()
