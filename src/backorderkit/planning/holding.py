"""What commands come to that hold units, or take over or lose what is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import attrs

from backorderkit.changes import Allocated, Fact, Held, Placed, Unheld
from backorderkit.commands import (
    Expire,
    ExtendHold,
    HoldStock,
    PlaceOrder,
    PlaceOrders,
    ReleaseHold,
)
from backorderkit.errors import InvalidInputError, InvalidValueError, on_one_line
from backorderkit.model._consistency import problem_count
from backorderkit.model.holds import Hold
from backorderkit.model.ids import Location, Sku
from backorderkit.model.life_cycles import HOLD
from backorderkit.model.times import write_time
from backorderkit.planning.accepting import Shortage
from backorderkit.planning.grounds import Ground, item_of

_Source = TypeVar("_Source")

HoldCommand = HoldStock | ExtendHold | ReleaseHold | Expire


def held(command: HoldCommand, ground: Ground[_Source]) -> Iterator[Held | Unheld]:
    """
    Say what is held, and what is held no more, by a command.

    Raises:
        InvalidInputError: if it names what is not there, or a time that is over.
    """
    match command:
        case ReleaseHold():
            yield from map(_ended, ground.hold(command.id))
        case Expire():
            require_items(command.skus, ground)
            for hold in ground.holds_of(command.skus):
                if hold.expires_at <= ground.as_of:
                    yield _ended(hold)
        case HoldStock() | ExtendHold():
            before = ground.hold(command.id)
            after = {hold.key: hold for hold in wanted_holds(command, ground)}
            yield from (_ended(hold) for hold in before if hold.key not in after)
            yield from (Held(hold=hold) for hold in after.values() if hold not in before)


def wanted_holds(command: HoldStock | ExtendHold, ground: Ground[_Source]) -> list[Hold]:
    """
    Give a hold as a command wants it.

    Raises:
        InvalidInputError: if there is nothing to extend, or the time is over already.
    """
    id_, until = command.id, command.expires_at
    if until <= ground.as_of:
        reason = f"must be later than the moment, {write_time(ground.as_of)}"
        raise refused("expires_at", write_time(until), reason, f"hold {id_}")
    if isinstance(command, HoldStock):
        return [
            Hold(id=id_, sku=sku, location=location, quantity=quantity, expires_at=until)
            for sku, location, quantity in command.units
        ]
    known = ground.hold(id_)
    if not known:
        raise not_fitting_one(HOLD.refusal("not-there", "extend", field="id", value=id_))
    return [attrs.evolve(hold, expires_at=until) for hold in known]


def grown(command: HoldStock | ExtendHold, ground: Ground[_Source]) -> dict[Hold, int]:
    """Give those holds that want more than they have still, and what that is."""
    own = {hold.key: hold.quantity for hold in _alive(ground.hold(command.id), ground)}
    wanted = wanted_holds(command, ground)
    return {hold: own.get(hold.key, 0) for hold in wanted if hold.quantity > own.get(hold.key, 0)}


def short_of(wanted: dict[Hold, int], planned: Ground[_Source]) -> Iterator[Shortage]:
    """Name the holds that want more than is available when the waiting have got theirs."""
    for hold, own in wanted.items():
        available = own + planned.position(hold.sku, hold.location).available
        if hold.quantity > available:
            item = item_of(planned, hold.sku)
            text = item.measure.to_text
            yield Shortage(
                hold=hold.id,
                sku=hold.sku,
                location=hold.location,
                wanted=hold.quantity,
                available=available,
                rule="short",
                reason=on_one_line(
                    f"Only {text(available)} of {text(hold.quantity)} {item.unit} of {hold.sku}"
                    f" can be held at {hold.location}."
                ),
            )


def placed(command: PlaceOrder | PlaceOrders, ground: Ground[_Source]) -> Iterator[Fact]:
    """Place orders, and turn what is held for them into allocations."""
    holds = [hold for id_ in command.holds for hold in ground.hold(id_)]
    yield from map(_ended, holds)
    yield from (Placed(order=order) for order in command.orders)
    if any(ground.order(order.id) is not None for order in command.orders):
        return
    lines = [(order, line) for order in command.orders for line in order.lines]
    wants = {(order.id, line.id): line.ordered for order, line in lines}
    there = dict[tuple[Sku, Location], int]()
    for hold in _alive(holds, ground):
        pool = hold.sku, hold.location
        left = hold.quantity
        # Who must take from there goes before who may.
        for order, line in sorted(lines, key=lambda each: each[1].location is None):
            if line.sku != hold.sku or line.location not in (None, hold.location):
                continue
            there.setdefault(pool, ground.position(*pool).unallocated)
            quantity = min(left, wants[order.id, line.id], there[pool])
            if quantity:
                yield Allocated(
                    order=order.id, line=line.id, location=hold.location, quantity=quantity
                )
                left -= quantity
                wants[order.id, line.id] -= quantity
                there[pool] -= quantity


def lost(sku: Sku, location: Location, units: int, ground: Ground[_Source]) -> Iterator[Fact]:
    """Take units from what is held of a pool: of the hold that expires last first."""
    own = [hold for hold in ground.holds_of([sku]) if hold.location == location]
    alive = sorted(_alive(own, ground), key=lambda hold: (hold.expires_at, hold.id), reverse=True)
    for hold in alive:
        if units <= 0:
            return
        if hold.quantity <= units:
            yield _ended(hold)
        else:
            yield Held(hold=attrs.evolve(hold, quantity=hold.quantity - units))
        units -= hold.quantity


def require_items(skus: Iterable[Sku], ground: Ground[_Source]) -> None:
    """
    Refuse SKUs that are no items.

    Raises:
        InvalidInputError: for the first that is none.
    """
    for sku in skus:
        if ground.item(sku) is None:
            raise refused("skus", sku, "must be one of the items", f"SKU {sku}")


def refused(field: str, value: object, reason: str, context: str = "") -> InvalidInputError:
    """Refuse a command for what it names."""
    return not_fitting_one(
        InvalidValueError(field=field, value=value, reason=reason, context=context)
    )


def not_fitting_one(problem: InvalidValueError) -> InvalidInputError:
    """Refuse a command for one problem."""
    return InvalidInputError(problem_count("command", 1), [problem])


def _alive(holds: Iterable[Hold], ground: Ground[_Source]) -> list[Hold]:
    return [hold for hold in holds if hold.expires_at > ground.as_of]


def _ended(hold: Hold) -> Unheld:
    return Unheld(hold=hold.id, sku=hold.sku, location=hold.location)
