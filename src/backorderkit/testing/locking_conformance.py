"""Checks whether a store keeps the clauses of `LockingStore`: a lock may be none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import ClassVar, Protocol

import attrs

from backorderkit.errors import ConflictError
from backorderkit.model import OrderId, Snapshot
from backorderkit.planning import answer
from backorderkit.policies import Fifo
from backorderkit.storage.abilities import LockingStore
from backorderkit.storage.protocol import Commit, Committed, Loaded, Store, Wanted
from backorderkit.testing._outcomes import expect, outcome
from backorderkit.testing._shop import BOWL, MUG, NOW, RECEIVE, shop

_MUGS = Wanted(skus=[MUG])


class StoreWithLocks(LockingStore, Store, Protocol):
    """A store that can lock, too."""


@attrs.define
class _Call:
    """A call of `exclusively` in a thread, which waits within its lock until it is let go."""

    store: StoreWithLocks
    key: str
    wanted: Wanted = _MUGS
    within: Event = attrs.Factory(Event)
    let_go: Event = attrs.Factory(Event)
    found: object = None
    _thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def has_ended(self, seconds: float) -> bool:
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        self.found = outcome(lambda: self.store.exclusively(self.key, self.wanted, self._propose))

    def _propose(self, loaded: Loaded) -> Commit:
        self.within.set()
        self.let_go.wait()
        return _commit(loaded, self.key)


class LockingConformance(ABC):
    """
    One test for each clause of `backorderkit.storage.LockingStore`.

    Subclass it as `StoreConformance`: a database that has no row locks, or a driver
    that drops them without a word, is found out here.

    Attributes:
        blocked: Seconds after which a call counts as kept waiting.
        patience: Seconds in which every call must come to its end.
    """

    blocked: ClassVar[float] = 0.3
    patience: ClassVar[float] = 30.0

    @abstractmethod
    def make_store(self, snapshot: Snapshot) -> StoreWithLocks:
        """Give a fresh store that holds a snapshot, and nothing else."""

    def close_store(self, store: StoreWithLocks) -> None:  # noqa: B027 - may be overridden
        """Put a store away after its test; by default nothing is done."""

    def test_l1_others_wait(self) -> None:
        """L1: from the load to the commit nobody else writes anything of the SKUs."""
        with self._opened() as store:
            stale = _commit(store.load(_MUGS), "late")
            first, second = _Call(store, "first"), _Call(store, "second")
            writes = _Writing(store, stale)
            with self._run(first):
                expect(first.within.wait(self.patience), "L1", "it does not call propose")
                second.let_go.set()
                second.start()
                writes.start()
                expect(not second.within.wait(self.blocked), "L1", "two are within the lock")
            expect(second.has_ended(self.patience), "L1", "whoever waits is not let in")
            for call in (first, second):
                done = isinstance(call.found, Committed)
                expect(done, "L1", f"a call ends in {call.found!r}")
            writes.join(self.patience)
            lost = isinstance(writes.found, ConflictError)
            expect(lost, "L1", f"a commit past the lock ends in {writes.found!r}")

    def test_l2_what_is_proposed_is_written(self) -> None:
        """L2: what is proposed is written; where nothing is, nothing is."""
        with self._opened() as store:
            before = store.load(_MUGS), list(store.history())
            expect(store.exclusively("none", _MUGS, _nothing) is None, "L2", "None is no commit")
            found = outcome(lambda: store.exclusively("none", _MUGS, _failing))
            expect(isinstance(found, _RefusedError), "L2", f"an error becomes {found!r}")
            same = (store.load(_MUGS), list(store.history())) == before
            expect(same, "L2", "what is not proposed is written")
            made = store.exclusively("key", _MUGS, lambda loaded: _commit(loaded, "key"))
            expect(made is not None, "L2", "what is proposed is not committed")
            expect(store.find_commit("key") == made, "L2", "what is proposed is not written")

    def test_l3_a_key_has_one_effect(self) -> None:
        """L3: of a key that has done something the first answer is given."""
        with self._opened() as store:
            first, twin = _Call(store, "key"), _Call(store, "key")
            with self._run(first):
                expect(first.within.wait(self.patience), "L3", "it does not call propose")
                twin.let_go.set()
                twin.start()
                twin.within.wait(self.blocked)
            ended = first.has_ended(self.patience) and twin.has_ended(self.patience)
            expect(ended, "L3", "calls of one key hang")
            expect(twin.found == first.found, "L3", f"a twin is answered {twin.found!r}")
            again = store.exclusively("key", _MUGS, _failing)
            expect(again == first.found, "L3", f"the second answer is {again!r}")

    def test_l4_all_come_to_an_end(self) -> None:
        """L4: calls about the same SKUs come to an end, whichever is named first."""
        with self._opened() as store:
            ways = (Wanted(skus=[MUG, BOWL]), Wanted(orders=[OrderId("SO-1")], skus=[BOWL]))
            for turn in range(10):
                calls = [
                    _Call(store, f"key-{turn}-{place}", wanted) for place, wanted in enumerate(ways)
                ]
                for call in calls:
                    call.let_go.set()
                    call.start()
                for call in calls:
                    ended = call.has_ended(self.patience)
                    expect(ended, "L4", "calls wait for each other")
                    done = isinstance(call.found, Committed)
                    expect(done, "L4", f"a call ends in {call.found!r}")

    @contextmanager
    def _opened(self) -> Iterator[StoreWithLocks]:
        store = self.make_store(shop())
        try:
            yield store
        finally:
            self.close_store(store)

    @contextmanager
    def _run(self, call: _Call) -> Iterator[None]:
        call.start()
        try:
            yield
        finally:
            call.let_go.set()
            call.has_ended(self.patience)


class _Writing(Thread):
    """A commit that does not ask for the lock."""

    def __init__(self, store: Store, commit: Commit) -> None:
        super().__init__(daemon=True)
        self._store = store
        self._commit = commit
        self.found: object = None

    def run(self) -> None:
        self.found = outcome(lambda: self._store.commit(self._commit))


class _RefusedError(Exception):
    """What somebody raises who is asked for a proposal."""


def _nothing(_: Loaded) -> None:
    return None


def _failing(_: Loaded) -> Commit:
    raise _RefusedError


def _commit(loaded: Loaded, key: str) -> Commit:
    found = answer(loaded.snapshot.at(NOW), RECEIVE, policy=Fifo())
    return Commit(
        key=key, command=RECEIVE, as_of=NOW, versions=loaded.versions, facts=found.changes
    )
