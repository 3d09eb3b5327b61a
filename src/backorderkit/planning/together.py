"""Shares the supply of SKUs among lines that ship together, over all their SKUs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import attrs

from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.by_rules import RuleRun
from backorderkit.planning.lines_by_rules import RuledLines
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.openings import start_of
from backorderkit.planning.told import day_of
from backorderkit.planning.walked import Walked
from backorderkit.policies.protocol import AllocationPolicy, fifo_key
from backorderkit.policies.queue import Queue
from backorderkit.policies.ranked import Ranking
from backorderkit.policies.rules import OWN_PLACE
from backorderkit.policies.together import Together

Member = tuple[int, int]
"""Of which SKU, by its place among the runs, and the slot of the line there."""


@attrs.define(eq=False)
class _Unit:
    """
    Lines that are served at once: a group, or one line of none.

    Attributes:
        members: The lines, in the order of service.
        left: How many shipments it may still have; None for a line of no group.
        joins: Whether today's shipment is counted already: what is allocated leaves by it.
    """

    members: list[Member]
    left: int | None
    joins: bool = False


@attrs.define(eq=False)
class _Closed:
    """Where a queue waits that may not be overtaken."""

    everywhere: bool = False
    places: set[Location] = attrs.field(factory=set)

    def keeps_out(self, site: Location | None) -> bool:
        return self.everywhere or site in self.places or (site is None and bool(self.places))

    def close(self, site: Location | None) -> None:
        if site is None:
            self.everywhere = True
        else:
            self.places.add(site)


@attrs.define(eq=False, kw_only=True)
class TogetherRun:
    """
    The decisions of a run about SKUs that orders may tie.

    Events go by in time, over all SKUs.  At each one those are served in turn that want
    what came; a group takes what it wants of all its SKUs, or nothing.

    Attributes:
        ruled: What rules say of all lines.
        together: Which lines ship together.
        runs: Each SKU.
    """

    ruled: RuledLines
    together: Together
    runs: list[RuleRun]
    _walked: list[Walked] = attrs.field(init=False)
    _asked: set[int] = attrs.field(init=False, factory=set)
    _closed: dict[int, _Closed] = attrs.field(init=False, factory=dict)
    _day: int = attrs.field(init=False)
    _units: list[_Unit] = attrs.field(init=False)
    _places: dict[int, int] = attrs.field(init=False)
    _by_sku: dict[int, list[_Unit]] = attrs.field(init=False, factory=dict)
    _timed: list[int] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Prepare each SKU, and say who is served when."""
        self._day = self.ruled.today
        self._walked = [run.begin() for run in self.runs]
        self._units = self._grouped()
        self._places = {id(unit): place for place, unit in enumerate(self._units)}
        for each in range(len(self.runs)):
            self._by_sku[each] = []
        for unit in self._units:
            for each in dict.fromkeys(each for each, _ in unit.members):
                self._by_sku[each].append(unit)
        self._timed = [each for each, walked in enumerate(self._walked) if walked.state.is_timed]
        for unit in self._units:
            for each, slot in unit.members if unit.left is not None else ():
                self._walked[each].state.grouped.add(slot)

    def decide(self) -> None:
        """Share each supply event, and note who gets what."""
        for each in range(len(self.runs)):
            self._look(each)
        self._serve(self._units)
        for unit in self._units:
            unit.joins = False
        for walked in self._walked:
            walked.grant(walked.state.finish())
        today = self.ruled.today
        for day, due, each, receipt, quantity in self._arrivals():
            self._open(day)
            self._start(day)
            self._walked[each].arrive(receipt, quantity, max(today, day_of(receipt.due)))
            self._look(each)
            self._serve(self._waiting_in(each))
            for asked in sorted(self._asked):
                walked = self._walked[asked]
                if asked == each:
                    walked.promise(receipt, walked.state.finish())
                else:
                    walked.hand_out(due, walked.state.finish())
        self._open(None)
        for run, walked in zip(self.runs, self._walked, strict=True):
            walked.end()
            run.note(walked)

    def _arrivals(self) -> list[tuple[int, datetime, int, ScheduledReceipt, int]]:
        """Give all that arrives, in time, with the day, the moment, and of which SKU it is."""
        today, now = self.ruled.today, self.ruled.snapshot.as_of
        arrivals = [
            (max(today, day_of(receipt.due)), receipt.due, receipt.id, each, receipt, quantity)
            for each, run in enumerate(self.runs)
            for receipt, quantity in run.coming
        ]
        arrivals.sort(key=lambda arrival: arrival[:3])
        return [
            (day, max(now, due), each, receipt, quantity)
            for day, due, _, each, receipt, quantity in arrivals
        ]

    def _open(self, until: int | None) -> None:
        """Share what lies there on the days before one on which somebody may take of it."""
        while True:
            days = [(day, each) for each, day in self._next_days()]
            day = min((day for day, _ in days), default=None)
            if day is None or (until is not None and day > until):
                return
            self._start(day)
            for when, each in days:
                if when == day:
                    self._look(each)
            asked = sorted(self._asked)
            waiting = {id(unit): unit for each in asked for unit in self._waiting_in(each)}
            self._serve(sorted(waiting.values(), key=lambda unit: self._places[id(unit)]))
            for each in sorted(self._asked):
                self._walked[each].hand_out(start_of(day), self._walked[each].state.finish())

    def _next_days(self) -> Iterator[tuple[int, int]]:
        for each in self._timed:
            day = self._walked[each].state.next_day()
            if day is not None:
                yield each, day

    def _start(self, day: int) -> None:
        """Come to an event of a day."""
        self._asked.clear()
        self._closed.clear()
        self._day = day

    def _look(self, each: int) -> None:
        """Look at what there is of a SKU, once for each event."""
        if each not in self._asked:
            self._asked.add(each)
            self._walked[each].state.go_on(self._day)
            self._walked[each].state.begin()

    def _in_turn(self) -> Iterator[Member]:
        """Give all lines of all SKUs in the order of service."""
        ruled, lines = self.ruled, self.ruled.lines
        member = {
            row: (each, slot)
            for each, run in enumerate(self.runs)
            for slot, row in enumerate(run.lines.rows)
        }
        named = {each.place: each.policy for each in ruled.rules.segments if each.policy}
        by_place = dict[int, list[int]]()
        for row in member:
            segment = ruled.segment(row)
            by_place.setdefault(segment.place if segment else OWN_PLACE, []).append(row)
        for place in sorted(by_place):
            rows = by_place[place]
            rows.sort(key=lambda row: fifo_key(lines.owners[row], lines.lines[row]))
            for row in _ordered(named.get(place, ruled.rules.within), rows, lines):
                yield member[row]

    def _grouped(self) -> list[_Unit]:
        """Put the lines into groups; a group stands where its first line does."""
        units: list[_Unit] = []
        groups = dict[str, _Unit]()
        for each, slot in self._in_turn():
            run = self.runs[each]
            order, line = run.lines.orders[slot], run.lines.lines[slot]
            name = self.together.group_of(order, line)
            if name is None:
                units.append(_Unit([(each, slot)], None))
                continue
            unit = groups.get(name)
            if unit is None:
                unit = groups[name] = _Unit([], self.together.shipments)
                units.append(unit)
            unit.members.append((each, slot))
        for unit in groups.values():
            self._count_made(unit)
        return units

    def _count_made(self, unit: _Unit) -> None:
        """Count the shipments that left or are made ready; one is always left, for the rest."""
        queues = [(self.runs[each].lines, slot) for each, slot in unit.members]
        left = self.together.shipments - any(queue.lines[slot].shipped for queue, slot in queues)
        holds = any(queue.lines[slot].outstanding > queue.wants[slot] for queue, slot in queues)
        unit.joins = holds and left > 1
        unit.left = max(1, left - holds)

    def _waiting_in(self, each: int) -> list[_Unit]:
        """Give those that want something of a SKU, in the order of service."""
        waiting = [unit for unit in self._by_sku[each] if self._wants_of(unit, each)]
        self._by_sku[each] = waiting
        return waiting

    def _wants(self, member: Member) -> int:
        each, slot = member
        return self._walked[each].state.wants(slot)

    def _wants_of(self, unit: _Unit, each: int) -> bool:
        state = self._walked[each].state
        return any(sku == each and state.wants(slot) for sku, slot in unit.members)

    def _serve(self, units: Sequence[_Unit]) -> None:
        """Serve one after another, as far as what is there allows."""
        waits = self.ruled.rules.waits
        for unit in units:
            open_ = [member for member in unit.members if self._wants(member)]
            if not open_:
                continue
            for each, _ in open_:
                self._look(each)
            must_wait = waits and any(self._is_closed(*member) for member in open_)
            is_served = not must_wait and self._take(unit, open_)
            if waits and not is_served:
                self._close([member for member in open_ if self._wants(member)])

    def _take(self, unit: _Unit, open_: Sequence[Member]) -> bool:
        """Give a group all that it wants, or a part if it may have one; say if that is all."""
        states = [self._walked[each].state for each, _ in open_]
        if unit.left is None:
            ((_, slot),), (state,) = open_, states
            wish = state.wish(slot)
            units = state.may_have(slot)
            if units:
                state.give(slot, units)
            return units >= wish
        given: list[int] = []
        for (_, slot), state in zip(open_, states, strict=True):
            wanted = state.wants(slot)
            units = state.may_have(slot)
            if units < wanted and unit.left == 1 and not unit.joins:
                for (_, earlier), back, units_back in zip(open_, states, given, strict=False):
                    back.give(earlier, -units_back)
                return False
            if units:
                state.give(slot, units)
            given.append(units)
        if any(given) and unit.left > 1 and not unit.joins:
            unit.left -= 1
        return not any(state.wants(slot) for (_, slot), state in zip(open_, states, strict=True))

    def _is_closed(self, each: int, slot: int) -> bool:
        closed = self._closed.get(each)
        return closed is not None and closed.keeps_out(self._walked[each].state.site(slot))

    def _close(self, members: Sequence[Member]) -> None:
        """Let the queues wait behind who cannot be served."""
        for each, slot in members:
            site = self._walked[each].state.site(slot)
            self._closed.setdefault(each, _Closed()).close(site)


