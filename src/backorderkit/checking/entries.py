"""The checks of what a plan says, entry by entry, and of what it leaves of the snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeVar

from backorderkit.changes import Allocated, Backordered, Change, Promised, Released
from backorderkit.checking.cases import Case, Found
from backorderkit.checking.documents import SUMMED
from backorderkit.model.backorders import in_order, promise_place
from backorderkit.model.snapshot import LineKey
from backorderkit.model.times import write_time
from backorderkit.model.units import MAX_DECIMALS

_Key = TypeVar("_Key", str, tuple[str, ...], tuple[datetime, str])

_PLACES: Final[dict[type[Change], int]] = {Allocated: 0, Backordered: 1, Promised: 2}
_FIRST: Final = "0"
_THEN: Final = "1"


def named(key: LineKey) -> str:
    """Name a line."""
    return f"order {key[0]}, line {key[1]}"


def moment(case: Case) -> Iterator[Found]:
    """The plan is for the snapshot's moment."""
    if case.plan.as_of != case.snapshot.as_of:
        times = write_time(case.plan.as_of), write_time(case.snapshot.as_of)
        yield Found(about="as_of", text=f"it is {times[0]}, the snapshot is of {times[1]}")


def lines(case: Case) -> Iterator[Found]:
    """Every open line of the snapshot is there once, as it is there, and no other line."""
    counts = Counter(line.key for line in case.plan.lines)
    for key in sorted(counts.keys() - case.open.keys()):
        yield Found(about=named(key), text="has nothing outstanding in the snapshot")
    for key, (_, line) in case.open.items():
        if counts[key] != 1:
            yield Found(about=named(key), text=f"stands there {counts[key]} times")
            continue
        said = case.lines[key]
        for field in ("sku", "ordered", "shipped", "cancelled"):
            if getattr(said, field) != getattr(line, field):
                text = f"{field} is {getattr(line, field)} and not {getattr(said, field)}"
                yield Found(about=named(key), text=text)


def order(case: Case) -> Iterator[Found]:
    """
    Entries stand in their order, and none says what another says already.

    What is taken back comes first, so that whoever applies the changes has the units.
    """
    plan = case.plan
    for about, keys in (
        ("lines", [tuple[str, ...](line.key) for line in plan.lines]),
        ("changes", [_place(change) for change in plan.changes]),
        ("totals", [(sums.unit,) for sums in plan.sums]),
        ("broken", [tuple[str, ...](each.key) for each in plan.broken]),
    ):
        yield from _unsorted(about, keys)
    for line in plan.lines:
        locations = [each.location for each in line.allocations]
        yield from _unsorted(f"allocations of {named(line.key)}", locations)
        if line.sku in case.stays:
            # They are what was remembered, in whatever way.
            continue
        promises = [promise_place(each) for each in line.promises]
        yield from _unsorted(f"promises of {named(line.key)}", promises)


def _place(change: Change) -> tuple[str, ...]:
    if isinstance(change, Released):
        return _FIRST, change.order, change.line, change.location
    location = change.location if isinstance(change, Allocated) else ""
    return _THEN, change.order, change.line, str(_PLACES[type(change)]), location


def _unsorted(about: str, keys: Sequence[_Key]) -> Iterator[Found]:
    if any(one >= other for one, other in pairwise(keys)):
        yield Found(about=about, text="are not in their order, or one stands there twice")


def conservation(case: Case) -> Iterator[Found]:
    """Of each line, what it is made of adds up to what was ordered, and so does each part."""
    for line in case.plan.lines:
        told = line.shipped + line.cancelled + line.allocated + line.backordered
        for name, whole, parts in (
            ("ordered", line.ordered, told),
            ("allocated", line.allocated, sum(line.by_location.values())),
            ("backordered", line.backordered, line.promised + line.unpromised),
            ("blockers", line.backordered, sum(each.quantity for each in line.blockers)),
        ):
            if whole != parts:
                text = f"{name}: {whole} smallest units, its parts are {parts}"
                yield Found(about=named(line.key), text=text)


