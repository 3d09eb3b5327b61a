"""
Makes values without checking them again, for numbers that the planner made itself.

Filling slots directly costs a third of calling the checking constructor; a plan
makes a change for every line.
"""

from __future__ import annotations

from datetime import datetime

from backorderkit.changes import Allocated, Backordered, Promised, Released
from backorderkit.model._slots import new, setters
from backorderkit.model.backorders import Allocation, Backorder, Promise
from backorderkit.model.ids import LineId, Location, OrderId, ReceiptId

(_allocated_order, _allocated_line, _allocated_location, _allocated_quantity) = setters(
    Allocated, "order", "line", "location", "quantity"
)
(_allocation_order, _allocation_line, _allocation_location, _allocation_quantity) = setters(
    Allocation, "order", "line", "location", "quantity"
)
(_backordered_order, _backordered_line, _backordered_quantity) = setters(
    Backordered, "order", "line", "quantity"
)
(
    _backorder_order,
    _backorder_line,
    _backorder_quantity,
    _backorder_opened_at,
    _backorder_promises,
) = setters(Backorder, "order", "line", "quantity", "opened_at", "promises")
(_promise_quantity, _promise_due, _promise_receipt) = setters(Promise, "quantity", "due", "receipt")
(_promised_order, _promised_line, _promised_promises) = setters(
    Promised, "order", "line", "promises"
)


def allocated(order: OrderId, line: LineId, location: Location, quantity: int) -> Allocated:
    """Make the change `Allocated`."""
    change = new(Allocated)
    _allocated_order(change, order)
    _allocated_line(change, line)
    _allocated_location(change, location)
    _allocated_quantity(change, quantity)
    return change


def released(order: OrderId, line: LineId, location: Location, quantity: int) -> Released:
    """Make the change `Released`; there are few of them."""
    return Released(order=order, line=line, location=location, quantity=quantity)


def allocation(order: OrderId, line: LineId, location: Location, quantity: int) -> Allocation:
    """Make an `Allocation`."""
    value = new(Allocation)
    _allocation_order(value, order)
    _allocation_line(value, line)
    _allocation_location(value, location)
    _allocation_quantity(value, quantity)
    return value


def backordered(order: OrderId, line: LineId, quantity: int) -> Backordered:
    """Make the change `Backordered`."""
    change = new(Backordered)
    _backordered_order(change, order)
    _backordered_line(change, line)
    _backordered_quantity(change, quantity)
    return change


def opened(order: OrderId, line: LineId, quantity: int, opened_at: datetime) -> Backorder:
    """Make a `Backorder` of which nothing is promised; *opened_at* must be in UTC."""
    return _backorder(order, line, quantity, opened_at, ())


def backorder_of(known: Backorder, quantity: int, promises: tuple[Promise, ...]) -> Backorder:
    """Make the `Backorder` that a known one is now; *promises* must be sorted."""
    return _backorder(known.order, known.line, quantity, known.opened_at, promises)


def _backorder(
    order: OrderId,
    line: LineId,
    quantity: int,
    opened_at: datetime,
    promises: tuple[Promise, ...],
) -> Backorder:
    value = new(Backorder)
    _backorder_order(value, order)
    _backorder_line(value, line)
    _backorder_quantity(value, quantity)
    _backorder_opened_at(value, opened_at)
    _backorder_promises(value, promises)
    return value


def promise(quantity: int, due: datetime, receipt: ReceiptId | None) -> Promise:
    """Make a `Promise`; *due* must be in UTC."""
    value = new(Promise)
    _promise_quantity(value, quantity)
    _promise_due(value, due)
    _promise_receipt(value, receipt)
    return value


def promised(order: OrderId, line: LineId, promises: tuple[Promise, ...]) -> Promised:
    """Make the change `Promised`; *promises* must be sorted by due date and receipt."""
    change = new(Promised)
    _promised_order(change, order)
    _promised_line(change, line)
    _promised_promises(change, promises)
    return change
