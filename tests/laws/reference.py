"""
The definitions, unit by unit, with fractions: slow, plain, and written apart from the library.

The next unit goes to whoever has the best standard, worked out of its own
claim and of what it got alone (Young's standards of comparison), as long as
there is a place for that unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from backorderkit import Demand, Location, Order, OrderLine, Snapshot

from .books import Key, lines_of, receipts_in_order

Rank: TypeAlias = tuple[Fraction, ...]
Standard = Callable[[Demand], Rank]
"""Says how urgent the next unit of a demand is; the lowest goes first."""


def class_of(demand: Demand) -> Fraction:
    return Fraction(demand.order.priority)


def proportional(demand: Demand) -> Fraction:
    return -Fraction(demand.line.ordered - demand.line.cancelled, 2 * demand.got + 1)


def equal(demand: Demand) -> Fraction:
    return Fraction(demand.got)


def equal_losses(demand: Demand) -> Fraction:
    return Fraction(demand.got - (demand.line.ordered - demand.line.cancelled))


def weighted(demand: Demand) -> Fraction:
    return -Fraction(10 - demand.order.priority, 2 * demand.got + 1)


def requested(demand: Demand) -> Fraction:
    when = demand.line.requested
    return Fraction(10**12) if when is None else Fraction(int(when.timestamp()))


def aged(demand: Demand) -> Fraction:
    placed = demand.line.placed_at or demand.order.placed_at
    return Fraction(int(placed.timestamp()), 86_400) + demand.order.priority


def value_of(line: OrderLine) -> Fraction:
    return Fraction(line.unit_price or 0) * (line.ordered - line.cancelled)


def dearest_line(demand: Demand) -> tuple[Fraction, Fraction]:
    return Fraction(demand.line.unit_price is None), -value_of(demand.line)


def web_latest(demand: Demand) -> tuple[Fraction, Fraction]:
    when = demand.line.requested
    late = Fraction(10**12) if when is None else -Fraction(int(when.timestamp()))
    return Fraction(demand.order.channel != "web"), late


STANDARDS: Final[Mapping[str, Standard]] = {
    "fifo": lambda _: (),
    "priority": lambda demand: (class_of(demand),),
    "proportional": lambda demand: (proportional(demand),),
    "equal": lambda demand: (equal(demand),),
    "equal-losses": lambda demand: (equal_losses(demand),),
    "weighted": lambda demand: (weighted(demand),),
    "priority-proportional": lambda demand: (class_of(demand), proportional(demand)),
    "priority-equal": lambda demand: (class_of(demand), equal(demand)),
    "priority-equal-losses": lambda demand: (class_of(demand), equal_losses(demand)),
    "ranked": lambda demand: (requested(demand),),
    "ageing": lambda demand: (aged(demand),),
    "dearest-line": dearest_line,
    "chain-equal": lambda demand: (*web_latest(demand), equal(demand)),
}
"""The standard of every policy that the laws are checked for, by the same names."""


def share_unit_by_unit(standard: Standard, supply: int, demands: Sequence[Demand]) -> list[int]:
    """Answer a policy's question."""
    shares = [0] * len(demands)
    for _ in range(supply):
        open_places = [
            place for place, demand in enumerate(demands) if shares[place] < demand.limit
        ]
        if not open_places:
            break
        shares[
            min(open_places, key=lambda place: _rank(standard, demands[place], shares[place]))
        ] += 1
    return shares


def _rank(standard: Standard, demand: Demand, more: int) -> tuple[Rank, tuple[object, ...]]:
    line = demand.line
    now = attrs.evolve(demand, got=demand.got + more)
    order = demand.order
    placed_at = order.placed_at if line.placed_at is None else line.placed_at
    return standard(now), (placed_at, order.sequence, order.id, line.id)


@attrs.frozen
class Lot:
    """What a line gets: units by location now, and units by receipt later."""

    places: Counter[Location] = attrs.field(factory=Counter)
    receipts: Counter[str] = attrs.field(factory=Counter)


