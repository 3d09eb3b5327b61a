"""What a host asks to be done, in the imperative; one value each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar, get_args

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    as_tuple,
    check_text,
    check_time,
    check_whole,
    raise_first,
    refuse,
    settle_in_utc,
)
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

_Name = TypeVar("_Name", HoldId, Sku)

Shortfall = Literal["backorder", "drop", "refuse"]
"""What an order wants done with what cannot be allocated at once."""

SHORTFALLS: Final[tuple[Shortfall, ...]] = get_args(Shortfall)


def _hold_ids(given: Iterable[HoldId]) -> tuple[HoldId, ...]:
    """Accept any iterable of ids but a text; a named function, so that mypy knows its types."""
    return _names("holds", given)


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
        _check_names(problems, "holds", self.holds)
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
        _check_names(problems, "holds", self.holds)
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


@attrs.frozen(kw_only=True)
class ReceiveReceipt:
    """
    Put on hand what arrived of a scheduled receipt: all of it, a part, or more.

    Attributes:
        receipt: Which.
        quantity: How many units arrived; None for all that is expected.
        location: Where, if elsewhere than expected.
        more_to_come: Whether the rest of a part is still expected; if not, the
            receipt is closed short.
    """

    receipt: ReceiptId
    quantity: int | None = None
    location: Location | None = None
    more_to_come: bool = True

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "receipt", self.receipt)
        if self.quantity is not None:
            check_whole(problems, "quantity", self.quantity, least=1)
        if self.location is not None:
            check_text(problems, "location", self.location)
        if type(self.more_to_come) is not bool:
            refuse(problems, "more_to_come", self.more_to_come, "must be true or false")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class ReceiveStock:
    """
    Put on hand what arrived and nobody expected.

    Attributes:
        sku: What.
        location: Where.
        quantity: How many units.
    """

    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        _check_stock(self.sku, self.location, self.quantity, least=1)


@attrs.frozen(kw_only=True)
class ScheduleReceipt:
    """
    Expect a receipt that is new, or that is now like this: moved, grown, shrunk.

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
class CancelReceipt:
    """
    Expect a receipt no more.

    Attributes:
        receipt: Which.
    """

    receipt: ReceiptId

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "receipt", self.receipt)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class AdjustStock:
    """
    Correct what is on hand after a count, a loss, damage or a return.

    A loss first takes what nobody has.  Then it takes what is held: of the hold that
    expires last first.  Then it takes back allocations: those of the lowest priority
    first, and among these the youngest line's.

    Attributes:
        sku: What.
        location: Where.
        quantity: How many units more; negative for fewer.
        reason: The host's code for why.
    """

    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: int
    reason: str

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        if self.quantity == 0 and type(self.quantity) is int:
            refuse(problems, "quantity", self.quantity, "must not be 0")
        check_text(problems, "reason", self.reason)
        raise_first(problems)
        _check_stock(self.sku, self.location, self.quantity, least=-MAX_INTEGER)


@attrs.frozen(kw_only=True)
class TransferStock:
    """
    Move units that nobody has, and nobody holds, from one location to another.

    Attributes:
        sku: What.
        origin: From where.
        destination: To where.
        quantity: How many units.
    """

    sku: Sku
    origin: Location
    destination: Location
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "destination", self.destination)
        if self.origin == self.destination:
            refuse(problems, "destination", self.destination, "must not be the origin")
        raise_first(problems)
        _check_stock(self.sku, self.origin, self.quantity, least=1)


PoolUnits = tuple[Sku, Location, int]
"""So many units of one SKU at one location."""


