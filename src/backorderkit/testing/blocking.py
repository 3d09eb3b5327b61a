"""An async store as a sync one, so that every check of the kit is written once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from threading import Thread
from typing import TypeVar

from backorderkit.storage.protocol import AsyncStore, Commit, Committed, Loaded, Wanted

_Result = TypeVar("_Result")


class BlockingStore:
    """
    A `Store` made of an `AsyncStore`, for checks that take a sync one.

    All calls run in one event loop, in a thread of its own, since pools of
    connections are bound to the loop that they were made in.  Calls of several threads
    are under way in it at the same time.

    >>> from backorderkit import Sku, Snapshot
    >>> from backorderkit.storage import AsyncMemoryStore
    >>> async def make_store():
    ...     return AsyncMemoryStore(Snapshot.of(as_of="2026-01-05", stock={"MUG": 3}))
    >>> store = BlockingStore(make_store)
    >>> store.load(Wanted(skus=[Sku("MUG")])).snapshot.stock[0].on_hand
    3
    >>> store.close()
    """

    def __init__(self, make_store: Callable[[], Awaitable[AsyncStore]]) -> None:
        """
        Start a loop, and make the store in it.

        Args:
            make_store: Gives the store; awaited in the loop, as all else is.
        """
        self._loop = asyncio.new_event_loop()
        # A check that is interrupted must not hang at the end for want of `close`.
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._store = self._wait_for(make_store())
        except BaseException:
            self._stop()
            raise

    def close(
        self, close_store: Callable[[AsyncStore], Awaitable[object]] | None = None, /
    ) -> None:
        """
        Stop the loop.

        Args:
            close_store: Awaited with the store before.
        """
        try:
            if close_store is not None:
                self._wait_for(close_store(self._store))
        finally:
            self._stop()

    def load(self, wanted: Wanted, /) -> Loaded:
        """Give what is known of some SKUs."""
        return self._wait_for(self._store.load(wanted))

    def commit(self, commit: Commit, /) -> Committed:
        """Write what happens, all of it or nothing."""
        return self._wait_for(self._store.commit(commit))

    def find_commit(self, key: str, /) -> Committed | None:
        """Give what a key has done, if it has done something."""
        return self._wait_for(self._store.find_commit(key))

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        """Give all commits with a higher sequence, in order."""
        return self._wait_for(self._store.history(after))

    def _wait_for(self, work: Awaitable[_Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(_awaited(work), self._loop).result()

    def _stop(self) -> None:
        for rest in (self._loop.shutdown_asyncgens(), self._loop.shutdown_default_executor()):
            asyncio.run_coroutine_threadsafe(rest, self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _awaited(work: Awaitable[_Result]) -> Coroutine[None, None, _Result]:
    # Whatever can be awaited becomes a coroutine, the only thing that a loop takes from outside.
    async def wait() -> _Result:
        return await work

    return wait()
