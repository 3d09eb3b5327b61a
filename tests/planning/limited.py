"""Lines of one SKU, and a loop that serves them first come, first served, under limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time

from backorderkit import LineId, Location, Order, OrderLine, Protection, Quota, Sku
from backorderkit.planning.limits import restrictions_of
from backorderkit.planning.restricting import Restriction

MUG = Sku("MUG")

Given = list[tuple[date, int, int]]
"""On which day which slot got how many."""


def order(
    slot: int,
    quantity: int,
    *,
    customer: str = "",
    channel: str = "",
    priority: int = 5,
    location: str | None = None,
) -> Order:
    """Make an order of one line; those of higher slots are younger."""
    line = OrderLine(
        id=LineId("1"),
        sku=MUG,
        ordered=quantity,
        location=None if location is None else Location(location),
    )
    return Order.of(
        f"SO-{slot}",
        "2026-01-02",
        [line],
        customer=customer,
        channel=channel,
        priority=priority,
        sequence=slot,
    )


def limits(
    orders: Sequence[Order],
    today: date,
    *,
    quotas: Iterable[Quota] = (),
    protections: Iterable[Protection] = (),
    kept: Sequence[int] | None = None,
    sku: Sku = MUG,
) -> list[Restriction]:
    """Give the restrictions of orders that have one line each."""
    return restrictions_of(
        quotas,
        protections,
        sku=sku,
        orders=orders,
        lines=[each.lines[0] for each in orders],
        kept=kept or [0] * len(orders),
        as_of=datetime.combine(today, time(9), UTC),
    )


def serve(
    orders: Sequence[Order],
    supply: Mapping[date, int],
    today: date,
    *,
    quotas: Iterable[Quota] = (),
    protections: Iterable[Protection] = (),
) -> Given:
    """Give each line in turn what all limits allow, on each day that brings something."""
    restrictions = limits(orders, today, quotas=quotas, protections=protections)
    wants = [each.lines[0].ordered for each in orders]
    coming = {day.toordinal(): units for day, units in supply.items()}
    given: Given = []
    there = 0
    day: int | None = today.toordinal()
    while day is not None:
        for each in restrictions:
            each.go_on(day)
        there += coming.pop(day, 0)
        for slot, want in enumerate(wants):
            units = min([want, there, *(each.room(slot, there) for each in restrictions)])
            if units:
                for each in restrictions:
                    each.take(slot, units)
                wants[slot] -= units
                there -= units
                given.append((date.fromordinal(day), slot, units))
        openings = {each.next_day() for each in restrictions} if there and any(wants) else set()
        day = min({each for each in openings if each is not None} | set(coming), default=None)
    return given
