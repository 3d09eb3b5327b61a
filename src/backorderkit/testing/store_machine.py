"""Drives a store and the store in memory with the same commands, and compares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import ClassVar, Final

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backorderkit.commands import Command, ReceiveStock
from backorderkit.errors import InvalidInputError, StoreError
from backorderkit.model import HoldId, Item, OrderId, ReceiptId, Sku, Snapshot
from backorderkit.planning import plan
from backorderkit.policies import AllocationPolicy, Fifo
from backorderkit.service import Backorders
from backorderkit.storage.memory import MemoryStore
from backorderkit.storage.protocol import Commit, Store, Wanted
from backorderkit.storage.steps import proposed, wanted_by
from backorderkit.testing.strategies import AS_OF, commands_for, snapshots

_HOUR: Final = timedelta(hours=1)


@attrs.define
class _Side:
    """One of the two stores, and who works with it."""

    store: Store
    shop: Backorders
    versions: Mapping[Sku, int] = attrs.field(factory=dict)


class StoreMachine(RuleBasedStateMachine):
    """
    A state machine of Hypothesis that holds a store against `MemoryStore`.

    It carries out the same commands on both, with the same keys: some fit, some are
    refused, some repeat a key or use it for something else, some commit what has
    become stale.  After every step it compares answers, all that can be loaded, and
    the history.  It finds what no clause was written for, and shrinks it.

    Subclass it, override `make_store`, and give its ``TestCase`` a name that begins
    with ``Test``; Hypothesis has the settings.

    >>> from hypothesis import settings
    >>> class MineMachine(StoreMachine):
    ...     def make_store(self, snapshot):
    ...         return MemoryStore(snapshot)
    >>> TestMine = MineMachine.TestCase
    >>> TestMine.settings = settings(max_examples=5, deadline=None)
    >>> TestMine().runTest()

    Attributes:
        policy: Who gets scarce supply.
    """

    policy: ClassVar[AllocationPolicy] = Fifo()

    def make_store(self, snapshot: Snapshot) -> Store:
        """Give a fresh store that holds a snapshot, and nothing else."""
        raise NotImplementedError

    def close_store(self, store: Store) -> None:
        """Put a store away at the end; by default nothing is done."""

    def __init__(self) -> None:
        super().__init__()
        self._now = AS_OF
        self._asked: dict[str, Command] = {}
        self._held: list[tuple[Commit, Commit]] = []
        self._sides: tuple[_Side, ...] = ()

    @initialize(snapshot=snapshots())
    def start(self, snapshot: Snapshot) -> None:
        """Put the same book into both."""
        # Without a list of items every SKU exists, which a database cannot hold.
        items = snapshot.items or [Item(sku=Sku("BOWL")), Item(sku=Sku("MUG"))]
        book = plan(attrs.evolve(snapshot, items=items), policy=self.policy).outcome
        self._memory = MemoryStore(book)
        self._sides = (self._side(self._memory), self._side(self.make_store(book)))

    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        """Ask for something with a new key."""
        self._now += _HOUR
        self._ask(f"key-{len(self._asked)}", data.draw(self._commands))

    @precondition(lambda self: self._asked)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """Ask with a key that was used, for the same."""
        key = data.draw(st.sampled_from(list(self._asked)))
        self._ask(key, self._asked[key])

    @precondition(lambda self: self._asked)
    @rule(data=st.data())
    def ask_for_something_else(self, data: st.DataObject) -> None:
        """Ask with a key that was used, for something else."""
        key = data.draw(st.sampled_from(list(self._asked)))
        self._ask(key, ReceiveStock(sku=Sku("MUG"), quantity=999))

    @rule(data=st.data())
    def prepare(self, data: st.DataObject) -> None:
        """Load, and work out a commit for later."""
        key = f"key-{len(self._asked)}"
        command = data.draw(self._commands)
        self._asked[key] = command
        ours, theirs = (self._prepared(side, key, command) for side in self._sides)
        if ours is not None and theirs is not None:
            self._held.append((ours, theirs))

    @precondition(lambda self: self._held)
    @rule(data=st.data())
    def commit_late(self, data: st.DataObject) -> None:
        """Commit what was worked out before, stale or not."""
        held = data.draw(st.sampled_from(self._held))
        commits = dict(zip((id(side) for side in self._sides), held, strict=True))
        self._same("a commit", lambda side: side.store.commit(commits[id(side)]))

    @invariant()
    def all_is_the_same(self) -> None:
        """See that both hold the same."""
        if not self._sides:
            return
        self._same("which versions differ from before", self._moved)
        for wanted in _looks(self._book):
            self._same(f"a load of {wanted}", lambda side, wanted=wanted: self._seen(side, wanted))  # type: ignore[misc]
        for after in (0, len(self._asked) // 2):
            self._same(
                f"the history after {after}",
                lambda side, after=after: list(side.store.history(after)),  # type: ignore[misc]
            )
        for key in self._asked:
            self._same(f"what {key} did", lambda side, key=key: side.store.find_commit(key))  # type: ignore[misc]

    def teardown(self) -> None:
        """Put the store away."""
        for side in self._sides[1:]:
            self.close_store(side.store)

    @property
    def _book(self) -> Snapshot:
        return self._memory.snapshot.at(self._now)

    @property
    def _commands(self) -> st.SearchStrategy[Command]:
        return commands_for(self._book)

    def _side(self, store: Store) -> _Side:
        shop = Backorders(
            store,
            policy=self.policy,
            clock=lambda: self._now,
            patience=timedelta(),
            pause=lambda _: None,
        )
        return _Side(store, shop)

    def _ask(self, key: str, command: Command) -> None:
        self._asked.setdefault(key, command)
        self._same(f"{command}", lambda side: side.shop.do(command, key=key))

    def _prepared(self, side: _Side, key: str, command: Command) -> Commit | None:
        """Work out a commit on one side; None if there is nothing to be committed."""
        try:
            loaded = side.store.load(wanted_by(command))
            found = proposed(command, key, loaded, self._now, self.policy)
        except InvalidInputError:
            return None
        return found if isinstance(found, Commit) else None

    def _moved(self, side: _Side) -> list[Sku]:
        """Give the SKUs whose version differs from that of the last look."""
        before, side.versions = side.versions, side.store.load(_everything(self._book)).versions
        return [sku for sku, version in side.versions.items() if before.get(sku) != version]

    def _seen(self, side: _Side, wanted: Wanted) -> tuple[Snapshot, list[Sku]]:
        """Give what is loaded: the book at one moment, and what there are versions of."""
        loaded = side.store.load(wanted)
        return loaded.snapshot.at(self._now), list(loaded.versions)

    def _same(self, what: str, look: Callable[[_Side], object]) -> None:
        ours, theirs = (_outcome(look, side) for side in self._sides)
        if ours != theirs:
            raise AssertionError(
                f"{what}: the store gives {theirs!r}, and the one in memory {ours!r}"
            )


def _outcome(look: Callable[[_Side], object], side: _Side) -> object:
    """Give an answer, or which error it is; the words of a store's errors are its own."""
    try:
        return look(side)
    except InvalidInputError as error:
        return InvalidInputError, [str(each) for each in error.exceptions]
    except StoreError as error:
        return type(error)


def _everything(book: Snapshot) -> Wanted:
    return Wanted(skus=[item.sku for item in book.items or ()])


def _looks(book: Snapshot) -> Iterator[Wanted]:
    """Give all ways to look at a book: as a whole, and by each of its ids."""
    yield _everything(book)
    for item in book.items or ():
        yield Wanted(skus=[item.sku])
    for order in book.orders:
        yield Wanted(orders=[order.id])
    for receipt in book.receipts:
        yield Wanted(receipts=[receipt.id])
    for hold in book.holds:
        yield Wanted(holds=[hold.id])
    yield Wanted(orders=[OrderId("NONE")], receipts=[ReceiptId("NONE")], holds=[HoldId("NONE")])
