"""The lines of a SKU in blocks: what they keep, and what they sum up, as they change."""

from __future__ import annotations

import random
from datetime import timedelta

import attrs
import pytest

from backorderkit import AllocationPolicy, Book, Fifo, Order, Priority, Snapshot, apply, plan
from backorderkit.model import Allocation, LineId, Sku, StockLevel
from backorderkit.planning.lanes import Block, Lane, LineState
from tests.planning.books import AS_OF, order, receipt

MANY = 1500
MUG = Sku("MUG")


def states(count: int) -> list[LineState]:
    """Lines in an order that has nothing to do with their age."""
    chance = random.Random(count)
    made: list[LineState] = []
    for number in range(count):
        placed_at = AS_OF - timedelta(minutes=chance.randrange(count))
        owner = attrs.evolve(order(f"SO-{number:05d}", 1 + number % 7), placed_at=placed_at)
        held = Allocation(order=owner.id, line=LineId("1"), quantity=1)
        allocations = (held,) if number % 3 == 0 else ()
        made.append(LineState(owner, owner.lines[0], allocations))
    return made


def agree(lane: Lane, expected: list[LineState]) -> None:
    """Compare a lane with what it must hold."""
    expected = sorted(expected, key=lambda state: state.key)
    held = sum(each.quantity for state in expected for each in state.allocations)

    assert list(lane) == expected
    assert lane.wanted == sum(state.want for state in expected)
    assert sum(quantity for _, quantity in lane.held) == held
    assert [block for block in lane.blocks if block != Block.of(block.states)] == []
    assert all(lane.find(state.key) == state for state in expected)


@pytest.mark.parametrize("count", [0, 1, 512, 513, MANY])
def test_a_lane_is_its_lines_oldest_first(count: int) -> None:
    made = states(count)

    agree(Lane.of(list(made)), made)


def test_a_lane_changes_line_by_line_as_if_it_were_made_anew() -> None:
    chance = random.Random(7)
    made = states(MANY)
    here, others = made[: MANY // 2], made[MANY // 2 :]
    lane = Lane.of(list(here))
    for step in range(400):
        chance.shuffle(here)
        chance.shuffle(others)
        count = chance.choice((1, 2, 40))
        come, gone = (others[:count], []) if step % 2 else ([], here[:count])
        before = list(lane)
        after = lane.changed(gone, come)
        assert list(lane) == before
        lane = after
        here = [state for state in here if state not in gone] + come
        others = [state for state in others if state not in come] + gone
        if step % 40 == 0:
            agree(lane, here)
    agree(lane, here)

    assert all(len(block.states) <= 512 for block in lane.blocks)
    assert lane.changed(here, []) == Lane()
    assert all(lane.find(state.key) is None for state in others)


@pytest.mark.parametrize("policy", [Fifo(), Priority()])
def test_a_book_of_one_sku_is_planned_event_by_event_as_its_snapshot_is(
    policy: AllocationPolicy,
) -> None:
    chance = random.Random(3)
    orders = [
        attrs.evolve(state.order, priority=1 + number % 3)
        for number, state in enumerate(states(MANY))
    ]
    receipts = [receipt(f"PO-{day}", 40, f"2026-02-0{day}") for day in range(1, 6)]
    whole = plan(Snapshot(as_of=AS_OF, orders=orders, receipts=receipts), policy=policy).outcome
    book = Book.of(whole)
    on_hand = 0
    for number in range(25):
        on_hand += chance.randrange(60)
        level = StockLevel(sku=MUG, on_hand=on_hand)
        new = Order.of(
            f"NEW-{number}", AS_OF - timedelta(minutes=chance.randrange(MANY)), {"MUG": 9}
        )
        book = book.with_stock(level).with_order(new)
        whole = attrs.evolve(whole, stock=[level], orders=[*whole.orders, new])
        made = plan(book, policy=policy, skus=[MUG])
        expected = plan(whole, policy=policy)

        assert made.changes == expected.changes
        assert made.lines == expected.lines
        book, whole = apply(book, made.changes), expected.outcome

    assert book.snapshot == whole
