"""Times one job beside another in one process, and takes its memory in a child."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from statistics import median

import attrs

REPEATS = 5


@attrs.frozen
class Reading:
    """
    What a job took.

    Attributes:
        nanoseconds: Median time for each line.
        ratio: Of the medians, to the job run beside it.
        mebibytes: How much more memory it took at its peak than was taken before;
            None for what brings threads of its own, which a child would wait for.
    """

    nanoseconds: float
    ratio: float
    mebibytes: float | None


def compare(
    work: Callable[[], object], floor: Callable[[], object], lines: int, *, threads: bool = False
) -> Reading:
    """Run both by turns, collector on, and compare their medians."""
    floors, works = [], []
    for _ in range(REPEATS):
        floors.append(seconds(floor))
        works.append(seconds(work))
    own = median(works)
    return Reading(own / lines * 1e9, own / median(floors), None if threads else peak(work))


def seconds(work: Callable[[], object]) -> float:
    """Time one run; what it made is freed outside of the clock."""
    start = time.perf_counter()
    result = work()
    taken = time.perf_counter() - start
    del result
    return taken


def peak(work: Callable[[], object]) -> float:
    """Give how many MiB a run adds to the memory of a process, measured in a child."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = work()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(theirs, str(after - before).encode())
        del result
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    text = os.read(ours, 64)
    os.close(ours)
    return int(text or b"0") / 1024
