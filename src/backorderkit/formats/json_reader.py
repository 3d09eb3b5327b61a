"""Reads a snapshot from a JSON document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from backorderkit.errors import InvalidInputError, brief
from backorderkit.formats.drafts import Drafts, Place, Raw
from backorderkit.formats.fields import CHILDREN, FORMAT, SECTIONS
from backorderkit.formats.scalars import NotANumber, NumberText, WrongValue, read_as_of
from backorderkit.model._consistency import problem_count
from backorderkit.model.snapshot import Snapshot

_TOP_FIELDS: Final = ("format", "as_of", *SECTIONS)
_LONGEST_INTEGER: Final = 40


class _Object(dict[str, object]):
    """A JSON object that remembers which keys stood in it more than once."""

    repeated: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, object]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        made.repeated = tuple(key for key, count in counts.items() if count > 1)
    return made


def _integer(digits: str) -> int | NumberText:
    # int() of very long texts is slow, and refused by Python itself.
    return int(digits) if len(digits) <= _LONGEST_INTEGER else NumberText(digits)


def read_json(text: str | bytes, *, as_of: datetime | None, name: str) -> Snapshot:
    """
    Read a snapshot from the text of a JSON document.

    Raises:
        InvalidInputError: with all problems of the document.
    """
    top = _parse(text, name)
    reader = _Reader(top, name)
    return reader.drafts.finish(reader.read(as_of))


def _parse(text: str | bytes, name: str) -> object:
    drafts = Drafts(name, lambda _, field: field, cells=False, has_items=False)
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
        self.top = top if isinstance(top, _Object) else _Object()
        has_items = self.top.get("items") is not None
        self.drafts = Drafts(name, self.locate, cells=False, has_items=has_items)
        if not isinstance(top, _Object):
            self.drafts.refuse(name, "document", top, "must be a JSON object")

    def locate(self, place: Place, field: str) -> str:
        path = f"{self.name}: {place.section}[{place.entry}]"
        if place.child is not None:
            path += f".{CHILDREN[place.section][0]}[{place.child}]"
        return f"{path}.{field}"

    def read(self, as_of: datetime | None) -> datetime | None:
        """Read everything into the drafts and give the moment of the snapshot."""
        self._check_keys(self.top, _TOP_FIELDS, f"{self.name}: ", "")
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
            drafts.add_order(index, raw, self._children("orders", index, raw, required=True))
        for index, raw in self._records("allocations"):
            drafts.add_allocation(index, raw)
        for index, raw in self._records("backorders"):
            drafts.add_backorder(index, raw, self._children("backorders", index, raw))
        return self._moment(as_of)

    def _moment(self, as_of: datetime | None) -> datetime | None:
        found = self.top.get("as_of")
        try:
            read = None if found is None and as_of is not None else read_as_of(found)
        except WrongValue as wrong:
            if isinstance(self.top, _Object) and (self.top or not self.drafts.problems):
                self.drafts.refuse(f"{self.name}: as_of", "as_of", found, wrong.reason)
            return None
        return as_of or read

    def _records(self, section: str) -> Iterator[tuple[int, Raw]]:
        children = CHILDREN.get(section)
        fields = [field.name for field in SECTIONS[section]]
        fields += [children[0]] if children else []
        path = f"{self.name}: {section}"
        yield from self._entries(section, self.top.get(section), path, fields, None)

    def _children(
        self, section: str, index: int, raw: Raw, *, required: bool = False
    ) -> Iterator[tuple[int, Raw]]:
        name, record = CHILDREN[section]
        path = f"{self.name}: {section}[{index}].{name}"
        found = raw.get(name)
        if found is None and required:
            context = self.drafts.context(Place(section, index), raw)
            self.drafts.refuse(path, name, None, "must be given", context)
            self.drafts.lose(section)
        fields = [field.name for field in record]
        yield from self._entries(section, found, path, fields, (index, raw))

    def _entries(
        self,
        section: str,
        entries: object,
        path: str,
        fields: list[str],
        parent: tuple[int, Raw] | None,
    ) -> Iterator[tuple[int, Raw]]:
        """Give those entries of a list that are objects; *parent* is what the list stands in."""
        if entries is None:
            return

        def context(number: int, entry: Raw | None = None) -> str:
            if parent is None:
                return self.drafts.context(Place(section, number), entry or {})
            index, whole = parent
            if entry is None:
                return self.drafts.context(Place(section, index), whole)
            return self.drafts.context(Place(section, index, number), entry, whole)

        if not isinstance(entries, list):
            self.drafts.refuse(path, section, entries, "must be a list", context(0))
            self.drafts.lose(section)
            return
        known = frozenset(fields)
        for number, entry in enumerate(entries):
            place = f"{path}[{number}]"
            if not isinstance(entry, _Object):
                self.drafts.refuse(place, section, entry, "must be an object", context(number))
                self.drafts.lose(section)
                continue
            if entry.repeated or not entry.keys() <= known:
                self._check_keys(entry, fields, f"{place}.", context(number, entry))
            yield number, entry

    def _check_keys(self, found: _Object, known: Sequence[str], prefix: str, context: str) -> None:
        for key in found.repeated:
            reason = "must not stand there twice"
            self.drafts.refuse(f"{prefix}{brief(key)}", key, key, reason, context)
        for key in found:
            if key not in known:
                reason = f"is not a known field ({', '.join(known)})"
                self.drafts.refuse(f"{prefix}{brief(key)}", key, found[key], reason, context)
