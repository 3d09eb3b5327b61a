"""
Time workers on stores in SQL, beside a loop that somebody would write by hand.

    python -m tests.benchmarks.stores [--workers 8] [--commands 10000] [--kill-every 200]

Every run is audited: what is oversold, lost or done twice is counted in the store's own
history and state.  Commands a second are counted from the first to the last commit, so
starting processes does not count.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from backorderkit.sql import SqlStore
from backorderkit.storage import Store
from backorderkit.testing import HammerReport, hammer_processes, hot_shop
from tests.benchmarks.hand_written import fill, work
from tests.postgres import Cluster

_HEADER = (
    f"{'store':<12} {'way':<13} {'hot':>4} {'cold':>5} {'commands':>9} {'a second':>9}"
    f" {'retries':>8} {'killed':>7} {'oversold':>9} {'lost':>5} {'doubled':>8} {'ledger':>7}"
)


def main() -> None:
    """Time each store and way, on few SKUs and on one."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    given.add_argument("--workers", type=int, default=8)
    given.add_argument("--commands", type=int, default=10_000)
    given.add_argument("--kill-every", type=int, default=200)
    chosen = given.parse_args()
    print(_HEADER)
    with tempfile.TemporaryDirectory() as folder, Cluster(durable=True) as cluster:
        made = 0

        def new_url(kind: str) -> str:
            nonlocal made
            made += 1
            if kind == "sqlite":
                return f"sqlite:///{Path(folder)}/{made}.db"
            return cluster.new_database(f"shop-{made}")

        for hot, cold in ((5, 200), (1, 0)):
            # Time is told by short runs; whether all is well, by a long one with deaths.
            long = chosen.commands if cold else chosen.commands // 10
            short = max(chosen.workers, long // 5)
            runs = (
                (True, None, short),
                (False, None, short),
                (True, chosen.kill_every, long),
                (False, chosen.kill_every, short),
            )
            for kind in ("postgresql", "sqlite"):
                for locks, kill_every, commands in runs:
                    url = new_url(kind)
                    SqlStore(url, start=hot_shop(hot=hot, cold=cold)).close()
                    report = hammer_processes(
                        partial(SqlStore, url),
                        workers=chosen.workers,
                        orders=_orders(commands, chosen.workers),
                        hot=hot,
                        cold=cold,
                        locks=locks,
                        kill_every=kill_every,
                        close_store=_close,
                    )
                    _print(kind, "locks" if locks else "versions", (hot, cold), url, report)
                if kind == "postgresql":
                    orders = _orders(short, chosen.workers)
                    rate, done = _by_hand(new_url(kind), chosen.workers, orders, hot, cold)
                    row = f"{kind:<12} {'by hand':<13} {hot:>4} {cold:>5} {done:>9} {rate:>9.0f}"
                    print(row, flush=True)


def _orders(commands: int, workers: int) -> int:
    """Give how many orders a worker places: he asks 13 times for every 4."""
    return max(1, commands * 4 // 13 // workers)


def _close(store: Store) -> None:
    assert isinstance(store, SqlStore)
    store.close()


def _print(kind: str, way: str, skus: tuple[int, int], url: str, report: HammerReport) -> None:
    now = datetime.now(UTC)
    with SqlStore(url) as store:
        times = [made.as_of for made in store.history()]
        same = store.replayed(now) == store.snapshot(now)
    rate = len(times) / (max(times) - min(times)).total_seconds()
    hot, cold = skus
    print(
        f"{kind:<12} {way:<13} {hot:>4} {cold:>5} {report.done:>9} {rate:>9.0f}"
        f" {report.retries:>8} {report.killed:>7} {report.oversold:>9} {report.lost:>5}"
        f" {report.doubled:>8} {'same' if same else 'DIFFERS':>7}",
        *report.problems[:3],
        flush=True,
    )


def _by_hand(url: str, workers: int, orders: int, hot: int, cold: int) -> tuple[float, int]:
    """Let processes run the loop written by hand; give commands a second, and how many."""
    fill(url, hot, cold)
    job: Callable[[int], tuple[float, float, int]] = partial(
        work, url, workers=workers, orders=orders, hot=hot, cold=cold
    )
    with get_context("spawn").Pool(workers) as pool:
        spans: Sequence[tuple[float, float, int]] = pool.map(job, range(workers), chunksize=1)
    starts, ends, counts = zip(*spans, strict=True)
    return sum(counts) / (max(ends) - min(starts)), sum(counts)


if __name__ == "__main__":
    main()
