"""Reads a folder of CSV files in which all is well."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from backorderkit.formats import fields as f
from backorderkit.formats.columns import BLOCK, NotPlain
from backorderkit.formats.plain import PlainDraft
from backorderkit.formats.sources import Sources, open_text
from backorderkit.model.backorders import Promise
from backorderkit.model.snapshot import Snapshot

_Columns = Mapping[str, Sequence[str]]


def read_plain(files: Sources, as_of: datetime | None) -> Snapshot:
    """
    Read a snapshot from the files of a folder.

    Raises:
        NotPlain: or another of `NOT_PLAIN`, if anything is wrong with one.
    """
    names = {section: _name_of(section, files) for section in f.CSV_COLUMNS}
    draft = PlainDraft(cells=True, has_items=names["items"] is not None)
    for columns in _blocks(files, names, "items"):
        draft.add_items(columns)
    for columns in _blocks(files, names, "stock"):
        draft.add_stock(columns)
    for columns in _blocks(files, names, "receipts"):
        draft.add_receipts(columns)
    for columns in _blocks(files, names, "orders"):
        own = {field: columns.get(column, ()) for column, field in f.LINE_COLUMNS.items()}
        lines = draft.lines({**columns, **own})
        draft.add_orders(
            {**columns, "id": columns["order"]}, [(line,) for line in lines], apart=True
        )
    for columns in _blocks(files, names, "allocations"):
        draft.add_allocations(columns)
    for columns in _blocks(files, names, "backorders"):
        _add_backorders(draft, columns)
    for columns in _blocks(files, names, "holds"):
        draft.add_holds(columns)
    return draft.finish(as_of)


def _add_backorders(draft: PlainDraft, columns: _Columns) -> None:
    told = {own: columns[column] for column, own in f.PROMISE_COLUMNS.items() if column in columns}
    # A row whose cells of a promise are all empty promises nothing.
    rows = [row for row, cells in enumerate(zip(*told.values(), strict=True)) if any(cells)]
    units = draft.units_of_backorders(columns)
    parts: list[Sequence[Promise]] = [()] * len(columns["order"])
    if rows:
        promises = draft.promises(
            {own: [cells[row] for row in rows] for own, cells in told.items()},
            units and [units[row] for row in rows],
        )
        for row, promise in zip(rows, promises, strict=True):
            parts[row] = (promise,)
    draft.add_backorders(columns, units, parts, apart=True)


def _name_of(section: str, files: Sources) -> str | None:
    found = [name for name in (f"{section}.csv", f"{section}.csv.gz") if name in files]
    if len(found) > 1 or (not found and section in f.REQUIRED_FILES):
        raise NotPlain
    return found[0] if found else None


def _blocks(files: Sources, names: Mapping[str, str | None], section: str) -> Iterator[_Columns]:
    """Give the columns of a file, so many rows at once."""
    name = names[section]
    if name is None:
        return
    content = files[name]
    # A pipe can be read only once, so it is left to the reader that must not fail.
    if not isinstance(content, str | bytes) and not (
        isinstance(content, Path) and content.is_file()
    ):
        raise NotPlain
    gzipped = name.endswith(".gz") and not isinstance(content, str)
    try:
        with open_text(content, gzipped=gzipped) as lines:
            rows = csv.reader(lines, strict=True)
            header = next(rows, [])
            _check_header(section, header)
            for block in _full_blocks(rows):
                columns = list(zip(*block, strict=True))
                yield dict(zip(header, columns, strict=True))
    except (csv.Error, OSError, EOFError, ValueError, zlib.error):
        raise NotPlain from None


def _full_blocks(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    """Give the rows, without empty ones at the end; empty ones before it cannot be read."""
    ended = False
    while block := list(islice(rows, BLOCK)):
        count = len(block)
        while block and not block[-1]:
            block.pop()
        if block and ended:
            raise NotPlain
        ended = ended or len(block) < count
        if block:
            yield block


def _check_header(section: str, header: Sequence[str]) -> None:
    names = set(header)
    known = names <= set(f.CSV_COLUMNS[section])
    if not known or not names.issuperset(f.REQUIRED_COLUMNS[section]) or len(names) < len(header):
        raise NotPlain
