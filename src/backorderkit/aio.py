"""The async twin of `backorderkit.service`: the same names, awaited."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from backorderkit.commands import Command
from backorderkit.errors import InvalidValueError, StoreError
from backorderkit.policies import AllocationPolicy, Placing
from backorderkit.policies.sourcing import IN_LOCATION_ORDER
from backorderkit.storage.abilities import AsyncLockingStore
from backorderkit.storage.protocol import AsyncStore
from backorderkit.storage.steps import (
    PATIENCE,
    Done,
    Proposal,
    done,
    longest_pause,
    proposed,
    require_key,
    require_untied,
    wanted_by,
)

__all__ = ["Backorders", "Done"]


class Backorders:
    """
    Carries commands out on a store, as `backorderkit.service.Backorders` does.

    >>> import asyncio
    >>> from backorderkit import Fifo, Order, PlaceOrder, Snapshot
    >>> from backorderkit.storage import AsyncMemoryStore
    >>> store = AsyncMemoryStore(Snapshot.of(as_of="2026-01-05", stock={"MUG": 3}))
    >>> shop = Backorders(store, policy=Fifo())
    >>> order = Order.of("SO-1", "2026-01-05", {"MUG": 5})
    >>> done = asyncio.run(shop.do(PlaceOrder(order=order), key="web-4711"))
    >>> [type(change).__name__ for change in done.changes]
    ['Placed', 'Allocated', 'Backordered']
    """

    def __init__(
        self,
        store: AsyncStore,
        *,
        policy: AllocationPolicy,
        placing: Placing = IN_LOCATION_ORDER,
        patience: timedelta = PATIENCE,
        locks: bool = True,
        clock: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        """
        Take what it works with.

        Args:
            store: Where the data lives.
            policy: Who gets scarce supply.
            placing: From which location units come, where there are several.
            patience: How long a command is tried again after conflicts.
            locks: Whether SKUs are locked where the store can do it; else, and where
                it cannot, versions tell who was faster.
            clock: Tells the moment of a command; the system's clock if absent.
            monotonic: Tells seconds that never run backwards, for the patience.
            pause: Waits up to so many seconds between two tries; a random part
                of them if absent.

        Raises:
            InvalidValueError: if *store* is no store, or *policy* ties SKUs: `Rules` by
                which lines ship together.
        """
        if not isinstance(store, AsyncStore):
            raise InvalidValueError(field="store", value=store, reason="must be an AsyncStore")
        self._store = store
        self._locking = store if locks and isinstance(store, AsyncLockingStore) else None
        require_untied(policy)
        self._policy = policy
        self._placing = placing
        self._patience = patience.total_seconds()
        self._clock = clock or _now
        self._monotonic = monotonic
        self._pause = pause or _jitter

    async def do(self, command: Command, *, key: str) -> Done:
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
        require_key(key)
        end = self._monotonic() + self._patience
        tries = 0
        while True:
            try:
                return await self._try(command, key)
            except StoreError as error:
                if not error.retryable or self._monotonic() >= end:
                    raise
            await self._pause(longest_pause(tries))
            tries += 1

    async def _try(self, command: Command, key: str) -> Done:
        if self._locking is not None:
            proposal = Proposal(command, key, self._clock, self._policy, placing=self._placing)
            wanted = wanted_by(command)
            return proposal.done(await self._locking.exclusively(key, wanted, proposal))
        loaded = await self._store.load(wanted_by(command))
        # Asked after the load: what is seen there cannot be the command's own effect.
        before = await self._store.find_commit(key)
        if before is not None:
            return done(before, command)
        found = proposed(command, key, loaded, self._clock(), self._policy, placing=self._placing)
        return found if isinstance(found, Done) else done(await self._store.commit(found), command)


def _now() -> datetime:
    return datetime.now(UTC)


async def _jitter(longest: float) -> None:
    # Full jitter: workers that met once must not meet again.
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - no secret
