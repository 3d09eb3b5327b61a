"""What may be turned so that a line is served: the contract of levers, and what they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Final, Protocol, runtime_checkable

import attrs

from backorderkit.model._checks import Problems, check_flag, check_time, check_whole, raise_first
from backorderkit.model._checks import refuse as note
from backorderkit.model.ids import DEFAULT_LOCATION, Location
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import Snapshot
from backorderkit.model.stock import StockPosition
from backorderkit.model.units import Unit
from backorderkit.planning import Book, Plan
from backorderkit.policies.fair_share import FairShare
from backorderkit.policies.keeping import KeepPromises
from backorderkit.policies.modes import PlanMode
from backorderkit.policies.protocol import AllocationPolicy, Law, declared_laws, holds_back
from backorderkit.policies.ranked import Fifo, Priority
from backorderkit.policies.shipping import Shipping, ShipRule

LOOKED_AT: Final = 32
"""So many of the smallest changes are planned one by one where no law lets any be left out."""


@runtime_checkable
class Remedy(Protocol):
    """
    One change of what a plan depends on; a frozen value.

    A remedy of your own may have any attributes.  Those that are named as the built-in ones
    name theirs (``quantity``, ``location``, ``due``, ...) are written to documents, too.
    """

    @property
    def kind(self) -> str:
        """Which kind of change, as the lever's."""
        ...

    def apply(self, book: Book, policy: AllocationPolicy, /) -> tuple[Book, AllocationPolicy]:
        """Give the book and the policy with the change made."""
        ...

    def clause(self, unit: Unit, /) -> str:
        """Say it in English, as the beginning of a sentence: ``with 3 pcs more on hand``."""
        ...


@attrs.frozen(kw_only=True, eq=False)
class Dial:
    """
    One thing that can be turned step by step; a larger step is a larger change.

    Attributes:
        steps: How far it can be turned, at least 0.
        remedy: What is different at each step from 1 on.
        is_monotone: Whether turning further never serves the line worse.  It saves
            planning every step, and is believed: say it only where it is proven.
        is_complete: Whether no smaller change lies between two steps.
        by: By when the line is to be served at every step, if not by what is asked for.

    Raises:
        InvalidValueError: if one of these is no such thing.
    """

    steps: int
    remedy: Callable[[int], Remedy]
    is_monotone: bool = False
    is_complete: bool = True
    by: datetime | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_whole(problems, "steps", self.steps, least=0)
        if not callable(self.remedy):
            note(problems, "remedy", self.remedy, "must be a function of a step")
        check_flag(problems, "is_monotone", self.is_monotone)
        check_flag(problems, "is_complete", self.is_complete)
        if self.by is not None:
            check_time(problems, "by", self.by)
        raise_first(problems)


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Case:
    """
    A line that is not served in full in time, and all that concerns it.

    Attributes:
        book: The book before the plan; it may hold only what concerns the line's SKU.
        policy: Who gets scarce supply.
        plan: The plan of the SKU as things are.
        order: The line's order.
        line: The line.
        by: By which day it is to be promised in full; None: it is to be allocated now.
    """

    book: Book
    policy: AllocationPolicy
    plan: Plan
    order: Order
    line: OrderLine
    by: datetime | None

    @property
    def here(self) -> Snapshot:
        """What concerns the SKU, before the plan."""
        return self.plan.snapshot

    @cached_property
    def lines(self) -> tuple[tuple[Order, OrderLine], ...]:
        """All lines of the SKU with something outstanding, by order and line."""
        sku = self.line.sku
        return tuple(
            (order, line)
            for order in self.here.orders
            for line in order.lines
            if line.sku == sku and line.outstanding
        )

    @cached_property
    def wanted(self) -> int:
        """How many units all lines of the SKU want beyond what they hold before the plan."""
        held = sum(position.allocated for position in self.positions.values())
        return sum(line.outstanding for _, line in self.lines) - held

    @cached_property
    def held(self) -> int:
        """How many units the line holds before the plan."""
        own = self.order.id, self.line.id
        return sum(
            each.quantity for each in self.here.allocations if (each.order, each.line) == own
        )

    @cached_property
    def positions(self) -> dict[Location, StockPosition]:
        """The pools of the SKU."""
        return {each.location: each for each in self.here.positions if each.sku == self.line.sku}

    @cached_property
    def places(self) -> tuple[Location, ...]:
        """Where units can be for the line: its own place, or all there are."""
        if self.line.location is not None:
            return (self.line.location,)
        known = {*self.positions, *(receipt.location for receipt in self.here.receipts)}
        return tuple(sorted(known)) or (DEFAULT_LOCATION,)

    @cached_property
    def is_of_one_kind(self) -> bool:
        """Whether all lines of the SKU are free, or all bound to a place."""
        return len({line.location is None for _, line in self.lines}) == 1

    @cached_property
    def more_never_harms(self) -> bool:
        """
        Whether one more unit is proven to lower nobody's lot.

        By law 7 it is for every policy that says it is monotone and leaves no unit over;
        and for a queue that waits to ship whole lines or packs, with lines of one kind.
        """
        policy = self.policy
        if Law.MONOTONE not in declared_laws(policy):
            return False
        if isinstance(policy, Shipping):
            rule = policy.rule
            return isinstance(rule, ShipRule) and rule.minimum == 1 and self.is_of_one_kind
        # What was promised may be kept against the policy's order.
        return not isinstance(policy, PlanMode) and not holds_back(policy)


@runtime_checkable
class Lever(Protocol):
    """
    One kind of change that may serve a line; `what_would_it_take` looks for the smallest.

    It gives the dials of this kind: each pool, each receipt.  Of the steps of all of them
    the smallest is looked for that does; among equals, that of the first dial.

    >>> class ByPriority:
    ...     '''Serve the whole book by priority: a change of the policy.'''
    ...
    ...     kind = "by-priority"
    ...
    ...     def apply(self, book, policy, /):
    ...         return book, Priority()
    ...
    ...     def clause(self, unit, /):
    ...         return "served by priority"
    ...
    ...     def dials(self, case, /):
    ...         return [Dial(steps=1, remedy=lambda step: self)]
    >>> isinstance(ByPriority(), Lever) and isinstance(ByPriority(), Remedy)
    True
    """

    @property
    def kind(self) -> str:
        """Which kind of change: unique among the levers that are tried."""
        ...

    def dials(self, case: Case, /) -> Iterable[Dial]:
        """Give what can be turned for a line."""
        ...


@attrs.frozen
class BuiltLever:
    """
    A lever made of a function.

    Attributes:
        kind: Which kind of change.
        turned: Gives the dials.
    """

    kind: str
    turned: Callable[[Case], Iterator[Dial]]

    def dials(self, case: Case, /) -> Iterable[Dial]:
        """Give what can be turned for a line."""
        return self.turned(case)


def only_compares(policy: AllocationPolicy) -> bool:
    """
    Tell whether a policy only compares priorities and placing times.

    Then what lies between two of those that are there is as good as one of the two.
    """
    if isinstance(policy, KeepPromises):
        return only_compares(policy.within)
    if isinstance(policy, Shipping):
        return isinstance(policy.rule, ShipRule) and only_compares(policy.within)
    if type(policy) is Priority:
        return only_compares(policy.within)
    return type(policy) is Fifo or (type(policy) is FairShare and policy.weights is None)


def sized(unit: Unit, quantity: int) -> str:
    """Write a quantity with its unit."""
    return f"{unit.to_text(quantity)} {unit.name}"
