"""Law 7: monotonicity."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from hypothesis import given

from backorderkit import AllocationPolicy, Plan, ReceiptId, ScheduledReceipt, Snapshot, plan
from backorderkit.testing import snapshots

from .books import covered, got_by_line, pools_of, with_stock
from .policies import examples, for_every_policy


@for_every_policy
@given(
    book=snapshots(
        skus=["MUG"], locations=["EAST", "MAIN", "WEST"], max_lines=3, memory=0, items=False
    )
)
@examples(40)
def test_one_unit_more_lowers_nobodys_lot(book: Snapshot, policy: AllocationPolicy) -> None:
    before = plan(book, policy=policy)

    for richer in with_one_more(book):
        assert_nobody_lost(before, plan(richer, policy=policy))


def with_one_more(book: Snapshot) -> Iterator[Snapshot]:
    """One more on hand in each pool, in each receipt, and as a receipt of its own."""
    for pool in sorted(pools_of(book)):
        yield with_stock(book, {pool: book.position(*pool).on_hand + 1})
    for receipt in book.receipts:
        others = [each for each in book.receipts if each is not receipt]
        more = attrs.evolve(receipt, quantity=receipt.quantity + 1)
        yield attrs.evolve(book, receipts=[*others, more])
        single = ScheduledReceipt(
            id=ReceiptId(f"{receipt.id}/2"),
            sku=receipt.sku,
            location=receipt.location,
            quantity=1,
            due=receipt.due,
        )
        yield attrs.evolve(book, receipts=[*book.receipts, single])


def assert_nobody_lost(before: Plan, after: Plan) -> None:
    was, now = got_by_line(before.outcome), got_by_line(after.outcome)
    assert all(now[key] >= was[key] for key in was)
    dates = {receipt.due for receipt in after.snapshot.receipts} | {before.as_of}
    for date in dates:
        was, now = covered(before, by=date), covered(after, by=date)
        assert all(now[key] >= was[key] for key in was), date
