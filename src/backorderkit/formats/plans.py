"""Writes plans as JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from backorderkit.changes import Allocated, Backordered, Change, Promised, Released
from backorderkit.formats import fields as f
from backorderkit.formats.partials import SetAside
from backorderkit.formats.partials_writer import written_aside
from backorderkit.formats.writer import (
    Json,
    UnitOf,
    WrittenRecord,
    csv_text,
    json_lines,
    units_of,
    write_record,
    written_quantity,
)
from backorderkit.model.backorders import Promise
from backorderkit.model.times import write_time
from backorderkit.model.units import Unit
from backorderkit.planning import Plan, PlanLine, Totals

PLAN_COLUMNS: Final = (
    *("order", "line", "sku", "ordered", "shipped", "cancelled", "allocated", "backordered"),
    *("promised", "unpromised", "first_due", "last_due", "reason"),
)
"""The columns of a plan as CSV."""

LINE_QUANTITIES: Final = ("ordered", "shipped", "cancelled", "allocated", "backordered")
TOTAL_QUANTITIES: Final = ("ordered", "allocated", "backordered", "promised", "unpromised")


def plan_json(plan: Plan, set_aside: SetAside) -> Iterator[str]:
    """Write a plan as pieces of a JSON document, a line for each record."""
    unit_of = units_of(plan.snapshot)
    head: WrittenRecord = {
        "format": f.FORMAT,
        "as_of": write_time(plan.as_of),
        "policy": plan.policy,
    }
    lists = {
        "lines": (_line(line, unit_of(line.sku)) for line in plan.lines),
        "changes": (_change(change, plan, unit_of) for change in plan.changes),
        **({"broken": _broken(plan, unit_of)} if plan.broken else {}),
        **written_aside(set_aside, unit_of),
    }
    yield from json_lines(head, lists, _totals(plan.totals))


def plan_csv(plan: Plan) -> str:
    """Write the lines of a plan as CSV."""
    unit_of = units_of(plan.snapshot)
    return csv_text(PLAN_COLUMNS, (_row(line, unit_of(line.sku)) for line in plan.lines))


def _row(line: PlanLine, unit: Unit) -> list[Json]:
    dues = [write_time(promise.due) for promise in line.promises]
    quantities = (*LINE_QUANTITIES, "promised", "unpromised")
    return [
        line.order,
        line.line,
        line.sku,
        *(written_quantity(getattr(line, name), unit) for name in quantities),
        dues[0] if dues else None,
        dues[-1] if dues else None,
        line.reason,
    ]


def _line(line: PlanLine, unit: Unit) -> WrittenRecord:
    allocations: list[Json] = [
        {"location": a.location, "quantity": written_quantity(a.quantity, unit)}
        for a in line.allocations
    ]
    blockers: list[Json] = [
        {"kind": blocker.kind, "quantity": written_quantity(blocker.quantity, unit)}
        for blocker in line.blockers
    ]
    return {
        "order": line.order,
        "line": line.line,
        "sku": line.sku,
        **{name: written_quantity(getattr(line, name), unit) for name in LINE_QUANTITIES},
        "allocations": allocations,
        "promises": _promises(line.promises, unit),
        "unpromised": written_quantity(line.unpromised, unit),
        "reason": line.reason,
        "blockers": blockers,
    }


def _promises(promises: tuple[Promise, ...], unit: Unit) -> list[Json]:
    return [write_record(promise, f.PROMISE, unit) for promise in promises]


def _change(change: Change, plan: Plan, unit_of: UnitOf) -> WrittenRecord:
    line = plan.snapshot.find_line(change.order, change.line)
    # A closed backorder may name a line that is gone; its quantity is 0 in any unit.
    unit = Unit() if line is None else unit_of(line.sku)
    whose: WrittenRecord = {"order": change.order, "line": change.line}
    match change:
        case Allocated() | Released():
            quantity = written_quantity(change.quantity, unit)
            where: WrittenRecord = {"location": change.location, "quantity": quantity}
            kind = "allocated" if isinstance(change, Allocated) else "released"
            return {"type": kind, **whose, **where}
        case Backordered():
            quantity = written_quantity(change.quantity, unit)
            return {"type": "backordered", **whose, "quantity": quantity}
        case Promised():
            return {"type": "promised", **whose, "promises": _promises(change.promises, unit)}
        case _:
            assert_never(change)


def _broken(plan: Plan, unit_of: UnitOf) -> Iterator[WrittenRecord]:
    for each in plan.broken:
        unit = unit_of(each.sku)
        yield {
            "order": each.order,
            "line": each.line,
            "sku": each.sku,
            "segment": each.segment,
            "floor": each.contract.floor,
            "by": write_time(each.by),
            "owed": written_quantity(each.owed, unit),
            "got": written_quantity(each.got, unit),
        }


def _totals(totals: Totals) -> Json:
    by_unit: list[Json] = []
    for sums in totals.by_unit:
        unit = Unit(name=sums.unit, decimals=sums.decimals)
        quantities: WrittenRecord = {
            name: written_quantity(getattr(sums, name), unit) for name in TOTAL_QUANTITIES
        }
        by_unit.append({"unit": sums.unit, **quantities})
    return {"lines": totals.lines, "by_unit": by_unit}
