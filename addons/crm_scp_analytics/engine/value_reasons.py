"""Why a customer has his value, from his figures and the scales of the run that valued him.

A run keeps, for each figure, where its scores begin and how many of ten customers are behind or ahead of it: some forty
numbers, instead of the reasons of every customer, which would take longer to write than all his scores. The points are
those of :mod:`engine.value_model`, to the last digit.

Nothing is imported here: this is computed where a page is read.
"""

from __future__ import annotations

#: Reasons told, at most, of those that raise a value and of those that lower it.
TOP = 3


def explain(figures: dict[str, float | None], scales: dict, most: int = TOP) -> list[dict]:
    """Reasons of one customer, strongest first.

    :param figures: {code: figure}, None where there is no data
    :param scales: ``{'bins', 'base', 'components'}``, each component ``{'code', 'weight', 'falling', 'positive',
        'median' (figure of the median customer), 'middle' (its score), 'others', 'scores', 'below', 'above'}``;
        ``scores`` has the lowest figure of each score from 2 on, ``below`` (and ``above``) the lowest from which so
        many of ``others`` are worse (are not better any more)
    :return: list of ``{'code', 'value', 'benchmark', 'points', 'below', 'above', 'others'}``; points are those by which
        the value is ahead of that of the median customer
    """
    known = [scale for scale in scales['components'] if figures.get(scale['code']) is not None]
    total = sum(scale['weight'] for scale in known) * (scales['bins'] - 1)
    reasons = []
    for scale in known:
        figure = figures[scale['code']]
        ranked = max(figure, 0.0) if scale['positive'] else figure
        ranked = -ranked if scale['falling'] else ranked
        score = 1 + _count(ranked, scale['scores'])
        points = round((score - scale['middle']) * (100 * scale['weight'] / total), 2) if total else 0.0
        if points:
            reasons.append({
                'code': scale['code'],
                'value': figure,
                'benchmark': scale['median'],
                'points': points,
                'below': _count(ranked, scale['below']),
                'above': scale['others'] - _count(ranked, scale['above']),
                'others': scale['others'],
            })
    reasons.sort(key=lambda reason: -abs(reason['points']))
    raising = [reason for reason in reasons if reason['points'] > 0][:most]
    lowering = [reason for reason in reasons if reason['points'] < 0][:most]
    return [reason for reason in reasons if reason in raising or reason in lowering]


def _count(figure, steps):
    return sum(step is not None and figure >= step for step in steps)
