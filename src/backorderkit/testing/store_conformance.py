"""Checks whether a store keeps the clauses of its protocol; hosts run it in their own tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from threading import Barrier, Thread
from typing import Final

import attrs

from backorderkit.changes import Placed, Promised
from backorderkit.commands import AdjustStock, Command, HoldStock, ReceiveStock, ScheduleReceipt
from backorderkit.errors import ConflictError, DuplicateError, NotFoundError, StoreError
from backorderkit.model import (
    HoldId,
    LineId,
    OrderId,
    Promise,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
)
from backorderkit.planning import answer, apply
from backorderkit.policies import Fifo
from backorderkit.storage.concerned import without_closed
from backorderkit.storage.protocol import AsyncStore, Commit, Committed, Loaded, Store, Wanted
from backorderkit.testing._outcomes import expect, outcome
from backorderkit.testing._shop import BOWL, CART, COMMANDS, MUG, NOW, RECEIVE, SHIP, shop
from backorderkit.testing.blocking import BlockingStore

_RACERS: Final = 8


class _Clauses(ABC):
    """One test for each clause, on whatever store `_opened` gives."""

    @abstractmethod
    def _opened(self, snapshot: Snapshot) -> AbstractContextManager[Store]:
        """Give a fresh store that holds a snapshot, and put it away at the end."""

    def test_s1_what_was_committed_is_loaded(self) -> None:
        """S1: after a commit what is loaded is what `apply` makes of it."""
        with self._opened(shop()) as store:
            for number, command in enumerate(COMMANDS):
                before = _load_all(store)
                made = _commit_for(before, command, key=f"key-{number}")
                store.commit(made)
                after = apply(before.snapshot.at(NOW), made.facts)
                loads = (
                    (_load_all(store), after),
                    (
                        _load(store, MUG, BOWL),
                        without_closed(after, before.versions.keys(), frozenset()),
                    ),
                )
                for loaded, expected in loads:
                    found = loaded.snapshot.at(NOW)
                    expect(
                        found == expected, "S1", f"after {command} it loads {found}, not {expected}"
                    )

    def test_s1_what_is_promised_of_stock_is_loaded(self) -> None:
        """S1: a promise of units on hand has no receipt, and there may be some of a line."""
        told = [
            Promised(
                order=OrderId("SO-1"),
                line=LineId("1"),
                promises=[Promise(quantity=1, due=NOW + timedelta(days=day)) for day in days],
            )
            for days in ((2,), (1, 3))
        ]
        with self._opened(apply(shop(), told[:1])) as store:
            before = _load_all(store)
            first = {each.promises for each in before.snapshot.backorders}
            expect(told[0].promises in first, "S1", "it begins with other promises")
            made = _commit_for(before, RECEIVE, key="key")
            made = attrs.evolve(made, facts=(*made.facts, *told[1:]))
            store.commit(made)
            found = _load_all(store).snapshot.at(NOW)
            expected = apply(before.snapshot.at(NOW), made.facts)
            expect(found == expected, "S1", f"with such promises it loads {found}, not {expected}")

    def test_s2_what_is_not_there(self) -> None:
        """S2: a SKU that is no item is refused; an order, a receipt or a hold is left out."""
        with self._opened(shop()) as store:
            _expect_raised("S2", NotFoundError, lambda: store.load(Wanted(skus=[Sku("NONE")])))
            wanted = Wanted(
                orders=[OrderId("NONE")], receipts=[ReceiptId("NONE")], holds=[HoldId("NONE")]
            )
            loaded = store.load(wanted)
            expect(not loaded.snapshot.orders, "S2", "it loads orders that nobody asked for")
            expect(not loaded.versions, "S2", "it gives versions of what is not there")
            whole = store.load(Wanted(orders=[OrderId("SO-1")], receipts=[ReceiptId("PO-1")]))
            expect(
                set(whole.versions) == {MUG, BOWL},
                "S2",
                f"for an order of two SKUs it gives the versions of {sorted(whole.versions)}",
            )
            expected = _load(store, MUG, BOWL).snapshot
            expect(whole.snapshot == expected, "S2", "an order loads otherwise than its SKUs")
            cart = store.load(Wanted(holds=[CART]))
            expect(set(cart.versions) == {BOWL}, "S2", "a hold loads otherwise than its SKUs")

    def test_s3_a_commit_is_visible_and_its_versions_differ(self) -> None:
        """S3: what was committed is seen by every load, with other versions."""
        with self._opened(shop()) as store:
            before = _load(store, MUG)
            store.commit(_commit_for(before, RECEIVE, key="key"))
            after = store.load(Wanted(receipts=[ReceiptId("PO-1")]))
            expect(before.versions[MUG] != after.versions[MUG], "S3", "a commit leaves the version")

    def test_s4_a_stale_version_changes_nothing(self) -> None:
        """S4: a commit that is based on an old version is refused and has no effect."""
        with self._opened(shop()) as store:
            stale = _load(store, MUG)
            store.commit(_commit_for(stale, RECEIVE, key="first"))
            self._check_refused(
                store, _commit_for(stale, RECEIVE, key="second"), ConflictError, "S4"
            )

    def test_s4_a_receipt_that_came_meanwhile_is_not_taken_from_its_sku(self) -> None:
        """S4: a receipt does not move to another SKU by who did not know of it."""
        new = ReceiptId("PO-2")
        to_bowl, to_mug = (
            ScheduleReceipt(receipt=ScheduledReceipt(id=new, sku=sku, quantity=1, due=NOW))
            for sku in (BOWL, MUG)
        )
        with self._opened(shop()) as store:
            late = _commit_for(_load(store, BOWL), to_bowl, key="late")
            store.commit(_commit_for(_load(store, MUG), to_mug, key="first"))
            self._check_refused(store, late, ConflictError, "S4")

    def test_s4_a_hold_that_came_meanwhile_is_not_added_to(self) -> None:
        """S4: a hold gets no more pools by who did not know what it has; losses may go on."""
        both, new = HoldId("cart-3"), HoldId("cart-9")
        later = NOW + timedelta(hours=1)
        bowl, mug = (
            HoldStock(id=new, units={str(sku): 1}, expires_at=later) for sku in (BOWL, MUG)
        )
        with self._opened(shop()) as store:
            free = ReceiveStock(sku=MUG, quantity=9)
            store.commit(_commit_for(_load(store, MUG), free, key="mugs"))
            late = _commit_for(_load(store, BOWL), bowl, key="late")
            store.commit(_commit_for(_load(store, MUG), mug, key="first"))
            self._check_refused(store, late, ConflictError, "S4")
            cart = HoldStock(id=both, units={str(BOWL): 20, str(MUG): 1}, expires_at=later)
            store.commit(_commit_for(_load(store, MUG, BOWL), cart, key="cart"))
            loss = AdjustStock(sku=BOWL, quantity=-160, reason="broken")
            made = _commit_for(_load(store, BOWL), loss, key="loss")
            found = outcome(lambda: store.commit(made))
            expect(isinstance(found, Committed), "S4", f"a loss of one SKU ends in {found!r}")

    def test_s5_a_commit_that_fails_on_the_way_changes_nothing(self) -> None:
        """S5: where one fact cannot be written, none is."""
        with self._opened(shop()) as store:
            loaded = _load(store, MUG)
            known = loaded.snapshot.orders[0]
            made = _commit_for(loaded, RECEIVE, key="key")
            broken = attrs.evolve(made, facts=(*made.facts, Placed(order=known)))
            self._check_refused(store, broken, DuplicateError, "S5")

    def test_s6_a_key_has_one_effect(self) -> None:
        """S6: the same key again gives the first answer; it cannot mean something else."""
        with self._opened(shop()) as store:
            made = _commit_for(_load(store, MUG), RECEIVE, key="key")
            expect(store.find_commit("key") is None, "S6", "it knows a key that nobody used")
            first = store.commit(made)
            before = _load(store, MUG, BOWL)
            later = _commit_for(before, RECEIVE, key="key")
            for again in (made, later):
                answered = outcome(lambda again=again: store.commit(again))  # type: ignore[misc]
                expect(answered == first, "S6", f"the second answer is {answered!r}, not the first")
            expect(_load(store, MUG, BOWL) == before, "S6", "the second time has an effect")
            expect(store.find_commit("key") == first, "S6", "it forgets what a key has done")
            other = _commit_for(before, SHIP, key="key")
            self._check_refused(store, other, DuplicateError, "S6")

    def test_s7_other_skus_are_untouched(self) -> None:
        """S7: a commit leaves the data and the versions of other SKUs."""
        with self._opened(shop()) as store:
            before = _load(store, BOWL)
            store.commit(_commit_for(_load(store, MUG), RECEIVE, key="key"))
            after = _load(store, BOWL)
            expect(after.versions == before.versions, "S7", "it changes versions of other SKUs")
            same = after.snapshot.at(NOW) == before.snapshot.at(NOW)
            expect(same, "S7", "it changes other SKUs")

    def test_s8_facts_are_kept_in_order(self) -> None:
        """S8: every commit stands in the history once, in order, with all its facts."""
        with self._opened(shop()) as store:
            done = [
                store.commit(_commit_for(_load_all(store), command, key=f"key-{number}"))
                for number, command in enumerate(COMMANDS)
            ]
            sequences = [each.sequence for each in done]
            expect(sequences == list(range(1, len(done) + 1)), "S8", f"it counts {sequences}")
            expect(list(store.history()) == done, "S8", "its history is not what was committed")
            expect(list(store.history(1)) == done[1:], "S8", "its history starts at another place")

    def test_s9_of_racing_commits_one_has_its_effect(self) -> None:
        """S9: of commits from the same versions, at the same time, exactly one is done."""
        with self._opened(shop()) as store:
            loaded = _load(store, MUG)
            outcomes = _race(
                [
                    lambda commit=commit: store.commit(commit)  # type: ignore[misc]
                    for commit in (
                        _commit_for(loaded, RECEIVE, key=f"key-{number}")
                        for number in range(_RACERS)
                    )
                ]
            )
            done = [each for each in outcomes if isinstance(each, Committed)]
            lost = [each for each in outcomes if isinstance(each, ConflictError)]
            expect(len(done) == 1, "S9", f"{len(done)} of {_RACERS} racing commits are done")
            expect(len(lost) == _RACERS - 1, "S9", f"the others end in {outcomes}")
            expected = apply(loaded.snapshot.at(NOW), done[0].facts)
            found = _load(store, MUG).snapshot.at(NOW)
            expect(found == expected, "S9", "more than one has an effect")

    def _check_refused(
        self, store: Store, commit: Commit, kind: type[StoreError], clause: str
    ) -> None:
        """See that a commit is refused, and that nothing is different after it."""
        before = _load(store, MUG, BOWL), list(store.history())
        _expect_raised(clause, kind, lambda: store.commit(commit))
        after = _load(store, MUG, BOWL), list(store.history())
        expect(after == before, clause, "a refused commit has an effect")


class StoreConformance(_Clauses):
    """
    One test for each clause of `backorderkit.storage.Store`.

    Subclass it in a module of tests, with a name that begins with ``Test``, and
    override `make_store`; pytest finds the rest.  What fails begins with the clause.

    >>> from backorderkit.storage import MemoryStore
    >>> class TestMine(StoreConformance):
    ...     def make_store(self, snapshot):
    ...         return MemoryStore(snapshot)
    >>> TestMine().test_s4_a_stale_version_changes_nothing()
    """

    @abstractmethod
    def make_store(self, snapshot: Snapshot) -> Store:
        """Give a fresh store that holds a snapshot, and nothing else."""

    def close_store(self, store: Store) -> None:
        """Put a store away after its test; by default nothing is done."""

    @contextmanager
    def _opened(self, snapshot: Snapshot) -> Iterator[Store]:
        store = self.make_store(snapshot)
        try:
            yield store
        finally:
            self.close_store(store)


class AsyncStoreConformance(_Clauses):
    """
    The same tests for an `backorderkit.storage.AsyncStore`.

    A store is made, used and closed in one event loop, each in one of its own.

    >>> from backorderkit.storage import AsyncMemoryStore
    >>> class TestMine(AsyncStoreConformance):
    ...     async def make_store(self, snapshot):
    ...         return AsyncMemoryStore(snapshot)
    >>> TestMine().test_s4_a_stale_version_changes_nothing()
    """

    @abstractmethod
    async def make_store(self, snapshot: Snapshot) -> AsyncStore:
        """Give a fresh store that holds a snapshot, and nothing else."""

    async def close_store(self, store: AsyncStore) -> None:
        """Put a store away after its test; by default nothing is done."""

    @contextmanager
    def _opened(self, snapshot: Snapshot) -> Iterator[Store]:
        store = BlockingStore(lambda: self.make_store(snapshot))
        try:
            yield store
        finally:
            store.close(self.close_store)


def _load(store: Store, *skus: Sku) -> Loaded:
    return store.load(Wanted(skus=skus))


def _load_all(store: Store) -> Loaded:
    """Load everything that the kit's commands name, orders that are closed among it."""
    orders = [OrderId(f"SO-{number}") for number in range(1, 7)]
    return store.load(Wanted(skus=[MUG, BOWL], orders=orders))


def _commit_for(loaded: Loaded, command: Command, *, key: str) -> Commit:
    found = answer(loaded.snapshot.at(NOW), command, policy=Fifo())
    return Commit(
        key=key, command=command, as_of=NOW, versions=loaded.versions, facts=found.changes
    )


def _race(jobs: list[Callable[[], Committed]]) -> list[object]:
    """Run jobs at the same time, and give what each returns or raises."""
    outcomes: list[object] = [None] * len(jobs)
    start = Barrier(len(jobs))

    def run(place: int) -> None:
        start.wait()
        outcomes[place] = outcome(jobs[place])

    threads = [Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _expect_raised(clause: str, kind: type[StoreError], work: Callable[[], object]) -> None:
    found = outcome(work)
    expect(isinstance(found, kind), clause, f"it gives {found!r}, not {kind.__name__}")
