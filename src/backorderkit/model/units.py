"""Quantities: integers inside, exact decimal text at the edge."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    check_text,
    has_sane_size,
    raise_first,
    refuse,
)

MAX_DECIMALS: Final = 9
"""The finest unit is a billionth: micrograms of what is sold in kilograms."""

MAX_QUANTITY: Final = MAX_INTEGER
"""The largest quantity in smallest units: what a 64-bit column of a store holds."""

# Both signs are read, so that a negative quantity is refused by its own rule.
DECIMAL_TEXT: Final = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
"""How decimal numbers stand in texts: a sign, digits, a point, digits."""

LONGEST_DECIMAL: Final = 60
"""Characters of the longest such text that is read; of sane size is much less."""


@attrs.frozen(kw_only=True)
class Unit:
    """
    A unit of measure with a fixed number of decimals.

    Quantities are integers of its smallest part everywhere inside; this is the
    one place that converts, and it never rounds.

    >>> kg = Unit(name="kg", decimals=3)
    >>> kg.to_smallest("2.5")
    2500
    >>> kg.to_text(2500)
    '2.5'
    """

    name: str = "pcs"
    decimals: int = 0

    def __attrs_post_init__(self) -> None:
        """Refuse an empty name and decimals outside 0 to `MAX_DECIMALS`."""
        problems: Problems = []
        check_text(problems, "name", self.name)
        check_decimals(problems, self.decimals)
        raise_first(problems)

    def to_smallest(self, quantity: int | str | Decimal) -> int:
        """
        Convert a quantity in this unit into its smallest parts, exactly.

        Args:
            quantity: An int, a Decimal, or plain decimal text such as ``"2.5"``
                (a sign, digits, a point, digits; no exponent, no spaces).

        Raises:
            InvalidValueError: if it is none of these or has more decimals than
                the unit; nothing is ever rounded.

        >>> Unit(name="kg", decimals=3).to_smallest("0.0001")
        Traceback (most recent call last):
        ...
        backorderkit.errors.InvalidValueError: quantity: got '0.0001', must fit 3 decimals
        """
        if type(quantity) is int:
            return quantity * int(10**self.decimals)
        if isinstance(quantity, Decimal):
            return self._from_decimal(quantity)
        if isinstance(quantity, str):
            return self._from_text(quantity)
        raise _invalid(quantity, "must be an int, a Decimal or decimal text")

    def to_text(self, smallest: int) -> str:
        """
        Write smallest parts as decimal text, without trailing zeros.

        Raises:
            InvalidValueError: if it is not an int.

        >>> Unit(name="g", decimals=2).to_text(14988)
        '149.88'
        >>> Unit(name="kg", decimals=3).to_text(-2000)
        '-2'
        """
        if type(smallest) is not int:
            raise _invalid(smallest, "must be an int")
        if not self.decimals:
            return str(smallest)
        whole, part = divmod(abs(smallest), 10**self.decimals)
        digits = f"{part:0{self.decimals}d}".rstrip("0")
        sign = "-" if smallest < 0 else ""
        return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"

    def shown(self, smallest: int) -> int | str:
        """Give a quantity as messages show it: plain pieces as a number, all else as text."""
        return self.to_text(smallest) if self.decimals else smallest

    def _from_text(self, text: str) -> int:
        match = DECIMAL_TEXT.fullmatch(text)
        if match is None or len(text) > LONGEST_DECIMAL:
            raise _invalid(text, "must be a decimal number such as 2.5")
        sign, whole, part = match[1], match[2], (match[3] or "").rstrip("0")
        if len(part) > self.decimals:
            raise _invalid(text, self._misfit())
        smallest = int(whole + part.ljust(self.decimals, "0"))
        return -smallest if sign == "-" else smallest

    def _from_decimal(self, quantity: Decimal) -> int:
        if not has_sane_size(quantity):
            raise _invalid(quantity, "must be a finite decimal number of sane size")
        return self._from_text(f"{quantity:f}")

    def _misfit(self) -> str:
        return f"must fit {self.decimals} decimals" if self.decimals else "must be a whole number"


def check_decimals(problems: Problems, decimals: object) -> None:
    """Decimals of a unit or an item."""
    if type(decimals) is not int or not 0 <= decimals <= MAX_DECIMALS:
        refuse(problems, "decimals", decimals, f"must be a whole number from 0 to {MAX_DECIMALS}")


def _invalid(quantity: object, reason: str) -> InvalidValueError:
    return InvalidValueError(field="quantity", value=quantity, reason=reason)
