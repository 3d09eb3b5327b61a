"""What day it is somewhere: clocks put forward and back, and days that begin elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit.errors import InvalidValueError
from backorderkit.promising.local_time import END_OF_DAY, last_moment, local_day
from tests.promising.calendars import days, zones

BERLIN = ZoneInfo("Europe/Berlin")
TICK = timedelta.resolution


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        pytest.param("Asia/Tokyo", "2026-01-05T15:00", "2026-01-06", id="Tokyo is a day ahead"),
        pytest.param("Asia/Tokyo", "2026-01-05T14:59:59", "2026-01-05", id="just not yet"),
        pytest.param("America/Los_Angeles", "2026-01-05T00:00", "2026-01-04", id="LA is behind"),
        pytest.param("America/Los_Angeles", "2026-07-05T07:00", "2026-07-05", id="LA in summer"),
        pytest.param("Europe/Berlin", "2026-03-28T23:00", "2026-03-29", id="day of 23 hours"),
        pytest.param("Europe/Berlin", "2026-03-29T21:59", "2026-03-29", id="its last minute"),
        pytest.param("Europe/Berlin", "2026-03-29T22:00", "2026-03-30", id="the day after"),
        pytest.param("Europe/Berlin", "2026-10-25T22:59", "2026-10-25", id="day of 25 hours"),
        pytest.param("Europe/Berlin", "2026-10-25T23:00", "2026-10-26", id="the day after it"),
        # Midnight came twice: the clocks went from 0:01 back to 23:01.
        pytest.param("America/St_Johns", "2006-10-29T02:30:30", "2006-10-28", id="midnight twice"),
        pytest.param("Pacific/Apia", "2011-12-30T10:00", "2011-12-31", id="no 30th in Samoa"),
    ],
)
def test_the_place_decides_what_day_it_is(zone: str, moment: str, expected: str) -> None:
    assert local_day(utc(moment), ZoneInfo(zone)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        pytest.param("Europe/Berlin", "2026-01-05", "14:00", "2026-01-05T13:00", id="winter"),
        pytest.param("Europe/Berlin", "2026-07-06", "14:00", "2026-07-06T12:00", id="summer"),
        pytest.param("Asia/Tokyo", "2026-01-05", "08:00", "2026-01-04T23:00", id="Tokyo"),
        pytest.param("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T01:30", id="runs twice"),
        pytest.param(
            *("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T00:59:59.999999"), id="skipped"
        ),
        pytest.param("Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00", id="after a skip"),
        pytest.param(
            *("Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T09:59:59.999999"),
            id="a day that is skipped",
        ),
    ],
)
def test_the_last_moment_of_a_time_of_day(zone: str, day: str, clock: str, expected: str) -> None:
    found = last_moment(date.fromisoformat(day), time.fromisoformat(clock), ZoneInfo(zone))

    assert found == utc(expected)
    assert found.tzinfo is UTC


@given(day=days, clock=st.times(), zone=zones, later=st.timedeltas(timedelta(), timedelta(days=2)))
def test_law_the_clock_shows_at_most_this_time_until_then_and_more_after_it(
    day: date, clock: time, zone: tzinfo, later: timedelta
) -> None:
    wall = datetime.combine(day, clock)
    moment = last_moment(day, clock, zone)

    assert moment.astimezone(zone).replace(tzinfo=None) <= wall
    after = moment + later + TICK
    assert after.astimezone(zone).replace(tzinfo=None) > wall


@given(day=days, clock=st.times(), zone=zones, later=st.timedeltas(timedelta(), timedelta(days=2)))
def test_law_a_later_moment_is_never_on_an_earlier_day(
    day: date, clock: time, zone: tzinfo, later: timedelta
) -> None:
    moment = datetime.combine(day, clock, tzinfo=UTC)

    assert local_day(moment, zone) <= local_day(moment + later, zone)


@given(day=days, zone=zones)
def test_law_a_day_ends_with_its_last_moment(day: date, zone: tzinfo) -> None:
    end = last_moment(day, END_OF_DAY, zone)

    # A day that is skipped ends with the one before.
    assert local_day(end, zone) <= day < local_day(end + TICK, zone)


@pytest.mark.parametrize("hours", [-12, 12])
def test_where_time_ends_there_is_an_error(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    edge = date.max if hours < 0 else date.min
    moment = (datetime.max if hours > 0 else datetime.min).replace(tzinfo=UTC)  # noqa: DTZ901

    with pytest.raises(InvalidValueError, match="years 1 to 9999"):
        last_moment(edge, time(23 if hours < 0 else 1), zone)
    with pytest.raises(InvalidValueError, match="years 1 to 9999"):
        local_day(moment, zone)
