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
from backorderkit.storage.protocol import Commit, Committed, Loaded, Store, Wanted
from backorderkit.testing._audit import Told, audit, outcome_of
from backorderkit.testing._shop import COMMANDS, NOW, shop

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


_FAILURES: Final[tuple[tuple[type[StoreError], bool], ...]] = (
    (ConflictError, False),
    (UnavailableError, False),
    (UnavailableError, True),
)


def check_failures(
    make_store: Callable[[Snapshot], Store],
    *,
    close_store: Callable[[Store], object] = lambda _: None,
    policy: AllocationPolicy | None = None,
) -> int:
    """
    Check that every command has one effect, whichever call of the store fails.

    A few commands are carried out again and again on fresh stores; each time another call
    fails, before its effect or after it, until none is left to fail.

    Args:
        make_store: Gives a fresh store that holds a snapshot.
        close_store: Puts it away.
        policy: Who gets scarce supply; `Fifo` if absent.

    Returns:
        How many runs it took.

    Raises:
        AssertionError: if something is wrong, with the call that failed.

    >>> from backorderkit.storage import MemoryStore
    >>> check_failures(MemoryStore) > 3 * len(COMMANDS)
    True
    """
    runs = 0
    for kind, after in _FAILURES:
        for failing in count():
            store = make_store(shop())
            try:
                runs += 1
                if _calls(store, failing, kind, policy or Fifo(), after=after) <= failing:
                    break
            finally:
                close_store(store)
    return runs


def _calls(
    store: Store, failing: int, kind: type[StoreError], policy: AllocationPolicy, *, after: bool
) -> int:
    """Carry the commands out while a call fails, see what it came to, and count the calls."""
    broken = FailingStore(
        store, lambda call: kind("a failure of a test") if call == failing else None, after=after
    )
    backorders = Backorders(
        broken,
        policy=policy,
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
    found = audit(shop(), store, policy=policy, asked=asked, told=told)
    if found.problems:
        when = "after" if after else "before"
        where = f"where call {failing} ends in {kind.__name__} {when} its effect"
        raise AssertionError(f"{where}: {'; '.join(found.problems)}")
    return broken.calls
