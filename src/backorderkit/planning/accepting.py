"""Whether an order is accepted with what it is short of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Generic, Literal, NamedTuple, TypeVar

import attrs

from backorderkit.changes import Cancelled
from backorderkit.commands import AddLine, PlaceOrder, PlaceOrders
from backorderkit.errors import on_one_line
from backorderkit.model.backorders import Promise
from backorderkit.model.ids import HoldId, LineId, Location, OrderId, Sku
from backorderkit.model.items import Item
from backorderkit.model.orders import Order, OrderLine
from backorderkit.planning.grounds import Ground, item_of
from backorderkit.planning.lanes import Standing

_Source = TypeVar("_Source")

ShortageRule = Literal["deny", "limit", "line", "customer", "whole", "wait", "nothing", "short"]
"""Which rule a shortage breaks."""


@attrs.frozen(kw_only=True)
class Shortage:
    """
    One line for which what is ordered is refused, or one pool for which a hold is.

    Attributes:
        order: Which order; None if it is a hold.
        line: Which line of it.
        hold: Which hold; None if it is an order.
        sku: What is short.
        location: Where it must come from, or None for anywhere.
        wanted: Units ordered, or to be held.
        available: Units that could have been had at once.
        rule: Which rule that breaks: the item may not be backordered (``"deny"``) or
            not that much, in all (``"limit"``), for one line (``"line"``) or one
            customer (``"customer"``), the order wants all or nothing (``"whole"``), a
            unit would wait too long (``"wait"``), nothing is left of an order that
            drops what is short (``"nothing"``), or a hold is short (``"short"``).
        promises: What it would have been promised if it were accepted: what to ask the
            customer about where they would have to wait.
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
    promises: tuple[Promise, ...] = ()
    reason: str


Accepting = PlaceOrder | PlaceOrders | AddLine
"""The commands that are refused where what they ask for may not wait."""


_Broken = tuple[ShortageRule, str]
"""A rule that is broken, and what it is."""

_Customer = tuple[str, str]
"""A customer; an order of which nobody says whose it is has one of its own."""


class Verdict(NamedTuple):
    """What is dropped of what is asked for, and why it is refused; both may be nothing."""

    dropped: tuple[Cancelled, ...] = ()
    refusal: tuple[Shortage, ...] = ()


def judge(command: Accepting, ground: Ground[_Source]) -> Verdict:
    """Look at what is asked for as it would stand if it were accepted: all of it or nothing."""
    waiting = _Waiting(ground)
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
                continue
            broken = (
                _broken_term(command)
                or _broken_limit(item, order, waiting)
                or _broken_wait(command, now, item, ground.as_of)
            )
            if broken is not None:
                refusal.append(_shortage(order, line, now, item, broken))
    return Verdict(() if refusal else tuple(dropped), tuple(refusal))


def _asked_for(command: Accepting) -> list[tuple[OrderId, tuple[OrderLine, ...]]]:
    """Give the lines that are new, by order."""
    if isinstance(command, AddLine):
        return [(command.order, (command.line,))]
    return [(order.id, order.lines) for order in command.orders]


class _Waiting(Generic[_Source]):
    """Counts what would be on backorder of an item, as far as some limit asks for it."""

    def __init__(self, ground: Ground[_Source]) -> None:
        self._ground = ground
        self._of_orders = dict[OrderId, Counter[Sku]]()
        self._of_customers = dict[Sku, Counter[_Customer]]()

    def of_item(self, sku: Sku, _order: OrderId) -> int:
        return self._ground.waiting(sku)

    def of_line(self, sku: Sku, order: OrderId) -> int:
        """Count for all lines of the order that want the item.  O(its lines), once."""
        if order not in self._of_orders:
            counted = self._of_orders[order] = Counter()
            for line in self._order(order).lines:
                counted[line.sku] += self._ground.standing(order, line.id).waiting
        return self._of_orders[order][sku]

    def of_customer(self, sku: Sku, order: OrderId) -> int:
        """Count for all orders of the order's customer.  O(lines of the SKU), once."""
        if sku not in self._of_customers:
            counted = self._of_customers[sku] = Counter()
            for owner, _, units in self._ground.waiting_lines((sku,)):
                counted[_customer(owner)] += units
        return self._of_customers[sku][_customer(self._order(order))]

    def _order(self, id_: OrderId) -> Order:
        order = self._ground.order(id_)
        if order is None:
            raise AssertionError(id_)
        return order


def _customer(order: Order) -> _Customer:
    return order.customer, "" if order.customer else order.id


def _broken_term(command: Accepting) -> _Broken | None:
    """Say what the order wants itself, and does not get."""
    article, what = ("a", "line") if isinstance(command, AddLine) else ("an", "order")
    if command.shortfall == "drop":
        return "nothing", f"nothing is left of {article} {what} that drops what is short"
    return ("whole", f"the {what} wants all or nothing") if command.shortfall == "refuse" else None


def _broken_limit(item: Item, order: OrderId, waiting: _Waiting[_Source]) -> _Broken | None:
    """Say what of an item may not wait, or not so much."""
    if item.backorders == "deny":
        return "deny", "the item may not be backordered"
    limits: tuple[tuple[ShortageRule, int | None, str, Callable[[Sku, OrderId], int]], ...] = (
        ("limit", item.backorder_limit, "", waiting.of_item),
        ("line", item.backorder_limit_per_line, " for one line", waiting.of_line),
        ("customer", item.backorder_limit_per_customer, " for one customer", waiting.of_customer),
    )
    text = item.measure.to_text
    for rule, most, whom, count in limits:
        if most is not None and (units := count(item.sku, order)) > most:
            return rule, f"{text(units)} would be on backorder{whom} where {text(most)} may be"
    return None


def _broken_wait(command: Accepting, now: Standing, item: Item, as_of: datetime) -> _Broken | None:
    """Say how much of a line would wait longer than it may."""
    longest = command.max_wait
    if longest is None:
        return None
    in_time = sum(each.quantity for each in _promises(now) if each.due - as_of <= longest)
    if in_time == now.waiting:
        return None
    text = item.measure.to_text(now.waiting - in_time)
    return "wait", f"{text} would wait longer than {longest}"


def _promises(now: Standing) -> tuple[Promise, ...]:
    return now.backorder.promises if now.backorder else ()


def _shortage(
    order: OrderId, line: OrderLine, now: Standing, item: Item, broken: _Broken
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
        promises=_promises(now),
        reason=on_one_line(
            f"Only {text(available)} of {text(line.ordered)} {item.unit} of {line.sku}"
            f" can be had now{where}, and {why}."
        ),
    )
