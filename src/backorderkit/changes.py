"""The diff vocabulary: one fact each, in the past tense."""

from __future__ import annotations

import attrs

from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    check_flag,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.backorders import (
    Promise,
    check_line_key,
    check_promises,
    in_order,
    promise_tuple,
)
from backorderkit.model.holds import Hold
from backorderkit.model.ids import (
    DEFAULT_LOCATION,
    HoldId,
    LineId,
    Location,
    OrderId,
    ReceiptId,
    Sku,
)
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.stock import ScheduledReceipt


@attrs.frozen(kw_only=True)
class Allocated:
    """
    Units on hand were assigned to a line, on top of what it held.

    Attributes:
        order: Whose order.
        line: Which line of it.
        location: Where the units are.
        quantity: How many were added, in smallest units.
    """

    order: OrderId
    line: LineId
    location: Location = DEFAULT_LOCATION
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        _check_units(self.order, self.line, self.location, self.quantity)


@attrs.frozen(kw_only=True)
class Backordered:
    """
    A line's backorder got another size.

    Attributes:
        order: Whose order.
        line: Which line of it.
        quantity: What waits now in all, in smallest units; 0 closes the backorder.
    """

    order: OrderId
    line: LineId
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_whole(problems, "quantity", self.quantity, least=0)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Promised:
    """
    What a waiting line was told is now this, instead of whatever it was.

    Attributes:
        order: Whose order.
        line: Which line of it.
        promises: The whole new list, by (due, receipt), stock before any receipt;
            empty takes all back.
    """

    order: OrderId
    line: LineId
    promises: tuple[Promise, ...] = attrs.field(converter=promise_tuple)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_promises(problems, self.promises)
        raise_first(problems)
        object.__setattr__(self, "promises", in_order(self.promises))


@attrs.frozen(kw_only=True)
class Placed:
    """
    An order was accepted.

    Attributes:
        order: The whole order.
    """

    order: Order

    def __attrs_post_init__(self) -> None:
        """Refuse what is no order."""
        problems: Problems = []
        if not isinstance(self.order, Order):
            refuse(problems, "order", self.order, "must be an Order")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class LineAdded:
    """
    A line was added to an order that was there.

    Attributes:
        order: Whose order.
        line: The whole line; its own ``placed_at`` is its place in the queue.
    """

    order: OrderId
    line: OrderLine

    def __attrs_post_init__(self) -> None:
        """Refuse what is no order line, or of no order."""
        problems: Problems = []
        check_text(problems, "order", self.order)
        if not isinstance(self.line, OrderLine):
            refuse(problems, "line", self.line, "must be an OrderLine")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Cancelled:
    """
    Units that a line waited for are not wanted any more.

    Attributes:
        order: Whose order.
        line: Which line of it.
        quantity: How many, in smallest units.
        expired: Whether nobody said so, and only the time was over until which they
            were wanted.
    """

    order: OrderId
    line: LineId
    quantity: int
    expired: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_whole(problems, "quantity", self.quantity, least=1)
        check_flag(problems, "expired", self.expired)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class _AllocatedUnits:
    """Units at a location that a line had."""

    order: OrderId
    line: LineId
    location: Location = DEFAULT_LOCATION
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        _check_units(self.order, self.line, self.location, self.quantity)


@attrs.frozen(kw_only=True)
class Released(_AllocatedUnits):
    """
    Units were taken from a line that they were allocated to; it waits for them again.

    Attributes:
        order: Whose order.
        line: Which line of it.
        location: Where the units are.
        quantity: How many, in smallest units.
    """


@attrs.frozen(kw_only=True)
class Shipped(_AllocatedUnits):
    """
    Units that were allocated to a line left.

    Attributes:
        order: Whose order.
        line: Which line of it.
        location: From where.
        quantity: How many, in smallest units.
    """


@attrs.frozen(kw_only=True)
class Scheduled:
    """
    A receipt is expected: one that is new, or one that is now like this.

    Attributes:
        receipt: As it is now.
    """

    receipt: ScheduledReceipt

    def __attrs_post_init__(self) -> None:
        """Refuse what is no receipt."""
        problems: Problems = []
        if not isinstance(self.receipt, ScheduledReceipt):
            refuse(problems, "receipt", self.receipt, "must be a ScheduledReceipt")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Unscheduled:
    """
    A receipt is not expected any more: it is there, or it will never be.

    Attributes:
        receipt: Its id.
    """

    receipt: ReceiptId

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "receipt", self.receipt)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Received:
    """
    Units arrived.  What is still expected of their receipt is told by another change.

    Attributes:
        sku: What arrived.
        location: Where.
        quantity: How many, in smallest units.
        receipt: Of which scheduled receipt, or None for what nobody expected.
    """

    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: int
    receipt: ReceiptId | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "sku", self.sku)
        check_text(problems, "location", self.location)
        check_whole(problems, "quantity", self.quantity, least=1)
        if self.receipt is not None:
            check_text(problems, "receipt", self.receipt)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Adjusted:
    """
    The units on hand are more, or fewer, than was known.

    Attributes:
        sku: What was counted, lost, damaged or returned.
        location: Where.
        quantity: How many more; negative for fewer; never 0.
        reason: The host's code for why.
    """

    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: int
    reason: str

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "sku", self.sku)
        check_text(problems, "location", self.location)
        check_whole(problems, "quantity", self.quantity, least=-MAX_INTEGER)
        if self.quantity == 0:
            refuse(problems, "quantity", self.quantity, "must not be 0")
        check_text(problems, "reason", self.reason)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Transferred:
    """
    Units that nobody has moved from one location to another.

    Attributes:
        sku: What moved.
        origin: From where.
        destination: To where.
        quantity: How many, in smallest units.
    """

    sku: Sku
    origin: Location
    destination: Location
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "sku", self.sku)
        check_text(problems, "origin", self.origin)
        check_text(problems, "destination", self.destination)
        check_whole(problems, "quantity", self.quantity, least=1)
        if self.origin == self.destination:
            refuse(problems, "destination", self.destination, "must not be the origin")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Held:
    """
    Units are held for somebody: a hold that is new, or one that is now like this.

    Attributes:
        hold: As it is now.
    """

    hold: Hold

    def __attrs_post_init__(self) -> None:
        """Refuse what is no hold."""
        problems: Problems = []
        if not isinstance(self.hold, Hold):
            refuse(problems, "hold", self.hold, "must be a Hold")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class Unheld:
    """
    Units are not held any more: they were ordered, given back or lost, or their time is over.

    Attributes:
        hold: Whose they were.
        sku: What was held.
        location: Where.
    """

    hold: HoldId
    sku: Sku
    location: Location = DEFAULT_LOCATION

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "hold", self.hold)
        check_text(problems, "sku", self.sku)
        check_text(problems, "location", self.location)
        raise_first(problems)


Change = Allocated | Released | Backordered | Promised
"""Any one fact in a plan; only rules that take back release anything."""

Event = (
    Placed
    | Cancelled
    | Released
    | Shipped
    | Scheduled
    | Unscheduled
    | Received
    | Adjusted
    | Transferred
    | LineAdded
    | Held
    | Unheld
)
"""What happened in the world; it makes planning necessary."""

Fact = Change | Event
"""Anything that can be applied."""


def _check_units(order: object, line: object, location: object, quantity: object) -> None:
    problems: Problems = []
    check_line_key(problems, order, line)
    check_text(problems, "location", location)
    check_whole(problems, "quantity", quantity, least=1)
    raise_first(problems)
