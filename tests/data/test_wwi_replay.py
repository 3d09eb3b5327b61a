"""A year of WideWorldImporters, day by day: whole lines, skipping, the rest behind the day's."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import attrs
import pytest

from backorderkit import (
    Allocated,
    Cancelled,
    Fact,
    Fifo,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Placed,
    Received,
    Shipped,
    Shipping,
    ShipRule,
    Sku,
    Snapshot,
    StockLevel,
    apply,
    plan,
)
from backorderkit.model import read_time

SKIPPING = Shipping(Fifo(), rule=ShipRule(whole=True))
STRICT = Shipping(Fifo(), rule=ShipRule(whole=True), waits=True)
SITE = Location("WWI")

Row = dict[str, str]
Pick = tuple[str, str]
"""The ids of all orders that a line was on, and the day on which it was picked, if it was."""


def rows(path: Path) -> Iterator[Row]:
    opened = gzip.open if path.suffix == ".gz" else Path.open
    with opened(path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def by_day(path: Path, time: str) -> dict[str, list[Row]]:
    found = defaultdict[str, list[Row]](list)
    for row in rows(path):
        found[row[time][:10]].append(row)
    return found


def placed(number: int, at: str, customer: str, lines: list[OrderLine]) -> Placed:
    order = Order(
        id=OrderId(str(number)),
        placed_at=read_time(at),
        sequence=number,
        customer=customer,
        lines=lines,
    )
    return Placed(order=order)


@attrs.define
class Warehouse:
    """What is open and on hand, and what became of each line."""

    book: Snapshot
    by_customer: set[str]
    policy: Shipping = SKIPPING
    keep_places: bool = False
    last: int = 0
    on: dict[str, list[str]] = attrs.field(factory=dict)
    picked: dict[str, str] = attrs.field(factory=dict)

    def work(self, day: str, receipts: list[Row], orders: list[Row]) -> None:
        """Receive at 7, take orders at 10, pick at 11, ship and open backorders at noon."""
        facts: list[Fact] = [
            Received(sku=Sku(row["sku"]), location=SITE, quantity=int(row["quantity"]))
            for row in receipts
        ]
        facts += self.ordered(orders)
        before = apply(self.book.at(read_time(f"{day}T11:00:00Z")), facts)
        made = plan(before, policy=self.policy)
        picks = [change for change in made.changes if isinstance(change, Allocated)]
        for pick in picks:
            self.picked[pick.line] = day
        shipped = [
            Shipped(order=pick.order, line=pick.line, location=SITE, quantity=pick.quantity)
            for pick in picks
        ]
        after = apply(made.outcome, shipped)
        if not self.keep_places:
            after = apply(after, self.moved(day, after, {pick.order for pick in picks}))
        still_open = [
            order for order in after.orders if any(line.outstanding for line in order.lines)
        ]
        self.book = attrs.evolve(after, orders=still_open)

    def ordered(self, orders: list[Row]) -> Iterator[Placed]:
        for number, lines in groupby(orders, key=lambda row: int(row["order_id"])):
            own = list(lines)
            self.last = max(self.last, number)
            for row in own:
                self.on[row["line_id"]] = [str(number)]
            wanted = [
                OrderLine(
                    id=LineId(row["line_id"]), sku=Sku(row["sku"]), ordered=int(row["quantity"])
                )
                for row in own
            ]
            yield placed(number, f"{own[0]['ordered_at']}Z", own[0]["customer"], wanted)

    def moved(self, day: str, book: Snapshot, shipped: set[OrderId]) -> Iterator[Fact]:
        """What an order that ships leaves behind goes on a new one, behind the day's."""
        left = [
            order
            for order in book.orders
            if order.id in shipped and any(line.outstanding for line in order.lines)
        ]
        left.sort(key=lambda order: order.sequence)
        if day in self.by_customer:
            left.sort(key=lambda order: int(order.customer))
        for order in left:
            self.last += 1
            waiting = [line for line in order.lines if line.outstanding]
            for line in waiting:
                yield Cancelled(order=order.id, line=line.id, quantity=line.outstanding)
                self.on[line.id].append(str(self.last))
            yield placed(self.last, f"{day}T12:00:00Z", order.customer, waiting)


def replayed(folder: Path, *, policy: Shipping = SKIPPING, keep_places: bool = False) -> Warehouse:
    levels = [
        StockLevel(sku=Sku(row["sku"]), location=SITE, on_hand=int(row["on_hand"]))
        for row in rows(folder / "stock.csv")
    ]
    warehouse = Warehouse(
        Snapshot.of(as_of="2013-01-01", stock=levels),
        {row["day"] for row in rows(folder / "invoiced_in_customer_order.csv")},
        policy=policy,
        keep_places=keep_places,
    )
    demand = by_day(folder / "demand.csv.gz", "ordered_at")
    receipts = by_day(folder / "receipts_effective.csv.gz", "at")
    for day in sorted({*demand, *receipts}):
        warehouse.work(day, receipts.get(day, []), demand.get(day, []))
    return warehouse


def test_a_year_is_picked_day_by_day_as_it_was(data_folder: Path) -> None:
    """
    Every pick date, every chain of backorders and the closing stock.

    The source's own rule: a line ships whole, the next that fits goes on, and what an
    order that ships leaves behind is a new order behind those of the day.  Microsoft's
    sample database WideWorldImporters; its README tells where the rows come from.
    """
    folder = data_folder / "wwi_2013"

    warehouse = replayed(folder)

    truth = {
        row["line_id"]: (row["order_chain"], row["picked_at"][:10])
        for row in rows(folder / "truth.csv.gz")
    }
    got: dict[str, Pick] = {
        line: (">".join(chain), warehouse.picked.get(line, ""))
        for line, chain in warehouse.on.items()
    }
    assert len(truth) == 61_655
    assert {line for line in truth if got.get(line) != truth[line]} == set()
    assert got.keys() == truth.keys()
    closing = {row["sku"]: int(row["on_hand"]) for row in rows(folder / "stock_closing.csv")}
    assert {level.sku: level.on_hand for level in warehouse.book.stock} == closing
    # What is still open was never picked in part.
    waiting = [line for order in warehouse.book.orders for line in order.lines]
    assert all(line.shipped == 0 for line in waiting if line.outstanding)
    assert sum(line.outstanding > 0 for line in waiting) == 687


@pytest.mark.parametrize(
    ("policy", "oracle"),
    [
        pytest.param(SKIPPING, "oracle_line_skip", id="skipping"),
        pytest.param(STRICT, "oracle_line_block", id="strict"),
    ],
)
def test_lines_that_keep_their_place_are_picked_as_the_independent_loop_picks_them(
    data_folder: Path, policy: Shipping, oracle: str
) -> None:
    folder = data_folder / "wwi_2013"

    warehouse = replayed(folder, policy=policy, keep_places=True)

    late = {row["line_id"]: row["completed_at"][:10] for row in rows(folder / f"{oracle}.csv.gz")}
    ordered_on = {row["line_id"]: row["ordered_at"][:10] for row in rows(folder / "demand.csv.gz")}
    expected = {line: late.get(line, day) for line, day in ordered_on.items()}
    assert {line: warehouse.picked.get(line, "") for line in ordered_on} == expected
