"""A database that an older version made is brought to this one, and keeps what it holds."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from backorderkit import Fifo, Item, ScheduleReceipt, Snapshot
from backorderkit.changes import Scheduled
from backorderkit.commands import Command
from backorderkit.model import ReceiptId, ScheduledReceipt, Sku
from backorderkit.service import Backorders
from backorderkit.sql import SqlStore
from backorderkit.sql.engines import engine_for
from tests.sql.conftest import Place

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
DUE = datetime(2026, 1, 12, tzinfo=UTC)
MUG = Sku("MUG")
FIRM = ScheduledReceipt(id=ReceiptId("PO-1"), sku=MUG, quantity=4, due=DUE, supplier="ACME")
PLANNED = attrs.evolve(FIRM, id=ReceiptId("PO-3"), firm=False)
TO_BUY = Item(sku=MUG, backorder_limit=9, lead_time_days=21)

# What version 1 made of a day: an order of five of three mugs, and a receipt scheduled after it.
VERSION_1 = Path(__file__).with_name("version_1.sql")


def do(store: SqlStore, command: Command, key: str) -> None:
    Backorders(store, policy=Fifo(), clock=lambda: NOW).do(command, key=key)


def tables_in(url: str) -> dict[str, list[tuple[str, str, bool, str | None]]]:
    """Give the columns of all tables, whatever their order."""
    engine = engine_for(url)
    found = inspect(engine)
    columns = {
        name: sorted(
            (each["name"], str(each["type"]), each["nullable"], each["default"])
            for each in found.get_columns(name)
        )
        for name in found.get_table_names()
    }
    engine.dispose()
    return columns


def back_to_version_1(url: str) -> None:
    engine = engine_for(url)
    with engine.begin() as connection:
        for statement in (
            "ALTER TABLE backorderkit_receipts DROP COLUMN firm",
            "ALTER TABLE backorderkit_items DROP COLUMN lead_time_days",
            "DELETE FROM backorderkit_schema WHERE version > 1",
        ):
            connection.execute(text(statement))
    engine.dispose()


def test_what_version_1_wrote_is_read_and_written_on(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "old.db")
    database.executescript(VERSION_1.read_text("utf-8"))
    database.close()

    with SqlStore(f"sqlite:///{tmp_path}/old.db") as store:
        old = store.snapshot(NOW)
        assert old.items == (Item(sku=MUG, backorder_limit=9),)
        assert old.receipts == (
            FIRM,
            attrs.evolve(FIRM, id=ReceiptId("PO-2"), quantity=2, supplier=""),
        )
        assert [each.quantity for each in old.allocations] == [3]
        assert [each.promises[0].receipt for each in old.backorders] == ["PO-1"]
        assert [made.key for made in store.history()] == ["web-1", "buy-1"]
        assert [fact for made in store.history(1) for fact in made.facts] == [
            Scheduled(receipt=old.receipts[1])
        ]
        assert store.replayed(NOW) == old

        store.define([TO_BUY])
        do(store, ScheduleReceipt(receipt=PLANNED), "buy-2")
        now = store.snapshot(NOW)

    assert now.items == (TO_BUY,)
    assert now.receipts == (*old.receipts, PLANNED)
    with SqlStore(f"sqlite:///{tmp_path}/old.db") as store:
        assert store.snapshot(NOW) == now


def test_an_upgraded_database_is_as_a_new_one(new_url: Place) -> None:
    url, new = new_url(), new_url()
    start = Snapshot.of(as_of=NOW, items=[Item(sku=MUG)], receipts=[FIRM])
    for each in (url, new):
        SqlStore(each, start=start).close()
    back_to_version_1(url)
    assert tables_in(url) != tables_in(new)

    with SqlStore(url) as store:
        assert store.snapshot(NOW) == start
        store.define([TO_BUY])
        do(store, ScheduleReceipt(receipt=PLANNED), "buy")
        assert store.snapshot(NOW).items == (TO_BUY,)
        assert store.snapshot(NOW).receipts == (FIRM, PLANNED)

    assert tables_in(url) == tables_in(new)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE backorderkit_receipts SET firm = 7",
        "UPDATE backorderkit_receipts SET firm = 'maybe'",
        "UPDATE backorderkit_receipts SET firm = NULL",
        "UPDATE backorderkit_items SET lead_time_days = -1",
    ],
)
@pytest.mark.parametrize("upgraded", [False, True], ids=["new", "upgraded"])
def test_the_tables_forbid_what_the_values_do(
    new_url: Place, statement: str, *, upgraded: bool
) -> None:
    url = new_url()
    start = Snapshot.of(as_of=NOW, items=[Item(sku=MUG)], receipts=[FIRM])
    SqlStore(url, start=start).close()
    if upgraded:
        back_to_version_1(url)
        SqlStore(url).close()

    engine = engine_for(url)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
