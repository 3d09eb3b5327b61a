"""What day it is somewhere, and until when: clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, refuse
from backorderkit.promising.calendars import ONE_DAY

END_OF_DAY: Final = time.max
_TICK: Final = timedelta.resolution
_SOME_TIME: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - it gets the zone that is checked


def last_moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """
    Give the last moment at which the clock of a place shows at most this time of this day.

    An hour that runs twice is over when it has run twice.  Of an hour that is skipped
    there is no moment, so the last one before the jump is it.  The later the day and the
    clock, the later (or equal) the moment, whatever the zone does.

    Raises:
        InvalidValueError: if the moment lies outside of the years 1 to 9999.
    """
    wall = datetime.combine(day, clock)
    try:
        early, late = sorted(
            wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)
        )
        if _shown(late, zone) == wall:
            return late
        # The clock jumps over this time, somewhere between the two.
        while late - early > _TICK:
            middle = early + (late - early) // 2
            early, late = (middle, late) if _shown(middle, zone) <= wall else (early, middle)
    except OverflowError:
        raise _out_of_range("day", day) from None
    return early


def local_day(moment: datetime, zone: tzinfo) -> date:
    """
    Tell what day it is at a place.

    Where clocks are put back over midnight, the old day is over when it ends for the
    last time; so a later moment is never on an earlier day.

    Raises:
        InvalidValueError: if it lies outside of the years 1 to 9999.
    """
    try:
        day = _shown(moment, zone).date()
        while moment <= last_moment(day - ONE_DAY, END_OF_DAY, zone):
            day -= ONE_DAY
    except OverflowError:
        raise _out_of_range("due", moment) from None
    return day


def check_zone(problems: Problems, field: str, zone: object) -> None:
    """A time zone that knows its offset."""
    try:
        if isinstance(zone, tzinfo) and _SOME_TIME.replace(tzinfo=zone).utcoffset() is not None:
            # To show a time of UTC a zone must know its summer time, too.
            _SOME_TIME.replace(tzinfo=UTC).astimezone(zone)
            return
    except (NotImplementedError, ValueError):
        pass
    refuse(problems, field, zone, "must be a time zone that knows its offset")


def check_clock(problems: Problems, field: str, clock: object) -> None:
    """A time of day, or none; the place has the zone."""
    if clock is not None and (not isinstance(clock, time) or clock.tzinfo is not None):
        refuse(problems, field, clock, "must be a time of day without a time zone")


def _shown(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _out_of_range(field: str, value: object) -> InvalidValueError:
    reason = "must lie within the years 1 to 9999, there and in UTC"
    return InvalidValueError(field=field, value=value, reason=reason)
