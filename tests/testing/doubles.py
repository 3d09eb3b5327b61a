"""Policies that each break one clause or one law, and keep all else that they declare."""

from __future__ import annotations

import random
from collections.abc import Sequence

from backorderkit import Demand, FairShare, Law

ALL_LAWS = frozenset(Law)


def in_turn(
    supply: int, demands: Sequence[Demand], turns: Sequence[int], limits: Sequence[int]
) -> list[int]:
    """Give each its limit, in turns, until nothing is left."""
    shares = [0] * len(demands)
    for place in turns:
        shares[place] = min(limits[place], supply)
        supply -= shares[place]
    return shares


def oldest_first(demands: Sequence[Demand], *, reverse: bool = False) -> list[int]:
    """Give the places of the demands, oldest first."""
    return sorted(range(len(demands)), key=lambda place: demands[place].fifo_key, reverse=reverse)


def limits_of(demands: Sequence[Demand]) -> list[int]:
    return [demand.limit for demand in demands]


class ForgetsTheLast:
    """P1: one share is missing."""

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        return in_turn(supply, demands, oldest_first(demands), limits_of(demands))[:-1]


class OverlooksLimits:
    """P2: fills what is wanted, though less may be given."""

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        wants = [demand.claim - demand.got for demand in demands]
        return in_turn(supply, demands, oldest_first(demands), wants)


class SharesInFractions:
    """P2: gives floats."""

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        part = min(1, supply / sum(limits_of(demands)))
        return [demand.limit * part for demand in demands]  # type: ignore[misc]


class PromisesTwice:
    """P3: forgets that what is given is gone."""

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        return [min(demand.limit, supply) for demand in demands]


class ServesAsGiven:
    """P4: first in the list, first served."""

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        return in_turn(supply, demands, range(len(demands)), limits_of(demands))


class StopsAtAMisfit:
    """P5: serves whole demands only, and does not say that it holds back."""

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        shares = [0] * len(demands)
        for place in oldest_first(demands):
            if demands[place].limit > supply:
                break
            shares[place] = demands[place].limit
            supply -= shares[place]
        return shares


class TakesTurns:
    """P6: serves the oldest first and the youngest first by turns."""

    def __init__(self) -> None:
        self.calls = 0

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        self.calls += 1
        turns = oldest_first(demands, reverse=self.calls % 2 == 0)
        return in_turn(supply, demands, turns, limits_of(demands))


class ThrowsDice:
    """P6: a lottery."""

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        turns = oldest_first(demands)
        random.shuffle(turns)
        return in_turn(supply, demands, turns, limits_of(demands))


class ServesNewcomersFirst:
    """P6: whoever was never asked about is served first."""

    def __init__(self) -> None:
        self.known = set[int]()

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        turns = sorted(oldest_first(demands), key=lambda place: id(demands[place]) in self.known)
        self.known.update(map(id, demands))
        return in_turn(supply, demands, turns, limits_of(demands))


class Lawbreaker:
    """Keeps the clauses and breaks one of the laws that it declares."""

    laws: frozenset[Law] = frozenset()

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        raise NotImplementedError


class OddAndEven(Lawbreaker):
    """Not monotone: an odd supply goes to the oldest first, an even one to the youngest."""

    laws = frozenset({Law.MONOTONE, Law.POPULATION_MONOTONE, Law.STRATEGY_PROOF})

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        turns = oldest_first(demands, reverse=supply % 2 == 0)
        return in_turn(supply, demands, turns, limits_of(demands))


class LargestRemainder(Lawbreaker):
    """Not monotone: Hamilton's method, the well-known example."""

    laws = frozenset({Law.MONOTONE})

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        total = sum(limits_of(demands))
        supply = min(supply, total)
        shares = [supply * limit // total for limit in limits_of(demands)]
        by_remainder = sorted(
            oldest_first(demands), key=lambda place: -(supply * demands[place].limit % total)
        )
        for place in by_remainder[: supply - sum(shares)]:
            shares[place] += 1
        return shares


class _ByCrowd(Lawbreaker):
    """In a crowd of three the oldest goes first, else the youngest."""

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        turns = oldest_first(demands, reverse=len(demands) < 3)
        return in_turn(supply, demands, turns, limits_of(demands))


class ByCrowdPopulation(_ByCrowd):
    """Not population monotone: someone may lose when the crowd shrinks."""

    laws = frozenset({Law.MONOTONE, Law.POPULATION_MONOTONE, Law.STRATEGY_PROOF})


class ByCrowdConsistent(_ByCrowd):
    """Not consistent: those who remain are served in the other order."""

    laws = frozenset({Law.MONOTONE, Law.CONSISTENT, Law.STRATEGY_PROOF})


class ForgetsThePast(Lawbreaker):
    """Not path independent: equal shares of each delivery, whatever was got before."""

    laws = ALL_LAWS

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        shares = [0] * len(demands)
        for _ in range(min(supply, sum(limits_of(demands)))):
            waiting = [
                place for place in oldest_first(demands) if shares[place] < demands[place].limit
            ]
            shares[min(waiting, key=shares.__getitem__)] += 1
        return shares


class Gullible(Lawbreaker):
    """Not strategy-proof: proportional to whatever is claimed, yet it says it is."""

    laws = ALL_LAWS

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        return FairShare().share(supply, demands)


class ServesSmallLimitsFirst(Lawbreaker):
    """Limits decide its order of service."""

    laws = ALL_LAWS - {Law.PATH_INDEPENDENT, Law.STRATEGY_PROOF}

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        turns = sorted(oldest_first(demands), key=lambda place: demands[place].limit)
        return in_turn(supply, demands, turns, limits_of(demands))
