"""A store on tables that a shop had before, as Django's ORM makes such tables; in SQLite here."""

import json
import sqlite3
import threading
from collections import defaultdict
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from backorderkit import (
    Allocated,
    Allocation,
    Backorder,
    Backordered,
    Cancelled,
    Held,
    Hold,
    Item,
    LineAdded,
    Order,
    OrderLine,
    Placed,
    Promise,
    Promised,
    Released,
    Scheduled,
    ScheduledReceipt,
    Shipped,
    Snapshot,
    StockLevel,
    apply,
)
from backorderkit.errors import ConflictError, DuplicateError, NotFoundError
from backorderkit.formats.facts import command_record, fact_record, read_command, read_fact
from backorderkit.model import read_time, write_time
from backorderkit.storage import Committed, Loaded, Wanted, without_closed

LIMITS = "backorder_limit backorder_limit_per_line backorder_limit_per_customer"
ITEM = f"sku unit decimals backorders {LIMITS} lead_time_days"
LINE = "id sku location ordered shipped cancelled requested placed_at cancel_after"
# Table by table: what its rows are, and the fields in the order of the columns.
TABLES = {
    "catalogue_product": (Item, ITEM),
    "stock_record": (StockLevel, "sku location on_hand safety_stock"),
    "purchase_line": (ScheduledReceipt, "id sku location quantity due supplier firm"),
    "basket_hold": (Hold, "id sku location quantity expires_at"),
    "order_order": (Order, "id customer channel placed_at sequence priority"),
    "order_line": (OrderLine, f"order {LINE} unit_price currency"),
    "order_allocation": (Allocation, "order line location quantity"),
    "order_backorder": (Backorder, "order line quantity opened_at"),
    "order_promise": (Promise, "order line quantity due receipt"),
}
TIMES = {"due", "placed_at", "expires_at", "requested", "cancel_after", "opened_at"}
OF_ORDERS = (Allocated, Backordered, Cancelled, LineAdded, Promised, Released, Shipped)
AMONG = "IN (SELECT value FROM json_each(?))"


class DjangoShop:
    """Implements `backorderkit.storage.Store`, method by method."""

    def __init__(self, path, start):
        # With Django: connection.cursor(), transaction.atomic() and select_for_update().
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.lock = threading.Lock()
        for table, (_, fields) in TABLES.items():
            columns = ", ".join(f"{field}_" for field in fields.split())
            self.db.execute(f"CREATE TABLE {table} ({columns})")
        self.db.execute("CREATE TABLE catalogue_version (sku PRIMARY KEY, version)")
        self.db.execute("CREATE TABLE shop_commit (sequence INTEGER PRIMARY KEY, key UNIQUE, data)")
        self.write(set(), rows_of(start))

    def close(self):
        self.db.close()

    def load(self, wanted):
        with self.transaction():
            return self.read(wanted)

    def commit(self, commit):
        with self.transaction():
            before = self.find(commit.key)
            if before is not None:
                if before.command != commit.command:
                    raise DuplicateError(f"key {commit.key} was used for another command")
                return before
            orders = {fact.order for fact in commit.facts if isinstance(fact, OF_ORDERS)}
            loaded = self.read(Wanted(skus=commit.versions, orders=orders))
            if any(loaded.versions[sku] != commit.versions[sku] for sku in commit.versions):
                raise ConflictError("somebody else was faster")
            for fact in commit.facts:
                self.check(fact, commit.versions)
            after = apply(loaded.snapshot.at(commit.as_of), commit.facts)
            self.write(rows_of(loaded.snapshot), rows_of(after))
            for sku, version in commit.versions.items():
                self.db.execute("REPLACE INTO catalogue_version VALUES (?, ?)", (sku, version + 1))
            data = {
                "command": command_record(commit.command),
                "as_of": write_time(commit.as_of),
                "facts": [fact_record(fact) for fact in commit.facts],
            }
            insert = "INSERT INTO shop_commit (key, data) VALUES (?, ?)"
            self.db.execute(insert, (commit.key, json.dumps(data)))
            return self.find(commit.key)

    def check(self, fact, versions):
        """Refuse what somebody else made impossible, who touched none of the same SKUs."""
        if isinstance(fact, Placed) and self.rows("order_order", "id", [fact.order.id]):
            raise DuplicateError(f"order {fact.order.id} is there already")
        if isinstance(fact, Scheduled):
            known = self.rows("purchase_line", "id", [fact.receipt.id])
            if any(row[1] not in versions for row in known):
                raise ConflictError("somebody else scheduled it")
        if isinstance(fact, Held):
            parts = self.rows("basket_hold", "id", [fact.hold.id])
            is_new = all(row[:3] != fact.hold.key for row in parts)
            if is_new and any(row[1] not in versions for row in parts):
                raise ConflictError("somebody else changed the hold")

    def find_commit(self, key):
        with self.transaction():
            return self.find(key)

    def history(self, after=0):
        with self.transaction():
            found = self.db.execute(
                "SELECT * FROM shop_commit WHERE sequence > ? ORDER BY sequence", (after,)
            )
            return [committed(*row) for row in found]

    def find(self, key):
        row = self.db.execute("SELECT * FROM shop_commit WHERE key = ?", (key,)).fetchone()
        return None if row is None else committed(*row)

    def read(self, wanted):
        skus = set(wanted.skus)
        for table, column, ids in (
            ("order_line", "order", wanted.orders),
            ("purchase_line", "id", wanted.receipts),
            ("basket_hold", "id", wanted.holds),
        ):
            place = TABLES[table][1].split().index("sku")
            skus.update(row[place] for row in self.rows(table, column, ids))
        unknown = skus - {row[0] for row in self.rows("catalogue_product", "sku", skus)}
        if unknown:
            raise NotFoundError(f"SKU {min(unknown)} is not among the items")
        orders = {row[0] for row in self.rows("order_line", "sku", skus)} | wanted.orders
        lines = self.rows("order_line", "order", orders)
        mine = {row[:2] for row in lines if row[2] in skus}
        found = {
            "catalogue_product": self.rows(
                "catalogue_product", "sku", {row[2] for row in lines} | skus
            ),
            "order_order": self.rows("order_order", "id", orders),
            "order_line": lines,
        }
        for table in ("stock_record", "purchase_line", "basket_hold"):
            found[table] = self.rows(table, "sku", skus)
        for table in ("order_allocation", "order_backorder", "order_promise"):
            rows = self.rows(table, "order", orders)
            found[table] = [row for row in rows if row[:2] in mine]
        versions = dict.fromkeys(skus, 0)
        among = f"SELECT * FROM catalogue_version WHERE sku {AMONG}"
        versions.update(self.db.execute(among, (json.dumps(sorted(skus)),)))
        snapshot = without_closed(snapshot_of(found), skus, wanted.orders)
        return Loaded(snapshot=snapshot, versions=versions)

    def rows(self, table, column, values):
        among = f"SELECT * FROM {table} WHERE {column}_ {AMONG}"
        return self.db.execute(among, (json.dumps(sorted(values)),)).fetchall()

    def write(self, before, after):
        for table, row in before - after:
            fields = TABLES[table][1].split()
            this = " AND ".join(f"{field}_ IS ?" for field in fields)
            self.db.execute(f"DELETE FROM {table} WHERE {this}", row)
        for table, row in after - before:
            self.db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)

    @contextmanager
    def transaction(self):
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")


