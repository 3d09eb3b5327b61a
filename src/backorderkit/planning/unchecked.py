"""
Makes values without checking them again, for numbers that the planner made itself.

Filling slots directly costs a third of calling the checking constructor; a plan
makes a change for every line.
"""

from __future__ import annotations

from typing import Final

from backorderkit.changes import Allocated, Backordered
from backorderkit.model.backorders import Allocation
from backorderkit.model.ids import LineId, Location, OrderId

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
