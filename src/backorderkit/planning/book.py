"""A snapshot taken apart by SKU, so that what follows an event costs what its SKU costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

import attrs

from backorderkit.changes import Allocated, Backordered, Change, Promised
from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
    raise_first,
    refuse,
    require_time,
)
from backorderkit.model._consistency import Sections, raise_faults
from backorderkit.model._maps import StableMap
from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.ids import OrderId, ReceiptId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.planning.shelf import Shelf, own_of

_Entry = TypeVar("_Entry")
_Key = TypeVar("_Key", bound=str)


_EMPTY = Shelf()
_CHANGES = (Allocated, Backordered, Promised)


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Book:
    """
    A snapshot prepared for planning again and again, while events come in one by one.

    It is made once, with `Book.of`.  Each event gives a new book, which shares
    nearly everything with the one before; that one stays as it is.  `plan` and
    `apply` take a book wherever they take a snapshot, and with ``skus`` a plan
    looks at the lines of these SKUs only.

    Attributes:
        as_of: The moment.

    >>> from backorderkit.model import Order, Snapshot, StockLevel
    >>> from backorderkit.planning import apply, plan
    >>> from backorderkit.policies import Fifo
    >>> book = Book.of(
    ...     Snapshot.of(as_of="2026-01-05", orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})])
    ... )
    >>> book = book.with_stock(StockLevel(sku=Sku("MUG"), on_hand=3))
    >>> changes = plan(book, policy=Fifo(), skus=["MUG"]).changes
    >>> [(type(change).__name__, change.quantity) for change in changes]
    [('Allocated', 3), ('Backordered', 2)]
    >>> apply(book, changes).snapshot.allocations[0].quantity
    3
    """

    as_of: datetime
    _items: dict[Sku, Item] | None = attrs.field(repr=False)
    _shelves: StableMap[Shelf] = attrs.field(repr=False)
    _orders: StableMap[Order] = attrs.field(repr=False)
    _skus_of_receipts: StableMap[Sku] = attrs.field(repr=False)
    # What is remembered of lines that are gone: of which SKUs an order has such, and
    # what nobody knows the SKU of, since it came with the snapshot.
    _stray_skus: StableMap[frozenset[Sku]] = attrs.field(repr=False)
    _strays: StableMap[tuple[Backorder, ...]] = attrs.field(repr=False)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Book:
        """
        Take a snapshot apart.  O(lines), once.

        Raises:
            InvalidValueError: if it is no snapshot.
        """
        if not isinstance(snapshot, Snapshot):
            raise _not_a("snapshot", snapshot, "Snapshot")
        stock = _grouped((level.sku, level) for level in snapshot.stock)
        receipts = _grouped((receipt.sku, receipt) for receipt in snapshot.receipts)
        orders = _grouped(
            (sku, order)
            for order in snapshot.orders
            for sku in sorted({line.sku for line in order.lines})
        )
        allocations, backorders = _by_sku(snapshot)
        strays = _grouped((stray.order, stray) for stray in backorders.pop(None, []))
        skus: set[Sku] = {*stock, *receipts, *orders}
        shelves = (
            (
                sku,
                Shelf(
                    stock=tuple(stock.get(sku, ())),
                    receipts=tuple(receipts.get(sku, ())),
                    orders=tuple(orders.get(sku, ())),
                    allocations=tuple(allocations.get(sku, ())),
                    backorders=tuple(backorders.get(sku, ())),
                ),
            )
            for sku in skus
        )
        items = snapshot.items
        return cls(
            as_of=snapshot.as_of,
            items=None if items is None else {item.sku: item for item in items},
            shelves=StableMap(shelves),
            orders=StableMap((order.id, order) for order in snapshot.orders),
            skus_of_receipts=StableMap((each.id, each.sku) for each in snapshot.receipts),
            stray_skus=StableMap(),
            strays=StableMap((order, tuple(own)) for order, own in strays.items()),
        )

    @cached_property
    def snapshot(self) -> Snapshot:
        """The book as one snapshot again.  O(lines), made when first asked for."""
        shelves = [shelf for _, shelf in self._shelves.items()]
        return self._snapshot_of(
            None if self._items is None else list(self._items.values()),
            shelves,
            [order for _, order in self._orders.items()],
            [stray for _, own in self._strays.items() for stray in own],
        )

    def part(self, skus: Iterable[Sku], /) -> Snapshot:
        """
        Give what concerns some SKUs as a snapshot: their supply, and all of their orders.

        Its orders are whole; stock, receipts and allocations are those of the
        SKUs alone.  It costs what the SKUs' lines cost, however large the book.

        Raises:
            InvalidValueError: if *skus* is no collection of SKUs.
        """
        return self._part(_skus(skus), [])

    def with_order(
        self, order: Order, /, *, allocations: Iterable[Allocation] | None = None
    ) -> Book:
        """
        Give the book with an order that is new, or that is now like this.

        A line that was cancelled, enlarged or shipped is an order that is now
        like this; of one that shipped say, too, what it holds still.

        Args:
            order: The order as it is now.
            allocations: What is allocated to it now; as before if absent.

        Raises:
            InvalidInputError: if it does not fit what is allocated to it, if that
                does not fit the stock, or it names an unknown item.
            InvalidValueError: if it is no order, or they are no allocations of it.
        """
        if not isinstance(order, Order):
            raise _not_a("order", order, "Order")
        now = {line.id: line.sku for line in order.lines}
        touched = {*now.values(), *self.skus_of(order.id)}
        before = {sku: own_of(self._shelf(sku).allocations, order.id) for sku in touched}
        if allocations is None:
            held = [each for own in before.values() for each in own]
        else:
            held = _of(order, allocations)
        self._check(orders=[order], allocations=held)
        told: list[tuple[Sku | None, Backorder]] = [
            (None, stray) for stray in self._strays.get(order.id) or ()
        ]
        for sku in touched:
            shelf = self._shelf(sku)
            told += [(sku, each) for each in own_of(shelf.backorders, order.id)]
            told += [(sku, each) for each in own_of(shelf.strays, order.id)]
        gone = [(sku, stray) for sku, stray in told if stray.line not in now]
        shelves = self._shelves
        for sku in sorted(touched):
            own = [each for each in held if now[each.line] == sku]
            shelf = self._shelf(sku).with_order(
                order if sku in now.values() else None,
                order.id,
                allocations=own,
                backorders=[each for _, each in told if now.get(each.line) == sku],
                strays=[stray for former, stray in gone if former == sku],
            )
            if any(each not in before[sku] for each in own):
                self._check_stock(shelf)
            shelves = shelves.put(sku, shelf)
        former = frozenset(sku for sku, _ in gone if sku is not None)
        unknown = tuple(stray for sku, stray in gone if sku is None)
        return attrs.evolve(
            self,
            shelves=shelves,
            orders=self._orders.put(order.id, order),
            stray_skus=self._stray_skus.put(order.id, former or None),
            strays=self._strays.put(order.id, unknown or None),
        )

    def with_stock(self, level: StockLevel, /) -> Book:
        """
        Give the book with a stock level that is new, or that is now like this.

        Raises:
            InvalidInputError: if more is allocated there than is on hand, or the
                item is unknown.
            InvalidValueError: if it is no stock level.
        """
        if not isinstance(level, StockLevel):
            raise _not_a("level", level, "StockLevel")
        shelf = self._shelf(level.sku)
        shelf = shelf.with_stock(level)
        self._check(stock=[level])
        here = (each.quantity for each in shelf.allocations if each.location == level.location)
        if sum(here) > level.on_hand:
            self._check_stock(shelf)
        return self._with_shelf(level.sku, shelf)

    def with_receipt(self, receipt: ScheduledReceipt, /) -> Book:
        """
        Give the book with a scheduled receipt that is new, or that is now like this.

        Raises:
            InvalidInputError: if the item is unknown.
            InvalidValueError: if it is no receipt.
        """
        if not isinstance(receipt, ScheduledReceipt):
            raise _not_a("receipt", receipt, "ScheduledReceipt")
        self._check(receipts=[receipt])
        book = self.without_receipt(receipt.id)
        shelf = book._shelf(receipt.sku)  # noqa: SLF001 - it is one of ours
        book = book._with_shelf(  # noqa: SLF001 - as above
            receipt.sku, shelf.with_receipt(receipt)
        )
        known = book._skus_of_receipts.put(receipt.id, receipt.sku)  # noqa: SLF001 - as above
        return attrs.evolve(book, skus_of_receipts=known)

    def without_receipt(self, id: ReceiptId, /) -> Book:  # noqa: A002 - the documents' name
        """
        Give the book without a scheduled receipt: it has arrived, or will not; or never was.

        Raises:
            InvalidValueError: if *id* is no id.
        """
        _require_id("id", id)
        sku = self._skus_of_receipts.get(id)
        if sku is None:
            return self
        shelf = self._shelf(sku)
        receipts = tuple(each for each in shelf.receipts if each.id != id)
        book = self._with_shelf(sku, attrs.evolve(shelf, receipts=receipts))
        return attrs.evolve(book, skus_of_receipts=self._skus_of_receipts.put(id, None))

    def at(self, as_of: datetime, /) -> Book:
        """
        Give the book at another moment.

        Raises:
            InvalidValueError: if it is no time, or naive.
        """
        require_time("as_of", as_of)
        return attrs.evolve(self, as_of=as_of.astimezone(UTC))

    def skus_of(self, order: OrderId, /) -> frozenset[Sku]:
        """
        Give the SKUs whose plan an order concerns: of its lines, and of lines that it lost.

        Raises:
            InvalidValueError: if *order* is no id.
        """
        _require_id("order", order)
        found = self._orders.get(order)
        lines = found.lines if found else ()
        return frozenset(line.sku for line in lines) | (self._stray_skus.get(order) or frozenset())

    def _changed_by(self, changes: Iterable[Change], fold: Callable[[Snapshot], Snapshot]) -> Book:
        """Give the book after changes, which *fold* makes of a part of it."""
        orders = sorted({each.order for each in changes if isinstance(each, _CHANGES)})
        skus = frozenset(sku for order in orders for sku in self.skus_of(order))
        strays = [stray for order in orders for stray in self._strays.get(order) or ()]
        after = fold(self._part(skus, strays))
        allocations, backorders = _by_sku(after)
        left = {(stray.order, stray.line) for stray in backorders.pop(None, [])}
        shelves, unknown = self._shelves, self._strays
        for sku in sorted(skus):
            shelf = self._shelf(sku)
            shelf = attrs.evolve(
                shelf,
                allocations=tuple(allocations.get(sku, ())),
                backorders=tuple(backorders.get(sku, ())),
                strays=tuple(b for b in shelf.strays if (b.order, b.line) in left),
            )
            shelves = shelves.put(sku, shelf)
        for order in {stray.order for stray in strays}:
            own = tuple(b for b in unknown.get(order) or () if (b.order, b.line) in left)
            unknown = unknown.put(order, own or None)
        return attrs.evolve(self, shelves=shelves, strays=unknown)

    def _part(self, skus: Iterable[Sku], strays: list[Backorder]) -> Snapshot:
        shelves = [self._shelf(sku) for sku in sorted(skus)]
        orders = {order.id: order for shelf in shelves for order in shelf.orders}
        items = None
        if self._items is not None:
            named = {line.sku for order in orders.values() for line in order.lines}
            items = [self._items[sku] for sku in named.union(skus) if sku in self._items]
        return self._snapshot_of(items, shelves, list(orders.values()), strays)

    def _snapshot_of(
        self,
        items: list[Item] | None,
        shelves: list[Shelf],
        orders: list[Order],
        strays: list[Backorder],
    ) -> Snapshot:
        sections = Sections(
            items=items,
            stock=[each for shelf in shelves for each in shelf.stock],
            receipts=[each for shelf in shelves for each in shelf.receipts],
            orders=orders,
            allocations=[each for shelf in shelves for each in shelf.allocations],
            backorders=[
                *(each for shelf in shelves for each in (*shelf.backorders, *shelf.strays)),
                *strays,
            ],
        )
        return Snapshot._of_checked(self.as_of, sections)  # noqa: SLF001 - it held before

    def _shelf(self, sku: Sku) -> Shelf:
        return self._shelves.get(sku) or _EMPTY

    def _with_shelf(self, sku: Sku, shelf: Shelf) -> Book:
        return attrs.evolve(self, shelves=self._shelves.put(sku, shelf))

    def _check_stock(self, shelf: Shelf) -> None:
        """Refuse a shelf of which more is allocated than is there.  O(lines of the SKU)."""
        self._check(
            orders=list(shelf.orders), stock=list(shelf.stock), allocations=list(shelf.allocations)
        )

    def _check(
        self,
        *,
        orders: list[Order] | None = None,
        stock: list[StockLevel] | None = None,
        receipts: list[ScheduledReceipt] | None = None,
        allocations: list[Allocation] | None = None,
    ) -> None:
        """Refuse what does not fit; what an event leaves alone is not looked at."""
        items = None
        if self._items is not None:
            named = {each.sku for each in (*(stock or ()), *(receipts or ()))}
            named.update(line.sku for order in orders or () for line in order.lines)
            items = [self._items[sku] for sku in named if sku in self._items]
        sections = Sections(
            items=items,
            stock=stock or [],
            receipts=receipts or [],
            orders=orders or [],
            allocations=allocations or [],
            backorders=[],
        )
        raise_faults(sections, [], {} if stock is not None else {"stock": []})


def require_source(source: object) -> None:
    """
    Refuse what can be neither planned nor changed.

    Raises:
        InvalidValueError: if it is neither a snapshot nor a book.
    """
    if not isinstance(source, Snapshot | Book):
        raise _not_a("snapshot", source, "Snapshot or Book")


def sku_set(skus: Iterable[str] | None) -> frozenset[Sku] | None:
    """
    Take the names of SKUs; None stands for all.

    Raises:
        InvalidValueError: if they are no collection of ids.
    """
    return None if skus is None else _skus(skus)


def _skus(skus: Iterable[str]) -> frozenset[Sku]:
    problems: Problems = []
    if isinstance(skus, str) or not isinstance(skus, Iterable):
        raise InvalidValueError(field="skus", value=skus, reason="must be a collection of SKUs")
    named = tuple(skus)
    for sku in named:
        check_text(problems, "skus", sku)
    raise_first(problems)
    return frozenset(map(Sku, named))


def _require_id(field: str, value: object) -> None:
    problems: Problems = []
    check_text(problems, field, value)
    raise_first(problems)


def _by_sku(
    snapshot: Snapshot,
) -> tuple[dict[Sku, list[Allocation]], dict[Sku | None, list[Backorder]]]:
    allocations = dict[Sku, list[Allocation]]()
    backorders = dict[Sku | None, list[Backorder]]()
    for allocation in snapshot.allocations:
        line = snapshot.find_line(allocation.order, allocation.line)
        if line is not None:
            allocations.setdefault(line.sku, []).append(allocation)
    for backorder in snapshot.backorders:
        line = snapshot.find_line(backorder.order, backorder.line)
        backorders.setdefault(None if line is None else line.sku, []).append(backorder)
    return allocations, backorders


def _grouped(pairs: Iterable[tuple[_Key, _Entry]]) -> dict[_Key, list[_Entry]]:
    groups = dict[_Key, list[_Entry]]()
    for key, entry in pairs:
        groups.setdefault(key, []).append(entry)
    return groups


def _of(order: Order, allocations: Iterable[Allocation]) -> list[Allocation]:
    """Take what a host says is allocated to an order."""
    given = as_tuple("allocations", allocations)
    problems: Problems = []
    for index, each in enumerate(given):
        path = f"allocations[{index}]"
        if not isinstance(each, Allocation):
            refuse(problems, "allocations", each, "must be an Allocation", path)
        elif each.order != order.id:
            refuse(problems, "order", each.order, f"must be {order.id}", f"{path}.order")
    raise_first(problems)
    return list(given)


def _not_a(field: str, value: object, kind: str) -> InvalidValueError:
    article = "an" if kind[0] in "AEIOU" else "a"
    return InvalidValueError(field=field, value=value, reason=f"must be {article} {kind}")
