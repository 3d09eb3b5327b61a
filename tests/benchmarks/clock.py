"""Times one job beside another in one process."""

from __future__ import annotations

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
        mebibytes: The most memory that the process took so far.
    """

    nanoseconds: float
    ratio: float
    mebibytes: float


def compare(work: Callable[[], object], floor: Callable[[], object], lines: int) -> Reading:
    """Run both by turns, collector on, and compare their medians."""
    floors, works = [], []
    for _ in range(REPEATS):
        floors.append(seconds(floor))
        works.append(seconds(work))
    own = median(works)
    return Reading(own / lines * 1e9, own / median(floors), peak())


def seconds(work: Callable[[], object]) -> float:
    """Time one run; what it made is freed outside of the clock."""
    start = time.perf_counter()
    result = work()
    taken = time.perf_counter() - start
    del result
    return taken


def peak() -> float:
    """Give the most memory that the process ever took, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
