"""Calendars, zones and routes that Hypothesis draws."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from backorderkit.promising import (
    AllOf,
    Calendar,
    Carrier,
    Destination,
    Route,
    Site,
    WeekCalendar,
)

ZONES: Final = (
    UTC,
    timezone(timedelta(hours=14)),
    ZoneInfo("America/Los_Angeles"),
    ZoneInfo("Asia/Tokyo"),
    ZoneInfo("Europe/Berlin"),
    # Clocks that jump by half an hour, at midnight, or over a whole day.
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("America/Havana"),
    ZoneInfo("America/St_Johns"),
    ZoneInfo("Asia/Beirut"),
    ZoneInfo("Pacific/Apia"),
)
zones = st.sampled_from(ZONES)

# Days around which the clocks of those zones are put forward or back, and any others.
CHANGES: Final = (
    date(2006, 4, 2),
    date(2006, 10, 29),
    date(2011, 12, 30),
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
)
days = st.one_of(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.builds(
        lambda day, apart: day + timedelta(days=apart), st.sampled_from(CHANGES), st.integers(-3, 3)
    ),
)
clocks = st.one_of(
    st.none(),
    st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 30, 59))),
    st.times(),
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """A week with at least one day, and exceptions around the days that are asked about."""
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    exceptions = draw(st.sets(days, max_size=4))
    opened = frozenset(day for day in exceptions if day.weekday() not in weekdays)
    week = WeekCalendar(weekdays=weekdays, closed=exceptions - opened, opened=opened)
    return AllOf(calendars=(week,)) if draw(st.booleans()) else week


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """A route on which somebody works on Wednesdays: else there might be no common day."""
    wednesdays = st.builds(
        lambda more: WeekCalendar(weekdays={2} | more), st.sets(st.integers(0, 6))
    )
    few = st.integers(0, 3)
    return Route(
        site=Site(
            zone=draw(zones),
            calendar=draw(wednesdays),
            receiving_days=draw(few),
            pick_days=draw(few),
            cut_off=draw(clocks),
            receives_until=draw(clocks),
        ),
        carrier=Carrier(transit_days=draw(few), calendar=draw(wednesdays)),
        destination=Destination(zone=draw(zones), calendar=draw(wednesdays)),
    )
