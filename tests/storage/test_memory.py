"""The store in memory keeps every clause, and one that breaks a clause is found out by that one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from threading import active_count

import attrs
import pytest

from backorderkit import Hold, Placed, Sku, Snapshot, apply
from backorderkit.errors import ConflictError, DuplicateError
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
from backorderkit.testing import AsyncStoreConformance, BlockingStore, StoreConformance


class TestMemoryStore(StoreConformance):
    def make_store(self, snapshot: Snapshot) -> Store:
        return MemoryStore(snapshot)


class TestAsyncMemoryStore(AsyncStoreConformance):
    async def make_store(self, snapshot: Snapshot) -> AsyncStore:
        return AsyncMemoryStore(snapshot)


class Rounding(MemoryStore):
    """S1: keeps what is on hand in whole units, though some are counted in hundredths."""

    def load(self, wanted: Wanted, /) -> Loaded:
        loaded = super().load(wanted)
        stock = [
            attrs.evolve(level, on_hand=level.on_hand // 100 * 100)
            if loaded.snapshot.item(level.sku).decimals
            else level
            for level in loaded.snapshot.stock
        ]
        return attrs.evolve(loaded, snapshot=attrs.evolve(loaded.snapshot, stock=stock))


class Credulous(MemoryStore):
    """S2: knows nothing of a SKU that is no item, and says so by silence."""

    def load(self, wanted: Wanted, /) -> Loaded:
        known = [sku for sku in wanted.skus if sku != "NONE"]
        return super().load(attrs.evolve(wanted, skus=known))


class Lagging(MemoryStore):
    """S3: finds what a receipt is about in a copy that lags behind."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._copy = MemoryStore(snapshot)

    def load(self, wanted: Wanted, /) -> Loaded:
        return self._copy.load(wanted) if wanted.receipts else super().load(wanted)


class Tattling(MemoryStore):
    """S4: writes a refused commit into its history."""

    def commit(self, commit: Commit, /) -> Committed:
        try:
            return super().commit(commit)
        except ConflictError:
            self._commits.append(self._commits[-1])
            raise


class Hasty(MemoryStore):
    """S5: writes fact by fact, and stops where one cannot be written."""

    def commit(self, commit: Commit, /) -> Committed:
        try:
            return super().commit(commit)
        except DuplicateError:
            places = [isinstance(fact, Placed) for fact in commit.facts]
            if any(places):
                self._book = apply(self._book, commit.facts[: places.index(True)])
            raise


class Oblivious(MemoryStore):
    """S6: forgets which keys it has seen."""

    def commit(self, commit: Commit, /) -> Committed:
        self._by_key.pop(commit.key, None)
        return super().commit(commit)


class Sweeping(MemoryStore):
    """S7: has one version for everything."""

    def commit(self, commit: Commit, /) -> Committed:
        made = super().commit(commit)
        for sku in ("MUG", "BOWL", "CUP"):
            self._versions[Sku(sku)] = made.sequence
        return made


class Latest(MemoryStore):
    """S8: hands out the newest first."""

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        return tuple(reversed(tuple(super().history(after))))


class Unlocked(MemoryStore):
    """S9: looks at the versions, and writes a moment later whatever they are by then."""

    def commit(self, commit: Commit, /) -> Committed:
        current = self.load(Wanted(skus=commit.versions)).versions
        fresh = commit.key in self._by_key or current == commit.versions
        time.sleep(0.1)
        if fresh and not self._by_key.get(commit.key):
            commit = attrs.evolve(commit, versions=self.load(Wanted(skus=commit.versions)).versions)
        return super().commit(commit)


DOUBLES: dict[str, Callable[[Snapshot], Store]] = {
    "s1": Rounding,
    "s2": Credulous,
    "s3": Lagging,
    "s4": Tattling,
    "s5": Hasty,
    "s6": Oblivious,
    "s7": Sweeping,
    "s8": Latest,
    "s9": Unlocked,
}


TESTS = len([name for name in dir(StoreConformance) if name.startswith("test_")])


