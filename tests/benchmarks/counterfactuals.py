"""
Time what it would take that lines of the most popular SKU are served, in a large book.

    python -m tests.benchmarks.counterfactuals [LINES]     (100,000 if absent)

Each lever is timed alone, on the first line that waits and on the last, in ratio to one plan
of that SKU.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import attrs

from backorderkit import (
    AllocationPolicy,
    Book,
    FairShare,
    Fifo,
    Priority,
    Shipping,
    ShipRule,
    Sku,
    plan,
)
from backorderkit.promising import LEVERS, what_would_it_take
from tests.benchmarks.workload import make_workload

_POLICIES: dict[str, AllocationPolicy] = {
    "fifo": Fifo(),
    "priority": Priority(),
    "fair-share": FairShare(),
    "whole lines": Shipping(Fifo(), rule=ShipRule(whole=True)),
}


def main() -> None:
    """Time each policy and lever."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    given.add_argument("lines", nargs="?", type=int, default=100_000)
    workload = make_workload(given.parse_args().lines)
    counts = Counter(row[1] for row in workload.rows)
    sku = Sku(max(counts, key=lambda name: (counts[name], name)))
    book = _spread(Book.of(workload.snapshot(receipts=3)), sku)
    by = book.as_of + timedelta(days=2)
    print(f"{len(workload.rows):,} lines, {counts[sku]:,} of the SKU {sku}")
    print(f"{'policy':<12} {'line':<6} {'lever':<16} {'ms':>9} {'plans':>7}  answer")
    placed = {row[0]: row[3] for row in workload.rows}
    for name, policy in _POLICIES.items():
        one = min(_timed(partial(_plan, book, policy, sku)) for _ in range(3))
        print(f"{name:<12} {'':<6} {'one plan':<16} {one * 1e3:>9.1f} {1:>7}")
        late = [
            line
            for line in plan(book, policy=policy, skus=[sku]).lines
            if line.backordered
            > sum(promise.quantity for promise in line.promises if promise.due <= by)
        ]
        late.sort(key=lambda line: (placed[line.order], line.order))
        for which, line in (("first", late[0]), ("last", late[-1])):
            for lever in LEVERS:
                ask = partial(what_would_it_take, book, line.order, line.line, policy=policy, by=by)
                seconds = _timed(partial(ask, levers=[lever]))
                row = f"{name:<12} {which:<6} {lever.kind:<16} {seconds * 1e3:>9.1f}"
                said = ask(levers=[lever]).sentences[0]
                print(f"{row} {seconds / one:>7.1f}  {said}", flush=True)


def _spread(book: Book, sku: Sku) -> Book:
    """Let the receipts of the SKU come one after the other, five days apart."""
    receipts = book.part([sku]).receipts
    for number, receipt in enumerate(receipts, start=1):
        due = book.as_of + timedelta(days=5 * number)
        book = book.with_receipt(attrs.evolve(receipt, due=due))
    return book


def _plan(book: Book, policy: AllocationPolicy, sku: Sku) -> tuple[int, ...]:
    return plan(book, policy=policy, skus=[sku]).granted


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
