"""Checks whether a store keeps the clauses of its protocol; hosts run it in their own tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Final

import attrs

from backorderkit.changes import Placed
from backorderkit.commands import (
    AdjustStock,
    CancelOrder,
    Command,
    ExtendHold,
    HoldStock,
    PlaceOrder,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseHold,
    ShipOrder,
)
from backorderkit.errors import ConflictError, DuplicateError, NotFoundError, StoreError
from backorderkit.model import (
    Hold,
    HoldId,
    Item,
    Order,
    OrderId,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
)
from backorderkit.planning import answer, apply, plan
from backorderkit.policies import Fifo
from backorderkit.storage.protocol import Commit, Committed, Loaded, Store, Wanted

_NOW: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_MUG: Final = Sku("MUG")
_BOWL: Final = Sku("BOWL")
_CART: Final = HoldId("cart-1")
_LATER: Final = _NOW + timedelta(hours=1)
_RACERS: Final = 8


def _shop() -> Snapshot:
    """Make a small shop: mugs are short, bowls are not, and one more receipt is to come."""
    items = [Item(sku=_MUG), Item(sku=_BOWL, unit="kg", decimals=2), Item(sku=Sku("CUP"))]
    shop = Snapshot.of(
        as_of=_NOW,
        items=items,
        stock={("MUG", "EAST"): 2, ("MUG", "MAIN"): 1, ("BOWL", "MAIN"): 250},
        receipts=[ScheduledReceipt(id=ReceiptId("PO-1"), sku=_MUG, quantity=4, due=_NOW)],
        orders=[
            Order.of("SO-1", "2026-01-02", {"MUG": 5, "BOWL": 25}),
            Order.of("SO-2", "2026-01-03", {"BOWL": 50}),
        ],
        holds=[Hold(id=_CART, sku=_BOWL, quantity=10, expires_at=_LATER)],
    )
    return plan(shop, policy=Fifo()).outcome


class StoreConformance(ABC):
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

    def test_s1_what_was_committed_is_loaded(self) -> None:
        """S1: after a commit what is loaded is what `apply` makes of it."""
        store = self.make_store(_shop())
        for number, command in enumerate(_COMMANDS):
            before = _load(store, _MUG, _BOWL)
            made = _commit_for(before, command, key=f"key-{number}")
            store.commit(made)
            expected = apply(before.snapshot.at(_NOW), made.facts)
            found = _load(store, _MUG, _BOWL).snapshot.at(_NOW)
            _expect(found == expected, "S1", f"after {command} it loads {found}, not {expected}")

    def test_s2_what_is_not_there(self) -> None:
        """S2: a SKU that is no item is refused; an order, a receipt or a hold is left out."""
        store = self.make_store(_shop())
        _expect_raised("S2", NotFoundError, lambda: store.load(Wanted(skus=[Sku("NONE")])))
        wanted = Wanted(
            orders=[OrderId("NONE")], receipts=[ReceiptId("NONE")], holds=[HoldId("NONE")]
        )
        loaded = store.load(wanted)
        _expect(not loaded.snapshot.orders, "S2", "it loads orders that nobody asked for")
        _expect(not loaded.versions, "S2", "it gives versions of what is not there")
        whole = store.load(Wanted(orders=[OrderId("SO-1")], receipts=[ReceiptId("PO-1")]))
        _expect(
            set(whole.versions) == {_MUG, _BOWL},
            "S2",
            f"for an order of two SKUs it gives the versions of {sorted(whole.versions)}",
        )
        expected = _load(store, _MUG, _BOWL).snapshot
        _expect(whole.snapshot == expected, "S2", "an order loads otherwise than its SKUs")
        cart = store.load(Wanted(holds=[_CART]))
        _expect(set(cart.versions) == {_BOWL}, "S2", "a hold loads otherwise than its SKUs")

    def test_s3_a_commit_is_visible_and_its_versions_differ(self) -> None:
        """S3: what was committed is seen by every load, with other versions."""
        store = self.make_store(_shop())
        before = _load(store, _MUG)
        store.commit(_commit_for(before, _RECEIVE, key="key"))
        after = store.load(Wanted(receipts=[ReceiptId("PO-1")]))
        _expect(before.versions[_MUG] != after.versions[_MUG], "S3", "a commit leaves the version")

    def test_s4_a_stale_version_changes_nothing(self) -> None:
        """S4: a commit that is based on an old version is refused and has no effect."""
        store = self.make_store(_shop())
        stale = _load(store, _MUG)
        store.commit(_commit_for(stale, _RECEIVE, key="first"))
        self._check_refused(store, _commit_for(stale, _RECEIVE, key="second"), ConflictError, "S4")

    def test_s5_a_commit_that_fails_on_the_way_changes_nothing(self) -> None:
        """S5: where one fact cannot be written, none is."""
        store = self.make_store(_shop())
        loaded = _load(store, _MUG)
        known = loaded.snapshot.orders[0]
        made = _commit_for(loaded, _RECEIVE, key="key")
        broken = attrs.evolve(made, facts=(*made.facts, Placed(order=known)))
        self._check_refused(store, broken, DuplicateError, "S5")

    def test_s6_a_key_has_one_effect(self) -> None:
        """S6: the same key again gives the first answer; it cannot mean something else."""
        store = self.make_store(_shop())
        made = _commit_for(_load(store, _MUG), _RECEIVE, key="key")
        _expect(store.find_commit("key") is None, "S6", "it knows a key that nobody used")
        first = store.commit(made)
        before = _load(store, _MUG, _BOWL)
        later = _commit_for(before, _RECEIVE, key="key")
        for again in (made, later):
            answered = _outcome(lambda again=again: store.commit(again))  # type: ignore[misc]
            _expect(answered == first, "S6", f"the second answer is {answered!r}, not the first")
        _expect(_load(store, _MUG, _BOWL) == before, "S6", "the second time has an effect")
        _expect(store.find_commit("key") == first, "S6", "it forgets what a key has done")
        other = _commit_for(before, _SHIP, key="key")
        self._check_refused(store, other, DuplicateError, "S6")

    def test_s7_other_skus_are_untouched(self) -> None:
        """S7: a commit leaves the data and the versions of other SKUs."""
        store = self.make_store(_shop())
        before = _load(store, _BOWL)
        store.commit(_commit_for(_load(store, _MUG), _RECEIVE, key="key"))
        after = _load(store, _BOWL)
        _expect(after.versions == before.versions, "S7", "it changes versions of other SKUs")
        same = after.snapshot.at(_NOW) == before.snapshot.at(_NOW)
        _expect(same, "S7", "it changes other SKUs")

    def test_s8_facts_are_kept_in_order(self) -> None:
        """S8: every commit stands in the history once, in order, with all its facts."""
        store = self.make_store(_shop())
        done = [
            store.commit(_commit_for(_load(store, _MUG, _BOWL), command, key=f"key-{number}"))
            for number, command in enumerate(_COMMANDS)
        ]
        sequences = [each.sequence for each in done]
        _expect(sequences == list(range(1, len(done) + 1)), "S8", f"it counts {sequences}")
        _expect(list(store.history()) == done, "S8", "its history is not what was committed")
        _expect(list(store.history(1)) == done[1:], "S8", "its history starts at another place")

    def test_s9_of_racing_commits_one_has_its_effect(self) -> None:
        """S9: of commits from the same versions, at the same time, exactly one is done."""
        store = self.make_store(_shop())
        loaded = _load(store, _MUG)
        outcomes = _race(
            [
                lambda commit=commit: store.commit(commit)  # type: ignore[misc]
                for commit in (
                    _commit_for(loaded, _RECEIVE, key=f"key-{number}") for number in range(_RACERS)
                )
            ]
        )
        done = [each for each in outcomes if isinstance(each, Committed)]
        lost = [each for each in outcomes if isinstance(each, ConflictError)]
        _expect(len(done) == 1, "S9", f"{len(done)} of {_RACERS} racing commits are done")
        _expect(len(lost) == _RACERS - 1, "S9", f"the others end in {outcomes}")
        expected = apply(loaded.snapshot.at(_NOW), done[0].facts)
        found = _load(store, _MUG).snapshot.at(_NOW)
        _expect(found == expected, "S9", "more than one has an effect")

    def _check_refused(
        self, store: Store, commit: Commit, kind: type[StoreError], clause: str
    ) -> None:
        """See that a commit is refused, and that nothing is different after it."""
        before = _load(store, _MUG, _BOWL), list(store.history())
        _expect_raised(clause, kind, lambda: store.commit(commit))
        after = _load(store, _MUG, _BOWL), list(store.history())
        _expect(after == before, clause, "a refused commit has an effect")


_RECEIVE: Final = ReceiveStock(sku=_MUG, quantity=1)
_SHIP: Final = ShipOrder(order=OrderId("SO-1"))
_COMMANDS: Final[tuple[Command, ...]] = (
    PlaceOrder(order=Order.of("SO-3", "2026-01-04", {"MUG": 1, "BOWL": 7})),
    HoldStock(id=_CART, units={"BOWL": 20}, expires_at=_LATER),
    _RECEIVE,
    ReceiveReceipt(receipt=ReceiptId("PO-1"), quantity=1),
    _SHIP,
    CancelOrder(order=OrderId("SO-2")),
    AdjustStock(sku=_BOWL, quantity=-1, reason="broken"),
    ReceiveReceipt(receipt=ReceiptId("PO-1")),
    CancelOrder(order=OrderId("SO-1")),
    HoldStock(id=HoldId("cart-2"), units={"MUG": 1, "BOWL": 7}, expires_at=_LATER),
    ExtendHold(id=_CART, expires_at=_LATER + timedelta(hours=1)),
    PlaceOrder(order=Order.of("SO-4", "2026-01-04", {"BOWL": 7}), holds=[_CART]),
    ReleaseHold(id=HoldId("cart-2")),
)


def _load(store: Store, *skus: Sku) -> Loaded:
    return store.load(Wanted(skus=skus))


def _commit_for(loaded: Loaded, command: Command, *, key: str) -> Commit:
    found = answer(loaded.snapshot.at(_NOW), command, policy=Fifo())
    return Commit(
        key=key, command=command, as_of=_NOW, versions=loaded.versions, facts=found.changes
    )


def _race(jobs: list[Callable[[], Committed]]) -> list[object]:
    """Run jobs at the same time, and give what each returns or raises."""
    outcomes: list[object] = [None] * len(jobs)
    start = Barrier(len(jobs))

    def run(place: int) -> None:
        start.wait()
        outcomes[place] = _outcome(jobs[place])

    threads = [Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _outcome(work: Callable[[], object]) -> object:
    """Give what a store returns or raises, whatever it is."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - it is looked at
        return error


def _expect(holds: object, clause: str, detail: str) -> None:
    if not holds:
        raise AssertionError(f"{clause}: {detail}")


def _expect_raised(clause: str, kind: type[StoreError], work: Callable[[], object]) -> None:
    found = _outcome(work)
    _expect(isinstance(found, kind), clause, f"it gives {found!r}, not {kind.__name__}")
