"""Segments: named parts of a book that are planned by rules of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    MAX_INTEGER,
    Problems,
    as_tuple,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.orders import Order, OrderLine
from backorderkit.policies.conditions import Condition, Matcher
from backorderkit.policies.contracts import Contract
from backorderkit.policies.modes import refuse_mode
from backorderkit.policies.protocol import AllocationPolicy, policy_name, require_policy
from backorderkit.policies.reserving import Reserve
from backorderkit.policies.shipping import ShipRule
from backorderkit.policies.sorting import Filter, Sorter


def _included(given: Iterable[Condition]) -> tuple[Condition, ...]:
    return as_tuple("include", given)


def _excluded(given: Iterable[Condition]) -> tuple[Condition, ...]:
    return as_tuple("exclude", given)


@attrs.frozen
class Segment:
    """
    The lines that meet some conditions, and what holds for them.

    Segments stand in a list, and a line is in the first that it matches.

    Args:
        name: Unique in the list.
        include: A line matches if it meets all of these; without any, every line does.
        exclude: A line matches only if it meets none of these.
        contract: What its lines are owed when the book is planned again, and what they
            may gain; None is no contract.
        policy: Who of them is served first, or how a shortage is shared; None leaves
            it to the whole.
        place: Segments of a lower place are served first.  Those of one place are served
            together, so they name one policy or none.
        ship: Which parts of a line may go; None leaves it to the whole.
        reserve: From which day on a line may take; None leaves it to the whole.

    Raises:
        InvalidValueError: with all problems: if a part is not what it should be, or the
            policy is a mode of whole plans, as `Shipping` is.

    >>> web = Segment("web", include=[Condition(attribute="channel", one_of=["web"])], place=1)
    >>> as_of = datetime.fromisoformat("2026-01-05T09:00:00Z")
    >>> order = Order.of("SO-1", "2026-01-02", {"MUG": 5}, channel="web")
    >>> web.matcher(as_of)(order, order.lines[0])
    True
    """

    name: str
    include: tuple[Condition, ...] = attrs.field(default=(), converter=_included, kw_only=True)
    exclude: tuple[Condition, ...] = attrs.field(default=(), converter=_excluded, kw_only=True)
    contract: Contract | None = attrs.field(default=None, kw_only=True)
    policy: AllocationPolicy | None = attrs.field(default=None, kw_only=True)
    place: int = attrs.field(default=0, kw_only=True)
    ship: ShipRule | None = attrs.field(default=None, kw_only=True)
    reserve: Reserve | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no segment."""
        problems: Problems = []
        check_text(problems, "name", self.name)
        for field in ("include", "exclude"):
            for index, each in enumerate(getattr(self, field)):
                if not isinstance(each, Condition):
                    refuse(problems, field, each, "must be a Condition", f"{field}[{index}]")
        for field, kind in (("contract", Contract), ("ship", ShipRule), ("reserve", Reserve)):
            value = getattr(self, field)
            if value is not None and not isinstance(value, kind):
                refuse(problems, field, value, f"must be a {kind.__name__}, or None")
        check_whole(problems, "place", self.place, least=-MAX_INTEGER)
        self._check_policy(problems)
        raise_first(problems)

    def matcher(self, as_of: datetime) -> Matcher:
        """
        Make the test whether a line matches, whatever stands before this segment.

        For many lines ``sort_into`` is faster.

        Args:
            as_of: From which moment days are counted.

        Raises:
            InvalidValueError: if it is no time, or naive.
        """
        wanted = [each.matcher(as_of) for each in self.include]
        unwanted = [each.matcher(as_of) for each in self.exclude]
        return lambda order, line: (
            all(meets(order, line) for meets in wanted)
            and not any(meets(order, line) for meets in unwanted)
        )

    def _check_policy(self, problems: Problems) -> None:
        if self.policy is None:
            return
        try:
            require_policy(self.policy)
            refuse_mode(self.policy)
        except InvalidValueError as error:
            refuse(problems, "policy", self.policy, error.reason)


def check_segments(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """
    Take a list of segments.

    Returns:
        The same, in its order: the first that a line matches has it.

    Raises:
        InvalidValueError: with all problems: if it is no list, one is no segment, a name
            comes twice, or segments of one place name different policies.

    >>> check_segments([Segment("web"), Segment("web")])
    Traceback (most recent call last):
    ...
    backorderkit.errors.InvalidValueError: segments[1].name: got 'web', must be unique
    """
    taken = as_tuple("segments", segments)
    problems: Problems = []
    names = set[str]()
    leading = dict[int, tuple[str, AllocationPolicy]]()
    for index, each in enumerate(taken):
        if not isinstance(each, Segment):
            refuse(problems, "segments", each, "must be a Segment", f"segments[{index}]")
            continue
        if each.name in names:
            refuse(problems, "name", each.name, "must be unique", f"segments[{index}].name")
        names.add(each.name)
        if each.policy is None:
            continue
        first, policy = leading.setdefault(each.place, (each.name, each.policy))
        if policy is not each.policy and policy != each.policy:
            reason = f"must be {policy_name(policy)} as that of {first}, which has the same place"
            refuse(problems, "policy", each.policy, reason, f"segments[{index}].policy")
    raise_first(problems)
    return taken


def sorter_of(segments: Sequence[Segment], as_of: datetime) -> Sorter:
    """Prepare to sort lines; the segments are known to be well."""
    return Sorter([Filter(each.include, each.exclude) for each in segments], as_of)


def sort_into(
    segments: Iterable[Segment],
    orders: Sequence[Order],
    lines: Sequence[OrderLine],
    as_of: datetime,
) -> list[int]:
    """
    Give for each line the place of the first segment that it matches.

    It goes column by column, and looks at an order once for all its lines that stand
    beside each other.  O(lines x attributes that are asked for), however many segments
    ask; beside it each value that is new is tested once for each condition.  A line costs
    some 300 to 400 ns over four attributes; three times as much where neighbours are far
    apart in memory.

    Args:
        segments: The list.
        orders: The order of each line.
        lines: The lines, in any order.
        as_of: From which moment days are counted.

    Returns:
        Places in *segments*; -1 for a line that matches none.

    Raises:
        InvalidValueError: as `check_segments` does; or if *as_of* is no time or naive, or
            there is not one order for each line.

    >>> many = Segment("many", include=[Condition(attribute="ordered", least=3)])
    >>> order = Order.of("SO-1", "2026-01-02", {"BOWL": 1, "MUG": 5})
    >>> sort_into([many], [order, order], order.lines, order.placed_at)
    [-1, 0]
    """
    return sorter_of(check_segments(segments), as_of).firsts(orders, lines)
