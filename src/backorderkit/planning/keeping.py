"""Shares supply so that what was promised before is kept; see `KeepPromises`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

import attrs

from backorderkit.model.ids import Location, ReceiptId
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.disturbing import rows_to_drop
from backorderkit.planning.told import Part, Zone, day_of
from backorderkit.policies.keeping import KeepPromises
from backorderkit.policies.protocol import Demand
from backorderkit.policies.queue import Queue
from backorderkit.policies.verify import verified_shares

EVERYWHERE: Final = None
"""The zone of lines that can all use the same supply."""


@attrs.frozen(kw_only=True, eq=False)
class Keeper:
    """
    What was told of one SKU, as its supply events go by.

    Attributes:
        mode: What to keep, and who shares the rest.
        today: The day of planning.
        expected: The receipts to come.
        zones: What was told, by the location of the lines; or under EVERYWHERE.
        is_mixed: Whether some lines may use only a part of what others may use.  Then
            no sums say what a promise needs, and all that was told goes first.
    """

    mode: KeepPromises
    today: int
    expected: Collection[ReceiptId]
    zones: dict[Location | None, Zone]
    is_mixed: bool

    def stock(self) -> KeptEvent:
        """
        Begin with the stock on hand, from which some were promised units of a later day.

        There receipts went, too, that are expected no more.
        """
        return KeptEvent(self, self.today, lambda part: part.receipt not in self.expected)

    def receipt(self, receipt: ScheduledReceipt) -> KeptEvent:
        """Go on to the next receipt."""
        zone = self.zone_at(receipt.location)
        if zone is not None:
            zone.go_on()
        day = max(self.today, day_of(receipt.due))
        return KeptEvent(self, day, lambda part: part.receipt == receipt.id)

    def zone_at(self, location: Location | None) -> Zone | None:
        """Give the zone of the lines that use what is at a location, if they were told anything."""
        return self.zones.get(EVERYWHERE) or self.zones.get(location)


def keeper_of(
    mode: KeepPromises,
    as_of: datetime,
    *,
    parts: Sequence[tuple[Part, Location | None]],
    bound: set[Location | None],
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
    sites = {*stock, *(receipt.location for receipt, _ in coming), *bound} - {None}
    is_one = bound == {None} or len(sites) <= 1
    is_mixed = not is_one and None in bound
    told = dict[Location | None, list[Part]]()
    for part, location in parts:
        told.setdefault(EVERYWHERE if is_one or is_mixed else location, []).append(part)
    supply = dict[Location | None, list[tuple[int, int]]]()
    for receipt, quantity in coming:
        at = EVERYWHERE if is_one or is_mixed else receipt.location
        supply.setdefault(at, []).append((max(today, day_of(receipt.due)), quantity))
    dropped = dict[Location | None, frozenset[int]]()
    if mode.disturb == "fewest-lines" and not is_mixed:
        there = dict[Location | None, int](stock.items())
        if is_one:
            there[EVERYWHERE] = sum(stock.values())
        for at, own in told.items():
            whole = [(today, there.get(at, 0)), *supply.get(at, ())]
            dropped[at] = _dropped(own, whole, today, queue)
    zones = {at: Zone(own, supply.get(at, ()), dropped.get(at, ())) for at, own in told.items()}
    expected = {receipt.id for receipt, _ in coming}
    return Keeper(mode=mode, today=today, expected=expected, zones=zones, is_mixed=is_mixed)


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


@attrs.frozen(eq=False)
class KeptEvent:
    """
    The policy of one supply event: promises first, as far as they need it, then the rest.

    It is asked once for each zone, and notes what is met; where lines and locations
    mix it is asked twice, and told by `took` what came of it.

    Attributes:
        keeper: What was told.
        today: The day of the event.
        is_own: Whether a promise is of this very supply.
    """

    keeper: Keeper
    today: int
    is_own: Callable[[Part], bool]

    @property
    def name(self) -> str:
        """As the host knows it."""
        return self.keeper.mode.name

    @property
    def holds_back(self) -> bool:
        """As the host knows it."""
        return self.keeper.mode.holds_back

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Share one event: what promises need, what is due by today, then as within."""
        assert isinstance(demands, Queue)  # noqa: S101 - the planner asks nobody else's way
        keeper = self.keeper
        hand = _Hand(keeper.mode, supply, demands)
        if keeper.is_mixed:
            for parts in self._everything(keeper.zones[EVERYWHERE]):
                hand.fill(parts, supply)
            hand.share_rest(None)
            return hand.shares
        zone = keeper.zone_at(None if EVERYWHERE in keeper.zones else demands[0].line.location)
        if zone is not None:
            # What is kept goes first, if not all can be.
            turns = (zone,) if zone.first is None else (zone.first, zone)
            for turn in turns:
                needed = turn.needed(self.today)
                for parts in turn.from_day(self.today, self.is_own) if needed else ():
                    needed -= _take(zone, parts, hand.fill(parts, needed))
                    if not needed:
                        break
            for turn in turns:
                for parts in turn.until(self.today, self.is_own):
                    _take(zone, parts, hand.fill(parts, supply))
        hand.share_rest(zone)
        return hand.shares

    def took(self, rows: Iterable[int], shares: Iterable[int]) -> None:
        """Note what lines got, where that was not known before."""
        if not self.keeper.is_mixed:
            return
        zone = self.keeper.zones[EVERYWHERE]
        left = {row: share for row, share in zip(rows, shares, strict=True) if share}
        for parts in self._everything(zone):
            _take(zone, parts, left)

    def _everything(self, zone: Zone) -> Iterator[list[Part]]:
        """Give all that was told, what is of this supply first: it may have no other."""
        own_due, *others_due = zone.until(self.today, self.is_own)
        later = list(zone.from_day(self.today + 1, self.is_own))
        # Each later day gives its own, then the others.
        return chain([own_due], later[::2], others_due, later[1::2])


