"""What a supplier answers to an order, and what may be wrong with it. No Odoo in here."""
from dataclasses import dataclass
from datetime import date

#: parts a line can be confirmed in
MAX_PARTS = 5
MAX_NOTE = 500


class AnswerError(Exception):
    """An answer that was refused, and why.

    :param dict errors: text by key: ``page`` or the id of an order line
    """

    def __init__(self, errors):
        super().__init__('\n'.join(errors.values()))
        self.errors = errors


@dataclass(frozen=True)
class Part:
    """A quantity, in the unit of the order line, on a day."""

    day: date
    qty: float


@dataclass(frozen=True)
class Answer:
    """What the supplier says about what is open on one line."""

    parts: tuple[Part, ...]
    reason_id: int | bool = False
    note: str = ''

    @property
    def qty(self):
        return sum(part.qty for part in self.parts)

    @property
    def last_day(self):
        return max(part.day for part in self.parts)
