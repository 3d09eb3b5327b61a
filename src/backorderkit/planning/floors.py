"""What contracts owe lines by which day, and what of the supply must be kept for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Protocol

import attrs

from backorderkit.model.ids import Location, ReceiptId
from backorderkit.planning.told import Part, Zone
from backorderkit.policies.contracts import Contract

Site = Location | None
"""What a line is bound to; None is anywhere."""

TIERS = ("full-or-raise", "keep-or-raise", "keep-if-possible")
"""The floors there are, those first that others give way to."""


@attrs.frozen
class Broken:
    """
    A floor that was not kept.

    Attributes:
        slot: Whose.
        day: By when it was owed.
        owed: How many units by then.
        got: How many it gets by then.
    """

    slot: int
    day: int
    owed: int
    got: int


@attrs.define(eq=False)
class _Tier:
    """
    The parts of one floor, and all that is owed by it and by those above it, by zone.

    Lines that can use the same supply are a zone.  Where some can use only a part of
    what others can, those bound to a place are its zone, with what arrives there; and
    free ones are a zone to which nothing arrives, but what the others can spare.
    """

    parts: list[Part]
    zones: dict[Site, Zone]

    def missing(self, today: int) -> int:
        """
        Say how much of what there is, anywhere, is needed where lines are bound and free.

        A place spares by a day, at most, what comes by then less what it owes by then
        and by any later day; and free lines can have no more than what all spare.
        """
        free, places = self.zones[None], [zone for at, zone in self.zones.items() if at is not None]
        needed = sum(max(0, -zone.spare_by(today, today)) for zone in places)
        for day in free.days:
            if day >= today:
                spare = sum(zone.spare_by(today, day) for zone in places)
                needed = max(needed, free.owed_by(today, day) - spare)
        return needed


class Hand(Protocol):
    """Who gives units to lines, within all that limits them."""

    def give_owed(self, slot: int, most: int, /) -> int:
        """Give a line up to so many units, tell `Floors.took`, and say how many."""
        ...

    def may_early(self, slot: int, /) -> bool:
        """Say whether a line may have units before they are due."""
        ...

    def spare(self, slot: int, /) -> int:
        """Say how much of what a line could have is neither given nor kept."""
        ...


class Floors:
    """
    What the lines of one SKU must have by which day.

    At each event what is due is given, tier by tier; and what later supply will not
    bring in time is given early, or kept in the pool where it may not be given yet.

    Attributes:
        kept: How many units of the pools are kept for lines bound to a place, by it;
            under None for all lines.
        kept_for: The same by slot.
    """

    def __init__(
        self,
        owed: Mapping[str, Sequence[Part]],
        sites: Sequence[Site],
        coming: Sequence[tuple[Location, int, int]],
        pools: Collection[Location],
        ranks: Mapping[int, int],
    ) -> None:
        """
        Prepare for the events of a SKU.

        Args:
            owed: By floor, what is owed.
            sites: What each line is bound to.
            coming: Where, on which day and how much arrives, in turn.
            pools: Where there is stock.
            ranks: Which slot is served before which.
        """
        self._ranks = ranks
        places = {*pools, *(place for place, _, _ in coming)}
        bound = {site for site in sites if site is not None}
        is_free = None in sites
        self._sites = sites
        self._is_one = not bound or len(places | bound) <= 1
        self.is_mixed = not self._is_one and is_free
        self._tiers: list[_Tier] = []
        self._by_slot = dict[int, list[tuple[int, Part]]]()
        so_far: list[Part] = []
        for floor in TIERS:
            parts = list(owed.get(floor, ()))
            if parts:
                so_far = [*so_far, *parts]
                for part in parts:
                    self._by_slot.setdefault(part.row, []).append((len(self._tiers), part))
                self._tiers.append(_Tier(parts, self._zones(so_far, coming)))
        for mine in self._by_slot.values():
            mine.sort(key=lambda each: each[1].day)
        self.kept = Counter[Site]()
        self.kept_for = Counter[int]()

    def _zones(
        self, parts: Iterable[Part], coming: Sequence[tuple[Location, int, int]]
    ) -> dict[Site, Zone]:
        told = dict[Site, list[Part]]()
        for part in parts:
            told.setdefault(self._zone_of(part.row), []).append(part)
        supply = dict[Site, list[tuple[int, int]]]()
        for place, day, quantity in coming:
            supply.setdefault(None if self._is_one else place, []).append((day, quantity))
        if self.is_mixed:
            for at in (None, *supply):
                told.setdefault(at, [])
        return {at: Zone(own, supply.get(at, ())) for at, own in told.items()}

    def _zone_of(self, slot: int) -> Site:
        return None if self._is_one else self._sites[slot]

    def days(self) -> Iterator[int]:
        """Give the days by which something is owed."""
        for tier in self._tiers:
            for part in tier.parts:
                yield part.day

    def arrive(self, place: Location) -> None:
        """Come to the next receipt: it is of today now."""
        at = None if self._is_one else place
        for tier in self._tiers:
            if at in tier.zones:
                tier.zones[at].go_on()

    def settle(
        self,
        day: int,
        receipt: ReceiptId | None,
        hand: Hand,
    ) -> None:
        """
        Give what is due, and what will be missing later; keep what may not be given yet.

        Args:
            day: Of the event.
            receipt: What arrives, or None for what lies there.
            hand: Who gives.
        """
        self.kept.clear()
        self.kept_for.clear()

        def is_own(part: Part) -> bool:
            return part.receipt == receipt

        for tier in self._tiers:
            mine = set(map(id, tier.parts))
            for zone in tier.zones.values():
                for parts in zone.until(day - 1, is_own):
                    _give_all(parts, mine, hand)
            for at, zone in tier.zones.items():
                if at is not None or not self.is_mixed:
                    self._look_ahead(zone, day, is_own, hand)
            if self.is_mixed:
                self._look_across(tier, day, is_own, hand)
            for zone in tier.zones.values():
                # What has its own receipt to come on the same day waits for that.
                _give_all(next(zone.until(day, is_own)), mine, hand)

    def _look_across(
        self,
        tier: _Tier,
        day: int,
        is_own: Callable[[Part], bool],
        hand: Hand,
    ) -> None:
        """Look ahead where some lines can use only a part of what others can."""
        parts = [
            part
            for zone in tier.zones.values()
            for group in zone.from_day(day, is_own)
            for part in group
        ]
        parts.sort(key=lambda part: (part.day, not is_own(part), self._ranks[part.row]))
        known = Counter(self.kept_for)
        need = tier.missing(day) - known.total()
        for part in parts:
            if need <= 0:
                return
            before = min(part.left, known[part.row])
            known[part.row] -= before
            units = min(need, part.left - before)
            need -= units
            self._give_or_keep(part, units, day, hand)

    def _look_ahead(self, zone: Zone, day: int, is_own: Callable[[Part], bool], hand: Hand) -> None:
        """
        Give, or keep, what supply to come does not bring in time.

        Of those who are owed by the day by which it is missing, the first in the order
        of service get it, as they would without any floor: so planning again finds the
        same ones.  What is told of this very receipt goes before.
        """
        known = Counter({slot: self.kept_for[slot] for slot in zone.owing if self.kept_for})
        chosen = 0
        waiting: list[tuple[bool, int, int, int]] = []
        open_: list[tuple[Part, int]] = []
        for due, short, parts in list(zone.short_by(day)):
            for part in parts:
                before = min(part.left, known[part.row])
                known[part.row] -= before
                chosen += before
                if part.left > before:
                    place = not is_own(part), self._ranks[part.row], due, len(open_)
                    heappush(waiting, place)
                    open_.append((part, part.left - before))
            while chosen < short and waiting:
                place = waiting[0]
                part, units = open_[place[-1]]
                taken = min(units, short - chosen)
                chosen += taken
                if units > taken:
                    open_[place[-1]] = part, units - taken
                else:
                    heappop(waiting)
                self._give_or_keep(part, taken, day, hand)

    def _give_or_keep(self, part: Part, units: int, day: int, hand: Hand) -> None:
        if units and (part.day == day or hand.may_early(part.row)):
            units -= hand.give_owed(part.row, units)
        self._keep(part.row, min(units, hand.spare(part.row)))

    def _keep(self, slot: int, units: int) -> None:
        self.kept_for[slot] += units
        self.kept[None] += units
        site = self._sites[slot]
        if site is not None:
            self.kept[site] += units

    def took(self, slot: int, units: int) -> None:
        """Note what a line got: it is owed that much less, of the earliest first."""
        kept = min(units, self.kept_for[slot]) if self.kept_for else 0
        if kept:
            self._keep(slot, -kept)
        for tier, part in self._by_slot.get(slot, ()):
            met = min(units, part.left)
            if met:
                part.left -= met
                units -= met
                for later in self._tiers[tier:]:
                    later.zones[self._zone_of(slot)].met(part.day, met)
            if not units:
                return


def _give_all(parts: Iterable[Part], mine: Collection[int], hand: Hand) -> None:
    for part in parts:
        if part.left and id(part) in mine:
            hand.give_owed(part.row, part.left)


def broken(
    contracts: Mapping[int, Contract],
    owed: Mapping[int, Sequence[tuple[int, int]]],
    got: Mapping[int, Sequence[tuple[int, int]]],
) -> Iterator[Broken]:
    """
    Name the floors that do not hold and must.

    Args:
        contracts: By slot.
        owed: By slot, the day and the quantity of each part.
        got: By slot, what was given on which day, days ascending.
    """
    for slot in sorted(contracts):
        if not contracts[slot].is_hard:
            continue
        total = 0
        for day, units in sorted(owed.get(slot, ())):
            total += units
            by_then = sum(given for when, given in got.get(slot, ()) if when <= day)
            if by_then < total:
                yield Broken(slot, day, total, by_then)
                break
