"""The rooms that quotas leave to the lines of one SKU, as its supply events go by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

import attrs

from backorderkit.model.ids import Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.planning.reasons import BlockerKind
from backorderkit.policies.grouping import GroupValue, column_of
from backorderkit.policies.periods import Period, index_of, start_of
from backorderkit.policies.quotas import Quota, Room, Values


class _Budget:
    """
    How much room one entry of a quota brings, period by period, and what is used already.

    Rooms are laid one behind the other on one axis.  Room is used oldest first, so all
    before some point of the axis is used or gone, and all behind it is free; that point
    is all there is to remember.
    """

    __slots__ = ("_each", "_indices", "_sums", "back", "end", "used", "used_in")

    def __init__(self, quota: Quota, room: Room, used: Mapping[int, int]) -> None:
        """
        Lay out the rooms.

        Args:
            quota: Whose entry it is.
            room: The entry's.
            used: Room that was used, by period.
        """
        self.back = quota.back
        self.used = used
        self.used_in = sorted(used)
        self._each = room if isinstance(room, int) else None
        self._indices: list[int] = []
        self._sums = [0]
        if not isinstance(room, int):
            by_index = {index_of(quota.period, day.toordinal()): room[day] for day in sorted(room)}
            self._indices = list(by_index)
            self._sums = list(accumulate(by_index.values(), initial=0))
        # Behind it no room begins that is not as the one before, and nothing was used.
        self.end = max([*self._indices[-1:], *self.used_in[-1:]], default=None)

    def until(self, index: int) -> int:
        """Give all room up to the end of a period; only differences have a meaning."""
        if self._each is not None:
            return self._each * index
        return self._sums[bisect_right(self._indices, index)]

    def spent_before(self, index: int) -> int:
        """Give the point up to which all is used or gone when a period begins."""
        earlier = self.used_in[: bisect_left(self.used_in, index)]
        spent = self.until(min([*earlier[:1], index]) - self.back - 1)
        for each in earlier:
            spent = self.after(spent, each, self.used[each])
        return spent

    def start(self, spent: int, index: int) -> int:
        """Give that point for what a period may use: older room is gone."""
        return max(spent, self.until(index - self.back - 1))

    def free(self, spent: int, index: int) -> int:
        """Give the room that there is when a period begins."""
        return self.until(index) - self.start(spent, index)

    def after(self, spent: int, index: int, gone: int) -> int:
        """Give that point when so much was used in a period."""
        return min(self.until(index), self.start(spent, index) + gone)

    def grows(self, spent: int, index: int, now: int, last: int) -> int | None:
        """
        Give the first period behind one, up to a last one, that has more room than now.

        Args:
            spent: The point when the period ends.
            index: Of the period.
            now: The room that is left in it.
            last: The last period that is looked at.
        """
        if self._each is not None and (self.end is None or self.end <= index):
            # From here on all periods are alike, and the next has more unless all is left.
            return index + 1 if index < last and now < self._each * (self.back + 1) else None
        for each in self._candidates(index, last):
            used = self.used.get(each, 0)
            if self.free(spent, each) - used > now:
                return each
            spent = self.after(spent, each, used)
        return None

    def _candidates(self, index: int, last: int) -> Iterable[int]:
        if self._each is not None:
            end = index if self.end is None else max(index, self.end)
            return range(index + 1, min(last, end + self.back + 1) + 1)
        later = {*self._indices[bisect_right(self._indices, index) :]}
        later.update(self.used_in[bisect_right(self.used_in, index) :])
        return sorted(each for each in later if each <= last)


@attrs.define(eq=False)
class _Group:
    """
    The lines of one SKU that share the rooms of an entry.

    Attributes:
        budget: The entry's.
        name: For people.
        index: The period in which `gone` was used.
        spent: The point of the axis when it began.
        free: The room that there was then.
        gone: What was used of it.
        had: What each slot got of it.
    """

    budget: _Budget
    name: str
    index: int
    spent: int
    free: int
    gone: int
    had: dict[int, int] = attrs.field(factory=dict)

    def go_on(self, index: int) -> None:
        """Come to a later period."""
        budget = self.budget
        spent = budget.after(self.spent, self.index, self.gone)
        between = bisect_right(budget.used_in, self.index), bisect_left(budget.used_in, index)
        for each in budget.used_in[slice(*between)]:
            spent = budget.after(spent, each, budget.used[each])
        self.index = index
        self.spent = spent
        self.free = budget.free(spent, index)
        self.gone = budget.used.get(index, 0)
        self.had = {}


class QuotaRooms:
    """
    What one quota leaves to the lines of one SKU; a `Restriction`.

    Units that are given back make room again in the period in which they were given.
    Of earlier periods they do not: that room may be gone by then.
    """

    __slots__ = ("_all", "_factor", "_groups", "_index", "_last", "_period")

    kind: BlockerKind = "quota"

    def __init__(
        self, plan: QuotaPlan, groups: Sequence[_Group | None], kept: Sequence[int]
    ) -> None:
        """
        Take the group of each slot, or None, and what each has already.

        Made by `QuotaPlan.rooms_of`.
        """
        self._groups = groups
        self._all = list({id(each): each for each in groups if each is not None}.values())
        self._factor = plan.factor
        self._period: Period | None = plan.period
        self._index = plan.today
        self._last = plan.last
        if any(kept):
            for slot, units in enumerate(kept):
                if units:
                    self.take(slot, units)

    def go_on(self, day: int) -> None:
        """Come to an event of a day; O(1), since groups follow when they are asked."""
        self._index = index_of(self._period, day)

    def room(self, slot: int, there: int) -> int:
        """Say how many units the line may get, at most what is there; O(1) amortised."""
        group = self._groups[slot]
        if group is None:
            return there
        if self._index > self._last:
            return 0
        if group.index < self._index:
            group.go_on(self._index)
        left = (group.free - group.gone) // self._factor
        # Calls of min() and max() for each line would cost as much as all the rest.
        if left <= 0:
            return 0
        return left if left < there else there  # noqa: FURB136

    def take(self, slot: int, units: int) -> None:
        """Note that a line got so many, or gave back some of what it got in this period."""
        group = self._groups[slot]
        if group is None:
            return
        if group.index < self._index:
            group.go_on(self._index)
        had = group.had.get(slot, 0)
        now = max(0, had + units * self._factor)
        group.had[slot] = now
        group.gone += now - had

    def next_day(self) -> int | None:
        """Give the first day of the next period in which a group has more room; O(groups)."""
        period, last = self._period, self._last
        if period is None or self._index >= last:
            return None
        found: int | None = None
        for group in self._all:
            if group.index < self._index:
                group.go_on(self._index)
            spent = group.budget.after(group.spent, group.index, group.gone)
            left = max(0, group.free - group.gone)
            grows = group.budget.grows(spent, group.index, left, last)
            if grows is not None:
                # Only an earlier one is of use from here on.
                found, last = grows, grows - 1
        return None if found is None else start_of(period, found)

    def sets(self) -> Sequence[Sequence[int]]:
        """Give the slots of each group; O(slots)."""
        slots = defaultdict[int, list[int]](list)
        for slot, group in enumerate(self._groups):
            if group is not None:
                slots[id(group)].append(slot)
        return list(slots.values())

    def name_of(self, slot: int) -> str:
        """Name the quota, and the entry under which the line falls."""
        group = self._groups[slot]
        return "" if group is None else group.name


class QuotaPlan:
    """One quota, made ready for a plan: budgets, and which lines fall under which."""

    __slots__ = ("_budgets", "_found", "_quota", "_used", "factor", "last", "period", "today")

    def __init__(self, quota: Quota, today: int) -> None:
        """Take a quota, and the day of the plan.  O(entries + used)."""
        self._quota = quota
        self.factor = quota.factor
        self.period = quota.period
        self.today = index_of(quota.period, today)
        self.last = self.today if quota.period is None else self.today + quota.ahead
        self._used = _used_by_entry(quota)
        self._budgets = dict[Values, tuple[_Budget, str, int, int, int, int]]()
        self._found = _Entries(quota)

    def rooms_of(
        self, sku: Sku, orders: Sequence[Order], lines: Sequence[OrderLine], kept: Sequence[int]
    ) -> QuotaRooms | None:
        """
        Give the rooms of one SKU's lines, or None if it concerns none of them.

        O(lines).
        """
        quota = self._quota
        if quota.skus is not None and sku not in quota.skus:
            return None
        entries = self._entries_of(orders, lines)
        groups = {entry: self._group_of(entry) for entry in set(entries) if entry is not None}
        if not groups:
            return None
        return QuotaRooms(self, [None if each is None else groups[each] for each in entries], kept)

    def _entries_of(
        self, orders: Sequence[Order], lines: Sequence[OrderLine]
    ) -> list[Values | None]:
        """Give the entry of each line.  Which values fall under which is found once."""
        columns = [column_of(each, orders, lines) for each in self._quota.by]
        found = self._found
        if len(columns) == 1:
            # A tuple of one for each line would cost as much as all the rest.
            return [found[value] for value in columns[0]]
        return [found[row] for row in zip(*columns, strict=True)]

    def _group_of(self, entry: Values) -> _Group:
        known = self._budgets.get(entry)
        if known is None:
            today = self.today
            budget = _Budget(self._quota, self._quota.rooms[entry], self._used.get(entry, _NOTHING))
            name = f"{self._quota.name} ({', '.join(map(str, entry))})"
            spent = budget.spent_before(today)
            start = today, spent, budget.free(spent, today), budget.used.get(today, 0)
            known = self._budgets[entry] = (budget, name, *start)
        return _Group(*known)


class _Entries(dict[GroupValue | Values, Values | None]):
    """The entry of each value, or tuple of values, that was asked for."""

    def __init__(self, quota: Quota) -> None:
        super().__init__()
        self._quota = quota

    def __missing__(self, key: GroupValue | Values) -> Values | None:
        found = self[key] = self._quota.entry_of(key if isinstance(key, tuple) else (key,))
        return found


_NOTHING: Final[Mapping[int, int]] = {}


def _used_by_entry(quota: Quota) -> Mapping[Values, Mapping[int, int]]:
    """Add up the room that was used, by entry and period."""
    used = defaultdict[Values, defaultdict[int, int]](lambda: defaultdict(int))
    for (values, start), units in quota.used.items():
        entry = quota.entry_of(values)
        if entry is not None and units:
            index = 0 if start is None else index_of(quota.period, start.toordinal())
            used[entry][index] += units * quota.factor
    return {entry: dict(by_index) for entry, by_index in used.items()}
