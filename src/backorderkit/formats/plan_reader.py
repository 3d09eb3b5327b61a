"""Reads a plan from a JSON document, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, get_args

from backorderkit.changes import Allocated, Backordered, Change, Promised, Released
from backorderkit.checking import (
    PlanDocument,
    PlannedBlocker,
    PlannedBreak,
    PlannedLine,
    PlannedSums,
)
from backorderkit.checking.documents import SUMMED
from backorderkit.errors import InvalidInputError
from backorderkit.formats import fields as f
from backorderkit.formats.json_reader import parse
from backorderkit.formats.plans import LINE_QUANTITIES
from backorderkit.formats.record_reader import PIECES, Kinds, RecordReader, is_whole
from backorderkit.model._consistency import problem_count
from backorderkit.model.backorders import Allocation, Promise
from backorderkit.model.ids import LineId, OrderId
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.units import MAX_DECIMALS, Unit
from backorderkit.planning import BlockerKind
from backorderkit.policies import Contract, Floor

_KEY: Final[Kinds] = {"order": "id", "line": "id"}
_PLACED: Final[Kinds] = {"location": "id", "quantity": "quantity"}
_PROMISE: Final[Kinds] = {
    field.name: field.kind if field.required else "text or null" for field in f.PROMISE
}
_BLOCKER: Final[Kinds] = {"kind": "choice", "quantity": "quantity"}
_LINE: Final[Kinds] = {
    **_KEY,
    "sku": "id",
    **dict.fromkeys((*LINE_QUANTITIES, "unpromised"), "quantity"),
    "allocations": "list",
    "promises": "list",
    "reason": "label",
    "blockers": "list",
}
_CHANGES: Final[Mapping[object, tuple[Callable[..., Change], Kinds]]] = {
    "allocated": (Allocated, {"type": "id", **_KEY, **_PLACED}),
    "released": (Released, {"type": "id", **_KEY, **_PLACED}),
    "backordered": (Backordered, {"type": "id", **_KEY, "quantity": "quantity"}),
    "promised": (Promised, {"type": "id", **_KEY, "promises": "list"}),
}
_BREAK: Final[Kinds] = {
    **_KEY,
    "sku": "id",
    "segment": "label",
    "floor": "choice",
    "by": "time",
    "owed": "quantity",
    "got": "quantity",
}
_SUMS: Final[Kinds] = {"unit": "id", **dict.fromkeys(SUMMED, "quantity")}
_TOP: Final[Kinds] = {
    "format": "integer",
    "as_of": "time",
    "policy": "label",
    "lines": "list",
    "changes": "list",
    "totals": "record",
}
_TOTALS: Final[Kinds] = {"lines": "integer", "by_unit": "list"}
_HARD_FLOORS: Final = tuple(floor for floor in get_args(Floor) if Contract(floor=floor).is_hard)
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


def moment_of(text: str | bytes, name: str) -> datetime:
    """
    Give the moment that a plan is for, which its snapshot is to be read at.

    Raises:
        InvalidInputError: if it cannot be read.
    """
    reader = RecordReader(name)
    top = parse(text, name)
    raw = {"as_of": top.get("as_of")} if isinstance(top, dict) else top
    found = reader.record("", raw, {"as_of": "time"})
    if not found:
        raise InvalidInputError(problem_count(name, len(reader.problems)), reader.problems)
    moment: datetime = found["as_of"]
    return moment


class _Reader(RecordReader):
    """Walks the tree of a plan."""

    def __init__(self, snapshot: Snapshot, name: str) -> None:
        super().__init__(name)
        self._units = {str(item.sku): item.measure for item in snapshot.items or ()}
        self._has_items = snapshot.items is not None
        self._snapshot = snapshot
        # The units of the lines as the document lists them, for its totals.
        self._finest = dict[str, int]()

    def document(self, top: object) -> PlanDocument | None:
        # Only plans that have one list broken contracts.
        has_broken = isinstance(top, dict) and top.get("broken") is not None
        found = self.record("", top, {**_TOP, **({"broken": "list"} if has_broken else {})})
        if found is None:
            return None
        if found.get("format") not in (None, f.FORMAT):
            self.refuse("format", "format", found["format"], f"must be {f.FORMAT}")
        lines = [self._line(*each) for each in self.entries("", found, "lines")]
        changes = [self._change(*each) for each in self.entries("", found, "changes")]
        broken = [self._break(*each) for each in self.entries("", found, "broken")]
        totals = self.record("totals", found["totals"], _TOTALS) if "totals" in found else None
        sums = [self._sums(*each) for each in self.entries("totals.", totals or {}, "by_unit")]
        if self.problems or totals is None:
            return None
        return self.made(
            "",
            PlanDocument,
            as_of=found["as_of"],
            policy=found["policy"],
            lines=tuple(lines),
            changes=tuple(changes),
            line_count=totals["lines"],
            sums=tuple(sums),
            broken=tuple(broken),
        )

    def _line(self, path: str, raw: object) -> PlannedLine | None:
        unit = self._unit(raw.get("sku"), path) if isinstance(raw, dict) else PIECES
        found = self.record(path, raw, _LINE, unit)
        if found is None:
            return None
        self._finest[unit.name] = max(unit.decimals, self._finest.get(unit.name, 0))
        key = {name: found.get(name) for name in _KEY}
        placed = self.entries(f"{path}.", found, "allocations")
        found["allocations"] = self.all_of(placed, _PLACED, unit, Allocation, **key)
        promised = self.entries(f"{path}.", found, "promises")
        found["promises"] = self.all_of(promised, _PROMISE, unit, Promise)
        blocking = self.entries(f"{path}.", found, "blockers")
        found["blockers"] = blockers = self.all_of(blocking, _BLOCKER, unit, PlannedBlocker)
        for place, blocker in enumerate(blockers):
            if blocker is not None and blocker.kind not in _BLOCKER_KINDS:
                reason = f"must be one of {', '.join(sorted(_BLOCKER_KINDS))}"
                where = f"{path}.blockers[{place}].kind"
                self.refuse(where, "kind", blocker.kind, reason)
        return self.made(path, PlannedLine, **found) if is_whole(found, _LINE) else None

    def _change(self, path: str, raw: object) -> Change | None:
        kind = raw.get("type") if isinstance(raw, dict) else None
        known = _CHANGES.get(kind) if isinstance(kind, str) else None
        if known is None or not isinstance(raw, dict):
            if not isinstance(raw, dict):
                self.refuse(path, "changes", raw, "must be an object")
            else:
                reason = f"must be one of {', '.join(map(str, _CHANGES))}"
                self.refuse(f"{path}.type", "type", kind, reason)
            return None
        make, kinds = known
        unit = self._unit_of_change(raw)
        found = self.record(path, raw, kinds, unit)
        if found is None:
            return None
        if "promises" in kinds:
            promised = self.entries(f"{path}.", found, "promises")
            found["promises"] = self.all_of(promised, _PROMISE, unit, Promise)
        if not is_whole(found, kinds):
            return None
        del found["type"]
        return self.made(path, make, **found)

    def _unit_of_change(self, raw: Mapping[str, object]) -> Unit:
        order, line = raw.get("order"), raw.get("line")
        if not isinstance(order, str) or not isinstance(line, str):
            return Unit(decimals=MAX_DECIMALS)
        found = self._snapshot.find_line(OrderId(order), LineId(line))
        # What a plan says of a line that is gone is 0, in any unit.
        return PIECES if found is None else self._units.get(found.sku, PIECES)

    def _break(self, path: str, raw: object) -> PlannedBreak | None:
        unit = self._unit(raw.get("sku"), path) if isinstance(raw, dict) else PIECES
        found = self.record(path, raw, _BREAK, unit)
        if found is None or not is_whole(found, _BREAK):
            return None
        if found["floor"] not in _HARD_FLOORS:
            reason = f"must be one of {', '.join(_HARD_FLOORS)}"
            self.refuse(f"{path}.floor", "floor", found["floor"], reason)
        return self.made(path, PlannedBreak, **found)

    def _sums(self, path: str, raw: object) -> PlannedSums | None:
        name = raw.get("unit") if isinstance(raw, dict) else None
        finest = self._finest.get(name, MAX_DECIMALS) if isinstance(name, str) else MAX_DECIMALS
        found = self.record(path, raw, _SUMS, Unit(decimals=finest))
        if found is None or not is_whole(found, _SUMS):
            return None
        return self.made(path, PlannedSums, decimals=finest, **found)

    def _unit(self, sku: object, path: str) -> Unit:
        if not self._has_items:
            return PIECES
        unit = self._units.get(sku) if isinstance(sku, str) else None
        if unit is None:
            self.refuse(f"{path}.sku", "sku", sku, "must be one of the items")
            return Unit(decimals=MAX_DECIMALS)
        return unit
