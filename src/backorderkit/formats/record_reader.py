"""Reads records of JSON values by tables of their fields, and collects all problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar

from backorderkit.errors import InvalidValueError, brief
from backorderkit.formats.json_reader import keys_repeated
from backorderkit.formats.scalars import JSON_READERS, WrongValue
from backorderkit.model._checks import Problems, pass_on
from backorderkit.model.units import Unit

_Value = TypeVar("_Value")

Kinds = Mapping[str, str]
"""How each field is read: as a kind of scalar, a ``list`` or a ``record``."""

PIECES: Final = Unit()


class RecordReader:
    """Walks the tree of one document; what cannot be read is a problem, and None."""

    def __init__(self, name: str) -> None:
        """Start with no problem of a document of this name."""
        self.name = name
        self.problems: Problems = []

    def all_of(
        self,
        entries: Iterator[tuple[str, object]],
        kinds: Kinds,
        unit: Unit,
        make: Callable[..., _Value],
        **more: object,
    ) -> tuple[_Value | None, ...]:
        """Make a value of each entry of a list that can be read, None of the others."""
        made: list[_Value | None] = []
        for where, raw in entries:
            found = self.record(where, raw, kinds, unit)
            if found is None or not is_whole(found, kinds):
                made.append(None)
            else:
                made.append(self.made(where, make, **found, **more))
        return tuple(made)

    def entries(
        self, prefix: str, record: dict[str, Any], field: str
    ) -> Iterator[tuple[str, object]]:
        """Give the entries of a list with their places."""
        for place, entry in enumerate(record.get(field) or ()):
            yield f"{prefix}{field}[{place}]", entry

    def record(
        self, path: str, raw: object, kinds: Kinds, unit: Unit = PIECES
    ) -> dict[str, Any] | None:
        """
        Give the fields of an object that can be read; None if it is none.

        A field that is absent or null, unknown or repeated is a problem, too.
        """
        if not isinstance(raw, dict):
            field = path.rpartition(".")[2] or "document"
            self.refuse(path, field, raw, "must be an object")
            return None
        dot = f"{path}." if path else ""
        for key in keys_repeated(raw):
            self.refuse(f"{dot}{brief(key)}", key, key, "must not stand there twice")
        for key in [key for key in raw if key not in kinds]:
            reason = f"is not a known field ({', '.join(kinds)})"
            self.refuse(f"{dot}{brief(key)}", key, raw[key], reason)
        found = dict[str, Any]()
        for field, kind in kinds.items():
            value = raw.get(field)
            try:
                found[field] = _read(value, kind, unit)
            except WrongValue as wrong:
                reason = "must be given" if value is None else wrong.reason
                self.refuse(f"{dot}{field}", field, value, reason)
        return found

    def made(self, path: str, make: Callable[..., _Value], **values: object) -> _Value | None:
        """Make a value; what it refuses is a problem at its place."""
        try:
            return make(**values)
        except InvalidValueError as error:
            prefix = f"{path}." if path else ""
            pass_on(self.problems, error, f"{self.name}: {prefix}")
            return None

    def refuse(self, path: str, field: str, value: object, reason: str) -> None:
        """Note a problem."""
        where = f"{self.name}: {path}" if path else self.name
        self.problems.append(InvalidValueError(field=field, value=value, reason=reason, path=where))


def is_whole(found: dict[str, Any], kinds: Kinds) -> bool:
    """Tell whether every field of a record could be read, and every entry of its lists."""
    return found.keys() == kinds.keys() and not any(
        None in found[field] for field, kind in kinds.items() if kind == "list"
    )


def _read(value: object, kind: str, unit: Unit) -> object:
    if kind == "record":
        if not isinstance(value, dict):
            raise WrongValue("must be an object")
        return value
    if kind == "text or null":
        return None if value is None else JSON_READERS["id"](value, unit)
    if kind == "list":
        if not isinstance(value, list):
            raise WrongValue("must be a list")
        return value
    return JSON_READERS[kind](value, unit)
