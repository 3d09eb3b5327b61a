"""`KeepPromises` that disturbs the fewest lines: the number is the smallest there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Condition,
    Contract,
    Disturbance,
    FairShare,
    Fifo,
    KeepPromises,
    Order,
    Plan,
    Priority,
    Rules,
    Segment,
    Snapshot,
    plan,
)
from backorderkit.planning import disturbing
from backorderkit.planning.disturbing import rows_to_drop
from backorderkit.testing import snapshots
from tests.planning.books import book, opened, order, promise, receipt

from . import test_a_plan_adds_up, test_order_of_input, test_planning_again
from .books import Key, granted, lines_of
from .policies import examples
from .test_kept_promises import bare
from .told import ALL_BOUND, ALL_FREE, newcomers, schedules, slips, slots_of, told, units_told

LEAST = [
    KeepPromises(Fifo(), disturb="fewest-lines"),
    KeepPromises(FairShare(), disturb="fewest-lines"),
    KeepPromises(Priority(), disturb="fewest-lines", pull_in=False),
]
for_every_least = pytest.mark.parametrize("policy", LEAST, ids=lambda policy: policy.name)

Told = list[tuple[int, int]]


def fits(lines: Sequence[Told], supply: Told) -> bool:
    """By each day no more is promised than came."""
    days = {day for line in lines for day, _ in line}
    return all(
        sum(units for line in lines for day, units in line if day <= end)
        <= sum(units for day, units in supply if day <= end)
        for end in days
    )


def fewest(lines: Mapping[int, Told], supply: Told) -> int:
    """Try all that could be dropped, few before many."""
    for count in range(len(lines)):
        for gone in combinations(lines, count):
            if fits([line for row, line in lines.items() if row not in gone], supply):
                return count
    return len(lines)


PARTS = st.tuples(st.integers(0, 4), st.integers(1, 6))
SUPPLY = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), max_size=4)


def rows(most: int) -> st.SearchStrategy[dict[int, Told]]:
    """Some lines, each with so many promises at most."""
    line = st.lists(PARTS, min_size=1, max_size=most)
    return st.lists(line, max_size=7).map(lambda lines: dict(enumerate(lines)))


@given(lines=rows(1), supply=SUPPLY)
def test_of_one_promise_a_line_as_few_as_possible_are_dropped(
    lines: dict[int, Told], supply: Told
) -> None:
    dropped = rows_to_drop(lines, supply)

    assert len(dropped) == fewest(lines, supply)
    assert fits([line for row, line in lines.items() if row not in dropped], supply)


@given(lines=rows(3), supply=SUPPLY)
def test_of_a_few_lines_with_several_promises_too(lines: dict[int, Told], supply: Told) -> None:
    dropped = rows_to_drop(lines, supply)

    assert len(dropped) == fewest(lines, supply)
    assert fits([line for row, line in lines.items() if row not in dropped], supply)


@given(lines=rows(3), supply=SUPPLY)
def test_of_many_lines_those_kept_fit_and_nobody_is_dropped_who_would_fit(
    lines: dict[int, Told], supply: Told
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disturbing, "MOST_TRIED", 0)
        dropped = rows_to_drop(lines, supply)

    kept = [line for row, line in lines.items() if row not in dropped]
    assert fits(kept, supply)
    assert not any(fits([*kept, lines[row]], supply) for row in dropped)


def test_of_equal_lines_the_youngest_is_dropped() -> None:
    assert rows_to_drop({7: [(1, 2)], 3: [(1, 2)]}, [(0, 3)]) == {3}


def worse(before: Snapshot, made: Plan) -> set[Key]:
    """The lines that get a unit later than told; what was overdue was told for today."""
    today = before.as_of.toordinal()
    came = defaultdict[Key, list[int]](list)
    for key, units in granted(made).items():
        came[key] += [today] * units
    for line in made.lines:
        for each in line.promises:
            came[line.order, line.line] += [each.due.toordinal()] * each.quantity
    return {
        key
        for key, days in units_told(before).items()
        if any(
            place >= len(came[key]) or sorted(came[key])[place] > max(today, day)
            for place, day in enumerate(days)
        )
    }


def fewest_worse(before: Snapshot) -> int:
    """The fewest lines that any sharing could make later: all lines free, or places apart."""
    today, lines = before.as_of.toordinal(), lines_of(before)
    total = 0
    units = units_told(before)
    for place in {line.location for _, line in lines.values()}:
        own = {
            index: [(max(today, day), 1) for day in days]
            for index, (key, days) in enumerate(sorted(units.items()))
            if days and key in lines and lines[key][1].location == place
        }
        total += fewest(own, [(day, 1) for day in slots_of(before, place)])
    return total


@for_every_least
@given(start=st.one_of(schedules(), ALL_FREE, ALL_BOUND), data=st.data())
@examples(25)
def test_the_fewest_lines_get_later_dates(
    start: Snapshot, data: st.DataObject, policy: KeepPromises
) -> None:
    """
    As few as a search through all subsets of lines finds, and never more than without it.
    """
    after = data.draw(slips(told(start, policy)))

    least, plain = (
        plan(after, policy=attrs.evolve(policy, disturb=disturb))
        for disturb in ("fewest-lines", "fewest-units")
    )

    assert len(worse(after, least)) == fewest_worse(after) <= len(worse(after, plain))


@for_every_least
@given(start=st.one_of(schedules(), snapshots(memory=0)), data=st.data())
@examples(12)
def test_where_all_can_be_kept_nothing_is_different(
    start: Snapshot, data: st.DataObject, policy: KeepPromises
) -> None:
    after = data.draw(newcomers(told(start, policy)))

    plain = plan(after, policy=attrs.evolve(policy, disturb="fewest-units"))

    if not worse(after, plain):
        assert plan(after, policy=policy).changes == plain.changes


@for_every_least
@given(data=st.data(), seed=st.integers(0, 999))
@examples(8)
def test_the_laws_of_every_plan(data: st.DataObject, seed: int, policy: KeepPromises) -> None:
    start = data.draw(st.one_of(snapshots(), schedules()))
    after = data.draw(slips(data.draw(newcomers(told(start, policy)))))
    for law in (
        test_a_plan_adds_up.test_replaying_the_changes_gives_the_outcome,
        test_a_plan_adds_up.test_no_change_says_what_was_known_before,
        test_a_plan_adds_up.test_units_are_neither_made_nor_lost,
        test_planning_again.test_planning_the_outcome_again_changes_nothing,
    ):
        bare(law)(book=after, policy=policy)
    law = bare(test_order_of_input.test_reordering_the_input_changes_no_byte)
    law(book=after, seed=seed, policy=policy)


def shrunk(*extra: Order) -> Snapshot:
    """Nine units were promised to three orders; the receipt brings six."""
    sizes = {"A": 2, "B": 5, "C": 2}
    return book(
        orders=[*(order(name, units) for name, units in sizes.items()), *extra],
        receipts=[receipt("PO-1", 6, "2026-01-12"), receipt("PO-2", 4, "2026-01-19")],
        backorders=[
            opened(name, units, promise(units, "2026-01-12", "PO-1"))
            for name, units in sizes.items()
        ],
    )


def dates(made: Plan) -> dict[str, list[tuple[int, int]]]:
    return {line.order: [(p.quantity, p.due.day) for p in line.promises] for line in made.lines}


def test_one_large_line_is_late_instead_of_two() -> None:
    plain = plan(shrunk(), policy=KeepPromises(Fifo()))
    least = plan(shrunk(), policy=KeepPromises(Fifo(), disturb="fewest-lines"))

    assert dates(plain) == {"A": [(2, 12)], "B": [(4, 12), (1, 19)], "C": [(2, 19)]}
    assert dates(least) == {"A": [(2, 12)], "B": [(2, 12), (3, 19)], "C": [(2, 12)]}


def test_who_is_dropped_comes_before_who_was_told_nothing() -> None:
    urgent = order("URGENT", 9, priority=1)
    policy = KeepPromises(Priority(), disturb="fewest-lines")

    made = plan(shrunk(urgent), policy=policy)

    assert dates(made)["B"] == [(2, 12), (3, 19)]
    assert dates(made)["URGENT"] == [(1, 19)]


def keeping(disturb: Disturbance) -> Rules:
    """One order of A must be kept; what others have is kept if possible."""
    must = Segment(
        "must",
        include=[Condition(attribute="customer", one_of=["A"])],
        contract=Contract(floor="keep-or-raise"),
    )
    may = Segment("may", contract=Contract(floor="keep-if-possible"))
    return Rules(Fifo(), segments=[must, may], disturb=disturb)


def later(made: Plan, before: Snapshot) -> set[Key]:
    """Whose units come later than they were told, or not at all."""
    told = {(each.order, each.line): each.promises for each in before.backorders}
    return {
        key
        for line in made.lines
        if (key := (line.order, line.line)) in told
        for end in {each.due for each in told[key]}
        if line.allocated + sum(each.quantity for each in line.promises if each.due <= end)
        < sum(each.quantity for each in told[key] if each.due <= end)
    }


def test_rules_disturb_the_fewest_lines_that_contracts_let_them() -> None:
    """Of 12 promised units 6 come; the largest goes first, but not one that must be kept."""
    promised = {"A": 4, "B": 5, "C": 2, "D": 1}
    book = Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": 0},
        orders=[
            Order.of(f"SO-{name}", "2026-01-02", {"MUG": units}, customer=name)
            for name, units in promised.items()
        ],
        receipts=[receipt("PO-1", 12, "2026-01-10")],
    )
    before = plan(book, policy=Fifo()).outcome
    short = attrs.evolve(before, receipts=[receipt("PO-1", 7, "2026-01-10")])

    few = plan(short, policy=keeping("fewest-lines"))
    units = plan(short, policy=keeping("fewest-units"))

    assert {order for order, _ in later(few, short)} == {"SO-B"}
    assert len(later(units, short)) == 3
    assert few.broken == units.broken == ()
    assert plan(few.outcome, policy=keeping("fewest-lines")).changes == ()


@given(book=schedules(), data=st.data())
@examples(40)
def test_rules_that_may_keep_all_disturb_as_few_lines_as_the_fewest(
    book: Snapshot, data: st.DataObject
) -> None:
    everybody = Segment("all", contract=Contract(floor="keep-if-possible"))
    by = Rules(Fifo(), segments=[everybody], disturb="fewest-lines")
    before = told(book, KeepPromises(Fifo()))
    slipped = data.draw(slips(before))

    few = later(plan(slipped, policy=by), slipped)

    assert len(few) <= len(
        later(plan(slipped, policy=attrs.evolve(by, disturb="fewest-units")), slipped)
    )
