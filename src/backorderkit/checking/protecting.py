"""Protections of one SKU, by definition: what others must leave when units are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

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
            made._count(owns[key], sum(ruled.keeps(key).values()))
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

    def must_respect(self, own: frozenset[int]) -> list[int]:
        """
        Name what lines must leave: all but their own, and lower ranks of their families.

        A restricted group has its rank as long as something remains for it.
        """
        mine = [place for place in own if self.protections[place].is_in_force(self.sku, self.day)]
        ranks = dict[str, int]()
        for place in mine:
            each = self.protections[place]
            if self.remains(place) or not each.restricted:
                ranks[each.family] = min(each.rank, ranks.get(each.family, each.rank))
        return [
            place
            for place, each in enumerate(self.protections)
            if place not in mine
            and self.remains(place)
            and not (each.family in ranks and each.rank > ranks[each.family])
        ]

    def must_leave(self, own: frozenset[int]) -> int:
        """Say how many units lines must leave now that have these of their own."""
        return sum(map(self.remains, self.must_respect(own)))

    def may_get(self, own: frozenset[int]) -> int:
        """Say how many units a line with these of its own may get now, step by step."""
        copy = attrs.evolve(self, had=Counter(self.had))
        got = 0
        while step := copy.step(own, copy.there):
            copy.take(own, step)
            got += step
        return got

    def give(self, given: Mapping[LineKey, int]) -> dict[LineKey, int]:
        """
        Give units in an order in which all leave what they must, if there is one.

        Lines with the same protections of their own stand for each other.  What costs
        nobody anything goes first, then who must leave the most.

        Returns:
            What could not be given so, by line; it is given all the same.
        """
        left = Counter[frozenset[int]]()
        for key, units in given.items():
            left[self.owns[key]] += units
        left += Counter()
        while left:
            owns = sorted(left, key=sorted)
            ready = {own: step for own in owns if (step := self.step(own, left[own]))}
            if not ready:
                break
            free = [own for own in ready if self._is_free(own, owns)]
            own = free[0] if free else max(ready, key=self.must_leave)
            self.take(own, ready[own])
            left[own] -= ready[own]
            left += Counter()
        for own, units in left.items():
            self.take(own, units)
        return self._whose(left, given)

    def _whose(
        self, left: Counter[frozenset[int]], given: Mapping[LineKey, int]
    ) -> dict[LineKey, int]:
        """Say to which lines what is left of each kind was given: the last ones."""
        rest, found = Counter(left), dict[LineKey, int]()
        for key in sorted(given, reverse=True) if left else ():
            units = min(given[key], rest[self.owns[key]])
            if units:
                rest[self.owns[key]] -= units
                found[key] = units
        return found

    def step(self, own: frozenset[int], most: int) -> int:
        """Say how many units may be taken at once while nothing else changes."""
        most = min(most, self.there - self.must_leave(own))
        mine = [units for place in own if (units := self.remains(place))]
        return max(0, min([most, *mine]))

    def _is_free(self, own: frozenset[int], others: Iterable[frozenset[int]]) -> bool:
        """Tell whether no others have less to take when these take a unit."""
        mine = {place for place in own if self.remains(place)}
        return all(other == own or mine.intersection(self.must_respect(other)) for other in others)

    def take(self, own: frozenset[int], units: int) -> None:
        """Give units away, whatever must be left."""
        self.there -= units
        self._count(own, units)

    def _count(self, own: frozenset[int], units: int) -> None:
        for place in own:
            if not self.protections[place].is_over(self.day):
                self.had[place] += units
