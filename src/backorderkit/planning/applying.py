"""From a snapshot and changes to the snapshot after them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import overload

import attrs

from backorderkit.changes import Allocated, Backordered, Change, Promised
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model._checks import as_tuple
from backorderkit.model._consistency import Sections, line_context, problem_count
from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.ids import Location, Sku
from backorderkit.model.orders import OrderLine
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.book import Book, require_source


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
        A snapshot or book of the same moment.  After changes to a book it costs what
        the SKUs of the changed lines cost, however large the book.

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
    if isinstance(snapshot, Snapshot):
        return _folded(snapshot, given)
    return snapshot._changed_by(  # noqa: SLF001 - the fold keeps every rule
        given, lambda part: _folded(part, given)
    )


def _folded(snapshot: Snapshot, changes: Iterable[Change]) -> Snapshot:
    fold = _Fold(snapshot)
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
    return fold.result()


class _Fold:
    """What the changes so far have made of the snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.allocations = {(a.order, a.line, a.location): a for a in snapshot.allocations}
        self.backorders: dict[LineKey, Backorder] = {
            (b.order, b.line): b for b in snapshot.backorders
        }
        self.added_to_line = dict[LineKey, int]()
        self.added_to_pool = dict[tuple[Sku, Location], int]()
        self.problems: list[InvalidValueError] = []

    def allocate(self, index: int, change: Allocated) -> None:
        key = change.order, change.line
        line = self._line(index, change)
        if line is None:
            return
        context = line_context(*key, line, change.location)
        if line.location not in (None, change.location):
            reason = f"must be the line's own location {line.location}"
            self._refuse(index, "location", change.location, reason, context)
            return
        pool = line.sku, change.location
        waiting = self.snapshot.line(*key).unallocated - self.added_to_line.get(key, 0)
        unallocated = self.snapshot.position(*pool).unallocated - self.added_to_pool.get(pool, 0)
        if change.quantity > min(waiting, unallocated):
            unit = self.snapshot.item(line.sku).measure
            reason = f"must fit the {unit.to_text(waiting)} that the line waits for"
            if unallocated < waiting:
                reason = f"must fit the {unit.to_text(unallocated)} that are unallocated there"
            shown = unit.to_text(change.quantity) if unit.decimals else change.quantity
            self._refuse(index, "quantity", shown, reason, context)
            return
        self.added_to_line[key] = self.added_to_line.get(key, 0) + change.quantity
        self.added_to_pool[pool] = self.added_to_pool.get(pool, 0) + change.quantity
        before = self.allocations.get((*key, change.location))
        self.allocations[*key, change.location] = Allocation(
            order=change.order,
            line=change.line,
            location=change.location,
            quantity=change.quantity + (before.quantity if before else 0),
        )

    def backorder(self, index: int, change: Backordered) -> None:
        key = change.order, change.line
        before = self.backorders.get(key)
        if not change.quantity:
            # A closing names what was remembered; its line may be long gone.
            if before is None:
                self._refuse_unopened(index, change)
            else:
                del self.backorders[key]
        elif before is not None:
            self.backorders[key] = attrs.evolve(before, quantity=change.quantity)
        elif self._line(index, change) is not None:
            self.backorders[key] = Backorder(
                order=change.order,
                line=change.line,
                quantity=change.quantity,
                opened_at=self.snapshot.as_of,
            )

    def promise(self, index: int, change: Promised) -> None:
        before = self.backorders.get((change.order, change.line))
        if before is None:
            self._refuse_unopened(index, change)
            return
        self.backorders[change.order, change.line] = Backorder(
            order=before.order,
            line=before.line,
            quantity=before.quantity,
            opened_at=before.opened_at,
            promises=change.promises,
        )

    def refuse_stranger(self, index: int, change: object) -> None:
        """Note that something is no change at all."""
        reason = "must be a change"
        path = f"changes[{index}]"
        self.problems.append(
            InvalidValueError(field="changes", value=change, reason=reason, path=path)
        )

    def result(self) -> Snapshot:
        if self.problems:
            raise InvalidInputError(problem_count("changes", len(self.problems)), self.problems)
        before = self.snapshot
        return Snapshot._of_checked(  # noqa: SLF001 - the fold kept every rule
            before.as_of,
            Sections(
                items=before.items,
                stock=before.stock,
                receipts=before.receipts,
                orders=before.orders,
                allocations=tuple(self.allocations.values()),
                backorders=tuple(self.backorders.values()),
            ),
        )

    def _line(self, index: int, change: Change) -> OrderLine | None:
        line = self.snapshot.find_line(change.order, change.line)
        if line is None:
            context = line_context(change.order, change.line, None)
            self._refuse(index, "line", change.line, "must name an existing order line", context)
        return line

    def _refuse_unopened(self, index: int, change: Backordered | Promised) -> None:
        context = line_context(
            change.order, change.line, self.snapshot.find_line(change.order, change.line)
        )
        self._refuse(index, "line", change.line, "must have an open backorder", context)

    def _refuse(self, index: int, field: str, value: object, reason: str, context: str) -> None:
        path = f"changes[{index}].{field}"
        problem = InvalidValueError(
            field=field, value=value, reason=reason, path=path, context=context
        )
        self.problems.append(problem)
