"""Laws of where units come from, for every placing: which of them hold, and which do not."""

from __future__ import annotations

from collections import Counter

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Allocated,
    AllocationPolicy,
    FairShare,
    Fifo,
    InLocationOrder,
    KeepPromises,
    Placing,
    Priority,
    Shipping,
    ShipRule,
    Sku,
    Snapshot,
    answer,
    apply,
    plan,
)
from backorderkit.checking import Findings, check_plan
from backorderkit.commands import Replan
from backorderkit.formats import dumps_plan, loads_plan
from backorderkit.model import Location
from backorderkit.planning import Book
from backorderkit.testing import snapshots
from tests.planning.placings import (
    UNSPLIT,
    for_every_placing,
    for_every_splitting,
    for_every_unsplit,
)

from .books import Key, at, granted, lines_of, receipts_in_order, with_arrived
from .policies import examples

PLACES = ("EAST", "MAIN", "NORTH", "WEST")
books = snapshots(skus=["MUG"], locations=PLACES, max_orders=5)
many = snapshots(locations=PLACES, max_orders=5)

policies = st.sampled_from(
    [Fifo(), Priority(), FairShare(), FairShare(rule="equal"), Priority(within=FairShare())]
)
keeping = st.sampled_from(
    [KeepPromises(Fifo()), KeepPromises(FairShare()), KeepPromises(FairShare(), pull_in=False)]
)
shipping = st.sampled_from(
    [
        Shipping(Fifo(), rule=ShipRule(whole=True)),
        Shipping(FairShare(), rule=ShipRule(multiple=2)),
    ]
)


@for_every_placing
@given(book=many, policy=policies)
@examples(20)
def test_every_plan_holds_can_be_replayed_and_changes_nothing_again(
    book: Snapshot, policy: AllocationPolicy, placing: Placing
) -> None:
    made = plan(book, policy=policy, placing=placing)

    assert check_plan(book, loads_plan(dumps_plan(made), snapshot=book)) == Findings()
    assert apply(book, made.changes) == made.outcome
    assert not plan(made.outcome, policy=policy, placing=placing).changes
    for line in made.lines:
        blocked = sum(blocker.quantity for blocker in line.blockers)
        assert (blocked, line.reason[-1]) == (line.backordered, ".")


@for_every_splitting
@given(book=many, policy=st.one_of(policies, keeping))
@examples(12)
def test_how_much_everybody_gets_and_is_promised_is_the_same_with_every_placing(
    book: Snapshot, policy: AllocationPolicy, placing: Placing
) -> None:
    usual = plan(book, policy=policy)

    made = plan(book, policy=policy, placing=placing)

    assert made.granted == usual.granted
    assert [line.promises for line in made.lines] == [line.promises for line in usual.lines]
    assert not plan(made.outcome, policy=policy, placing=placing).changes


@for_every_splitting
@given(book=many, policy=shipping)
@examples(20)
def test_plans_by_ship_rules_hold_with_every_placing(
    book: Snapshot, policy: AllocationPolicy, placing: Placing
) -> None:
    """Where units lie until they make a part that may go is up to the placing."""
    made = plan(book, policy=policy, placing=placing)

    assert check_plan(book, loads_plan(dumps_plan(made), snapshot=book)).faults == ()
    assert not plan(made.outcome, policy=policy, placing=placing).changes


@for_every_placing
@given(book=many, policy=policies, data=st.data())
@examples(12)
def test_neither_the_order_of_the_input_nor_a_book_changes_a_plan(
    book: Snapshot, policy: AllocationPolicy, data: st.DataObject, placing: Placing
) -> None:
    made = plan(book, policy=policy, placing=placing)
    mixed = attrs.evolve(
        book,
        stock=data.draw(st.permutations(book.stock)),
        receipts=data.draw(st.permutations(book.receipts)),
        orders=data.draw(st.permutations(book.orders)),
        allocations=data.draw(st.permutations(book.allocations)),
    )

    assert plan(mixed, policy=policy, placing=placing).changes == made.changes
    prepared = Book.of(book)
    assert plan(prepared, policy=policy, placing=placing).changes == made.changes
    assert plan(prepared, policy=policy, placing=placing).lines == made.lines
    skus = {line.sku for _, line in lines_of(book).values()}
    parts = [
        change
        for sku in sorted(skus)
        for change in plan(prepared, policy=policy, placing=placing, skus=[sku]).changes
    ]
    assert sorted(map(repr, parts)) == sorted(
        repr(change) for change in made.changes if (change.order, change.line) in lines_of(book)
    )


@for_every_placing
@given(book=books, policy=policies)
@examples(20)
def test_the_service_places_as_the_plan_does(
    book: Snapshot, policy: AllocationPolicy, placing: Placing
) -> None:
    made = plan(book, policy=policy, placing=placing, skus=["MUG"])

    answered = answer(book, Replan(skus=[Sku("MUG")]), policy=policy, placing=placing)

    assert answered.changes == made.changes


@for_every_placing
@given(book=snapshots(skus=["MUG"], locations=PLACES, max_orders=5, holds=0), policy=policies)
@examples(12)
def test_the_next_receipt_brings_exactly_what_was_promised_of_it(
    book: Snapshot, policy: AllocationPolicy, placing: Placing
) -> None:
    made = plan(book, policy=policy, placing=placing)
    receipts = receipts_in_order(book)
    if not receipts:
        return
    first = receipts[0]
    told = Counter[Key]()
    for line in made.lines:
        for promise in line.promises:
            if promise.receipt == first.id:
                told[line.order, line.line] += promise.quantity

    then = with_arrived(made.outcome, [first])
    kept = plan(at(then, max(book.as_of, first.due)), policy=policy, placing=placing)

    assert granted(kept) == told


@for_every_unsplit
@given(book=many, policy=policies)
@examples(20)
def test_unsplit_no_line_gets_units_from_elsewhere_than_it_stands(
    book: Snapshot, policy: AllocationPolicy, placing: Placing
) -> None:
    made = plan(book, policy=policy, placing=placing)

    receipts = {receipt.id: receipt.location for receipt in book.receipts}
    before = dict[Key, set[Location]]()
    for each in book.allocations:
        before.setdefault((each.order, each.line), set()).add(each.location)
    now = dict[Key, set[Location]]()
    for change in made.changes:
        if isinstance(change, Allocated):
            now.setdefault((change.order, change.line), set()).add(change.location)
    for line in made.lines:
        key = line.order, line.line
        fresh = now.get(key, set()) | {
            receipts[each.receipt] for each in line.promises if each.receipt is not None
        }
        assert len(fresh) <= 1
        if fresh and before.get(key):
            assert fresh <= before[key]


@pytest.mark.parametrize("placing", UNSPLIT.values(), ids=UNSPLIT.keys())
@given(book=many, policy=policies)
@examples(20)
def test_unsplit_is_the_usual_plan_where_there_is_one_location(
    book: Snapshot, policy: AllocationPolicy, placing: Placing
) -> None:
    """Nothing is held back that only one location has."""
    here = {Location("EAST")}
    alone = attrs.evolve(
        book,
        stock=[level for level in book.stock if level.location in here],
        receipts=[receipt for receipt in book.receipts if receipt.location in here],
        allocations=[held for held in book.allocations if held.location in here],
        holds=(),
    )

    made = plan(alone, policy=policy, placing=placing)

    usual = plan(alone, policy=policy, placing=InLocationOrder())
    assert made.changes == usual.changes
    assert [line.reason for line in made.lines] == [line.reason for line in usual.lines]
