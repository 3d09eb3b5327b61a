"""What can be promised beside lines that wait until they are whole."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given

from backorderkit import (
    Fifo,
    Order,
    Priority,
    ReceiptId,
    ScheduledReceipt,
    Shipping,
    ShipRule,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.model import read_time
from backorderkit.promising import Availability, ReceiptMove, SupplyRules, impact
from backorderkit.testing import snapshots
from tests.laws.books import granted, promised
from tests.laws.policies import examples

WHOLE = Shipping(Fifo(), rule=ShipRule(whole=True))
IN_ORDER = [
    WHOLE,
    Shipping(Priority(), rule=ShipRule(whole=True), waits=True),
    Shipping(Fifo(), rule=ShipRule(minimum=2)),
    Shipping(Priority(), rule=ShipRule(multiple=2)),
]
ONE_POOL = snapshots(
    skus=["MUG"], locations=["MAIN"], items=False, memory=0, bound=False, max_lines=3
)


def mugs(stock: int, wanted: int, *, more: int) -> Snapshot:
    receipt = ScheduledReceipt(
        id=ReceiptId("PO-1"), sku=Sku("MUG"), quantity=more, due=read_time("2026-01-09")
    )
    return Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": stock},
        receipts=[receipt],
        orders=[Order.of("SO-1", "2026-01-02", {"MUG": wanted})],
    )


@pytest.mark.parametrize("peg", ["earliest", "latest"])
def test_units_that_a_whole_line_will_need_are_not_promised_to_a_caller(peg: str) -> None:
    """
    3 lie there, 3 come, and 5 are promised for then: one is left, today or later.
    """
    rules = SupplyRules(peg="earliest" if peg == "earliest" else "latest")
    available = Availability.of(mugs(3, 5, more=3), policy=WHOLE, rules=rules)

    assert available.by("MUG", read_time("2026-01-05")) == 1
    assert available.by("MUG", read_time("2026-01-09")) == 1


def test_units_that_serve_nobody_can_be_had() -> None:
    available = Availability.of(mugs(3, 9, more=3), policy=WHOLE)

    assert available.by("MUG", read_time("2026-01-05")) == 3
    assert available.by("MUG", read_time("2026-01-09")) == 6


@pytest.mark.parametrize("policy", IN_ORDER, ids=lambda policy: policy.name)
@given(book=ONE_POOL)
@examples(60)
def test_who_takes_what_is_available_now_takes_it_from_nobody(
    book: Snapshot, policy: Shipping
) -> None:
    # What is overdue counts as here, and cannot be taken yet.
    receipts = [receipt for receipt in book.receipts if receipt.due > book.as_of]
    book = attrs.evolve(book, receipts=receipts)
    units = Availability.of(book, policy=policy).by("MUG", book.as_of)

    before = plan(book, policy=policy)
    less = [attrs.evolve(level, on_hand=max(0, level.on_hand - units)) for level in book.stock]
    after = plan(attrs.evolve(book, stock=less), policy=policy)

    assert granted(after) == granted(before)
    for date in [book.as_of, *(receipt.due for receipt in book.receipts)]:
        assert promised(after, by=date) == promised(before, by=date)


def test_a_receipt_that_slips_takes_the_whole_line_with_it() -> None:
    """
    Also those of its units that lie there.
    """
    book = mugs(3, 5, more=3)
    told = plan(book, policy=WHOLE).outcome

    gone = impact(told, [ReceiptMove(receipt=ReceiptId("PO-1"), gone=True)], policy=WHOLE)

    (slip,) = gone.lines
    assert (slip.order, slip.quantity, slip.after) == ("SO-1", 5, None)
