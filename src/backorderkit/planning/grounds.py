"""What changes are applied to: the few lines of a snapshot or a book that they name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import attrs

from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.holds import Hold, HoldKey
from backorderkit.model.ids import HoldId, LineId, Location, OrderId, ReceiptId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel, StockPosition
from backorderkit.planning.book import Book
from backorderkit.planning.lanes import Standing
from backorderkit.policies.protocol import FifoKey, fifo_key

_Source = TypeVar("_Source")
_Whole = TypeVar("_Whole", Snapshot, Book)
_Entry = TypeVar("_Entry")


Pool = tuple[Sku, Location]
_Key = TypeVar("_Key", OrderId, ReceiptId, Pool, HoldKey)


@attrs.frozen(kw_only=True)
class Aftermath:
    """
    What is different after changes; it is known to fit.

    Attributes:
        lines: What lines have now.
        orders: Orders that are new, or that are now like this.
        levels: Stock levels that are new, or that are now like this.
        receipts: Receipts that are new or changed; None for those that are gone.
        holds: Holds likewise.
    """

    lines: Mapping[LineKey, Standing]
    orders: Mapping[OrderId, Order]
    levels: Mapping[Pool, StockLevel]
    receipts: Mapping[ReceiptId, ScheduledReceipt | None]
    holds: Mapping[HoldKey, Hold | None]


class Ground(ABC, Generic[_Source]):
    """What was true before changes, looked up one by one."""

    as_of: datetime

    @abstractmethod
    def standing(self, order: OrderId, line: LineId) -> Standing:
        """Give what a line has, as a value of the caller's own; it may be gone."""

    @abstractmethod
    def position(self, sku: Sku, location: Location) -> StockPosition:
        """Give what is there of a pool, and what of it is assigned or held."""

    @abstractmethod
    def item(self, sku: Sku) -> Item | None:
        """Give the item of a SKU; None if it is not among the items."""

    @abstractmethod
    def order(self, id: OrderId) -> Order | None:  # noqa: A002 - the documents' name
        """Give an order, if there is such."""

    @abstractmethod
    def level(self, sku: Sku, location: Location) -> StockLevel | None:
        """Give a stock level, if there is such."""

    @abstractmethod
    def receipt(self, id: ReceiptId) -> ScheduledReceipt | None:  # noqa: A002 - as above
        """Give a scheduled receipt, if there is such."""

    @abstractmethod
    def hold(self, id: HoldId) -> tuple[Hold, ...]:  # noqa: A002 - as above
        """Give all that a hold has, by SKU and location, lapsed or not."""

    @abstractmethod
    def holds_of(self, skus: Collection[Sku]) -> list[Hold]:
        """Give the holds of some SKUs, by id, SKU and location, lapsed or not."""

    @abstractmethod
    def waiting(self, sku: Sku) -> int:
        """Give what all lines of a SKU wait for."""

    @abstractmethod
    def waiting_lines(self, skus: Collection[Sku]) -> Iterator[tuple[Order, OrderLine, int]]:
        """Give the lines of some SKUs that wait, in any order, and what each waits for."""

    @abstractmethod
    def last_served(self, sku: Sku, location: Location) -> list[Allocation]:
        """Give the allocations of a pool: lowest priority first, then the youngest line."""

    @abstractmethod
    def after(self, after: Aftermath) -> _Source:
        """Give the whole as it is now."""


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
        self._waiting: Counter[Sku] | None = None
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

    def standing(self, order: OrderId, line: LineId) -> Standing:
        """Give what a line has, as a value of the caller's own; it may be gone."""
        key = order, line
        owner, known = self._orders.get(order), self._backorders.get(key)
        found = owner.find_line(line) if owner else None
        if found is None:
            return Standing(None, 0, (), known)
        held = tuple(self._allocations.get(key, ()))
        waiting = found.outstanding - sum(each.quantity for each in held)
        return Standing(found, waiting, held, known)

    def position(self, sku: Sku, location: Location) -> StockPosition:
        """Give what is there of a pool.  O(orders) for the first."""
        return self._snapshot.position(sku, location)

    def item(self, sku: Sku) -> Item | None:
        """Give the item of a SKU; None if it is not among the items."""
        try:
            return self._snapshot.item(sku)
        except KeyError:
            return None

    def order(self, id: OrderId) -> Order | None:  # noqa: A002 - the documents' name
        """Give one of the orders that changes name, if there is such."""
        return self._orders.get(id)

    def level(self, sku: Sku, location: Location) -> StockLevel | None:
        """Give a stock level, if there is such.  O(log levels)."""
        return _find(self._snapshot.stock, (sku, location), _pool)

    def receipt(self, id: ReceiptId) -> ScheduledReceipt | None:  # noqa: A002 - as above
        """Give a scheduled receipt, if there is such.  O(log receipts)."""
        return _find(self._snapshot.receipts, id, _receipt_id)

    def hold(self, id: HoldId) -> tuple[Hold, ...]:  # noqa: A002 - as above
        """Give all that a hold has, by SKU and location, lapsed or not.  O(log holds)."""
        holds = self._snapshot.holds
        start, end = (find(holds, id, key=_hold_id) for find in (bisect_left, bisect_right))
        return holds[start:end]

    def holds_of(self, skus: Collection[Sku]) -> list[Hold]:
        """Give the holds of some SKUs, by id, SKU and location, lapsed or not.  O(holds)."""
        named = frozenset(skus)
        return [hold for hold in self._snapshot.holds if hold.sku in named]

    def waiting(self, sku: Sku) -> int:
        """Give what all lines of a SKU wait for.  O(lines) for the first."""
        if self._waiting is None:
            self._waiting = Counter()
            for order in self._snapshot.orders:
                for line in order.lines:
                    waits = self._snapshot.line(order.id, line.id).unallocated
                    self._waiting[line.sku] += waits
        return self._waiting[sku]

    def waiting_lines(self, skus: Collection[Sku]) -> Iterator[tuple[Order, OrderLine, int]]:
        """Give the lines of some SKUs that wait.  O(lines)."""
        for order in self._snapshot.orders:
            for line in order.lines:
                if line.sku in skus:
                    waits = self._snapshot.line(order.id, line.id).unallocated
                    if waits:
                        yield order, line, waits

    def last_served(self, sku: Sku, location: Location) -> list[Allocation]:
        """Give the allocations of a pool, the last one to be served first.  O(lines)."""
        orders = {order.id: order for order in self._snapshot.orders}
        served: list[tuple[Order, OrderLine, Allocation]] = []
        for each in self._snapshot.allocations:
            order = orders[each.order]
            line = order.find_line(each.line)
            if line is not None and line.sku == sku and each.location == location:
                served.append((order, line, each))
        return _last_first(served)

    def after(self, after: Aftermath) -> Snapshot:
        """Give the snapshot as it is now.  O(what changed), and slices of what did not."""
        allocations = dict[LineKey, Sequence[Allocation]](self._allocations)
        backorders = dict[LineKey, Sequence[Backorder]]()
        for key, each in self._backorders.items():
            backorders[key] = (each,)
        for key, now in after.lines.items():
            allocations[key] = now.allocations
            backorders[key] = () if now.backorder is None else (now.backorder,)
        before = self._snapshot
        return before._with(  # noqa: SLF001 - changes kept every rule
            stock=_replaced(before.stock, after.levels, _pool),
            receipts=_replaced(before.receipts, after.receipts, _receipt_id),
            orders=_replaced(before.orders, after.orders, _id),
            allocations=_put(before.allocations, self._named, self._allocated_at, allocations),
            backorders=_put(before.backorders, self._named, self._backordered_at, backorders),
            holds=_replaced(before.holds, after.holds, _hold_key),
        )


