"""Protections of one SKU, by definition: what others must leave when units are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import attrs

from backorderkit.checking.rules import AgreedProtection
from backorderkit.checking.timelines import Ruled
from backorderkit.model.ids import Sku
from backorderkit.model.snapshot import LineKey


@attrs.define(eq=False, kw_only=True)
class Protecting:
    """
    How much is protected of a SKU, as the plan gives units away.

    Attributes:
        sku: Of what.
        protections: Those that are given.
        owns: Which of them are each line's own, by their places.
        day: Of the moment.
        there: Units that nobody has yet.
        had: How much of each protection its group has had.
    """

    sku: Sku
    protections: Sequence[AgreedProtection]
    owns: Mapping[LineKey, frozenset[int]]
    day: int
    there: int = 0
    had: Counter[int] = attrs.field(factory=Counter)

    @classmethod
    def of(cls, ruled: Ruled, sku: Sku) -> Protecting:
        """Begin on the day of planning: what lines keep, their groups had."""
        case, protections = ruled.case, ruled.rules.protections
        owns = {
            key: frozenset(
                place for place, each in enumerate(protections) if each.has(*case.open[key])
            )
            for key in case.keys_of[sku]
        }
        made = cls(sku=sku, protections=protections, owns=owns, day=case.today)
        for place, each in enumerate(protections):
            made.had[place] = each.used
        for key in case.keys_of[sku]:
            made._count(key, sum(ruled.keeps(key).values()))
        return made

    def arrive(self, day: int, units: int) -> None:
        """Come to a moment at which units come."""
        self.day = day
        self.there += units

    def remains(self, place: int) -> int:
        """Say what is still protected by one that is in force."""
        protection = self.protections[place]
        if not protection.is_in_force(self.sku, self.day):
            return 0
        return max(0, protection.quantity - self.had[place])

    def must_respect(self, key: LineKey) -> list[int]:
        """
        Name what a line must leave: all but its own, and lower ranks of their families.

        A restricted group has its rank as long as something remains for it.
        """
        mine = [
            place
            for place in self.owns[key]
            if self.protections[place].is_in_force(self.sku, self.day)
        ]
        ranks = dict[str, int]()
        for place in mine:
            own = self.protections[place]
            if self.remains(place) or not own.restricted:
                ranks[own.family] = min(own.rank, ranks.get(own.family, own.rank))
        return [
            place
            for place, each in enumerate(self.protections)
            if place not in mine
            and self.remains(place)
            and not (each.family in ranks and each.rank > ranks[each.family])
        ]

    def must_leave(self, key: LineKey) -> int:
        """Say how many units a line must leave now."""
        return sum(map(self.remains, self.must_respect(key)))

    def may_get(self, key: LineKey, most: int) -> int:
        """Say how many units a line may get now, unit by unit."""
        copy = attrs.evolve(self, had=Counter(self.had))
        got = 0
        while got < most:
            step = copy.step(key, most - got)
            if not step:
                break
            copy.take(key, step)
            got += step
        return got

    def give(self, given: Mapping[LineKey, int]) -> dict[LineKey, int]:
        """
        Give units in an order in which all leave what they must, if there is one.

        What costs nobody anything goes first, then who must leave the most.

        Returns:
            What could not be given so, by line; it is given all the same.
        """
        left = {key: units for key, units in given.items() if units}
        while left:
            ready = {key: step for key in sorted(left) if (step := self.step(key, left[key]))}
            if not ready:
                break
            free = [key for key in ready if self._is_free(key, left)]
            key = free[0] if free else max(ready, key=self.must_leave)
            self.take(key, ready[key])
            left[key] -= ready[key]
            if not left[key]:
                del left[key]
        for key, units in left.items():
            self.take(key, units)
        return left

    def step(self, key: LineKey, most: int) -> int:
        """Say how many units a line may take at once while nothing else changes."""
        most = min(most, self.there - self.must_leave(key))
        mine = [units for place in self.owns[key] if (units := self.remains(place))]
        return max(0, min([most, *mine]))

    def _is_free(self, key: LineKey, others: Mapping[LineKey, int]) -> bool:
        """Tell whether no other line has less to take when this one takes a unit."""
        mine = {place for place in self.owns[key] if self.remains(place)}
        return all(other == key or mine.intersection(self.must_respect(other)) for other in others)

    def take(self, key: LineKey, units: int) -> None:
        """Give units to a line, whatever it must leave."""
        self.there -= units
        self._count(key, units)

    def _count(self, key: LineKey, units: int) -> None:
        for place in self.owns[key]:
            if self.protections[place].is_in_force(self.sku, self.day):
                self.had[place] += units
