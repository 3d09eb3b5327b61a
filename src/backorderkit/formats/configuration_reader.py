"""Reads a configuration file: who gets scarce supply, and within which rules."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from backorderkit.errors import InvalidInputError, InvalidValueError, brief
from backorderkit.formats import configuration_keys as k
from backorderkit.formats.configuration_values import ENTRIES, SCALARS, read_value
from backorderkit.formats.scalars import NumberText, WrongValue
from backorderkit.model._checks import Problems, pass_on
from backorderkit.model._consistency import problem_count
from backorderkit.policies.attributes import KNOWN, Kind

Tree = dict[str, Any]
"""A table as it was read: each key that could be, and no other."""

_Made = TypeVar("_Made")

_WITHIN: Final = "within"
_MOST_WITHIN: Final = 8
"""Policies within policies; more say nothing, and would lead the planner too deep."""

_AT: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|(end of document))\)$")


def parse_toml(text: str | bytes, name: str) -> Mapping[str, object]:
    """
    Parse a file, with its numbers kept exactly.

    Raises:
        InvalidInputError: if it is no TOML; the problem has the line and the column.
    """
    where, value, reason = name, object(), ""
    try:
        if isinstance(text, bytes):
            text = text.decode()
        if isinstance(text, str):
            return tomllib.loads(text.removeprefix("\ufeff"), parse_float=NumberText)
        value, reason = text, "must be text or bytes"
    except UnicodeDecodeError as error:
        value = error.object[error.start : error.start + 1]
        reason = f"must be UTF-8 (byte {error.start + 1})"
    except RecursionError:
        value, reason = "[[[…", "must not be nested so deeply"
    except ValueError as error:
        # What Python itself refuses, such as very many digits, has no place.
        said = str(error)
        found = _AT.search(said)
        if found and found[1]:
            where = f"{name}:{found[1]}:{found[2]}"
        lines = str(text).splitlines()
        value = lines[int(found[1]) - 1] if found and found[1] and lines else None
        reason = f"must be TOML ({_AT.sub('', said) if found and found[1] else said})"
    problem = InvalidValueError(field="document", value=value, reason=reason, path=where)
    raise InvalidInputError(problem_count(name, 1), [problem])


class TableReader:
    """Walks the tables of one file; what cannot be read is a problem, and left out."""

    def __init__(self, name: str) -> None:
        """Start with no problem of a file of this name."""
        self.name = name
        self.problems: Problems = []

    def read(self, path: str, raw: object, keys: k.Table, *, tag: str = "") -> Tree | None:
        """
        Give what a table holds; None if anything in it cannot be read.

        Args:
            path: Where it stands.
            raw: What stands there.
            keys: Those that it may have.
            tag: One more, which was read already.
        """
        before = len(self.problems)
        found = self.parts(path, raw, keys, tag=tag)
        return found if len(self.problems) == before else None

    def parts(self, path: str, raw: object, keys: k.Table, *, tag: str = "") -> Tree:
        """Give what of a table can be read."""
        if not isinstance(raw, Mapping):
            self.refuse(path, raw, "must be a table")
            return {}
        known = [*([tag] if tag else []), *(key.name for key in keys)]
        for name in [name for name in raw if name not in known]:
            self.refuse(_at(path, brief(name)), raw[name], _unknown(name, known))
        found: Tree = {}
        for key in keys:
            where = _at(path, key.name)
            if key.name in raw:
                before = len(self.problems)
                value = self._value(where, raw[key.name], key, found)
                # Of a list the good entries are looked at further, beside the bad ones.
                if len(self.problems) == before or key.kind == "tables":
                    found[key.name] = value
            elif key.required:
                self.refuse(where, None, "must be given")
        return found

    def _value(self, path: str, raw: object, key: k.Key, beside: Tree) -> object:
        """Read the value of a key; *beside* is what was read of its table before."""
        match key.kind:
            case "table":
                return self.read(path, raw, key.of)
            case "tables":
                entries = self._entries(path, raw, key)
                return [self.read(where, entry, key.of) for where, entry in entries]
            case "policy":
                return self._tagged(path, raw, key.kind)
            case "ranks":
                entries = self._entries(path, raw, key)
                return [self._tagged(where, entry, key.kind) for where, entry in entries]
            case "value" | "values":
                return self._of_attribute(path, raw, key, beside)
            case kind if kind in SCALARS:
                return self._scalar(path, raw, lambda value: SCALARS[kind](key, value))
            case kind:
                entries = self._entries(path, raw, key)
                read = ENTRIES[kind]
                return [
                    self._scalar(where, entry, lambda value: read(key, value))
                    for where, entry in entries
                ]

    def _of_attribute(self, path: str, raw: object, key: k.Key, beside: Tree) -> object:
        """Read values of the attribute that stands beside them, if that could be read."""
        attribute = beside.get("attribute")
        kind: Kind | None = KNOWN[attribute].kind if attribute else None

        def read(where: str, value: object) -> object:
            # The condition itself says that no text has bounds.
            if kind is None or (kind == "text" and key.kind == "value"):
                return value
            return self._scalar(where, value, lambda each: read_value(kind, each))

        if key.kind == "value":
            return read(path, raw)
        return [read(where, entry) for where, entry in self._entries(path, raw, key)]

    def _tagged(self, path: str, raw: object, kind: str) -> Tree:
        """Read a text, or a table in which a key has that text."""
        tag, variants = k.TAGS[kind]
        is_table = isinstance(raw, Mapping)
        where = _at(path, tag) if is_table else path
        named = raw.get(tag) if isinstance(raw, Mapping) else raw
        if type(named) is not str or named not in variants:
            reason = f"must be one of {', '.join(variants)}"
            more = "" if is_table else f", or a table with {tag}"
            self.refuse(where, named, f"{reason}{more}")
            return {}
        if path.count(f".{_WITHIN}") > _MOST_WITHIN:
            self.refuse(path, named, "must not be nested so deeply")
            return {}
        keys = variants[named]
        found = self.read(path, raw if is_table else {tag: named}, keys, tag=tag)
        return {tag: named, **(found or {})}

    def _entries(self, path: str, raw: object, key: k.Key) -> Iterator[tuple[str, object]]:
        """Give the entries of a list with their places."""
        if not isinstance(raw, list):
            self.refuse(path, raw, "must be a list")
            return
        if len(raw) < (key.least or 0):
            absent = "" if key.required else "; leave it out for all"
            self.refuse(path, raw, f"must have one entry at least{absent}")
        for place, entry in enumerate(raw):
            yield f"{path}[{place}]", entry

    def _scalar(self, path: str, raw: object, read: Callable[[object], object]) -> object:
        try:
            return read(raw)
        except WrongValue as wrong:
            self.refuse(path, raw, wrong.reason)
            return None

    def made(
        self,
        path: str,
        make: Callable[..., _Made],
        /,
        *args: object,
        renamed: Mapping[str, str] | None = None,
        **values: object,
    ) -> _Made | None:
        """
        Make a value; what it refuses is a problem at its place.

        Args:
            path: Where it stands.
            make: What makes it.
            args: Of what.
            renamed: Places inside of the value, and the places in the file they come from.
            values: Of what.
        """
        try:
            return make(*args, **values)
        except InvalidValueError as error:
            found: Problems = []
            pass_on(found, error, "")
            for each in found:
                inner = (renamed or {}).get(each.path, each.path)
                self.refuse(_at(path, inner), each.value, each.reason)
            return None

    def refuse(self, path: str, value: object, reason: str) -> None:
        """Note a problem."""
        field = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2] or "document"
        where = f"{self.name}: {path}" if path else self.name
        if isinstance(value, date):
            value = value.isoformat()
        self.problems.append(InvalidValueError(field=field, value=value, reason=reason, path=where))


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f": did you mean {near[0]}?" if near else ""
    return f"is not a known key{hint} ({', '.join(known) or 'there are none'})"
