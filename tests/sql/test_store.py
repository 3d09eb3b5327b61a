"""What the SQL store does beyond the clauses: it is opened, upgraded, told the past, read on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread

import attrs
import pytest
from sqlalchemy import Connection, event, text

from backorderkit import (
    CancelOrder,
    Command,
    Fifo,
    InvalidInputError,
    InvalidValueError,
    Item,
    Order,
    OrderId,
    PlaceOrder,
    ReceiveStock,
    ShipOrder,
    Sku,
    Snapshot,
    aio,
)
from backorderkit.errors import ConflictError, NotFoundError, StoreError, UnavailableError
from backorderkit.service import Backorders
from backorderkit.sql import AsyncSqlStore, SqlStore
from backorderkit.sql.engines import engine_for
from backorderkit.sql.migrations import MIGRATIONS, Migration, migrate
from backorderkit.storage import (
    Commit,
    DefiningStore,
    ListingStore,
    Loaded,
    LockingStore,
    MemoryStore,
    OutboxStore,
    ReplayingStore,
    Wanted,
)
from tests.sql.conftest import Place

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
MUG = Sku("MUG")
START = Snapshot.of(as_of=NOW, stock={"MUG": 3})
ORDER = Order.of("SO-1", "2026-01-05", {"MUG": 5, "BOWL": 2})


def shop(store: SqlStore) -> Backorders:
    return Backorders(store, policy=Fifo(), clock=lambda: NOW)


def test_a_day_is_there_the_next_day(new_url: Place) -> None:
    url = new_url()
    with SqlStore(url, start=START) as store:
        placed = shop(store).do(PlaceOrder(order=ORDER), key="web-1")
    with SqlStore(url) as store:
        again = shop(store).do(PlaceOrder(order=ORDER), key="web-1")
        shop(store).do(ReceiveStock(sku=MUG, quantity=9), key="dock-1")
        shipped = shop(store).do(ShipOrder(order=OrderId("SO-1")), key="pack-1")
        now = store.snapshot(NOW)

    assert placed == again
    assert shipped.sequence == 3
    assert [(level.sku, level.on_hand) for level in now.stock] == [("MUG", 7)]
    assert [line.shipped for line in now.orders[0].lines] == [5, 0]


def test_the_ledger_tells_the_past(new_url: Place) -> None:
    with SqlStore(new_url(), start=START) as store:
        pasts = [store.snapshot(NOW)]
        commands: list[Command] = [
            PlaceOrder(order=ORDER),
            ReceiveStock(sku=MUG, quantity=1),
            CancelOrder(order=OrderId("SO-1")),
        ]
        for number, command in enumerate(commands):
            shop(store).do(command, key=f"{number}")
            pasts.append(store.snapshot(NOW))

        assert [store.replayed(NOW, until=number) for number in range(4)] == pasts
        assert store.replayed(NOW) == pasts[-1]
        assert [made.key for made in store.history(1)] == ["1", "2"]


def test_readers_of_the_outbox_read_on(new_url: Place) -> None:
    with SqlStore(new_url(), start=START) as store:
        for number in range(3):
            shop(store).do(ReceiveStock(sku=MUG, quantity=1), key=f"{number}")

        assert [made.sequence for made in store.unread("mailer")] == [1, 2, 3]
        store.mark_read("mailer", 2)
        store.mark_read("mailer", 1)
        assert [made.sequence for made in store.unread("mailer")] == [3]
        assert [made.sequence for made in store.unread("other")] == [1, 2, 3]
        store.mark_read("mailer", 3)
        assert store.unread("mailer") == []


def test_long_histories_are_read_page_by_page(
    new_url: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backorderkit.sql.work.PAGE", 2)
    with SqlStore(new_url(), start=START) as store:
        for number in range(5):
            shop(store).do(ReceiveStock(sku=MUG, quantity=1), key=f"{number}")

        assert [made.sequence for made in store.history()] == [1, 2, 3, 4, 5]
        assert len(store.unread("mailer")) == 2
        assert store.replayed(NOW) == store.snapshot(NOW)


def test_the_awaited_store_does_the_same(new_url: Place) -> None:
    async def day(url: str) -> None:
        async with await AsyncSqlStore.open(url, start=START) as store:
            service = aio.Backorders(store, policy=Fifo(), clock=lambda: NOW)
            placed = await service.do(PlaceOrder(order=ORDER), key="web-1")
            again = await service.do(PlaceOrder(order=ORDER), key="web-1")
            versions = aio.Backorders(store, policy=Fifo(), clock=lambda: NOW, locks=False)
            await versions.do(ReceiveStock(sku=MUG, quantity=1), key="dock-1")
            assert placed == again
            assert await store.skus() == ["BOWL", "MUG"]
            assert await store.replayed(NOW) == await store.snapshot(NOW)
            await store.mark_read("mailer", 1)
            assert [made.key for made in await store.unread("mailer")] == ["dock-1"]
            assert [made.key for made in await store.history()] == ["web-1", "dock-1"]

    asyncio.run(day(new_url()))


def test_what_it_can_do(new_url: Place) -> None:
    with SqlStore(new_url(), start=START) as store:
        assert isinstance(store, LockingStore)
        assert isinstance(store, ListingStore)
        assert isinstance(store, ReplayingStore)
        assert isinstance(store, OutboxStore)
        assert store.skus() == ["MUG"]


def test_without_a_list_of_items_every_sku_exists(new_url: Place) -> None:
    with SqlStore(new_url(), start=START) as store:
        loaded = store.load(Wanted(skus=[Sku("NEW")]))
        shop(store).do(ReceiveStock(sku=Sku("NEW"), quantity=2), key="new")

        assert loaded.versions == {"NEW": 0}
        assert loaded.snapshot.items is None
        assert store.load(Wanted(skus=[Sku("NEW")])).versions == {"NEW": 1}
        assert store.skus() == ["MUG", "NEW"]


def test_with_a_list_of_items_only_these_exist(new_url: Place) -> None:
    items = [Item(sku=MUG, unit="kg", decimals=3, backorders="deny", backorder_limit=7)]
    with SqlStore(new_url(), start=Snapshot.of(as_of=NOW, items=items)) as store:
        assert store.snapshot(NOW).items == tuple(items)
        for key, look in (
            ("a", lambda: shop(store).do(ReceiveStock(sku=Sku("NEW"), quantity=2), key="a")),
            ("b", lambda: store.load(Wanted(skus=[Sku("NEW")]))),
        ):
            with pytest.raises(NotFoundError, match="SKU NEW is not among the items"):
                look()
            assert store.find_commit(key) is None


def make_memory(_: str, start: Snapshot) -> MemoryStore:
    return MemoryStore(start)


def make_sql(url: str, start: Snapshot) -> SqlStore:
    return SqlStore(url, start=start)


@pytest.mark.parametrize("make", [make_sql, make_memory])
def test_items_come_later(
    new_url: Place, make: Callable[[str, Snapshot], SqlStore | MemoryStore]
) -> None:
    new, kilos = Sku("NEW"), Item(sku=MUG, unit="kg", decimals=3)
    store = make(new_url(), Snapshot.of(as_of=NOW, items=[kilos], stock={"MUG": 3}))
    service = Backorders(store, policy=Fifo(), clock=lambda: NOW)
    stale = store.load(Wanted(skus=[MUG])).versions

    store.define([Item(sku=new), attrs.evolve(kilos, backorders="deny")])

    service.do(ReceiveStock(sku=new, quantity=2), key="new")
    refused = service.do(PlaceOrder(order=Order.of("SO-1", NOW, {"MUG": 4})), key="web-1")
    assert [shortage.rule for shortage in refused.refusal] == ["deny"]
    assert store.load(Wanted(skus=[MUG])).versions != stale
    with pytest.raises(InvalidInputError) as caught:
        store.define([Item(sku=MUG), Item(sku=new), Item(sku=new), "MUG"])  # type: ignore[list-item]
    assert [str(problem) for problem in caught.value.exceptions] == [
        "items[0]: got 'MUG', must be counted as before: in kg, with 3 decimals",
        "items[2]: got 'NEW', must be there once",
        "items[3]: got 'MUG', must be an Item",
    ]
    assert isinstance(store, DefiningStore)
    if isinstance(store, SqlStore):
        assert store.replayed(NOW) == store.snapshot(NOW)
        store.close()


@pytest.mark.parametrize("make", [make_sql, make_memory])
def test_where_every_sku_exists_none_is_defined(
    new_url: Place, make: Callable[[str, Snapshot], SqlStore | MemoryStore]
) -> None:
    store = make(new_url(), START)
    with pytest.raises(StoreError, match="every SKU exists"):
        store.define([Item(sku=MUG)])
    if isinstance(store, SqlStore):
        store.close()


def test_whoever_opens_second_finds_it_open(new_url: Place) -> None:
    url, start = new_url(), Barrier(4)
    found: list[object] = []

    def open_it() -> None:
        start.wait()
        try:
            with SqlStore(url, start=START) as store:
                found.append(store.snapshot(NOW))
        except StoreError as error:
            found.append(error)

    threads = [Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [START] * 4


def test_empty_tables_need_a_start(new_url: Place) -> None:
    url = new_url()
    with pytest.raises(StoreError, match="give the snapshot to start with"):
        SqlStore(url)
    with SqlStore(url, start=START) as store:
        assert store.snapshot(NOW) == START


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("shop.db", "must be a database URL"),
        ("mysql://localhost/shop", "must be a URL of SQLite or PostgreSQL"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
    ],
)
def test_what_is_no_database_is_refused(url: str, reason: str) -> None:
    with pytest.raises(InvalidValueError, match=reason):
        SqlStore(url, start=START)
    with pytest.raises(InvalidValueError, match=reason):
        asyncio.run(AsyncSqlStore.open(url, start=START))


def test_a_database_that_is_not_there() -> None:
    with pytest.raises(UnavailableError, match="gave no answer"):
        SqlStore("postgresql://shop@127.0.0.1:1/shop", start=START)
    with pytest.raises(UnavailableError, match="gave no answer"):
        SqlStore("sqlite:////no/such/folder/shop.db", start=START)


def test_migrations_are_made_once_and_in_order(new_url: Place) -> None:
    made = list[str]()

    def later(name: str) -> Migration:
        return lambda _: made.append(name)

    engine = engine_for(new_url())
    for names in ((), ("two",), ("two", "three"), ("two", "three")):
        with engine.begin() as connection:
            migrate(connection, [*MIGRATIONS, *map(later, names)])

    assert made == ["two", "three"]
    later_version = f"of version {len(MIGRATIONS) + 2}"
    with engine.begin() as connection, pytest.raises(StoreError, match=later_version):
        migrate(connection)
    engine.dispose()


def test_a_migration_that_fails_leaves_all_as_it_was(new_url: Place) -> None:
    def half(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (a INTEGER)"))
        raise RuntimeError

    url = new_url()
    SqlStore(url, start=START).close()
    engine = engine_for(url)
    with pytest.raises(RuntimeError), engine.begin() as connection:
        migrate(connection, [*MIGRATIONS, half])
    with engine.begin() as connection:
        assert not engine.dialect.has_table(connection, "half")
        migrate(connection)
    engine.dispose()


def test_whoever_waits_too_long_for_a_lock_may_try_again(new_url: Place) -> None:
    url = new_url()
    SqlStore(url, start=START).close()

    def hurry(dialect: str, connection: Connection) -> None:
        wait = {"sqlite": "PRAGMA busy_timeout = 50", "postgresql": "SET lock_timeout = '50ms'"}
        connection.exec_driver_sql(wait[dialect])

    def nested(_: Loaded) -> Commit | None:
        with pytest.raises(ConflictError, match="a lock"):
            other.exclusively("other", Wanted(skus=[MUG]), lambda _: None)
        return None

    with SqlStore(url) as store, SqlStore(url) as other:
        engine = other._engine
        # SQLite asks for its lock as it begins, PostgreSQL afterwards.
        first = engine.dialect.name == "sqlite"
        event.listen(engine, "begin", lambda each: hurry(engine.dialect.name, each), insert=first)
        assert store.exclusively("one", Wanted(skus=[MUG]), nested) is None
