"""What needs no solver: choices that take whoever fits, and a bound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction

from backorderkit.optimize.needs import Group, Row


def in_queue_order(group: Group) -> list[bool]:
    """Take whoever still fits, first come first.  O(members)."""
    return _taken(group, range(len(group.members)))


def _taken(group: Group, places: Iterable[int]) -> list[bool]:
    left = dict(group.rows)
    chosen = [False] * len(group.members)
    for place in places:
        needs = group.members[place].needs
        chosen[place] = all(units <= left[row] for row, units in needs.items())
        for row, units in needs.items() if chosen[place] else ():
            left[row] -= units
    return chosen


def densest_first(group: Group, weights: Sequence[int]) -> list[bool]:
    """Take whoever still fits, those first that are worth the most for the part they need."""
    parts: list[Fraction] = [
        sum((Fraction(n, group.rows[row]) for row, n in each.needs.items()), Fraction(0))
        for each in group.members
    ]
    # In a group with rows everybody needs one, and one that has something.
    ranked = sorted(range(len(weights)), key=lambda at: (-weights[at] / parts[at], at))
    return _taken(group, ranked)


def bound_of(group: Group, weights: Sequence[int]) -> int:
    """
    Say what no choice can exceed, looking at one row at a time.

    If all other rows were enough, and orders could be completed in part, those would be
    best that are worth the most for what they need of the row.  O(needs x log members).
    """
    users = defaultdict[Row, list[tuple[Fraction, int, int]]](list)
    for weight, each in zip(weights, group.members, strict=True):
        for row, units in each.needs.items():
            users[row].append((-Fraction(weight, units), units, weight))
    total = sum(weights)
    bounds = [total]
    for row, left in group.rows.items():
        bound = total - sum(weight for _, _, weight in users[row])
        for _, units, weight in sorted(users[row]):
            if units > left:
                bound += weight * left // units
                break
            bound += weight
            left -= units  # noqa: PLW2901 - it is used up
        bounds.append(bound)
    return min(bounds)
