"""Brings the tables of an older version to this one, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, func, insert, inspect, select
from sqlalchemy.schema import CreateColumn

from backorderkit.errors import StoreError
from backorderkit.sql.schema import items, metadata, promises, receipts, versions

Migration = Callable[[Connection], None]

_LOCK: Final = 0x6261636B
"""A number that no other program locks, for PostgreSQL."""


def _create(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)


def _add_fields_of_promising(connection: Connection) -> None:
    _add(connection, items, items.c.lead_time_days)
    _add(connection, receipts, receipts.c.firm)


def _let_promises_be_of_stock(connection: Connection) -> None:
    columns = inspect(connection).get_columns(promises.name)
    if all(each["nullable"] for each in columns if each["name"] == promises.c.receipt.name):
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            f"ALTER TABLE {promises.name} ALTER COLUMN receipt DROP NOT NULL"
        )
    else:
        _rebuild(connection, promises)


def _rebuild(connection: Connection, table: Table) -> None:
    """Make a table anew with the rows it has: SQLite cannot change a column. Nothing names it."""
    old, names = f"{table.name}_old", ", ".join(table.columns.keys())
    connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {old}")
    table.create(connection, checkfirst=False)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {old}"  # noqa: S608 - all ours
    )
    connection.exec_driver_sql(f"DROP TABLE {old}")


def _add(connection: Connection, table: Table, column: Column[Any]) -> None:
    """Add a column, whose default is what the rows that are there have in it."""
    if column.name in {each["name"] for each in inspect(connection).get_columns(table.name)}:
        return
    made = CreateColumn(column).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {made}")


# The first makes all that the schema says now; the others bring what it did not say before.
MIGRATIONS: Final[Sequence[Migration]] = (
    _create,
    _add_fields_of_promising,
    _let_promises_be_of_stock,
)
"""What was ever changed, in order; the place of each is its version."""


def version_of(connection: Connection) -> int:
    """Give how many migrations were made."""
    if not connection.dialect.has_table(connection, versions.name):
        return 0
    found = connection.scalar(select(func.max(versions.c.version)))
    return 0 if found is None else found


def migrate(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """
    Make the migrations that were not made yet; whoever comes second finds nothing to do.

    Raises:
        StoreError: if the tables are of a later version than this library knows.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    made = version_of(connection)
    if made > len(migrations):
        raise StoreError(
            f"the tables are of version {made}, and this library knows {len(migrations)}"
        )
    for number in range(made + 1, len(migrations) + 1):
        migrations[number - 1](connection)
        connection.execute(insert(versions).values(version=number))
