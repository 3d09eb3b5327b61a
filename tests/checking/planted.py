"""One good plan of a small book, and how to make it lie consistently."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from backorderkit import Fifo, Snapshot, plan
from backorderkit.formats import dumps_plan, loads_snapshot

Document = dict[str, Any]

BOOK: Final[Document] = {
    "as_of": "2026-01-05",
    "items": [{"sku": "MUG"}, {"sku": "TEA", "unit": "kg"}],
    "stock": [
        {"sku": "MUG", "location": "EAST", "on_hand": 4, "safety_stock": 1},
        {"sku": "MUG", "location": "WEST", "on_hand": 2},
        {"sku": "TEA", "on_hand": 7},
    ],
    "holds": [
        {"id": "cart", "sku": "MUG", "location": "WEST", "quantity": 1, "expires_at": "2026-02-01"}
    ],
    "receipts": [
        {"id": "PO-1", "sku": "MUG", "location": "EAST", "quantity": 2, "due": "2026-01-12"},
        {"id": "PO-2", "sku": "MUG", "location": "WEST", "quantity": 2, "due": "2026-01-13"},
        {"id": "PO-3", "sku": "TEA", "quantity": 1, "due": "2026-01-01"},
    ],
    "orders": [
        {
            "id": order,
            "placed_at": f"2026-01-0{day}",
            "priority": priority,
            "lines": [{"id": "1", "sku": sku, "location": location, "ordered": ordered}],
        }
        for order, day, priority, sku, location, ordered in (
            ("A", 1, 3, "MUG", None, 3),
            ("B", 2, 2, "MUG", "EAST", 2),
            ("C", 3, 1, "MUG", "WEST", 4),
            ("D", 1, 3, "TEA", None, 6),
            ("E", 2, 3, "TEA", None, 3),
        )
    ],
    "allocations": [
        {"order": "D", "line": "1", "quantity": 6},
        {"order": "E", "line": "1", "quantity": 1},
    ],
    "backorders": [
        {"order": "B", "line": "1", "quantity": 2, "opened_at": "2026-01-03"},
        {"order": "Z", "line": "1", "quantity": 1, "opened_at": "2026-01-03"},
    ],
}
DUES: Final = {
    "PO-1": "2026-01-12T00:00:00Z",
    "PO-2": "2026-01-13T00:00:00Z",
    "PO-3": "2026-01-05T00:00:00Z",
}
SUMMED: Final = ("ordered", "allocated", "backordered", "promised", "unpromised")


def book() -> Snapshot:
    return loads_snapshot(json.dumps(BOOK))


def good() -> Document:
    """The plan of it by fifo."""
    document: Document = json.loads(dumps_plan(plan(book(), policy=Fifo())))
    return document


def line_of(document: Document, order: str) -> Document:
    return next(line for line in document["lines"] if line["order"] == order)


def give(
    document: Document,
    order: str,
    places: Mapping[str, int],
    promises: Sequence[tuple[str | None, int]] = (),
) -> None:
    """Let a line get other units, and the changes and totals say so, too."""
    line = line_of(document, order)
    told = [
        {"quantity": quantity, "due": DUES.get(receipt or "", DUES["PO-1"]), "receipt": receipt}
        for receipt, quantity in promises
    ]
    allocated: int = sum(places.values())
    waiting = line["ordered"] - allocated
    line.update(
        allocated=allocated,
        backordered=waiting,
        allocations=[{"location": at, "quantity": n} for at, n in sorted(places.items())],
        promises=told,
        unpromised=waiting - sum(quantity for _, quantity in promises),
        blockers=[{"kind": "stock", "quantity": waiting}] if waiting else [],
    )
    tell(document)


def tell(document: Document) -> None:
    """Write the changes and totals anew, as the lines have it."""
    held: dict[tuple[str, str], int] = {
        (each["order"], "MAIN"): each["quantity"] for each in BOOK["allocations"]
    }
    known = {each["order"]: each["quantity"] for each in BOOK["backorders"]}
    changes: list[Document] = []
    for line in document["lines"]:
        key = {"order": line["order"], "line": line["line"]}
        for each in line["allocations"]:
            more = each["quantity"] - held.get((line["order"], each["location"]), 0)
            if more > 0:
                changes.append({"type": "allocated", **key, **each, "quantity": more})
        if line["backordered"] != known.get(line["order"], 0):
            changes.append({"type": "backordered", **key, "quantity": line["backordered"]})
        if line["promises"]:
            changes.append({"type": "promised", **key, "promises": line["promises"]})
    changes.append({"type": "backordered", "order": "Z", "line": "1", "quantity": 0})
    document["changes"] = changes
    sum_up(document)


def sum_up(document: Document) -> None:
    """Write the totals anew."""
    units = {"MUG": "pcs", "TEA": "kg"}
    sums = {unit: dict.fromkeys(SUMMED, 0) for unit in ("kg", "pcs")}
    for line in document["lines"]:
        of_unit = sums[units[line["sku"]]]
        promised = sum(each["quantity"] for each in line["promises"])
        for name in SUMMED:
            of_unit[name] += promised if name == "promised" else line[name]
    document["totals"] = {
        "lines": len(document["lines"]),
        "by_unit": [{"unit": unit, **each} for unit, each in sums.items()],
    }
