"""One consistent picture of orders, stock and expected supply."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, as_tuple, check_time, pass_on, refuse, require_time
from backorderkit.model._consistency import Sections, raise_faults
from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.holds import Hold, held_by_pool
from backorderkit.model.ids import DEFAULT_LOCATION, LineId, Location, OrderId, Sku
from backorderkit.model.items import Item
from backorderkit.model.life_cycles import LineStatus, line_status
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.stock import ScheduledReceipt, StockLevel, StockPosition
from backorderkit.model.times import time_or_text

LineKey = tuple[OrderId, LineId]
_Entry = TypeVar("_Entry")


@attrs.frozen(kw_only=True)
class LinePosition:
    """
    An order line together with what is allocated to it.

    Attributes:
        order: The order's id.
        line: The line.
        allocated: How much it holds, in smallest units.
    """

    order: OrderId
    line: OrderLine
    allocated: int

    @property
    def outstanding(self) -> int:
        """What is still owed: ordered - shipped - cancelled."""
        return self.line.outstanding

    @property
    def unallocated(self) -> int:
        """What is owed and not allocated."""
        return self.line.outstanding - self.allocated

    @property
    def status(self) -> LineStatus:
        """How it stands, by the life cycle of lines: ``"waiting"``, ``"shipped"``, ..."""
        return line_status(self.line, self.allocated)


@attrs.frozen(kw_only=True, init=False, slots=False)
class Snapshot:
    """
    All that a plan depends on, at one moment; checked as a whole.

    Whatever order the parts are given in, they are kept sorted by their ids, so
    equal content is an equal snapshot.

    Attributes:
        as_of: The moment.
        items: What is traded, or None: then every SKU mentioned exists, in whole
            pieces.
        stock: What is on hand, unique by (SKU, location); a pool without a row
            is empty.
        receipts: What is expected, unique by id.
        orders: What customers were promised to get, unique by id.
        allocations: What of the stock is assigned already, unique by (order,
            line, location).
        backorders: What was opened and told; memory, not truth.
        holds: What is kept for whom until when, unique by (id, SKU, location).

    Raises:
        InvalidInputError: with every problem of the whole, each with its path.
    """

    as_of: datetime
    items: tuple[Item, ...] | None
    stock: tuple[StockLevel, ...]
    receipts: tuple[ScheduledReceipt, ...]
    orders: tuple[Order, ...]
    allocations: tuple[Allocation, ...]
    backorders: tuple[Backorder, ...]
    holds: tuple[Hold, ...]

    def __init__(
        self,
        *,
        as_of: datetime,
        items: Iterable[Item] | None = None,
        stock: Iterable[StockLevel] = (),
        receipts: Iterable[ScheduledReceipt] = (),
        orders: Iterable[Order] = (),
        allocations: Iterable[Allocation] = (),
        backorders: Iterable[Backorder] = (),
        holds: Iterable[Hold] = (),
    ) -> None:
        parts = _Parts(
            items=items,
            stock=stock,
            receipts=receipts,
            orders=orders,
            allocations=allocations,
            backorders=backorders,
            holds=holds,
        )
        self._take(as_of, parts.checked(as_of, []))

    @classmethod
    def _of_checked(cls, as_of: datetime, sections: Sections) -> Snapshot:
        """Make a snapshot of parts that are known to fit together."""
        snapshot = cls.__new__(cls)
        snapshot._take(as_of, sections)  # noqa: SLF001 - it is one of ours
        return snapshot

    def _take(self, as_of: datetime, sections: Sections) -> None:
        items = sections.items
        self.__attrs_init__(
            as_of=as_of.astimezone(UTC),
            items=None if items is None else _sorted(items, lambda item: item.sku),
            stock=_sorted(sections.stock, _pool),
            receipts=_sorted(sections.receipts, lambda receipt: receipt.id),
            orders=_sorted(sections.orders, lambda order: order.id),
            allocations=_sorted(sections.allocations, lambda a: (a.order, a.line, a.location)),
            backorders=_sorted(sections.backorders, lambda b: (b.order, b.line)),
            holds=_sorted(sections.holds, lambda hold: hold.key),
        )

    def _with(
        self,
        *,
        stock: tuple[StockLevel, ...],
        receipts: tuple[ScheduledReceipt, ...],
        orders: tuple[Order, ...],
        allocations: tuple[Allocation, ...],
        backorders: tuple[Backorder, ...],
        holds: tuple[Hold, ...],
        as_of: datetime | None = None,
    ) -> Snapshot:
        """Make the same of other parts, which are sorted and known to fit."""
        snapshot = Snapshot.__new__(Snapshot)
        snapshot.__attrs_init__(
            as_of=self.as_of if as_of is None else as_of,
            items=self.items,
            stock=stock,
            receipts=receipts,
            orders=orders,
            allocations=allocations,
            backorders=backorders,
            holds=holds,
        )
        return snapshot

    @classmethod
    def of(
        cls,
        *,
        as_of: datetime | str,
        stock: Mapping[str, int] | Mapping[tuple[str, str], int] | Iterable[StockLevel] = (),
        receipts: Iterable[ScheduledReceipt] = (),
        orders: Iterable[Order] = (),
        items: Iterable[Item] | None = None,
        allocations: Iterable[Allocation] = (),
        backorders: Iterable[Backorder] = (),
        holds: Iterable[Hold] = (),
    ) -> Snapshot:
        """
        Make a snapshot in one breath, for tests and notebooks.

        Args:
            as_of: A time, or text as the documents have it.
            stock: Units on hand by SKU (all at ``MAIN``) or by (SKU, location),
                or stock levels.
            receipts: What is expected.
            orders: What is wanted.
            items: What is traded; without it every SKU exists, in whole pieces.
            allocations: What is assigned already.
            backorders: What was opened before.
            holds: What is kept for whom until when.

        Raises:
            InvalidInputError: as the plain constructor does; problems of a stock
                quantity have paths such as ``stock['MUG'].on_hand``.

        >>> snapshot = Snapshot.of(
        ...     as_of="2026-01-05",
        ...     stock={"MUG": 3},
        ...     orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})],
        ... )
        >>> snapshot.position(Sku("MUG")).available
        3
        """
        problems: Problems = []
        moment = time_or_text(problems, "as_of", as_of)
        parts = _Parts(
            items=items,
            stock=_stock_levels(problems, stock) if isinstance(stock, Mapping) else stock,
            receipts=receipts,
            orders=orders,
            allocations=allocations,
            backorders=backorders,
            holds=holds,
        )
        sections = parts.checked(moment, problems)
        return cls._of_checked(moment, sections)

    def at(self, as_of: datetime, /) -> Snapshot:
        """
        Give the same at another moment.

        Raises:
            InvalidValueError: if it is no time, or naive.
        """
        require_time("as_of", as_of)
        return self._with(
            stock=self.stock,
            receipts=self.receipts,
            orders=self.orders,
            allocations=self.allocations,
            backorders=self.backorders,
            holds=self.holds,
            as_of=as_of.astimezone(UTC),
        )

    def item(self, sku: Sku, /) -> Item:
        """
        Give the item of a SKU: its own, or the default one if there is no list.

        Raises:
            KeyError: if there is a list of items and the SKU is not in it.
        """
        if self.items is None:
            return Item(sku=sku)
        return self._items_by_sku[sku]

    def find_line(self, order: OrderId, line: LineId, /) -> OrderLine | None:
        """Give an order line, or None if there is no such."""
        return self._lines_by_key.get((order, line))

    def line(self, order: OrderId, line: LineId, /) -> LinePosition:
        """
        Give an order line with what is allocated to it.

        Raises:
            KeyError: if there is no such line.
        """
        return LinePosition(
            order=order,
            line=self._lines_by_key[order, line],
            allocated=self._allocated_by_line.get((order, line), 0),
        )

    def position(self, sku: Sku, location: Location = DEFAULT_LOCATION, /) -> StockPosition:
        """Give what is there of a SKU at a location, and what of it is assigned or held."""
        place = bisect_left(self.stock, (sku, location), key=_pool)
        if place < len(self.stock) and _pool(self.stock[place]) == (sku, location):
            return self._position_of(self.stock[place])
        return self._position_of(StockLevel(sku=sku, location=location, on_hand=0))

    @cached_property
    def positions(self) -> tuple[StockPosition, ...]:
        """Every pool with a stock level or a hold, sorted by SKU and location."""
        return tuple(map(self._position_of, self._levels))

    @cached_property
    def _levels(self) -> tuple[StockLevel, ...]:
        """Every stock level, and an empty one for each pool of which only something is held."""
        bare = self._held_by_pool.keys() - set(map(_pool, self.stock)) if self.holds else ()
        if not bare:
            return self.stock
        empty = (StockLevel(sku=sku, location=place, on_hand=0) for sku, place in bare)
        return _sorted((*self.stock, *empty), _pool)

    @cached_property
    def _items_by_sku(self) -> dict[Sku, Item]:
        return {item.sku: item for item in self.items or ()}

    @cached_property
    def _lines_by_key(self) -> dict[LineKey, OrderLine]:
        return {(order.id, line.id): line for order in self.orders for line in order.lines}

    @cached_property
    def _allocated_by_line(self) -> dict[LineKey, int]:
        allocated = dict[LineKey, int]()
        for allocation in self.allocations:
            key = allocation.order, allocation.line
            allocated[key] = allocated.get(key, 0) + allocation.quantity
        return allocated

    def _position_of(self, level: StockLevel) -> StockPosition:
        return StockPosition(
            sku=level.sku,
            location=level.location,
            on_hand=level.on_hand,
            safety_stock=level.safety_stock,
            allocated=self._allocated_by_pool.get((level.sku, level.location), 0),
            held=self._held_by_pool.get((level.sku, level.location), 0),
        )

    @property
    def allocated_by_pool(self) -> Mapping[tuple[Sku, Location], int]:
        """What is assigned of each pool that has allocations."""
        return MappingProxyType(self._allocated_by_pool)

    @cached_property
    def _held_by_pool(self) -> dict[tuple[Sku, Location], int]:
        return held_by_pool(self.holds, self.as_of)

    # A plain dict: what a snapshot keeps must not stop it from being pickled.
    @cached_property
    def _allocated_by_pool(self) -> dict[tuple[Sku, Location], int]:
        allocated = dict[tuple[Sku, Location], int]()
        orders = iter(self.orders)
        order = None
        # Both are sorted by order, and a dict of all lines would cost far more.
        for allocation in self.allocations:
            while order is None or order.id != allocation.order:
                order = next(orders)
            line = order.find_line(allocation.line)
            if line is not None:
                pool = line.sku, allocation.location
                allocated[pool] = allocated.get(pool, 0) + allocation.quantity
        return allocated


# The parts of a snapshot and what each is made of.
SECTION_TYPES: Final[Mapping[str, type]] = {
    "items": Item,
    "stock": StockLevel,
    "receipts": ScheduledReceipt,
    "orders": Order,
    "allocations": Allocation,
    "backorders": Backorder,
    "holds": Hold,
}


@attrs.frozen(kw_only=True)
class _Parts:
    """What a caller gave for the parts of a snapshot: anything at all, until it is checked."""

    items: object
    stock: object
    receipts: object
    orders: object
    allocations: object
    backorders: object
    holds: object

    def checked(self, as_of: object, problems: Problems) -> Sections:
        """
        Give the parts, if they and the moment are what they must be and fit together.

        Raises:
            InvalidInputError: with those problems that are known, and all others.
        """
        check_time(problems, "as_of", as_of)
        places = dict[str, list[int]]()
        parts = dict[str, Any]()
        for section, kind in SECTION_TYPES.items():
            entries: object = getattr(self, section)
            if entries is None and section == "items":
                parts[section] = None
                continue
            try:
                given = as_tuple(section, cast("Iterable[object]", entries))
            except InvalidValueError as error:
                problems.append(error)
                given, places[section] = (), []
            if not all(isinstance(entry, kind) for entry in given):
                places[section] = []
                for index, entry in enumerate(given):
                    if isinstance(entry, kind):
                        places[section].append(index)
                    else:
                        reason = f"must be of type {kind.__name__}"
                        refuse(problems, section, entry, reason, f"{section}[{index}]")
                given = tuple(given[index] for index in places[section])
            parts[section] = given
        sections = Sections(**parts)
        raise_faults(sections, problems, places)
        return sections


def _stock_levels(
    problems: Problems, stock: Mapping[str, int] | Mapping[tuple[str, str], int]
) -> list[StockLevel]:
    levels = []
    for pool, on_hand in stock.items():
        if isinstance(pool, str):
            sku, location = pool, str(DEFAULT_LOCATION)
        elif isinstance(pool, tuple) and len(pool) == 2:  # noqa: PLR2004 - a pair
            sku, location = pool
        else:
            refuse(problems, "stock", pool, "must be a SKU or a pair of SKU and location")
            continue
        try:
            level = StockLevel(sku=Sku(sku), location=Location(location), on_hand=on_hand)
        except InvalidValueError as error:
            pass_on(problems, error, f"stock[{pool!r}].")
        else:
            levels.append(level)
    return levels


def _pool(level: StockLevel) -> tuple[Sku, Location]:
    return level.sku, level.location


def _sorted(
    entries: Iterable[_Entry], key: Callable[[_Entry], str | tuple[str, ...]]
) -> tuple[_Entry, ...]:
    return tuple(sorted(entries, key=key))
