"""Reads a snapshot from a folder of CSV files."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import attrs

from backorderkit.errors import brief
from backorderkit.formats.about import About, Place, Raw
from backorderkit.formats.columns import NOT_PLAIN
from backorderkit.formats.drafts import Drafts
from backorderkit.formats.fields import (
    CSV_COLUMNS,
    LINE_COLUMNS,
    ORDER,
    ORDER_COLUMNS,
    PROMISE_COLUMNS,
    REQUIRED_COLUMNS,
    REQUIRED_FILES,
    SECTIONS,
)
from backorderkit.formats.files import unreadable
from backorderkit.formats.partials import Partial, finish_partly
from backorderkit.formats.plain_csv import read_plain
from backorderkit.formats.scalars import same_meaning
from backorderkit.formats.sources import Sources, open_text
from backorderkit.formats.writer import write_record
from backorderkit.model.orders import OrderLine
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.units import Unit

_COLUMNS_OF_LINES: Final = {field: column for column, field in LINE_COLUMNS.items()}


def read_csv(files: Sources, *, as_of: datetime | None, name: str) -> Snapshot:
    """
    Read a snapshot from the files of a CSV folder.

    Raises:
        InvalidInputError: with all problems of all files.
    """
    with suppress(*NOT_PLAIN):
        return read_plain(files, as_of)
    return read_with_care(files, as_of=as_of, name=name)


def read_with_care(files: Sources, *, as_of: datetime | None, name: str) -> Snapshot:
    """Read as `read_csv` does, looking at every cell by itself."""
    return draft_with_care(files, as_of=as_of, name=name).finish(as_of)


def read_csv_partly(files: Sources, *, as_of: datetime | None, name: str) -> Partial:
    """
    Read a CSV folder without what has problems.

    Raises:
        InvalidInputError: with all problems, if one touches nobody knows what.
    """
    with suppress(*NOT_PLAIN):
        return Partial(snapshot=read_plain(files, as_of))
    return finish_partly(draft_with_care(files, as_of=as_of, name=name), as_of)


def draft_with_care(files: Sources, *, as_of: datetime | None, name: str) -> Drafts:
    """Look at every cell by itself, and give what was found before it is put together."""
    reader = _Reader(files, name)
    reader.read(as_of)
    return reader.drafts


@attrs.define
class _Order:
    """The rows of one order that lie together."""

    id: str | None
    line: int
    raw: Raw
    place: int | None
    lines: list[tuple[int, OrderLine]] = attrs.field(factory=list)


@attrs.define
class _Group:
    """The rows of one backorder, which may lie apart."""

    line: int
    raw: Raw
    rows: list[tuple[int, Raw]] = attrs.field(factory=list)


class _Reader:
    """Reads the files of one folder, one after another."""

    def __init__(self, files: Sources, name: str) -> None:
        self.files = files
        self.name = name
        self.names = {
            section: [found for found in (f"{section}.csv", f"{section}.csv.gz") if found in files]
            for section in CSV_COLUMNS
        }
        self._spoiled = dict[int, Raw]()
        self.drafts = Drafts(name, self.locate, cells=True, has_items=bool(self.names["items"]))

    def locate(self, place: Place, field: str) -> str:
        if place.section == "backorders" and place.child is not None:
            field = f"promise_{field}"
        elif place.section == "orders" and place.child is not None:
            field = _COLUMNS_OF_LINES.get(field, field)
        elif place.section == "orders" and field == "id":
            field = "order"
        line = place.entry if place.child is None else place.child
        return f"{self.names[place.section][0]}:{line}: {field}"

    def read(self, as_of: datetime | None) -> None:
        """Read everything into the drafts."""
        drafts = self.drafts
        for section in REQUIRED_FILES:
            if not self.names[section]:
                path = f"{self.name}: {section}.csv"
                drafts.refuse(path, section, None, "must be there")
                drafts.lose(section)
        for line, raw in self._rows("items"):
            drafts.add_item(line, raw)
        for line, raw in self._rows("stock"):
            drafts.add_stock(line, raw)
        for line, raw in self._rows("receipts"):
            drafts.add_receipt(line, raw)
        self._read_orders()
        for line, raw in self._rows("allocations"):
            drafts.add_allocation(line, raw)
        for group in self._grouped("backorders", ("order", "line"), ("quantity", "opened_at")):
            promises = (
                (line, {own: raw.get(column) for column, own in PROMISE_COLUMNS.items()})
                for line, raw in group.rows
                if any(raw.get(column) is not None for column in PROMISE_COLUMNS)
            )
            drafts.add_backorder(group.line, group.raw, promises)
        for line, raw in self._rows("holds"):
            drafts.add_hold(line, raw)
        if as_of is None:
            reason = "must be given by the caller, since a CSV folder has none"
            drafts.refuse(f"{self.name}: as_of", "as_of", None, reason)

    def _read_orders(self) -> None:
        """Make each order when its rows end; further rows of it, elsewhere, extend it."""
        places = dict[str, int]()
        group: _Order | None = None
        first: tuple[int, Raw] = (0, {})
        for number, raw in self._rows("orders"):
            order = raw.get("order")
            # Rows without an id cannot be told together; each stands alone.
            if group is None or order is None or order != group.id:
                self._close(group, places)
                place = None if order is None else places.get(order)
                group = _Order(order, number, {**raw, "id": order}, place)
                first = (number, group.raw) if place is None else self._first_of(place)
            if number != first[0]:
                self._check_agreement("orders", first, number, raw, ORDER_COLUMNS)
            own = {field: raw.get(column) for column, field in LINE_COLUMNS.items()}
            line = self.drafts.read_line(group.line, number, {**raw, **own}, group.raw)
            group.lines.append((number, line))
        self._close(group, places)
        self.drafts.end_orders()

    def _close(self, group: _Order | None, places: dict[str, int]) -> None:
        """Take over the rows of one order that lie together."""
        if group is None:
            return
        if group.place is not None:
            self.drafts.extend_order(group.place, group.lines)
            return
        place = self.drafts.add_order(group.line, group.raw, group.lines)
        if group.id is not None:
            places[group.id] = place
        if self.drafts.order_at(place) is None:
            self._spoiled[place] = group.raw

    def _first_of(self, place: int) -> tuple[int, Raw]:
        """Give the first row of an order that was read before, as its columns say it."""
        order = self.drafts.order_at(place)
        if order is None:
            return self.drafts.line_of(place), self._spoiled[place]
        written = write_record(order, ORDER, Unit())
        raw = {name: str(value) for name, value in written.items() if value != ""}
        return self.drafts.line_of(place), raw

    def _grouped(self, section: str, key: tuple[str, ...], shared: tuple[str, ...]) -> list[_Group]:
        groups = dict[tuple[object, ...], _Group]()
        for line, raw in self._rows(section):
            ids = tuple(raw.get(column) for column in key)
            # Rows without an id cannot be told together; each stands alone.
            group = groups.setdefault((*ids, line) if None in ids else ids, _Group(line, raw))
            group.rows.append((line, raw))
            if group.raw is not raw:
                self._check_agreement(section, (group.line, group.raw), line, raw, shared)
        return list(groups.values())

    def _check_agreement(
        self, section: str, first: tuple[int, Raw], line: int, raw: Raw, shared: tuple[str, ...]
    ) -> None:
        row, before = first
        fields = {field.name: field for field in SECTIONS[section]}
        for column in shared:
            again = raw.get(column)
            if not same_meaning(fields[column], before.get(column), again):
                path = f"{self.names[section][0]}:{line}: {column}"
                reason = f"must be as in row {row}"
                # What rows of an order must agree on is the order's own.
                whole = self.drafts.about(Place(section, line), {**raw, "id": raw.get("order")})
                about = About(self._context(section, line, raw), whole.touch)
                self.drafts.refuse(path, column, again, reason, about)

    def _context(self, section: str, line: int, raw: Raw) -> str:
        """Name what a row is about."""
        if section == "orders":
            order, own = {"id": raw.get("order")}, {**raw, "id": raw.get("line")}
            return self.drafts.about(Place(section, line, line), own, order).words
        return self.drafts.about(Place(section, line), raw).words

    def _rows(self, section: str) -> Iterator[tuple[int, dict[str, str | None]]]:
        """Give the rows of a file as records, each with the number of its first line."""
        names = self.names[section]
        if len(names) > 1:
            reason = f"must not stand beside {names[0]}"
            self._lose(section, f"{self.name}: {names[1]}", section, names[1], reason=reason)
        if not names:
            return
        before = len(self.drafts.problems)
        rows = self._split(section, names[0])
        _, columns = next(rows, (1, None))
        if columns is None:
            # A file that could not be read is refused already.
            if len(self.drafts.problems) == before:
                reason = "must be the column names"
                self._lose(section, f"{names[0]}:1", "header", None, reason=reason)
        elif self._check_header(section, names[0], columns):
            for line, row in rows:
                if len(row) == len(columns):
                    yield line, {c: cell for c, cell in zip(columns, row, strict=True) if cell}
                else:
                    context = self._context(section, line, dict(zip(columns, row, strict=False)))
                    reason = f"must be as many cells as columns, {len(columns)}"
                    self._lose(
                        section,
                        f"{names[0]}:{line}",
                        "row",
                        len(row),
                        reason=reason,
                        context=context,
                    )

    def _lose(
        self,
        section: str,
        path: str,
        field: str,
        value: object,
        *,
        reason: str,
        context: str = "",
    ) -> None:
        """Refuse part of a file, so that what is missing from it proves nothing."""
        self.drafts.refuse(path, field, value, reason, About(context, None))
        self.drafts.lose(section)

    def _split(self, section: str, name: str) -> Iterator[tuple[int, list[str]]]:
        """Split a file into rows, one after another; empty lines at its end are none."""
        content = self.files[name]
        if not isinstance(content, str | bytes | Path):
            self._lose(section, name, "file", content, reason="must be text or bytes")
            return
        gzipped = name.endswith(".gz") and not isinstance(content, str)
        start = 1
        empty: list[int] = []
        rows = csv.reader(())
        try:
            with open_text(content, gzipped=gzipped) as lines:
                rows = csv.reader(lines, strict=True)
                for row in rows:
                    line, start = start, rows.line_num + 1
                    if row:
                        yield from ((each, []) for each in empty)
                        empty.clear()
                        yield line, row
                    else:
                        empty.append(line)
        except UnicodeDecodeError as error:
            found = error.object[error.start : error.start + 1]
            # What stands before in this piece of the file was not handed out yet.
            line = rows.line_num + 1 + error.object[: error.start].count(b"\n")
            self._lose(section, f"{name}:{line}", "file", found, reason="must be UTF-8")
        except (OSError, EOFError, zlib.error) as error:
            if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
                self.drafts.add_problem(unreadable(f"{self.name}/{name}", error))
                self.drafts.lose(section)
            else:
                self._lose(section, name, "file", None, reason=f"must be gzip data ({error})")
        except csv.Error as error:
            self._lose(section, f"{name}:{start}", "row", None, reason=f"must be CSV ({error})")

    def _check_header(self, section: str, name: str, columns: list[str]) -> bool:
        known = CSV_COLUMNS[section]
        wrong: list[tuple[str, str | None, str]] = [
            (column, column, f"is not a known column ({', '.join(known)})")
            for column in columns
            if column not in known
        ]
        wrong += [
            (column, column, "must not stand there twice")
            for column, count in Counter(columns).items()
            if count > 1 and column in known
        ]
        wrong += [
            (column, None, "must be a column")
            for column in REQUIRED_COLUMNS[section]
            if column not in columns
        ]
        for column, value, reason in wrong:
            self._lose(section, f"{name}:1: {brief(column)}", "column", value, reason=reason)
        return not wrong
