"""What a SKU looks like to its lines after a run: who took what, what is kept back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from backorderkit.model.ids import Location, OrderId, Sku
from backorderkit.model.stock import StockPosition
from backorderkit.planning.book import Book
from backorderkit.planning.placing import Places
from backorderkit.planning.reasons import Served
from backorderkit.planning.sharing import Decisions

NAMED: Final = 3
"""So many orders or receipts a sentence names; the rest it counts."""


@attrs.frozen(kw_only=True)
class Taken:
    """
    What all lines of a SKU get from one location, or from all of them.

    Attributes:
        entries: Line by line, oldest first.
        total: The sum of it.
        by_order: The sum for each order, oldest first.
    """

    entries: tuple[Served, ...]
    total: int
    by_order: dict[OrderId, int]

    @classmethod
    def of(cls, entries: Iterable[Served]) -> Taken:
        """Sum entries up."""
        entries = tuple(entries)
        by_order = dict[OrderId, int]()
        for entry in entries:
            by_order[entry.order] = by_order.get(entry.order, 0) + entry.quantity
        return cls(entries=entries, total=sum(by_order.values()), by_order=by_order)

    def besides(self, order: OrderId, own: int) -> tuple[int, int, list[str]]:
        """
        Look at what goes to other lines than one of *order* that has *own* units.

        Returns:
            The units, the number of orders, and the names of the oldest of these.
            It may be *order* itself, where that has another line of the SKU.
        """
        alone = self.by_order.get(order, 0) == own
        names: list[str] = []
        for name in self.by_order:
            if len(names) == NAMED:
                break
            if name != order or not alone:
                names.append(name)
        return self.total - own, len(self.by_order) - (1 if own and alone else 0), names


@attrs.frozen(kw_only=True)
class View:
    """
    A SKU as seen from one location, or from anywhere.

    Attributes:
        on_hand: What lines hold or get of the stock there.
        coming: What lines are promised of receipts there.
        idle: Units there that are available and that nobody gets.
        withheld: Units there that stay as safety stock, and coming ones that
            refill it.
    """

    on_hand: Taken
    coming: Taken
    idle: int
    withheld: int


def places_of(book: Book, decisions: Decisions, rank: int) -> Places:
    """Say where the units come from that a line gets now."""
    granted = decisions.granted[rank]
    if not granted:
        return ()
    placed = decisions.places.get(rank)
    return ((decisions.sites[book.lines[rank].sku], granted),) if placed is None else placed


def views_of(
    sku: Sku, book: Book, decisions: Decisions, positions: Sequence[StockPosition]
) -> dict[Location | None, View]:
    """Look at a SKU from each of its locations, and under None from anywhere."""
    on_hand = _by_location(_served(sku, book, decisions))
    coming = _by_location(_promised(sku, book, decisions))
    granted = dict[Location, int]()
    for rank in book.buckets[sku]:
        for location, quantity in places_of(book, decisions, rank):
            granted[location] = granted.get(location, 0) + quantity
    idle = {p.location: p.available - granted.get(p.location, 0) for p in positions}
    withheld = dict(decisions.refilled.get(sku, {}))
    for position in positions:
        kept = withheld.get(position.location, 0)
        withheld[position.location] = kept + position.withheld
    views: dict[Location | None, View] = {
        location: View(
            on_hand=Taken.of(on_hand.get(location, ())),
            coming=Taken.of(coming.get(location, ())),
            idle=idle.get(location, 0),
            withheld=withheld.get(location, 0),
        )
        for location in {*on_hand, *coming, *idle, *withheld}
    }
    views[None] = View(
        on_hand=Taken.of(_served(sku, book, decisions)),
        coming=Taken.of(_promised(sku, book, decisions)),
        idle=sum(idle.values()),
        withheld=sum(withheld.values()),
    )
    return views


def _by_location(entries: Iterable[Served]) -> dict[Location, list[Served]]:
    found = dict[Location, list[Served]]()
    for entry in entries:
        found.setdefault(entry.location, []).append(entry)
    return found


def _served(sku: Sku, book: Book, decisions: Decisions) -> Iterator[Served]:
    for rank in book.buckets[sku]:
        held = {a.location: a.quantity for a in book.allocations.get(rank, ())}
        for location, quantity in places_of(book, decisions, rank):
            held[location] = held.get(location, 0) + quantity
        for location in sorted(held):
            yield Served(
                order=book.owners[rank].id,
                line=book.lines[rank].id,
                quantity=held[location],
                location=location,
            )


def _promised(sku: Sku, book: Book, decisions: Decisions) -> Iterator[Served]:
    for rank in book.buckets[sku]:
        for receipt, quantity in decisions.promised.get(rank, ()):
            yield Served(
                order=book.owners[rank].id,
                line=book.lines[rank].id,
                quantity=quantity,
                location=receipt.location,
                receipt=receipt.id,
            )
