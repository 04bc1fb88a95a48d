"""How a cost is split, and which way a claim may go. No Odoo in here."""
from collections.abc import Sequence
from fractions import Fraction

#: from a state to those that may follow it
TRANSITIONS = {
    'draft': {'sent', 'withdrawn'},
    'sent': {'sent', 'accepted', 'disputed', 'closed', 'withdrawn'},
    'disputed': {'sent', 'accepted', 'closed', 'withdrawn'},
    'accepted': {'recovered', 'closed', 'withdrawn'},
    'recovered': {'accepted'},
    'closed': set(),
    'withdrawn': set(),
}


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split whole units by weights so that the parts add up to the total: by largest remainder, the first of equals.

    :param total: units, cents for example; may be negative
    :param weights: none negative; when all are 0, everybody counts the same
    """
    if not weights:
        return []
    exact = [Fraction(weight) for weight in weights]
    if not any(exact):
        exact = [Fraction(1)] * len(exact)
    sign, units, whole = (-1 if total < 0 else 1), abs(total), sum(exact)
    parts = [units * weight / whole for weight in exact]
    floors = [int(part) for part in parts]
    by_rest = sorted(range(len(parts)), key=lambda index: (floors[index] - parts[index], index))
    for index in by_rest[:units - sum(floors)]:
        floors[index] += 1
    return [sign * floor for floor in floors]
