"""The storage protocol: what a host's store must do, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from backorderkit.changes import Fact
from backorderkit.commands import Command
from backorderkit.model.ids import HoldId, OrderId, ReceiptId, Sku
from backorderkit.model.snapshot import Snapshot


# Named functions, so that mypy knows their types.
def _skus(given: Iterable[Sku]) -> frozenset[Sku]:
    return frozenset(given)


def _orders(given: Iterable[OrderId]) -> frozenset[OrderId]:
    return frozenset(given)


def _receipts(given: Iterable[ReceiptId]) -> frozenset[ReceiptId]:
    return frozenset(given)


def _holds(given: Iterable[HoldId]) -> frozenset[HoldId]:
    return frozenset(given)


def _facts(given: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(given)


def _versions(versions: Mapping[Sku, int]) -> Mapping[Sku, int]:
    return {sku: versions[sku] for sku in sorted(versions)}


@attrs.frozen(kw_only=True)
class Wanted:
    """
    What a command needs to know.

    Attributes:
        skus: These SKUs,
        orders: those of the lines of these orders, as far as there are such,
        receipts: those of these receipts, as far as there are such,
        holds: and those of which these holds have units, as far as there are such.
    """

    skus: frozenset[Sku] = attrs.field(default=(), converter=_skus)
    orders: frozenset[OrderId] = attrs.field(default=(), converter=_orders)
    receipts: frozenset[ReceiptId] = attrs.field(default=(), converter=_receipts)
    holds: frozenset[HoldId] = attrs.field(default=(), converter=_holds)


@attrs.frozen(kw_only=True)
class Loaded:
    """
    What a store knows of some SKUs.

    Attributes:
        snapshot: Their items, stock, receipts, what is allocated, backordered and
            held of them, and whole orders: those that are asked for, and those with a line of
            them that is outstanding or backordered.  Its moment is whenever the store
            likes.
        versions: A number for each SKU, which differs after every commit that is
            based on it.
    """

    snapshot: Snapshot
    versions: Mapping[Sku, int] = attrs.field(converter=_versions)


@attrs.frozen(kw_only=True)
class Commit:
    """
    What is to be written, all of it or nothing.

    Attributes:
        key: Names the attempt: whoever asks twice asks with the same key.
        command: What was asked for.
        as_of: The moment of it: backorders that it opens, open then.
        versions: The versions that the facts are based on, for each SKU that was
            loaded.
        facts: What happens, in this order; for `backorderkit.apply`.
    """

    key: str
    command: Command
    as_of: datetime
    versions: Mapping[Sku, int] = attrs.field(converter=_versions)
    facts: tuple[Fact, ...] = attrs.field(converter=_facts)


@attrs.frozen(kw_only=True)
class Committed:
    """
    What a commit did.

    Attributes:
        key: Its key.
        command: What was asked for.
        as_of: When.
        facts: What happened.
        sequence: Its place among all commits of the store, from 1.
    """

    key: str
    command: Command
    as_of: datetime
    facts: tuple[Fact, ...]
    sequence: int


@runtime_checkable
class Store(Protocol):
    """
    Keeps orders, stock, receipts, allocations, backorders and holds.

    Clauses, which `backorderkit.testing.StoreConformance` checks:

    S1
        What was committed is loaded again, exactly: after a commit, what is loaded is
        ``apply(what was loaded before, facts)``, both at the moment of the commit, but
        for orders that are closed by it.
    S2
        Asking for a SKU that is not among the items raises `NotFoundError`.  An order,
        receipt or hold that is not there is left out.
    S3
        After a commit everything of it is visible to every later load, and the
        versions of all SKUs that it gave versions of differ.
    S4
        A commit with a version that is not the present one raises `ConflictError` and
        changes nothing.  So does one that schedules a receipt whose id is there for a
        SKU that it gives no version of, or lets a hold have units of one more pool
        while it has some of such a SKU: somebody did that after the load.
    S5
        A commit that fails on the way changes nothing.  One that places an order
        whose id is there raises `DuplicateError`.
    S6
        The same key twice has one effect, and the second time gives the first
        answer, whatever the versions.  With another command it raises
        `DuplicateError`.
    S7
        A commit touches nothing of other SKUs; their versions stay.
    S8
        The facts are stored in the same commit, with a sequence that counts
        commits without a gap, and `history` gives them in this order.
    S9
        Of commits that race from the same versions exactly one has its effect.
    """

    def load(self, wanted: Wanted, /) -> Loaded:
        """
        Give what is known of some SKUs, as it was at one moment.

        Raises:
            NotFoundError: if a SKU is not among the items.
            UnavailableError: if the store cannot be reached.
        """
        ...

    def commit(self, commit: Commit, /) -> Committed:
        """
        Write what happens, all of it or nothing.

        Raises:
            ConflictError: if a version is not the present one, or that of a SKU which a
                receipt leaves is not given.
            DuplicateError: if the key was used for another command, or an order is
                placed whose id is there.
            UnavailableError: if nobody knows whether it had its effect.
        """
        ...

    def find_commit(self, key: str, /) -> Committed | None:
        """Give what a key has done, if it has done something."""
        ...

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        """Give all commits with a higher sequence, in order."""
        ...


@runtime_checkable
class AsyncStore(Protocol):
    """The same clauses as those of `Store`, for what is awaited."""

    async def load(self, wanted: Wanted, /) -> Loaded:
        """Give what is known of some SKUs, as `Store.load` does."""
        ...

    async def commit(self, commit: Commit, /) -> Committed:
        """Write what happens, all of it or nothing, as `Store.commit` does."""
        ...

    async def find_commit(self, key: str, /) -> Committed | None:
        """Give what a key has done, if it has done something."""
        ...

    async def history(self, after: int = 0, /) -> Iterable[Committed]:
        """Give all commits with a higher sequence, in order."""
        ...
