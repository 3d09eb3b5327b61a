"""Ship rules: which parts of a line may go, and who goes on when one may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final

import attrs

from backorderkit.errors import PolicyViolationError, shown
from backorderkit.model._checks import Problems, check_whole, raise_first, refuse
from backorderkit.model.ids import Location
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.modes import PlanMode, refuse_mode
from backorderkit.policies.protocol import (
    AllocationPolicy,
    Demand,
    Law,
    holds_back,
    policy_name,
    require_policy,
)
from backorderkit.policies.queue import Queue, share_in_fifo_order
from backorderkit.policies.ranked import Ranking, serves_in_order
from backorderkit.policies.verify import verified_shares


@attrs.frozen(kw_only=True)
class ShipRule:
    """
    Which part of what a line still wants it may be given at once.

    All of it is always right, and nothing.  Whatever a line has already stays its own
    and counts: the rule is about the rest.

    Attributes:
        whole: Nothing but all of it.
        minimum: No part is smaller, and neither is what is left to come after it.
            So a part of 15 of 20 does not strand 5 where the minimum is 11.
        multiple: Parts are multiples of it, as full packs are.  The last one may be
            odd where the line is.

    Raises:
        InvalidValueError: if a number is below 1, or given with *whole*, where it
            would say nothing.

    >>> ShipRule(whole=True).portion(5, 3), ShipRule(whole=True).portion(5, 8)
    (0, 5)
    >>> ShipRule(minimum=11).portion(20, 15), ShipRule(minimum=11).portion(30, 15)
    (0, 15)
    >>> ShipRule(multiple=10).portion(25, 24), ShipRule(multiple=10).portion(25, 25)
    (20, 25)
    """

    whole: bool = False
    minimum: int = 1
    multiple: int = 1

    def __attrs_post_init__(self) -> None:
        """Refuse what is no rule, and half a rule beside a whole one."""
        problems: Problems = []
        if type(self.whole) is not bool:
            refuse(problems, "whole", self.whole, "must be True or False")
        check_whole(problems, "minimum", self.minimum, least=1)
        check_whole(problems, "multiple", self.multiple, least=1)
        if not problems and self.whole:
            for field, value in (("minimum", self.minimum), ("multiple", self.multiple)):
                if value > 1:
                    refuse(problems, field, value, "must be 1 where only whole lines go")
        raise_first(problems)

    def portion(self, want: int, most: int) -> int:
        """
        Give the largest part that may go.

        Args:
            want: What the line still wants, at least 1.
            most: What there is for it.
        """
        if most >= want:
            return want
        if self.whole:
            return 0
        part = min(most, want - self.minimum)
        part -= part % self.multiple
        return part if part >= self.minimum else 0

    def least(self, want: int) -> int:
        """
        Give the smallest part that may go: below it nothing does.

        >>> ShipRule(minimum=11).least(20), ShipRule(minimum=11, multiple=5).least(40)
        (20, 15)
        """
        first = -(-self.minimum // self.multiple) * self.multiple
        return want if self.whole or first > want - self.minimum else first


RuleOf = Callable[[Order, OrderLine], ShipRule]
"""Says which rule a line has: a pure function of its order and itself."""

ANY_PART: Final = ShipRule()
"""Any part may go."""


def rule_for(rule: ShipRule | RuleOf, order: Order, line: OrderLine, policy: str) -> ShipRule:
    """
    Give the rule of a line.

    Raises:
        PolicyViolationError: if the host's function gives something else.
    """
    found = rule if isinstance(rule, ShipRule) else rule(order, line)
    if not isinstance(found, ShipRule):
        detail = f"the rule of order {order.id}, line {line.id} is {shown(found)}"
        raise PolicyViolationError(policy=policy, clause="rule", detail=f"{detail}, not a ShipRule")
    return found


def check_rule(problems: Problems, field: str, rule: object) -> None:
    """Refuse what is neither a rule nor a function."""
    if not isinstance(rule, ShipRule) and (isinstance(rule, type) or not callable(rule)):
        refuse(problems, field, rule, "must be a ShipRule or a function that gives one")


@attrs.frozen
class Shipping(PlanMode):
    """
    Shares so that no line is given a part that may not ship.

    A line that cannot be served by its rule takes nothing from others.  `plan`
    recognises this policy: what nobody can use of a supply event stays, and is
    shared again with the next, so a line that wants 5 is promised 5 for the day on
    which 2 come to the 3 that lie there.  A question alone, by `share`, is answered
    as one event.

    Args:
        within: Who is served first, or how a shortage is shared.  Where it serves in
            an order (`Fifo`, and `Priority` or `Ranked` with `Fifo` within), each line
            in turn gets the largest part that its rule allows.  Any other policy
            is asked; what it gives is cut down to parts that may go, and the rest
            is offered again, without those whose part is the furthest from it.  One that
            holds units back is offered no rest.
        rule: The rule of all lines; or a function that says which one a line has.
        waits: False: who cannot be served is passed by.  True: the queue waits behind
            it.  A line that is bound to a location makes those bound to it and all free
            lines wait; a free one makes all.

    Raises:
        InvalidValueError: if *within* is no policy or a mode of plans itself, *rule* is
            neither a rule nor a function, *waits* is no bool, or the queue is to wait
            under a policy that serves in no order.

    >>> from backorderkit.policies.ranked import Fifo
    >>> skipping = Shipping(Fifo(), rule=ShipRule(whole=True))
    >>> skipping.share(4, [Demand.of("A", claim=5), Demand.of("B", claim=3)])
    [0, 3]
    >>> strict = Shipping(Fifo(), rule=ShipRule(whole=True), waits=True)
    >>> strict.share(4, [Demand.of("A", claim=5), Demand.of("B", claim=3)])
    [0, 0]
    """

    within: AllocationPolicy
    rule: ShipRule | RuleOf = attrs.field(kw_only=True)
    waits: bool = attrs.field(default=False, kw_only=True)

    holds_back = True

    def __attrs_post_init__(self) -> None:
        """Refuse what is no policy, no rule, and a queue where there is none."""
        require_policy(self.within, field="within")
        refuse_mode(self.within)
        problems: Problems = []
        check_rule(problems, "rule", self.rule)
        if type(self.waits) is not bool:
            refuse(problems, "waits", self.waits, "must be True or False")
        elif self.waits and not self.in_order:
            reason = f"must be False: {policy_name(self.within)} serves in no order"
            refuse(problems, "waits", self.waits, reason)
        raise_first(problems)

    @property
    def name(self) -> str:
        """The name of what is within, and whether the queue waits."""
        how = "strict" if self.waits else "skipping"
        return f"{policy_name(self.within)}, ship rules {how}"

    @property
    def laws(self) -> frozenset[Law]:
        """
        A queue that waits is monotone.

        Who is passed by today takes from the others as soon as there is enough, so
        skipping keeps none of the further laws.
        """
        return frozenset({Law.MONOTONE, Law.POPULATION_MONOTONE}) if self.waits else frozenset()

    @property
    def in_order(self) -> bool:
        """Whether lines are served in an order."""
        return serves_in_order(self.within)

    def rule_of(self, order: Order, line: OrderLine, /) -> ShipRule:
        """
        Give the rule of a line.

        Raises:
            PolicyViolationError: if the host's function gives something else.
        """
        return rule_for(self.rule, order, line, self.name)

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """
        Share one event.

        O(n log n) where lines are served in an order.  Otherwise *within* is asked anew
        while somebody is given a part, as a rule a few times; at worst n times for each.

        Raises:
            PolicyViolationError: if *rule* gives something else than a rule, or
                *within* breaks a clause.
        """
        return share_in_fifo_order(supply, demands, self._share)

    def _share(self, supply: int, queue: Queue) -> list[int]:
        rules = self._rules(queue.orders, queue.lines)
        if not self.in_order:
            return self._share_in_rounds(supply, queue, rules)
        walk = Walk(wants=queue.wants, limits=queue.limits, rules=rules, waits=self.waits)
        return walk.share(supply, self._order(queue))

    def _rules(self, orders: Sequence[Order], lines: Sequence[OrderLine]) -> list[ShipRule]:
        """Give the rule of each line."""
        if isinstance(self.rule, ShipRule):
            return [self.rule] * len(lines)
        return list(map(self.rule_of, orders, lines))

    def _order(self, queue: Queue) -> Sequence[int]:
        """Give the places of a queue in the order of service."""
        places = range(len(queue))
        if not isinstance(self.within, Ranking) or len(queue) < 2:  # noqa: PLR2004 - one is sorted
            return places
        ranking = self.within
        return ranking._in_order(queue, ranking._keys(queue), places)  # noqa: SLF001 - ours

    def _share_in_rounds(self, supply: int, queue: Queue, rules: Sequence[ShipRule]) -> list[int]:
        """Ask the policy within, cut down what it gives, and offer the rest again."""
        shares = [0] * len(queue)
        while supply:
            open_ = queue.after(shares)
            least = {
                place: rules[place].least(want)
                for place, (want, limit) in enumerate(zip(open_.wants, open_.limits, strict=True))
                if limit
            }
            least = {
                place: part
                for place, part in least.items()
                if part <= min(supply, open_.limits[place])
            }
            served = self._round(supply, open_, rules, least)
            if not served:
                break
            for place, part in served.items():
                shares[place] += part
                supply -= part
            if holds_back(self.within):
                # What is left may be what it holds back.
                break
        return shares

    def _round(
        self, supply: int, queue: Queue, rules: Sequence[ShipRule], least: Mapping[int, int]
    ) -> dict[int, int]:
        """Give somebody a part that may go, if the policy within lets it."""
        places = list(least)
        while places:
            limits = [queue.limits[place] for place in places]
            given = verified_shares(self.within, supply, queue.capped(limits, places))
            served = {
                place: part
                for place, share in zip(places, given, strict=True)
                if (part := rules[place].portion(queue.wants[place], share))
            }
            if served:
                return served
            places = nearest(supply, dict(zip(places, given, strict=True)), least)
        return {}


def nearest(supply: int, given: Mapping[int, int], least: Mapping[int, int]) -> list[int]:
    """
    Choose for whom the supply would do, those first who were given most of their part.

    It drops at least one.
    """
    ranked = sorted(given, key=lambda place: (-Fraction(given[place], least[place]), place))
    kept: list[int] = []
    for place in ranked:
        if least[place] <= supply:
            supply -= least[place]
            kept.append(place)
    if len(kept) == len(ranked):
        kept.pop()
    return sorted(kept)


@attrs.frozen(kw_only=True)
class Walk:
    """
    Serves lines one after the other by their rules.

    Attributes:
        wants: What each line still wants; 0 for one that has all.
        limits: The most that it may be given now.
        rules: Its rule.
        waits: Whether the queue waits behind who cannot be served.
        sites: What each is bound to, or None if that plays no part.
    """

    wants: Sequence[int]
    limits: Sequence[int]
    rules: Sequence[ShipRule]
    waits: bool
    sites: Sequence[Location | None] | None = None

    def share(
        self, supply: int, order: Sequence[int], pools: Mapping[Location, int] | None = None
    ) -> list[int]:
        """
        Give each line in turn the largest part that may go.

        Bound lines have the units of one place, free ones those of all; so by Hall's
        theorem a line can be placed exactly where both sums allow it.

        Args:
            supply: What there is in all.
            order: The places of the lines in the order of service.
            pools: What there is of it at each location, where lines are bound.
        """
        shares = [0] * len(self.wants)
        own = dict(pools or {})
        closed = set[Location]()
        for place in order:
            if not supply:
                break
            site = self.sites[place] if self.sites is not None else None
            if site in closed or not self.wants[place]:
                continue
            if closed and site is None:
                break
            most = min(supply, self.limits[place])
            if site is not None:
                most = min(most, own.get(site, 0))
            part = shares[place] = self.rules[place].portion(self.wants[place], most)
            supply -= part
            if site is not None:
                own[site] = own.get(site, 0) - part
            if self.waits and part < self.limits[place]:
                # Whoever is free could use all places, and so makes all others wait.
                if site is None:
                    break
                closed.add(site)
        return shares