def plan_unit_by_unit(standard: Standard, book: Snapshot) -> dict[Key, Lot]:
    """Plan a book: the stock on hand as one event, then each receipt."""
    lines = {key: pair for key, pair in lines_of(book).items() if pair[1].outstanding}
    lots = {key: Lot() for key in lines}
    held = Counter[Key]()
    balance = Counter({(level.sku, level.location): level.on_hand for level in book.stock})
    for level in book.stock:
        balance[level.sku, level.location] -= level.safety_stock
    for hold in book.holds:
        if hold.expires_at > book.as_of:
            balance[hold.sku, hold.location] -= hold.quantity
    for allocation in book.allocations:
        key = allocation.order, allocation.line
        held[key] += allocation.quantity
        balance[lines[key][1].sku, allocation.location] -= allocation.quantity
    got = {key: line.shipped + held[key] for key, (_, line) in lines.items()}
    for sku in {line.sku for _, line in lines.values()}:
        own = {key: pair for key, pair in lines.items() if pair[1].sku == sku}
        supply = {at: units for (of, at), units in balance.items() if of == sku and units > 0}
        grants = _event(standard, own, got, supply)
        for key, places in _places(own, grants, supply).items():
            lots[key].places.update(places)
        for receipt in receipts_in_order(book):
            if receipt.sku != sku:
                continue
            pool = sku, receipt.location
            lacking = max(0, -balance[pool])
            balance[pool] = min(0, balance[pool] + receipt.quantity)
            supply = {receipt.location: max(0, receipt.quantity - lacking)}
            for key, units in _event(standard, own, got, supply).items():
                lots[key].receipts[receipt.id] += units
    return lots


def _event(
    standard: Standard,
    lines: Mapping[Key, tuple[Order, OrderLine]],
    got: dict[Key, int],
    supply: Mapping[Location, int],
) -> Counter[Key]:
    """Hand out what arrives at once, and note it as got."""
    grants = Counter[Key]()
    while True:
        eligible = [
            (*_rank(standard, Demand(order=order, line=line, got=got[key], limit=1), 0), key)
            for key, (order, line) in lines.items()
            if got[key] < line.ordered - line.cancelled
            and _is_feasible(lines, grants + Counter({key: 1}), supply)
        ]
        if not eligible:
            return grants
        *_, key = min(eligible)
        grants[key] += 1
        got[key] += 1


def _is_feasible(
    lines: Mapping[Key, tuple[Order, OrderLine]],
    grants: Counter[Key],
    supply: Mapping[Location, int],
) -> bool:
    """Look for a place for every unit: a bipartite matching by augmenting paths."""
    units = [key for key, count in grants.items() for _ in range(count)]
    inside: dict[Location, list[int]] = {location: [] for location in supply}

    def has_room(unit: int, tried: set[Location]) -> bool:
        bound = lines[units[unit]][1].location
        for location in supply:
            if bound not in (None, location) or location in tried:
                continue
            tried.add(location)
            if len(inside[location]) < supply[location]:
                inside[location].append(unit)
                return True
            for other in list(inside[location]):
                if has_room(other, tried):
                    inside[location].remove(other)
                    inside[location].append(unit)
                    return True
        return False

    return all(has_room(unit, set()) for unit in range(len(units)))


def _places(
    lines: Mapping[Key, tuple[Order, OrderLine]],
    grants: Counter[Key],
    supply: Mapping[Location, int],
) -> dict[Key, Counter[Location]]:
    """Bound lines take from their own location, then free ones, the oldest first, by name."""
    left = Counter(supply)
    places = {key: Counter[Location]() for key in grants}
    for key, units in grants.items():
        location = lines[key][1].location
        if location is not None:
            places[key][location] = units
            left[location] -= units

    def age(key: Key) -> tuple[object, ...]:
        order, line = lines[key]
        placed_at = order.placed_at if line.placed_at is None else line.placed_at
        return placed_at, order.sequence, *key

    for key in sorted((key for key in grants if lines[key][1].location is None), key=age):
        for _ in range(grants[key]):
            location = min(at for at in left if left[at] > 0)
            places[key][location] += 1
            left[location] -= 1
    return places
