"""Shares the supply of one SKU by ship rules, and carries on what nobody could use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from backorderkit.model.ids import Location
from backorderkit.planning.across import share_across
from backorderkit.planning.placing import Placer, Places
from backorderkit.policies.protocol import holds_back
from backorderkit.policies.queue import Queue
from backorderkit.policies.shipping import Shipping, ShipRule, Walk
from backorderkit.policies.verify import verified_shares

Part = tuple[int, int, Places]
"""The slot of a line, how much it is given, and where it comes from."""


@attrs.define(eq=False)
class Shipper:
    """
    The lines of one SKU, and what is there for them, as its supply events go by.

    What an event leaves stays where it is and belongs to the next.  So planning after
    a receipt came asks the very question that was asked when it was promised.

    Attributes:
        mode: Which rules lines have, and who is served first.
        lines: The lines, in FIFO order, as they were in the beginning.
        order: Their places in the order of service, if there is one.
        pools: What is there to share at each location.
        placer: Says where the units of each line come from.
    """

    mode: Shipping
    lines: Queue
    order: list[int]
    pools: dict[Location, int]
    placer: Placer
    _wants: list[int] = attrs.field(init=False)
    _sites: list[Location | None] = attrs.field(init=False)
    _rules: list[ShipRule] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Ask for each line's rule, once."""
        lines, mode = self.lines, self.mode
        self._wants = list(lines.wants)
        self._sites = [line.location for line in lines.lines]
        self._rules = mode._rules(lines.orders, lines.lines)  # noqa: SLF001 - it is ours

    def add(self, location: Location, quantity: int) -> None:
        """Let units arrive."""
        self.pools[location] = self.pools.get(location, 0) + quantity

    def share(self) -> Iterator[Part]:
        """Share what is there, until it serves nobody any more."""
        supply = dict(sorted(self.pools.items()))
        shares = self._walked(supply) if self.mode.in_order else self._asked(supply)
        while any(shares.values()):
            yield from self._placed(shares, supply)
            if self.mode.in_order or len(supply) == 1 or holds_back(self.mode.within):
                return
            # What lines bound to a place left there may do for a free line, and so on.
            supply = dict(sorted(self.pools.items()))
            shares = self._asked(supply)

    def _walked(self, supply: Mapping[Location, int]) -> dict[int, int]:
        # Places that are served in full are left out of the next walks.
        self.order = [slot for slot in self.order if self._wants[slot]]
        walk = Walk(
            wants=self._wants,
            limits=self._wants,
            rules=self._rules,
            waits=self.mode.waits,
            sites=self._sites,
        )
        shares = walk.share(sum(supply.values()), self.order, supply)
        return {slot: share for slot, share in enumerate(shares) if share}

    def _asked(self, supply: dict[Location, int]) -> dict[int, int]:
        usable = {None, *(location for location, quantity in supply.items() if quantity)}
        slots = [
            slot for slot, want in enumerate(self._wants) if want and self._sites[slot] in usable
        ]
        if not slots or len(usable) == 1:
            return {}
        there = {location: quantity for location, quantity in supply.items() if quantity}
        queue = self._queue(slots)
        if len(there) == 1:
            (quantity,) = there.values()
            shares = verified_shares(self.mode, quantity, queue)
        else:
            shares = share_across(self.mode, queue, there)
        return {slot: share for slot, share in zip(slots, shares, strict=True) if share}

    def _queue(self, slots: Sequence[int]) -> Queue:
        wants = [self._wants[slot] for slot in slots]
        taken = [before - now for before, now in zip(self.lines.wants, self._wants, strict=True)]
        after = self.lines.after(taken) if any(taken) else self.lines
        return after.capped(wants, slots)

    def _placed(self, shares: Mapping[int, int], supply: Mapping[Location, int]) -> Iterator[Part]:
        slots = sorted(shares)
        given = [shares[slot] for slot in slots]
        if len(supply) == 1:
            (location,) = supply
            placed: list[Places] = [((location, units),) for units in given]
        else:
            placed = self.placer.place(self.lines.take(slots), given, supply)
        for slot, units, places in zip(slots, given, placed, strict=True):
            self._wants[slot] -= units
            self.placer.took(self.lines.rows[slot], places)
            for location, quantity in places:
                self.pools[location] -= quantity
            yield slot, units, places
