"""Connections as the store needs them: what each database must be told, and what it says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import OperationalError
from typing import Final

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    PoolProxiedConnection,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from backorderkit.errors import ConflictError, InvalidValueError, StoreError, UnavailableError

_WRITES: Final = "backorderkit_writes"
_DRIVERS: Final = {
    ("sqlite", False): "sqlite+pysqlite",
    ("sqlite", True): "sqlite+aiosqlite",
    ("postgresql", False): "postgresql+psycopg",
    ("postgresql", True): "postgresql+psycopg",
}

# A row that is there now, a lock that somebody holds, a race that was lost.
_UNIQUE: Final = {"23505", 1555, 2067}
_BUSY: Final = {"40001", "40P01", "55P03"}
_TRIES: Final = 100
_PAUSE: Final = 0.05
_TOO_MUCH: Final = "54"
"""The class of codes for what is longer than an index, a row, a statement may be."""

_SQLITE_BUSY: Final = {5, 6}


def engine_for(url: str | URL) -> Engine:
    """
    Make an engine for a database.

    Raises:
        InvalidValueError: if it is no URL of a database that the store knows.
    """
    checked, arguments = _checked(url, awaited=False)
    engine = create_engine(checked, connect_args=arguments)
    _prepare(engine)
    return engine


def async_engine_for(url: str | URL) -> AsyncEngine:
    """
    Make an engine to be awaited.

    Raises:
        InvalidValueError: as `engine_for` does.
    """
    checked, arguments = _checked(url, awaited=True)
    engine = create_async_engine(checked, connect_args=arguments)
    _prepare(engine.sync_engine)
    return engine


def options(dialect: str, *, writes: bool) -> dict[str, object]:
    """
    Say how a transaction runs.

    One that reads sees one moment.  One that writes sees what was committed
    before each statement, and rows that it locked stay as they are.
    """
    if dialect == "sqlite":
        return {_WRITES: writes}
    if writes:
        return {"isolation_level": "READ COMMITTED"}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextmanager
def translated() -> Iterator[None]:
    """
    Say in the store's own errors what a database says.

    Raises:
        ConflictError: if somebody else was faster, or holds a lock.
        UnavailableError: if it gave no answer.
        StoreError: if it forbids what was written, or cannot hold it.
    """
    try:
        yield
    except IntegrityError as error:
        if _code(error) in _UNIQUE:
            raise ConflictError("somebody else wrote the same meanwhile") from error
        raise StoreError(f"the tables forbid it: {error.orig}") from error
    except (DataError, ProgrammingError) as error:
        raise StoreError(f"the database refuses it: {error.orig}") from error
    except OverflowError as error:
        raise StoreError(f"the database has no number so large: {error}") from error
    except DBAPIError as error:
        code = _code(error)
        if code in _BUSY or (isinstance(code, int) and code & 0xFF in _SQLITE_BUSY):
            raise ConflictError("somebody else holds a lock") from error
        if isinstance(code, str) and code.startswith(_TOO_MUCH):
            raise StoreError(f"the database refuses it: {error.orig}") from error
        raise UnavailableError(f"the database gave no answer: {error.orig}") from error
    except SQLAlchemyError as error:
        raise UnavailableError(f"there is no connection: {error}") from error


def _code(error: DBAPIError) -> str | int | None:
    orig = error.orig
    found: str | int | None = getattr(orig, "sqlstate", None)
    return getattr(orig, "sqlite_errorcode", None) if found is None else found


def _checked(url: str | URL, *, awaited: bool) -> tuple[URL, dict[str, object]]:
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        raise _no_url(url, "must be a database URL such as sqlite:///shop.db") from None
    name = made.get_backend_name()
    driver = _DRIVERS.get((name, awaited))
    if driver is None:
        raise _no_url(url, "must be a URL of SQLite or PostgreSQL")
    if name != "sqlite":
        # A worker that hangs must not hang the others for good; and Python has no times
        # outside of the years 1 to 9999, wherever a time zone would carry them.
        own = made.query.get("options", "")
        given = own if isinstance(own, str) else " ".join(own)
        told = f"-c lock_timeout=5s -c timezone=UTC {given}".strip()
        return made.set(drivername=driver).difference_update_query(["options"]), {"options": told}
    if made.database in {None, "", ":memory:"}:
        raise _no_url(url, "must name a file; MemoryStore keeps a store in memory")
    return made.set(drivername=driver), {"timeout": 5.0}


def _no_url(url: object, reason: str) -> InvalidValueError:
    # A URL may hold a password, so it is not shown.
    return InvalidValueError(field="url", value=type(url).__name__, reason=reason)


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    def connected(connection: PoolProxiedConnection, _: ConnectionPoolEntry) -> None:
        # Python's driver begins transactions by a rule of its own; this store says when.
        connection.isolation_level = None  # type: ignore[attr-defined]  # as above
        cursor = connection.cursor()
        for pragma in ("synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        for left in reversed(range(_TRIES)):
            # Where others open a new file at the same time this fails at once, and waits for none.
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
                break
            except OperationalError:
                if not left:
                    raise
                time.sleep(_PAUSE)
        cursor.close()

    def begun(connection: Connection) -> None:
        # A transaction that reads first and writes then fails at once where others write.
        writes = connection.get_execution_options().get(_WRITES, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
