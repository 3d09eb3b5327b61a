"""
Time planning beside the bare loop in one process, collector on.

    python -m tests.benchmarks [LINES ...]     (10,000, 100,000 and 1,000,000 if absent)

Quote the ratios: absolute times are this machine's.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from statistics import median

from backorderkit import AllocationPolicy, FairShare, Fifo, Priority, Snapshot, plan
from tests.benchmarks.imports import report_imports
from tests.benchmarks.workload import Workload, bare_fifo, make_workload

SIZES = (10_000, 100_000, 1_000_000)
POLICIES: tuple[AllocationPolicy, ...] = (
    Fifo(),
    Priority(),
    FairShare(rule="equal"),
    FairShare(),
    FairShare(rule="equal-losses"),
)
_REPEATS = 5
_HEADER = f"{'lines':>9}  {'job':<36} {'ns/line':>8} {'ratio':>6} {'peak MiB':>9}"


def main() -> None:
    """Print a table: time per line, ratio to the bare loop, peak memory so far."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("lines", type=int, nargs="*", default=SIZES)
    lines_of_runs = parser.parse_args().lines
    report_imports()
    print(f"Python {sys.version.split()[0]}, median of {_REPEATS}, collector on\n{_HEADER}")
    for lines in lines_of_runs:
        workload = make_workload(lines)
        measure(workload, workload.snapshot())


def measure(workload: Workload, snapshot: Snapshot) -> None:
    """Time every policy on one book, each beside a fresh run of the bare loop."""
    lines = len(workload.rows)
    expected = bare_fifo(workload.rows, workload.stock)
    got = {line.order: line.allocated for line in plan(snapshot, policy=Fifo()).lines}
    if got != expected:
        sys.exit("the plan and the bare loop disagree")
    floor = _seconds(lambda: bare_fifo(workload.rows, workload.stock))
    _report(lines, "bare loop on tuples, FIFO", floor, floor)
    for policy in POLICIES:
        name = getattr(policy, "name", type(policy).__name__)
        for job, work in (
            (f"{name}: plan", _planning(snapshot, policy)),
            (f"{name}: plan, every change", _changing(snapshot, policy)),
        ):
            floor = _seconds(lambda: bare_fifo(workload.rows, workload.stock))
            _report(lines, job, _seconds(work), floor)


def _planning(snapshot: Snapshot, policy: AllocationPolicy) -> Callable[[], object]:
    return lambda: plan(snapshot, policy=policy)


def _changing(snapshot: Snapshot, policy: AllocationPolicy) -> Callable[[], object]:
    return lambda: plan(snapshot, policy=policy).changes


def _seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
        # Freed outside of the clock, as the bare loop's result is.
        del result
    return median(times)


def _report(lines: int, job: str, seconds: float, floor: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    nanoseconds = seconds / lines * 1e9
    print(f"{lines:>9,}  {job:<36} {nanoseconds:>8.0f} {seconds / floor:>6.2f} {peak:>9.0f}")


if __name__ == "__main__":
    main()
