"""What was promised before and is not met yet, zone by zone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate

import attrs

from backorderkit.model.ids import ReceiptId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning.open_lines import OpenLines


@attrs.define(eq=False)
class Part:
    """
    Units that one promise told to one line.

    Attributes:
        row: The line's.
        day: For which day, see `day_of`.
        receipt: From which receipt, as was said then; None is from units on hand.
        left: How many of them have no supply in this run yet.
    """

    row: int
    day: int
    receipt: ReceiptId | None
    left: int


def day_of(moment: datetime) -> int:
    """Count the days: a promise is for a day, in UTC, whatever the hour."""
    return moment.astimezone(UTC).toordinal()


def told_parts(snapshot: Snapshot, lines: OpenLines) -> dict[Sku, list[Part]]:
    """
    Give what is remembered of promises to open lines, each line's earliest first.

    A line that wants less than it was promised keeps the earliest.  O(lines), if
    anything is remembered.
    """
    memory = {
        (known.order, known.line): known.promises for known in snapshot.backorders if known.promises
    }
    parts = dict[Sku, list[Part]]()
    if not memory:
        return parts
    for row, (order, line) in enumerate(zip(lines.owners, lines.lines, strict=True)):
        left = lines.wants[row]
        for promise in memory.get((order.id, line.id), ()) if left else ():
            units = min(left, promise.quantity)
            if units:
                part = Part(row, day_of(promise.due), promise.receipt, units)
                parts.setdefault(line.sku, []).append(part)
                left -= units
    return parts


class Zone:
    """
    Lines that can all use the same supply, what they were told, and what comes for them.

    Where every unit may go to every line, as many promises as possible are met in
    time by earliest due day first; and a unit is needed for them exactly where the
    promises up to some day exceed all later supply up to it (Hall's theorem, as in
    available to promise with look-ahead).
    """

    __slots__ = ("_days", "_next", "_owed", "_parts", "_sums", "_supply_days", "first", "owing")

    def __init__(
        self,
        parts: Collection[Part],
        coming: Collection[tuple[int, int]],
        dropped: Collection[int] = (),
    ) -> None:
        """
        Take what was told, and the day and quantity of each receipt in turn.

        Args:
            parts: By line, each line's earliest first.
            coming: In the order in which it is shared; days never go back.
            dropped: Rows that come after all others, because not all can be kept; the
                others are a zone of their own then, ``first``.
        """
        kept = [part for part in parts if part.row not in dropped] if dropped else []
        self.first = Zone(kept, coming) if dropped else None
        self._parts = dict[int, list[Part]]()
        self._owed = dict[int, int]()
        self.owing = dict[int, list[Part]]()
        for part in parts:
            self._parts.setdefault(part.day, []).append(part)
            self._owed[part.day] = self._owed.get(part.day, 0) + part.left
            self.owing.setdefault(part.row, []).append(part)
        self._days = sorted(self._parts)
        self._supply_days: list[int] = []
        self._sums = [0]
        for day, quantity in coming:
            self._supply_days.append(day)
            self._sums.append(self._sums[-1] + quantity)
        self._next = 0

    def go_on(self) -> None:
        """Leave the next receipt behind: it is what is shared now."""
        self._next += 1
        if self.first is not None:
            self.first.go_on()

    def needed(self, today: int) -> int:
        """Say how many units of today must go to promises that later supply will miss."""
        needed = owed = 0
        for day in self._days[bisect_left(self._days, today) :]:
            owed += self._owed[day]
            later = self._sums[bisect_right(self._supply_days, day, self._next)]
            needed = max(needed, owed - later + self._sums[self._next])
        return needed

    def unmet(self, first: int, last: int) -> Iterator[tuple[int, list[Part]]]:
        """Give what is owed from one day to another, day by day."""
        for day in self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]:
            if self._owed[day]:
                yield day, [part for part in self._parts[day] if part.left]

    def take(self, part: Part, units: int) -> None:
        """Note that so many units of a promise have their supply."""
        part.left -= units
        self.met(part.day, units)
        if self.first is not None and part.row in self.first.owing:
            self.first.met(part.day, units)

    def met(self, day: int, units: int) -> None:
        """Note that so many units of a day have their supply, whose parts know it already."""
        self._owed[day] -= units

    def short_by(self, today: int) -> Iterator[tuple[int, int, list[Part]]]:
        """
        Say by each day on which something is owed how much of today's is missing by then.

        It is what is owed from today to that day, less what is to come; with what is owed
        on the day itself.
        """
        owed = 0
        for day in self._days[bisect_left(self._days, today) :]:
            owed += self._owed[day]
            yield day, owed - self._coming_by(day), [part for part in self._parts[day] if part.left]

    def owed_from(self, today: int) -> tuple[list[int], list[int]]:
        """Give the days from today on, and how much is owed from today by each of them."""
        days = self._days[bisect_left(self._days, today) :]
        return days, list(accumulate(self._owed[day] for day in days))

    def spare_by(self, today: int, last_days: Sequence[int]) -> list[int]:
        """
        Say how much of what is to come by each day nothing that is owed will need.

        Negative where it is not enough: so much of what there is today is needed.
        O(days, of both, x log receipts).
        """
        days, owed = self.owed_from(today)
        left = [self._coming_by(day) - so_far for day, so_far in zip(days, owed, strict=True)]
        # What is left by a day is spare as far as it is left by all later ones.
        least = list(accumulate(reversed(left), min))[::-1]
        spare: list[int] = []
        for last in last_days:
            place = bisect_right(days, last)
            here = self._coming_by(last) - (owed[place - 1] if place else 0)
            spare.append(min(here, least[place]) if place < len(days) else here)
        return spare

    def _coming_by(self, day: int) -> int:
        last = bisect_right(self._supply_days, day, self._next)
        return self._sums[last] - self._sums[self._next]

    def owed_to(self, row: int) -> int:
        """Say how much of what a line was told has no supply yet."""
        return sum(part.left for part in self.owing.get(row, ()))
