"""Real order books: what choosing brings beside the queue."""

from __future__ import annotations

import csv
from pathlib import Path

from backorderkit import LineId, Order, OrderLine, Sku, Snapshot, StockLevel, plan
from backorderkit.formats import read_snapshot
from backorderkit.model import read_time
from backorderkit.optimize import choose_orders, take_in_order


def christmas_of(folder: Path) -> Snapshot:
    """What a shop was asked for until Christmas, and the stock that it began December with."""
    orders = dict[str, tuple[str, list[OrderLine]]]()
    with (folder / "demand.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["ordered_at"] < "2010-12-24":
                line = OrderLine(
                    id=LineId(row["line_id"]), sku=Sku(row["sku"]), ordered=int(row["quantity"])
                )
                orders.setdefault(row["order_id"], (f"{row['ordered_at']}Z", []))[1].append(line)
    with (folder / "stock_synthetic.csv").open(encoding="utf-8") as file:
        levels = [
            StockLevel(sku=Sku(row["sku"]), on_hand=int(row["on_hand"]))
            for row in csv.DictReader(file)
        ]
    return Snapshot.of(
        as_of="2010-12-24",
        stock=levels,
        orders=[Order.of(id_, placed_at, lines) for id_, (placed_at, lines) in orders.items()],
    )


def test_northwind_completes_nine_orders_but_more_units(data_folder: Path) -> None:
    book = read_snapshot(data_folder / "northwind", as_of=read_time("1998-05-06"))

    queue = take_in_order(book, maximise="units")
    best = choose_orders(book, maximise="units")

    assert (len(queue.orders), queue.value) == (9, 215)
    assert (len(best.orders), best.value, best.is_settled) == (9, 235, True)
    assert best.is_optimal


def test_a_shop_before_christmas_completes_a_sixth_more_orders(data_folder: Path) -> None:
    book = christmas_of(data_folder / "online_retail_sample")

    queue = take_in_order(book, maximise="orders")
    best = choose_orders(book, maximise="orders", effort=1)

    assert (len(book.orders), queue.value) == (390, 304)
    assert (best.value, best.bound) == (357, 357)
    after = plan(book, policy=best.policy()).outcome
    complete = {
        order.id
        for order in after.orders
        if all(not after.line(order.id, line.id).unallocated for line in order.lines)
    }
    assert set(best.orders) <= complete
