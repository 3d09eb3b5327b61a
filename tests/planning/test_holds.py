"""Holding stock: what commands about holds come to, and what planning leaves for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
import pytest

from backorderkit import (
    AdjustStock,
    Answer,
    Book,
    CancelOrder,
    Command,
    Expire,
    ExtendHold,
    Fact,
    Fifo,
    Held,
    Hold,
    HoldId,
    HoldStock,
    InvalidInputError,
    InvalidValueError,
    Item,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    Priority,
    ReceiveStock,
    ReleaseHold,
    ShipOrder,
    Sku,
    Snapshot,
    StockLevel,
    TransferStock,
    Unheld,
    answer,
    apply,
    plan,
)
from tests.planning.books import AS_OF, book, order, receipt, stock

MUG, BOWL = Sku("MUG"), Sku("BOWL")
CART, OTHER = HoldId("cart"), HoldId("other")
SOON, LATER = AS_OF + timedelta(minutes=10), AS_OF + timedelta(hours=2)
NOW = "2026-01-05T09:00:00Z"


def hold(
    id_: HoldId = CART, quantity: int = 2, *, at: str = "MAIN", until: datetime = SOON
) -> Hold:
    return Hold(id=id_, sku=MUG, location=Location(at), quantity=quantity, expires_at=until)


def with_holds(snapshot: Snapshot, *holds: Hold) -> Snapshot:
    return plan(attrs.evolve(snapshot, holds=holds), policy=Fifo()).outcome


def ask(snapshot: Snapshot, command: Command) -> Answer[Snapshot]:
    """Answer for a snapshot, and see that a prepared book has the same answer."""
    found = answer(snapshot, command, policy=Fifo())
    prepared = answer(Book.of(snapshot), command, policy=Fifo())
    assert (prepared.changes, prepared.refusal) == (found.changes, found.refusal)
    assert prepared.outcome.snapshot == found.outcome
    return found


def told(facts: tuple[Fact, ...]) -> list[tuple[str, str, int | None]]:
    said: list[tuple[str, str, int | None]] = []
    for fact in facts:
        match fact:
            case Held():
                said.append(("Held", fact.hold.id, fact.hold.quantity))
            case Unheld():
                said.append(("Unheld", fact.hold, None))
            case _:
                who = getattr(fact, "order", "")
                name = who.id if isinstance(who, Order) else who
                said.append((type(fact).__name__, name, getattr(fact, "quantity", None)))
    return said


def test_what_is_held_is_left_alone_and_receipts_fill_it_first() -> None:
    waiting = book([stock(5, 1)], [order("A", 6)], receipts=[receipt("PO", 4, "2026-01-12")])

    made = plan(attrs.evolve(waiting, holds=[hold(quantity=7)]), policy=Fifo())

    (line,) = made.lines
    assert (line.allocated, line.promises[0].quantity, line.unpromised) == (0, 1, 5)
    assert [(each.kind, each.quantity) for each in line.blockers] == [("hold", 6)]
    assert "holds keep 6 pcs back" in line.reason
    assert "nothing on hand" not in line.reason
    assert plan(waiting, policy=Fifo()).lines[0].allocated == 4


def test_holds_come_before_safety_stock_among_what_keeps_units_back() -> None:
    waiting = book([stock(5, 2)], [order("A", 6)])

    made = plan(attrs.evolve(waiting, holds=[hold(quantity=4)]), policy=Fifo())

    blockers = [(each.kind, each.quantity) for each in made.lines[0].blockers]
    assert blockers == [("hold", 4), ("safety-stock", 1), ("stock", 1)]


@pytest.mark.parametrize("location", [None, "SHOP"])
def test_what_is_held_where_nothing_is_waits_for_a_receipt(location: str | None) -> None:
    waiting = book(
        [stock(1)],
        [order("A", 4, location=location)],
        receipts=[receipt("PO", 5, "2026-01-12", at="SHOP")],
    )
    held = attrs.evolve(waiting, holds=[hold(quantity=3, at="SHOP")])

    for source in (held, Book.of(held)):
        (line,) = plan(source, policy=Fifo()).lines
        assert line.allocated == (0 if location else 1)
        assert [each.quantity for each in line.promises] == [2]
    assert held.position(MUG, Location("SHOP")).missing == 3
    assert [each.location for each in held.positions] == ["MAIN", "SHOP"]


def test_a_hold_is_soft() -> None:
    snapshot = with_holds(book([stock(2)]), hold(quantity=5))

    position = snapshot.position(MUG)

    assert (position.held, position.free, position.available, position.missing) == (5, 0, 0, 3)
    assert ask(snapshot, ExtendHold(id=CART, expires_at=LATER)).accepted
    assert ask(snapshot, HoldStock(id=CART, units={"MUG": 4}, expires_at=LATER)).accepted


def test_units_are_held_that_nobody_waits_for() -> None:
    snapshot = with_holds(book([stock(5, 1)], [order("A", 1)]))

    found = ask(snapshot, HoldStock(id=CART, units={"MUG": 3}, expires_at=SOON))
    refused = ask(snapshot, HoldStock(id=CART, units={"MUG": 4}, expires_at=SOON))

    assert told(found.changes) == [("Held", "cart", 3)]
    assert refused.outcome == snapshot
    (short,) = refused.refusal
    assert (short.order, short.line, short.hold, short.sku, short.location) == (
        None,
        None,
        CART,
        MUG,
        "MAIN",
    )
    assert (short.wanted, short.available, short.rule) == (4, 3, "short")


def test_the_waiting_get_what_has_lapsed_before_a_cart_does() -> None:
    snapshot = with_holds(book([stock(3)], [order("A", 2)]), hold(quantity=3))
    later = snapshot.at(SOON)

    refused = ask(later, HoldStock(id=OTHER, units={"MUG": 2}, expires_at=LATER))
    found = ask(later, HoldStock(id=OTHER, units={"MUG": 1}, expires_at=LATER))

    assert [each.available for each in refused.refusal] == [1]
    assert told(found.changes) == [
        *(("Allocated", "A", 2), ("Backordered", "A", 0), ("Held", "other", 1)),
    ]


def test_a_lapsed_hold_is_extended_if_its_units_are_there_still() -> None:
    lapsed = with_holds(book([stock(3)]), hold(quantity=3)).at(SOON)
    taken = ask(lapsed, HoldStock(id=OTHER, units={"MUG": 1}, expires_at=LATER)).outcome

    extend = ExtendHold(id=CART, expires_at=LATER)

    assert told(ask(lapsed, extend).changes) == [("Held", "cart", 3)]
    assert [each.available for each in ask(taken, extend).refusal] == [2]


def test_a_hold_is_set_to_exactly_what_is_asked_for() -> None:
    snapshot = with_holds(
        book([stock(5), stock(5, at="SHOP")]), hold(quantity=2), hold(OTHER), hold(at="SHOP")
    )
    command = HoldStock(id=CART, units={("MUG", "SHOP"): 2}, expires_at=SOON)

    found = ask(snapshot, command)

    assert found.changes == (Unheld(hold=CART, sku=MUG),)
    assert ask(found.outcome, command).changes == ()


def test_a_released_hold_serves_the_waiting_and_releasing_again_does_nothing() -> None:
    snapshot = with_holds(book([stock(3)], [order("A", 2)]), hold(quantity=3))

    found = ask(snapshot, ReleaseHold(id=CART))

    assert told(found.changes) == [
        *(("Unheld", "cart", None), ("Allocated", "A", 2), ("Backordered", "A", 0)),
    ]
    assert ask(found.outcome, ReleaseHold(id=CART)).changes == ()


def test_expiry_serves_the_waiting() -> None:
    held = (hold(quantity=1), hold(OTHER, 1, until=LATER), hold(HoldId("old"), 1, until=AS_OF))
    snapshot = with_holds(book([stock(3)], [order("A", 3)]), *held)
    assert [each.quantity for each in snapshot.allocations] == [1]

    none = ask(snapshot, Expire(skus=[BOWL]))
    old = ask(snapshot, Expire(skus=[MUG]))
    found = ask(old.outcome.at(SOON), Expire(skus=[MUG]))

    assert none.changes == ()
    assert told(old.changes) == [("Unheld", "old", None)]
    assert told(found.changes) == [
        *(("Unheld", "cart", None), ("Allocated", "A", 1), ("Backordered", "A", 1)),
    ]
    assert found.outcome.holds == (held[1],)


def test_an_order_takes_over_what_was_held_for_it_before_the_waiting() -> None:
    snapshot = with_holds(book([stock(3)], [order("A", 5)]), hold(quantity=2))
    new = Order.of("B", "2026-01-05", {"MUG": 3})

    found = ask(snapshot, PlaceOrder(order=new, holds=[CART]))

    assert told(found.changes) == [
        *(("Unheld", "cart", None), ("Placed", "B", None), ("Allocated", "B", 2)),
        ("Backordered", "B", 1),
    ]


def test_what_an_order_does_not_need_of_its_hold_goes_to_the_waiting() -> None:
    snapshot = with_holds(book([stock(3)], [order("A", 5)]), hold(quantity=3))
    new = Order.of("B", "2026-01-05", {"MUG": 1})

    found = ask(snapshot, PlaceOrder(order=new, holds=[CART, HoldId("gone"), CART]))

    assert told(found.changes) == [
        *(("Unheld", "cart", None), ("Placed", "B", None), ("Allocated", "B", 1)),
        *(("Allocated", "A", 2), ("Backordered", "A", 3)),
    ]


def test_a_lapsed_hold_gives_an_order_nothing() -> None:
    snapshot = with_holds(book([stock(2)], [order("A", 5)]), hold(quantity=2)).at(SOON)
    new = Order.of("B", "2026-01-05", {"MUG": 1})

    found = ask(snapshot, PlaceOrder(order=new, holds=[CART], shortfall="refuse"))

    assert [each.available for each in found.refusal] == [0]
    assert found.outcome == snapshot


def test_bound_lines_take_what_is_held_at_their_location_first() -> None:
    snapshot = with_holds(book([stock(2), stock(2, at="EAST")]), hold(), hold(OTHER, at="EAST"))
    lines = [
        OrderLine(id=LineId("1"), sku=MUG, ordered=3),
        OrderLine(id=LineId("2"), sku=MUG, ordered=1, location=Location("EAST")),
        OrderLine(id=LineId("3"), sku=BOWL, ordered=1),
    ]

    found = ask(snapshot, PlaceOrder(order=Order.of("A", "2026-01-05", lines), holds=[CART, OTHER]))

    assert {(each.line, each.location): each.quantity for each in found.outcome.allocations} == {
        ("1", "EAST"): 1,
        ("1", "MAIN"): 2,
        ("2", "EAST"): 1,
    }


def test_more_than_there_is_cannot_be_taken_over() -> None:
    snapshot = with_holds(book([stock(3)]), hold(quantity=2), hold(OTHER, 2))

    found = ask(
        snapshot,
        PlaceOrder(order=Order.of("A", "2026-01-05", {"MUG": 4}), holds=[CART, OTHER]),
    )

    assert sum(each.quantity for each in found.outcome.allocations) == 3


def test_an_order_that_is_there_already_is_named_alone() -> None:
    snapshot = with_holds(book([stock(3)], [order("A", 1)]), hold())
    again = PlaceOrder(order=Order.of("A", "2026-01-05", {"MUG": 1}), holds=[CART])

    with pytest.raises(InvalidInputError, match="1 problem"):
        answer(snapshot, again, policy=Fifo())


def test_a_loss_takes_what_nobody_has_then_holds_then_allocations() -> None:
    orders = [order("A", 2, priority=1), order("B", 2, priority=5)]
    snapshot = plan(
        attrs.evolve(
            book([stock(9)], orders),
            holds=[
                hold(OTHER, 2, until=LATER),
                hold(quantity=2),
                hold(HoldId("old"), 5, until=AS_OF),
            ],
        ),
        policy=Priority(),
    ).outcome

    def lose(units: int) -> list[tuple[str, str, int | None]]:
        return told(ask(snapshot, AdjustStock(sku=MUG, quantity=-units, reason="lost")).events)

    assert lose(1) == [("Adjusted", "", -1)]
    assert lose(2) == [("Held", "other", 1), ("Adjusted", "", -2)]
    assert lose(4) == [("Unheld", "other", None), ("Held", "cart", 1), ("Adjusted", "", -4)]
    assert lose(6) == [
        *(("Unheld", "other", None), ("Unheld", "cart", None)),
        *(("Released", "B", 1), ("Adjusted", "", -6)),
    ]


def test_a_loss_takes_no_more_of_holds_than_there_was() -> None:
    snapshot = with_holds(book([stock(3)], [order("A", 1)]), hold(quantity=5))
    assert snapshot.allocations == ()
    snapshot = apply(snapshot, answer(snapshot, ReleaseHold(id=CART), policy=Fifo()).changes)
    over = attrs.evolve(snapshot, holds=[hold(quantity=5)])

    found = ask(over, AdjustStock(sku=MUG, quantity=-3, reason="lost"))

    assert told(found.events) == [("Held", "cart", 3), ("Released", "A", 1), ("Adjusted", "", -3)]


def test_what_is_held_stays_where_it_is() -> None:
    snapshot = with_holds(book([stock(5), stock(1, at="EAST")]), hold(quantity=3))
    move = TransferStock(sku=MUG, origin=Location("MAIN"), destination=Location("EAST"), quantity=3)

    with pytest.raises(InvalidInputError) as caught:
        answer(snapshot, move, policy=Fifo())

    assert [str(each) for each in caught.value.exceptions] == [
        "quantity: got 3, must fit the 2 that nobody has or holds there (SKU MUG, location MAIN)"
    ]
    assert ask(snapshot, attrs.evolve(move, quantity=2)).accepted


@pytest.mark.parametrize(
    "command",
    [
        ReceiveStock(sku=MUG, quantity=1),
        CancelOrder(order=OrderId("A")),
        ShipOrder(order=OrderId("A")),
    ],
    ids=lambda command: type(command).__name__,
)
def test_other_commands_leave_holds_alone(command: Command) -> None:
    snapshot = with_holds(book([stock(5)], [order("A", 3)]), hold())

    found = ask(snapshot, command)

    assert found.outcome.holds == snapshot.holds


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (
            HoldStock(id=CART, units={"MUG": 1}, expires_at=AS_OF),
            f"expires_at: got '{NOW}', must be later than the moment, {NOW} (hold cart)",
        ),
        (
            ExtendHold(id=OTHER, expires_at=AS_OF),
            f"expires_at: got '{NOW}', must be later than the moment, {NOW} (hold other)",
        ),
        (
            ExtendHold(id=CART, expires_at=SOON),
            "id: got 'cart', cannot be extended: the hold is not there",
        ),
        (
            HoldStock(id=CART, units={"CUP": 1}, expires_at=SOON),
            "sku: got 'CUP', must be one of the items (hold cart, SKU CUP, location MAIN)",
        ),
        (
            Expire(skus=[Sku("CUP")]),
            "skus: got 'CUP', must be one of the items (SKU CUP)",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_command_that_does_not_fit_is_refused_whole(command: Command, problem: str) -> None:
    snapshot = book([stock(5)], items=[Item(sku=MUG)])
    snapshot = attrs.evolve(snapshot, holds=[hold(OTHER)])

    for source in (snapshot, Book.of(snapshot)):
        with pytest.raises(InvalidInputError) as caught:
            answer(source, command, policy=Fifo())
        assert [str(each) for each in caught.value.exceptions] == [problem]


@pytest.mark.parametrize(
    "make",
    [
        lambda: HoldStock(id=HoldId(""), units={"MUG": 1}, expires_at=SOON),
        lambda: HoldStock(id=CART, units={}, expires_at=SOON),
        lambda: HoldStock(id=CART, units={"MUG": 0}, expires_at=SOON),
        lambda: HoldStock(id=CART, units={("MUG", "MAIN", "X"): 1}, expires_at=SOON),  # type: ignore[arg-type]
        lambda: HoldStock(id=CART, units={3: 1}, expires_at=SOON),  # type: ignore[arg-type]
        lambda: HoldStock(id=CART, units=[("MUG", "MAIN")], expires_at=SOON),  # type: ignore[list-item]
        lambda: HoldStock(id=CART, units=5, expires_at=SOON),  # type: ignore[arg-type]
        lambda: HoldStock(id=CART, units=[("M", "A", 2**62)] * 2, expires_at=SOON),
        lambda: HoldStock(id=CART, units={"MUG": 1}, expires_at=datetime(2026, 1, 5)),  # noqa: DTZ001
        lambda: ExtendHold(id=HoldId(""), expires_at=SOON),
        lambda: ExtendHold(id=CART, expires_at="soon"),  # type: ignore[arg-type]
        lambda: ReleaseHold(id=HoldId("")),
        lambda: Expire(skus="MUG"),  # type: ignore[arg-type]
        lambda: Expire(skus=[3]),  # type: ignore[list-item]
        lambda: Expire(skus=None),  # type: ignore[arg-type]
        lambda: PlaceOrder(order=Order.of("A", "2026-01-05", {"MUG": 1}), holds="cart"),  # type: ignore[arg-type]
        lambda: PlaceOrder(order=Order.of("A", "2026-01-05", {"MUG": 1}), holds=[""]),  # type: ignore[list-item]
        lambda: Held(hold="cart"),  # type: ignore[arg-type]
        lambda: Unheld(hold=HoldId(""), sku=MUG),
        lambda: hold(quantity=0),
        lambda: Book.of(book()).with_hold("cart"),  # type: ignore[arg-type]
        lambda: Book.of(book()).without_hold(HoldId(""), MUG),
    ],
)
def test_what_means_nothing_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        make()


def test_units_to_hold_are_named_in_any_of_three_ways_and_add_up() -> None:
    by_sku = HoldStock(id=CART, units={"MUG": 2, "BOWL": 1}, expires_at=SOON)
    by_pool = HoldStock(id=CART, units={("MUG", "MAIN"): 2, ("BOWL", "MAIN"): 1}, expires_at=SOON)
    rows = [("MUG", "MAIN", 1), ("BOWL", "MAIN", 1), ("MUG", "MAIN", 1)]

    assert by_sku == by_pool == HoldStock(id=CART, units=rows, expires_at=SOON)
    assert attrs.evolve(by_sku) == by_sku
    assert Expire(skus={MUG, BOWL}).skus == (BOWL, MUG)


def test_a_book_takes_holds_and_finds_them() -> None:
    empty = Book.of(book([stock(5)], items=[Item(sku=MUG)]))

    held = empty.with_hold(hold()).with_hold(hold(at="EAST")).with_hold(hold(quantity=1))

    assert held.hold(CART) == (hold(at="EAST"), hold(quantity=1))
    assert held.hold(OTHER) == empty.hold(CART) == ()
    left = held.without_hold(CART, MUG)
    assert left.hold(CART) == (hold(at="EAST"),)
    assert left.without_hold(CART, MUG, Location("EAST")).snapshot == empty.snapshot
    assert empty.without_hold(CART, MUG).snapshot == empty.snapshot
    with pytest.raises(InvalidInputError, match="1 problem"):
        empty.with_hold(Hold(id=CART, sku=BOWL, quantity=1, expires_at=SOON))


def test_holds_of_a_snapshot_are_checked_with_it() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Snapshot(
            as_of=AS_OF,
            items=[Item(sku=BOWL)],
            stock=[StockLevel(sku=BOWL, on_hand=1)],
            holds=[hold(), hold(quantity=3), "cart"],  # type: ignore[list-item]
        )

    assert [str(each).partition(" (")[0] for each in caught.value.exceptions] == [
        "holds[2]: got 'cart', must be of type Hold",
        "holds[0].sku: got 'MUG', must be one of the items",
        "holds[1].sku: got 'MUG', must be one of the items",
        "holds[1].location: got 'MAIN', must be unique per hold and SKU",
    ]


def test_what_a_hold_names_must_be_there_to_end() -> None:
    snapshot = book([stock(5)])

    for source in (snapshot, Book.of(snapshot)):
        with pytest.raises(InvalidInputError) as caught:
            apply(source, [Unheld(hold=CART, sku=MUG)])
        assert [str(each) for each in caught.value.exceptions] == [
            "changes[0].hold: got 'cart', must name a hold of that pool"
            " (hold cart, SKU MUG, location MAIN)"
        ]
    assert apply(snapshot, [Held(hold=hold()), Unheld(hold=CART, sku=MUG)]) == snapshot


def test_a_hold_elsewhere_leaves_promises_alone() -> None:
    waiting = book([stock(0)], [order("A", 2)], receipts=[receipt("PO", 2, "2026-01-12")])
    held = attrs.evolve(waiting, holds=[hold(quantity=9, at="EAST")])

    (line,) = plan(held, policy=Fifo()).lines

    assert [each.receipt for each in line.promises] == ["PO"]
