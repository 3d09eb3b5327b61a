"""What it would take that a line is served: the smallest change of each kind, each planned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Final, overload

import attrs

from backorderkit.errors import InvalidValueError, on_one_line
from backorderkit.model._checks import Problems, as_tuple, check_time, raise_first, refuse
from backorderkit.model._consistency import Sections
from backorderkit.model.backorders import Promise
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.units import Unit
from backorderkit.planning import Book, Explanation, Plan, plan
from backorderkit.planning.book import require_source
from backorderkit.planning.compared import Lot, lot_of
from backorderkit.planning.given import not_a, require_id
from backorderkit.planning.told import day_of
from backorderkit.policies.protocol import AllocationPolicy, require_policy
from backorderkit.promising.levers import LOOKED_AT, Case, Dial, Lever, Remedy, sized
from backorderkit.promising.order_levers import ORDER_LEVERS, in_time, open_line
from backorderkit.promising.rule_levers import RULE_LEVERS
from backorderkit.promising.supply_levers import SUPPLY_LEVERS

LEVERS: Final[tuple[Lever, ...]] = (*SUPPLY_LEVERS, *ORDER_LEVERS, *RULE_LEVERS)
"""The built-in levers, in the order in which they are tried."""


@attrs.frozen(kw_only=True)
class LineOutcome:
    """
    What a line gets by a plan.

    Attributes:
        outstanding: What it is owed, in smallest units.
        allocated: What it holds after the plan.
        promises: What receipts will fill, by (due, receipt).
    """

    outstanding: int
    allocated: int
    promises: tuple[Promise, ...]

    @property
    def unpromised(self) -> int:
        """How much of it no receipt covers."""
        return self.outstanding - self.allocated - sum(each.quantity for each in self.promises)


@attrs.frozen(kw_only=True)
class Answer:
    """
    One change that alone serves a line; found by `what_would_it_take`, by planning it.

    Attributes:
        remedy: The change.
        by: By which day the line is promised in full with it; None: it is allocated now.
        outcome: What it gets with the change, exactly.
        is_least: Whether no smaller change of this kind does: each was planned, or a law
            of the policy says so.  If not, one step less was planned and does not do, but
            something still smaller might.
        sentence: All of it for a person.
    """

    remedy: Remedy
    by: datetime | None
    outcome: LineOutcome
    is_least: bool
    sentence: str

    @property
    def kind(self) -> str:
        """Which kind of change."""
        return self.remedy.kind

    @overload
    def apply(
        self, source: Snapshot, policy: AllocationPolicy, /
    ) -> tuple[Snapshot, AllocationPolicy]: ...
    @overload
    def apply(self, source: Book, policy: AllocationPolicy, /) -> tuple[Book, AllocationPolicy]: ...
    def apply(
        self, source: Snapshot | Book, policy: AllocationPolicy, /
    ) -> tuple[Snapshot | Book, AllocationPolicy]:
        """
        Make the change; planning what this gives gives the line the outcome.

        Args:
            source: What the answer was found for.
            policy: Likewise.

        Raises:
            InvalidInputError: if the change does not fit what is there.
            InvalidValueError: likewise, and if one of these is no such thing.
        """
        require_source(source)
        require_policy(policy)
        book = Book.of(source) if isinstance(source, Snapshot) else source
        after, other = _applied(self.remedy, book, policy)
        return (after.snapshot if isinstance(source, Snapshot) else after), other


@attrs.frozen(kw_only=True, slots=False)
class Answers:
    """
    What it would take that a line is served in full; made by `what_would_it_take`.

    Attributes:
        order: Whose order.
        line: Which line of it.
        sku: What it wants.
        unit: What this is counted in.
        by: By which day it is to be promised in full; None: it is to be allocated now.
        policy: Who gets scarce supply.
        plan: The plan of the SKU as things are.
        outcome: What the line gets as things are.
        tried: The kinds of change that were looked for; nothing if the line is served.
        answers: One for each kind that does it, in the order of the levers.
    """

    order: OrderId
    line: LineId
    sku: Sku
    unit: Unit
    by: datetime | None
    policy: AllocationPolicy
    plan: Plan
    outcome: LineOutcome
    tried: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def as_of(self) -> datetime:
        """The moment of all plans."""
        return self.plan.as_of

    @property
    def is_served(self) -> bool:
        """Whether the line gets all in time as things are, so that nothing was looked for."""
        lot = lot_of(self.plan, self.order, self.line)
        return lot is not None and _does(lot, self.by)

    @cached_property
    def explanation(self) -> Explanation:
        """Why the line gets what it gets as things are."""
        return self.plan.explain(self.order, self.line)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it would take, in English: a sentence for each answer, or that there is none."""
        if self.is_served:
            return (f"It takes nothing: {_said(self.outcome, self.unit)}.",)
        if not self.answers:
            kinds = ", ".join(self.tried) or "none"
            return (on_one_line(f"Nothing was found that alone does it; looked for: {kinds}."),)
        return tuple(answer.sentence for answer in self.answers)


