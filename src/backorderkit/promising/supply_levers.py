"""Levers on supply: stock on hand, receipts, safety stock and holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Final

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import MAX_INTEGER
from backorderkit.model.ids import HoldId, Location, ReceiptId, Sku
from backorderkit.model.stock import ScheduledReceipt, StockLevel
from backorderkit.model.units import Unit
from backorderkit.planning import Book
from backorderkit.planning.grounds import BookGround
from backorderkit.planning.shelf import due_order
from backorderkit.planning.told import day_of
from backorderkit.policies.modes import PlanMode
from backorderkit.policies.protocol import AllocationPolicy, holds_back
from backorderkit.policies.shipping import Shipping
from backorderkit.promising.levers import BuiltLever, Case, Dial, Lever, Remedy, sized

_Applied = tuple[Book, AllocationPolicy]


@attrs.frozen(kw_only=True)
class MoreOnHand:
    """
    More units of the SKU on hand.

    Attributes:
        sku: Of what.
        location: Where.
        quantity: How many more.
    """

    kind: ClassVar[str] = "on-hand"
    sku: Sku
    location: Location
    quantity: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book with so many more."""
        level = _level(book, self.sku, self.location)
        more = attrs.evolve(level, on_hand=level.on_hand + self.quantity)
        return book.with_stock(more), policy

    def clause(self, unit: Unit, /) -> str:
        """Say it in English."""
        return f"with {sized(unit, self.quantity)} more on hand at {self.location}"


@attrs.frozen(kw_only=True)
class LessSafetyStock:
    """
    A part of the safety stock, lent.

    Attributes:
        sku: Of what.
        location: Where.
        quantity: How many units less.
    """

    kind: ClassVar[str] = "safety-stock"
    sku: Sku
    location: Location
    quantity: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book with so much less."""
        level = _level(book, self.sku, self.location)
        less = attrs.evolve(level, safety_stock=level.safety_stock - self.quantity)
        return book.with_stock(less), policy

    def clause(self, unit: Unit, /) -> str:
        """Say it in English."""
        return f"with {sized(unit, self.quantity)} less safety stock at {self.location}"


@attrs.frozen(kw_only=True)
class ReleasedHold:
    """
    A hold that ends.

    Attributes:
        hold: Which.
        sku: Of what.
        location: Where.
        quantity: How many units it has there.
    """

    kind: ClassVar[str] = "hold"
    hold: HoldId
    sku: Sku
    location: Location
    quantity: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book without what the hold has there."""
        key = self.hold, self.sku, self.location
        if not any(each.key == key for each in book.hold(self.hold)):
            raise _unknown("hold", self.hold)
        return book.without_hold(self.hold, self.sku, self.location), policy

    def clause(self, unit: Unit, /) -> str:
        """Say it in English."""
        units = sized(unit, self.quantity)
        return f"with hold {self.hold} giving up its {units} at {self.location}"


@attrs.frozen(kw_only=True)
class EarlierReceipt:
    """
    A receipt that comes earlier.

    Attributes:
        receipt: Which.
        due: When.
    """

    kind: ClassVar[str] = "receipt-earlier"
    receipt: ReceiptId
    due: datetime

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book with the receipt due then."""
        receipt = _receipt(book, self.receipt)
        return book.with_receipt(attrs.evolve(receipt, due=self.due)), policy

    def clause(self, unit: Unit, /) -> str:  # noqa: ARG002 - it has no quantity
        """Say it in English."""
        return f"with receipt {self.receipt} due {self.due:%Y-%m-%d}"


@attrs.frozen(kw_only=True)
class LargerReceipt:
    """
    A receipt that brings more.

    Attributes:
        receipt: Which.
        quantity: How many units more.
    """

    kind: ClassVar[str] = "receipt-larger"
    receipt: ReceiptId
    quantity: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book with so many more in it."""
        receipt = _receipt(book, self.receipt)
        more = attrs.evolve(receipt, quantity=receipt.quantity + self.quantity)
        return book.with_receipt(more), policy

    def clause(self, unit: Unit, /) -> str:
        """Say it in English."""
        return f"with {sized(unit, self.quantity)} more in receipt {self.receipt}"


