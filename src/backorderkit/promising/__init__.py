"""Promises that hold: what can be promised, for when, how surely, and what was said so far."""

from backorderkit.promising.causes import Cause, CauseKind
from backorderkit.promising.figures import FigureDate, FigureWeight, PromiseFigures, promise_figures
from backorderkit.promising.ledger import PromiseLedger, SkuRecord, Told, ledger_of
from backorderkit.promising.messages import (
    DatedUnits,
    PromiseMessage,
    in_english,
    message_for,
    promise_messages,
)
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
    "DatedUnits",
    "DueCancellation",
    "FigureDate",
    "FigureWeight",
    "LedgerLine",
    "MovedUnits",
    "PromiseChange",
    "PromiseFigures",
    "PromiseLedger",
    "PromiseMessage",
    "ResponseKind",
    "ResponseRules",
    "SettledUnits",
    "SkuRecord",
    "Told",
    "TrackedUnits",
    "in_english",
    "ledger_of",
    "message_for",
    "promise_figures",
    "promise_messages",
]
