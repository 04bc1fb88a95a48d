"""Columns of numpy from and to PostgreSQL, by its binary COPY.

A value that passes through Python as an object costs a microsecond and forty bytes on either side; a column costs
neither. The format is the one of https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": rows of
fields, each preceded by its size, so that rows without NULL and without text are an array of structures.

numpy is imported by the caller's process when it copies, not when the addon loads.
"""
from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from odoo.tools import SQL

if TYPE_CHECKING:
    import numpy as np

    from odoo.sql_db import BaseCursor

HEADER = b'PGCOPY\n\xff\r\n\0' + bytes(8)
TRAILER = b'\xff\xff'


def read(cr: BaseCursor, query: SQL, types: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Fetch the rows of a statement as columns.

    :param query: statement whose columns are of the types given, in their order, and never NULL
    :param types: {name: 'i4', 'i8' or 'f8'}
    :return: {name: (n,) values}
    :raise ValueError: a value is NULL or of another type
    """
    import numpy as np  # noqa: PLC0415  loaded by the process that copies

    layout = _layout({name: np.dtype(kind) for name, kind in types.items()})
    buffer = io.BytesIO()
    cr.copy_expert(cr.mogrify(SQL("COPY (%s) TO STDOUT (FORMAT binary)", query)), buffer)
    body = buffer.getbuffer()[len(HEADER):-len(TRAILER)]
    if len(body) % layout.itemsize:
        raise ValueError("the statement gives NULL, or columns of other types")
    rows = np.frombuffer(body, layout)
    if any((rows[_size(name)] != layout[name].itemsize).any() for name in types):
        raise ValueError("the statement gives NULL, or columns of other types")
    return {name: rows[name].astype(kind) for name, kind in types.items()}


def write(
    cr: BaseCursor, table: str, numbers: Mapping[str, Sequence], texts: Mapping[str, Sequence[str | None]],
):
    """Append rows to a table.

    :param numbers: {column of type double precision: values}; None becomes NaN
    :param texts: {column of type text: values}; None becomes NULL
    """
    import numpy as np  # noqa: PLC0415  as above

    columns = {name: np.asarray(values, dtype='f8') for name, values in numbers.items()}
    count = len(next(iter(columns.values())))
    rows = np.empty(count, _layout({name: values.dtype for name, values in columns.items()}))
    rows['fields'] = len(numbers) + len(texts)
    for name, values in columns.items():
        rows[_size(name)] = values.itemsize
        rows[name] = values
    body = rows.tobytes()
    if texts:
        size = rows.itemsize
        fixed = (body[start:start + size] for start in range(0, len(body), size))
        body = b''.join(
            part
            for row in zip(fixed, *(map(_text, values) for values in texts.values()), strict=True)
            for part in row
        )
    cr.copy_expert(
        cr.mogrify(SQL(
            "COPY %s (%s) FROM STDIN (FORMAT binary)",
            SQL.identifier(table), SQL(", ").join(map(SQL.identifier, [*numbers, *texts])),
        )),
        io.BytesIO(HEADER + body + TRAILER),
    )


def _layout(types):
    """:return: the structure of a row; network byte order"""
    import numpy as np  # noqa: PLC0415  as above

    fields = [('fields', '>i2')]
    for name, kind in types.items():
        fields += [(_size(name), '>i4'), (name, kind.newbyteorder('>'))]
    return np.dtype(fields)


def _size(name):
    return f'{name} size'


def _text(value):
    if value is None:
        return struct.pack('>i', -1)
    data = value.encode()
    return struct.pack('>i', len(data)) + data