def what_would_it_take(
    source: Snapshot | Book,
    order: OrderId,
    line: LineId,
    *,
    policy: AllocationPolicy,
    by: datetime | None = None,
    levers: Iterable[Lever] = LEVERS,
) -> Answers:
    """
    Find what alone gets a line served in full: of every kind of change the smallest.

    Nothing is committed.  Every answer was planned before it is given, with the same
    policy: `Answer.apply` makes the change, and the plan of that gives what the answer says.

    Args:
        source: What is true.  A `Book` costs what the line's SKU costs, a snapshot a
            pass over it.
        order: Whose order.
        line: Which line of it.
        policy: Who gets scarce supply.
        by: By which day, in UTC, it is to be promised in full.  None: it is to be
            allocated now, so that receipts cannot help.
        levers: What may be turned.

    Returns:
        The answers; none for a line that is served in time as things are.

    Raises:
        InvalidValueError: if one of these is no such thing, the line is unknown or has
            nothing outstanding, *by* lies before the day of planning, or two levers are
            of one kind.
        PolicyViolationError: as `plan` does.

    It plans the SKU for each lever O(log of what could be turned) times, and at most some
    dozens of times more where no law says that more of it is better.

    >>> from backorderkit.model import Order, Snapshot
    >>> from backorderkit.policies import Fifo
    >>> shop = Snapshot.of(
    ...     as_of="2026-01-05",
    ...     stock={"MUG": 6},
    ...     orders=[
    ...         Order.of("SO-1", "2026-01-02", {"MUG": 5}),
    ...         Order.of("SO-2", "2026-01-03", {"MUG": 3}),
    ...     ],
    ... )
    >>> found = what_would_it_take(shop, OrderId("SO-2"), LineId("1"), policy=Fifo())
    >>> print(found.sentences[0])
    With 2 pcs more on hand at MAIN, all 3 pcs would be allocated now.
    """
    require_source(source)
    require_policy(policy)
    chosen = _chosen(levers)
    owner, wanted = _line_of(source, order, line)
    by = _date(by, source.as_of)
    book = Book.of(_part_of(source, wanted.sku)) if isinstance(source, Snapshot) else source
    made = plan(book, policy=policy, skus=[wanted.sku])
    case = Case(book=book, policy=policy, plan=made, order=owner, line=wanted, by=by)
    return _answers(case, chosen)


def _answers(case: Case, levers: tuple[Lever, ...]) -> Answers:
    line, made = case.line, case.plan
    lot = lot_of(made, case.order.id, line.id)
    assert lot is not None  # noqa: S101 - something of it is outstanding
    unit = made.snapshot.item(line.sku).measure
    if _does(lot, case.by):
        levers = ()
    search = _Search(case, unit)
    found = [search.answer(lever) for lever in levers]
    return Answers(
        order=case.order.id,
        line=line.id,
        sku=line.sku,
        unit=unit,
        by=case.by,
        policy=case.policy,
        plan=made,
        outcome=_outcome(lot),
        tried=tuple(lever.kind for lever in levers),
        answers=tuple(answer for answer in found if answer is not None),
    )


class _Search:
    """Looks for the smallest change of each kind."""

    def __init__(self, case: Case, unit: Unit) -> None:
        self._case = case
        self._unit = unit

    def answer(self, lever: Lever) -> Answer | None:
        """Give the smallest change of a kind that serves the line, if one was found."""
        best: tuple[int, Dial] | None = None
        dials = list(self._dials(lever))
        for dial in dials:
            # Only what is smaller than the best so far is looked for.
            most = dial.steps if best is None else min(dial.steps, best[0] - 1)
            step = _least(dial, most, partial(self._serves, dial))
            if step is not None:
                best = step, dial
        if best is None:
            return None
        step, dial = best
        is_least = all(_is_searched(each, step - 1) for each in dials)
        return self._planned(dial, step, is_least=is_least)

    def _dials(self, lever: Lever) -> Iterator[Dial]:
        for dial in lever.dials(self._case):
            if not isinstance(dial, Dial):
                raise not_a("dials", dial, "Dial")
            yield dial

    def _serves(self, dial: Dial, step: int) -> bool:
        return _does(self._lot(dial.remedy(step)), dial.by or self._case.by)

    def _lot(self, remedy: Remedy) -> Lot:
        case = self._case
        book, policy = _applied(remedy, case.book, case.policy)
        lot = lot_of(plan(book, policy=policy, skus=[case.line.sku]), case.order.id, case.line.id)
        if lot is None:
            reason = "must leave something of the line outstanding"
            raise InvalidValueError(field="remedy", value=remedy, reason=reason)
        return lot

    def _planned(self, dial: Dial, step: int, *, is_least: bool) -> Answer:
        remedy = dial.remedy(step)
        outcome = _outcome(self._lot(remedy))
        clause = remedy.clause(self._unit)
        text = f"{clause[:1].upper()}{clause[1:]}, {_said(outcome, self._unit, 'would be')}."
        if not is_least:
            text += " Something smaller may do, too."
        return Answer(
            remedy=remedy,
            by=dial.by or self._case.by,
            outcome=outcome,
            is_least=is_least,
            sentence=on_one_line(text),
        )