def ground_of(source: _Whole, orders: Iterable[OrderId]) -> Ground[_Whole]:
    """Give the ground of a book, or of a snapshot as far as it is about some orders."""
    if isinstance(source, Book):
        return BookGround(source)
    return SnapshotGround(source, orders)


def item_of(ground: Ground[_Source], sku: Sku) -> Item:
    """Give the item of a SKU, or one in pieces where it is not among the items."""
    return ground.item(sku) or Item(sku=sku)


def _last_first(served: Iterable[tuple[Order, OrderLine, Allocation]]) -> list[Allocation]:
    def service(each: tuple[Order, OrderLine, Allocation]) -> tuple[int, FifoKey]:
        order, line, _ = each
        return order.priority, fifo_key(order, line)

    return [allocation for *_, allocation in sorted(served, key=service, reverse=True)]


def _find(entries: Sequence[_Entry], name: _Key, key: Callable[[_Entry], _Key]) -> _Entry | None:
    place = bisect_left(entries, name, key=key)
    found = entries[place] if place < len(entries) else None
    return found if found is not None and key(found) == name else None


def _replaced(
    entries: tuple[_Entry, ...],
    after: Mapping[_Key, _Entry | None],
    key: Callable[[_Entry], _Key],
) -> tuple[_Entry, ...]:
    """Put new entries in the places of those with their keys; None takes one away."""
    if not after:
        return entries
    named = sorted(after)
    made: list[_Entry] = []
    at: int = 0
    for name, (start, end) in zip(named, _spans(entries, named, key), strict=True):
        made += entries[at:start]
        entry = after[name]
        if entry is not None:
            made.append(entry)
        at = end
    return (*made, *entries[at:])


