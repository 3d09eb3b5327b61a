"""What contracts owe lines by which day, and what of the supply must be kept for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

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
    """The parts of one floor, and all that is owed by it and by those above it, by zone."""

    parts: list[Part]
    zones: dict[Site, Zone]


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
    ) -> None:
        """
        Prepare for the events of a SKU.

        Args:
            owed: By floor, what is owed, by slot; of one day those first who are
                served first.
            sites: What each line is bound to.
            coming: Where, on which day and how much arrives, in turn.
            pools: Where there is stock.
        """
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
            at = None if self._is_one or self.is_mixed else place
            supply.setdefault(at, []).append((day, quantity))
        return {at: Zone(own, supply.get(at, ())) for at, own in told.items()}

    def _zone_of(self, slot: int) -> Site:
        return None if self._is_one or self.is_mixed else self._sites[slot]

    def days(self) -> Iterator[int]:
        """Give the days by which something is owed."""
        for tier in self._tiers:
            for part in tier.parts:
                yield part.day

    def arrive(self, place: Location) -> None:
        """Come to the next receipt: it is of today now."""
        at = None if self._is_one or self.is_mixed else place
        for tier in self._tiers:
            if at in tier.zones:
                tier.zones[at].go_on()

    def settle(
        self,
        day: int,
        receipt: ReceiptId | None,
        give: Callable[[int, int], int],
        may_early: Callable[[int], bool],
    ) -> None:
        """
        Give what is due, and what will be missing later; keep what may not be given yet.

        Args:
            day: Of the event.
            receipt: What arrives, or None for what lies there.
            give: Gives a slot up to so many units, and says how many; it calls `took`.
            may_early: Whether a slot may have units before they are due.
        """
        self.kept.clear()
        self.kept_for.clear()

        def is_own(part: Part) -> bool:
            return part.receipt == receipt

        for tier in self._tiers:
            mine = set(map(id, tier.parts))
            for zone in tier.zones.values():
                for parts in zone.until(day, is_own):
                    for part in parts:
                        if id(part) in mine and part.left:
                            give(part.row, part.left)
            for zone in tier.zones.values():
                self._look_ahead(zone, day, is_own, give, may_early)

    def _look_ahead(
        self,
        zone: Zone,
        day: int,
        is_own: Callable[[Part], bool],
        give: Callable[[int, int], int],
        may_early: Callable[[int], bool],
    ) -> None:
        """Give early, or keep, what supply to come does not bring in time."""
        # No sums say what lines need that share only a part of the supply: then all of it.
        need = zone.owed_after(day) if self.is_mixed else zone.needed(day + 1)
        known = Counter({slot: self.kept_for[slot] for slot in zone.owing if self.kept_for})
        need -= known.total()
        for parts in zone.from_day(day + 1, is_own) if need > 0 else ():
            for part in parts:
                before = min(part.left, known[part.row])
                known[part.row] -= before
                units = min(need, part.left - before)
                if not units:
                    continue
                need -= units
                if may_early(part.row):
                    units -= give(part.row, units)
                if units:
                    self._keep(part.row, units)
            if need <= 0:
                return

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
