"""What it costs others that one line is served now, and what that one gets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar

import attrs

from backorderkit.changes import Fact
from backorderkit.commands import Reassign
from backorderkit.model.backorders import Promise
from backorderkit.model.ids import LineId, OrderId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning import Book, Plan, apply
from backorderkit.promising.slips import Slip

_Source = TypeVar("_Source", Snapshot, Book)


@attrs.frozen(kw_only=True)
class DisplacedLine:
    """
    What becomes of one line; made by `displace`.

    Attributes:
        order: The order's id.
        line: The line's id.
        customer: Whose it is; empty if nobody says.
        requested: When the customer wants it, if they said so.
        taken: Units on hand that are taken from it, in smallest units.
        taken_promises: Units of receipts that are taken from it.
        allocated_before: What it holds as things are.
        allocated: What it would hold.
        promises_before: What it is promised as things are.
        promises: What it would be promised.
        slips: Its units that get another date, the worst first.
        is_frozen: Whether it keeps what it has: nothing is taken from it, though planning
            may move what it is promised, unless promises are kept.
    """

    order: OrderId
    line: LineId
    customer: str = ""
    requested: datetime | None = None
    taken: int = 0
    taken_promises: int = 0
    allocated_before: int
    allocated: int
    promises_before: tuple[Promise, ...] = ()
    promises: tuple[Promise, ...] = ()
    slips: tuple[Slip, ...] = ()
    is_frozen: bool = False

    @property
    def lost(self) -> int:
        """How many units have no date any more."""
        return sum(slip.quantity for slip in self.slips if slip.kind == "lost")

    @property
    def days_later(self) -> int | None:
        """By how many days its last units come later; None if some have no date any more."""
        if self.lost:
            return None
        return max((slip.days_later or 0 for slip in self.slips), default=0)


@attrs.frozen(kw_only=True, slots=False)
class Displacement(Generic[_Source]):
    """
    One line served from units of others, before anyone commits to it; made by `displace`.

    Attributes:
        as_of: The moment.
        sku: Of what.
        by: The day by which the units are to be there; None is now, from stock.
        wanted: How many units were asked for, in smallest units.
        reached: How many of them it would have by then.
        target: The line that is served.
        victims: From whom units are taken, in the order in which they were chosen.
        others: Further lines that get other dates, because victims wait again.
        before: The plan of the SKU as things are.
        after: The plan of it with the units taken.
        command: What to ask a store for; None if nothing is taken.  It is for what the
            store holds if that was planned before; the command `Replan` sees to it.
    """

    as_of: datetime
    sku: Sku
    by: datetime | None
    wanted: int
    reached: int
    target: DisplacedLine
    victims: tuple[DisplacedLine, ...]
    others: tuple[DisplacedLine, ...]
    before: Plan
    after: Plan
    command: Reassign | None
    _events: tuple[Fact, ...] = attrs.field(repr=False)
    _source: _Source = attrs.field(repr=False)

    @property
    def shortage(self) -> int:
        """How many units of those asked for nobody may be asked to give."""
        return self.wanted - self.reached

    @property
    def is_met(self) -> bool:
        """Whether the line would have all that was asked for."""
        return not self.shortage

    @cached_property
    def changes(self) -> tuple[Fact, ...]:
        """All that changes: what planning decides as things are, what is taken, and the rest."""
        if self.command is None:
            return self.before.changes
        return (*self.before.changes, *self._events, *self.after.changes)

    @cached_property
    def outcome(self) -> _Source:
        """The snapshot or book after the changes."""
        return apply(self._source, self.changes)


def worst_first(slips: Iterable[Slip]) -> tuple[Slip, ...]:
    """Sort what moves."""
    return tuple(sorted(slips, key=lambda slip: slip.sort_key))
