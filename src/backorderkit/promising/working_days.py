"""Counting days that are worked, forwards and backwards."""

from __future__ import annotations

from datetime import date
from typing import Final

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, check_whole, raise_first
from backorderkit.promising.calendars import ONE_DAY, Calendar, check_calendar, check_day, works

LONGEST_CLOSURE: Final = 400
"""Days without work after which a calendar is taken for one that never works."""


def first_working_day_from(day: date, *, calendar: Calendar) -> date:
    """
    Give the day itself if it is worked, else the next one that is.

    Raises:
        InvalidValueError: if *day* is no date, or the calendar has no working day
            for 400 days, or breaks its contract otherwise.

    >>> from backorderkit.promising import MON_TO_FRI
    >>> first_working_day_from(date(2026, 1, 3), calendar=MON_TO_FRI)
    datetime.date(2026, 1, 5)
    """
    return add_working_days(day, 0, calendar=calendar)


def last_working_day_until(day: date, *, calendar: Calendar) -> date:
    """
    Give the day itself if it is worked, else the one before that is.

    Raises:
        InvalidValueError: as `first_working_day_from`.

    >>> from backorderkit.promising import MON_TO_FRI
    >>> last_working_day_until(date(2026, 1, 4), calendar=MON_TO_FRI)
    datetime.date(2026, 1, 2)
    """
    return subtract_working_days(day, 0, calendar=calendar)


def add_working_days(day: date, count: int, *, calendar: Calendar) -> date:
    """
    Go on by some working days.

    A day that is not worked counts as the next one that is, and work begins there: from
    Saturday, one day of work is over on Tuesday.  (numpy calls this ``roll="forward"``;
    the WORKDAY of spreadsheets says Monday.)

    Args:
        day: Where to begin.
        count: How many working days later; 0 or more.
        calendar: Which days are worked.

    Returns:
        The working day that is *count* places after the first one from *day*.  It takes
        as many questions to the calendar as there are days in between.

    Raises:
        InvalidValueError: as `first_working_day_from`, or if *count* is negative.

    >>> from backorderkit.promising import MON_TO_FRI
    >>> add_working_days(date(2026, 1, 2), 1, calendar=MON_TO_FRI)
    datetime.date(2026, 1, 5)
    """
    _check(day, count, calendar)
    return walk(day, count, calendar)[0]


def subtract_working_days(day: date, count: int, *, calendar: Calendar) -> date:
    """
    Go back by some working days: the mirror of `add_working_days`.

    A day that is not worked counts as the one before that is.  So this is the latest day
    from which *count* days of work are over by *day*: adding them to any later one ends
    after it.

    Args:
        day: Where to end.
        count: How many working days earlier; 0 or more.
        calendar: Which days are worked.

    Raises:
        InvalidValueError: as `add_working_days`.

    >>> from backorderkit.promising import MON_TO_FRI
    >>> subtract_working_days(date(2026, 1, 5), 1, calendar=MON_TO_FRI)
    datetime.date(2026, 1, 2)
    """
    _check(day, count, calendar)
    return walk(day, count, calendar, backwards=True)[0]


def walk(
    day: date, count: int, calendar: Calendar, *, backwards: bool = False, context: str = ""
) -> tuple[date, tuple[date, ...]]:
    """
    Count working days, and remember the closed ones on the way.

    Raises:
        InvalidValueError: if the calendar breaks its contract, or time ends.
    """
    start, closed, idle = day, list[date](), 0
    while True:
        if works(calendar, day):
            if not count:
                return day, tuple(closed)
            count, idle = count - 1, 0
        else:
            closed.append(day)
            idle += 1
            if idle == LONGEST_CLOSURE:
                reason = f"must have a working day in the {LONGEST_CLOSURE} days "
                reason += f"{'until' if backwards else 'from'} {closed[-LONGEST_CLOSURE]}"
                raise InvalidValueError(
                    field="calendar", value=calendar, reason=reason, context=context
                )
        try:
            day = day - ONE_DAY if backwards else day + ONE_DAY
        except OverflowError:
            reason = "must be some working days away from the years 1 and 9999"
            raise InvalidValueError(
                field="day", value=start, reason=reason, context=context
            ) from None


def _check(day: date, count: int, calendar: Calendar) -> None:
    problems: Problems = []
    check_day(problems, "day", day)
    check_whole(problems, "count", count, least=0)
    check_calendar(problems, "calendar", calendar)
    raise_first(problems)
