"""From a snapshot and changes to the snapshot after them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar, overload

from backorderkit.changes import Allocated, Backordered, Change, Promised
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model._checks import as_tuple
from backorderkit.model._consistency import line_context, problem_count
from backorderkit.model.backorders import Allocation
from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.book import Book, require_source
from backorderkit.planning.grounds import BookGround, Ground, SnapshotGround
from backorderkit.planning.lanes import Standing
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


class _Fold:
    """What the changes so far have made of the lines that they name."""

    def __init__(self, ground: Ground[_Source]) -> None:
        self.ground = ground
        self.lines = dict[LineKey, Standing]()
        self.unallocated = dict[tuple[Sku, Location], int]()
        self.problems: list[InvalidValueError] = []

    def allocate(self, index: int, change: Allocated) -> None:
        now = self._now(change)
        line = now.line
        if line is None:
            self._refuse_unknown(index, change)
            return
        if line.location is not None and line.location != change.location:
            context = line_context(change.order, change.line, line, change.location)
            reason = f"must be the line's own location {line.location}"
            self._refuse(index, "location", change.location, reason, context)
            return
        pool = line.sku, change.location
        unallocated = self.unallocated.get(pool)
        if unallocated is None:
            unallocated = self.unallocated[pool] = self.ground.unallocated(*pool)
        if change.quantity > now.waiting or change.quantity > unallocated:
            context = line_context(change.order, change.line, line, change.location)
            unit = self.ground.item(line.sku).measure
            reason = f"must fit the {unit.to_text(now.waiting)} that the line waits for"
            if unallocated < now.waiting:
                reason = f"must fit the {unit.to_text(unallocated)} that are unallocated there"
            shown = unit.to_text(change.quantity) if unit.decimals else change.quantity
            self._refuse(index, "quantity", shown, reason, context)
            return
        now.waiting -= change.quantity
        self.unallocated[pool] = unallocated - change.quantity
        now.allocations = _added(now.allocations, change)

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
        elif now.line is None:
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

    def result(self) -> Mapping[LineKey, Standing]:
        if self.problems:
            raise InvalidInputError(problem_count("changes", len(self.problems)), self.problems)
        return self.lines

    def _now(self, change: Change) -> Standing:
        key = change.order, change.line
        now = self.lines.get(key)
        if now is None:
            now = self.lines[key] = self.ground.standing(*key)
        return now

    def _refuse_unknown(self, index: int, change: Change) -> None:
        context = line_context(change.order, change.line, None)
        self._refuse(index, "line", change.line, "must name an existing order line", context)

    def _refuse_unopened(self, index: int, change: Backordered | Promised) -> None:
        context = line_context(change.order, change.line, self._now(change).line)
        self._refuse(index, "line", change.line, "must have an open backorder", context)

    def _refuse(self, index: int, field: str, value: object, reason: str, context: str) -> None:
        path = f"changes[{index}].{field}"
        problem = InvalidValueError(
            field=field, value=value, reason=reason, path=path, context=context
        )
        self.problems.append(problem)


def _added(held: tuple[Allocation, ...], change: Allocated) -> tuple[Allocation, ...]:
    """Add to what a line holds; that is sorted by location."""
    quantity, others = change.quantity, held
    for each in held:
        if each.location == change.location:
            quantity += each.quantity
            others = tuple(other for other in held if other is not each)
    made = allocation(change.order, change.line, change.location, quantity)
    return tuple(sorted((*others, made), key=_location)) if others else (made,)


def _location(allocation: Allocation) -> str:
    return allocation.location
