"""Law 9: supply that arrives in parts is shared as if at once."""

from __future__ import annotations

import random
from collections import Counter

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import AllocationPolicy, Location, Plan, ReceiptId, Sku, Snapshot, plan
from backorderkit.testing import snapshots

from .books import after, covered, got_by_line, with_arrived, with_stock
from .policies import examples, for_every_policy

MUG = Sku("MUG")
EAST, MAIN = Location("EAST"), Location("MAIN")

SCATTERED = snapshots(skus=["MUG"], max_lines=3, memory=0, items=False)
ALL_FREE = snapshots(skus=["MUG"], max_lines=3, memory=0, items=False, bound=False)
ALL_BOUND = snapshots(skus=["MUG"], max_lines=3, memory=0, items=False, bound=True)


@for_every_policy
@given(book=SCATTERED)
@examples(40)
def test_stock_of_one_location_may_come_in_parts(book: Snapshot, policy: AllocationPolicy) -> None:
    """
    Of the other location there is only what was allocated before.
    """
    book = with_stock(book, {(MUG, EAST): book.position(MUG, EAST).allocated})
    position = book.position(MUG, MAIN)
    at_once = plan(book, policy=policy).outcome

    for part in range(position.allocated, position.on_hand):
        first = after(with_stock(book, {(MUG, MAIN): part}), policy)
        both = after(with_stock(first, {(MUG, MAIN): position.on_hand}), policy)
        assert both.allocations == at_once.allocations
        assert both.backorders == at_once.backorders


@for_every_policy
@given(book=SCATTERED)
@examples(40)
def test_a_receipt_may_come_in_parts(book: Snapshot, policy: AllocationPolicy) -> None:
    at_once = plan(book, policy=policy)

    for receipt in book.receipts:
        for part in range(1, receipt.quantity):
            parts = [
                attrs.evolve(receipt, quantity=part),
                attrs.evolve(
                    receipt,
                    id=ReceiptId(f"{receipt.id}/2"),
                    quantity=receipt.quantity - part,
                ),
            ]
            others = [each for each in book.receipts if each is not receipt]
            split = plan(attrs.evolve(book, receipts=[*others, *parts]), policy=policy)
            assert told(split) == told(at_once)
            assert got_by_line(split.outcome) == got_by_line(at_once.outcome)


def told(made: Plan) -> Counter[tuple[str, str, str]]:
    """What each line is promised of which receipt, its parts taken together."""
    promises = Counter[tuple[str, str, str]]()
    for line in made.lines:
        for promise in line.promises:
            assert promise.receipt is not None
            promises[line.order, line.line, promise.receipt.removesuffix("/2")] += promise.quantity
    return promises


@for_every_policy
@given(book=st.one_of(ALL_FREE, ALL_BOUND), seed=st.integers(0, 99))
@examples(40)
def test_stock_of_all_locations_may_come_in_parts_if_lines_are_all_free_or_all_bound(
    book: Snapshot, seed: int, policy: AllocationPolicy
) -> None:
    chance = random.Random(seed)
    whole = {(each.sku, each.location): each.on_hand for each in book.positions}
    at_once = after(book, policy)

    first = {
        (each.sku, each.location): chance.randint(each.allocated, each.on_hand)
        for each in book.positions
    }
    parts = after(with_stock(after(with_stock(book, first), policy), whole), policy)

    assert got_by_line(parts) == got_by_line(at_once)


@for_every_policy
@given(book=st.one_of(ALL_FREE, ALL_BOUND), seed=st.integers(0, 99))
@examples(40)
def test_all_supply_may_come_in_any_parts_if_lines_are_all_free_or_all_bound(
    book: Snapshot, seed: int, policy: AllocationPolicy
) -> None:
    """
    All on hand at once, or on hand and promised, or arriving one by one in any order.
    """
    at_once = after(with_arrived(book, book.receipts), policy)

    made = plan(book, policy=policy)
    then = made.outcome
    arriving = list(book.receipts)
    random.Random(seed).shuffle(arriving)
    for receipt in arriving:
        then = after(with_arrived(then, [receipt]), policy)

    assert covered(made) == got_by_line(at_once)
    assert got_by_line(then) == got_by_line(at_once)
