"""Books of open lines with a skewed popularity, as tuples and as values."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import attrs

from backorderkit import (
    LineId,
    Order,
    OrderId,
    OrderLine,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    StockLevel,
)

Row = tuple[str, str, int, datetime, int]
"""Order id, SKU, quantity, placed_at, priority."""

_START = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS = 30
_LINES_PER_SKU = 10


@attrs.frozen(kw_only=True)
class Workload:
    """
    Open lines over a tenth as many SKUs, and stock for some 60 % of the demand.

    Attributes:
        rows: One tuple for each line, in the order of their ids.
        stock: Units on hand by SKU.
    """

    rows: list[Row]
    stock: dict[str, int]

    def snapshot(self, *, receipts: int = 0) -> Snapshot:
        """Build the same book of values, one order for each line, with so many receipts a SKU."""
        as_of = _START + timedelta(days=_DAYS)
        return Snapshot(
            as_of=as_of,
            receipts=[
                ScheduledReceipt(
                    id=ReceiptId(f"PO-{sku}-{number:05d}"),
                    sku=Sku(sku),
                    quantity=max(1, units // receipts),
                    due=as_of + timedelta(days=number % 60, seconds=number),
                )
                for sku, units in self.stock.items()
                for number in range(receipts)
            ],
            stock=[StockLevel(sku=Sku(sku), on_hand=units) for sku, units in self.stock.items()],
            orders=list(map(order_of, self.rows)),
        )


def order_of(row: Row) -> Order:
    """Make an order of one line."""
    order, sku, quantity, placed_at, priority = row
    line = OrderLine(id=LineId("1"), sku=Sku(sku), ordered=quantity)
    return Order(id=OrderId(order), placed_at=placed_at, priority=priority, lines=(line,))


def make_workload(lines: int, *, skus: int | None = None, seed: int = 1) -> Workload:
    """Make a book of so many lines over so many SKUs, a tenth if absent; the same for a seed."""
    draw = random.Random(seed)
    count = max(1, lines // _LINES_PER_SKU) if skus is None else skus
    names = [f"SKU-{number:07d}" for number in range(count)]
    popularity = list(accumulate(1 / (place + 1) ** 0.8 for place in range(count)))
    rows: list[Row] = [
        (
            f"SO-{number:08d}",
            sku,
            draw.randint(1, 20),
            _START + timedelta(seconds=draw.randrange(_DAYS * 86_400)),
            draw.choice((1, 3, 5, 5, 5, 8)),
        )
        for number, sku in enumerate(draw.choices(names, cum_weights=popularity, k=lines))
    ]
    demand = dict[str, int]()
    for _, sku, quantity, _, _ in rows:
        demand[sku] = demand.get(sku, 0) + quantity
    stock = {sku: wanted * draw.randint(20, 100) // 100 for sku, wanted in demand.items()}
    return Workload(rows=rows, stock=stock)


def bare_fifo(rows: list[Row], stock: dict[str, int]) -> dict[str, int]:
    """Do the job on tuples: a bucket for each SKU, sorted by time, one loop."""
    buckets = dict[str, list[Row]]()
    for row in rows:
        bucket = buckets.get(row[1])
        if bucket is None:
            buckets[row[1]] = [row]
        else:
            bucket.append(row)
    granted = dict[str, int]()
    for sku, bucket in buckets.items():
        bucket.sort(key=_placed_at)
        left = stock.get(sku, 0)
        for order, _, quantity, _, _ in bucket:
            share = min(left, quantity)
            granted[order] = share
            left -= share
    return granted


def heap_states(workload: Workload) -> Iterator[tuple[str, Workload, Snapshot]]:
    """Give copies of a book that lie in memory as fresh and as long-running processes have it."""
    order = list(range(len(workload.rows)))
    yield "fresh", *_copied(workload, order)
    # Every second piece of what was there before is free, and the book fills the holes.
    rest = [bytes(20 + number % 400) for number in order]
    del rest[::2]
    yield "fragmented", *_copied(workload, order)
    del rest
    # Neighbours by id are strangers in memory.
    random.Random(2).shuffle(order)
    yield "scattered", *_copied(workload, order)


def _copied(workload: Workload, order: Iterable[int]) -> tuple[Workload, Snapshot]:
    """Make the rows and the values anew, one after another in some order of their places."""
    made: dict[int, Row] = {}
    for place in order:
        id_, sku, quantity, placed_at, priority = workload.rows[place]
        made[place] = (f"{id_}", sku, quantity, placed_at + timedelta(0), priority)
    snapshot = attrs.evolve(workload, rows=list(made.values())).snapshot()
    return attrs.evolve(workload, rows=[made[place] for place in sorted(made)]), snapshot


def _placed_at(row: Row) -> datetime:
    return row[3]
