"""
Time planning beside the bare loop in one process, collector on, answers asserted equal.

    python -m tests.benchmarks [LINES ...]     (10,000, 100,000 and 1,000,000 if absent)
    python -m tests.benchmarks 1000000 --only plan

Quote the ratios: absolute times are this machine's.  What is not installed is
left out; ``python -m pip install --group bench`` installs all of it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from backorderkit import AllocationPolicy, Demand, FairShare, Fifo, Priority, Snapshot, plan
from tests.benchmarks.clock import REPEATS, compare, peak, seconds
from tests.benchmarks.edges import builders, bytes_per_line, documents
from tests.benchmarks.events import event_costs
from tests.benchmarks.imports import report_imports
from tests.benchmarks.opponents import opponents
from tests.benchmarks.workload import Workload, bare_fifo, heap_states, make_workload

SIZES = (10_000, 100_000, 1_000_000)
RECEIPTS = 10
_HEADER = f"{'lines':>9}  {'job':<46} {'ns/line':>8} {'ratio':>6} {'peak MiB':>9}"
_IN_HEAPS = "FIFO: a plan, heap"

Job = tuple[str, Callable[[], object]]


class OwnFifo:
    """FIFO as a host would write it: with demands, and without knowing how plans hold them."""

    name = "an own policy"

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Fill the oldest first."""
        shares = [0] * len(demands)
        for place, demand in sorted(enumerate(demands), key=lambda each: each[1].fifo_key):
            shares[place] = min(demand.limit, supply)
            supply -= shares[place]
        return shares


POLICIES: tuple[AllocationPolicy, ...] = (
    Fifo(),
    Priority(),
    FairShare(rule="equal"),
    FairShare(),
    FairShare(rule="equal-losses"),
    OwnFifo(),
)


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("lines", type=int, nargs="*", default=SIZES)
    parser.add_argument("--only", default="", help="run the jobs whose names hold this text")
    arguments = parser.parse_args()
    report_imports()
    print(f"Python {sys.version.split()[0]}, median of {REPEATS}, collector on\n{_HEADER}")
    for lines in arguments.lines:
        measure(make_workload(lines), arguments.only)


def measure(workload: Workload, only: str = "") -> None:
    """Print jobs on one book, each beside runs of the bare loop by turns with it."""
    lines = len(workload.rows)

    def floor() -> object:
        return bare_fifo(workload.rows, workload.stock)

    _print(lines, "bare loop on tuples, FIFO", seconds(floor) / lines * 1e9, 1.0, peak())
    with tempfile.TemporaryDirectory() as folder:
        for name, work in jobs(workload, Path(folder)):
            if only not in name:
                continue
            reading = compare(work, floor, lines)
            _print(lines, name, reading.nanoseconds, reading.ratio, reading.mebibytes)
    if only in _IN_HEAPS:
        measure_heaps(workload)
    expected = bare_fifo(workload.rows, workload.stock)
    for name, make in opponents(workload):
        if make is None or only not in name:
            continue
        with make(workload) as work:
            if work() != expected:
                sys.exit(f"{name} and the bare loop disagree")
            reading = compare(work, floor, lines)
        _print(lines, name, reading.nanoseconds, reading.ratio, reading.mebibytes)
    for name, microseconds in event_costs(workload) if not only or only in "event" else ():
        print(f"{lines:>9,}  {name:<46} {microseconds:>8.0f} microseconds", flush=True)
    for part, size in bytes_per_line(workload) if not only else ():
        print(f"{lines:>9,}  {part:<46} {size:>8.0f} bytes")


def measure_heaps(workload: Workload) -> None:
    """Print what a plan costs where the book lies in memory in another way."""
    for state, book, snapshot in heap_states(workload):
        reading = compare(
            partial(plan, snapshot, policy=Fifo()),
            partial(bare_fifo, book.rows, book.stock),
            len(book.rows),
        )
        name = f"{_IN_HEAPS}, {state}"
        _print(len(book.rows), name, reading.nanoseconds, reading.ratio, reading.mebibytes)


def jobs(workload: Workload, folder: Path) -> Iterator[Job]:
    """Give what is timed, one by one, so that what one needs is gone before the next."""
    snapshot = workload.snapshot()
    got = {line.order: line.allocated for line in plan(snapshot, policy=Fifo()).lines}
    if got != bare_fifo(workload.rows, workload.stock):
        sys.exit("the plan and the bare loop disagree")
    del got
    for policy in POLICIES:
        yield from planning(snapshot, policy)
    yield from documents(snapshot, folder)
    del snapshot
    yield from builders(workload).items()
    coming = workload.snapshot(receipts=RECEIPTS)
    for name, work in planning(coming, Fifo()):
        yield f"{RECEIPTS} receipts a SKU, {name}", work


def planning(snapshot: Snapshot, policy: AllocationPolicy) -> Iterator[Job]:
    """Give the steps of a plan."""
    name = getattr(policy, "name", type(policy).__name__)
    yield f"{name}: a plan", lambda: plan(snapshot, policy=policy)
    if isinstance(policy, Fifo):
        yield f"{name}: all granted quantities", lambda: plan(snapshot, policy=policy).granted
    yield f"{name}: every change", lambda: plan(snapshot, policy=policy).changes


def _print(lines: int, job: str, nanoseconds: float, ratio: float, memory: float) -> None:
    print(f"{lines:>9,}  {job:<46} {nanoseconds:>8.0f} {ratio:>6.2f} {memory:>9.0f}", flush=True)


if __name__ == "__main__":
    main()
