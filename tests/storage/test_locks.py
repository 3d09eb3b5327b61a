"""The kit finds out a lock that is none, and the service uses one that is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from threading import Lock, RLock
from typing import ClassVar

import pytest

from backorderkit import Fifo, ReceiveStock, Sku, Snapshot, aio
from backorderkit.errors import ConflictError, DuplicateError, StoreError
from backorderkit.service import Backorders
from backorderkit.storage import (
    AsyncMemoryStore,
    Commit,
    Committed,
    Loaded,
    LockingStore,
    MemoryStore,
    Wanted,
)
from backorderkit.testing import LockingConformance

MUG = Sku("MUG")
Propose = Callable[[Loaded], Commit | None]


class Locked(MemoryStore):
    """One lock for all; nothing may be wrong with it."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self.all = RLock()

    def commit(self, commit: Commit, /) -> Committed:
        with self.all:
            return super().commit(commit)

    def exclusively(self, key: str, wanted: Wanted, propose: Propose, /) -> Committed | None:
        with self.all:
            return self.settled(key, wanted, propose)

    def settled(self, key: str, wanted: Wanted, propose: Propose) -> Committed | None:
        before = self.find_commit(key)
        if before is not None:
            return before
        commit = propose(self.load(wanted))
        return None if commit is None else MemoryStore.commit(self, commit)


class Unlocked(Locked):
    """L1: a driver that drops the lock without a word; what was worked out is written anyway."""

    def exclusively(self, key: str, wanted: Wanted, propose: Propose, /) -> Committed | None:
        while True:
            try:
                return self.settled(key, wanted, propose)
            except ConflictError:
                continue


class Swallowing(Locked):
    """L2: what propose raises becomes nothing."""

    def exclusively(self, key: str, wanted: Wanted, propose: Propose, /) -> Committed | None:
        with self.all:
            before = self.find_commit(key)
            try:
                return before or self.settled(key, wanted, propose)
            except (RuntimeError, StoreError):
                raise
            except Exception:  # noqa: BLE001 - that is what is wrong with it
                return None


class Early(Locked):
    """L3: asks for the key before it has the lock."""

    def exclusively(self, key: str, wanted: Wanted, propose: Propose, /) -> Committed | None:
        before = self.find_commit(key)
        if before is not None:
            return before
        with self.all:
            self._by_key.pop(key, None)
            return self.settled(key, wanted, propose)


class Crossed(Locked):
    """L4: locks each SKU in the order of the day."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self.locks = {sku: Lock() for sku in ("BOWL", "CUP", "MUG")}
        self.turn = 0

    def exclusively(self, key: str, wanted: Wanted, propose: Propose, /) -> Committed | None:
        return self.within(self.order_of(wanted), key, wanted, propose)

    def order_of(self, wanted: Wanted) -> list[Sku]:
        skus = sorted(self.load(wanted).versions)
        self.turn += 1
        return skus if self.turn % 2 else skus[::-1]

    def within(
        self, skus: Sequence[Sku], key: str, wanted: Wanted, propose: Propose
    ) -> Committed | None:
        if not skus:
            return self.settled(key, wanted, propose)
        lock = self.locks[skus[0]]
        # What waits for a second would wait for good.
        if not lock.acquire(timeout=1):
            raise ConflictError("deadlock")
        try:
            asyncio.run(asyncio.sleep(0.02))
            return self.within(skus[1:], key, wanted, propose)
        finally:
            lock.release()

    def commit(self, commit: Commit, /) -> Committed:
        with ExitStack() as locked:
            for sku in sorted(commit.versions):
                locked.enter_context(self.locks[sku])
            return MemoryStore.commit(self, commit)


STORES: dict[str, Callable[[Snapshot], Locked]] = {
    "": Locked,
    "l1": Unlocked,
    "l2": Swallowing,
    "l3": Early,
    "l4": Crossed,
}


@pytest.mark.parametrize("clause", STORES)
def test_a_broken_lock_is_found_out_by_its_clause_alone(clause: str) -> None:
    class Kit(LockingConformance):
        blocked: ClassVar[float] = 0.1
        patience: ClassVar[float] = 5.0

        def make_store(self, snapshot: Snapshot) -> Locked:
            return STORES[clause](snapshot)

    kit, found = Kit(), set[str]()
    for name in (name for name in dir(kit) if name.startswith("test_")):
        try:
            getattr(kit, name)()
        except AssertionError as error:
            found.add(str(error)[:2].lower())

    assert found == ({clause} if clause else set())


def shop(store: MemoryStore, *, locks: bool = True) -> Backorders:
    return Backorders(store, policy=Fifo(), locks=locks)


class Counting(Locked):
    """Counts how often it was asked to lock."""

    asked = 0

    def exclusively(self, key: str, wanted: Wanted, propose: Propose, /) -> Committed | None:
        self.asked += 1
        return super().exclusively(key, wanted, propose)


START = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
RECEIVE = ReceiveStock(sku=MUG, quantity=1)


def test_the_service_locks_where_it_can() -> None:
    store = Counting(START)

    done = shop(store).do(RECEIVE, key="key")
    again = shop(store).do(RECEIVE, key="key")
    shop(store, locks=False).do(RECEIVE, key="other")

    assert done == again
    assert store.asked == 2
    assert store.snapshot.stock[0].on_hand == 5
    with pytest.raises(DuplicateError, match="another command"):
        shop(store).do(ReceiveStock(sku=MUG, quantity=2), key="key")


def test_a_store_that_answers_nothing_is_found_out() -> None:
    class Mute(Locked):
        def exclusively(self, key: str, wanted: Wanted, propose: Propose, /) -> None:
            return None

    with pytest.raises(StoreError, match="nothing was refused"):
        shop(Mute(START)).do(RECEIVE, key="key")


def test_the_awaited_service_locks_where_it_can() -> None:
    class AsyncLocked(AsyncMemoryStore):
        asked = 0

        async def exclusively(
            self, key: str, wanted: Wanted, propose: Propose, /
        ) -> Committed | None:
            self.asked += 1
            commit = propose(await self.load(wanted))
            return None if commit is None else await self.commit(commit)

    store = AsyncLocked(START)
    done = asyncio.run(aio.Backorders(store, policy=Fifo()).do(RECEIVE, key="key"))

    assert done.sequence == 1
    assert store.asked == 1


def test_the_store_in_memory_needs_no_lock() -> None:
    assert not isinstance(MemoryStore(START), LockingStore)
