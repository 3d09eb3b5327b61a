"""Serves one line from units that are allocated or promised to others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias, TypeVar, overload

import attrs

from backorderkit.changes import Fact
from backorderkit.commands import Reassign, TakenUnits
from backorderkit.errors import PolicyViolationError, shown
from backorderkit.model._checks import (
    Problems,
    check_text,
    check_time,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.backorders import Allocation, Promise
from backorderkit.model.ids import LineId, Location, OrderId
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey, Snapshot
from backorderkit.planning import Book, Plan, answer, apply, plan
from backorderkit.planning.book import require_source
from backorderkit.planning.compared import Lot, lots_of, moves_between
from backorderkit.planning.grounds import Ground, ground_of
from backorderkit.planning.lanes import Standing
from backorderkit.planning.told import day_of
from backorderkit.policies.freezing import Frozen
from backorderkit.policies.keeping import KeepPromises
from backorderkit.policies.protocol import AllocationPolicy, require_policy
from backorderkit.promising.displacement import DisplacedLine, Displacement, worst_first
from backorderkit.promising.slips import Slip, slip_of
from backorderkit.promising.victims import (
    VICTIM_ORDERS,
    Donor,
    VictimKey,
    VictimOrder,
    in_turn,
)

_Source = TypeVar("_Source", Snapshot, Book)

MayDisplace: TypeAlias = Callable[[Order, OrderLine], bool]
"""Says of a line whether units may be taken from it."""

Effect = tuple[Fraction, ...]

_NOTHING_FROZEN: Final = Frozen()


@overload
def displace(
    source: Snapshot,
    order: OrderId,
    line: LineId,
    *,
    policy: AllocationPolicy,
    units: int | None = None,
    by: datetime | None = None,
    may: MayDisplace | None = None,
    frozen: Frozen = _NOTHING_FROZEN,
    victims: VictimOrder | VictimKey = "least-urgent",
) -> Displacement[Snapshot]: ...
@overload
def displace(
    source: Book,
    order: OrderId,
    line: LineId,
    *,
    policy: AllocationPolicy,
    units: int | None = None,
    by: datetime | None = None,
    may: MayDisplace | None = None,
    frozen: Frozen = _NOTHING_FROZEN,
    victims: VictimOrder | VictimKey = "least-urgent",
) -> Displacement[Book]: ...
def displace(
    source: Snapshot | Book,
    order: OrderId,
    line: LineId,
    *,
    policy: AllocationPolicy,
    units: int | None = None,
    by: datetime | None = None,
    may: MayDisplace | None = None,
    frozen: Frozen = _NOTHING_FROZEN,
    victims: VictimOrder | VictimKey = "least-urgent",
) -> Displacement[Snapshot] | Displacement[Book]:
    """
    Serve one line from units of others; say who gives what, and what becomes of all dates.

    Nothing is committed.  First the SKU is planned as things are; what the line still
    lacks then is taken: units that nobody has, then those of other lines, never more than
    it lacks.  Whoever gives waits again in the old place and is planned anew; everybody
    else keeps what is allocated.  That too little may be taken is a result.

    Args:
        source: What is true.
        order: Whose order is served.
        line: Which line of it.
        policy: Who gets scarce supply.
        units: How many units of those it waits for, in smallest units; None is all.
        by: Until which day they are to be there, in UTC; then what is promised to others
            by that day is taken, too, from each line what comes last first.  None is now:
            only units on hand are taken.  It needs a policy that remembers promises.
        may: Whether units may be taken from a line; None is from every one.
        frozen: Which lines keep what they have.
        victims: Who gives first, see `VictimOrder`.  Or a function of a `Demand` whose
            ``limit`` is what the line could give: the lowest key gives first, such as
            ``ByLineValue(currencies=["EUR"], first="lowest")``.

    Raises:
        InvalidValueError: if one of these is no such thing, there is no such line, it waits
            for fewer units, *by* is over, or *policy* is not `KeepPromises` where
            *by* is given.
        PolicyViolationError: if *may* answers neither True nor False, *victims* gives keys
            that cannot be compared, or as `plan` does.

    It plans the SKU three times, and ``"least-disturbing"`` for each line that could give.

    >>> from backorderkit.model import Order, Snapshot
    >>> from backorderkit.policies import Fifo
    >>> orders = [Order.of(each, "2026-01-02", {"MUG": 10}) for each in "AB"]
    >>> first = Snapshot.of(as_of="2026-01-05", stock={"MUG": 10}, orders=orders)
    >>> shop = plan(first, policy=Fifo()).outcome
    >>> found = displace(shop, OrderId("B"), LineId("1"), policy=Fifo(), units=4)
    >>> found.is_met, [(each.order, each.taken, each.allocated) for each in found.victims]
    (True, [('A', 4, 6)])
    """
    require_source(source)
    require_policy(policy)
    _check_ways(may, frozen, victims)
    ways = _Ways(policy, may, frozen, victims)
    if isinstance(source, Snapshot):
        aim = _aim(ground_of(source, [order]), (order, line), policy, units, by)
        return _displaced(source, Book.of(source), aim, ways)
    aim = _aim(ground_of(source, [order]), (order, line), policy, units, by)
    return _displaced(source, source, aim, ways)


@attrs.frozen
class _Ways:
    """How units are taken."""

    policy: AllocationPolicy
    may: MayDisplace | None
    frozen: Frozen
    victims: VictimOrder | VictimKey


@attrs.frozen
class _Aim:
    """
    Who is to have how much.

    Attributes:
        key: Which line.
        line: The line.
        held: What is allocated to it.
        units: How many units more it is to have.
        by: Until when; None is now.
        today: The day of planning.
    """

    key: LineKey
    line: OrderLine
    held: int
    units: int
    by: datetime | None
    today: int

    def is_in_time(self, promise: Promise) -> bool:
        return self.by is not None and day_of(promise.due) <= day_of(self.by)

    def can_use(self, location: Location) -> bool:
        return self.line.location in {None, location}

    def reached(self, lot: Lot) -> int:
        """Count the units of those asked for that the line has by then."""
        coming = sum(each.quantity for each in lot.promises if self.is_in_time(each))
        return min(self.units, lot.allocated - self.held + coming)


def _check_ways(may: object, frozen: object, victims: object) -> None:
    problems: Problems = []
    if may is not None and not callable(may):
        refuse(problems, "may", may, "must be a function of an order and its line")
    if not isinstance(frozen, Frozen):
        refuse(problems, "frozen", frozen, "must be Frozen")
    if not callable(victims) and victims not in VICTIM_ORDERS:
        reason = f"must be one of {', '.join(VICTIM_ORDERS)}, or a function of a demand"
        refuse(problems, "victims", victims, reason)
    raise_first(problems)


def _aim(
    ground: Ground[_Source],
    key: LineKey,
    policy: AllocationPolicy,
    units: int | None,
    by: datetime | None,
) -> _Aim:
    """Take what is asked for; refuse what cannot be."""
    order, line = key
    problems: Problems = []
    check_text(problems, "order", order)
    check_text(problems, "line", line)
    if units is not None:
        check_whole(problems, "units", units, least=1)
    if by is not None:
        check_time(problems, "by", by)
        if not isinstance(policy, KeepPromises):
            reason = "must be KeepPromises where by is given: others forget whose a promise is"
            refuse(problems, "policy", policy, reason)
    raise_first(problems)
    now: Standing = ground.standing(order, line)
    today = day_of(ground.as_of)
    if now.line is None:
        refuse(problems, "line", (order, line), "must name an existing order line")
    elif units is not None and units > now.waiting:
        refuse(problems, "units", units, f"must fit the {now.waiting} that the line waits for")
    if by is not None and day_of(by) < today:
        refuse(problems, "by", by, "must not be a day before the moment")
    raise_first(problems)
    assert now.line is not None  # noqa: S101 - refused above
    wanted = now.waiting if units is None else units
    held = now.line.outstanding - now.waiting
    return _Aim((order, line), now.line, held, wanted, by, today)


def _displaced(source: _Source, book: Book, aim: _Aim, ways: _Ways) -> Displacement[_Source]:
    search = _Search(book, aim, ways)
    taken = search.taken()
    trial = search.tried(taken)
    told = _Told(search, trial.lots, taken)
    return Displacement(
        as_of=book.as_of,
        sku=aim.line.sku,
        by=aim.by,
        wanted=aim.units,
        reached=aim.reached(trial.lots[aim.key]) if aim.units else 0,
        target=told.line(aim.key),
        victims=tuple(told.line(key) for key in told.victims),
        others=tuple(told.others()),
        before=search.before,
        after=trial.plan,
        command=trial.command,
        events=trial.events,
        source=source,
    )


@attrs.frozen(kw_only=True)
class _Trial:
    """The SKU with some units taken, planned."""

    plan: Plan
    lots: Mapping[LineKey, Lot]
    command: Reassign | None = None
    events: tuple[Fact, ...] = ()


class _Search:
    """Finds whose units to take."""

    def __init__(self, book: Book, aim: _Aim, ways: _Ways) -> None:
        """Plan the SKU as things are."""
        self.aim = aim
        self._ways = ways
        sku = aim.line.sku
        self.before = plan(book, policy=ways.policy, skus=[sku])
        self.lots = lots_of(self.before)
        self._book = apply(book, self.before.changes)
        self.here = self._book.part([sku])
        self._unit = self.here.item(sku).measure

    def taken(self) -> list[TakenUnits]:
        """Say which units to take."""
        aim = self.aim
        need = aim.units - aim.reached(self.lots[aim.key]) if aim.units else 0
        taken: list[TakenUnits] = []
        for position in self.here.positions if need else ():
            part = min(need, position.available) if aim.can_use(position.location) else 0
            if part:
                taken.append(TakenUnits(quantity=part, location=position.location))
                need -= part
        donors = in_turn(self._donors(), self._ways.victims) if need else []
        if self._ways.victims == "least-disturbing":
            return self._least_disturbing(donors, need, taken)
        for donor in donors:
            part = min(need, donor.units)
            taken += donor.give(part)
            need -= part
            if not need:
                break
        return taken

    def tried(self, taken: Sequence[TakenUnits]) -> _Trial:
        """Plan the SKU with some units taken."""
        if not taken:
            return _Trial(plan=self.before, lots=self.lots)
        order, line = self.aim.key
        command = Reassign(order=order, line=line, taken=taken)
        found = answer(self._book, command, policy=self._ways.policy)
        return _Trial(
            plan=found.plan, lots=lots_of(found.plan), command=command, events=found.events
        )

    def is_frozen(self, lot: Lot) -> bool:
        """Tell whether a line keeps what it has."""
        return self._ways.frozen.holds(lot.order, lot.line, lot.promises, self.here.as_of)

    def slips(self, key: LineKey, lots: Mapping[LineKey, Lot]) -> list[Slip]:
        """Say which units of a line get another date."""
        before, now = self.lots[key], lots[key]
        moves = moves_between(before, now)
        return [slip_of(now.order, now.line, self._unit, move) for move in moves]

    def _donors(self) -> Iterator[Donor]:
        """Give the lines that have units of use, and may give them."""
        aim = self.aim
        held = dict[LineKey, list[Allocation]]()
        for each in self.here.allocations:
            if aim.can_use(each.location):
                held.setdefault((each.order, each.line), []).append(each)
        places = {receipt.id: receipt.location for receipt in self.here.receipts}
        for key, lot in self.lots.items():
            promises = [
                each
                for each in lot.promises
                if each.receipt is not None
                and aim.is_in_time(each)
                and aim.can_use(places[each.receipt])
            ]
            allocations = held.get(key, ())
            has_units = key != aim.key and (allocations or promises)
            if has_units and not self.is_frozen(lot) and self._may(lot):
                got = lot.line.shipped + lot.allocated
                got += sum(each.quantity for each in lot.promises)
                yield Donor(
                    order=lot.order,
                    line=lot.line,
                    got=got,
                    allocations=tuple(allocations),
                    promises=tuple(promises),
                )

    def _may(self, lot: Lot) -> bool:
        may = self._ways.may
        if may is None:
            return True
        answered: object = may(lot.order, lot.line)
        if not isinstance(answered, bool):
            name = getattr(may, "__name__", type(may).__name__)
            detail = f"it answered {shown(answered)} for order {lot.order.id}, line {lot.line.id}"
            raise PolicyViolationError(policy=name, clause="may", detail=detail)
        return answered

    def _least_disturbing(
        self, donors: Sequence[Donor], need: int, taken: list[TakenUnits]
    ) -> list[TakenUnits]:
        """
        Take from one line after another, whoever costs least then.

        What a line costs hardly ever falls when others have given, so only those are planned
        again that seemed to cost least before.
        """
        first, spent, chosen = taken, self._cost(taken), 0
        heap = [
            (self._effect(donor, need, taken, spent), place, 0)
            for place, donor in enumerate(donors)
        ]
        # Step by step may cost more in the end than one line that can give it all.
        alone = min((each for each in heap if donors[each[1]].units >= need), default=None)
        heapify(heap)
        whole = need
        while need and heap:
            _, place, known = heappop(heap)
            donor = donors[place]
            if known < chosen:
                heappush(heap, (self._effect(donor, need, taken, spent), place, chosen))
                continue
            part = min(need, donor.units)
            taken = [*taken, *donor.give(part)]
            need -= part
            chosen += 1
            spent = self._cost(taken)
        if chosen > 1 and alone is not None:
            single = [*first, *donors[alone[1]].give(whole)]
            return single if self._cost(single) <= spent else taken
        return taken

    def _effect(
        self, donor: Donor, need: int, taken: Sequence[TakenUnits], spent: Sequence[int]
    ) -> Effect:
        """Say what it costs for each unit that a line gives some."""
        part = min(need, donor.units)
        cost = self._cost([*taken, *donor.give(part)])
        per_unit = [Fraction(now - was, part) for now, was in zip(cost, spent, strict=True)]
        # Of two that cost the same, whoever gives more spares another line.
        return (*per_unit, Fraction(-part))

    def _cost(self, taken: Sequence[TakenUnits]) -> tuple[int, int, int, int]:
        """Count units: of frozen lines that get later, without a date, too late; and days."""
        lots = self.tried(taken).lots
        frozen = lost = missed = days = 0
        for key in lots:
            for slip in self.slips(key, lots) if key != self.aim.key else ():
                if slip.is_worse:
                    frozen += slip.quantity if self.is_frozen(self.lots[key]) else 0
                    lost += slip.quantity if slip.kind == "lost" else 0
                    missed += slip.quantity if slip.missed and not slip.missed_before else 0
                    days += slip.quantity * (slip.days_later or 0)
        return frozen, lost, missed, days


class _Told:
    """Says line by line what becomes of it."""

    def __init__(
        self, search: _Search, lots: Mapping[LineKey, Lot], taken: Iterable[TakenUnits]
    ) -> None:
        self._search = search
        self._lots = lots
        self.victims = dict[LineKey, tuple[int, int]]()
        for each in taken:
            if each.order is not None and each.line is not None:
                key = each.order, each.line
                units, promised = self.victims.get(key, (0, 0))
                if each.receipt is None:
                    units += each.quantity
                else:
                    promised += each.quantity
                self.victims[key] = units, promised

    def others(self) -> Iterator[DisplacedLine]:
        """Give the lines that give nothing, and get other dates all the same."""
        for key in self._lots:
            if key not in self.victims and key != self._search.aim.key:
                found = self.line(key)
                if found.slips:
                    yield found

    def line(self, key: LineKey) -> DisplacedLine:
        """Say what becomes of one line."""
        search = self._search
        before, now = search.lots.get(key), self._lots.get(key)
        order, line = key
        if before is None or now is None:
            # All of it has been shipped or cancelled.
            return DisplacedLine(order=order, line=line, allocated_before=0, allocated=0)
        taken, promised = self.victims.get(key, (0, 0))
        return DisplacedLine(
            order=order,
            line=line,
            customer=now.order.customer,
            requested=now.line.requested,
            taken=taken,
            taken_promises=promised,
            allocated_before=before.allocated,
            allocated=now.allocated,
            promises_before=before.promises,
            promises=now.promises,
            slips=worst_first(search.slips(key, self._lots)),
            is_frozen=search.is_frozen(before),
        )
