"""What commands come to: events, what the waiting get by them, and refusals."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import attrs
import pytest

from backorderkit import (
    AddLine,
    AdjustStock,
    AllocationPolicy,
    Answer,
    Book,
    CancelOrder,
    CancelReceipt,
    Command,
    Demand,
    Expire,
    FairShare,
    Fifo,
    InvalidInputError,
    InvalidValueError,
    Item,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    PlaceOrders,
    Priority,
    Promised,
    ReceiptId,
    ReceiveReceipt,
    ReceiveStock,
    Released,
    ReleaseOrder,
    Replan,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    TransferStock,
    answer,
    apply,
    plan,
)
from backorderkit.commands import Shortfall
from tests.planning.books import AS_OF, book, held, opened, order, promise, receipt, stock

MUG = Sku("MUG")
ONE = LineId("1")


def ask(snapshot: Snapshot, command: Command) -> Answer[Snapshot]:
    """Answer for a snapshot, and see that a prepared book has the same answer."""
    found = answer(snapshot, command, policy=Fifo())
    prepared = answer(Book.of(snapshot), command, policy=Fifo())
    assert prepared.changes == found.changes
    assert prepared.refusal == found.refusal
    assert prepared.outcome.snapshot == found.outcome == apply(snapshot, found.changes)
    return found


def told(found: Answer[Snapshot]) -> list[tuple[object, ...]]:
    """Give changes in short."""
    short: list[tuple[object, ...]] = []
    for change in found.changes:
        name = getattr(change, "order", getattr(change, "sku", None))
        short.append((type(change).__name__, name, getattr(change, "quantity", None)))
    return short


def planned(snapshot: Snapshot) -> Snapshot:
    return plan(snapshot, policy=Fifo()).outcome


WAITING = planned(book([stock(4)], [order("A", 3), order("B", 3)]))
"""A has its 3, B has 1 and waits for 2."""


def test_a_placed_order_takes_what_is_there_and_waits_for_the_rest() -> None:
    snapshot = book([stock(3)], receipts=[receipt("PO", 4, "2026-01-12")])

    found = ask(snapshot, PlaceOrder(order=order("A", 5)))

    assert found.accepted
    assert [type(change).__name__ for change in found.changes] == [
        *("Placed", "Allocated", "Backordered", "Promised")
    ]


def test_a_placed_order_takes_nothing_from_who_waits() -> None:
    found = ask(WAITING, PlaceOrder(order=order("C", 1)))

    assert told(found)[1:] == [("Backordered", "C", 1)]


@pytest.mark.parametrize(
    ("command", "freed"),
    [
        (ReceiveStock(sku=MUG, quantity=2), [("Received", MUG, 2)]),
        (
            ReceiveReceipt(receipt=ReceiptId("PO")),
            [("Received", MUG, 2), ("Unscheduled", None, None)],
        ),
        (
            AdjustStock(sku=MUG, quantity=2, reason="found"),
            [("Adjusted", MUG, 2)],
        ),
        (
            TransferStock(
                sku=MUG, origin=Location("SHOP"), destination=Location("MAIN"), quantity=2
            ),
            [("Transferred", MUG, 2)],
        ),
        (
            CancelOrder(order=OrderId("A"), line=ONE, quantity=2),
            [("Released", "A", 2), ("Cancelled", "A", 2)],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_frees_supply_serves_the_waiting(
    command: Command, freed: list[tuple[object, ...]]
) -> None:
    snapshot = planned(
        book(
            [stock(4), stock(2, at="SHOP")],
            [order("A", 3, location="MAIN"), order("B", 3, location="MAIN")],
            receipts=[receipt("PO", 2, "2026-01-12")],
        )
    )

    found = ask(snapshot, command)

    assert told(found) == [*freed, ("Allocated", "B", 2), ("Backordered", "B", 0)]


def test_less_is_taken_from_what_waits_before_what_is_allocated() -> None:
    found = ask(WAITING, CancelOrder(order=OrderId("B"), line=ONE, quantity=3))

    assert told(found) == [
        *(("Released", "B", 1), ("Cancelled", "B", 3)),
        ("Backordered", "B", 0),
    ]
    some = ask(WAITING, CancelOrder(order=OrderId("B"), line=ONE, quantity=1))
    assert told(some) == [("Cancelled", "B", 1), ("Backordered", "B", 1)]


def more(
    quantity: int, *, id_: str = "2", sku: Sku = MUG, placed_at: datetime | None = None
) -> OrderLine:
    return OrderLine(id=LineId(id_), sku=sku, ordered=quantity, placed_at=placed_at)


def test_more_waits_behind_who_has_waited_till_now() -> None:
    added = ask(WAITING, AddLine(order=OrderId("A"), line=more(2)))
    last = ask(added.outcome, PlaceOrder(order=Order.of("C", AS_OF, {"MUG": 1})))

    came = ask(last.outcome, ReceiveStock(sku=MUG, quantity=4))

    assert told(added) == [("LineAdded", "A", None), ("Backordered", "A", 2)]
    assert added.outcome.line(OrderId("A"), LineId("2")).line.placed_at == AS_OF
    # B waited before; A's two more came before C, though not before A's own time.
    assert [(each.order, each.line) for each in last.outcome.backorders] == [
        *(("A", "2"), ("B", "1"), ("C", "1"))
    ]
    assert told(came)[1:] == [
        *(("Allocated", "A", 2), ("Backordered", "A", 0)),
        *(("Allocated", "B", 2), ("Backordered", "B", 0)),
    ]


def test_what_is_added_takes_the_place_that_the_host_says() -> None:
    line = more(2, placed_at=WAITING.orders[0].placed_at)

    added = ask(WAITING, AddLine(order=OrderId("A"), line=line))
    came = ask(added.outcome, ReceiveStock(sku=MUG, quantity=2))

    assert told(came)[1:] == [("Allocated", "A", 2), ("Backordered", "A", 0)]


def test_an_order_from_the_future_has_no_line_before_it() -> None:
    later = AS_OF + timedelta(days=1)
    snapshot = book(orders=[Order.of("A", later, {"MUG": 1})])

    added = ask(planned(snapshot), AddLine(order=OrderId("A"), line=more(1)))

    assert added.outcome.line(OrderId("A"), LineId("2")).line.placed_at == later


def test_an_order_takes_what_it_did_not_have() -> None:
    bowl = Sku("BOWL")
    snapshot = planned(book({"MUG": 1, "BOWL": 3}, [order("A", 1)]))

    added = ask(snapshot, AddLine(order=OrderId("A"), line=more(2, sku=bowl)))
    shipped = ask(added.outcome, ShipOrder(order=OrderId("A")))

    assert told(added) == [("LineAdded", "A", None), ("Allocated", "A", 2)]
    assert [line.shipped for line in shipped.outcome.orders[0].lines] == [1, 2]


def test_a_new_line_knows_nothing_of_an_old_one_of_its_id() -> None:
    memory = attrs.evolve(opened("A", 3, at="2020-01-01"), line=LineId("2"))
    snapshot = book([], [order("A", 1, shipped=1)], backorders=[memory])

    after = ask(snapshot, AddLine(order=OrderId("A"), line=more(2))).outcome

    assert [each.opened_at for each in after.backorders] == [AS_OF]


@pytest.mark.parametrize(
    ("item", "shortfall", "max_wait", "rule", "why"),
    [
        (Item(sku=MUG, backorders="deny"), "backorder", None, "deny", "may not be backordered"),
        (Item(sku=MUG, backorder_limit=3), "backorder", None, "limit", "4 would be on backorder"),
        (Item(sku=MUG), "refuse", None, "whole", "the line wants all or nothing"),
        (Item(sku=MUG), "drop", None, "nothing", "nothing is left of a line that drops"),
        (Item(sku=MUG), "backorder", timedelta(7), "wait", "2 would wait longer than 7 days"),
    ],
)
def test_what_is_added_is_refused_as_an_order_is(
    item: Item, shortfall: Shortfall, max_wait: timedelta | None, rule: str, why: str
) -> None:
    snapshot = planned(book([stock(4)], [order("A", 3), order("B", 3)], items=[item]))

    found = ask(
        snapshot,
        AddLine(order=OrderId("A"), line=more(2), shortfall=shortfall, max_wait=max_wait),
    )

    assert [(each.order, each.line, each.rule) for each in found.refusal] == [("A", "2", rule)]
    assert why in found.refusal[0].reason
    assert found.outcome == snapshot


def test_what_is_wanted_no_more_is_cancelled_as_far_as_it_waits() -> None:
    def wanted_till(id_: str, ordered: int, till: datetime, sku: Sku = MUG) -> Order:
        line = OrderLine(id=ONE, sku=sku, ordered=ordered, cancel_after=till)
        return Order.of(id_, "2026-01-02", [line])

    second = timedelta(seconds=1)
    orders = [
        wanted_till("A", 3, AS_OF - second),
        wanted_till("B", 2, AS_OF - second),
        wanted_till("C", 2, AS_OF),
        wanted_till("D", 2, AS_OF - second, Sku("BOWL")),
        order("E", 1),
    ]
    coming = receipt("PO", 1, "2026-01-12")
    snapshot = planned(book({"MUG": 2}, orders, [coming]))

    found = ask(snapshot, Expire(skus=frozenset([MUG])))

    # A keeps what is allocated; what it was promised goes to C.
    assert told(found) == [
        *(("Cancelled", "A", 1), ("Cancelled", "B", 2)),
        *(("Backordered", "A", 0), ("Backordered", "B", 0), ("Promised", "C", None)),
    ]
    assert [each.order for each in found.outcome.allocations] == ["A"]
    assert ask(found.outcome, Expire(skus=frozenset([MUG]))).changes == ()
    later = attrs.evolve(found.outcome, as_of=AS_OF + second)
    assert told(ask(later, Expire(skus=frozenset([MUG]))))[0] == ("Cancelled", "C", 2)


def test_a_cancelled_order_leaves_what_has_shipped() -> None:
    gone = ask(WAITING, ShipOrder(order=OrderId("A"), line=ONE, quantity=2)).outcome

    found = ask(gone, CancelOrder(order=OrderId("A")))

    assert told(found) == [
        *(("Released", "A", 1), ("Cancelled", "A", 1)),
        *(("Allocated", "B", 1), ("Backordered", "B", 1)),
    ]
    line = found.outcome.line(OrderId("A"), ONE).line
    assert (line.shipped, line.cancelled) == (2, 1)
    assert ask(found.outcome, CancelOrder(order=OrderId("A"))).changes == ()


def test_shipping_changes_nothing_for_anybody_else() -> None:
    found = ask(WAITING, ShipOrder(order=OrderId("A")))

    assert told(found) == [("Shipped", "A", 3)]
    assert found.outcome.stock == (stock(1),)


def test_a_release_lets_the_next_plan_decide() -> None:
    found = ask(WAITING, ReleaseOrder(order=OrderId("B")))

    assert told(found) == [("Released", "B", 1), ("Allocated", "B", 1)]
    assert found.outcome == WAITING


def test_a_loss_takes_back_from_the_lowest_priority_and_the_youngest() -> None:
    orders = [
        order("A", 2, priority=1),
        order("B", 2, priority=8),
        order("C", 2, priority=5),
        order("D", 2, priority=5),
    ]
    snapshot = plan(book([stock(9)], orders), policy=Priority()).outcome

    found = ask(snapshot, AdjustStock(sku=MUG, quantity=-6, reason="broken"))

    assert told(found)[:4] == [
        *(("Released", "B", 2), ("Released", "D", 2), ("Released", "C", 1)),
        ("Adjusted", MUG, -6),
    ]


def test_a_loss_takes_back_what_was_added_before_what_came_earlier() -> None:
    snapshot = planned(book([stock(7)], [order("A", 2), order("B", 3)]))
    added = ask(snapshot, AddLine(order=OrderId("A"), line=more(2))).outcome

    found = ask(added, AdjustStock(sku=MUG, quantity=-3, reason="broken"))

    taken = [(each.order, each.line) for each in found.events if isinstance(each, Released)]
    assert taken == [("A", "2"), ("B", "1")]


@pytest.mark.parametrize(
    ("quantity", "more_to_come", "left"),
    [(3, True, 2), (3, False, None), (5, True, None), (7, True, None)],
)
def test_a_receipt_comes_in_parts_or_over_or_under(
    *, quantity: int, more_to_come: bool, left: int | None
) -> None:
    snapshot = book([stock(0)], receipts=[receipt("PO", 5, "2026-01-12")])
    command = ReceiveReceipt(receipt=ReceiptId("PO"), quantity=quantity, more_to_come=more_to_come)

    after = ask(snapshot, command).outcome

    assert after.stock[0].on_hand == quantity
    assert [each.quantity for each in after.receipts] == ([] if left is None else [left])


def test_the_rest_of_a_planned_receipt_is_planned() -> None:
    planned = attrs.evolve(receipt("PO", 5, "2026-01-12"), supplier="ACME", firm=False)
    command = ReceiveReceipt(receipt=ReceiptId("PO"), quantity=3)

    after = ask(book([stock(0)], receipts=[planned]), command).outcome

    assert after.receipts == (attrs.evolve(planned, quantity=2),)


def test_a_planned_receipt_that_is_ordered_keeps_its_promises() -> None:
    coming = attrs.evolve(receipt("PO", 5, "2026-01-12"), firm=False)
    snapshot = planned(book([], [order("A", 2)], receipts=[coming]))

    ordered = ask(snapshot, ScheduleReceipt(receipt=attrs.evolve(coming, firm=True)))

    assert [type(change).__name__ for change in ordered.changes] == ["Scheduled"]
    assert ordered.outcome.receipts[0].firm
    assert ordered.outcome.backorders == snapshot.backorders


def test_a_moved_receipt_moves_its_promises() -> None:
    coming = receipt("PO", 5, "2026-01-12")
    snapshot = planned(book([], [order("A", 2)], receipts=[coming]))
    later = attrs.evolve(coming, due=coming.due + timedelta(days=2))

    moved = ask(snapshot, ScheduleReceipt(receipt=later))
    gone = ask(moved.outcome, CancelReceipt(receipt=ReceiptId("PO")))

    assert [type(change).__name__ for change in moved.changes] == ["Scheduled", "Promised"]
    assert moved.outcome.backorders[0].promises[0].due == later.due
    assert gone.outcome.backorders[0].promises == ()


DENIED = Item(sku=MUG, backorders="deny")
LIMITED = Item(sku=MUG, backorder_limit=3)
KILOS = Item(sku=MUG, unit="kg", decimals=3, backorders="deny")
SOON = timedelta(days=7)


@pytest.mark.parametrize(
    ("item", "command", "reason"),
    [
        (
            DENIED,
            PlaceOrder(order=order("B", 5)),
            "Only 2 of 5 pcs of MUG can be had now, and the item may not be backordered.",
        ),
        (
            LIMITED,
            PlaceOrder(order=order("B", 6)),
            "Only 2 of 6 pcs of MUG can be had now, and 4 would be on backorder where 3 may be.",
        ),
        (
            Item(sku=MUG),
            PlaceOrder(order=order("B", 5, location="MAIN"), shortfall="refuse"),
            "Only 2 of 5 pcs of MUG can be had now at MAIN, and the order wants all or nothing.",
        ),
        (
            Item(sku=MUG),
            PlaceOrder(order=order("B", 4), max_wait=SOON),
            "Only 2 of 4 pcs of MUG can be had now, and 1 would wait longer than 7 days, 0:00:00.",
        ),
        (
            Item(sku=MUG),
            PlaceOrder(order=order("B", 4, location="SHOP"), shortfall="drop"),
            "Only 0 of 4 pcs of MUG can be had now at SHOP,"
            " and nothing is left of an order that drops what is short.",
        ),
        (
            KILOS,
            PlaceOrder(order=order("B", 2500)),
            "Only 0.002 of 2.5 kg of MUG can be had now, and the item may not be backordered.",
        ),
    ],
)
def test_a_refusal_names_what_is_short_and_why(
    item: Item, command: PlaceOrder, reason: str
) -> None:
    snapshot = book([stock(2)], receipts=[receipt("PO", 1, "2026-01-12")], items=[item])

    found = ask(snapshot, command)

    assert [shortage.reason for shortage in found.refusal] == [reason]
    assert not found.accepted
    assert found.changes == ()
    assert found.outcome == snapshot
    (shortage,) = found.refusal
    assert shortage.wanted == command.order.lines[0].ordered
    assert (shortage.order, shortage.line, shortage.sku) == ("B", "1", "MUG")


def test_within_the_limit_it_is_accepted() -> None:
    snapshot = book([stock(2)], [], [receipt("PO", 3, "2026-01-12")], items=[LIMITED])

    assert ask(snapshot, PlaceOrder(order=order("B", 5), max_wait=SOON)).accepted


def test_a_limit_counts_what_waits_already() -> None:
    snapshot = planned(book([stock(1)], [order("A", 3)], items=[LIMITED]))

    assert ask(snapshot, PlaceOrder(order=order("B", 1))).accepted
    (shortage,) = ask(snapshot, PlaceOrder(order=order("B", 2))).refusal
    assert shortage.rule == "limit"


PER_LINE = Item(sku=MUG, backorder_limit_per_line=3)
PER_CUSTOMER = Item(sku=MUG, backorder_limit_per_customer=3)


def sold(id_: str, *quantities: int, customer: str = "", at: str | None = None) -> PlaceOrder:
    where = None if at is None else Location(at)
    lines = [
        OrderLine(id=LineId(str(number)), sku=MUG, ordered=quantity, location=where)
        for number, quantity in enumerate(quantities, start=1)
    ]
    return PlaceOrder(order=Order.of(id_, "2026-01-05", lines, customer=customer))


@pytest.mark.parametrize(
    ("item", "command", "expected"),
    [
        pytest.param(PER_LINE, sold("B", 4), [], id="one can be had, and three may wait"),
        pytest.param(PER_LINE, sold("B", 5), ["1"], id="four may not"),
        pytest.param(PER_LINE, sold("B", 1, 2, 2), ["2", "3"], id="nor if they are split"),
        pytest.param(
            PER_LINE, AddLine(order=OrderId("A"), line=more(2)), [], id="a line is enlarged"
        ),
        pytest.param(
            PER_LINE, AddLine(order=OrderId("A"), line=more(4)), ["2"], id="but not by that much"
        ),
        pytest.param(PER_CUSTOMER, sold("B", 2, customer="X"), [], id="a customer"),
        pytest.param(PER_CUSTOMER, sold("B", 3, customer="X"), ["1"], id="who waits already"),
        pytest.param(PER_CUSTOMER, sold("B", 4, customer="Y"), [], id="another customer"),
        pytest.param(PER_CUSTOMER, sold("B", 4), [], id="nobody knows whose"),
        pytest.param(PER_CUSTOMER, sold("B", 5), ["1"], id="nor whose that is"),
    ],
)
def test_a_limit_is_for_a_line_or_a_customer(
    item: Item, command: PlaceOrder | AddLine, expected: list[str]
) -> None:
    # The only free mug lies where those who wait may not have it.
    waiting = [
        sold("A", 2, customer="X", at="MAIN").order,
        sold("C", 3, customer="Z", at="MAIN").order,
        sold("D", 3, at="MAIN").order,
    ]
    snapshot = planned(book([stock(1, at="SHOP")], waiting, items=[item]))

    found = ask(snapshot, command)

    rule = "line" if item is PER_LINE else "customer"
    assert [each.line for each in found.refusal] == expected
    assert {each.rule for each in found.refusal} <= {rule}


def test_all_short_lines_are_named_and_lines_of_a_sku_are_summed() -> None:
    lines = [
        *(OrderLine(id=LineId(name), sku=MUG, ordered=2) for name in ("1", "2")),
        OrderLine(id=LineId("3"), sku=Sku("BOWL"), ordered=1),
    ]
    items = [DENIED, Item(sku=Sku("BOWL"), backorders="deny")]
    snapshot = book([stock(3)], items=items)

    found = ask(snapshot, PlaceOrder(order=Order.of("B", "2026-01-05", lines)))

    assert [(each.line, each.wanted, each.available) for each in found.refusal] == [
        ("2", 2, 1),
        ("3", 1, 0),
    ]


def test_orders_are_placed_together_and_the_first_by_age_is_served_first() -> None:
    later = Order.of("A", "2026-01-04", {"MUG": 2})

    found = ask(book([stock(3)]), PlaceOrders(orders=[later, order("B", 2)]))

    assert told(found)[2:] == [
        *(("Allocated", "A", 1), ("Backordered", "A", 1), ("Allocated", "B", 2))
    ]


def test_orders_are_refused_together_with_every_short_line_of_each() -> None:
    bowl = Order.of("B", "2026-01-02", {"BOWL": 1, "MUG": 2})
    snapshot = book([stock(3)], items=[DENIED, Item(sku=Sku("BOWL"), backorders="deny")])

    found = ask(snapshot, PlaceOrders(orders=[order("A", 2), bowl]))

    assert [(each.order, each.line, each.available) for each in found.refusal] == [
        *(("B", "1", 0), ("B", "2", 1))
    ]
    assert found.outcome == snapshot


def test_of_orders_that_drop_what_is_short_each_must_keep_something() -> None:
    orders = [order("A", 2), order("B", 3)]

    kept = ask(book([stock(3)]), PlaceOrders(orders=orders, shortfall="drop"))
    none = ask(book([stock(2)]), PlaceOrders(orders=orders, shortfall="drop"))

    assert told(kept)[2:] == [
        *(("Cancelled", "B", 2), ("Allocated", "A", 2), ("Allocated", "B", 1))
    ]
    assert [(each.order, each.rule) for each in none.refusal] == [("B", "nothing")]


def test_a_dropped_rest_is_cancelled_and_never_waits() -> None:
    found = ask(book([stock(2)], items=[DENIED]), PlaceOrder(order=order("B", 5), shortfall="drop"))

    assert told(found)[1:] == [("Cancelled", "B", 3), ("Allocated", "B", 2)]
    assert found.outcome.backorders == ()


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (
            CancelOrder(order=OrderId("Z")),
            "order: got 'Z', must name an existing order",
        ),
        (
            ShipOrder(order=OrderId("A"), line=LineId("9")),
            "line: got '9', must name an existing order line (order A)",
        ),
        (
            ShipOrder(order=OrderId("B"), line=ONE, quantity=2),
            "quantity: got 2, must fit the 1 that are allocated to it (order B, line 1, SKU MUG)",
        ),
        (
            CancelOrder(order=OrderId("B"), line=ONE, quantity=4),
            "quantity: got 4, must fit the 3 that are outstanding (order B, line 1, SKU MUG)",
        ),
        (
            AddLine(order=OrderId("Z"), line=OrderLine(id=ONE, sku=MUG, ordered=1)),
            "order: got 'Z', must name an existing order (order Z, line 1, SKU MUG)",
        ),
        (
            AddLine(order=OrderId("A"), line=OrderLine(id=ONE, sku=MUG, ordered=1)),
            "id: got '1', must be unique in its order (order A, line 1, SKU MUG)",
        ),
        (
            PlaceOrder(order=order("A", 1)),
            "order: got 'A', must not be the id of an order that is there (order A)",
        ),
        (
            ReceiveReceipt(receipt=ReceiptId("PO")),
            "receipt: got 'PO', cannot be received: the receipt is not expected",
        ),
        (
            AdjustStock(sku=MUG, quantity=-5, reason="lost"),
            "quantity: got -5, must take no more than the 4 on hand (SKU MUG, location MAIN)",
        ),
        (
            TransferStock(
                sku=MUG, origin=Location("MAIN"), destination=Location("SHOP"), quantity=1
            ),
            "quantity: got 1, must fit the 0 that nobody has or holds there"
            " (SKU MUG, location MAIN)",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_command_that_does_not_fit_is_refused_whole(command: Command, problem: str) -> None:
    for source in (WAITING, Book.of(WAITING)):
        with pytest.raises(InvalidInputError, match="command: 1 problem") as caught:
            answer(source, command, policy=Fifo())
        assert [str(each) for each in caught.value.exceptions] == [problem]


@pytest.mark.parametrize(
    "make",
    [
        lambda: PlaceOrder(order="A"),  # type: ignore[arg-type]
        lambda: PlaceOrder(order=order("A", 2, shipped=1)),
        lambda: PlaceOrder(order=Order.of("A", "2026-01-05", {})),
        lambda: PlaceOrder(order=order("A", 1), shortfall="ask"),  # type: ignore[arg-type]
        lambda: PlaceOrder(order=order("A", 1), max_wait=timedelta(days=-1)),
        lambda: PlaceOrder(order=order("A", 1), max_wait=3),  # type: ignore[arg-type]
        lambda: AddLine(order=OrderId("A"), line=LineId("2")),  # type: ignore[arg-type]
        lambda: AddLine(order=OrderId(""), line=more(1)),
        lambda: AddLine(order=OrderId("A"), line=attrs.evolve(more(2), shipped=1)),
        lambda: AddLine(order=OrderId("A"), line=more(2), shortfall="ask"),  # type: ignore[arg-type]
        lambda: Expire(skus="MUG"),  # type: ignore[arg-type]
        lambda: Expire(skus=[Sku("")]),
        lambda: PlaceOrders(orders=[]),
        lambda: PlaceOrders(orders=order("A", 1)),  # type: ignore[arg-type]
        lambda: PlaceOrders(orders=["A"]),  # type: ignore[list-item]
        lambda: PlaceOrders(orders=[order("A", 1), order("A", 1)]),
        lambda: PlaceOrders(orders=[order("A", 1)], shortfall="ask"),  # type: ignore[arg-type]
        lambda: CancelOrder(order=OrderId("A"), quantity=1),
        lambda: ShipOrder(order=OrderId("A"), line=ONE, quantity=0),
        lambda: ReleaseOrder(order=OrderId("")),
        lambda: ReceiveReceipt(receipt=ReceiptId("PO"), quantity=0),
        lambda: ReceiveReceipt(receipt=ReceiptId("PO"), location=Location("")),
        lambda: ReceiveStock(sku=MUG, quantity=0),
        lambda: ReceiveReceipt(receipt=ReceiptId("PO"), more_to_come="no"),  # type: ignore[arg-type]
        lambda: ShipOrder(order=OrderId("A"), location=Location("")),
        lambda: ScheduleReceipt(receipt=ReceiptId("PO")),  # type: ignore[arg-type]
        lambda: CancelReceipt(receipt=ReceiptId("")),
        lambda: AdjustStock(sku=MUG, quantity=0, reason="count"),
        lambda: AdjustStock(sku=MUG, quantity=1, reason=""),
        lambda: TransferStock(sku=MUG, origin=Location("A"), destination=Location("A"), quantity=1),
        lambda: answer(WAITING, "ship", policy=Fifo()),  # type: ignore[call-overload]
        lambda: answer("shop", ShipOrder(order=OrderId("A")), policy=Fifo()),  # type: ignore[call-overload]
        lambda: answer(WAITING, ShipOrder(order=OrderId("A")), policy="fifo"),  # type: ignore[call-overload]
    ],
)
def test_a_command_that_means_nothing_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        make()


class Half:
    """Never gives a line more than half of what it stands for."""

    name = "half"
    holds_back = True

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        shares = []
        for demand in demands:
            shares.append(max(0, min(supply, demand.limit, demand.claim // 2 - demand.got)))
            supply -= shares[-1]
        return shares


@pytest.mark.parametrize("policy", [Half(), FairShare(), FairShare(rule="equal-losses")])
def test_what_drops_never_waits_though_less_is_given_to_a_smaller_claim(
    policy: AllocationPolicy,
) -> None:
    # Nobody planned before, so the first order still has something to get.
    unplanned = book([stock(6)], [order("A", 10)], items=[DENIED])

    found = answer(unplanned, PlaceOrder(order=order("B", 10), shortfall="drop"), policy=policy)

    line = found.outcome.find_line(OrderId("B"), ONE)
    held_now = sum(each.quantity for each in found.outcome.allocations if each.order == "B")
    assert not found.accepted or (line is not None and line.outstanding == held_now > 0)


def test_what_would_be_promised_is_said_so_that_the_customer_can_be_asked() -> None:
    snapshot = book([stock(2)], receipts=[receipt("PO", 3, "2026-01-19")])

    found = ask(snapshot, PlaceOrder(order=order("A", 4), max_wait=SOON))
    yes = ask(snapshot, PlaceOrder(order=order("A", 4)))

    (shortage,) = found.refusal
    assert (shortage.rule, shortage.promises) == ("wait", (promise(2, "2026-01-19", "PO"),))
    assert yes.outcome.backorders[0].promises == shortage.promises


def test_any_wait_may_be_allowed() -> None:
    snapshot = book([stock(1)])

    found = ask(snapshot, PlaceOrder(order=order("A", 2), max_wait=timedelta.max))

    assert [each.rule for each in found.refusal] == ["wait"]


def test_a_new_order_knows_nothing_of_an_old_one_of_its_id() -> None:
    snapshot = book([], backorders=[opened("A", 3, at="2020-01-01")])

    after = ask(snapshot, PlaceOrder(order=order("A", 2))).outcome

    assert [each.opened_at for each in after.backorders] == [AS_OF]


def test_units_ship_and_are_given_back_where_the_host_says() -> None:
    snapshot = planned(
        book(
            [stock(1), stock(1, at="SHOP")],
            [order("A", 2), order("B", 1, location="MAIN")],
        )
    )
    main = Location("MAIN")

    shipped = ask(snapshot, ShipOrder(order=OrderId("A"), location=Location("SHOP")))
    less = ask(snapshot, CancelOrder(order=OrderId("A"), line=ONE, quantity=1, location=main))
    given = ask(snapshot, ReleaseOrder(order=OrderId("A"), location=main))

    assert shipped.outcome.allocations == (held("A", 1),)
    assert told(less) == [
        *(("Released", "A", 1), ("Cancelled", "A", 1)),
        *(("Allocated", "B", 1), ("Backordered", "B", 0)),
    ]
    assert told(given) == [("Released", "A", 1), ("Allocated", "A", 1)]
    with pytest.raises(InvalidInputError, match="problem"):
        ask(snapshot, ShipOrder(order=OrderId("A"), line=ONE, quantity=2, location=main))


def test_asking_leaves_a_snapshot_that_can_be_pickled() -> None:
    moved = TransferStock(
        sku=MUG, origin=Location("MAIN"), destination=Location("SHOP"), quantity=1
    )
    snapshot = book([stock(3)])

    answer(snapshot, moved, policy=Fifo())

    assert pickle.loads(pickle.dumps(snapshot)) == snapshot


def test_a_loss_of_what_is_no_item_is_named_as_such() -> None:
    snapshot = book([stock(3)], items=[DENIED])

    with pytest.raises(InvalidInputError) as caught:
        ask(snapshot, AdjustStock(sku=Sku("CUP"), quantity=-1, reason="lost"))

    assert "must be one of the items" in str(caught.value.exceptions[0])


def test_what_is_held_elsewhere_does_not_count_against_a_loss() -> None:
    snapshot = book(
        [stock(2), stock(2, at="SHOP")],
        [order("A", 4)],
        allocations=[held("A", 2), held("A", 2, at="SHOP")],
    )

    found = ask(snapshot, AdjustStock(sku=MUG, quantity=-1, reason="lost"))

    assert told(found)[:2] == [("Released", "A", 1), ("Adjusted", MUG, -1)]
    assert [(each.location, each.quantity) for each in found.outcome.allocations] == [
        ("MAIN", 1),
        ("SHOP", 2),
    ]


def test_another_policy_takes_over_where_somebody_plans_again() -> None:
    early, urgent = order("A", 2), order("B", 2, priority=1)
    waiting = plan(
        book([stock(0)], [early, urgent], [receipt("PO", 2, "2026-01-12")]), policy=Fifo()
    ).outcome

    found = answer(waiting, Replan(skus=[Sku("MUG")]), policy=Priority())

    assert found.events == ()
    assert [(each.order, bool(each.promises)) for each in promised(found)] == [
        ("A", False),
        ("B", True),
    ]
    assert answer(found.outcome, Replan(skus=[Sku("MUG")]), policy=Priority()).changes == ()


def promised(found: Answer[Snapshot]) -> list[Promised]:
    return [each for each in found.changes if isinstance(each, Promised)]


def test_only_items_are_planned_again() -> None:
    few = book([stock(1)], [], items=[Item(sku=Sku("MUG"))])

    with pytest.raises(InvalidInputError) as caught:
        answer(few, Replan(skus=[Sku("NONE")]), policy=Fifo())

    assert "must be one of the items" in str(caught.value.exceptions[0])
