"""Writes comparisons as JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from backorderkit.formats import fields as f
from backorderkit.formats.partials import SetAside
from backorderkit.formats.partials_writer import written_aside
from backorderkit.formats.writer import (
    Json,
    WrittenRecord,
    csv_text,
    json_lines,
    units_of,
    written_quantity,
)
from backorderkit.model.times import write_time
from backorderkit.model.units import Unit
from backorderkit.promising import (
    ComparedFairness,
    ComparedLine,
    ComparedSums,
    ComparedUnits,
    ComparedValues,
    Comparison,
    Fairness,
    PlannedUnits,
    PlannedValue,
    Shift,
)

PLANNED_QUANTITIES: Final = (
    *("allocated", "promised", "missing", "late", "unit_days_late", "told", "moved"),
)
PLANNED_VALUES: Final = ("allocated", "promised", "missing", "late")
FAIRNESS_INDEXES: Final = ("jain", "gini")
RATIO_PLACES: Final = 6
"""Decimals of a ratio in a document: exact ones may have thousands of digits."""

_WHOSE: Final = ("order", "line", "sku", "customer", "verdict", "unit", "outstanding", "requested")
_MOVED: Final = ("sooner", "later", "unit_days", "sooner_value", "later_value", "currency")

COMPARISON_COLUMNS: Final = (
    *_WHOSE,
    *(f"one_{name}" for name in PLANNED_QUANTITIES),
    *(f"other_{name}" for name in PLANNED_QUANTITIES),
    *_MOVED,
)
"""The columns of a comparison as CSV."""


def comparison_json(comparison: Comparison, set_aside: SetAside) -> Iterator[str]:
    """Write a comparison as pieces of a JSON document, a line for each record."""
    head: WrittenRecord = {
        "format": f.FORMAT,
        "as_of": write_time(comparison.as_of),
        "one": comparison.one.policy,
        "other": comparison.other.policy,
    }
    lists = {
        "lines": map(_line, comparison.changed),
        "by_customer": ({"customer": each.name, **_sums(each)} for each in comparison.by_customer),
        "by_order": ({"order": each.name, **_sums(each)} for each in comparison.by_order),
        "fairness": map(_fairness, comparison.fairness),
        **written_aside(set_aside, units_of(comparison.one.snapshot)),
    }
    yield from json_lines(head, lists, _sums(comparison.totals))


def comparison_csv(comparison: Comparison) -> str:
    """Write the lines of a comparison that differ as CSV."""
    return csv_text(COMPARISON_COLUMNS, map(_row, comparison.changed))


def ratio_text(ratio: Fraction | None) -> str | None:
    """
    Write a ratio as decimal text, rounded to the nearest, and to even halfway.

    >>> ratio_text(Fraction(2, 3))
    '0.666667'
    """
    if ratio is None:
        return None
    whole, part = divmod(round(ratio * 10**RATIO_PLACES), 10**RATIO_PLACES)
    return f"{whole}.{part:0{RATIO_PLACES}d}"


def _row(line: ComparedLine) -> Sequence[Json]:
    one, other = _planned(line.one, line.unit), _planned(line.other, line.unit)
    return [*_whose(line).values(), *one.values(), *other.values(), *_moved(line).values()]


def _line(line: ComparedLine) -> WrittenRecord:
    return {
        **_whose(line),
        "one": _planned(line.one, line.unit),
        "other": _planned(line.other, line.unit),
        **_moved(line),
        "shifts": [_shift(shift, line.unit) for shift in line.shifts],
    }


def _whose(line: ComparedLine) -> WrittenRecord:
    values: tuple[Json, ...] = (
        *(line.order, line.line, line.sku, line.customer, line.verdict, line.unit.name),
        *(written_quantity(line.outstanding, line.unit), _time(line.requested)),
    )
    return dict(zip(_WHOSE, values, strict=True))


def _moved(line: ComparedLine) -> WrittenRecord:
    values: tuple[Json, ...] = (
        *(written_quantity(units, line.unit) for units in (line.sooner, line.later)),
        written_quantity(line.unit_days, line.unit),
        *(_money(line.sooner_value), _money(line.later_value), line.currency),
    )
    return dict(zip(_MOVED, values, strict=True))


def _shift(shift: Shift, unit: Unit) -> WrittenRecord:
    return {
        "quantity": written_quantity(shift.quantity, unit),
        "kind": shift.kind,
        "one": _time(shift.one),
        "other": _time(shift.other),
        "allocated": shift.allocated,
        "days_later": shift.days_later,
    }


def _planned(planned: PlannedUnits, unit: Unit) -> WrittenRecord:
    return {name: written_quantity(getattr(planned, name), unit) for name in PLANNED_QUANTITIES}


def _sums(sums: ComparedSums) -> WrittenRecord:
    return {
        "verdict": sums.verdict,
        "lines": sums.lines,
        "wins": sums.wins,
        "loses": sums.loses,
        "mixed": sums.mixed,
        "unpriced": sums.unpriced,
        "by_unit": [_units(each) for each in sums.units],
        "by_currency": [_values(each) for each in sums.values],
    }


def _units(units: ComparedUnits) -> WrittenRecord:
    unit = units.unit
    return {
        "unit": unit.name,
        "outstanding": written_quantity(units.outstanding, unit),
        "requested": written_quantity(units.requested, unit),
        **{
            side: {
                **_planned(planned, unit),
                "nervousness": ratio_text(planned.nervousness),
            }
            for side, planned in (("one", units.one), ("other", units.other))
        },
        "sooner": written_quantity(units.sooner, unit),
        "later": written_quantity(units.later, unit),
        "unit_days": written_quantity(units.unit_days, unit),
    }


def _values(values: ComparedValues) -> WrittenRecord:
    return {
        "currency": values.currency,
        "one": _planned_value(values.one),
        "other": _planned_value(values.other),
        "sooner": f"{values.sooner:f}",
        "later": f"{values.later:f}",
    }


def _planned_value(value: PlannedValue) -> WrittenRecord:
    return {name: f"{getattr(value, name):f}" for name in PLANNED_VALUES}


def _fairness(compared: ComparedFairness) -> WrittenRecord:
    return {
        "unit": compared.unit,
        "of": compared.of,
        "counting": compared.counting,
        "one": _indexes(compared.one),
        "other": _indexes(compared.other),
    }


def _indexes(fairness: Fairness) -> WrittenRecord:
    indexes = {name: ratio_text(getattr(fairness, name)) for name in FAIRNESS_INDEXES}
    return {"count": fairness.count, **indexes}


def _money(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _time(when: datetime | None) -> str | None:
    return None if when is None else write_time(when)
