"""Whatever rules say, the checker has nothing against their plans."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Allocation,
    Backorder,
    Fifo,
    InvalidValueError,
    LineId,
    Order,
    OrderId,
    Priority,
    Promise,
    ReceiptId,
    Snapshot,
    plan,
)
from backorderkit.checking import AgreedRules, check_plan
from backorderkit.checking.rules import day_of
from backorderkit.formats import dumps_plan, loads_plan, rules_to_check
from backorderkit.model import read_time
from backorderkit.policies import Condition, Contract, Frozen, Protection, Rules, Segment, Together
from backorderkit.testing import AS_OF, snapshots
from tests.laws.policies import examples
from tests.laws.rules import conditions, rules


def all_faults(book: Snapshot, by: Rules, known: AgreedRules | None) -> list[str]:
    document = loads_plan(dumps_plan(plan(book, policy=by)), snapshot=book)
    return list(map(str, check_plan(book, document, rules=known).faults))


@given(book=snapshots(), by=rules())
@examples(80)
def test_every_plan_by_rules_holds(book: Snapshot, by: Rules) -> None:
    assert all_faults(book, by, rules_to_check(by)) == []


@given(book=snapshots(), by=rules())
@examples(30)
def test_so_it_does_where_the_rules_are_not_known(book: Snapshot, by: Rules) -> None:
    assert all_faults(book, by, None) == []


@given(book=snapshots(), first=rules(), then=rules(), days=st.sampled_from([-3, 2, 30]))
@examples(50)
def test_what_others_left_and_receipts_that_move_are_planned_again_and_hold(
    book: Snapshot, first: Rules, then: Rules, days: int
) -> None:
    outcome = plan(book, policy=first).outcome
    moved = [
        attrs.evolve(each, due=each.due + timedelta(days=days)) for each in outcome.receipts[:1]
    ]
    before = attrs.evolve(outcome, receipts=[*moved, *outcome.receipts[1:]])

    assert all_faults(before, then, rules_to_check(then)) == []


@given(
    book=snapshots(),
    include=st.lists(conditions(), max_size=2),
    exclude=st.lists(conditions(), max_size=2),
)
@examples(60)
def test_the_checker_reads_conditions_as_planning_does(
    book: Snapshot, include: list[Condition], exclude: list[Condition]
) -> None:
    segment = Segment("some", include=include, exclude=exclude)
    (said,) = rules_to_check(Rules(Fifo(), segments=[segment])).segments
    matches = segment.matcher(AS_OF)

    for order in book.orders:
        for line in order.lines:
            assert said.has(order, line, day_of(AS_OF)) == matches(order, line)


def test_a_broken_contract_names_all_that_is_owed_by_its_day() -> None:
    due = read_time("2026-01-08")
    told = [
        Promise(quantity=2, due=due),
        Promise(quantity=3, due=due, receipt=ReceiptId("PO-1")),
    ]
    book = Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": 0},
        orders=[Order.of("A", "2026-01-02", {"MUG": 5})],
        backorders=[
            Backorder(
                order=OrderId("A"),
                line=LineId("1"),
                quantity=5,
                opened_at=read_time("2026-01-02"),
                promises=told,
            )
        ],
    )
    keeps = Segment("all", contract=Contract(floor="keep-or-raise"))
    by = Rules(Fifo(), segments=[keeps])

    assert all_faults(book, by, rules_to_check(by)) == []


def test_frozen_lines_that_ship_together_keep_what_they_have() -> None:
    book = Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": 3},
        orders=[
            Order.of("A", "2026-01-02", {"MUG": 3}),
            Order.of("B", "2026-01-03", {"MUG": 3}, priority=1),
        ],
        allocations=[Allocation(order=OrderId("A"), line=LineId("1"), quantity=3)],
    )
    anew = Rules(Priority(), segments=[Segment("all", contract=Contract())], together=Together())
    by = attrs.evolve(anew, frozen=Frozen(orders=[OrderId("A")]))

    assert all_faults(book, by, rules_to_check(by)) == []
    assert [line.allocated for line in plan(book, policy=by).lines] == [3, 0]
    assert [line.allocated for line in plan(book, policy=anew).lines] == [0, 3]


def test_nothing_lies_that_a_line_of_two_groups_set_free() -> None:
    """What it takes it takes from both protections, so others have to leave less."""
    orders = [
        Order.of("A", "2026-01-02", {"MUG": 3}, priority=1),
        Order.of("B", "2026-01-02", {"MUG": 5}, priority=5, channel="web"),
    ]
    book = Snapshot.of(as_of="2026-01-05", stock={"MUG": 9}, orders=orders)
    by = Rules(
        Priority(),
        protections=[
            Protection(name="late", group={"priority": [5]}, quantity=5),
            Protection(name="web", group={"channel": ["web"]}, quantity=5, family="x"),
        ],
    )

    assert all_faults(book, by, rules_to_check(by)) == []


def test_only_rules_are_rules_to_check() -> None:
    with pytest.raises(InvalidValueError, match="must be Rules or Shipping"):
        rules_to_check(Fifo())  # type: ignore[arg-type]  # that is the point
    book = Snapshot.of(as_of="2026-01-05")
    document = loads_plan(dumps_plan(plan(book, policy=Fifo())), snapshot=book)
    with pytest.raises(InvalidValueError, match="must be AgreedRules"):
        check_plan(book, document, rules=Rules(Fifo()))  # type: ignore[arg-type]  # as above
