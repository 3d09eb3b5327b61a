"""Laws of comparisons: they say what the two plans say, and the same from either side."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import AllocationPolicy, Book, KeepPromises, Plan, PlanLine, Snapshot, plan
from backorderkit.formats import dumps_comparison
from backorderkit.promising import (
    ComparedFairness,
    ComparedLine,
    ComparedSums,
    Comparison,
    PlannedUnits,
    Shift,
    Verdict,
    compare,
    fairness,
)
from backorderkit.testing import snapshots
from tests.laws.books import Key
from tests.laws.policies import POLICIES, examples, for_every_policy
from tests.laws.test_order_of_input import shuffled_book

OTHERS = st.sampled_from([*POLICIES.values(), *map(KeepPromises, POLICIES.values())])
BOOKS = snapshots(receipts=4, memory=4)
Place = tuple[int, date]
"""When a unit comes: it is there (0), promised (1) for a day, or without a date (2)."""
HERE, NEVER = (0, date.min), (2, date.max)
OPPOSITE: Final[dict[Verdict, Verdict]] = {
    "wins": "loses",
    "loses": "wins",
    "mixed": "mixed",
    "same": "same",
}


def places(made: Plan) -> dict[Key, list[Place]]:
    return {(line.order, line.line): [*_places(line)] for line in made.lines}


def _places(line: PlanLine) -> Iterator[Place]:
    yield from [HERE] * line.allocated
    for promise in line.promises:
        yield from [(1, promise.due.date())] * promise.quantity
    yield from [NEVER] * line.unpromised


@for_every_policy
@given(book=BOOKS, other=OTHERS)
@examples(15)
def test_the_shifts_are_those_that_a_look_at_each_unit_finds(
    book: Snapshot, policy: AllocationPolicy, other: AllocationPolicy
) -> None:
    one, two = plan(book, policy=policy), plan(book, policy=other)

    found = compare(one, two)

    was, now = places(one), places(two)
    assert [(line.order, line.line) for line in found.lines] == sorted(was)
    for line in found.lines:
        pairs = zip(was[line.order, line.line], now[line.order, line.line], strict=True)
        expected = Counter(pair for pair in pairs if pair[0] != pair[1])
        said = Counter[tuple[Place, Place]]()
        for shift in line.shifts:
            said[_place(shift, "one"), _place(shift, "other")] += shift.quantity
        assert said == expected
        sooner = sum(units for (old, new), units in expected.items() if new < old)
        assert (line.sooner, line.later) == (sooner, expected.total() - sooner)
        assert len({(_place(s, "one"), _place(s, "other")) for s in line.shifts}) == len(
            line.shifts
        )


def _place(shift: Shift, side: str) -> Place:
    if shift.allocated == side:
        return HERE
    due = shift.one if side == "one" else shift.other
    return NEVER if due is None else (1, due.date())


@for_every_policy
@given(book=BOOKS, other=OTHERS)
@examples(15)
def test_the_figures_are_those_of_the_lines_of_both_plans(
    book: Snapshot, policy: AllocationPolicy, other: AllocationPolicy
) -> None:
    plans = plan(book, policy=policy), plan(book, policy=other)

    found = compare(*plans)

    facts = {(o.id, line.id): line for o in book.orders for line in o.lines}
    for side, made in zip(("one", "other"), plans, strict=True):
        late, days = Counter[Key](), Counter[Key]()
        for (key, units), line in zip(places(made).items(), made.lines, strict=True):
            requested = facts[key].requested
            for kind, day in units if requested else ():
                arrives = book.as_of.date() if kind == 0 else day
                by = (arrives - requested.date()).days if requested else 0
                late[key] += by > 0
                days[key] += by if by > 0 and kind < 2 else 0
            said: PlannedUnits = getattr(found.lines[made.lines.index(line)], side)
            assert (said.allocated, said.promised, said.missing) == (
                *(line.allocated, line.promised, line.unpromised),
            )
            assert (said.late, said.unit_days_late) == (late[key], days[key])


@for_every_policy
@given(book=BOOKS, other=OTHERS)
@examples(12)
def test_seen_from_the_other_side_whoever_wins_loses(
    book: Snapshot, policy: AllocationPolicy, other: AllocationPolicy
) -> None:
    one, two = plan(book, policy=policy), plan(book, policy=other)

    found, back = compare(one, two), compare(two, one)

    assert back.lines == tuple(map(_mirrored_line, found.lines))
    assert back.totals == _mirrored_sums(found.totals)
    assert back.by_customer == tuple(map(_mirrored_sums, found.by_customer))
    assert back.by_order == tuple(map(_mirrored_sums, found.by_order))
    assert back.fairness == tuple(map(_mirrored_fairness, found.fairness))
    for line, mirrored in zip(found.lines, back.lines, strict=True):
        assert mirrored.verdict == OPPOSITE[line.verdict]
        assert mirrored.unit_days == -line.unit_days


def _mirrored_line(line: ComparedLine) -> ComparedLine:
    shifts = tuple(
        Shift(
            quantity=shift.quantity,
            one=shift.other,
            other=shift.one,
            allocated=shift.allocated and ("other" if shift.allocated == "one" else "one"),
        )
        for shift in line.shifts
    )
    return attrs.evolve(line, one=line.other, other=line.one, shifts=shifts)


def _mirrored_sums(sums: ComparedSums) -> ComparedSums:
    units = tuple(
        attrs.evolve(
            each,
            one=each.other,
            other=each.one,
            sooner=each.later,
            later=each.sooner,
            unit_days=-each.unit_days,
        )
        for each in sums.units
    )
    values = tuple(
        attrs.evolve(each, one=each.other, other=each.one, sooner=each.later, later=each.sooner)
        for each in sums.values
    )
    return attrs.evolve(sums, wins=sums.loses, loses=sums.wins, units=units, values=values)


def _mirrored_fairness(compared: ComparedFairness) -> ComparedFairness:
    return attrs.evolve(compared, one=compared.other, other=compared.one)


@for_every_policy
@given(book=BOOKS, other=OTHERS, seed=st.integers(0, 999))
@examples(9)
def test_a_comparison_depends_on_no_order_of_what_is_given(
    book: Snapshot, policy: AllocationPolicy, other: AllocationPolicy, seed: int
) -> None:
    shuffled = shuffled_book(book, random.Random(seed))

    found = compare(plan(book, policy=policy), plan(book, policy=other))
    again = compare(plan(shuffled, policy=policy), plan(shuffled, policy=other))
    of_books = compare(
        *(plan(Book.of(shuffled), policy=each, skus=None) for each in (policy, other))
    )

    for each in (again, of_books):
        assert each.lines == found.lines
        assert dumps_comparison(each) == dumps_comparison(found)
        assert dumps_comparison(each, format="csv") == dumps_comparison(found, format="csv")


@for_every_policy
@given(book=BOOKS)
@examples(6)
def test_a_plan_differs_in_nothing_from_itself(book: Snapshot, policy: AllocationPolicy) -> None:
    made = plan(book, policy=policy)

    found = compare(made, plan(book, policy=policy))

    assert (found.changed, found.by_order, found.by_customer) == ((), (), ())
    assert found.totals.verdict == "same"
    assert all(line.one == line.other for line in found.lines)


@for_every_policy
@given(book=BOOKS, other=OTHERS)
@examples(9)
def test_planning_the_outcome_again_moves_no_promise(
    book: Snapshot, policy: AllocationPolicy, other: AllocationPolicy
) -> None:
    told = plan(book, policy=policy).outcome

    found = compare(plan(told, policy=policy), plan(told, policy=other))

    assert all(line.one.moved == 0 for line in found.lines)
    _check_told(told, found)


@for_every_policy
@given(book=BOOKS, other=OTHERS)
@examples(20)
def test_what_was_told_moves_as_a_look_at_each_unit_counts(
    book: Snapshot, policy: AllocationPolicy, other: AllocationPolicy
) -> None:
    _check_told(book, compare(plan(book, policy=policy), plan(book, policy=other)))


def _check_told(book: Snapshot, found: Comparison) -> None:
    memory = {(known.order, known.line): known.promises for known in book.backorders}
    held = Counter[Key]()
    for allocation in book.allocations:
        held[allocation.order, allocation.line] += allocation.quantity
    for side, made in (("one", found.one), ("other", found.other)):
        after = places(made)
        for line in found.lines:
            key = line.order, line.line
            # Nothing is told of units that are held; the next ones were told the first days.
            now = after[key][held[key] :]
            days = [day for p in memory.get(key, ()) for day in [p.due.date()] * p.quantity]
            moved = sum(
                kind > 0 and day != was for was, (kind, day) in zip(days, now, strict=False)
            )
            said: PlannedUnits = getattr(line, side)
            assert (said.told, said.moved) == (min(len(days), len(now)), moved)


@for_every_policy
@given(book=BOOKS, other=OTHERS)
@examples(12)
def test_the_sums_add_up_and_unlike_units_never_do(
    book: Snapshot, policy: AllocationPolicy, other: AllocationPolicy
) -> None:
    found = compare(plan(book, policy=policy), plan(book, policy=other))

    totals = found.totals
    assert (totals.lines, len(found.changed)) == (
        len(found.lines),
        totals.wins + totals.loses + totals.mixed,
    )
    for units in totals.units:
        own = [line for line in found.lines if line.unit.name == units.unit.name]
        assert units.unit.decimals == max(line.unit.decimals for line in own)
        assert _exact(units.requested, units.unit.decimals) == sum(
            _exact(line.outstanding, line.unit.decimals) for line in own if line.requested
        )
        for side in ("one", "other"):
            planned = getattr(units, side)
            assert planned.allocated + planned.promised + planned.missing == units.outstanding
            for field in attrs.fields_dict(PlannedUnits):
                assert _exact(getattr(planned, field), units.unit.decimals) == sum(
                    _exact(getattr(getattr(line, side), field), line.unit.decimals) for line in own
                )
        assert _exact(units.sooner, units.unit.decimals) == sum(
            _exact(line.sooner, line.unit.decimals) for line in own
        )
    _check_values(found)
    for groups, of in ((found.by_order, "order"), (found.by_customer, "customer")):
        names = {getattr(line, of) for line in found.changed}
        assert [sums.name for sums in groups] == sorted(names)
        for sums in groups:
            own = [line for line in found.lines if getattr(line, of) == sums.name]
            assert sums.lines == len(own)
            assert sums.wins == sum(line.verdict == "wins" for line in own)


def _exact(quantity: int, decimals: int) -> Fraction:
    return Fraction(quantity, 10**decimals)


def _check_values(found: Comparison) -> None:
    for values in found.totals.values:
        own = [line for line in found.lines if line.currency == values.currency]
        for side in ("one", "other"):
            for field in ("allocated", "promised", "missing", "late"):
                said: Decimal = getattr(getattr(values, side), field)
                assert Fraction(said) == sum(
                    (
                        _exact(getattr(getattr(line, side), field), line.unit.decimals)
                        * Fraction(line.unit_price or 0)
                        for line in own
                    ),
                    Fraction(0),
                )
        assert Fraction(values.sooner) == sum(Fraction(line.sooner_value or 0) for line in own)
        assert Fraction(values.later) == sum(Fraction(line.later_value or 0) for line in own)


@for_every_policy
@given(book=BOOKS, other=OTHERS)
@examples(9)
def test_fairness_is_that_of_the_fill_ratios(
    book: Snapshot, policy: AllocationPolicy, other: AllocationPolicy
) -> None:
    plans = plan(book, policy=policy), plan(book, policy=other)

    found = compare(*plans)

    assert len({(f.unit, f.of, f.counting) for f in found.fairness}) == len(found.fairness)
    customers = {order.id: order.customer for order in book.orders}
    for each in found.fairness:
        for side, made in zip(("one", "other"), plans, strict=True):
            claims, fills = Counter[object](), Counter[object]()
            for line in made.lines:
                item = book.item(line.sku)
                if item.unit != each.unit:
                    continue
                who: object = line.order, line.line
                if each.of == "customers":
                    who = customers[line.order] or (line.order,)
                fine = 10 ** (9 - item.decimals)
                claims[who] += fine * (line.ordered - line.cancelled)
                fills[who] += fine * (line.shipped + line.allocated)
                fills[who] += fine * line.promised if each.counting == "promised" else 0
            ratios = [Fraction(fills[who], claims[who]) for who in claims]
            assert getattr(each, side) == fairness(ratios)


RATIOS = st.lists(st.fractions(0, 3, max_denominator=12) | st.integers(0, 2), max_size=8)


@given(ratios=RATIOS)
@examples(120)
def test_the_indexes_are_those_of_their_definitions(ratios: list[Fraction | int]) -> None:
    exact = [Fraction(ratio) for ratio in ratios]
    n, total = len(exact), sum(exact)

    said = fairness(ratios)

    assert said.count == n
    if total:
        gaps = sum(abs(x - y) for x in exact for y in exact)
        assert said.jain == total**2 / (n * sum(x * x for x in exact))
        assert said.gini == Fraction(gaps) / (2 * n * total)
        assert Fraction(1, n) <= said.jain <= 1
        assert 0 <= said.gini <= Fraction(n - 1, n)


@given(ratios=RATIOS, by=st.fractions(Fraction(1, 7), 9), seed=st.integers(0, 99))
@examples(60)
def test_fairness_depends_on_no_order_and_no_scale(
    ratios: list[Fraction | int], by: Fraction, seed: int
) -> None:
    changed = [by * ratio for ratio in ratios]
    random.Random(seed).shuffle(changed)

    assert fairness(changed) == fairness(ratios)
    assert fairness([*ratios, *ratios]) == attrs.evolve(fairness(ratios), count=2 * len(ratios))
