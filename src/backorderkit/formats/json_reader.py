"""Reads a snapshot from a JSON document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from backorderkit.errors import InvalidInputError, brief
from backorderkit.formats.about import NAMING, NOTHING, About, Place, Raw
from backorderkit.formats.columns import NOT_PLAIN
from backorderkit.formats.drafts import Drafts
from backorderkit.formats.fields import CHILDREN, FORMAT, SECTIONS
from backorderkit.formats.partials import Partial, finish_partly
from backorderkit.formats.plain_json import read_plain
from backorderkit.formats.scalars import NotANumber, NumberText, WrongValue, read_as_of
from backorderkit.model._consistency import problem_count
from backorderkit.model.snapshot import Snapshot

_Parent = tuple[int, Raw] | None
"""The record that a list stands in, with its number; None for the sections themselves."""

# The fields of the records of each section, and of the records in its records.
_NAMES: Final = {
    **{
        (section, False): (
            *(field.name for field in record),
            *([CHILDREN[section][0]] if section in CHILDREN else []),
        )
        for section, record in SECTIONS.items()
    },
    **{
        (section, True): tuple(field.name for field in record)
        for section, (_, record) in CHILDREN.items()
    },
}
_TOP_FIELDS: Final = ("format", "as_of", *SECTIONS)
_LONGEST_INTEGER: Final = 40


class _Repeated(dict[str, object]):
    """A JSON object in which keys stood more than once, which it remembers."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs)
        self.keys_repeated = tuple(key for key, count in counts.items() if count > 1)


def keys_repeated(found: dict[str, object]) -> tuple[str, ...]:
    """Give the keys that stood more than once in a JSON object."""
    return found.keys_repeated if isinstance(found, _Repeated) else ()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Plain dicts of texts and numbers are nothing to Python's collector.
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Repeated(pairs)


def _integer(digits: str) -> int | NumberText:
    # int() of very long texts is slow, and refused by Python itself.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else NumberText(digits)


def read_json(text: str | bytes, *, as_of: datetime | None, name: str) -> Snapshot:
    """
    Read a snapshot from the text of a JSON document.

    Raises:
        InvalidInputError: with all problems of the document.
    """
    with suppress(*NOT_PLAIN):
        return read_plain(parse(text, name), as_of)
    return read_with_care(text, as_of=as_of, name=name)


def read_with_care(text: str | bytes, *, as_of: datetime | None, name: str) -> Snapshot:
    """Read as `read_json` does, looking at every value by itself."""
    drafts, moment = draft_with_care(text, as_of=as_of, name=name)
    return drafts.finish(moment)


def read_json_partly(text: str | bytes, *, as_of: datetime | None, name: str) -> Partial:
    """
    Read a JSON document without what has problems.

    Raises:
        InvalidInputError: with all problems, if one touches nobody knows what.
    """
    with suppress(*NOT_PLAIN):
        return Partial(snapshot=read_plain(parse(text, name), as_of))
    drafts, moment = draft_with_care(text, as_of=as_of, name=name)
    return finish_partly(drafts, moment)


def draft_with_care(
    text: str | bytes, *, as_of: datetime | None, name: str
) -> tuple[Drafts, datetime | None]:
    """Look at every value by itself, and give what was found and the moment."""
    # Whoever tried before has taken the tree apart.
    reader = _Reader(parse(text, name), name)
    moment = reader.read(as_of)
    return reader.drafts, moment


def parse(text: str | bytes, name: str) -> object:
    """
    Parse a document, with its numbers kept exactly and doubled keys remembered.

    Raises:
        InvalidInputError: if it is no JSON.
    """
    drafts = Drafts(name, lambda _, field: field, cells=False, has_items=False)
    if not isinstance(text, str | bytes):
        drafts.refuse(name, "document", text, "must be text or bytes")
        raise InvalidInputError(problem_count(name, 1), drafts.problems)
    try:
        if isinstance(text, bytes):
            text = text.decode()
        parsed: object = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_float=NumberText,
            parse_int=_integer,
            parse_constant=NotANumber,
        )
    except UnicodeDecodeError as error:
        byte = error.object[error.start : error.start + 1]
        drafts.refuse(name, "document", byte, f"must be UTF-8 (byte {error.start + 1})")
    except json.JSONDecodeError as error:
        character = error.doc[error.pos : error.pos + 1] or None
        path = f"{name}:{error.lineno}:{error.colno}"
        drafts.refuse(path, "document", character, f"must be JSON ({error.msg})")
    except RecursionError:
        drafts.refuse(name, "document", "[[[…", "must not be nested so deeply")
    else:
        return parsed
    raise InvalidInputError(problem_count(name, 1), drafts.problems)


