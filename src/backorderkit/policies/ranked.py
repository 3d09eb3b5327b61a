"""Policies that serve in an order: FIFO, priority, or the host's own key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Final, Literal, TypeAlias, get_args

import attrs

from backorderkit.errors import PolicyViolationError, shown
from backorderkit.model._checks import Problems, check_text, raise_first, refuse
from backorderkit.policies.filling import fill_in_order
from backorderkit.policies.modes import refuse_mode
from backorderkit.policies.protocol import (
    ALL_LAWS,
    AllocationPolicy,
    Demand,
    Law,
    declared_laws,
    holds_back,
    policy_name,
    require_policy,
)
from backorderkit.policies.queue import Queue, share_in_fifo_order
from backorderkit.policies.verify import called, verified_shares

SortKey: TypeAlias = "int | str | date | Decimal | Fraction | tuple[SortKey, ...]"
"""What a demand may be ranked by; no floats, since they would take part in a decision."""

Incomplete = Literal["next", "stop"]
"""What becomes of the supply when a class cannot be served whole; see `Priority`."""

_INCOMPLETE: Final[tuple[Incomplete, ...]] = get_args(Incomplete)
_LAWS_OF_STOPPING: Final = frozenset(
    {Law.MONOTONE, Law.POPULATION_MONOTONE, Law.PATH_INDEPENDENT, Law.LIMITS_ONLY_CAP}
)


@attrs.frozen
class Fifo:
    """
    First come, first served: by placed_at, sequence, order id, line id.

    >>> Fifo().share(4, [Demand.of("A", claim=3), Demand.of("B", claim=3)])
    [3, 1]
    """

    name = "fifo"
    laws = ALL_LAWS

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Fill the oldest first.  O(n), after sorting where `plan` has not sorted."""
        return share_in_fifo_order(supply, demands, _fifo)


def _fifo(supply: int, queue: Queue) -> list[int]:
    return fill_in_order(supply, queue.limits)


@attrs.frozen(kw_only=True)
class Ranking(ABC):
    """Serves classes of demands one after the other, each by the policy within."""

    within: AllocationPolicy = Fifo()
    incomplete: Incomplete = "next"

    def __attrs_post_init__(self) -> None:
        """Refuse classes without a policy within, and one that would never be asked."""
        require_policy(self.within, field="within")
        refuse_mode(self.within)
        problems: Problems = []
        if self.incomplete not in _INCOMPLETE:
            reason = f"must be one of {', '.join(_INCOMPLETE)}"
            refuse(problems, "incomplete", self.incomplete, reason)
        elif self.incomplete == "stop" and type(self.within) is not Fifo:
            reason = "must be absent where classes are served whole or not at all"
            refuse(problems, "within", self.within, reason)
        raise_first(problems)

    @property
    def laws(self) -> frozenset[Law]:
        """As within; but what a class holds back falls to the next, which spoils most laws."""
        if self.incomplete == "stop":
            return _LAWS_OF_STOPPING
        laws = declared_laws(self.within)
        return laws & {Law.STRATEGY_PROOF} if self.holds_back else laws

    @property
    def holds_back(self) -> bool:
        """Classes leave units over if an incomplete one stops, or the policy within does."""
        return self.incomplete == "stop" or holds_back(self.within)

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        """Serve class after class.  O(n log n) besides what *within* costs."""
        return share_in_fifo_order(supply, demands, self._share)

    @abstractmethod
    def _keys(self, queue: Queue) -> Sequence[SortKey]:
        """Say what each demand ranks by, lowest first."""

    def _in_order(self, queue: Queue, keys: Sequence[SortKey], places: Sequence[int]) -> list[int]:
        """
        Put places of a queue in the order of their keys.

        Raises:
            PolicyViolationError: if keys cannot be compared.
        """
        try:
            # Sorting is stable, so FIFO order survives inside a class.
            return sorted(places, key=keys.__getitem__)
        except (TypeError, ArithmeticError) as error:
            names = ", ".join(
                f"{shown(keys[place])} for {called(queue[place])}" for place in places[:3]
            )
            raise PolicyViolationError(
                policy=policy_name(self),
                clause="key",
                detail=f"its keys cannot be compared, such as {names} ({error})",
            ) from error

    def _share(self, supply: int, queue: Queue) -> list[int]:
        keys = self._keys(queue)
        places = self._in_order(queue, keys, range(len(keys)))
        shares = [0] * len(keys)
        if self.incomplete == "stop":
            for members in _whole_classes(supply, queue.limits, places, keys):
                for place in members:
                    shares[place] = queue.limits[place]
            return shares
        if isinstance(self.within, Fifo):
            ranked = fill_in_order(supply, [queue.limits[place] for place in places])
            for place, share in zip(places, ranked, strict=True):
                shares[place] = share
            return shares
        for _, group in groupby(places, key=keys.__getitem__):
            members = list(group)
            given = verified_shares(self.within, supply, queue.take(members))
            for place, share in zip(members, given, strict=True):
                shares[place] = share
                supply -= share
        return shares


