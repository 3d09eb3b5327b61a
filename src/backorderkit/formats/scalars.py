"""Reads single values, from JSON or from the text of a cell."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from backorderkit.errors import InvalidValueError
from backorderkit.formats.fields import Field
from backorderkit.model.times import read_time
from backorderkit.model.units import Unit

Scalar = str | int | datetime | Decimal | None

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_LONGEST_NUMBER: Final = 60


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


def read_scalar(field: Field, value: object, unit: Unit, *, cell: bool) -> Scalar:
    """
    Read one value of a field.

    Args:
        field: Which field it is.
        value: What stands there: JSON, or the text of a cell.
        unit: The unit of quantities.
        cell: Whether it is the text of a cell, where everything is text.

    Raises:
        WrongValue: if it cannot be read; what the number means is checked later.
    """
    match field.kind:
        case "id" | "label" | "choice":
            return _text(value)
        case "integer":
            return _integer(value, cell=cell)
        case "quantity":
            return _quantity(value, unit)
        case "time":
            return _time(value)
        case "price":
            return _price(value)


def _text(value: object) -> str:
    if type(value) is not str:
        raise WrongValue("must be a string")
    return value


def _integer(value: object, *, cell: bool) -> int:
    if type(value) is int:
        return value
    if cell and isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
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


def _time(value: object) -> datetime:
    try:
        return read_time(_text(value))
    except InvalidValueError as error:
        raise WrongValue(error.reason) from None


def _price(value: object) -> Decimal:
    if type(value) is int:
        return Decimal(value)
    if type(value) is str or isinstance(value, NumberText):
        price = _decimal(value)
        if price.is_finite():
            return price
    raise WrongValue("must be a decimal number such as 9.90")


def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise WrongValue("must be a number of sane size")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise WrongValue("must be a decimal number such as 9.90") from None


def read_as_of(value: object) -> datetime:
    """
    Read the moment of a snapshot.

    Raises:
        WrongValue: if there is none or it is no time.
    """
    if value is None:
        raise WrongValue("must be given, in the document or by the caller")
    return _time(value)
