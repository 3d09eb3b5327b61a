"""Reads single values of a configuration file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from backorderkit.errors import InvalidValueError
from backorderkit.formats.configuration_keys import Key, KeyKind
from backorderkit.formats.scalars import (
    JSON_READERS,
    WrongValue,
    read_whole,
)
from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    check_label,
    check_text,
    check_time,
    has_sane_size,
)
from backorderkit.model._exact import EXACT
from backorderkit.model.times import read_time
from backorderkit.model.units import Unit
from backorderkit.policies import Percent
from backorderkit.policies.attributes import Kind, Value

_ANY_WHOLE: Final = Key("", "whole", "")
_PIECES: Final = Unit()
_HUNDRED: Final = 100
_PAIR: Final = 2
_NO_PERCENT: Final = "must be a number from 0 to 100, or text such as 12.5 or 100/3"

Read = Callable[[Key, object], object]
"""Reads the value of a key."""


def read_whole_number(key: Key, value: object) -> int:
    """
    Read a whole number within the bounds of its key; 2.0 is one, as the schema has it.

    Raises:
        WrongValue: if it is none, or lies outside.
    """
    number = read_whole(value, cell=False)
    least = -MAX_INTEGER if key.least is None else key.least
    most = MAX_INTEGER if key.most is None else key.most
    if not least <= number <= most:
        bounds = f"must be {least}" if least == most else f"must be >= {least} and <= {most}"
        if key.most is None:
            bounds = f"must be >= {least}" if number < least else "must be < 2**63"
        raise WrongValue(bounds)
    return number


def read_value(kind: Kind, value: object) -> Value:
    """
    Read what an attribute of a line may be.

    Raises:
        WrongValue: if it cannot be such.
    """
    match kind:
        case "text":
            return _text(value)
        case "whole":
            return read_whole(value, cell=False)
        case "money":
            return _money(value)
        case "time":
            return _time(value)


def _text(value: object) -> str:
    if type(value) is not str:
        raise WrongValue("must be a string")
    return _checked(value, check_text)


def _label(value: object) -> str:
    if type(value) is not str:
        raise WrongValue("must be a string")
    return _checked(value, check_label)


def _checked(value: str, check: Callable[[Problems, str, object], None]) -> str:
    problems: Problems = []
    check(problems, "", value)
    if problems:
        raise WrongValue(problems[0].reason)
    return value


def _money(value: object) -> Decimal:
    read = JSON_READERS["price"](value, _PIECES)
    assert isinstance(read, Decimal)  # noqa: S101 - what reads prices gives
    return read


def _time(value: object) -> datetime:
    if isinstance(value, datetime):
        problems: Problems = []
        check_time(problems, "", value)
        if problems:
            raise WrongValue(
                "must be a time with an offset such as 2026-01-05T09:00:00Z, or a date"
            )
        return value
    try:
        # A bare date is midnight UTC, as in the documents.
        return read_time(value.isoformat() if isinstance(value, date) else _label(value))
    except InvalidValueError as error:
        raise WrongValue(error.reason) from None


def _day(value: object) -> date:
    if type(value) is date:
        return value
    if type(value) is str:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        # Each Python takes other forms besides this one.
        if day is not None and day.isoformat() == value:
            return day
    raise WrongValue("must be a date such as 2026-01-05")


def settle_percent(percent: Fraction) -> Percent:
    """
    Give a percentage in one form: a whole number, else a Decimal, else a Fraction.

    >>> settle_percent(Fraction(25, 2)), settle_percent(Fraction(100, 3))
    (Decimal('12.5'), Fraction(100, 3))
    """
    if percent.denominator == 1:
        return percent.numerator
    rest = percent.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest > 1:
        return percent
    decimal = EXACT.divide(Decimal(percent.numerator), Decimal(percent.denominator))
    return decimal if has_sane_size(decimal) else percent


def _percent(value: object) -> Percent:
    percent = None
    try:
        if type(value) is str and "/" in value:
            over, under = value.split("/", 1)
            percent = Fraction(read_whole(over, cell=True), read_whole(under, cell=True))
        else:
            percent = Fraction(_money(value))
    except (WrongValue, ZeroDivisionError):
        raise WrongValue(_NO_PERCENT) from None
    if not 0 <= percent <= _HUNDRED:
        raise WrongValue(_NO_PERCENT)
    return settle_percent(percent)


def _group(value: object) -> str | int:
    if type(value) is str:
        return _label(value)
    try:
        return read_whole_number(_ANY_WHOLE, value)
    except WrongValue:
        raise WrongValue("must be a string or a whole number below 2**63") from None


def _pair(value: object) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != _PAIR:
        raise WrongValue("must be a list of order id and line id")
    return _text(value[0]), _text(value[1])


def _choice(key: Key, value: object) -> str:
    # A number by its digits is a text of another class, and none of the choices.
    if type(value) is not str or value not in key.choices:
        raise WrongValue(f"must be one of {', '.join(key.choices)}")
    return value


def _flag(_: Key, value: object) -> bool:
    if type(value) is not bool:
        raise WrongValue("must be true or false")
    return value


SCALARS: Final[dict[KeyKind, Read]] = {
    "text": lambda _, value: _text(value),
    "label": lambda _, value: _label(value),
    "choice": _choice,
    "whole": read_whole_number,
    "flag": _flag,
    "percent": lambda _, value: _percent(value),
    "day": lambda _, value: _day(value),
}
"""What reads a value that is no list and no table."""

ENTRIES: Final[dict[KeyKind, Read]] = {
    "choices": _choice,
    "wholes": lambda _, value: read_whole_number(_ANY_WHOLE, value),
    "names": lambda _, value: _text(value),
    "labels": lambda _, value: _label(value),
    "pairs": lambda _, value: _pair(value),
    "groups": lambda _, value: _group(value),
}
"""What reads each entry of a list."""
