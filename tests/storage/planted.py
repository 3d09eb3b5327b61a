"""Bugs that stores and services had, or might have; each is planted in one that is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import attrs

from backorderkit import (
    Adjusted,
    CancelOrder,
    Command,
    Fact,
    InvalidInputError,
    Placed,
    Received,
    Released,
    Scheduled,
    Shipped,
    Sku,
    Snapshot,
    aio,
    apply,
)
from backorderkit.errors import StoreError, UnavailableError
from backorderkit.planning import Book
from backorderkit.service import Done
from backorderkit.storage import Commit, Committed, Loaded, MemoryStore, Store, Wanted
from backorderkit.storage.steps import done, proposed, wanted_by


class IgnoresVersions(MemoryStore):
    """Writes whatever the versions are by then."""

    def commit(self, commit: Commit, /) -> Committed:
        current = {sku: self._versions.get(sku, 0) for sku in commit.versions}
        return super().commit(attrs.evolve(commit, versions=current))


class ForgetsKeys(MemoryStore):
    """Keeps no keys at all."""

    def find_commit(self, key: str, /) -> Committed | None:
        return None

    def commit(self, commit: Commit, /) -> Committed:
        self._by_key.clear()
        return super().commit(commit)


class KnowsTheLastKeyOnly(MemoryStore):
    """Does again what was asked for before somebody else asked for something."""

    def commit(self, commit: Commit, /) -> Committed:
        if commit.key not in self._by_key:
            self._by_key.clear()
        return super().commit(commit)


class HalfWritten(MemoryStore):
    """Has no transaction: every fifth commit breaks off on the way."""

    tries = 0

    def commit(self, commit: Commit, /) -> Committed:
        self.tries += 1
        if self.tries % 5 == 0 and len(commit.facts) > 1:
            self._book = apply(self._book.at(commit.as_of), commit.facts[:1])
            raise UnavailableError("the connection is lost")
        return super().commit(commit)


class NotedFirst(MemoryStore):
    """Notes the key in a transaction of its own, before it writes; the second may fail."""

    tries = 0

    def commit(self, commit: Commit, /) -> Committed:
        self.tries += 1
        if self.tries % 5:
            return super().commit(commit)
        book, versions = self._book, dict(self._versions)
        super().commit(commit)
        self._book, self._versions = book, versions
        raise UnavailableError("the connection is lost")


class OneVersionStands(MemoryStore):
    """Gives no new version to one SKU."""

    def commit(self, commit: Commit, /) -> Committed:
        made = super().commit(commit)
        self._versions.pop(Sku("MUG"), None)
        return made


class VersionOfStock(MemoryStore):
    """Makes versions of how much is on hand, which may come back."""

    def load(self, wanted: Wanted, /) -> Loaded:
        loaded = super().load(wanted)
        return attrs.evolve(loaded, versions={sku: self._units(sku) for sku in loaded.versions})

    def commit(self, commit: Commit, /) -> Committed:
        fresh = all(self._units(sku) == version for sku, version in commit.versions.items())
        versions = {sku: self._versions.get(sku, 0) - (not fresh) for sku in commit.versions}
        return super().commit(attrs.evolve(commit, versions=versions))

    def _units(self, sku: Sku) -> int:
        return sum(level.on_hand for level in self._book.part([sku]).stock)


class TornPicture(MemoryStore):
    """Reads versions and the rest in two transactions, the rest from a copy that lags."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._before = self._book

    def load(self, wanted: Wanted, /) -> Loaded:
        loaded = super().load(wanted)
        old = self._before.part(loaded.versions)
        return attrs.evolve(loaded, snapshot=old) if len(self._commits) % 4 == 3 else loaded

    def commit(self, commit: Commit, /) -> Committed:
        self._before = self._book
        return super().commit(commit)


class _Miswriting(MemoryStore):
    """Writes other facts than those it keeps."""

    def written(self, commit: Commit) -> Iterable[Fact]:
        raise NotImplementedError

    def commit(self, commit: Commit, /) -> Committed:
        known = commit.key in self._by_key
        before = self._book.at(commit.as_of)
        made = super().commit(commit)
        if not known:
            self._book = self._written(before, commit)
        return made

    def _written(self, before: Book, commit: Commit) -> Book:
        try:
            return apply(before, self.written(commit))
        except InvalidInputError:
            return self._book


class CancelledStockStays(_Miswriting):
    """Cancels an order, and leaves its units where they are."""

    def written(self, commit: Commit) -> Iterable[Fact]:
        freed = any(isinstance(fact, Released) for fact in commit.facts)
        return () if freed and isinstance(commit.command, CancelOrder) else commit.facts


class ReceiptsTwice(_Miswriting):
    """Counts what a receipt brought in two places."""

    def written(self, commit: Commit) -> Iterable[Fact]:
        for fact in commit.facts:
            yield fact
            if isinstance(fact, Received):
                yield Adjusted(
                    sku=fact.sku, location=fact.location, quantity=fact.quantity, reason="again"
                )


class ReleasedTwice(_Miswriting):
    """Adds to the stock what is released, though it never left it."""

    def written(self, commit: Commit) -> Iterable[Fact]:
        for fact in commit.facts:
            yield fact
            if isinstance(fact, Released):
                line = self._book.part([Sku("BOWL"), Sku("MUG")]).line(fact.order, fact.line)
                yield Adjusted(
                    sku=line.line.sku,
                    location=fact.location,
                    quantity=fact.quantity,
                    reason="released",
                )


