"""Which waiting units are promised for another day than before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Protocol

Move = tuple[int, datetime | None, datetime | None]
"""So many units, when they were promised for, and when they are now; None is not at all."""


class Dated(Protocol):
    """Units that come at one time, such as a `Promise`."""

    @property
    def quantity(self) -> int:
        """How many."""
        ...

    @property
    def due(self) -> datetime | None:
        """When; None is nobody knows."""
        ...


def moved_promises(
    before: Iterable[Dated], now: Iterable[Dated], filled: int, waiting: int
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
    moves: list[Move] = []
    for each in compared_promises(before, now, filled, waiting):
        units, was, will_be = each
        if day_of(was) == day_of(will_be):
            continue
        if moves and tuple(map(day_of, moves[-1][1:])) == (day_of(was), day_of(will_be)):
            units += moves[-1][0]
            _, was, will_be = moves.pop()
        moves.append((units, was, will_be))
    return moves


def compared_promises(
    before: Iterable[Dated], now: Iterable[Dated], filled: int, waiting: int
) -> Iterator[Move]:
    """Give all units that wait, moved or not, as `moved_promises` compares them."""
    old, new = _Units(before), _Units(now)
    old.take(filled)
    while waiting > 0:
        units = (
            min(each.left for each in (old, new) if each.left) if old.left or new.left else waiting
        )
        units = min(units, waiting)
        waiting -= units
        yield units, old.take(units), new.take(units)


class _Units:
    """Promised units, one promise after another."""

    def __init__(self, promises: Iterable[Dated]) -> None:
        self._rest: Iterator[Dated] = iter(promises)
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


def day_of(due: datetime | None) -> date | None:
    """Give the day, in UTC, by which a promise is kept or moved."""
    return None if due is None else due.date()
