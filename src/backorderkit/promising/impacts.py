"""What becomes of promises when receipts move, before anyone commits to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import attrs

from backorderkit.changes import Allocated, Backordered, Fact, Promised, Scheduled, Unscheduled
from backorderkit.errors import InvalidInputError
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_text,
    check_time,
    check_whole,
    raise_first,
    refuse,
    settle_in_utc,
)
from backorderkit.model._consistency import problem_count
from backorderkit.model.backorders import Promise
from backorderkit.model.ids import ReceiptId
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning import Book, Plan, apply, plan
from backorderkit.planning.book import require_source
from backorderkit.planning.compared import lots_of, moves_between
from backorderkit.planning.grounds import Ground, ground_of
from backorderkit.policies.protocol import AllocationPolicy, require_policy
from backorderkit.promising.slips import Slip, SlipSums, slip_of, sum_up, sums_by

_Source = TypeVar("_Source", Snapshot, Book)


@attrs.frozen(kw_only=True)
class ReceiptMove:
    """
    What a scheduled receipt would be instead; what is None stays as it is.

    Attributes:
        receipt: Which.
        due: When it would come.
        quantity: How many units would come, in smallest units of the item.
        gone: Whether it would not come at all.

    >>> from backorderkit.model import read_time
    >>> ReceiptMove(receipt=ReceiptId("PO-7"), due=read_time("2026-02-01")).gone
    False
    """

    receipt: ReceiptId
    due: datetime | None = None
    quantity: int | None = None
    gone: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_text(problems, "receipt", self.receipt)
        if self.due is not None:
            check_time(problems, "due", self.due)
        if self.quantity is not None:
            check_whole(problems, "quantity", self.quantity, least=1)
        if type(self.gone) is not bool:
            refuse(problems, "gone", self.gone, "must be true or false")
        elif self.gone and (self.due is not None or self.quantity is not None):
            refuse(problems, "gone", self.gone, "must not stand with due or quantity")
        raise_first(problems)
        settle_in_utc(self, "due")

    def moved(self, receipt: ScheduledReceipt) -> ScheduledReceipt | None:
        """Give the receipt as it would be; None if it would not come."""
        if self.gone:
            return None
        due = receipt.due if self.due is None else self.due
        quantity = receipt.quantity if self.quantity is None else self.quantity
        return attrs.evolve(receipt, due=due, quantity=quantity)


@attrs.frozen(kw_only=True)
class MovedReceipt:
    """
    A receipt that moves.

    Attributes:
        before: As it is scheduled.
        after: As it would be; None if it would not come.
    """

    before: ScheduledReceipt
    after: ScheduledReceipt | None


@attrs.frozen(kw_only=True, slots=False)
class Impact:
    """
    What would become of promises; made by `impact`.

    Attributes:
        policy: Who shares.
        receipts: What moves, sorted by receipt.
        before: The plan as things are, of the SKUs of these receipts.
        after: The plan as things would be.
        lines: Units of lines that get another date, worst first: without a date, then by
            days.  Those that get an earlier date are at the end.
    """

    policy: AllocationPolicy
    receipts: tuple[MovedReceipt, ...]
    before: Plan
    after: Plan
    lines: tuple[Slip, ...]

    @property
    def as_of(self) -> datetime:
        """The moment of both plans."""
        return self.before.as_of

    @cached_property
    def untold(self) -> Snapshot:
        """
        The outcome of ``after`` before anybody is told: lines remember what they were told.

        Rescues are taken here, since `KeepPromises` plans by what was told.  Every other
        policy plans ``after.outcome`` just so.
        """
        return apply(self.after.snapshot, list(_untold(self.after)))

    @cached_property
    def by_customer(self) -> tuple[SlipSums, ...]:
        """The sums for each customer, sorted by name; no name is one, too."""
        return sums_by(self.lines, "customer")

    @cached_property
    def by_order(self) -> tuple[SlipSums, ...]:
        """The sums for each order, sorted by id."""
        return sums_by(self.lines, "order")

    @cached_property
    def totals(self) -> SlipSums:
        """The sums of all lines."""
        return sum_up(self.lines)


def impact(
    source: Snapshot | Book, moves: Iterable[ReceiptMove], *, policy: AllocationPolicy
) -> Impact:
    """
    Say which lines get another date if receipts move, shrink or do not come.

    Nothing is committed: it compares two plans of the same moment, as things are and
    as they would be, unit by unit.  Committing the moves then gives the dates of
    ``Slip.after``.

    Under a built-in policy a receipt that shrinks or does not come makes no line better.
    One that comes later does not either while all lines are free or all are bound to a
    location; otherwise a free line may leave to a bound one what it now gets elsewhere.

    Args:
        source: What is true.  A `Book` costs what the SKUs of the receipts cost, a
            snapshot a pass over it.
        moves: What may happen to which receipts, all at once, in any order.
        policy: Who gets scarce supply.

    Raises:
        InvalidInputError: with every move of an unknown receipt, of one that another
            move names, too, or that changes nothing.
        InvalidValueError: if *source*, *moves* or *policy* is no such thing.
        PolicyViolationError: as `plan` does.

    >>> from backorderkit.model import Order, Sku, read_time
    >>> from backorderkit.policies import Fifo
    >>> po = ScheduledReceipt(
    ...     id=ReceiptId("PO-7"), sku=Sku("MUG"), quantity=9, due=read_time("2026-01-12")
    ... )
    >>> shop = Snapshot.of(
    ...     as_of="2026-01-05", receipts=[po], orders=[Order.of("SO-1", "2026-01-02", {"MUG": 5})]
    ... )
    >>> late = ReceiptMove(receipt=po.id, due=read_time("2026-01-19"))
    >>> (slip,) = impact(shop, [late], policy=Fifo()).lines
    >>> slip.order, slip.quantity, slip.days_later
    ('SO-1', 5, 7)
    """
    require_source(source)
    require_policy(policy)
    given = as_tuple("moves", moves)
    if isinstance(source, Snapshot):
        return _impact(source, given, policy)
    return _impact(source, given, policy)


def _impact(source: _Source, moves: tuple[object, ...], policy: AllocationPolicy) -> Impact:
    ground: Ground[_Source] = ground_of(source, ())
    moved = _moved(ground, moves)
    skus = {each.before.sku for each in moved}
    before = plan(source, policy=policy, skus=skus)
    after = plan(apply(source, list(map(_fact, moved))), policy=policy, skus=skus)
    slips = sorted(_slips(before, after), key=lambda slip: slip.sort_key)
    return Impact(policy=policy, receipts=moved, before=before, after=after, lines=tuple(slips))


def _moved(ground: Ground[_Source], moves: tuple[object, ...]) -> tuple[MovedReceipt, ...]:
    """Give the receipts that move, or refuse the moves with all that is wrong with them."""
    problems: Problems = []
    moved = dict[ReceiptId, MovedReceipt]()
    for index, move in enumerate(moves):
        path = f"moves[{index}]"
        if not isinstance(move, ReceiptMove):
            refuse(problems, "moves", move, "must be a ReceiptMove", path)
            continue
        receipt = ground.receipt(move.receipt)
        if receipt is None:
            reason = "must name a scheduled receipt"
            refuse(problems, "receipt", move.receipt, reason, f"{path}.receipt")
        elif receipt.id in moved:
            refuse(problems, "receipt", move.receipt, "must be unique", f"{path}.receipt")
        else:
            moved[receipt.id] = MovedReceipt(before=receipt, after=move.moved(receipt))
            if moved[receipt.id].after == receipt:
                reason = "must be moved to another time or quantity"
                refuse(problems, "receipt", move.receipt, reason, f"{path}.receipt")
    if problems:
        raise InvalidInputError(problem_count("moves", len(problems)), problems)
    return tuple(moved[id_] for id_ in sorted(moved))


def _fact(moved: MovedReceipt) -> Fact:
    if moved.after is None:
        return Unscheduled(receipt=moved.before.id)
    return Scheduled(receipt=moved.after)


def _untold(made: Plan) -> Iterator[Fact]:
    """Give the changes of a plan, but let lines remember what they were told before."""
    told = {(known.order, known.line): known for known in made.snapshot.backorders}
    waiting = {key: known.quantity for key, known in told.items()}
    filled = Counter[LineKey]()
    for change in made.changes:
        key = change.order, change.line
        match change:
            case Allocated(quantity=quantity):
                filled[key] += quantity
            case Backordered(quantity=quantity):
                waiting[key] = quantity
            case Promised():
                before = told[key].promises if key in told else ()
                rest = tuple(_rest_of(before, filled[key], waiting[key]))
                yield attrs.evolve(change, promises=rest)
                continue
        yield change


def _rest_of(promises: Iterable[Promise], filled: int, waiting: int) -> Iterator[Promise]:
    """Leave out the first units, which were filled, and the last ones that nobody waits for."""
    for promise in promises:
        gone = min(filled, promise.quantity)
        units = min(promise.quantity - gone, waiting)
        filled -= gone
        waiting -= units
        if units:
            yield attrs.evolve(promise, quantity=units)


def _slips(before: Plan, after: Plan) -> Iterator[Slip]:
    was = lots_of(before)
    for key, now in lots_of(after).items():
        unit = before.snapshot.item(now.line.sku).measure
        for move in moves_between(was[key], now):
            yield slip_of(now.order, now.line, unit, move)
