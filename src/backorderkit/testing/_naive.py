"""
What each fact means, said in the plainest way: on lists, which `Snapshot` then checks.

It shares no code with `apply`, so that one can be held against the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

import attrs

from backorderkit.changes import (
    Adjusted,
    Allocated,
    Backordered,
    Cancelled,
    Fact,
    Held,
    LineAdded,
    Placed,
    Promised,
    Received,
    Released,
    Scheduled,
    Shipped,
    Transferred,
    Unheld,
    Unscheduled,
)
from backorderkit.model import (
    Allocation,
    Backorder,
    Hold,
    LineId,
    Location,
    OrderId,
    Sku,
    Snapshot,
    StockLevel,
)


class NoSuch(Exception):  # noqa: N818 - it never leaves the kit
    """What a fact names is not there."""


@singledispatch
def after(fact: Fact, book: Snapshot) -> Snapshot:
    """Give the book after a fact; whatever does not fit raises something."""
    raise AssertionError(fact, book)


@after.register
def _allocated(change: Allocated, book: Snapshot) -> Snapshot:
    key = change.order, change.line, change.location
    held = {(each.order, each.line, each.location): each for each in book.allocations}
    before = held[key].quantity if key in held else 0
    held[key] = Allocation(
        order=change.order,
        line=change.line,
        location=change.location,
        quantity=before + change.quantity,
    )
    return attrs.evolve(book, allocations=held.values())


@after.register
def _backordered(change: Backordered, book: Snapshot) -> Snapshot:
    known = {(each.order, each.line): each for each in book.backorders}
    before = known.pop((change.order, change.line), None)
    if change.quantity:
        known[change.order, change.line] = Backorder(
            order=change.order,
            line=change.line,
            quantity=change.quantity,
            opened_at=book.as_of if before is None else before.opened_at,
            promises=() if before is None else before.promises,
        )
    return attrs.evolve(book, backorders=known.values())


@after.register
def _promised(change: Promised, book: Snapshot) -> Snapshot:
    return attrs.evolve(
        book,
        backorders=[
            attrs.evolve(each, promises=change.promises)
            if (each.order, each.line) == (change.order, change.line)
            else each
            for each in book.backorders
        ],
    )


@after.register
def _placed(event: Placed, book: Snapshot) -> Snapshot:
    new = {(event.order.id, line.id) for line in event.order.lines}
    memory = [each for each in book.backorders if (each.order, each.line) not in new]
    return attrs.evolve(book, orders=[*book.orders, event.order], backorders=memory)


@after.register
def _line_added(event: LineAdded, book: Snapshot) -> Snapshot:
    order = next((order for order in book.orders if order.id == event.order), None)
    if order is None:
        raise NoSuch
    others = [each for each in book.orders if each is not order]
    grown = attrs.evolve(order, lines=[*order.lines, event.line])
    new = event.order, event.line.id
    memory = [each for each in book.backorders if (each.order, each.line) != new]
    return attrs.evolve(book, orders=[*others, grown], backorders=memory)


@after.register
def _cancelled(event: Cancelled, book: Snapshot) -> Snapshot:
    waiting = book.line(event.order, event.line).unallocated
    if event.quantity > waiting:
        raise NoSuch
    return _with_line(book, event.order, event.line, cancelled=event.quantity)


@after.register
def _released(event: Released, book: Snapshot) -> Snapshot:
    return attrs.evolve(book, allocations=_less(book, event))


@after.register
def _shipped(event: Shipped, book: Snapshot) -> Snapshot:
    line = book.line(event.order, event.line).line
    rest = attrs.evolve(book, allocations=_less(book, event))
    rest = _with_line(rest, event.order, event.line, shipped=event.quantity)
    return _with_units(rest, line.sku, event.location, -event.quantity)


@after.register
def _scheduled(event: Scheduled, book: Snapshot) -> Snapshot:
    others = [each for each in book.receipts if each.id != event.receipt.id]
    return attrs.evolve(book, receipts=[*others, event.receipt])


@after.register
def _unscheduled(event: Unscheduled, book: Snapshot) -> Snapshot:
    others = [each for each in book.receipts if each.id != event.receipt]
    if len(others) == len(book.receipts):
        raise NoSuch
    return attrs.evolve(book, receipts=others)


@after.register
def _received(event: Received, book: Snapshot) -> Snapshot:
    ids = [each.id for each in book.receipts if each.sku == event.sku]
    if event.receipt is not None and event.receipt not in ids:
        raise NoSuch
    return _with_units(book, event.sku, event.location, event.quantity)


@after.register
def _adjusted(event: Adjusted, book: Snapshot) -> Snapshot:
    return _with_units(book, event.sku, event.location, event.quantity)


@after.register
def _transferred(event: Transferred, book: Snapshot) -> Snapshot:
    rest = _with_units(book, event.sku, event.origin, -event.quantity)
    return _with_units(rest, event.sku, event.destination, event.quantity)


@after.register
def _held(event: Held, book: Snapshot) -> Snapshot:
    return attrs.evolve(book, holds=[*_without(book, event.hold.key), event.hold])


@after.register
def _unheld(event: Unheld, book: Snapshot) -> Snapshot:
    others = _without(book, (event.hold, event.sku, event.location))
    if len(others) == len(book.holds):
        raise NoSuch
    return attrs.evolve(book, holds=others)


def _without(book: Snapshot, key: tuple[str, str, str]) -> list[Hold]:
    return [hold for hold in book.holds if (hold.id, hold.sku, hold.location) != key]


def _with_line(book: Snapshot, id_: OrderId, name: LineId, **more: int) -> Snapshot:
    (order,) = (order for order in book.orders if order.id == id_)
    lines = [
        attrs.evolve(line, **{key: getattr(line, key) + value for key, value in more.items()})
        if line.id == name
        else line
        for line in order.lines
    ]
    others = [each for each in book.orders if each.id != id_]
    return attrs.evolve(book, orders=[*others, attrs.evolve(order, lines=lines)])


def _with_units(book: Snapshot, sku: Sku, location: Location, units: int) -> Snapshot:
    levels = {(level.sku, level.location): level for level in book.stock}
    level = levels.get((sku, location), StockLevel(sku=sku, location=location, on_hand=0))
    levels[sku, location] = attrs.evolve(level, on_hand=level.on_hand + units)
    return attrs.evolve(book, stock=levels.values())


def _less(book: Snapshot, event: Released | Shipped) -> Iterable[Allocation]:
    key = event.order, event.line, event.location
    held = {(each.order, each.line, each.location): each for each in book.allocations}
    allocation = held.pop(key, None)
    if allocation is None or allocation.quantity < event.quantity:
        raise NoSuch
    if allocation.quantity > event.quantity:
        left = allocation.quantity - event.quantity
        held[key] = attrs.evolve(allocation, quantity=left)
    return held.values()