def totals(case: Case) -> Iterator[Found]:
    """The totals are the sums of the lines, unit by unit."""
    plan = case.plan
    if plan.line_count != len(plan.lines):
        text = f"lines is {plan.line_count}, there are {len(plan.lines)}"
        yield Found(about="totals", text=text)
    by_unit: dict[str, Counter[str]] = {sums.unit: Counter() for sums in plan.sums}
    decimals = {sums.unit: sums.decimals for sums in plan.sums}
    for line in plan.lines:
        unit = case.unit_of(line.sku)
        sums = by_unit.setdefault(unit.name, Counter())
        for name in SUMMED:
            # Compared in billionths, in which every unit is whole.
            sums[name] += getattr(line, name) * 10 ** (MAX_DECIMALS - unit.decimals)
    for unit_name in sorted(by_unit.keys() - decimals.keys()):
        yield Found(about=f"totals of {unit_name}", text="are not there")
    for said in plan.sums:
        for name in SUMMED:
            factor = 10 ** (MAX_DECIMALS - said.decimals)
            if getattr(said, name) * factor != by_unit[said.unit][name]:
                text = f"{name} is not the sum of the lines"
                yield Found(about=f"totals of {said.unit}", text=text)


def replay(case: Case) -> Iterator[Found]:
    """
    What was allocated before and what the changes add come to what the lines hold.

    Nothing is taken from a line that it does not hold.
    """
    holds = {key: dict(units) for key, units in case.held.items()}
    for change in case.plan.changes:
        if isinstance(change, Allocated):
            units = holds.setdefault((change.order, change.line), {})
            units[change.location] = units.get(change.location, 0) + change.quantity
        elif isinstance(change, Released):
            key = change.order, change.line
            units = holds.get(key, {})
            left = units.pop(change.location, 0) - change.quantity
            if left > 0:
                units[change.location] = left
            elif left < 0:
                text = f"{change.quantity} are taken back at {change.location}, {-left} too many"
                yield Found(about=named(key), text=text)
    for key in sorted(holds.keys() - case.open.keys()):
        yield Found(about=named(key), text="a change allocates to it, and it wants nothing")
    for key, line in case.lines.items():
        if holds.get(key, {}) != line.by_location:
            text = f"the changes come to {holds.get(key, {})}, it says {line.by_location}"
            yield Found(about=named(key), text=text)


def backorders(case: Case) -> Iterator[Found]:
    """
    After the changes every waiting line, and no other, has the backorder that it says.

    Where a contract is broken nothing changes, right or not: C16 looks at that.
    """
    memory = {
        (each.order, each.line): (each.quantity, each.promises) for each in case.snapshot.backorders
    }
    for change in case.plan.changes:
        key = change.order, change.line
        before = memory.get(key)
        match change:
            case Backordered():
                memory[key] = change.quantity, before[1] if before else ()
                is_news = change.quantity != (before[0] if before else 0)
                if not change.quantity:
                    del memory[key]
            case Promised():
                memory[key] = before[0] if before else 0, change.promises
                is_news = before is not None and before[1] != change.promises
            case _:
                continue
        if not is_news:
            text = "a change says what was known, or promises where nothing waits"
            yield Found(about=named(key), text=text)
    for key, line in case.lines.items():
        said = (line.backordered, in_order(line.promises)) if line.backordered else None
        known = memory.pop(key, None)
        if known != said and line.sku not in case.stays:
            units = known[0] if known else 0
            text = f"its backorder after the changes is {units} smallest units, or other promises"
            yield Found(about=named(key), text=text)
    for key in sorted(memory.keys() - case.open.keys()):
        yield Found(about=named(key), text="nothing waits, and its backorder is not closed")


def kept(case: Case) -> Iterator[Found]:
    """What a line held before it holds still, unless a plan by rules takes it back."""
    for key, before in case.held.items():
        if key in case.lines:
            after, back = case.lines[key].by_location, case.released.get(key, Counter())
            for location, quantity in before.items():
                if after.get(location, 0) < quantity - back[location]:
                    text = f"held {quantity} at {location}, now {after.get(location, 0)}"
                    yield Found(about=named(key), text=text)
