"""
Makes values without checking them again, for numbers that the planner made itself.

Filling slots directly costs a third of calling the checking constructor; a plan
makes a change for every line.
"""

from __future__ import annotations

from datetime import datetime

from backorderkit.changes import Allocated, Backordered, Promised
from backorderkit.model._slots import new, setters
from backorderkit.model.backorders import Allocation, Promise
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


def promise(quantity: int, due: datetime, receipt: ReceiptId) -> Promise:
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
