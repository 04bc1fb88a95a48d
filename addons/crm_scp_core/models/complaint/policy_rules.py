"""Which policy gives a complaint which clock: plain functions of conditions and facts."""
from collections.abc import Iterable
from typing import NamedTuple


class LineRule(NamedTuple):
    """What a line of a policy promises. See ``scp.sla.policy.line`` for the meaning of the fields."""

    id: int
    kind: str
    target: float
    target_unit: str
    time_basis: str
    calendar_id: int | None
    pausable: bool
    statutory: bool
    holding_target: int

    @property
    def slot(self) -> tuple[str, bool]:
        """A complaint has one clock per kind, and a statutory one beside it."""
        return self.kind, self.statutory


class PolicyRule(NamedTuple):
    """Conditions of a policy; an empty one holds for every complaint."""

    id: int
    sequence: int
    by_agreement: bool
    partner_ids: frozenset[int]
    grade_ids: frozenset[int]
    category_ids: frozenset[int]
    severity: str | None
    team_ids: frozenset[int]
    regulated: bool
    use_grade_factor: bool
    lines: tuple[LineRule, ...]


class CaseFacts(NamedTuple):
    """What the choice of policies depends on.

    ``category_ids`` holds the category and those above it.
    """

    agreement_policy_id: int | None
    partner_id: int | None
    grade_id: int | None
    category_ids: frozenset[int]
    severity: str | None
    team_id: int | None
    regulated: bool


class Terms(NamedTuple):
    """What a policy gives a complaint for one kind of clock."""

    target_h: float
    calendar_id: int | bool
    pausable: bool
    is_fallback: bool


CONDITIONS = ('agreement', 'customer', 'grade', 'category', 'severity', 'regulated', 'team')


def get_conditions(rule: PolicyRule, facts: CaseFacts) -> dict[str, bool]:
    """Return by condition that the rule makes whether the facts meet it, the most specific first."""
    return {
        name: met for name, made, met in (
            ('agreement', rule.by_agreement, facts.agreement_policy_id == rule.id),
            ('customer', rule.partner_ids, facts.partner_id in rule.partner_ids),
            ('grade', rule.grade_ids, facts.grade_id in rule.grade_ids),
            ('category', rule.category_ids, bool(rule.category_ids & facts.category_ids)),
            ('severity', rule.severity, facts.severity == rule.severity),
            ('regulated', rule.regulated, facts.regulated),
            ('team', rule.team_ids, facts.team_id in rule.team_ids),
        ) if made
    }


def rank_rules(rules: Iterable[PolicyRule], facts: CaseFacts) -> list[PolicyRule]:
    """Return the rules that hold, the one that wins first.

    Agreement beats customer beats grade beats category beats severity beats none; of two rules
    equal in one condition the next one decides, and in the end the sequence.
    """
    def get_key(rule):
        made = get_conditions(rule, facts)
        return [name not in made for name in CONDITIONS], rule.sequence, rule.id

    return sorted(
        (rule for rule in rules if all(get_conditions(rule, facts).values())), key=get_key)


def choose_lines(
    rules: Iterable[PolicyRule], facts: CaseFacts,
) -> dict[tuple[str, bool], tuple[PolicyRule, LineRule]]:
    """Return by slot the line that gives the clock.

    Each kind of clock is chosen by itself, so that the policy of a customer need only say what
    is special about him.
    """
    chosen = {}
    for rule in rank_rules(rules, facts):
        for line in rule.lines:
            chosen.setdefault(line.slot, (rule, line))
    return chosen
