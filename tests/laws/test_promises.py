"""Law 8: a promise is what the next plans do when the receipts arrive."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Allocated,
    AllocationPolicy,
    Fifo,
    Order,
    Plan,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.model import read_time
from backorderkit.testing import snapshots

from .books import (
    Key,
    at,
    covered,
    got_by_line,
    granted,
    receipts_in_order,
    with_arrived,
    with_lasting_holds,
)
from .policies import examples, for_every_policy


def promises_of(made: Plan, receipts: list[ScheduledReceipt]) -> Counter[Key]:
    ids = {receipt.id for receipt in receipts}
    total = Counter[Key]()
    for line in made.lines:
        quantity = sum(each.quantity for each in line.promises if each.receipt in ids)
        if quantity:
            total[line.order, line.line] = quantity
    return total


@for_every_policy
@given(book=snapshots())
@examples(60)
def test_the_next_receipt_is_allocated_exactly_as_promised(
    book: Snapshot, policy: AllocationPolicy
) -> None:
    """
    It arrives in full and alone; and promises from all later receipts are kept.
    """
    book = with_lasting_holds(book)
    made = plan(book, policy=policy)
    assert_next_receipts_come_as_promised(book, made, policy)


@for_every_policy
@given(book=snapshots())
@examples(30)
def test_planning_counts_on_planned_receipts_as_on_firm_ones(
    book: Snapshot, policy: AllocationPolicy
) -> None:
    turned = [attrs.evolve(receipt, firm=not receipt.firm) for receipt in book.receipts]

    made = plan(book, policy=policy)
    other = plan(attrs.evolve(book, receipts=turned), policy=policy)

    assert other.changes == made.changes
    assert other.lines == made.lines


def test_promises_of_receipts_that_are_late_together_are_kept() -> None:
    """
    By the time the first one arrives, the two others are overdue: one date for both.
    """
    book = Snapshot.of(
        as_of="2026-01-05",
        stock={},
        receipts=[
            one_unit("PO-8", "2026-01-12", "MUG"),
            one_unit("PO-9", "2026-01-06", "BOWL"),
            one_unit("PO-11", "2026-01-12", "BOWL"),
        ],
        orders=[Order.of("SO-1", "2026-01-02", {"MUG": 1, "BOWL": 2})],
    )
    made = plan(book, policy=Fifo())
    assert [each.receipt for each in made.lines[1].promises] == ["PO-9", "PO-11"]
    assert_next_receipts_come_as_promised(book, made, Fifo())


def one_unit(receipt: str, due: str, sku: str) -> ScheduledReceipt:
    return ScheduledReceipt(id=ReceiptId(receipt), sku=Sku(sku), quantity=1, due=read_time(due))


def assert_next_receipts_come_as_promised(
    book: Snapshot, made: Plan, policy: AllocationPolicy
) -> None:
    for sku in {receipt.sku for receipt in book.receipts}:
        receipt = next(each for each in receipts_in_order(book) if each.sku == sku)
        moment = max(book.as_of, receipt.due)

        then = plan(at(with_arrived(made.outcome, [receipt]), moment), policy=policy)

        assert granted(then) == promises_of(made, [receipt])
        assert all(
            change.location == receipt.location
            for change in then.changes
            if isinstance(change, Allocated)
        )
        assert later_promises(then, receipt, moment) == later_promises(made, receipt, moment)


def later_promises(
    made: Plan, receipt: ScheduledReceipt, moment: datetime
) -> list[tuple[str, str, str | None, int, datetime]]:
    # Those due before the moment share it by then, and so go by their receipt.
    return sorted(
        (line.order, line.line, promise.receipt, promise.quantity, max(promise.due, moment))
        for line in made.lines
        for promise in line.promises
        if promise.receipt != receipt.id
    )


ONE_POOL = st.one_of(
    snapshots(skus=["MUG"], locations=["MAIN"], max_lines=3, memory=0, items=False, receipts=4),
    snapshots(skus=["MUG"], bound=False, max_lines=3, memory=0, items=False, receipts=4),
)
"""All lines share what there is: of one location, or none of them is bound to any."""


def next_day(book: Snapshot) -> list[ScheduledReceipt]:
    receipts = receipts_in_order(book)
    return [each for each in receipts if each.due.date() == receipts[0].due.date()]


@for_every_policy
@given(book=ONE_POOL)
@examples(60)
def test_receipts_of_a_day_that_arrive_together_are_allocated_as_promised(
    book: Snapshot, policy: AllocationPolicy
) -> None:
    made = plan(book, policy=policy)
    arriving = next_day(book)

    then = plan(with_arrived(made.outcome, arriving), policy=policy)

    assert granted(then) == promises_of(made, arriving)


@for_every_policy
@given(book=ONE_POOL, seed=st.integers(0, 99))
@examples(60)
def test_receipts_of_a_day_may_arrive_in_any_order(
    book: Snapshot, seed: int, policy: AllocationPolicy
) -> None:
    """
    Whatever comes first, each line has or is promised the same by the end of the day.
    """
    book = with_lasting_holds(book)
    made = plan(book, policy=policy)
    arriving = next_day(book)
    random.Random(seed).shuffle(arriving)
    end = max([book.as_of, *(each.due for each in arriving)])

    then = made
    for receipt in arriving:
        then = plan(at(with_arrived(then.outcome, [receipt]), end), policy=policy)
        assert covered(then, by=end) == covered(made, by=end)

    before, told = got_by_line(made.outcome), promises_of(made, arriving)
    assert got_by_line(then.outcome) == {key: got + told[key] for key, got in before.items()}
