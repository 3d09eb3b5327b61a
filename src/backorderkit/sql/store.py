"""The SQL stores: SQLite in a file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import URL, Connection

from backorderkit.model.ids import Sku
from backorderkit.model.items import Item
from backorderkit.model.snapshot import Snapshot
from backorderkit.sql import reading, work
from backorderkit.sql.engines import engine_for, options, translated
from backorderkit.storage.protocol import Commit, Committed, Loaded, Wanted


class SqlStore:
    """
    Keeps a shop in tables of its own, in a SQLite file or in PostgreSQL.

    Threads and processes may share the database; a store is shared by threads.
    After a fork make a new one.

    >>> from tempfile import TemporaryDirectory
    >>> from backorderkit import Fifo, ReceiveStock
    >>> from backorderkit.service import Backorders
    >>> with TemporaryDirectory() as folder:
    ...     start = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    ...     with SqlStore(f"sqlite:///{folder}/shop.db", start=start) as store:
    ...         shop = Backorders(store, policy=Fifo())
    ...         done = shop.do(ReceiveStock(sku=Sku("MUG"), quantity=4), key="dock-17")
    ...         store.load(Wanted(skus=["MUG"])).snapshot.stock[0].on_hand
    7
    """

    def __init__(self, url: str | URL, *, start: Snapshot | None = None) -> None:
        """
        Open a database; make the tables where they are missing.

        Args:
            url: Such as ``sqlite:///shop.db`` or ``postgresql://user@host/shop``.
            start: What is true, for tables that are empty; else it is not looked at.

        Raises:
            InvalidValueError: if it is no URL of SQLite or PostgreSQL.
            StoreError: if the tables are empty and nothing is given, or are of a later
                version than this library knows.
            UnavailableError: if the database cannot be reached.
        """
        self._engine = engine_for(url)
        try:
            with self._transaction(writes=False) as connection:
                is_open = work.is_open(connection)
            if not is_open:
                with self._transaction(writes=True) as connection:
                    work.start(connection, start)
        except BaseException:
            self.close()
            raise

    def load(self, wanted: Wanted, /) -> Loaded:
        """Give what is known of some SKUs.  It costs what their open lines cost."""
        with self._transaction(writes=False) as connection:
            return work.load(connection, wanted)

    def commit(self, commit: Commit, /) -> Committed:
        """Write what happens, all of it or nothing."""
        with self._transaction(writes=True) as connection:
            return work.commit(connection, commit)

    def exclusively(
        self, key: str, wanted: Wanted, propose: Callable[[Loaded], Commit | None], /
    ) -> Committed | None:
        """Lock what is wanted, and write what *propose* makes of it."""
        with self._transaction(writes=True) as connection:
            return work.exclusively(connection, key, wanted, propose)

    def find_commit(self, key: str, /) -> Committed | None:
        """Give what a key has done, if it has done something."""
        with self._transaction(writes=False) as connection:
            return work.find_commit(connection, key)

    def history(self, after: int = 0, /) -> Iterator[Committed]:
        """Give all commits with a higher sequence, in order; read page by page."""
        while True:
            with self._transaction(writes=False) as connection:
                found = work.page(connection, after)
            yield from found
            if len(found) < work.PAGE:
                return
            after = found[-1].sequence

    def define(self, items: Iterable[Item], /) -> None:
        """Add items, or change what may wait of them; the unit of one that is there stays."""
        with self._transaction(writes=True) as connection:
            work.define(connection, items)

    def skus(self) -> list[Sku]:
        """Give all SKUs that are known, sorted."""
        with self._transaction(writes=False) as connection:
            return work.skus(connection)

    def snapshot(self, as_of: datetime, /) -> Snapshot:
        """Give everything, as the tables have it now.  O(all lines)."""
        with self._transaction(writes=False) as connection:
            return reading.whole(connection, as_of)

    def replayed(self, as_of: datetime, /, *, until: int | None = None) -> Snapshot:
        """
        Give everything as it was after a commit, made of the ledger alone.

        After the last one it is equal to `snapshot`, unless somebody changed the tables
        by hand.  O(all that ever happened).

        Args:
            as_of: The moment of the snapshot.
            until: The sequence of the commit; the last one if absent.
        """
        with self._transaction(writes=False) as connection:
            return work.replayed(connection, as_of, until)

    def unread(self, reader: str, /) -> list[Committed]:
        """Give the next commits that a reader of the outbox has not marked as read."""
        with self._transaction(writes=False) as connection:
            return work.unread(connection, reader)

    def mark_read(self, reader: str, sequence: int, /) -> None:
        """Note that a reader of the outbox has read so far."""
        with self._transaction(writes=True) as connection:
            work.mark_read(connection, reader, sequence)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        with translated():
            chosen = options(self._engine.dialect.name, writes=writes)
            with self._engine.connect() as connection:
                prepared = connection.execution_options(**chosen)
                with prepared.begin():
                    yield prepared
