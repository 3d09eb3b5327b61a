"""Promises that hold: what can be promised, for when, how surely, and what was said so far."""

from __future__ import annotations

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
from backorderkit.promising.routes import Carrier, Destination, Route, Site
from backorderkit.promising.working_days import (
    add_working_days,
    first_working_day_from,
    last_working_day_until,
    subtract_working_days,
)

__all__ = [
    "EVERY_DAY",
    "MON_TO_FRI",
    "AllOf",
    "Calendar",
    "Carrier",
    "DateStep",
    "Dates",
    "Delivery",
    "Destination",
    "Route",
    "Site",
    "StepKind",
    "WeekCalendar",
    "add_working_days",
    "dates_for",
    "delivery_dates",
    "first_working_day_from",
    "last_working_day_until",
    "latest_start",
    "subtract_working_days",
]
