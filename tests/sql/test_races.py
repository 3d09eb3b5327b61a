"""Two workers in every order, a failure at every call, and what other shops lost in a race."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import event

from backorderkit import (
    Fifo,
    HoldId,
    HoldStock,
    Item,
    Order,
    PlaceOrder,
    Sku,
    Snapshot,
)
from backorderkit.service import Backorders, Done
from backorderkit.sql import SqlStore
from backorderkit.storage import Store
from backorderkit.testing import check_failures, check_races, switch_point, usual_races
from tests.postgres import Cluster
from tests.sql.conftest import Place

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
MUG = Sku("MUG")


def close(stores: tuple[Store, ...]) -> None:
    for store in stores:
        assert isinstance(store, SqlStore)
        store.close()


@pytest.mark.parametrize("locks", [True, False])
def test_two_workers_in_every_order(new_url: Place, *, locks: bool) -> None:
    def make_stores(snapshot: Snapshot) -> tuple[Store, Store]:
        url = new_url()
        return SqlStore(url, start=snapshot), SqlStore(url)

    races = usual_races() if locks else usual_races()[:2]
    assert check_races(make_stores, close_stores=close, races=races, locks=locks) >= len(races)


def test_two_workers_statement_by_statement(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backorderkit.testing.races._BLOCKED", 0.05)
    numbers = count()

    def make_stores(snapshot: Snapshot) -> tuple[Store, Store]:
        url = cluster.new_database(f"statements-{next(numbers)}")
        stores = SqlStore(url, start=snapshot), SqlStore(url)
        for store in stores:
            event.listen(store._engine, "before_cursor_execute", lambda *_: switch_point())
        return stores

    races = [race for race in usual_races() if race.name == usual_races()[0].name]
    runs = check_races(make_stores, close_stores=close, races=races, max_switches=1)
    assert runs > 10


def test_every_call_fails_in_turn(tmp_path: Path) -> None:
    numbers = count()

    def make_store(snapshot: Snapshot) -> Store:
        return SqlStore(f"sqlite:///{tmp_path}/{next(numbers)}.db", start=snapshot)

    assert check_failures(make_store, close_store=lambda store: close((store,))) > 20


@contextmanager
def shop_of(url: str, start: Snapshot) -> Iterator[SqlStore]:
    with SqlStore(url, start=start) as store:
        yield store
        now = store.snapshot(NOW)
        assert all(each.allocated <= each.on_hand for each in now.positions)
        assert store.replayed(NOW) == now


def at_once(store: SqlStore, commands: list[PlaceOrder | HoldStock], *, locks: bool) -> list[Done]:
    """Ask for all of them at the same moment, each in a thread."""
    shop = Backorders(store, policy=Fifo(), locks=locks, clock=lambda: NOW)
    begin, done = Barrier(len(commands)), list[Done]()

    def ask(place: int) -> None:
        begin.wait()
        done.append(shop.do(commands[place], key=f"web-{place}"))

    threads = [Thread(target=ask, args=(place,)) for place in range(len(commands))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(commands)
    return done


def denied(units: int) -> Snapshot:
    return Snapshot.of(as_of=NOW, items=[Item(sku=MUG, backorders="deny")], stock={"MUG": units})


# Thread, units there, orders at once, how many of them can be had.
OVERSELLS = [
    ("PrestaShop 22478", 1, [1, 1, 1], 1),
    ("WooCommerce 44273", 12, [12, 2], 1),
    ("Medusa 16569", 1, [1] * 8, 1),
    ("Vendure 3508", 5, [2] * 4, 2),
]


@pytest.mark.parametrize("locks", [True, False])
@pytest.mark.parametrize(
    ("units", "wanted", "most"),
    [pytest.param(*rest, id=thread) for thread, *rest in OVERSELLS],
)
def test_peers_oversell_in_a_race(
    new_url: Place, units: int, wanted: list[int], most: int, *, locks: bool
) -> None:
    orders: list[PlaceOrder | HoldStock] = [
        PlaceOrder(order=Order.of(f"SO-{place}", "2026-01-05", {"MUG": quantity}))
        for place, quantity in enumerate(wanted)
    ]
    with shop_of(new_url(), denied(units)) as store:
        done = at_once(store, orders, locks=locks)

        accepted = [each for each in done if each.accepted]
        assert 1 <= len(accepted) <= most
        if len(set(wanted)) == 1:
            assert len(accepted) == most
        refused = [each for each in done if not each.accepted]
        assert all(each.refusal[0].rule == "deny" for each in refused)
        assert len(store.snapshot(NOW).orders) == len(accepted)


@pytest.mark.parametrize("locks", [True, False])
def test_medusa_6500_two_carts_at_once_hold_no_more_than_there_is(
    new_url: Place, *, locks: bool
) -> None:
    until = datetime(2026, 1, 6, tzinfo=UTC)
    carts: list[PlaceOrder | HoldStock] = [
        HoldStock(id=HoldId(f"cart-{number}"), units={"MUG": 2}, expires_at=until)
        for number in range(4)
    ]
    with shop_of(new_url(), Snapshot.of(as_of=NOW, stock={"MUG": 5})) as store:
        done = at_once(store, carts, locks=locks)

        assert sorted(each.accepted for each in done) == [False, False, True, True]
        assert sum(hold.quantity for hold in store.snapshot(NOW).holds) == 4
