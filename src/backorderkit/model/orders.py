"""Demand: orders with lines that carry cumulative quantities."""

from __future__ import annotations

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
from backorderkit.model.ids import LineId, Location, OrderId, Sku
from backorderkit.model.times import read_time

DEFAULT_PRIORITY = 5
"""The middle of the usual 1 to 9, so that a host can raise and lower."""


@attrs.frozen(kw_only=True)
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

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_text(problems, "sku", self.sku)
        if self.location is not None:
            check_text(problems, "location", self.location)
        check_whole(problems, "ordered", self.ordered, least=1)
        check_whole(problems, "shipped", self.shipped, least=0)
        check_whole(problems, "cancelled", self.cancelled, least=0)
        if self.requested is not None:
            check_time(problems, "requested", self.requested)
        if self.unit_price is not None or self.currency is not None:
            _check_money(problems, self.unit_price, self.currency)
        if not problems and self.shipped + self.cancelled > self.ordered:
            refuse(problems, "ordered", self.ordered, "must be >= shipped + cancelled")
        raise_first(problems)
        settle_in_utc(self, "requested")

    @property
    def claim(self) -> int:
        """What the line still stands for: ordered - cancelled."""
        return self.ordered - self.cancelled

    @property
    def outstanding(self) -> int:
        """What is still owed: ordered - shipped - cancelled."""
        return self.ordered - self.shipped - self.cancelled


def _line_tuple(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    return as_tuple("lines", lines)


@attrs.frozen(kw_only=True)
class Order:
    """
    An accepted order.

    Attributes:
        id: Unique in a snapshot.
        customer: Whose it is; empty if nobody says.
        channel: Through which channel it came; empty if nobody says.
        placed_at: When.  First come, first served goes by this.
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
    lines: tuple[OrderLine, ...] = attrs.field(converter=_line_tuple)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; sort lines; times become UTC."""
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
        if len(self.lines) > 1:
            object.__setattr__(self, "lines", tuple(sorted(self.lines, key=_line_id)))

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
        when: datetime | str = placed_at
        if isinstance(placed_at, str):
            try:
                when = read_time(placed_at)
            except InvalidValueError as error:
                refuse(problems, "placed_at", placed_at, error.reason)
                when = _SOME_TIME
        made = _lines_of(problems, lines) if isinstance(lines, Mapping) else lines
        try:
            order = cls(
                id=OrderId(id),
                customer=customer,
                channel=channel,
                placed_at=when,  # type: ignore[arg-type]  # the constructor refuses what is no time
                sequence=sequence,
                priority=priority,
                lines=made,
            )
        except InvalidValueError as error:
            problems.extend(error.problems)
        raise_first(problems)
        return order

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


_SOME_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _lines_of(problems: Problems, lines: Mapping[str, int]) -> list[OrderLine]:
    made = []
    for number, (sku, ordered) in enumerate(lines.items(), start=1):
        try:
            made.append(OrderLine(id=LineId(str(number)), sku=Sku(sku), ordered=ordered))
        except InvalidValueError as error:
            pass_on(problems, error, f"lines[{sku!r}].")
    return made


def _line_id(line: OrderLine) -> str:
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
