"""What may happen to a book of orders between two plans, and how to look at one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import attrs

from backorderkit import (
    Allocated,
    AllocationPolicy,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Plan,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
    plan,
)

Key = tuple[OrderId, LineId]
Pool = tuple[Sku, Location]


def lines_of(book: Snapshot) -> dict[Key, tuple[Order, OrderLine]]:
    return {(order.id, line.id): (order, line) for order in book.orders for line in order.lines}


def receipts_in_order(book: Snapshot) -> list[ScheduledReceipt]:
    return sorted(book.receipts, key=lambda receipt: (receipt.due, receipt.id))


def pools_of(book: Snapshot) -> set[Pool]:
    """Every pool that stands in the book, or could."""
    skus = {line.sku for _, line in lines_of(book).values()} | {level.sku for level in book.stock}
    skus |= {hold.sku for hold in book.holds}
    places = {level.location for level in book.stock}
    places |= {receipt.location for receipt in book.receipts}
    places |= {hold.location for hold in book.holds}
    places |= {line.location for _, line in lines_of(book).values() if line.location}
    return {(sku, place) for sku in skus for place in places}


def with_stock(book: Snapshot, changed: Mapping[Pool, int]) -> Snapshot:
    """Other quantities on hand, in pools that may have no row yet."""
    levels = {(level.sku, level.location): level for level in book.stock}
    for (sku, location), on_hand in changed.items():
        level = levels.get((sku, location), StockLevel(sku=sku, location=location, on_hand=0))
        levels[sku, location] = attrs.evolve(level, on_hand=on_hand)
    return attrs.evolve(book, stock=levels.values())


def with_arrived(book: Snapshot, receipts: Iterable[ScheduledReceipt]) -> Snapshot:
    """Receipts that arrived in full, and are expected no more."""
    arrived = list(receipts)
    on_hand = Counter[Pool]()
    for receipt in arrived:
        on_hand[receipt.sku, receipt.location] += receipt.quantity
    for pool in on_hand:
        on_hand[pool] += book.position(*pool).on_hand
    expected = [receipt for receipt in book.receipts if receipt not in arrived]
    return attrs.evolve(with_stock(book, on_hand), receipts=expected)


def with_shipped(book: Snapshot, quantities: Mapping[tuple[Key, Location], int]) -> Snapshot:
    """Allocated units that left the house."""
    per_line = Counter[Key]()
    on_hand = {(level.sku, level.location): level.on_hand for level in book.stock}
    held = []
    for allocation in book.allocations:
        key = allocation.order, allocation.line
        quantity = quantities.get((key, allocation.location), 0)
        per_line[key] += quantity
        on_hand[book.line(*key).line.sku, allocation.location] -= quantity
        if quantity < allocation.quantity:
            held.append(attrs.evolve(allocation, quantity=allocation.quantity - quantity))
    orders = [
        attrs.evolve(
            order,
            lines=[
                attrs.evolve(line, shipped=line.shipped + per_line[order.id, line.id])
                for line in order.lines
            ],
        )
        for order in book.orders
    ]
    after = attrs.evolve(book, allocations=(), orders=orders)
    return attrs.evolve(with_stock(after, on_hand), allocations=held)


def at(book: Snapshot, moment: datetime) -> Snapshot:
    """The same book, seen later."""
    return attrs.evolve(book, as_of=moment)


def with_lasting_holds(book: Snapshot) -> Snapshot:
    """The same book, but that what is held now will be for a year."""
    until = book.as_of + timedelta(days=365)
    holds = [
        hold if hold.expires_at <= book.as_of else attrs.evolve(hold, expires_at=until)
        for hold in book.holds
    ]
    return attrs.evolve(book, holds=holds)


def only(book: Snapshot, sku: Sku) -> Snapshot:
    """All that concerns one SKU, and nothing else."""
    orders = [
        attrs.evolve(order, lines=[line for line in order.lines if line.sku == sku])
        for order in book.orders
    ]
    keys = {key for key, (_, line) in lines_of(book).items() if line.sku == sku}
    return Snapshot(
        as_of=book.as_of,
        items=None if book.items is None else [each for each in book.items if each.sku == sku],
        stock=[level for level in book.stock if level.sku == sku],
        receipts=[receipt for receipt in book.receipts if receipt.sku == sku],
        orders=[order for order in orders if order.lines],
        allocations=[held for held in book.allocations if (held.order, held.line) in keys],
        backorders=[known for known in book.backorders if (known.order, known.line) in keys],
        holds=[hold for hold in book.holds if hold.sku == sku],
    )


def got_by_line(book: Snapshot) -> dict[Key, int]:
    """What each line has for good: shipped and allocated."""
    return {
        key: line.shipped + book.line(*key).allocated for key, (_, line) in lines_of(book).items()
    }


def granted(made: Plan) -> Counter[Key]:
    """What each line was given of the stock on hand."""
    grants = Counter[Key]()
    for change in made.changes:
        if isinstance(change, Allocated):
            grants[change.order, change.line] += change.quantity
    return grants


def promised(made: Plan, *, by: datetime | None = None) -> Counter[Key]:
    """What each line is promised, at all or by a date."""
    return Counter(
        {
            (line.order, line.line): sum(
                promise.quantity for promise in line.promises if by is None or promise.due <= by
            )
            for line in made.lines
        }
    )


def covered(made: Plan, *, by: datetime | None = None) -> dict[Key, int]:
    """What each line has and is promised."""
    coming = promised(made, by=by)
    return {key: got + coming[key] for key, got in got_by_line(made.outcome).items()}


def after(book: Snapshot, policy: AllocationPolicy) -> Snapshot:
    """The book once a plan was made and taken over."""
    return plan(book, policy=policy).outcome
