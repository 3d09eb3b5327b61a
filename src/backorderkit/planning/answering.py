"""What a command comes to: events, and the plan after them; or why it is refused."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Generic, TypeVar, overload

import attrs

from backorderkit.changes import Change, Fact
from backorderkit.commands import COMMANDS, Command, Expire, ExtendHold, HoldStock, Replan
from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.model.ids import Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning.accepting import Accepting, Shortage, Verdict, judge
from backorderkit.planning.applying import apply, orders_in
from backorderkit.planning.book import Book, require_source
from backorderkit.planning.carrying_out import (
    events_of,
    named_orders,
    not_fitting,
    skus_of,
)
from backorderkit.planning.grounds import Ground, ground_of
from backorderkit.planning.holding import grown, short_of
from backorderkit.planning.planner import Plan, plan, require_fitting
from backorderkit.policies.placing import Placing
from backorderkit.policies.protocol import AllocationPolicy, require_policy
from backorderkit.policies.sourcing import IN_LOCATION_ORDER

_Source = TypeVar("_Source", Snapshot, Book)


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Answer(Generic[_Source]):
    """
    What a command comes to; made by `answer`.

    Attributes:
        command: What was asked for.
        events: What happens by it, in this order; nothing if it is refused.  What was
            held for an order is allocated to it here, before the plan.
        plan: The plan of the SKUs that these touch, as they are after the events.
        refusal: Why it is refused, line by line or pool by pool; nothing if it is not.
    """

    command: Command
    events: tuple[Fact, ...]
    plan: Plan
    refusal: tuple[Shortage, ...] = ()
    _after: _Source = attrs.field(repr=False)

    @property
    def accepted(self) -> bool:
        """Whether it is carried out."""
        return not self.refusal

    @cached_property
    def changes(self) -> tuple[Fact, ...]:
        """All that changes: the events, then what the plan decides."""
        return (*self.events, *self.plan.changes)

    @cached_property
    def outcome(self) -> _Source:
        """The snapshot or book after all changes: where the next command starts."""
        return apply(self._after, self.plan.changes)


@overload
def answer(
    source: Snapshot, command: Command, *, policy: AllocationPolicy, placing: Placing = ...
) -> Answer[Snapshot]: ...
@overload
def answer(
    source: Book, command: Command, *, policy: AllocationPolicy, placing: Placing = ...
) -> Answer[Book]: ...
def answer(
    source: Snapshot | Book,
    command: Command,
    *,
    policy: AllocationPolicy,
    placing: Placing = IN_LOCATION_ORDER,
) -> Answer[Snapshot] | Answer[Book]:
    """
    Work out what a command comes to: a pure function, like `plan`.

    Every event that frees supply is followed by a plan of the SKUs that it
    touches, so what waits is served at once.  On a `Book` it costs what these SKUs and
    the named orders cost, on a snapshot a pass over it.

    Args:
        source: What is true, at the moment of the command; it stays as it is.  It was
            planned before: an order must not be judged by what somebody else has
            still to get.
        command: What is asked for.
        policy: Who gets scarce supply.
        placing: From which location units come, where there are several.

    Raises:
        InvalidInputError: if the command does not fit what is true: an unknown
            order, more units than there are, ...
        InvalidValueError: if *source*, *command*, *policy* or *placing* is no such thing.
        PolicyViolationError: as `plan` does.

    >>> from backorderkit.commands import PlaceOrder
    >>> from backorderkit.model import Order
    >>> from backorderkit.policies import Fifo
    >>> shop = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    >>> order = Order.of("SO-1", "2026-01-05", {"MUG": 5})
    >>> placed = answer(shop, PlaceOrder(order=order), policy=Fifo())
    >>> [type(change).__name__ for change in placed.changes]
    ['Placed', 'Allocated', 'Backordered']
    >>> refused = answer(shop, PlaceOrder(order=order, shortfall="refuse"), policy=Fifo())
    >>> refused.refusal[0].reason
    'Only 3 of 5 pcs of MUG can be had now, and the order wants all or nothing.'
    """
    require_source(source)
    require_policy(policy)
    require_fitting(placing, policy)
    if type(command) not in COMMANDS:
        reason = "must be a command"
        raise InvalidValueError(field="command", value=command, reason=reason)
    how = _How(policy, placing)
    if isinstance(source, Snapshot):
        return _answer(source, command, how)
    return _answer(source, command, how)


@attrs.frozen
class _How:
    """Who gets scarce supply, and from where."""

    policy: AllocationPolicy
    placing: Placing

    def plan(self, source: Snapshot | Book, skus: Iterable[Sku]) -> Plan:
        return plan(source, policy=self.policy, skus=skus, placing=self.placing)


def _answer(source: _Source, command: Command, how: _How) -> Answer[_Source]:
    ground = ground_of(source, named_orders(command))
    found: Answer[_Source] = _carried_out(source, command, events_of(command, ground), how)
    if isinstance(command, HoldStock | ExtendHold):
        return _held(source, command, found, how)
    if not isinstance(command, Accepting):
        return found
    verdict: Verdict = _verdict(command, found)
    while verdict.dropped:
        # A policy that looks at claims may give less to a smaller one.
        found = _carried_out(source, command, (*found.events, *verdict.dropped), how)
        verdict = _verdict(command, found)
    return _refused(source, command, how, verdict.refusal) if verdict.refusal else found


def _held(
    source: _Source,
    command: HoldStock | ExtendHold,
    found: Answer[_Source],
    how: _How,
) -> Answer[_Source]:
    """Let the waiting get theirs before a hold gets more; refuse it where that is too little."""
    ground: Ground[_Source] = ground_of(source, ())
    wanted = grown(command, ground)
    if not wanted:
        return found
    first: tuple[Change, ...] = how.plan(source, skus_of(found.events, ground)).changes
    shortages = tuple(short_of(wanted, ground_of(apply(source, first), ())))
    if shortages:
        return _refused(source, command, how, shortages)
    return _carried_out(source, command, (*first, *found.events), how) if first else found


def _refused(
    source: _Source, command: Command, how: _How, refusal: tuple[Shortage, ...]
) -> Answer[_Source]:
    nothing = how.plan(source, ())
    return Answer(command=command, events=(), plan=nothing, refusal=refusal, after=source)


def _verdict(command: Accepting, found: Answer[_Source]) -> Verdict:
    placed: Ground[_Source] = ground_of(found.outcome, named_orders(command))
    return judge(command, placed)


def _carried_out(
    source: _Source, command: Command, events: tuple[Fact, ...], how: _How
) -> Answer[_Source]:
    skus = skus_of(events, ground_of(source, orders_in(events)))
    if isinstance(command, Expire | Replan):
        # Time alone may have freed what they want.
        skus.update(command.skus)
    try:
        after = apply(source, events)
    except InvalidInputError as error:
        raise not_fitting(error) from None
    made = how.plan(after, skus)
    return Answer(command=command, events=events, plan=made, after=after)
