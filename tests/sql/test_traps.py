"""Traps that were measured, each with the store beside it that does not step into it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Event, Thread

import psycopg
import pytest
from sqlalchemy import Connection, event, select
from sqlalchemy.dialects import sqlite

from backorderkit import (
    Allocated,
    Fifo,
    Item,
    Order,
    OrderId,
    PlaceOrder,
    ReceiveStock,
    ShipOrder,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.errors import StoreError
from backorderkit.service import Backorders
from backorderkit.sql import SqlStore
from backorderkit.sql.schema import items
from backorderkit.storage import Wanted
from backorderkit.storage.steps import proposed
from tests.postgres import Cluster
from tests.sql.conftest import Place

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
MUG = Sku("MUG")
BOWL = Sku("BOWL")
START = plan(
    Snapshot.of(
        as_of=NOW,
        items=[Item(sku=BOWL), Item(sku=MUG)],
        stock={"MUG": 3, "BOWL": 9},
        orders=[
            Order.of("SO-1", "2026-01-02", {"MUG": 2, "BOWL": 1}),
            Order.of("SO-2", "2026-01-03", {"MUG": 2}),
        ],
    ),
    policy=Fifo(),
).outcome


def shop(store: SqlStore, *, locks: bool = True) -> Backorders:
    return Backorders(store, policy=Fifo(), locks=locks, clock=lambda: NOW)


@contextmanager
def foreign(url: str) -> Iterator[Callable[[str], object]]:
    """Give what writes to the tables past the library, each statement on its own."""
    if url.startswith("sqlite"):
        lite = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        lite.execute("PRAGMA foreign_keys = ON")
        yield lite.execute
        lite.close()
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            yield lambda statement: connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE backorderkit_stock SET on_hand = 2 WHERE sku = 'MUG'",
        "UPDATE backorderkit_stock SET on_hand = on_hand - 1 WHERE sku = 'MUG'",
        "UPDATE backorderkit_allocations SET quantity = quantity + 1 WHERE order_id = 'SO-2'",
        "UPDATE backorderkit_allocations SET quantity = 9 WHERE order_id = 'SO-1' AND sku = 'BOWL'",
        "INSERT INTO backorderkit_allocations (order_id, line_id, location, sku, quantity)"
        " VALUES ('SO-2', '1', 'EAST', 'MUG', 1)",
        "DELETE FROM backorderkit_stock WHERE sku = 'MUG'",
        "DELETE FROM backorderkit_lines WHERE order_id = 'SO-2'",
        "UPDATE backorderkit_lines SET cancelled = 1 WHERE order_id = 'SO-1' AND sku = 'MUG'",
        "UPDATE backorderkit_lines SET shipped = 2 WHERE order_id = 'SO-2'",
        "UPDATE backorderkit_commits SET facts = '[]'",
        "DELETE FROM backorderkit_commits",
        "DELETE FROM backorderkit_opening",
        "INSERT INTO backorderkit_commits SELECT sequence + 1, key, as_of, command, facts"
        " FROM backorderkit_commits",
    ],
)
def test_nobody_else_can_sell_what_is_not_there(new_url: Place, statement: str) -> None:
    url = new_url()
    with SqlStore(url, start=START) as store:
        shop(store).do(ReceiveStock(sku=BOWL, quantity=1), key="dock-1")
        before = store.snapshot(NOW), list(store.history())

        with foreign(url) as execute, pytest.raises((sqlite3.IntegrityError, psycopg.Error)):
            execute(statement)

        assert (store.snapshot(NOW), list(store.history())) == before


def test_nobody_else_can_lower_a_sum(cluster: Cluster) -> None:
    url = cluster.new_database("sums")
    with SqlStore(url, start=START), foreign(url) as execute:
        for statement in (
            "UPDATE backorderkit_stock SET allocated = 0",
            "UPDATE backorderkit_lines SET allocated = 0",
        ):
            with pytest.raises(psycopg.errors.CheckViolation, match="not to be changed"):
                execute(statement)
        execute("UPDATE backorderkit_stock SET on_hand = on_hand + 1, allocated = allocated")


def test_what_others_count_meanwhile_is_not_lost(new_url: Place) -> None:
    url = new_url()
    with SqlStore(url, start=START) as store, foreign(url) as execute:
        loaded = store.load(Wanted(orders=[OrderId("SO-1")]))
        commit = proposed(ShipOrder(order=OrderId("SO-1")), "pack-1", loaded, NOW, Fifo())
        execute("UPDATE backorderkit_stock SET on_hand = on_hand + 5 WHERE sku = 'MUG'")
        store.commit(commit)  # type: ignore[arg-type]  # it is not refused

        assert [level.on_hand for level in store.snapshot(NOW).stock] == [8, 6]
        assert store.replayed(NOW) != store.snapshot(NOW)


def test_what_others_took_meanwhile_is_not_sold_again(new_url: Place) -> None:
    url = new_url()
    with SqlStore(url, start=START) as store, foreign(url) as execute:
        loaded = store.load(Wanted(skus=[BOWL]))
        order = PlaceOrder(order=Order.of("SO-3", "2026-01-04", {"BOWL": 8}))
        commit = proposed(order, "web-1", loaded, NOW, Fifo())
        execute("UPDATE backorderkit_stock SET on_hand = 4 WHERE sku = 'BOWL'")
        with pytest.raises(StoreError, match="the tables forbid it"):
            store.commit(commit)  # type: ignore[arg-type]  # it is not refused

        assert len(store.snapshot(NOW).orders) == 2


def test_the_last_unit_goes_to_one_of_two_strangers(cluster: Cluster) -> None:
    # A sum over rows that are only added oversells here: neither sees the other's row.
    url = cluster.new_database("strangers")
    SqlStore(url, start=START).close()
    more = "UPDATE backorderkit_allocations SET quantity = quantity + 5 WHERE order_id = 'SO-1'"
    wide = "UPDATE backorderkit_lines SET ordered = 90"
    mine = more + " AND sku = 'BOWL'"
    found: list[object] = []
    with psycopg.connect(url) as first, psycopg.connect(url) as second:
        first.execute(wide.encode())
        first.commit()
        first.execute(mine.encode())

        def take() -> None:
            try:
                second.execute(mine.encode())
            except psycopg.Error as error:
                found.append(type(error))

        thread = Thread(target=take)
        thread.start()
        time.sleep(0.1)
        first.commit()
        thread.join()
        second.rollback()

    assert found == [psycopg.errors.CheckViolation]


def test_sqlite_is_told_at_once_who_will_write(tmp_path: Path) -> None:
    def fails_at_once(begin: str) -> bool:
        path = tmp_path / begin
        first, second = (sqlite3.connect(path, isolation_level=None, timeout=2) for _ in range(2))
        first.execute("PRAGMA journal_mode = WAL")
        first.execute("CREATE TABLE stock (units)")
        second.execute(begin)
        if begin == "BEGIN":
            second.execute("SELECT * FROM stock").fetchall()
            first.execute("INSERT INTO stock VALUES (1)")
        started = time.monotonic()
        try:
            second.execute("INSERT INTO stock VALUES (2)")
        except sqlite3.OperationalError:
            return time.monotonic() - started < 1
        finally:
            first.close()
            second.close()
        return False

    assert fails_at_once("BEGIN")
    assert not fails_at_once("BEGIN IMMEDIATE")
    begun = list[str]()
    with SqlStore(f"sqlite:///{tmp_path}/shop.db", start=START) as store:
        event.listen(
            store._engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: begun.append(statement),
        )
        shop(store).do(ReceiveStock(sku=MUG, quantity=1), key="lock")
        shop(store, locks=False).do(ReceiveStock(sku=MUG, quantity=1), key="version")

    assert [each for each in begun if each.startswith("BEGIN")] == [
        *["BEGIN IMMEDIATE"],
        *["BEGIN", "BEGIN", "BEGIN IMMEDIATE"],
    ]


def test_sqlite_drops_the_lock_of_a_row_without_a_word() -> None:
    # So that the store locks there is shown by the clauses of the lock, not by its statements.
    statement = select(items).with_for_update().compile(dialect=sqlite.dialect())

    assert "FOR UPDATE" not in str(statement)


def test_nothing_skips_what_is_locked(cluster: Cluster) -> None:
    # Whoever skips serves the line that is free, not the one that came first.
    said = list[str]()
    with SqlStore(cluster.new_database("skips"), start=START) as store:
        event.listen(
            store._engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: said.append(statement),
        )
        shop(store).do(ReceiveStock(sku=MUG, quantity=1), key="lock")

    assert [each for each in said if "SKIP LOCKED" in each] == []
    assert len([each for each in said if "FOR UPDATE" in each]) == 1


def test_whoever_waits_longest_is_served_first_by_many_workers(new_url: Place) -> None:
    url, workers = new_url(), 4
    waiting = [Order.of(f"SO-{n:02}", f"2026-01-{n + 1:02}", {"MUG": 1}) for n in range(20)]
    start = plan(Snapshot.of(as_of=NOW, orders=waiting), policy=Fifo()).outcome
    with SqlStore(url, start=start) as store:
        begin = Barrier(workers)

        def receive(worker: int) -> None:
            begin.wait()
            for number in range(5):
                shop(store).do(ReceiveStock(sku=MUG, quantity=1), key=f"{worker}-{number}")

        threads = [Thread(target=receive, args=(worker,)) for worker in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        served = [
            fact.order
            for made in store.history()
            for fact in made.facts
            if isinstance(fact, Allocated)
        ]

    assert served == [order.id for order in waiting]


def test_a_reader_misses_nothing_that_is_committed_late(cluster: Cluster) -> None:
    url = cluster.new_database("late")
    with psycopg.connect(url) as slow, psycopg.connect(url, autocommit=True) as fast:
        fast.execute("CREATE TABLE naive (id SERIAL)")
        slow.execute("INSERT INTO naive DEFAULT VALUES")
        fast.execute("INSERT INTO naive DEFAULT VALUES")
        assert fast.execute("SELECT id FROM naive").fetchall() == [(2,)]
        slow.commit()
        assert fast.execute("SELECT id FROM naive WHERE id > 2").fetchall() == []

    at_the_end, let_go = Event(), Event()
    with SqlStore(url, start=START) as store, SqlStore(url) as late:

        def wait(_: Connection) -> None:
            at_the_end.set()
            let_go.wait(30)

        event.listen(late._engine, "commit", wait)
        first = Thread(target=lambda: shop(late).do(ReceiveStock(sku=MUG, quantity=1), key="first"))
        second = Thread(
            target=lambda: shop(store).do(ReceiveStock(sku=BOWL, quantity=1), key="second")
        )
        first.start()
        assert at_the_end.wait(30)
        second.start()
        second.join(0.3)
        assert store.unread("mailer") == []
        let_go.set()
        first.join()
        second.join()

        assert [made.key for made in store.unread("mailer")] == ["first", "second"]


def test_a_load_looks_at_no_table_as_a_whole(tmp_path: Path) -> None:
    said = list[tuple[str, object]]()
    path = tmp_path / "shop.db"
    with SqlStore(f"sqlite:///{path}", start=START) as store:
        event.listen(
            store._engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, values, *_: said.append((statement, values)),
        )
        shop(store).do(ReceiveStock(sku=MUG, quantity=1), key="dock-1")
        shop(store).do(ShipOrder(order=OrderId("SO-1")), key="pack-1")
        shop(store, locks=False).do(ReceiveStock(sku=MUG, quantity=1), key="dock-2")

    plans = set[str]()
    with sqlite3.connect(path) as connection:
        for statement, values in said:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")) and isinstance(values, tuple):
                found = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                plans.update(row[3] for row in found)
    connection.close()

    assert any(plan.startswith("SEARCH backorderkit_lines USING") for plan in plans)
    assert [plan for plan in plans if plan.startswith("SCAN backorderkit")] == []
