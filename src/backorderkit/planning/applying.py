"""From a snapshot and changes to the snapshot after them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, overload

import attrs

from backorderkit.changes import Allocated, Backordered, Change, Promised
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model._checks import as_tuple
from backorderkit.model._consistency import line_context, problem_count
from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.book import After, Book, require_source
from backorderkit.planning.grounds import BookGround, Ground, SnapshotGround
from backorderkit.planning.lanes import LineState
from backorderkit.planning.unchecked import allocation, backorder_of, opened

_Source = TypeVar("_Source")


@overload
def apply(snapshot: Snapshot, changes: Iterable[Change]) -> Snapshot: ...
@overload
def apply(snapshot: Book, changes: Iterable[Change]) -> Book: ...
def apply(snapshot: Snapshot | Book, changes: Iterable[Change]) -> Snapshot | Book:
    """
    Give the snapshot, or the book, after some changes, in one pass.

    Args:
        snapshot: What was true before; it stays as it is.
        changes: What happened, in this order.

    Returns:
        A snapshot or book of the same moment.  It costs what the named lines cost, and
        for a snapshot a copy of its lists of allocations and backorders.

    Raises:
        InvalidInputError: if changes do not fit the snapshot (an unknown line,
            more than a line waits for, more than a pool has, ...), with all of
            these and their paths, such as ``changes[3].quantity``.
        InvalidValueError: if *snapshot* is none and no book, or *changes* cannot be
            iterated.

    >>> from backorderkit.model import LineId, Order, OrderId
    >>> before = Snapshot.of(
    ...     as_of="2026-01-05",
    ...     stock={"MUG": 3},
    ...     orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})],
    ... )
    >>> change = Allocated(order=OrderId("SO-1"), line=LineId("1"), quantity=2)
    >>> apply(before, [change]).allocations[0].quantity
    2
    """
    require_source(snapshot)
    given = as_tuple("changes", changes)
    if not isinstance(snapshot, Snapshot):
        return _applied(BookGround(snapshot), given)
    orders = [each.order for each in given if isinstance(each, _CHANGES)]
    return _applied(SnapshotGround(snapshot, orders), given)


_CHANGES = (Allocated, Backordered, Promised)


def _applied(ground: Ground[_Source], changes: Iterable[Change]) -> _Source:
    fold = _Fold(ground)
    for index, change in enumerate(changes):
        match change:
            case Allocated():
                fold.allocate(index, change)
            case Backordered():
                fold.backorder(index, change)
            case Promised():
                fold.promise(index, change)
            case _:
                fold.refuse_stranger(index, change)
    return ground.after(fold.result())


@attrs.define
class _Line:
    """What a line has after the changes so far; `state` is None where it is gone."""

    state: LineState | None
    waiting: int
    allocations: dict[Location, Allocation]
    backorder: Backorder | None


class _Fold:
    """What the changes so far have made of the lines that they name."""

    def __init__(self, ground: Ground[_Source]) -> None:
        self.ground = ground
        self.lines = dict[LineKey, _Line]()
        self.added_to_pool = dict[tuple[Sku, Location], int]()
        self.problems: list[InvalidValueError] = []

    def allocate(self, index: int, change: Allocated) -> None:
        now = self._now(change)
        if now.state is None:
            self._refuse_unknown(index, change)
            return
        line = now.state.line
        context = line_context(change.order, change.line, line, change.location)
        if line.location not in (None, change.location):
            reason = f"must be the line's own location {line.location}"
            self._refuse(index, "location", change.location, reason, context)
            return
        pool = line.sku, change.location
        unallocated = self.ground.unallocated(*pool) - self.added_to_pool.get(pool, 0)
        if change.quantity > min(now.waiting, unallocated):
            unit = self.ground.item(line.sku).measure
            reason = f"must fit the {unit.to_text(now.waiting)} that the line waits for"
            if unallocated < now.waiting:
                reason = f"must fit the {unit.to_text(unallocated)} that are unallocated there"
            shown = unit.to_text(change.quantity) if unit.decimals else change.quantity
            self._refuse(index, "quantity", shown, reason, context)
            return
        now.waiting -= change.quantity
        self.added_to_pool[pool] = self.added_to_pool.get(pool, 0) + change.quantity
        before = now.allocations.get(change.location)
        quantity = change.quantity + (before.quantity if before else 0)
        now.allocations[change.location] = allocation(
            change.order, change.line, change.location, quantity
        )

    def backorder(self, index: int, change: Backordered) -> None:
        now = self._now(change)
        before = now.backorder
        if not change.quantity:
            # A closing names what was remembered; its line may be long gone.
            if before is None:
                self._refuse_unopened(index, change)
            now.backorder = None
        elif before is not None:
            now.backorder = backorder_of(before, change.quantity, before.promises)
        elif now.state is None:
            self._refuse_unknown(index, change)
        else:
            now.backorder = opened(change.order, change.line, change.quantity, self.ground.as_of)

    def promise(self, index: int, change: Promised) -> None:
        now = self._now(change)
        if now.backorder is None:
            self._refuse_unopened(index, change)
            return
        now.backorder = backorder_of(now.backorder, now.backorder.quantity, change.promises)

    def refuse_stranger(self, index: int, change: object) -> None:
        """Note that something is no change at all."""
        reason = "must be a change"
        path = f"changes[{index}]"
        self.problems.append(
            InvalidValueError(field="changes", value=change, reason=reason, path=path)
        )

    def result(self) -> After:
        if self.problems:
            raise InvalidInputError(problem_count("changes", len(self.problems)), self.problems)
        return {
            key: (sorted(now.allocations.values(), key=_location), now.backorder)
            for key, now in self.lines.items()
        }

    def _now(self, change: Change) -> _Line:
        key = change.order, change.line
        now = self.lines.get(key)
        if now is None:
            state = self.ground.state(*key)
            if state is None:
                now = _Line(None, 0, {}, self.ground.remembered(*key))
            else:
                held = {each.location: each for each in state.allocations}
                now = _Line(state, state.want, held, state.backorder)
            self.lines[key] = now
        return now

    def _refuse_unknown(self, index: int, change: Change) -> None:
        context = line_context(change.order, change.line, None)
        self._refuse(index, "line", change.line, "must name an existing order line", context)

    def _refuse_unopened(self, index: int, change: Backordered | Promised) -> None:
        state = self._now(change).state
        line = None if state is None else state.line
        context = line_context(change.order, change.line, line)
        self._refuse(index, "line", change.line, "must have an open backorder", context)

    def _refuse(self, index: int, field: str, value: object, reason: str, context: str) -> None:
        path = f"changes[{index}].{field}"
        problem = InvalidValueError(
            field=field, value=value, reason=reason, path=path, context=context
        )
        self.problems.append(problem)


def _location(allocation: Allocation) -> str:
    return allocation.location
