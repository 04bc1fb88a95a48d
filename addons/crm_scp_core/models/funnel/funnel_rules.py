"""Rules of the sales funnel as plain functions: no database, no environment.

Five bands lie over the stages of every team, so that teams with different stages can be compared:
top (has a need), upper (has us on the list), middle (being pursued), lower (decided, formalities
open) and bottom (won).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

BANDS = ('top', 'upper', 'middle', 'lower', 'bottom')
OPEN_BANDS = BANDS[:-1]

State = Mapping[str, Any]


class Gate(NamedTuple):
    """What a stage asks of a move.

    ``required`` names the fields a lead needs to enter; ``min_days`` counts the working days it
    stays before it moves on. ``skip_ids`` empty means that any later stage may be jumped to.
    """

    kind: str
    required: tuple[str, ...] = ()
    min_days: int = 0
    allow_skip: bool = True
    skip_ids: frozenset[int] = frozenset()

    def allows_skip_to(self, stage_id: int) -> bool:
        return self.allow_skip and (not self.skip_ids or stage_id in self.skip_ids)


class Stage(NamedTuple):
    """What the rules need to know of a stage; ``team_ids`` empty means open to every team."""

    id: int
    is_won: bool = False
    team_ids: frozenset[int] = frozenset()
    gate: Gate | None = None


def spread_bands(stages: Sequence[Stage], known: Mapping[int, str] | None = None) -> dict[int, str]:
    """Give every stage a band by its place among the open stages of its pipeline.

    :param stages: all stages in pipeline order
    :param known: bands somebody has chosen already, by stage id; they are kept, and a stage
        between two of them never stands out of their order
    :return: a band for each stage id. Won stages are the bottom; n open stages spread evenly from
        the top down, so New, Qualified and Proposition become top, upper and middle.
    """
    known = known or {}
    bands = {}
    for stage in stages:
        if stage.id in known:
            bands[stage.id] = known[stage.id]
        elif stage.is_won:
            bands[stage.id] = BANDS[-1]
        else:
            peers = [other for other in stages if not other.is_won and _is_peer(stage, other)]
            index = peers.index(stage)
            floor = max(_known_ranks(peers[:index], known), default=0)
            ceiling = min(_known_ranks(peers[index + 1:], known), default=len(OPEN_BANDS) - 1)
            rank = index * len(OPEN_BANDS) // len(peers)
            bands[stage.id] = BANDS[max(min(rank, ceiling), floor)]
    return bands


def _is_peer(stage: Stage, other: Stage) -> bool:
    """Whether ``other`` belongs to the pipeline that ``stage`` is a part of."""
    return not other.team_ids or bool(stage.team_ids & other.team_ids)


def _known_ranks(stages: Iterable[Stage], known: Mapping[int, str]) -> list[int]:
    return [BANDS.index(known[stage.id]) for stage in stages if stage.id in known]


def is_open(state: State | None) -> bool:
    """Whether a lead in this state is being worked on: neither won, lost nor archived."""
    return bool(state and state['active'] and state['won_status'] not in ('won', 'lost'))


def count_skipped(
    stages: Sequence[Stage], from_id: int | None, to_id: int | None, team_id: int | None
) -> int:
    """Count the open stages a forward move jumps over.

    :param stages: all stages in pipeline order
    :param team_id: team of the lead; stages reserved to other teams do not count
    :return: 0 for a move backwards and when either stage is unknown
    """
    ranks = {stage.id: rank for rank, stage in enumerate(stages)}
    if from_id not in ranks or to_id not in ranks:
        return 0
    return sum(
        not stage.is_won and (not stage.team_ids or team_id in stage.team_ids)
        for stage in stages[ranks[from_id] + 1:ranks[to_id]]
    )


def get_direction(before: State | None, after: State | None, stages: Sequence[Stage]) -> str:
    """Name what happened to a lead between two states of it.

    The outcome comes first: a deal dragged from the first stage to Won is ``won``, however many
    stages it jumped over.

    :param before: state of the lead (``stage_id``, ``team_id``, ``active``, ``won_status``), or
        None when it did not exist
    :param after: the same afterwards, or None when it was deleted
    :param stages: all stages in pipeline order
    :return: enter, delete, won, lost, reopen, archive, forward, skip, back or none
    """
    if before is None:
        return 'enter'
    if after is None:
        return 'delete'
    outcome = after['won_status']
    if outcome != before['won_status'] and outcome in ('won', 'lost'):
        return outcome
    if is_open(before) != is_open(after):
        return 'reopen' if is_open(after) else 'archive'
    return _get_move(before, after, stages)


def _get_move(before: State, after: State, stages: Sequence[Stage]) -> str:
    """Name the move between the stages of two states: forward, skip, back or none."""
    from_id, to_id = before['stage_id'], after['stage_id']
    if from_id == to_id:
        return 'none'
    ranks = {stage.id: rank for rank, stage in enumerate(stages)}
    if ranks.get(to_id, -1) < ranks.get(from_id, -1):
        return 'back'
    return 'skip' if count_skipped(stages, from_id, to_id, after['team_id']) else 'forward'
