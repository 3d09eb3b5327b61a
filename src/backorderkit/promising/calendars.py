"""On which days there is work: at a site, on the road, at the customer's door."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final, Protocol, TypeVar

import attrs

from backorderkit.errors import InvalidValueError, shown
from backorderkit.model._checks import Problems, as_tuple, raise_first, refuse

_Item = TypeVar("_Item")

ONE_DAY: Final = timedelta(days=1)
LONGEST_PERIOD: Final = 3660
"""Days of the longest period that is read from text: ten years."""

_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PERIOD: Final = "must be a date such as 2026-12-25, or a period such as 2026-12-24/2027-01-01"


class Calendar(Protocol):
    """
    Which days are worked.  A host may bring its own.

    C1. `is_working` answers True or False, for any day.

    C2. The same day gets the same answer, always.

    C3. In any 400 days in a row there is one that is worked.

    The first and the third are checked whenever a calendar is used.
    """

    def is_working(self, day: date, /) -> bool:
        """Tell whether there is work on a day of the local calendar."""
        ...


def _weekdays(values: Iterable[int]) -> frozenset[int]:
    return _frozen("weekdays", values)


def _days(values: Iterable[date]) -> frozenset[date]:
    return _frozen("closed and opened", values)


def _in_order(values: Iterable[object]) -> str:
    # A set has no order of its own, and a message must not depend on luck.
    return f"{{{', '.join(sorted(map(str, values)))}}}"


def _calendars(values: Iterable[Calendar]) -> tuple[Calendar, ...]:
    return as_tuple("calendars", values)


def _frozen(field: str, values: Iterable[_Item]) -> frozenset[_Item]:
    given = as_tuple(field, values)
    try:
        return frozenset(given)
    except TypeError:
        reason = "must hold values that can be hashed"
        raise InvalidValueError(field=field, value=given, reason=reason) from None


@attrs.frozen(kw_only=True)
class WeekCalendar:
    """
    The same week over and over, with exceptions.

    Attributes:
        weekdays: Worked days of the week: 0 is Monday and 6 is Sunday, as
            ``date.weekday`` counts.
        closed: Dates without work, though their weekday has some.
        opened: Dates with work, though their weekday has none.

    >>> shop = WeekCalendar.of("Mon-Fri", closed=["2026-12-24/2027-01-01"], opened=["2026-12-19"])
    >>> [shop.is_working(date(2026, 12, day)) for day in (18, 19, 20, 24)]
    [True, True, False, False]
    """

    weekdays: frozenset[int] = attrs.field(converter=_weekdays, repr=_in_order)
    closed: frozenset[date] = attrs.field(default=(), converter=_days, repr=_in_order)
    opened: frozenset[date] = attrs.field(default=(), converter=_days, repr=_in_order)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no day, a day that is both, and a week that never works."""
        problems: Problems = []
        for weekday in self.weekdays:
            if type(weekday) is not int or not 0 <= weekday < len(_NAMES):
                refuse(problems, "weekdays", weekday, "must be a whole number from 0 to 6")
        for field, days in (("closed", self.closed), ("opened", self.opened)):
            for day in days:
                check_day(problems, field, day)
        for day in self.opened & self.closed:
            refuse(problems, "opened", day, "must not be closed as well")
        if not self.weekdays and not self.opened:
            refuse(problems, "weekdays", self.weekdays, "must not be empty if no date is opened")
        # By their texts, since sets have no order.
        raise_first(sorted(problems, key=str))

    @classmethod
    def of(
        cls,
        week: str,
        *,
        closed: Iterable[date | str] = (),
        opened: Iterable[date | str] = (),
    ) -> WeekCalendar:
        """
        Make a calendar from text.

        Args:
            week: Worked days of the week and spans of them: ``"Mon-Fri"``,
                ``"Sun-Thu"``, ``"Mon Wed Fri-Sat"``; in English, of three letters.
            closed: Dates or periods without work: ``"2026-12-25"``, or
                ``"2026-12-24/2027-01-01"`` from the first to the last of them.
            opened: Dates or periods with work.

        Raises:
            InvalidValueError: if a text is none of these.

        >>> sorted(WeekCalendar.of("Sun-Thu").weekdays)
        [0, 1, 2, 3, 6]
        """
        problems: Problems = []
        weekdays = tuple(_read_week(problems, week))
        without = tuple(_read_days(problems, "closed", closed))
        with_work = tuple(_read_days(problems, "opened", opened))
        raise_first(problems)
        return cls(weekdays=weekdays, closed=without, opened=with_work)

    def is_working(self, day: date, /) -> bool:
        """
        Tell whether there is work on a day.

        Raises:
            InvalidValueError: if it is no date, or one with a time.
        """
        require_day("day", day)
        if day.weekday() in self.weekdays:
            return day not in self.closed
        return day in self.opened


