"""Real receipts that come a week later, against a loop that shares no code with us."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from backorderkit import Fifo, ReceiptId
from backorderkit.formats import read_snapshot
from backorderkit.model import read_time
from backorderkit.promising import ReceiptMove, impact, rescues

WEEK = timedelta(days=7)
Key = tuple[str, str]
Dates = dict[Key, list[date]]
Difference = Counter[tuple[Key, date, date]]


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open("rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def loop(folder: Path, late: set[str]) -> Dates:
    """Hand every unit out, oldest order first, and note the day of each that waits."""
    free = Counter[str]()
    for row in rows(folder / "stock.csv"):
        free[row["sku"]] += max(0, int(row["on_hand"]) - int(row["safety_stock"]))
    coming = defaultdict[str, list[date]](list)
    receipts = [
        (date.fromisoformat(row["due"][:10]) + WEEK * (row["id"] in late), row)
        for row in rows(folder / "receipts.csv")
    ]
    for due, row in sorted(receipts, key=lambda each: (each[0], each[1]["id"])):
        coming[row["sku"]] += [due] * int(row["quantity"])
    dates: Dates = {}
    oldest = sorted(
        rows(folder / "orders.csv"),
        key=lambda row: (row["placed_at"], row["order"], row["line"]),
    )
    for row in oldest:
        wanted = int(row["ordered"]) - int(row["shipped"] or 0) - int(row["cancelled"] or 0)
        sku = row["sku"]
        now = min(wanted, free[sku])
        free[sku] -= now
        waits = wanted - now
        dates[row["order"], row["line"]] = [*coming[sku][:waits]]
        dates[row["order"], row["line"]] += [date.max] * (waits - len(coming[sku][:waits]))
        del coming[sku][:waits]
    return dates


def difference(before: Dates, after: Dates) -> Difference:
    changed: Difference = Counter()
    for key, days in before.items():
        for was, now in zip(days, after[key], strict=True):
            if was != now:
                changed[key, was, now] += 1
    return changed


def test_each_receipt_of_northwind_a_week_late_agrees_with_the_loop(data_folder: Path) -> None:
    folder = data_folder / "northwind"
    book = read_snapshot(folder, as_of=read_time("1998-05-06"))
    names = [receipt.id for receipt in book.receipts]
    before = loop(folder, set())
    total = 0

    for late in [*([name] for name in names), names]:
        moves = [
            ReceiptMove(receipt=ReceiptId(receipt.id), due=receipt.due + WEEK)
            for receipt in book.receipts
            if receipt.id in late
        ]
        found = impact(book, moves, policy=Fifo())

        expected = difference(before, loop(folder, set(late)))
        said: Difference = Counter()
        for slip in found.lines:
            days = [each.date() if each else date.max for each in (slip.before, slip.after)]
            said[(slip.order, slip.line), days[0], days[1]] += slip.quantity
        assert said == expected
        total += sum(expected.values())
    assert len(names) == 17
    # 222 units are promised in all: each counts once alone and once with all others.
    assert total == 2 * 222


def test_the_value_of_all_receipts_of_northwind_is_that_of_its_rows(data_folder: Path) -> None:
    folder = data_folder / "northwind"
    book = read_snapshot(folder, as_of=read_time("1998-05-06"))
    moves = [ReceiptMove(receipt=receipt.id, gone=True) for receipt in book.receipts]

    found = impact(book, moves, policy=Fifo())

    prices = {(row["order"], row["line"]): row["unit_price"] for row in rows(folder / "orders.csv")}
    waiting = loop(folder, set())
    expected = sum(
        (
            Decimal(prices[key]) * sum(day != date.max for day in days)
            for key, days in waiting.items()
        ),
        Decimal(0),
    )
    (value,) = found.totals.values
    assert (value.lost, value.worse) == (expected, expected)
    assert found.totals.units[0].lost == 222
    assert rescues(found) == ()
