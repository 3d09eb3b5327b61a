"""What changes, one after another, make of what they name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Generic, TypeVar

import attrs

from backorderkit.changes import (
    Adjusted,
    Allocated,
    Backordered,
    Cancelled,
    Change,
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
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model._consistency import hold_context, line_context, problem_count
from backorderkit.model.backorders import Allocation
from backorderkit.model.holds import Hold, HoldKey
from backorderkit.model.ids import Location, OrderId, ReceiptId, Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.model.times import write_time
from backorderkit.model.units import Unit
from backorderkit.planning.grounds import Aftermath, Ground, Pool, item_of
from backorderkit.planning.lanes import Standing
from backorderkit.planning.unchecked import allocation, backorder_of, opened

_Source = TypeVar("_Source")
_OnLine = Change | Cancelled | Released | Shipped


@attrs.define
class _PoolNow:
    """A pool while changes are applied: its level, and what of it nobody has."""

    level: StockLevel
    unallocated: int
    changed: bool = False


class Fold(Generic[_Source]):
    """
    What the changes so far have made of the lines, pools, receipts and holds that they name.

    A change that does not fit is noted with its path and changes nothing.
    """

    def __init__(self, ground: Ground[_Source]) -> None:
        """Start from what was true before."""
        self._ground = ground
        self._lines = dict[LineKey, Standing]()
        self._orders = dict[OrderId, Order]()
        self._edited = dict[OrderId, None]()
        self._pools = dict[Pool, _PoolNow]()
        self._receipts = dict[ReceiptId, ScheduledReceipt | None]()
        self._holds = dict[HoldKey, Hold | None]()
        self._problems: list[InvalidValueError] = []

    def add(self, index: int, fact: object) -> None:
        """Take a fact, by its place in a list."""
        handle = _HANDLERS.get(type(fact))
        if handle is None:
            path = f"changes[{index}]"
            self._problems.append(
                InvalidValueError(field="changes", value=fact, reason="must be a change", path=path)
            )
        else:
            handle(self, index, fact)

    def result(self) -> Aftermath:
        """
        Give all that is different now.

        Raises:
            InvalidInputError: with every change that did not fit.
        """
        if self._problems:
            raise InvalidInputError(problem_count("changes", len(self._problems)), self._problems)
        return Aftermath(
            lines=self._lines,
            orders={id_: self._order_now(id_) for id_ in {**self._orders, **self._edited}},
            levels={pool: now.level for pool, now in self._pools.items() if now.changed},
            receipts=self._receipts,
            holds=self._holds,
        )

    def allocate(self, index: int, change: Allocated) -> None:
        """Assign units to a line."""
        now = self._now(change)
        line = now.line
        if line is None:
            self._refuse_unknown(index, change)
            return
        if line.location is not None and line.location != change.location:
            context = line_context(change.order, change.line, line, change.location)
            reason = f"must be the line's own location {line.location}"
            self._refuse(index, "location", change.location, reason, context)
            return
        pool = self._pool(line.sku, change.location)
        if change.quantity > now.waiting or change.quantity > pool.unallocated:
            reason = self._waiting_for(line, now)
            if pool.unallocated < now.waiting:
                there = self._text(line.sku, pool.unallocated)
                reason = f"must fit the {there} that are unallocated there"
            self._refuse_quantity(index, change, line, reason)
            return
        now.waiting -= change.quantity
        pool.unallocated -= change.quantity
        now.allocations = _held(now.allocations, change, change.quantity)

    def backorder(self, index: int, change: Backordered) -> None:
        """Open, resize or close the backorder of a line."""
        now = self._now(change)
        before = now.backorder
        if not change.quantity:
            # A closing names what was remembered; its line may be long gone.
            if before is None:
                self._refuse_unopened(index, change)
            now.backorder = None
        elif before is not None:
            now.backorder = backorder_of(before, change.quantity, before.promises)
        elif now.line is None:
            self._refuse_unknown(index, change)
        else:
            now.backorder = opened(change.order, change.line, change.quantity, self._ground.as_of)

    def promise(self, index: int, change: Promised) -> None:
        """Tell a waiting line something else."""
        now = self._now(change)
        if now.backorder is None:
            self._refuse_unopened(index, change)
            return
        now.backorder = backorder_of(now.backorder, now.backorder.quantity, change.promises)

    def place(self, index: int, change: Placed) -> None:
        """Add an order."""
        order = change.order
        if self._find_order(order.id) is not None:
            reason = "must not be the id of an order that is there"
            self._refuse(index, "order", order.id, reason, f"order {order.id}")
            return
        for line in order.lines:
            context = line_context(order.id, line.id, line)
            self._check_item(index, line.sku, context)
            # What is remembered of an older order of this id is none of its business.
            self._lines[order.id, line.id] = Standing(line, line.outstanding, (), None)
        self._orders[order.id] = order

    def add_line(self, index: int, change: LineAdded) -> None:
        """Add a line to an order."""
        line, order = change.line, self._find_order(change.order)
        context = line_context(change.order, line.id, line)
        if order is None:
            self._refuse(index, "order", change.order, "must name an existing order", context)
            return
        try:
            grown = attrs.evolve(order, lines=(*order.lines, line))
        except InvalidValueError as error:
            value = error.value
            shown = write_time(value) if isinstance(value, datetime) else value
            self._refuse(index, error.field, shown, error.reason, context)
            return
        self._check_item(index, line.sku, context)
        # As for an order: what is remembered of an older line of this id is not its own.
        self._lines[change.order, line.id] = Standing(line, line.outstanding, (), None)
        self._orders[change.order] = grown

    def cancel(self, index: int, change: Cancelled) -> None:
        """Take back what a line waits for."""
        now = self._now(change)
        line = now.line
        if line is None:
            self._refuse_unknown(index, change)
        elif change.quantity > now.waiting:
            self._refuse_quantity(index, change, line, self._waiting_for(line, now))
        else:
            now.waiting -= change.quantity
            now.line = attrs.evolve(line, cancelled=line.cancelled + change.quantity)
            self._edited[change.order] = None

    def release(self, index: int, change: Released) -> None:
        """Give what a line has back to its pool."""
        now = self._now(change)
        line = self._holder(index, change, now)
        if line is not None:
            now.waiting += change.quantity
            now.allocations = _held(now.allocations, change, -change.quantity)
            self._pool(line.sku, change.location).unallocated += change.quantity

    def ship(self, index: int, change: Shipped) -> None:
        """Let units leave that a line has."""
        now = self._now(change)
        line = self._holder(index, change, now)
        if line is not None:
            now.line = attrs.evolve(line, shipped=line.shipped + change.quantity)
            now.allocations = _held(now.allocations, change, -change.quantity)
            pool = self._pool(line.sku, change.location)
            pool.level = attrs.evolve(pool.level, on_hand=pool.level.on_hand - change.quantity)
            pool.changed = True
            self._edited[change.order] = None

    def schedule(self, index: int, change: Scheduled) -> None:
        """Expect a receipt, as it is now."""
        receipt = change.receipt
        context = f"receipt {receipt.id}, SKU {receipt.sku}, location {receipt.location}"
        self._check_item(index, receipt.sku, context)
        self._receipts[receipt.id] = receipt

    def unschedule(self, index: int, change: Unscheduled) -> None:
        """Expect a receipt no more."""
        if self._receipt(change.receipt) is None:
            reason = "must name a scheduled receipt"
            self._refuse(index, "receipt", change.receipt, reason, f"receipt {change.receipt}")
        else:
            self._receipts[change.receipt] = None

    def receive(self, index: int, change: Received) -> None:
        """Add what arrived to its pool."""
        context = _stock_context(change.sku, change.location)
        if change.receipt is not None:
            expected = self._receipt(change.receipt)
            if expected is None or expected.sku != change.sku:
                reason = "must name a scheduled receipt of the SKU"
                self._refuse(index, "receipt", change.receipt, reason, context)
                return
        if self._check_item(index, change.sku, context):
            self._move(index, change.sku, change.location, change.quantity, context)

    def adjust(self, index: int, change: Adjusted) -> None:
        """Correct what is on hand."""
        context = _stock_context(change.sku, change.location)
        if self._check_item(index, change.sku, context):
            self._move(index, change.sku, change.location, change.quantity, context)

    def transfer(self, index: int, change: Transferred) -> None:
        """Move units between pools."""
        context = _stock_context(change.sku, change.origin)
        known = self._check_item(index, change.sku, context)
        if known and self._move(index, change.sku, change.origin, -change.quantity, context):
            context = _stock_context(change.sku, change.destination)
            self._move(index, change.sku, change.destination, change.quantity, context)

    def hold(self, index: int, change: Held) -> None:
        """Hold units, as many as it says now."""
        hold = change.hold
        if self._check_item(index, hold.sku, hold_context(*hold.key)):
            self._holds[hold.key] = hold

    def unhold(self, index: int, change: Unheld) -> None:
        """Hold units no more."""
        key = change.hold, change.sku, change.location
        known = self._ground.hold(change.hold)
        if self._holds.get(key, next((each for each in known if each.key == key), None)) is None:
            reason = "must name a hold of that pool"
            self._refuse(index, "hold", change.hold, reason, hold_context(*key))
        else:
            self._holds[key] = None

    def _now(self, change: _OnLine) -> Standing:
        key = change.order, change.line
        now = self._lines.get(key)
        if now is None:
            now = self._lines[key] = self._ground.standing(*key)
        return now

    def _find_order(self, id_: OrderId) -> Order | None:
        """Give an order with all lines that it has now, though perhaps as they were before."""
        return self._orders.get(id_) or self._ground.order(id_)

    def _order_now(self, id_: OrderId) -> Order:
        order = self._find_order(id_)
        if order is None:
            raise AssertionError(id_)
        if id_ not in self._edited:
            return order
        lines = []
        for line in order.lines:
            now = self._lines.get((id_, line.id))
            lines.append(line if now is None or now.line is None else now.line)
        return attrs.evolve(order, lines=lines)

    def _pool(self, sku: Sku, location: Location) -> _PoolNow:
        pool = self._pools.get((sku, location))
        if pool is None:
            level = self._ground.level(sku, location)
            free = self._ground.position(sku, location).unallocated
            level = level or StockLevel(sku=sku, location=location, on_hand=0)
            pool = self._pools[sku, location] = _PoolNow(level, free)
        return pool

    def _receipt(self, id_: ReceiptId) -> ScheduledReceipt | None:
        return self._receipts[id_] if id_ in self._receipts else self._ground.receipt(id_)

    def _move(self, index: int, sku: Sku, location: Location, units: int, context: str) -> bool:
        """Add units to a pool, or take from it what nobody has."""
        pool = self._pool(sku, location)
        if pool.unallocated + units < 0:
            reason = f"must fit the {self._text(sku, pool.unallocated)} that are unallocated there"
            self._refuse(index, "quantity", self._unit(sku).shown(abs(units)), reason, context)
            return False
        try:
            pool.level = attrs.evolve(pool.level, on_hand=pool.level.on_hand + units)
        except InvalidValueError as error:
            shown = self._unit(sku).shown(units)
            self._refuse(index, "quantity", shown, f"on hand {error.reason}", context)
            return False
        pool.unallocated += units
        pool.changed = True
        return True

    def _holder(self, index: int, change: Released | Shipped, now: Standing) -> OrderLine | None:
        """Give the line of a change if it has what the change takes from it."""
        if now.line is None:
            self._refuse_unknown(index, change)
            return None
        held = sum(each.quantity for each in now.allocations if each.location == change.location)
        if change.quantity > held:
            text = self._text(now.line.sku, held)
            reason = f"must fit the {text} that are allocated to it there"
            self._refuse_quantity(index, change, now.line, reason)
            return None
        return now.line

    def _check_item(self, index: int, sku: Sku, context: str) -> bool:
        if self._ground.item(sku) is None:
            self._refuse(index, "sku", sku, "must be one of the items", context)
            return False
        return True

    def _waiting_for(self, line: OrderLine, now: Standing) -> str:
        return f"must fit the {self._text(line.sku, now.waiting)} that the line waits for"

    def _unit(self, sku: Sku) -> Unit:
        return item_of(self._ground, sku).measure

    def _text(self, sku: Sku, quantity: int) -> str:
        return self._unit(sku).to_text(quantity)

    def _refuse_quantity(
        self,
        index: int,
        change: Allocated | Cancelled | Released | Shipped,
        line: OrderLine,
        reason: str,
    ) -> None:
        location = None if isinstance(change, Cancelled) else change.location
        context = line_context(change.order, change.line, line, location)
        shown = self._unit(line.sku).shown(change.quantity)
        self._refuse(index, "quantity", shown, reason, context)

    def _refuse_unknown(self, index: int, change: _OnLine) -> None:
        context = line_context(change.order, change.line, None)
        self._refuse(index, "line", change.line, "must name an existing order line", context)

    def _refuse_unopened(self, index: int, change: Backordered | Promised) -> None:
        context = line_context(change.order, change.line, self._now(change).line)
        self._refuse(index, "line", change.line, "must have an open backorder", context)

    def _refuse(self, index: int, field: str, value: object, reason: str, context: str) -> None:
        path = f"changes[{index}].{field}"
        problem = InvalidValueError(
            field=field, value=value, reason=reason, path=path, context=context
        )
        self._problems.append(problem)


def _held(
    held: tuple[Allocation, ...], change: Allocated | Released | Shipped, more: int
) -> tuple[Allocation, ...]:
    """Add to what a line holds at the place of a change; that is sorted by location."""
    quantity, others = more, held
    for each in held:
        if each.location == change.location:
            quantity += each.quantity
            others = tuple(other for other in held if other is not each)
    if not quantity:
        return others
    made = allocation(change.order, change.line, change.location, quantity)
    return tuple(sorted((*others, made), key=_location)) if others else (made,)


def _location(allocation: Allocation) -> str:
    return allocation.location


def _stock_context(sku: Sku, location: Location) -> str:
    return f"SKU {sku}, location {location}"


_HANDLERS: Final[dict[type, Callable[..., None]]] = {
    Allocated: Fold.allocate,
    Backordered: Fold.backorder,
    Promised: Fold.promise,
    Placed: Fold.place,
    Cancelled: Fold.cancel,
    Released: Fold.release,
    Shipped: Fold.ship,
    Scheduled: Fold.schedule,
    Unscheduled: Fold.unschedule,
    Received: Fold.receive,
    Adjusted: Fold.adjust,
    Transferred: Fold.transfer,
    LineAdded: Fold.add_line,
    Held: Fold.hold,
    Unheld: Fold.unhold,
}
