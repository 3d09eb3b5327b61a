"""A prepared book: what it takes, what it refuses, what it shares."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import attrs
import pytest

from backorderkit import (
    Allocation,
    Backordered,
    Book,
    Fifo,
    InvalidInputError,
    InvalidValueError,
    Item,
    LineId,
    Order,
    OrderId,
    ReceiptId,
    Sku,
    Snapshot,
    StockLevel,
    apply,
    plan,
)
from tests.planning.books import AS_OF, book, held, opened, order, receipt, stock

MUG = Sku("MUG")


def test_a_book_stays_as_it_is_when_events_come() -> None:
    before = Book.of(book(orders=[order("A", 5)]))

    after = before.with_stock(StockLevel(sku=MUG, on_hand=3))

    assert plan(before, policy=Fifo()).lines[0].allocated == 0
    assert plan(after, policy=Fifo()).lines[0].allocated == 3


def test_a_book_moves_in_time() -> None:
    later = AS_OF.replace(day=20)

    assert Book.of(book()).at(later).snapshot.as_of == later
    with pytest.raises(InvalidValueError, match="as_of: got nothing, must be a datetime"):
        Book.of(book()).at(None)  # type: ignore[arg-type]


def test_what_is_not_what_it_must_be_is_refused_by_name() -> None:
    prepared = Book.of(book())

    with pytest.raises(InvalidValueError, match="snapshot: got 5, must be a Snapshot"):
        Book.of(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="order: got 5, must be an Order"):
        prepared.with_order(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="level: got 5, must be a StockLevel"):
        prepared.with_stock(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="receipt: got 5, must be a ScheduledReceipt"):
        prepared.with_receipt(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="snapshot: got 5, must be a Snapshot or Book"):
        plan(5, policy=Fifo())  # type: ignore[arg-type]


@pytest.mark.parametrize("skus", ["MUG", 5, [5], [""]])
def test_skus_are_a_collection_of_ids(skus: object) -> None:
    with pytest.raises(InvalidValueError, match="skus: got"):
        plan(book(), policy=Fifo(), skus=skus)  # type: ignore[arg-type]


def test_a_sku_that_nobody_knows_has_no_lines() -> None:
    made = plan(Book.of(book(orders=[order("A", 5)])), policy=Fifo(), skus=["BOWL"])

    assert (made.lines, made.changes) == ((), ())
    assert plan(book(orders=[order("A", 5)]), policy=Fifo(), skus=[]).lines == ()


def test_unknown_items_are_refused() -> None:
    snapshot = attrs.evolve(book(), items=[Item(sku=Sku("BOWL"))])
    prepared = Book.of(snapshot)

    events: list[Callable[[], Book]] = [
        lambda: prepared.with_order(order("A", 5)),
        lambda: prepared.with_stock(StockLevel(sku=MUG, on_hand=1)),
        lambda: prepared.with_receipt(receipt("R", 1, "2026-01-09")),
    ]
    for event in events:
        with pytest.raises(InvalidInputError) as caught:
            event()
        assert "must be one of the items" in str(caught.value.exceptions[0])


def test_an_order_may_not_shrink_below_what_it_holds() -> None:
    prepared = Book.of(book([stock(5)], [order("A", 5)], allocations=[held("A", 4)]))

    with pytest.raises(InvalidInputError) as caught:
        prepared.with_order(order("A", 5, cancelled=2))

    assert "must fit the line: 4 allocated of 3 outstanding" in str(caught.value.exceptions[0])


CLOSING = (Backordered(order=OrderId("A"), line=LineId("1"), quantity=0),)


def test_what_is_remembered_of_a_line_that_goes_is_closed_by_the_plan_of_its_sku() -> None:
    told = opened("A", 5)
    prepared = Book.of(book(orders=[order("A", 5)], backorders=[told]))

    gone = prepared.with_order(Order.of("A", "2026-01-02", []))
    closing = plan(gone, policy=Fifo(), skus=gone.skus_of(OrderId("A"))).changes

    assert closing == plan(gone, policy=Fifo()).changes == CLOSING
    assert plan(gone, policy=Fifo(), skus=["BOWL"]).changes == ()
    assert apply(gone, closing).snapshot.backorders == ()
    assert gone.skus_of(OrderId("A")) == {MUG}
    assert apply(gone, closing).skus_of(OrderId("A")) == frozenset()
    assert gone.with_order(order("A", 5)).snapshot == prepared.snapshot


def test_what_is_remembered_of_a_line_that_was_never_there_waits_for_a_plan_of_everything() -> None:
    prepared = Book.of(book(orders=[order("B", 5)], backorders=[opened("A", 5)]))

    scoped = plan(prepared, policy=Fifo(), skus=["MUG"]).changes
    whole = plan(prepared, policy=Fifo()).changes

    assert CLOSING[0] in whole
    assert CLOSING[0] not in scoped
    assert (
        apply(prepared, whole).snapshot.backorders
        == plan(prepared.snapshot, policy=Fifo()).outcome.backorders
    )
    assert prepared.with_order(order("A", 5)).snapshot.backorders == (opened("A", 5),)


def test_what_is_remembered_follows_a_line_to_another_sku_and_back() -> None:
    prepared = Book.of(book(orders=[order("A", 5)], backorders=[opened("A", 5)]))
    bowls = Order.of("A", "2026-01-02", {"BOWL": 5})

    moved = prepared.with_order(Order.of("A", "2026-01-02", [])).with_order(bowls)

    assert moved.snapshot.backorders == (opened("A", 5),)
    assert plan(moved, policy=Fifo(), skus=["MUG"]).changes == ()
    assert plan(moved, policy=Fifo(), skus=["BOWL"]).changes == ()
    assert moved.with_order(order("A", 5)).snapshot == prepared.snapshot


def test_ids_are_ids() -> None:
    prepared = Book.of(book())

    asks: list[Callable[[Any], object]] = [prepared.without_receipt, prepared.skus_of]
    bad: list[Any] = [None, 5, [], ""]
    for ask, id_ in product(asks, bad):
        with pytest.raises(InvalidValueError, match="must be a non-empty string"):
            ask(id_)
    for skus in (None, 5, "MUG", [5]):
        with pytest.raises(InvalidValueError, match="skus: got"):
            prepared.part(skus)  # type: ignore[arg-type]


def test_a_part_takes_any_iterable() -> None:
    items = [Item(sku=MUG), Item(sku=Sku("BOWL"))]
    prepared = Book.of(book([stock(5)], items=items))

    part = prepared.part(sku for sku in [MUG])

    assert (part.items, part.stock) == ((items[0],), (stock(5),))


def test_units_follow_a_line_to_another_sku_if_they_are_there() -> None:
    snapshot = Snapshot.of(
        as_of=AS_OF,
        stock={"MUG": 5, "BOWL": 2},
        orders=[order("A", 5)],
        allocations=[held("A", 2)],
    )
    prepared = Book.of(snapshot)
    bowls = Order.of("A", "2026-01-02", {"BOWL": 5})

    assert prepared.with_order(bowls).snapshot == attrs.evolve(snapshot, orders=[bowls])
    few = prepared.with_stock(StockLevel(sku=Sku("BOWL"), on_hand=1))
    with pytest.raises(InvalidInputError):
        few.with_order(bowls)


def test_a_receipt_may_move_to_another_sku_and_go() -> None:
    first = receipt("R", 5, "2026-01-09")
    prepared = Book.of(book(receipts=[first]))

    moved = prepared.with_receipt(attrs.evolve(first, sku=Sku("BOWL")))

    assert [each.sku for each in moved.snapshot.receipts] == ["BOWL"]
    assert moved.without_receipt(ReceiptId("R")).snapshot.receipts == ()
    assert moved.without_receipt(ReceiptId("S")) is moved


def test_changes_that_do_not_fit_a_book_are_refused_with_their_places() -> None:
    prepared = Book.of(book(orders=[order("A", 5)]))

    with pytest.raises(InvalidInputError) as caught:
        apply(prepared, [Backordered(order=OrderId("Z"), line=LineId("1"), quantity=1), 5])  # type: ignore[list-item]

    paths = [str(problem).partition(": got")[0] for problem in caught.value.exceptions]
    assert paths == ["changes[0].line", "changes[1]"]


def test_what_is_shipped_leaves_the_order_and_then_the_stock() -> None:
    prepared = Book.of(book([stock(5)], [order("A", 5)], allocations=[held("A", 4)]))
    shipped = order("A", 5, shipped=3)

    after = prepared.with_order(shipped, allocations=[held("A", 1)]).with_stock(stock(2))

    assert after.snapshot == book([stock(2)], [shipped], allocations=[held("A", 1)])
    assert prepared.with_order(order("A", 5, shipped=5), allocations=[]).snapshot.allocations == ()


@pytest.mark.parametrize(
    ("allocations", "expected"),
    [
        ([held("A", 6)], "must fit the line: 6 allocated of 5 outstanding"),
        ([held("A", 5)], "must fit the stock: 5 allocated of 4 on hand"),
        ([held("A", 1, at="EAST")], "must fit the stock: 1 allocated of 0 on hand"),
        ([held("A", 1), held("A", 2)], "must be unique per order line"),
    ],
)
def test_what_an_order_holds_must_fit(allocations: list[Allocation], expected: str) -> None:
    prepared = Book.of(book([stock(4)], [order("A", 5)]))

    with pytest.raises(InvalidInputError) as caught:
        prepared.with_order(order("A", 5), allocations=allocations)

    assert expected in str(caught.value.exceptions[0])


def test_what_an_order_holds_is_its_own() -> None:
    prepared = Book.of(book([stock(4)], [order("A", 5), order("B", 5)]))

    with pytest.raises(InvalidValueError, match=r"allocations\[1\]\.order: got 'B', must be A"):
        prepared.with_order(order("A", 5), allocations=[held("A", 1), held("B", 1)])
    with pytest.raises(InvalidValueError, match=r"allocations\[0\]: got 5, must be an Allocation"):
        prepared.with_order(order("A", 5), allocations=[5])  # type: ignore[list-item]
    with pytest.raises(InvalidValueError, match="allocations: got 5, must be an iterable"):
        prepared.with_order(order("A", 5), allocations=5)  # type: ignore[arg-type]