class ShipsFromNowhere(_Miswriting):
    """Leaves on hand what has shipped."""

    def written(self, commit: Commit) -> Iterable[Fact]:
        for fact in commit.facts:
            yield fact
            if isinstance(fact, Shipped):
                line = self._book.part([Sku("BOWL"), Sku("MUG")]).line(fact.order, fact.line)
                yield Adjusted(
                    sku=line.line.sku,
                    location=fact.location,
                    quantity=fact.quantity,
                    reason="shipped",
                )


class LateInHistory(MemoryStore):
    """Gives a sequence before the commit is visible; the next may be visible before."""

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        hidden = len(self._commits) - 1 if len(self._commits) % 3 == 2 else 0
        return [made for made in super().history(after) if made.sequence != hidden]


class SequenceByClock(MemoryStore):
    """Numbers commits by the moment of their commands."""

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        made = sorted(self._commits, key=lambda each: each.as_of)
        return [
            attrs.evolve(each, sequence=number)
            for number, each in enumerate(made, start=1)
            if number > after
        ]


class AnswersAnew(MemoryStore):
    """Answers a key that it knows by the number of the last commit."""

    def find_commit(self, key: str, /) -> Committed | None:
        found = super().find_commit(key)
        return found and attrs.evolve(found, sequence=len(self._commits))


class ShippedOrdersGo(MemoryStore):
    """Does not load orders that have nothing outstanding."""

    def load(self, wanted: Wanted, /) -> Loaded:
        loaded = super().load(wanted)
        orders = [
            order
            for order in loaded.snapshot.orders
            if any(line.outstanding for line in order.lines)
        ]
        return attrs.evolve(loaded, snapshot=attrs.evolve(loaded.snapshot, orders=orders))


class NewKeyEachTry(aio.Backorders):
    """Tries again with a key of its own."""

    tries = 0

    async def _try(self, command: Command, key: str) -> Done:
        self.tries += 1
        try:
            return attrs.evolve(await super()._try(command, f"{key}"), key=key)
        except UnavailableError:
            found = await super()._try(command, f"{key}/{self.tries}")
            return attrs.evolve(found, key=key)


class AsksForTheKeyFirst(aio.Backorders):
    """Looks for the key before it loads, so that it may meet its own effect."""

    async def _try(self, command: Command, key: str) -> Done:
        before = await self._store.find_commit(key)
        if before is not None:
            return done(before, command)
        loaded = await self._store.load(wanted_by(command))
        found = proposed(command, key, loaded, self._clock(), self._policy)
        return found if isinstance(found, Done) else done(await self._store.commit(found), command)


class KeepsWhatItLoaded(aio.Backorders):
    """Loads once, and tries again with that and the new versions."""

    async def do(self, command: Command, *, key: str) -> Done:
        self._loaded: Loaded | None = None
        return await super().do(command, key=key)

    async def _try(self, command: Command, key: str) -> Done:
        loaded = await self._store.load(wanted_by(command))
        self._loaded = self._loaded or loaded
        before = await self._store.find_commit(key)
        if before is not None:
            return done(before, command)
        stale = attrs.evolve(self._loaded, versions=loaded.versions)
        found = proposed(command, key, stale, self._clock(), self._policy)
        return found if isinstance(found, Done) else done(await self._store.commit(found), command)


class TakesNoAnswerForNo(aio.Backorders):
    """Says that a command is done when the store did not say anything."""

    async def _try(self, command: Command, key: str) -> Done:
        try:
            return await super()._try(command, key)
        except StoreError as error:
            if isinstance(error, UnavailableError):
                return Done(key=key, sequence=1)
            raise


class PlansLater(aio.Backorders):
    """Commits what happened, and leaves the plan of it for the night."""

    async def _try(self, command: Command, key: str) -> Done:
        loaded = await self._store.load(wanted_by(command))
        before = await self._store.find_commit(key)
        if before is not None:
            return done(before, command)
        found = proposed(command, key, loaded, self._clock(), self._policy)
        if isinstance(found, Done):
            return found
        facts = [fact for fact in found.facts if isinstance(fact, Placed | Received)]
        found = attrs.evolve(found, facts=facts or found.facts)
        return done(await self._store.commit(found), command)


class TakesReceipts(MemoryStore):
    """Moves a receipt to another SKU by a command that was answered before it was there."""

    def commit(self, commit: Commit, /) -> Committed:
        versions = dict(commit.versions)
        for fact in commit.facts:
            if isinstance(fact, Scheduled):
                before = self._book.receipt(fact.receipt.id) or fact.receipt
                versions.setdefault(before.sku, self._versions.get(before.sku, 0))
        return super().commit(attrs.evolve(commit, versions=versions))


BROKEN_STORES: Final[tuple[Callable[[Snapshot], Store], ...]] = (
    IgnoresVersions,
    ForgetsKeys,
    KnowsTheLastKeyOnly,
    HalfWritten,
    NotedFirst,
    OneVersionStands,
    VersionOfStock,
    TornPicture,
    CancelledStockStays,
    ReceiptsTwice,
    ReleasedTwice,
    ShipsFromNowhere,
    LateInHistory,
    SequenceByClock,
    AnswersAnew,
    ShippedOrdersGo,
    TakesReceipts,
)
BROKEN_SERVICES: Final[tuple[type[aio.Backorders], ...]] = (
    NewKeyEachTry,
    AsksForTheKeyFirst,
    KeepsWhatItLoaded,
    TakesNoAnswerForNo,
    PlansLater,
)
