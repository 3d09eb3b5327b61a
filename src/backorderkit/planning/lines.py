"""What every open line has after a plan, and the sums of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from backorderkit.model.backorders import Allocation, Promise, in_order
from backorderkit.model.ids import LineId, OrderId, ReceiptId, Sku
from backorderkit.model.snapshot import Snapshot
from backorderkit.planning.decisions import Decisions, Grant
from backorderkit.planning.explain import Explainer
from backorderkit.planning.open_lines import OpenLines
from backorderkit.planning.reasons import Blocker
from backorderkit.planning.unchecked import allocation, promise
from backorderkit.planning.views import holdings_of


@attrs.frozen(kw_only=True)
class PlanLine:
    """
    What one line with something outstanding has after the plan.

    Attributes:
        order: Its order's id.
        line: Its own id.
        sku: What it wants.
        ordered: As on the line; with shipped and cancelled.
        shipped: What has left.
        cancelled: What is not wanted any more.
        allocated: What it holds after the plan.
        backordered: What it waits for: outstanding - allocated.
        allocations: What it holds, by location.
        promises: What receipts, or units on hand on a later day, will fill, by
            (due, receipt), stock first.
        reason: Why, in a sentence for a person.
        blockers: Why, in parts; they add up to ``backordered``.
    """

    order: OrderId
    line: LineId
    sku: Sku
    ordered: int
    shipped: int
    cancelled: int
    allocated: int
    backordered: int
    allocations: tuple[Allocation, ...]
    promises: tuple[Promise, ...]
    reason: str
    blockers: tuple[Blocker, ...]

    @property
    def outstanding(self) -> int:
        """What is still owed: ordered - shipped - cancelled."""
        return self.ordered - self.shipped - self.cancelled

    @property
    def promised(self) -> int:
        """How much of the backorder scheduled receipts will fill."""
        return sum(promise.quantity for promise in self.promises)

    @property
    def unpromised(self) -> int:
        """How much of the backorder no receipt covers."""
        return self.backordered - self.promised


@attrs.frozen(kw_only=True)
class UnitTotals:
    """
    Sums over all lines that are counted in one unit; unlike units never add up.

    Attributes:
        unit: Name of the unit.
        decimals: The sums are integers of ``10**-decimals`` units: the finest
            that any item of this unit is counted in.
        ordered: Sum of what the lines ordered; and so on.
        allocated: Sum of what they hold after the plan.
        backordered: Sum of what they wait for.
        promised: Sum of what receipts, or units on hand on a later day, will fill.
        unpromised: Sum of what nothing is promised of.
    """

    unit: str
    decimals: int
    ordered: int
    allocated: int
    backordered: int
    promised: int
    unpromised: int


@attrs.frozen(kw_only=True)
class Totals:
    """
    The sums of a plan.

    Attributes:
        lines: How many lines have something outstanding.
        by_unit: Sums for each unit, sorted by its name.
    """

    lines: int
    by_unit: tuple[UnitTotals, ...]


def plan_lines(
    snapshot: Snapshot, book: OpenLines, decisions: Decisions, explainer: Explainer
) -> Iterator[PlanLine]:
    """Make the line values, sorted by order id and line id."""
    for row in range(len(book.lines)):
        line, order = book.lines[row], book.owners[row]
        waiting = book.wants[row] - decisions.granted[row]
        blockers = explainer.blockers(row)
        yield PlanLine(
            order=order.id,
            line=line.id,
            sku=line.sku,
            ordered=line.ordered,
            shipped=line.shipped,
            cancelled=line.cancelled,
            allocated=line.outstanding - waiting,
            backordered=waiting,
            allocations=_allocations(book, decisions, row),
            promises=_remembered(decisions.unchanged[row], waiting)
            if row in decisions.unchanged
            else promises_of(snapshot, decisions, row),
            reason=explainer.sentence(row, blockers),
            blockers=blockers,
        )


def promises_of(snapshot: Snapshot, decisions: Decisions, row: int) -> tuple[Promise, ...]:
    """Make the promises of a line."""
    return promises_for(snapshot.as_of, decisions.promised.get(row, ()))


def _remembered(promises: Iterable[Promise], waiting: int) -> tuple[Promise, ...]:
    """Give what was told of what a line waits for now, the earliest first."""
    kept: list[Promise] = []
    for told in promises:
        units = min(told.quantity, waiting)
        if units:
            kept.append(promise(units, told.due, told.receipt))
            waiting -= units
    return tuple(kept)


def promises_for(now: datetime, grants: Iterable[Grant]) -> tuple[Promise, ...]:
    """Make promises of parts of receipts: nothing is promised for a time that has passed."""
    promises = tuple(
        [promise(quantity, max(now, receipt.due), receipt.id) for receipt, quantity in grants]
    )
    if len({(each.due, each.receipt) for each in promises}) < len(promises):
        promises = _merged(promises)
    # Receipts fill by their original dates; overdue ones share one promised date.
    return in_order(promises)


def _merged(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """Tell what comes from several places with one receipt, on one day, as one."""
    sums = dict[tuple[datetime, ReceiptId | None], int]()
    for each in promises:
        key = each.due, each.receipt
        sums[key] = sums.get(key, 0) + each.quantity
    return tuple(promise(units, due, receipt) for (due, receipt), units in sums.items())


def _allocations(book: OpenLines, decisions: Decisions, row: int) -> tuple[Allocation, ...]:
    order, line = book.owners[row].id, book.lines[row].id
    return tuple(
        allocation(order, line, location, quantity)
        for location, quantity in holdings_of(book, decisions, row)
    )


def total_up(snapshot: Snapshot, lines: Iterable[PlanLine]) -> Totals:
    """Sum lines up, unit by unit."""
    sums = dict[Sku, list[int]]()
    count = 0
    for line in lines:
        count += 1
        of_sku = sums.setdefault(line.sku, [0, 0, 0, 0])
        of_sku[0] += line.ordered
        of_sku[1] += line.allocated
        of_sku[2] += line.backordered
        of_sku[3] += line.promised
    by_unit = dict[str, list[tuple[int, list[int]]]]()
    for sku, of_sku in sums.items():
        unit = snapshot.item(sku).measure
        by_unit.setdefault(unit.name, []).append((unit.decimals, of_sku))
    return Totals(
        lines=count, by_unit=tuple(_unit_totals(unit, by_unit[unit]) for unit in sorted(by_unit))
    )


def _unit_totals(unit: str, rows: list[tuple[int, list[int]]]) -> UnitTotals:
    finest = max(decimals for decimals, _ in rows)
    ordered, allocated, backordered, promised = (
        sum(row[column] * int(10 ** (finest - decimals)) for decimals, row in rows)
        for column in range(4)
    )
    return UnitTotals(
        unit=unit,
        decimals=finest,
        ordered=ordered,
        allocated=allocated,
        backordered=backordered,
        promised=promised,
        unpromised=backordered - promised,
    )
