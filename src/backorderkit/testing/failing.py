"""Lets a store fail at every call in turn, before its effect and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count
from typing import Final, TypeVar

from backorderkit.errors import ConflictError, StoreError, UnavailableError
from backorderkit.model import Snapshot
from backorderkit.policies import AllocationPolicy, Fifo
from backorderkit.service import Backorders
from backorderkit.storage.abilities import LockingStore
from backorderkit.storage.protocol import Commit, Committed, Loaded, Store, Wanted
from backorderkit.testing._audit import Told, audit, outcome_of
from backorderkit.testing._shop import COMMANDS, NOW, shop
from backorderkit.testing.locking_conformance import StoreWithLocks

_Result = TypeVar("_Result")


class FailingStore:
    """
    A store that fails at some calls, as one does that is reached by a network.

    Its calls of ``load``, ``find_commit`` and ``commit`` are counted from 0.

    >>> from backorderkit import Sku
    >>> from backorderkit.storage import MemoryStore
    >>> store = MemoryStore(Snapshot.of(as_of="2026-01-05", stock={"MUG": 3}))
    >>> broken = FailingStore(store, lambda call: UnavailableError("gone") if call == 1 else None)
    >>> broken.find_commit("web-4711")
    >>> broken.load(Wanted(skus=[Sku("MUG")]))
    Traceback (most recent call last):
    ...
    backorderkit.errors.UnavailableError: gone
    """

    def __init__(
        self, store: Store, fails: Callable[[int], StoreError | None], *, after: bool = False
    ) -> None:
        """
        Take the store behind it.

        Args:
            store: Does what is asked for.
            fails: Gives the error that a call ends in, by its number, or None.
            after: Whether a call that fails has its effect before.
        """
        self._store = store
        self._fails = fails
        self._after = after
        self.calls = 0

    def load(self, wanted: Wanted, /) -> Loaded:
        """Give what is known of some SKUs."""
        return self._called(lambda: self._store.load(wanted))

    def commit(self, commit: Commit, /) -> Committed:
        """Write what happens, all of it or nothing."""
        return self._called(lambda: self._store.commit(commit))

    def find_commit(self, key: str, /) -> Committed | None:
        """Give what a key has done, if it has done something."""
        return self._called(lambda: self._store.find_commit(key))

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        """Give all commits with a higher sequence, in order; this never fails."""
        return self._store.history(after)

    def _called(self, work: Callable[[], _Result]) -> _Result:
        error = self._fails(self.calls)
        self.calls += 1
        if error is None:
            return work()
        if self._after:
            work()
        raise error


class _FailingLocks(FailingStore):
    """The same of a store that locks."""

    def __init__(
        self, store: StoreWithLocks, fails: Callable[[int], StoreError | None], *, after: bool
    ) -> None:
        super().__init__(store, fails, after=after)
        self._locking = store

    def exclusively(
        self, key: str, wanted: Wanted, propose: Callable[[Loaded], Commit | None], /
    ) -> Committed | None:
        return self._called(lambda: self._locking.exclusively(key, wanted, propose))


_FAILURES: Final[tuple[tuple[type[StoreError], bool], ...]] = (
    (ConflictError, False),
    (UnavailableError, False),
    (UnavailableError, True),
)


def check_failures(
    make_store: Callable[[Snapshot], Store],
    *,
    close_store: Callable[[Store], object] = lambda _: None,
    locks: bool = True,
    policy: AllocationPolicy | None = None,
) -> int:
    """
    Check that every command has one effect, whichever call of the store fails.

    A few commands are carried out again and again on fresh stores; each time another call
    fails, before its effect or after it, until none is left to fail.

    Args:
        make_store: Gives a fresh store that holds a snapshot.
        close_store: Puts it away.
        locks: Whether the store's lock is used where it has one.
        policy: Who gets scarce supply; `Fifo` if absent.

    Returns:
        How many runs it took.

    Raises:
        AssertionError: if something is wrong, with the call that failed.

    >>> from backorderkit.storage import MemoryStore
    >>> check_failures(MemoryStore) > 3 * len(COMMANDS)
    True
    """
    chosen, runs = policy or Fifo(), 0
    for kind, after in _FAILURES:
        for failing in count():
            store = make_store(shop())
            try:
                runs += 1
                broken = _failing(store, failing, kind, after=after)
                _carry_out(broken, store, chosen, locks=locks, failing=(failing, kind, after))
                if broken.calls <= failing:
                    break
            finally:
                close_store(store)
    return runs


def _failing(store: Store, failing: int, kind: type[StoreError], *, after: bool) -> FailingStore:
    def fails(call: int) -> StoreError | None:
        return kind("a failure of a test") if call == failing else None

    if isinstance(store, LockingStore):
        return _FailingLocks(store, fails, after=after)
    return FailingStore(store, fails, after=after)


def _carry_out(
    broken: FailingStore,
    store: Store,
    policy: AllocationPolicy,
    *,
    locks: bool,
    failing: tuple[int, type[StoreError], bool],
) -> None:
    """Carry the commands out while a call fails, and see what it came to."""
    backorders = Backorders(
        broken,
        policy=policy,
        locks=locks,
        patience=timedelta(seconds=1),
        clock=lambda: NOW,
        monotonic=lambda: 0,
        pause=lambda _: None,
    )
    asked = {f"key-{number}": command for number, command in enumerate(COMMANDS)}
    told = [
        Told(key=key, outcome=outcome_of(backorders, key, command), at=NOW)
        for key, command in asked.items()
    ]
    found = audit(shop(), store, policy=policy, asked=asked, told=told, naive=False)
    if found.problems:
        call, kind, after = failing
        when = "after" if after else "before"
        where = f"where call {call} ends in {kind.__name__} {when} its effect"
        raise AssertionError(f"{where}: {'; '.join(found.problems)}")
