"""Workers and servers die in the middle of it, and nothing is oversold, lost or doubled."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread

import pytest

from backorderkit import Snapshot
from backorderkit.errors import UnavailableError
from backorderkit.sql import SqlStore
from backorderkit.storage import Store
from backorderkit.testing import HammerReport, hammer_processes, hammer_threads, hot_shop
from tests.postgres import Cluster
from tests.sql.conftest import Place

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def opened(url: str) -> SqlStore:
    return SqlStore(url)


def opened_at_last(url: str) -> SqlStore:
    """Open a store whose server may be down just now."""
    end = time.monotonic() + 60
    while True:
        try:
            return SqlStore(url)
        except UnavailableError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def closed(store: Store) -> None:
    assert isinstance(store, SqlStore)
    store.close()


def filled(url: str, start: Snapshot) -> str:
    SqlStore(url, start=start).close()
    return url


def check(report: HammerReport, url: str) -> None:
    assert report.problems == ()
    assert report.done == report.commands
    assert (report.oversold, report.lost, report.doubled) == (0, 0, 0)
    with SqlStore(url) as store:
        assert store.replayed(NOW) == store.snapshot(NOW)


@pytest.mark.parametrize("locks", [True, False])
def test_workers_are_killed(new_url: Place, *, locks: bool) -> None:
    url = filled(new_url(), hot_shop(cold=3))

    report = hammer_processes(
        partial(opened, url),
        workers=3,
        orders=12,
        cold=3,
        locks=locks,
        kill_every=25,
        close_store=closed,
    )

    check(report, url)
    assert report.killed >= 2


@pytest.mark.parametrize("locks", [True, False])
def test_threads_share_a_store(new_url: Place, *, locks: bool) -> None:
    url = filled(new_url(), hot_shop())

    with SqlStore(url) as store:
        report = hammer_threads(lambda: store, workers=4, orders=6, locks=locks)

    check(report, url)


def test_the_server_is_killed() -> None:
    with Cluster() as cluster:
        url = filled(cluster.new_database("shop"), hot_shop())
        over = Event()
        kills = 0

        def kill() -> None:
            nonlocal kills
            # Twice, while there is much left to do: whoever counts afterwards is not disturbed.
            while kills < 2 and not over.wait(1.5):
                cluster.kill()
                time.sleep(0.1)
                cluster.start()
                kills += 1

        killer = Thread(target=kill)
        killer.start()
        try:
            report = hammer_processes(
                partial(opened_at_last, url), workers=3, orders=60, close_store=closed
            )
        finally:
            over.set()
            killer.join()

        check(report, url)
        assert kills == 2
