"""The store of the example keeps every clause, and stands beside the one in memory."""

from __future__ import annotations

import importlib.util
from typing import Protocol

from hypothesis import settings

from backorderkit import Snapshot
from backorderkit.storage import Store
from backorderkit.testing import (
    StoreConformance,
    StoreMachine,
    check_races,
    hammer_threads,
    hot_shop,
)
from tests.docs.blocks import ROOT
from tests.effort import EFFORT


class _Closing(Store, Protocol):
    def close(self) -> None: ...


def _shop_class() -> type[_Closing]:
    path = ROOT / "docs" / "examples" / "django_shop.py"
    spec = importlib.util.spec_from_file_location("django_shop", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: type[_Closing] = module.DjangoShop
    return made


DjangoShop = _shop_class()


def make(snapshot: Snapshot) -> Store:
    return DjangoShop(":memory:", snapshot)  # type: ignore[call-arg]  # a class of the example


def close(store: Store) -> None:
    assert isinstance(store, DjangoShop)
    store.close()


class TestDjangoShop(StoreConformance):
    def make_store(self, snapshot: Snapshot) -> Store:
        return make(snapshot)

    def close_store(self, store: Store) -> None:
        close(store)


class DjangoMachine(StoreMachine):
    def make_store(self, snapshot: Snapshot) -> Store:
        return make(snapshot)

    def close_store(self, store: Store) -> None:
        close(store)


TestDjangoShopBesideMemory = DjangoMachine.TestCase
TestDjangoShopBesideMemory.settings = settings(
    max_examples=10 * EFFORT, stateful_step_count=12, deadline=None
)


def test_it_stands_races_and_the_hammer() -> None:
    def make_stores(snapshot: Snapshot) -> tuple[Store, Store]:
        store = make(snapshot)
        return store, store

    check_races(make_stores, close_stores=lambda stores: close(stores[0]))
    shared = make(hot_shop())
    assert hammer_threads(lambda: shared, orders=4).problems == ()
    close(shared)
