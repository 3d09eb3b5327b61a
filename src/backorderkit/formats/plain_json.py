"""Reads a JSON document in which all is well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, islice, repeat
from typing import Final, cast

from backorderkit.formats import fields as f
from backorderkit.formats.columns import BLOCK, Columns, NotPlain
from backorderkit.formats.plain import PlainDraft
from backorderkit.formats.scalars import read_as_of
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.units import Unit

_KNOWN: Final = {"format", "as_of", *f.SECTIONS}
_Record = dict[str, object]


def read_plain(top: object, as_of: datetime | None) -> Snapshot:
    """
    Read a snapshot from a parsed document, which is taken apart on the way.

    Raises:
        NotPlain: or another of `NOT_PLAIN`, if anything is wrong with it.
    """
    if type(top) is not dict or not _KNOWN.issuperset(top):
        raise NotPlain
    stated = top.get("format")
    if stated is not None and (type(stated) is not int or stated != f.FORMAT):
        raise NotPlain
    moment = _moment(top.get("as_of"), as_of)
    draft = PlainDraft(cells=False, has_items=top.get("items") is not None)
    for block in _blocks(top, "items"):
        draft.add_items(_columns(block, f.ITEM))
    for block in _blocks(top, "stock"):
        draft.add_stock(_columns(block, f.STOCK))
    for block in _blocks(top, "receipts"):
        draft.add_receipts(_columns(block, f.RECEIPT))
    for block in _blocks(top, "orders"):
        lists, flat = _children(block, "orders")
        lines = iter(draft.lines(_columns(flat, f.LINE)) if flat else ())
        draft.add_orders(
            _columns(block, f.ORDER), [tuple(islice(lines, len(each))) for each in lists]
        )
    for block in _blocks(top, "allocations"):
        draft.add_allocations(_columns(block, f.ALLOCATION))
    for block in _blocks(top, "backorders"):
        lists, flat = _children(block, "backorders")
        columns = _columns(block, f.BACKORDER)
        units = draft.units_of_backorders(columns)
        of_each = units and list(_for_each(units, lists))
        promises = iter(draft.promises(_columns(flat, f.PROMISE), of_each) if flat else ())
        draft.add_backorders(columns, units, [tuple(islice(promises, len(each))) for each in lists])
    for block in _blocks(top, "holds"):
        draft.add_holds(_columns(block, f.HOLD))
    return draft.finish(moment)


def _moment(found: object, as_of: datetime | None) -> datetime:
    own = None if found is None and as_of is not None else read_as_of(found)
    moment = own if as_of is None else as_of
    if moment is None:
        raise NotPlain
    return moment


def _blocks(top: _Record, section: str) -> Iterator[list[_Record]]:
    """Give the records of a section, so many at once."""
    entries = top.get(section)
    if entries is None:
        return
    if type(entries) is not list:
        raise NotPlain
    children = {f.CHILDREN[section][0]} if section in f.CHILDREN else set[str]()
    known = {field.name for field in f.SECTIONS[section]} | children
    for start in range(0, len(entries), BLOCK):
        block = entries[start : start + BLOCK]
        # What was read is let go, so that the tree shrinks as the values grow.
        entries[start : start + BLOCK] = [None] * len(block)
        _check_keys(block, known)
        yield block


def _children(block: Sequence[_Record], section: str) -> tuple[list[list[_Record]], list[_Record]]:
    """Give the lists in the records of a block, and all that stands in them."""
    name, record = f.CHILDREN[section]
    lists = list[list[_Record]]()
    for entry in block:
        found = entry.get(name)
        if found is None and section != "orders":
            found = []
        if type(found) is not list:
            raise NotPlain
        lists.append(found)
    flat = list(chain.from_iterable(lists))
    _check_keys(flat, {field.name for field in record})
    return lists, flat


def _check_keys(block: Sequence[object], known: set[str]) -> None:
    # An object in which a key stands twice is of a type of its own.
    if not set(map(type, block)) <= {dict}:
        raise NotPlain
    for entry in block:
        if not known.issuperset(cast("_Record", entry)):
            raise NotPlain


def _columns(block: Sequence[_Record], record: f.Record) -> Columns:
    return {field.name: [entry.get(field.name) for entry in block] for field in record}


def _for_each(units: Sequence[Unit], lists: Sequence[Sequence[object]]) -> Iterator[Unit]:
    """Repeat the unit of each backorder for each of its promises."""
    for unit, each in zip(units, lists, strict=True):
        yield from repeat(unit, len(each))
