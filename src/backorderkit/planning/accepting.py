"""Whether an order is accepted with what it is short of."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeVar

import attrs

from backorderkit.changes import Cancelled
from backorderkit.commands import AddLine, PlaceOrder
from backorderkit.errors import on_one_line
from backorderkit.model.ids import LineId, Location, OrderId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import OrderLine
from backorderkit.planning.grounds import Ground, item_of
from backorderkit.planning.lanes import Standing

_Source = TypeVar("_Source")

ShortageRule = Literal["deny", "limit", "whole", "wait", "nothing"]
"""Which rule a shortage breaks."""


@attrs.frozen(kw_only=True)
class Shortage:
    """
    One line for which an order, or what is added to one, is refused.

    Attributes:
        order: Which order.
        line: Which line of it.
        sku: What is short.
        location: Where it must come from, or None for anywhere.
        wanted: Units ordered.
        available: Units that the line could have had at once.
        rule: Which rule that breaks: the item may not be backordered (``"deny"``) or
            not that much (``"limit"``), the order wants all or nothing (``"whole"``), a
            unit would wait too long (``"wait"``), or nothing is left of an
            order that drops what is short (``"nothing"``).
        reason: The same in a sentence.
    """

    order: OrderId
    line: LineId
    sku: Sku
    location: Location | None
    wanted: int
    available: int
    rule: ShortageRule
    reason: str


Accepting = PlaceOrder | AddLine
"""The commands that are refused where what they ask for may not wait."""


class Verdict(NamedTuple):
    """What is dropped of what is asked for, and why it is refused; both may be nothing."""

    dropped: tuple[Cancelled, ...] = ()
    refusal: tuple[Shortage, ...] = ()


def judge(command: Accepting, ground: Ground[_Source]) -> Verdict:
    """Look at what is asked for as it would stand if it were accepted: all of it or nothing."""
    dropped: list[Cancelled] = []
    refusal: list[Shortage] = []
    for order, lines in _asked_for(command):
        standings = [(line, ground.standing(order, line.id)) for line in lines]
        short = [(line, now) for line, now in standings if now.waiting]
        keeps = command.shortfall == "drop" and any(now.allocations for _, now in standings)
        for line, now in short:
            item = item_of(ground, line.sku)
            if keeps:
                dropped.append(Cancelled(order=order, line=line.id, quantity=now.waiting))
            elif (broken := _broken_rule(command, line, now, item, ground)) is not None:
                refusal.append(_shortage(order, line, now, item, broken))
    return Verdict(() if refusal else tuple(dropped), tuple(refusal))


def _asked_for(command: Accepting) -> list[tuple[OrderId, tuple[OrderLine, ...]]]:
    """Give the lines that are new, by order."""
    if isinstance(command, AddLine):
        return [(command.order, (command.line,))]
    return [(command.order.id, command.order.lines)]


def _broken_rule(
    command: Accepting, line: OrderLine, now: Standing, item: Item, ground: Ground[_Source]
) -> tuple[ShortageRule, str] | None:
    """Name the first rule that a short line breaks, and say what it is."""
    text = item.measure.to_text
    article, what = ("a", "line") if isinstance(command, AddLine) else ("an", "order")
    if command.shortfall == "drop":
        return "nothing", f"nothing is left of {article} {what} that drops what is short"
    if command.shortfall == "refuse":
        return "whole", f"the {what} wants all or nothing"
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
