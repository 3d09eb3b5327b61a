"""Whoever races on the store in memory gets what was true; a naive store is caught at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from threading import Lock

import attrs
import pytest

from backorderkit import Book, Sku, Snapshot, apply
from backorderkit.errors import ConflictError
from backorderkit.storage import Commit, Committed, Loaded, MemoryStore, Store, Wanted
from backorderkit.testing import Race, check_races, races, switch_point, usual_races


def twice(make: Callable[[Snapshot], Store]) -> Callable[[Snapshot], tuple[Store, Store]]:
    def make_stores(snapshot: Snapshot) -> tuple[Store, Store]:
        store = make(snapshot)
        return store, store

    return make_stores


class Naive(MemoryStore):
    """Reads, modifies, and writes what it has made of that, whatever is true by then."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._seen = list[Book]()

    def load(self, wanted: Wanted, /) -> Loaded:
        loaded = super().load(wanted)
        self._seen.append(self._book)
        return attrs.evolve(loaded, versions=dict.fromkeys(loaded.versions, len(self._seen) - 1))

    def commit(self, commit: Commit, /) -> Committed:
        (seen,) = set(commit.versions.values())
        self._book = apply(self._seen[seen].at(commit.as_of), commit.facts)
        return self.noted(commit)

    def noted(self, commit: Commit) -> Committed:
        made = Committed(
            key=commit.key,
            command=commit.command,
            as_of=commit.as_of,
            facts=commit.facts,
            sequence=len(self._commits) + 1,
        )
        self._commits.append(made)
        self._by_key[made.key] = made
        return made


class OneStatementLate(MemoryStore):
    """Looks at the versions in one statement, and writes in the next."""

    def commit(self, commit: Commit, /) -> Committed:
        if commit.key in self._by_key:
            return super().commit(commit)
        current = self.load(Wanted(skus=commit.versions)).versions
        if current != commit.versions:
            raise ConflictError("somebody was faster")
        switch_point()
        current = {sku: self._versions.get(sku, 0) for sku in commit.versions}
        return super().commit(attrs.evolve(commit, versions=current))


class Locking(MemoryStore):
    """Holds a lock over several statements, as a database does with rows."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._rows = Lock()

    def commit(self, commit: Commit, /) -> Committed:
        switch_point()
        with self._rows:
            switch_point()
            made = super().commit(commit)
            switch_point()
        return made


class Deadlocking(MemoryStore):
    """Locks SKU by SKU, in whatever order they come."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._locks = {Sku("MUG"): Lock(), Sku("BOWL"): Lock()}

    def commit(self, commit: Commit, /) -> Committed:
        skus = list(commit.versions)
        skus = skus if commit.key == "a" else skus[::-1]
        with ExitStack() as held:
            for sku in skus:
                switch_point()
                held.enter_context(self._locks[sku])
            return super().commit(commit)


class Absent(MemoryStore):
    """Is not there."""

    def load(self, wanted: Wanted, /) -> Loaded:
        raise OSError("no such host")


def test_the_store_in_memory_stands_every_order() -> None:
    closed = list[tuple[Store, Store]]()

    runs = check_races(twice(MemoryStore), close_stores=closed.append)

    assert runs == len(closed)
    # Three calls of two workers can be put into 20 orders, and there are nine races.
    assert runs >= 9 * 20


def test_a_naive_store_is_caught_by_the_first_race() -> None:
    with pytest.raises(AssertionError, match=r"in the order [AB]+: .*based on what was not true"):
        check_races(twice(Naive), races=usual_races()[:1])


@pytest.mark.parametrize("race", usual_races(), ids=lambda race: race.name)
def test_every_race_catches_a_naive_store(race: Race) -> None:
    with pytest.raises(AssertionError):
        check_races(twice(Naive), races=[race])


def test_statements_of_a_store_are_interleaved_where_it_says_so() -> None:
    with pytest.raises(AssertionError, match="in the order"):
        check_races(twice(OneStatementLate), max_switches=1)


def test_a_step_that_waits_for_a_lock_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(races, "_BLOCKED", 0.02)

    assert check_races(twice(Locking), races=usual_races()[:1], max_switches=2) > 10


def test_workers_that_wait_for_each_other_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(races, "_BLOCKED", 0.02)
    monkeypatch.setattr(races, "_STUCK", 0.5)

    with pytest.raises(AssertionError, match="the workers wait for each other"):
        check_races(twice(Deadlocking), max_switches=2)


def test_what_a_store_should_not_raise_is_shown() -> None:
    with pytest.raises(AssertionError, match="no such host") as caught:
        check_races(twice(Absent))

    assert isinstance(caught.value.__cause__, OSError)


def test_outside_of_a_race_there_is_nobody_to_switch_to() -> None:
    switch_point()
