"""
Time planning a book again by rules beside a plain plan of it, in one process.

    python -m tests.benchmarks.rules [LINES]     (200,000 if absent)
"""

from __future__ import annotations

import gc
import random
import sys
from datetime import timedelta
from functools import partial
from time import process_time

from backorderkit import (
    Condition,
    Contract,
    LineId,
    Order,
    OrderId,
    OrderLine,
    Priority,
    Quota,
    ReceiptId,
    Rules,
    ScheduledReceipt,
    Segment,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.policies import AllocationPolicy
from backorderkit.testing import AS_OF

LINES = 200_000
LINES_PER_SKU = 40
REPEATS = 5
CHANNELS = ("web", "shop", "edi", "phone")


def make_book(lines: int) -> Snapshot:
    """Orders of one to four lines, stock for about half of them, up to three receipts a SKU."""
    draw = random.Random(1)
    skus = [Sku(f"S{number:05}") for number in range(max(4, lines // LINES_PER_SKU))]
    orders: list[Order] = []
    made = 0
    while made < lines:
        count = min(draw.randint(1, 4), lines - made)
        made += count
        orders.append(
            Order(
                id=OrderId(f"SO-{len(orders):07}"),
                customer=f"C{draw.randint(0, 2000)}",
                channel=draw.choice(CHANNELS),
                placed_at=AS_OF - timedelta(hours=draw.randint(1, 900)),
                priority=draw.randint(1, 9),
                lines=[
                    OrderLine(
                        id=LineId(str(number)),
                        sku=sku,
                        ordered=draw.randint(1, 9),
                        requested=AS_OF + timedelta(days=draw.randint(-3, 20)),
                    )
                    for number, sku in enumerate(draw.sample(skus, count))
                ],
            )
        )
    receipts = [
        ScheduledReceipt(
            id=ReceiptId(f"PO-{sku}-{number}"),
            sku=sku,
            quantity=draw.randint(10, 80),
            due=AS_OF + timedelta(days=draw.randint(1, 25)),
        )
        for sku in skus
        for number in range(draw.randint(0, 3))
    ]
    stock: dict[str, int] = {sku: draw.randint(0, 200) for sku in skus}
    return Snapshot.of(as_of=AS_OF, stock=stock, orders=orders, receipts=receipts)


def make_rules() -> Rules:
    """Segments with five contracts, and a quota."""
    top = [f"C{number}" for number in range(50)]
    keep = Contract(floor="keep-or-raise")
    return Rules(
        Priority(),
        segments=[
            Segment(
                "rush",
                include=[Condition(attribute="priority", most=1)],
                contract=keep,
                place=1,
            ),
            Segment(
                "key", include=[Condition(attribute="customer", one_of=top)], contract=keep, place=1
            ),
            Segment(
                "soon",
                include=[Condition(attribute="requested", to_day=7)],
                contract=Contract(floor="keep-if-possible"),
                place=2,
            ),
            Segment(
                "phone",
                include=[Condition(attribute="channel", one_of=["phone"])],
                contract=Contract(cap="not-better"),
                place=4,
            ),
            Segment("rest", contract=Contract(), place=3),
        ],
        quotas=[Quota(name="edi", by=["channel"], rooms={("edi",): 60}, period="week")],
    )


def seconds(book: Snapshot, policy: AllocationPolicy) -> tuple[float, int]:
    """Give the processor time of the fastest of some plans with all changes, and their number."""
    best, changes = float("inf"), 0
    for _ in range(REPEATS):
        gc.collect()
        start = process_time()
        changes = len(plan(book, policy=policy).changes)
        best = min(best, process_time() - start)
    return best, changes


def main() -> None:
    """Print what re-planning costs beside the first plan of the same book."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    book = make_book(lines)
    told = plan(book, policy=Priority()).outcome
    say = partial(print, flush=True)
    plain, changes = seconds(book, Priority())
    say(f"{lines:>9,} lines, plain plan, all changes: {plain:.2f} s, {changes:,} changes")
    again, changes = seconds(told, make_rules())
    say(
        f"{lines:>9,} lines, planned again by rules: {again:.2f} s, {changes:,} changes;"
        f" rules / plain {again / plain:.2f}"
    )


if __name__ == "__main__":
    main()
