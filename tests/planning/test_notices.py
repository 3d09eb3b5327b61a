"""What facts mean to whoever did not see the shop before them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorderkit import (
    AddLine,
    AdjustStock,
    Allocated,
    Backordered,
    Book,
    CancelOrder,
    CancelReceipt,
    Command,
    Expire,
    ExtendHold,
    Fifo,
    Hold,
    HoldId,
    HoldStock,
    InvalidValueError,
    LineId,
    Location,
    Notice,
    OrderId,
    OrderLine,
    PlaceOrder,
    Priority,
    Promise,
    Promised,
    ReceiptId,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseHold,
    ReleaseOrder,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    TransferStock,
    answer,
    notices,
    plan,
)
from backorderkit.model import read_time
from backorderkit.planning import NoticeKind
from backorderkit.planning.moved_promises import moved_promises
from tests.planning.books import AS_OF, book, opened, order, promise, receipt, stock

A, B = OrderId("A"), OrderId("B")
ONE = LineId("1")
MUG = Sku("MUG")
PO = ReceiptId("PO")


def planned(snapshot: Snapshot) -> Snapshot:
    return plan(snapshot, policy=Fifo()).outcome


def day(when: object) -> str:
    return "" if when is None else f"{when:%d}"


def short(notice: Notice) -> str:
    """Write a notice down: who, what, how many, how many wait, from which day to which."""
    words = [
        notice.order or notice.receipt or notice.hold or notice.sku,
        notice.kind,
        notice.quantity,
        None if notice.backordered is None else f"waits {notice.backordered}",
        f"{day(notice.due_before)}>{day(notice.due)}" if notice.due or notice.due_before else None,
    ]
    return " ".join(str(word) for word in words if word is not None)


WAITING = planned(
    book(
        [stock(4)],
        [order("A", 3), order("B", 6)],
        [receipt("PO", 3, "2026-01-12"), receipt("PO-2", 1, "2026-01-20")],
    )
)
"""A has its 3; B has 1 and waits for 5: 3 on the 12th, 1 on the 20th, 1 unpromised."""

PO_NOW = receipt("PO", 3, "2026-01-12")

CASES: list[tuple[str, Command, list[str]]] = [
    (
        "an order that is short",
        PlaceOrder(order=order("C", 2)),
        ["C placed", "C opened 2 waits 2"],
    ),
    (
        "more of an order that is there",
        AddLine(order=A, line=OrderLine(id=LineId("2"), sku=MUG, ordered=2)),
        ["A line_added 2", "A opened 2 waits 2"],
    ),
    (
        "a delivery fills a part, and the rest comes earlier",
        ReceiveStock(sku=MUG, quantity=2),
        [
            "MUG received 2",
            "B allocated 2",
            "B filled_in_part 2 waits 3",
            "B promise_earlier 1 20>12",
            "B promised 1 >12",
        ],
    ),
    (
        "a delivery fills a part, and the others move up though the dates stay",
        ReceiveStock(sku=MUG, quantity=1),
        [
            "MUG received 1",
            "B allocated 1",
            "B filled_in_part 1 waits 4",
            "B promise_earlier 1 20>12",
            "B promised 1 >20",
        ],
    ),
    (
        "the receipt that was promised comes: nobody else's day moves",
        ReceiveReceipt(receipt=PO),
        ["PO received 3", "B allocated 3", "B filled_in_part 3 waits 2"],
    ),
    (
        "a part of it comes, and the rest is to come as it was",
        ReceiveReceipt(receipt=PO, quantity=2),
        ["PO received 2", "B allocated 2", "B filled_in_part 2 waits 3"],
    ),
    (
        "a part of it comes, and no more",
        ReceiveReceipt(receipt=PO, quantity=2, more_to_come=False),
        [
            "PO received 2",
            "PO unscheduled 1 12>",
            "B allocated 2",
            "B filled_in_part 2 waits 3",
            "B promise_later 1 12>20",
            "B promise_lost 1 20>",
        ],
    ),
    (
        "all come",
        ReceiveStock(sku=MUG, quantity=5),
        ["MUG received 5", "B allocated 5", "B filled 5 waits 0"],
    ),
    (
        "a receipt is late",
        ScheduleReceipt(receipt=attrs.evolve(PO_NOW, due=read_time("2026-01-15"))),
        ["PO scheduled 3 12>15", "B promise_later 3 12>15"],
    ),
    (
        "a receipt is late within its day",
        ScheduleReceipt(receipt=attrs.evolve(PO_NOW, due=read_time("2026-01-12T17:00:00Z"))),
        ["PO scheduled 3 12>12"],
    ),
    (
        "a receipt grows",
        ScheduleReceipt(receipt=attrs.evolve(PO_NOW, quantity=4)),
        ["PO scheduled 4 12>12", "B promise_earlier 1 20>12", "B promised 1 >20"],
    ),
    (
        "a receipt is new",
        ScheduleReceipt(receipt=receipt("NEW", 1, "2026-01-30")),
        ["NEW scheduled 1 >30", "B promised 1 >30"],
    ),
    (
        "a receipt will not come",
        CancelReceipt(receipt=PO),
        [
            "PO unscheduled 3 12>",
            "B promise_later 1 12>20",
            "B promise_lost 2 12>",
            "B promise_lost 1 20>",
        ],
    ),
    (
        "less is wanted: the last promise goes, and is not lost",
        CancelOrder(order=B, line=ONE, quantity=2),
        ["B cancelled 2", "B shrunk 2 waits 3"],
    ),
    (
        "nothing is wanted any more",
        CancelOrder(order=B),
        ["B released 1", "B cancelled 6", "B closed 5 waits 0"],
    ),
    (
        "what somebody gives back fills another's part",
        CancelOrder(order=A),
        [
            "A released 3",
            "A cancelled 3",
            "B allocated 3",
            "B filled_in_part 3 waits 2",
            "B promise_earlier 1 20>12",
            "B promised 1 >12",
        ],
    ),
    (
        "a loss",
        AdjustStock(sku=MUG, quantity=-2, reason="broken"),
        [
            "B released 1",
            "A released 1",
            "MUG adjusted -2",
            "A opened 1 waits 1",
            "A promised 1 >12",
            "B grown 1 waits 6",
            "B promise_later 1 12>20",
            "B promise_lost 1 20>",
        ],
    ),
    ("units leave", ShipOrder(order=A), ["A shipped 3"]),
    (
        "who gives back and gets again has lost nothing",
        ReleaseOrder(order=A),
        ["A released 3", "A allocated 3"],
    ),
]


@pytest.mark.parametrize(("command", "told"), [pytest.param(*rest, id=id_) for id_, *rest in CASES])
def test_what_a_command_means(command: Command, told: list[str]) -> None:
    found = answer(WAITING, command, policy=Fifo())

    made = notices(found.changes, before=WAITING, id="key")

    assert [short(each) for each in made] == told
    assert made == notices(found.changes, before=Book.of(WAITING), id="key")
    assert {each.at for each in made} == {AS_OF}


def test_units_that_move_are_told_by_where_they_were() -> None:
    moved = TransferStock(
        sku=MUG, origin=Location("MAIN"), destination=Location("SHOP"), quantity=1
    )
    snapshot = book([stock(3)])

    (made,) = notices(answer(snapshot, moved, policy=Fifo()).changes, before=snapshot, id="key")

    assert (made.kind, made.location, made.quantity) == ("transferred", "MAIN", 1)


CART = HoldId("cart-7")
UNTIL = AS_OF + timedelta(days=1)


@pytest.mark.parametrize(
    ("hours", "command", "told"),
    [
        (
            0,
            HoldStock(id=CART, units={"MUG": 3}, expires_at=UNTIL),
            ["cart-7 held 3 06>06"],
        ),
        (0, HoldStock(id=HoldId("new"), units={"MUG": 1}, expires_at=UNTIL), ["new held 1 >06"]),
        (
            0,
            ExtendHold(id=CART, expires_at=UNTIL + timedelta(days=1)),
            ["cart-7 held 2 06>07"],
        ),
        (0, ReleaseHold(id=CART), ["cart-7 unheld 2 06>"]),
        (24, Expire(skus=[MUG]), ["cart-7 hold_expired 2 06>"]),
        (
            0,
            PlaceOrder(order=order("A", 2), holds=[CART]),
            ["cart-7 unheld 2 06>", "A placed", "A allocated 2"],
        ),
        (
            0,
            AdjustStock(sku=MUG, quantity=-3, reason="lost"),
            ["cart-7 held 1 06>06", "MUG adjusted -3"],
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int | list) else "",
)
def test_what_a_hold_goes_through(hours: int, command: Command, told: list[str]) -> None:
    mugs = Hold(id=CART, sku=MUG, quantity=2, expires_at=UNTIL)
    shop = Snapshot.of(as_of=AS_OF + timedelta(hours=hours), stock={"MUG": 4}, holds=[mugs])
    changes = answer(shop, command, policy=Fifo()).changes

    made = notices(changes, before=shop, id="key")

    assert [short(each) for each in made] == told


HOLD_KINDS = {"held", "unheld", "hold_expired"}


def test_what_is_wanted_no_more_has_expired() -> None:
    yesterday = AS_OF - timedelta(days=1)
    late = OrderLine(id=ONE, sku=MUG, ordered=2, cancel_after=yesterday)
    snapshot = planned(book([stock(0)], [attrs.evolve(order("A", 2), lines=[late])]))

    for command, kind in ((Expire(skus=[MUG]), "expired"), (CancelOrder(order=A), "cancelled")):
        changes = answer(snapshot, command, policy=Fifo()).changes
        made = notices(changes, before=snapshot, id="key")
        assert [short(each) for each in made] == [f"A {kind} 2", "A closed 2 waits 0"]


def test_every_kind_is_told_by_some_command() -> None:
    told = {words.split()[1] for _, _, each in CASES for words in each}

    assert told | {"expired", "transferred"} | HOLD_KINDS == set(get_args(NoticeKind))


def test_an_id_names_the_facts_the_fact_and_what_it_tells() -> None:
    later = ScheduleReceipt(receipt=attrs.evolve(PO_NOW, quantity=4))
    changes = answer(WAITING, later, policy=Fifo()).changes

    made = notices(changes, before=WAITING, id="po-mail-8")

    assert [each.id for each in made] == ["po-mail-8/1/1", "po-mail-8/2/1", "po-mail-8/2/2"]
    assert [changes[int(each.id.split("/")[1]) - 1] for each in made] == [
        each.fact for each in made
    ]


def test_a_plan_alone_has_notices_too() -> None:
    """
    A host that cancels and ships in its own tables sees what became of its backorders.
    """
    snapshot = book(
        [stock(3)],
        [order("A", 6, cancelled=2), order("B", 1)],
        backorders=[opened("A", 6), opened("GONE", 2)],
    )

    made = notices(plan(snapshot, policy=Fifo()).changes, before=snapshot, id="night-1")

    assert [short(each) for each in made] == [
        "A allocated 3",
        "A shrunk 2 waits 4",
        "A filled_in_part 3 waits 1",
        "B opened 1 waits 1",
        "GONE closed 2 waits 0",
    ]


def test_an_overdue_receipt_is_told_once_a_day() -> None:
    snapshot = planned(book([], [order("A", 1)], [receipt("PO", 1, "2026-01-02")]))
    told = []
    for hours in (1, 24, 25):
        before = snapshot.at(AS_OF + timedelta(hours=hours))
        changes = plan(before, policy=Fifo()).changes
        assert len(changes) == 1
        told.append([short(each) for each in notices(changes, before=before, id="plan")])
        if hours == 24:
            snapshot = plan(before, policy=Fifo()).outcome

    assert told == [[], ["A promise_later 1 05>06"], []]


def test_the_facts_of_several_plans_are_told_in_one_go() -> None:
    snapshot = book([], [order("A", 4)])
    first = (
        Backordered(order=A, line=ONE, quantity=4),
        Promised(order=A, line=ONE, promises=[promise(4, "2026-01-12", "PO")]),
    )
    second = (
        Allocated(order=A, line=ONE, quantity=1),
        Backordered(order=A, line=ONE, quantity=3),
        Promised(order=A, line=ONE, promises=[promise(3, "2026-01-13", "PO")]),
    )

    made = notices((*first, *second), before=snapshot, id="key")

    assert [short(each) for each in made] == [
        "A opened 4 waits 4",
        "A promised 4 >12",
        "A allocated 1",
        "A filled_in_part 1 waits 3",
        "A promise_later 3 12>13",
    ]


def test_a_promise_of_stock_that_moves_is_told_as_any_other() -> None:
    snapshot = book(
        [stock(9)],
        [order("A", 4)],
        backorders=[opened("A", 4, promise(4, "2026-01-12"))],
    )
    moved = {
        "A promise_later 3 12>14": [promise(1, "2026-01-12"), promise(3, "2026-01-14")],
        "A promise_earlier 4 12>07": [promise(4, "2026-01-07")],
        "A promise_lost 4 12>": [],
    }

    for told, promises in moved.items():
        facts = [Promised(order=A, line=ONE, promises=promises)]
        made = notices(facts, before=snapshot, id="key")
        assert [short(each) for each in made] == [told]
    # Only the day is told: from where the units come is nobody's concern.
    facts = [Promised(order=A, line=ONE, promises=[promise(4, "2026-01-12", "PO")])]
    assert notices(facts, before=snapshot, id="key") == ()


def test_a_promise_of_stock_may_be_told_first() -> None:
    snapshot = book([stock(9)], [order("A", 4)], backorders=[opened("A", 4)])
    facts = [Promised(order=A, line=ONE, promises=[promise(4, "2026-01-12")])]

    (made,) = notices(facts, before=snapshot, id="key")

    assert short(made) == "A promised 4 >12"
    assert made.receipt is None


@pytest.mark.parametrize("policy", [Fifo(), Priority()])
def test_a_better_order_takes_a_promise_over(policy: Fifo | Priority) -> None:
    snapshot = planned(book([], [order("A", 2)], [receipt("PO", 2, "2026-01-12")]))
    urgent = PlaceOrder(order=order("Z", 1, priority=1))

    changes = answer(snapshot, urgent, policy=policy).changes
    made = [short(each) for each in notices(changes, before=snapshot, id="key")]

    lost = ["A promise_lost 1 12>"] if policy == Priority() else []
    assert [each for each in made if each.startswith("A")] == lost


def test_what_is_no_text_names_nothing() -> None:
    with pytest.raises(InvalidValueError):
        notices((), before=WAITING, id="")
    with pytest.raises(InvalidValueError):
        notices((), before="shop", id="key")  # type: ignore[arg-type]


PROMISES = st.lists(
    st.builds(
        Promise,
        quantity=st.integers(1, 3),
        due=st.integers(0, 4).map(lambda days: AS_OF + timedelta(days=days)),
        receipt=st.just(PO),
    ),
    max_size=3,
).map(lambda each: sorted(each, key=lambda one: one.due))


@given(PROMISES, PROMISES, st.integers(0, 4), st.integers(0, 12))
def test_moves_are_those_of_each_unit(
    before: list[Promise], now: list[Promise], filled: int, waiting: int
) -> None:
    old, new = ([each.due for each in side for _ in range(each.quantity)] for side in (before, now))
    expected = []
    for unit in range(waiting):
        was = old[unit + filled] if unit + filled < len(old) else None
        will_be = new[unit] if unit < len(new) else None
        if was != will_be:
            expected.append((was, will_be))

    moves = moved_promises(before, now, filled, waiting)

    assert [move[1:] for move in moves for _ in range(move[0])] == expected
    assert all(one[1:] != other[1:] for one, other in pairwise(moves))
