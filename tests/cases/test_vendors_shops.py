"""Shop platforms: who is served by which switch, and what their counters say, as whole plans."""

from __future__ import annotations

from fractions import Fraction

import pytest

from backorderkit import (
    Buffer,
    Fifo,
    Hold,
    HoldId,
    Item,
    Location,
    Order,
    OrderId,
    Plan,
    Ranked,
    ReceiveStock,
    Segment,
    Snapshot,
    StockLevel,
    answer,
)
from backorderkit.model import read_time
from backorderkit.policies import ByPlaced, ByPriority, ByRequested, Chain, Frozen, Rules
from tests.cases.replanned import MUG, REDISTRIBUTE, Row, again, book, got, replan, segment


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (ByPlaced(), {"NEW": [], "OLD": [(5, 0)]}),
        (ByPlaced(first="latest"), {"NEW": [(2, 0)], "OLD": [(3, 0)]}),
    ],
    ids=["by date", "the other way"],
)
def test_acctivate_x43_sequential_allocation_done_again(
    key: ByPlaced, expected: dict[str, list[tuple[int, int]]]
) -> None:
    """
    Acctivate, sequential allocation; published: 5 there, an old order of 5, a new one of 2.

    The old one has all already; allocating again gives it up, whoever has it.
    """
    rows = {"OLD": Row(wants=5, has=5, placed=9), "NEW": Row(wants=2)}

    assert again(book(rows, stock=5), REDISTRIBUTE, Ranked(key=key)) == expected


@pytest.mark.parametrize("how", ["safety stock", "hold", "buffer"])
def test_shopify_x44_on_hand_is_available_committed_and_unavailable(how: str) -> None:
    """
    Shopify, inventory states; published: 10 unavailable + 6 committed + 4 available = 20.

    What is unavailable is a safety stock, a hold or a buffer here.  A buffer is a rule of
    plans and no state of the stock, so the shelf shows what a plan would not give.
    """
    here = Location("MAIN")
    until = read_time("2026-02-01")
    unavailable = Hold(id=HoldId("x"), sku=MUG, location=here, quantity=10, expires_at=until)
    level = StockLevel(
        sku=MUG, location=here, on_hand=20, safety_stock=10 if how == "safety stock" else 0
    )
    orders = [Order.of("SO-1", "2026-01-02", {"MUG": 6})]
    shop = Snapshot.of(
        as_of="2026-01-05",
        stock=[level],
        orders=orders,
        holds=[unavailable] if how == "hold" else [],
        items=[Item(sku=MUG)],
    )
    buffers = [Buffer(name="unavailable", percent=50)] if how == "buffer" else []
    rules = Rules(Fifo(), buffers=buffers)

    after = replan(shop, policy=rules).outcome

    position = after.position(MUG, here)
    assert (position.on_hand, position.allocated) == (20, 6)
    assert position.available == (14 if how == "buffer" else 4)
    more = [*after.orders, Order.of("SO-2", "2026-01-05", {"MUG": 99})]
    rest = Snapshot.of(
        as_of=after.as_of,
        stock=after.stock,
        orders=more,
        allocations=after.allocations,
        holds=after.holds,
        items=after.items,
    )
    assert replan(rest, policy=rules).lines[1].allocated == 4


def test_shopify_what_is_sold_without_stock_is_a_backorder_and_no_negative_number() -> None:
    """
    Shopify, "continue selling when out of stock": available falls below 0, by what is owed.

    Here available stays 0, and what is owed is counted by itself.
    """
    made = replan(book({"SO-1": Row(wants=9)}, stock=4), policy=Rules(Fifo()))

    assert made.lines[0].backordered == 5
    assert made.outcome.position(MUG).available == 0


def test_bigblue_x52_priority_then_the_time_to_fulfil_and_none_once_transmitted() -> None:
    """
    Bigblue; published: higher priority, else the earliest fulfil time; locked once transmitted.

    Those on hold come last: a place of their own.
    """
    rows = {
        "LOCKED": Row(wants=2, has=2, day=9, priority=3),
        "HIGH": Row(wants=2, day=8, priority=1),
        "LATER": Row(wants=2, day=7, priority=2),
        "SOONER": Row(wants=2, day=1, priority=2, placed=0),
        "ON HOLD": Row(wants=2, day=0, priority=1, placed=9, channel="on hold"),
    }
    rules = Rules(
        Ranked(key=Chain(keys=[ByPriority(), ByRequested()])),
        segments=[segment("on hold", place=1), Segment("open", contract=REDISTRIBUTE)],
        frozen=Frozen(orders=[OrderId("LOCKED")]),
    )

    def served(stock: int) -> list[str]:
        found = got(replan(book(rows, stock=stock), policy=rules))
        return sorted(name for name, parts in found.items() if parts)

    assert served(4) == ["HIGH", "LOCKED"]
    assert served(6) == ["HIGH", "LOCKED", "SOONER"]
    assert served(8) == ["HIGH", "LATER", "LOCKED", "SOONER"]
    assert served(10) == sorted(rows)


def test_x23_what_is_there_now_and_the_earlier_of_two_receipts() -> None:
    """
    IBM Sterling; 10 on hand, 10 on day 9 and 10 on day 19, order of 20: computed of its inputs.
    """
    made = replan(
        book({"SO-1": Row(wants=20)}, stock=10, receipts={9: 10, 19: 10}), policy=Rules(Fifo())
    )

    assert got(made) == {"SO-1": [(10, 0), (10, 9)]}


def test_x46_the_fill_rate_before_and_after_ten_more() -> None:
    """Published: 75 of 100 are 75 %, and 10 more make 85 %."""
    before = replan(book({"SO-1": Row(wants=100)}, stock=75), policy=Rules(Fifo()))
    after = answer(before.outcome, ReceiveStock(sku=MUG, quantity=10), policy=Rules(Fifo())).plan

    assert [fill_percent(before), fill_percent(after)] == [75, 85]


def fill_percent(made: Plan) -> Fraction:
    """Say how many per cent of what the open lines want is theirs."""
    (pieces,) = made.totals.by_unit
    return Fraction(100 * pieces.allocated, pieces.allocated + pieces.backordered)


def test_x47_the_backorder_rate_of_a_plan() -> None:
    """Published: 45 of 295 orders wait, 15.25 %."""
    rows = {f"SO-{n}": Row(wants=1) for n in range(295)}

    made = replan(book(rows, stock=250), policy=Rules(Fifo()))

    waiting = {line.order for line in made.lines if line.backordered}
    assert (len(waiting), round(10_000 * len(waiting) / len(rows))) == (45, 1525)
