"""All there is of one SKU in a prepared book."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import attrs

from backorderkit.model.backorders import Backorder
from backorderkit.model.holds import Hold, HoldKey, held_by_pool
from backorderkit.model.ids import Location, OrderId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.planning.lanes import EMPTY_LANE, Lane, LineState

_Entry = TypeVar("_Entry")
_Key = TypeVar("_Key")


@attrs.frozen(kw_only=True)
class Shelf:
    """
    All there is of one SKU.

    Attributes:
        stock: Its stock levels, by location.
        receipts: Its scheduled receipts, by due date and id.
        lane: Its order lines with what is known of them.
        holds: What is held of it, by id and location; what has lapsed, too.
        strays: What was opened and told of lines that are gone, or ask for another
            SKU now; by order and line.
    """

    stock: tuple[StockLevel, ...] = ()
    receipts: tuple[ScheduledReceipt, ...] = ()
    lane: Lane = EMPTY_LANE
    strays: tuple[Backorder, ...] = ()
    holds: tuple[Hold, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether no line and no unit has a choice between locations."""
        return len(self.stock) < 2 and not self.lane.bound  # noqa: PLR2004 - a choice

    def held_at(self, as_of: datetime) -> dict[Location, int]:
        """Give what is held at each location at a moment."""
        held = held_by_pool(self.holds, as_of) if self.holds else {}
        return {location: quantity for (_, location), quantity in held.items()}

    def with_stock(self, level: StockLevel) -> Shelf:
        """Give the shelf with a stock level, instead of the one of its location."""
        stock = (*(each for each in self.stock if each.location != level.location), level)
        return attrs.evolve(self, stock=tuple(sorted(stock, key=_location)))

    def with_strays(self, order: str, own: list[Backorder]) -> Shelf:
        """Give the shelf with these strays of an order, instead of those that it has."""
        if not (own or self.strays):
            return self
        others = [stray for stray in self.strays if stray.order != order]
        return attrs.evolve(self, strays=tuple(sorted([*others, *own], key=_line)))

    def with_hold(self, key: HoldKey, hold: Hold | None) -> Shelf:
        """Give the shelf with a hold in the place of the one of its key; None takes it away."""
        holds = [each for each in self.holds if each.key != key]
        if hold is not None:
            insort(holds, hold, key=_hold_key)
        return attrs.evolve(self, holds=tuple(holds))

    def with_receipt(self, receipt: ScheduledReceipt) -> Shelf:
        """Give the shelf with one receipt more."""
        place = bisect_left(self.receipts, due_order(receipt), key=due_order)
        receipts = (*self.receipts[:place], receipt, *self.receipts[place:])
        return attrs.evolve(self, receipts=receipts)

    def without_receipt(self, receipt: ScheduledReceipt) -> Shelf:
        """Give the shelf without a receipt that it has."""
        place = bisect_left(self.receipts, due_order(receipt), key=due_order)
        receipts = (*self.receipts[:place], *self.receipts[place + 1 :])
        return attrs.evolve(self, receipts=receipts)


def take_apart(
    snapshot: Snapshot,
) -> tuple[dict[Sku, Shelf], dict[OrderId, list[Backorder]]]:
    """Give the shelf of each SKU, and what is remembered of lines that are not there."""
    stock = grouped((level.sku, level) for level in snapshot.stock)
    receipts = grouped((receipt.sku, receipt) for receipt in snapshot.receipts)
    allocations = grouped(((each.order, each.line), each) for each in snapshot.allocations)
    backorders = {(each.order, each.line): each for each in snapshot.backorders}
    holds = grouped((hold.sku, hold) for hold in snapshot.holds)
    states = dict[Sku, list[LineState]]()
    for order in snapshot.orders:
        for line in order.lines:
            key = order.id, line.id
            held = tuple(allocations.get(key, ()))
            state = LineState(order, line, held, backorders.pop(key, None))
            states.setdefault(line.sku, []).append(state)
    shelves = {
        sku: Shelf(
            stock=tuple(stock.get(sku, ())),
            receipts=tuple(sorted(receipts.get(sku, ()), key=due_order)),
            lane=Lane.of(states.get(sku, [])),
            holds=tuple(holds.get(sku, ())),
        )
        for sku in {*stock, *receipts, *states, *holds}
    }
    return shelves, grouped((stray.order, stray) for stray in backorders.values())


def grouped(pairs: Iterable[tuple[_Key, _Entry]]) -> dict[_Key, list[_Entry]]:
    """Put entries into a list for each key."""
    groups = dict[_Key, list[_Entry]]()
    for key, entry in pairs:
        groups.setdefault(key, []).append(entry)
    return groups


def _line(backorder: Backorder) -> tuple[str, str]:
    return backorder.order, backorder.line


def due_order(receipt: ScheduledReceipt) -> tuple[datetime, str]:
    """Receipts are shared by their original due date, then id."""
    return receipt.due, receipt.id


def _hold_key(hold: Hold) -> HoldKey:
    return hold.key


def _location(level: StockLevel) -> str:
    return level.location
