"""What contracts owe lines by which day, and what of the supply must be kept for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Final, Protocol

import attrs

from backorderkit.model.ids import Location, ReceiptId
from backorderkit.planning.told import Part, Zone
from backorderkit.planning.zones import IsOwn, Layout, Site, Zones, ahead, due
from backorderkit.policies.contracts import Contract

GIVEN_UP: Final = "given-up"
"""The floor of lines that lose what they had, so that as few as possible do."""

TIERS: Final = ("full-or-raise", "keep-or-raise", "keep-if-possible", GIVEN_UP)
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


@attrs.frozen(eq=False)
class _Tier:
    """The parts of one floor, and the zones of all that is owed by it and by those above it."""

    parts: list[Part]
    zones: Zones


class Hand(Protocol):
    """Who gives units to lines, within all that limits them."""

    def give_owed(self, slot: int, most: int, /) -> int:
        """Give a line up to so many units, tell `Floors.took`, and say how many."""
        ...

    def may_early(self, slot: int, /) -> bool:
        """Say whether a line may have units before they are due."""
        ...

    def is_picky(self, slot: int, /) -> bool:
        """Say whether not every part of a line may go."""
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
        is_mixed: Whether some lines can use only a part of what others can.
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
        self._sites = sites
        self._layout = Layout.of(set(sites), places)
        self.is_mixed: Final = self._layout.is_mixed
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

    def _zones(self, parts: Iterable[Part], coming: Sequence[tuple[Location, int, int]]) -> Zones:
        told = dict[Site, list[Part]]()
        for part in parts:
            told.setdefault(self._zone_of(part.row), []).append(part)
        supply = dict[Site, list[tuple[int, int]]]()
        for place, day, quantity in coming:
            supply.setdefault(self._layout.zone_of(place), []).append((day, quantity))
        return self._layout.zones(told, supply)

    def _zone_of(self, slot: int) -> Site:
        return self._layout.zone_of(self._sites[slot])

    def days(self) -> Iterator[int]:
        """Give the days by which something is owed."""
        for tier in self._tiers:
            for part in tier.parts:
                yield part.day

    def arrive(self, place: Location) -> None:
        """Come to the next receipt: it is of today now."""
        for tier in self._tiers:
            tier.zones.arrive(place)

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
            mine, zones = set(map(id, tier.parts)), tier.zones.at
            for zone in zones.values():
                for parts in due([zone], day - 1, is_own):
                    _give_all(parts, mine, hand)
            for zone in zones.values():
                # What was told of this very supply: a room that several share goes to it
                # first.  What has its own receipt to come on the same day waits for that.
                _give_all(next(due([zone], day, is_own)), mine, hand)
            for zone in tier.zones.alone.values():
                self._look_ahead(zone, day, is_own, hand)
            across = tier.zones.needed_across(day)
            if across:
                # What a place needs itself, and may not be given yet, was kept.
                alone = tier.zones.alone.items()
                across += sum(min(zone.needed(day), self.kept[at]) for at, zone in alone)
                self._look_across(list(zones.values()), across, day, is_own, hand)

    def _look_across(
        self, zones: Sequence[Zone], need: int, day: int, is_own: IsOwn, hand: Hand
    ) -> None:
        """Look ahead where some lines can use only a part of what others can."""
        parts = [part for group in ahead(zones, day, is_own) for part in group]
        parts.sort(key=lambda part: (part.day, not is_own(part), self._ranks[part.row]))
        known = Counter(self.kept_for)
        need -= known.total()
        for part in parts:
            if need <= 0:
                return
            before = min(part.left, known[part.row])
            known[part.row] -= before
            need -= self._give_or_keep(part, min(need, part.left - before), day, hand)

    def _look_ahead(self, zone: Zone, day: int, is_own: IsOwn, hand: Hand) -> None:
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
        for last, short, parts in list(zone.short_by(day)):
            for part in parts:
                before = min(part.left, known[part.row])
                known[part.row] -= before
                chosen += before
                if part.left > before:
                    place = not is_own(part), self._ranks[part.row], last, len(open_)
                    heappush(waiting, place)
                    open_.append((part, part.left - before))
            while chosen < short and waiting:
                index = waiting[0][-1]
                part, units = open_[index]
                wanted = min(units, short - chosen)
                taken = self._give_or_keep(part, wanted, day, hand)
                chosen += taken
                if taken == wanted < units:
                    open_[index] = part, units - taken
                else:
                    heappop(waiting)

    def _give_or_keep(self, part: Part, units: int, day: int, hand: Hand) -> int:
        """Give units, or keep them for later, as far as they are there; say how many."""
        given = 0
        # A part of what was told may be one that no ship rule lets go: then it is kept.
        may_go = units == part.left or not hand.is_picky(part.row)
        if units and may_go and (part.day == day or hand.may_early(part.row)):
            given = hand.give_owed(part.row, units)
        kept = min(units - given, hand.spare(part.row))
        self._keep(part.row, kept)
        return given + kept

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
                    later.zones.at[self._zone_of(slot)].met(part.day, met)
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
        contracts: Those that must hold, by slot.
        owed: By slot, the day and the quantity of each part.
        got: By slot, what was given on which day, days ascending.
    """
    for slot in sorted(contracts):
        total = 0
        by_day = Counter[int]()
        for day, units in owed.get(slot, ()):
            by_day[day] += units
        for day in sorted(by_day):
            total += by_day[day]
            by_then = sum(given for when, given in got.get(slot, ()) if when <= day)
            if by_then < total:
                yield Broken(slot, day, total, by_then)
                break
