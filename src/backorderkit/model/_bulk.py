"""
Makes many values of columns: a quarter of the cost of making each by itself.

What the constructors of lines and orders see in one look at a value is seen here
in one look at a column.  Where that look is not enough, they are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, pairwise
from operator import attrgetter
from typing import Final, TypeVar, cast

import attrs

from backorderkit.model._checks import MAX_INTEGER
from backorderkit.model._slots import fill
from backorderkit.model.orders import Order, OrderLine

_Value = TypeVar("_Value")

Columns = Mapping[str, Sequence[object]]
"""Values of their fields' types, by field; what is not there has its default."""

_LINE_FIELDS: Final = frozenset({"id", "sku", "location", "ordered", "requested"})
_ORDER_FIELDS: Final = frozenset(field.name for field in attrs.fields(Order))


def each_of(make: Callable[..., _Value], columns: Columns) -> list[_Value]:
    """
    Make a value of each row of some columns.

    Raises:
        InvalidValueError: as making the first that is wrong does.
    """
    names = tuple(columns)
    return [
        make(**dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True)
    ]


def lines_of(columns: Columns) -> list[OrderLine]:
    """Make order lines, as `each_of` does."""
    return fill(OrderLine, columns) if _are_plain_lines(columns) else each_of(OrderLine, columns)


def orders_of(columns: Columns) -> list[Order]:
    """Make orders with their lines, which are tuples, as `each_of` does."""
    return fill(Order, columns) if _are_plain_orders(columns) else each_of(Order, columns)


def _are_plain_lines(columns: Columns) -> bool:
    used = [columns[name] for name in ("shipped", "cancelled") if name in columns]
    ordered = cast("Sequence[int]", columns["ordered"])
    return (
        columns.keys() <= _LINE_FIELDS | {"shipped", "cancelled"}
        and _are_ids(columns["id"])
        and _are_ids(columns["sku"])
        and _are_whole(ordered, 1)
        and all(_are_whole(column, 0) for column in used)
        and (not used or all(map(_fits, ordered, *used)))
        and ("location" not in columns or _are_ids([*filter(_given, columns["location"])]))
        and ("requested" not in columns or _are_utc(filter(_given, columns["requested"])))
    )


def _are_plain_orders(columns: Columns) -> bool:
    lines = cast("Sequence[tuple[OrderLine, ...]]", columns["lines"])
    return (
        columns.keys() <= _ORDER_FIELDS
        and _are_ids(columns["id"])
        and _are_utc(columns["placed_at"])
        and _are_whole(columns.get("sequence", ()), -MAX_INTEGER)
        and _are_whole(columns.get("priority", ()), 1)
        and _are_ascii(columns.get("customer", ()))
        and _are_ascii(columns.get("channel", ()))
        and all(map(_are_in_order, lines))
        and not any(map(_placed_at, chain.from_iterable(lines)))
    )


def _are_ids(column: Sequence[object]) -> bool:
    return all(column) and _are_ascii(column)


def _are_ascii(column: Sequence[object]) -> bool:
    return "".join(cast("Sequence[str]", column)).isascii()


def _are_whole(column: Sequence[object], least: int) -> bool:
    numbers = cast("Sequence[int]", column)
    return not numbers or (min(numbers) >= least and max(numbers) <= MAX_INTEGER)


def _are_utc(column: Iterable[object]) -> bool:
    return all(time.tzinfo is UTC for time in cast("Iterable[datetime]", column))


def _are_in_order(lines: tuple[OrderLine, ...]) -> bool:
    return len(lines) < 2 or all(one.id < next_.id for one, next_ in pairwise(lines))  # noqa: PLR2004


_placed_at: Final = attrgetter("placed_at")
"""Lines with a time of their own are rare, and must be compared with their orders."""


def _fits(ordered: int, *used: int) -> bool:
    return sum(used) <= ordered


def _given(value: object) -> bool:
    return value is not None
