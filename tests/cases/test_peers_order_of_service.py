"""In which order the suites serve, as they document it or test it themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AllocationPolicy,
    Backorder,
    ByList,
    ByOrderValue,
    ByPlaced,
    ByPriority,
    ByPromised,
    ByRequested,
    Chain,
    Demand,
    Fifo,
    Order,
    OrderLine,
    Priority,
    Promise,
    Ranked,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.model import LineId, OrderId, read_time
from backorderkit.policies.ranked import SortKey

NOW = read_time("2026-01-05")
DAY = timedelta(days=1)
ONE = LineId("1")
PRIORITY_THEN_DATE = Ranked(key=Chain(keys=[ByPriority(), ByRequested()]))


@attrs.frozen(kw_only=True)
class Wanted:
    """An order of one line; days count from the day of planning."""

    quantity: int
    placed: int = -5
    requested: int | None = None
    priority: int = 5
    price: str | None = None
    customer: str = ""
    sequence: int = 0

    def order(self, name: str) -> Order:
        line = OrderLine(
            id=ONE,
            sku=Sku("MUG"),
            ordered=self.quantity,
            requested=None if self.requested is None else NOW + self.requested * DAY,
            unit_price=None if self.price is None else Decimal(self.price),
            currency=None if self.price is None else "EUR",
        )
        return Order(
            id=OrderId(name),
            placed_at=NOW + self.placed * DAY,
            sequence=self.sequence,
            priority=self.priority,
            customer=self.customer,
            lines=[line],
        )


def allocated(policy: AllocationPolicy, stock: int, **wanted: Wanted) -> list[int]:
    """Say what each order has after planning from nothing, by name."""
    orders = [each.order(name) for name, each in wanted.items()]
    made = plan(Snapshot.of(as_of=NOW, stock={"MUG": stock}, orders=orders), policy=policy)
    return [line.allocated for line in made.lines]


def ranks(policy: AllocationPolicy, **wanted: Wanted) -> str:
    """Name the orders in the order in which the next unit makes them whole."""
    served: list[str] = []
    total = sum(each.quantity for each in wanted.values())
    for stock in range(1, total + 1):
        shares = allocated(policy, stock, **wanted)
        names = zip(sorted(wanted), shares, strict=True)
        served += [name for name, share in names if share and name not in served]
    return "".join(served)


def test_odoo_2_date_beats_sequence_and_priority_beats_date() -> None:
    """
    odoo addons/stock/tests/test_stock_flow.py, test_assign_qty_to_first_move.
    """
    first = Wanted(quantity=1, requested=1, sequence=20)
    later = Wanted(quantity=1, requested=2, sequence=10)
    urgent = Wanted(quantity=1, requested=3, sequence=30, priority=1)

    assert allocated(PRIORITY_THEN_DATE, 1, A=first, B=later) == [1, 0]
    assert allocated(PRIORITY_THEN_DATE, 1, A=first, B=later, C=urgent) == [0, 0, 1]


@pytest.mark.parametrize(
    ("urgent", "promised", "ahead"),
    [
        ((4,), [0, 0, 0, 20, 0], [20, 25, 28, 0, 48]),
        ((3, 4), [0, 0, 20, 0, 0], [40, 45, 0, 20, 48]),
        ((5,), [5, 0, 0, 0, 15], [15, 20, 23, 43, 0]),
    ],
    ids=["one", "two", "the last"],
)
def test_oca_4_the_urgent_jump_the_queue(
    urgent: tuple[int, ...], promised: list[int], ahead: list[int]
) -> None:
    """
    OCA wms, stock_available_to_promise_release, value_by_priority: what others want before.
    """
    quantities = [5, 3, 20, 20, 15]
    wanted = {
        f"O{n}": Wanted(quantity=quantity, priority=1 if n in urgent else 5, placed=n - 9)
        for n, quantity in enumerate(quantities, start=1)
    }

    def before(place: int) -> int:
        name = f"O{place + 1}"
        served = (
            stock
            for stock in range(sum(quantities))
            if allocated(Priority(), stock + 1, **wanted)[sorted(wanted).index(name)]
        )
        return next(served)

    assert allocated(Priority(), 20, **wanted) == promised
    assert [before(place) for place in range(5)] == ahead


BACKORDERS = st.lists(
    st.tuples(
        st.integers(1, 2), st.sampled_from([None, 3, 9]), st.integers(-3, -1), st.integers(0, 1)
    ),
    min_size=2,
    max_size=5,
)


@given(BACKORDERS, st.integers(0, 6))
def test_ofbiz_8_reservations_rank_by_priority_promise_time_and_sequence(
    drawn: list[tuple[int, int | None, int, int]], stock: int
) -> None:
    """
    OFBiz, reassignInventoryReservations: priority, currentPromisedDate, reservedDatetime, sequence.
    """
    orders, told = [], []
    for n, (priority, promised, placed, sequence) in enumerate(drawn):
        wanted = Wanted(quantity=2, priority=priority, placed=placed, sequence=sequence)
        orders.append(wanted.order(f"O{n}"))
        if promised is not None:
            told.append(memory(f"O{n}", promised))
    policy = Ranked(key=Chain(keys=[ByPriority(), ByPromised(backorders=told), ByPlaced()]))

    made = plan(Snapshot.of(as_of=NOW, stock={"MUG": stock}, orders=orders), policy=policy)

    never = 99
    keys = [
        (priority, promised or never, placed, sequence, n)
        for n, (priority, promised, placed, sequence) in enumerate(drawn)
    ]
    left, expected = stock, [0] * len(drawn)
    for *_, n in sorted(keys):
        expected[n] = min(left, 2)
        left -= expected[n]
    assert [line.allocated for line in made.lines] == expected


def memory(order: str, day: int) -> Backorder:
    promise = Promise(quantity=2, due=NOW + day * DAY, receipt=ReceiptId("PO"))
    return Backorder(
        order=OrderId(order), line=ONE, quantity=2, opened_at=NOW - DAY, promises=[promise]
    )


def test_oracle_28_revenue_then_the_earlier_date() -> None:
    """
    Oracle Fusion, demand priority rule "revenue descending, date ascending": priorities 10, 20, ...
    """
    rule = Ranked(key=Chain(keys=[ByOrderValue(currencies=["EUR"]), ByRequested()]))
    wanted = {
        "A": Wanted(quantity=5, price="100", requested=9),
        "B": Wanted(quantity=10, price="50", requested=7),
        "C": Wanted(quantity=1, price="900", requested=20),
        "D": Wanted(quantity=2, price="40", requested=1),
    }

    order = ranks(rule, **wanted)

    assert order == "CBAD"
    assert {name: 10 * place for place, name in enumerate(order, start=1)} == {
        "C": 10,
        "B": 20,
        "A": 30,
        "D": 40,
    }


def test_oracle_enumerated_values_rank_as_they_are_listed() -> None:
    """
    Oracle Fusion, demand priority rule with a value ranking; what is not listed comes last.
    """
    classes = ByList(of="customer", values=["strategic", "regular"])
    rule = Ranked(key=Chain(keys=[classes, ByRequested()]))

    order = ranks(
        rule,
        A=Wanted(quantity=1, customer="unknown", requested=1),
        B=Wanted(quantity=1, customer="regular", requested=2),
        C=Wanted(quantity=1, customer="strategic", requested=9),
        D=Wanted(quantity=1, customer="strategic", requested=8),
    )

    assert order == "DCBA"


@pytest.mark.parametrize(
    ("by", "order"),
    [("expected ship date", "CBA"), ("order priority", "BCA"), ("transaction date", "ABC")],
)
def test_netsuite_commits_by_ship_date_or_priority_or_transaction_date(
    by: Literal["expected ship date", "order priority", "transaction date"], order: str
) -> None:
    """
    NetSuite, commit orders: one of three; 1 is the highest priority, and decimals are allowed.

    Ours are whole, so 1, 1.5 and 2 become 2, 3 and 4 at the edge.
    """
    keys: dict[str, Callable[[Demand], SortKey]] = {
        "expected ship date": ByRequested(),
        "order priority": ByPriority(),
        "transaction date": ByPlaced(),
    }

    def whole(priority: str) -> int:
        return int(Decimal(priority) * 2)

    served = ranks(
        Ranked(key=keys[by]),
        A=Wanted(quantity=1, placed=-9, requested=9, priority=whole("2")),
        B=Wanted(quantity=1, placed=-8, requested=8, priority=whole("1")),
        C=Wanted(quantity=1, placed=-7, requested=7, priority=whole("1.5")),
    )

    assert served == order


def test_sap_37_rescheduling_serves_the_higher_delivery_priority() -> None:
    """
    SAP V_V2: everything is unconfirmed, then sorted by delivery priority, creation date, document.
    """
    older, urgent = Wanted(quantity=1, placed=-9), Wanted(quantity=1, priority=1, placed=-1)

    assert allocated(Fifo(), 1, A=older, B=urgent) == [1, 0]
    assert allocated(Priority(), 1, A=older, B=urgent) == [0, 1]


def test_38_rescheduling_by_date_serves_the_nearer_one() -> None:
    """
    Twenty pieces: the first order took all, for in two weeks; the second wants five now.
    """
    first, second = Wanted(quantity=20, requested=14), Wanted(quantity=5, placed=-1, requested=0)

    assert allocated(Fifo(), 20, A=first, B=second) == [20, 0]
    assert allocated(Ranked(key=ByRequested()), 20, A=first, B=second) == [15, 5]


def test_acctivate_43_sequential_by_date_and_the_other_way() -> None:
    old, new = Wanted(quantity=5, placed=-9), Wanted(quantity=2, placed=-1)

    assert allocated(Ranked(key=ByPlaced()), 5, A=old, B=new) == [5, 0]
    assert allocated(Ranked(key=ByPlaced(first="latest")), 5, A=old, B=new) == [3, 2]


def test_bigblue_52_priority_then_the_earliest_time_to_fulfil() -> None:
    order = ranks(
        PRIORITY_THEN_DATE,
        A=Wanted(quantity=1, requested=1, priority=3),
        B=Wanted(quantity=1, requested=9, priority=1),
        C=Wanted(quantity=1, requested=8, priority=1),
        D=Wanted(quantity=1, requested=2, priority=2),
    )

    assert order == "CBDA"


def test_oracle_retail_counts_backorder_priorities_upwards() -> None:
    """
    Oracle Retail order management: 9 first, 0 last, then the earliest entered; 10 - p at the edge.
    """
    order = ranks(
        Priority(),
        A=Wanted(quantity=1, placed=-9, priority=10 - 0),
        B=Wanted(quantity=1, placed=-1, priority=10 - 9),
        C=Wanted(quantity=1, placed=-2, priority=10 - 9),
    )

    assert order == "CBA"


def test_business_central_leaves_sixty_of_a_hundred_idle() -> None:
    """
    Reservation worksheet, by customer priority: a class that is not covered whole ends allocation.

    Its loop also ends for the items not looked at yet; here another SKU goes on.
    """
    wanted = {
        "A": Wanted(quantity=40, priority=1),
        "B": Wanted(quantity=70, priority=2),
        "C": Wanted(quantity=10, priority=3),
    }

    assert allocated(Priority(incomplete="stop"), 100, **wanted) == [40, 0, 0]
    assert allocated(Priority(), 100, **wanted) == [40, 60, 0]

    orders = [each.order(name) for name, each in wanted.items()]
    bowls = Order.of("D", NOW, {"BOWL": 3}, priority=9)
    book = Snapshot.of(as_of=NOW, stock={"BOWL": 3, "MUG": 100}, orders=[*orders, bowls])
    made = plan(book, policy=Priority(incomplete="stop"))
    assert [line.allocated for line in made.lines] == [40, 0, 0, 3]


def test_a_receipt_that_covers_the_class_is_promised_to_it() -> None:
    orders = [
        Wanted(quantity=70, priority=2).order("B"),
        Wanted(quantity=10, priority=3).order("C"),
    ]
    receipt = ScheduledReceipt(id=ReceiptId("PO"), sku=Sku("MUG"), quantity=75, due=NOW + 9 * DAY)
    book = Snapshot.of(as_of=NOW, orders=orders, receipts=[receipt])

    made = plan(book, policy=Priority(incomplete="stop"))

    assert [sum(each.quantity for each in line.promises) for line in made.lines] == [70, 0]
