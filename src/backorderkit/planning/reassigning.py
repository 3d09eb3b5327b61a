"""The events by which one line gets what others have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

import attrs

from backorderkit.changes import Allocated, Fact, Promised, Released
from backorderkit.commands import Reassign
from backorderkit.model._consistency import line_context
from backorderkit.model.backorders import Promise, promise_place
from backorderkit.model.ids import LineId, Location, OrderId, ReceiptId
from backorderkit.model.orders import OrderLine
from backorderkit.model.snapshot import LineKey
from backorderkit.planning.grounds import Ground, item_of
from backorderkit.planning.holding import refused
from backorderkit.planning.lanes import Standing

_Source = TypeVar("_Source")


def reassigned(command: Reassign, ground: Ground[_Source]) -> Iterator[Fact]:
    """
    Say what happens when units go from some lines to another.

    Raises:
        InvalidInputError: if a line is not there, of another SKU, or has not so much.
    """
    target, now = _line_of(command.order, command.line, ground)
    on_hand = dict[Location, int]()
    promised: list[tuple[LineKey, ReceiptId, int]] = []
    for each in command.taken:
        key = None if each.order is None or each.line is None else (each.order, each.line)
        if key is not None:
            _require_same(key, target, ground)
        if each.location is not None:
            on_hand[each.location] = on_hand.get(each.location, 0) + each.quantity
            if key is not None:
                yield Released(
                    order=key[0], line=key[1], location=each.location, quantity=each.quantity
                )
        elif each.receipt is not None and key is not None:
            promised.append((key, each.receipt, each.quantity))
    for at, quantity in sorted(on_hand.items()):
        yield Allocated(order=command.order, line=command.line, location=at, quantity=quantity)
    if promised:
        waiting = now.waiting - sum(on_hand.values())
        got = list[Promise]()
        yield from _given_up(promised, target, ground, got)
        if sum(each.quantity for each in got) > waiting:
            text = item_of(ground, target.sku).measure.to_text(max(0, waiting))
            context = line_context(command.order, command.line, target)
            reason = f"must fit the {text} that the line waits for"
            raise refused("taken", len(command.taken), reason, context)
        told = _earliest([*_promises(now), *got], waiting)
        yield Promised(order=command.order, line=command.line, promises=told)


def _given_up(
    taken: Iterable[tuple[LineKey, ReceiptId, int]],
    target: OrderLine,
    ground: Ground[_Source],
    got: list[Promise],
) -> Iterator[Promised]:
    """Tell those who give up promises, and note what they gave."""
    left = dict[LineKey, list[Promise]]()
    for key, receipt, quantity in taken:
        own = left.get(key)
        if own is None:
            own = left[key] = list(_promises(ground.standing(*key)))
        units = quantity
        for promise in [each for each in own if each.receipt == receipt]:
            part = min(units, promise.quantity)
            if part:
                place = own.index(promise)
                own[place : place + 1] = _less(promise, part)
                got.append(attrs.evolve(promise, quantity=part))
                units -= part
        if units:
            unit = item_of(ground, target.sku).measure
            text = unit.to_text(quantity - units)
            reason = f"must fit the {text} that the line is promised of receipt {receipt}"
            raise refused("quantity", unit.shown(quantity), reason, line_context(*key, target))
    for (order, line), promises in left.items():
        yield Promised(order=order, line=line, promises=promises)


def _line_of(order: OrderId, line: LineId, ground: Ground[_Source]) -> tuple[OrderLine, Standing]:
    now = ground.standing(order, line)
    if now.line is None:
        context = line_context(order, line, None)
        raise refused("line", line, "must name an existing order line", context)
    return now.line, now


def _require_same(key: LineKey, target: OrderLine, ground: Ground[_Source]) -> None:
    """Refuse units of another SKU."""
    line, _ = _line_of(*key, ground)
    if line.sku != target.sku:
        raise refused("line", line.id, f"must be of SKU {target.sku}", line_context(*key, line))


def _promises(now: Standing) -> tuple[Promise, ...]:
    return now.backorder.promises if now.backorder else ()


def _less(promise: Promise, part: int) -> list[Promise]:
    left = promise.quantity - part
    return [attrs.evolve(promise, quantity=left)] if left else []


def _earliest(promises: Iterable[Promise], waiting: int) -> list[Promise]:
    """Keep the first that fit what is waited for; one for each receipt and day."""
    units = dict[tuple[datetime, ReceiptId | None], int]()
    for each in sorted(promises, key=promise_place):
        part = min(each.quantity, waiting)
        waiting -= part
        if part:
            key = each.due, each.receipt
            units[key] = units.get(key, 0) + part
    return [Promise(quantity=each, due=due, receipt=id_) for (due, id_), each in units.items()]
