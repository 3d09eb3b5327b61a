"""A small shop, and commands that it can carry out one after another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from backorderkit.commands import (
    AddLine,
    AdjustStock,
    CancelOrder,
    Command,
    Expire,
    ExtendHold,
    HoldStock,
    PlaceOrder,
    PlaceOrders,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseHold,
    ShipOrder,
)
from backorderkit.model import (
    Hold,
    HoldId,
    Item,
    LineId,
    Order,
    OrderId,
    OrderLine,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
)
from backorderkit.planning import plan
from backorderkit.policies import Fifo

NOW: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_LATER: Final = NOW + timedelta(hours=1)
MUG: Final = Sku("MUG")
BOWL: Final = Sku("BOWL")
CART: Final = HoldId("cart-1")


def shop() -> Snapshot:
    """Make a small shop: mugs are short, bowls are not, and one more receipt is to come."""
    items = [
        Item(sku=MUG, backorder_limit_per_line=20, lead_time_days=21),
        Item(sku=BOWL, unit="kg", decimals=2),
        Item(sku=Sku("CUP")),
    ]
    planned = ScheduledReceipt(
        id=ReceiptId("PO-1"), sku=MUG, quantity=4, due=NOW, supplier="ACME", firm=False
    )
    shop = Snapshot.of(
        as_of=NOW,
        items=items,
        stock={("MUG", "EAST"): 2, ("MUG", "MAIN"): 1, ("BOWL", "MAIN"): 250},
        receipts=[planned],
        orders=[
            Order.of("SO-1", "2026-01-02", {"MUG": 5, "BOWL": 25}),
            Order.of("SO-2", "2026-01-03", {"BOWL": 50}),
        ],
        holds=[Hold(id=CART, sku=BOWL, quantity=10, expires_at=_LATER)],
    )
    return plan(shop, policy=Fifo()).outcome


RECEIVE: Final = ReceiveStock(sku=MUG, quantity=1)
SHIP: Final = ShipOrder(order=OrderId("SO-1"))
_SHORT_LIVED: Final = OrderLine(
    id=LineId("2"), sku=MUG, ordered=2, cancel_after=NOW - timedelta(days=1)
)
COMMANDS: Final[tuple[Command, ...]] = (
    PlaceOrder(order=Order.of("SO-3", "2026-01-04", {"MUG": 1, "BOWL": 7})),
    HoldStock(id=CART, units={"BOWL": 20}, expires_at=_LATER),
    RECEIVE,
    ReceiveReceipt(receipt=ReceiptId("PO-1"), quantity=1),
    SHIP,
    CancelOrder(order=OrderId("SO-2")),
    AdjustStock(sku=BOWL, quantity=-1, reason="broken"),
    ReceiveReceipt(receipt=ReceiptId("PO-1")),
    CancelOrder(order=OrderId("SO-1")),
    PlaceOrders(
        orders=[
            Order.of("SO-4", "2026-01-04", {"MUG": 9}),
            Order.of("SO-5", "2026-01-05", {"MUG": 1, "BOWL": 1}),
        ]
    ),
    AddLine(order=OrderId("SO-4"), line=_SHORT_LIVED),
    Expire(skus=[MUG]),
    HoldStock(id=HoldId("cart-2"), units={"MUG": 1, "BOWL": 7}, expires_at=_LATER),
    ExtendHold(id=CART, expires_at=_LATER + timedelta(hours=1)),
    PlaceOrder(order=Order.of("SO-6", "2026-01-04", {"BOWL": 7}), holds=[CART]),
    ReleaseHold(id=HoldId("cart-2")),
)
