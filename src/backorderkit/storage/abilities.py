"""What a store may be able to do beyond its protocol; nothing of it is ever required."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, runtime_checkable

from backorderkit.model.ids import Sku
from backorderkit.model.items import Item
from backorderkit.model.snapshot import Snapshot
from backorderkit.storage.protocol import Commit, Committed, Loaded, Wanted


@runtime_checkable
class LockingStore(Protocol):
    """
    Can keep others away from some SKUs while a command is worked out.

    The service uses it where it is there: on a hot SKU nothing is worked out in vain.

    Clauses, which `backorderkit.testing.LockingConformance` checks:

    L1
        From the load to the commit nobody else writes anything of the SKUs.
    L2
        What *propose* returns is written as `Store.commit` writes it; where it returns
        None or raises, nothing is.
    L3
        Of a key that has done something the first answer is given, and *propose* is not
        called, also if it was done while this call waited.
    L4
        Calls about the same SKUs, whichever of them is named first, all come to an end.
    """

    def exclusively(
        self, key: str, wanted: Wanted, propose: Callable[[Loaded], Commit | None], /
    ) -> Committed | None:
        """
        Lock what is wanted, load it, and write what *propose* makes of it.

        Raises:
            ConflictError: if it could not be locked in time.
            NotFoundError: if a SKU is not among the items.
            DuplicateError: if an order is placed whose id is there.
            UnavailableError: if nobody knows whether it had its effect.
        """
        ...


@runtime_checkable
class AsyncLockingStore(Protocol):
    """The same clauses as those of `LockingStore`, for what is awaited."""

    async def exclusively(
        self, key: str, wanted: Wanted, propose: Callable[[Loaded], Commit | None], /
    ) -> Committed | None:
        """Lock what is wanted, load it, and write what *propose* makes of it."""
        ...


@runtime_checkable
class ListingStore(Protocol):
    """Can say what it knows of."""

    def skus(self) -> Iterable[Sku]:
        """Give all SKUs that are known, sorted."""
        ...

    def snapshot(self, as_of: datetime, /) -> Snapshot:
        """Give everything, as it is now, as a snapshot of a moment.  O(all lines)."""
        ...


@runtime_checkable
class DefiningStore(Protocol):
    """Can learn of items after its start."""

    def define(self, items: Iterable[Item], /) -> None:
        """
        Add items, or change what may wait of them; the unit of one that is there stays.

        Definitions are no commits and stand in no history.  Their SKUs get new versions.

        Raises:
            InvalidInputError: with every problem, if they are no such items.
            StoreError: if every SKU exists without being an item.
        """
        ...


@runtime_checkable
class ReplayingStore(Protocol):
    """Can tell the past."""

    def replayed(self, as_of: datetime, /, *, until: int | None = None) -> Snapshot:
        """
        Give everything as it was after a commit, made of the history alone.

        Args:
            as_of: The moment of the snapshot.
            until: The sequence of the commit; the last one if absent.
        """
        ...


@runtime_checkable
class OutboxStore(Protocol):
    """Can remember how far the readers of its history have come."""

    def unread(self, reader: str, /) -> Iterable[Committed]:
        """Give the next commits that a reader has not marked as read: in order, none missing."""
        ...

    def mark_read(self, reader: str, sequence: int, /) -> None:
        """Note that a reader has read so far; never backwards."""
        ...
