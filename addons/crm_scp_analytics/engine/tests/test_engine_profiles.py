import numpy as np
import pytest
from engine import profiles
from engine.frame import NotEnoughData

CODES = ('money', 'frequency', 'recency')


def company(seed=1, size=120):
    """Three kinds: large and frequent, small and frequent, small and rare."""
    random = np.random.default_rng(seed)
    kinds = np.array([(9000, 30, 5), (400, 28, 6), (300, 2, 200)], dtype=float)
    return np.repeat(kinds, size // 3, axis=0) * random.uniform(0.8, 1.25, (size, 3))


def test_planted_kinds_are_found_and_named():
    found = profiles.find(company(), CODES, groups=3)
    assert found.sizes.tolist() == [40, 40, 40]
    assert found.group.tolist() == [0] * 40 + [1] * 40 + [2] * 40
    assert ('money', 'high') in found.names[0]
    assert ('recency', 'high') in found.names[2]
    assert ('frequency', 'low') in found.names[2]
    assert found.centres[0] == pytest.approx([9000, 30, 5], rel=0.1)


def test_the_number_of_groups_is_chosen():
    two = np.concatenate((company()[:40], company()[80:]))
    found = profiles.find(two, CODES)
    assert len(found.sizes) == 2
    assert found.silhouette > 0.5


def test_same_customers_same_groups_in_any_order_and_currency():
    figures = company()
    order = np.random.default_rng(2).permutation(len(figures))
    one, other = profiles.find(figures, CODES), profiles.find(figures[order] * [7.8, 1, 1], CODES)
    assert other.group.tolist() == one.group[order].tolist()
    assert other.names == one.names


def test_nothing_to_tell_apart():
    for figures in (np.ones((30, 3)), np.zeros((0, 3)), company()[:9]):
        with pytest.raises(NotEnoughData):
            profiles.find(figures, CODES)


def test_bad_figures():
    with pytest.raises(ValueError, match="finite number"):
        profiles.find(np.full((30, 3), np.nan), CODES)
    with pytest.raises(ValueError, match="finite number"):
        profiles.find(np.ones((30, 2)), CODES)
