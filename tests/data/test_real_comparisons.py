"""Two plans of real order books, against a loop that shares no code with us."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm
from pathlib import Path

import pytest

from backorderkit import FairShare, Fifo, plan
from backorderkit.formats import read_snapshot
from backorderkit.model import read_time
from backorderkit.promising import compare

Key = tuple[str, str]
Row = dict[str, str]
Dates = dict[Key, list[date]]
"""When each unit of a line comes: in the year 1 it is there already, in 9999 nobody knows."""
Next = Callable[[list[Row], Counter[Key]], Row]
BOOKS = [
    pytest.param("northwind", "1998-05-06", id="northwind"),
    pytest.param("wwi_2013/snapshot_2013-12-31", "2013-12-31T12:30:00Z", id="wwi_2013"),
]


def rows(path: Path) -> Iterator[Row]:
    with path.open("rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def key_of(row: Row) -> Key:
    return row["order"], row["line"]


def oldest(row: Row) -> tuple[str, str, str]:
    return row["placed_at"], row["order"], row["line"]


def claim(row: Row) -> int:
    return int(row["ordered"])


def first_come(waiting: list[Row], _: Counter[Key]) -> Row:
    return min(waiting, key=oldest)


def most_owed(waiting: list[Row], got: Counter[Key]) -> Row:
    """Webster: the largest claim / (2 x got + 1) is next."""
    return min(
        waiting, key=lambda row: (-Fraction(claim(row), 2 * got[key_of(row)] + 1), oldest(row))
    )


def loop(folder: Path, next_: Next) -> Dates:
    """Hand out every unit of every SKU by itself."""
    supply = defaultdict[str, list[date]](list)
    for row in rows(folder / "stock.csv"):
        supply[row["sku"]] += [date.min] * max(0, int(row["on_hand"]) - int(row["safety_stock"]))
    receipts = sorted(rows(folder / "receipts.csv"), key=lambda row: (row["due"], row["id"]))
    for row in receipts:
        supply[row["sku"]] += [date.fromisoformat(row["due"][:10])] * int(row["quantity"])
    of_sku = defaultdict[str, list[Row]](list)
    dates: Dates = {}
    for row in rows(folder / "orders.csv"):
        assert (row["shipped"], row["cancelled"], row["location"]) == ("0", "0", "")
        of_sku[row["sku"]].append(row)
        dates[key_of(row)] = []
    for sku, lines in of_sku.items():
        got = Counter[Key]()
        waiting = list(lines)
        for day in supply[sku]:
            if not waiting:
                break
            row = next_(waiting, got)
            got[key_of(row)] += 1
            dates[key_of(row)].append(day)
            if got[key_of(row)] == claim(row):
                waiting.remove(row)
        for row in waiting:
            dates[key_of(row)] += [date.max] * (claim(row) - got[key_of(row)])
    return dates


def indexes(ratios: list[Fraction]) -> tuple[Fraction, Fraction]:
    """Take every pair; in whole numbers, since neither index depends on the scale."""
    scale = lcm(*(ratio.denominator for ratio in ratios))
    whole = [int(ratio * scale) for ratio in ratios]
    n, total = len(whole), sum(whole)
    gaps = sum(abs(x - y) for x in whole for y in whole)
    return Fraction(total**2, n * sum(x * x for x in whole)), Fraction(gaps, 2 * n * total)


@pytest.mark.parametrize(("name", "as_of"), BOOKS)
def test_first_come_against_fair_share_agrees_with_the_loop(
    data_folder: Path, name: str, as_of: str
) -> None:
    folder = data_folder / name
    book = read_snapshot(folder, as_of=read_time(as_of))

    found = compare(plan(book, policy=Fifo()), plan(book, policy=FairShare()))

    was, now = loop(folder, first_come), loop(folder, most_owed)
    orders = {key_of(row): row for row in rows(folder / "orders.csv")}
    sooner = later = 0
    value: Counter[str] = Counter()
    verdicts = Counter[str]()
    for line in found.lines:
        key = line.order, line.line
        better = sum(new < old for old, new in zip(was[key], now[key], strict=True))
        worse = sum(new > old for old, new in zip(was[key], now[key], strict=True))
        assert (line.sooner, line.later) == (better, worse)
        sooner, later = sooner + better, later + worse
        verdicts[line.verdict] += 1
        price = Decimal(orders[key]["unit_price"])
        value["sooner"] += int(100 * price * better)
        value["later"] += int(100 * price * worse)
    assert len(found.lines) == len(orders)
    (units,), (values,) = found.totals.units, found.totals.values
    assert (units.sooner, units.later) == (sooner, later)
    assert 100 * values.sooner == value["sooner"]
    assert 100 * values.later == value["later"]
    assert (found.totals.wins, found.totals.loses, found.totals.mixed) == (
        *(verdicts["wins"], verdicts["loses"], verdicts["mixed"]),
    )
    today = read_time(as_of).date()
    for side, dates in (("one", was), ("other", now)):
        planned, price_of = getattr(units, side), getattr(values, side)
        flat = [(key, day) for key, days in dates.items() for day in days]
        kinds = Counter(
            "allocated" if day == date.min else "missing" if day == date.max else "promised"
            for _, day in flat
        )
        for kind in ("allocated", "promised", "missing"):
            assert getattr(planned, kind) == kinds[kind]
        late = [
            (key, day, (max(day, today) - date.fromisoformat(orders[key]["requested"][:10])).days)
            for key, day in flat
            if orders[key]["requested"]
        ]
        assert planned.late == sum(by > 0 for _, _, by in late)
        assert planned.unit_days_late == sum(by for _, day, by in late if by > 0 and day < date.max)
        assert price_of.late == sum(
            (Decimal(orders[key]["unit_price"]) for key, _, by in late if by > 0), Decimal(0)
        )
    assert sooner > 0
    assert later > 0


@pytest.mark.parametrize(("name", "as_of"), BOOKS)
def test_fairness_of_real_books_agrees_with_the_loop(
    data_folder: Path, name: str, as_of: str
) -> None:
    folder = data_folder / name
    book = read_snapshot(folder, as_of=read_time(as_of))

    found = compare(plan(book, policy=Fifo()), plan(book, policy=FairShare()))

    said = {f"{each.of}, {each.counting}": each for each in found.fairness}
    orders = {key_of(row): row for row in rows(folder / "orders.csv")}
    for side, next_ in (("one", first_come), ("other", most_owed)):
        dates = loop(folder, next_)
        for counting, until in (("allocated", date(2, 1, 1)), ("promised", date.max)):
            fills, claims = Counter[str](), Counter[str]()
            ratios: list[Fraction] = []
            for key, days in dates.items():
                filled = sum(day < until for day in days)
                ratios.append(Fraction(filled, len(days)))
                fills[orders[key]["customer"]] += filled
                claims[orders[key]["customer"]] += len(days)
            of_lines = getattr(said[f"lines, {counting}"], side)
            assert (of_lines.jain, of_lines.gini) == indexes(ratios)
            of_customers = getattr(said[f"customers, {counting}"], side)
            shares = [Fraction(fills[each], claims[each]) for each in claims]
            assert (of_customers.jain, of_customers.gini) == indexes(shares)
    by_line = said["lines, allocated"]
    assert by_line.one.jain is not None
    assert by_line.other.jain is not None
    assert by_line.other.jain > by_line.one.jain