def _pool_units(
    given: Mapping[str, int] | Mapping[tuple[str, str], int] | Iterable[tuple[str, str, int]],
) -> tuple[PoolUnits, ...]:
    """Accept units by SKU (all at ``MAIN``), by (SKU, location), or all three side by side."""
    rows: Iterable[object] = given
    if isinstance(given, Mapping):
        rows = [
            (*pool, quantity) if isinstance(pool, tuple) else (pool, DEFAULT_LOCATION, quantity)
            for pool, quantity in given.items()
        ]
    units = dict[tuple[Sku, Location], int]()
    problems: Problems = []
    for row in as_tuple("units", rows):
        if not isinstance(row, tuple) or len(row) != 3:  # noqa: PLR2004 - as named below
            refuse(problems, "units", row, "must be a SKU, a location and a quantity")
            continue
        sku, location, quantity = row
        before = len(problems)
        check_text(problems, "sku", sku)
        check_text(problems, "location", location)
        check_whole(problems, "quantity", quantity, least=1)
        if len(problems) == before:
            # Two lines of a cart are one demand.
            units[sku, location] = units.get((sku, location), 0) + quantity
    for quantity in units.values():
        check_whole(problems, "quantity", quantity, least=1)
    if not (units or problems):
        refuse(problems, "units", given, "must name some units")
    raise_first(problems)
    return tuple((*pool, units[pool]) for pool in sorted(units))


@attrs.frozen(kw_only=True)
class HoldStock:
    """
    Hold exactly these units until a time, if so many are available.

    What the hold had before is its own: asking again changes it, and asking for
    what it has is never refused.  It is refused whole if a pool has not that many
    available beyond what waiting lines get.

    Attributes:
        id: Whose they are: a cart, a quote.
        units: How many of which pool: by SKU (all at ``MAIN``), by (SKU, location), or
            as rows of SKU, location and quantity, where those of one pool add up.
        expires_at: Until when.
    """

    id: HoldId
    units: tuple[PoolUnits, ...] = attrs.field(converter=_pool_units)
    expires_at: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_time(problems, "expires_at", self.expires_at)
        raise_first(problems)
        settle_in_utc(self, "expires_at")


@attrs.frozen(kw_only=True)
class ExtendHold:
    """
    Let a hold expire at another time, later or earlier.

    One that has lapsed is held anew, if its units are still available.

    Attributes:
        id: Which.
        expires_at: Until when.
    """

    id: HoldId
    expires_at: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        check_time(problems, "expires_at", self.expires_at)
        raise_first(problems)
        settle_in_utc(self, "expires_at")


@attrs.frozen(kw_only=True)
class ReleaseHold:
    """
    Give back what a hold has; nothing changes if it is not there any more.

    Attributes:
        id: Which.
    """

    id: HoldId

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "id", self.id)
        raise_first(problems)


def _skus(given: Iterable[Sku]) -> tuple[Sku, ...]:
    """As `_hold_ids`."""
    return _names("skus", given)


@attrs.frozen(kw_only=True)
class Expire:
    """
    End what is over at the moment, of some SKUs.

    Holds that have lapsed counted nothing already; but nobody is told of the time that
    passes, so this is how the waiting get what was held.  What lines wait for after
    their ``cancel_after`` is cancelled; what is allocated to them stays.

    Attributes:
        skus: Which SKUs.
    """

    skus: tuple[Sku, ...] = attrs.field(converter=_skus)

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        _check_names(problems, "skus", self.skus)
        raise_first(problems)


Command = (
    PlaceOrder
    | CancelOrder
    | ShipOrder
    | ReleaseOrder
    | ReceiveReceipt
    | ReceiveStock
    | ScheduleReceipt
    | CancelReceipt
    | AdjustStock
    | TransferStock
    | AddLine
    | PlaceOrders
    | HoldStock
    | ExtendHold
    | ReleaseHold
    | Expire
)
"""Anything that a host can ask for."""

COMMANDS: Final[tuple[type[Command], ...]] = get_args(Command)


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


def _names(field: str, given: Iterable[_Name]) -> tuple[_Name, ...]:
    """Take ids, each once, sorted if they are such; one alone is no collection of them."""
    if isinstance(given, str):
        raise InvalidValueError(field=field, value=given, reason="must be a collection of ids")
    named = as_tuple(field, given)
    return tuple(sorted(set(named))) if all(isinstance(each, str) for each in named) else named


def _check_names(problems: Problems, field: str, names: tuple[object, ...]) -> None:
    for name in names:
        check_text(problems, field, name)


def _check_stock(sku: object, location: object, quantity: object, *, least: int) -> None:
    problems: Problems = []
    check_text(problems, "sku", sku)
    check_text(problems, "location", location)
    check_whole(problems, "quantity", quantity, least=least)
    raise_first(problems)
