"""Many workers lose and oversell nothing, dead or alive; and what is wrong is counted."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import pytest

from backorderkit.storage import Commit, Committed, Loaded, MemoryStore, Store, Wanted
from backorderkit.testing import hammer_processes, hammer_threads, hot_shop
from tests.storage.files import FileStore, ForgetfulFileStore, break_down, end_at_once
from tests.storage.test_races import Naive

ORDERS = 8
COMMANDS = ORDERS * 3 + ORDERS // 4


def test_threads() -> None:
    store = MemoryStore(hot_shop())
    closed = list[Store]()

    report = hammer_threads(lambda: store, workers=4, orders=ORDERS, close_store=closed.append)

    assert report.problems == ()
    assert (report.done, report.commands) == (4 * COMMANDS, 4 * COMMANDS)
    assert (report.lost, report.doubled, report.oversold, report.killed) == (0, 0, 0, 0)
    assert len(closed) == 4 + 1


@pytest.mark.parametrize("kill_every", [None, 12])
def test_processes(tmp_path: Path, kill_every: int | None) -> None:
    path = tmp_path / "shop"
    FileStore(path).create(hot_shop())

    report = hammer_processes(partial(FileStore, path), orders=ORDERS, kill_every=kill_every)

    assert report.problems == ()
    assert (report.done, report.commands) == (2 * COMMANDS, 2 * COMMANDS)
    assert report.killed >= (2 if kill_every else 0)


class Slow(Naive):
    """Is naive, and takes its time, so that somebody is always in between."""

    def commit(self, commit: Commit, /) -> Committed:
        time.sleep(0.001)
        return super().commit(commit)

    def load(self, wanted: Wanted, /) -> Loaded:
        found = super().load(wanted)
        time.sleep(0.001)
        return found


class Doubling(MemoryStore):
    """Writes some commits into the history again."""

    def commit(self, commit: Commit, /) -> Committed:
        made = super().commit(commit)
        if commit.key.endswith("5-ship"):
            self._commits.append(made)
        return made


def test_what_naive_stores_do_is_counted() -> None:
    store = Slow(hot_shop())

    report = hammer_threads(lambda: store, orders=ORDERS)

    assert report.problems


def test_what_is_done_twice_is_counted() -> None:
    store = Doubling(hot_shop())

    assert hammer_threads(lambda: store, workers=2, orders=6).doubled == 2


def test_what_is_lost_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "shop"
    FileStore(path).create(hot_shop())

    report = hammer_threads(partial(ForgetfulFileStore, path), workers=1, orders=ORDERS)

    assert report.lost >= 1
    assert any("is lost" in problem for problem in report.problems)


def test_a_worker_that_breaks_down_is_named() -> None:
    calls = list[int]()

    def open_store() -> Store:
        calls.append(1)
        return break_down() if len(calls) == 1 else MemoryStore(hot_shop())

    report = hammer_threads(open_store, workers=1, orders=1)

    assert "a worker broke down at the start: OSError('no such host')" in report.problems
    assert "4 commands are not done" in report.problems


def test_a_process_that_ends_is_named(tmp_path: Path) -> None:
    FileStore(tmp_path / "shop").create(hot_shop())

    report = hammer_processes(partial(open_in, tmp_path, os.getpid()), workers=1, orders=1)

    assert "a worker ended with code 3" in report.problems


def open_in(path: Path, parent: int) -> FileStore:
    """End the process, if it is not that of the test."""
    return FileStore(path / "shop") if os.getpid() == parent else end_at_once()
