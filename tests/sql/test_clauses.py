"""The SQL store keeps every clause, on each database, sync and awaited."""

from __future__ import annotations

from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from backorderkit import Snapshot
from backorderkit.sql import AsyncSqlStore, SqlStore
from backorderkit.storage import AsyncStore, Store
from backorderkit.testing import (
    AsyncStoreConformance,
    LockingConformance,
    StoreConformance,
    StoreMachine,
    StoreWithLocks,
)
from tests.effort import EFFORT
from tests.sql.conftest import Place


class TestClauses(StoreConformance):
    @pytest.fixture(autouse=True)
    def _place(self, new_url: Place) -> None:
        self.new_url = new_url

    def make_store(self, snapshot: Snapshot) -> Store:
        return SqlStore(self.new_url(), start=snapshot)

    def close_store(self, store: Store) -> None:
        assert isinstance(store, SqlStore)
        store.close()


class TestLocks(LockingConformance):
    @pytest.fixture(autouse=True)
    def _place(self, new_url: Place) -> None:
        self.new_url = new_url

    def make_store(self, snapshot: Snapshot) -> SqlStore:
        return SqlStore(self.new_url(), start=snapshot)

    def close_store(self, store: StoreWithLocks) -> None:
        assert isinstance(store, SqlStore)
        store.close()


class TestClausesAwaited(AsyncStoreConformance):
    @pytest.fixture(autouse=True)
    def _place(self, new_url: Place) -> None:
        self.new_url = new_url

    async def make_store(self, snapshot: Snapshot) -> AsyncStore:
        return await AsyncSqlStore.open(self.new_url(), start=snapshot)

    async def close_store(self, store: AsyncStore) -> None:
        assert isinstance(store, AsyncSqlStore)
        await store.close()


class SqliteMachine(StoreMachine):
    def make_store(self, snapshot: Snapshot) -> Store:
        self.folder = TemporaryDirectory()
        return SqlStore(f"sqlite:///{self.folder.name}/shop.db", start=snapshot)

    def close_store(self, store: Store) -> None:
        assert isinstance(store, SqlStore)
        store.close()
        self.folder.cleanup()


TestSqliteBesideMemory = SqliteMachine.TestCase
TestSqliteBesideMemory.settings = settings(
    max_examples=10 * EFFORT, stateful_step_count=15, deadline=None
)
