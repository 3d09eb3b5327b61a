"""Levers on orders: priority, placing time, a later date, fewer units, units of others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

import attrs

from backorderkit.changes import Cancelled, Fact, Released
from backorderkit.errors import InvalidValueError
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.units import Unit
from backorderkit.planning import Book, apply
from backorderkit.planning.compared import Lot, lot_of, lots_of
from backorderkit.planning.grounds import BookGround
from backorderkit.planning.prepared import goes_by_sums
from backorderkit.planning.told import day_of
from backorderkit.policies.modes import PlanMode
from backorderkit.policies.protocol import (
    AllocationPolicy,
    FifoKey,
    Law,
    declared_laws,
    fifo_key,
    holds_back,
)
from backorderkit.promising.levers import (
    LOOKED_AT,
    BuiltLever,
    Case,
    Dial,
    Lever,
    only_compares,
    sized,
)

_Applied = tuple[Book, AllocationPolicy]
_INSTANT: Final = timedelta(microseconds=1)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)


@attrs.frozen(kw_only=True)
class OtherPriority:
    """
    Another priority of the order.

    Attributes:
        order: Which order.
        priority: Which it would have; 1 is served first.
    """

    kind: ClassVar[str] = "priority"
    order: OrderId
    priority: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book with the order of that priority."""
        order = _order(book, self.order)
        return book.with_order(attrs.evolve(order, priority=self.priority)), policy

    def clause(self, unit: Unit, /) -> str:  # noqa: ARG002 - it has no quantity
        """Say it in English."""
        return f"with priority {self.priority} for order {self.order}"


@attrs.frozen(kw_only=True)
class EarlierPlaced:
    """
    An earlier placing time of the order.

    Attributes:
        order: Which order.
        line: For which line; one that was placed later than its order is as old as it then.
        placed_at: When it would have been placed.
        before: Just before which order, of those of the SKU; None if before no other.
    """

    kind: ClassVar[str] = "placed-earlier"
    order: OrderId
    line: LineId
    placed_at: datetime
    before: OrderId | None

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book with the order placed then."""
        order = _order(book, self.order)
        whole = min(order.placed_at, self.placed_at)
        own = self.placed_at if self.placed_at > whole else None
        lines = [
            attrs.evolve(line, placed_at=own) if line.id == self.line else line
            for line in order.lines
        ]
        return book.with_order(attrs.evolve(order, placed_at=whole, lines=lines)), policy

    def clause(self, unit: Unit, /) -> str:  # noqa: ARG002 - it has no quantity
        """Say it in English."""
        if self.before is None:
            return (
                f"with line {self.line} of order {self.order} placed at {self.placed_at:%Y-%m-%d}"
            )
        return f"with order {self.order} placed just before order {self.before}"


@attrs.frozen(kw_only=True)
class LaterDate:
    """
    A later date by which the line is wanted; nothing else changes.

    Attributes:
        order: Whose order.
        line: Which line of it.
        due: By when.
    """

    kind: ClassVar[str] = "later"
    order: OrderId
    line: LineId
    due: datetime

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book as it is: the plan promises so much already."""
        return book, policy

    def clause(self, unit: Unit, /) -> str:  # noqa: ARG002 - it has no quantity
        """Say it in English."""
        return f"wanted by {self.due:%Y-%m-%d}"


