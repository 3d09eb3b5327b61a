"""
Time 1,000 questions about what can be promised, in a large book.

    python -m tests.benchmarks.availability [LINES ...]     (10,000 and 1,000,000 if absent)

Each SKU is asked about twice: the first answer plans its lines, the second is known.  The
floor beside it sums the same lines up in a bare loop.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from datetime import timedelta
from statistics import median

from backorderkit import AllocationPolicy, Book, FairShare, Fifo, Priority
from backorderkit.promising import Availability
from tests.benchmarks.workload import make_workload

_QUESTIONS = 1000
_POLICIES: dict[str, AllocationPolicy] = {
    "fifo": Fifo(),
    "priority": Priority(),
    "fair-share": FairShare(),
}


def main() -> None:
    """Time each policy on each book."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    given.add_argument("lines", nargs="*", type=int, default=[10_000, 1_000_000])
    head = f"{'lines':>9}  {'policy':<10}  {'first, us':>9}  {'worst, ms':>9}  {'again, us':>9}"
    print(f"{head}  {'to the bare loop':>16}")
    for lines in given.parse_args().lines:
        workload = make_workload(lines)
        book = Book.of(workload.snapshot(receipts=3))
        counts = Counter(row[1] for row in workload.rows)
        names = sorted(counts)
        asked = random.Random(1).sample(names, min(_QUESTIONS, len(names)))
        asked.append(max(counts, key=lambda sku: (counts[sku], sku)))
        wanted = dict[str, list[tuple[str, int]]]()
        for order, sku, quantity, *_ in workload.rows:
            wanted.setdefault(sku, []).append((order, quantity))
        started = time.perf_counter()
        for sku in asked:
            left = workload.stock.get(sku, 0)
            for _, quantity in sorted(wanted[sku]):
                left -= min(left, quantity)
        floor = time.perf_counter() - started
        for name, policy in _POLICIES.items():
            available = Availability.of(book, policy=policy)
            first = _asked(available, asked)
            again = _asked(available, asked)
            row = f"{lines:>9,}  {name:<10}  {median(first) * 1e6:>9.0f}  {max(first) * 1e3:>9.1f}"
            print(f"{row}  {median(again) * 1e6:>9.1f}  {sum(first) / floor:>16.1f}", flush=True)


def _asked(available: Availability, skus: list[str]) -> list[float]:
    """Ask what can be had in ten days, and give the time of each answer in seconds."""
    date = available.as_of + timedelta(days=10)
    times = []
    for sku in skus:
        started = time.perf_counter()
        available.by(sku, date)
        times.append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    main()
