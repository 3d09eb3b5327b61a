"""Plans by rules, written down by hand: what lines get is said, the rest follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import attrs

from backorderkit import (
    Allocated,
    Allocation,
    Backordered,
    Promise,
    Promised,
    ReceiptId,
    Released,
    Snapshot,
)
from backorderkit.changes import Change
from backorderkit.checking import (
    PlanDocument,
    PlannedBlocker,
    PlannedBreak,
    PlannedLine,
    PlannedSums,
)
from backorderkit.model import Location, Order, OrderLine, read_time


@attrs.frozen
class Says:
    """
    What a plan says of the only line of an order.

    Attributes:
        now: What it holds, by location, or in MAIN.
        later: When it gets how many, and of which receipt, if not of stock.
        blockers: What it names; all that waits is for want of stock otherwise.
    """

    now: int | Mapping[str, int] = 0
    later: Sequence[tuple[str, int, str | None]] = ()
    blockers: Mapping[str, int] = attrs.field(factory=dict)


def document(
    book: Snapshot,
    said: Mapping[str, Says],
    *,
    policy: str = "fifo, rules: all",
    broken: Sequence[PlannedBreak] = (),
) -> PlanDocument:
    lines = [
        _line(order, line, said.get(f"{order.id}/{line.id}", said.get(order.id, Says())))
        for order in book.orders
        for line in order.lines
        if line.outstanding
    ]
    return PlanDocument(
        as_of=book.as_of,
        policy=policy,
        lines=tuple(lines),
        changes=tuple(_changes(book, lines, {each.sku for each in broken})),
        line_count=len(lines),
        sums=(
            PlannedSums(
                unit="pcs",
                decimals=0,
                ordered=sum(line.ordered for line in lines),
                allocated=sum(line.allocated for line in lines),
                backordered=sum(line.backordered for line in lines),
                promised=sum(line.promised for line in lines),
                unpromised=sum(line.unpromised for line in lines),
            ),
        ),
        broken=tuple(broken),
    )


def _line(order: Order, line: OrderLine, says: Says) -> PlannedLine:
    places = {"MAIN": says.now} if isinstance(says.now, int) else says.now
    allocated = sum(places.values())
    promises = tuple(
        Promise(
            quantity=units,
            due=read_time(due),
            receipt=None if receipt is None else ReceiptId(receipt),
        )
        for due, units, receipt in says.later
    )
    waiting = line.outstanding - allocated
    kinds = says.blockers or ({"stock": waiting} if waiting else {})
    return PlannedLine(
        order=order.id,
        line=line.id,
        sku=line.sku,
        ordered=line.ordered,
        shipped=line.shipped,
        cancelled=line.cancelled,
        allocated=allocated,
        backordered=waiting,
        unpromised=waiting - sum(each.quantity for each in promises),
        allocations=tuple(
            Allocation(order=order.id, line=line.id, location=Location(at), quantity=units)
            for at, units in sorted(places.items())
            if units
        ),
        promises=promises,
        blockers=tuple(PlannedBlocker(kind=kind, quantity=units) for kind, units in kinds.items()),
    )


def _changes(book: Snapshot, lines: Sequence[PlannedLine], stays: set[str]) -> list[Change]:
    back: list[Change] = []
    changes: list[Change] = []
    for line in lines:
        if line.sku in stays:
            continue
        lost, more = _net(book, line)
        back += [
            Released(order=line.order, line=line.line, location=at, quantity=units)
            for at, units in lost
        ]
        changes += [
            Allocated(order=line.order, line=line.line, location=at, quantity=units)
            for at, units in more
        ]
        known = next(
            (each for each in book.backorders if (each.order, each.line) == line.key), None
        )
        if line.backordered != (known.quantity if known else 0):
            changes.append(Backordered(order=line.order, line=line.line, quantity=line.backordered))
        if line.backordered and line.promises != (known.promises if known else ()):
            changes.append(Promised(order=line.order, line=line.line, promises=line.promises))
    return back + changes


def _net(
    book: Snapshot, line: PlannedLine
) -> tuple[list[tuple[Location, int]], list[tuple[Location, int]]]:
    """What a line lost and got, by location."""
    held = Counter[Location]()
    for each in book.allocations:
        if (each.order, each.line) == line.key:
            held[each.location] += each.quantity
    now = Counter(line.by_location)
    return sorted((held - now).items()), sorted((now - held).items())
