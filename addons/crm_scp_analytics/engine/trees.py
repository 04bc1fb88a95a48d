"""Boosted trees as plain numbers: whoever forecasts with them needs no scikit-learn, and they can be kept.

A tree is a leaf, the number it adds, or a split: [feature, threshold, whether what is missing goes left, left tree,
right tree]. A feature goes left up to the threshold; where that is None, whatever is known does. A forecast is the base
and what all trees add, in this order, as scikit-learn adds them up.
"""

from __future__ import annotations

import numpy as np

from .model import BLOCK


def plain(model) -> dict:
    """:param model: HistGradientBoosting of scikit-learn, of one output, fitted to numbers
    :return: base and trees, numbers and lists throughout"""
    return {
        'base': float(np.ravel(model._baseline_prediction)[0]),
        'trees': [_plain(predictor.nodes, 0) for [predictor] in model._predictors],
    }


def _plain(nodes, place):
    node = nodes[place]
    if node['is_leaf']:
        return float(node['value'])
    threshold = float(node['num_threshold'])
    return [
        int(node['feature_idx']), threshold if np.isfinite(threshold) else None, bool(node['missing_go_to_left']),
        _plain(nodes, int(node['left'])), _plain(nodes, int(node['right'])),
    ]


def add_up(kept: dict, features: np.ndarray) -> np.ndarray:
    """:param kept: of :func:`plain`
    :param features: (n, k), NaN for what is missing
    :return: (n,) sum of base and trees: the logarithm of a count, or of the odds of a chance"""
    result = np.full(len(features), kept['base'])
    for start in range(0, len(features), BLOCK):
        columns = np.ascontiguousarray(features[start:start + BLOCK].T)
        part = result[start:start + BLOCK]
        for tree in kept['trees']:
            part += _add(tree, columns)
    return result


def _add(tree, columns):
    if not isinstance(tree, list):
        return tree
    feature, threshold, missing_left, left, right = tree
    column = columns[feature]
    threshold = np.inf if threshold is None else threshold
    # what is missing is neither more nor less than anything
    goes_left = ~(column > threshold) if missing_left else column <= threshold
    return np.where(goes_left, _add(left, columns), _add(right, columns))