EVERY_DAY: Final = WeekCalendar(weekdays=range(7))
"""Work on every day: a parcel locker, a household."""

MON_TO_FRI: Final = WeekCalendar(weekdays=range(5))
"""Work from Monday to Friday, holidays or not."""


@attrs.frozen(kw_only=True)
class AllOf:
    """
    Work on the days on which all of several calendars work.

    A parcel is handed to the carrier on a day on which the site works and the carrier
    collects, and to the customer on a day on which the carrier drives and the customer
    is there.

    Attributes:
        calendars: Which; of none at all every day is worked.

    >>> saturdays = WeekCalendar.of("Sat")
    >>> AllOf(calendars=(EVERY_DAY, saturdays)).is_working(date(2026, 1, 10))
    True
    """

    calendars: tuple[Calendar, ...] = attrs.field(converter=_calendars)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no calendar."""
        problems: Problems = []
        for index, calendar in enumerate(self.calendars):
            check_calendar(problems, f"calendars[{index}]", calendar)
        raise_first(problems)

    def is_working(self, day: date, /) -> bool:
        """
        Tell whether all of them work on a day.

        Raises:
            InvalidValueError: if it is no date, or one with a time.
        """
        require_day("day", day)
        return all(works(calendar, day) for calendar in self.calendars)


def works(calendar: Calendar, day: date) -> bool:
    """
    Ask a calendar, and check its answer.

    Raises:
        InvalidValueError: if the answer is neither True nor False.
        Exception: whatever the calendar raised, with the question as a note.
    """
    try:
        answer: object = calendar.is_working(day)
    except Exception as error:
        error.add_note(f"calendar {shown(calendar)} was asked about {day}")
        raise
    if isinstance(answer, bool):
        return answer
    raise InvalidValueError(
        field="is_working",
        value=answer,
        reason="must be True or False",
        context=f"calendar {shown(calendar)} about {day}",
    )


def check_day(problems: Problems, field: str, day: object) -> None:
    """A date alone: an instant is another day elsewhere."""
    if not isinstance(day, date) or isinstance(day, datetime):
        refuse(problems, field, day, "must be a date without a time")


def require_day(field: str, day: object) -> None:
    """
    Refuse what is no date: Python takes a time for one, and no calendar would find it.

    Raises:
        InvalidValueError: naming the field.
    """
    problems: Problems = []
    check_day(problems, field, day)
    raise_first(problems)


def check_calendar(problems: Problems, field: str, calendar: object) -> None:
    """Something that can be asked about days."""
    # Asking isinstance() of a protocol takes longer than all the rest of a route.
    if isinstance(calendar, type) or not callable(getattr(calendar, "is_working", None)):
        refuse(problems, field, calendar, "must be a calendar")


def _read_week(problems: Problems, week: str) -> Iterator[int]:
    reason = "must be days of the week such as Mon-Fri"
    parts = week.lower().split() if isinstance(week, str) else []
    if not parts:
        refuse(problems, "week", week, reason)
    for part in parts:
        first, dash, last = part.partition("-")
        if first not in _NAMES or (dash and last not in _NAMES):
            refuse(problems, "week", week, reason)
            return
        start = _NAMES.index(first)
        # A span may run over the end of the week, as from Sunday to Thursday.
        length = (_NAMES.index(last) - start) % 7 if dash else 0
        yield from ((start + step) % 7 for step in range(length + 1))


def _read_days(problems: Problems, field: str, days: Iterable[date | str]) -> Iterator[date]:
    if isinstance(days, str):
        refuse(problems, field, days, "must be a list of dates and periods")
        return
    for given in as_tuple(field, days):
        if not isinstance(given, str):
            yield given
            continue
        first, slash, last = given.partition("/")
        start = _read_day(first)
        end = _read_day(last) if slash else start
        if start is None or end is None or not 0 <= (end - start).days < LONGEST_PERIOD:
            refuse(problems, field, given, _PERIOD)
        else:
            yield from (start + step * ONE_DAY for step in range((end - start).days + 1))


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
