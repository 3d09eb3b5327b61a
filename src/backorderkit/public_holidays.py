"""
Calendars with the public holidays of a country.

They need the extra ``holidays``, which brings the package of that name.
"""

from __future__ import annotations

from datetime import date

import attrs

try:
    import holidays
except ModuleNotFoundError as error:
    if error.name != "holidays":
        raise
    msg = "backorderkit.public_holidays needs holidays: pip install 'backorderkit[holidays]'"
    raise ImportError(msg) from None

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, check_text, raise_first
from backorderkit.promising.calendars import MON_TO_FRI, Calendar, check_calendar, works

__all__ = ["HolidayCalendar"]


@attrs.frozen(kw_only=True)
class HolidayCalendar:
    """
    A week without the public holidays of a country, or of a part of it.

    Which days these are the package ``holidays`` knows; for years that it does not know
    there are none.  Its versions differ where laws change.

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
    _holidays: holidays.HolidayBase = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids, and unknown places."""
        problems: Problems = []
        check_text(problems, "country", self.country)
        if self.subdivision is not None:
            check_text(problems, "subdivision", self.subdivision)
        check_calendar(problems, "week", self.week)
        raise_first(problems)
        # The country goes first, so that a wrong one is not blamed on its part.
        for field, part in (("country", None), ("subdivision", self.subdivision)):
            try:
                found = holidays.country_holidays(self.country, subdiv=part)
            except NotImplementedError:
                reason = "must be a place whose holidays are known"
                raise InvalidValueError(
                    field=field, value=getattr(self, field), reason=reason
                ) from None
        object.__setattr__(self, "_holidays", found)

    def is_working(self, day: date, /) -> bool:
        """Tell whether the week works on a day that is no public holiday."""
        return works(self.week, day) and day not in self._holidays
