"""A plan as somebody wrote it down: what the checker is given."""

from __future__ import annotations

from datetime import datetime
from types import UnionType
from typing import Final

import attrs

from backorderkit.changes import Allocated, Backordered, Change, Promised, Released
from backorderkit.model._checks import (
    Problems,
    check_label,
    check_text,
    check_time,
    check_whole,
    raise_first,
    refuse,
    settle_in_utc,
)
from backorderkit.model.backorders import Allocation, Promise, check_line_key
from backorderkit.model.ids import LineId, Location, OrderId, Sku
from backorderkit.model.snapshot import LineKey
from backorderkit.model.units import check_decimals

SUMMED: Final = ("ordered", "allocated", "backordered", "promised", "unpromised")
"""What the totals of a plan sum up, for each unit."""


@attrs.frozen(kw_only=True)
class PlannedBlocker:
    """
    One thing that a plan names as standing between a line and its units.

    Attributes:
        kind: What it is, as in the documents: ``"stock"``, ``"policy"``, ...
        quantity: How many of the waiting units it keeps back.
    """

    kind: str
    quantity: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "kind", self.kind)
        check_whole(problems, "quantity", self.quantity, least=0)
        raise_first(problems)


@attrs.frozen(kw_only=True)
class PlannedLine:
    """
    What a plan says of one line; nothing of it is known to be true.

    Attributes:
        order: Its order's id.
        line: Its own id.
        sku: What it wants.
        ordered: Ever ordered, in smallest units; and so on.
        shipped: What has left.
        cancelled: What is not wanted any more.
        allocated: What it holds after the plan.
        backordered: What it waits for.
        unpromised: How much of that nothing is promised of.
        allocations: What it holds, by location, as listed.
        promises: What receipts, or units on hand on a later day, will fill, as listed.
        reason: The sentence for a person; nothing checks it.
        blockers: What stands in its way.
    """

    order: OrderId
    line: LineId
    sku: Sku
    ordered: int
    shipped: int
    cancelled: int
    allocated: int
    backordered: int
    unpromised: int
    allocations: tuple[Allocation, ...]
    promises: tuple[Promise, ...]
    reason: str = ""
    blockers: tuple[PlannedBlocker, ...] = ()

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        check_text(problems, "sku", self.sku)
        check_label(problems, "reason", self.reason)
        for name in ("ordered", "shipped", "cancelled", "allocated", "backordered", "unpromised"):
            check_whole(problems, name, getattr(self, name), least=0)
        _check_all(problems, "allocations", self.allocations, Allocation)
        _check_all(problems, "promises", self.promises, Promise)
        _check_all(problems, "blockers", self.blockers, PlannedBlocker)
        raise_first(problems)

    @property
    def key(self) -> LineKey:
        """What names it."""
        return self.order, self.line

    @property
    def by_location(self) -> dict[Location, int]:
        """What it holds, by location."""
        units = dict[Location, int]()
        for each in self.allocations:
            units[each.location] = units.get(each.location, 0) + each.quantity
        return units

    @property
    def promised(self) -> int:
        """The sum of its promises."""
        return sum(promise.quantity for promise in self.promises)


@attrs.frozen(kw_only=True)
class PlannedSums:
    """
    The sums that a plan gives for one unit of measure.

    Attributes:
        unit: Its name.
        decimals: The sums are integers of ``10**-decimals`` units.
        ordered: Sum over the lines; and so on.
        allocated: Of what they hold.
        backordered: Of what they wait for.
        promised: Of what they are promised.
        unpromised: Of what nothing is promised of.
    """

    unit: str
    decimals: int
    ordered: int
    allocated: int
    backordered: int
    promised: int
    unpromised: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; a sum may exceed what a quantity may be."""
        problems: Problems = []
        check_text(problems, "unit", self.unit)
        check_decimals(problems, self.decimals)
        for name in SUMMED:
            value: object = getattr(self, name)
            if type(value) is not int or value < 0:
                refuse(problems, name, value, "must be a whole number >= 0")
        raise_first(problems)


@attrs.frozen(kw_only=True)
class PlannedBreak:
    """
    A contract that a plan says cannot be kept.

    Attributes:
        order: Whose order.
        line: Which line of it.
        sku: Of what.
        segment: Which segment it is in; empty for a frozen line in none.
        floor: What is owed: ``"keep-or-raise"`` or ``"full-or-raise"``.
        by: By when units are owed.
        owed: How many are owed by then, in smallest units.
        got: How many it would get by then.
    """

    order: OrderId
    line: LineId
    sku: Sku
    segment: str
    floor: str
    by: datetime
    owed: int
    got: int

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_line_key(problems, self.order, self.line)
        for name in ("sku", "floor"):
            check_text(problems, name, getattr(self, name))
        check_label(problems, "segment", self.segment)
        check_time(problems, "by", self.by)
        for name in ("owed", "got"):
            check_whole(problems, name, getattr(self, name), least=0)
        raise_first(problems)
        settle_in_utc(self, "by")

    @property
    def key(self) -> LineKey:
        """What names its line."""
        return self.order, self.line


@attrs.frozen(kw_only=True)
class PlanDocument:
    """
    A plan as it was written down; quantities are in smallest units.

    Attributes:
        as_of: For which moment it was made.
        policy: The name of the policy that shared.
        lines: What each open line has, as listed.
        changes: What changes, as listed.
        line_count: How many open lines there are, by its totals.
        sums: Its totals, unit by unit, as listed.
        broken: The contracts that it says cannot be kept, as listed.
    """

    as_of: datetime
    policy: str
    lines: tuple[PlannedLine, ...]
    changes: tuple[Change, ...]
    line_count: int
    sums: tuple[PlannedSums, ...]
    broken: tuple[PlannedBreak, ...] = ()

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids; times become UTC."""
        problems: Problems = []
        check_time(problems, "as_of", self.as_of)
        check_label(problems, "policy", self.policy)
        _check_all(problems, "lines", self.lines, PlannedLine)
        _check_all(problems, "changes", self.changes, Allocated | Released | Backordered | Promised)
        check_whole(problems, "line_count", self.line_count, least=0)
        _check_all(problems, "sums", self.sums, PlannedSums)
        _check_all(problems, "broken", self.broken, PlannedBreak)
        raise_first(problems)
        settle_in_utc(self, "as_of")


def _check_all(problems: Problems, field: str, entries: object, kind: type | UnionType) -> None:
    """A tuple of values of one kind, in the order in which they were listed."""
    if not isinstance(entries, tuple):
        refuse(problems, field, entries, "must be a tuple")
        return
    for index, entry in enumerate(entries):
        if not isinstance(entry, kind):
            refuse(problems, field, entry, "must be of its kind", f"{field}[{index}]")
