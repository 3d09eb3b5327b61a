"""
Time a delivery of one SKU by the service, in shops of different size.

    python -m tests.benchmarks.receipts [LINES ...]     (10,000 and 1,000,000 if absent)

The SKU is as popular in each shop: it has as many open lines, or nearly.  So the time
should not grow with the shop.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from statistics import median

from backorderkit import Fifo, ReceiveStock, Sku, Snapshot, plan
from backorderkit.service import Backorders
from backorderkit.sql import SqlStore
from backorderkit.storage import MemoryStore, Store
from tests.benchmarks.workload import make_workload
from tests.postgres import Cluster

_LINES = (10, 1000)
"""How many lines the SKU has that is delivered, about."""

_TIMES = 30


def main() -> None:
    """Time each store on each shop."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    given.add_argument("lines", nargs="*", type=int, default=[10_000, 1_000_000])
    print(
        f"{'lines':>9}  {'store':<10}  {'lines of the SKU':>16}  {'ms a delivery':>13}  filled in"
    )
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster:
        for lines in given.parse_args().lines:
            workload = make_workload(lines)
            snapshot = plan(workload.snapshot(), policy=Fifo()).outcome
            counts = Counter(row[1] for row in workload.rows)
            makers: dict[str, Callable[[Snapshot], Store]] = {
                "memory": MemoryStore,
                "sqlite": lambda start, lines=lines: SqlStore(  # type: ignore[misc]
                    f"sqlite:///{folder}/{lines}.db", start=start
                ),
                "postgresql": lambda start, lines=lines: SqlStore(  # type: ignore[misc]
                    cluster.new_database(f"shop-{lines}"), start=start
                ),
            }
            for name, make in makers.items():
                started = time.perf_counter()
                store = make(snapshot)
                filled = time.perf_counter() - started
                for size in _LINES:
                    sku = min(counts, key=lambda sku: (abs(counts[sku] - size), sku))
                    taken = _delivered(store, Sku(sku))
                    row = f"{lines:>9,}  {name:<10}  {counts[sku]:>10,}  {taken:>13.2f}"
                    print(f"{row}  {filled:.0f} s", flush=True)
                if isinstance(store, SqlStore):
                    store.close()


def _delivered(store: Store, sku: Sku) -> float:
    """Deliver one unit at a time, and give the median time of one in milliseconds."""
    shop = Backorders(store, policy=Fifo())
    times = []
    for number in range(_TIMES):
        started = time.perf_counter()
        shop.do(ReceiveStock(sku=sku, quantity=1), key=f"{sku}-{number}")
        times.append(time.perf_counter() - started)
    return median(times) * 1000


if __name__ == "__main__":
    main()
