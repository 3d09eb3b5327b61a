"""Writes what was set aside of a document, for documents and for people."""

from __future__ import annotations

from collections.abc import Iterator

from backorderkit.errors import on_one_line
from backorderkit.formats.partials import SetAside
from backorderkit.formats.writer import UnitOf, WrittenRecord, written_quantity


def written_aside(set_aside: SetAside, unit_of: UnitOf) -> dict[str, Iterator[WrittenRecord]]:
    """Give the list of what was set aside; no list if nothing was."""
    return {"set_aside": _records(set_aside, unit_of)} if set_aside else {}


def _records(set_aside: SetAside, unit_of: UnitOf) -> Iterator[WrittenRecord]:
    for sku in set_aside.skus:
        yield {"type": "sku", "sku": sku}
    for order in set_aside.orders:
        yield {"type": "order", "order": order}
    for each in set_aside.allocations:
        yield {
            "type": "allocation",
            "order": each.order,
            "line": each.line,
            "sku": each.sku,
            "location": each.location,
            "quantity": written_quantity(each.quantity, unit_of(each.sku)),
        }
    for problem in set_aside.problems:
        yield {
            "type": "problem",
            "path": problem.path,
            "field": problem.field,
            "reason": problem.reason,
            "text": str(problem),
        }


def lines_aside(set_aside: SetAside, unit_of: UnitOf) -> Iterator[str]:
    """Give the problems and what was set aside for them, a line for each."""
    yield from map(str, set_aside.problems)
    for sku in set_aside.skus:
        yield on_one_line(f"set aside: SKU {sku}")
    for order in set_aside.orders:
        yield on_one_line(f"set aside: order {order}")
    for each in set_aside.allocations:
        unit = unit_of(each.sku)
        yield on_one_line(
            f"kept for order {each.order}, line {each.line}:"
            f" {unit.to_text(each.quantity)} {unit.name} of SKU {each.sku} at {each.location}"
        )
