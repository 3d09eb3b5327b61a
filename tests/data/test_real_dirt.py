"""A real order book, some of whose rows are broken at random."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from backorderkit import Fifo, InvalidInputError, Snapshot, plan
from backorderkit.formats import loads_partial_csv, loads_snapshot_csv
from backorderkit.model import read_time

AS_OF = read_time("1998-05-06")
FILES = ("items.csv", "orders.csv", "receipts.csv", "stock.csv")
# Columns that any text is bad in, or that must be there.
BAD = {
    "items.csv": {"decimals": "x", "backorders": "perhaps"},
    "orders.csv": {"ordered": "-3", "shipped": "1e9", "unit_price": "?", "placed_at": "yesterday"},
    "receipts.csv": {"quantity": "0", "due": ""},
    "stock.csv": {"on_hand": "-1", "safety_stock": "n/a"},
}


def break_rows(
    files: dict[str, str], luck: random.Random, count: int
) -> tuple[dict[str, str], set[str], set[str]]:
    """Break cells; give the files, the SKUs of bad rows, and the orders that are bad themselves."""
    skus, orders = set[str](), set[str]()
    tables = {name: list(csv.DictReader(io.StringIO(text))) for name, text in files.items()}
    for _ in range(count):
        name = luck.choice(FILES)
        row = luck.choice(tables[name])
        column, value = luck.choice(sorted(BAD[name].items()))
        row[column] = value
        if column == "placed_at":
            orders.add(row["order"])
        else:
            skus.add(row["sku"])
    written = {}
    for name, rows in tables.items():
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        written[name] = file.getvalue()
    return written, skus, orders


def without(book: Snapshot, skus: set[str], orders: set[str]) -> Snapshot:
    """Give the book as if the SKUs and all orders that touch them were not there."""
    return Snapshot(
        as_of=book.as_of,
        items=[item for item in book.items or () if item.sku not in skus],
        stock=[level for level in book.stock if level.sku not in skus],
        receipts=[receipt for receipt in book.receipts if receipt.sku not in skus],
        orders=[
            order
            for order in book.orders
            if order.id not in orders and not any(line.sku in skus for line in order.lines)
        ],
    )


@pytest.mark.parametrize("seed", range(25))
def test_what_is_left_of_northwind_is_planned_as_if_the_rest_were_absent(
    data_folder: Path, seed: int
) -> None:
    files = {name: (data_folder / "northwind" / name).read_text("utf-8") for name in FILES}
    book = loads_snapshot_csv(files, as_of=AS_OF)
    luck = random.Random(seed)
    dirty, skus, orders = break_rows(files, luck, luck.randint(1, 6))

    partial = loads_partial_csv(dirty, as_of=AS_OF)

    left = without(book, skus, orders)
    assert set(partial.set_aside.skus) == skus
    assert set(partial.set_aside.orders) == {each.id for each in book.orders} - {
        each.id for each in left.orders
    }
    assert partial.snapshot == left
    assert plan(partial.snapshot, policy=Fifo()) == plan(left, policy=Fifo())
    with pytest.raises(InvalidInputError) as refused:
        loads_snapshot_csv(dirty, as_of=AS_OF)
    assert list(map(str, partial.set_aside.problems)) == list(map(str, refused.value.exceptions))
