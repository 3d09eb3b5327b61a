"""Peers' and papers' published numbers hold here, too."""

from __future__ import annotations

import pytest

from backorderkit import (
    Allocation,
    AllocationPolicy,
    Demand,
    FairShare,
    Fifo,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Priority,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
    plan,
)
from backorderkit.model import read_time
from backorderkit.policies.filling import fill_by_weight
from tests.cases.allocation import CASES, Case
from tests.cases.sharing import PROBLEMS, Problem

SKU = Sku("SKU")
POLICIES: dict[str, AllocationPolicy] = {
    "fifo": Fifo(),
    "priority": Priority(),
    "fair-share:proportional": FairShare(),
    "fair-share:equal": FairShare(rule="equal"),
    "fair-share:equal-losses": FairShare(rule="equal-losses"),
    "proportional": FairShare(),
    "equal": FairShare(rule="equal"),
    "equal-losses": FairShare(rule="equal-losses"),
    "priority, proportional": Priority(within=FairShare()),
    "priority, equal": Priority(within=FairShare(rule="equal")),
    "priority, equal-losses": Priority(within=FairShare(rule="equal-losses")),
}


def snapshot_of(case: Case) -> Snapshot:
    orders = []
    for number, (ordered, shipped, priority, location) in enumerate(case.lines, start=1):
        line = OrderLine(
            id=LineId("1"),
            sku=SKU,
            ordered=ordered,
            shipped=shipped,
            location=None if location is None else Location(location),
        )
        placed_at = f"2025-12-{number:02}T08:00:00Z"
        orders.append(Order.of(f"O{number:02}", placed_at, [line], priority=priority))
    return Snapshot.of(
        as_of="2026-01-05T09:00:00Z",
        stock=[
            StockLevel(sku=SKU, location=Location(place), on_hand=on_hand, safety_stock=safety)
            for place, (on_hand, safety) in case.stock.items()
        ],
        receipts=[
            ScheduledReceipt(id=ReceiptId(f"R{n}"), sku=SKU, quantity=quantity, due=read_time(due))
            for n, (due, quantity) in enumerate(case.receipts)
        ],
        orders=orders,
        allocations=[
            Allocation(order=OrderId(order), line=LineId("1"), quantity=quantity)
            for order, quantity in case.held.items()
        ],
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_allocation_case_comes_out_as_published(case: Case) -> None:
    made = plan(snapshot_of(case), policy=POLICIES[case.policy])

    assert tuple(line.allocated for line in made.lines) == case.allocated
    if case.promised is not None:
        promises = made.lines[0].promises
        assert tuple((f"{p.due:%Y-%m-%d}", p.quantity) for p in promises) == case.promised


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem[0])
def test_a_sharing_problem_comes_out_as_published(problem: Problem) -> None:
    _, _, rule, deliveries, claims, extra, awards = problem
    if rule == "apportionment":
        seats = sum(deliveries)
        limits = [seats] * len(claims)
        assert tuple(fill_by_weight(seats, claims, [0] * len(claims), limits)) == awards
        return
    policy = POLICIES.get(rule) or FairShare(rule="equal", weights=lambda d: d.priority)
    got = [0] * len(claims)

    for supply in deliveries:
        demands = [
            Demand.of(f"{n:02}", claim=claim, got=had, priority=extra[n] if extra else 5)
            for n, (claim, had) in enumerate(zip(claims, got, strict=True))
        ]
        shares = policy.share(supply, demands)
        got = [had + share for had, share in zip(got, shares, strict=True)]

    assert tuple(got) == awards
