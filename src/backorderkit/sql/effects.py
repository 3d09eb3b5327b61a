"""What facts come to, row by row: many facts of a commit may be about one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import attrs

from backorderkit.changes import (
    Adjusted,
    Allocated,
    Backordered,
    Cancelled,
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
from backorderkit.model.backorders import Promise
from backorderkit.model.holds import Hold
from backorderkit.model.ids import HoldId, Location, OrderId, ReceiptId, Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey
from backorderkit.model.stock import ScheduledReceipt

HoldKey = tuple[HoldId, Sku, Location]
Place = tuple[LineKey, Location]


@attrs.define
class Told:
    """
    What a waiting line is told.

    Attributes:
        anew: Whether what was told before is forgotten: the backorder was closed.
        quantity: What waits now; None if that stays, and nothing is open after a
            closing without it.
        promises: The whole new list; None if it stays.
    """

    anew: bool = False
    quantity: int | None = None
    promises: tuple[Promise, ...] | None = None


@attrs.define
class Effects:
    """
    What some facts come to.

    Attributes:
        orders: Orders that are new.
        added: Lines that are new in orders that are not.
        shipped: More units shipped, by line.
        cancelled: More units cancelled, by line.
        allocated: More units allocated, or fewer, by line and location.
        gone: Units that left, by line and location.
        on_hand: More units on hand, or fewer, by pool; without those that left.
        told: What waiting lines are told.
        receipts: Receipts as they are now; None for those that are gone.
        holds: Holds as they are now; None for those that are gone.
    """

    orders: dict[OrderId, Order] = attrs.Factory(dict)
    added: dict[LineKey, OrderLine] = attrs.Factory(dict)
    shipped: Counter[LineKey] = attrs.Factory(Counter)
    cancelled: Counter[LineKey] = attrs.Factory(Counter)
    allocated: Counter[Place] = attrs.Factory(Counter)
    gone: Counter[Place] = attrs.Factory(Counter)
    on_hand: Counter[tuple[Sku, Location]] = attrs.Factory(Counter)
    told: dict[LineKey, Told] = attrs.Factory(dict)
    receipts: dict[ReceiptId, ScheduledReceipt | None] = attrs.Factory(dict)
    holds: dict[HoldKey, Hold | None] = attrs.Factory(dict)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Effects:
        """Add facts up."""
        effects = cls()
        for fact in facts:
            effects._add(fact)
        return effects

    @property
    def new_lines(self) -> dict[LineKey, OrderLine]:
        """All lines that are new."""
        of_orders = {
            (order.id, line.id): line for order in self.orders.values() for line in order.lines
        }
        return {**of_orders, **self.added}

    @property
    def lines(self) -> set[LineKey]:
        """All lines that something happens to."""
        return {
            *self.shipped,
            *self.cancelled,
            *self.told,
            *(key for key, _ in self.allocated),
        }

    def _add(self, fact: Fact) -> None:
        match fact:
            case Placed():
                self.orders[fact.order.id] = fact.order
            case LineAdded():
                self.added[fact.order, fact.line.id] = fact.line
            case Scheduled() | Unscheduled() | Held() | Unheld():
                self._keep(fact)
            case Received() | Adjusted():
                self.on_hand[fact.sku, fact.location] += fact.quantity
            case Transferred():
                self.on_hand[fact.sku, fact.origin] -= fact.quantity
                self.on_hand[fact.sku, fact.destination] += fact.quantity
            case Backordered() | Promised():
                self._tell(fact)
            case Allocated() | Released() | Shipped() | Cancelled():
                self._move(fact)

    def _keep(self, fact: Scheduled | Unscheduled | Held | Unheld) -> None:
        match fact:
            case Scheduled():
                self.receipts[fact.receipt.id] = fact.receipt
            case Unscheduled():
                self.receipts[fact.receipt] = None
            case Held():
                self.holds[fact.hold.key] = fact.hold
            case Unheld():
                self.holds[fact.hold, fact.sku, fact.location] = None

    def _move(self, fact: Allocated | Released | Shipped | Cancelled) -> None:
        key = fact.order, fact.line
        if isinstance(fact, Cancelled):
            self.cancelled[key] += fact.quantity
            return
        place = key, fact.location
        self.allocated[place] += fact.quantity if isinstance(fact, Allocated) else -fact.quantity
        if isinstance(fact, Shipped):
            self.shipped[key] += fact.quantity
            self.gone[place] += fact.quantity

    def _tell(self, fact: Backordered | Promised) -> None:
        told = self.told.setdefault((fact.order, fact.line), Told())
        if isinstance(fact, Promised):
            told.promises = fact.promises
        elif fact.quantity:
            told.quantity = fact.quantity
        else:
            self.told[fact.order, fact.line] = Told(anew=True)
