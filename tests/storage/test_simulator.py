"""Thousands of bad days end well, and a bug that is planted in one of them is found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest

from backorderkit import Snapshot, aio
from backorderkit.errors import ConflictError
from backorderkit.storage import Commit, Committed, MemoryStore, Store
from backorderkit.testing import SimulationReport, simulate, simulator
from tests.docs.blocks import ROOT
from tests.effort import EFFORT
from tests.laws.policies import POLICIES
from tests.storage.planted import BROKEN_SERVICES, BROKEN_STORES

SEEDS = 2000 * EFFORT
MOST = 1000
"""A bug is found within so many seeds."""

BUGS: dict[str, tuple[Callable[[Snapshot], Store], type[aio.Backorders]]] = {
    **{getattr(each, "__name__", ""): (each, aio.Backorders) for each in BROKEN_STORES},
    **{each.__name__: (MemoryStore, each) for each in BROKEN_SERVICES},
}


@pytest.mark.parametrize("first", range(0, SEEDS, 100))
def test_a_hundred_days_end_well(first: int) -> None:
    counts = Counter[str]()
    policies = sorted(POLICIES)
    for seed in range(first, first + 100):
        report = simulate(seed, policy=POLICIES[policies[seed % len(policies)]])
        assert not report.problems, (seed, report.problems, report.story)
        counts.update(
            done=report.done,
            refused=report.refused,
            retries=report.retries,
            faults=report.faults,
            crashes=report.crashes,
            again=report.deliveries - report.commands,
        )

    # They are bad days, on which much is done.
    assert min(counts.values()) > 100, counts


def days_noted() -> dict[str, int]:
    """Read the page that says how many days each bug takes."""
    page = (ROOT / "docs" / "explanation" / "laws.md").read_text("utf-8")
    return {
        bug: int(days) for bug, days in re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE)
    }


def test_the_page_lists_every_planted_bug() -> None:
    assert list(days_noted()) == list(BUGS)


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str) -> None:
    make_store, service = BUGS[bug]
    # Other commands, or another plan, may come to somewhat more days than are noted.
    most = min(MOST, 10 * days_noted()[bug])

    assert any(
        simulate(seed, make_store=make_store, service=service).problems for seed in range(most)
    )


def test_a_seed_is_the_same_day_in_every_process() -> None:
    code = (
        "from backorderkit.testing import simulate\n"
        "for seed in range(5): print(*simulate(seed).story, sep='\\n')"
    )
    days = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }

    assert len(days) == 1


def test_a_longer_day_with_many_workers() -> None:
    report: SimulationReport = simulate(1, commands=60, workers=8)

    assert report.problems == ()
    assert report.commands >= 60


def test_a_store_that_breaks_down_is_a_problem() -> None:
    class Broken(MemoryStore):
        def commit(self, commit: Commit, /) -> Committed:
            raise OSError("no such host")

    assert any("no such host" in problem for problem in simulate(1, make_store=Broken).problems)


def test_a_command_that_is_never_answered_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(MemoryStore):
        def commit(self, commit: Commit, /) -> Committed:
            raise ConflictError("somebody was faster")

    monkeypatch.setattr(simulator, "_MOST_DELIVERIES", 2)

    problems = [
        problem
        for seed in range(5)
        for problem in simulate(seed, make_store=Busy, commands=1).problems
    ]

    assert "command key-0 is never answered" in problems
