"""What is remembered of the units of a line: what was promised, told, agreed to, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

import attrs

from backorderkit.model.backorders import Promise
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.planning.moved_promises import day_of
from backorderkit.planning.notices import MoveKind
from backorderkit.promising.causes import Cause

ResponseKind = Literal["nothing", "tell", "ask", "cancel"]
"""What a host should do about a change; each is more than the one before it."""

RESPONSES: Final[tuple[ResponseKind, ...]] = ("nothing", "tell", "ask", "cancel")


@attrs.frozen(kw_only=True)
class TrackedUnits:
    """
    Units of a line that wait, and all of which were told the same.

    Attributes:
        quantity: How many, in smallest units.
        first: What they were promised for first; None if they never had a date.
        due: What they are promised for now; None if they have no date.
        told: What the customer was told last; None if that was no date, or nothing.
        agreed: What the customer counts on: the first date they were told, or the one
            they agreed to since.
        asked: Whether an answer is awaited: ``"ask"``, or ``"cancel"`` if without one
            they are cancelled; else ``"nothing"``.
        answer_by: Until when, if they are cancelled then.
    """

    quantity: int
    first: datetime | None = None
    due: datetime | None = None
    told: datetime | None = None
    agreed: datetime | None = None
    asked: ResponseKind = "nothing"
    answer_by: datetime | None = None


@attrs.frozen(kw_only=True)
class SettledUnits:
    """
    Units that wait no more.

    Attributes:
        kind: ``"filled"``: they were allocated.  ``"cancelled"``: nobody wants them.
        at: When.
        units: How many, and what was promised and told of them until then.
    """

    kind: Literal["filled", "cancelled"]
    at: datetime
    units: TrackedUnits


@attrs.frozen(kw_only=True)
class MovedUnits:
    """
    Units of which a customer hears another date than before.

    Attributes:
        quantity: How many, in smallest units.
        before: What was told before; None is no date, or nothing.
        due: What is told now; None is that there is no date any more.
    """

    quantity: int
    before: datetime | None
    due: datetime | None


@attrs.frozen(kw_only=True)
class PromiseChange:
    """
    Units of a line got another date, lost it, or have one now.

    Attributes:
        id: The same whenever the same facts are recorded; no other change has it.
        kind: How the date moved, as of a `Notice`.
        at: When.
        order: Whose order.
        line: Which line of it.
        sku: Of what; None if the line is gone.
        quantity: How many units, in smallest units.
        first: What they were promised for first.
        told_before: What the customer was told last, before.
        due_before: What they were promised for until now; None is no date.
        due: What they are promised for now; None is no date.
        response: What to do about it.
        answer_by: Until when the customer must have answered, lest they are cancelled.
        causes: Why; empty if nothing in the facts says so.
    """

    id: str
    kind: MoveKind
    at: datetime
    order: OrderId
    line: LineId
    sku: Sku | None
    quantity: int
    first: datetime | None
    told_before: datetime | None
    due_before: datetime | None
    due: datetime | None
    response: ResponseKind
    answer_by: datetime | None
    causes: tuple[Cause, ...]

    @property
    def by(self) -> timedelta | None:
        """By how many whole days, in UTC, the date moved; None if there is one date only."""
        return days_between(self.due_before, self.due)


@attrs.frozen(kw_only=True)
class LedgerLine:
    """
    What was said of a line so far; kept by a `PromiseLedger`.

    Attributes:
        order: Whose order.
        line: Which line of it.
        sku: Of what; None if nobody knows any more.
        waiting: The units that wait, the first to come first.
        promises: What they are promised now, with the receipts.
        changes: Every change of a date, oldest first.
        settled: The units that wait no more, as they left.
        news: What was told anew when something was told last.
        told_at: When that was.
        agreed_at: When the customer agreed to what they were told, each time.
    """

    order: OrderId
    line: LineId
    sku: Sku | None
    waiting: tuple[TrackedUnits, ...] = ()
    promises: tuple[Promise, ...] = ()
    changes: tuple[PromiseChange, ...] = ()
    settled: tuple[SettledUnits, ...] = ()
    news: tuple[MovedUnits, ...] = ()
    told_at: datetime | None = None
    agreed_at: tuple[datetime, ...] = ()

    @property
    def quantity(self) -> int:
        """How many units wait."""
        return sum(each.quantity for each in self.waiting)

    @property
    def promised(self) -> int:
        """How many of them have a date."""
        return sum(each.quantity for each in self.waiting if each.due is not None)

    @property
    def told(self) -> int:
        """Of how many of them the customer was told a date that stands."""
        return sum(each.quantity for each in self.waiting if each.told is not None)


def days_between(start: datetime | None, end: datetime | None) -> timedelta | None:
    """Give the whole days from one day to another, in UTC; None if one is not known."""
    return None if start is None or end is None else end.date() - start.date()


def taken(
    units: Iterable[TrackedUnits], quantity: int
) -> tuple[list[TrackedUnits], list[TrackedUnits]]:
    """Take so many units, the first ones first; give these and the rest."""
    first: list[TrackedUnits] = []
    rest: list[TrackedUnits] = []
    for each in units:
        part = min(each.quantity, quantity)
        quantity -= part
        if part in {0, each.quantity}:
            (first if part else rest).append(each)
        else:
            first.append(attrs.evolve(each, quantity=part))
            rest.append(attrs.evolve(each, quantity=each.quantity - part))
    return first, rest


def joined(units: Iterable[TrackedUnits]) -> tuple[TrackedUnits, ...]:
    """Put neighbours together of which the same was told."""
    made: list[TrackedUnits] = []
    for each in units:
        if made and _story(made[-1]) == _story(each):
            made[-1] = attrs.evolve(each, quantity=made[-1].quantity + each.quantity)
        else:
            made.append(each)
    return tuple(made)


def _story(units: TrackedUnits) -> tuple[object, ...]:
    """Give all but the quantity."""
    asked = units.asked, units.answer_by
    return units.first, units.due, units.told, units.agreed, *asked


def moved(pairs: Iterable[tuple[TrackedUnits, TrackedUnits]]) -> Iterator[MovedUnits]:
    """Say what the customer hears anew, of units before and after they were told."""
    last: MovedUnits | None = None
    for before, now in pairs:
        if day_of(before.told) == day_of(now.told):
            continue
        made = MovedUnits(quantity=now.quantity, before=before.told, due=now.told)
        if last is not None:
            if (day_of(last.before), day_of(last.due)) == (day_of(made.before), day_of(made.due)):
                last = attrs.evolve(made, quantity=last.quantity + made.quantity)
                continue
            yield last
        last = made
    if last is not None:
        yield last
