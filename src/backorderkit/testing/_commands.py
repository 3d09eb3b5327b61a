"""Makes commands that may fit what is true; whoever asks says how it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol, TypeVar

import attrs

from backorderkit.commands import (
    SHORTFALLS,
    AddLine,
    AdjustStock,
    CancelOrder,
    CancelReceipt,
    Command,
    Expire,
    ExtendHold,
    HoldStock,
    PlaceOrder,
    PlaceOrders,
    Reassign,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseHold,
    ReleaseOrder,
    Replan,
    ScheduleReceipt,
    ShipOrder,
    Shortfall,
    TakenUnits,
    TransferStock,
)
from backorderkit.model import (
    HoldId,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
)

_Choice = TypeVar("_Choice")

_MOST: Final = 5
_DAY: Final = timedelta(days=1)
_PLACED: Final = (-2 * _DAY, -_DAY, timedelta())
_KEPT: Final = (timedelta(minutes=30), _DAY)
_DUE: Final = (timedelta(), 3 * _DAY, _DAY, -_DAY)
_ABSENT: Final = "ABSENT"


class Choices(Protocol):
    """Chooses; `random.Random` is one, and a test of Hypothesis has another."""

    def choice(self, seq: Sequence[_Choice], /) -> _Choice:
        """Give one of several."""
        ...

    def randint(self, a: int, b: int, /) -> int:
        """Give a number from *a* to *b*."""
        ...


@attrs.frozen
class Names:
    """What commands may be about: what is there, and some of it is not."""

    snapshot: Snapshot
    skus: Sequence[Sku]
    locations: Sequence[Location]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Names:
        """Collect the names of a snapshot; some stand in for what it has none of."""
        skus = {level.sku for level in snapshot.stock}
        skus |= {item.sku for item in snapshot.items or ()}
        skus |= {line.sku for order in snapshot.orders for line in order.lines}
        locations = {level.location for level in snapshot.stock}
        locations |= {receipt.location for receipt in snapshot.receipts}
        locations |= {Location("MAIN"), Location("EAST")}
        return cls(snapshot, sorted(skus) or [Sku("MUG")], sorted(locations))

    @property
    def new_order(self) -> OrderId:
        """An id that no order has, if all new ones are named like this."""
        return OrderId(f"NEW-{len(self.snapshot.orders)}")


def command_about(names: Names, choose: Choices) -> Command:
    """Choose a command; most fit, some cannot be carried out."""
    return choose.choice(_KINDS)(names, choose)


def _order(names: Names, choose: Choices, id_: OrderId) -> Order:
    count = choose.randint(1, 2)
    return Order(
        id=id_,
        customer=choose.choice(("", "C-1")),
        placed_at=names.snapshot.as_of + choose.choice(_PLACED),
        priority=choose.choice((5, 1)),
        lines=[_line(names, choose, LineId(str(number))) for number in range(1, count + 1)],
    )


def _line(names: Names, choose: Choices, id_: LineId) -> OrderLine:
    return OrderLine(
        id=id_,
        sku=choose.choice(names.skus),
        location=choose.choice((None, None, choose.choice(names.locations))),
        ordered=_quantity(choose),
        requested=choose.choice((None, names.snapshot.as_of + 2 * _DAY)),
        cancel_after=choose.choice((None, None, None, names.snapshot.as_of - _DAY)),
    )


def _terms(choose: Choices) -> tuple[Shortfall, timedelta | None]:
    return choose.choice(("backorder", *SHORTFALLS)), choose.choice((None, None, None, _DAY))


def _place_order(names: Names, choose: Choices) -> Command:
    known = [order.id for order in names.snapshot.orders[:1]]
    # Rarely it is there already.
    order = _order(names, choose, choose.choice([names.new_order] * 9 + known))
    shortfall, max_wait = _terms(choose)
    holds = choose.choice(((), (), (_hold(names, choose),)))
    return PlaceOrder(order=order, shortfall=shortfall, max_wait=max_wait, holds=holds)


def _place_orders(names: Names, choose: Choices) -> Command:
    ids = [OrderId(f"{names.new_order}-{number}") for number in range(choose.randint(1, 2))]
    shortfall, max_wait = _terms(choose)
    orders = [_order(names, choose, id_) for id_ in ids]
    holds = choose.choice(((), (), (_hold(names, choose),)))
    return PlaceOrders(orders=orders, shortfall=shortfall, max_wait=max_wait, holds=holds)


def _add_line(names: Names, choose: Choices) -> Command:
    orders = names.snapshot.orders
    shortfall, max_wait = _terms(choose)
    # Rarely the line is there already.
    line = _line(names, choose, LineId(choose.choice(("3", "4", "5", "1"))))
    return AddLine(
        order=choose.choice([order.id for order in orders] or [OrderId(_ABSENT)]),
        line=line,
        shortfall=shortfall,
        max_wait=max_wait,
    )


def _expire(names: Names, choose: Choices) -> Command:
    skus = [choose.choice(names.skus)]
    return Expire(skus=skus) if choose.choice((True, False)) else Replan(skus=skus)


def _hold_stock(names: Names, choose: Choices) -> Command:
    return HoldStock(
        id=choose.choice((HoldId("cart-1"), HoldId("cart-2"))),
        units=[
            (choose.choice(names.skus), choose.choice(names.locations), _quantity(choose))
            for _ in range(choose.randint(1, 2))
        ],
        expires_at=names.snapshot.as_of + choose.choice(_KEPT),
    )


def _extend_hold(names: Names, choose: Choices) -> Command:
    return ExtendHold(
        id=_hold(names, choose), expires_at=names.snapshot.as_of + choose.choice(_KEPT)
    )


def _release_hold(names: Names, choose: Choices) -> Command:
    return ReleaseHold(id=_hold(names, choose))


def _order_part(
    kind: type[CancelOrder | ShipOrder | ReleaseOrder],
) -> Callable[[Names, Choices], Command]:
    def chosen(names: Names, choose: Choices) -> Command:
        # Of an order that has nothing outstanding there is nothing to say.
        orders = names.snapshot.orders
        some = [order for order in orders if any(line.outstanding for line in order.lines)]
        some = some or list(orders[:1])
        if not some:
            return kind(order=OrderId(_ABSENT))
        order = choose.choice(some)
        line = choose.choice((None, *(line.id for line in order.lines)))
        return kind(
            order=order.id,
            line=line,
            quantity=choose.choice((None, _quantity(choose))) if line else None,
            location=choose.choice((None, None, choose.choice(names.locations))),
        )

    return chosen


def _reassign(names: Names, choose: Choices) -> Command:
    lines = [(order.id, line) for order in names.snapshot.orders for line in order.lines]
    held = [each for each in names.snapshot.allocations if len(lines) > 1]
    if not held:
        return ReleaseOrder(order=OrderId(_ABSENT))
    giver = choose.choice(held)
    skus = {(order, line.id): line.sku for order, line in lines}
    others = [key for key in skus if key != (giver.order, giver.line)]
    # Mostly of the same SKU: units do not go to a line of another one.
    alike = [key for key in others if skus[key] == skus[giver.order, giver.line]]
    order, line = choose.choice(alike or others)
    taken = TakenUnits(
        order=giver.order,
        line=giver.line,
        quantity=choose.choice((1, giver.quantity, _quantity(choose))),
        location=giver.location,
    )
    return Reassign(order=order, line=line, taken=[taken])


def _receive_receipt(names: Names, choose: Choices) -> Command:
    return ReceiveReceipt(
        receipt=_receipt(names, choose),
        quantity=choose.choice((None, _quantity(choose))),
        location=choose.choice((None, None, choose.choice(names.locations))),
        more_to_come=choose.choice((True, False)),
    )


def _receive_stock(names: Names, choose: Choices) -> Command:
    return ReceiveStock(
        sku=choose.choice(names.skus),
        location=choose.choice(names.locations),
        quantity=_quantity(choose),
    )


def _schedule_receipt(names: Names, choose: Choices) -> Command:
    known = [receipt.id for receipt in names.snapshot.receipts]
    new = [ReceiptId("NEW-1"), ReceiptId("NEW-2"), ReceiptId("NEW-3")]
    receipt = ScheduledReceipt(
        id=choose.choice([*new, *known]),
        sku=choose.choice(names.skus),
        location=choose.choice(names.locations),
        quantity=_quantity(choose),
        due=names.snapshot.as_of + choose.choice(_DUE),
        firm=choose.choice((True, True, False)),
    )
    return ScheduleReceipt(receipt=receipt)


def _cancel_receipt(names: Names, choose: Choices) -> Command:
    return CancelReceipt(receipt=_receipt(names, choose))


def _adjust_stock(names: Names, choose: Choices) -> Command:
    return AdjustStock(
        sku=choose.choice(names.skus),
        location=choose.choice(names.locations),
        quantity=_quantity(choose) * choose.choice((-1, 1)),
        reason="count",
    )


def _transfer_stock(names: Names, choose: Choices) -> Command:
    origin = choose.choice(names.locations)
    return TransferStock(
        sku=choose.choice(names.skus),
        origin=origin,
        destination=choose.choice([each for each in names.locations if each != origin]),
        quantity=_quantity(choose),
    )


_KINDS: Final[Sequence[Callable[[Names, Choices], Command]]] = (
    _receive_stock,
    # Without many orders nothing is short.
    _place_order,
    _place_order,
    _place_order,
    _place_orders,
    _add_line,
    _expire,
    _hold_stock,
    _extend_hold,
    _release_hold,
    _order_part(ShipOrder),
    _order_part(CancelOrder),
    _order_part(ReleaseOrder),
    _reassign,
    _receive_receipt,
    _schedule_receipt,
    _cancel_receipt,
    _adjust_stock,
    _transfer_stock,
)


def _quantity(choose: Choices) -> int:
    return choose.randint(1, _MOST)


def _hold(names: Names, choose: Choices) -> HoldId:
    known = [hold.id for hold in names.snapshot.holds]
    return choose.choice(known or [HoldId(_ABSENT)])


def _receipt(names: Names, choose: Choices) -> ReceiptId:
    known = [receipt.id for receipt in names.snapshot.receipts]
    return choose.choice(known or [ReceiptId(_ABSENT)])
