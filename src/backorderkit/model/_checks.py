"""Checks that the values share; each adds to a list, so that all problems show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeVar

from backorderkit.errors import InvalidValueError

MAX_INTEGER: Final = 2**63 - 1
"""The largest quantity, priority and (either sign) sequence: what a 64-bit column holds."""

MOST_DIGITS: Final = 40
"""Digits, zeros before and behind the point included, of any number read or written."""

Problems = list[InvalidValueError]
_Value = TypeVar("_Value")


def check_text(problems: Problems, field: str, value: object) -> None:
    """An id: a string, not empty, that UTF-8 can carry."""
    if not isinstance(value, str) or not value:
        refuse(problems, field, value, "must be a non-empty string")
    elif not value.isascii():
        check_encodable(problems, field, value)


def check_label(problems: Problems, field: str, value: object) -> None:
    """A free text that may be empty."""
    if not isinstance(value, str):
        refuse(problems, field, value, "must be a string")
    elif not value.isascii():
        check_encodable(problems, field, value)


def check_encodable(problems: Problems, field: str, value: str) -> None:
    """Lone surrogates reach us through JSON escapes and could not be written back."""
    try:
        value.encode()
    except UnicodeEncodeError:
        refuse(problems, field, value, "must be text that UTF-8 can carry")


def check_whole(problems: Problems, field: str, value: object, *, least: int) -> None:
    """A whole number of smallest units, or a rank; a bool is not a number here."""
    if type(value) is not int or not least <= value <= MAX_INTEGER:
        if type(value) is not int:
            reason = "must be a whole number"
        elif value > MAX_INTEGER:
            reason = "must be < 2**63"
        else:
            reason = f"must be > {least - 1}" if least == 1 else f"must be >= {least}"
        refuse(problems, field, value, reason)


def check_flag(problems: Problems, field: str, value: object) -> None:
    """A yes or no; a number is none."""
    if type(value) is not bool:
        refuse(problems, field, value, "must be true or false")


def check_time(problems: Problems, field: str, value: object) -> None:
    """An instant: naive times are refused, since nobody can say when they are."""
    if not isinstance(value, datetime):
        refuse(problems, field, value, "must be a datetime")
    elif value.tzinfo is not UTC:
        try:
            if value.utcoffset() is None:
                refuse(problems, field, value, "must have a time zone")
            else:
                value.astimezone(UTC)
        except OverflowError:
            refuse(problems, field, value, "must lie within the years 1 to 9999 in UTC")
        except NotImplementedError:
            refuse(problems, field, value, "must have a time zone that knows its offset")


def require_time(field: str, value: object) -> None:
    """
    Refuse what is no instant.

    Raises:
        InvalidValueError: naming the field.
    """
    problems: Problems = []
    check_time(problems, field, value)
    raise_first(problems)


def has_sane_size(number: Decimal) -> bool:
    """
    Tell whether a number is finite and can be written out plainly.

    An ``int()`` of 1e999999999 would fill the memory, so the size is judged first.
    """
    _, digits, exponent = number.as_tuple()
    return isinstance(exponent, int) and len(digits) + abs(exponent) <= MOST_DIGITS


def as_tuple(field: str, values: Iterable[_Value]) -> tuple[_Value, ...]:
    """Take any iterable, and refuse what is none."""
    if type(values) is tuple:
        return values
    try:
        iterator = iter(values)
    except TypeError:
        reason = "must be an iterable"
        raise InvalidValueError(field=field, value=values, reason=reason) from None
    return tuple(iterator)


def refuse(problems: Problems, field: str, value: object, reason: str, path: str = "") -> None:
    """Note one problem."""
    problems.append(InvalidValueError(field=field, value=value, reason=reason, path=path))


def raise_first(problems: Sequence[InvalidValueError]) -> None:
    """Refuse the value if there is any problem, naming all of them."""
    if problems:
        first, *others = problems
        raise InvalidValueError(
            field=first.field,
            value=first.value,
            reason=first.reason,
            path=first.path,
            context=first.context,
            also=others,
        )


def pass_on(problems: Problems, error: InvalidValueError, prefix: str) -> None:
    """Note the problems of a part as problems of the whole."""
    for each in error.problems:
        refuse(problems, each.field, each.value, each.reason, f"{prefix}{each.path}")


def settle_in_utc(value: object, *fields: str) -> None:
    """
    Turn the times of a fresh value into UTC.

    Python compares two times of one zone by the clock on the wall, which runs
    twice through an hour in autumn; in UTC the order of times is total.
    """
    for field in fields:
        when = getattr(value, field)
        if when is not None and when.tzinfo is not UTC:
            object.__setattr__(value, field, when.astimezone(UTC))
