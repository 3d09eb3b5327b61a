"""Decides one SKU by rules, and notes what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

import attrs

from backorderkit.model.ids import Location, ReceiptId, Sku
from backorderkit.planning.decisions import Decisions
from backorderkit.planning.floors import Broken, Floors, broken
from backorderkit.planning.giving_up import give_up
from backorderkit.planning.line_terms import LineTerms, Served
from backorderkit.planning.lines_by_rules import RuledLines
from backorderkit.planning.openings import BrokenContract, start_of
from backorderkit.planning.placing import Placer, Places
from backorderkit.planning.restricting import Restriction
from backorderkit.planning.ruled import RuledSku
from backorderkit.planning.told import Part as Owed
from backorderkit.planning.told import day_of
from backorderkit.planning.walked import Arrival, Walked
from backorderkit.policies.contracts import Contract
from backorderkit.policies.queue import Queue
from backorderkit.policies.ranked import Ranking, serves_in_order
from backorderkit.policies.shipping import ANY_PART, ShipRule

Days = Sequence[tuple[int, int]]
"""Days and quantities, ascending."""

_OF_NONE: Final = ReceiptId("")
"""No receipt, and not the stock either: what is owed of no supply in particular."""

_ANEW: Final = Contract()

_NO_TERMS: Final = LineTerms()
_ROUNDS: Final = 12
"""So often at most it is planned again what lines lose to each other."""


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
        placer: Says where the units of each line come from.
        order: The slots in the order in which the policy within serves, if it has one.
    """

    ruled: RuledLines
    decisions: Decisions
    sku: Sku
    start: int
    lines: Queue
    pools: dict[Location, int]
    coming: Sequence[Arrival]
    placer: Placer
    order: Sequence[int]
    _contracts: dict[int, Contract] = attrs.field(init=False, factory=dict)
    _classes: list[Served] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        """Look up the contracts of the lines."""
        self.decisions.ruled.add(self.sku)
        contracts = map(self.ruled.contract, self.lines.rows)
        for slot, (contract, want) in enumerate(zip(contracts, self.lines.wants, strict=True)):
            # Who waits for nothing has all that a contract could give, and what gives up
            # what it had is shared as any other line.
            if contract is not None and want and contract != _ANEW:
                self._contracts[slot] = contract

    def begin(self) -> Walked:
        """Prepare to share, where another decides who is served when."""
        return Walked(state=self._state(self._owed(), keeps=False))

    def _owed(self) -> dict[int, list[Owed]]:
        """Say what contracts owe to lines, or limit them to."""
        owed = {
            slot: self._parts(slot, self.lines.rows[slot], contract)
            for slot, contract in self._contracts.items()
        }
        for slot, parts in owed.items() if self.ruled.has_terms else ():
            rule = self.ruled.rule(self.lines.rows[slot])
            owed[slot] = _that_may_go(parts, self.lines.wants[slot], rule)
        return owed

    def decide(self) -> None:
        """Share each supply event, and note who gets what, unless a contract would break."""
        owed = self._owed()
        terms = self._terms(owed)
        if self._is_plenty(terms):
            self._fill()
            return
        self._classes = self._in_turn()
        had = _days(owed)
        hard = {slot: each for slot, each in self._contracts.items() if each.is_hard}
        walked = self._walk(owed)
        if walked.state.restrictions and any(broken(hard, had, walked.state.got)):
            # What is given early takes room that others may need; what is not may find none.
            walked = self._walk(owed, early=True)
        for _ in range(_ROUNDS):
            if self._is_settled(had, walked):
                break
            owed = self._now_owed(walked)
            walked = self._walk(owed)
            now = _days(self._now_owed(walked))
            if now == _days(owed):
                break
        faults = list(broken(hard, had, walked.state.got))
        if faults:
            self._stay(faults)
        else:
            self.note(walked)

    def _walk(self, owed: Mapping[int, Sequence[Owed]], *, early: bool = False) -> Walked:
        """
        Go through the supply events, with so much owed to lines by contracts.

        Where quotas or protections share a room among lines, what is owed is given before
        its day only if *early* says so.
        """
        walked = Walked(state=self._state(owed))
        walked.state.early = early or not walked.state.restrictions
        walked.walk(self.coming)
        return walked

    def _state(self, owed: Mapping[int, Sequence[Owed]], *, keeps: bool = True) -> RuledSku:
        return RuledSku(
            lines=self.lines,
            classes=[attrs.evolve(each, slots=list(each.slots)) for each in self._classes],
            terms=self._terms(owed),
            floors=self._floors(owed) if keeps else None,
            restrictions=self._restrictions(),
            waits=self.ruled.rules.waits,
            pools=dict(self.pools),
            day=self.ruled.today,
            placer=self.placer.again(),
            homes=self._homes(),
            watched=self._contracts,
        )

    def _is_plenty(self, terms: Mapping[int, LineTerms]) -> bool:
        """Say whether all can have all they want today, from one place."""
        is_timed = any(each.caps is not None or each.opens > 0 for each in terms.values())
        if is_timed or len(self.pools) != 1 or sum(self.lines.wants) > sum(self.pools.values()):
            return False
        sites = {line.location for line in self.lines.lines}
        return sites <= {None, *self.pools} and not self._restrictions()

    def _fill(self) -> None:
        """Give everybody everything."""
        ((location, there),) = self.pools.items()
        for slot, want in enumerate(self.lines.wants):
            if want:
                self._grant(slot, want, ((location, want),))
                there -= want
        if there:
            self.decisions.held_back[self.sku] = {location: there}

    def _homes(self) -> dict[int, Places]:
        """Say where units were, by slot, that were taken back."""
        if len(self.pools) < 2:  # noqa: PLR2004 - one place is no choice
            return {}
        taken = self.ruled.taken_back
        return {
            slot: tuple((each.location, each.quantity) for each in taken[row])
            for slot, row in enumerate(self.lines.rows)
            if row in taken and self.lines.lines[slot].location is None
        }

    def _is_settled(self, had: Mapping[int, Days], walked: Walked) -> bool:
        """
        Say whether the next plan will find what this one leaves.

        It may not where units were kept for a line that may not have them in the end: by
        its ship rule, or since something else limits it.  Nor where bound lines and free
        ones share a supply: what is kept for them then depends on what all had.
        """
        state = walked.state
        if state.floors is not None and state.floors.is_mixed:
            return False
        return not any(
            (slot in state.terms or state.is_restricted(slot)) and _lost(had[slot], got)
            for slot, contract in self._contracts.items()
            if contract.floor != "none" and (got := state.got.get(slot, ())) is not None
        )

    def _now_owed(self, walked: Walked) -> dict[int, list[Owed]]:
        """Say what lines are owed after a walk: what they got, or in full as before."""
        today = self.ruled.today
        return {
            slot: self._parts(slot, self.lines.rows[slot], contract)
            if contract.floor == "full-or-raise"
            else walked.parts_of(slot, today)
            for slot, contract in self._contracts.items()
        }

    def _in_turn(self) -> list[Served]:
        """Say who is served when, and by which policy."""
        ruled, within = self.ruled, self.ruled.rules.within
        by_place = dict[int, list[int]]()
        rows = self.lines.rows
        for slot in self.order:
            by_place.setdefault(ruled.place(rows[slot]), []).append(slot)
        classes: list[Served] = []
        for place in sorted(by_place):
            policy, slots = ruled.named.get(place, within), by_place[place]
            in_order = serves_in_order(policy)
            if policy is not within or not in_order:
                slots.sort()
            if policy is not within and in_order and isinstance(policy, Ranking):
                queue = self.lines.take(slots)
                order = policy._in_order(queue, policy._keys(queue), range(len(slots)))  # noqa: SLF001 - ours
                slots = [slots[each] for each in order]
            classes.append(Served(policy=policy, slots=slots, in_order=in_order))
        return classes

    def _parts(self, slot: int, row: int, contract: Contract) -> list[Owed]:
        """Give what a line has and was told, or must have, each from its day."""
        ruled, left, today = self.ruled, self.lines.wants[slot], self.ruled.today
        parts: list[Owed] = []
        if contract.floor == "full-or-raise":
            if left:
                requested = self.lines.lines[slot].requested
                day = max(today, day_of(requested)) if requested else today
                parts.append(Owed(slot, day, _OF_NONE, left))
            return parts
        if row in ruled.taken_back:
            mine = sum(allocation.quantity for allocation in ruled.taken_back[row])
            parts.append(Owed(slot, today, None, mine))
            left -= mine
        for promise in ruled.told(row) if left else ():
            units = min(left, promise.quantity)
            if units:
                # What is told is in UTC.
                day = max(today, promise.due.toordinal())
                parts.append(Owed(slot, day, promise.receipt, units))
                left -= units
        return parts

    def _terms(self, owed: Mapping[int, Sequence[Owed]]) -> dict[int, LineTerms]:
        """Say what rules say of the lines that may not have all at once."""
        ruled, terms = self.ruled, dict[int, LineTerms]()
        for slot, contract in self._contracts.items():
            if contract.cap != "none":
                caps = _caps(owed[slot], contract)
                terms[slot] = LineTerms(caps=caps, may_early=False)
        if ruled.has_terms:
            for slot, row in enumerate(self.lines.rows):
                rule, opens = ruled.rule(row), ruled.opens(row)
                if rule != ANY_PART or opens > ruled.today:
                    known = terms.get(slot, _NO_TERMS)
                    terms[slot] = attrs.evolve(known, rule=rule, opens=opens)
        return terms

    def _floors(self, owed: Mapping[int, Sequence[Owed]]) -> Floors | None:
        """Say what contracts owe, of one day those first who are served first."""
        by_floor = dict[str, list[Owed]]()
        contracts = self._contracts
        for each in self._classes:
            for slot in each.slots:
                if slot in contracts and contracts[slot].floor != "none" and owed[slot]:
                    parts = owed[slot]
                    own = by_floor.setdefault(contracts[slot].floor, [])
                    own += [Owed(slot, part.day, part.receipt, part.left) for part in parts]
        if not any(by_floor.values()):
            return None
        today = self.ruled.today
        coming = [
            (receipt.location, max(today, day_of(receipt.due)), quantity)
            for receipt, quantity in self.coming
        ]
        sites = [line.location for line in self.lines.lines]
        if self.ruled.rules.disturb == "fewest-lines":
            by_floor = give_up(by_floor, sites, coming, self.pools, today)
        in_turn = (slot for each in self._classes for slot in each.slots)
        ranks = {slot: rank for rank, slot in enumerate(in_turn)}
        return Floors(by_floor, sites, coming, self.pools, ranks)

    def _restrictions(self) -> Sequence[Restriction]:
        """Say what quotas and protections leave; what lines keep counts as used."""
        queue = self.lines
        kept = [
            line.outstanding - want for line, want in zip(queue.lines, queue.wants, strict=True)
        ]
        return self.ruled.limits.restrictions_of(self.sku, queue.orders, queue.lines, kept)

    def note(self, walked: Walked) -> None:
        """Note what was decided."""
        decisions, rows = self.decisions, self.lines.rows
        for slot, (units, places) in walked.granted.items():
            self._grant(slot, units, places)
        for slot, grants in walked.grants.items():
            decisions.coming[rows[slot]] = grants
        for (slot, receipt), places in walked.sources.items():
            decisions.sources[rows[slot], receipt] = places
        for slot, obstacle, units in walked.obstacles:
            decisions.obstacles[rows[slot]] = obstacle, units
        for slot, obstacle, units in walked.later_obstacles:
            decisions.later_obstacles[rows[slot]] = obstacle, units
        left = {place: there for place, there in walked.state.pools.items() if there}
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
            self.decisions.broken.append(
                BrokenContract(
                    order=order.id,
                    line=line.id,
                    sku=self.sku,
                    segment=segment.name if segment else "",
                    contract=self._contracts[fault.slot],
                    by=start_of(fault.day),
                    owed=fault.owed,
                    got=fault.got,
                )
            )


