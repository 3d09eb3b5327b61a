"""Carries commands out on a store."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from backorderkit.changes import Fact
from backorderkit.commands import (
    AdjustStock,
    CancelOrder,
    CancelReceipt,
    Command,
    PlaceOrder,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseOrder,
    ScheduleReceipt,
    ShipOrder,
    TransferStock,
)
from backorderkit.errors import DuplicateError, InvalidValueError, StoreError
from backorderkit.model._checks import Problems, check_text, raise_first
from backorderkit.planning import Shortage, answer
from backorderkit.policies import AllocationPolicy
from backorderkit.storage.protocol import Commit, Committed, Store, Wanted

__all__ = ["Backorders", "Done"]

PATIENCE: Final = timedelta(seconds=2)
"""How long a command is tried again: on a hot SKU dozens of commits may come before it."""

_LONGEST_PAUSE: Final = 0.010


@attrs.frozen(kw_only=True)
class Done:
    """
    What a command did to a store.

    Attributes:
        key: Its key.
        changes: All that changed; nothing if it was refused.
        refusal: Why it was refused, line by line; nothing if it was not.
        sequence: Its place among all commits of the store; None if it was refused.
    """

    key: str
    changes: tuple[Fact, ...] = ()
    refusal: tuple[Shortage, ...] = ()
    sequence: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether it was carried out."""
        return not self.refusal


class Backorders:
    """
    Carries commands out on a store: load, answer, commit, and again if somebody was faster.

    >>> from backorderkit import Fifo, Order, PlaceOrder, Snapshot
    >>> from backorderkit.storage import MemoryStore
    >>> store = MemoryStore(Snapshot.of(as_of="2026-01-05", stock={"MUG": 3}))
    >>> shop = Backorders(store, policy=Fifo())
    >>> order = Order.of("SO-1", "2026-01-05", {"MUG": 5})
    >>> done = shop.do(PlaceOrder(order=order), key="web-4711")
    >>> [type(change).__name__ for change in done.changes]
    ['Placed', 'Allocated', 'Backordered']
    >>> shop.do(PlaceOrder(order=order), key="web-4711") == done
    True
    """

    def __init__(
        self,
        store: Store,
        *,
        policy: AllocationPolicy,
        patience: timedelta = PATIENCE,
        clock: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        """
        Take what it works with.

        Args:
            store: Where the data lives.
            policy: Who gets scarce supply.
            patience: How long a command is tried again after conflicts.
            clock: Tells the moment of a command; the system's clock if absent.
            monotonic: Tells seconds that never run backwards, for the patience.
            pause: Waits up to so many seconds between two tries; a random part
                of them if absent.

        Raises:
            InvalidValueError: if *store* is no store.
        """
        if not isinstance(store, Store):
            raise InvalidValueError(field="store", value=store, reason="must be a Store")
        self._store = store
        self._policy = policy
        self._patience = patience.total_seconds()
        self._clock = clock or _now
        self._monotonic = monotonic
        self._pause = pause or _jitter

    def do(self, command: Command, *, key: str) -> Done:
        """
        Carry a command out, once.

        Args:
            command: What is asked for.
            key: Names the attempt.  Whoever does not know whether it worked asks again
                with the same key, and gets the first answer.

        Returns:
            What it did, or why it is refused.  A refusal is not kept; asked again, the
            command is answered by what is true then.

        Raises:
            InvalidInputError: if the command does not fit what is true.
            DuplicateError: if the key was used for another command.
            NotFoundError: if a SKU is not among the items.
            ConflictError: if others were faster until the patience ended.
            UnavailableError: if the store could not be reached until then; the command may
                or may not have been carried out, and the same key finds out.
        """
        problems: Problems = []
        check_text(problems, "key", key)
        raise_first(problems)
        end = self._monotonic() + self._patience
        tries = 0
        while True:
            try:
                return self._try(command, key)
            except StoreError as error:
                if not error.retryable or self._monotonic() >= end:
                    raise
            self._pause(min(_LONGEST_PAUSE, 0.001 * 2 ** min(tries, 10)))
            tries += 1

    def _try(self, command: Command, key: str) -> Done:
        before = self._store.find_commit(key)
        if before is not None:
            return _done(before, command)
        loaded = self._store.load(wanted_by(command))
        moment = self._clock()
        found = answer(loaded.snapshot.at(moment), command, policy=self._policy)
        if not found.accepted:
            return Done(key=key, refusal=found.refusal)
        commit = Commit(
            key=key,
            command=command,
            as_of=moment,
            versions=loaded.versions,
            facts=found.changes,
        )
        return _done(self._store.commit(commit), command)


def wanted_by(command: Command) -> Wanted:
    """Say what a command needs to know."""
    match command:
        case PlaceOrder():
            order = command.order
            return Wanted(skus={line.sku for line in order.lines}, orders={order.id})
        case CancelOrder() | ShipOrder() | ReleaseOrder():
            return Wanted(orders={command.order})
        case ScheduleReceipt():
            return Wanted(skus={command.receipt.sku}, receipts={command.receipt.id})
        case ReceiveReceipt() | CancelReceipt():
            return Wanted(receipts={command.receipt})
        case ReceiveStock() | AdjustStock() | TransferStock():
            return Wanted(skus={command.sku})


def _done(made: Committed, command: Command) -> Done:
    if made.command != command:
        raise DuplicateError(f"key {made.key} was used for another command")
    return Done(key=made.key, changes=made.facts, sequence=made.sequence)


def _now() -> datetime:
    return datetime.now(UTC)


def _jitter(longest: float) -> None:
    # Full jitter: workers that met once must not meet again.
    time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret
