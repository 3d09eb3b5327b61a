"""Which told promises to give up where not all can be kept: as few lines as possible."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import accumulate
from typing import Final

Told = Sequence[tuple[int, int]]
"""The day and the units of each promise to one line."""

MOST_TRIED: Final = 12
"""Up to so many lines, all choices are looked at where one of them has several promises."""


def rows_to_drop(told: Mapping[int, Told], supply: Iterable[tuple[int, int]]) -> frozenset[int]:
    """
    Choose lines whose promises are given up, so that those of all others can be kept.

    Every unit may go to every line, and a line is kept if each of its promises is met by
    its day.  Where each line was promised units of one day, this is scheduling of jobs
    with due dates on one machine, the supply being its time; the rule of Moore and Hodgson
    gives up as few as possible: day after day, while more is promised than comes, it drops
    the largest line so far, the youngest of these.  Where lines have promises of several
    days it drops the line with most units by then, takes back who fits after all, and for
    `MOST_TRIED` lines or fewer looks at every choice; for more it may drop one too many.

    Args:
        told: What each row was told; the oldest line first.
        supply: The day and quantity of all that comes, what is there among it.

    Returns:
        The rows; none if all can be kept.  O(promises x log promises) for promises of one
        day a line.
    """
    days = sorted({day for parts in told.values() for day, _ in parts})
    if not days:
        return frozenset()
    limits = _limits(days, supply)
    lines = {row: _by_day(parts, days) for row, parts in told.items()}
    dropped = _walked(lines, limits)
    if not dropped or all(len(parts) == 1 for parts in lines.values()):
        return frozenset(dropped)
    _take_back(dropped, lines, limits)
    if len(lines) <= MOST_TRIED:
        dropped = _Search(lines, limits, dropped).fewest()
    return frozenset(dropped)


def _limits(days: Sequence[int], supply: Iterable[tuple[int, int]]) -> list[int]:
    """Say how many units come by each day; what comes after the last is nobody's promise."""
    sums = [0] * (len(days) + 1)
    for day, quantity in supply:
        sums[bisect_left(days, day)] += quantity
    return list(accumulate(sums[:-1]))


def _by_day(parts: Told, days: Sequence[int]) -> dict[int, int]:
    """Sum up what one line was told, by the place of the day."""
    units = dict[int, int]()
    for day, quantity in sorted(parts):
        place = bisect_left(days, day)
        units[place] = units.get(place, 0) + quantity
    return units


def _walked(lines: Mapping[int, Mapping[int, int]], limits: Sequence[int]) -> list[int]:
    """Go day by day and drop the largest line so far while there is too little."""
    due: list[list[tuple[int, int, int]]] = [[] for _ in limits]
    for age, (row, units) in enumerate(lines.items()):
        for place, quantity in units.items():
            due[place].append((row, age, quantity))
    so_far = dict[int, int]()
    dropped: list[int] = []
    gone = set[int]()
    largest: list[tuple[int, int, int]] = []
    load = 0
    for place, limit in enumerate(limits):
        for row, age, quantity in due[place]:
            if row not in gone:
                so_far[row] = so_far.get(row, 0) + quantity
                load += quantity
                heappush(largest, (-so_far[row], -age, row))
        while load > limit:
            size, _, row = heappop(largest)
            # A line that has grown since has another entry above.
            if row not in gone and -size == so_far[row]:
                gone.add(row)
                dropped.append(row)
                load += size
    return dropped


def _take_back(
    dropped: list[int], lines: Mapping[int, Mapping[int, int]], limits: Sequence[int]
) -> None:
    """Take back who fits after all, now that others were dropped; the smallest first."""
    kept = (units for row, units in lines.items() if row not in dropped)
    left = _left(limits, kept)
    age = {row: place for place, row in enumerate(lines)}
    for row in sorted(dropped, key=lambda row: (sum(lines[row].values()), age[row])):
        after = _left(left, [lines[row]])
        if min(after) >= 0:
            left = after
            dropped.remove(row)


def _left(limits: Sequence[int], lines: Iterable[Mapping[int, int]]) -> list[int]:
    """Say how many units are left by each day when some lines have theirs."""
    taken = [0] * len(limits)
    for units in lines:
        for place, quantity in units.items():
            taken[place] += quantity
    return [limit - used for limit, used in zip(limits, accumulate(taken), strict=True)]


class _Search:
    """Looks at every choice of a few lines; of equal ones the one found first stays."""

    def __init__(
        self,
        lines: Mapping[int, Mapping[int, int]],
        limits: Sequence[int],
        dropped: Sequence[int],
    ) -> None:
        self._lines = lines
        self._rows = list(lines)
        self._limits = list(limits)
        self._best = list(dropped)

    def fewest(self) -> list[int]:
        """Give the fewest rows to drop.  O(2 ** lines x days)."""
        for dropped in self._choices(0, self._limits, []):
            self._best = dropped
        return self._best

    def _choices(self, place: int, left: list[int], dropped: list[int]) -> Iterator[list[int]]:
        """Give choices that are better than the best, from one line on."""
        if len(dropped) >= len(self._best):
            return
        if place == len(self._rows):
            yield dropped
            return
        row = self._rows[place]
        after = _left(left, [self._lines[row]])
        if min(after) >= 0:
            yield from self._choices(place + 1, after, dropped)
        yield from self._choices(place + 1, left, [*dropped, row])
