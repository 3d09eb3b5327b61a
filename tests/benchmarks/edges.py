"""What it costs to come in and to go out: validation, documents, memory."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import attrs

from backorderkit import Book, Order, OrderLine, Snapshot
from backorderkit.formats import dumps_snapshot, read_snapshot, write_snapshot
from tests.benchmarks.workload import Workload, order_of

Edge = tuple[str, Callable[[], object]]


def unchecked_class(checked: type) -> type:
    """Make a frozen attrs class of the same fields that checks nothing."""
    fields = {
        each.name: attrs.field(default=each.default, converter=each.converter)
        for each in attrs.fields(checked)
    }
    return attrs.make_class(f"Unchecked{checked.__name__}", fields, frozen=True, kw_only=True)


def builders(workload: Workload) -> dict[str, Callable[[], object]]:
    """Build the same values with and without checks."""
    line_class, order_class = unchecked_class(OrderLine), unchecked_class(Order)

    def unchecked() -> object:
        return [
            order_class(
                id=order,
                placed_at=placed_at,
                priority=priority,
                lines=(line_class(id="1", sku=sku, ordered=quantity),),
            )
            for order, sku, quantity, placed_at, priority in workload.rows
        ]

    def checked() -> object:
        return list(map(order_of, workload.rows))

    return {"values without checks": unchecked, "values": checked}


def documents(snapshot: Snapshot, folder: Path) -> Iterator[Edge]:
    """Write a snapshot as documents, and give what reads them."""
    path = folder / "book.json"
    write_snapshot(snapshot, path)
    write_snapshot(snapshot, f"{folder}/book/")
    yield "json.loads alone", lambda: json.loads(path.read_bytes())
    yield "read_snapshot, JSON", lambda: read_snapshot(path)
    yield "read_snapshot, CSV", lambda: read_snapshot(folder / "book", as_of=snapshot.as_of)
    yield "dumps_snapshot, JSON", lambda: dumps_snapshot(snapshot)


def bytes_per_line(workload: Workload) -> Iterator[tuple[str, float]]:
    """Tell the memory of a book's values, part by part, for each line."""
    count = len(workload.rows)
    row = workload.rows[0]
    yield "id of the order (text)", sys.getsizeof(row[0])
    yield "placed_at", sys.getsizeof(row[3])
    yield "Order, and its tuple of lines", sys.getsizeof(order_of(row)) + sys.getsizeof((1,))
    yield "OrderLine", sys.getsizeof(order_of(row).lines[0])
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    fresh = [
        (f"{order}", sku, quantity, placed_at + timedelta(0), priority)
        for order, sku, quantity, placed_at, priority in workload.rows
    ]
    snapshot = attrs.evolve(workload, rows=fresh).snapshot()
    del fresh
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield "all values together", (after - before) / count
    tracemalloc.start()
    book = Book.of(snapshot)
    index, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield "index of a prepared book", index / count
    del book
