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
    shares = [
        # A call of min() for each line would cost as much as all the rest.
        (top if top < level else level) - start if start < level else 0  # noqa: FURB136
        for start, top in zip(starts, tops, strict=True)
    ]
    # The last units, fewer than there are who could still rise, go one by one.
    left = supply - sum(shares)
    for place, start in enumerate(starts) if left else ():
        if start <= level < tops[place]:
            shares[place] += 1
            left -= 1
            if not left:
                break
    return shares


def _water_level(supply: int, starts: Sequence[int], tops: Sequence[int]) -> int:
    """Find the highest level that *supply* reaches; it does not fill all to the top."""
    rising = iter(sorted(starts))
    level = next(rising)
    following: int | None = level
    active = 0
    for top in sorted(tops):
        # Whoever starts below this top rises with the others from there on.
        while following is not None and following <= top:
            needed = (following - level) * active
            if needed > supply:
                return level + supply // active
            supply -= needed
            level = following
            active += 1
            following = next(rising, None)
        needed = (top - level) * active
        if needed > supply:
            return level + supply // active
        supply -= needed
        level = top
        active -= 1
    raise AssertionError(supply)


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

    def standing(place: int) -> tuple[int, int]:
        # A unit is taken back by the standard by which it was handed out.
        got = gots[place] + shares[place] - (step < 0)
        return -step * _standard(weights[place], got, exact), step * place

    if step > 0:
        places = [
            place
            for place, (got, share, top) in enumerate(zip(gots, shares, tops, strict=True))
            if got + share < top
        ]
    else:
        places = [place for place, share in enumerate(shares) if share]
    if left == step:
        # One unit is the commonest, and needs no heap.
        shares[step * min(map(standing, places))[1]] += step
        return
    heap = list(map(standing, places))
    heapq.heapify(heap)
    for _ in range(abs(left)):
        place = step * heap[0][1]
        shares[place] += step
        if gots[place] + shares[place] < tops[place] if step > 0 else shares[place]:
            heapq.heapreplace(heap, standing(place))
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
