"""The events that a command comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

import attrs

from backorderkit.changes import (
    Adjusted,
    Allocated,
    Cancelled,
    Event,
    Fact,
    Held,
    LineAdded,
    Placed,
    Promised,
    Received,
    Released,
    Scheduled,
    Shipped,
    Transferred,
    Unheld,
    Unscheduled,
)
from backorderkit.commands import (
    AddLine,
    AdjustStock,
    CancelOrder,
    CancelReceipt,
    Command,
    Expire,
    PlaceOrder,
    PlaceOrders,
    Reassign,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseOrder,
    Replan,
    ScheduleReceipt,
    ShipOrder,
    TransferStock,
)
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model._consistency import line_context, problem_count
from backorderkit.model.backorders import Allocation
from backorderkit.model.ids import OrderId, ReceiptId, Sku
from backorderkit.model.life_cycles import LINE, RECEIPT, STAYS, line_status
from backorderkit.model.orders import OrderLine
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.model.units import Unit
from backorderkit.planning.expiring import expired_lines
from backorderkit.planning.grounds import Ground, item_of
from backorderkit.planning.holding import (
    held,
    lost,
    not_fitting_one,
    placed,
    refused,
    require_items,
)
from backorderkit.planning.lanes import Standing
from backorderkit.planning.reassigning import reassigned

_Source = TypeVar("_Source")
_OrderPart = CancelOrder | ShipOrder | ReleaseOrder

_LINE_STEPS: Final[dict[type[_OrderPart], str]] = {
    CancelOrder: "cancel",
    ShipOrder: "ship",
    ReleaseOrder: "release",
}


def named_orders(command: Command) -> list[OrderId]:
    """Give the ids of orders that a command names."""
    match command:
        case PlaceOrder() | PlaceOrders():
            return [order.id for order in command.orders]
        case CancelOrder() | ShipOrder() | ReleaseOrder() | AddLine():
            return [command.order]
        case Reassign():
            givers = {each.order for each in command.taken if each.order is not None}
            return sorted(givers | {command.order})
        case _:
            return []


def events_of(command: Command, ground: Ground[_Source]) -> tuple[Fact, ...]:
    """
    Say what happens by a command.

    Raises:
        InvalidInputError: if it names what is not there, or more than there is.
    """
    match command:
        case PlaceOrder() | PlaceOrders():
            return tuple(placed(command, ground))
        case AddLine():
            return (_added(command, ground),)
        case Replan():
            require_items(command.skus, ground)
            return ()
        case Expire():
            return (*held(command, ground), *expired_lines(ground, command.skus))
        case CancelOrder() | ShipOrder() | ReleaseOrder():
            return tuple(_of_order(command, ground))
        case Reassign():
            return tuple(reassigned(command, ground))
        case ReceiveReceipt() | CancelReceipt():
            return _no_more_expected(command, ground)
        case ScheduleReceipt():
            return (Scheduled(receipt=command.receipt),)
        case ReceiveStock() | AdjustStock() | TransferStock():
            return _moved(command, ground)
        case _:
            return tuple(held(command, ground))


def skus_of(events: Iterable[Fact], ground: Ground[_Source]) -> set[Sku]:
    """Give the SKUs whose plan events concern."""
    found = set[Sku]()
    for event in events:
        match event:
            case Placed():
                found.update(line.sku for line in event.order.lines)
            case LineAdded():
                found.add(event.line.sku)
            case Cancelled() | Released() | Shipped() | Allocated() | Promised():
                line = ground.standing(event.order, event.line).line
                found.update(() if line is None else (line.sku,))
            case Scheduled():
                before = ground.receipt(event.receipt.id)
                found.add(event.receipt.sku)
                found.update(() if before is None else (before.sku,))
            case Unscheduled():
                gone = ground.receipt(event.receipt)
                found.update(() if gone is None else (gone.sku,))
            case Held():
                found.add(event.hold.sku)
            case Received() | Adjusted() | Transferred() | Unheld():
                found.add(event.sku)
    return found


def not_fitting(error: InvalidInputError) -> InvalidInputError:
    """Refuse a command for its events, which whoever asked knows nothing of."""
    problems = [
        InvalidValueError(
            field=each.field, value=each.value, reason=each.reason, context=each.context
        )
        for each in error.exceptions
        if isinstance(each, InvalidValueError)
    ]
    return InvalidInputError(problem_count("command", len(problems)), problems)


def _of_order(command: _OrderPart, ground: Ground[_Source]) -> Iterator[Event]:
    for line, now in _lines(command, ground):
        yield from _of_line(command, line, now, item_of(ground, line.sku).measure)


def _of_line(command: _OrderPart, line: OrderLine, now: Standing, unit: Unit) -> Iterator[Event]:
    _check_step(command, line, now, unit)
    if isinstance(command, CancelOrder):
        quantity = _part(command, line, line.outstanding, "are outstanding", unit)
        # What waits goes first.
        given_back = list(reversed(now.allocations))
        given_back.sort(key=lambda each: each.location != command.location)
        for each, units in _taken(given_back, quantity - now.waiting):
            yield _released(each, units)
        if quantity:
            yield Cancelled(order=command.order, line=line.id, quantity=quantity)
        return
    there = [each for each in now.allocations if command.location in (None, each.location)]
    where = "" if command.location is None else " there"
    own = sum(each.quantity for each in there)
    quantity = _part(command, line, own, f"are allocated to it{where}", unit)
    if isinstance(command, ReleaseOrder):
        for each, units in _taken(reversed(there), quantity):
            yield _released(each, units)
    else:
        for each, units in _taken(there, quantity):
            yield Shipped(order=each.order, line=each.line, location=each.location, quantity=units)


def _added(command: AddLine, ground: Ground[_Source]) -> LineAdded:
    """Place the line now, unless somebody says when it was; but never before its order."""
    line, order = command.line, ground.order(command.order)
    if line.placed_at is None and order is not None:
        line = attrs.evolve(line, placed_at=max(order.placed_at, ground.as_of))
    return LineAdded(order=command.order, line=line)


def _no_more_expected(
    command: ReceiveReceipt | CancelReceipt, ground: Ground[_Source]
) -> tuple[Event, ...]:
    if isinstance(command, CancelReceipt):
        return (Unscheduled(receipt=_expected(command.receipt, "cancel", ground).id),)
    receipt = _expected(command.receipt, "receive", ground)
    quantity = receipt.quantity if command.quantity is None else command.quantity
    arrived = Received(
        sku=receipt.sku,
        location=command.location or receipt.location,
        quantity=quantity,
        receipt=receipt.id,
    )
    left = receipt.quantity - quantity
    if left > 0 and command.more_to_come:
        return arrived, Scheduled(receipt=attrs.evolve(receipt, quantity=left))
    return arrived, Unscheduled(receipt=receipt.id)


def _expected(id_: ReceiptId, step: str, ground: Ground[_Source]) -> ScheduledReceipt:
    """Give the receipt of a command, which must be expected."""
    receipt = ground.receipt(id_)
    if receipt is None:
        raise not_fitting_one(RECEIPT.refusal("not-expected", step, field="receipt", value=id_))
    return receipt


def _moved(
    command: ReceiveStock | AdjustStock | TransferStock, ground: Ground[_Source]
) -> tuple[Fact, ...]:
    if isinstance(command, ReceiveStock):
        sku, location, quantity = command.sku, command.location, command.quantity
        return (Received(sku=sku, location=location, quantity=quantity),)
    if isinstance(command, AdjustStock):
        return _adjusted(command, ground)
    sku, free = command.sku, ground.position(command.sku, command.origin).free
    if ground.item(sku) is not None and command.quantity > free:
        unit = item_of(ground, sku).measure
        reason = f"must fit the {unit.to_text(free)} that nobody has or holds there"
        context = f"SKU {sku}, location {command.origin}"
        raise refused("quantity", unit.shown(command.quantity), reason, context)
    moved = Transferred(
        sku=command.sku,
        origin=command.origin,
        destination=command.destination,
        quantity=command.quantity,
    )
    return (moved,)


def _adjusted(command: AdjustStock, ground: Ground[_Source]) -> tuple[Fact, ...]:
    sku, location = command.sku, command.location
    context = f"SKU {sku}, location {location}"
    if ground.item(sku) is None:
        raise refused("sku", sku, "must be one of the items", context)
    pool, loss = ground.position(sku, location), -command.quantity
    if loss > pool.on_hand:
        unit = item_of(ground, sku).measure
        reason = f"must take no more than the {unit.to_text(pool.on_hand)} on hand"
        raise refused("quantity", unit.shown(command.quantity), reason, context)
    missing = loss - pool.unallocated
    taken = _taken(ground.last_served(sku, location), missing) if missing > 0 else ()
    return (
        *lost(sku, location, min(loss, pool.unallocated) - pool.free, ground),
        *(_released(each, units) for each, units in taken),
        Adjusted(sku=sku, location=location, quantity=command.quantity, reason=command.reason),
    )


def _lines(command: _OrderPart, ground: Ground[_Source]) -> Iterator[tuple[OrderLine, Standing]]:
    """Give the lines that a command is about, with what they have."""
    order = ground.order(command.order)
    if order is None:
        raise refused("order", command.order, "must name an existing order")
    if command.line is not None and order.find_line(command.line) is None:
        context = f"order {order.id}"
        raise refused("line", command.line, "must name an existing order line", context)
    for line in order.lines:
        if command.line in (None, line.id):
            yield line, ground.standing(order.id, line.id)


def _check_step(command: _OrderPart, line: OrderLine, now: Standing, unit: Unit) -> None:
    """Refuse units of a line whose status has none for them; all that is there may be nothing."""
    if command.quantity is None:
        return
    step = _LINE_STEPS[type(command)]
    status = line_status(line, line.outstanding - now.waiting)
    if LINE.moves[status, step] == STAYS:
        context = line_context(command.order, line.id, line)
        shown = unit.shown(command.quantity)
        raise not_fitting_one(
            LINE.refusal(status, step, field="quantity", value=shown, context=context)
        )


def _part(command: _OrderPart, line: OrderLine, whole: int, which: str, unit: Unit) -> int:
    """Give how many units a command is about, of those there are."""
    if command.quantity is None:
        return whole
    if command.quantity > whole:
        context = line_context(command.order, line.id, line)
        reason = f"must fit the {unit.to_text(whole)} that {which}"
        raise refused("quantity", unit.shown(command.quantity), reason, context)
    return command.quantity


def _taken(allocations: Iterable[Allocation], quantity: int) -> Iterator[tuple[Allocation, int]]:
    """Take units from allocations, one after another."""
    for each in allocations:
        if quantity <= 0:
            return
        units = min(each.quantity, quantity)
        yield each, units
        quantity -= units


def _released(allocation: Allocation, units: int) -> Released:
    return Released(
        order=allocation.order,
        line=allocation.line,
        location=allocation.location,
        quantity=units,
    )
