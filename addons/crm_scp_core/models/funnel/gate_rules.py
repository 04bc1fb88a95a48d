"""Rules of the gates between stages as plain functions: no database, no environment.

A gate looks at moves forward only. What the stage entered asks for is its required fields; what
the stage left asks for is its minimum stay and that no stage is jumped over. Winning ends a deal
wherever it stands: of a won stage only the required fields count.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .funnel_rules import Stage, count_skipped


class Unmet(NamedTuple):
    """One rule a move has not met; ``values`` says which in a form JSON can keep."""

    kind: str
    values: dict[str, Any]


def is_open_to(stage: Stage, team_id: int | None) -> bool:
    """Whether a stage belongs to the pipeline of a team."""
    return not stage.team_ids or team_id in stage.team_ids


def find_unmet(
    stages: Sequence[Stage],
    from_id: int,
    to_id: int,
    team_id: int | None,
    is_missing: Callable[[str], bool],
    get_days: Callable[[], float],
) -> list[Unmet]:
    """Return the rules a move does not meet.

    :param stages: all stages in pipeline order; those of other teams have no say
    :param is_missing: whether a field of the lead, by name, has no value after the move
    :param get_days: gives the working days spent in the stage left; asked only when it matters
    """
    ranks = {stage.id: rank for rank, stage in enumerate(stages)}
    if from_id not in ranks or to_id not in ranks or ranks[to_id] <= ranks[from_id]:
        return []
    left, entered = stages[ranks[from_id]], stages[ranks[to_id]]
    unmet = []
    if entered.gate and is_open_to(entered, team_id):
        unmet += (
            Unmet(entered.gate.kind, {'rule': 'field', 'field': fname})
            for fname in entered.gate.required if is_missing(fname)
        )
    if left.gate and is_open_to(left, team_id) and not entered.is_won:
        skipped = count_skipped(stages, from_id, to_id, team_id)
        if skipped and not left.gate.allows_skip_to(to_id):
            unmet.append(Unmet(left.gate.kind, {'rule': 'skip', 'count': skipped}))
        if left.gate.min_days and (days := get_days()) < left.gate.min_days:
            unmet.append(Unmet(left.gate.kind, {
                'rule': 'days', 'days': round(days, 2), 'min_days': left.gate.min_days,
            }))
    return unmet
