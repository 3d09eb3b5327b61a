"""Reads from the tables what a command needs to know, and everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, Final

import attrs
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    select,
    union,
)

from backorderkit.errors import NotFoundError
from backorderkit.model.backorders import Allocation, Backorder
from backorderkit.model.holds import Hold
from backorderkit.model.ids import OrderId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.sql.batching import batches
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

_SOME_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Statements are made once: making one costs more than a small table takes to answer it.
_SKUS: Final[BindParameter[list[str]]] = bindparam("skus", expanding=True)
_IDS: Final[BindParameter[list[str]]] = bindparam("ids", expanding=True)

_ALL_ITEMS: Final = select(*(each for each in items.c if each.name != "version"))
_SOME_ITEMS: Final = _ALL_ITEMS.where(items.c.sku.in_(_SKUS))
_VERSIONS: Final = select(items.c.sku, items.c.version).where(items.c.sku.in_(_SKUS))
_LOCKED: Final = _VERSIONS.order_by(items.c.sku).with_for_update()
_NUMBER: Final = select(numbers.c.value).where(numbers.c.name == bindparam("name"))

_OF_ORDERS: Final = select(lines.c.sku).distinct().where(lines.c.order_id.in_(_IDS))
_OF_RECEIPTS: Final = select(receipts.c.sku).distinct().where(receipts.c.id.in_(_IDS))
_OF_HOLDS: Final = select(holds.c.sku).distinct().where(holds.c.id.in_(_IDS))

_EVERYTHING: Final[Mapping[str, Select[Any]]] = {
    "stock": select(*stock.c),
    "receipts": select(*receipts.c),
    "holds": select(*holds.c),
    "orders": select(*orders.c),
    "lines": select(*(each for each in lines.c if each.name != "allocated")),
    "allocations": select(*allocations.c),
    "backorders": select(*backorders.c),
    "promises": select(promises, backorders.c.sku).join_from(promises, backorders),
}
_CONCERNED: Final = union(
    select(lines.c.order_id).where(lines.c.sku.in_(_SKUS), OPEN),
    select(backorders.c.order_id).where(backorders.c.sku.in_(_SKUS)),
    select(orders.c.id).where(orders.c.id.in_(_IDS)),
)
_AMONG: Final[Mapping[str, ColumnElement[bool]]] = {
    "stock": stock.c.sku.in_(_SKUS),
    "receipts": receipts.c.sku.in_(_SKUS),
    "holds": holds.c.sku.in_(_SKUS),
    "orders": orders.c.id.in_(_CONCERNED),
    "lines": lines.c.order_id.in_(_CONCERNED),
    "allocations": allocations.c.sku.in_(_SKUS),
    "backorders": backorders.c.sku.in_(_SKUS),
    "promises": backorders.c.sku.in_(_SKUS),
}
_OF_SKUS: Final = {name: chosen.where(_AMONG[name]) for name, chosen in _EVERYTHING.items()}


def number(connection: Connection, name: str) -> int:
    """Give one of the store's numbers; 0 if it was never set."""
    found = connection.scalar(_NUMBER, {"name": name})
    return 0 if found is None else found


def skus_wanted(connection: Connection, wanted: Wanted) -> list[Sku]:
    """Give the SKUs that a command concerns, sorted."""
    found = set(wanted.skus)
    for chosen, named in (
        (_OF_ORDERS, wanted.orders),
        (_OF_RECEIPTS, wanted.receipts),
        (_OF_HOLDS, wanted.holds),
    ):
        for ids in batches(sorted(named)):
            found.update(connection.scalars(chosen, {"ids": ids}))
    return sorted(found)


def versions_of(
    connection: Connection, skus: Iterable[Sku], *, lock: bool = False
) -> dict[Sku, int]:
    """Give the versions of SKUs; whoever locks them, in sorted order, meets no deadlock."""
    chosen = _LOCKED if lock else _VERSIONS
    return {
        Sku(row.sku): row.version
        for batch in batches(sorted(skus))
        for row in connection.execute(chosen, {"skus": batch})
    }


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


def items_of(connection: Connection, skus: Iterable[Sku]) -> dict[Sku, Item]:
    """Give items by their SKU, as far as there are such."""
    rows = (
        row
        for batch in batches(sorted(skus))
        for row in connection.execute(_SOME_ITEMS, {"skus": batch})
    )
    return {item.sku: item for item in map(item_of, rows)}


def load(connection: Connection, wanted: Wanted, versions: Mapping[Sku, int]) -> Loaded:
    """
    Read what there is of some SKUs.  It costs what their open lines cost.

    Orders with nothing outstanding are left out, but for those that are asked for.
    """
    found = _Found()
    if versions:
        parts = zip_longest(batches(sorted(versions)), batches(sorted(wanted.orders)))
        for skus, ids in parts:
            found.read(connection, _OF_SKUS, {"skus": skus or [], "ids": ids or []})
    traded = None
    if not number(connection, "any_sku"):
        needed = {line.sku for order in found.orders.values() for line in order.lines}
        traded = [*items_of(connection, needed.union(versions)).values()]
    return Loaded(snapshot=found.snapshot(traded, _SOME_TIME), versions=versions)


def whole(connection: Connection, as_of: datetime) -> Snapshot:
    """Read everything."""
    found = _Found()
    found.read(connection, _EVERYTHING, {})
    return found.snapshot(all_items(connection), as_of)


def all_items(connection: Connection) -> list[Item] | None:
    """Give all items, or None if every SKU exists without being one."""
    if number(connection, "any_sku"):
        return None
    return [item_of(row) for row in connection.execute(_ALL_ITEMS)]


@attrs.define
class _Found:
    """What was read so far."""

    stock: list[StockLevel] = attrs.Factory(list)
    receipts: list[ScheduledReceipt] = attrs.Factory(list)
    orders: dict[OrderId, Order] = attrs.Factory(dict)
    allocations: list[Allocation] = attrs.Factory(list)
    backorders: list[Backorder] = attrs.Factory(list)
    holds: list[Hold] = attrs.Factory(list)

    def read(
        self,
        connection: Connection,
        chosen: Mapping[str, Select[Any]],
        values: Mapping[str, Sequence[str]],
    ) -> None:
        """Read the rows that are chosen of each table."""

        def rows(name: str) -> Sequence[Row[Any]]:
            return connection.execute(chosen[name], values).all()

        self.stock += map(level_of, rows("stock"))
        self.receipts += map(receipt_of, rows("receipts"))
        self.holds += map(hold_of, rows("holds"))
        heads = rows("orders")
        if heads:
            for order in orders_of(heads, rows("lines")):
                self.orders[order.id] = order
            self.allocations += map(allocation_of, rows("allocations"))
        waiting = rows("backorders")
        if waiting:
            self.backorders += backorders_of(waiting, rows("promises"))

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
