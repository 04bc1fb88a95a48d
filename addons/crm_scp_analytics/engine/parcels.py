"""Pieces of work on their way to another process, and their results on the way back.

There the engine is a package of another name: it needs no Odoo, while here it is a part of an addon. Functions and
classes of the engine travel by name, so a parcel says what its sender calls the engine, and the receiver puts his own
name in its place. Parcels are exchanged with processes of this server, or of a cluster that its administrator named,
and with nobody else.
"""

from __future__ import annotations

import io
import pickle
import traceback


class PieceError(Exception):
    """A piece failed elsewhere.

    :param text: the traceback there
    """


class _Opener(pickle.Unpickler):
    def __init__(self, stream, sender):
        super().__init__(stream)
        self.sender = sender

    def find_class(self, module, name):
        if module == self.sender or module.startswith(self.sender + '.'):
            module = __package__ + module[len(self.sender):]
        return super().find_class(module, name)


def pack(content) -> bytes:
    """:return: anything of numpy, of the engine and of Python itself, packed"""
    return __package__.encode() + b'\n' + pickle.dumps(content, protocol=5)


def unpack(parcel: bytes):
    """:return: what was packed"""
    sender, _line, content = parcel.partition(b'\n')
    return _Opener(io.BytesIO(content), sender.decode()).load()


def answer(common: bytes, piece: bytes) -> bytes:
    """Compute one piece.

    :param common: packed, what all pieces have in common
    :param piece: packed, (function, its other arguments)
    :return: packed, (whether it succeeded, result or traceback)
    """
    try:
        function, arguments = unpack(piece)
        return pack((True, function(unpack(common), *arguments)))
    except Exception:  # noqa: BLE001 - whatever it is, the sender wants to know
        return pack((False, traceback.format_exc()))


def open_answer(parcel: bytes):
    """:return: the result of a piece
    :raise PieceError: it failed, as it would have here
    """
    succeeded, result = unpack(parcel)
    if not succeeded:
        raise PieceError(result)
    return result
