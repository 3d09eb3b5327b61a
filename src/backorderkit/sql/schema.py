"""The tables of the SQL store, and what they make impossible to whoever writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    event,
    true,
)
from sqlalchemy.types import TypeDecorator, TypeEngine


class Moment(TypeDecorator[datetime]):
    """An aware time; SQLite has none, so there it is text that sorts as the times do."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose what the database has."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else self.impl_instance)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Write a time."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(
        self,
        value: datetime | str | None,
        dialect: Dialect,  # noqa: ARG002 - as SQLAlchemy calls it
    ) -> datetime | None:
        """Read a time."""
        if value is None:
            return None
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
        return when.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An exact number; SQLite would make it a float, so there it is text."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose what the database has."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """Write a number."""
        return f"{value:f}" if value is not None and dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: Decimal | str | None,
        dialect: Dialect,  # noqa: ARG002 - as SQLAlchemy calls it
    ) -> Decimal | None:
        """Read a number."""
        return None if value is None else Decimal(value)


metadata: Final = MetaData()


def _id(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _count(name: str, default: str | None = None) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=default)


versions: Final = Table(
    "backorderkit_schema",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
)
"""Which migrations were made."""

numbers: Final = Table(
    "backorderkit_numbers",
    metadata,
    _id("name", key=True),
    _count("value"),
)
"""``sequence``: of the last commit. ``any_sku``: 1 if every SKU exists without being an item."""

items: Final = Table(
    "backorderkit_items",
    metadata,
    _id("sku", key=True),
    Column("unit", Text, nullable=False),
    _count("decimals"),
    Column("backorders", Text, nullable=False),
    Column("backorder_limit", BigInteger),
    Column("backorder_limit_per_line", BigInteger),
    Column("backorder_limit_per_customer", BigInteger),
    Column(
        "lead_time_days",
        BigInteger,
        CheckConstraint("lead_time_days >= 0", name="backorderkit_item_lead_time"),
    ),
    _count("version", "0"),
)
"""What is traded. A commit locks the rows of its SKUs, and counts their version up."""

stock: Final = Table(
    "backorderkit_stock",
    metadata,
    _id("sku", key=True),
    _id("location", key=True),
    _count("on_hand"),
    _count("safety_stock", "0"),
    _count("allocated", "0"),
    ForeignKeyConstraint(["sku"], ["backorderkit_items.sku"]),
    CheckConstraint("allocated >= 0 AND allocated <= on_hand", name="backorderkit_no_oversell"),
    CheckConstraint("safety_stock >= 0", name="backorderkit_safety_stock"),
)
"""What is there. ``allocated`` is kept by triggers: the sum of the pool's allocations."""

receipts: Final = Table(
    "backorderkit_receipts",
    metadata,
    _id("id", key=True),
    _id("sku"),
    _id("location"),
    _count("quantity"),
    Column("due", Moment, nullable=False),
    Column("supplier", Text, nullable=False),
    Column(
        "firm",
        Boolean,
        # SQLite would keep any number, and any text.
        CheckConstraint("firm IN (false, true)", name="backorderkit_receipt_firm"),
        nullable=False,
        server_default=true(),
    ),
    ForeignKeyConstraint(["sku"], ["backorderkit_items.sku"]),
    CheckConstraint("quantity > 0", name="backorderkit_receipt_quantity"),
    Index("backorderkit_receipts_of_sku", "sku"),
)

holds: Final = Table(
    "backorderkit_holds",
    metadata,
    _id("id", key=True),
    _id("sku", key=True),
    _id("location", key=True),
    _count("quantity"),
    Column("expires_at", Moment, nullable=False),
    ForeignKeyConstraint(["sku"], ["backorderkit_items.sku"]),
    CheckConstraint("quantity > 0", name="backorderkit_hold_quantity"),
    Index("backorderkit_holds_of_sku", "sku"),
)
"""What is kept for carts; soft, so no constraint holds it against what is on hand."""

