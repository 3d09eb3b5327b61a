"""A choice is the best of all, the first of the best, and a plan completes it."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AllocationPolicy,
    FairShare,
    Fifo,
    Order,
    OrderId,
    Priority,
    Rules,
    Sku,
    Snapshot,
    Together,
    plan,
)
from backorderkit.optimize import Maximise, choose_orders, solving, take_in_order
from backorderkit.optimize.needs import groups_of
from backorderkit.optimize.solving import _Search, solve
from backorderkit.testing import snapshots
from tests.laws.policies import examples
from tests.laws.test_order_of_input import shuffled_book

from .reference import best_of, choices, missing_of, units_of

BOOKS = snapshots(
    skus=["BOWL", "MUG", "TRAY"], max_orders=8, max_lines=3, receipts=1, memory=0, items=False
)
PRICES = {"BOWL": Decimal("2.50"), "MUG": Decimal(3), "TRAY": Decimal("0.05")}
WITHINS: list[AllocationPolicy] = [Fifo(), FairShare(), Priority(), Priority(within=FairShare())]


def priced(book: Snapshot) -> Snapshot:
    orders = [
        attrs.evolve(
            order,
            lines=[
                attrs.evolve(line, unit_price=PRICES[line.sku], currency="EUR")
                for line in order.lines
            ],
        )
        for order in book.orders
    ]
    return attrs.evolve(book, orders=orders)


def cents_of(order: Order) -> int:
    return int(100 * sum(PRICES[line.sku] * line.outstanding for line in order.lines))


def weight_of(order: Order) -> int:
    return (order.priority * 7 + len(order.lines)) % 4


@given(book=BOOKS)
@examples(60)
def test_no_set_of_orders_is_worth_more_and_none_before_it_as_much(book: Snapshot) -> None:
    book = priced(book)

    orders = choose_orders(book, maximise="orders")
    units = choose_orders(book, maximise="units")
    value = choose_orders(book, maximise="value")
    weighed = choose_orders(book, maximise="orders", weights=weight_of)

    sets = list(choices(book))
    assert (orders.value, orders.orders) == best_of(sets, lambda _: 1)
    assert (units.value, units.orders) == best_of(sets, units_of)
    assert (100 * value.value, value.orders) == best_of(sets, cents_of)
    assert (weighed.value, weighed.orders) == best_of(sets, weight_of)
    for choice in (orders, units, value, weighed):
        assert choice.is_optimal
        assert choice.is_settled
        assert choice.gap == 0


@given(book=BOOKS, places=st.integers(1, 3))
@examples(40)
def test_the_rule_for_ties_holds_across_the_questions_it_takes(book: Snapshot, places: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solving, "_PLACES_AT_ONCE", places)
        choice = choose_orders(book, maximise="units")

    assert choice.is_settled
    assert (choice.value, choice.orders) == best_of(choices(book), units_of)


@given(book=BOOKS, maximise=st.sampled_from(["orders", "units", "value"]))
@examples(60)
def test_the_queue_never_does_better(book: Snapshot, maximise: Maximise) -> None:
    book = priced(book)

    best, queue = choose_orders(book, maximise=maximise), take_in_order(book, maximise=maximise)

    assert queue.value <= best.value == best.bound <= queue.bound
    assert 0 <= queue.gap <= 1


@given(book=BOOKS)
@examples(60)
def test_the_queue_takes_whoever_still_fits(book: Snapshot) -> None:
    """
    Orders weigh so much more than all behind them that the best choice is the queue's.
    """
    waiting = sorted(book.orders, key=lambda order: (order.placed_at, order.sequence, order.id))
    steps = {order.id: 2 ** (len(waiting) - place) for place, order in enumerate(waiting)}

    _, expected = best_of(choices(book), lambda order: steps[order.id])

    assert take_in_order(book, maximise="orders").orders == expected


@pytest.mark.parametrize("within", WITHINS, ids=lambda policy: policy.name)
@given(book=BOOKS)
@examples(40)
def test_a_plan_completes_every_chosen_order(book: Snapshot, within: AllocationPolicy) -> None:
    choice = choose_orders(book, maximise="units")

    after = plan(book, policy=choice.policy(within)).outcome

    chosen = [order for order in after.orders if order.id in choice.orders]
    assert len(chosen) == len(choice.orders)
    assert not any(missing_of(after, order) for order in chosen)
    assert plan(after, policy=choice.policy(within)).changes == ()


@given(book=BOOKS, seed=st.integers(0, 999))
@examples(40)
def test_the_order_of_input_changes_nothing(book: Snapshot, seed: int) -> None:
    mixed = shuffled_book(book, Random(seed))

    assert choose_orders(mixed, maximise="units") == choose_orders(book, maximise="units")


@given(book=BOOKS)
@examples(40)
def test_some_skus_are_chosen_for_as_all_are(book: Snapshot) -> None:
    whole = choose_orders(book, maximise="orders")

    for sku in ("BOWL", "MUG", "TRAY"):
        part = choose_orders(book, maximise="orders", skus=[sku])

        assert set(part.orders) <= set(whole.orders)
        touched = {
            order.id
            for order in book.orders
            if any(Sku(sku) == other for other, _ in missing_of(book, order))
        }
        assert touched & set(whole.orders) <= set(part.orders)


@given(book=BOOKS)
@examples(60)
def test_what_is_found_without_effort_is_true_still(book: Snapshot) -> None:
    """
    The best of all lies between the value and the bound.
    """
    best, _ = best_of(choices(book), units_of)
    found = [
        solve(group, [units_of(each.order) for each in group.members], 0)
        for group in groups_of(book)
    ]

    assert sum(each.value for each in found) <= best <= sum(each.bound for each in found)
    for each in found:
        assert each.value == each.bound or not each.is_settled


def knapsack(seed: int, orders: int, skus: int) -> Snapshot:
    """Orders that want much of everything, of which half is there."""
    draw = Random(seed)
    wanted = [{f"S{sku}": draw.randint(1, 1000) for sku in range(skus)} for _ in range(orders)]
    stock = {f"S{sku}": sum(each[f"S{sku}"] for each in wanted) // 2 for sku in range(skus)}
    return Snapshot.of(
        as_of="2026-01-05",
        stock=stock,
        orders=[
            Order.of(f"SO-{number:03}", "2026-01-02", lines) for number, lines in enumerate(wanted)
        ],
    )


def test_a_search_cut_short_gives_a_bound_and_the_same_twice() -> None:
    book = knapsack(1, orders=60, skus=8)
    (group,) = groups_of(book)
    weights = [units_of(each.order) for each in group.members]

    def cut_short(effort: float) -> tuple[int, int, list[bool]]:
        search = _Search(group, weights, 1)
        search.left = effort
        value, bound = search.best()
        return value, bound, search.chosen

    first, longer = cut_short(0.02), cut_short(0.1)

    assert first == cut_short(0.02)
    assert take_in_order(book, maximise="units").value <= first[0] <= longer[1]
    assert first[0] < first[1]
    assert longer[0] >= first[0]
    assert longer[1] <= first[1]


def complete_now(book: Snapshot, policy: AllocationPolicy) -> set[OrderId]:
    """Which orders a plan completes that were not complete before."""
    waiting = {line.order for line in plan(book, policy=policy).lines if line.backordered}
    held = {(each.order, each.line): 0 for each in book.allocations}
    for each in book.allocations:
        held[each.order, each.line] += each.quantity
    return {
        order.id
        for order in book.orders
        if order.id not in waiting
        and any(line.outstanding > held.get((order.id, line.id), 0) for line in order.lines)
    }


@given(book=BOOKS)
@examples(60)
def test_rules_by_which_orders_ship_complete_are_the_queue(book: Snapshot) -> None:
    """The greedy of plans and the reference, which know nothing of each other, choose the same."""
    oldest = attrs.evolve(
        book,
        orders=[
            attrs.evolve(order, lines=[attrs.evolve(line, placed_at=None) for line in order.lines])
            for order in book.orders
        ],
    )
    by_queue = take_in_order(oldest, maximise="orders")

    assert complete_now(oldest, Rules(Fifo(), together=Together())) == set(by_queue.orders)
