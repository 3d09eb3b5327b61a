"""Shares supply so that what was promised before is kept; see `KeepPromises`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from backorderkit.model.ids import Location, ReceiptId
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.across import share_across
from backorderkit.planning.disturbing import rows_to_drop
from backorderkit.planning.told import Part, Zone, day_of
from backorderkit.planning.zones import EVERYWHERE, IsOwn, Layout, Site, Zones, ahead, due_now
from backorderkit.policies.keeping import KeepPromises
from backorderkit.policies.queue import Queue
from backorderkit.policies.verify import verified_shares


@attrs.frozen(kw_only=True, eq=False)
class Keeper:
    """
    What was told of one SKU, as its supply events go by.

    Attributes:
        mode: What to keep, and who shares the rest.
        today: The day of planning.
        expected: The receipts to come.
        zones: What was told, by the location of the lines; or under EVERYWHERE.
    """

    mode: KeepPromises
    today: int
    expected: Collection[ReceiptId]
    zones: Zones

    def share_stock(self, supply: Mapping[Location, int], queue: Queue) -> Sequence[int]:
        """
        Share the stock on hand, from which some were promised units of a later day.

        There receipts went, too, that are expected no more.
        """
        return self._share(
            supply, queue, self.today, lambda part: part.receipt not in self.expected
        )

    def arrive(self, receipt: ScheduledReceipt) -> None:
        """Come to the next receipt."""
        self.zones.arrive(receipt.location)

    def share_receipt(
        self, receipt: ScheduledReceipt, quantity: int, queue: Queue
    ) -> Sequence[int]:
        """Share what there is to share of the receipt that has come."""
        day = max(self.today, day_of(receipt.due))
        supply = {receipt.location: quantity}
        return self._share(supply, queue, day, lambda part: part.receipt == receipt.id)

    def _share(
        self, supply: Mapping[Location, int], queue: Queue, day: int, is_own: IsOwn
    ) -> Sequence[int]:
        """
        Share one event: what promises need, what is due by its day, then as within.

        Args:
            supply: What there is, by location.
            queue: The lines that can use some of it.
            day: Of the event.
            is_own: Whether a promise is of this very supply.
        """
        hand = _Hand(self, supply, queue)
        there = {EVERYWHERE, *map(self.zones.layout.zone_of, supply)}
        # What is kept goes first, if not all can be.
        turns = [turn for turn in (self.zones.first, self.zones) if turn is not None]
        for turn in turns:
            there_of = [zone for site, zone in turn.at.items() if site in there]
            alone = {site: zone.needed(day) for site, zone in turn.alone.items() if site in there}
            needed, across = Counter(alone), turn.needed_across(day)
            for parts in ahead(there_of, day, is_own) if across or any(alone.values()) else ():
                needed -= hand.fill(parts, needed)
                if across:
                    across -= hand.fill(parts, total=across).total()
                if not across and not needed:
                    break
        for turn in turns:
            due = [zone for site, zone in turn.at.items() if site in there]
            for parts in due_now(due, day, is_own):
                hand.fill(parts)
        hand.share_rest()
        return hand.shares


def keeper_of(
    mode: KeepPromises,
    as_of: datetime,
    *,
    parts: Sequence[tuple[Part, Site]],
    bound: set[Site],
    stock: Mapping[Location, int],
    coming: Sequence[tuple[ScheduledReceipt, int]],
    queue: Sequence[int],
) -> Keeper:
    """
    Prepare for the events of a SKU.

    Args:
        mode: What to keep, and who shares the rest.
        as_of: When.
        parts: What was told, with what its line is bound to.
        bound: What the open lines of the SKU are bound to; None is a free one.
        stock: How much stock there is to share, and where.
        coming: The receipts in turn, with what there is to share of each.
        queue: The rows of the SKU's lines, oldest first.
    """
    today = day_of(as_of)
    layout = Layout.of(bound, [*stock, *(receipt.location for receipt, _ in coming)])
    told = dict[Site, list[Part]]()
    for part, location in parts:
        told.setdefault(layout.zone_of(location), []).append(part)
    supply = dict[Site, list[tuple[int, int]]]()
    for receipt, quantity in coming:
        at = layout.zone_of(receipt.location)
        supply.setdefault(at, []).append((max(today, day_of(receipt.due)), quantity))
    dropped = dict[Site, frozenset[int]]()
    if mode.disturb == "fewest-lines" and not layout.is_mixed:
        there = Counter[Site]()
        for location, quantity in stock.items():
            there[layout.zone_of(location)] += quantity
        for at, own in told.items():
            whole = [(today, there[at]), *supply.get(at, ())]
            dropped[at] = _dropped(own, whole, today, queue)
    expected = {receipt.id for receipt, _ in coming}
    zones = layout.zones(told, supply, dropped)
    return Keeper(mode=mode, today=today, expected=expected, zones=zones)


def _dropped(
    parts: Sequence[Part], supply: Iterable[tuple[int, int]], today: int, queue: Sequence[int]
) -> frozenset[int]:
    """Say whose promises go last, because not all can be kept."""
    told = dict[int, list[tuple[int, int]]]()
    for part in parts:
        # What is overdue can be kept today at best, and is promised for today then.
        told.setdefault(part.row, []).append((max(today, part.day), part.left))
    dropped = rows_to_drop({row: told[row] for row in queue if row in told}, supply)
    if dropped:
        for part in parts:
            part.day = max(today, part.day)
    return dropped


class _Hand:
    """Hands out the units of one event, and notes what of the promises is met."""

    def __init__(self, keeper: Keeper, supply: Mapping[Location, int], queue: Queue) -> None:
        self.shares = [0] * len(queue)
        self._mode = keeper.mode
        self._zones = keeper.zones.at
        self._queue = queue
        self._left = sum(supply.values())
        self._left_at = Counter(supply)
        is_one = keeper.zones.layout.is_one
        # What lines are bound to, where that matters.
        self._sites: Sequence[Site] = (
            [EVERYWHERE] * len(queue) if is_one else [line.location for line in queue.lines]
        )
        self._is_across = not is_one and len(supply) > 1
        self._place: dict[int, int] | None = None

    def fill(
        self,
        parts: Sequence[Part],
        most: Mapping[Site, int] | None = None,
        *,
        total: int | None = None,
    ) -> Counter[Site]:
        """
        Give units to what was told, as many as are there if nothing limits it.

        Args:
            parts: What was told.
            most: Up to so many units by zone.
            total: Up to so many units in all.

        Returns:
            How many, by zone.
        """
        filled = Counter[Site]()
        if not parts or not self._left:
            return filled
        wanted = self._wanted(parts)
        if most is not None:
            wanted = self._cut(wanted, most)
        if not wanted:
            return filled
        places = sorted(wanted)
        given: Sequence[int] = [wanted[place] for place in places]
        units = self._left if total is None else min(total, self._left)
        if not self._fits(units, places, given):
            given = self._ask(units, places, given, across=self._is_across)
        rows, units_of = self._queue.rows, dict[int, int]()
        for place, units in zip(places, given, strict=True):
            self._give(place, units)
            units_of[rows[place]] = units
            filled[self._sites[place]] += units
        self._met(parts, units_of)
        return filled

    def share_rest(self) -> None:
        """Let the policy within share what is left, as if nothing had been promised."""
        if not self._left:
            return
        rows, holds = self._queue.rows, not self._mode.pull_in
        limits = [most - share for most, share in zip(self._queue.limits, self.shares, strict=True)]
        for place, site in enumerate(self._sites) if holds else ():
            if site in self._zones:
                owed = self._zones[site].owed_to(rows[place])
                limits[place] = max(0, limits[place] - owed)
        places = [place for place, limit in enumerate(limits) if limit]
        if not places:
            return
        limits = [limits[place] for place in places]
        given = self._asked(self._left, places, limits, across=self._is_across)
        for place, units in zip(places, given, strict=True):
            self._give(place, units)
            site, row = self._sites[place], rows[place]
            if units and not holds and site in self._zones:
                self._met(self._zones[site].owing.get(row, ()), {row: units})

    def _give(self, place: int, units: int) -> None:
        self.shares[place] += units
        self._left -= units
        site = self._sites[place]
        if site is not None:
            self._left_at[site] -= units

    def _met(self, parts: Iterable[Part], given: dict[int, int]) -> None:
        """Note what of some promises is met, each row's by what it got."""
        for part in parts:
            units = min(part.left, given.get(part.row, 0))
            if units:
                self._zone_of(part.row).take(part, units)
                given[part.row] -= units

    def _zone_of(self, row: int) -> Zone:
        return self._zones[self._sites[self._places()[row]]]

    def _places(self) -> dict[int, int]:
        if self._place is None:
            self._place = {row: place for place, row in enumerate(self._queue.rows)}
        return self._place

    def _wanted(self, parts: Iterable[Part]) -> dict[int, int]:
        """Say how much lines want of what they were told, by place."""
        wanted = dict[int, int]()
        limits = self._queue.limits
        for part in parts:
            place = self._places().get(part.row)
            if place is not None:
                known = wanted.get(place, 0)
                units = min(part.left, limits[place] - self.shares[place] - known)
                if units:
                    wanted[place] = known + units
        return wanted

    def _cut(self, wanted: Mapping[int, int], most: Mapping[Site, int]) -> dict[int, int]:
        """Let the policy choose in each zone among those who want more than it needs."""
        cut = dict[int, int]()
        by_site = dict[Site, list[int]]()
        for place in sorted(wanted):
            by_site.setdefault(self._sites[place], []).append(place)
        for site, places in by_site.items():
            limits: Sequence[int] = [wanted[place] for place in places]
            there = self._left if site is None else min(self._left, self._left_at[site])
            units = min(there, most.get(site, 0))
            if sum(limits) > units:
                limits = self._ask(units, places, limits, across=False)
            cut.update({place: cap for place, cap in zip(places, limits, strict=True) if cap})
        return cut

    def _fits(self, most: int, places: Sequence[int], units: Sequence[int]) -> bool:
        """Say whether lines want no more than so many units, nor than they can use."""
        if sum(units) > most:
            return False
        if not self._is_across:
            return True
        wanted = Counter[Site]()
        for place, each in zip(places, units, strict=True):
            wanted[self._sites[place]] += each
        return all(site is None or wanted[site] <= self._left_at[site] for site in wanted)

    def _ask(
        self, units: int, places: Sequence[int], limits: Sequence[int], *, across: bool
    ) -> list[int]:
        """Let the policy choose among promises of one day; it holds nothing back from them."""
        given = list(self._asked(units, places, limits, across=across))
        left = units - sum(given)
        if left:
            got = Counter[Site]()
            for place, each in zip(places, given, strict=True):
                got[self._sites[place]] += each
            for index, place in enumerate(places):
                site, more = self._sites[place], min(left, limits[index] - given[index])
                if site is not None:
                    more = min(more, self._left_at[site] - got[site])
                given[index] += more
                got[site] += more
                left -= more
        return given

    def _asked(
        self, units: int, places: Sequence[int], limits: Sequence[int], *, across: bool
    ) -> Sequence[int]:
        queue = self._queue.after(self.shares) if any(self.shares) else self._queue
        if len(places) < len(queue) or tuple(limits) != queue.limits:
            queue = queue.capped(limits, places)
        if across:
            return share_across(self._mode.within, queue, dict(self._left_at), total=units)
        return verified_shares(self._mode.within, units, queue)
