"""Reads from the tables what a command needs to know, and everything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, TypeVar

import attrs
from sqlalchemy import ColumnElement, Connection, Result, Row, Select, select, union

from backorderkit.errors import NotFoundError
from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.holds import Hold
from backorderkit.model.ids import OrderId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.sql.rows import (
    allocation_of,
    backorders_of,
    hold_of,
    item_of,
    level_of,
    orders_of,
    receipt_of,
)
from backorderkit.sql.schema import (
    OPEN,
    allocations,
    backorders,
    holds,
    items,
    lines,
    numbers,
    orders,
    promises,
    receipts,
    stock,
)
from backorderkit.storage.protocol import Loaded, Wanted

_Text = TypeVar("_Text", bound=str)

# Databases limit how many values a statement may carry.
_MANY: Final = 1000

_SOME_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)

_ITEM: Final = [each for each in items.c if each.name != "version"]
_LINE: Final = [each for each in lines.c if each.name != "allocated"]


def number(connection: Connection, name: str) -> int:
    """Give one of the store's numbers; 0 if it was never set."""
    found = connection.scalar(select(numbers.c.value).where(numbers.c.name == name))
    return 0 if found is None else found


def skus_wanted(connection: Connection, wanted: Wanted) -> list[Sku]:
    """Give the SKUs that a command concerns, sorted."""
    found = set(wanted.skus)
    for table, column, named in (
        (lines, lines.c.order_id, wanted.orders),
        (receipts, receipts.c.id, wanted.receipts),
        (holds, holds.c.id, wanted.holds),
    ):
        chosen = select(table.c.sku).distinct()
        found.update(row.sku for row in _among(connection, chosen, column, named))
    return sorted(found)


def versions_of(
    connection: Connection, skus: Sequence[Sku], *, lock: bool = False
) -> dict[Sku, int]:
    """Give the versions of SKUs; whoever locks them, in sorted order, meets no deadlock."""
    chosen = select(items.c.sku, items.c.version)
    if lock:
        chosen = chosen.order_by(items.c.sku).with_for_update()
    return {Sku(row.sku): row.version for row in _among(connection, chosen, items.c.sku, skus)}


def with_new(
    connection: Connection, skus: Sequence[Sku], known: Mapping[Sku, int]
) -> dict[Sku, int]:
    """
    Give all versions: 0 for what nothing was ever written of.

    Raises:
        NotFoundError: if one is not among the items, and only these exist.
    """
    missing = [sku for sku in skus if sku not in known]
    if missing and not number(connection, "any_sku"):
        raise NotFoundError(f"SKU {missing[0]} is not among the items")
    return {sku: known.get(sku, 0) for sku in skus}


def items_of(connection: Connection, skus: Collection[Sku]) -> dict[Sku, Item]:
    """Give items by their SKU, as far as there are such."""
    found = map(item_of, _among(connection, select(*_ITEM), items.c.sku, skus))
    return {item.sku: item for item in found}


def load(connection: Connection, wanted: Wanted, versions: Mapping[Sku, int]) -> Loaded:
    """
    Read what there is of some SKUs.  It costs what their open lines cost.

    Orders with nothing outstanding are left out, but for those that are asked for.
    """
    found = _Found()
    named: Iterable[OrderId] = wanted.orders
    for skus in _batches(sorted(versions)):
        concerned = union(
            select(lines.c.order_id).where(lines.c.sku.in_(skus), OPEN),
            select(backorders.c.order_id).where(backorders.c.sku.in_(skus)),
            *(select(orders.c.id).where(orders.c.id.in_(ids)) for ids in _batches(named)),
        )
        named = ()
        found.read(
            connection,
            stock=stock.c.sku.in_(skus),
            receipts=receipts.c.sku.in_(skus),
            orders=orders.c.id.in_(concerned),
            lines=lines.c.order_id.in_(concerned),
            allocations=allocations.c.sku.in_(skus),
            backorders=backorders.c.sku.in_(skus),
            holds=holds.c.sku.in_(skus),
        )
    traded = None
    if not number(connection, "any_sku"):
        needed = {line.sku for order in found.orders.values() for line in order.lines}
        traded = [*items_of(connection, needed.union(versions)).values()]
    return Loaded(snapshot=found.snapshot(traded, _SOME_TIME), versions=versions)


def whole(connection: Connection, as_of: datetime) -> Snapshot:
    """Read everything."""
    found = _Found()
    found.read(connection)
    return found.snapshot(all_items(connection), as_of)


def all_items(connection: Connection) -> list[Item] | None:
    """Give all items, or None if every SKU exists without being one."""
    if number(connection, "any_sku"):
        return None
    return [item_of(row) for row in connection.execute(select(*_ITEM))]


@attrs.define
class _Found:
    """What was read so far."""

    stock: list[StockLevel] = attrs.Factory(list)
    receipts: list[ScheduledReceipt] = attrs.Factory(list)
    orders: dict[OrderId, Order] = attrs.Factory(dict)
    allocations: list[Allocation] = attrs.Factory(list)
    backorders: list[Backorder] = attrs.Factory(list)
    holds: list[Hold] = attrs.Factory(list)

    def read(self, connection: Connection, **among: ColumnElement[bool]) -> None:
        """Read the rows of each table that a condition holds for; all where there is none."""

        def rows(name: str, *columns: ColumnElement[Any]) -> Result[Any]:
            chosen = select(*columns)
            return connection.execute(chosen.where(among[name]) if name in among else chosen)

        self.stock += map(level_of, rows("stock", *stock.c))
        self.receipts += map(receipt_of, rows("receipts", *receipts.c))
        for order in orders_of(rows("orders", *orders.c), rows("lines", *_LINE)):
            self.orders[order.id] = order
        self.allocations += map(allocation_of, rows("allocations", *allocations.c))
        self.holds += map(hold_of, rows("holds", *holds.c))
        told = select(promises, backorders.c.sku).join_from(promises, backorders)
        if "backorders" in among:
            told = told.where(among["backorders"])
        self.backorders += backorders_of(
            rows("backorders", *backorders.c), connection.execute(told)
        )

    def snapshot(self, items: list[Item] | None, as_of: datetime) -> Snapshot:
        """Put it together, and see whether it fits."""
        return Snapshot(
            as_of=as_of,
            items=items,
            stock=self.stock,
            receipts=self.receipts,
            orders=self.orders.values(),
            allocations=self.allocations,
            backorders=self.backorders,
            holds=self.holds,
        )


def _batches(values: Iterable[_Text]) -> Iterator[list[_Text]]:
    left = iter(sorted(values))
    while batch := list(islice(left, _MANY)):
        yield batch


def _among(
    connection: Connection, chosen: Select[Any], column: ColumnElement[str], values: Iterable[str]
) -> Iterator[Row[Any]]:
    """Give the rows of a selection whose column holds one of some values."""
    for batch in _batches(values):
        yield from connection.execute(chosen.where(column.in_(batch)))
