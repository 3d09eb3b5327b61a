"""Every change of each kind, made by hand: what the search for the smallest is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import attrs

from backorderkit import AllocationPolicy, Location, Order, OrderLine, Plan, Snapshot, plan
from tests.laws.books import Key, lines_of, with_stock

Size = tuple[int, str]
Sized = tuple[Size, Snapshot]


def serves(made: Plan, key: Key, by: datetime | None) -> bool:
    """Whether a line is served in full now, or by a day."""
    (line,) = (each for each in made.lines if (each.order, each.line) == key)
    if by is None:
        return line.backordered == 0
    coming = sum(p.quantity for p in line.promises if p.due.date() <= by.date())
    return line.allocated + coming == line.outstanding


def smallest(
    kind: str, book: Snapshot, key: Key, by: datetime | None, policy: AllocationPolicy
) -> Size | None:
    """Plan every change of a kind, the smallest first, until one does."""
    for size, changed in sorted(_ALL[kind](book, key), key=lambda each: each[0]):
        if serves(plan(changed, policy=policy), key, by):
            return size
    return None


def _places(book: Snapshot, key: Key) -> list[Location]:
    _, line = lines_of(book)[key]
    if line.location is not None:
        return [line.location]
    known = {each.location for each in book.stock if each.sku == line.sku}
    known |= {each.location for each in book.receipts if each.sku == line.sku}
    known |= {
        each.location
        for each in book.holds
        if each.sku == line.sku and each.expires_at > book.as_of
    }
    return sorted(known) or [Location("MAIN")]


def _bound(book: Snapshot) -> int:
    """More than everybody wants and everything lacks."""
    wanted = sum(line.outstanding for _, line in lines_of(book).values())
    return wanted + sum(position.missing for position in book.positions)


def on_hand(book: Snapshot, key: Key) -> Iterator[Sized]:
    sku = lines_of(book)[key][1].sku
    for place in _places(book, key):
        there = book.position(sku, place).on_hand
        for more in range(1, _bound(book) + 1):
            yield (more, ""), with_stock(book, {(sku, place): there + more})


def safety_stock(book: Snapshot, key: Key) -> Iterator[Sized]:
    sku = lines_of(book)[key][1].sku
    for level in book.stock:
        if level.sku == sku and level.location in _places(book, key):
            others = [each for each in book.stock if each is not level]
            for less in range(1, level.safety_stock + 1):
                lent = attrs.evolve(level, safety_stock=level.safety_stock - less)
                yield (less, ""), attrs.evolve(book, stock=[*others, lent])


def hold(book: Snapshot, key: Key) -> Iterator[Sized]:
    sku = lines_of(book)[key][1].sku
    for each in book.holds:
        if each.sku == sku and each.location in _places(book, key) and each.expires_at > book.as_of:
            others = [other for other in book.holds if other is not each]
            yield (each.quantity, ""), attrs.evolve(book, holds=others)


def receipt_earlier(book: Snapshot, key: Key) -> Iterator[Sized]:
    sku = lines_of(book)[key][1].sku
    for each in book.receipts:
        if each.sku == sku and each.location in _places(book, key):
            others = [other for other in book.receipts if other is not each]
            for days in range(1, (each.due.date() - book.as_of.date()).days + 1):
                moved = attrs.evolve(each, due=each.due - timedelta(days=days))
                yield (days, ""), attrs.evolve(book, receipts=[*others, moved])


def receipt_larger(book: Snapshot, key: Key) -> Iterator[Sized]:
    sku = lines_of(book)[key][1].sku
    for each in book.receipts:
        if each.sku == sku and each.location in _places(book, key):
            others = [other for other in book.receipts if other is not each]
            for more in range(1, _bound(book) + 1):
                grown = attrs.evolve(each, quantity=each.quantity + more)
                yield (more, ""), attrs.evolve(book, receipts=[*others, grown])


def _with_order(book: Snapshot, order: Order) -> Snapshot:
    others = [each for each in book.orders if each.id != order.id]
    return attrs.evolve(book, orders=[*others, order])


def priority(book: Snapshot, key: Key) -> Iterator[Sized]:
    order, _ = lines_of(book)[key]
    for more_urgent in range(1, order.priority):
        changed = attrs.evolve(order, priority=more_urgent)
        yield (order.priority - more_urgent, ""), _with_order(book, changed)


def placed_earlier(book: Snapshot, key: Key) -> Iterator[Sized]:
    """At, and just before and after, every time that stands in the book."""
    order, line = lines_of(book)[key]
    now = line.placed_at or order.placed_at
    instant = timedelta(microseconds=1)
    known = {each.placed_at or owner.placed_at for owner, each in lines_of(book).values()}
    for time in {time + by for time in known for by in (-instant, 0 * instant, instant)}:
        if time < now:
            whole = min(order.placed_at, time)
            placed = attrs.evolve(
                order,
                placed_at=whole,
                lines=[
                    attrs.evolve(each, placed_at=time) if each.id == line.id else each
                    for each in order.lines
                ],
            )
            yield (int((now - time) / instant), ""), _with_order(book, placed)


def smaller(book: Snapshot, key: Key) -> Iterator[Sized]:
    order, line = lines_of(book)[key]
    for less in range(1, line.outstanding - max(1, book.line(*key).allocated) + 1):
        fewer = attrs.evolve(line, cancelled=line.cancelled + less)
        lines = [fewer if each.id == line.id else each for each in order.lines]
        yield (less, ""), _with_order(book, attrs.evolve(order, lines=lines))


def given_up(book: Snapshot, key: Key) -> Iterator[Sized]:
    order, line = lines_of(book)[key]
    for other in book.orders:
        units = sum(each.outstanding for each in other.lines if each.sku == line.sku)
        if other.id == order.id or not units:
            continue

        def closed(each: OrderLine) -> OrderLine:
            if each.sku != line.sku:
                return each
            return attrs.evolve(each, cancelled=each.cancelled + each.outstanding)

        gone = {each.id for each in other.lines if each.sku == line.sku}
        held = [
            each for each in book.allocations if each.order != other.id or each.line not in gone
        ]
        released = attrs.evolve(book, allocations=held)
        changed = attrs.evolve(other, lines=[closed(each) for each in other.lines])
        yield (units, other.id), _with_order(released, changed)


_ALL: dict[str, Callable[[Snapshot, Key], Iterable[Sized]]] = {
    "on-hand": on_hand,
    "receipt-earlier": receipt_earlier,
    "receipt-larger": receipt_larger,
    "safety-stock": safety_stock,
    "hold": hold,
    "priority": priority,
    "placed-earlier": placed_earlier,
    "smaller": smaller,
    "given-up": given_up,
}
KINDS = tuple(_ALL)
