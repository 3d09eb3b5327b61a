"""What a customer is told has every fact, and reads as English."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from backorderkit import (
    CancelReceipt,
    InvalidValueError,
    Item,
    LineId,
    OrderId,
    ReceiptId,
    ReceiveStock,
    ShipOrder,
    Sku,
    Snapshot,
)
from backorderkit.model import read_time
from backorderkit.planning import Book
from backorderkit.promising import (
    DatedUnits,
    MovedUnits,
    PromiseLedger,
    ResponseRules,
    in_english,
    message_for,
    promise_messages,
)
from tests.planning.books import order, receipt, stock
from tests.promising.test_ledger import Shop, waiting

A, ONE = OrderId("A"), LineId("1")
ASKING = ResponseRules(
    ask_from=timedelta(days=2), cancel_from=timedelta(days=5), without_date="ask"
)


def flour(rules: ResponseRules = ASKING) -> Shop:
    """A has 1 kg of 6, 2.5 kg come on the 12th, 1.5 kg on the 20th, and 1 kg nobody knows when."""
    start = Snapshot.of(
        as_of="2026-01-05",
        items=[Item(sku=Sku("MUG"), unit="kg", decimals=3)],
        stock=[stock(1000)],
        orders=[attrs.evolve(order("A", 6000), customer="C-1")],
        receipts=[receipt("PO", 2500, "2026-01-12"), receipt("PO-2", 1500, "2026-01-20")],
    )
    return Shop.of(start, rules)


@pytest.mark.parametrize("prepared", [False, True])
def test_a_message_has_every_fact(prepared: bool) -> None:  # noqa: FBT001 - a parameter
    shop = flour()
    shop.do(ShipOrder(order=A))
    shop.do(ReceiveStock(sku=Sku("MUG"), quantity=500))
    shop.move("2026-01-15", quantity=2500)

    state = Book.of(shop.now) if prepared else shop.now
    message = message_for(shop.ledger, A, ONE, state=state, alternatives=["RYE"])

    assert (message.order, message.line, message.sku, message.customer) == (A, ONE, "MUG", "C-1")
    assert message.unit.name == "kg"
    assert (message.ordered, message.shipped, message.ready) == (6000, 1000, 500)
    assert message.dated == (
        DatedUnits(quantity=2500, due=read_time("2026-01-15")),
        DatedUnits(quantity=1500, due=read_time("2026-01-20")),
    )
    assert message.without_date == 500
    assert message.changed == (
        MovedUnits(quantity=2500, before=read_time("2026-01-12"), due=read_time("2026-01-15")),
    )
    # Half a kilogram of them was promised for the 20th, until some came that nobody expected.
    assert (message.response, message.asked, message.answer_by) == ("ask", 2000, None)
    assert [cause.receipt for cause in message.causes] == ["PO"]
    assert message.alternatives == ("RYE",)


def test_a_message_in_english() -> None:
    shop = flour()
    shop.move("2026-01-18", quantity=2500)

    (message,) = promise_messages(shop.ledger, state=shop.now)

    assert in_english(message) == (
        "Your order A, 6 kg of MUG: 1 kg are ready. 2.5 kg are expected on 2026-01-18. "
        "1.5 kg are expected on 2026-01-20. 1 kg have no date yet. "
        "Before, we told you 2.5 kg on 2026-01-12. The reason: a delivery to us is late. "
        "Do you still want 2.5 kg? If we do not hear from you by 2026-01-12, we cancel them."
    )


def test_customers_do_not_read_of_each_other() -> None:
    shop = waiting(ASKING)
    shop.do(CancelReceipt(receipt=ReceiptId("PO")))

    texts = [in_english(each) for each in promise_messages(shop.ledger, state=shop.now)]

    assert texts == [
        "Your order A, 3 pcs of MUG: 1 pcs are expected on 2026-01-20. 2 pcs have no date yet. "
        "Before, we told you 1 pcs on 2026-01-12 and 2 pcs on 2026-01-12. "
        "The reason: a delivery to us will not come. "
        "Do you still want 3 pcs? If we do not hear from you by 2026-01-12, we cancel 1 pcs.",
        "Your order B, 2 pcs of MUG: 2 pcs have no date yet. "
        "Before, we told you 1 pcs on 2026-01-12 and 1 pcs on 2026-01-20. "
        "The reason: a delivery to us will not come; other orders come first. "
        "Do you still want 2 pcs?",
    ]


def test_who_has_nothing_to_hear_gets_no_message() -> None:
    shop = waiting(ResponseRules(tell_from=timedelta(days=5)))
    shop.move("2026-01-14")

    assert shop.ledger.latest
    assert promise_messages(shop.ledger, state=shop.now) == ()
    asked_for = message_for(shop.ledger, A, ONE, state=shop.now)
    assert (asked_for.response, asked_for.changed) == ("nothing", ())


def test_a_message_says_how_many_units_silence_cancels() -> None:
    """One of A slips by eight days; two have no date, which is asked about and no more."""
    shop = waiting(ASKING)
    shop.do(CancelReceipt(receipt=ReceiptId("PO")))

    message = message_for(shop.ledger, A, ONE, state=shop.now)

    assert (message.asked, message.lapsing) == (3, 1)


def test_a_message_of_a_line_that_the_ledger_does_not_know_has_what_waits() -> None:
    shop = waiting()

    message = message_for(PromiseLedger(), A, ONE, state=shop.now)

    assert [each.quantity for each in message.dated] == [3]
    assert message.changed == ()


def test_a_message_for_each_of_many_lines_is_what_each_alone_would_be() -> None:
    shop = waiting(ASKING)
    shop.move("2026-01-18")

    for state in (shop.now, Book.of(shop.now)):
        made = promise_messages(shop.ledger, state=state)
        alone = [message_for(shop.ledger, each.order, each.line, state=state) for each in made]
        assert [each.order for each in made] == [A, "B"]
        assert list(made) == alone


def test_a_message_of_no_line_is_refused() -> None:
    shop = waiting()

    with pytest.raises(InvalidValueError, match="must name an order line"):
        message_for(shop.ledger, A, LineId("9"), state=shop.now)
    with pytest.raises(InvalidValueError, match="must be a PromiseLedger"):
        message_for(None, A, ONE, state=shop.now)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="must be a PromiseLedger"):
        promise_messages(None, state=shop.now)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="must be a Snapshot"):
        promise_messages(PromiseLedger(), state=None)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="alternatives"):
        message_for(PromiseLedger(), A, ONE, state=shop.now, alternatives=[""])