def _lost(had: Days, got: Iterable[tuple[int, int]]) -> bool:
    """Say whether a line got less by some day than it had."""
    total = 0
    for day, units in had:
        total += units
        if sum(given for when, given in got if when <= day) < total:
            return True
    return False


def _days(owed: Mapping[int, Sequence[Owed]]) -> dict[int, Days]:
    """Give the day and the quantity of what is owed, by slot; days ascend."""
    return {slot: sorted((part.day, part.left) for part in parts) for slot, parts in owed.items()}


def _caps(parts: Sequence[Owed], contract: Contract) -> tuple[tuple[int, int], ...] | None:
    """Give the most that a line may have been given by a day, where a contract says so."""
    if contract.cap == "none":
        return None
    caps: list[tuple[int, int]] = []
    total = 0
    owed = () if contract.cap == "nothing" else sorted(parts, key=lambda part: part.day)
    for day, same in groupby(owed, key=lambda part: part.day):
        total += sum(part.left for part in same)
        caps.append((day, total))
    return tuple(caps)


def _that_may_go(parts: Sequence[Owed], want: int, rule: ShipRule) -> list[Owed]:
    """
    Give what is owed without what no ship rule lets go.

    What was told by another rule can be no floor: nothing would ever be given for it.
    """
    if rule == ANY_PART:
        return list(parts)
    may_go: list[Owed] = []
    for _, same in groupby(parts, key=lambda part: part.day):
        group = list(same)
        units = sum(part.left for part in group)
        if rule.portion(want, units) == units:
            want -= units
            may_go += group
    return may_go
