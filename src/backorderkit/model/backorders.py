"""What lines hold and wait for: allocations, promises, backorders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
    check_time,
    check_whole,
    raise_first,
    refuse,
    settle_in_utc,
)
from backorderkit.model.ids import DEFAULT_LOCATION, LineId, Location, OrderId, ReceiptId
from backorderkit.model.life_cycles import BackorderStatus


@attrs.frozen(kw_only=True)
class Allocation:
    """
    Units on hand that are firmly assigned to a line and not yet shipped.

    Attributes:
        order: Whose order.
        line: Which line of it.
        location: Where the units are.
        quantity: How many, in smallest units.
    """

    order: OrderId
    line: LineId
    location: Location = DEFAULT_LOCATION
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_text(problems, "location", self.location)
        check_whole(problems, "quantity", self.quantity, least=1)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Promise:
    """
    Part of a backorder that a scheduled receipt will fill, or units on hand on a later day.

    Attributes:
        quantity: How much, in smallest units.
        due: When: the receipt's due date, or the time of planning if that is
            later; without a receipt, when the line may take the units.
        receipt: Which receipt; None for units that are on hand, and that the line
            may not take before that day.
    """

    quantity: int
    due: datetime
    receipt: ReceiptId | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_whole(problems, "quantity", self.quantity, least=1)
        check_time(problems, "due", self.due)
        if self.receipt is not None:
            check_text(problems, "receipt", self.receipt)
        raise_first(problems)
        settle_in_utc(self, "due")


def promise_tuple(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """Accept any iterable of promises; a named function, so that mypy knows its types."""
    return as_tuple("promises", promises)


@attrs.frozen(kw_only=True)
class Backorder:
    """
    The accepted, unmet part of an order line, waiting for supply.

    In a snapshot it is memory of what was opened and told, not truth: where it
    disagrees with the line, the next plan corrects it.

    Attributes:
        order: Whose order.
        line: Which line of it.
        quantity: How much waits, in smallest units.
        opened_at: Since when: ``as_of`` of the plan that first found the line
            short.
        promises: One for each receipt that fills it, and for each day on which it gets
            units from stock; sorted by due date, receipt and quantity, stock first,
            whatever order they are given in.

    >>> from backorderkit.model.times import read_time
    >>> promise = Promise(quantity=2, due=read_time("2026-01-12"), receipt=ReceiptId("PO-7"))
    >>> Backorder(
    ...     order=OrderId("SO-1"),
    ...     line=LineId("1"),
    ...     quantity=3,
    ...     opened_at=read_time("2026-01-05"),
    ...     promises=(promise,),
    ... ).unpromised
    1
    """

    order: OrderId
    line: LineId
    quantity: int
    opened_at: datetime
    promises: tuple[Promise, ...] = attrs.field(default=(), converter=promise_tuple)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_whole(problems, "quantity", self.quantity, least=1)
        check_time(problems, "opened_at", self.opened_at)
        check_promises(problems, self.promises)
        raise_first(problems)
        settle_in_utc(self, "opened_at")
        object.__setattr__(self, "promises", in_order(self.promises))

    @property
    def promised(self) -> int:
        """How much of it scheduled receipts, or units on hand on a later day, will fill."""
        return sum(promise.quantity for promise in self.promises)

    @property
    def unpromised(self) -> int:
        """How much of it nothing is promised of."""
        return max(0, self.quantity - self.promised)

    @property
    def status(self) -> BackorderStatus:
        """How it stands, by the life cycle of backorders: is all of it promised?"""
        return "open" if self.unpromised else "promised"


def in_order(promises: tuple[Promise, ...]) -> tuple[Promise, ...]:
    """Sort promises as the documents list them: by due date, receipt, stock first, and quantity."""
    if len(promises) < 2:  # noqa: PLR2004 - nothing to sort
        return promises
    return tuple(sorted(promises, key=lambda each: (*promise_place(each), each.quantity)))


def promise_place(promise: Promise) -> tuple[datetime, str]:
    """Say where a promise stands among those of a line: no id is empty, so stock comes first."""
    return promise.due, promise.receipt or ""


def check_line_key(problems: Problems, order: object, line: object) -> None:
    """The pair of ids that names a line."""
    check_text(problems, "order", order)
    check_text(problems, "line", line)


def check_promises(problems: Problems, promises: tuple[object, ...]) -> None:
    """The promises of one line."""
    for index, promise in enumerate(promises):
        if not isinstance(promise, Promise):
            refuse(problems, "promises", promise, "must be a promise", f"promises[{index}]")
