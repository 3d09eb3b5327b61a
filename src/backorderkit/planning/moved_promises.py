"""Which waiting units are promised for another day than before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from backorderkit.model.backorders import Promise

Move = tuple[int, datetime | None, datetime | None]
"""So many units, when they were promised for, and when they are now; None is not at all."""


def moved_promises(
    before: Iterable[Promise], now: Iterable[Promise], filled: int, waiting: int
) -> list[Move]:
    """
    Compare promises unit by unit, the first to come with the first to come.

    What moves within a day, in UTC, has not moved: an overdue receipt is promised for
    the moment of each plan anew.

    Args:
        before: What was promised, by due date.
        now: What is promised, by due date.
        filled: Units that were allocated since; they were the first to be promised.
        waiting: Units that wait now; the others are not wanted any more.

    Returns:
        The units that moved, those of the same two days together.
    """
    old, new = _Units(before), _Units(now)
    old.take(filled)
    moves: list[Move] = []
    while waiting > 0 and (old.left or new.left):
        units = min(each.left for each in (old, new) if each.left)
        units = min(units, waiting)
        waiting -= units
        was, will_be = old.take(units), new.take(units)
        if _day(was) == _day(will_be):
            continue
        if moves and (_day(moves[-1][1]), _day(moves[-1][2])) == (_day(was), _day(will_be)):
            units += moves[-1][0]
            _, was, will_be = moves.pop()
        moves.append((units, was, will_be))
    return moves


class _Units:
    """Promised units, one promise after another."""

    def __init__(self, promises: Iterable[Promise]) -> None:
        self._rest: Iterator[Promise] = iter(promises)
        self._due: datetime | None = None
        self.left = 0
        self._next()

    def take(self, units: int) -> datetime | None:
        """Go on by so many units, and say when the first of them is due."""
        due = self._due
        while units and self.left:
            taken = min(units, self.left)
            units -= taken
            self.left -= taken
            if not self.left:
                self._next()
        return due

    def _next(self) -> None:
        promise = next(self._rest, None)
        self._due = None if promise is None else promise.due
        self.left = 0 if promise is None else promise.quantity


def _day(due: datetime | None) -> date | None:
    return None if due is None else due.date()