def tied_skus(snapshot: Snapshot, together: Together, skus: frozenset[Sku]) -> frozenset[Sku]:
    """
    Give the SKUs that some are tied to by open lines that ship together, and themselves.

    O(lines of the snapshot).
    """
    members = dict[str, set[Sku]]()
    groups = dict[Sku, set[str]]()
    for order in snapshot.orders:
        for line in order.lines:
            name = together.group_of(order, line) if line.outstanding else None
            if name is not None:
                members.setdefault(name, set()).add(line.sku)
                groups.setdefault(line.sku, set()).add(name)
    found, open_ = set(skus), list(skus)
    while open_:
        for name in groups.get(open_.pop(), ()):
            more = members.pop(name, set()) - found
            found |= more
            open_ += more
    return frozenset(found)


def _ordered(policy: AllocationPolicy, rows: list[int], lines: OpenLines) -> list[int]:
    """Put rows, oldest first, in the order in which a policy serves them."""
    if not isinstance(policy, Ranking) or len(rows) < 2:  # noqa: PLR2004 - one is sorted
        return rows
    wants = [lines.wants[row] for row in rows]
    claims = [lines.claims[row] for row in rows]
    queue = Queue(lines.owners, lines.lines, rows, claims=claims, wants=wants, limits=wants)
    order = policy._in_order(queue, policy._keys(queue), range(len(rows)))  # noqa: SLF001 - ours
    return [rows[place] for place in order]