def _spans(
    entries: Sequence[_Entry], named: Sequence[_Key], key: Callable[[_Entry], _Key]
) -> list[tuple[int, int]]:
    """Say where among sorted entries those of each name are, or would be."""
    spans: list[tuple[int, int]] = []
    end, count = 0, len(entries)
    for name in named:
        # The next one is often near: leaps of 1, 2, 4, ... find a place to search in.
        leap = 1
        while end + leap <= count and key(entries[end + leap - 1]) < name:
            leap *= 2
        if leap > 1:
            end = bisect_left(entries, name, end + leap // 2, min(end + leap, count), key=key)
        start = end
        while end < count and key(entries[end]) == name:
            end += 1
        spans.append((start, end))
    return spans


def _put(
    entries: tuple[_Entry, ...],
    named: Sequence[OrderId],
    spans: Sequence[tuple[int, int]],
    known: Mapping[LineKey, Sequence[_Entry]],
) -> tuple[_Entry, ...]:
    """Put what is known of lines now in the place of what was known of their orders."""
    own = dict[OrderId, list[_Entry]]()
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

    def standing(self, order: OrderId, line: LineId) -> Standing:
        """Give what a line has, as a value of the caller's own.  O(log lines of its SKU)."""
        state = self._book._state(order, line)  # noqa: SLF001 - it is ours
        if state is not None:
            return Standing(state.line, state.want, state.allocations, state.backorder)
        strays = self._book._strays_of(order)  # noqa: SLF001 - it is ours
        known = next((stray for _, stray in strays if stray.line == line), None)
        return Standing(None, 0, (), known)

    def position(self, sku: Sku, location: Location) -> StockPosition:
        """Give what is there of a pool."""
        return self._book._position(sku, location)  # noqa: SLF001 - it is ours

    def item(self, sku: Sku) -> Item | None:
        """Give the item of a SKU; None if it is not among the items."""
        return self._book._item(sku)  # noqa: SLF001 - it is ours

    def order(self, id: OrderId) -> Order | None:  # noqa: A002 - the documents' name
        """Give an order, if there is such."""
        return self._book.order(id)

    def level(self, sku: Sku, location: Location) -> StockLevel | None:
        """Give a stock level, if there is such."""
        levels = self._book._shelf(sku).stock  # noqa: SLF001 - it is ours
        return next((level for level in levels if level.location == location), None)

    def receipt(self, id: ReceiptId) -> ScheduledReceipt | None:  # noqa: A002 - as above
        """Give a scheduled receipt, if there is such."""
        return self._book.receipt(id)

    def hold(self, id: HoldId) -> tuple[Hold, ...]:  # noqa: A002 - as above
        """Give all that a hold has, by SKU and location, lapsed or not."""
        return self._book.hold(id)

    def holds_of(self, skus: Collection[Sku]) -> list[Hold]:
        """Give the holds of some SKUs, by id, SKU and location, lapsed or not."""
        shelves = map(self._book._shelf, skus)  # noqa: SLF001 - it is ours
        return sorted((hold for shelf in shelves for hold in shelf.holds), key=_hold_key)

    def waiting(self, sku: Sku) -> int:
        """Give what all lines of a SKU wait for.  O(its lines / 512)."""
        return self._book._shelf(sku).lane.wanted  # noqa: SLF001 - it is ours

    def waiting_lines(self, skus: Collection[Sku]) -> Iterator[tuple[Order, OrderLine, int]]:
        """Give the lines of some SKUs that wait.  O(their lines)."""
        for sku in skus:
            for block in self._book._shelf(sku).lane.blocks:  # noqa: SLF001 - it is ours
                for state in block.states if block.wanted else ():
                    want = state.want
                    if want:
                        yield state.order, state.line, want

    def last_served(self, sku: Sku, location: Location) -> list[Allocation]:
        """Give the allocations of a pool, the last to be served first.  O(lines of its SKU)."""
        lane = self._book._shelf(sku).lane  # noqa: SLF001 - it is ours
        return _last_first(
            (state.order, state.line, each)
            for state in lane
            for each in state.allocations
            if each.location == location
        )

    def after(self, after: Aftermath) -> Book:
        """Give the book as it is now."""
        book = self._book._with_known(after.lines, after.orders)  # noqa: SLF001 - all fits
        for level in after.levels.values():
            book = book._with_level(level)  # noqa: SLF001 - as above
        for id_, receipt in after.receipts.items():
            book = book.without_receipt(id_) if receipt is None else book.with_receipt(receipt)
        for key, hold in after.holds.items():
            book = book._with_hold(key, hold)  # noqa: SLF001 - as above
        return book


def _pool(level: StockLevel) -> Pool:
    return level.sku, level.location


def _receipt_id(receipt: ScheduledReceipt) -> ReceiptId:
    return receipt.id


def _hold_id(hold: Hold) -> HoldId:
    return hold.id


def _hold_key(hold: Hold) -> HoldKey:
    return hold.key


def _id(order: Order) -> OrderId:
    return order.id


def _order(entry: Allocation | Backorder) -> OrderId:
    return entry.order
