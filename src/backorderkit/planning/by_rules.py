"""Decides one SKU by rules, and notes what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import attrs

from backorderkit.model.ids import Location, Sku
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.decisions import Decisions, Grant
from backorderkit.planning.floors import Broken, Floors, broken
from backorderkit.planning.lines_by_rules import RuledLines
from backorderkit.planning.openings import BrokenContract, Opening, start_of
from backorderkit.planning.placing import Places
from backorderkit.planning.restricting import Restriction
from backorderkit.planning.restricting import Obstacle
from backorderkit.planning.ruled import LineTerms, RuledSku, Served
from backorderkit.planning.told import Part as Owed
from backorderkit.planning.told import day_of
from backorderkit.policies.contracts import Contract
from backorderkit.policies.protocol import AllocationPolicy
from backorderkit.policies.queue import Queue
from backorderkit.policies.ranked import Ranking, serves_in_order
from backorderkit.policies.shipping import ANY_PART

Arrival = tuple[int, ScheduledReceipt, int]
"""The place of a receipt in the supply, itself, and how much of it there is to share."""


@attrs.define(eq=False, kw_only=True)
class RuleRun:
    """
    The decisions of a run about one SKU, by rules.

    Attributes:
        ruled: What rules say of all lines.
        decisions: Where it notes what it decides.
        sku: Of what.
        start: Where the SKU's lines begin in the queue.
        lines: They, in FIFO order.
        pools: What there is to share at each location now.
        coming: What arrives, in turn.
    """

    ruled: RuledLines
    decisions: Decisions
    sku: Sku
    start: int
    lines: Queue
    pools: dict[Location, int]
    coming: Sequence[Arrival]
    _owed: dict[int, list[Owed]] = attrs.field(init=False, factory=dict)
    _contracts: dict[int, Contract] = attrs.field(init=False, factory=dict)
    _grants: dict[int, list[Grant]] = attrs.field(init=False, factory=dict)
    _granted: dict[int, tuple[int, Places]] = attrs.field(init=False, factory=dict)
    _layers: dict[Location, list[list[int]]] = attrs.field(init=False, factory=dict)

    def decide(self) -> None:
        """Share each supply event, and note who gets what, unless a contract would break."""
        ruled, today = self.ruled, self.ruled.today
        self.decisions.ruled.add(self.sku)
        for slot, row in enumerate(self.lines.rows):
            contract = ruled.contract(row)
            if contract is not None:
                self._contracts[slot] = contract
                self._owed[slot] = list(self._parts(slot, row, contract))
        classes = self._classes()
        state = RuledSku(
            lines=self.lines,
            classes=classes,
            terms=self._terms(),
            floors=self._floors(classes),
            restrictions=self._restrictions(),
            waits=ruled.rules.waits,
            pools=self.pools,
            day=today,
        )
        dues = {slot: [(part.day, part.left) for part in own] for slot, own in self._owed.items()}
        self._layers = {place: [[-1, there]] for place, there in self.pools.items()}
        for slot, units, places in state.share():
            self._granted[slot] = units, places
            self._use(places)
        obstacles = list(state.obstacles())
        for place, receipt, quantity in self.coming:
            day = max(today, day_of(receipt.due))
            self._open(state, day)
            state.arrive(receipt.location, quantity, day)
            self._layers.setdefault(receipt.location, []).append([place, quantity])
            for slot, units, places in state.share(receipt.id):
                self._grants.setdefault(slot, []).append((receipt, units))
                self._use(places)
                if len(places) > 1 or places[0][0] != receipt.location:
                    self.decisions.sources[self.lines.rows[slot], receipt.id] = places
        self._open(state, None)
        faults = list(broken(self._contracts, dues, state.got))
        if faults:
            self._stay(faults)
        else:
            self._note(state, obstacles)

    def _open(self, state: RuledSku, until: int | None) -> None:
        """Share what lies there on the days before one on which somebody may take of it."""
        while (day := state.next_day()) is not None and (until is None or day < until):
            state.go_on(day)
            for slot, _, places in state.share():
                for location, units in places:
                    for place, part in self._use(((location, units),)):
                        receipt = self.decisions.supply.receipts[place] if place >= 0 else None
                        opening = Opening(due=start_of(day), location=location, receipt=receipt)
                        self._grants.setdefault(slot, []).append((opening, part))

    def _use(self, places: Places) -> list[tuple[int, int]]:
        """Take units from what lies there, what came first first; say with what it came."""
        used: list[tuple[int, int]] = []
        for location, quantity in places:
            layers = self._layers[location]
            left = quantity
            while left:
                place, there = layers[0]
                part = min(there, left)
                used.append((place, part))
                left -= part
                if part == there:
                    layers.pop(0)
                else:
                    layers[0][1] -= part
        return used

    def _classes(self) -> list[Served]:
        """Say who is served when, and by which policy."""
        ruled, rows = self.ruled, self.lines.rows
        within = ruled.rules.within
        by_place = dict[int, tuple[AllocationPolicy, list[int]]]()
        for slot, row in enumerate(rows):
            segment = ruled.segment(row)
            place = segment.place if segment else 0
            policy = (segment.policy if segment else None) or within
            known = by_place.setdefault(place, (policy, []))
            known[1].append(slot)
        classes: list[Served] = []
        for place in sorted(by_place):
            policy, slots = by_place[place]
            in_order = serves_in_order(policy)
            if in_order and isinstance(policy, Ranking) and len(slots) > 1:
                queue = self.lines.take(slots)
                order = policy._in_order(queue, policy._keys(queue), range(len(slots)))  # noqa: SLF001 - ours
                slots = [slots[each] for each in order]
            classes.append(Served(policy=policy, slots=slots, in_order=in_order))
        return classes

    def _parts(self, slot: int, row: int, contract: Contract) -> Iterator[Owed]:
        """Give what a line has and was told, or must have, each from its day."""
        ruled, left, today = self.ruled, self.lines.wants[slot], self.ruled.today
        if contract.floor == "full-or-raise":
            requested = self.lines.lines[slot].requested
            if left:
                day = max(today, day_of(requested)) if requested else today
                yield Owed(slot, day, None, left)
            return
        taken = ruled.taken_back.get(row, ())
        mine = sum(allocation.quantity for allocation in taken)
        if mine:
            yield Owed(slot, today, None, mine)
            left -= mine
        for promise in ruled.told(row):
            units = min(left, promise.quantity)
            if units:
                yield Owed(slot, max(today, day_of(promise.due)), promise.receipt, units)
                left -= units

    def _terms(self) -> dict[int, LineTerms]:
        """Say what rules say of the lines of which they say something."""
        ruled, terms = self.ruled, dict[int, LineTerms]()
        for slot, row in enumerate(self.lines.rows):
            contract = self._contracts.get(slot)
            rule, opens = ruled.rule(row), ruled.opens(row)
            if contract is None and rule == ANY_PART and opens <= ruled.today:
                continue
            caps = self._caps(slot, contract) if contract else None
            terms[slot] = LineTerms(
                rule=ANY_PART if rule == ANY_PART else rule,
                opens=opens,
                caps=caps,
                may_early=caps is None,
            )
        return terms

    def _caps(self, slot: int, contract: Contract) -> tuple[tuple[int, int], ...] | None:
        if contract.cap == "none":
            return None
        caps: list[tuple[int, int]] = []
        total = 0
        parts = () if contract.cap == "nothing" else sorted(self._owed[slot], key=_day)
        for day, same in groupby(parts, key=_day):
            total += sum(part.left for part in same)
            caps.append((day, total))
        return tuple(caps)

    def _floors(self, classes: Sequence[Served]) -> Floors | None:
        """Say what contracts owe, of one day those first who are served first."""
        owed = dict[str, list[Owed]]()
        for each in classes:
            for slot in each.slots:
                contract = self._contracts.get(slot)
                if contract and contract.floor != "none":
                    owed.setdefault(contract.floor, []).extend(self._owed[slot])
        if not owed:
            return None
        today = self.ruled.today
        coming = [
            (receipt.location, max(today, day_of(receipt.due)), quantity)
            for _, receipt, quantity in self.coming
        ]
        sites = [line.location for line in self.lines.lines]
        return Floors(owed, sites, coming, self.pools)

    def _restrictions(self) -> Sequence[Restriction]:
        return ()

    def _note(self, state: RuledSku, obstacles: Sequence[tuple[int, Obstacle, int]]) -> None:
        """Note what was decided."""
        decisions, rows = self.decisions, self.lines.rows
        for slot, (units, places) in self._granted.items():
            self._grant(slot, units, places)
        for slot, grants in self._grants.items():
            decisions.coming[rows[slot]] = grants
        for slot, obstacle, units in obstacles:
            decisions.obstacles[rows[slot]] = obstacle, units
        for slot, obstacle, units in state.obstacles():
            decisions.later_obstacles[rows[slot]] = obstacle, units
        left = {place: there for place, there in state.pools.items() if there}
        if left:
            decisions.held_back[self.sku] = left

    def _grant(self, slot: int, units: int, places: Places) -> None:
        self.decisions.shares[self.start + slot] = units
        if self.sku in self.decisions.supply.spread:
            self.decisions.places[self.lines.rows[slot]] = places

    def _stay(self, faults: Sequence[Broken]) -> None:
        """Leave the SKU as it was, and say why."""
        ruled, rows = self.ruled, self.lines.rows
        for slot, row in enumerate(rows):
            taken = ruled.taken_back.get(row, ())
            if taken:
                places = tuple((each.location, each.quantity) for each in taken)
                self._grant(slot, sum(units for _, units in places), places)
            self.decisions.unchanged[row] = ruled.told(row)
        for fault in faults:
            order, line = self.lines.orders[fault.slot], self.lines.lines[fault.slot]
            segment = ruled.segment(rows[fault.slot])
            assert segment is not None  # noqa: S101 - it owes by its contract
            assert segment.contract is not None  # noqa: S101 - as above
            self.decisions.broken.append(
                BrokenContract(
                    order=order.id,
                    line=line.id,
                    sku=self.sku,
                    segment=segment.name,
                    contract=segment.contract,
                    by=start_of(fault.day),
                    owed=fault.owed,
                    got=fault.got,
                )
            )


def _day(part: Owed) -> int:
    return part.day
