"""What may not be taken back: picked lines, whole orders, and what is due soon."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, TypeVar, get_args

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.backorders import Promise
from backorderkit.model.ids import LineId, OrderId
from backorderkit.model.orders import Order, OrderLine

FreezeBy = Literal["either", "promised", "requested"]
"""Which dates of a line freeze it when they are near."""

_Id = TypeVar("_Id")

_FREEZE_BY: Final[tuple[FreezeBy, ...]] = get_args(FreezeBy)


def _line_keys(given: Iterable[tuple[OrderId, LineId]]) -> frozenset[tuple[OrderId, LineId]]:
    return _as_set("lines", given)


def _order_ids(given: Iterable[OrderId]) -> frozenset[OrderId]:
    return _as_set("orders", given)


@attrs.frozen(kw_only=True)
class Frozen:
    """
    Says which lines keep what they have, whoever else needs it.

    A line is frozen if any of these says so.

    Args:
        lines: Lines by order id and line id, such as those that are picked already.
        orders: Orders, with all their lines.
        within_days: Lines with a near date: today, so many days from now or fewer, or
            overdue.  0 is today; None freezes none for its date.
        by: Whose date: ``"promised"`` is the earliest day that the line was told, of units
            that it waits for; ``"requested"`` the day that the customer asked for;
            ``"either"`` one of both.  Days are those of UTC.

    Raises:
        InvalidValueError: if one of these cannot be such.

    Units that are allocated have no promised day any more: a line that waits for nothing
    is frozen by its requested day only.

    >>> from backorderkit.model.times import read_time
    >>> order = Order.of("SO-1", "2026-01-02", {"MUG": 5})
    >>> picked = Frozen(lines=[(OrderId("SO-1"), LineId("1"))])
    >>> picked.holds(order, order.lines[0], (), read_time("2026-01-05"))
    True
    """

    lines: frozenset[tuple[OrderId, LineId]] = attrs.field(default=(), converter=_line_keys)
    orders: frozenset[OrderId] = attrs.field(default=(), converter=_order_ids)
    within_days: int | None = None
    by: FreezeBy = "either"

    def __attrs_post_init__(self) -> None:
        """Refuse what names no line, no order and no day."""
        problems: Problems = []
        for key in sorted(self.lines, key=repr):
            if not isinstance(key, tuple) or len(key) != 2:  # noqa: PLR2004 - a pair
                refuse(problems, "lines", key, "must be a pair of order id and line id")
            else:
                for part in key:
                    check_text(problems, "lines", part)
        for order in sorted(self.orders, key=repr):
            check_text(problems, "orders", order)
        if self.within_days is not None:
            check_whole(problems, "within_days", self.within_days, least=0)
        if self.by not in _FREEZE_BY:
            refuse(problems, "by", self.by, f"must be one of {', '.join(_FREEZE_BY)}")
        raise_first(problems)

    def holds(
        self, order: Order, line: OrderLine, promises: Iterable[Promise], as_of: datetime
    ) -> bool:
        """
        Say whether a line keeps what it has.

        Args:
            order: Its order.
            line: The line.
            promises: What it was told.
            as_of: The moment of planning.
        """
        if order.id in self.orders or (order.id, line.id) in self.lines:
            return True
        if self.within_days is None:
            return False
        last = _day_of(as_of) + self.within_days
        if self.by != "promised" and line.requested is not None and _day_of(line.requested) <= last:
            return True
        return self.by != "requested" and any(_day_of(each.due) <= last for each in promises)


def _day_of(moment: datetime) -> int:
    """Count the days, in UTC, as planning does."""
    return moment.astimezone(UTC).toordinal()


def _as_set(field: str, given: Iterable[_Id]) -> frozenset[_Id]:
    if isinstance(given, str):
        # A text is a collection of its letters, and never meant so.
        raise InvalidValueError(field=field, value=given, reason="must be a collection of ids")
    ids = as_tuple(field, given)
    try:
        return frozenset(ids)
    except TypeError:
        reason = "must be a collection of ids"
        raise InvalidValueError(field=field, value=ids, reason=reason) from None
