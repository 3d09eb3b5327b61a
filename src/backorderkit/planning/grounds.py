"""What changes are applied to: the few lines of a snapshot or a book that they name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.ids import LineId, Location, OrderId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning.book import After, Book
from backorderkit.planning.lanes import LineState

_Source = TypeVar("_Source")
_Entry = TypeVar("_Entry")


class Ground(ABC, Generic[_Source]):
    """What was true before changes, looked up line by line."""

    as_of: datetime

    @abstractmethod
    def state(self, order: OrderId, line: LineId) -> LineState | None:
        """Give a line with what is known of it."""

    @abstractmethod
    def remembered(self, order: OrderId, line: LineId) -> Backorder | None:
        """Give what was opened and told of a line, though it may be gone."""

    @abstractmethod
    def unallocated(self, sku: Sku, location: Location) -> int:
        """Give what nobody has of a pool."""

    @abstractmethod
    def item(self, sku: Sku) -> Item:
        """Give the item of a SKU."""

    @abstractmethod
    def after(self, after: After) -> _Source:
        """Give the whole with what these lines have now."""


class SnapshotGround(Ground[Snapshot]):
    """
    The orders of a snapshot that changes name.

    A snapshot is sorted: what they name is found by leaps from one to the next,
    and the snapshot after them is made of what lies between.
    """

    def __init__(self, snapshot: Snapshot, orders: Iterable[OrderId]) -> None:
        """Look the orders up.  O(orders x log lines), and O(lines) for all of them."""
        self.as_of = snapshot.as_of
        self._snapshot = snapshot
        self._named = sorted(set(orders))
        self._allocated_at = _spans(snapshot.allocations, self._named, _order)
        self._backordered_at = _spans(snapshot.backorders, self._named, _order)
        self._orders = {
            order.id: order
            for start, end in _spans(snapshot.orders, self._named, _id)
            for order in snapshot.orders[start:end]
        }
        self._allocations = dict[LineKey, list[Allocation]]()
        for start, end in self._allocated_at:
            for each in snapshot.allocations[start:end]:
                self._allocations.setdefault((each.order, each.line), []).append(each)
        self._backorders = {
            (each.order, each.line): each
            for start, end in self._backordered_at
            for each in snapshot.backorders[start:end]
        }

    def state(self, order: OrderId, line: LineId) -> LineState | None:
        """Give a line with what is known of it."""
        owner = self._orders.get(order)
        found = owner.find_line(line) if owner else None
        if owner is None or found is None:
            return None
        key = order, line
        held = tuple(self._allocations.get(key, ()))
        return LineState(owner, found, held, self._backorders.get(key))

    def remembered(self, order: OrderId, line: LineId) -> Backorder | None:
        """Give what was opened and told of a line, though it may be gone."""
        return self._backorders.get((order, line))

    def unallocated(self, sku: Sku, location: Location) -> int:
        """Give what nobody has of a pool.  O(orders) for the first."""
        return self._snapshot.unallocated(sku, location)

    def item(self, sku: Sku) -> Item:
        """Give the item of a SKU."""
        return self._snapshot.item(sku)

    def after(self, after: After) -> Snapshot:
        """Give the snapshot with what these lines have now.  O(orders), and slices."""
        allocations = dict[LineKey, Sequence[Allocation]](self._allocations)
        backorders = dict[LineKey, Sequence[Backorder]]()
        for key, each in self._backorders.items():
            backorders[key] = (each,)
        for key, (held, known) in after.items():
            allocations[key] = held
            backorders[key] = () if known is None else (known,)
        before = self._snapshot
        return before._with_known(  # noqa: SLF001 - changes kept every rule
            _put(before.allocations, self._named, self._allocated_at, allocations),
            _put(before.backorders, self._named, self._backordered_at, backorders),
        )


def _spans(
    entries: Sequence[_Entry], named: Sequence[str], key: Callable[[_Entry], str]
) -> list[tuple[int, int]]:
    """Say where among sorted entries those of each order are, or would be."""
    spans: list[tuple[int, int]] = []
    end = 0
    for name in named:
        # The next one is often near: leaps of 1, 2, 4, ... find a place to search in.
        leap = 1
        while end + leap <= len(entries) and key(entries[end + leap - 1]) < name:
            leap *= 2
        start = bisect_left(entries, name, end + leap // 2, min(end + leap, len(entries)), key=key)
        end = start
        while end < len(entries) and key(entries[end]) == name:
            end += 1
        spans.append((start, end))
    return spans


def _put(
    entries: tuple[_Entry, ...],
    named: Sequence[str],
    spans: Sequence[tuple[int, int]],
    known: Mapping[LineKey, Sequence[_Entry]],
) -> tuple[_Entry, ...]:
    """Put what is known of lines now in the place of what was known of their orders."""
    own = dict[str, list[_Entry]]()
    for order, line in sorted(known):
        own.setdefault(order, []).extend(known[order, line])
    made: list[_Entry] = []
    at = 0
    for name, (start, end) in zip(named, spans, strict=True):
        made += entries[at:start]
        made += own.get(name, ())
        at = end
    return (*made, *entries[at:])


class BookGround(Ground[Book]):
    """The lines of a book that changes name."""

    def __init__(self, book: Book) -> None:
        """Look nothing up yet."""
        self.as_of = book.as_of
        self._book = book

    def state(self, order: OrderId, line: LineId) -> LineState | None:
        """Give a line with what is known of it.  O(log lines of its SKU)."""
        return self._book._state(order, line)  # noqa: SLF001 - it is ours

    def remembered(self, order: OrderId, line: LineId) -> Backorder | None:
        """Give what was opened and told of a line, though it may be gone."""
        state = self.state(order, line)
        if state is not None:
            return state.backorder
        strays = self._book._strays_of(order)  # noqa: SLF001 - it is ours
        return next((stray for _, stray in strays if stray.line == line), None)

    def unallocated(self, sku: Sku, location: Location) -> int:
        """Give what nobody has of a pool."""
        return self._book._unallocated(sku, location)  # noqa: SLF001 - it is ours

    def item(self, sku: Sku) -> Item:
        """Give the item of a SKU."""
        return self._book._item(sku)  # noqa: SLF001 - it is ours

    def after(self, after: After) -> Book:
        """Give the book with what these lines have now."""
        return self._book._with_known(after)  # noqa: SLF001 - changes kept every rule


def _id(order: Order) -> str:
    return order.id


def _order(entry: Allocation | Backorder) -> str:
    return entry.order
