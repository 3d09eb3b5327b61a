"""Which steps facts make lines, backorders and receipts take, one fact after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from backorderkit import (
    Allocated,
    Backorder,
    Backordered,
    Cancelled,
    Fact,
    LineId,
    OrderId,
    Placed,
    Promised,
    Received,
    Released,
    Scheduled,
    Shipped,
    Snapshot,
    Unscheduled,
    apply,
)

LINE_STEPS = {
    Allocated: "allocate",
    Cancelled: "cancel",
    Released: "release",
    Shipped: "ship",
}


class Move(NamedTuple):
    """A step of one thing; what begins has no status before and makes no step."""

    thing: str
    status: str | None
    step: str | None
    after: str


def moves_of(before: Snapshot, facts: Iterable[Fact]) -> Iterator[Move]:
    """Say what facts of one answer do to each thing that they name."""
    given = Counter[tuple[OrderId, LineId]]()
    arrived = set[str | None]()
    for fact in facts:
        after = apply(before, [fact])
        match fact:
            case Placed():
                for line in fact.order.lines:
                    yield Move("line", None, None, after.line(fact.order.id, line.id).status)
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
        before = after


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