def _least(dial: Dial, most: int, serves: Callable[[int], bool]) -> int | None:
    """Find the first step that serves, or else one before which one does not."""
    if most < 1:
        return None
    if dial.is_monotone:
        return _bisected(0, most, serves) if serves(most) else None
    for step in range(1, min(most, LOOKED_AT) + 1):
        if serves(step):
            return step
    low = LOOKED_AT
    while low < most:
        high = min(2 * low, most)
        if serves(high):
            return _bisected(low, high, serves)
        low = high
    return None


def _is_searched(dial: Dial, most: int) -> bool:
    """Tell whether no change up to a step can have been missed."""
    planned = dial.is_monotone or min(dial.steps, most) <= LOOKED_AT
    return planned and dial.is_complete


def _bisected(low: int, high: int, serves: Callable[[int], bool]) -> int:
    """Find a step that serves while the one before does not; the high one does."""
    while high - low > 1:
        middle = (low + high) // 2
        if serves(middle):
            high = middle
        else:
            low = middle
    return high


def _applied(remedy: Remedy, book: Book, policy: AllocationPolicy) -> tuple[Book, AllocationPolicy]:
    after, other = remedy.apply(book, policy)
    if not isinstance(after, Book):
        raise not_a("book", after, "Book")
    require_policy(other)
    return after, other


def _does(lot: Lot, by: datetime | None) -> bool:
    return in_time(lot, by) == lot.line.outstanding


def _outcome(lot: Lot) -> LineOutcome:
    return LineOutcome(
        outstanding=lot.line.outstanding, allocated=lot.allocated, promises=lot.promises
    )


def _said(outcome: LineOutcome, unit: Unit, would: str = "are") -> str:
    whole = sized(unit, outcome.outstanding)
    parts: list[str] = []
    if outcome.allocated == outcome.outstanding:
        parts.append(f"all {whole} {would} allocated now")
    elif outcome.allocated:
        parts.append(f"{unit.to_text(outcome.allocated)} of {whole} {would} allocated now")
    dates = dict[str, int]()
    for promise in outcome.promises:
        day = f"{promise.due:%Y-%m-%d}"
        dates[day] = dates.get(day, 0) + promise.quantity
    parts += [
        f"{sized(unit, quantity)} {would} promised for {day}" for day, quantity in dates.items()
    ]
    return " and ".join(parts)


def _chosen(levers: Iterable[Lever]) -> tuple[Lever, ...]:
    """Refuse what is no lever, and kinds that stand twice."""
    given = as_tuple("levers", levers)
    problems: Problems = []
    kinds = set[str]()
    for index, lever in enumerate(given):
        path = f"levers[{index}]"
        if isinstance(lever, type) or not isinstance(lever, Lever):
            refuse(problems, "levers", lever, "must be a Lever", path)
        elif not isinstance(lever.kind, str) or not lever.kind:
            refuse(problems, "kind", lever.kind, "must be a non-empty string", f"{path}.kind")
        elif lever.kind in kinds:
            refuse(problems, "kind", lever.kind, "must be unique", f"{path}.kind")
        else:
            kinds.add(lever.kind)
    raise_first(problems)
    return given


def _line_of(source: Snapshot | Book, order: OrderId, line: LineId) -> tuple[Order, OrderLine]:
    """Find a line with something outstanding."""
    require_id("order", order)
    require_id("line", line)
    if isinstance(source, Book):
        owner = source.order(order)
    else:
        owner = next((each for each in source.orders if each.id == order), None)
    if owner is None:
        raise InvalidValueError(field="order", value=order, reason="must be a known order")
    found = open_line(owner, line)
    if found is None:
        reason = f"must be a line of order {order} with something outstanding"
        raise InvalidValueError(field="line", value=line, reason=reason)
    return owner, found


def _date(by: datetime | None, as_of: datetime) -> datetime | None:
    """Refuse a day that has passed."""
    if by is None:
        return None
    problems: Problems = []
    check_time(problems, "by", by)
    if not problems and day_of(by) < day_of(as_of):
        refuse(problems, "by", by, f"must not lie before the day of planning, {as_of:%Y-%m-%d}")
    raise_first(problems)
    return by.astimezone(UTC)


def _part_of(snapshot: Snapshot, sku: Sku) -> Snapshot:
    """Give what concerns one SKU: its supply, all of its orders, and what their lines have."""
    orders = [order for order in snapshot.orders if any(line.sku == sku for line in order.lines)]
    keys = {(order.id, line.id) for order in orders for line in order.lines if line.sku == sku}
    sections = Sections(
        items=snapshot.items,
        stock=[each for each in snapshot.stock if each.sku == sku],
        receipts=[each for each in snapshot.receipts if each.sku == sku],
        orders=orders,
        allocations=[each for each in snapshot.allocations if (each.order, each.line) in keys],
        backorders=[each for each in snapshot.backorders if (each.order, each.line) in keys],
        holds=[each for each in snapshot.holds if each.sku == sku],
    )
    return Snapshot._of_checked(snapshot.as_of, sections)  # noqa: SLF001 - it held before
