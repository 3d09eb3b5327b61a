"""Values as rows of the tables, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row

from backorderkit.model.backorders import Allocation, Backorder, Promise
from backorderkit.model.holds import Hold
from backorderkit.model.ids import LineId, Location, OrderId, ReceiptId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey
from backorderkit.model.stock import ScheduledReceipt, StockLevel

Cells = dict[str, object]
"""A row to be written, by the names of its columns."""

_Found = Row[tuple[Any, ...]]

# Where columns have the names of the values' attributes, these are read off.
_ITEM = (
    *("sku", "unit", "decimals", "backorders", "backorder_limit"),
    *("backorder_limit_per_line", "backorder_limit_per_customer", "lead_time_days"),
)
_LEVEL = ("sku", "location", "on_hand", "safety_stock")
_RECEIPT = ("id", "sku", "location", "quantity", "due", "supplier", "firm")
_HOLD = ("id", "sku", "location", "quantity", "expires_at")
_ORDER = ("id", "customer", "channel", "placed_at", "sequence", "priority")
_LINE = (
    *("id", "sku", "location", "ordered", "shipped", "cancelled", "requested"),
    *("placed_at", "cancel_after", "unit_price", "currency"),
)
_PROMISE = ("receipt", "quantity", "due")


def _cells(value: object, names: Iterable[str]) -> Cells:
    return {name: getattr(value, name) for name in names}


def item_cells(item: Item) -> Cells:
    """Write an item."""
    return _cells(item, _ITEM)


def level_cells(level: StockLevel) -> Cells:
    """Write a stock level, of which nothing is allocated yet."""
    return _cells(level, _LEVEL)


def receipt_cells(receipt: ScheduledReceipt) -> Cells:
    """Write a scheduled receipt."""
    return _cells(receipt, _RECEIPT)


def hold_cells(hold: Hold) -> Cells:
    """Write a hold."""
    return _cells(hold, _HOLD)


def order_cells(order: Order) -> Cells:
    """Write an order without its lines."""
    return _cells(order, _ORDER)


def line_cells(order: OrderId, lines: Iterable[OrderLine]) -> Iterator[Cells]:
    """Write lines of an order, to which nothing is allocated yet."""
    for line in lines:
        yield {"order_id": order, **_cells(line, _LINE)}


def allocation_cells(key: LineKey, location: Location, sku: Sku, quantity: int) -> Cells:
    """Write an allocation."""
    order, line = key
    return {
        "order_id": order,
        "line_id": line,
        "location": location,
        "sku": sku,
        "quantity": quantity,
    }


def promise_cells(key: LineKey, promises: Iterable[Promise]) -> Iterator[Cells]:
    """Write what a line is told, each promise with its place."""
    order, line = key
    for place, promise in enumerate(promises):
        yield {"order_id": order, "line_id": line, "place": place, **_cells(promise, _PROMISE)}


def item_of(row: _Found) -> Item:
    """Read an item."""
    return Item(**row._mapping)  # noqa: SLF001 - it is a public name of SQLAlchemy


def level_of(row: _Found) -> StockLevel:
    """Read a stock level."""
    return StockLevel(
        sku=Sku(row.sku),
        location=Location(row.location),
        on_hand=row.on_hand,
        safety_stock=row.safety_stock,
    )


def receipt_of(row: _Found) -> ScheduledReceipt:
    """Read a scheduled receipt."""
    return ScheduledReceipt(**row._mapping)  # noqa: SLF001 - as above


def hold_of(row: _Found) -> Hold:
    """Read a hold."""
    return Hold(**row._mapping)  # noqa: SLF001 - as above


def orders_of(heads: Iterable[_Found], lines: Iterable[_Found]) -> list[Order]:
    """Read orders, from their rows and those of all their lines."""
    by_order = dict[OrderId, list[OrderLine]]()
    for row in lines:
        cells = dict(row._mapping)  # noqa: SLF001 - as above
        by_order.setdefault(cells.pop("order_id"), []).append(OrderLine(**cells))
    return [
        Order(**row._mapping, lines=by_order.get(OrderId(row.id), ()))  # noqa: SLF001 - as above
        for row in heads
    ]


def allocation_of(row: _Found) -> Allocation:
    """Read an allocation."""
    return Allocation(
        order=OrderId(row.order_id),
        line=LineId(row.line_id),
        location=Location(row.location),
        quantity=row.quantity,
    )


def backorders_of(heads: Iterable[_Found], promises: Iterable[_Found]) -> list[Backorder]:
    """Read backorders, from their rows and those of all their promises."""
    told = dict[LineKey, list[Promise]]()
    for row in promises:
        receipt = None if row.receipt is None else ReceiptId(row.receipt)
        promise = Promise(quantity=row.quantity, due=row.due, receipt=receipt)
        told.setdefault((OrderId(row.order_id), LineId(row.line_id)), []).append(promise)
    return [
        Backorder(
            order=OrderId(row.order_id),
            line=LineId(row.line_id),
            quantity=row.quantity,
            opened_at=row.opened_at,
            promises=told.get((OrderId(row.order_id), LineId(row.line_id)), ()),
        )
        for row in heads
    ]
