"""Which steps facts make lines, backorders and receipts take, one fact after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from backorderkit import (
    AdjustStock,
    Allocated,
    Answer,
    Backorder,
    Backordered,
    Cancelled,
    Command,
    Expire,
    ExtendHold,
    Held,
    HoldId,
    HoldStock,
    LineAdded,
    LineId,
    Location,
    OrderId,
    Placed,
    PlaceOrder,
    PlaceOrders,
    Promised,
    Received,
    Released,
    ReleaseHold,
    Scheduled,
    Shipped,
    Sku,
    Snapshot,
    Unheld,
    Unscheduled,
    apply,
)
from backorderkit.model.holds import HoldKey

LINE_STEPS = {
    Allocated: "allocate",
    Cancelled: "cancel",
    Released: "release",
    Shipped: "ship",
}


HOLD_STEPS: dict[type[Command], str] = {
    AdjustStock: "lose",
    Expire: "expire",
    ExtendHold: "extend",
    HoldStock: "hold",
    PlaceOrder: "order",
    PlaceOrders: "order",
    ReleaseHold: "release",
}


class Move(NamedTuple):
    """A step of one thing; what begins has no status before and makes no step."""

    thing: str
    status: str | None
    step: str | None
    after: str


def moves_of(before: Snapshot, found: Answer[Snapshot]) -> Iterator[Move]:
    """Say what the facts of one answer do to each thing that they name."""
    given = Counter[tuple[OrderId, LineId]]()
    arrived = set[str | None]()
    for fact in found.changes:
        after = apply(before, [fact])
        match fact:
            case Placed() | LineAdded():
                for key in new_lines(fact):
                    yield Move("line", None, None, after.line(*key).status)
            case Allocated() | Cancelled() | Released() | Shipped():
                key = fact.order, fact.line
                given[key] += {Allocated: fact.quantity, Released: -fact.quantity}.get(
                    type(fact), 0
                )
                step = LINE_STEPS[type(fact)]
                yield Move("line", before.line(*key).status, step, after.line(*key).status)
            case Backordered() | Promised():
                key = fact.order, fact.line
                known, now = _backorder(before, *key), _backorder(after, *key)
                yield _move_of_backorder(fact, known, now, filled=given[key] > 0)
            case Received():
                arrived.add(fact.receipt)
            case Scheduled():
                is_known = any(each.id == fact.receipt.id for each in before.receipts)
                step = "receive" if fact.receipt.id in arrived else "schedule"
                yield Move("receipt", "expected" if is_known else "not-expected", step, "expected")
            case Unscheduled():
                step = "receive" if fact.receipt in arrived else "cancel"
                yield Move("receipt", "expected", step, "not-expected")
            case Held() | Unheld():
                key_of_hold = fact.hold.key if isinstance(fact, Held) else pool_of(fact)
                known_hold, now_hold = _hold(before, *key_of_hold), _hold(after, *key_of_hold)
                step = HOLD_STEPS[type(found.command)]
                yield Move("hold", known_hold, step, now_hold)
        before = after


def new_lines(fact: Placed | LineAdded) -> list[tuple[OrderId, LineId]]:
    if isinstance(fact, LineAdded):
        return [(fact.order, fact.line.id)]
    return [(fact.order.id, line.id) for line in fact.order.lines]


def pool_of(fact: Unheld) -> HoldKey:
    return fact.hold, fact.sku, fact.location


def _hold(snapshot: Snapshot, id_: HoldId, sku: Sku, location: Location) -> str:
    key = id_, sku, location
    found = (each.status(as_of=snapshot.as_of) for each in snapshot.holds if each.key == key)
    return next(found, "not-there")


def _move_of_backorder(
    fact: Backordered | Promised, known: Backorder | None, now: Backorder | None, *, filled: bool
) -> Move:
    if known is None:
        assert now is not None
        return Move("backorder", None, None, now.status)
    if isinstance(fact, Promised):
        step, ended = "promise", ""
    elif fact.quantity > known.quantity:
        step, ended = "grow", ""
    else:
        step, ended = ("fill", "filled") if filled else ("cancel", "cancelled")
    return Move("backorder", known.status, step, ended if now is None else now.status)


def _backorder(snapshot: Snapshot, order: OrderId, line: LineId) -> Backorder | None:
    return next(
        (each for each in snapshot.backorders if (each.order, each.line) == (order, line)), None
    )
