"""
Time checking a plan beside making it, in one process.

    python -m tests.benchmarks.checks [LINES]     (200,000 if absent)
"""

from __future__ import annotations

import sys
from itertools import pairwise
from time import process_time

from backorderkit import FairShare, Fifo, plan
from backorderkit.checking import check_plan
from backorderkit.formats import dumps_plan, loads_plan
from tests.benchmarks.workload import make_workload

LINES = 200_000


def main() -> None:
    """Print the seconds of each step, and their ratios."""
    workload = make_workload(int(sys.argv[1]) if len(sys.argv) > 1 else LINES)
    for receipts in (0, 1):
        snapshot = workload.snapshot(receipts=receipts)
        for policy in (Fifo(), FairShare()):
            # Processor time: what else runs on the machine is not ours.
            marks = [process_time()]
            made = plan(snapshot, policy=policy)
            marks.append(process_time())
            said = made.changes, made.lines, made.totals
            marks.append(process_time())
            text = dumps_plan(made)
            marks.append(process_time())
            read = loads_plan(text, snapshot=snapshot)
            marks.append(process_time())
            found = check_plan(snapshot, read)
            marks.append(process_time())
            if not found.holds or len(said[1]) != len(read.lines):
                sys.exit(f"{policy.name}: {found.faults[:3]}")
            took = [after - before for before, after in pairwise(marks)]
            decide, say, write, load, check = took
            print(
                f"{len(read.lines):>9,} lines, {receipts} receipts a SKU, {policy.name}:"
                f" decide {decide:.2f} s, say all {say:.2f}, write {write:.2f}, read {load:.2f},"
                f" check {check:.2f}; check / (decide + say all) {check / (decide + say):.2f},"
                f" read + check / (decide + say all + write)"
                f" {(load + check) / (decide + say + write):.2f}, check / decide"
                f" {check / decide:.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
