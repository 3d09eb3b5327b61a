"""From a snapshot and changes to the snapshot after them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, overload

from backorderkit.changes import (
    Allocated,
    Backordered,
    Cancelled,
    Fact,
    LineAdded,
    Placed,
    Promised,
    Released,
    Shipped,
)
from backorderkit.model._checks import as_tuple
from backorderkit.model.ids import OrderId
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning.book import Book, require_source
from backorderkit.planning.folding import Fold
from backorderkit.planning.grounds import BookGround, Ground, SnapshotGround

_Source = TypeVar("_Source")


@overload
def apply(snapshot: Snapshot, changes: Iterable[Fact]) -> Snapshot: ...
@overload
def apply(snapshot: Book, changes: Iterable[Fact]) -> Book: ...
def apply(snapshot: Snapshot | Book, changes: Iterable[Fact]) -> Snapshot | Book:
    """
    Give the snapshot, or the book, after some changes, in one pass.

    Args:
        snapshot: What was true before; it stays as it is.
        changes: What was decided or happened, in this order.

    Returns:
        A snapshot or book of the same moment.  It costs what the named orders cost, and
        for a snapshot a copy of the lists in which something changed.

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
    return _applied(SnapshotGround(snapshot, orders_in(given)), given)


def orders_in(changes: Iterable[object]) -> list[OrderId]:
    """Give the ids of orders that changes name."""
    found: list[OrderId] = []
    for change in changes:
        match change:
            case Placed():
                found.append(change.order.id)
            case Allocated() | Backordered() | Promised() | Cancelled() | Released() | Shipped():
                found.append(change.order)
            case LineAdded():
                found.append(change.order)
    return found


def _applied(ground: Ground[_Source], facts: Iterable[object]) -> _Source:
    fold = Fold(ground)
    for index, fact in enumerate(facts):
        fold.add(index, fact)
    return ground.after(fold.result())
