"""Writes a question to a policy, and its answers, as a small table for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from backorderkit.errors import shown
from backorderkit.model import Order, OrderId, OrderLine, write_time
from backorderkit.policies import Demand

_SHOWN_ALWAYS: Final[Mapping[str, Callable[[Demand], object]]] = {
    "claim": lambda demand: demand.claim,
    "got": lambda demand: demand.got,
    "limit": lambda demand: demand.limit,
    "priority": lambda demand: demand.priority,
    "placed_at": lambda demand: write_time(demand.placed_at),
}
# These only matter to some policies, so they show where they are not the default.
_ORDER_FIELDS: Final = ("sequence", "customer", "channel")
_LINE_FIELDS: Final = ("location", "requested", "unit_price")


def name(demand: Demand) -> tuple[OrderId, str]:
    """Give the ids of a demand's order and line."""
    return demand.order.id, demand.line.id


def table(
    demands: Sequence[Demand], answers: Mapping[str, Mapping[tuple[OrderId, str], object]]
) -> str:
    """
    Show demands and what each was given, one a line.

    Args:
        demands: The rows, in this order.
        answers: The last columns: a heading, and a share by order and line; a
            demand that is absent was not asked about.

    >>> print(table([Demand.of("A", claim=3)], {"share": {("A", "1"): 2}}))
    order  line  claim  got  limit  priority  placed_at             share
    A      1     3      0    3      5         2026-01-01T00:00:00Z  2
    """
    columns: dict[str, list[str]] = {
        "order": [demand.order.id for demand in demands],
        "line": [demand.line.id for demand in demands],
    }
    for heading, read in _SHOWN_ALWAYS.items():
        columns[heading] = [str(read(demand)) for demand in demands]
    for field in _ORDER_FIELDS:
        default = getattr(attrs.fields_dict(Order)[field], "default", None)
        _add_unless_default(
            columns, field, [getattr(each.order, field) for each in demands], default
        )
    for field in _LINE_FIELDS:
        default = getattr(attrs.fields_dict(OrderLine)[field], "default", None)
        _add_unless_default(
            columns, field, [getattr(each.line, field) for each in demands], default
        )
    for heading, shares in answers.items():
        columns[heading] = [
            shown(shares[name(each)]) if name(each) in shares else "-" for each in demands
        ]
    return aligned(columns)


def _add_unless_default(
    columns: dict[str, list[str]], field: str, values: Sequence[object], default: object
) -> None:
    if any(value != default for value in values):
        columns[field] = ["-" if value is None else str(value) for value in values]


def aligned(columns: Mapping[str, Sequence[str]]) -> str:
    """Write columns by their headings as rows."""
    widths = [
        max(len(heading), *(len(cell) for cell in cells)) for heading, cells in columns.items()
    ]
    rows = [tuple(columns), *zip(*columns.values(), strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
