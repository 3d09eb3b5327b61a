"""Small books of one SKU that were planned before, and what each order has after planning again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from backorderkit import (
    Allocation,
    AllocationPolicy,
    Backorder,
    Condition,
    Contract,
    Fifo,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Plan,
    Promise,
    ReceiptId,
    Reserve,
    ScheduledReceipt,
    Segment,
    ShipRule,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.model import read_time
from backorderkit.policies import Rules

MUG = Sku("MUG")
MAIN = Location("MAIN")
ONE = LineId("1")
NOW = read_time("2026-01-05")
"""Day 0, a Monday."""

Parts = list[tuple[int, int]]
"""Units and the day from which they are had; what is allocated is of day 0."""

WIN = Contract(floor="full-or-raise")
GAIN = Contract(floor="keep-or-raise")
IMPROVE = Contract(floor="keep-if-possible")
REDISTRIBUTE = Contract()
FILL = Contract(cap="not-better")
LOSE = Contract(cap="nothing")
SKIP = Contract(floor="keep-or-raise", cap="not-better")


@attrs.frozen(kw_only=True)
class Row:
    """
    An order of one line, as a table has it.

    Attributes:
        wants: Units ordered.
        has: Units that are allocated to it.
        told: Units that it was promised, each with the day.
        day: The day for which it is requested; None is not said.
        placed: Days before today.
        priority: 1 is the most urgent.
        sku: Of what it wants them.
        customer: Whose it is.
        channel: Where it came from; the cases name their segments by it.
    """

    wants: int
    has: int = 0
    told: Parts = attrs.field(factory=list)
    day: int | None = None
    placed: int = 1
    priority: int = 5
    sku: Sku = MUG
    customer: str = ""
    channel: str = ""

    def order(self, name: str) -> Order:
        """Make the order."""
        requested = None if self.day is None else on(self.day)
        line = OrderLine(id=ONE, sku=self.sku, ordered=self.wants, requested=requested)
        return Order.of(
            name,
            NOW - timedelta(days=self.placed),
            [line],
            customer=self.customer,
            channel=self.channel,
            priority=self.priority,
        )


def segment(
    channel: str,
    contract: Contract | None = None,
    *,
    place: int = 0,
    policy: AllocationPolicy | None = None,
    ship: ShipRule | None = None,
    reserve: Reserve | None = None,
) -> Segment:
    """Make the segment of the orders that came through a channel."""
    include = [Condition(attribute="channel", one_of=[channel])]
    return Segment(
        channel,
        include=include,
        contract=contract,
        place=place,
        policy=policy,
        ship=ship,
        reserve=reserve,
    )


def again(
    snapshot: Snapshot, contract: Contract, within: AllocationPolicy | None = None
) -> dict[str, Parts]:
    """Plan a book again in which all lines have one contract, and say what each has."""
    return got(
        replan(
            snapshot, policy=Rules(within or Fifo(), segments=[Segment("all", contract=contract)])
        )
    )


def on(day: int) -> datetime:
    """Give the start of a day."""
    return NOW + timedelta(days=day)


def coming(day: int, units: int) -> ScheduledReceipt:
    """Make the receipt of a day."""
    return ScheduledReceipt(id=ReceiptId(f"PO-{day}"), sku=MUG, quantity=units, due=on(day))


def book(
    rows: Mapping[str, Row],
    *,
    stock: int | Mapping[str, int] = 0,
    receipts: Mapping[int, int] | None = None,
) -> Snapshot:
    """Make the book of a table; a number of units is of mugs, and receipts are by day."""
    allocations = [
        Allocation(order=OrderId(name), line=ONE, location=MAIN, quantity=row.has)
        for name, row in rows.items()
        if row.has
    ]
    backorders = [
        Backorder(
            order=OrderId(name),
            line=ONE,
            quantity=sum(units for units, _ in row.told),
            opened_at=NOW - timedelta(days=row.placed),
            promises=[
                Promise(quantity=units, due=on(day), receipt=ReceiptId(f"PO-{day}"))
                for units, day in row.told
            ],
        )
        for name, row in rows.items()
        if row.told
    ]
    return Snapshot.of(
        as_of=NOW,
        stock={"MUG": stock} if isinstance(stock, int) else stock,
        receipts=[coming(day, units) for day, units in (receipts or {}).items()],
        orders=[row.order(name) for name, row in rows.items()],
        allocations=allocations,
        backorders=backorders,
    )


def replan(snapshot: Snapshot, *, policy: Rules) -> Plan:
    """Plan, and see that planning again changes nothing."""
    made = plan(snapshot, policy=policy)
    assert plan(made.outcome, policy=policy).changes == ()
    return made


def got(made: Plan) -> dict[str, Parts]:
    """Say what each order has after a plan, and from which day."""
    found = dict[str, Parts]()
    for line in made.lines:
        parts = found.setdefault(line.order, [])
        if line.allocated:
            parts.append((line.allocated, 0))
        parts.extend((each.quantity, (each.due - NOW).days) for each in line.promises)
    return found
