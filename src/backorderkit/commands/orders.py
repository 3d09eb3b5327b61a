"""What a host asks of orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Literal, get_args

import attrs

from backorderkit.commands._names import check_names, names
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.ids import (
    HoldId,
    LineId,
    Location,
    OrderId,
)
from backorderkit.model.orders import Order, OrderLine

Shortfall = Literal["backorder", "drop", "refuse"]
"""What an order wants done with what cannot be allocated at once."""

SHORTFALLS: Final[tuple[Shortfall, ...]] = get_args(Shortfall)


def _hold_ids(given: Iterable[HoldId]) -> tuple[HoldId, ...]:
    """Accept any iterable of ids but a text; a named function, so that mypy knows its types."""
    return names("holds", given)


@attrs.frozen(kw_only=True)
class PlaceOrder:
    """
    Accept an order, if its items and it itself allow that what is short waits.

    Attributes:
        order: The order; nothing of it has shipped.
        shortfall: What is done with units that nobody can have at once: they
            wait (``"backorder"``), are cancelled (``"drop"``), or the whole order is
            refused (``"refuse"``: whole or nothing).
        max_wait: Refuse it if a waiting unit has no promise within this time; any
            wait will do if None.
        holds: What was held for it.  These holds end, and the units that they have
            still are allocated to its lines before anything is shared; one that is
            not there has none.
    """

    order: Order
    shortfall: Shortfall = "backorder"
    max_wait: timedelta | None = None
    holds: tuple[HoldId, ...] = attrs.field(default=(), converter=_hold_ids)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        _check_order(problems, "order", self.order)
        _check_terms(problems, self.shortfall, self.max_wait)
        check_names(problems, "holds", self.holds)
        raise_first(problems)

    @property
    def orders(self) -> tuple[Order, ...]:
        """The one order, as `PlaceOrders` has several."""
        return (self.order,)


def _order_tuple(orders: Iterable[Order]) -> tuple[Order, ...]:
    return as_tuple("orders", orders)


@attrs.frozen(kw_only=True)
class PlaceOrders:
    """
    Accept several orders, all of them or none: what they want of an item is summed up.

    Attributes:
        orders: The orders; nothing of them has shipped.
        shortfall: What is done, in each order, with units that nobody can have at once,
            as of `PlaceOrder`.  An order of which nothing is left refuses all.
        max_wait: How long a unit may wait, as of `PlaceOrder`.
        holds: What the orders take over, as of `PlaceOrder`; one order after another.
    """

    orders: tuple[Order, ...] = attrs.field(converter=_order_tuple)
    shortfall: Shortfall = "backorder"
    max_wait: timedelta | None = None
    holds: tuple[HoldId, ...] = attrs.field(default=(), converter=_hold_ids)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        for order in self.orders:
            _check_order(problems, "orders", order)
        if not self.orders:
            refuse(problems, "orders", self.orders, "must hold an order")
        elif not problems and len({order.id for order in self.orders}) < len(self.orders):
            refuse(problems, "orders", self.orders, "must have an id each")
        _check_terms(problems, self.shortfall, self.max_wait)
        check_names(problems, "holds", self.holds)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class AddLine:
    """
    Add a line to an order that is there: more of what it has, or something else.

    It is a line of its own, behind who has waited till now, and is accepted or
    refused as a new order is.

    Attributes:
        order: Which.
        line: The line, with an id that is new in the order; nothing of it has shipped.
            Without a ``placed_at`` of its own it is placed at the moment of the command.
        shortfall: What is done with units that nobody can have at once, as of `PlaceOrder`.
        max_wait: How long a unit may wait, as of `PlaceOrder`.
    """

    order: OrderId
    line: OrderLine
    shortfall: Shortfall = "backorder"
    max_wait: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "order", self.order)
        if not isinstance(self.line, OrderLine):
            refuse(problems, "line", self.line, "must be an OrderLine")
        elif self.line.shipped or self.line.cancelled:
            refuse(problems, "line", self.line.id, "must have nothing shipped or cancelled")
        _check_terms(problems, self.shortfall, self.max_wait)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class _OrderPart:
    """An order, a line of it, or so many units of that."""

    order: OrderId
    line: LineId | None = None
    quantity: int | None = None
    location: Location | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what names no order, or units of no line."""
        problems: Problems = []
        check_text(problems, "order", self.order)
        if self.line is not None:
            check_text(problems, "line", self.line)
        elif self.quantity is not None:
            refuse(problems, "line", self.line, "must be given with a quantity")
        if self.quantity is not None:
            check_whole(problems, "quantity", self.quantity, least=1)
        if self.location is not None:
            check_text(problems, "location", self.location)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class CancelOrder(_OrderPart):
    """
    Cancel what is outstanding of an order, or of one line of it, or so much of that.

    What waits is cancelled before what is allocated; what has shipped stays.

    Attributes:
        order: Which.
        line: Which line of it; None for all.
        quantity: How many units of the line; None for all that is outstanding.
        location: Where allocated units are given back first; then, and if None, from
            the last location by name on.
    """


@attrs.frozen(kw_only=True)
class ShipOrder(_OrderPart):
    """
    Let go what is allocated to an order, or to one line of it, or so much of that.

    Attributes:
        order: Which.
        line: Which line of it; None for all.
        quantity: How many units of the line; None for all that is allocated.
        location: From where; None for anywhere, from the first location by name on.
    """


@attrs.frozen(kw_only=True)
class ReleaseOrder(_OrderPart):
    """
    Take back what is allocated to an order, or to one line of it, or so much of that.

    The line waits again, in its old place.  The units go to whoever the policy serves
    first, which may be this line.

    Attributes:
        order: Which.
        line: Which line of it; None for all.
        quantity: How many units of the line; None for all that is allocated.
        location: From where; None for anywhere, from the last location by name on.
    """


def _check_order(problems: Problems, field: str, order: object) -> None:
    if not isinstance(order, Order):
        refuse(problems, field, order, "must be an Order")
    elif any(line.shipped or line.cancelled for line in order.lines):
        refuse(problems, field, order.id, "must have nothing shipped or cancelled")
    elif not order.lines:
        refuse(problems, field, order.id, "must have a line")


def _check_terms(problems: Problems, shortfall: object, max_wait: object) -> None:
    if shortfall not in SHORTFALLS:
        reason = f"must be {', '.join(SHORTFALLS[:-1])} or {SHORTFALLS[-1]}"
        refuse(problems, "shortfall", shortfall, reason)
    if max_wait is not None and not isinstance(max_wait, timedelta):
        refuse(problems, "max_wait", max_wait, "must be a timedelta")
    elif max_wait is not None and max_wait < timedelta():
        refuse(problems, "max_wait", max_wait, "must be >= 0")
