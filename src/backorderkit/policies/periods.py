"""Days, weeks and months, counted."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, get_args

Period = Literal["day", "week", "month"]
"""How long a room lasts; weeks begin on Monday."""

PERIODS: Final[tuple[Period, ...]] = get_args(Period)

_WEEK: Final = 7
_YEAR: Final = 12
_LAST_DAY: Final = date.max.toordinal()


def index_of(period: Period | None, day: int) -> int:
    """
    Number the period that a day is in; those that follow each other have numbers that do.

    Args:
        period: The kind; None is one period for all time.
        day: Counted as ``date.toordinal()`` does.

    >>> monday, sunday = date(2026, 1, 5).toordinal(), date(2026, 1, 4).toordinal()
    >>> index_of("week", monday) - index_of("week", sunday)
    1
    """
    match period:
        case None:
            return 0
        case "day":
            return day
        case "week":
            # The first day of all, 0001-01-01, was a Monday.
            return (day - 1) // _WEEK
        case "month":
            begin = date.fromordinal(day)
            return begin.year * _YEAR + begin.month - 1


def start_of(period: Period, index: int) -> int | None:
    """
    Give the first day of a period, or None if it lies behind the last that dates know.

    >>> date.fromordinal(start_of("month", index_of("month", date(2026, 2, 14).toordinal())))
    datetime.date(2026, 2, 1)
    """
    match period:
        case "day":
            day = index
        case "week":
            day = index * _WEEK + 1
        case "month":
            year, month = divmod(index, _YEAR)
            if year > date.max.year:
                return None
            day = date(year, month + 1, 1).toordinal()
    return day if day <= _LAST_DAY else None
