"""
Calendars with the public holidays of a country.

They need the extra ``holidays``, which brings the package of that name.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

import attrs

try:
    import holidays
except ModuleNotFoundError as error:
    if error.name != "holidays":
        raise
    msg = "backorderkit.public_holidays needs holidays: pip install 'backorderkit[holidays]'"
    raise ImportError(msg) from None

from backorderkit.model._checks import Problems, check_text, raise_first, refuse
from backorderkit.promising.calendars import (
    MON_TO_FRI,
    Calendar,
    check_calendar,
    require_day,
    works,
)

__all__ = ["HolidayCalendar"]

_COUNTRY: Final = re.compile("[A-Z]{2}")
_YEARS_KEPT: Final = 1024
"""Years of places whose holidays are remembered: some ten kilobytes each at most."""


@attrs.frozen(kw_only=True)
class HolidayCalendar:
    """
    A week without the public holidays of a country, or of a part of it.

    Which days these are the package ``holidays`` knows; for years that it does not know
    there are none, and for some places it warns.  Its versions differ where laws change.

    Attributes:
        country: Two letters of ISO 3166-1: ``DE``.
        subdivision: What follows them in ISO 3166-2: ``BY``; ``None`` for holidays of
            the whole country alone.
        week: Which days would be worked.

    >>> bavaria = HolidayCalendar(country="DE", subdivision="BY")
    >>> bavaria.is_working(date(2026, 1, 5)), bavaria.is_working(date(2026, 1, 6))
    (True, False)
    """

    country: str
    subdivision: str | None = None
    week: Calendar = MON_TO_FRI

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids, and unknown places."""
        problems: Problems = []
        # Other names in the package are months, exchanges and functions.
        if not isinstance(self.country, str) or _COUNTRY.fullmatch(self.country) is None:
            refuse(problems, "country", self.country, "must be two capital letters")
        if self.subdivision is not None:
            check_text(problems, "subdivision", self.subdivision)
        check_calendar(problems, "week", self.week)
        raise_first(problems)
        # The country goes first, so that a wrong one is not blamed on its part.
        for field, part in (("country", None), ("subdivision", self.subdivision)):
            try:
                holidays.country_holidays(self.country, subdiv=part)
            except NotImplementedError:
                reason = "must be a place whose holidays are known"
                refuse(problems, field, getattr(self, field), reason)
            raise_first(problems)

    def is_working(self, day: date, /) -> bool:
        """
        Tell whether the week works on a day that is no public holiday.

        Raises:
            InvalidValueError: if it is no date, or one with a time.
        """
        require_day("day", day)
        return works(self.week, day) and day not in _holidays(
            self.country, self.subdivision, day.year
        )


# The package's own object notes a year before it has its days, and another thread would
# find none of them; so nobody shares one.
@lru_cache(maxsize=_YEARS_KEPT)
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(
        holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False)
    )