class Awaited:
    """A sync store, awaited; others have their turn between two calls and within them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, wanted: Wanted, /) -> Loaded:
        return await asyncio.to_thread(self._store.load, wanted)

    async def commit(self, commit: Commit, /) -> Committed:
        return await asyncio.to_thread(self._store.commit, commit)

    async def find_commit(self, key: str, /) -> Committed | None:
        return await asyncio.to_thread(self._store.find_commit, key)

    async def history(self, after: int = 0, /) -> Iterable[Committed]:
        return await asyncio.to_thread(self._store.history, after)


def failed_by(kit: StoreConformance | AsyncStoreConformance) -> dict[str, str]:
    """Run all tests of a kit, and give what fails, by clause."""
    failed = {}
    for name in dir(kit):
        if name.startswith("test_"):
            try:
                getattr(kit, name)()
            except AssertionError as error:
                failed[name.split("_")[1]] = str(error)
    return failed


@pytest.mark.parametrize("clause", DOUBLES)
def test_a_broken_store_is_found_out_by_its_clause_alone(clause: str) -> None:
    class Broken(StoreConformance):
        def make_store(self, snapshot: Snapshot) -> Store:
            return DOUBLES[clause](snapshot)

    failed = failed_by(Broken())

    assert list(failed) == [clause], failed
    assert failed[clause].startswith(f"{clause.upper()}: ")


@pytest.mark.parametrize("clause", DOUBLES)
def test_a_broken_async_store_is_found_out_by_its_clause_alone(clause: str) -> None:
    class Broken(AsyncStoreConformance):
        async def make_store(self, snapshot: Snapshot) -> AsyncStore:
            return Awaited(DOUBLES[clause](snapshot))

    assert list(failed_by(Broken())) == [clause]


def test_every_store_is_closed_in_the_loop_that_it_was_made_in() -> None:
    made = list[tuple[AsyncStore, object]]()
    closed = list[tuple[AsyncStore, object]]()

    class Kit(AsyncStoreConformance):
        async def make_store(self, snapshot: Snapshot) -> AsyncStore:
            made.append((AsyncMemoryStore(snapshot), asyncio.get_running_loop()))
            return made[-1][0]

        async def close_store(self, store: AsyncStore) -> None:
            closed.append((store, asyncio.get_running_loop()))

    assert not failed_by(Kit())
    assert closed == made
    assert len(made) == TESTS


def test_a_sync_store_is_closed_even_if_its_test_fails() -> None:
    closed = list[Store]()

    class Kit(StoreConformance):
        def make_store(self, snapshot: Snapshot) -> Store:
            return Latest(snapshot)

        def close_store(self, store: Store) -> None:
            closed.append(store)

    assert list(failed_by(Kit())) == ["s8"]
    assert len(closed) == TESTS


def test_a_store_that_cannot_be_made_leaves_no_loop_behind() -> None:
    async def make_store() -> AsyncStore:
        raise OSError("no database")

    before = active_count()
    with pytest.raises(OSError, match="no database"):
        BlockingStore(make_store)

    assert active_count() == before


def test_the_kit_has_a_test_for_every_clause_of_the_protocol() -> None:
    clauses = [line.strip() for line in (Store.__doc__ or "").splitlines()]
    named = [line.lower() for line in clauses if line[:1] == "S" and line[1:].isdigit()]

    assert named == sorted(DOUBLES)
    assert {name.split("_")[1] for name in dir(StoreConformance) if name[:5] == "test_"} == set(
        named
    )


def test_a_store_that_adds_to_a_hold_unseen_is_found_out() -> None:
    class Adding(MemoryStore):
        def _is_unknown(self, hold: Hold, commit: Commit) -> bool:
            return False

    class Kit(StoreConformance):
        def make_store(self, snapshot: Snapshot) -> Store:
            return Adding(snapshot)

    with pytest.raises(AssertionError, match="S4: "):
        Kit().test_s4_a_hold_that_came_meanwhile_is_not_added_to()
