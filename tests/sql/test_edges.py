"""What a database does otherwise than memory, unless somebody looks: found by a review."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from backorderkit import (
    Backorder,
    Fifo,
    HoldId,
    HoldStock,
    Item,
    LineId,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    ReceiptId,
    ReceiveStock,
    ScheduledReceipt,
    Sku,
    Snapshot,
)
from backorderkit.changes import Adjusted, Fact, Received, Scheduled, Unscheduled
from backorderkit.errors import ConflictError, StoreError
from backorderkit.model import Location
from backorderkit.service import Backorders
from backorderkit.sql import SqlStore
from backorderkit.storage import Commit, MemoryStore, Wanted, published
from tests.postgres import Cluster
from tests.sql.conftest import Place

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
MUG, BOWL = Sku("MUG"), Sku("BOWL")
ITEMS = [Item(sku=BOWL), Item(sku=MUG)]
RECEIVE = ReceiveStock(sku=MUG, quantity=1)


def shop(store: SqlStore | MemoryStore) -> Backorders:
    return Backorders(store, policy=Fifo(), clock=lambda: NOW)


def commit(store: SqlStore | MemoryStore, sku: Sku, *facts: Fact) -> None:
    versions = store.load(Wanted(skus=[sku])).versions
    store.commit(Commit(key="key", command=RECEIVE, as_of=NOW, versions=versions, facts=facts))


def test_what_was_remembered_of_an_older_line_is_forgotten(new_url: Place) -> None:
    stray = Backorder(order=OrderId("A"), line=LineId("1"), quantity=9, opened_at=NOW)
    start = Snapshot.of(as_of=NOW, items=ITEMS, stock={"MUG": 3}, backorders=[stray])
    memory = MemoryStore(start)
    with SqlStore(new_url(), start=start) as store:
        for side in (store, memory):
            shop(side).do(PlaceOrder(order=Order.of("A", NOW, {"MUG": 5})), key="web")
            shop(side).do(ReceiveStock(sku=MUG, quantity=2), key="dock")

        assert store.snapshot(NOW) == store.replayed(NOW) == memory.snapshot.at(NOW)
        assert store.snapshot(NOW).backorders == ()


def test_the_outbox_goes_on_when_items_come_later(new_url: Place) -> None:
    start = Snapshot.of(as_of=NOW, items=[Item(sku=BOWL)])
    with SqlStore(new_url(), start=start) as store:
        store.define([Item(sku=MUG)])
        shop(store).do(RECEIVE, key="dock")

        told = [
            notice.kind
            for each in published(store.unread("m"), start=start)
            for notice in each.notices
        ]

    assert told == ["received"]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_no_time_zone_of_a_database_is_in_the_way(cluster: Cluster, zone: str) -> None:
    url = cluster.new_database(f"zone-{zone.rpartition('/')[2]}")
    with psycopg.connect(url, autocommit=True) as connection:
        name = url.rpartition("/")[2]
        connection.execute(f"ALTER DATABASE \"{name}\" SET timezone = '{zone}'".encode())
    lines = [
        OrderLine(
            id=LineId(f"{year}"),
            sku=MUG,
            ordered=1,
            requested=datetime(year, month, day, 23, tzinfo=UTC),
        )
        for year, month, day in ((1, 1, 1), (9999, 12, 31))
    ]
    order = Order(id=OrderId("A"), placed_at=NOW, lines=lines)
    with SqlStore(url, start=Snapshot.of(as_of=NOW, items=ITEMS, orders=[order])) as store:
        assert store.snapshot(NOW).orders == (order,)


def test_options_of_an_url_are_kept(cluster: Cluster) -> None:
    url = cluster.new_database("options")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA other")
    SqlStore(f"{url}?options=-csearch_path%3Dother", start=Snapshot.of(as_of=NOW)).close()

    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT table_schema FROM information_schema.tables"
            " WHERE table_name = 'backorderkit_items'"
        )
        assert found.fetchall() == [("other",)]


# What repeats is packed, so an index takes more of it than it takes of these.
LONG = "".join(chr(0x4E00 + (7919 * number) % 20_000) for number in range(10_000))


@pytest.mark.parametrize("id_", ["A\x00", LONG], ids=["a NUL", "too long"])
def test_what_postgresql_cannot_hold_is_not_tried_again(cluster: Cluster, id_: str) -> None:
    url = cluster.new_database(f"hold-{len(id_)}")
    place = PlaceOrder(order=Order.of(id_, NOW, {"MUG": 1}))
    with SqlStore(url, start=Snapshot.of(as_of=NOW, items=ITEMS)) as store:
        with pytest.raises(StoreError, match="refuses") as caught:
            shop(store).do(place, key="web")

        assert not caught.value.retryable
        assert store.snapshot(NOW).orders == ()


def test_a_number_that_is_too_large_is_refused(new_url: Place) -> None:
    with SqlStore(new_url(), start=Snapshot.of(as_of=NOW, items=ITEMS)) as store:
        for sequence in (1, 2**70):
            with pytest.raises(StoreError, match="no commit"):
                store.mark_read("mailer", sequence)


def test_a_pool_that_came_and_went_is_there(new_url: Place) -> None:
    start = Snapshot.of(as_of=NOW, items=ITEMS)
    facts = (
        Received(sku=MUG, location=Location("EAST"), quantity=3),
        Adjusted(sku=MUG, location=Location("EAST"), quantity=-3, reason="broken"),
    )
    memory = MemoryStore(start)
    with SqlStore(new_url(), start=start) as store:
        for side in (memory, store):
            commit(side, MUG, *facts)

        assert store.snapshot(NOW) == store.replayed(NOW) == memory.snapshot.at(NOW)


def test_nobody_takes_a_receipt_away_that_he_did_not_look_at(new_url: Place) -> None:
    bowls, mugs = (
        ScheduledReceipt(id=ReceiptId("PO"), sku=sku, quantity=1, due=NOW) for sku in (BOWL, MUG)
    )
    start = Snapshot.of(as_of=NOW, items=ITEMS, receipts=[bowls])
    with SqlStore(new_url(), start=start) as store:
        for side in (store, MemoryStore(start)):
            with pytest.raises(ConflictError):
                commit(side, MUG, Scheduled(receipt=mugs), Unscheduled(receipt=mugs.id))

        assert store.snapshot(NOW).receipts == (bowls,)


def test_a_refusal_leaves_nothing(new_url: Place) -> None:
    with SqlStore(new_url(), start=Snapshot.of(as_of=NOW, stock={"MUG": 1})) as store:
        until = datetime(2026, 1, 6, tzinfo=UTC)
        hold = HoldStock(id=HoldId("cart"), units={"NOPE": 1, "MUG": 1}, expires_at=until)
        assert not shop(store).do(hold, key="web").accepted

        assert store.skus() == ["MUG"]


def test_nobody_replaces_a_commit(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with SqlStore(f"sqlite:///{path}", start=Snapshot.of(as_of=NOW, items=ITEMS)) as store:
        shop(store).do(RECEIVE, key="dock")
        before = list(store.history())
        with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError):
            connection.execute(
                "REPLACE INTO backorderkit_commits"
                " SELECT sequence, key, as_of, command, '[]' FROM backorderkit_commits"
            )
        connection.close()

        assert list(store.history()) == before
