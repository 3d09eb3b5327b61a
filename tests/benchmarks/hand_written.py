"""A shop as somebody writes it by hand: SELECT ... FOR UPDATE, and no more than it needs."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psycopg

from backorderkit import CancelOrder, PlaceOrder, ReceiveStock, ShipOrder
from backorderkit.testing import hot_shop
from backorderkit.testing.hammering import Workload

_TABLES = """
CREATE TABLE stock (sku TEXT PRIMARY KEY, on_hand BIGINT NOT NULL, allocated BIGINT NOT NULL,
  CHECK (allocated <= on_hand));
CREATE TABLE lines (id BIGSERIAL PRIMARY KEY, order_id TEXT NOT NULL, sku TEXT NOT NULL,
  ordered BIGINT NOT NULL, allocated BIGINT NOT NULL, shipped BIGINT NOT NULL DEFAULT 0);
CREATE INDEX ON lines (order_id);
CREATE INDEX ON lines (sku, id) WHERE ordered > allocated + shipped;
"""
_LOCK = "SELECT sku, on_hand - allocated FROM stock WHERE sku = ANY(%s) ORDER BY sku FOR UPDATE"
_TAKE = "UPDATE stock SET allocated = allocated + %s WHERE sku = %s"

_Database = psycopg.Connection[tuple[object, ...]]


def fill(url: str, hot: int, cold: int) -> None:
    """Make the tables, and put on hand what the other stores have."""
    with psycopg.connect(url) as database:
        database.execute(_TABLES.encode())
        for level in hot_shop(hot=hot, cold=cold).stock:
            database.execute("INSERT INTO stock VALUES (%s, %s, 0)", (level.sku, level.on_hand))


def work(
    url: str, worker: int, *, workers: int, orders: int, hot: int, cold: int
) -> tuple[float, float, int]:
    """Do a worker's jobs; give when he began and ended, and how many they were."""
    load = Workload(workers, orders, 0, hot, cold)
    jobs = [command for _, command in load.jobs_of(worker)]
    with psycopg.connect(url) as database:
        started = time.time()
        for command in jobs:
            with database.transaction():
                match command:
                    case PlaceOrder():
                        _place(database, command)
                    case ReceiveStock():
                        _receive(database, command)
                    case ShipOrder():
                        _ship(database, command.order)
                    case CancelOrder():
                        _cancel(database, command.order)
        return started, time.time(), len(jobs)


def _lock(database: _Database, skus: Sequence[str]) -> dict[str, int]:
    rows = database.execute(_LOCK, (list(skus),)).fetchall()
    return {str(sku): free for sku, free in rows if isinstance(free, int)}


def _place(database: _Database, command: PlaceOrder) -> None:
    free = _lock(database, [line.sku for line in command.order.lines])
    for line in command.order.lines:
        units = min(free[line.sku], line.ordered)
        database.execute(
            "INSERT INTO lines (order_id, sku, ordered, allocated) VALUES (%s, %s, %s, %s)",
            (command.order.id, line.sku, line.ordered, units),
        )
        database.execute(_TAKE, (units, line.sku))


def _receive(database: _Database, command: ReceiveStock) -> None:
    free = _lock(database, [command.sku])[command.sku] + command.quantity
    database.execute(
        "UPDATE stock SET on_hand = on_hand + %s WHERE sku = %s", (command.quantity, command.sku)
    )
    _serve(database, command.sku, free)


def _serve(database: _Database, sku: str, free: int) -> None:
    waiting = database.execute(
        "SELECT id, ordered - allocated - shipped FROM lines"
        " WHERE sku = %s AND ordered > allocated + shipped ORDER BY id LIMIT %s",
        (sku, free),
    ).fetchall()
    for id_, want in waiting:
        units = min(free, want) if isinstance(want, int) else 0
        if units:
            free -= units
            database.execute(
                "UPDATE lines SET allocated = allocated + %s WHERE id = %s", (units, id_)
            )
            database.execute(_TAKE, (units, sku))


def _ship(database: _Database, order: str) -> None:
    for id_, sku, units in _held(database, order):
        database.execute(
            "UPDATE stock SET on_hand = on_hand - %s, allocated = allocated - %s WHERE sku = %s",
            (units, units, sku),
        )
        database.execute(
            "UPDATE lines SET shipped = shipped + %s, allocated = 0 WHERE id = %s", (units, id_)
        )


def _cancel(database: _Database, order: str) -> None:
    for id_, sku, units in _held(database, order):
        database.execute("UPDATE lines SET ordered = shipped, allocated = 0 WHERE id = %s", (id_,))
        database.execute(_TAKE, (-units, sku))
        _serve(database, str(sku), units)


def _held(database: _Database, order: str) -> list[tuple[object, object, int]]:
    chosen = "SELECT DISTINCT sku FROM lines WHERE order_id = %s"
    _lock(database, [str(sku) for (sku,) in database.execute(chosen, (order,)).fetchall()])
    rows = database.execute(
        "SELECT id, sku, allocated FROM lines WHERE order_id = %s ORDER BY id", (order,)
    ).fetchall()
    return [(id_, sku, units) for id_, sku, units in rows if isinstance(units, int)]
