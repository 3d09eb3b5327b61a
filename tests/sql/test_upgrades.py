"""A database that an older version made is brought to this one, and keeps what it holds."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from backorderkit import (
    CancelOrder,
    Fifo,
    Item,
    Order,
    Promise,
    Promised,
    Replan,
    ScheduleReceipt,
    Snapshot,
    plan,
)
from backorderkit.changes import Scheduled
from backorderkit.commands import Command
from backorderkit.model import ReceiptId, ScheduledReceipt, Sku
from backorderkit.service import Backorders
from backorderkit.sql import SqlStore
from backorderkit.sql.engines import engine_for
from backorderkit.storage import Commit, Wanted
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


PROMISES_UNTIL_2 = """
CREATE TABLE backorderkit_promises (
    order_id TEXT NOT NULL,
    line_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    receipt TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    due VARCHAR NOT NULL,
    PRIMARY KEY (order_id, line_id, place),
    FOREIGN KEY (order_id, line_id)
        REFERENCES backorderkit_backorders (order_id, line_id) ON DELETE CASCADE
)
"""


def back_to(url: str, version: int) -> None:
    """Make the tables as they were, with no promise of stock in them."""
    engine = engine_for(url)
    with engine.begin() as connection:
        statements = ["DELETE FROM backorderkit_schema WHERE version > 2"]
        if engine.dialect.name == "sqlite":
            statements += [
                "ALTER TABLE backorderkit_promises RENAME TO promises_now",
                PROMISES_UNTIL_2,
                "INSERT INTO backorderkit_promises SELECT * FROM promises_now",
                "DROP TABLE promises_now",
            ]
        else:
            column = "ALTER TABLE backorderkit_promises ALTER COLUMN receipt"
            statements.append(f"{column} SET NOT NULL")
        if version == 1:
            statements += [
                "ALTER TABLE backorderkit_receipts DROP COLUMN firm",
                "ALTER TABLE backorderkit_items DROP COLUMN lead_time_days",
                "DELETE FROM backorderkit_schema WHERE version > 1",
            ]
        for statement in statements:
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
    back_to(url, 1)
    assert tables_in(url) != tables_in(new)

    with SqlStore(url) as store:
        assert store.snapshot(NOW) == start
        store.define([TO_BUY])
        do(store, ScheduleReceipt(receipt=PLANNED), "buy")
        assert store.snapshot(NOW).items == (TO_BUY,)
        assert store.snapshot(NOW).receipts == (FIRM, PLANNED)

    assert tables_in(url) == tables_in(new)


@pytest.mark.parametrize("version", [1, 2])
def test_an_upgraded_database_keeps_promises_and_takes_those_of_stock(
    new_url: Place, version: int
) -> None:
    url, new = new_url(), new_url()
    order = Order.of("SO-1", NOW, {"MUG": 5})
    start = plan(
        Snapshot.of(as_of=NOW, items=[Item(sku=MUG)], orders=[order], receipts=[FIRM]),
        policy=Fifo(),
    ).outcome
    for each in (url, new):
        SqlStore(each, start=start).close()
    back_to(url, version)
    engine = engine_for(url)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("UPDATE backorderkit_promises SET receipt = NULL"))
    engine.dispose()
    assert tables_in(url) != tables_in(new)

    of_stock = Promise(quantity=1, due=DUE - timedelta(days=3))
    with SqlStore(url) as store:
        assert store.snapshot(NOW) == start
        loaded = store.load(Wanted(skus={MUG}))
        told = (of_stock, attrs.evolve(of_stock, due=DUE), *start.backorders[0].promises)
        fact = Promised(order=order.id, line=order.lines[0].id, promises=told)
        replan = Commit(
            key="night",
            command=Replan(skus=[MUG]),
            as_of=NOW,
            versions=loaded.versions,
            facts=[fact],
        )
        store.commit(replan)
    with SqlStore(url) as store:
        assert store.snapshot(NOW).backorders[0].promises == told
        assert store.replayed(NOW) == store.snapshot(NOW)
        shop = Backorders(store, policy=Fifo(), clock=lambda: NOW)
        shop.do(CancelOrder(order=order.id), key="off")
        assert store.snapshot(NOW).backorders == ()

    assert tables_in(url) == tables_in(new)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE backorderkit_receipts SET firm = 7",
        "UPDATE backorderkit_receipts SET firm = 'maybe'",
        "UPDATE backorderkit_receipts SET firm = NULL",
        "UPDATE backorderkit_items SET lead_time_days = -1",
        # The backorder of a promise must be there, and its place is its own.
        "INSERT INTO backorderkit_promises VALUES ('SO-9', '1', 0, NULL, 1, '2026-01-05')",
        "INSERT INTO backorderkit_promises VALUES ('SO-1', '1', 0, NULL, 1, '2026-01-05')",
    ],
)
@pytest.mark.parametrize("upgraded", [False, True], ids=["new", "upgraded"])
def test_the_tables_forbid_what_the_values_do(
    new_url: Place, statement: str, *, upgraded: bool
) -> None:
    url = new_url()
    order = Order.of("SO-1", NOW, {"MUG": 5})
    start = Snapshot.of(as_of=NOW, items=[Item(sku=MUG)], orders=[order], receipts=[FIRM])
    SqlStore(url, start=plan(start, policy=Fifo()).outcome).close()
    if upgraded:
        back_to(url, 1)
        SqlStore(url).close()

    engine = engine_for(url)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
