"""What a SKU looks like to its lines after a run: who took what, what is kept back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from backorderkit.model.ids import Location, OrderId, Sku
from backorderkit.model.stock import ScheduledReceipt, StockPosition
from backorderkit.planning.decisions import Decisions
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.openings import Opening
from backorderkit.planning.placing import Places

NAMED: Final = 3
"""So many orders or receipts a sentence names; the rest it counts."""

Taking = tuple[int, Location, int, ScheduledReceipt | Opening | None]
"""Row of a line, where, how much, and from which receipt if not from stock today."""


@attrs.frozen(kw_only=True)
class Taken:
    """
    What all lines of a SKU get from one location, or from all of them.

    Attributes:
        total: The sum of it.
        by_order: The sum for each order, oldest first.
    """

    total: int
    by_order: dict[OrderId, int]

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


NOTHING_TAKEN: Final = Taken(total=0, by_order={})


@attrs.frozen(kw_only=True)
class View:
    """
    A SKU as seen from one location, or from anywhere.

    Attributes:
        on_hand: What lines hold or get of the stock there.
        coming: What lines are promised of receipts there.
        idle: Units there that are available and that nobody gets.
        held: Units there that are held for somebody, and coming ones that are.
        withheld: Units there that stay as safety stock, and coming ones that
            refill it.
        buffered: How many units buffers keep there, of the stock and of receipts.
        held_back: Coming units there that the policy leaves over; by ship rules, what
            of all units is left there in the end.
    """

    on_hand: Taken = NOTHING_TAKEN
    coming: Taken = NOTHING_TAKEN
    idle: int = 0
    held: int = 0
    withheld: int = 0
    buffered: int = 0
    held_back: int = 0


def places_of(book: OpenLines, decisions: Decisions, row: int) -> Places:
    """Say where the units come from that a line gets now."""
    granted = decisions.granted[row]
    if not granted:
        return ()
    placed = decisions.places.get(row)
    return ((decisions.supply.site_of(book.lines[row].sku), granted),) if placed is None else placed


def holdings_of(book: OpenLines, decisions: Decisions, row: int) -> Places:
    """Say where the units are that a line has after the run, sorted by location."""
    placed = places_of(book, decisions, row)
    own = book.allocations_of(row)
    if not own:
        return placed
    held = {allocation.location: allocation.quantity for allocation in own}
    for location, quantity in placed:
        held[location] = held.get(location, 0) + quantity
    return tuple(sorted(held.items()))


def served(sku: Sku, book: OpenLines, decisions: Decisions) -> Iterator[Taking]:
    """List what lines of a SKU have of the stock on hand, oldest first."""
    for row in book.rows_of(sku):
        for location, quantity in holdings_of(book, decisions, row):
            yield row, location, quantity, None


def promised(sku: Sku, book: OpenLines, decisions: Decisions) -> Iterator[Taking]:
    """List what lines of a SKU are promised of receipts, oldest first."""
    for row in book.rows_of(sku):
        for receipt, quantity in decisions.promised.get(row, ()):
            sources = None
            if decisions.sources and isinstance(receipt, ScheduledReceipt):
                sources = decisions.sources.get((row, receipt.id))
            for location, units in sources or ((receipt.location, quantity),):
                yield row, location, units, receipt


def views_of(
    sku: Sku, book: OpenLines, decisions: Decisions, positions: Sequence[StockPosition]
) -> dict[Location | None, View]:
    """Look at a SKU from each of its locations, and under None from anywhere."""
    on_hand = _tally(served(sku, book, decisions), book)
    coming = _tally(promised(sku, book, decisions), book)
    idle = {position.location: position.available for position in positions}
    for row in book.rows_of(sku):
        for location, quantity in places_of(book, decisions, row):
            # A SKU that stays as it was may have more than safety stock would let it.
            idle[location] = max(0, idle[location] - quantity)
    withheld = dict(decisions.refilled.get(sku, {}))
    held = dict[Location, int]()
    for position in positions:
        location = position.location
        if position.held:
            # What comes goes to holds first, and then to the safety stock.
            lacking = max(0, position.held - position.unallocated)
            refilled = min(withheld.get(location, 0), lacking)
            held[location] = position.unallocated - position.free + refilled
            withheld[location] = withheld.get(location, 0) - refilled
        if position.withheld:
            withheld[location] = withheld.get(location, 0) + position.withheld
    buffered = dict[Location, int]()
    for location, units in decisions.buffered.get(sku, {}).items():
        # What lies there goes to the buffer last; what comes refills it with the rest.
        there = min(units, idle.get(location, 0))
        idle[location] -= there
        refilled = min(withheld.get(location, 0), units - there)
        withheld[location] = withheld.get(location, 0) - refilled
        buffered[location] = there + refilled
    for location, units in decisions.buffered_later.get(sku, {}).items():
        buffered[location] = buffered.get(location, 0) + units
    held_back = decisions.held_back.get(sku, {})
    views: dict[Location | None, View] = {
        location: View(
            on_hand=on_hand.get(location, NOTHING_TAKEN),
            coming=coming.get(location, NOTHING_TAKEN),
            idle=idle.get(location, 0),
            held=held.get(location, 0),
            withheld=withheld.get(location, 0),
            buffered=buffered.get(location, 0),
            held_back=held_back.get(location, 0),
        )
        for location in {*on_hand, *coming, *idle, *held, *withheld, *buffered, *held_back}
        if location is not None
    }
    views[None] = View(
        on_hand=on_hand[None],
        coming=coming[None],
        idle=sum(idle.values()),
        held=sum(held.values()),
        withheld=sum(withheld.values()),
        buffered=sum(buffered.values()),
        held_back=sum(held_back.values()),
    )
    return views


def _tally(takings: Iterable[Taking], book: OpenLines) -> dict[Location | None, Taken]:
    """Sum takings up by location, and under None all of them."""
    sums: dict[Location | None, dict[OrderId, int]] = {None: {}}
    for row, location, quantity, _ in takings:
        order = book.owners[row].id
        for place in (None, location):
            by_order = sums.setdefault(place, {})
            by_order[order] = by_order.get(order, 0) + quantity
    return {
        place: Taken(total=sum(by_order.values()), by_order=by_order)
        for place, by_order in sums.items()
    }
