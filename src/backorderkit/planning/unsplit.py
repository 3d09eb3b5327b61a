"""Shares the supply of one SKU so that no line gets units of several locations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from backorderkit.model.ids import Location, Sku
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.across import share_across
from backorderkit.planning.placing import Placer, Places, together
from backorderkit.planning.supply import Supply
from backorderkit.policies.protocol import AllocationPolicy, holds_back
from backorderkit.policies.queue import Queue

if TYPE_CHECKING:
    from backorderkit.planning.decisions import Decisions

Part = tuple[int, Places, int]
"""The slot of a line, what it gets where, and how many units of its share it is denied."""


def is_at_several(supply: Supply, sku: Sku) -> bool:
    """Say whether a SKU has, or will have, units at more than one location."""
    places = {level.location for level in supply.levels_of(sku)}
    places |= {supply.receipts[place].location for place in supply.receipts_of(sku)}
    return len(places) > 1


class Unsplit:
    """
    The lines of one SKU, each of which gets units of one location alone.

    A free line stands where it has most units already, and else is free until it gets
    some.  What is denied to it is offered again, to all who can use it there.
    """

    def __init__(
        self,
        placer: Placer,
        policy: AllocationPolicy,
        decisions: Decisions,
        start: int,
        order: Sequence[int],
    ) -> None:
        """
        Take the lines of a span.

        Args:
            placer: Says which location a free line gets.
            policy: Says how much everybody gets.
            decisions: Where to write down what was decided.
            start: Where the span of the SKU begins.
            order: The places of its lines along the queue, in the order of service.
        """
        lines, end = decisions.lines, start + len(order)
        self._placer = placer
        self._policy = policy
        self._decisions = decisions
        self._start = start
        self._rows = rows = lines.queue[start:end]
        self._wants = wants = lines.wanted[start:end]
        claims = [lines.claims[row] for row in rows]
        self._lines = Queue(
            lines.owners, lines.lines, rows, claims=claims, wants=wants, limits=wants
        )
        self._wanted = list(wants)
        self._turn_of = {slot - start: turn for turn, slot in enumerate(order)}
        self._sites = [
            line.location or _fullest(dict(placer.held(line.sku, row)))
            for row, line in zip(rows, self._lines.lines, strict=True)
        ]

    def share_all(
        self,
        sku: Sku,
        supply: dict[Location, int],
        coming: Sequence[tuple[int, int]],
    ) -> None:
        """Share the stock on hand, then each receipt, and write down who gets what."""
        decisions, rows = self._decisions, self._rows
        for slot, places, denied in self._share(supply):
            decisions.shares[self._start + slot] += sum(units for _, units in places)
            if places and sku in decisions.supply.spread:
                before = decisions.places.get(rows[slot], ())
                decisions.places[rows[slot]] = together(before, places)
            if denied:
                decisions.denied[rows[slot]] = denied
        for place, quantity in coming:
            self._share_receipt(sku, place, decisions.supply.receipts[place], quantity)
        for row, site, line in zip(rows, self._sites, self._lines.lines, strict=True):
            if site is not None and line.location is None:
                decisions.stands[row] = site

    def _share_receipt(
        self, sku: Sku, place: int, receipt: ScheduledReceipt, quantity: int
    ) -> None:
        decisions, location = self._decisions, receipt.location
        wanted = sum(
            want
            for want, site in zip(self._wants, self._sites, strict=True)
            if site in (None, location)
        )
        given = dict[int, int]()
        for slot, places, _ in self._share({location: quantity}):
            given[slot] = given.get(slot, 0) + sum(units for _, units in places)
        for slot, units in given.items():
            if units:
                decisions.pledges.add(self._rows[slot], place, units)
        left = min(quantity, wanted) - sum(given.values())
        if left:
            at = decisions.held_back.setdefault(sku, {})
            at[location] = at.get(location, 0) + left

    def _share(self, supply: dict[Location, int]) -> Iterator[Part]:
        """
        Share one event, until nobody who waits can use what is left.

        Whoever is denied units has emptied a location, so it ends after as many rounds as
        there are locations, and one.
        """
        there = {location: units for location, units in supply.items() if units}
        while there:
            usable = {None, *there}
            slots = [
                slot
                for slot, want in enumerate(self._wants)
                if want and self._sites[slot] in usable
            ]
            sites = [self._sites[slot] for slot in slots]
            if None not in sites:
                there = {at: units for at, units in there.items() if at in sites}
            if not slots:
                return
            queue = self._queue(slots)
            shares = share_across(self._policy, queue, there, sites=sites)
            turns = sorted(range(len(slots)), key=lambda place: self._turn_of[slots[place]])
            placed = self._placer.place(queue, shares, there, sites=sites, turns=turns)
            yield from self._took(slots, shares, placed, there)
            there = {location: units for location, units in there.items() if units}
            if not any(shares) or holds_back(self._policy):
                return

    def _took(
        self,
        slots: Sequence[int],
        shares: Sequence[int],
        placed: Sequence[Places],
        there: dict[Location, int],
    ) -> Iterator[Part]:
        for slot, share, places in zip(slots, shares, placed, strict=True):
            if not share:
                continue
            for location, units in places:
                there[location] -= units
                self._wants[slot] -= units
                self._sites[slot] = location
            self._placer.took(self._rows[slot], places)
            yield slot, places, share - sum(units for _, units in places)

    def _queue(self, slots: Sequence[int]) -> Queue:
        wants = [self._wants[slot] for slot in slots]
        taken = [before - now for before, now in zip(self._wanted, self._wants, strict=True)]
        after = self._lines.after(taken) if any(taken) else self._lines
        return after.capped(wants, slots)


def _fullest(held: dict[Location, int]) -> Location | None:
    """Give the location with the most, the first by name of several."""
    return max(sorted(held), key=held.__getitem__, default=None)
