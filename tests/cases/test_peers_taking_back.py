"""Units taken from one order for another, as the peers do it or test it themselves."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AdjustStock,
    Fifo,
    KeepPromises,
    LineId,
    Order,
    OrderId,
    OrderLine,
    Priority,
    Promise,
    ReceiptId,
    ScheduledReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    answer,
    plan,
)
from backorderkit.model import read_time
from backorderkit.policies import Frozen
from backorderkit.promising import displace

NOW = read_time("2026-03-02")
DAY = timedelta(days=1)
ONE = LineId("1")
A, B = OrderId("A"), OrderId("B")


def order(name: str, units: int, *, placed: int = 1, due: int = 10, priority: int = 5) -> Order:
    line = OrderLine(id=ONE, sku=Sku("MUG"), ordered=units, requested=NOW + due * DAY)
    return Order.of(name, f"2026-02-{placed:02d}", [line], priority=priority)


def shop(on_hand: int, *orders: Order, receipts: tuple[ScheduledReceipt, ...] = ()) -> Snapshot:
    start = Snapshot.of(as_of=NOW, stock={"MUG": on_hand}, orders=orders, receipts=receipts)
    return plan(start, policy=Fifo()).outcome


def held(book: Snapshot) -> dict[str, int]:
    return {order.id: book.line(order.id, ONE).allocated for order in book.orders}


def test_odoo_a_forced_shipment_takes_what_another_has_reserved() -> None:
    """
    One is there and A has it; B is shipped all the same, and A has nothing.

    odoo, addons/stock/tests/test_move.py, `test_use_unreserved_move_line_1`.
    """
    start = shop(1, order("A", 1), order("B", 1, placed=2))

    taken = displace(start, B, ONE, policy=Fifo()).outcome
    shipped = answer(taken, ShipOrder(order=B), policy=Fifo()).outcome

    assert held(shipped) == {"A": 0, "B": 0}
    assert shipped.position(Sku("MUG")).on_hand == 0


def test_odoo_so_does_one_of_all_that_is_there() -> None:
    """
    Thirty are there, fifteen for each; B ships thirty, and A has nothing.

    odoo, addons/stock/tests/test_move.py, `test_availability_4`.  Here B must want them.
    """
    start = shop(30, order("A", 15), order("B", 30, placed=2))
    assert held(start) == {"A": 15, "B": 15}

    assert held(displace(start, B, ONE, policy=Fifo()).outcome) == {"A": 0, "B": 30}


def test_odoo_the_newer_gives_first() -> None:
    """
    Five are there for 2 and then 3; two go to a new need, and the newer keeps one.

    odoo, addons/stock/tests/test_move.py, `test_free_reservation`, where two are scrapped.
    """
    start = shop(5, order("D2", 2), order("D3", 3, placed=2), order("NEW", 2, placed=3))

    found = displace(start, OrderId("NEW"), ONE, policy=Fifo(), victims="youngest")
    scrap = AdjustStock(sku=Sku("MUG"), quantity=-2, reason="scrap")

    assert held(found.outcome) == {"D2": 2, "D3": 1, "NEW": 2}
    assert held(answer(start, scrap, policy=Fifo()).outcome) == {"D2": 2, "D3": 1, "NEW": 0}


def test_metasfresh_a_reservation_goes_before_an_earlier_date() -> None:
    """
    Ten are there; A wants ten by the 5th, B ten by the 15th.  They are reserved for B.

    metasfresh, features/qtyReservation/qtyReservation.feature, S_QtyRes_*: A 10, B 0
    and then A 0, B 10.
    """
    start = shop(10, order("A", 10, due=3), order("B", 10, due=13))
    assert held(start) == {"A": 10, "B": 0}

    found = displace(start, B, ONE, policy=Fifo(), units=10)

    assert held(found.outcome) == {"A": 0, "B": 10}
    assert found.victims[0].lost == 10


def test_ofbiz_a_privileged_order_goes_first_and_what_is_picked_stays() -> None:
    """
    A reservation is done again by priority, date and sequence, but for what is on a picklist.

    OFBiz, reassigning of reservations: sorted by priority, currentPromisedDate,
    reservedDatetime and sequenceId, those on a picklist untouched, a privileged order
    first.  It has no numeric test, so the numbers are our own.
    """
    orders = [order("A", 4, priority=5), order("B", 4, priority=9), order("VIP", 8, placed=3)]
    start = shop(8, *orders)
    picked = Frozen(lines=[(B, ONE)])

    found = displace(start, OrderId("VIP"), ONE, policy=Fifo(), frozen=picked)

    assert held(found.outcome) == {"A": 0, "B": 4, "VIP": 4}
    assert found.shortage == 4


@given(
    lines=st.lists(
        st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9)), min_size=2, max_size=6
    ),
    on_hand=st.integers(0, 20),
    picked=st.integers(0, 5),
)
def test_ofbiz_those_that_are_not_picked_give_in_the_opposite_order_of_service(
    lines: list[tuple[int, int, int]], on_hand: int, picked: int
) -> None:
    """As a property: whoever gives has nothing left before one who goes before gives."""
    orders = [
        order(f"SO-{n}", units, priority=priority, placed=placed)
        for n, (units, priority, placed) in enumerate(lines)
    ]
    target, *_ = orders
    policy = Priority()
    start = plan(
        Snapshot.of(as_of=NOW, stock={"MUG": on_hand}, orders=orders), policy=policy
    ).outcome
    frozen = Frozen(orders=[each.id for each in orders[1 : 1 + picked : 2]])

    found = displace(start, target.id, ONE, policy=policy, frozen=frozen)

    before, after = held(start), held(found.outcome)
    rank = {each.id: (each.priority, each.placed_at, each.id) for each in orders}
    may = [each.id for each in orders[1:] if each.id not in frozen.orders and before[each.id]]
    gave = [name for name in may if after[name] < before[name]]
    assert [each.order for each in found.victims] == sorted(gave, key=rank.__getitem__)[::-1]
    for name in gave[:]:
        assert all(not after[other] for other in may if rank[other] > rank[name])
    assert all(after[name] == before[name] for name in frozen.orders if name != target.id)


def test_netsuite_donors_have_minimal_effect_on_other_orders() -> None:
    """
    Of two orders that have what the rush order needs, the one gives that is replaced in time.

    NetSuite, Supply Allocation, "Reallocate Order Item": it recommends donors "designed to
    have minimal effect on other orders"; no numbers are published, so these are our own.
    """
    po = ScheduledReceipt(id=ReceiptId("PO-1"), sku=Sku("MUG"), quantity=5, due=NOW + 4 * DAY)
    # The younger and less urgent one is due before the replacement comes.
    orders = [
        order("SLACK", 5, due=9, priority=3),
        order("TIGHT", 5, placed=2, due=1, priority=9),
        order("RUSH", 5, placed=3, due=0, priority=1),
    ]
    start = shop(10, *orders, receipts=(po,))

    plain = displace(start, OrderId("RUSH"), ONE, policy=Fifo())
    least = displace(start, OrderId("RUSH"), ONE, policy=Fifo(), victims="least-disturbing")

    assert [each.order for each in plain.victims] == ["TIGHT"]
    assert [slip.missed for slip in plain.victims[0].slips] == [True]
    (victim,) = least.victims
    assert (victim.order, victim.days_later) == ("SLACK", 4)
    assert victim.promises == (Promise(quantity=5, due=po.due, receipt=po.id),)
    assert not any(slip.missed for slip in victim.slips)


def test_a_rush_order_by_a_day_takes_a_promise_and_keeps_it() -> None:
    """Where promises are kept, the one who gave up a promise is told the next one."""
    receipts = tuple(
        ScheduledReceipt(id=ReceiptId(f"PO-{n}"), sku=Sku("MUG"), quantity=5, due=NOW + n * DAY)
        for n in (3, 6)
    )
    policy = KeepPromises(Fifo())
    start = Snapshot.of(
        as_of=NOW, orders=[order("A", 5), order("B", 5, placed=2)], receipts=receipts
    )

    found = displace(plan(start, policy=policy).outcome, B, ONE, policy=policy, by=NOW + 3 * DAY)

    assert [each.receipt for each in found.target.promises] == ["PO-3"]
    assert [each.receipt for each in found.victims[0].promises] == ["PO-6"]
