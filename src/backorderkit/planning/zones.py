"""Which lines can use the same supply, and how much of today's what they were told needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from backorderkit.model.ids import Location
from backorderkit.planning.told import Part, Zone

Site = Location | None
"""What a line is bound to; None is anywhere."""

_NEVER: Final = 1 << 40

EVERYWHERE: Final = None
"""The zone of free lines, and of all lines where all can use the same supply."""


@attrs.frozen(kw_only=True)
class Layout:
    """
    Which lines of a SKU can use the same supply.

    Attributes:
        is_one: All of them: all are free, or there is one location.
        is_mixed: Some can use only a part of what free ones can.
    """

    is_one: bool
    is_mixed: bool

    @classmethod
    def of(cls, sites: Collection[Site], places: Iterable[Location]) -> Layout:
        """
        Look at a SKU.

        Args:
            sites: What its lines are bound to.
            places: Where it is, or will be.
        """
        bound = {site for site in sites if site is not None}
        is_one = not bound or len(bound.union(places)) <= 1
        return cls(is_one=is_one, is_mixed=not is_one and None in sites)

    def zone_of(self, site: Site) -> Site:
        """Give the zone of the lines bound to a place, or of what lies there."""
        return EVERYWHERE if self.is_one else site

    def zones(
        self,
        told: Mapping[Site, Sequence[Part]],
        supply: Mapping[Site, Sequence[tuple[int, int]]],
        dropped: Mapping[Site, Collection[int]] = MappingProxyType({}),
    ) -> Zones:
        """
        Make the zones of what was told.

        Args:
            told: By zone, each line's earliest first.
            supply: By zone, the day and quantity of each receipt in turn.
            dropped: By zone, the rows that come after all others.
        """
        # Where lines are mixed it matters, too, what arrives where nothing was told.
        sites = {EVERYWHERE, *told, *supply} if self.is_mixed else set(told)
        return Zones(
            layout=self,
            at={
                site: Zone(told.get(site, ()), supply.get(site, ()), dropped.get(site, ()))
                for site in sorted(sites, key=lambda site: (site is None, site or ""))
            },
        )


@attrs.frozen(kw_only=True)
class Zones:
    """
    The zones of one SKU.

    Where some lines can use only a part of what others can, those bound to a place are
    its zone, with what arrives there; and free ones are a zone to which nothing arrives,
    but what the others can spare.

    Attributes:
        layout: Which lines they are of.
        at: They, by what their lines are bound to, free ones last.
    """

    layout: Layout
    at: dict[Site, Zone]

    @property
    def first(self) -> Zones | None:
        """The zones of what goes first, where not all can be kept."""
        first = {site: zone.first for site, zone in self.at.items() if zone.first is not None}
        return Zones(layout=self.layout, at=first) if first else None

    def arrive(self, place: Location) -> None:
        """Come to the next receipt: it is of today now."""
        zone = self.at.get(self.layout.zone_of(place))
        if zone is not None:
            zone.go_on()

    @property
    def alone(self) -> dict[Site, Zone]:
        """The zones that have supply of their own: all but that of free lines among bound ones."""
        if not self.layout.is_mixed:
            return self.at
        return {site: zone for site, zone in self.at.items() if site is not EVERYWHERE}

    def needed_across(self, today: int) -> int:
        """
        Say what free lines need of today, beyond what each place needs, where lines are mixed.

        A place spares by a day, at most, what comes by then less what it owes by then and
        by any later day; and free lines can have no more than what all spare.  What a place
        lacks itself it needs of today, and nobody else can mend that.  The need is met as
        well by what bound lines are owed by that day: then their place can spare more.
        """
        if not self.layout.is_mixed:
            return 0
        places = self.alone.values()
        days, owed = self.at[EVERYWHERE].owed_from(today)
        spares = [zone.spare_by(today, days) for zone in places] if any(owed) else []
        lacking = sum(zone.needed(today) for zone in places) if spares else 0
        needed = (
            so_far - lacking - sum(spare) for so_far, *spare in zip(owed, *spares, strict=True)
        )
        return max(0, max(needed, default=0))


IsOwn = Callable[[Part], bool]
"""Says whether something was told to come with the very supply that is shared."""


def due(zones: Iterable[Zone], last: int, is_own: IsOwn) -> Iterator[list[Part]]:
    """Give what is due by the end of a day: all that is its own, then by day."""
    days = list(_unmet(zones, 0, last))
    yield [part for parts in days for part in parts if is_own(part)]
    for parts in days:
        yield [part for part in parts if not is_own(part)]


def due_now(zones: Collection[Zone], today: int, is_own: IsOwn) -> Iterator[list[Part]]:
    """
    Give what is due: all that is its own, then what is overdue, by day.

    What else is due today has supply to come today, unless it is needed, and waits for that.
    """
    yield next(due(zones, today, is_own))
    yield from due(zones, today - 1, is_own)


def ahead(zones: Iterable[Zone], first: int, is_own: IsOwn) -> Iterator[list[Part]]:
    """Give what is owed from a day on, day by day, each day's own first."""
    for parts in _unmet(zones, first, _NEVER):
        yield [part for part in parts if is_own(part)]
        yield [part for part in parts if not is_own(part)]


def _unmet(zones: Iterable[Zone], first: int, last: int) -> Iterator[list[Part]]:
    """Give what several zones are owed from one day to another, day by day."""
    by_day = dict[int, list[Part]]()
    for zone in zones:
        for day, parts in zone.unmet(first, last):
            by_day.setdefault(day, []).extend(parts)
    for day in sorted(by_day):
        yield by_day[day]
