"""What one event costs on a prepared book, for a usual SKU and for the largest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

from backorderkit import Book, Fifo, Order, Plan, Sku, StockLevel, plan
from tests.benchmarks.clock import seconds
from tests.benchmarks.workload import Workload

_REPEATS = 15


def event_costs(workload: Workload) -> Iterator[tuple[str, float]]:
    """Give microseconds for events and for the plans after them."""
    # Events come to a book that was planned before, so that only their own news is told.
    book = Book.of(plan(workload.snapshot(), policy=Fifo()).outcome)
    lines = Counter(row[1] for row in workload.rows)
    by_size = sorted(lines, key=lambda sku: (lines[sku], sku))
    for name, text in (("median", by_size[len(by_size) // 2]), ("largest", by_size[-1])):
        sku = Sku(text)
        of = f"{name} SKU, {lines[text]:,} lines"
        level = StockLevel(sku=sku, on_hand=workload.stock[text] + 30)
        order = Order.of("NEW", "2026-01-20", {text: 3})
        after = book.with_stock(level)
        replan = partial(plan, after, policy=Fifo(), skus=[text])
        yield f"{of}: a delivery", _microseconds(partial(book.with_stock, level))
        yield f"{of}: an order", _microseconds(partial(book.with_order, order))
        yield f"{of}: the plan after it", _microseconds(replan)
        yield f"{of}: and its changes", _microseconds(partial(_changes, replan))


def _changes(replan: Callable[[], Plan]) -> object:
    return replan().changes


def _microseconds(work: Callable[[], object]) -> float:
    return median(seconds(work) for _ in range(_REPEATS)) * 1e6