def _whole_classes(
    supply: int, limits: Sequence[int], places: Sequence[int], keys: Sequence[SortKey]
) -> Iterator[list[int]]:
    """Give the members of class after class, as long as supply lasts for all of a class."""
    for _, group in groupby(places, key=keys.__getitem__):
        members = list(group)
        supply -= sum(map(limits.__getitem__, members))
        if supply < 0:
            return
        yield members


@attrs.frozen(kw_only=True)
class Ranked(Ranking):
    """
    Serves in the order of a key of the host's own; equal keys form a class.

    Args:
        key: What a demand ranks by, lowest first: `ByRequested` and others, a `Chain`
            of them, or a function of your own.  It must depend on the order and the
            line alone, not on what was got or on the limit.
        within: Who gets what inside a class; first come, first served if absent.
        incomplete: What if a class cannot be served whole; see `Priority`.
        name: How plans call it.

    >>> dearest = Ranked(key=lambda demand: -(demand.line.unit_price or 0))
    >>> dearest.share(4, [Demand.of("A", claim=3), Demand.of("B", claim=3)])
    [3, 1]
    """

    key: Callable[[Demand], SortKey]
    name: str = "ranked"

    def __attrs_post_init__(self) -> None:
        """Refuse a key that cannot be asked."""
        super().__attrs_post_init__()
        problems: Problems = []
        if not callable(self.key):
            refuse(problems, "key", self.key, "must be a function of a demand")
        check_text(problems, "name", self.name)
        raise_first(problems)

    @property
    def laws(self) -> frozenset[Law]:
        """
        As within; strategy-proof only with a key that says ``ignores_quantity = True``.

        Other keys may look at the quantity, which asking for more can use.
        """
        ignores = getattr(self.key, "ignores_quantity", False) is True
        return super().laws if ignores else super().laws - {Law.STRATEGY_PROOF}

    def _keys(self, queue: Queue) -> Sequence[SortKey]:
        """
        Ask the key for each demand.

        Raises:
            PolicyViolationError: if it answers with a float.
        """
        keys = [self.key(demand) for demand in queue.one_by_one()]
        for place, key in enumerate(keys):
            if isinstance(key, float | tuple) and _has_float(key):
                detail = f"the key of {called(queue[place])} is {shown(key)}, and no float decides"
                raise PolicyViolationError(policy=self.name, clause="key", detail=detail)
        return keys


def _has_float(key: object) -> bool:
    return isinstance(key, float) or (isinstance(key, tuple) and any(map(_has_float, key)))


@attrs.frozen(kw_only=True)
class Priority(Ranking):
    """
    Serves the orders of priority 1 first, then those of 2, and so on.

    Args:
        within: Who gets what inside a class; first come, first served if absent.
        incomplete: What if supply does not last for all that a class may get.
            ``"next"``: the class shares what there is, and what it leaves over goes to
            the next.  ``"stop"``: it gets nothing, and nor do those behind it; units
            stay idle.  A class is then served whole or not at all, so *within* must
            be absent.

    Raises:
        InvalidValueError: if *within* is no policy, keeps promises, or would never be
            asked, or *incomplete* is neither.

    >>> urgent = Demand.of("B", claim=3, priority=1)
    >>> Priority().share(4, [Demand.of("A", claim=3), urgent])
    [1, 3]
    >>> Priority(incomplete="stop").share(4, [Demand.of("A", claim=3), urgent])
    [0, 3]
    """

    @property
    def name(self) -> str:
        """``priority``, and what else there is to say of the classes."""
        if self.incomplete == "stop":
            return "priority, whole classes"
        inner = policy_name(self.within)
        return "priority" if inner == Fifo.name else f"priority, {inner} within"

    def _keys(self, queue: Queue) -> Sequence[SortKey]:
        """Give the priority of each demand."""
        return queue.priorities


def serves_in_order(policy: AllocationPolicy) -> bool:
    """
    Tell whether a policy of ours only fills one demand after another.

    Then its order says it all: the answer to any supply is how far that reaches.
    """
    if isinstance(policy, Ranking):
        if policy.incomplete == "stop":
            return False
        policy = policy.within if type(policy) in {Priority, Ranked} else policy
    return type(policy) is Fifo
