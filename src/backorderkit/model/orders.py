"""Demand: orders with lines that carry cumulative quantities."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    as_tuple,
    check_label,
    check_text,
    check_time,
    check_whole,
    has_sane_size,
    pass_on,
    raise_first,
    refuse,
    settle_in_utc,
)
from backorderkit.model._slots import setters
from backorderkit.model.ids import LineId, Location, OrderId, Sku
from backorderkit.model.times import time_or_text

_LINE_TIMES: Final = ("requested", "placed_at", "cancel_after")

DEFAULT_PRIORITY = 5
"""The middle of the usual 1 to 9, so that a host can raise and lower."""


@attrs.frozen(kw_only=True, init=False)
class OrderLine:
    """
    One SKU on an order, with what happened to it so far.

    ``ordered``, ``shipped`` and ``cancelled`` are cumulative: they only grow.
    All are in smallest units of the item.

    Attributes:
        id: Unique in its order.
        sku: What is wanted.
        location: Where it must come from, or None for anywhere.
        ordered: How much was ever ordered.
        shipped: How much has left.
        cancelled: How much is not wanted any more.
        requested: When the customer wants it, if they said so.
        unit_price: Price of one unit (not of a smallest part), if known.
        currency: ISO 4217 code of the price.
        placed_at: When these units were asked for, if later than the order: first come,
            first served goes by it.  None is the order's.
        cancel_after: When the customer does not want any more what waits then still; None
            is never.  The command `Expire` applies it; planning does not.

    >>> OrderLine(id=LineId("1"), sku=Sku("MUG"), ordered=5, shipped=2).outstanding
    3
    """

    id: LineId
    sku: Sku
    location: Location | None = None
    ordered: int
    shipped: int = 0
    cancelled: int = 0
    requested: datetime | None = None
    unit_price: Decimal | None = None
    currency: str | None = None
    placed_at: datetime | None = None
    cancel_after: datetime | None = None

    def __init__(
        self,
        *,
        id: LineId,  # noqa: A002 - the documents' name
        sku: Sku,
        ordered: int,
        location: Location | None = None,
        shipped: int = 0,
        cancelled: int = 0,
        requested: datetime | None = None,
        unit_price: Decimal | None = None,
        currency: str | None = None,
        placed_at: datetime | None = None,
        cancel_after: datetime | None = None,
    ) -> None:
        """Take the attributes; refuse what their meaning forbids; times become UTC."""
        _set_line_id(self, id)
        _set_line_sku(self, sku)
        _set_line_location(self, location)
        _set_line_ordered(self, ordered)
        _set_line_shipped(self, shipped)
        _set_line_cancelled(self, cancelled)
        _set_line_requested(self, requested)
        _set_line_unit_price(self, unit_price)
        _set_line_currency(self, currency)
        _set_line_placed_at(self, placed_at)
        _set_line_cancel_after(self, cancel_after)
        # One look shows that nearly every line is well; the others are looked at with care.
        if not (
            type(id) is str
            and type(sku) is str
            and id
            and sku
            and id.isascii()
            and sku.isascii()
            and type(ordered) is int
            and type(shipped) is int
            and type(cancelled) is int
            and 0 < ordered <= MAX_INTEGER
            and 0 <= shipped <= ordered - cancelled
            and cancelled >= 0
            and (location is None or (type(location) is str and location and location.isascii()))
            and (requested is None or (type(requested) is datetime and requested.tzinfo is UTC))
            and unit_price is None
            and currency is None
            and placed_at is None
            and cancel_after is None
        ):
            self._check()

    def __attrs_post_init__(self) -> None:
        # Only an attrs class made of this one has a constructor that comes here.
        self._check()

    def _check(self) -> None:
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_text(problems, "sku", self.sku)
        if self.location is not None:
            check_text(problems, "location", self.location)
        check_whole(problems, "ordered", self.ordered, least=1)
        check_whole(problems, "shipped", self.shipped, least=0)
        check_whole(problems, "cancelled", self.cancelled, least=0)
        for field in _LINE_TIMES:
            if getattr(self, field) is not None:
                check_time(problems, field, getattr(self, field))
        if self.unit_price is not None or self.currency is not None:
            _check_money(problems, self.unit_price, self.currency)
        if not problems and self.shipped + self.cancelled > self.ordered:
            refuse(problems, "ordered", self.ordered, "must be >= shipped + cancelled")
        raise_first(problems)
        settle_in_utc(self, *_LINE_TIMES)

    @property
    def claim(self) -> int:
        """What the line still stands for: ordered - cancelled."""
        return self.ordered - self.cancelled

    @property
    def outstanding(self) -> int:
        """What is still owed: ordered - shipped - cancelled."""
        return self.ordered - self.shipped - self.cancelled


(
    _set_line_id,
    _set_line_sku,
    _set_line_location,
    _set_line_ordered,
    _set_line_shipped,
    _set_line_cancelled,
    _set_line_requested,
    _set_line_unit_price,
    _set_line_currency,
    _set_line_placed_at,
    _set_line_cancel_after,
) = setters(
    OrderLine,
    *("id", "sku", "location", "ordered", "shipped", "cancelled"),
    *("requested", "unit_price", "currency", "placed_at", "cancel_after"),
)


@attrs.frozen(kw_only=True, init=False)
class Order:
    """
    An accepted order.

    Attributes:
        id: Unique in a snapshot.
        customer: Whose it is; empty if nobody says.
        channel: Through which channel it came; empty if nobody says.
        placed_at: When.  First come, first served goes by this, but for lines that were
            placed later.
        sequence: Decides between orders placed at the same moment, before the
            id does.
        priority: 1 is served first.
        lines: Sorted by id, whatever order they are given in.

    >>> Order.of("SO-1", "2026-01-02", {"MUG": 5, "BOWL": 1}).lines[0].sku
    'MUG'
    """

    id: OrderId
    customer: str = ""
    channel: str = ""
    placed_at: datetime
    sequence: int = 0
    priority: int = DEFAULT_PRIORITY
    lines: tuple[OrderLine, ...]

    def __init__(
        self,
        *,
        id: OrderId,  # noqa: A002 - the documents' name
        placed_at: datetime,
        lines: Iterable[OrderLine],
        customer: str = "",
        channel: str = "",
        sequence: int = 0,
        priority: int = DEFAULT_PRIORITY,
    ) -> None:
        """Take the attributes; refuse what their meaning forbids; times become UTC."""
        lines = as_tuple("lines", lines)
        _set_order_id(self, id)
        _set_order_customer(self, customer)
        _set_order_channel(self, channel)
        _set_order_placed_at(self, placed_at)
        _set_order_sequence(self, sequence)
        _set_order_priority(self, priority)
        _set_order_lines(self, lines)
        # As for lines: one look, and a careful one where that is not enough.
        if not (
            type(id) is str
            and id
            and id.isascii()
            and type(placed_at) is datetime
            and placed_at.tzinfo is UTC
            and type(sequence) is int
            and type(priority) is int
            and -MAX_INTEGER <= sequence <= MAX_INTEGER
            and 1 <= priority <= MAX_INTEGER
            and len(lines) == 1
            and type(lines[0]) is OrderLine
            and lines[0].placed_at is None
            and type(customer) is str
            and type(channel) is str
            and customer.isascii()
            and channel.isascii()
        ):
            self._check()

    def __attrs_post_init__(self) -> None:
        # Only an attrs class made of this one has a constructor that comes here.
        self._check()

    def _check(self) -> None:
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_label(problems, "customer", self.customer)
        check_label(problems, "channel", self.channel)
        check_time(problems, "placed_at", self.placed_at)
        check_whole(problems, "sequence", self.sequence, least=-MAX_INTEGER)
        check_whole(problems, "priority", self.priority, least=1)
        self._check_lines(problems)
        raise_first(problems)
        settle_in_utc(self, "placed_at")
        self._check_times()
        if len(self.lines) > 1:
            _set_order_lines(self, tuple(sorted(self.lines, key=_line_id)))

    @classmethod
    def of(
        cls,
        id: str,  # noqa: A002 - the documents' name
        placed_at: datetime | str,
        lines: Mapping[str, int] | Iterable[OrderLine],
        *,
        customer: str = "",
        channel: str = "",
        sequence: int = 0,
        priority: int = DEFAULT_PRIORITY,
    ) -> Order:
        """
        Make an order in one breath, for tests and notebooks.

        Args:
            id: The order's id.
            placed_at: A time, or text as the documents have it.
            lines: Quantities by SKU (line ids are then ``"1"``, ``"2"``, ... in
                the order given), or order lines.
            customer: Whose it is.
            channel: Through which channel it came.
            sequence: Decides between orders placed at the same moment.
            priority: 1 is served first.

        Raises:
            InvalidValueError: as the plain constructor does.
        """
        problems: Problems = []
        when = time_or_text(problems, "placed_at", placed_at)
        made = _lines_of(problems, lines) if isinstance(lines, Mapping) else lines
        try:
            order = cls(
                id=OrderId(id),
                customer=customer,
                channel=channel,
                placed_at=when,
                sequence=sequence,
                priority=priority,
                lines=made,
            )
        except InvalidValueError as error:
            problems.extend(error.problems)
        raise_first(problems)
        return order

    def find_line(self, id: LineId, /) -> OrderLine | None:  # noqa: A002 - the documents' name
        """Give the line of an id, or None if there is no such.  O(log lines)."""
        lines = self.lines
        place = bisect_left(lines, id, key=_line_id)
        return lines[place] if place < len(lines) and lines[place].id == id else None

    def _check_lines(self, problems: Problems) -> None:
        seen = set[LineId]()
        for index, line in enumerate(self.lines):
            if not isinstance(line, OrderLine):
                refuse(problems, "lines", line, "must be an order line", f"lines[{index}]")
            elif line.id in seen:
                reason = "must be unique in its order"
                refuse(problems, "id", line.id, reason, f"lines[{index}].id")
            else:
                seen.add(line.id)

    def _check_times(self) -> None:
        for line in self.lines:
            if line.placed_at is not None and line.placed_at < self.placed_at:
                reason = f"must be <= that of its line {line.id}"
                raise InvalidValueError(field="placed_at", value=self.placed_at, reason=reason)


(
    _set_order_id,
    _set_order_customer,
    _set_order_channel,
    _set_order_placed_at,
    _set_order_sequence,
    _set_order_priority,
    _set_order_lines,
) = setters(Order, "id", "customer", "channel", "placed_at", "sequence", "priority", "lines")


def _lines_of(problems: Problems, lines: Mapping[str, int]) -> list[OrderLine]:
    made = []
    for number, (sku, ordered) in enumerate(lines.items(), start=1):
        try:
            made.append(OrderLine(id=LineId(str(number)), sku=Sku(sku), ordered=ordered))
        except InvalidValueError as error:
            pass_on(problems, error, f"lines[{sku!r}].")
    return made


def _line_id(line: OrderLine) -> LineId:
    return line.id


def _check_money(problems: Problems, price: object, currency: object) -> None:
    if price is not None and not (isinstance(price, Decimal) and has_sane_size(price)):
        refuse(problems, "unit_price", price, "must be a finite Decimal of sane size")
    elif price is not None and price < 0:
        refuse(problems, "unit_price", price, "must be >= 0")
    if currency is None:
        refuse(problems, "currency", currency, "must be given with unit_price")
    else:
        check_text(problems, "currency", currency)
