"""
Time each placing beside location order, on one book of several locations.

    python -m tests.benchmarks.sourcing [LINES]     (100,000 if absent)
"""

from __future__ import annotations

import gc
import random
import sys
from statistics import median
from time import process_time

from backorderkit import (
    FewestShipments,
    Fifo,
    FullestFirst,
    InLocationOrder,
    LineId,
    Location,
    NearestByCost,
    Order,
    OrderId,
    OrderLine,
    Placing,
    Sku,
    Snapshot,
    StockLevel,
    plan,
)
from backorderkit.model import read_time

LINES = 100_000
PLACES = ("BERLIN", "LYON", "MADRID", "OSLO", "ROME")
LINES_A_SKU = 20
LINES_AN_ORDER = 2
ROUNDS = 5


def make_book(lines: int, seed: int = 6) -> Snapshot:
    """Make a book of which the stock covers three quarters; one line in eight is bound."""
    dice = random.Random(seed)
    skus = [Sku(f"SKU-{number:06}") for number in range(max(1, lines // LINES_A_SKU))]
    orders = []
    for number in range(lines // LINES_AN_ORDER):
        own = [
            OrderLine(
                id=LineId(str(place + 1)),
                sku=dice.choice(skus),
                ordered=dice.randint(1, 9),
                location=Location(dice.choice(PLACES)) if dice.random() < 1 / 8 else None,
            )
            for place in range(LINES_AN_ORDER)
        ]
        placed_at = read_time(f"2026-01-{1 + number % 28:02}")
        orders.append(Order(id=OrderId(f"SO-{number:07}"), placed_at=placed_at, lines=tuple(own)))
    expected = LINES_A_SKU * 5
    stock = [
        StockLevel(sku=sku, location=Location(place), on_hand=dice.randint(0, 3 * expected // 10))
        for sku in skus
        for place in PLACES
    ]
    return Snapshot(as_of=read_time("2026-02-01"), stock=stock, orders=orders)


def distance(order: Order, line: OrderLine, location: Location) -> int:
    """Cost about what a look into a table costs."""
    return (len(order.id) * 31 + ord(location[0]) * 7 + len(line.sku)) % 13


def took(book: Snapshot, placing: Placing) -> float:
    """Give the processor seconds of deciding and saying what changes."""
    gc.collect()
    start = process_time()
    made = plan(book, policy=Fifo(), placing=placing)
    changes = made.changes
    seconds = process_time() - start
    if not changes:
        sys.exit("nothing was planned")
    return seconds


def main() -> None:
    """Print the seconds of each placing, and its ratio to location order."""
    book = make_book(int(sys.argv[1]) if len(sys.argv) > 1 else LINES)
    placings: list[Placing] = [
        InLocationOrder(),
        InLocationOrder(["ROME", "OSLO"]),
        InLocationOrder(split="avoid"),
        FewestShipments(),
        NearestByCost(distance),
        FullestFirst(),
        InLocationOrder(split="never"),
        FewestShipments(split="never"),
    ]
    # Turn by turn, so that a slow minute of the machine hits all alike.
    times = [[took(book, placing) for placing in placings] for _ in range(ROUNDS)]
    lines = sum(len(order.lines) for order in book.orders)
    print(f"{lines:,} lines, {len(PLACES)} locations, {len(book.stock):,} pools")
    for place, placing in enumerate(placings):
        ratio = median(row[place] / row[0] for row in times)
        seconds = median(row[place] for row in times)
        listed = " by list" if getattr(placing, "locations", None) else ""
        print(f"{_name(placing) + listed:<36} {seconds:6.2f} s  {ratio:5.2f}")


def _name(placing: Placing) -> str:
    name: object = getattr(placing, "name", "")
    return str(name)


if __name__ == "__main__":
    main()
