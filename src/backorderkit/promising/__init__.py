"""Promises that hold: what can be promised, for when, how surely, and what was said so far."""

from __future__ import annotations

from backorderkit.promising.availability import Availability
from backorderkit.promising.quotes import (
    BasketQuote,
    Quote,
    QuotePart,
    Shown,
    ShownKind,
    SupplyKind,
    Wish,
)
from backorderkit.promising.supply_rules import Outlook, Peg, SupplyRules
from backorderkit.promising.tables import AtpTable, absorbed, projected_inventory, suffix_minimum
from backorderkit.promising.timeline import AtpStep

__all__ = [
    "AtpStep",
    "AtpTable",
    "Availability",
    "BasketQuote",
    "Outlook",
    "Peg",
    "Quote",
    "QuotePart",
    "Shown",
    "ShownKind",
    "SupplyKind",
    "SupplyRules",
    "Wish",
    "absorbed",
    "projected_inventory",
    "suffix_minimum",
]
