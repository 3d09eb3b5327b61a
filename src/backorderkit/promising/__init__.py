"""Promises that hold: what can be promised, for when, how surely, and what was said so far."""

from __future__ import annotations

from backorderkit.promising.availability import (
    Availability,
)
from backorderkit.promising.calendars import (
    EVERY_DAY,
    MON_TO_FRI,
    AllOf,
    Calendar,
    WeekCalendar,
)
from backorderkit.promising.dates import (
    Dates,
    DateStep,
    Delivery,
    StepKind,
    dates_for,
    delivery_dates,
    latest_start,
)
from backorderkit.promising.impacts import Impact, MovedReceipt, ReceiptMove, impact
from backorderkit.promising.quotes import (
    BasketQuote,
    Quote,
    QuotePart,
    Shown,
    ShownKind,
    SupplyKind,
    Wish,
)
from backorderkit.promising.rescue import RESCUE_KINDS, Rescue, RescueKind, with_rescues
from backorderkit.promising.rescuing import rescues
from backorderkit.promising.routes import (
    Carrier,
    Destination,
    Route,
    Site,
)
from backorderkit.promising.slips import (
    SLIP_KINDS,
    Slip,
    SlipKind,
    SlipSums,
    UnitSlips,
    ValueSlips,
)
from backorderkit.promising.supply_rules import (
    Outlook,
    Peg,
    SupplyRules,
)
from backorderkit.promising.tables import (
    AtpTable,
    absorbed,
    projected_inventory,
    suffix_minimum,
)
from backorderkit.promising.timeline import (
    AtpStep,
)
from backorderkit.promising.working_days import (
    add_working_days,
    first_working_day_from,
    last_working_day_until,
    subtract_working_days,
)

__all__ = [
    "EVERY_DAY",
    "MON_TO_FRI",
    "RESCUE_KINDS",
    "SLIP_KINDS",
    "AllOf",
    "AtpStep",
    "AtpTable",
    "Availability",
    "BasketQuote",
    "Calendar",
    "Carrier",
    "DateStep",
    "Dates",
    "Delivery",
    "Destination",
    "Impact",
    "MovedReceipt",
    "Outlook",
    "Peg",
    "Quote",
    "QuotePart",
    "ReceiptMove",
    "Rescue",
    "RescueKind",
    "Route",
    "Shown",
    "ShownKind",
    "Site",
    "Slip",
    "SlipKind",
    "SlipSums",
    "StepKind",
    "SupplyKind",
    "SupplyRules",
    "UnitSlips",
    "ValueSlips",
    "WeekCalendar",
    "Wish",
    "absorbed",
    "add_working_days",
    "dates_for",
    "delivery_dates",
    "first_working_day_from",
    "impact",
    "last_working_day_until",
    "latest_start",
    "projected_inventory",
    "rescues",
    "subtract_working_days",
    "suffix_minimum",
    "with_rescues",
]
