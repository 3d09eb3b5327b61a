"""The SQL store for what is awaited: the same work, on awaited connections."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backorderkit.model.ids import Sku
from backorderkit.model.items import Item
from backorderkit.model.snapshot import Snapshot
from backorderkit.sql import reading, work
from backorderkit.sql.engines import async_engine_for, options, translated
from backorderkit.storage.protocol import Commit, Committed, Loaded, Wanted


class AsyncSqlStore:
    """
    `SqlStore`, awaited.  `open` makes one, since its constructor could not wait.

    >>> import asyncio
    >>> from tempfile import TemporaryDirectory
    >>> async def main(folder):
    ...     start = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    ...     url = f"sqlite:///{folder}/shop.db"
    ...     async with await AsyncSqlStore.open(url, start=start) as store:
    ...         loaded = await store.load(Wanted(skus=["MUG"]))
    ...     return loaded.snapshot.stock[0].on_hand
    >>> with TemporaryDirectory() as folder:
    ...     asyncio.run(main(folder))
    3
    """

    def __init__(self, engine: AsyncEngine) -> None:
        """Take an engine whose tables are there; `open` makes one."""
        self._engine = engine

    @classmethod
    async def open(cls, url: str | URL, *, start: Snapshot | None = None) -> Self:
        """
        Open a database; make the tables where they are missing.

        Args:
            url: Such as ``sqlite:///shop.db`` or ``postgresql://user@host/shop``.
            start: What is true, for tables that are empty; else it is not looked at.

        Raises:
            InvalidValueError: if it is no URL of SQLite or PostgreSQL.
            StoreError: as the constructor of `SqlStore` does.
        """
        store = cls(async_engine_for(url))
        try:
            async with store._transaction(writes=False) as connection:
                is_open = await connection.run_sync(work.is_open)
            if not is_open:
                async with store._transaction(writes=True) as connection:
                    await connection.run_sync(work.start, start)
        except BaseException:
            await store.close()
            raise
        return store

    async def load(self, wanted: Wanted, /) -> Loaded:
        """Give what is known of some SKUs.  It costs what their open lines cost."""
        async with self._transaction(writes=False) as connection:
            return await connection.run_sync(work.load, wanted)

    async def commit(self, commit: Commit, /) -> Committed:
        """Write what happens, all of it or nothing."""
        async with self._transaction(writes=True) as connection:
            return await connection.run_sync(work.commit, commit)

    async def exclusively(
        self, key: str, wanted: Wanted, propose: Callable[[Loaded], Commit | None], /
    ) -> Committed | None:
        """Lock what is wanted, and write what *propose* makes of it."""
        async with self._transaction(writes=True) as connection:
            return await connection.run_sync(work.exclusively, key, wanted, propose)

    async def find_commit(self, key: str, /) -> Committed | None:
        """Give what a key has done, if it has done something."""
        async with self._transaction(writes=False) as connection:
            return await connection.run_sync(work.find_commit, key)

    async def history(self, after: int = 0, /) -> Iterable[Committed]:
        """Give all commits with a higher sequence, in order; read page by page."""
        found: list[Committed] = []
        while True:
            async with self._transaction(writes=False) as connection:
                page = await connection.run_sync(work.page, after)
            found += page
            if len(page) < work.PAGE:
                return found
            after = page[-1].sequence

    async def define(self, items: Iterable[Item], /) -> None:
        """Add items, or change what may wait of them; the unit of one that is there stays."""
        async with self._transaction(writes=True) as connection:
            await connection.run_sync(work.define, items)

    async def skus(self) -> list[Sku]:
        """Give all SKUs that are known, sorted."""
        async with self._transaction(writes=False) as connection:
            return await connection.run_sync(work.skus)

    async def snapshot(self, as_of: datetime, /) -> Snapshot:
        """Give everything, as the tables have it now.  O(all lines)."""
        async with self._transaction(writes=False) as connection:
            return await connection.run_sync(reading.whole, as_of)

    async def replayed(self, as_of: datetime, /, *, until: int | None = None) -> Snapshot:
        """Give everything, as the ledger alone tells it, as `SqlStore.replayed` does."""
        async with self._transaction(writes=False) as connection:
            return await connection.run_sync(work.replayed, as_of, until)

    async def unread(self, reader: str, /) -> list[Committed]:
        """Give the next commits that a reader of the outbox has not marked as read."""
        async with self._transaction(writes=False) as connection:
            return await connection.run_sync(work.unread, reader)

    async def mark_read(self, reader: str, sequence: int, /) -> None:
        """Note that a reader of the outbox has read so far."""
        async with self._transaction(writes=True) as connection:
            await connection.run_sync(work.mark_read, reader, sequence)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def _transaction(self, *, writes: bool) -> AsyncIterator[AsyncConnection]:
        with translated():
            chosen = options(self._engine.dialect.name, writes=writes)
            async with self._engine.connect() as connection:
                prepared = await connection.execution_options(**chosen)
                async with prepared.begin():
                    yield prepared
