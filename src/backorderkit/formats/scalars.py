"""Reads single values, from JSON or from the text of a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from backorderkit.errors import InvalidValueError
from backorderkit.formats.fields import Field
from backorderkit.model._checks import has_sane_size
from backorderkit.model.times import read_time
from backorderkit.model.units import DECIMAL_TEXT, LONGEST_DECIMAL, MAX_DECIMALS, Unit

Scalar = str | int | datetime | Decimal | None
_FINEST: Final = Unit(decimals=MAX_DECIMALS)
_FLAGS: Final = {"true": True, "false": False}


class NumberText(str):
    """A JSON number kept by its digits: one with a fraction, an exponent or very many digits."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class NotANumber(str):
    """NaN or an infinity, which JSON does not have but some writers emit."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class WrongValue(Exception):  # noqa: N818 - it never leaves this package
    """A value that cannot be read, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Read = Callable[[object, Unit], Scalar]
"""Reads one value, a quantity in some unit."""


def readers_of(record: Iterable[Field], *, cells: bool) -> dict[str, Read]:
    """
    Give what reads each field of a record.

    A reader raises `WrongValue` for what cannot be read; what a number means is
    checked later.

    Args:
        record: The fields.
        cells: Whether values are texts of cells, where everything is text.
    """
    kinds = CELL_READERS if cells else JSON_READERS
    return {field.name: kinds[field.kind] for field in record}


def same_meaning(field: Field, one: object, other: object) -> bool:
    """
    Tell whether two cells of a column mean the same, as a date and its midnight do.

    If the first cannot be read, it is refused already and no measure for the other.
    """
    if one == other:
        return True
    (read,) = readers_of((field,), cells=True).values()
    try:
        first = field.default if one is None else read(one, _FINEST)
    except WrongValue:
        return True
    if first is None and field.required:
        return True
    try:
        return first == (field.default if other is None else read(other, _FINEST))
    except WrongValue:
        return False


def _text(value: object, _unit: Unit = _FINEST) -> str:
    if type(value) is not str:
        raise WrongValue("must be a string")
    return value


def read_whole(value: object, *, cell: bool) -> int:
    """
    Read a whole number that is no quantity; 2.0 is one in JSON, as its schema has it.

    Raises:
        WrongValue: if it is none.
    """
    if type(value) is int:
        return value
    if isinstance(value, NumberText) or (cell and type(value) is str and "." not in value):
        number = _number(value)
        if number is not None and number == number.to_integral_value():
            return int(number)
    raise WrongValue("must be a whole number")


def _quantity(value: object, unit: Unit) -> int:
    try:
        if type(value) is int or type(value) is str:
            return unit.to_smallest(value)
        if isinstance(value, NumberText):
            return unit.to_smallest(_decimal(value))
    except InvalidValueError as error:
        raise WrongValue(error.reason) from None
    raise WrongValue("must be a number or decimal text")


def _time(value: object, _unit: Unit = _FINEST) -> datetime:
    try:
        return _known_time(_text(value))
    except InvalidValueError as error:
        raise WrongValue(error.reason) from None


# Dates of orders and receipts come again and again.
_known_time: Final = lru_cache(maxsize=4096)(read_time)


def _integer(value: object, _unit: Unit) -> int:
    return read_whole(value, cell=False)


def _cell_integer(value: object, _unit: Unit) -> int:
    return read_whole(value, cell=True)


def _flag(value: object, _unit: Unit) -> bool:
    if type(value) is not bool:
        raise WrongValue("must be true or false")
    return value


def _cell_flag(value: object, unit: Unit) -> bool:
    # Spreadsheets write it in capitals.
    return _flag(_FLAGS.get(_text(value).lower()), unit)


def _price(value: object, _unit: Unit) -> Decimal:
    if type(value) is int:
        return Decimal(value)
    price = _number(value)
    if price is None:
        raise WrongValue("must be a decimal number such as 9.90")
    return price


def _number(value: object) -> Decimal | None:
    """Read plain decimal text, or a JSON number by its digits; None if it is neither."""
    if isinstance(value, NumberText):
        return _decimal(value)
    if type(value) is str and len(value) <= LONGEST_DECIMAL and DECIMAL_TEXT.fullmatch(value):
        return _decimal(value)
    return None


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= LONGEST_DECIMAL else None
    except InvalidOperation:
        number = None
    if number is None or not has_sane_size(number):
        raise WrongValue("must be a finite decimal number of sane size")
    return number


def read_as_of(value: object) -> datetime:
    """
    Read the moment of a snapshot.

    Raises:
        WrongValue: if there is none or it is no time.
    """
    if value is None:
        raise WrongValue("must be given, in the document or by the caller")
    return _time(value)


JSON_READERS: Final[dict[str, Read]] = {
    "id": _text,
    "label": _text,
    "choice": _text,
    "quantity": _quantity,
    "integer": _integer,
    "time": _time,
    "price": _price,
    "flag": _flag,
}
CELL_READERS: Final[dict[str, Read]] = {
    **JSON_READERS,
    "integer": _cell_integer,
    "flag": _cell_flag,
}
