"""What orders of service keep: the bound of ageing, money, promises told, classes that stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Allocated,
    AllocationPolicy,
    Book,
    ByAge,
    ByLineValue,
    ByList,
    ByOrderValue,
    ByPriority,
    ByPromised,
    Chain,
    Demand,
    LineId,
    OrderLine,
    Priority,
    Ranked,
    Sku,
    Snapshot,
    apply,
    plan,
)
from backorderkit.policies.protocol import declared_laws
from backorderkit.testing import shortages, snapshots
from backorderkit.testing._clauses import (
    LAW_CHECKS,
    check_answers,
    check_any_order,
    check_same_answer,
)
from backorderkit.testing._witness import Witness

from .books import at, covered, lines_of, receipts_in_order, with_arrived
from .policies import examples
from .test_order_of_input import shuffled_book

STEPS = st.sampled_from(
    [timedelta(hours=2), timedelta(hours=4), timedelta(days=1), timedelta(days=3)]
)


def overtakes(demands: Sequence[Demand], shares: Sequence[int]) -> list[tuple[Demand, Demand]]:
    """Give who is not full, with whoever was placed later and got something."""
    pairs = list(zip(demands, shares, strict=True))
    return [
        (waiting, other)
        for waiting, share in pairs
        if share < waiting.limit
        for other, more in pairs
        if more and other.placed_at > waiting.placed_at
    ]


@given(shortage=shortages(max_demands=6), step=STEPS)
@examples(200)
def test_only_the_more_urgent_overtake_and_only_for_so_long(
    shortage: tuple[int, list[Demand]], step: timedelta
) -> None:
    supply, asked = shortage

    shares = Ranked(key=ByAge(step=step)).share(supply, asked)

    for waiting, other in overtakes(asked, shares):
        classes = waiting.priority - other.priority
        assert classes > 0
        assert other.placed_at < waiting.placed_at + classes * step


@given(book=snapshots(locations=["MAIN"], allocations=0), step=STEPS)
@examples(100)
def test_no_plan_oversteps_the_bound_of_ageing(book: Snapshot, step: timedelta) -> None:
    made = plan(book, policy=Ranked(key=ByAge(step=step)))

    lines = lines_of(book)
    given_to = {(each.order, each.line) for each in made.changes if isinstance(each, Allocated)}
    for result in made.lines:
        order, line = lines[result.order, result.line]
        placed = line.placed_at or order.placed_at
        for key in given_to if result.backordered else ():
            other_order, other_line = lines[key]
            later = other_line.placed_at or other_order.placed_at
            if other_line.sku == line.sku and later > placed:
                assert later < placed + (order.priority - other_order.priority) * step


@given(waiting=st.integers(2, 9), urgent=st.integers(1, 8), step=STEPS)
def test_the_bound_of_ageing_is_reached(waiting: int, urgent: int, step: timedelta) -> None:
    """
    A moment before it the more urgent one is served first, and at it no more.
    """
    if urgent >= waiting:
        waiting, urgent = urgent + 1, waiting
    policy = Ranked(key=ByAge(step=step))
    first = Demand.of("A", claim=1, priority=waiting)
    bound = first.placed_at + (waiting - urgent) * step

    def second(placed: timedelta) -> Demand:
        return Demand.of("B", claim=1, priority=urgent, placed_at=bound - placed)

    assert list(policy.share(1, [first, second(timedelta(microseconds=1))])) == [0, 1]
    assert list(policy.share(1, [first, second(timedelta())])) == [1, 0]


PRICES = [(None, None), ("2", "EUR"), ("2.00", "EUR"), ("3", "EUR"), ("1", "USD"), ("9", "JPY")]
MONEY = ["EUR", "USD"]


@st.composite
def priced_shortages(draw: st.DrawFn) -> tuple[int, list[Demand]]:
    """Draw shortages of lines with prices, each beside another line of its order."""
    supply, asked = draw(shortages(max_demands=3, max_claim=4))
    priced = []
    for demand in asked:
        line, other = draw(st.sampled_from(PRICES)), draw(st.sampled_from(PRICES))
        own = _at(demand.line, line)
        others = [each for each in demand.order.lines if each.id != own.id]
        beside = _at(OrderLine(id=LineId("other"), sku=Sku("OTHER"), ordered=2), other)
        order = attrs.evolve(demand.order, lines=[own, *others, beside])
        priced.append(attrs.evolve(demand, line=own, order=order))
    return supply, priced


def _at(line: OrderLine, price: tuple[str | None, str | None]) -> OrderLine:
    value, currency = price
    return attrs.evolve(
        line, unit_price=None if value is None else Decimal(value), currency=currency
    )


@pytest.mark.parametrize(
    "policy",
    [
        Ranked(key=ByLineValue(currencies=MONEY)),
        Ranked(key=ByLineValue(currencies=MONEY, first="lowest")),
        Ranked(key=ByOrderValue(currencies=MONEY)),
        Ranked(key=ByOrderValue(currencies=MONEY, first="lowest")),
        Ranked(key=Chain(keys=[ByPriority(), ByOrderValue(currencies=MONEY)])),
        Ranked(key=ByOrderValue(currencies=MONEY), incomplete="stop"),
    ],
    ids=["line", "line-lowest", "order", "order-lowest", "chain", "stop"],
)
@given(shortage=priced_shortages())
@examples(30)
def test_policies_that_go_by_money_keep_what_they_declare(
    shortage: tuple[int, list[Demand]], policy: AllocationPolicy
) -> None:
    supply, asked = shortage
    witness = Witness(policy=policy)

    for check in (check_answers, check_same_answer, check_any_order):
        check(witness, supply, asked)
    for law in declared_laws(policy):
        LAW_CHECKS[law](witness, supply, asked)


POLICIES_OF: dict[str, Callable[[Snapshot], AllocationPolicy]] = {
    "order value": lambda _: Ranked(key=ByOrderValue(currencies=["EUR"])),
    "promised": lambda book: Ranked(key=ByPromised(backorders=book.backorders)),
    "stop": lambda _: Priority(incomplete="stop"),
    "stop by channel": lambda _: Ranked(
        key=ByList(of="channel", values=["web"]), incomplete="stop"
    ),
}

for_every_maker = pytest.mark.parametrize("make", POLICIES_OF.values(), ids=POLICIES_OF.keys())


@for_every_maker
@given(book=snapshots(), seed=st.integers(0, 999))
@examples(60)
def test_plans_replay_and_do_not_depend_on_the_order_of_input(
    book: Snapshot, seed: int, make: Callable[[Snapshot], AllocationPolicy]
) -> None:
    made = plan(book, policy=make(book))

    assert apply(book, made.changes) == made.outcome
    mixed = shuffled_book(book, Random(seed))
    assert plan(mixed, policy=make(mixed)).changes == made.changes


@for_every_maker
@given(book=snapshots(skus=["BOWL", "MUG", "TRAY"], max_lines=3))
@examples(60)
def test_a_shortage_of_one_sku_changes_no_other(
    book: Snapshot, make: Callable[[Snapshot], AllocationPolicy]
) -> None:
    """
    With its orders whole, as a store loads them: the value of an order is that of all lines.
    """
    made = plan(book, policy=make(book))

    for sku in {line.sku for _, line in lines_of(book).values()}:
        part = Book.of(book).part([sku])
        alone = plan(part, policy=make(part))
        of_alone, of_all = (
            [line for line in each.lines if line.sku == sku] for each in (alone, made)
        )
        assert of_alone == of_all


@pytest.mark.parametrize("name", ["order value", "promised"])
@given(book=snapshots())
@examples(60)
def test_planning_again_with_the_same_key_changes_nothing(book: Snapshot, name: str) -> None:
    policy = POLICIES_OF[name](book)
    made = plan(book, policy=policy)

    assert plan(made.outcome, policy=policy).changes == ()


@pytest.mark.parametrize("name", ["stop", "stop by channel"])
@given(
    book=st.one_of(
        snapshots(locations=["MAIN"]), snapshots(bound=False), snapshots(bound=True, max_orders=6)
    )
)
@examples(60)
def test_planning_again_changes_nothing_where_classes_stop_and_lines_are_alike(
    book: Snapshot, name: str
) -> None:
    """
    One location, or all lines free, or all bound; else what stays idle may serve somebody.
    """
    policy = POLICIES_OF[name](book)
    made = plan(book, policy=policy)

    assert plan(made.outcome, policy=policy).changes == ()


@given(book=snapshots(locations=["MAIN"], bound=False, allocations=0))
@examples(100)
def test_stopping_serves_the_first_classes_whole_and_nobody_else(book: Snapshot) -> None:
    made = plan(book, policy=Priority(incomplete="stop"))

    orders = {order.id: order for order in book.orders}
    for sku in {line.sku for line in made.lines}:
        whole: dict[int, set[bool]] = {}
        for line in made.lines:
            if line.sku == sku:
                whole.setdefault(orders[line.order].priority, set()).add(line.backordered == 0)
        states = [whole[priority] for priority in sorted(whole)]
        assert states == sorted(states, key=lambda each: each != {True})


@given(book=snapshots(locations=["MAIN"], bound=False, safety_stock=False, holds=0, allocations=0))
@examples(100)
def test_where_classes_stop_a_receipt_brings_at_least_what_was_promised_of_it(
    book: Snapshot,
) -> None:
    """
    And nobody is served later: what lies idle is added when the receipt is there.
    """
    policy = Priority(incomplete="stop")
    made = plan(book, policy=policy)

    for receipt in receipts_in_order(book)[:1]:
        moment = max(receipt.due, book.as_of)
        then = plan(with_arrived(at(made.outcome, moment), [receipt]), policy=policy)
        for due in {moment, *(max(each.due, moment) for each in book.receipts)}:
            before, after = covered(made, by=due), covered(then, by=due)
            assert all(after.get(key, 0) >= units for key, units in before.items())
