"""A snapshot taken apart by SKU, so that what follows an event costs what its SKU costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property

import attrs

from backorderkit.model._checks import require_time
from backorderkit.model._consistency import Sections
from backorderkit.model._maps import StableMap
from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.holds import Hold, HoldKey
from backorderkit.model.ids import (
    DEFAULT_LOCATION,
    HoldId,
    LineId,
    Location,
    OrderId,
    ReceiptId,
    Sku,
)
from backorderkit.model.items import Item
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel, StockPosition
from backorderkit.planning.fitting import check_fits
from backorderkit.planning.given import (
    allocations_given,
    held_by,
    named_skus,
    not_a,
    require_id,
)
from backorderkit.planning.lanes import LineState, Standing
from backorderkit.planning.shelf import Shelf, grouped, take_apart

_EMPTY = Shelf()

Stray = tuple[Sku | None, Backorder]
"""What is remembered of a line that is gone, and of which SKU it was, if somebody knows."""


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
    _receipts: StableMap[ScheduledReceipt] = attrs.field(repr=False)
    # The SKUs of which a hold has units.
    _held_skus: StableMap[frozenset[Sku]] = attrs.field(repr=False)
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
            raise not_a("snapshot", snapshot, "Snapshot")
        shelves, strays = take_apart(snapshot)
        items = snapshot.items
        return cls(
            as_of=snapshot.as_of,
            items=None if items is None else {item.sku: item for item in items},
            shelves=StableMap(shelves.items()),
            orders=StableMap((order.id, order) for order in snapshot.orders),
            receipts=StableMap((receipt.id, receipt) for receipt in snapshot.receipts),
            held_skus=StableMap(
                (id_, frozenset(skus))
                for id_, skus in grouped((hold.id, hold.sku) for hold in snapshot.holds).items()
            ),
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
            list(self._all_strays()),
        )

    def part(self, skus: Iterable[Sku], /) -> Snapshot:
        """
        Give what concerns some SKUs as a snapshot: their supply, and all of their orders.

        Its orders are whole; stock, receipts, holds and allocations are those of the
        SKUs alone.  It costs what the SKUs' lines cost, however large the book.

        Raises:
            InvalidValueError: if *skus* is no collection of SKUs.
        """
        return self._part(named_skus(skus), [])

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
            raise not_a("order", order, "Order")
        before = self._states_of(order.id)
        if allocations is None:
            held = [each for state in before.values() for each in state.allocations]
        else:
            held = allocations_given(order, allocations)
        check_fits(self._items, orders=[order], allocations=held)
        now = {line.id: line for line in order.lines}
        strays = self._strays_of(order.id)
        known = {name: state.backorder for name, state in before.items()}
        known |= {stray.line: stray for _, stray in strays}
        # What is told of a line that goes stays with the SKU that it was told of.
        left: list[Stray] = [(sku, stray) for sku, stray in strays if stray.line not in now]
        left += [
            (state.line.sku, state.backorder)
            for name, state in before.items()
            if state.backorder is not None and name not in now
        ]
        come = [
            LineState(order, line, held_by(name, held), known.get(name))
            for name, line in now.items()
        ]
        book = self._with_states(list(before.values()), come, {order.id: left})
        for sku in sorted({state.line.sku for state in come}):
            book._check_stock(book._shelf(sku))  # noqa: SLF001 - it is one of ours
        return attrs.evolve(book, orders=self._orders.put(order.id, order))

    def with_stock(self, level: StockLevel, /) -> Book:
        """
        Give the book with a stock level that is new, or that is now like this.

        Raises:
            InvalidInputError: if more is allocated there than is on hand, or the
                item is unknown.
            InvalidValueError: if it is no stock level.
        """
        if not isinstance(level, StockLevel):
            raise not_a("level", level, "StockLevel")
        check_fits(self._items, stock=[level])
        book = self._with_level(level)
        book._check_stock(book._shelf(level.sku))  # noqa: SLF001 - it is one of ours
        return book

    def with_receipt(self, receipt: ScheduledReceipt, /) -> Book:
        """
        Give the book with a scheduled receipt that is new, or that is now like this.

        Raises:
            InvalidInputError: if the item is unknown.
            InvalidValueError: if it is no receipt.
        """
        if not isinstance(receipt, ScheduledReceipt):
            raise not_a("receipt", receipt, "ScheduledReceipt")
        check_fits(self._items, receipts=[receipt])
        book = self.without_receipt(receipt.id)
        shelf = book._shelf(receipt.sku)  # noqa: SLF001 - it is one of ours
        book = book._with_shelf(  # noqa: SLF001 - as above
            receipt.sku, shelf.with_receipt(receipt)
        )
        known = book._receipts.put(receipt.id, receipt)  # noqa: SLF001 - as above
        return attrs.evolve(book, receipts=known)

    def without_receipt(self, id: ReceiptId, /) -> Book:  # noqa: A002 - the documents' name
        """
        Give the book without a scheduled receipt: it has arrived, or will not; or never was.

        Raises:
            InvalidValueError: if *id* is no id.
        """
        require_id("id", id)
        receipt = self._receipts.get(id)
        if receipt is None:
            return self
        shelf = self._shelf(receipt.sku).without_receipt(receipt)
        book = self._with_shelf(receipt.sku, shelf)
        return attrs.evolve(book, receipts=self._receipts.put(id, None))

    def with_hold(self, hold: Hold, /) -> Book:
        """
        Give the book with a hold that is new, or that is now like this.

        Raises:
            InvalidInputError: if the item is unknown.
            InvalidValueError: if it is no hold.
        """
        if not isinstance(hold, Hold):
            raise not_a("hold", hold, "Hold")
        check_fits(self._items, holds=[hold])
        return self._with_hold(hold.key, hold)

    def without_hold(
        self,
        id: HoldId,  # noqa: A002 - the documents' name
        sku: Sku,
        location: Location = DEFAULT_LOCATION,
        /,
    ) -> Book:
        """
        Give the book without what a hold has of a pool: it ended; or never was.

        Raises:
            InvalidValueError: if one of these is no id.
        """
        require_id("id", id)
        require_id("sku", sku)
        require_id("location", location)
        return self._with_hold((id, sku, location), None)

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
        Give the SKUs whose plan an order concerns: of its lines, and of lost ones till closed.

        Raises:
            InvalidValueError: if *order* is no id.
        """
        require_id("order", order)
        found = self._orders.get(order)
        lines = found.lines if found else ()
        return frozenset(line.sku for line in lines) | (self._stray_skus.get(order) or frozenset())

    def order(self, id: OrderId, /) -> Order | None:  # noqa: A002 - the documents' name
        """Give an order, or None if there is no such."""
        return self._orders.get(id)

    def receipt(self, id: ReceiptId, /) -> ScheduledReceipt | None:  # noqa: A002 - as above
        """Give a scheduled receipt, or None if there is no such."""
        return self._receipts.get(id)

    def hold(self, id: HoldId, /) -> tuple[Hold, ...]:  # noqa: A002 - as above
        """Give all that a hold has, by SKU and location, lapsed or not; it may be nothing."""
        return tuple(
            hold
            for sku in sorted(self._held_skus.get(id) or ())
            for hold in self._shelf(sku).holds
            if hold.id == id
        )

    def knows(self, sku: Sku, /) -> bool:
        """Tell whether a SKU is among the items; any is if the book has no list of these."""
        return self._items is None or sku in self._items

    def _shelves_of(self, skus: Iterable[Sku] | None, /) -> Iterator[tuple[Sku, Shelf]]:
        """Give all there is of some SKUs, or of all; sorted by SKU."""
        if skus is None:
            return ((Sku(name), shelf) for name, shelf in self._shelves.items())
        return ((sku, self._shelf(sku)) for sku in sorted(skus))

    def _all_strays(self) -> Iterator[Backorder]:
        """Give what is remembered of lines that nobody knows the SKU of."""
        return (stray for _, own in self._strays.items() for stray in own)

    def _strays_of(self, id_: OrderId) -> list[Stray]:
        """Give what is remembered of lost lines of an order, and of which SKU, if known."""
        known: list[Stray] = [
            (sku, stray)
            for sku in self._stray_skus.get(id_) or ()
            for stray in self._shelf(sku).strays
            if stray.order == id_
        ]
        return [*known, *((None, stray) for stray in self._strays.get(id_) or ())]

    def _position(self, sku: Sku, location: Location) -> StockPosition:
        shelf = self._shelf(sku)
        there = (level for level in shelf.stock if level.location == location)
        level = next(there, StockLevel(sku=sku, location=location, on_hand=0))
        return StockPosition(
            sku=sku,
            location=location,
            on_hand=level.on_hand,
            safety_stock=level.safety_stock,
            allocated=shelf.lane.held_at(location),
            held=shelf.held_at(self.as_of).get(location, 0),
        )

    def _item(self, sku: Sku) -> Item | None:
        return Item(sku=sku) if self._items is None else self._items.get(sku)

    def _with_known(
        self, after: Mapping[LineKey, Standing], orders: Mapping[OrderId, Order]
    ) -> Book:
        """
        Give the book with what is known of some lines now, and with these orders.

        All of it is known to fit; no order loses a line.
        """
        gone: list[LineState] = []
        come: list[LineState] = []
        lost = dict[LineKey, Backorder | None]()
        named = {
            (id_, line.id): LineState(order, line)
            for id_, order in orders.items()
            for line in order.lines
        }
        for key in {**after, **named}:
            now, before = after.get(key), self._state(*key)
            state = named.get(key) or before
            if before is not None:
                gone.append(before)
            elif now is not None:
                lost[key] = None if key in named else now.backorder
            if state is not None:
                known = now or before or state
                come.append(LineState(state.order, state.line, known.allocations, known.backorder))
        left = dict[OrderId, list[Stray]]()
        for id_ in sorted({order for order, _ in lost}):
            told = [
                (sku, lost.get((id_, stray.line), stray)) for sku, stray in self._strays_of(id_)
            ]
            left[id_] = [(sku, stray) for sku, stray in told if stray is not None]
        book = self._with_states(gone, come, left)
        by_id = self._orders
        for id_, order in orders.items():
            by_id = by_id.put(id_, order)
        return attrs.evolve(book, orders=by_id)

    def _with_hold(self, key: HoldKey, hold: Hold | None) -> Book:
        """Give the book with a hold, which is known to fit, in the place of the one of its key."""
        id_, sku, _ = key
        book = self._with_shelf(sku, self._shelf(sku).with_hold(key, hold))
        skus = (self._held_skus.get(id_) or frozenset()) - {sku}
        if any(each.id == id_ for each in book._shelf(sku).holds):  # noqa: SLF001 - one of ours
            skus |= {sku}
        return attrs.evolve(book, held_skus=self._held_skus.put(id_, skus or None))

    def _with_level(self, level: StockLevel) -> Book:
        """Give the book with a stock level that is known to fit."""
        return self._with_shelf(level.sku, self._shelf(level.sku).with_stock(level))

    def _with_states(
        self,
        gone: Iterable[LineState],
        come: Iterable[LineState],
        left: Mapping[OrderId, list[Stray]],
    ) -> Book:
        """Give the book with other lines, and with what is left of lost lines of some orders."""
        shelves, strays, stray_skus = self._shelves, self._strays, self._stray_skus
        gone_from = grouped((state.line.sku, state) for state in gone)
        come_to = grouped((state.line.sku, state) for state in come)
        for sku in sorted({*gone_from, *come_to}):
            shelf = self._shelf(sku)
            lane = shelf.lane.changed(gone_from.get(sku, ()), come_to.get(sku, ()))
            shelves = shelves.put(sku, attrs.evolve(shelf, lane=lane))
        for id_, own in left.items():
            skus = frozenset(sku for sku, _ in own if sku is not None)
            for sku in sorted(skus | (stray_skus.get(id_) or frozenset())):
                here = [stray for former, stray in own if former == sku]
                shelf = (shelves.get(sku) or _EMPTY).with_strays(id_, here)
                shelves = shelves.put(sku, shelf)
            stray_skus = stray_skus.put(id_, skus or None)
            strays = strays.put(id_, tuple(stray for sku, stray in own if sku is None) or None)
        return attrs.evolve(self, shelves=shelves, strays=strays, stray_skus=stray_skus)

    def _states_of(self, id_: OrderId) -> dict[LineId, LineState]:
        """Give the lines of an order with what is known of them; none if there is no such."""
        order = self._orders.get(id_)
        lines = order.lines if order else ()
        states = (self._state(id_, line.id) for line in lines)
        return {state.line.id: state for state in states if state is not None}

    def _state(self, id_: OrderId, line_id: LineId) -> LineState | None:
        """Give an order line with what is known of it, if there is such."""
        order = self._orders.get(id_)
        line = order.find_line(line_id) if order else None
        if order is None or line is None:
            return None
        return self._shelf(line.sku).lane.find(LineState(order, line).key)

    def _part(self, skus: Iterable[Sku], strays: list[Backorder]) -> Snapshot:
        shelves = [self._shelf(sku) for sku in sorted(skus)]
        orders = {state.order.id: state.order for shelf in shelves for state in shelf.lane}
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
        allocations: list[Allocation] = []
        backorders = list(strays)
        for shelf in shelves:
            backorders += shelf.strays
            for state in shelf.lane:
                allocations += state.allocations
                if state.backorder is not None:
                    backorders.append(state.backorder)
        sections = Sections(
            items=items,
            stock=[each for shelf in shelves for each in shelf.stock],
            receipts=[each for shelf in shelves for each in shelf.receipts],
            orders=orders,
            allocations=allocations,
            backorders=backorders,
            holds=[each for shelf in shelves for each in shelf.holds],
        )
        return Snapshot._of_checked(self.as_of, sections)  # noqa: SLF001 - it held before

    def _shelf(self, sku: Sku) -> Shelf:
        return self._shelves.get(sku) or _EMPTY

    def _with_shelf(self, sku: Sku, shelf: Shelf) -> Book:
        return attrs.evolve(self, shelves=self._shelves.put(sku, shelf))

    def _check_stock(self, shelf: Shelf) -> None:
        """Refuse a shelf of which more is allocated than is there."""
        there = {level.location: level.on_hand for level in shelf.stock}
        if all(held <= there.get(place, 0) for place, held in shelf.lane.held):
            return
        orders = {state.order.id: state.order for state in shelf.lane}
        allocations = [each for state in shelf.lane for each in state.allocations]
        check_fits(
            self._items,
            orders=list(orders.values()),
            stock=list(shelf.stock),
            allocations=allocations,
        )


def require_source(source: object) -> None:
    """
    Refuse what can be neither planned nor changed.

    Raises:
        InvalidValueError: if it is neither a snapshot nor a book.
    """
    if not isinstance(source, Snapshot | Book):
        raise not_a("snapshot", source, "Snapshot or Book")
