"""Every set of orders, tried out one by one, and small books to try it on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from backorderkit import Location, Order, OrderId, Sku, Snapshot

Pool = tuple[Sku, Location]


def missing_of(book: Snapshot, order: Order) -> Counter[tuple[Sku, Location | None]]:
    """What an order is owed beyond what it holds."""
    missing = Counter[tuple[Sku, Location | None]]()
    for line in order.lines:
        held = sum(
            each.quantity
            for each in book.allocations
            if (each.order, each.line) == (order.id, line.id)
        )
        missing[line.sku, line.location] += line.ordered - line.shipped - line.cancelled - held
    return +missing


def free_of(book: Snapshot) -> dict[Pool, int]:
    """What nobody has, holds or must leave, from the raw numbers."""
    taken = Counter[Pool]()
    for hold in book.holds:
        if hold.expires_at > book.as_of:
            taken[hold.sku, hold.location] += hold.quantity
    for each in book.allocations:
        (order,) = (order for order in book.orders if order.id == each.order)
        (line,) = (line for line in order.lines if line.id == each.line)
        taken[line.sku, each.location] += each.quantity
    return {
        (level.sku, level.location): max(
            0, level.on_hand - level.safety_stock - taken[level.sku, level.location]
        )
        for level in book.stock
    }


def fits(book: Snapshot, orders: Sequence[Order]) -> bool:
    """Hand out bound units at their place, then free ones from what is left anywhere."""
    left = Counter(free_of(book))
    wanted = sum((missing_of(book, order) for order in orders), Counter())
    for (sku, place), units in wanted.items():
        if place is not None:
            left[sku, place] -= units
    if any(units < 0 for units in left.values()):
        return False
    return all(
        units <= sum(there for (other, _), there in left.items() if other == sku)
        for (sku, place), units in wanted.items()
        if place is None
    )


def waiting_in_order(book: Snapshot) -> list[Order]:
    """Who lacks something, first come first."""
    waiting = [order for order in book.orders if missing_of(book, order)]
    return sorted(waiting, key=lambda order: (order.placed_at, order.sequence, order.id))


def choices(book: Snapshot) -> Iterator[list[Order]]:
    """Every set of orders that can be completed together, by the rule for ties."""
    waiting = waiting_in_order(book)
    for taken in product((True, False), repeat=len(waiting)):
        orders = [order for order, is_in in zip(waiting, taken, strict=True) if is_in]
        if fits(book, orders):
            yield orders


def best_of(
    sets: Iterable[list[Order]], worth: Callable[[Order], int]
) -> tuple[int, tuple[OrderId, ...]]:
    """The best value, and the first of the sets that have it."""
    # max() keeps the first of equals.
    best = max(sets, key=lambda orders: sum(map(worth, orders)))
    return sum(map(worth, best)), tuple(order.id for order in best)


def units_of(order: Order) -> int:
    return sum(line.ordered - line.shipped - line.cancelled for line in order.lines)
