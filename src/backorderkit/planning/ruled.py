"""Shares the supply of one SKU by rules: floors first, then by the policy, within all limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import attrs

from backorderkit.model.ids import Location, ReceiptId
from backorderkit.planning.across import share_across
from backorderkit.planning.floors import Floors
from backorderkit.planning.line_terms import NEVER, LineTerms, Served
from backorderkit.planning.placing import Placer, Places, together
from backorderkit.planning.restricting import Obstacle, Restriction
from backorderkit.planning.zones import Site
from backorderkit.policies.protocol import AllocationPolicy, holds_back
from backorderkit.policies.queue import Queue
from backorderkit.policies.shipping import ANY_PART, nearest
from backorderkit.policies.verify import verified_shares

Part = tuple[int, int, Places]
"""The slot of a line, how much it is given, and where it comes from."""


@attrs.define(eq=False, kw_only=True)
class RuledSku:
    """
    The lines of one SKU, and what is there for them, as its supply events go by.

    What an event leaves stays where it is and belongs to the next.

    Attributes:
        lines: The lines, in FIFO order, as they were in the beginning.
        classes: Who is served when, and by which policy.
        terms: What the rules say of lines, by slot, where they say something.
        floors: What contracts owe, if anything.
        restrictions: What else limits them.
        waits: Whether the queue waits behind who cannot be served by a ship rule.
        pools: What there is to share at each location.
        day: Of the event.
        placer: Says where the units of each line come from.
        homes: Where free lines had units that were taken back: what they get again stays
            there, as far as it can.
        watched: The lines of which it is noted what they get when.
        early: Whether lines that others share a room with may have what they are owed early.
        grouped: The lines that ship together with others.
        got: What watched lines got on which day.
    """

    lines: Queue
    classes: list[Served]
    terms: Mapping[int, LineTerms]
    floors: Floors | None
    restrictions: Sequence[Restriction]
    waits: bool
    pools: dict[Location, int]
    day: int
    placer: Placer
    homes: dict[int, Places]
    watched: Collection[int]
    early: bool = attrs.field(init=False, default=True)
    grouped: set[int] = attrs.field(init=False, factory=set)
    got: dict[int, list[tuple[int, int]]] = attrs.field(init=False, factory=dict)
    _wants: list[int] = attrs.field(init=False)
    _given: list[int] = attrs.field(init=False)
    _sites: list[Site] = attrs.field(init=False)
    _limits_of: dict[int, list[Restriction]] = attrs.field(init=False)
    _left: int = attrs.field(init=False, default=0)
    _left_at: dict[Location, int] = attrs.field(init=False, factory=dict)
    _now: Counter[int] = attrs.field(init=False, factory=Counter)

    def __attrs_post_init__(self) -> None:
        """Look up what is asked again and again."""
        self._wants = list(self.lines.wants)
        self._given = [0] * len(self._wants)
        self._sites = [line.location for line in self.lines.lines]
        self._limits_of = {}
        for restriction in self.restrictions:
            for members in restriction.sets():
                for slot in members:
                    mine = self._limits_of.setdefault(slot, [])
                    if restriction not in mine:
                        mine.append(restriction)

    @property
    def is_over(self) -> bool:
        """Whether nobody wants anything any more."""
        return not any(self._wants)

    @property
    def is_timed(self) -> bool:
        """Whether lines may take more on some later day though nothing arrives."""
        if self.restrictions or self.floors:
            return True
        return any(terms.opens > self.day or terms.caps for terms in self.terms.values())

    def next_day(self) -> int | None:
        """Give the first later day on which lines may take what they may not now."""
        if not any(self.pools.values()) or self.is_over:
            return None
        days = [day for each in self.restrictions if (day := each.next_day()) is not None]
        for slot, terms in self.terms.items():
            if self._wants[slot]:
                if self.day < terms.opens < NEVER:
                    days.append(terms.opens)
                days += (since for since, _ in terms.caps or () if since > self.day)
        if self.floors and self.floors.kept[None]:
            days += (day for day in self.floors.days() if day > self.day)
        return min(days, default=None)

    def arrive(self, location: Location, quantity: int, day: int) -> None:
        """Let units arrive on a day."""
        self.go_on(day)
        self.pools[location] = self.pools.get(location, 0) + quantity
        if self.floors:
            self.floors.arrive(location)

    def go_on(self, day: int) -> None:
        """Come to a later day."""
        if day != self.day:
            self.day = day
            for restriction in self.restrictions:
                restriction.go_on(day)

    def share(self, receipt: ReceiptId | None = None) -> Iterator[Part]:
        """Share what is there: what is owed, then by the policies, until it serves nobody more."""
        self.begin()
        if not self._left:
            return
        self._serve(receipt)
        floors = self.floors
        frees = any(each.kind == "protection" for each in self.restrictions)
        while frees or (floors and floors.kept[None]):
            # What is kept for one who got it early is kept for nobody any more; and what a
            # protected line takes, others need not leave any more.
            left = self._left
            self._serve(receipt)
            if self._left == left:
                break
        yield from self._placed()

    def _serve(self, receipt: ReceiptId | None) -> None:
        if self.floors:
            self.floors.settle(self.day, receipt, self)
        for each in self.classes:
            if self._left <= 0:
                break
            if each.in_order:
                self._walk(each.slots)
            else:
                self._ask(each)

    def begin(self) -> None:
        """Look at what is there to share."""
        self._left_at = dict(self.pools)
        self._left = sum(self.pools.values())
        self._now = Counter()

    def finish(self) -> Iterator[Part]:
        """Say who was given what since it began, and from where."""
        yield from self._placed()

    def is_restricted(self, slot: int) -> bool:
        """Say whether something else than its terms limits a line."""
        return slot in self._limits_of

    def wants(self, slot: int) -> int:
        """Say what a line still wants."""
        return self._wants[slot]

    def may_have(self, slot: int) -> int:
        """Say how large a part of what is there may go to a line now."""
        return self._portion(slot, self._open_to(slot)) if self._left > 0 else 0

    def give(self, slot: int, units: int) -> None:
        """Give a line so many units; negative takes them back that it was just given."""
        self._give(slot, units)

    def site(self, slot: int) -> Site:
        """Say what a line is bound to."""
        return self._sites[slot]

    def wish(self, slot: int) -> int:
        """Say how much a line may have, were there enough."""
        return self._wish(slot)

    def may_early(self, slot: int, /) -> bool:
        """Say whether a line may have what it is owed before it is due."""
        terms = self.terms.get(slot)
        if not self.early and self.is_restricted(slot):
            return False
        return terms is None or (terms.may_early and terms.opens <= self.day)

    def is_picky(self, slot: int, /) -> bool:
        """Say whether not every part of a line may go."""
        terms = self.terms.get(slot)
        return terms is not None and terms.rule is not ANY_PART

    def spare(self, slot: int, /) -> int:
        """Say how much of what a line could have is neither given nor kept."""
        kept, site = self.floors.kept if self.floors else Counter[Site](), self._sites[slot]
        most = self._left - kept[None]
        if site is not None:
            most = min(most, self._left_at.get(site, 0) - kept[site])
        return max(0, most)

    def give_owed(self, slot: int, most: int, /) -> int:
        """Give a line what it is owed, as far as that is there and may go."""
        units = self._portion(slot, min(most, self._room(slot)))
        if units:
            self._give(slot, units)
        return units

    def _portion(self, slot: int, most: int) -> int:
        """Cut down to a part that may go."""
        terms = self.terms.get(slot)
        if not most or terms is None or terms.rule is ANY_PART:
            return most
        return terms.rule.portion(self._wants[slot], most)

    def _room(self, slot: int) -> int:
        """Say how much of what is there a line could have, whatever its contract says."""
        most, site, floors = min(self._wants[slot], self._left), self._sites[slot], self.floors
        if floors and floors.kept[None]:
            own = floors.kept_for[slot]
            most = min(most, self._left - floors.kept[None] + own)
            if site is not None:
                most = min(most, self._left_at.get(site, 0) - floors.kept[site] + own)
        elif site is not None:
            most = min(most, self._left_at.get(site, 0))
        for restriction in self._limits_of.get(slot, ()):
            if most <= 0:
                return 0
            most = min(most, restriction.room(slot, self._left))
        return max(most, 0)

    def _open_to(self, slot: int) -> int:
        """Say how much of what is there a line may have now."""
        terms = self.terms.get(slot)
        if terms is None:
            return self._room(slot)
        if terms.opens > self.day:
            return 0
        cap = terms.cap_on(self.day)
        if cap is None:
            return self._room(slot)
        return max(0, min(self._room(slot), cap - self._given[slot]))

    def _give(self, slot: int, units: int) -> None:
        self._now[slot] += units
        self._given[slot] += units
        self._wants[slot] -= units
        self._left -= units
        site = self._sites[slot]
        if site is not None:
            self._left_at[site] -= units
        for restriction in self._limits_of.get(slot, ()):
            restriction.take(slot, units)
        if self.floors:
            self.floors.took(slot, units)
            if slot in self.watched:
                self.got.setdefault(slot, []).append((self.day, units))

    def _walk(self, order: list[int]) -> None:
        """Give each line in turn the largest part that may go."""
        wants = self._wants
        order[:] = [slot for slot in order if wants[slot]]
        closed = set[Location]()
        for slot in order:
            if self._left <= 0:
                return
            site = self._sites[slot]
            if closed and (site is None or site in closed):
                if site is None:
                    return
                continue
            wish = self._wish(slot) if self.waits else 0
            units = self._portion(slot, self._open_to(slot))
            if units:
                self._give(slot, units)
            if units < wish:
                # Whoever is free could use all places, and so makes all others wait.
                if site is None:
                    return
                closed.add(site)

    def _wish(self, slot: int) -> int:
        """Say how much a line may have, were there enough: its own limits make nobody wait."""
        want, terms = self._wants[slot], self.terms.get(slot)
        if terms is not None:
            if terms.opens > self.day:
                return 0
            cap = terms.cap_on(self.day)
            if cap is not None:
                want = min(want, cap - self._given[slot])
        for restriction in self._limits_of.get(slot, ()):
            want = min(want, restriction.room(slot, self._left))
        return self._portion(slot, max(0, want))

    def _ask(self, served: Served) -> None:
        """Ask a policy, cut down what it gives to what may go, and offer the rest again."""
        passed = set[int]()
        while self._left > 0:
            limits, least = self._limits(served.slots, passed)
            if not limits:
                return
            slots = list(limits)
            given = self._answer(served.policy, slots, self._fitting(served.policy, limits))
            parts = 0
            for slot, share in zip(slots, given, strict=True):
                units = self._portion(slot, min(share, self._open_to(slot))) if share else 0
                if units:
                    self._give(slot, units)
                    parts += units
            if parts:
                passed.clear()
                if holds_back(served.policy):
                    # What is left may be what it holds back.
                    return
            elif not any(given):
                # The policy holds back what there is.
                return
            else:
                # Nobody's part was reached: those the furthest from it are passed by.
                there = sum(limits[slot] for slot in slots)
                kept = nearest(
                    min(self._usable(slots), there), dict(zip(slots, given, strict=True)), least
                )
                if not kept:
                    return
                passed.update(set(slots) - set(kept))

    def _limits(
        self, slots: Iterable[int], passed: set[int]
    ) -> tuple[dict[int, int], dict[int, int]]:
        """Give what lines may have at most, and at least, if they may have a part at all."""
        limits, least = dict[int, int](), dict[int, int]()
        for slot in slots:
            want = self._wants[slot]
            most = self._open_to(slot) if want and slot not in passed else 0
            if most:
                terms = self.terms.get(slot)
                first = terms.rule.least(want) if terms is not None else 1
                if first <= most:
                    limits[slot], least[slot] = most, first
        return limits, least

    def _fitting(self, policy: AllocationPolicy, limits: dict[int, int]) -> list[int]:
        """Let the policy share what a room has that several lines share."""
        limits = dict(limits)
        after = self._after()
        for restriction in self.restrictions:
            for members in restriction.sets():
                mine = [slot for slot in members if limits.get(slot)]
                if len(mine) > 1:
                    room = restriction.room(mine[0], self._left)
                    if sum(limits[slot] for slot in mine) > room:
                        queue = after.capped([limits[slot] for slot in mine], mine)
                        limits.update(zip(mine, verified_shares(policy, room, queue), strict=True))
        return list(limits.values())

    def _usable(self, slots: Iterable[int]) -> int:
        """Say how much of what is there is kept for nobody, or for these."""
        floors = self.floors
        if not floors or not floors.kept[None]:
            return self._left
        return self._left - floors.kept[None] + sum(floors.kept_for[slot] for slot in slots)

    def _answer(
        self, policy: AllocationPolicy, slots: list[int], limits: list[int]
    ) -> Sequence[int]:
        """Ask the policy to share what is there."""
        queue = self._after().capped(limits, slots)
        supply = self._usable(slots)
        if supply <= 0:
            return [0] * len(slots)
        if all(self._sites[slot] is None for slot in slots) or len(self._left_at) == 1:
            return verified_shares(policy, supply, queue)
        there = dict(sorted(self._left_at.items()))
        for place in there if self.floors else ():
            own = (slot for slot in slots if self._sites[slot] == place)
            kept_for = self.floors.kept_for if self.floors else {}
            kept = self.floors.kept[place] if self.floors else 0
            there[place] -= kept - sum(kept_for[slot] for slot in own)
        return share_across(policy, queue, there, total=supply)

    def _after(self) -> Queue:
        """Give the lines as they are now."""
        return self.lines.after(self._given) if any(self._given) else self.lines

    def _placed(self) -> Iterator[Part]:
        """Say where the units come from that were given."""
        slots = sorted(slot for slot, units in self._now.items() if units)
        given = [self._now[slot] for slot in slots]
        if len(self.pools) == 1:
            (location,) = self.pools
            placed: list[Places] = [((location, units),) for units in given]
        else:
            kept = self.floors.kept if self.floors else Counter[Site]()
            supply = {place: there - kept[place] for place, there in sorted(self.pools.items())}
            placed = self._put(slots, given, supply)
        for slot, units, places in zip(slots, given, placed, strict=True):
            for location, quantity in places:
                self.pools[location] -= quantity
            self.placer.took(self.lines.rows[slot], places)
            yield slot, units, places

    def _put(
        self, slots: Sequence[int], given: Sequence[int], supply: dict[Location, int]
    ) -> list[Places]:
        """Choose places, those first where lines had their units before."""
        homes, self.homes = self.homes, {}
        there, left, kept = dict(supply), list(given), dict[int, Places]()
        for slot, units in zip(slots, given, strict=True) if homes else ():
            site = self._sites[slot]
            if site is not None:
                there[site] -= units
        for index, slot in enumerate(slots if homes else ()):
            for place, had in homes.get(slot, ()):
                units = min(had, left[index], there.get(place, 0))
                if units:
                    there[place] -= units
                    left[index] -= units
                    supply[place] -= units
                    kept[index] = together(kept.get(index, ()), ((place, units),))
        placed = self.placer.place(self.lines.take(slots), left, supply)
        return [together(kept.get(index, ()), places) for index, places in enumerate(placed)]

    def obstacles(self) -> Iterator[tuple[int, Obstacle, int]]:
        """Say of each line that waits what keeps units from it that lie there, and how many."""
        self._left_at = dict(self.pools)
        self._left = sum(self.pools.values())
        if not self._left:
            return
        for slot, want in enumerate(self._wants):
            site = self._sites[slot]
            there = self._left if site is None else self._left_at.get(site, 0)
            if want and there:
                yield slot, self._obstacle(slot), min(want, there)

    def _obstacle(self, slot: int) -> Obstacle:
        terms = self.terms.get(slot)
        if terms is not None:
            if terms.opens > self.day:
                return "horizon", ""
            cap = terms.cap_on(self.day)
            if cap is not None and cap <= self._given[slot]:
                return "contract", ""
        want, site = self._wants[slot], self._sites[slot]
        there = min(want, self._left if site is None else self._left_at.get(site, 0))
        if not self._portion(slot, there):
            return "ship-rule", ""
        rooms = [
            (each.room(slot, self._left), each.name_of(slot), each.kind)
            for each in self._limits_of.get(slot, ())
        ]
        room, name, kind = min(rooms, default=(there, "", "policy"))
        if room < there and not self._portion(slot, room):
            return kind, name
        if self.floors and self.floors.kept[None] and not self._portion(slot, self._room(slot)):
            return "contract", ""
        if slot in self.grouped:
            return "ship-rule", "together with other lines or not at all"
        return ("ship-rule" if self.waits else "policy"), ""
