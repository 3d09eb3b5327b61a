"""Promises that hold: what can be promised, for when, how surely, and what was said so far."""

from backorderkit.promising.causes import Cause, CauseKind
from backorderkit.promising.ledger import PromiseLedger, SkuRecord, ledger_of
from backorderkit.promising.responses import Consent, DueCancellation, ResponseRules
from backorderkit.promising.tracked import (
    LedgerLine,
    MovedUnits,
    PromiseChange,
    ResponseKind,
    SettledUnits,
    TrackedUnits,
)

__all__ = [
    "Cause",
    "CauseKind",
    "Consent",
    "DueCancellation",
    "LedgerLine",
    "MovedUnits",
    "PromiseChange",
    "PromiseLedger",
    "ResponseKind",
    "ResponseRules",
    "SettledUnits",
    "SkuRecord",
    "TrackedUnits",
    "ledger_of",
]
