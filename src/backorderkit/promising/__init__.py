"""Promises that hold: what can be promised, for when, how surely, and what was said so far."""

from __future__ import annotations

from backorderkit.promising.impacts import Impact, MovedReceipt, ReceiptMove, impact
from backorderkit.promising.rescue import RESCUE_KINDS, Rescue, RescueKind, with_rescues
from backorderkit.promising.rescuing import rescues
from backorderkit.promising.slips import (
    SLIP_KINDS,
    Slip,
    SlipKind,
    SlipSums,
    UnitSlips,
    ValueSlips,
)

__all__ = [
    "RESCUE_KINDS",
    "SLIP_KINDS",
    "Impact",
    "MovedReceipt",
    "ReceiptMove",
    "Rescue",
    "RescueKind",
    "Slip",
    "SlipKind",
    "SlipSums",
    "UnitSlips",
    "ValueSlips",
    "impact",
    "rescues",
    "with_rescues",
]
