"""Percentages without binary floats."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from backorderkit.model._checks import Problems, has_sane_size, refuse

Percent: TypeAlias = int | Decimal | Fraction
"""A percentage from 0 to 100, exact."""


def check_percent(problems: Problems, field: str, value: object, path: str = "") -> None:
    """Refuse what is no exact number from 0 to 100."""
    if type(value) not in {int, Decimal, Fraction}:
        reason = "must be a whole number, a Decimal or a Fraction"
        refuse(problems, field, value, reason, path)
    elif isinstance(value, Decimal) and not has_sane_size(value):
        refuse(problems, field, value, "must be a finite Decimal of sane size", path)
    elif isinstance(value, int | Decimal | Fraction) and not 0 <= value <= 100:  # noqa: PLR2004 - per cent
        refuse(problems, field, value, "must be >= 0 and <= 100", path)


def units_down(percent: Percent, quantity: int) -> int:
    """
    Give a percentage of a quantity in whole units, rounded down.

    >>> units_down(10, 19)
    1
    """
    part = Fraction(percent) * quantity / 100
    return part.numerator // part.denominator


def units_up(percent: Percent, quantity: int) -> int:
    """
    Give a percentage of a quantity in whole units, rounded up.

    >>> units_up(10, 11)
    2
    """
    part = Fraction(percent) * quantity / 100
    return -(-part.numerator // part.denominator)