@attrs.frozen(kw_only=True)
class SmallerLine:
    """
    Fewer units wanted; the others are cancelled.

    Attributes:
        order: Whose order.
        line: Which line of it.
        quantity: How many units are cancelled.
        left: How many are outstanding still.
    """

    kind: ClassVar[str] = "smaller"
    order: OrderId
    line: LineId
    quantity: int
    left: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book with these cancelled."""
        cancelled = Cancelled(order=self.order, line=self.line, quantity=self.quantity)
        return apply(book, [cancelled]), policy

    def clause(self, unit: Unit, /) -> str:
        """Say it in English."""
        return f"with {sized(unit, self.quantity)} cancelled, so that {sized(unit, self.left)} stay"


@attrs.frozen(kw_only=True)
class GivenUp:
    """
    Another order that gives up its units of the SKU.

    Attributes:
        order: Which order.
        sku: Of what.
        quantity: How many units are cancelled: all that it is owed of the SKU.  What was
            allocated to it is released.
    """

    kind: ClassVar[str] = "given-up"
    order: OrderId
    sku: Sku
    quantity: int

    def apply(self, book: Book, policy: AllocationPolicy, /) -> _Applied:
        """Give the book with these released and cancelled."""
        order = _order(book, self.order)
        lines = [line for line in order.lines if line.sku == self.sku and line.outstanding]
        ground = BookGround(book)
        facts: list[Fact] = [
            Released(order=order.id, line=line.id, location=held.location, quantity=held.quantity)
            for line in lines
            for held in ground.standing(order.id, line.id).allocations
        ]
        facts += [
            Cancelled(order=order.id, line=line.id, quantity=line.outstanding) for line in lines
        ]
        return apply(book, facts), policy

    def clause(self, unit: Unit, /) -> str:
        """Say it in English."""
        return f"with order {self.order} giving up its {sized(unit, self.quantity)}"


def _priorities(case: Case) -> Iterator[Dial]:
    """Each more urgent priority is a step; of very many, only those around others."""
    now, order = case.order.priority, case.order.id
    levels: Sequence[int] = range(now - 1, 0, -1)
    is_complete = len(levels) <= LOOKED_AT or only_compares(case.policy)
    if len(levels) > LOOKED_AT:
        there = {other.priority for other, _ in case.lines}
        near = {now - 1, *there, *(priority - 1 for priority in there)}
        levels = sorted((priority for priority in near if 0 < priority < now), reverse=True)
    yield Dial(
        steps=len(levels),
        remedy=lambda step: OtherPriority(order=order, priority=levels[step - 1]),
        is_monotone=goes_by_sums(case.policy),
        is_complete=is_complete,
    )


def _placed(case: Case) -> Iterator[Dial]:
    """Just before each older line, the youngest first; also at its time, where ids decide."""
    own = fifo_key(case.order, case.line)
    keys = (fifo_key(order, line) for order, line in case.lines)
    older = sorted(key for key in keys if key < own)
    times = {key[0] for key in older}
    times |= {time - _INSTANT for time in times if time > _FIRST}
    ahead = [key for key in older if key[2] != case.order.id]
    steps = [
        EarlierPlaced(
            order=case.order.id,
            line=case.line.id,
            placed_at=time,
            before=_next_after((time, *own[1:]), ahead),
        )
        for time in sorted(times, reverse=True)
        if time < own[0]
    ]
    yield Dial(
        steps=len(steps),
        remedy=lambda step: steps[step - 1],
        is_monotone=goes_by_sums(case.policy),
        is_complete=only_compares(case.policy),
    )


def _next_after(key: FifoKey, ahead: Sequence[FifoKey]) -> OrderId | None:
    """Name the order of the first line that would be younger and was not."""
    place = bisect_right(ahead, key)
    return OrderId(ahead[place][2]) if place < len(ahead) else None


def _later(case: Case) -> Iterator[Dial]:
    lot = lot_of(case.plan, case.order.id, case.line.id)
    promises = lot.promises if lot else ()
    if lot is None or sum(promise.quantity for promise in promises) < lot.waiting:
        return
    due = max(promise.due for promise in promises)
    remedy = LaterDate(order=case.order.id, line=case.line.id, due=due)
    yield Dial(steps=1, remedy=lambda _: remedy, by=due)


def _smaller(case: Case) -> Iterator[Dial]:
    """Each unit less is a step.  What it holds stays its own; something is left."""
    line, order = case.line, case.order.id
    yield Dial(
        steps=line.outstanding - max(case.held, 1),
        remedy=lambda step: SmallerLine(
            order=order, line=line.id, quantity=step, left=line.outstanding - step
        ),
        is_monotone=goes_by_sums(case.policy),
    )


def _given_up(case: Case) -> Iterator[Dial]:
    """Each other order is a step, the one with the fewest units first."""
    units = dict[OrderId, int]()
    for order, line in case.lines:
        if order.id != case.order.id:
            units[order.id] = units.get(order.id, 0) + line.outstanding
    lots = lots_of(case.plan)
    if _others_never_lose(case.policy):
        # A line gains no more than the other had, if nobody else loses.
        gets = dict[OrderId, int]()
        for (id_, _), lot in lots.items():
            gets[id_] = gets.get(id_, 0) + in_time(lot, case.by)
        own = lots[case.order.id, case.line.id]
        gap = own.line.outstanding - in_time(own, case.by)
        units = {id_: quantity for id_, quantity in units.items() if gets[id_] >= gap}
    orders = sorted(units, key=lambda id_: (units[id_], id_))
    sku = case.line.sku
    yield Dial(
        steps=len(orders),
        remedy=lambda step: GivenUp(
            order=orders[step - 1], sku=sku, quantity=units[orders[step - 1]]
        ),
    )


def _others_never_lose(policy: AllocationPolicy) -> bool:
    if isinstance(policy, PlanMode) or holds_back(policy):
        return False
    return Law.POPULATION_MONOTONE in declared_laws(policy)


def in_time(lot: Lot, by: datetime | None) -> int:
    """Say how many units of a line are allocated, or promised by a day."""
    if by is None:
        return lot.allocated
    last = day_of(by)
    coming = (promise.quantity for promise in lot.promises if day_of(promise.due) <= last)
    return lot.allocated + sum(coming)


def open_line(order: Order | None, line: LineId) -> OrderLine | None:
    """Give a line that has something outstanding."""
    found = order.find_line(line) if order else None
    return found if found and found.outstanding else None


def _order(book: Book, id_: OrderId) -> Order:
    order = book.order(id_)
    if order is None:
        reason = "must be one of what is there"
        raise InvalidValueError(field="order", value=id_, reason=reason)
    return order


ORDER_LEVERS: Final[tuple[Lever, ...]] = (
    BuiltLever(OtherPriority.kind, _priorities),
    BuiltLever(EarlierPlaced.kind, _placed),
    BuiltLever(LaterDate.kind, _later),
    BuiltLever(SmallerLine.kind, _smaller),
    BuiltLever(GivenUp.kind, _given_up),
)
"""All of them."""
