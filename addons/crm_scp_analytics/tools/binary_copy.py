"""Columns of numpy from and to PostgreSQL, by its binary COPY.

A value that passes through Python as an object costs a microsecond and forty bytes on either side; a column costs
neither. The format is the one of https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": rows of
fields, each preceded by its size, so that rows without text are an array of structures, once the bytes of what is
NULL are taken out.

numpy is imported by the caller's process when it copies, not when the addon loads.
"""
from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from odoo.tools import SQL

if TYPE_CHECKING:
    import numpy as np

    from odoo.sql_db import BaseCursor

HEADER = b'PGCOPY\n\xff\r\n\0' + bytes(8)
TRAILER = b'\xff\xff'
#: From 1970-01-01, which days are counted from here, to 2000-01-01, which PostgreSQL counts from.
DAYS_TO_2000 = 10_957
#: Groups of four digits before the decimal point of a numeric, and the most that all groups together can hold.
NUMERIC_GROUPS, NUMERIC_MAX = 4, 9e18
#: Rows taken from a file at once.
CHUNK = 100_000
#: Rows made ready to be sent at once, which are held several times meanwhile.
ROWS = 2_500


def read(cr: BaseCursor, query: SQL, types: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Fetch the rows of a statement as columns.

    :param query: statement whose columns are of the types given, in their order, and never NULL
    :param types: {name: 'i4', 'i8' or 'f8'}
    :return: {name: (n,) values}
    :raise ValueError: a value is NULL or of another type
    """
    import numpy as np  # noqa: PLC0415  loaded by the process that copies

    layout = _layout({name: np.dtype(kind) for name, kind in types.items()})
    # by way of a file: in memory the rows would take three times the room of the columns
    with tempfile.TemporaryFile() as file:
        cr.copy_expert(cr.mogrify(SQL("COPY (%s) TO STDOUT (FORMAT binary)", query)), file)
        count, rest = divmod(file.tell() - len(HEADER) - len(TRAILER), layout.itemsize)
        if rest:
            raise ValueError("the statement gives NULL, or columns of other types")
        columns = {name: np.empty(count, kind) for name, kind in types.items()}
        file.seek(len(HEADER))
        for start in range(0, count, CHUNK):
            rows = np.fromfile(file, layout, min(CHUNK, count - start))
            if any((rows[_size(name)] != layout[name].itemsize).any() for name in types):
                raise ValueError("the statement gives NULL, or columns of other types")
            for name, column in columns.items():
                column[start:start + len(rows)] = rows[name]
    return columns


def write(cr: BaseCursor, table: str, columns: Mapping[str, tuple[str | int, Sequence]]):
    """Append rows to a table, without an object for any value.

    :param columns: {column: (kind, values)} of equal length. The kind is 'i4', 'f8', 'date' (days since 1970-01-01) or
        a number: that of the decimal places of a numeric column. NaN and None become NULL.
    :raise ValueError: an amount too large to be exact
    """
    import numpy as np  # noqa: PLC0415  as above

    columns = {name: (kind, np.asarray(values, dtype='f8')) for name, (kind, values) in columns.items()}
    count = len(next(iter(columns.values()))[1])
    for kind, values in columns.values():
        # before any of it is sent: the database would put its own error in the place of this one
        if isinstance(kind, int) and np.nanmax(np.abs(values), initial=0.0) >= _get_amount_max(kind):
            raise ValueError("an amount is too large to be stored")

    def pieces():
        yield HEADER
        for start in range(0, count, ROWS):
            yield _pack({
                name: _encode(kind, values[start:start + ROWS]) for name, (kind, values) in columns.items()
            }).tobytes()
        yield TRAILER

    with ThreadPoolExecutor(1) as ahead:
        cr.copy_expert(
            cr.mogrify(SQL(
                "COPY %s (%s) FROM STDIN (FORMAT binary)",
                SQL.identifier(table), SQL(", ").join(map(SQL.identifier, columns)),
            )),
            _Ahead(ahead, pieces()),
        )


class _Ahead:
    """A file of pieces, of which the next one is made ready while the database takes the one before.

    :param executor: of one thread
    """

    def __init__(self, executor, pieces):
        self._executor, self._pieces = executor, pieces
        self._next = executor.submit(next, pieces, b'')

    def read(self, _size):  # pylint: disable=method-required-super # a file's, not a model's
        piece = self._next.result()
        self._next = self._executor.submit(next, self._pieces, b'')
        return piece


def _pack(parts):
    """:param parts: {column: values as PostgreSQL stores them, which of them are NULL}
    :return: rows"""
    import numpy as np  # noqa: PLC0415  as above

    layout = _layout({name: values.dtype for name, (values, _null) in parts.items()})
    rows = np.zeros(len(next(iter(parts.values()))[0]), layout)
    rows['fields'] = len(parts)
    for name, (values, null) in parts.items():
        rows[name] = values
        rows[_size(name)] = np.where(null, -1, values.itemsize)
    body = rows.view(np.uint8).reshape(len(rows), layout.itemsize)
    if any(null.any() for _values, null in parts.values()):
        kept = np.ones(body.shape, dtype=bool)
        for name, (values, null) in parts.items():
            if null.any():
                start = layout.fields[name][1]
                kept[:, start:start + values.itemsize] = ~null[:, None]
        body = body[kept]
    return body


def _encode(kind, values):
    """:return: values as PostgreSQL stores them, which of them are NULL"""
    import numpy as np  # noqa: PLC0415  as above

    null = np.isnan(values)
    if kind == 'f8':
        return values.astype('>f8'), null
    values = np.where(null, 0.0, values)
    if kind == 'date':
        values = values - DAYS_TO_2000
    if kind in ('i4', 'date'):
        return np.rint(values).astype('>i4'), null
    return _encode_numeric(values, kind), null


def _encode_numeric(values, places):
    """Decimals in groups of four digits, as many for every value: PostgreSQL drops those that are zero.

    :return: (n,) structures of number of groups, place of the first one, sign, decimal places shown, groups
    """
    import numpy as np  # noqa: PLC0415  as above

    fraction = -(-places // 4)
    count = NUMERIC_GROUPS + fraction
    result = np.zeros(len(values), [
        ('count', '>i2'), ('weight', '>i2'), ('sign', '>u2'), ('places', '>i2'), ('groups', '>i2', (count,)),
    ])
    units = np.rint(np.abs(values) * 10.0 ** places).astype(np.int64)
    result['count'], result['weight'], result['places'] = count, NUMERIC_GROUPS - 1, places
    result['sign'] = np.where(values < 0, 0x4000, 0)
    units *= 10 ** (4 * fraction - places)
    for group in reversed(range(count)):
        units, result['groups'][:, group] = np.divmod(units, 10_000)
    return result


def _get_amount_max(places):
    """:return: what an amount must lie below"""
    return min(1e4 ** NUMERIC_GROUPS, NUMERIC_MAX / 1e4 ** -(-places // 4))


def _layout(types):
    """:return: the structure of a row; network byte order"""
    import numpy as np  # noqa: PLC0415  as above

    fields = [('fields', '>i2')]
    for name, kind in types.items():
        fields += [(_size(name), '>i4'), (name, kind if kind.names else kind.newbyteorder('>'))]
    return np.dtype(fields)


def _size(name):
    return f'{name} size'
