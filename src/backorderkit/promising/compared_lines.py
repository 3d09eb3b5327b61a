"""What a line gets by two plans, side by side, and which of its units move."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, get_args

import attrs

from backorderkit.model.backorders import Promise
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.units import Unit
from backorderkit.planning.compared import Lot, dated_alike
from backorderkit.planning.moved_promises import (
    Dated,
    compared_promises,
    day_of,
    moved_promises,
)
from backorderkit.promising.messages import DatedUnits
from backorderkit.promising.slips import SlipKind, price_of

Verdict = Literal["wins", "loses", "mixed", "same"]
"""How the other plan is for somebody: units come sooner, later, some of each, or none."""

VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
"""The verdicts, best first."""


@attrs.frozen(kw_only=True)
class PlannedUnits:
    """
    Units that one plan gives, in smallest units: to a line, or to many of one unit of measure.

    ``allocated + promised + missing`` is what is outstanding.

    Attributes:
        allocated: What is held after the plan.
        promised: What receipts will fill.
        missing: What no receipt covers.
        late: Units that come after the day asked for, or without a date; of lines that
            name a day.
        unit_days_late: Days that these are late, summed up over the units; those without a date
            are not among them.
        told: Units that were promised before the plan, and are wanted still.
        moved: How many of them still wait, and have another day now or none.
    """

    allocated: int = 0
    promised: int = 0
    missing: int = 0
    late: int = 0
    unit_days_late: int = 0
    told: int = 0
    moved: int = 0

    @property
    def nervousness(self) -> Fraction | None:
        """The share of what was told that the plan moves: moved / told; None of nothing."""
        return Fraction(self.moved, self.told) if self.told else None


@attrs.frozen(kw_only=True)
class Shift:
    """
    Units of one line that come at another time by the other plan.

    Times are compared by the day, in UTC; and what is allocated is there before anything
    that is promised, be it for the same day.

    Attributes:
        quantity: How many units, in smallest units.
        one: When by the one plan; the moment of planning if they are allocated, None
            without a date.
        other: When by the other plan, in the same way.
        allocated: By which of the two plans they are allocated, if by any.
    """

    quantity: int
    one: datetime | None
    other: datetime | None
    allocated: Literal["one", "other"] | None = None

    @property
    def kind(self) -> SlipKind:
        """What becomes of the date by the other plan."""
        if self.other is None:
            return "lost"
        if self.one is None:
            return "gained"
        if self.allocated is not None:
            return "later" if self.allocated == "one" else "earlier"
        return "later" if self.other > self.one else "earlier"

    @property
    def is_sooner(self) -> bool:
        """Whether the units come sooner by the other plan, or have a date only there."""
        return self.kind in {"earlier", "gained"}

    @property
    def days_later(self) -> int | None:
        """By how many days, in UTC; below 0 is earlier, None where one date is missing."""
        if self.one is None or self.other is None:
            return None
        return (self.other.date() - self.one.date()).days


@attrs.frozen(kw_only=True)
class ComparedLine:
    """
    What one line with something outstanding gets by two plans.

    Attributes:
        order: The order's id.
        line: The line's id.
        sku: What it wants.
        customer: Whose it is; empty if nobody says.
        unit: In which unit of measure its quantities are counted.
        claim: What it stands for: ordered - cancelled, in smallest units.
        shipped: What has left.
        requested: When the customer wants it, if they said so.
        unit_price: Price of one unit, if known.
        currency: ISO 4217 code of the price.
        one: What it gets by the one plan.
        other: What it gets by the other plan.
        shifts: Its units that come at another time, the first to come first.
    """

    order: OrderId
    line: LineId
    sku: Sku
    customer: str
    unit: Unit
    claim: int
    shipped: int
    requested: datetime | None
    unit_price: Decimal | None
    currency: str | None
    one: PlannedUnits
    other: PlannedUnits
    shifts: tuple[Shift, ...]

    @property
    def outstanding(self) -> int:
        """What is still owed: claim - shipped."""
        return self.claim - self.shipped

    @property
    def sooner(self) -> int:
        """Units that come sooner by the other plan."""
        return sum(shift.quantity for shift in self.shifts if shift.is_sooner)

    @property
    def later(self) -> int:
        """Units that come later by the other plan, or without a date."""
        return sum(shift.quantity for shift in self.shifts if not shift.is_sooner)

    @property
    def unit_days(self) -> int:
        """
        By how many days units come later by the other plan, summed up over the units.

        Below 0 is earlier.  Units without a date by either plan are not among them.
        """
        return sum(shift.quantity * (shift.days_later or 0) for shift in self.shifts)

    @property
    def sooner_value(self) -> Decimal | None:
        """Price of the units that come sooner by the other plan, if it is known; exactly."""
        return self._price_of(self.sooner)

    @property
    def later_value(self) -> Decimal | None:
        """Price of the units that come later by the other plan, or without a date."""
        return self._price_of(self.later)

    def _price_of(self, quantity: int) -> Decimal | None:
        if self.unit_price is None:
            return None
        return price_of(quantity, self.unit_price, self.unit)

    @property
    def verdict(self) -> Verdict:
        """How the other plan is for the line."""
        return verdict_of(is_sooner=self.sooner > 0, is_later=self.later > 0)


def verdict_of(*, is_sooner: bool, is_later: bool) -> Verdict:
    """Say how a plan is that lets units come sooner, or later."""
    if is_sooner:
        return "mixed" if is_later else "wins"
    return "loses" if is_later else "same"


def compared_line(one: Lot, other: Lot, unit: Unit, told: tuple[Promise, ...]) -> ComparedLine:
    """
    Compare what a line gets by two plans.

    Args:
        one: What it gets by the one.
        other: What it gets by the other.
        unit: In which unit of measure it is counted.
        told: What it was promised before.
    """
    line = one.line
    dated = _Dated(one)
    by_one = by_other = _planned(dated, told)
    shifts: tuple[Shift, ...] = ()
    # Most lines of most pairs of plans: none of their units moves.
    if not dated_alike(one, other):
        dated_by_other = _Dated(other)
        by_other = _planned(dated_by_other, told)
        shifts = _shifts(dated, dated_by_other)
    return ComparedLine(
        order=one.order.id,
        line=line.id,
        sku=line.sku,
        customer=one.order.customer,
        unit=unit,
        claim=line.claim,
        shipped=line.shipped,
        requested=line.requested,
        unit_price=line.unit_price,
        currency=line.currency,
        one=by_one,
        other=by_other,
        shifts=shifts,
    )


class _Dated:
    """What a line gets by a plan, with its dates: what is there first, then promises."""

    def __init__(self, lot: Lot) -> None:
        self.lot = lot
        self.promises = lot.promises
        self.units: list[Dated] = list(self.promises)
        if lot.allocated:
            self.units.insert(0, DatedUnits(quantity=lot.allocated, due=lot.as_of))


def _planned(dated: _Dated, told: tuple[Promise, ...]) -> PlannedUnits:
    lot = dated.lot
    promised = sum([promise.quantity for promise in dated.promises])
    missing = lot.waiting - promised
    late, late_days = _lateness(dated, missing)
    return PlannedUnits(
        allocated=lot.allocated,
        promised=promised,
        missing=missing,
        late=late,
        unit_days_late=late_days,
        told=min(lot.granted + lot.waiting, sum([promise.quantity for promise in told])),
        moved=_moved(told, dated) if told else 0,
    )


def _lateness(dated: _Dated, missing: int) -> tuple[int, int]:
    """Count the units that come after the day asked for, and their days."""
    requested = dated.lot.line.requested
    if requested is None:
        return 0, 0
    late, days = missing, 0
    for each in dated.units:
        by = 0 if each.due is None else (each.due.date() - requested.date()).days
        if by > 0:
            late += each.quantity
            days += by * each.quantity
    return late, days


def _moved(told: Iterable[Promise], dated: _Dated) -> int:
    """Count the units told that still wait and have another day, or none."""
    lot = dated.lot
    moves = moved_promises(told, dated.promises, max(0, lot.granted), lot.waiting)
    return sum(quantity for quantity, was, _ in moves if was is not None)


def _shifts(by_one: _Dated, by_other: _Dated) -> tuple[Shift, ...]:
    one, other = by_one.lot, by_other.lot
    shifts: list[Shift] = []
    place = 0
    outstanding = one.line.outstanding
    for units, due, will_be in compared_promises(by_one.units, by_other.units, 0, outstanding):
        allocated = _allocated(place, one, other)
        shift = Shift(quantity=units, one=due, other=will_be, allocated=allocated)
        place += units
        if shift.allocated is None and day_of(due) == day_of(will_be):
            continue
        if shifts and _alike(shifts[-1], shift):
            shift = attrs.evolve(shift, quantity=units + shifts.pop().quantity)
        shifts.append(shift)
    return tuple(shifts)


def _allocated(place: int, one: Lot, other: Lot) -> Literal["one", "other"] | None:
    """Say which of two plans allocates the unit at this place of a line, if only one does."""
    if place < min(one.allocated, other.allocated):
        return None
    if place < one.allocated:
        return "one"
    return "other" if place < other.allocated else None


def _alike(before: Shift, shift: Shift) -> bool:
    return all(
        (
            before.allocated == shift.allocated,
            day_of(before.one) == day_of(shift.one),
            day_of(before.other) == day_of(shift.other),
        )
    )
