"""Events become the next snapshot or book, as a plain model has it, or are refused whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    Adjusted,
    Allocated,
    Book,
    Cancelled,
    Event,
    Fact,
    Fifo,
    Held,
    Hold,
    HoldId,
    InvalidInputError,
    InvalidValueError,
    LineAdded,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    Placed,
    ReceiptId,
    Received,
    Released,
    Scheduled,
    ScheduledReceipt,
    Shipped,
    Sku,
    Snapshot,
    StockLevel,
    Transferred,
    Unheld,
    Unscheduled,
    apply,
    plan,
)
from backorderkit.testing import snapshots
from backorderkit.testing._naive import NoSuch, after
from backorderkit.testing.strategies import AS_OF

QUANTITIES = st.integers(min_value=1, max_value=4)
SKUS = st.sampled_from(["BOWL", "MUG", "MUG", "NONE"]).map(Sku)
PLACES = st.sampled_from(["EAST", "MAIN", "MAIN"]).map(Location)
ORDERS = st.sampled_from(["SO-8", "SO-9", "SO-10", "SO-0", "SO-1"]).map(OrderId)
LINES = st.sampled_from(["1", "1", "2"]).map(LineId)
RECEIPTS = st.sampled_from(["PO-9", "PO-10", "PO-0"]).map(ReceiptId)
HOLDS = st.sampled_from(["cart-9", "cart-10", "cart-0"]).map(HoldId)
NEW = st.builds(
    ScheduledReceipt,
    id=RECEIPTS,
    sku=SKUS,
    location=PLACES,
    quantity=QUANTITIES,
    due=st.sampled_from([AS_OF, AS_OF + timedelta(days=3)]),
)
ORDER = st.builds(
    lambda id_, wanted: Order.of(id_, "2026-01-03", wanted),
    ORDERS,
    st.dictionaries(SKUS.map(str), QUANTITIES, max_size=2),
)
MORE = OrderLine(id=LineId("2"), sku=Sku("MUG"), ordered=1)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Placed, order=ORDER),
    st.builds(Cancelled, order=ORDERS, line=LINES, quantity=QUANTITIES),
    st.builds(Released, order=ORDERS, line=LINES, location=PLACES, quantity=QUANTITIES),
    st.builds(Shipped, order=ORDERS, line=LINES, location=PLACES, quantity=QUANTITIES),
    st.builds(Scheduled, receipt=NEW),
    st.builds(Unscheduled, receipt=RECEIPTS),
    st.builds(
        Received,
        sku=SKUS,
        location=PLACES,
        quantity=QUANTITIES,
        receipt=st.none() | RECEIPTS,
    ),
    st.builds(
        Adjusted,
        sku=SKUS,
        location=PLACES,
        quantity=st.integers(-4, 4).filter(bool),
        reason=st.just("count"),
    ),
    st.builds(
        Transferred,
        sku=SKUS,
        origin=st.just(Location("EAST")),
        destination=st.just(Location("MAIN")),
        quantity=QUANTITIES,
    ),
    st.builds(
        LineAdded,
        order=ORDERS,
        line=st.builds(
            OrderLine,
            id=st.sampled_from(["1", "2", "3"]).map(LineId),
            sku=SKUS,
            location=st.none() | PLACES,
            ordered=QUANTITIES,
            placed_at=st.sampled_from([None, AS_OF - timedelta(days=2), AS_OF]),
        ),
    ),
    st.builds(
        Held,
        hold=st.builds(
            Hold,
            id=HOLDS,
            sku=SKUS,
            location=PLACES,
            quantity=QUANTITIES,
            expires_at=st.sampled_from([AS_OF, AS_OF + timedelta(days=3)]),
        ),
    ),
    st.builds(Unheld, hold=HOLDS, sku=SKUS, location=PLACES),
)


def outcome(make: Callable[[], Snapshot]) -> Snapshot | None:
    try:
        return make()
    except (InvalidInputError, InvalidValueError, NoSuch, KeyError):
        return None


def applied(book: Book, event: Event) -> Snapshot:
    return apply(book, [event]).snapshot


@given(snapshots(), st.lists(EVENTS, max_size=6))
def test_one_after_another_and_all_at_once(snapshot: Snapshot, events: list[Event]) -> None:
    book, taken = snapshot, list[Event]()
    for event in events:
        expected = outcome(partial(after, event, book))
        assert outcome(partial(apply, book, [event])) == expected
        assert outcome(partial(applied, Book.of(book), event)) == expected
        if expected is not None:
            taken.append(event)
            book = expected

    assert apply(snapshot, taken) == book
    assert apply(Book.of(snapshot), taken).snapshot == book


@given(snapshots(), st.lists(EVENTS, max_size=4))
def test_a_book_after_events_plans_as_its_snapshot(snapshot: Snapshot, events: list[Event]) -> None:
    book = Book.of(plan(snapshot, policy=Fifo()).outcome)
    for event in events:
        before = book
        try:
            book = apply(book, [event])
        except InvalidInputError:
            assert book is before

    assert plan(book, policy=Fifo()).changes == plan(book.snapshot, policy=Fifo()).changes


@given(snapshots())
def test_shipping_all_that_is_allocated_changes_nothing_for_anybody(snapshot: Snapshot) -> None:
    planned = plan(snapshot, policy=Fifo()).outcome
    shipped = [
        Shipped(order=each.order, line=each.line, location=each.location, quantity=each.quantity)
        for each in planned.allocations
    ]

    gone = apply(planned, shipped)

    assert gone.allocations == ()
    assert plan(gone, policy=Fifo()).changes == ()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            Released(order=OrderId("A"), line=LineId("1"), quantity=3),
            "changes[0].quantity: got 3, must fit the 2 that are allocated to it there"
            " (order A, line 1, SKU MUG, location MAIN)",
        ),
        (
            Shipped(order=OrderId("A"), line=LineId("9"), quantity=1),
            "changes[0].line: got '9', must name an existing order line (order A, line 9)",
        ),
        (
            Cancelled(order=OrderId("A"), line=LineId("1"), quantity=4),
            "changes[0].quantity: got 4, must fit the 3 that the line waits for"
            " (order A, line 1, SKU MUG)",
        ),
        (
            Placed(order=Order.of("A", "2026-01-03", {"MUG": 1})),
            "changes[0].order: got 'A', must not be the id of an order that is there (order A)",
        ),
        (
            LineAdded(order=OrderId("B"), line=MORE),
            "changes[0].order: got 'B', must name an existing order (order B, line 2, SKU MUG)",
        ),
        (
            LineAdded(order=OrderId("A"), line=attrs.evolve(MORE, id=LineId("1"))),
            "changes[0].id: got '1', must be unique in its order (order A, line 1, SKU MUG)",
        ),
        (
            LineAdded(
                order=OrderId("A"), line=attrs.evolve(MORE, placed_at=AS_OF - timedelta(days=9))
            ),
            "changes[0].placed_at: got '2026-01-02T00:00:00Z', must be <= that of its line 2"
            " (order A, line 2, SKU MUG)",
        ),
        (
            Unscheduled(receipt=ReceiptId("PO-9")),
            "changes[0].receipt: got 'PO-9', must name a scheduled receipt (receipt PO-9)",
        ),
        (
            Received(sku=Sku("MUG"), quantity=1, receipt=ReceiptId("PO-9")),
            "changes[0].receipt: got 'PO-9', must name a scheduled receipt of the SKU"
            " (SKU MUG, location MAIN)",
        ),
        (
            Adjusted(sku=Sku("MUG"), quantity=-1, reason="lost"),
            "changes[0].quantity: got 1, must fit the 0 that are unallocated there"
            " (SKU MUG, location MAIN)",
        ),
        (
            Adjusted(sku=Sku("MUG"), quantity=2**63 - 1, reason="found"),
            "changes[0].quantity: got 9223372036854775807, on hand must be < 2**63"
            " (SKU MUG, location MAIN)",
        ),
        (
            Transferred(
                sku=Sku("MUG"),
                origin=Location("EAST"),
                destination=Location("MAIN"),
                quantity=1,
            ),
            "changes[0].quantity: got 1, must fit the 0 that are unallocated there"
            " (SKU MUG, location EAST)",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_does_not_fit_is_named(event: Event, expected: str) -> None:
    snapshot = plan(
        Snapshot.of(
            as_of="2026-01-05", stock={"MUG": 2}, orders=[Order.of("A", "2026-01-02", {"MUG": 5})]
        ),
        policy=Fifo(),
    ).outcome

    for source in (snapshot, Book.of(snapshot)):
        with pytest.raises(InvalidInputError) as caught:
            apply(source, [event])
        assert [str(problem) for problem in caught.value.exceptions] == [expected]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Placed(order="A"),  # type: ignore[arg-type]
        lambda: Scheduled(receipt="PO-1"),  # type: ignore[arg-type]
        lambda: Adjusted(sku=Sku("MUG"), quantity=0, reason="count"),
        lambda: Adjusted(sku=Sku("MUG"), quantity=1, reason=""),
        lambda: Received(sku=Sku("MUG"), quantity=0),
        lambda: Unscheduled(receipt=ReceiptId("")),
        lambda: Transferred(
            sku=Sku("MUG"), origin=Location("A"), destination=Location("A"), quantity=1
        ),
        lambda: Cancelled(order=OrderId("A"), line=LineId("1"), quantity=0),
        lambda: LineAdded(order=OrderId(""), line=MORE),
        lambda: LineAdded(order=OrderId("A"), line=LineId("2")),  # type: ignore[arg-type]
        lambda: Shipped(order=OrderId(""), line=LineId("1"), quantity=1),
    ],
)
def test_an_event_that_means_nothing_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        make()


def test_a_day_of_events() -> None:
    mug, main, east = Sku("MUG"), Location("MAIN"), Location("EAST")
    first, second = Order.of("A", "2026-01-02", {"MUG": 5}), Order.of("B", "2026-01-03", {"MUG": 1})
    coming = ScheduledReceipt(id=ReceiptId("PO"), sku=mug, quantity=4, due=AS_OF)
    a, one = OrderId("A"), LineId("1")
    snapshot = Snapshot.of(as_of="2026-01-05", stock={("MUG", "EAST"): 3})
    facts: list[Fact] = [
        Placed(order=first),
        Placed(order=second),
        Scheduled(receipt=coming),
        Scheduled(receipt=attrs.evolve(coming, quantity=6)),
        Transferred(sku=mug, origin=east, destination=main, quantity=2),
        Allocated(order=a, line=one, location=main, quantity=2),
        Released(order=a, line=one, location=main, quantity=1),
        Shipped(order=a, line=one, location=main, quantity=1),
        Cancelled(order=a, line=one, quantity=1),
        Received(sku=mug, quantity=6, receipt=ReceiptId("PO")),
        Unscheduled(receipt=ReceiptId("PO")),
        Adjusted(sku=mug, location=east, quantity=-1, reason="broken"),
    ]

    for later in (apply(snapshot, facts), apply(Book.of(snapshot), facts).snapshot):
        assert later.stock == (
            StockLevel(sku=mug, location=east, on_hand=0),
            StockLevel(sku=mug, location=main, on_hand=7),
        )
        line = later.line(OrderId("A"), LineId("1")).line
        assert (line.ordered, line.shipped, line.cancelled) == (5, 1, 1)
        assert (later.orders[1], later.receipts, later.allocations) == (second, (), ())


def test_applying_an_event_leaves_the_rest_as_it_is() -> None:
    snapshot = Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": 2, "BOWL": 1},
        orders=[Order.of("A", "2026-01-02", {"MUG": 5}), Order.of("B", "2026-01-02", {"BOWL": 5})],
    )

    later = apply(snapshot, [Adjusted(sku=Sku("MUG"), quantity=1, reason="count")])

    assert later.orders is snapshot.orders
    assert later.stock[0] is snapshot.stock[0]
    assert attrs.evolve(later, stock=snapshot.stock) == snapshot
