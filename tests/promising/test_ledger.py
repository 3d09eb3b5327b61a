"""What the ledger says of a line, and what it asks a host to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
import pytest

from backorderkit import (
    Adjusted,
    AdjustStock,
    Allocated,
    AllocationPolicy,
    Backordered,
    CancelOrder,
    CancelReceipt,
    Command,
    Expire,
    Fifo,
    Hold,
    HoldId,
    InvalidValueError,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    Priority,
    Promised,
    ReceiptId,
    Received,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseHold,
    ReleaseOrder,
    Replan,
    ScheduleReceipt,
    Sku,
    Snapshot,
    TransferStock,
    Unscheduled,
    answer,
    plan,
)
from backorderkit.model import read_time
from backorderkit.promising import (
    Cause,
    Consent,
    LedgerLine,
    PromiseLedger,
    ResponseRules,
    ledger_of,
)
from backorderkit.service import Backorders
from backorderkit.sql import SqlStore
from backorderkit.storage import MemoryStore, Store
from tests.planning.books import AS_OF, book, opened, order, promise, receipt, stock

MUG = Sku("MUG")
A, B, C = OrderId("A"), OrderId("B"), OrderId("C")
ONE = LineId("1")
PO = ReceiptId("PO")
DAY = timedelta(days=1)


@attrs.define
class Shop:
    """A shop with its ledger."""

    now: Snapshot
    ledger: PromiseLedger
    policy: AllocationPolicy
    count: int = 0

    @classmethod
    def of(
        cls,
        start: Snapshot,
        rules: ResponseRules | None = None,
        policy: AllocationPolicy | None = None,
    ) -> Shop:
        policy = policy or Fifo()
        planned = plan(start, policy=policy).outcome
        return cls(planned, PromiseLedger.of(planned, rules=rules), policy)

    def do(self, command: Command, at: str | None = None) -> None:
        before = self.now if at is None else self.now.at(read_time(at))
        found = answer(before, command, policy=self.policy)
        assert found.refusal == ()
        self.count += 1
        key = f"command-{self.count}"
        self.ledger = self.ledger.after(found.changes, before=before, id=key)
        self.now = found.outcome

    def move(self, due: str, quantity: int = 4, at: str | None = None) -> None:
        """Let the receipt PO come on another day."""
        self.do(ScheduleReceipt(receipt=receipt("PO", quantity, due)), at)

    def line(self, order_id: OrderId = A) -> LedgerLine:
        found = self.ledger.find_line(order_id, ONE)
        assert found is not None
        return found

    @property
    def said(self) -> list[str]:
        """What the last command changed, in short."""
        return [
            f"{each.order} {each.quantity} {day(each.due_before)}>{day(each.due)} {each.response}"
            for each in self.ledger.latest
        ]

    @property
    def why(self) -> list[str]:
        """Why, in short, of all that changed."""
        return [short(cause) for each in self.ledger.latest for cause in each.causes]


def day(when: datetime | None) -> str:
    return "" if when is None else f"{when:%d}"


def short(cause: Cause) -> str:
    about = cause.order or cause.receipt or cause.hold or cause.reason or cause.location or "others"
    of = f" of {cause.receipt}" if cause.order and cause.receipt else ""
    return f"{cause.kind} {about} {cause.quantity}{of}"


def waiting(rules: ResponseRules | None = None, policy: AllocationPolicy | None = None) -> Shop:
    """A waits for 3, B for 2: four of PO on the 12th, the last of B on the 20th."""
    return Shop.of(
        book(
            [],
            [order("A", 3), order("B", 2)],
            [receipt("PO", 4, "2026-01-12"), receipt("PO-2", 1, "2026-01-20")],
        ),
        rules,
        policy,
    )


def test_each_change_says_when_what_by_how_much_and_why() -> None:
    shop = waiting()

    shop.move("2026-01-15", at="2026-01-07")

    first, second = shop.ledger.latest
    assert (first.id, first.kind, first.at) == (
        "command-1/2/change-1",
        "promise_later",
        read_time("2026-01-07"),
    )
    assert (first.order, first.line, first.sku, first.quantity) == (A, ONE, MUG, 3)
    assert first.by == 3 * DAY
    assert (first.first, first.due) == (read_time("2026-01-12"), read_time("2026-01-15"))
    assert first.causes == (
        Cause(
            kind="receipt_later",
            receipt=PO,
            location=Location("MAIN"),
            quantity=4,
            due_before=read_time("2026-01-12"),
            due=read_time("2026-01-15"),
        ),
    )
    assert (second.order, second.quantity) == (B, 1)
    assert shop.line().changes == (first,)


CAUSES: Final[list[tuple[str, Command, list[str], list[str]]]] = [
    (
        "a receipt moved",
        ScheduleReceipt(receipt=receipt("PO", 4, "2026-01-10")),
        ["A 3 12>10 tell", "B 1 12>10 tell"],
        ["receipt_earlier PO 4"] * 2,
    ),
    (
        "a receipt shrank",
        ScheduleReceipt(receipt=receipt("PO", 3, "2026-01-12")),
        ["B 1 12>20 tell", "B 1 20> tell"],
        ["receipt_shrunk PO 1"] * 2,
    ),
    (
        "a receipt grew",
        ScheduleReceipt(receipt=receipt("PO", 5, "2026-01-12")),
        ["B 1 20>12 tell"],
        ["receipt_grown PO 1"],
    ),
    (
        "a receipt will not come, and who is served first takes the next",
        CancelReceipt(receipt=PO),
        ["A 1 12>20 tell", "A 2 12> tell", "B 1 12> tell", "B 1 20> tell"],
        [
            *["receipt_gone PO 4"] * 2,
            *["receipt_gone PO 4", "served_before A 1 of PO-2"] * 2,
        ],
    ),
    (
        "a receipt is short",
        ReceiveReceipt(receipt=PO, quantity=2, more_to_come=False),
        ["A 1 12>20 tell", "B 1 12> tell", "B 1 20> tell"],
        [
            "receipt_gone PO 2",
            *["receipt_gone PO 2", "served_before A 1 of PO-2"] * 2,
        ],
    ),
    (
        "units arrive that nobody expected",
        ReceiveStock(sku=MUG, quantity=2),
        ["B 1 20>12 tell"],
        ["received MAIN 2", "gave_way A 2 of PO"],
    ),
    (
        "an order is cancelled",
        CancelOrder(order=A),
        ["B 1 20>12 tell"],
        ["cancelled A 3", "gave_way A 3 of PO"],
    ),
    (
        "what is expected comes as promised: nobody's date moves",
        ReceiveReceipt(receipt=PO),
        [],
        [],
    ),
]


@pytest.mark.parametrize(
    ("command", "said", "why"), [pytest.param(*rest, id=name) for name, *rest in CAUSES]
)
def test_a_date_moves_for_a_reason(command: Command, said: list[str], why: list[str]) -> None:
    shop = waiting()

    shop.do(command)

    assert shop.said == said
    assert shop.why == why


def test_who_was_served_before_is_named() -> None:
    shop = waiting(policy=Priority())

    shop.do(PlaceOrder(order=order("C", 2, priority=1)))

    assert shop.said == ["A 1 12>20 tell", "B 1 12> tell", "B 1 20> tell", "C 2 >12 tell"]
    # That A yields first units of PO to C is why B loses its own: A comes before B.
    assert shop.why[0] == "served_before C 2 of PO"


def test_many_who_were_served_before_are_summed_up() -> None:
    shop = Shop.of(book([], [order("Z", 30)], [receipt("PO", 30, "2026-01-12")]), policy=Priority())
    many = [order(f"N-{number:02}", 2, priority=1) for number in range(12)]
    before, ledger = shop.now, shop.ledger

    rushed = attrs.evolve(before, orders=(*before.orders, *many))
    found = plan(rushed, policy=Priority())
    ledger = ledger.after(found.changes, before=rushed, id="night")

    line = ledger.find_line(OrderId("Z"), ONE)
    assert line is not None
    (change,) = line.changes
    assert [short(cause) for cause in change.causes] == [
        *(f"served_before N-{number:02} 2 of PO" for number in range(10)),
        "served_before PO 4",
    ]


def test_many_who_gave_units_back_are_summed_up() -> None:
    """Twelve lines of one order are cancelled: the greatest ten are named."""
    lines = [OrderLine(id=LineId(f"{n:02}"), sku=MUG, ordered=n) for n in range(1, 13)]
    big = Order(id=OrderId("BIG"), placed_at=AS_OF - 30 * DAY, lines=lines)
    receipts = [receipt("PO", 78, "2026-01-12"), receipt("PO-2", 3, "2026-01-20")]
    shop = Shop.of(book([], [big, order("A", 3)], receipts))

    shop.do(CancelOrder(order=OrderId("BIG")))

    (change,) = shop.ledger.latest
    freed = [each for each in change.causes if each.kind == "cancelled"]
    assert [each.line for each in freed] == [*(f"{n:02}" for n in range(12, 2, -1)), None]
    assert (freed[-1].order, freed[-1].quantity) == (None, 3)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(Replan(skus=[MUG]), id="no fact says so"),
        pytest.param(Expire(skus=[MUG]), id="facts say so"),
    ],
)
def test_many_carts_whose_time_is_over_are_summed_up(command: Command) -> None:
    end = read_time("2026-01-06")
    carts = [
        Hold(id=HoldId(f"cart-{n:02}"), sku=MUG, quantity=1, expires_at=end) for n in range(12)
    ]
    start = book(
        [stock(12)],
        [order("A", 24)],
        [receipt("PO", 12, "2026-01-12"), receipt("PO-2", 12, "2026-01-20")],
    )
    shop = Shop.of(attrs.evolve(start, holds=carts))

    shop.do(command, at="2026-01-07")

    assert shop.said == ["A 12 20>12 tell"]
    assert shop.why == [*(f"unheld cart-{n:02} 1" for n in range(10)), "unheld others 2"]


def test_an_overdue_receipt_is_later_each_day() -> None:
    shop = waiting()

    shop.do(Replan(skus=[MUG]), at="2026-01-13")
    assert shop.said == ["A 3 12>13 tell", "B 1 12>13 tell"]
    assert shop.why == ["receipt_overdue PO 3", "receipt_overdue PO 1"]

    shop.do(Replan(skus=[MUG]), at="2026-01-13T18:00:00Z")
    assert shop.said == []
    assert shop.line().waiting[0].due == read_time("2026-01-13T18:00:00Z")


def test_stock_that_is_lost_is_a_reason() -> None:
    start = book([stock(3)], [order("A", 3), order("B", 2)], [receipt("PO", 2, "2026-01-12")])
    shop = Shop.of(start)

    shop.do(AdjustStock(sku=MUG, quantity=-1, reason="broken"))

    assert shop.said == ["A 1 >12 tell", "B 1 12> tell"]
    assert shop.why == ["adjusted broken -1", "adjusted broken -1", "served_before A 1 of PO"]


def test_stock_that_is_held_no_more_is_a_reason() -> None:
    hold = Hold(id=HoldId("cart"), sku=MUG, quantity=2, expires_at=read_time("2026-01-06"))
    start = attrs.evolve(waiting().now, stock=[stock(2)], holds=[hold])
    shop, lapsed = Shop.of(start), Shop.of(start)

    shop.do(ReleaseHold(id=HoldId("cart")))
    lapsed.do(Replan(skus=[MUG]), at="2026-01-07")

    # A gets two of the four units of PO from stock, so B gets its second one from PO.
    assert shop.said == lapsed.said == ["B 1 20>12 tell"]
    assert shop.why == ["unheld cart 2", "gave_way A 2 of PO"]
    assert lapsed.why == ["gave_way A 2 of PO"]


def test_stock_that_is_moved_is_a_reason() -> None:
    start = book(
        [stock(2, at="EAST")],
        [order("A", 3, location="MAIN"), order("B", 2, location="MAIN")],
        [receipt("PO", 4, "2026-01-12"), receipt("PO-2", 1, "2026-01-20")],
    )
    shop = Shop.of(start)

    shop.do(
        TransferStock(sku=MUG, origin=Location("EAST"), destination=Location("MAIN"), quantity=2)
    )

    assert shop.said == ["B 1 20>12 tell"]
    assert shop.why == ["transferred EAST 2", "gave_way A 2 of PO"]


def test_units_that_are_taken_back_keep_what_was_said_of_them() -> None:
    shop = waiting()
    shop.do(ReceiveStock(sku=MUG, quantity=3), at="2026-01-08")
    (filled,) = shop.line().settled
    assert (filled.kind, filled.units.quantity) == ("filled", 3)
    assert filled.units.first == read_time("2026-01-12")

    shop.do(AdjustStock(sku=MUG, quantity=-2, reason="broken"), at="2026-01-09")

    line = shop.line()
    assert [each.units.quantity for each in line.settled] == [1]
    (back,) = line.waiting
    assert (back.quantity, back.first, back.told) == (
        2,
        read_time("2026-01-12"),
        read_time("2026-01-12"),
    )


def test_small_slips_add_up_until_they_are_told() -> None:
    """Told the 12th; the 13th and the 14th are no news, the 15th is: three days."""
    shop = waiting(ResponseRules(tell_from=3 * DAY))
    said = []
    for due in ("2026-01-13", "2026-01-14", "2026-01-15", "2026-01-16", "2026-01-14"):
        shop.move(due)
        said.append(shop.said[0])

    assert said == [
        "A 3 12>13 nothing",
        "A 3 13>14 nothing",
        "A 3 14>15 tell",
        "A 3 15>16 nothing",
        # One day earlier than the 15th, which was told last.
        "A 3 16>14 tell",
    ]


def test_who_hears_of_some_units_hears_of_the_whole_line() -> None:
    shop = waiting(ResponseRules(tell_from=3 * DAY))
    shop.move("2026-01-14")
    assert shop.line(B).waiting[0].told == read_time("2026-01-12")

    shop.do(ScheduleReceipt(receipt=receipt("PO-2", 1, "2026-01-25")))

    assert shop.said == ["B 1 20>25 tell"]
    assert [(each.quantity, day(each.before), day(each.due)) for each in shop.line(B).news] == [
        (1, "12", "14"),
        (1, "20", "25"),
    ]
    assert shop.line(B).waiting[0].told == read_time("2026-01-14")


ASKING = ResponseRules(
    ask_from=3 * DAY, cancel_from=10 * DAY, without_date="cancel", answer_within=5 * DAY
)


def test_thresholds_decide_what_to_do() -> None:
    shop = waiting(ASKING)
    said = []
    for due in ("2026-01-14", "2026-01-15", "2026-01-22", "2026-01-13"):
        shop.move(due)
        said.append(f"{shop.said[0]} {shop.line().waiting[0].asked}")

    # All of them against the 12th, which is what the customer agreed to.
    assert said == [
        "A 3 12>14 tell nothing",
        "A 3 14>15 ask ask",
        "A 1 15>20 ask ask",
        "A 1 20>13 tell nothing",
    ]


def test_a_question_without_an_answer_cancels_in_the_end() -> None:
    shop = waiting(ASKING)
    shop.do(CancelReceipt(receipt=PO), at="2026-01-06")
    assert [each.answer_by for each in shop.ledger.latest if each.response == "cancel"] == [
        read_time("2026-01-11")
    ] * 3
    assert shop.ledger.cancellations(read_time("2026-01-11")) == ()

    due = shop.ledger.cancellations(read_time("2026-01-12"))
    assert [(each.order, each.quantity) for each in due] == [(A, 2), (B, 2)]
    for each in due:
        shop.do(each.command, at="2026-01-12")

    assert shop.ledger.cancellations(read_time("2026-02-12")) == ()
    assert shop.line().quantity == 1
    assert shop.line(B).quantity == 0


def test_who_agrees_is_not_cancelled_and_counts_on_the_new_date() -> None:
    shop = waiting(ASKING)
    shop.move("2026-01-18", quantity=5)
    assert shop.line().waiting[0].asked == "ask"

    consent = Consent(order=A, line=ONE, at=read_time("2026-01-06"))
    shop.ledger = shop.ledger.consented(consent)
    shop.move("2026-01-20", quantity=5)

    # Two days more than A agreed to.  B has not answered, and counts on the 12th and the 20th.
    assert shop.said == ["A 3 18>20 tell", "B 1 18>20 ask", "B 1 18>20 tell"]
    assert shop.line().agreed_at == (read_time("2026-01-06"),)


def test_slips_that_were_too_small_to_tell_are_asked_about_in_the_end() -> None:
    shop = waiting(ResponseRules(tell_from=9 * DAY, ask_from=2 * DAY))

    shop.move("2026-01-13")
    assert shop.said[0] == "A 3 12>13 nothing"
    shop.move("2026-01-14")
    assert shop.said[0] == "A 3 13>14 ask"
    shop.move("2026-01-15")
    assert shop.said[0] == "A 3 14>15 nothing"


def test_cancelled_units_answer_questions_about_others_of_their_line() -> None:
    """Two units are asked about, and the customer cancels one: the one that comes last."""
    shop = waiting(ASKING)
    shop.move("2026-01-16")
    assert [each.asked for each in shop.line(B).waiting] == ["ask", "nothing"]

    shop.do(CancelOrder(order=B, line=ONE, quantity=1))

    (left,) = shop.line(B).waiting
    assert (left.quantity, left.due, left.asked) == (1, read_time("2026-01-16"), "nothing")


def test_units_that_are_cancelled_for_want_of_an_answer_are_cancelled_once() -> None:
    """Of A one unit slips too far; two lose their date, which the customer is asked about."""
    shop = waiting(ResponseRules(ask_from=2 * DAY, cancel_from=5 * DAY, without_date="ask"))
    shop.do(CancelReceipt(receipt=PO), at="2026-01-06")

    (due,) = shop.ledger.cancellations(read_time("2026-01-14"))
    assert (due.order, due.quantity) == (A, 1)
    shop.do(due.command, at="2026-01-14")

    assert shop.ledger.cancellations(read_time("2026-02-14")) == ()
    assert shop.line().quantity == 2
    assert [each.asked for each in shop.line().waiting] == ["ask", "ask"]


def test_a_later_question_keeps_its_time_when_an_earlier_one_is_over() -> None:
    """Of B one unit is asked about by the 10th, and one by the 13th."""
    shop = waiting(ASKING)
    shop.move("2026-01-22", at="2026-01-05")
    shop.do(ScheduleReceipt(receipt=receipt("PO-2", 1, "2026-02-10")), at="2026-01-08")
    assert [day(each.answer_by) for each in shop.line(B).waiting] == ["10", "13"]

    (_, due) = shop.ledger.cancellations(read_time("2026-01-11"))
    assert (due.order, due.quantity) == (B, 1)
    shop.do(due.command, at="2026-01-11")

    assert [each.order for each in shop.ledger.cancellations(read_time("2026-01-13"))] == [A]
    assert [day(each.answer_by) for each in shop.line(B).waiting] == ["13"]


def test_a_date_that_slips_every_day_does_not_put_off_the_end() -> None:
    """A receipt is overdue; each night the customer hears of one day more, and is silent."""
    shop = waiting(ResponseRules(cancel_from=2 * DAY, answer_within=5 * DAY))

    for night in range(14, 21):
        assert shop.ledger.cancellations(read_time(f"2026-01-{night}")) == ()
        shop.do(Replan(skus=[MUG]), at=f"2026-01-{night}")
        if night == 19:
            break

    assert [each.response for each in shop.ledger.latest] == ["cancel", "cancel"]
    assert {day(each.answer_by) for each in shop.ledger.latest} == {"19"}
    due = shop.ledger.cancellations(read_time("2026-01-20"))
    assert [(each.order, each.quantity) for each in due] == [(A, 3), (B, 1)]


def test_who_may_answer_for_ever_is_never_cancelled() -> None:
    shop = waiting(ResponseRules(cancel_from=2 * DAY, answer_within=timedelta.max))

    shop.move("2026-01-20")

    assert shop.said[0] == "A 3 12>20 cancel"
    assert shop.ledger.cancellations(datetime.max.replace(tzinfo=AS_OF.tzinfo)) == ()


def test_an_order_that_has_the_id_of_an_older_one_begins_anew() -> None:
    shop = waiting()
    placed = PlaceOrder(order=order("A", 1))
    empty = book([], [], [receipt("PO", 4, "2026-01-12")])
    facts = answer(empty, placed, policy=Fifo()).changes

    ledger = shop.ledger.after(facts, before=empty, id="again")

    line = ledger.find_line(A, ONE)
    assert line is not None
    assert [(each.kind, each.units.quantity) for each in line.settled] == [("cancelled", 3)]
    assert line.quantity == line.told == 1


def test_facts_alone_of_a_line_that_is_not_known_yet_are_enough() -> None:
    shop = waiting()
    late = ScheduleReceipt(receipt=receipt("PO", 4, "2026-01-15"))
    found = answer(shop.now, late, policy=Fifo())

    ledger = PromiseLedger().after(found.changes, before=shop.now, id="mail")

    assert ledger.latest == shop.ledger.after(found.changes, before=shop.now, id="mail").latest


def test_who_loses_units_on_hand_that_were_promised_for_later_learns_to_whom() -> None:
    start = book(
        [stock(4)],
        [order("A", 4), order("B", 2)],
        backorders=[opened("A", 4, promise(4, "2026-01-12")), opened("B", 2)],
    )
    facts = (
        Promised(order=A, line=ONE, promises=[promise(2, "2026-01-12")]),
        Allocated(order=B, line=ONE, quantity=2),
        Backordered(order=B, line=ONE, quantity=0),
    )

    ledger = PromiseLedger.of(start).after(facts, before=start, id="night")

    (change,) = (each for each in ledger.latest if each.order == A)
    assert (change.quantity, change.due) == (2, None)
    assert [short(cause) for cause in change.causes] == ["served_before B 2"]


def test_units_on_hand_that_were_promised_and_are_given_are_taken_from_nobody() -> None:
    start = book(
        [stock(4)],
        [order("A", 4), order("B", 2)],
        [receipt("PO", 2, "2026-01-12")],
        backorders=[
            opened("A", 4, promise(4, "2026-01-14")),
            opened("B", 2, promise(2, "2026-01-12", "PO")),
        ],
    )
    facts = (
        Allocated(order=A, line=ONE, quantity=4),
        Backordered(order=A, line=ONE, quantity=0),
        Received(sku=MUG, quantity=2, receipt=PO),
        Unscheduled(receipt=PO),
        Promised(order=B, line=ONE, promises=[]),
    )

    ledger = PromiseLedger.of(start).after(facts, before=start, id="night")

    (change,) = (each for each in ledger.latest if each.order == B)
    # A has no more of the stock than it was promised: it took nothing that arrived.
    assert "served_before" not in {cause.kind for cause in change.causes}


def day_in_the_shop(store: Store, clock: Iterable[datetime]) -> None:
    times = iter(clock)
    service = Backorders(store, policy=Fifo(), clock=lambda: next(times))
    commands: list[Command] = [
        PlaceOrder(order=order("C", 2)),
        ScheduleReceipt(receipt=receipt("PO", 4, "2026-01-18")),
        ReceiveReceipt(receipt=ReceiptId("PO-2")),
        ReleaseOrder(order=A),
    ]
    for number, command in enumerate(commands):
        service.do(command, key=f"key-{number}")


@pytest.mark.parametrize("kind", ["memory", "sql"])
def test_the_history_of_a_store_gives_the_ledger_of_the_past(kind: str, tmp_path: Path) -> None:
    start = waiting().now
    clock = [AS_OF + hours * timedelta(hours=1) for hours in range(20)]
    consents = [Consent(order=A, line=ONE, at=AS_OF + timedelta(hours=1, minutes=30))]
    if kind == "memory":
        memory = MemoryStore(start)
        day_in_the_shop(memory, clock)
        history = tuple(memory.history())
    else:
        with SqlStore(f"sqlite:///{tmp_path}/shop.db", start=start) as store:
            day_in_the_shop(store, clock)
            history = tuple(store.history())

    told = ledger_of(history, start=start, rules=ASKING, consents=consents)

    line = told.find_line(A, ONE)
    assert line is not None
    assert line.agreed_at == (consents[0].at,)
    assert [each.id for each in line.changes][:1] == ["key-1/2/change-1"]
    # The first unit came with PO-2, the others agreed to the 18th.
    assert [(each.quantity, each.asked) for each in line.waiting] == [(2, "nothing")]


def test_a_consent_comes_after_the_commit_of_its_moment() -> None:
    start = waiting().now
    store = MemoryStore(start)
    day_in_the_shop(store, [AS_OF + hours * timedelta(hours=1) for hours in range(20)])
    history = tuple(store.history())
    consent = Consent(order=A, line=ONE, at=history[1].as_of)

    told = ledger_of(history[:2], start=start, rules=ASKING, consents=[consent])

    line = told.find_line(A, ONE)
    assert line is not None
    assert [(day(each.agreed), each.asked) for each in line.waiting] == [("18", "nothing")]


def test_a_question_stays_when_the_date_is_lost() -> None:
    shop = waiting(ResponseRules(ask_from=3 * DAY, without_date="nothing"))
    shop.move("2026-01-16")

    shop.do(CancelReceipt(receipt=PO))

    assert shop.said[-2:] == ["B 1 16> nothing", "B 1 20> nothing"]
    assert [each.asked for each in shop.line(B).waiting] == ["ask", "nothing"]


BAD: Final[list[tuple[str, Callable[[], ResponseRules], str]]] = [
    (
        "no span",
        lambda: ResponseRules(tell_from=3),  # type: ignore[arg-type]
        "tell_from: got 3, must be a timedelta",
    ),
    ("negative", lambda: ResponseRules(ask_from=-DAY), "must be >= 0"),
    (
        "cancel before asking",
        lambda: ResponseRules(ask_from=2 * DAY, cancel_from=DAY),
        "must be >= ask_from",
    ),
    (
        "no response",
        lambda: ResponseRules(without_date="panic"),  # type: ignore[arg-type]
        "must be nothing, tell, ask or cancel",
    ),
]


@pytest.mark.parametrize(("make", "message"), [pytest.param(*rest, id=name) for name, *rest in BAD])
def test_rules_that_make_no_sense_are_refused(
    make: Callable[[], ResponseRules], message: str
) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()


def test_what_is_no_ledger_of_anything_is_refused() -> None:
    ledger = PromiseLedger()
    consent = Consent(order=A, line=ONE, at=AS_OF)

    with pytest.raises(InvalidValueError, match="something was said"):
        ledger.consented(consent)
    with pytest.raises(InvalidValueError, match="must be a Consent"):
        ledger.consented(AS_OF)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="must be a Consent"):
        ledger_of([], start=waiting().now, consents=[AS_OF])  # type: ignore[list-item]
    with pytest.raises(InvalidValueError, match=r"facts\[1\]: got 'x', must be a fact"):
        ledger.after(
            [Adjusted(sku=MUG, quantity=1, reason="found"), "x"],  # type: ignore[list-item]
            before=waiting().now,
            id="mail",
        )
    with pytest.raises(InvalidValueError, match="must be a ResponseRules"):
        PromiseLedger(rules=3)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="must have a time zone"):
        ledger.cancellations(AS_OF.replace(tzinfo=None))
    with pytest.raises(InvalidValueError, match="must be a datetime"):
        Consent(order=A, line=ONE, at="now")  # type: ignore[arg-type]
    assert ledger.find_line(A, ONE) is None
