"""A choice that was kept forecasts like the one that was made."""

import json

import numpy as np
import pytest
from engine import choices, cnbd_k, selection
from engine.frame import Purchases
from engine.selection import Candidate, Choice


def bought():
    rng = np.random.default_rng(7)
    customer = np.repeat(np.arange(60), 20)
    day = np.cumsum(rng.exponential(10 + np.arange(60)[:, None], (60, 20)), axis=1).astype(int).ravel()
    return Purchases.of(customer, day).until(400)


@pytest.mark.parametrize('blended', [False, True])
@pytest.mark.parametrize('model', [*selection.CLOSED_FORMS, cnbd_k.model(4), cnbd_k.model(2, modified=False)])
def test_every_candidate_has_a_name_that_leads_back(model, blended):
    found = choices.candidate(Candidate(model, blended).name)
    assert (found.model.name, found.blended) == (model.name, blended)


def test_kept_choice_forecasts_alike():
    purchases = bought()
    choice = selection.choose(purchases, 400, 91, blend=False)
    assert isinstance(choice, Choice)
    kept = choices.load(**json.loads(json.dumps(choices.dump(choice))))
    assert set(kept.near) == {choice.count.model.name, choice.chance.model.name}
    first, second = (selection.predict(purchases, 400, [91, 365], each) for each in (choice, kept))
    assert np.array_equal(first.expected, second.expected)
    assert np.array_equal(first.active, second.active)


def test_unknown_name():
    with pytest.raises(ValueError, match="no model tea leaves"):
        choices.candidate('tea leaves')
