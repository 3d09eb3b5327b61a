"""Books in which promises were told, and what happens to them afterwards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs
import pytest
from hypothesis import strategies as st

from backorderkit import (
    AllocationPolicy,
    KeepPromises,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Plan,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.testing import AS_OF, snapshots

from .books import Key, granted, lines_of, receipts_in_order
from .policies import POLICIES

KEPT: Final = {name: KeepPromises(policy) for name, policy in POLICIES.items()}
HELD: Final = {name: KeepPromises(policy, pull_in=False) for name, policy in POLICIES.items()}

for_every_kept = pytest.mark.parametrize("policy", KEPT.values(), ids=KEPT.keys())
for_every_mode = pytest.mark.parametrize(
    "policy",
    [*KEPT.values(), *HELD.values()],
    ids=[*KEPT, *(f"{name}-held" for name in HELD)],
)

MUGS = snapshots(
    skus=["MUG"], max_orders=5, allocations=1, items=False, safety_stock=False, receipts=5, holds=0
)
ALL_FREE = snapshots(skus=["MUG"], bound=False, max_lines=3, items=False, receipts=5, memory=0)
ALL_BOUND = snapshots(skus=["MUG"], bound=True, max_lines=3, items=False, receipts=5, memory=0)
MIXED = snapshots(skus=["MUG"], max_lines=3, items=False, receipts=5, memory=0)

ONE_LOCATION = snapshots(skus=["MUG"], locations=["MAIN"], max_lines=3, items=False, memory=0)


@st.composite
def newcomers(draw: st.DrawFn, book: Snapshot) -> Snapshot:
    """Orders that come on top, of any priority; some are older than all others."""
    orders = [
        Order(
            id=OrderId(f"{draw(st.sampled_from('AZ'))}-{number}"),
            placed_at=AS_OF + timedelta(hours=draw(st.sampled_from((-999, -30, -1)))),
            priority=draw(st.sampled_from((1, 5, 9))),
            lines=(
                OrderLine(
                    id=LineId("1"),
                    sku=Sku("MUG"),
                    ordered=draw(st.integers(1, 9)),
                    location=draw(st.sampled_from((None, Location("EAST")))),
                ),
            ),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    return attrs.evolve(book, orders=[*book.orders, *orders])


@st.composite
def slips(draw: st.DrawFn, book: Snapshot) -> Snapshot:
    """Some receipts come later, some sooner, bring less or more, or never come."""
    receipts = []
    early = draw(st.integers(0, 2))
    if early and book.receipts:
        due = book.as_of + timedelta(days=draw(st.integers(0, 3)))
        more = attrs.evolve(book.receipts[0], id=ReceiptId("PO-X"), quantity=early, due=due)
        receipts.append(more)
    for receipt in book.receipts:
        days = draw(st.sampled_from((0, 0, 0, 1, 3, 9, -2)))
        quantity = receipt.quantity + draw(st.sampled_from((0, 0, -1, -3, 2)))
        if quantity > 0:
            due = receipt.due + timedelta(days=days)
            receipts.append(attrs.evolve(receipt, due=due, quantity=quantity))
    return attrs.evolve(book, receipts=receipts)


@st.composite
def schedules(draw: st.DrawFn) -> Snapshot:
    """No stock, a few orders, a few receipts in the same week: much to keep, or to break."""
    place = Location("MAIN") if draw(st.booleans()) else None
    return Snapshot(
        as_of=AS_OF,
        receipts=[
            ScheduledReceipt(
                id=ReceiptId(f"PO-{number}"),
                sku=Sku("MUG"),
                quantity=draw(st.integers(1, 3)),
                due=AS_OF + timedelta(days=draw(st.integers(0, 5))),
            )
            for number in range(draw(st.integers(1, 4)))
        ],
        orders=[
            Order(
                id=OrderId(f"SO-{number}"),
                placed_at=AS_OF - timedelta(days=draw(st.integers(0, 3))),
                priority=draw(st.sampled_from((1, 5, 9))),
                lines=(
                    OrderLine(
                        id=LineId("1"),
                        sku=Sku("MUG"),
                        ordered=draw(st.integers(1, 4)),
                        location=place,
                    ),
                ),
            )
            for number in range(draw(st.integers(1, 4)))
        ],
    )


def told(book: Snapshot, policy: AllocationPolicy) -> Snapshot:
    return plan(book, policy=policy).outcome


def dates_told(book: Snapshot) -> dict[Key, list[datetime]]:
    return {
        (known.order, known.line): [promise.due for promise in known.promises]
        for known in book.backorders
    }


def in_time(book: Snapshot, made: Plan) -> int:
    """Count the units told before that come by their day: each line's first to the first."""
    deliveries = defaultdict[Key, list[int]](list)
    for key, units in granted(made).items():
        deliveries[key] += [book.as_of.toordinal()] * units
    for line in made.lines:
        for promise in line.promises:
            deliveries[line.order, line.line] += [promise.due.toordinal()] * promise.quantity
    return sum(
        matching([(day, None) for day in deliveries[key]], [(day, None) for day in days])
        for key, days in units_told(book).items()
        if deliveries[key]
    )


def units_told(book: Snapshot) -> dict[Key, list[int]]:
    """The day of each unit that a line was told of and still wants."""
    wants = {key: book.line(*key).unallocated for key in lines_of(book)}
    return {
        (known.order, known.line): [
            promise.due.toordinal() for promise in known.promises for _ in range(promise.quantity)
        ][: wants.get((known.order, known.line), 0)]
        for known in book.backorders
    }


def most_in_time(book: Snapshot) -> int:
    """The most units of all that were told that any sharing could bring by their day."""
    lines = lines_of(book)
    places = {position.location for position in book.positions}
    places |= {receipt.location for receipt in book.receipts}
    slots = [(day, place) for place in sorted(places) for day in slots_of(book, place)]
    units = [
        (day, lines[key][1].location)
        for key, days in units_told(book).items()
        if key in lines
        for day in days
    ]
    return matching(slots, units)


def slots_of(book: Snapshot, place: Location | None) -> list[int]:
    """The day of each unit of supply at a location, or anywhere."""
    today = book.as_of.toordinal()
    slots: list[int] = []
    lacking = Counter[Location]()
    for position in book.positions:
        if place in (None, position.location):
            slots += [today] * position.available
        lacking[position.location] = position.missing
    for receipt in receipts_in_order(book):
        refill = min(receipt.quantity, lacking[receipt.location])
        lacking[receipt.location] -= refill
        if place in (None, receipt.location):
            slots += [max(today, receipt.due.toordinal())] * (receipt.quantity - refill)
    return slots


Unit = tuple[int, Location | None]
"""The day of a unit, and its place: where it is, or where it must be."""


def matching(slots: Sequence[Unit], units: Sequence[Unit]) -> int:
    """Match units of supply to units of promises, by augmenting paths: the most that fit."""
    given: dict[int, int] = {}

    def has_place(unit: int, tried: set[int]) -> bool:
        last, site = units[unit]
        for slot, (day, place) in enumerate(slots):
            if day <= last and site in (None, place) and slot not in tried:
                tried.add(slot)
                if slot not in given or has_place(given[slot], tried):
                    given[slot] = unit
                    return True
        return False

    return sum(has_place(unit, set()) for unit in range(len(units)))