def _on_hand(case: Case) -> Iterator[Dial]:
    """More than all want, and holds and safety stock lack, cannot help."""
    for place in case.places:
        position = case.positions.get(place)
        there, missing = (position.on_hand, position.missing) if position else (0, 0)
        yield Dial(
            steps=min(case.wanted + missing, MAX_INTEGER - there),
            remedy=_more_at(case.line.sku, place),
            is_monotone=case.more_never_harms,
        )


def _more_at(sku: Sku, place: Location) -> Callable[[int], Remedy]:
    return lambda step: MoreOnHand(sku=sku, location=place, quantity=step)


def _safety_stock(case: Case) -> Iterator[Dial]:
    for place in case.places:
        level = case.positions.get(place)
        if level is not None and level.safety_stock:
            yield Dial(
                steps=level.safety_stock,
                remedy=_less_at(case.line.sku, place),
                is_monotone=case.more_never_harms,
            )


def _less_at(sku: Sku, place: Location) -> Callable[[int], Remedy]:
    return lambda step: LessSafetyStock(sku=sku, location=place, quantity=step)


def _holds_there(case: Case) -> Iterator[Dial]:
    """Each hold is a step, the smallest first."""
    holds = [
        hold
        for hold in case.here.holds
        if hold.location in case.places and not hold.has_lapsed(as_of=case.here.as_of)
    ]
    holds.sort(key=lambda hold: (hold.quantity, hold.key))

    def released(step: int) -> ReleasedHold:
        hold = holds[step - 1]
        return ReleasedHold(
            hold=hold.id, sku=hold.sku, location=hold.location, quantity=hold.quantity
        )

    yield Dial(steps=len(holds), remedy=released)


def _coming(case: Case) -> list[ScheduledReceipt]:
    """Give the receipts that the line can use; none of them is allocated now."""
    if case.by is None:
        return []
    usable = (each for each in case.here.receipts if each.location in case.places)
    return sorted(usable, key=due_order)


def _receipts_earlier(case: Case) -> Iterator[Dial]:
    """
    Each day earlier is a step.

    Where lines of both kinds meet, a free one may leave to a bound one what it now gets
    elsewhere, so earlier may be worse.
    """
    never_harms = case.more_never_harms and case.is_of_one_kind and not holds_back(case.policy)
    today = day_of(case.here.as_of)
    for receipt in _coming(case):
        days = day_of(receipt.due) - today
        if days > 0:
            yield Dial(steps=days, remedy=_days_earlier(receipt), is_monotone=never_harms)


def _days_earlier(receipt: ScheduledReceipt) -> Callable[[int], Remedy]:
    return lambda step: EarlierReceipt(receipt=receipt.id, due=receipt.due - timedelta(days=step))


def _receipts_larger(case: Case) -> Iterator[Dial]:
    missing = sum(position.missing for position in case.positions.values())
    # What comes too late can still free for today what a promise would need of it.
    looks_ahead = isinstance(case.policy, PlanMode) and not isinstance(case.policy, Shipping)
    last = case.here.as_of if case.by is None else case.by
    for receipt in _coming(case):
        if day_of(receipt.due) > day_of(last) and not looks_ahead:
            continue
        yield Dial(
            steps=min(case.wanted + missing, MAX_INTEGER - receipt.quantity),
            remedy=_more_in(receipt),
            is_monotone=case.more_never_harms,
        )


def _more_in(receipt: ScheduledReceipt) -> Callable[[int], Remedy]:
    return lambda step: LargerReceipt(receipt=receipt.id, quantity=step)


def _level(book: Book, sku: Sku, location: Location) -> StockLevel:
    level = BookGround(book).level(sku, location)
    return level or StockLevel(sku=sku, location=location, on_hand=0)


def _receipt(book: Book, id_: ReceiptId) -> ScheduledReceipt:
    receipt = book.receipt(id_)
    if receipt is None:
        raise _unknown("receipt", id_)
    return receipt


def _unknown(field: str, value: object) -> InvalidValueError:
    return InvalidValueError(field=field, value=value, reason="must be one of what is there")


SUPPLY_LEVERS: Final[tuple[Lever, ...]] = (
    BuiltLever(MoreOnHand.kind, _on_hand),
    BuiltLever(EarlierReceipt.kind, _receipts_earlier),
    BuiltLever(LargerReceipt.kind, _receipts_larger),
    BuiltLever(LessSafetyStock.kind, _safety_stock),
    BuiltLever(ReleasedHold.kind, _holds_there),
)
"""All of them."""
