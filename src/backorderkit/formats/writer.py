"""Writes snapshots as JSON or as the files of a CSV folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from backorderkit.formats import fields as f
from backorderkit.formats.drafts import finest_unit
from backorderkit.formats.files import PathLike, StagedFiles, is_folder_path
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.times import write_time
from backorderkit.model.units import Unit

Json = str | int | Sequence["Json"] | Mapping[str, "Json"] | None
WrittenRecord = dict[str, Json]
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


def write_record(value: object, record: f.Record, unit: Unit) -> WrittenRecord:
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


class SnapshotRecords:
    """The sections of a snapshot as records of JSON values, made one by one."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Prepare to write a snapshot."""
        self._snapshot = snapshot
        self._unit_of = units_of(snapshot)
        self._finest = finest_unit(snapshot.items)

    def flat(self) -> dict[str, Iterator[WrittenRecord]]:
        """Give the sections whose records hold no others."""
        snapshot, unit_of = self._snapshot, self._unit_of
        return {
            "items": (write_record(i, f.ITEM, i.measure) for i in snapshot.items or ()),
            "stock": (write_record(s, f.STOCK, unit_of(s.sku)) for s in snapshot.stock),
            "receipts": (write_record(r, f.RECEIPT, unit_of(r.sku)) for r in snapshot.receipts),
            "allocations": (
                write_record(a, f.ALLOCATION, self._line_unit(a.order, a.line))
                for a in snapshot.allocations
            ),
            "holds": (write_record(h, f.HOLD, unit_of(h.sku)) for h in snapshot.holds),
        }

    def nested(self) -> dict[str, Iterator[tuple[WrittenRecord, list[WrittenRecord]]]]:
        """Give the sections whose records hold others, with these beside them."""
        return {"orders": self._orders(), "backorders": self._backorders()}

    def _orders(self) -> Iterator[tuple[WrittenRecord, list[WrittenRecord]]]:
        for order in self._snapshot.orders:
            lines = [write_record(line, f.LINE, self._unit_of(line.sku)) for line in order.lines]
            yield write_record(order, f.ORDER, self._finest), lines

    def _backorders(self) -> Iterator[tuple[WrittenRecord, list[WrittenRecord]]]:
        for backorder in self._snapshot.backorders:
            unit = self._line_unit(backorder.order, backorder.line)
            promises = [write_record(promise, f.PROMISE, unit) for promise in backorder.promises]
            yield write_record(backorder, f.BACKORDER, unit), promises

    def _line_unit(self, order: OrderId, line: LineId) -> Unit:
        found = self._snapshot.find_line(order, line)
        return self._finest if found is None else self._unit_of(found.sku)


def snapshot_json(snapshot: Snapshot) -> Iterator[str]:
    """Write a snapshot as pieces of a JSON document, a line for each record."""
    head: WrittenRecord = {"format": f.FORMAT, "as_of": write_time(snapshot.as_of)}
    records = SnapshotRecords(snapshot)
    lists = records.flat() | {
        section: _with_children(entries, f.CHILDREN[section][0])
        for section, entries in records.nested().items()
    }
    yield from json_lines(head, {section: lists[section] for section in sections_of(snapshot)})


def sections_of(snapshot: Snapshot) -> list[str]:
    """Name the sections that are written of a snapshot."""
    absent = {"items"} if snapshot.items is None else set[str]()
    if not snapshot.holds:
        # Whoever holds nothing reads and writes what it did before there were holds.
        absent.add("holds")
    return [section for section in f.SECTIONS if section not in absent]


def _with_children(
    entries: Iterable[tuple[WrittenRecord, list[WrittenRecord]]], name: str
) -> Iterator[WrittenRecord]:
    for entry, children in entries:
        yield {**entry, name: children}


def json_lines(
    head: Mapping[str, Json], lists: Mapping[str, Iterator[WrittenRecord]], tail: Json = None
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
    records = SnapshotRecords(snapshot)
    nested = records.nested()
    flat = records.flat()
    rows = flat | {
        # Python's name of a truth value begins with a capital.
        "receipts": (
            {**receipt, "firm": "true" if receipt["firm"] else "false"}
            for receipt in flat["receipts"]
        ),
        "orders": (
            {
                **line,
                **order,
                "order": order["id"],
                **{column: line[field] for column, field in f.LINE_COLUMNS.items()},
            }
            for order, lines in nested["orders"]
            for line in lines
        ),
        "backorders": (
            {**backorder, **{f"promise_{name}": value for name, value in promise.items()}}
            for backorder, promises in nested["backorders"]
            for promise in promises or [{}]
        ),
    }
    return {
        f"{section}.csv": csv_text(
            f.CSV_COLUMNS[section],
            ([row.get(column) for column in f.CSV_COLUMNS[section]] for row in rows[section]),
        )
        for section in sections_of(snapshot)
    }


class _Lines(list[str]):
    """Takes rows as a file does, and ends them with a line feed alone."""

    def write(self, row: str) -> None:
        self.append(f"{row[:-2]}\n")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write one CSV file; None is an empty cell."""
    lines = _Lines()
    # Only the characters of the line's end are quoted, and readers take either for one.
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return "".join(lines)


def stage_snapshot(staged: StagedFiles, snapshot: Snapshot, path: PathLike) -> None:
    """
    Stage a snapshot as a JSON file, or as a folder of CSV files.

    Raises:
        OSError: naming the place, if it cannot be written.
    """
    if is_folder_path(path):
        staged.add_folder(path, snapshot_csv(snapshot))
    else:
        staged.add(path, snapshot_json(snapshot))
