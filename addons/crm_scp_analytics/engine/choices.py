"""A choice of models as plain data, to be kept and used again until the next choice."""

from __future__ import annotations

import re

from . import cnbd_k
from .calibration import Temperature
from .selection import CLOSED_FORMS, Candidate, Choice

REGULAR = re.compile(r'(m?)bgcnbd_(\d+)')
TREES = '+trees'


def candidate(name: str) -> Candidate:
    """:return: the candidate of that name, see :attr:`engine.selection.Candidate.name`
    :raise ValueError: there is no such model
    """
    stem = name.removesuffix(TREES)
    if regular := REGULAR.fullmatch(stem):
        model = cnbd_k.model(int(regular[2]), modified=bool(regular[1]))
    else:
        models = {model.name: model for model in CLOSED_FORMS}
        if stem not in models:
            raise ValueError(f"there is no model {name}")
        model = models[stem]
    return Candidate(model, blended=name.endswith(TREES))


def dump(choice: Choice) -> dict:
    """:return: what :func:`load` needs: names and numbers"""
    return {
        'count': choice.count.name,
        'chance': choice.chance.name,
        'shift': choice.temperature.shift,
        'slope': choice.temperature.slope,
        'near': choice.near,
        'taught': choice.taught,
    }


def load(
    count: str, chance: str, shift: float, slope: float, near: dict[str, list[float]] | None = None,
    taught: dict | None = None,
) -> Choice:
    """:return: a choice that forecasts like the one that was kept, without its trials"""
    return Choice(
        candidate(count), candidate(chance), temperature=Temperature(shift, slope), near=near or {}, taught=taught,
    )
