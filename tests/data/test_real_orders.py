"""Real order books, against results that another program computed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from backorderkit import (
    AllocationPolicy,
    FairShare,
    Fifo,
    LineId,
    Order,
    OrderLine,
    Priority,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
    plan,
)
from backorderkit.formats import dumps_snapshot, loads_snapshot, read_snapshot
from backorderkit.model import read_time

SNAPSHOTS = [
    pytest.param("northwind", "1998-05-06", id="northwind"),
    pytest.param("wwi_2013/snapshot_2013-12-31", "2013-12-31T12:30:00Z", id="wwi_2013"),
]
POLICIES: list[AllocationPolicy] = [
    Fifo(),
    Priority(),
    Priority(within=FairShare()),
    FairShare(),
    FairShare(rule="equal"),
    FairShare(rule="equal-losses"),
]


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open("rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize(("name", "as_of"), SNAPSHOTS)
def test_fifo_gives_what_the_independent_loop_gave(
    data_folder: Path, name: str, as_of: str
) -> None:
    snapshot = read_snapshot(data_folder / name, as_of=read_time(as_of))

    made = plan(snapshot, policy=Fifo())

    expected = {
        (row["order"], row["line"]): (int(row["allocated"]), int(row["backordered"]))
        for row in rows(data_folder / name / "expected_fifo.csv")
    }
    got = {(line.order, line.line): (line.allocated, line.backordered) for line in made.lines}
    assert got == expected


def test_northwind_plans_to_its_known_sums(data_folder: Path) -> None:
    snapshot = read_snapshot(data_folder / "northwind", as_of=read_time("1998-05-06"))

    (sums,) = plan(snapshot, policy=Fifo()).totals.by_unit

    assert (sums.ordered, sums.allocated, sums.backordered) == (1198, 727, 471)
    assert (sums.promised, sums.unpromised) == (222, 249)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize(("name", "as_of"), SNAPSHOTS)
def test_every_policy_keeps_the_books(
    data_folder: Path, name: str, as_of: str, policy: AllocationPolicy
) -> None:
    snapshot = read_snapshot(data_folder / name, as_of=read_time(as_of))

    made = plan(snapshot, policy=policy)

    # Free lines of one location lose nothing to the policy: only who gets it differs.
    assert made.totals == plan(snapshot, policy=Fifo()).totals
    assert plan(made.outcome, policy=policy).changes == ()
    assert loads_snapshot(dumps_snapshot(made.outcome)) == made.outcome


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_a_year_of_a_shop_as_one_book_keeps_the_books(
    data_folder: Path, policy: AllocationPolicy
) -> None:
    folder = data_folder / "online_retail_sample"
    orders = dict[str, tuple[str, list[OrderLine]]]()
    for row in rows(folder / "demand.csv"):
        line = OrderLine(
            id=LineId(row["line_id"]), sku=Sku(row["sku"]), ordered=int(row["quantity"])
        )
        orders.setdefault(row["order_id"], (f"{row['ordered_at']}Z", []))[1].append(line)
    stock = {row["sku"]: int(row["on_hand"]) for row in rows(folder / "stock_synthetic.csv")}
    snapshot = Snapshot.of(
        as_of="2011-12-09",
        stock=[StockLevel(sku=Sku(sku), on_hand=units) for sku, units in stock.items()],
        receipts=[
            ScheduledReceipt(
                id=ReceiptId(row["po_line_id"]),
                sku=Sku(row["sku"]),
                quantity=int(row["quantity"]),
                due=read_time(row["expected_at"]),
            )
            for row in rows(folder / "supply_synthetic.csv")
            if int(row["quantity"])
        ],
        orders=[Order.of(id_, placed_at, lines) for id_, (placed_at, lines) in orders.items()],
    )

    made = plan(snapshot, policy=policy)

    wanted = sum(line.ordered for order in snapshot.orders for line in order.lines)
    (sums,) = made.totals.by_unit
    assert sums.ordered == wanted == sums.allocated + sums.backordered
    assert plan(made.outcome, policy=policy).changes == ()
