"""One small document with every field in it, as JSON and as a CSV folder."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from backorderkit import Snapshot
from backorderkit.formats import dumps_snapshot_csv, loads_snapshot

Document = dict[str, Any]

FULL: Document = {
    "format": 1,
    "as_of": "2026-01-05T09:00:00Z",
    "items": [
        {"sku": "MUG", "unit": "pcs", "decimals": 0, "backorders": "allow", "backorder_limit": 9},
        {
            "sku": "FLOUR",
            "unit": "kg",
            "decimals": 3,
            "backorders": "deny",
            "backorder_limit_per_line": "0.5",
            "backorder_limit_per_customer": "1.5",
            "lead_time_days": 21,
        },
    ],
    "stock": [
        {"sku": "MUG", "location": "MAIN", "on_hand": 3, "safety_stock": 1},
        {"sku": "FLOUR", "location": "SHOP", "on_hand": "2.5"},
    ],
    "receipts": [
        {
            "id": "PO-7/1",
            "sku": "MUG",
            "location": "MAIN",
            "quantity": 50,
            "due": "2026-01-12",
            "supplier": "ACME",
            "firm": False,
        }
    ],
    "orders": [
        {
            "id": "SO-1",
            "customer": "C-9",
            "channel": "web",
            "placed_at": "2026-01-02T10:00:00Z",
            "sequence": 2,
            "priority": 3,
            "lines": [
                {
                    "id": "1",
                    "sku": "MUG",
                    "location": "MAIN",
                    "ordered": 5,
                    "shipped": 1,
                    "cancelled": 1,
                    "requested": "2026-01-06",
                    "unit_price": "9.90",
                    "currency": "EUR",
                },
                {
                    "id": "2",
                    "sku": "FLOUR",
                    "ordered": "1.25",
                    "placed_at": "2026-01-03",
                    "cancel_after": "2026-02-01",
                },
            ],
        }
    ],
    "allocations": [{"order": "SO-1", "line": "1", "location": "MAIN", "quantity": 2}],
    "backorders": [
        {
            "order": "SO-1",
            "line": "2",
            "quantity": "1.25",
            "opened_at": "2026-01-03T09:00:00Z",
            "promises": [{"quantity": "0.5", "due": "2026-01-12T00:00:00Z", "receipt": "PO-7/1"}],
        }
    ],
    "holds": [
        {
            "id": "cart-7",
            "sku": "MUG",
            "location": "MAIN",
            "quantity": 1,
            "expires_at": "2026-01-05T09:15:00Z",
        }
    ],
}


def changed(change: Callable[[Document], object]) -> str:
    """Write the document after one change to a copy of it."""
    document = copy.deepcopy(FULL)
    change(document)
    return json.dumps(document)


def full_snapshot() -> Snapshot:
    """Read the unchanged document."""
    return loads_snapshot(json.dumps(FULL))


def full_csv() -> dict[str, str]:
    """Write the document as a CSV folder."""
    return dumps_snapshot_csv(full_snapshot())
