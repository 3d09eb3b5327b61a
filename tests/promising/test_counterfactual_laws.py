"""Laws of what it would take: every answer is true, and none is larger than it must be."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backorderkit import (
    AllocationPolicy,
    Book,
    FairShare,
    Fifo,
    KeepPromises,
    Priority,
    Snapshot,
    plan,
)
from backorderkit.promising import (
    Answer,
    EarlierPlaced,
    EarlierReceipt,
    GivenUp,
    LargerReceipt,
    LessSafetyStock,
    MoreOnHand,
    OtherPriority,
    SmallerLine,
    what_would_it_take,
)
from backorderkit.testing import snapshots
from tests.laws.books import Key, lines_of
from tests.laws.policies import POLICIES, examples
from tests.laws.test_ship_rules import RULED

from .remedies import KINDS, Size, serves, smallest

KEPT: dict[str, AllocationPolicy] = {
    "kept": KeepPromises(Fifo()),
    "kept-fair": KeepPromises(FairShare()),
    "held": KeepPromises(Priority(), pull_in=False),
}
STOPPING: dict[str, AllocationPolicy] = {"stop": Priority(incomplete="stop")}
EVERY: dict[str, AllocationPolicy] = {**POLICIES, **STOPPING, **KEPT, **RULED}

for_every = pytest.mark.parametrize("policy", EVERY.values(), ids=EVERY.keys())
DAY = timedelta(days=1)
STEPWISE = (MoreOnHand, LargerReceipt, LessSafetyStock, SmallerLine)
SMALL = snapshots(skus=["MUG"], max_orders=3, max_quantity=4, receipts=2)


def drawn(data: st.DataObject, book: Snapshot) -> tuple[Key, datetime | None]:
    """A line with something outstanding, and by when it is wanted."""
    keys = [key for key, (_, line) in lines_of(book).items() if line.outstanding]
    assume(keys)
    days = data.draw(st.sampled_from([None, 0, 1, 3, 9]))
    by = None if days is None else book.as_of + timedelta(days=days)
    return data.draw(st.sampled_from(keys)), by


@for_every
@given(book=snapshots(max_orders=5), data=st.data())
@examples(10)
def test_what_is_answered_comes_true(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    key, by = drawn(data, book)

    found = what_would_it_take(book, *key, policy=policy, by=by)

    served = serves(plan(book, policy=policy), key, by)
    assert found.is_served == served
    if served:
        assert (found.answers, found.tried) == ((), ())
    for answer in found.answers:
        changed, other = answer.apply(book, policy)
        made = plan(changed, policy=other)
        (line,) = (each for each in made.lines if (each.order, each.line) == key)
        outcome = answer.outcome
        assert (line.outstanding, line.allocated) == (outcome.outstanding, outcome.allocated)
        assert (line.promises, line.unpromised) == (outcome.promises, outcome.unpromised)
        assert serves(made, key, answer.by)


@for_every
@given(book=SMALL, data=st.data())
@examples(5)
def test_no_smaller_change_does_and_none_is_overlooked(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    key, by = drawn(data, book)

    found = what_would_it_take(book, *key, policy=policy, by=by)

    assume(not found.is_served)
    answers = {answer.kind: answer for answer in found.answers}
    for kind in KINDS:
        least = smallest(kind, book, key, by, policy)
        answer = answers.get(kind)
        if answer is None:
            # Between the times that are there others may do, for a policy that counts time.
            assert least is None or kind == "placed-earlier", kind
        elif answer.is_least:
            assert _size(answer, book, key) == least, kind
        else:
            assert kind in {"on-hand", "receipt-larger", "placed-earlier"}
    _check_later(book, key, policy, answers.get("later"))


@for_every
@given(book=snapshots(skus=["MUG"], max_orders=3, max_quantity=300, receipts=2), data=st.data())
@examples(5)
def test_one_step_less_does_not_do_however_large_the_steps(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject
) -> None:
    key, by = drawn(data, book)

    for answer in what_would_it_take(book, *key, policy=policy, by=by).answers:
        remedy = answer.remedy
        if isinstance(remedy, EarlierReceipt):
            less = attrs.evolve(answer, remedy=attrs.evolve(remedy, due=remedy.due + DAY))
        elif isinstance(remedy, STEPWISE) and remedy.quantity > 1:
            less = attrs.evolve(answer, remedy=attrs.evolve(remedy, quantity=remedy.quantity - 1))
        else:
            continue
        changed, other = less.apply(book, policy)
        assert not serves(plan(changed, policy=other), key, answer.by)


def _size(answer: Answer, book: Snapshot, key: Key) -> Size:
    order, line = lines_of(book)[key]
    match answer.remedy:
        case OtherPriority(priority=priority):
            return order.priority - priority, ""
        case EarlierPlaced(placed_at=placed_at):
            now = line.placed_at or order.placed_at
            return int((now - placed_at) / timedelta(microseconds=1)), ""
        case EarlierReceipt(receipt=receipt, due=due):
            (before,) = (each for each in book.receipts if each.id == receipt)
            return (before.due - due).days, ""
        case GivenUp(order=other, quantity=quantity):
            return quantity, other
    quantity = getattr(answer.remedy, "quantity")  # noqa: B009
    assert isinstance(quantity, int)
    return quantity, ""


def _check_later(
    book: Snapshot,
    key: Key,
    policy: AllocationPolicy,
    answer: Answer | None,
) -> None:
    made = plan(book, policy=policy)
    days = [book.as_of + timedelta(days=days) for days in range(40)]
    first = next((day.date() for day in days if serves(made, key, day)), None)
    said = None if answer is None or answer.by is None else answer.by.date()
    assert said == first


@for_every
@given(book=snapshots(), data=st.data(), seed=st.integers(0, 99))
@examples(5)
def test_a_book_and_another_order_of_input_give_the_same_answers(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject, seed: int
) -> None:
    key, by = drawn(data, book)

    def shuffled(values: Sequence[object]) -> list[object]:
        return random.Random(seed).sample(values, len(values))

    other = Snapshot(
        as_of=book.as_of,
        items=book.items,
        stock=shuffled(book.stock),  # type: ignore[arg-type]
        receipts=shuffled(book.receipts),  # type: ignore[arg-type]
        orders=shuffled(book.orders),  # type: ignore[arg-type]
        allocations=shuffled(book.allocations),  # type: ignore[arg-type]
        backorders=shuffled(book.backorders),  # type: ignore[arg-type]
        holds=shuffled(book.holds),  # type: ignore[arg-type]
    )

    one = what_would_it_take(book, *key, policy=policy, by=by)
    of_book = what_would_it_take(Book.of(book), *key, policy=policy, by=by)
    of_other = what_would_it_take(other, *key, policy=policy, by=by)

    assert of_book.answers == one.answers == of_other.answers
    assert of_book.outcome == one.outcome == of_other.outcome
    for answer in one.answers:
        after, _ = answer.apply(Book.of(book), policy)
        assert after.snapshot == answer.apply(book, policy)[0]
