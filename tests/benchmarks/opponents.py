"""What else one would use for the same job; each the natural solution, with equal answers."""

from __future__ import annotations

import importlib.util
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from tests.benchmarks.workload import Workload

Shares = Mapping[str, int]
"""What each order got."""

Work = Callable[[], Shares]

Make = Callable[["Workload"], AbstractContextManager[Work]]
"""Loads the data, and lets go of it in the end."""

TEXTBOOK_LIMIT = 100_000
"""Lines up to which the textbook loop ends in a reasonable time: it is quadratic for a SKU."""


@attrs.define
class _Line:
    order: str
    sku: str
    quantity: int


class _Batch:
    """Stock of a SKU that knows to which lines it is allocated, as textbooks model it."""

    def __init__(self, sku: str, quantity: int) -> None:
        self.sku = sku
        self.purchased = quantity
        self.allocations: list[tuple[_Line, int]] = []

    @property
    def available(self) -> int:
        return self.purchased - sum(quantity for _, quantity in self.allocations)

    def allocate(self, line: _Line, quantity: int) -> None:
        self.allocations.append((line, quantity))


@contextmanager
def textbook(workload: Workload) -> Iterator[Work]:
    """Each line, oldest first, looks through the batches of its SKU for what is available."""
    rows = sorted(workload.rows, key=lambda row: (row[3], row[0]))

    def work() -> Shares:
        batches = {sku: [_Batch(sku, units)] for sku, units in workload.stock.items()}
        shares = dict[str, int]()
        for order, sku, quantity, _, _ in rows:
            line = _Line(order, sku, quantity)
            wanted = quantity
            for batch in batches.get(sku, []):
                taken = min(wanted, batch.available)
                if taken:
                    batch.allocate(line, taken)
                    wanted -= taken
            shares[order] = quantity - wanted
        return shares

    yield work


@contextmanager
def sqlite(workload: Workload) -> Iterator[Work]:
    """A window function over an indexed table in memory."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE line (id TEXT PRIMARY KEY, sku TEXT, quantity INT, placed_at TEXT)")
    db.execute("CREATE TABLE stock (sku TEXT PRIMARY KEY, on_hand INT) WITHOUT ROWID")
    db.executemany(
        "INSERT INTO line VALUES (?, ?, ?, ?)",
        ((id_, sku, quantity, at.isoformat()) for id_, sku, quantity, at, _ in workload.rows),
    )
    db.executemany("INSERT INTO stock VALUES (?, ?)", workload.stock.items())
    db.execute("CREATE INDEX queue ON line (sku, placed_at, id, quantity)")
    query = _WINDOW.format(largest="max", smallest="min")
    with closing(db):
        yield lambda: dict(db.execute(query))


_WINDOW = """
    SELECT id, {largest}(0, {smallest}(quantity, on_hand - before)) FROM (
        SELECT id, line.sku, quantity, coalesce(on_hand, 0) AS on_hand,
            coalesce(sum(quantity) OVER (PARTITION BY line.sku ORDER BY placed_at, id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM line LEFT JOIN stock ON stock.sku = line.sku)
"""


@contextmanager
def pandas(workload: Workload) -> Iterator[Work]:
    """Sort, a running sum for each SKU, and arithmetic on columns."""
    pd = _library("pandas")
    lines = pd.DataFrame(_columns(workload))
    stock = pd.Series(workload.stock)

    def work() -> Shares:
        queue = lines.sort_values(["sku", "placed_at", "id"])
        before = queue.groupby("sku", sort=False)["quantity"].cumsum() - queue["quantity"]
        left = queue["sku"].map(stock).fillna(0).astype("int64") - before
        granted = left.clip(lower=0).clip(upper=queue["quantity"])
        return dict(zip(queue["id"].tolist(), granted.tolist(), strict=True))

    yield work


@contextmanager
def polars(workload: Workload) -> Iterator[Work]:
    """A lazy query: join, sort, a running sum over each SKU."""
    pl = _library("polars")
    lines = pl.DataFrame(_columns(workload))
    skus, units = list(workload.stock), list(workload.stock.values())
    stock = pl.DataFrame({"sku": skus, "on_hand": units})

    def work() -> Shares:
        before = pl.col("quantity").cum_sum().over("sku") - pl.col("quantity")
        left = pl.col("on_hand").fill_null(0) - before
        granted = pl.min_horizontal(left.clip(lower_bound=0), pl.col("quantity"))
        query = (
            lines.lazy()
            .join(stock.lazy(), on="sku", how="left")
            .sort("sku", "placed_at", "id")
            .select("id", granted.alias("granted"))
        )
        answer = query.collect()
        return dict(zip(answer["id"].to_list(), answer["granted"].to_list(), strict=True))

    yield work


@contextmanager
def duckdb(workload: Workload) -> Iterator[Work]:
    """A window function over columns in memory."""
    pd, db = _library("pandas"), _library("duckdb").connect()
    skus, units = list(workload.stock), list(workload.stock.values())
    db.register("lines", pd.DataFrame(_columns(workload)))
    db.register("levels", pd.DataFrame({"sku": skus, "on_hand": units}))
    db.execute("CREATE TABLE line AS SELECT * FROM lines")
    db.execute("CREATE TABLE stock AS SELECT * FROM levels")
    query = _WINDOW.format(largest="greatest", smallest="least")

    def work() -> Shares:
        answer = db.execute(query).fetchnumpy()
        ids, granted = answer.values()
        return dict(zip(ids.tolist(), granted.tolist(), strict=True))

    yield work


def opponents(workload: Workload) -> Iterator[tuple[str, Make | None]]:
    """Give those that are installed; None stands for one that is not, or would take hours."""
    small = len(workload.rows) <= TEXTBOOK_LIMIT
    yield "textbook loop, batches and lines as objects", textbook if small else None
    yield "SQLite, window function", sqlite
    for name, make, needs in (
        ("pandas", pandas, ("pandas",)),
        ("polars", polars, ("polars",)),
        ("DuckDB, window function", duckdb, ("duckdb", "pandas")),
    ):
        found = all(importlib.util.find_spec(each) is not None for each in needs)
        yield name, make if found else None


def _columns(workload: Workload) -> dict[str, list[Any]]:
    ids, skus, quantities, placed, _ = zip(*workload.rows, strict=True)
    return {
        "id": list(ids),
        "sku": list(skus),
        "quantity": list(quantities),
        "placed_at": list(placed),
    }


def _library(name: str) -> Any:  # noqa: ANN401 - a library that may not be installed
    return importlib.import_module(name)
