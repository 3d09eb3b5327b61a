"""Whether an order is accepted with what it is short of."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeVar

import attrs

from backorderkit.changes import Cancelled
from backorderkit.commands import PlaceOrder
from backorderkit.errors import on_one_line
from backorderkit.model.ids import HoldId, LineId, Location, OrderId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import OrderLine
from backorderkit.planning.grounds import Ground, item_of
from backorderkit.planning.lanes import Standing

_Source = TypeVar("_Source")

ShortageRule = Literal["deny", "limit", "whole", "wait", "nothing", "short"]
"""Which rule a shortage breaks."""


@attrs.frozen(kw_only=True)
class Shortage:
    """
    One line for which an order is refused, or one pool for which a hold is.

    Attributes:
        order: Which order; None if it is a hold.
        line: Which line of it.
        hold: Which hold; None if it is an order.
        sku: What is short.
        location: Where it must come from, or None for anywhere.
        wanted: Units ordered, or to be held.
        available: Units that could have been had at once.
        rule: Which rule that breaks: the item may not be backordered (``"deny"``) or
            not that much (``"limit"``), the order wants all or nothing (``"whole"``), a
            unit would wait too long (``"wait"``), nothing is left of an order that
            drops what is short (``"nothing"``), or a hold is short (``"short"``).
        reason: The same in a sentence.
    """

    order: OrderId | None = None
    line: LineId | None = None
    hold: HoldId | None = None
    sku: Sku
    location: Location | None
    wanted: int
    available: int
    rule: ShortageRule
    reason: str


class Verdict(NamedTuple):
    """What of an order is dropped, and why it is refused; both may be nothing."""

    dropped: tuple[Cancelled, ...] = ()
    refusal: tuple[Shortage, ...] = ()


def judge(command: PlaceOrder, ground: Ground[_Source]) -> Verdict:
    """Look at an order as it would stand if it were accepted."""
    order = command.order
    standings = [(line, ground.standing(order.id, line.id)) for line in order.lines]
    short = [(line, now) for line, now in standings if now.waiting]
    refusal: list[Shortage] = []
    if command.shortfall == "drop":
        if any(now.allocations for _, now in standings):
            dropped = tuple(
                Cancelled(order=order.id, line=line.id, quantity=now.waiting) for line, now in short
            )
            return Verdict(dropped=dropped)
        why = "nothing is left of an order that drops what is short"
        refusal = [
            _shortage(order.id, line, now, item_of(ground, line.sku), ("nothing", why))
            for line, now in short
        ]
        return Verdict(refusal=tuple(refusal))
    for line, now in short:
        item = item_of(ground, line.sku)
        broken = _broken_rule(command, line, now, item, ground)
        if broken is not None:
            refusal.append(_shortage(order.id, line, now, item, broken))
    return Verdict(refusal=tuple(refusal))


def _broken_rule(
    command: PlaceOrder, line: OrderLine, now: Standing, item: Item, ground: Ground[_Source]
) -> tuple[ShortageRule, str] | None:
    """Name the first rule that a short line breaks, and say what it is."""
    text = item.measure.to_text
    if command.shortfall == "refuse":
        return "whole", "the order wants all or nothing"
    if item.backorders == "deny":
        return "deny", "the item may not be backordered"
    if item.backorder_limit is not None:
        waiting = ground.waiting(line.sku)
        if waiting > item.backorder_limit:
            return "limit", (
                f"{text(waiting)} would be on backorder where {text(item.backorder_limit)} may be"
            )
    if command.max_wait is not None:
        promises = now.backorder.promises if now.backorder else ()
        longest = command.max_wait
        in_time = sum(each.quantity for each in promises if each.due - ground.as_of <= longest)
        if in_time < now.waiting:
            return "wait", f"{text(now.waiting - in_time)} would wait longer than {longest}"
    return None


def _shortage(
    order: OrderId, line: OrderLine, now: Standing, item: Item, broken: tuple[ShortageRule, str]
) -> Shortage:
    rule, why = broken
    text = item.measure.to_text
    available = sum(each.quantity for each in now.allocations)
    where = "" if line.location is None else f" at {line.location}"
    return Shortage(
        order=order,
        line=line.id,
        sku=line.sku,
        location=line.location,
        wanted=line.ordered,
        available=available,
        rule=rule,
        reason=on_one_line(
            f"Only {text(available)} of {text(line.ordered)} {item.unit} of {line.sku}"
            f" can be had now{where}, and {why}."
        ),
    )
