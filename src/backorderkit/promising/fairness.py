"""How evenly something is spread: the indexes of Jain and Gini, exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

import attrs

from backorderkit.model._checks import Problems, as_tuple, raise_first, refuse

_Ratio = tuple[int, int]
"""Numerator and denominator, not reduced."""


@attrs.frozen(kw_only=True)
class Fairness:
    """
    How evenly fill ratios are spread over those who wait; made by `fairness`.

    Attributes:
        count: How many ratios there are: n.
        jain: (sum x)^2 / (n sum x^2): 1 if all are the same, 1/n if one has all; None if
            there are no ratios.
        gini: sum of abs(x_i - x_j) over all i and j / (2 n sum x): 0 if all are the same,
            (n-1)/n if one has all; None if there are no ratios.
    """

    count: int
    jain: Fraction | None
    gini: Fraction | None


def fairness(ratios: Iterable[Fraction | int]) -> Fairness:
    """
    Say how evenly ratios are spread.

    Both are meant for fill ratios: what each has of what each asked for.  Over plain
    quantities they would call a proportional share unfair as soon as the claims differ.

    If all have nothing, all have the same: Jain is 1 and Gini is 0.

    Jain: R. Jain, D. Chiu, W. Hawe, *A quantitative measure of fairness and
    discrimination*, DEC-TR-301, 1984.  Gini: half the relative mean absolute difference.

    O(n log n) while few ratios have denominators that no other has: exact sums grow as long
    as the least number that all denominators divide.

    Args:
        ratios: At least 0 each; whole numbers are fine.

    Raises:
        InvalidValueError: if one is below 0, or no Fraction and no int.

    >>> even = fairness([Fraction(1, 2), Fraction(2, 4)])
    >>> even.jain, even.gini
    (Fraction(1, 1), Fraction(0, 1))
    >>> one_has_all = fairness([Fraction(1), Fraction(0), Fraction(0)])
    >>> one_has_all.jain, one_has_all.gini
    (Fraction(1, 3), Fraction(2, 3))
    """
    given = as_tuple("ratios", ratios)
    problems: Problems = []
    for index, ratio in enumerate(given):
        if not isinstance(ratio, Fraction | int) or isinstance(ratio, bool):
            refuse(problems, "ratios", ratio, "must be a Fraction", f"ratios[{index}]")
        elif ratio < 0:
            refuse(problems, "ratios", ratio, "must be >= 0", f"ratios[{index}]")
    raise_first(problems)
    return spread_of(Counter((ratio.numerator, ratio.denominator) for ratio in given))


def spread_of(counts: Counter[_Ratio]) -> Fairness:
    """Say how evenly ratios are spread, of which each stands for so many."""
    n = counts.total()
    if not n:
        return Fairness(count=0, jain=None, gini=None)
    total = _sum_of(((count * x, d) for (x, d), count in counts.items()))
    if not total:
        return Fairness(count=n, jain=Fraction(1), gini=Fraction(0))
    squares = _sum_of((count * x * x, d * d) for (x, d), count in counts.items())
    # With x_1 <= x_2 <= ... the differences of all pairs add up to sum (2 i - n - 1) x_i.
    ranked: list[_Ratio] = []
    before = 0
    for x, d in _ascending(counts):
        count = counts[x, d]
        ranked.append((count * (2 * before + count - n) * x, d))
        before += count
    return Fairness(count=n, jain=total * total / (n * squares), gini=_sum_of(ranked) / (n * total))


def _ascending(ratios: Iterable[_Ratio]) -> list[_Ratio]:
    """Sort ratios by their value, equal ones by how they are written."""
    given = list(ratios)
    # Different ratios differ by at least 1 / (d * d), which is a whole step after this shift.
    shift = 2 * max(d.bit_length() for _, d in given)
    return sorted(given, key=lambda ratio: ((ratio[0] << shift) // ratio[1], ratio))


def _sum_of(terms: Iterable[_Ratio]) -> Fraction:
    """Add ratios up, those of one denominator first, then halves of halves."""
    by_denominator = Counter[int]()
    for x, d in terms:
        by_denominator[d] += x
    return Fraction(*_tree_sum([(x, d) for d, x in sorted(by_denominator.items())]))


def _tree_sum(terms: Sequence[_Ratio]) -> _Ratio:
    if not terms:
        return 0, 1
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    (x, d), (y, e) = _tree_sum(terms[:half]), _tree_sum(terms[half:])
    whole = lcm(d, e)
    return x * (whole // d) + y * (whole // e), whole
