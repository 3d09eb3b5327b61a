"""Writes impacts as JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

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
    written_quantity,
)
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.model.times import write_time
from backorderkit.model.units import Unit
from backorderkit.policies.protocol import policy_name
from backorderkit.promising import SLIP_KINDS, Impact, MovedReceipt, Rescue, Slip, SlipSums

SLIP_COLUMNS: Final = (
    *("order", "line", "sku", "customer", "kind", "quantity", "before", "after", "days_later"),
    *("requested", "missed_before", "missed", "value", "currency"),
)
"""The columns of an impact as CSV, and the fields of its lines."""


def impact_json(impact: Impact, rescues: Iterable[Rescue], set_aside: SetAside) -> Iterator[str]:
    """Write an impact as pieces of a JSON document, a line for each record."""
    unit_of = units_of(impact.before.snapshot)
    head: WrittenRecord = {
        "format": f.FORMAT,
        "as_of": write_time(impact.as_of),
        "policy": policy_name(impact.policy),
    }
    lists = {
        "receipts": (_receipt(each, unit_of) for each in impact.receipts),
        "lines": map(_slip, impact.lines),
        "rescues": (_rescue(each, unit_of(each.sku)) for each in rescues),
        "by_customer": ({"customer": each.name, **_sums(each)} for each in impact.by_customer),
        "by_order": ({"order": each.name, **_sums(each)} for each in impact.by_order),
        **written_aside(set_aside, unit_of),
    }
    yield from json_lines(head, lists, _sums(impact.totals))


def impact_csv(impact: Impact) -> str:
    """Write the lines of an impact as CSV."""
    rows = ([_cell(value) for value in _slip(slip).values()] for slip in impact.lines)
    return csv_text(SLIP_COLUMNS, rows)


def _cell(value: Json) -> Json:
    return str(value).lower() if isinstance(value, bool) else value


def _slip(slip: Slip) -> WrittenRecord:
    values: tuple[Json, ...] = (
        *(slip.order, slip.line, slip.sku, slip.customer, slip.kind),
        written_quantity(slip.quantity, slip.unit),
        *(_time(slip.before), _time(slip.after), slip.days_later),
        *(_time(slip.requested), slip.missed_before, slip.missed),
        *(None if slip.value is None else f"{slip.value:f}", slip.currency),
    )
    return dict(zip(SLIP_COLUMNS, values, strict=True))


def _time(when: datetime | None) -> str | None:
    return None if when is None else write_time(when)


def _receipt(moved: MovedReceipt, unit_of: UnitOf) -> WrittenRecord:
    receipt = moved.before
    unit = unit_of(receipt.sku)
    return {
        "receipt": receipt.id,
        "sku": receipt.sku,
        "location": receipt.location,
        "supplier": receipt.supplier,
        "before": _expected(receipt, unit),
        "after": None if moved.after is None else _expected(moved.after, unit),
    }


def _expected(receipt: ScheduledReceipt, unit: Unit) -> WrittenRecord:
    return {"quantity": written_quantity(receipt.quantity, unit), "due": write_time(receipt.due)}


def _rescue(rescue: Rescue, unit: Unit) -> WrittenRecord:
    return {
        "kind": rescue.kind,
        "order": rescue.order,
        "line": rescue.line,
        "sku": rescue.sku,
        "saves": written_quantity(rescue.saves, unit),
        "quantity": written_quantity(rescue.quantity, unit),
        "due": write_time(rescue.due),
        "location": rescue.location,
        "origin": rescue.origin,
        "receipt": rescue.receipt,
        "hold": rescue.hold,
    }


def _sums(sums: SlipSums) -> WrittenRecord:
    by_unit: list[Json] = [
        {
            "unit": each.unit.name,
            **{kind: written_quantity(getattr(each, kind), each.unit) for kind in SLIP_KINDS},
        }
        for each in sums.units
    ]
    by_currency: list[Json] = [
        {
            "currency": each.currency,
            **{kind: f"{getattr(each, kind):f}" for kind in SLIP_KINDS},
        }
        for each in sums.values
    ]
    return {
        "lines": sums.lines,
        "missed": sums.missed,
        "unpriced": sums.unpriced,
        "by_unit": by_unit,
        "by_currency": by_currency,
    }
