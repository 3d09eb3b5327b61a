"""All there is of one SKU in a prepared book, as sorted tuples."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import TypeVar

import attrs

from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.orders import Order
from backorderkit.model.stock import ScheduledReceipt, StockLevel

_Entry = TypeVar("_Entry")
_Known = TypeVar("_Known", bound=Allocation | Backorder)


@attrs.frozen(kw_only=True)
class Shelf:
    """
    All there is of one SKU; each part sorted as in a snapshot.

    Attributes:
        stock: Its stock levels.
        receipts: Its scheduled receipts.
        orders: The orders with a line of it.
        allocations: What is assigned of it.
        backorders: What was opened and told about it.
        strays: The same of lines that are gone, or ask for another SKU now.
    """

    stock: tuple[StockLevel, ...] = ()
    receipts: tuple[ScheduledReceipt, ...] = ()
    orders: tuple[Order, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    backorders: tuple[Backorder, ...] = ()
    strays: tuple[Backorder, ...] = ()

    def with_order(
        self,
        order: Order | None,
        id_: str,
        *,
        allocations: list[Allocation],
        backorders: list[Backorder],
        strays: list[Backorder],
    ) -> Shelf:
        """Give the shelf with an order, or without it, and with what is known of it."""
        start = bisect_left(self.orders, id_, key=_order_id)
        end = bisect_right(self.orders, id_, key=_order_id)
        own = () if order is None else (order,)
        return Shelf(
            stock=self.stock,
            receipts=self.receipts,
            orders=(*self.orders[:start], *own, *self.orders[end:]),
            allocations=_of_order(self.allocations, id_, allocations),
            backorders=_of_order(self.backorders, id_, backorders),
            strays=_of_order(self.strays, id_, strays),
        )

    def with_stock(self, level: StockLevel) -> Shelf:
        """Give the shelf with a stock level, instead of the one of its location."""
        return attrs.evolve(self, stock=_put(self.stock, level, _location))

    def with_receipt(self, receipt: ScheduledReceipt) -> Shelf:
        """Give the shelf with a receipt, instead of the one of its id."""
        return attrs.evolve(self, receipts=_put(self.receipts, receipt, _receipt_id))


def own_of(entries: tuple[_Known, ...], order: str) -> tuple[_Known, ...]:
    """Give those of an order."""
    start = bisect_left(entries, order, key=_order)
    return entries[start : bisect_right(entries, order, key=_order)]


def _of_order(entries: tuple[_Known, ...], order: str, own: list[_Known]) -> tuple[_Known, ...]:
    """Put what is known of an order in the place of what was."""
    start = bisect_left(entries, order, key=_order)
    end = bisect_right(entries, order, key=_order)
    return (*entries[:start], *sorted(own, key=_line), *entries[end:])


def _order(entry: Allocation | Backorder) -> str:
    return entry.order


def _line(entry: Allocation | Backorder) -> tuple[str, str]:
    return entry.line, entry.location if isinstance(entry, Allocation) else ""


def _put(
    entries: tuple[_Entry, ...], entry: _Entry, key: Callable[[_Entry], str]
) -> tuple[_Entry, ...]:
    """Put an entry into its place among sorted ones, instead of the one of the same key."""
    place = bisect_left(entries, key(entry), key=key)
    same = place < len(entries) and key(entries[place]) == key(entry)
    return (*entries[:place], entry, *entries[place + same :])


def _order_id(order: Order) -> str:
    return order.id


def _receipt_id(receipt: ScheduledReceipt) -> str:
    return receipt.id


def _location(level: StockLevel) -> str:
    return level.location
