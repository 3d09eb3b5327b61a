"""A store in memory: the reference, for tests and for hosts that keep their data elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

import attrs

from backorderkit.changes import Fact, Held, Placed, Scheduled
from backorderkit.errors import ConflictError, DuplicateError, NotFoundError, StoreError
from backorderkit.model.holds import Hold
from backorderkit.model.ids import Sku
from backorderkit.model.items import Item
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning import Book, apply
from backorderkit.storage.concerned import without_closed
from backorderkit.storage.defining import checked_items
from backorderkit.storage.protocol import Commit, Committed, Loaded, Wanted


class MemoryStore:
    """
    Keeps a prepared book, and forgets it with the process.

    Threads may share it.  A load and a commit cost what their SKUs cost.

    >>> from backorderkit.model import Snapshot
    >>> store = MemoryStore(Snapshot.of(as_of="2026-01-05", stock={"MUG": 3}))
    >>> store.load(Wanted(skus=[Sku("MUG")])).snapshot.stock[0].on_hand
    3
    """

    def __init__(self, snapshot: Snapshot) -> None:
        """Start with what is true."""
        self._book = Book.of(snapshot)
        self._versions = dict[Sku, int]()
        self._commits: list[Committed] = []
        self._by_key = dict[str, Committed]()
        self._lock = Lock()

    @property
    def snapshot(self) -> Snapshot:
        """Everything, as it is now."""
        return self._book.snapshot

    def load(self, wanted: Wanted, /) -> Loaded:
        """Give what is known of some SKUs."""
        with self._lock:
            skus = set(wanted.skus)
            for sku in sorted(skus):
                if not self._book.knows(sku):
                    raise NotFoundError(f"SKU {sku} is not among the items")
            for order in wanted.orders:
                skus |= self._book.skus_of(order)
            for receipt in wanted.receipts:
                found = self._book.receipt(receipt)
                skus |= set() if found is None else {found.sku}
            for hold in wanted.holds:
                skus |= {part.sku for part in self._book.hold(hold)}
            return Loaded(
                snapshot=without_closed(self._book.part(skus), skus, wanted.orders),
                versions={sku: self._versions.get(sku, 0) for sku in skus},
            )

    def commit(self, commit: Commit, /) -> Committed:
        """Write what happens, all of it or nothing."""
        with self._lock:
            made = self._by_key.get(commit.key)
            if made is not None:
                if made.command != commit.command:
                    raise DuplicateError(f"key {commit.key} was used for another command")
                return made
            for sku, version in commit.versions.items():
                if self._versions.get(sku, 0) != version:
                    raise ConflictError(f"SKU {sku} was changed by somebody else")
            for fact in commit.facts:
                self._check(fact, commit)
            self._book = apply(self._book.at(commit.as_of), commit.facts)
            for sku, version in commit.versions.items():
                self._versions[sku] = version + 1
            made = Committed(
                key=commit.key,
                command=commit.command,
                as_of=commit.as_of,
                facts=commit.facts,
                sequence=len(self._commits) + 1,
            )
            self._commits.append(made)
            self._by_key[commit.key] = made
            return made

    def _check(self, fact: Fact, commit: Commit) -> None:
        """Refuse what somebody else has made impossible, though he has touched no SKU of it."""
        if isinstance(fact, Placed) and self._book.order(fact.order.id) is not None:
            raise DuplicateError(f"order {fact.order.id} is there already")
        if isinstance(fact, Scheduled):
            before = self._book.receipt(fact.receipt.id)
            if before is not None and before.sku not in commit.versions:
                raise ConflictError(f"receipt {before.id} was scheduled by somebody else")
        if isinstance(fact, Held) and self._is_unknown(fact.hold, commit):
            raise ConflictError(f"hold {fact.hold.id} was changed by somebody else")

    def _is_unknown(self, hold: Hold, commit: Commit) -> bool:
        """Tell whether a hold gets one more pool, and has others that were not looked at."""
        known = self._book.hold(hold.id)
        return all(each.key != hold.key for each in known) and any(
            each.sku not in commit.versions for each in known
        )

    def find_commit(self, key: str, /) -> Committed | None:
        """Give what a key has done, if it has done something."""
        return self._by_key.get(key)

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        """Give all commits with a higher sequence, in order."""
        return tuple(self._commits[after:])

    def define(self, items: Iterable[Item], /) -> None:
        """Add items, or change what may wait of them; the unit of one that is there stays."""
        with self._lock:
            known = self._book._items  # noqa: SLF001 - a book has no events of items
            if known is None:
                raise StoreError("every SKU exists here, without being an item")
            new = {item.sku: item for item in checked_items(items, known.get)}
            self._book = attrs.evolve(self._book, items={**known, **new})
            for sku in new:
                self._versions[sku] = self._versions.get(sku, 0) + 1


class AsyncMemoryStore:
    """The same for what is awaited; nothing of it waits."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Start with what is true."""
        self._store = MemoryStore(snapshot)

    @property
    def snapshot(self) -> Snapshot:
        """Everything, as it is now."""
        return self._store.snapshot

    async def load(self, wanted: Wanted, /) -> Loaded:
        """Give what is known of some SKUs."""
        return self._store.load(wanted)

    async def commit(self, commit: Commit, /) -> Committed:
        """Write what happens, all of it or nothing."""
        return self._store.commit(commit)

    async def find_commit(self, key: str, /) -> Committed | None:
        """Give what a key has done, if it has done something."""
        return self._store.find_commit(key)

    async def history(self, after: int = 0, /) -> Iterable[Committed]:
        """Give all commits with a higher sequence, in order."""
        return self._store.history(after)