class _Reader:
    """Walks the tree of one document."""

    def __init__(self, top: object, name: str) -> None:
        self.name = name
        self.top = top if isinstance(top, dict) else dict[str, object]()
        has_items = self.top.get("items") is not None
        self.drafts = Drafts(name, self.locate, cells=False, has_items=has_items)
        if not isinstance(top, dict):
            self.drafts.refuse(name, "document", top, "must be a JSON object")

    def locate(self, place: Place, field: str) -> str:
        path = f"{self.name}: {place.section}[{place.entry}]"
        if place.child is not None:
            path += f".{CHILDREN[place.section][0]}[{place.child}]"
        return f"{path}.{field}"

    def read(self, as_of: datetime | None) -> datetime | None:
        """Read everything into the drafts and give the moment of the snapshot."""
        self._check_keys(self.top, _TOP_FIELDS, f"{self.name}: ", NOTHING)
        drafts = self.drafts
        if self.top.get("format") not in (None, FORMAT) or self.top.get("format") is True:
            found = self.top["format"]
            drafts.refuse(f"{self.name}: format", "format", found, f"must be {FORMAT}")
        for index, raw in self._records("items"):
            drafts.add_item(index, raw)
        for index, raw in self._records("stock"):
            drafts.add_stock(index, raw)
        for index, raw in self._records("receipts"):
            drafts.add_receipt(index, raw)
        for index, raw in self._records("orders"):
            drafts.add_order(
                index,
                raw,
                [
                    (child, drafts.read_line(index, child, own, raw))
                    for child, own in self._lines(index, raw)
                ],
            )
        for index, raw in self._records("allocations"):
            drafts.add_allocation(index, raw)
        for index, raw in self._records("backorders"):
            promises = self._entries("backorders", raw.get("promises"), (index, raw))
            drafts.add_backorder(index, raw, promises)
        for index, raw in self._records("holds"):
            drafts.add_hold(index, raw)
        return self._moment(as_of)

    def _moment(self, as_of: datetime | None) -> datetime | None:
        found = self.top.get("as_of")
        try:
            read = None if found is None and as_of is not None else read_as_of(found)
        except WrongValue as wrong:
            if self.top or not self.drafts.problems:
                self.drafts.refuse(f"{self.name}: as_of", "as_of", found, wrong.reason)
            return None
        return read if as_of is None else as_of

    def _records(self, section: str) -> Iterator[tuple[int, Raw]]:
        return self._entries(section, self.top.get(section), None)

    def _lines(self, index: int, order: Raw) -> Iterator[tuple[int, Raw]]:
        found = order.get("lines")
        if found is None:
            self._refuse("orders", (index, order), None, None, "must be given")
        return self._entries("orders", found, (index, order))

    def _entries(self, section: str, entries: object, parent: _Parent) -> Iterator[tuple[int, Raw]]:
        """Give those entries of a list that are objects; *parent* is what the list stands in."""
        if entries is None:
            return
        if not isinstance(entries, list):
            self._refuse(section, parent, None, entries, "must be a list")
            return
        names = _NAMES[section, parent is not None]
        known = frozenset(names)
        for number, entry in enumerate(entries):
            if not isinstance(entry, dict):
                self._refuse(section, parent, number, entry, "must be an object")
                continue
            if type(entry) is _Repeated or not entry.keys() <= known:
                prefix = f"{self._path(section, parent, number)}."
                self._check_keys(entry, names, prefix, self._about(section, parent, number, entry))
            yield number, entry
            # What was read is let go, so that the tree shrinks as the values grow.
            entries[number] = None

    def _refuse(
        self, section: str, parent: _Parent, number: int | None, value: object, reason: str
    ) -> None:
        """Refuse a whole list, or an entry of it that is no object."""
        field = section if parent is None else CHILDREN[section][0]
        about = NOTHING if parent is None else self._about(section, parent, None, None)
        self.drafts.refuse(self._path(section, parent, number), field, value, reason, about)
        self.drafts.lose(section)

    def _path(self, section: str, parent: _Parent, number: int | None) -> str:
        path = f"{self.name}: {section}"
        if parent is not None:
            path += f"[{parent[0]}].{CHILDREN[section][0]}"
        return path if number is None else f"{path}[{number}]"

    def _about(self, section: str, parent: _Parent, number: int | None, entry: Raw | None) -> About:
        """Tell what a record is about, or the one it stands in, if it is none itself."""
        if parent is None:
            return self.drafts.about(Place(section, number or 0), entry or {})
        index, whole = parent
        if entry is None:
            return self.drafts.about(Place(section, index), whole)
        return self.drafts.about(Place(section, index, number), entry, whole)

    def _check_keys(
        self, found: dict[str, object], known: Sequence[str], prefix: str, about: About
    ) -> None:
        for key in keys_repeated(found):
            reason = "must not stand there twice"
            # Nobody knows which of two names is meant.
            whose = About(about.words, None) if key in NAMING else about
            self.drafts.refuse(f"{prefix}{brief(key)}", key, key, reason, whose)
        for key, value in found.items():
            if key not in known:
                reason = f"is not a known field ({', '.join(known)})"
                self.drafts.refuse(f"{prefix}{brief(key)}", key, value, reason, about)