def rows_of(snapshot):
    """Give all rows of a snapshot, each with its table."""
    found = [("catalogue_product", item, ()) for item in snapshot.items]
    found += [("stock_record", level, ()) for level in snapshot.stock]
    found += [("purchase_line", receipt, ()) for receipt in snapshot.receipts]
    found += [("basket_hold", hold, ()) for hold in snapshot.holds]
    found += [("order_allocation", each, ()) for each in snapshot.allocations]
    for order in snapshot.orders:
        found.append(("order_order", order, ()))
        found += [("order_line", line, (order.id,)) for line in order.lines]
    for each in snapshot.backorders:
        found.append(("order_backorder", each, ()))
        found += [("order_promise", one, (each.order, each.line)) for one in each.promises]
    return {
        (table, (*key, *(written(getattr(value, name)) for name in fields(table)[len(key) :])))
        for table, value, key in found
    }


def snapshot_of(found):
    """Make a snapshot of rows, table by table."""
    values = {
        table: [
            (row, {name: read(name, cell) for name, cell in zip(fields(table), row, strict=True)})
            for row in rows
        ]
        for table, rows in found.items()
    }
    lines, promises = defaultdict(list), defaultdict(list)
    for _, cells in values.pop("order_line"):
        lines[cells.pop("order")].append(OrderLine(**cells))
    for row, cells in values.pop("order_promise"):
        del cells["order"], cells["line"]
        promises[row[:2]].append(Promise(**cells))
    for row, cells in values["order_order"]:
        cells["lines"] = lines[row[0]]
    for row, cells in values["order_backorder"]:
        cells["promises"] = promises[row[:2]]
    made = {
        table: [TABLES[table][0](**cells) for _, cells in rows] for table, rows in values.items()
    }
    return Snapshot(
        as_of=read_time("2000-01-01"),
        items=made["catalogue_product"],
        stock=made["stock_record"],
        receipts=made["purchase_line"],
        holds=made["basket_hold"],
        orders=made["order_order"],
        allocations=made["order_allocation"],
        backorders=made["order_backorder"],
    )


def fields(table):
    return TABLES[table][1].split()


def written(value):
    if isinstance(value, datetime):
        return write_time(value)
    return str(value) if isinstance(value, Decimal) else value


def read(name, cell):
    if cell is not None and name in TIMES:
        return read_time(cell)
    if name == "firm":
        return bool(cell)
    return Decimal(cell) if cell is not None and name == "unit_price" else cell


def committed(sequence, key, data):
    record = json.loads(data)
    return Committed(
        key=key,
        command=read_command(record["command"]),
        as_of=read_time(record["as_of"]),
        facts=tuple(map(read_fact, record["facts"])),
        sequence=sequence,
    )
