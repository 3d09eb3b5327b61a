"""Writes snapshots as JSON or as the files of a CSV folder."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from backorderkit.formats import fields as f
from backorderkit.formats.drafts import finest_unit
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.times import write_time
from backorderkit.model.units import Unit

Json = str | int | None | list["Json"] | dict[str, "Json"]
Cell = str | int
UnitOf = Callable[[Sku], Unit]


def written_quantity(quantity: int, unit: Unit) -> str | int:
    """Write a quantity: an integer where the unit has no decimals, else decimal text."""
    return unit.to_text(quantity) if unit.decimals else quantity


def units_of(snapshot: Snapshot) -> UnitOf:
    """Give the unit of any SKU of a snapshot, each made once."""
    units = dict[Sku, Unit]()

    def unit_of(sku: Sku) -> Unit:
        unit = units.get(sku)
        if unit is None:
            unit = units[sku] = snapshot.item(sku).measure
        return unit

    return unit_of


def write_record(value: object, record: f.Record, unit: Unit) -> dict[str, Json]:
    """Write the fields of one value."""
    return {field.name: _written(getattr(value, field.name), field, unit) for field in record}


def _written(value: object, field: f.Field, unit: Unit) -> Json:
    if field.kind == "quantity" and isinstance(value, int):
        return written_quantity(value, unit)
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if value is None or isinstance(value, str | int):
        return value
    raise AssertionError(value)


def snapshot_records(snapshot: Snapshot) -> dict[str, Iterator[dict[str, Json]]]:
    """Give each section of a snapshot as records of JSON values, made one by one."""
    unit_of = units_of(snapshot)
    finest = finest_unit(snapshot.items)

    def line_unit(order: OrderId, line: LineId) -> Unit:
        found = snapshot.find_line(order, line)
        return finest if found is None else unit_of(found.sku)

    def orders() -> Iterator[dict[str, Json]]:
        for order in snapshot.orders:
            lines: list[Json] = [
                write_record(line, f.LINE, unit_of(line.sku)) for line in order.lines
            ]
            yield {**write_record(order, f.ORDER, finest), "lines": lines}

    def backorders() -> Iterator[dict[str, Json]]:
        for backorder in snapshot.backorders:
            unit = line_unit(backorder.order, backorder.line)
            promises: list[Json] = [
                write_record(promise, f.PROMISE, unit) for promise in backorder.promises
            ]
            yield {**write_record(backorder, f.BACKORDER, unit), "promises": promises}

    records = {
        "stock": (write_record(s, f.STOCK, unit_of(s.sku)) for s in snapshot.stock),
        "receipts": (write_record(r, f.RECEIPT, unit_of(r.sku)) for r in snapshot.receipts),
        "orders": orders(),
        "allocations": (
            write_record(a, f.ALLOCATION, line_unit(a.order, a.line)) for a in snapshot.allocations
        ),
        "backorders": backorders(),
    }
    if snapshot.items is None:
        return records
    items = (write_record(item, f.ITEM, item.measure) for item in snapshot.items)
    return {"items": items, **records}


def snapshot_json(snapshot: Snapshot) -> Iterator[str]:
    """Write a snapshot as pieces of a JSON document, a line for each record."""
    head: dict[str, Json] = {"format": f.FORMAT, "as_of": write_time(snapshot.as_of)}
    yield from json_lines(head, snapshot_records(snapshot))


def json_lines(
    head: Mapping[str, Json], lists: Mapping[str, Iterator[dict[str, Json]]], tail: Json = None
) -> Iterator[str]:
    """Lay a document out with one record a line: as easy to compare as a CSV file."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    yield "{"
    separator = "\n"
    for key, value in head.items():
        yield f"{separator}  {encode(key)}: {encode(value)}"
        separator = ",\n"
    for key, entries in lists.items():
        yield f"{separator}  {encode(key)}: ["
        between = "\n"
        for entry in entries:
            yield f"{between}    {encode(entry)}"
            between = ",\n"
        yield "]" if between == "\n" else "\n  ]"
        separator = ",\n"
    if tail is not None:
        yield f'{separator}  "totals": {encode(tail)}'
    yield "\n}\n"


def snapshot_csv(snapshot: Snapshot) -> dict[str, str]:
    """
    Write a snapshot as the files of a CSV folder.

    A CSV folder has no ``as_of``, and no place for an order without lines.
    """
    records = snapshot_records(snapshot)
    rows: dict[str, Iterable[dict[str, Json]]] = dict(records)
    rows["orders"] = _order_rows(records["orders"])
    rows["backorders"] = _backorder_rows(records["backorders"])
    return {
        f"{section}.csv": csv_text(
            columns, ([row.get(column) for column in columns] for row in rows[section])
        )
        for section, columns in f.CSV_COLUMNS.items()
        if section in rows
    }


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write one CSV file; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _order_rows(orders: Iterator[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    for order in orders:
        lines = order.pop("lines")
        assert isinstance(lines, list)
        for line in lines:
            assert isinstance(line, dict)
            yield {**order, **line, "order": order["id"], "line": line["id"]}


def _backorder_rows(backorders: Iterator[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    for backorder in backorders:
        promises = backorder.pop("promises")
        assert isinstance(promises, list)
        for promise in promises or [{}]:
            assert isinstance(promise, dict)
            yield {**backorder, **{f"promise_{name}": value for name, value in promise.items()}}
