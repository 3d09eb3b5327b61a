"""Reads a snapshot from a folder of CSV files."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import attrs

from backorderkit.formats.drafts import Drafts, Place, Raw
from backorderkit.formats.fields import CSV_COLUMNS, ORDER_COLUMNS, REQUIRED_COLUMNS
from backorderkit.model.snapshot import Snapshot

REQUIRED_FILES: Final = ("orders", "stock")
_PROMISE_COLUMNS: Final = {
    "promise_quantity": "quantity",
    "promise_due": "due",
    "promise_receipt": "receipt",
}

Files = Mapping[str, str | bytes]
"""The files of a folder, by name."""


def read_csv(files: Files, *, as_of: datetime | None, name: str) -> Snapshot:
    """
    Read a snapshot from the files of a CSV folder.

    Raises:
        InvalidInputError: with all problems of all files.
    """
    return _Reader(files, name).read(as_of)


@attrs.define
class _Group:
    """The rows of one order or backorder, which may lie apart."""

    line: int
    raw: Raw
    rows: list[tuple[int, Raw]] = attrs.field(factory=list)


class _Reader:
    """Reads the files of one folder, one after another."""

    def __init__(self, files: Files, name: str) -> None:
        self.files = files
        self.name = name
        self.names = {
            section: [found for found in (f"{section}.csv", f"{section}.csv.gz") if found in files]
            for section in CSV_COLUMNS
        }
        self.drafts = Drafts(name, self.locate, cells=True, has_items=bool(self.names["items"]))

    def locate(self, place: Place, field: str) -> str:
        if place.section == "backorders" and place.child is not None:
            field = f"promise_{field}"
        elif place.section == "orders" and field == "id":
            field = "order" if place.child is None else "line"
        line = place.entry if place.child is None else place.child
        return f"{self.names[place.section][0]}:{line}: {field}"

    def read(self, as_of: datetime | None) -> Snapshot:
        drafts = self.drafts
        for section in REQUIRED_FILES:
            if not self.names[section]:
                path = f"{self.name}: {section}.csv"
                drafts.refuse(path, section, None, "must be there")
        for line, raw in self._rows("items"):
            drafts.add_item(line, raw)
        for line, raw in self._rows("stock"):
            drafts.add_stock(line, raw)
        for line, raw in self._rows("receipts"):
            drafts.add_receipt(line, raw)
        for group in self._grouped("orders", ("order",), ORDER_COLUMNS):
            order = {**group.raw, "id": group.raw.get("order")}
            lines = ((line, {**raw, "id": raw.get("line")}) for line, raw in group.rows)
            drafts.add_order(group.line, order, lines)
        for line, raw in self._rows("allocations"):
            drafts.add_allocation(line, raw)
        for group in self._grouped("backorders", ("order", "line"), ("quantity", "opened_at")):
            promises = (
                (line, {own: raw.get(column) for column, own in _PROMISE_COLUMNS.items()})
                for line, raw in group.rows
                if any(raw.get(column) is not None for column in _PROMISE_COLUMNS)
            )
            drafts.add_backorder(group.line, group.raw, promises)
        if as_of is None:
            reason = "must be given by the caller, since a CSV folder has none"
            drafts.refuse(f"{self.name}: as_of", "as_of", None, reason)
        return drafts.finish(as_of)

    def _grouped(self, section: str, key: tuple[str, ...], shared: tuple[str, ...]) -> list[_Group]:
        groups = dict[tuple[object, ...], _Group]()
        for line, raw in self._rows(section):
            ids = tuple(raw.get(column) for column in key)
            # Rows without an id cannot be told together; each stands alone.
            group = groups.setdefault((*ids, line) if None in ids else ids, _Group(line, raw))
            group.rows.append((line, raw))
            if group.raw is not raw:
                self._check_agreement(section, group, line, raw, shared)
        return list(groups.values())

    def _check_agreement(
        self, section: str, group: _Group, line: int, raw: Raw, shared: tuple[str, ...]
    ) -> None:
        for column in shared:
            if raw.get(column) != group.raw.get(column):
                self.drafts.refuse(
                    f"{self.names[section][0]}:{line}: {column}",
                    column,
                    raw.get(column),
                    f"must be as in row {group.line}",
                    f"order {raw.get('order')}",
                )

    def _rows(self, section: str) -> Iterator[tuple[int, Raw]]:
        """Give the rows of a file as records, each with the number of its first line."""
        names = self.names[section]
        if len(names) > 1:
            path = f"{self.name}: {names[1]}"
            self.drafts.refuse(path, section, names[1], f"must not stand beside {names[0]}")
        text = self._text(names[0]) if names else None
        if text is None:
            return
        rows = self._split(names[0], text)
        _, columns = next(rows, (1, None))
        if columns is None:
            self.drafts.refuse(f"{names[0]}:1", "header", None, "must be the column names")
        elif self._check_header(section, names[0], columns):
            for line, row in rows:
                if len(row) == len(columns):
                    yield line, {c: cell or None for c, cell in zip(columns, row, strict=True)}
                else:
                    reason = f"must be as many cells as columns, {len(columns)}"
                    self.drafts.refuse(f"{names[0]}:{line}", "row", len(row), reason)

    def _split(self, name: str, text: str) -> Iterator[tuple[int, list[str]]]:
        """Split a text into rows; empty lines at its end are none."""
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        start = 1
        empty: list[int] = []
        try:
            for row in rows:
                line, start = start, rows.line_num + 1
                if row:
                    yield from ((each, []) for each in empty)
                    empty.clear()
                    yield line, row
                else:
                    empty.append(line)
        except csv.Error as error:
            self.drafts.refuse(f"{name}:{start}", "row", None, f"must be CSV ({error})")

    def _check_header(self, section: str, name: str, columns: list[str]) -> bool:
        before = len(self.drafts.problems)
        known = CSV_COLUMNS[section]
        seen = set[str]()
        for column in columns:
            path = f"{name}:1: {column}"
            if column not in known:
                reason = f"is not a known column ({', '.join(known)})"
                self.drafts.refuse(path, "column", column, reason)
            elif column in seen:
                self.drafts.refuse(path, "column", column, "must not stand there twice")
            seen.add(column)
        for column in REQUIRED_COLUMNS[section]:
            if column not in seen:
                self.drafts.refuse(f"{name}:1: {column}", column, None, "must be a column")
        return len(self.drafts.problems) == before

    def _text(self, name: str) -> str | None:
        content = self.files[name]
        try:
            if isinstance(content, bytes):
                content = gzip.decompress(content) if name.endswith(".gz") else content
                content = content.decode()
        except UnicodeDecodeError as error:
            found = error.object[error.start : error.start + 1]
            line = error.object[: error.start].count(b"\n") + 1
            self.drafts.refuse(f"{name}:{line}", "file", found, "must be UTF-8")
            return None
        except (OSError, EOFError, zlib.error) as error:
            self.drafts.refuse(name, "file", None, f"must be gzip data ({error})")
            return None
        return content.removeprefix("\ufeff")
