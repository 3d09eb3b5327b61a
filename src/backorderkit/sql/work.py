"""What the SQL stores do on a connection, sync or awaited alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from backorderkit.errors import ConflictError, DuplicateError, StoreError
from backorderkit.formats import dumps_snapshot, loads_snapshot
from backorderkit.formats.facts import command_record, fact_record, read_command, read_fact
from backorderkit.model.ids import Sku
from backorderkit.model.items import Item
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning import apply
from backorderkit.sql import reading
from backorderkit.sql.batching import batches
from backorderkit.sql.effects import Effects
from backorderkit.sql.migrations import MIGRATIONS, migrate, version_of
from backorderkit.sql.schema import commits, holds, items, numbers, opening, orders, readers
from backorderkit.sql.writing import add_items, forget_items, put_items, write, write_start
from backorderkit.storage.defining import checked_items
from backorderkit.storage.protocol import Commit, Committed, Loaded, Wanted

PAGE: Final = 500
"""How many commits are read at once."""

_PIECE: Final = 1 << 16


def is_open(connection: Connection) -> bool:
    """Tell whether all tables are there and filled: who opens them then need not write."""
    return version_of(connection) == len(MIGRATIONS) and _is_filled(connection)


def _is_filled(connection: Connection) -> bool:
    found = connection.scalar(select(numbers.c.value).where(numbers.c.name == "sequence"))
    return found is not None


def start(connection: Connection, snapshot: Snapshot | None) -> None:
    """
    Make the tables where they are missing, and fill them once.

    Raises:
        StoreError: if they are of a later version, or empty and nothing is given.
    """
    migrate(connection)
    if _is_filled(connection):
        return
    if snapshot is None:
        raise StoreError("the tables are empty: give the snapshot to start with")
    write_start(connection, snapshot)
    text = dumps_snapshot(snapshot)
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    rows = [{"piece": number, "text": piece} for number, piece in enumerate(pieces)]
    connection.execute(insert(opening), rows)
    any_sku = int(snapshot.items is None)
    known = [{"name": "sequence", "value": 0}, {"name": "any_sku", "value": any_sku}]
    connection.execute(insert(numbers), known)


def load(connection: Connection, wanted: Wanted) -> Loaded:
    """Give what is known of some SKUs."""
    skus = reading.skus_wanted(connection, wanted)
    known = reading.versions_of(connection, skus)
    return reading.load(connection, wanted, reading.with_new(connection, skus, known))


def commit(connection: Connection, asked: Commit) -> Committed:
    """Write what happens, all of it or nothing."""
    before = find_commit(connection, asked.key)
    if before is not None:
        return _same(before, asked)
    versions = lock(connection, sorted(asked.versions))
    for sku, version in asked.versions.items():
        if versions[sku] != version:
            raise ConflictError(f"SKU {sku} was changed by somebody else")
    return _write(connection, asked)


def exclusively(
    connection: Connection,
    key: str,
    wanted: Wanted,
    propose: Callable[[Loaded], Commit | None],
) -> Committed | None:
    """Lock, load, propose and write in one transaction."""
    skus = reading.skus_wanted(connection, wanted)
    versions = lock(connection, skus)
    # Asked with the locks: whoever had them may have done the same.
    before = find_commit(connection, key)
    if before is not None:
        return before
    # Or they may have given the order another SKU.
    named = wanted.orders or wanted.receipts or wanted.holds
    if named and reading.skus_wanted(connection, wanted) != skus:
        raise ConflictError("what is wanted was changed by somebody else")
    asked = propose(reading.load(connection, wanted, versions))
    if asked is None:
        # Rows that were made to be locked.
        forget_items(connection, [sku for sku, version in versions.items() if not version])
        return None
    return _write(connection, asked)


def lock(connection: Connection, skus: Sequence[Sku]) -> dict[Sku, int]:
    """
    Lock SKUs in sorted order, and give their versions as they are then.

    Raises:
        NotFoundError: if one is not among the items.
    """
    known = reading.versions_of(connection, skus, lock=True)
    versions = reading.with_new(connection, skus, known)
    add_items(connection, versions.keys() - known.keys())
    return versions


def define(connection: Connection, given: Iterable[Item]) -> None:
    """Add items, or change what may wait of them."""
    if reading.number(connection, "any_sku"):
        raise StoreError("every SKU exists here, without being an item")
    asked = tuple(given)
    skus = sorted({item.sku for item in asked if isinstance(item, Item)})
    # Who works on one of them has looked at what it was.
    locked = reading.versions_of(connection, skus, lock=True)
    known = reading.items_of(connection, locked)
    put_items(connection, checked_items(asked, known.get), known)


def find_commit(connection: Connection, key: str) -> Committed | None:
    """Give what a key has done, if it has done something."""
    row = connection.execute(select(commits).where(commits.c.key == key)).one_or_none()
    return None if row is None else _committed(row)


def page(connection: Connection, after: int) -> list[Committed]:
    """Give the next commits after a sequence."""
    chosen = select(commits).where(commits.c.sequence > after)
    rows = connection.execute(chosen.order_by(commits.c.sequence).limit(PAGE))
    return [_committed(row) for row in rows]


def skus(connection: Connection) -> list[Sku]:
    """Give all SKUs that are known, sorted."""
    return sorted(Sku(sku) for sku in connection.scalars(select(items.c.sku)))


def _start_of(connection: Connection) -> Snapshot:
    """Give what the store began with."""
    pieces = connection.scalars(select(opening.c.text).order_by(opening.c.piece))
    return loads_snapshot("".join(pieces), name="opening")


def replayed(connection: Connection, as_of: datetime, until: int | None) -> Snapshot:
    """Give everything, as the ledger alone tells it."""
    # Definitions of items stand in no history.
    items_now = reading.all_items(connection)
    found, after = attrs.evolve(_start_of(connection), items=items_now), 0
    while read := page(connection, after):
        for each in read:
            if until is not None and each.sequence > until:
                return found.at(as_of)
            found = apply(found.at(each.as_of), each.facts)
        after = read[-1].sequence
    return found.at(as_of)


def unread(connection: Connection, reader: str) -> list[Committed]:
    """Give the next commits that a reader of the outbox has not marked as read."""
    read = connection.scalar(select(readers.c.sequence).where(readers.c.name == reader))
    return page(connection, 0 if read is None else read)


def mark_read(connection: Connection, reader: str, sequence: int) -> None:
    """Note how far a reader of the outbox has come; never backwards."""
    if sequence > reading.number(connection, "sequence"):
        raise StoreError(f"there is no commit {sequence} yet")
    this = readers.c.name == reader
    read = connection.scalar(select(readers.c.sequence).where(this).with_for_update())
    if read is None:
        connection.execute(insert(readers).values(name=reader, sequence=sequence))
    elif read < sequence:
        connection.execute(update(readers).where(this).values(sequence=sequence))


def _write(connection: Connection, asked: Commit) -> Committed:
    """Write a commit whose SKUs are locked; the sequence comes last, since all wait for it."""
    effects = Effects.of(asked.facts)
    for named in batches(sorted(effects.orders)):
        there = connection.scalars(select(orders.c.id).where(orders.c.id.in_(named))).first()
        if there is not None:
            raise DuplicateError(f"order {there} is there already")
    grown = write(connection, effects, asked.as_of, asked.versions.keys())
    if asked.versions:
        touched = items.c.sku == bindparam("touched")
        connection.execute(
            update(items).where(touched).values(version=items.c.version + 1),
            [{"touched": sku} for sku in asked.versions],
        )
    counted = update(numbers).where(numbers.c.name == "sequence")
    counted = counted.values(value=numbers.c.value + 1)
    sequence: int = connection.execute(counted.returning(numbers.c.value)).scalar_one()
    # Two SKUs of one hold have no lock in common but the counter.
    for named_holds in batches(sorted(grown)):
        for hold in connection.execute(select(holds).where(holds.c.id.in_(named_holds))):
            if hold.sku not in asked.versions:
                raise ConflictError(f"hold {hold.id} was changed by somebody else")
    made = Committed(
        key=asked.key,
        command=asked.command,
        as_of=asked.as_of,
        facts=asked.facts,
        sequence=sequence,
    )
    connection.execute(insert(commits), _commit_cells(made))
    return made


def _same(before: Committed, asked: Commit) -> Committed:
    if before.command != asked.command:
        raise DuplicateError(f"key {asked.key} was used for another command")
    return before


def _commit_cells(made: Committed) -> dict[str, object]:
    return {
        "sequence": made.sequence,
        "key": made.key,
        "as_of": made.as_of,
        "command": _json(command_record(made.command)),
        "facts": _json([fact_record(fact) for fact in made.facts]),
    }


def _committed(row: Row[Any]) -> Committed:
    return Committed(
        key=row.key,
        command=read_command(json.loads(row.command)),
        as_of=row.as_of,
        facts=tuple(read_fact(record) for record in json.loads(row.facts)),
        sequence=row.sequence,
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
