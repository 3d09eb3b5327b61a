"""Writes what a commit comes to, in an order that no constraint minds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement

from backorderkit.errors import ConflictError, StoreError
from backorderkit.model.ids import HoldId, Location, ReceiptId, Sku
from backorderkit.model.items import Item
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.sql.batching import batches
from backorderkit.sql.effects import Effects, Told
from backorderkit.sql.rows import (
    Cells,
    allocation_cells,
    hold_cells,
    item_cells,
    level_cells,
    line_cells,
    order_cells,
    promise_cells,
    receipt_cells,
)
from backorderkit.sql.schema import (
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


def write_start(connection: Connection, snapshot: Snapshot) -> None:
    """Write everything into empty tables."""
    traded = snapshot.items
    if traded is None:
        named = {level.sku for level in snapshot.stock}
        named.update(receipt.sku for receipt in snapshot.receipts)
        named.update(hold.sku for hold in snapshot.holds)
        named.update(line.sku for order in snapshot.orders for line in order.lines)
        traded = tuple(snapshot.item(sku) for sku in sorted(named))
    skus = {(order.id, line.id): line.sku for order in snapshot.orders for line in order.lines}
    _insert(connection, items, map(item_cells, traded))
    _insert(connection, stock, map(level_cells, snapshot.stock))
    _insert(connection, receipts, map(receipt_cells, snapshot.receipts))
    _insert(connection, holds, map(hold_cells, snapshot.holds))
    _insert(connection, orders, map(order_cells, snapshot.orders))
    _insert(
        connection,
        lines,
        (cells for order in snapshot.orders for cells in line_cells(order.id, order.lines)),
    )
    _insert(
        connection,
        allocations,
        (
            allocation_cells(
                (each.order, each.line), each.location, skus[each.order, each.line], each.quantity
            )
            for each in snapshot.allocations
        ),
    )
    waiting = [((each.order, each.line), each) for each in snapshot.backorders]
    _insert(
        connection,
        backorders,
        (
            _backorder_cells(key, skus.get(key), each.quantity, each.opened_at)
            for key, each in waiting
        ),
    )
    _insert(
        connection,
        promises,
        (cells for key, each in waiting for cells in promise_cells(key, each.promises)),
    )


def add_items(connection: Connection, skus: Iterable[Sku]) -> None:
    """Write rows for SKUs that exist without being items, to be locked and counted."""
    snapshot = Snapshot.of(as_of="1970-01-01")
    _insert(connection, items, (item_cells(snapshot.item(sku)) for sku in sorted(skus)))


def forget_items(connection: Connection, skus: Iterable[Sku]) -> None:
    """Take away rows of SKUs of which nothing was ever written, where every SKU exists."""
    for batch in batches(sorted(skus)):
        never = and_(items.c.sku.in_(batch), items.c.version == 0)
        any_sku = select(numbers.c.value).where(numbers.c.name == "any_sku").scalar_subquery()
        unused = ~select(stock.c.sku).where(stock.c.sku == items.c.sku).exists()
        unordered = ~select(lines.c.sku).where(lines.c.sku == items.c.sku).exists()
        connection.execute(delete(items).where(never, any_sku == 1, unused, unordered))


def put_items(connection: Connection, given: Iterable[Item], known: Collection[Sku]) -> None:
    """Write items that are new, and what of the known ones is other now, with a new version."""
    for item in sorted(given, key=lambda item: item.sku):
        cells = item_cells(item)
        if item.sku in known:
            changed = update(items).where(items.c.sku == item.sku)
            connection.execute(changed.values(**cells, version=items.c.version + 1))
        else:
            connection.execute(insert(items).values(**cells, version=1))


def write(
    connection: Connection, effects: Effects, as_of: datetime, locked: Collection[Sku]
) -> set[HoldId]:
    """
    Write what facts come to.

    Args:
        connection: Within a transaction.
        effects: What they come to.
        as_of: When backorders are opened.
        locked: The SKUs that nobody else writes.

    Returns:
        The holds that have units of one more pool.

    Raises:
        StoreError: if they do not fit what is there.
        ConflictError: if a receipt is taken from another SKU.
    """
    skus = _skus_of(connection, effects)
    placed = effects.orders.values()
    _insert(connection, orders, map(order_cells, placed))
    new = sorted(effects.new_lines.items(), key=_key)
    # What is remembered of an older line of this id is none of its business.
    _delete_of_lines(connection, backorders, (key for key, _ in new))
    _insert(
        connection, lines, (cells for (id_, _), line in new for cells in line_cells(id_, [line]))
    )
    # What is taken goes before what is given, so that no sum is ever too large.
    for (key, location), units in sorted(effects.allocated.items()):
        if units < 0:
            _take(connection, key, location, -units)
    moved = sorted({*effects.shipped, *effects.cancelled})
    for key in moved:
        counted = update(lines).where(lines.c.order_id == key[0], lines.c.id == key[1])
        change = counted.values(
            shipped=lines.c.shipped + effects.shipped[key],
            cancelled=lines.c.cancelled + effects.cancelled[key],
        )
        _require_one(connection.execute(change).rowcount, f"order {key[0]}, line {key[1]}")
    _write_stock(connection, effects, skus)
    given = [
        allocation_cells(key, location, skus[key], units)
        for (key, location), units in sorted(effects.allocated.items())
        if units > 0
    ]
    _put(
        connection,
        allocations,
        lambda new: {"quantity": allocations.c.quantity + new.quantity},
        given,
    )
    _write_told(connection, effects.told, skus, as_of)
    _write_receipts(connection, effects, locked)
    return _write_holds(connection, effects)


def _skus_of(connection: Connection, effects: Effects) -> dict[LineKey, Sku]:
    """Give the SKUs of the lines that something happens to."""
    skus = {key: line.sku for key, line in effects.new_lines.items()}
    named = sorted({key[0] for key in effects.lines if key not in skus})
    for batch in batches(named):
        chosen = select(lines.c.order_id, lines.c.id, lines.c.sku)
        among = lines.c.order_id.in_(batch)
        for row in connection.execute(chosen.where(among)):
            skus[row.order_id, row.id] = row.sku
    for (order, line), _ in effects.allocated:
        if (order, line) not in skus:
            raise StoreError(f"order {order} has no line {line}")
    return skus


def _take(connection: Connection, key: LineKey, location: Location, units: int) -> None:
    """Take units from an allocation; what is empty then is no allocation."""
    this = and_(
        allocations.c.order_id == key[0],
        allocations.c.line_id == key[1],
        allocations.c.location == location,
    )
    emptied = delete(allocations).where(this, allocations.c.quantity == units)
    if connection.execute(emptied).rowcount == 0:
        left = update(allocations).where(this, allocations.c.quantity > units)
        taken = connection.execute(left.values(quantity=allocations.c.quantity - units))
        _require_one(taken.rowcount, f"order {key[0]}, line {key[1]}, location {location}")


def _write_stock(connection: Connection, effects: Effects, skus: Mapping[LineKey, Sku]) -> None:
    pools = effects.on_hand.copy()
    for (key, location), units in effects.gone.items():
        pools[skus[key], location] -= units
    come = []
    for (sku, location), units in sorted(pools.items()):
        if units >= 0:
            come.append({"sku": sku, "location": location, "on_hand": units})
        elif units < 0:
            pool = update(stock).where(stock.c.sku == sku, stock.c.location == location)
            taken = connection.execute(pool.values(on_hand=stock.c.on_hand + units))
            _require_one(taken.rowcount, f"SKU {sku}, location {location}")
    _put(connection, stock, lambda new: {"on_hand": stock.c.on_hand + new.on_hand}, come)


def _write_told(
    connection: Connection,
    told: Mapping[LineKey, Told],
    skus: Mapping[LineKey, Sku],
    as_of: datetime,
) -> None:
    _delete_of_lines(connection, backorders, (key for key, each in told.items() if each.anew))
    opened = [
        _backorder_cells(key, skus.get(key), each.quantity, as_of)
        for key, each in sorted(told.items(), key=_key)
        if each.quantity is not None
    ]
    _put(connection, backorders, lambda new: {"quantity": new.quantity}, opened)
    renewed = {key: each.promises for key, each in told.items() if each.promises is not None}
    _delete_of_lines(connection, promises, renewed)
    _insert(
        connection,
        promises,
        (cells for key in sorted(renewed) for cells in promise_cells(key, renewed[key])),
    )


def _write_receipts(connection: Connection, effects: Effects, skus: Collection[Sku]) -> None:
    """
    Write receipts as they are now.

    Raises:
        ConflictError: if one is taken from a SKU that is not locked.
    """
    there = set[ReceiptId]()
    for batch in batches(sorted(effects.receipts)):
        chosen = select(receipts.c.id, receipts.c.sku).where(receipts.c.id.in_(batch))
        for row in connection.execute(chosen):
            there.add(row.id)
            if row.sku not in skus:
                raise ConflictError(f"receipt {row.id} was scheduled by somebody else")
        gone = [id_ for id_ in batch if effects.receipts[id_] is None]
        connection.execute(delete(receipts).where(receipts.c.id.in_(gone)))
    known = [receipt for _, receipt in sorted(effects.receipts.items()) if receipt is not None]
    for receipt in known:
        if receipt.id in there:
            # It may have been moved to another SKU since it was looked at just now.
            mine = and_(receipts.c.id == receipt.id, receipts.c.sku.in_(skus))
            changed = connection.execute(update(receipts).where(mine), receipt_cells(receipt))
            if changed.rowcount != 1:
                raise ConflictError(f"receipt {receipt.id} was scheduled by somebody else")
    new = (receipt_cells(receipt) for receipt in known if receipt.id not in there)
    _insert(connection, receipts, new)


def _write_holds(connection: Connection, effects: Effects) -> set[HoldId]:
    gone = [
        {"hold": id_, "of": sku, "at": location}
        for (id_, sku, location), hold in sorted(effects.holds.items(), key=lambda each: each[0])
        if hold is None
    ]
    if gone:
        this = and_(
            holds.c.id == bindparam("hold"),
            holds.c.sku == bindparam("of"),
            holds.c.location == bindparam("at"),
        )
        connection.execute(delete(holds).where(this), gone)
    known = [hold for hold in effects.holds.values() if hold is not None]
    if not known:
        return set()
    ids = {hold.id for hold in known}
    rows = connection.execute(select(holds).where(holds.c.id.in_(sorted(ids))))
    there = {(row.id, row.sku, row.location) for row in rows}
    _put(
        connection,
        holds,
        lambda new: {"quantity": new.quantity, "expires_at": new.expires_at},
        map(hold_cells, known),
    )
    return {hold.id for hold in known if hold.key not in there}


def _delete_of_lines(connection: Connection, table: Table, keys: Iterable[LineKey]) -> None:
    named = [{"order": order, "line": line} for order, line in sorted(keys)]
    if named:
        this = delete(table).where(
            table.c.order_id == bindparam("order"), table.c.line_id == bindparam("line")
        )
        connection.execute(this, named)


def _backorder_cells(key: LineKey, sku: Sku | None, quantity: int, opened_at: datetime) -> Cells:
    order, line = key
    return {
        "order_id": order,
        "line_id": line,
        "sku": sku,
        "quantity": quantity,
        "opened_at": opened_at,
    }


def _insert(connection: Connection, table: Table, cells: Iterable[Cells]) -> None:
    for batch in batches(cells):
        connection.execute(insert(table), batch)


def _put(
    connection: Connection,
    table: Table,
    now: Callable[[ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]], Mapping[str, object]],
    rows: Iterable[Cells],
) -> None:
    """Insert rows; one whose key is there already becomes what *now* makes of the new one."""
    # The two say it alike, and SQLAlchemy has no word for both.
    for batch in batches(rows):
        if connection.dialect.name == "sqlite":
            lite = sqlite.insert(table)
            put = lite.on_conflict_do_update(table.primary_key, set_=now(lite.excluded))
            connection.execute(put, batch)
        else:
            # Many rows in one statement: what its triggers sum up is written once.
            full = postgresql.insert(table).values(batch)
            connection.execute(
                full.on_conflict_do_update(table.primary_key, set_=now(full.excluded))
            )


def _require_one(count: int, what: str) -> None:
    if count != 1:
        raise StoreError(f"{what}: what a commit takes is not there")


def _key(entry: tuple[LineKey, object]) -> LineKey:
    return entry[0]
