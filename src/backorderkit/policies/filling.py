"""
The arithmetic of sharing whole units.  Integers only; ties go to the first place.

Every function gives what handing out unit after unit by its standard would give
(Young's standards of comparison; Moulin & Stong 2002), in O(n log n).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from operator import add, gt, sub


def fill_in_order(supply: int, limits: Sequence[int]) -> list[int]:
    """
    Give each its limit until nothing is left.

    >>> fill_in_order(5, [3, 3, 3])
    [3, 2, 0]
    """
    shares = []
    for limit in limits:
        share = min(supply, limit)
        shares.append(share)
        supply -= share
    return shares


def fill_to_level(supply: int, starts: Sequence[int], limits: Sequence[int]) -> list[int]:
    """
    Hand the next unit to whoever stands lowest, like water into vessels.

    Args:
        supply: Units to hand out.
        starts: Where each stands before; may be negative.
        limits: How far each may rise.

    Returns:
        How far each rises.

    >>> fill_to_level(5, [0, 2, 0], [9, 9, 1])
    [3, 1, 1]
    """
    if supply >= sum(limits):
        return list(limits)
    tops = list(map(add, starts, limits))
    level = _water_level(supply, starts, tops)
    # The last units, fewer than there are who could still rise, go one by one.
    left = supply
    shares = []
    for start, top in zip(starts, tops, strict=True):
        share = 0 if level <= start else (min(level, top)) - start
        shares.append(share)
        left -= share
    for place, start in enumerate(starts):
        if not left:
            break
        if start <= level < tops[place]:
            shares[place] += 1
            left -= 1
    return shares


def _water_level(supply: int, starts: Sequence[int], tops: Sequence[int]) -> int:
    """Find the highest level that *supply* reaches; it does not fill all to the top."""
    rising = sorted(starts)
    capped = sorted(tops)
    level, active, opened, closed = rising[0], 0, 0, 0
    while True:
        while opened < len(rising) and rising[opened] <= level:
            opened += 1
            active += 1
        while capped[closed] <= level:
            closed += 1
            active -= 1
        following = capped[closed]
        if opened < len(rising) and rising[opened] < following:
            following = rising[opened]
        needed = (following - level) * active
        if needed > supply:
            return level + supply // active
        supply -= needed
        level = following


def fill_by_weight(
    supply: int, weights: Sequence[int], gots: Sequence[int], limits: Sequence[int]
) -> list[int]:
    """
    Hand the next unit to the largest weight / (2 x got + 1): Webster's method.

    Args:
        supply: Units to hand out.
        weights: Positive integers.
        gots: What each has already; it counts.
        limits: How much more each may get.

    Returns:
        How much more each gets.

    >>> fill_by_weight(4, [6, 6, 2], [0, 0, 0], [6, 6, 2])
    [2, 2, 0]
    """
    if supply >= sum(limits):
        return list(limits)
    tops = list(map(add, gots, limits))
    # Rounding at one common level is what the method gives at some supply, at
    # most half a unit a line from ours; so few units remain to be settled.
    totals = _rounded(supply + sum(gots), sum(weights), weights)
    if any(map(gt, gots, totals)) or any(map(gt, totals, tops)):
        totals = _rounded(*_rising_level(supply, weights, gots, tops), weights)
        totals = [
            min(max(total, got), top) for total, got, top in zip(totals, gots, tops, strict=True)
        ]
    shares = list(map(sub, totals, gots))
    left = supply - sum(shares)
    if left:
        _settle(left, shares, weights, gots, tops)
    return shares


def _rounded(numerator: int, denominator: int, weights: Sequence[int]) -> list[int]:
    """Round weight x numerator / denominator, halves up."""
    double = 2 * numerator
    whole = 2 * denominator
    return [(weight * double + denominator) // whole for weight in weights]


def _rising_level(
    supply: int, weights: Sequence[int], gots: Sequence[int], tops: Sequence[int]
) -> tuple[int, int]:
    """
    Find the level t at which lines at clamp(weight x t, got, top) use up the supply.

    Returns:
        Numerator and denominator, fine enough that the rounding of the level
        moves no line by as much as half a unit.
    """
    shift = max(weights).bit_length() + 1
    reached = sorted(
        (edge, slope)
        for weight, got, top in zip(weights, gots, tops, strict=True)
        if top > got
        for edge, slope in (
            ((got << shift) // weight, weight),
            ((top << shift) // weight, -weight),
        )
    )
    level, slope, room = 0, 0, supply << shift
    for edge, bend in reached:
        needed = slope * (edge - level)
        if needed > room:
            break
        room -= needed
        level, slope = edge, slope + bend
    return (level + room // slope if slope > 0 else level), 1 << shift


def _settle(
    left: int,
    shares: list[int],
    weights: Sequence[int],
    gots: Sequence[int],
    tops: Sequence[int],
) -> None:
    """Hand out what is left, best standard first, or take back what is too much, worst first."""
    step = 1 if left > 0 else -1
    exact = _exact_shift(tops)

    def can_move(place: int) -> bool:
        return gots[place] + shares[place] < tops[place] if left > 0 else shares[place] > 0

    def rank(place: int) -> tuple[int, int]:
        # A unit is taken back by the standard by which it was handed out.
        standing = gots[place] + shares[place] - (step < 0)
        return -step * _standard(weights[place], standing, exact), step * place

    heap = [rank(place) for place in range(len(shares)) if can_move(place)]
    heapq.heapify(heap)
    for _ in range(abs(left)):
        place = step * heap[0][1]
        shares[place] += step
        if can_move(place):
            heapq.heapreplace(heap, rank(place))
        else:
            heapq.heappop(heap)


def _exact_shift(tops: Sequence[int]) -> int:
    """
    Give the bits with which floor(weight / (2 x got + 1)) compares exactly.

    Two different fractions with denominators up to b lie at least 1 / b**2 apart.
    """
    return 2 * (2 * max(tops) + 1).bit_length()


def _standard(weight: int, got: int, shift: int) -> int:
    return (weight << shift) // (2 * got + 1)
