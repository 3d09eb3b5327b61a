"""Times: aware instants inside, ISO 8601 in UTC at the edge."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import Problems, refuse, require_time

# datetime.fromisoformat() alone takes more forms than the documents do (week
# dates, no separators, no offset), and each Python takes different ones.
ISO_TIME: Final = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))?"
)
"""How times stand in texts, as a regular expression; the length of months is beyond it."""

_SOME_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ISO_TIME: Final = re.compile(ISO_TIME)


def read_time(text: str) -> datetime:
    """
    Read an ISO 8601 time with an offset, or a bare date as midnight UTC.

    Raises:
        InvalidValueError: if it is neither, or has no offset.

    >>> read_time("2026-01-05T10:00:00+01:00")
    datetime.datetime(2026, 1, 5, 9, 0, tzinfo=datetime.timezone.utc)
    >>> write_time(read_time("2026-01-05"))
    '2026-01-05T00:00:00Z'
    """
    if not isinstance(text, str) or _ISO_TIME.fullmatch(text) is None:
        raise _invalid(text)
    try:
        when = datetime.fromisoformat(text)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise _invalid(text) from None


def time_or_text(problems: Problems, field: str, given: datetime | str) -> datetime:
    """
    Take a time, or text as the documents have it.

    Text that is none is noted, and stood in for; what else is no time is left to
    whoever checks the value.
    """
    if not isinstance(given, str):
        return given
    try:
        return read_time(given)
    except InvalidValueError as error:
        refuse(problems, field, given, error.reason)
        return _SOME_TIME


def write_time(when: datetime) -> str:
    """
    Write an aware time as ISO 8601 in UTC, with ``Z``.

    Raises:
        InvalidValueError: if it is no time, or naive.
    """
    require_time("time", when)
    return when.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _invalid(text: object) -> InvalidValueError:
    reason = "must be a time with an offset such as 2026-01-05T09:00:00Z, or a date"
    return InvalidValueError(field="time", value=text, reason=reason)
