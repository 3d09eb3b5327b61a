"""Small books of orders for examples of planning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backorderkit import (
    Allocation,
    Backorder,
    Item,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PlanLine,
    Promise,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
)
from backorderkit.model import read_time

AS_OF = read_time("2026-01-05T09:00:00Z")


def order(
    id_: str,
    ordered: int,
    *,
    sku: str = "MUG",
    location: str | None = None,
    priority: int = 5,
    shipped: int = 0,
    cancelled: int = 0,
) -> Order:
    """Make an order of one line; all were placed at the same time."""
    line = OrderLine(
        id=LineId("1"),
        sku=Sku(sku),
        location=None if location is None else Location(location),
        ordered=ordered,
        shipped=shipped,
        cancelled=cancelled,
    )
    return Order.of(id_, "2026-01-02", [line], priority=priority)


def receipt(id_: str, quantity: int, due: str, *, at: str = "MAIN") -> ScheduledReceipt:
    """Make a receipt of mugs."""
    return ScheduledReceipt(
        id=ReceiptId(id_),
        sku=Sku("MUG"),
        location=Location(at),
        quantity=quantity,
        due=read_time(due),
    )


def stock(on_hand: int, safety_stock: int = 0, *, at: str = "MAIN") -> StockLevel:
    """Make a stock level of mugs."""
    return StockLevel(
        sku=Sku("MUG"), location=Location(at), on_hand=on_hand, safety_stock=safety_stock
    )


def held(id_: str, quantity: int, *, at: str = "MAIN") -> Allocation:
    """Make an allocation of a line 1."""
    return Allocation(
        order=OrderId(id_), line=LineId("1"), location=Location(at), quantity=quantity
    )


def opened(id_: str, quantity: int, *promises: Promise, at: str = "2026-01-03") -> Backorder:
    """Make the memory of a backorder of a line 1."""
    return Backorder(
        order=OrderId(id_),
        line=LineId("1"),
        quantity=quantity,
        opened_at=read_time(at),
        promises=promises,
    )


def promise(quantity: int, due: str, receipt_id: str | None = None) -> Promise:
    """Make a promise, of units on hand if there is no receipt."""
    receipt = None if receipt_id is None else ReceiptId(receipt_id)
    return Promise(quantity=quantity, due=read_time(due), receipt=receipt)


def book(
    levels: Iterable[StockLevel] | Mapping[str, int] = (),
    orders: Iterable[Order] = (),
    receipts: Iterable[ScheduledReceipt] = (),
    allocations: Iterable[Allocation] = (),
    backorders: Iterable[Backorder] = (),
    items: Iterable[Item] | None = None,
) -> Snapshot:
    """Make a snapshot of 2026-01-05 09:00."""
    return Snapshot.of(
        as_of=AS_OF,
        stock=levels,
        orders=orders,
        receipts=receipts,
        allocations=allocations,
        backorders=backorders,
        items=items,
    )


def told(line: PlanLine) -> list[tuple[int, str, str | None]]:
    """Give a line's promises in short."""
    return [(p.quantity, f"{p.due:%m-%d %H:%M}", p.receipt) for p in line.promises]
