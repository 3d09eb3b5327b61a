"""How much a group's own outcomes say beside those of all groups."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import isqrt
from typing import Final

import attrs

from backorderkit.promising.curves import Seen

_SCALE: Final = 10**12
"""Squares are divided by counts in whole numbers of this part."""

_SURE: Final = 2
"""Standard errors by which groups must differ; the days together are taken as one."""

_MOST_DAYS: Final = 12
"""Of more days only the commonest are looked at: the others add next to nothing."""

Sums = tuple[int, int, int]
"""Of a group: how many, their sum, the sum of their squares."""


@attrs.frozen
class Components:
    """
    Variance inside groups, and of what the groups are like, in a common small unit.

    Attributes:
        within: The mean variance of an outcome around what its group is like.
        between: The variance of what the groups are like; below 0 if the groups
            differ less than chance alone would let them.
        excess: How much further groups lie apart than they would if all outcomes
            were alike, as a sum of squares.
        chance: The standard error of that if they are, and are 0 or 1.
    """

    within: int
    between: int
    excess: int
    chance: int


def weight_of(families: Sequence[Sequence[Sequence[Seen]]]) -> int | None:
    """
    Find how many receipts what is true of a whole family weighs against a group's own.

    Credibility (Bühlmann and Straub 1970): the best weight is the variance within
    groups over the variance between them.  An outcome up to some day either
    happened or not; both variances are summed over the commonest days, each as often as
    an outcome fell on it, so that the whole curve is best in the sense of Cramér and
    von Mises (the least mean squared difference of curves, over their own steps).

    Args:
        families: Groups, by what they are compared in: the suppliers among all,
            items each among those of its supplier.

    Returns:
        The weight, at least 1; None if the groups do not differ by more than chance
        may do, two standard errors, so that their own outcomes say nothing more.

    O(outcomes x log outcomes + groups).
    """
    fell = Counter(each.value for each in _seen_in(families) if each.value is not None)
    days = sorted(fell.items(), key=lambda day: (-day[1], day[0]))[:_MOST_DAYS]
    watched = [[_Watched.of(group) for group in family] for family in families]
    within = between = excess = chance = 0
    for day, times in days:
        found = components([[group.up_to(day) for group in family] for family in watched])
        if found is not None:
            within += times * found.within
            between += times * found.between
            excess += times * found.excess
            chance += times * found.chance
    if between <= 0 or excess <= _SURE * chance:
        return None
    return max(1, (2 * within + between) // (2 * between))


def components(families: Iterable[Iterable[Sums]]) -> Components | None:
    """
    Split a variance into that within groups and that between them.

    The estimators of Bühlmann and Straub (Klugman, Panjer and Willmot, Loss Models,
    chapter on empirical Bayes estimation); groups of several families are each
    compared with their own family.

    Returns:
        The two; None if no group has two outcomes, or no family two groups.
    """
    compared = [[sums for sums in family if sums[0]] for family in families]
    groups = [sums for family in compared for sums in family]
    counts = [count for count, _, _ in groups]
    others = len(groups) - sum(map(bool, compared))
    freedom = sum(counts) - len(groups)
    apart = sum(map(_apart, compared))
    spread = sum(map(_spread, compared))
    if not freedom or not spread:
        return None
    own = sum(total * total * _SCALE // count for count, total, _ in groups)
    squares = sum(square for _, _, square in groups) * _SCALE
    within = (squares - own) // freedom
    mean = sum(total for _, total, _ in groups) * _SCALE // sum(counts)
    alike = squares // sum(counts) - mean * mean // _SCALE
    # The variance of n (mean - p)^2 for n outcomes of variance v is 2 v^2 + v (1 - 6 v) / n.
    parts = sum(_SCALE // count for count in counts)
    noise = 2 * alike * alike * len(groups) + alike * (_SCALE - 6 * alike) * parts // _SCALE
    return Components(
        within=within,
        between=(apart - others * within) * _SCALE // spread,
        excess=apart - others * alike,
        chance=isqrt(max(0, noise)),
    )


def _apart(family: Sequence[Sums]) -> int:
    """How far the groups lie from the mean of their family, squared, each outcome once."""
    if not family:
        return 0
    whole = sum(total for _, total, _ in family) ** 2 * _SCALE // sum(sums[0] for sums in family)
    return sum(total * total * _SCALE // count for count, total, _ in family) - whole


def _spread(family: Sequence[Sums]) -> int:
    """How often a variance between groups shows in that."""
    if not family:
        return 0
    number = sum(count for count, _, _ in family)
    return number * _SCALE - sum(count * count for count, _, _ in family) * _SCALE // number


@attrs.frozen
class _Watched:
    """Outcomes of a group, sorted three ways, so that any day is counted in no time."""

    values: list[int]
    untils: list[int]
    untils_of_known: list[int]

    @classmethod
    def of(cls, group: Sequence[Seen]) -> _Watched:
        known = [each for each in group if each.value is not None]
        return cls(
            sorted(each.value for each in known if each.value is not None),
            sorted(each.until for each in group),
            sorted(each.until for each in known),
        )

    def up_to(self, day: int) -> Sums:
        """Count those watched until *day*, and of these those with an outcome by then."""
        watched = len(self.untils) - bisect_left(self.untils, day)
        # What was watched for less has its outcome, if any, before that day as well.
        happened = bisect_right(self.values, day) - bisect_left(self.untils_of_known, day)
        return watched, happened, happened


def _seen_in(families: Iterable[Iterable[Iterable[Seen]]]) -> Iterator[Seen]:
    return (each for family in families for group in family for each in group)