orders: Final = Table(
    "backorderkit_orders",
    metadata,
    _id("id", key=True),
    Column("customer", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("placed_at", Moment, nullable=False),
    _count("sequence"),
    _count("priority"),
)

lines: Final = Table(
    "backorderkit_lines",
    metadata,
    _id("order_id", key=True),
    _id("id", key=True),
    _id("sku"),
    Column("location", Text),
    _count("ordered"),
    _count("shipped", "0"),
    _count("cancelled", "0"),
    _count("allocated", "0"),
    Column("requested", Moment),
    Column("placed_at", Moment),
    Column("cancel_after", Moment),
    Column("unit_price", Money),
    Column("currency", Text),
    ForeignKeyConstraint(["order_id"], ["backorderkit_orders.id"]),
    ForeignKeyConstraint(["sku"], ["backorderkit_items.sku"]),
    CheckConstraint(
        "ordered > 0 AND shipped >= 0 AND cancelled >= 0 AND allocated >= 0"
        " AND shipped + cancelled + allocated <= ordered",
        name="backorderkit_line_adds_up",
    ),
)
"""What is wanted. ``allocated`` is kept by triggers: the sum of the line's allocations."""

OPEN: Final = lines.c.ordered > lines.c.shipped + lines.c.cancelled
"""Whether something of a line is outstanding."""

# Only open lines: a SKU that was sold for years loads as fast as a new one.
Index("backorderkit_open_lines_of_sku", lines.c.sku, sqlite_where=OPEN, postgresql_where=OPEN)

allocations: Final = Table(
    "backorderkit_allocations",
    metadata,
    _id("order_id", key=True),
    _id("line_id", key=True),
    _id("location", key=True),
    _id("sku"),
    _count("quantity"),
    ForeignKeyConstraint(
        ["order_id", "line_id"], ["backorderkit_lines.order_id", "backorderkit_lines.id"]
    ),
    ForeignKeyConstraint(
        ["sku", "location"], ["backorderkit_stock.sku", "backorderkit_stock.location"]
    ),
    CheckConstraint("quantity >= 0", name="backorderkit_allocation_quantity"),
    Index("backorderkit_allocations_of_pool", "sku", "location"),
)

backorders: Final = Table(
    "backorderkit_backorders",
    metadata,
    _id("order_id", key=True),
    _id("line_id", key=True),
    Column("sku", Text),
    _count("quantity"),
    Column("opened_at", Moment, nullable=False),
    CheckConstraint("quantity > 0", name="backorderkit_backorder_quantity"),
    Index("backorderkit_backorders_of_sku", "sku"),
)
"""What waits, as it was told. A line that nobody knows any more has no SKU."""

promises: Final = Table(
    "backorderkit_promises",
    metadata,
    _id("order_id", key=True),
    _id("line_id", key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("receipt", Text),
    _count("quantity"),
    Column("due", Moment, nullable=False),
    ForeignKeyConstraint(
        ["order_id", "line_id"],
        ["backorderkit_backorders.order_id", "backorderkit_backorders.line_id"],
        ondelete="CASCADE",
    ),
)
"""What waiting lines are told. A promise of units on hand has no receipt."""

opening: Final = Table(
    "backorderkit_opening",
    metadata,
    Column("piece", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)
"""Pieces of the snapshot, as a document, that the store began with."""

commits: Final = Table(
    "backorderkit_commits",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, unique=True),
    Column("as_of", Moment, nullable=False),
    Column("command", Text, nullable=False),
    Column("facts", Text, nullable=False),
)
"""The ledger: every commit, in order. Rows are added, and never changed or taken away."""

readers: Final = Table(
    "backorderkit_readers",
    metadata,
    _id("name", key=True),
    _count("sequence"),
)
"""How far the readers of the outbox have come."""

_SUMMED: Final = (
    ("backorderkit_stock", "sku = {row}.sku AND location = {row}.location"),
    ("backorderkit_lines", "order_id = {row}.order_id AND id = {row}.line_id"),
)


def _sum(sign: str, row: str) -> str:
    """Count an allocation in its pool and in its line, or take it out of them."""
    return " ".join(
        f"UPDATE {table} SET allocated = allocated {sign} {row}.quantity"  # noqa: S608 - all ours
        f" WHERE {where.format(row=row)};"
        for table, where in _SUMMED
    )


_SQLITE: Final = (
    # What replaces a row does not fire the trigger of what it takes away.
    """
CREATE TRIGGER backorderkit_commits_no_replacement BEFORE INSERT ON backorderkit_commits
WHEN EXISTS
  (SELECT 1 FROM backorderkit_commits WHERE sequence = NEW.sequence OR key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'backorderkit_commits is only added to'); END
""",
    *(
        f"CREATE TRIGGER backorderkit_allocations_{name} AFTER {name} ON backorderkit_allocations"
        f" BEGIN {body} END"
        for name, body in (
            ("insert", _sum("+", "NEW")),
            ("update", _sum("-", "OLD") + " " + _sum("+", "NEW")),
            ("delete", _sum("-", "OLD")),
        )
    ),
    *(
        f"CREATE TRIGGER {table}_no_{name} BEFORE {name} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        for table in ("backorderkit_commits", "backorderkit_opening")
        for name in ("update", "delete")
    ),
)


def _sums(sign: str, rows: str) -> str:
    """Count the rows of a statement in their pools and lines, or take them out of them."""
    return f"""
UPDATE backorderkit_stock AS pool SET allocated = pool.allocated {sign} found.units
FROM (SELECT sku, location, SUM(quantity) AS units FROM {rows} GROUP BY sku, location) AS found
WHERE pool.sku = found.sku AND pool.location = found.location;
UPDATE backorderkit_lines AS line SET allocated = line.allocated {sign} found.units
FROM (SELECT order_id, line_id, SUM(quantity) AS units FROM {rows} GROUP BY order_id, line_id)
  AS found
WHERE line.order_id = found.order_id AND line.id = found.line_id;
"""  # noqa: S608 - all ours


def _summed(name: str, body: str, tables: str) -> tuple[str, str]:
    """Sum a whole statement up: row by row it would write the row of a pool again and again."""
    made = f"backorderkit_allocations_{name}"
    return (
        f"""
CREATE FUNCTION {made}() RETURNS trigger LANGUAGE plpgsql AS
$body$ BEGIN {body} RETURN NULL; END $body$
""",
        f"""
CREATE TRIGGER {made} AFTER {name} ON backorderkit_allocations REFERENCING {tables}
FOR EACH STATEMENT EXECUTE FUNCTION {made}()
""",
    )


# A sum may be changed by the trigger alone, which runs one level below what fires it.
_POSTGRESQL: Final = (
    *_summed("insert", _sums("+", "come"), "NEW TABLE AS come"),
    *_summed(
        "update",
        _sums("-", "gone") + _sums("+", "come"),
        "OLD TABLE AS gone NEW TABLE AS come",
    ),
    *_summed("delete", _sums("-", "gone"), "OLD TABLE AS gone"),
    """
CREATE FUNCTION backorderkit_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE =
  TG_TABLE_NAME || ' is not to be changed like this'; END $body$
""",
    *(
        f"CREATE TRIGGER {table}_summed BEFORE UPDATE OF allocated ON {table} FOR EACH ROW"
        " WHEN (pg_trigger_depth() < 1 AND OLD.allocated IS DISTINCT FROM NEW.allocated)"
        " EXECUTE FUNCTION backorderkit_refuse()"
        for table, _ in _SUMMED
    ),
    *(
        f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION backorderkit_refuse()"
        for table in ("backorderkit_commits", "backorderkit_opening")
    ),
)

for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        # The text goes through a format of its own, in which a percent sign is two.
        _made = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # of its stubs
        event.listen(metadata, "after_create", _made.execute_if(dialect=_dialect))
