"""Walks the supply events of one SKU by rules, and collects who gets what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from backorderkit.model.ids import Location, ReceiptId
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.planning.decisions import Grant
from backorderkit.planning.openings import Opening, start_of
from backorderkit.planning.placing import Places
from backorderkit.planning.restricting import Obstacle
from backorderkit.planning.ruled import Part, RuledSku
from backorderkit.planning.told import Part as Owed
from backorderkit.planning.told import day_of

Arrival = tuple[ScheduledReceipt, int]
"""A receipt, and how much of it there is to share."""


@attrs.define(eq=False, kw_only=True)
class Walked:
    """
    What lines of one SKU get when its supply events go by, by slot.

    Attributes:
        state: The lines, and what is there for them.
        granted: What they get of the stock on hand today, and from where.
        grants: What they get later, in turn.
        sources: Where units come from that a line gets with a receipt, if not all come
            with that.
        obstacles: What keeps units from lines that lie there today, and how many.
        later_obstacles: The same of what lies there in the end.
    """

    state: RuledSku
    granted: dict[int, tuple[int, Places]] = attrs.field(factory=dict)
    grants: dict[int, list[Grant]] = attrs.field(factory=dict)
    sources: dict[tuple[int, ReceiptId], Places] = attrs.field(factory=dict)
    obstacles: list[tuple[int, Obstacle, int]] = attrs.field(factory=list)
    later_obstacles: list[tuple[int, Obstacle, int]] = attrs.field(factory=list)
    _layers: dict[Location, list[tuple[ScheduledReceipt | None, int]]] = attrs.field(
        init=False, factory=dict
    )

    def __attrs_post_init__(self) -> None:
        """Remember with what the units came that lie there."""
        self._layers = {place: [(None, there)] for place, there in self.state.pools.items()}

    def walk(self, coming: Sequence[Arrival]) -> None:
        """Let the stock be shared, then what arrives, and between these what lies there."""
        state, today = self.state, self.state.day
        self.grant(state.share())
        for receipt, quantity in coming:
            day = max(today, day_of(receipt.due))
            self._open(day)
            self.arrive(receipt, quantity, day)
            self.promise(receipt, state.share(receipt.id))
        self._open(None)
        self.end()

    def grant(self, parts: Iterable[Part]) -> None:
        """Note what lines get of the stock, and what keeps others from it."""
        for slot, units, places in parts:
            self.granted[slot] = units, places
            self._use(places)
        self.obstacles = list(self.state.obstacles())

    def arrive(self, receipt: ScheduledReceipt, quantity: int, day: int) -> None:
        """Let a receipt arrive."""
        self.state.arrive(receipt.location, quantity, day)
        self._layers.setdefault(receipt.location, []).append((receipt, quantity))

    def promise(self, receipt: ScheduledReceipt, parts: Iterable[Part]) -> None:
        """Note what lines get when a receipt arrives."""
        for slot, units, places in parts:
            self.grants.setdefault(slot, []).append((receipt, units))
            self._use(places)
            if len(places) > 1 or places[0][0] != receipt.location:
                self.sources[slot, receipt.id] = places

    def hand_out(self, due: datetime, parts: Iterable[Part]) -> None:
        """Note what lines get at a moment at which nothing arrives for them."""
        for slot, _, places in parts:
            for location, receipt, part in self._use(places):
                opening = Opening(due=due, location=location, receipt=receipt)
                self.grants.setdefault(slot, []).append((opening, part))

    def end(self) -> None:
        """Note what keeps lines from what lies there in the end."""
        self.later_obstacles = list(self.state.obstacles())

    def _open(self, until: int | None) -> None:
        """Share what lies there on the days before one on which somebody may take of it."""
        state = self.state
        while (day := state.next_day()) is not None and (until is None or day <= until):
            state.go_on(day)
            self.hand_out(start_of(day), state.share())

    def _use(self, places: Places) -> list[tuple[Location, ScheduledReceipt | None, int]]:
        """Take units from what lies there, what came first first; say with what it came."""
        used: list[tuple[Location, ScheduledReceipt | None, int]] = []
        for location, quantity in places:
            layers = self._layers[location]
            left = quantity
            while left:
                receipt, there = layers[0]
                part = min(there, left)
                used.append((location, receipt, part))
                left -= part
                layers[:1] = [(receipt, there - part)] if there > part else []
        return used

    def parts_of(self, slot: int, today: int) -> list[Owed]:
        """Give what a line gets as the next plan will find it told."""
        parts = list[Owed]()
        if slot in self.granted:
            parts.append(Owed(slot, today, None, self.granted[slot][0]))
        sums = dict[tuple[int, ReceiptId | None], int]()
        for coming, units in self.grants.get(slot, ()):
            key = max(today, day_of(coming.due)), coming.id
            sums[key] = sums.get(key, 0) + units
        for (day, receipt), units in sorted(sums.items(), key=lambda each: each[0][0]):
            parts.append(Owed(slot, day, receipt, units))
        return parts
