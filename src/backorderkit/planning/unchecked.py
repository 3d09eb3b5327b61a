"""
Makes values without checking them again, for numbers that the planner made itself.

Filling slots directly costs a third of calling the checking constructor; a plan
makes a change for every line.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from backorderkit.changes import Allocated, Backordered, Promised
from backorderkit.model.backorders import Allocation, Promise
from backorderkit.model.ids import LineId, Location, OrderId, ReceiptId

_new: Final = object.__new__
_allocated_order = Allocated.__dict__["order"].__set__
_allocated_line = Allocated.__dict__["line"].__set__
_allocated_location = Allocated.__dict__["location"].__set__
_allocated_quantity = Allocated.__dict__["quantity"].__set__
_allocation_order = Allocation.__dict__["order"].__set__
_allocation_line = Allocation.__dict__["line"].__set__
_allocation_location = Allocation.__dict__["location"].__set__
_allocation_quantity = Allocation.__dict__["quantity"].__set__
_backordered_order = Backordered.__dict__["order"].__set__
_backordered_line = Backordered.__dict__["line"].__set__
_backordered_quantity = Backordered.__dict__["quantity"].__set__
_promise_quantity = Promise.__dict__["quantity"].__set__
_promise_due = Promise.__dict__["due"].__set__
_promise_receipt = Promise.__dict__["receipt"].__set__
_promised_order = Promised.__dict__["order"].__set__
_promised_line = Promised.__dict__["line"].__set__
_promised_promises = Promised.__dict__["promises"].__set__


def allocated(order: OrderId, line: LineId, location: Location, quantity: int) -> Allocated:
    """Make the change `Allocated`."""
    change = _new(Allocated)
    _allocated_order(change, order)
    _allocated_line(change, line)
    _allocated_location(change, location)
    _allocated_quantity(change, quantity)
    return change


def allocation(order: OrderId, line: LineId, location: Location, quantity: int) -> Allocation:
    """Make an `Allocation`."""
    value = _new(Allocation)
    _allocation_order(value, order)
    _allocation_line(value, line)
    _allocation_location(value, location)
    _allocation_quantity(value, quantity)
    return value


def backordered(order: OrderId, line: LineId, quantity: int) -> Backordered:
    """Make the change `Backordered`."""
    change = _new(Backordered)
    _backordered_order(change, order)
    _backordered_line(change, line)
    _backordered_quantity(change, quantity)
    return change


def promise(quantity: int, due: datetime, receipt: ReceiptId) -> Promise:
    """Make a `Promise`; *due* must be in UTC."""
    value = _new(Promise)
    _promise_quantity(value, quantity)
    _promise_due(value, due)
    _promise_receipt(value, receipt)
    return value


def promised(order: OrderId, line: LineId, promises: tuple[Promise, ...]) -> Promised:
    """Make the change `Promised`; *promises* must be sorted by due date and receipt."""
    change = _new(Promised)
    _promised_order(change, order)
    _promised_line(change, line)
    _promised_promises(change, promises)
    return change
