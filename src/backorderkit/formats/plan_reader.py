"""Reads a plan from a JSON document, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar, get_args

from backorderkit.changes import Allocated, Backordered, Change, Promised
from backorderkit.checking import PlanDocument, PlannedBlocker, PlannedLine, PlannedSums
from backorderkit.checking.documents import SUMMED
from backorderkit.errors import InvalidInputError, InvalidValueError, brief
from backorderkit.formats import fields as f
from backorderkit.formats.json_reader import keys_repeated, parse
from backorderkit.formats.plans import LINE_QUANTITIES
from backorderkit.formats.scalars import JSON_READERS, WrongValue
from backorderkit.model._checks import Problems, pass_on
from backorderkit.model._consistency import problem_count
from backorderkit.model.backorders import Allocation, Promise
from backorderkit.model.ids import LineId, OrderId
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.units import MAX_DECIMALS, Unit
from backorderkit.planning import BlockerKind

_Value = TypeVar("_Value")
_Kinds = Mapping[str, str]
"""How each field is read: as a kind of scalar, or as a ``list``."""

_KEY: Final[_Kinds] = {"order": "id", "line": "id"}
_PLACED: Final[_Kinds] = {"location": "id", "quantity": "quantity"}
_PROMISE: Final[_Kinds] = {field.name: field.kind for field in f.PROMISE}
_BLOCKER: Final[_Kinds] = {"kind": "choice", "quantity": "quantity"}
_LINE: Final[_Kinds] = {
    **_KEY,
    "sku": "id",
    **dict.fromkeys((*LINE_QUANTITIES, "unpromised"), "quantity"),
    "allocations": "list",
    "promises": "list",
    "reason": "label",
    "blockers": "list",
}
_CHANGES: Final[Mapping[object, tuple[Callable[..., Change], _Kinds]]] = {
    "allocated": (Allocated, {"type": "id", **_KEY, **_PLACED}),
    "backordered": (Backordered, {"type": "id", **_KEY, "quantity": "quantity"}),
    "promised": (Promised, {"type": "id", **_KEY, "promises": "list"}),
}
_SUMS: Final[_Kinds] = {"unit": "id", **dict.fromkeys(SUMMED, "quantity")}
_TOP: Final[_Kinds] = {
    "format": "integer",
    "as_of": "time",
    "policy": "label",
    "lines": "list",
    "changes": "list",
    "totals": "record",
}
_TOTALS: Final[_Kinds] = {"lines": "integer", "by_unit": "list"}
_PIECES: Final = Unit()
_BLOCKER_KINDS: Final = frozenset(get_args(BlockerKind))


def read_plan_json(text: str | bytes, snapshot: Snapshot, name: str) -> PlanDocument:
    """
    Read a plan from the text of a JSON document.

    Raises:
        InvalidInputError: with all problems of the document.
    """
    reader = _Reader(snapshot, name)
    document = reader.document(parse(text, name))
    if document is None or reader.problems:
        raise InvalidInputError(problem_count(name, len(reader.problems)), reader.problems)
    return document


class _Reader:
    """Walks the tree of one document; what cannot be read is a problem, and None."""

    def __init__(self, snapshot: Snapshot, name: str) -> None:
        self.name = name
        self.problems: Problems = []
        self._units = {str(item.sku): item.measure for item in snapshot.items or ()}
        self._has_items = snapshot.items is not None
        self._snapshot = snapshot
        # The units of the lines as the document lists them, for its totals.
        self._finest = dict[str, int]()

    def document(self, top: object) -> PlanDocument | None:
        found = self._record("", top, _TOP)
        if found is None:
            return None
        if found.get("format") not in (None, f.FORMAT):
            self._refuse("format", "format", found["format"], f"must be {f.FORMAT}")
        lines = [self._line(*each) for each in self._entries("", found, "lines")]
        changes = [self._change(*each) for each in self._entries("", found, "changes")]
        totals = self._record("totals", found.get("totals"), _TOTALS) or {}
        sums = [self._sums(*each) for each in self._entries("totals.", totals, "by_unit")]
        if self.problems:
            return None
        return self._made(
            "",
            PlanDocument,
            as_of=found["as_of"],
            policy=found["policy"],
            lines=tuple(lines),
            changes=tuple(changes),
            line_count=totals["lines"],
            sums=tuple(sums),
        )

    def _line(self, path: str, raw: object) -> PlannedLine | None:
        unit = self._unit(raw.get("sku"), path) if isinstance(raw, dict) else _PIECES
        found = self._record(path, raw, _LINE, unit)
        if found is None:
            return None
        self._finest[unit.name] = max(unit.decimals, self._finest.get(unit.name, 0))
        key = {name: found.get(name) for name in _KEY}
        placed = self._entries(f"{path}.", found, "allocations")
        found["allocations"] = self._all(placed, _PLACED, unit, Allocation, **key)
        promised = self._entries(f"{path}.", found, "promises")
        found["promises"] = self._all(promised, _PROMISE, unit, Promise)
        blocking = self._entries(f"{path}.", found, "blockers")
        found["blockers"] = blockers = self._all(blocking, _BLOCKER, unit, PlannedBlocker)
        for place, blocker in enumerate(blockers):
            if blocker is not None and blocker.kind not in _BLOCKER_KINDS:
                reason = f"must be one of {', '.join(sorted(_BLOCKER_KINDS))}"
                where = f"{path}.blockers[{place}].kind"
                self._refuse(where, "kind", blocker.kind, reason)
        return self._made(path, PlannedLine, **found) if _is_whole(found, _LINE) else None

    def _change(self, path: str, raw: object) -> Change | None:
        kind = raw.get("type") if isinstance(raw, dict) else None
        known = _CHANGES.get(kind) if isinstance(kind, str) else None
        if known is None or not isinstance(raw, dict):
            if not isinstance(raw, dict):
                self._refuse(path, "changes", raw, "must be an object")
            else:
                reason = f"must be one of {', '.join(map(str, _CHANGES))}"
                self._refuse(f"{path}.type", "type", kind, reason)
            return None
        make, kinds = known
        unit = self._unit_of_change(raw)
        found = self._record(path, raw, kinds, unit)
        if found is None:
            return None
        if "promises" in kinds:
            promised = self._entries(f"{path}.", found, "promises")
            found["promises"] = self._all(promised, _PROMISE, unit, Promise)
        if not _is_whole(found, kinds):
            return None
        del found["type"]
        return self._made(path, make, **found)

    def _unit_of_change(self, raw: Mapping[str, object]) -> Unit:
        order, line = raw.get("order"), raw.get("line")
        if not isinstance(order, str) or not isinstance(line, str):
            return Unit(decimals=MAX_DECIMALS)
        found = self._snapshot.find_line(OrderId(order), LineId(line))
        # What a plan says of a line that is gone is 0, in any unit.
        return _PIECES if found is None else self._units.get(found.sku, _PIECES)

    def _sums(self, path: str, raw: object) -> PlannedSums | None:
        name = raw.get("unit") if isinstance(raw, dict) else None
        finest = self._finest.get(name, MAX_DECIMALS) if isinstance(name, str) else MAX_DECIMALS
        found = self._record(path, raw, _SUMS, Unit(decimals=finest))
        if found is None or not _is_whole(found, _SUMS):
            return None
        return self._made(path, PlannedSums, decimals=finest, **found)

    def _all(
        self,
        entries: Iterator[tuple[str, object]],
        kinds: _Kinds,
        unit: Unit,
        make: Callable[..., _Value],
        **more: object,
    ) -> tuple[_Value | None, ...]:
        made: list[_Value | None] = []
        for where, raw in entries:
            found = self._record(where, raw, kinds, unit)
            is_whole = found is not None and _is_whole(found, kinds)
            made.append(self._made(where, make, **found, **more) if found and is_whole else None)
        return tuple(made)

    def _entries(
        self, prefix: str, record: dict[str, Any], field: str
    ) -> Iterator[tuple[str, object]]:
        for place, entry in enumerate(record.get(field) or ()):
            yield f"{prefix}{field}[{place}]", entry

    def _record(
        self, path: str, raw: object, kinds: _Kinds, unit: Unit = _PIECES
    ) -> dict[str, Any] | None:
        """Give the fields of an object that can be read; None if it is none."""
        if not isinstance(raw, dict):
            field = path.rpartition(".")[2] or "document"
            self._refuse(path, field, raw, "must be an object")
            return None
        dot = f"{path}." if path else ""
        for key in keys_repeated(raw):
            self._refuse(f"{dot}{brief(key)}", key, key, "must not stand there twice")
        for key in [key for key in raw if key not in kinds]:
            reason = f"is not a known field ({', '.join(kinds)})"
            self._refuse(f"{dot}{brief(key)}", key, raw[key], reason)
        found = dict[str, Any]()
        for field, kind in kinds.items():
            value = raw.get(field)
            try:
                found[field] = _read(value, kind, unit)
            except WrongValue as wrong:
                reason = "must be given" if value is None else wrong.reason
                self._refuse(f"{dot}{field}", field, value, reason)
        return found

    def _unit(self, sku: object, path: str) -> Unit:
        if not self._has_items:
            return _PIECES
        unit = self._units.get(sku) if isinstance(sku, str) else None
        if unit is None:
            self._refuse(f"{path}.sku", "sku", sku, "must be one of the items")
            return Unit(decimals=MAX_DECIMALS)
        return unit

    def _made(self, path: str, make: Callable[..., _Value], **values: object) -> _Value | None:
        try:
            return make(**values)
        except InvalidValueError as error:
            prefix = f"{path}." if path else ""
            pass_on(self.problems, error, f"{self.name}: {prefix}")
            return None

    def _refuse(self, path: str, field: str, value: object, reason: str) -> None:
        where = f"{self.name}: {path}" if path else self.name
        self.problems.append(InvalidValueError(field=field, value=value, reason=reason, path=where))


def _is_whole(found: dict[str, Any], kinds: _Kinds) -> bool:
    """Tell whether every field of a record could be read, and every entry of its lists."""
    return found.keys() == kinds.keys() and not any(
        None in found[field] for field, kind in kinds.items() if kind == "list"
    )


def _read(value: object, kind: str, unit: Unit) -> object:
    if kind == "record":
        return value
    if kind == "list":
        if not isinstance(value, list):
            raise WrongValue("must be a list")
        return value
    return JSON_READERS[kind](value, unit)