class _Hand:
    """Hands out the units of one event."""

    def __init__(self, mode: KeepPromises, supply: int, queue: Queue) -> None:
        self.shares = [0] * len(queue)
        self._mode = mode
        self._left = supply
        self._queue = queue
        self._place: dict[int, int] | None = None

    def fill(self, parts: Iterable[Part], most: int) -> dict[int, int]:
        """Give up to so many units to what was told, and say which row got how many."""
        most = min(most, self._left)
        wanted = self._wanted(parts) if most else {}
        if not wanted:
            return {}
        places = list(wanted)
        given: Sequence[int] = list(wanted.values())
        if sum(given) > most:
            places.sort()
            given = self._ask(most, places, [wanted[place] for place in places])
        rows = self._queue.rows
        for place, units in zip(places, given, strict=True):
            self.shares[place] += units
            self._left -= units
        return {rows[place]: units for place, units in zip(places, given, strict=True)}

    def share_rest(self, zone: Zone | None) -> None:
        """Let the policy within share what is left, as if nothing had been promised."""
        if not self._left:
            return
        limits = [most - share for most, share in zip(self._queue.limits, self.shares, strict=True)]
        holds = zone is not None and not self._mode.pull_in
        if zone is not None and holds:
            for place, row in enumerate(self._queue.rows):
                limits[place] = max(0, limits[place] - zone.owed_to(row))
        places = [place for place, limit in enumerate(limits) if limit]
        if not places:
            return
        given = self._asked(self._left, places, [limits[place] for place in places])
        rows = self._queue.rows
        for place, units in zip(places, given, strict=True):
            self.shares[place] += units
            if zone is not None and units and not holds:
                row = rows[place]
                _take(zone, zone.owing.get(row, ()), {row: units})
        self._left -= sum(given)

    def _wanted(self, parts: Iterable[Part]) -> dict[int, int]:
        if self._place is None:
            self._place = {row: place for place, row in enumerate(self._queue.rows)}
        wanted = dict[int, int]()
        limits = self._queue.limits
        for part in parts:
            place = self._place.get(part.row)
            if place is not None:
                known = wanted.get(place, 0)
                units = min(part.left, limits[place] - self.shares[place] - known)
                if units:
                    wanted[place] = known + units
        return wanted

    def _ask(self, units: int, places: list[int], limits: list[int]) -> list[int]:
        """Let the policy choose among promises of one day; it holds nothing back from them."""
        given = list(self._asked(units, places, limits))
        left = units - sum(given)
        for index, limit in enumerate(limits) if left else ():
            more = min(left, limit - given[index])
            given[index] += more
            left -= more
        return given

    def _asked(self, units: int, places: list[int], limits: list[int]) -> Sequence[int]:
        queue = self._queue.after(self.shares) if any(self.shares) else self._queue
        if len(places) < len(queue) or tuple(limits) != queue.limits:
            queue = queue.capped(limits, places)
        return verified_shares(self._mode.within, units, queue)


def _take(zone: Zone, parts: Iterable[Part], given: dict[int, int]) -> int:
    """Note what of some promises is met, each row's by what it got; give the sum of it."""
    taken = 0
    for part in parts if given else ():
        units = min(part.left, given.get(part.row, 0))
        if units:
            zone.take(part, units)
            given[part.row] -= units
            taken += units
    return taken
