"""Two plans of one book side by side: who wins, who loses, and what it is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from math import gcd
from typing import Final, Literal, get_args

import attrs

from backorderkit.model._checks import Problems, raise_first, refuse
from backorderkit.model.ids import Sku
from backorderkit.model.units import Unit
from backorderkit.planning import Plan
from backorderkit.planning.compared import lots_of
from backorderkit.planning.given import not_a
from backorderkit.promising.compared_lines import ComparedLine, PlannedUnits, compared_line
from backorderkit.promising.compared_sums import (
    ComparedSums,
    by_unit,
    compared_by,
    factor_to,
    sum_up,
)
from backorderkit.promising.fairness import Fairness, spread_of

FairnessOf = Literal["lines", "customers"]
"""Between whom something is to be fair."""

FairnessCounting = Literal["allocated", "promised"]
"""What counts as filled: what is allocated, or what is promised, too."""

_OF: Final[tuple[FairnessOf, ...]] = get_args(FairnessOf)
_COUNTING: Final[tuple[FairnessCounting, ...]] = get_args(FairnessCounting)
_SAME: Final = ("as_of", "items", "orders", "allocations", "backorders")
"""What two plans must have in common."""


@attrs.frozen(kw_only=True)
class ComparedFairness:
    """
    How evenly two plans fill what is counted in one unit of measure.

    A fill ratio is (shipped + allocated) / (ordered - cancelled), of a line that has
    something outstanding or of all such lines of a customer.

    Attributes:
        unit: Name of the unit of measure.
        of: Between whom: lines, or customers.  An order of which nobody says whose it is
            stands for itself.
        counting: ``"promised"`` counts what is promised as filled, too, whatever its date.
        one: By the one plan.
        other: By the other plan.
    """

    unit: str
    of: FairnessOf
    counting: FairnessCounting
    one: Fairness
    other: Fairness


@attrs.frozen(kw_only=True, slots=False)
class Comparison:
    """
    Two plans of one book; made by `compare`.

    Attributes:
        one: The plan that is there.
        other: The plan that it is compared with: whoever wins, wins by this one.
        lines: Every line with something outstanding, sorted by order id and line id.
    """

    one: Plan
    other: Plan
    lines: tuple[ComparedLine, ...]

    @property
    def as_of(self) -> datetime:
        """The moment of both plans."""
        return self.one.as_of

    @cached_property
    def changed(self) -> tuple[ComparedLine, ...]:
        """The lines of which units come sooner or later by the other plan."""
        return tuple(line for line in self.lines if line.shifts)

    @cached_property
    def by_customer(self) -> tuple[ComparedSums, ...]:
        """The sums of each customer with such a line, sorted by name; no name is one, too."""
        return compared_by(self.lines, "customer")

    @cached_property
    def by_order(self) -> tuple[ComparedSums, ...]:
        """The sums of each order with such a line, sorted by id."""
        return compared_by(self.lines, "order")

    @cached_property
    def totals(self) -> ComparedSums:
        """The sums of all lines."""
        return sum_up(self.lines)

    @cached_property
    def fairness(self) -> tuple[ComparedFairness, ...]:
        """How evenly the plans fill, by unit of measure, between whom, and what counts."""
        return tuple(_fairness(self.lines))


def compare(one: Plan, other: Plan) -> Comparison:
    """
    Put two plans of one book side by side, unit by unit.

    The first unit of a line to come by the one plan is compared with the first to come
    by the other: what is allocated comes first, then what is promised, by the day, in
    UTC; what has no date comes last.  Stock, receipts and holds may differ, so the book
    as it would be can be compared, too.

    ``compare(other, one)`` is the same from the other side: who wins there loses here.

    Args:
        one: A plan.
        other: A plan of the same orders, at the same moment, of the same SKUs.

    Raises:
        InvalidValueError: if one is no plan, or they differ in their moment, SKUs, orders,
            items, or in what was allocated or told before.

    O(lines), but for what moves.

    >>> from backorderkit.model import Order, Snapshot
    >>> from backorderkit.planning import plan
    >>> from backorderkit.policies import FairShare, Fifo
    >>> shop = Snapshot.of(
    ...     as_of="2026-01-05",
    ...     stock={"MUG": 6},
    ...     orders=[
    ...         Order.of("SO-1", "2026-01-02", {"MUG": 6}),
    ...         Order.of("SO-2", "2026-01-03", {"MUG": 6}),
    ...     ],
    ... )
    >>> found = compare(plan(shop, policy=Fifo()), plan(shop, policy=FairShare()))
    >>> for line in found.lines:
    ...     print(line.order, line.one.allocated, line.other.allocated, line.verdict)
    SO-1 6 3 loses
    SO-2 0 3 wins
    """
    _check(one, other)
    units = dict[Sku, Unit]()
    told = {(known.order, known.line): known.promises for known in one.snapshot.backorders}
    theirs = lots_of(other)
    lines: list[ComparedLine] = []
    for key, lot in lots_of(one).items():
        sku = lot.line.sku
        if sku not in units:
            units[sku] = one.snapshot.item(sku).measure
        lines.append(compared_line(lot, theirs[key], units[sku], told.get(key, ())))
    return Comparison(one=one, other=other, lines=tuple(lines))


def _check(one: object, other: object) -> None:
    if not isinstance(one, Plan):
        raise not_a("one", one, "Plan")
    if not isinstance(other, Plan):
        raise not_a("other", other, "Plan")
    problems: Problems = []
    differing = [
        name for name in _SAME if getattr(one.snapshot, name) != getattr(other.snapshot, name)
    ]
    if one.skus != other.skus:
        differing.append("skus")
    if differing:
        reason = f"must be a plan of the same {', '.join(differing)} as the one"
        refuse(problems, "other", other, reason)
    raise_first(problems)


def _fairness(lines: tuple[ComparedLine, ...]) -> Iterator[ComparedFairness]:
    for unit, own in by_unit(lines).items():
        for of in _OF:
            for counting in _COUNTING:
                one, other = _ratios(own, unit, of, counting)
                yield ComparedFairness(
                    unit=unit.name,
                    of=of,
                    counting=counting,
                    one=spread_of(one),
                    other=spread_of(other),
                )


def _ratios(
    lines: list[ComparedLine], unit: Unit, of: FairnessOf, counting: FairnessCounting
) -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    """Give the fill ratios by each plan, and how many have each."""
    filled = dict[tuple[str, str], list[int]]()
    for line in lines:
        factor = factor_to(unit, line)
        name = (line.order, line.line) if of == "lines" else (line.customer, "")
        if of == "customers" and not line.customer:
            name = ("", line.order)
        sums = filled.setdefault(name, [0, 0, 0])
        sums[0] += factor * line.claim
        sums[1] += factor * (line.shipped + _filled(line.one, counting))
        sums[2] += factor * (line.shipped + _filled(line.other, counting))
    one = Counter(_reduced(has, claim) for claim, has, _ in filled.values())
    other = Counter(_reduced(has, claim) for claim, _, has in filled.values())
    return one, other


def _filled(units: PlannedUnits, counting: FairnessCounting) -> int:
    return units.allocated + (units.promised if counting == "promised" else 0)


def _reduced(part: int, whole: int) -> tuple[int, int]:
    common = gcd(part, whole)
    return part // common, whole // common
