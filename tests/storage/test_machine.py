"""The state machine finds what no clause was written for."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from backorderkit import Placed, Snapshot
from backorderkit.storage import (
    AsyncMemoryStore,
    AsyncStore,
    Commit,
    Committed,
    Loaded,
    MemoryStore,
    Store,
    Wanted,
)
from backorderkit.testing import BlockingStore, StoreConformance, StoreMachine
from tests.effort import EFFORT
from tests.storage.test_memory import failed_by


class MemoryMachine(StoreMachine):
    def make_store(self, snapshot: Snapshot) -> Store:
        return MemoryStore(snapshot)


class AsyncMachine(StoreMachine):
    def make_store(self, snapshot: Snapshot) -> Store:
        async def make_store() -> AsyncStore:
            return AsyncMemoryStore(snapshot)

        return BlockingStore(make_store)

    def close_store(self, store: Store) -> None:
        assert isinstance(store, BlockingStore)
        store.close()


TestMemoryStore = MemoryMachine.TestCase
TestMemoryStore.settings = settings(max_examples=20 * EFFORT, stateful_step_count=20)
TestAsyncMemoryStore = AsyncMachine.TestCase
TestAsyncMemoryStore.settings = settings(max_examples=5, stateful_step_count=10)


class WithoutRequests(MemoryStore):
    """Has no column for when a line is requested."""

    def load(self, wanted: Wanted, /) -> Loaded:
        loaded = super().load(wanted)
        orders = [
            attrs.evolve(order, lines=[attrs.evolve(line, requested=None) for line in order.lines])
            for order in loaded.snapshot.orders
        ]
        return attrs.evolve(loaded, snapshot=attrs.evolve(loaded.snapshot, orders=orders))


class FirstLineOnly(MemoryStore):
    """Finds an order by the SKU of its first line."""

    def load(self, wanted: Wanted, /) -> Loaded:
        loaded = super().load(wanted)
        if not wanted.skus:
            return loaded
        found = loaded.snapshot
        orders = [order for order in found.orders if order.lines[0].sku in wanted.skus]
        ids = {order.id for order in orders}
        return attrs.evolve(
            loaded,
            snapshot=attrs.evolve(
                found,
                orders=orders,
                allocations=[each for each in found.allocations if each.order in ids],
                backorders=[each for each in found.backorders if each.order in ids],
            ),
        )


class OldReceipts(MemoryStore):
    """Knows receipts by a table that new ones are not written to."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._known = {receipt.id for receipt in snapshot.receipts}

    def load(self, wanted: Wanted, /) -> Loaded:
        return super().load(attrs.evolve(wanted, receipts=wanted.receipts & self._known))


class ByContent(MemoryStore):
    """Makes versions of how much is on hand; when that comes back, so do they."""

    def load(self, wanted: Wanted, /) -> Loaded:
        loaded = super().load(wanted)
        versions = {
            sku: sum(level.on_hand for level in self.snapshot.stock if level.sku == sku)
            + sum(10_000 for order in self.snapshot.orders for line in order.lines)
            for sku in loaded.versions
        }
        return attrs.evolve(loaded, versions=versions)

    def commit(self, commit: Commit, /) -> Committed:
        current = self.load(Wanted(skus=commit.versions)).versions
        real = {sku: self._versions.get(sku, 0) for sku in commit.versions}
        if current != commit.versions:
            real = dict.fromkeys(commit.versions, -1)
        return super().commit(attrs.evolve(commit, versions=real))


class KeptForAnHour(MemoryStore):
    """Cleans up its keys whenever an order is placed."""

    def commit(self, commit: Commit, /) -> Committed:
        made = super().commit(commit)
        if any(isinstance(fact, Placed) for fact in commit.facts):
            self._by_key = {commit.key: made}
        return made


@pytest.mark.parametrize(
    "make", [WithoutRequests, FirstLineOnly, OldReceipts, ByContent, KeptForAnHour]
)
def test_it_finds_what_no_clause_was_written_for(make: Callable[[Snapshot], Store]) -> None:
    class Kit(StoreConformance):
        def make_store(self, snapshot: Snapshot) -> Store:
            return make(snapshot)

    class Machine(StoreMachine):
        def make_store(self, snapshot: Snapshot) -> Store:
            return make(snapshot)

    assert not failed_by(Kit())
    with pytest.raises(AssertionError, match="the store gives"):
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=100, derandomize=True, database=None, phases=[Phase.generate]
            ),
        )
