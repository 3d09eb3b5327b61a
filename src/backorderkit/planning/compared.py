"""What each line gets by a plan, without reasons, so that two plans can be compared."""

from __future__ import annotations

import attrs

from backorderkit.model.backorders import Promise
from backorderkit.model.orders import Order, OrderLine
from backorderkit.model.snapshot import LineKey
from backorderkit.planning.lines import promises_of
from backorderkit.planning.moved_promises import Move, moved_promises
from backorderkit.planning.planner import Plan


@attrs.frozen(kw_only=True)
class Lot:
    """
    What a line gets by a plan.

    Attributes:
        order: Its order.
        line: The line.
        allocated: What it holds after the plan, in smallest units.
        promises: What receipts will fill, by (due, receipt).
    """

    order: Order
    line: OrderLine
    allocated: int
    promises: tuple[Promise, ...]


def lots_of(plan: Plan) -> dict[LineKey, Lot]:
    """Give what each line gets, by order id and line id.  O(lines)."""
    book, decisions = plan._book, plan._decisions  # noqa: SLF001 - it is ours
    lots = dict[LineKey, Lot]()
    for row, (order, line) in enumerate(zip(book.owners, book.lines, strict=True)):
        lots[order.id, line.id] = Lot(
            order=order,
            line=line,
            allocated=line.outstanding - book.wants[row] + decisions.granted[row],
            promises=promises_of(plan.snapshot, decisions, row),
        )
    return lots


def moves_between(before: Lot, now: Lot) -> list[Move]:
    """Say which units of one line are promised for another day than by another plan."""
    filled = max(0, now.allocated - before.allocated)
    waiting = now.line.outstanding - now.allocated
    return moved_promises(before.promises, now.promises, filled, waiting)
