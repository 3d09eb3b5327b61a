"""What each line gets by a plan, without reasons, so that two plans can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from backorderkit.model.backorders import Promise
from backorderkit.model.ids import LineId, OrderId
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey
from backorderkit.planning.decisions import Grant
from backorderkit.planning.lines import promises_for
from backorderkit.planning.moved_promises import Dated, Move, moved_promises
from backorderkit.planning.planner import Plan


@attrs.frozen
class Lot:
    """
    What a line gets by a plan.

    Attributes:
        order: Its order.
        line: The line.
        granted: What the plan allocates to it, in smallest units.
        allocated: What it holds after the plan, in smallest units.
        as_of: The moment of the plan.
        grants: What it will get of which receipts, by their original due dates.
    """

    order: Order
    line: OrderLine
    granted: int
    allocated: int
    as_of: datetime
    grants: Sequence[Grant]

    @property
    def promises(self) -> tuple[Promise, ...]:
        """What receipts will fill, by (due, receipt)."""
        return promises_for(self.as_of, self.grants)

    @property
    def waiting(self) -> int:
        """What it waits for: outstanding - allocated."""
        return self.line.outstanding - self.allocated


def lots_of(plan: Plan) -> dict[LineKey, Lot]:
    """Give what each line gets, by order id and line id.  O(lines)."""
    book, decisions = plan._book, plan._decisions  # noqa: SLF001 - it is ours
    granted, promised = decisions.granted, decisions.promised
    lots = dict[LineKey, Lot]()
    for row, (order, line) in enumerate(zip(book.owners, book.lines, strict=True)):
        allocated = line.outstanding - book.wants[row] + granted[row]
        grants = promised.get(row, ())
        lots[order.id, line.id] = Lot(order, line, granted[row], allocated, plan.as_of, grants)
    return lots


def moves_between(before: Lot, now: Lot) -> list[Move]:
    """
    Say which units of one line come another day than by another plan.

    Units that one plan allocates and the other does not come at its moment.
    """
    if dated_alike(before, now):
        # Most lines of most pairs of plans: none of their units moves.
        return []
    both = min(before.allocated, now.allocated)
    waiting = before.line.outstanding - both
    return moved_promises(_coming(before, both), _coming(now, both), 0, waiting)


@attrs.frozen
class _OnHand:
    """Units that a plan allocates."""

    quantity: int
    due: datetime


def _coming(lot: Lot, both: int) -> list[Dated]:
    """Give when the units come beyond those that two plans allocate."""
    if lot.allocated == both:
        return [*lot.promises]
    return [_OnHand(lot.allocated - both, lot.as_of), *lot.promises]


def dated_alike(one: Lot, other: Lot) -> bool:
    """Tell whether a line gets as many units of the same days by two plans, at a glance."""
    return one.allocated == other.allocated and _dues(one) == _dues(other)


def _dues(lot: Lot) -> list[tuple[datetime, int]]:
    return [(receipt.due, quantity) for receipt, quantity in lot.grants]


def lot_of(plan: Plan, order: OrderId, line: LineId) -> Lot | None:
    """Give what one line gets, or None if it has nothing outstanding.  O(lines), once."""
    row = plan._rows.get((order, line))  # noqa: SLF001 - it is ours
    return None if row is None else _lot_at(plan, row)


def _lot_at(plan: Plan, row: int) -> Lot:
    book, decisions = plan._book, plan._decisions  # noqa: SLF001 - it is ours
    order, line, granted = book.owners[row], book.lines[row], decisions.granted[row]
    allocated = line.outstanding - book.wants[row] + granted
    return Lot(order, line, granted, allocated, plan.as_of, decisions.promised.get(row, ()))
